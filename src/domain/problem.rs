//! Problems, in terms that both a person and a retry rule can use.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Line;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// No connection: the request did not leave, the server did nothing.
    Unreachable,
    /// No answer in time. `sent` says whether the request was out, so that the server may have
    /// done the work.
    TimedOut {
        /// Whether the request had left.
        sent: bool,
    },
    /// The connection broke after the request was out: the server may have done the work.
    Broken,
    /// 401: the key is wrong or was withdrawn.
    Unauthorised,
    /// 404 in the API's own words: no such ticket or reply.
    NotFound,
    /// 422, 409 or, to a read, another 4xx in the API's own words; nothing was changed.
    Refused,
    /// A write met a 4xx that is none of the API's documented refusals. Nothing says whether the
    /// write was done.
    TurnedDown {
        /// The HTTP status.
        status: u16,
    },
    /// 429, maintenance, or a failure that asks for patience: a proxy may say so after the server
    /// has done the work.
    Throttled {
        /// When to try again.
        until: Timestamp,
    },
    /// A 5xx: the server may have done the work.
    ServerFault {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not the API's: HTML, a login page, something else altogether.
    NotTheApi,
    /// The answer has a good status but can't be read. It is not the API's, or the requested item
    /// is broken on the server.
    Unreadable,
    /// The answer is larger than the console reads.
    TooLarge,
    /// The local store failed (a full disk, say).
    Store,
    /// Something on this machine failed: a key command, an editor, a setting.
    Local,
}

/// A problem, with the server's words about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Why.
    pub kind: ProblemKind,
    /// The details: the server's own message where there is one, cleaned.
    pub said: Line,
    /// What the server holds against single fields (422), by the API's field names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Vec<Line>>,
}

impl Problem {
    /// A problem without field errors.
    pub fn new(kind: ProblemKind, said: Line) -> Self {
        Self { kind, said, fields: BTreeMap::new() }
    }

    /// Whether the server may have done what was asked although no answer says so.
    pub fn is_doubtful(&self) -> bool {
        matches!(
            self.kind,
            ProblemKind::TimedOut { sent: true }
                | ProblemKind::Broken
                | ProblemKind::ServerFault { .. }
                | ProblemKind::TurnedDown { .. }
                | ProblemKind::Throttled { .. }
                | ProblemKind::NotTheApi
                | ProblemKind::Unreadable
                | ProblemKind::TooLarge
        )
    }

    /// Whether the fault may lie in the requested item alone. The server may then answer the next
    /// request.
    pub fn may_be_of_one(&self) -> bool {
        matches!(
            self.kind,
            ProblemKind::ServerFault { .. }
                | ProblemKind::Unreadable
                | ProblemKind::TooLarge
                | ProblemKind::NotTheApi
                | ProblemKind::Broken
                | ProblemKind::TimedOut { sent: true }
        )
    }

    /// Whether waiting may help: the server was not reached, or asked for patience.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.kind,
            ProblemKind::Unreachable
                | ProblemKind::TimedOut { sent: false }
                | ProblemKind::Throttled { .. }
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ProblemKind::Unreachable => write!(f, "the server can't be reached")?,
            ProblemKind::TimedOut { sent: false } => write!(f, "no connection in time")?,
            ProblemKind::TimedOut { sent: true } => write!(f, "no answer in time")?,
            ProblemKind::Broken => write!(f, "the connection broke before the answer")?,
            ProblemKind::Unauthorised => write!(f, "the server does not accept the API key")?,
            ProblemKind::NotFound => write!(f, "the server does not know it")?,
            ProblemKind::Refused => write!(f, "the server refused")?,
            ProblemKind::TurnedDown { status } => {
                write!(f, "the request was turned down ({status})")?;
            }
            ProblemKind::Throttled { .. } => write!(f, "the server asks to wait")?,
            ProblemKind::ServerFault { status } => write!(f, "the server failed ({status})")?,
            ProblemKind::NotTheApi | ProblemKind::Unreadable => {
                write!(f, "the answer is not the tickets API's")?;
            }
            ProblemKind::TooLarge => write!(f, "the answer is too large")?,
            ProblemKind::Store => write!(f, "the local store failed")?,
            ProblemKind::Local => return write!(f, "{}", unstopped(&self.said)),
        }
        if !self.said.is_empty() {
            write!(f, ": {}", unstopped(&self.said))?;
        }
        for text in self.fields.values().flatten().filter(|text| **text != self.said) {
            write!(f, " · {}", unstopped(text))?;
        }
        Ok(())
    }
}

/// A server's sentence without its full stop: it becomes a part of another one.
fn unstopped(said: &Line) -> &str {
    said.as_str().trim_end_matches('.')
}

/// The words of a system's error without its number, which helps nobody: "Connection refused (os error
/// 111)" becomes "Connection refused".
pub fn without_numbers(text: &str) -> Cow<'_, str> {
    const BEGIN: &str = " (os error ";
    let mut parts = text.split(BEGIN);
    let first = parts.next().unwrap_or_default();
    if first.len() == text.len() {
        return Cow::Borrowed(text);
    }
    let mut words = first.to_owned();
    for part in parts {
        let rest = part.split_once(')').filter(|(number, _)| number.parse::<i32>().is_ok());
        match rest {
            Some((_, rest)) => words.push_str(rest),
            None => words.extend([BEGIN, part]),
        }
    }
    Cow::Owned(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_systems_error_is_said_without_its_number() {
        for (text, words) in [
            ("refused (os error 111)", "refused"),
            ("x: no (os error 2): y (os error 13), z", "x: no: y, z"),
            ("a note (os error two) and (os error", "a note (os error two) and (os error"),
            ("Ünïcode (os error -5)", "Ünïcode"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(text), words);
        }
    }
}
