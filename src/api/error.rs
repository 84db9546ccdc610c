//! What can go wrong with a request.

use std::{collections::BTreeMap, error::Error as _, fmt, io};

use jiff::Timestamp;

use super::trust;
use crate::{
    domain::{Line, Problem, ProblemKind, problem::without_numbers},
    text::clean,
};

/// How much of a server's message is kept, in characters.
const SAID_CHARS: usize = 300;

/// Why a request failed. Its texts are cleaned and short, and never hold the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No connection: the request did not leave.
    #[error("the server can't be reached: {what}")]
    Unreachable {
        /// What the system or TLS says.
        what: Line,
    },
    /// No answer in time.
    #[error("{}", if *.sent { "no answer in time" } else { "no connection in time" })]
    TimedOut {
        /// Whether the request may have left.
        sent: bool,
    },
    /// The connection broke after the request had left, or the answer is cut short.
    #[error("the connection broke before the whole answer was there: {what}")]
    Broken {
        /// What the system says.
        what: Line,
    },
    /// 401.
    #[error("the server does not accept the API key: {message}")]
    Unauthorised {
        /// The server's message.
        message: Line,
    },
    /// 404 in the API's own words.
    #[error("not found: {message}")]
    NotFound {
        /// The server's message.
        message: Line,
    },
    /// 422, 409 or, to a read, another 4xx in the API's own words; nothing was changed.
    #[error("the server refused: {message}")]
    Refused {
        /// The server's message.
        message: Line,
        /// What it holds against single fields (422), by the API's field names.
        fields: BTreeMap<String, Vec<Line>>,
    },
    /// A write met a 4xx that is none of the API's documented refusals: the framework's, a proxy's,
    /// a firewall's. It was hardly done, but nothing says so.
    #[error("the request was turned down (HTTP {status}): {message}")]
    TurnedDown {
        /// The HTTP status.
        status: u16,
        /// What was said of it.
        message: Line,
    },
    /// 429, 503 in maintenance, or a failure with `Retry-After`. A proxy may send it after the
    /// server has done the work.
    #[error("the server asks to wait until {until}")]
    Throttled {
        /// When to try again: what the server says, a minute from now where it does not.
        until: Timestamp,
    },
    /// Another 5xx: the server may have done the work.
    #[error("the server failed (HTTP {status}): {message}")]
    ServerFault {
        /// The HTTP status.
        status: u16,
        /// The server's message, if it was the API that spoke.
        message: Line,
    },
    /// The answer is not the API's; for a write, the work may have been done.
    #[error("the answer is not the tickets API's: {0}")]
    NotTheApi(Box<Strange>),
}

/// What is wrong with an answer that is not the API's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// It comes from something else, or says that there is no such endpoint.
    #[default]
    Other,
    /// Its status is good, but it can't be read. The requested item may be at fault.
    Unreadable,
    /// It is larger than what is read.
    TooLarge,
}

/// An answer that is not the API's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strange {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with it.
    pub fault: Fault,
    /// The content type, if any is named.
    pub content_type: Option<Line>,
    /// The address that it redirects to, without its query. Redirects are never followed.
    pub redirected_to: Option<Line>,
    /// The title of an HTML page.
    pub title: Option<Line>,
    /// What is wrong with it where the rest does not tell.
    pub what: Option<Line>,
}

impl fmt::Display for Strange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if let Some(host) = &self.redirected_to {
            return write!(f, ", redirected to {host}");
        }
        if let Some(content_type) = &self.content_type {
            write!(f, ", {content_type}")?;
        }
        if let Some(title) = &self.title {
            write!(f, ", titled \"{title}\"")?;
        }
        if let Some(what) = &self.what {
            write!(f, ", {what}")?;
        }
        Ok(())
    }
}

impl Error {
    /// Whether a read may succeed when it is tried again at once.
    pub(super) fn is_worth_a_retry(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::TimedOut { .. } | Self::ServerFault { .. })
    }

    /// A refusal by this side: the server would refuse it, or do something else.
    pub(super) fn refused_here(field: &str, why: &str) -> Self {
        let why = shown(why);
        let fields = BTreeMap::from([(field.to_owned(), vec![why.clone()])]);
        Self::Refused { message: why, fields }
    }
}

