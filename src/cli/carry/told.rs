//! What a verb says of each ticket, and its exit code.

use std::io::{self, Write as _, stdout};

use serde::Serialize;

use crate::{
    cli::{
        Failure,
        failure::Code,
        print::{self, Format, Record},
    },
    domain::{ReplyId, TicketId},
    text::clean,
};

/// How many tickets are named in the message of a failure.
const NAMED: usize = 3;

/// What became of the changes of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum WriteOutcome {
    /// The server has them.
    Recorded,
    /// They are in the outbox, and leave by themselves.
    Queued,
    /// The ticket was so already.
    Unchanged,
    /// The server refused, or would refuse.
    Refused,
    /// No answer tells their fate yet.
    Doubtful,
    /// They wait for the agent's decision.
    Decision,
    /// Nothing was done.
    Failed,
}

impl WriteOutcome {
    fn word(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Queued => "queued",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Doubtful => "doubtful",
            Self::Decision => "decision",
            Self::Failed => "failed",
        }
    }
}

/// A ticket after a write.
#[derive(Clone, Debug, Serialize)]
pub(in crate::cli) struct WriteRecord {
    id: Option<i64>,
    outcome: WriteOutcome,
    reply: Option<i64>,
    error: Option<String>,
    #[serde(skip)]
    code: Option<Code>,
}

impl Record for WriteRecord {
    const FIELDS: &'static [&'static str] = &["id", "outcome", "reply", "error"];
}

impl WriteRecord {
    /// All went well.
    pub(super) fn well(ticket: Option<TicketId>, outcome: WriteOutcome) -> Self {
        let id = ticket.map(|it| it.0);
        Self { id, outcome, reply: None, error: None, code: None }
    }

    /// Something went wrong; the error is the end of a sentence that begins with the ticket.
    pub(super) fn wrong(
        ticket: Option<TicketId>,
        outcome: WriteOutcome,
        code: Code,
        error: impl Into<String>,
    ) -> Self {
        let error = Some(error.into());
        Self { error, code: Some(code), ..Self::well(ticket, outcome) }
    }

    /// The same, with the reply or note that was recorded.
    pub(super) fn with_reply(self, reply: Option<ReplyId>) -> Self {
        Self { reply: reply.map(|it| it.0), ..self }
    }

    fn cells(&self) -> Vec<String> {
        let number = |it: Option<i64>| it.map(|it| it.to_string()).unwrap_or_default();
        let error = self.error.clone().unwrap_or_default();
        vec![number(self.id), self.outcome.word().to_owned(), number(self.reply), error]
    }

    /// The ticket and what went wrong with it.
    fn complaint(&self) -> String {
        let error = self.error.as_deref().unwrap_or_default();
        match self.id {
            Some(id) => format!("#{id}: {error}"),
            None => error.to_owned(),
        }
    }
}

/// Prints objects, each as it comes.
pub(super) struct Printer {
    format: Format,
    printed: usize,
    /// Whether the reader of the output has gone.
    pub(super) is_gone: bool,
}

impl Printer {
    pub(super) fn new(format: Format) -> Self {
        Self { format, printed: 0, is_gone: false }
    }

    /// Prints an object; `cells` under `head` for people.
    pub(super) fn print<T: Record>(
        &mut self,
        head: &[&str],
        cells: Vec<String>,
        item: &T,
    ) -> io::Result<()> {
        let first = self.printed == 0;
        self.printed += 1;
        match &self.format {
            Format::Table => {
                let head = first
                    .then(|| aligned(&head.iter().map(ToString::to_string).collect::<Vec<_>>()));
                let row = aligned(
                    &cells.iter().map(|it| clean::line(it).to_string()).collect::<Vec<_>>(),
                );
                self.write(&[head.unwrap_or_default(), row].concat().into_bytes())
            }
            Format::Tsv => {
                let cells: Vec<_> = cells.iter().map(|it| print::cell(it)).collect();
                self.write(format!("{}\n", cells.join("\t")).as_bytes())
            }
            Format::Json(fields) => {
                let mut line = if first { b"[\n".to_vec() } else { b",\n".to_vec() };
                print::write_json(&mut line, fields.as_deref(), item)?;
                self.write(&line)
            }
        }
    }

    /// Ends the output.
    pub(super) fn end(&mut self) -> io::Result<()> {
        match (self.format.is_json(), self.printed) {
            (true, 0) => self.write(b"[\n]\n"),
            (true, _) => self.write(b"\n]\n"),
            (false, _) => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_gone {
            return Ok(());
        }
        let mut out = stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if print::is_gone(&error) => {
                self.is_gone = true;
                Ok(())
            }
            other => other,
        }
    }
}

