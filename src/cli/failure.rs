//! Why a command ends without success: an exit code that tells scripts what kind it is, a message
//! and what helps.

use std::{
    env,
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::anyhow;
use serde::Serialize;
use serde_json::json;

use super::print;
use crate::{
    api,
    domain::{Problem, ProblemKind, problem::without_numbers},
    text::clean,
};

/// The exit codes. 0 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// Something failed on this machine.
    Failed = 1,
    /// The command line, the environment or the configuration is wrong.
    Usage = 2,
    /// The ticket, or another thing that was named by its number, does not exist.
    NotFound = 3,
    /// The server refused; nothing was changed.
    Refused = 4,
    /// The server can't be reached, or it does not answer as the API does.
    Unreachable = 5,
    /// Something is doubtful or waits for the agent's decision.
    Undecided = 6,
    /// The server does not accept the key.
    KeyRefused = 7,
    /// Some of several were done, others failed.
    Partly = 8,
    /// The server asks to wait.
    Limited = 9,
}

impl Code {
    /// Every exit code, and what it means.
    pub(super) const ALL: [(u8, &'static str); 10] = [
        (0, "done; an empty list too"),
        (Self::Failed as u8, "something failed here, a broken store say"),
        (
            Self::Usage as u8,
            "the arguments, a name in them, the environment or the configuration is wrong, or there is \
             no profile",
        ),
        (Self::NotFound as u8, "there is no such ticket"),
        (Self::Refused as u8, "the server refused, and nothing was changed"),
        (
            Self::Unreachable as u8,
            "the server can't be reached, or it answers what is not the API's; nothing was recorded, and \
             nothing waits",
        ),
        (Self::Undecided as u8, "a change is doubtful, on its way, or waits for your decision"),
        (Self::KeyRefused as u8, "the server does not accept the key; nothing was recorded"),
        (Self::Partly as u8, "some of several were done, others failed"),
        (Self::Limited as u8, "the server asks to wait; nothing was recorded, and nothing waits"),
    ];

    /// The word that scripts get for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Undecided => "undecided",
            Self::KeyRefused => "key_refused",
            Self::Partly => "partly",
            Self::Limited => "limited",
        }
    }

    /// The code of a problem with a request.
    pub(super) fn of_problem(problem: &Problem) -> Self {
        match problem.kind {
            ProblemKind::Unreachable
            | ProblemKind::TimedOut { sent: false }
            | ProblemKind::NotTheApi => Self::Unreachable,
            ProblemKind::TimedOut { sent: true }
            | ProblemKind::Broken
            | ProblemKind::ServerFault { .. }
            | ProblemKind::TurnedDown { .. }
            | ProblemKind::Unreadable
            | ProblemKind::TooLarge => Self::Undecided,
            ProblemKind::Unauthorised => Self::KeyRefused,
            ProblemKind::NotFound => Self::NotFound,
            ProblemKind::Refused => Self::Refused,
            ProblemKind::Throttled { .. } => Self::Limited,
            ProblemKind::Store | ProblemKind::Local => Self::Failed,
        }
    }

    /// The code of a problem with a read. A read leaves nothing in doubt.
    pub(super) fn of_read(problem: &Problem) -> Self {
        match Self::of_problem(problem) {
            Self::Undecided => Self::Unreachable,
            other => other,
        }
    }
}

/// An error with the exit code that tells scripts what kind it is.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: Code,
    pub(super) error: anyhow::Error,
    /// What to do next.
    pub(super) help: Option<String>,
}

impl Failure {
    fn of(code: Code, error: impl Into<anyhow::Error>) -> Self {
        Self { code, error: error.into(), help: None }
    }

    /// A failure of a kind, in these words.
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self::of(code, anyhow!(message.into()))
    }

    /// The command line, the environment or the configuration is wrong.
    pub(super) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::of(Code::Usage, error)
    }

    /// What was named by its number does not exist.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// Something is doubtful or waits for the agent's decision.
    pub(super) fn undecided(error: impl Into<anyhow::Error>) -> Self {
        Self::of(Code::Undecided, error)
    }

    /// A read met a problem.
    pub(super) fn of_read(problem: &Problem) -> Self {
        Self::new(Code::of_read(problem), problem.to_string()).helped(problem)
    }

    /// A read met an error of the client.
    pub(super) fn of_api(error: api::Error) -> Self {
        Self::of_read(&error.into())
    }

    fn helped(self, problem: &Problem) -> Self {
        match problem.kind {
            ProblemKind::Unauthorised => self.with_help("`growdesk login` stores another key"),
            ProblemKind::Throttled { until } => {
                self.with_help(format!("try again at {until:.0}, or give more `--timeout`"))
            }
            _ => self,
        }
    }

    /// The same, with what to do next.
    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The message, with its causes.
    pub(super) fn message(&self) -> String {
        print::error(&self.error)
    }

    /// Says it on standard error, and gives the exit code.
    pub(super) fn say(&self) -> ExitCode {
        say(self.code, &self.message(), self.help.as_deref());
        ExitCode::from(self.code as u8)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::of(Code::Failed, error)
    }
}

/// Says what is wrong with the command line, or prints the help that was asked for.
pub(super) fn say_usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || !wants_json() {
        // A terminal that is gone is no reason to fail.
        let _ = error.print();
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Code::Usage as u8));
    }
    let rendered = error.render().to_string();
    let (message, rest) = rendered.split_once("\n\n").unwrap_or((&rendered, ""));
    let message = message.trim_start_matches("error: ");
    say(Code::Usage, message.trim(), Some(rest.trim()).filter(|it| !it.is_empty()));
    ExitCode::from(Code::Usage as u8)
}

/// Tells people something beside the output: that the local copy is old, say. It is no failure.
pub(super) fn notice(text: &str) {
    if wants_json() {
        write_line(&json!({ "notice": { "message": text } }).to_string());
    } else {
        write_line(&format!("growdesk: {text}"));
    }
}

/// A failure, for scripts.
#[derive(Serialize)]
struct SaidError<'a> {
    error: Said<'a>,
}

#[derive(Serialize)]
struct Said<'a> {
    code: &'static str,
    message: &'a str,
    help: Option<&'a str>,
}

fn say(code: Code, message: &str, help: Option<&str>) {
    if wants_json() {
        let error = Said { code: code.word(), message, help };
        return write_line(&serde_json::to_string(&SaidError { error }).unwrap_or_default());
    }
    write_line(&format!("growdesk: {message}"));
    if let Some(help) = help {
        write_line(help);
    }
}

/// One message. A file name or a server's word in it can't steer the terminal.
fn write_line(text: &str) {
    let text = without_numbers(text);
    let text = if wants_json() { clean::json(&text) } else { clean::block(&text) };
    // `eprintln` would panic if the terminal is gone.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether the command line asks for JSON. It is read as it stands, since messages about a command
/// line that is wrong are JSON too.
fn wants_json() -> bool {
    env::args_os()
        .take_while(|it| it != "--")
        .any(|it| it == "--json" || it.to_str().is_some_and(|it| it.starts_with("--json=")))
}