impl From<reqwest::Error> for Error {
    /// Sorts errors by what is certain: a request has certainly not left only if connecting failed.
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::TimedOut { sent: !error.is_connect() };
        }
        let what = cause(&error);
        if error.is_connect() || error.is_builder() {
            Self::Unreachable { what }
        } else {
            Self::Broken { what }
        }
    }
}

/// The innermost cause, since the outer ones only repeat the address. For a certificate that is not
/// trusted, it says what can be done.
fn cause(error: &reqwest::Error) -> Line {
    let Some(mut cause) = error.source() else {
        return shown("no details are known");
    };
    loop {
        if let Some(advice) = tls(cause).and_then(trust::advice) {
            return shown(&advice);
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => return shown(&without_numbers(&cause.to_string())),
        }
    }
}

/// The TLS error within another one. An I/O error skips its own cause and hands out the cause
/// behind it.
fn tls<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    let inside = || error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.downcast_ref().or_else(|| tls(inside()?))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Unreachable { what } => Self::new(ProblemKind::Unreachable, what),
            Error::TimedOut { sent } => Self::new(ProblemKind::TimedOut { sent }, Line::default()),
            Error::Broken { what } => Self::new(ProblemKind::Broken, what),
            Error::Unauthorised { message } => Self::new(ProblemKind::Unauthorised, message),
            Error::NotFound { message } => Self::new(ProblemKind::NotFound, message),
            Error::Refused { message, fields } => {
                Self { kind: ProblemKind::Refused, said: message, fields }
            }
            Error::TurnedDown { status, message } => {
                Self::new(ProblemKind::TurnedDown { status }, message)
            }
            Error::Throttled { until } => {
                Self::new(ProblemKind::Throttled { until }, Line::default())
            }
            Error::ServerFault { status, message } => {
                Self::new(ProblemKind::ServerFault { status }, message)
            }
            Error::NotTheApi(strange) => {
                let kind = match strange.fault {
                    Fault::Other => ProblemKind::NotTheApi,
                    Fault::Unreadable => ProblemKind::Unreadable,
                    Fault::TooLarge => ProblemKind::TooLarge,
                };
                Self::new(kind, shown(&strange.to_string()))
            }
        }
    }
}

/// A stranger's text as a short message. The server's original text is not kept, since nobody sends
/// a message back.
pub(super) fn shown(text: &str) -> Line {
    let line = clean::line(text);
    match line.as_str().char_indices().nth(SAID_CHARS) {
        Some((end, _)) => Line::from_cleaned(format!("{}…", &line.as_str()[..end]), None),
        None => Line::from_cleaned(line.as_str(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cleaned_and_short() {
        let line = shown(&format!("no\u{1b}[31m {}", "x".repeat(1000)));
        assert!(line.as_str().chars().count() <= SAID_CHARS + 1);
        assert!(line.as_str().ends_with('…'));
        assert!(!line.as_str().contains('\u{1b}'));
        assert_eq!(line.as_stored(), line.as_str());
    }

    #[test]
    fn a_problem_says_what_the_error_says() {
        let strange = Strange {
            status: 200,
            content_type: Some(shown("text/html")),
            title: Some(shown("Sign in")),
            ..Strange::default()
        };
        let problem = Problem::from(Error::NotTheApi(Box::new(strange)));
        assert!(problem.is_doubtful());
        assert_eq!(problem.said.as_str(), "HTTP 200, text/html, titled \"Sign in\"");
        let problem = Problem::from(Error::TimedOut { sent: false });
        assert!(problem.is_passing() && !problem.is_doubtful());
        let problem = Problem::from(Error::refused_here("ticket_priority", "no such priority"));
        assert_eq!(problem.kind, ProblemKind::Refused);
        assert!(problem.fields.contains_key("ticket_priority"));
    }
}