/// A row for a terminal. It is printed before the next one is known, so the columns have fixed widths.
fn aligned(cells: &[String]) -> String {
    let mut line = String::new();
    for (at, cell) in cells.iter().enumerate() {
        let last = at + 1 == cells.len();
        line.push_str(&if last { cell.clone() } else { format!("{cell:<9} ") });
    }
    format!("{}\n", line.trim_end())
}

/// What was told so far, for the exit code.
#[derive(Default)]
pub(super) struct Tally {
    done: usize,
    failed: usize,
    /// The first that failed. All of them would fill the memory.
    named: Vec<WriteRecord>,
    /// The codes of all that failed, each once, in the order in which they came.
    codes: Vec<Code>,
    /// Their outcomes, each once.
    outcomes: Vec<WriteOutcome>,
    /// Whether the user has stopped the verb.
    pub(super) is_interrupted: bool,
}

impl Tally {
    /// Notes an object, and prints it.
    pub(super) fn tell(&mut self, printer: &mut Printer, told: WriteRecord) -> io::Result<()> {
        let printed = printer.print(&["ID", "OUTCOME", "REPLY", "ERROR"], told.cells(), &told);
        self.note(Some(told));
        printed
    }

    /// Notes what would be told, without printing it.
    pub(super) fn note(&mut self, told: Option<WriteRecord>) {
        match told {
            Some(told) => match told.code {
                Some(code) => self.note_failed(code, told),
                None => self.done += 1,
            },
            None => self.done += 1,
        }
    }

    fn note_failed(&mut self, code: Code, told: WriteRecord) {
        self.failed += 1;
        if !self.codes.contains(&code) {
            self.codes.push(code);
        }
        if !self.outcomes.contains(&told.outcome) {
            self.outcomes.push(told.outcome);
        }
        if self.named.len() < NAMED {
            self.named.push(told);
        }
    }

    /// The failure that ends a verb after some were done.
    pub(super) fn broken_off(&self, failure: Failure) -> Failure {
        if self.done == 0 {
            return failure;
        }
        let message = format!("{} done, then: {}", self.done, failure.message());
        Failure { help: failure.help, ..Failure::new(Code::Partly, message) }
    }

    /// The verdict for scripts.
    pub(super) fn verdict(self, done: &str) -> Result<(), Failure> {
        let Some(code) = self.code() else {
            let why =
                format!("the verb was stopped: {} done, nothing is left in the outbox", self.done);
            return if self.is_interrupted {
                Err(Failure::new(Code::Undecided, why))
            } else {
                Ok(())
            };
        };
        let named: Vec<String> = self.named.iter().map(WriteRecord::complaint).collect();
        let more = self.failed.saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        let named = format!("{}{more}", named.join("; "));
        let message = match (self.done, self.failed) {
            (0, 1) => named,
            (well, failed) => format!("{well} {done}, {failed} not: {named}"),
        };
        let failure = Failure::new(code, message);
        Err(match self.help() {
            Some(help) => failure.with_help(help),
            None => failure,
        })
    }

    fn code(&self) -> Option<Code> {
        let codes = &self.codes;
        let first = *codes.first()?;
        if self.is_interrupted {
            return Some(Code::Undecided);
        }
        if self.done > 0 || codes.contains(&Code::Partly) {
            return Some(Code::Partly);
        }
        if codes.iter().all(|it| *it == first) {
            return Some(first);
        }
        // Of several reasons the one that concerns the most, or asks for the most care.
        let grave = [Code::KeyRefused, Code::Undecided, Code::Limited, Code::Unreachable];
        Some(grave.into_iter().find(|it| codes.contains(it)).unwrap_or(first))
    }

    /// What to do next.
    fn help(&self) -> Option<String> {
        let any = |outcome| self.outcomes.contains(&outcome);
        if any(WriteOutcome::Decision) {
            return Some("`g o` in the console shows what happened meanwhile, and asks; `growdesk outbox` lists it".into());
        }
        if any(WriteOutcome::Doubtful) {
            return Some("`growdesk outbox` tells when it is settled; do not send it again".into());
        }
        if any(WriteOutcome::Queued) {
            return Some("what is queued leaves by itself when a console or a verb runs; do not send it again".into());
        }
        None
    }
}
