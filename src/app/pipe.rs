//! Programs of the agent's own that read a conversation, and the news of them.

use std::time::Duration;

use super::{Effect, Effects, Model, Outside};
use crate::domain::{PipeCommand, TicketId};

/// How many commands that were typed are offered again.
const TYPED: usize = 20;

/// The number of a program that was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(u64);

/// A program to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipeRun {
    /// Its number.
    pub id: RunId,
    /// The ticket that it is about. The program is told its number, and nothing else beside its input.
    pub ticket: TicketId,
    /// The program, then its arguments.
    pub words: Vec<String>,
    /// What it reads.
    pub input: String,
    /// How long it may take.
    pub timeout: Duration,
}

/// Something that a program printed or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PipeNews {
    /// It printed more.
    Printed {
        /// The lines that are complete now, cleaned; empty or with a line break at the end.
        lines: String,
        /// The line that it has begun, cleaned. It takes the place of the one told before.
        begun: String,
    },
    /// It has ended; no more comes of it.
    Ended(PipeEnd),
}

/// The end of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipeEnd {
    /// How it ended.
    pub how: HowEnded,
    /// How many bytes it printed beyond those that were told.
    pub left_out: u64,
    /// What it said on standard error, cleaned.
    pub errors: String,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HowEnded {
    /// By itself, with this exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// It took too long and was ended.
    TimedOut,
    /// It printed without end and was ended.
    TooMuch,
    /// It could not be started, and this is why.
    NotStarted(String),
}

/// The programs of this console.
#[derive(Clone, Debug, Default)]
pub struct Pipe {
    started: u64,
    /// The program that runs.
    running: Option<RunId>,
    /// The commands that were typed, the last one first.
    typed: Vec<PipeCommand>,
}

impl Pipe {
    /// The program that runs.
    pub(super) fn running(&self) -> Option<RunId> {
        self.running
    }

    /// The commands that were typed, the last one first.
    pub(super) fn typed(&self) -> &[PipeCommand] {
        &self.typed
    }

    /// Notes a command that was typed.
    pub(super) fn note_typed(&mut self, command: PipeCommand) {
        self.typed.retain(|it| *it != command);
        self.typed.insert(0, command);
        self.typed.truncate(TYPED);
    }
}

/// Starts a program in place of the one that runs.
pub(super) fn start(
    model: &mut Model,
    ticket: TicketId,
    command: &PipeCommand,
    input: String,
) -> (RunId, Effects) {
    let ended = end(model);
    model.pipe.started += 1;
    let id = RunId(model.pipe.started);
    model.pipe.running = Some(id);
    let timeout = Duration::try_from(model.settings.pipe_timeout).unwrap_or_default();
    let run = PipeRun { id, ticket, words: command.words.clone(), input, timeout };
    (id, ended.and(Effect::Outside(Outside::Pipe(Box::new(run)))))
}

/// Ends the program that runs, and all that it has started.
pub(super) fn end(model: &mut Model) -> Effects {
    match model.pipe.running.take() {
        Some(id) => Effect::Outside(Outside::EndPipe(id)).into(),
        None => Effects::none(),
    }
}

/// Notes that a program has ended. Returns whether it is the one that was thought to run.
pub(super) fn ended(model: &mut Model, id: RunId) -> bool {
    let is_known = model.pipe.running == Some(id);
    if is_known {
        model.pipe.running = None;
    }
    is_known
}
