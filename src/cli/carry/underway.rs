//! The changes of one ticket on their way, and what they come to.

use super::told::{WriteOutcome, WriteRecord};
use crate::{
    cli::failure::Code,
    domain::{Change, Entry, EntryId, Problem, ReplyId, State, TicketId},
};

/// The entries of a ticket, in their order.
#[derive(Debug)]
pub(super) struct Underway {
    pub(super) ticket: Option<TicketId>,
    pub(super) entries: Vec<Entry>,
    /// Whether they were made by this run. Those of others are never taken back.
    pub(super) is_own: bool,
    /// Whether the store has them.
    pub(super) is_stored: bool,
}

impl Underway {
    /// The numbers of the entries.
    pub(super) fn ids(&self) -> Vec<EntryId> {
        self.entries.iter().map(|it| it.id).collect()
    }

    /// Whether one of them may be at the server just now.
    pub(super) fn is_out(&self) -> bool {
        self.entries.iter().any(|it| matches!(it.state, State::Sending { .. }))
    }

    /// What is told once this run has given up and taken back what could be taken back.
    pub(super) fn given_up(&self, code: Code, why: &str) -> WriteRecord {
        let is_taken = |it: &Entry| matches!(it.state, State::TakenBack);
        if !self.entries.iter().any(is_taken) {
            return self.left(Code::Undecided, why);
        }
        let (code, why) = match self.is_partly_recorded() {
            true => (Code::Partly, format!("{why}; a part is recorded, and the rest was given up")),
            false => (code, format!("{why}; nothing was recorded, and nothing waits")),
        };
        WriteRecord::wrong(self.ticket, WriteOutcome::Failed, code, why).with_reply(self.reply())
    }

    /// Takes in news of an entry. Returns whether it is one of these.
    pub(super) fn take_in(&mut self, entry: &Entry) -> bool {
        let Some(known) = self.entries.iter_mut().find(|it| it.id == entry.id) else {
            return false;
        };
        known.clone_from(entry);
        self.is_stored = true;
        self.ticket = entry.ticket.or(self.ticket);
        true
    }

    /// What they came to, once nothing more happens without the agent.
    pub(super) fn settled(&self) -> Option<WriteRecord> {
        let wrong = |outcome, code, error: String| {
            let code = if self.is_partly_recorded() { Code::Partly } else { code };
            Some(WriteRecord::wrong(self.ticket, outcome, code, error).with_reply(self.reply()))
        };
        // What follows a change that stopped ends with it, or waits with it.
        let stopped = self.entries.iter().find(|it| stops(&it.state));
        match stopped.map(|it| (it, &it.state)) {
            Some((entry, State::Refused { problem })) => {
                wrong(WriteOutcome::Refused, refusal(problem), refused(entry, problem))
            }
            Some((_, State::Decision { reason })) => {
                let why = format!("{}; it waits in the outbox for your decision", reason.why());
                wrong(WriteOutcome::Decision, Code::Undecided, why)
            }
            Some(_) => {
                wrong(WriteOutcome::Failed, Code::Failed, "it was taken back in a console".into())
            }
            None if self.entries.iter().all(|it| it.state.is_settled()) => Some(
                WriteRecord::well(self.ticket, WriteOutcome::Recorded).with_reply(self.reply()),
            ),
            None => None,
        }
    }

    /// What is told if nobody waits for it any longer, for this reason.
    pub(super) fn left(&self, code: Code, why: &str) -> WriteRecord {
        if let Some(told) = self.settled() {
            return told;
        }
        // A change that can be repeated without harm is never in doubt.
        let is_out = |it: &Entry| {
            matches!(it.state, State::Sending { .. } | State::Doubtful { .. })
                && !it.change.is_repeatable()
        };
        let told = match self.entries.iter().any(is_out) {
            true => {
                let why =
                    format!("{why}; whether it is recorded is not known yet, and is looked up");
                WriteRecord::wrong(self.ticket, WriteOutcome::Doubtful, Code::Undecided, why)
            }
            false => {
                let why = format!("{why}; it stays in the outbox");
                WriteRecord::wrong(self.ticket, WriteOutcome::Queued, code, why)
            }
        };
        told.with_reply(self.reply())
    }

    /// Why it waits, if the server's answer was the reason.
    pub(super) fn trouble(&self) -> Option<&Problem> {
        self.entries.iter().find_map(|it| match &it.state {
            State::Waiting { problem, .. } | State::Doubtful { problem, .. } => Some(problem),
            _ => None,
        })
    }

    fn is_partly_recorded(&self) -> bool {
        self.entries.iter().any(|it| matches!(it.state, State::Recorded { .. }))
    }

    /// The reply or note that the server has recorded.
    fn reply(&self) -> Option<ReplyId> {
        self.entries.iter().find_map(|it| match &it.state {
            State::Recorded { made, .. } => *made,
            _ => None,
        })
    }
}

fn stops(state: &State) -> bool {
    matches!(state, State::Refused { .. } | State::Decision { .. } | State::TakenBack)
}

/// The code of a refusal: by the server, or by this side because the server would refuse.
fn refusal(problem: &Problem) -> Code {
    match Code::of_problem(problem) {
        Code::NotFound => Code::NotFound,
        _ => Code::Refused,
    }
}

fn refused(entry: &Entry, problem: &Problem) -> String {
    match entry.change {
        Change::Post { .. } => format!("{problem}; the text is kept as a draft"),
        _ => problem.to_string(),
    }
}
