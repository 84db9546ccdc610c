//! The states of outbox entries in words: beside a written text, in the row of a list, and in the
//! tables of the commands. The script's word is [`State::word`].

use jiff::{Timestamp, tz::TimeZone};

use super::{Model, command::ConsoleCommand, tone::Tone};
use crate::domain::{DraftKey, Entry, Gone, ProblemKind, State, columns, outbox::Decision, when};

/// It goes as soon as it can.
const QUEUED: &str = "next in line";
/// The columns of an assistant's name in a row.
const PROPOSER: usize = 20;
/// A request is out.
const SENDING: &str = "being recorded";

impl Model {
    /// A moment as people say it: the time of day, with as much of the date as is needed.
    pub fn time_of_day(&self, at: Timestamp) -> String {
        when::clock(&self.settings.zone, self.wall(), at)
    }

    /// Until when a ticket is snoozed, in words.
    pub(super) fn until_words(&self, until: Option<Timestamp>) -> String {
        match until {
            Some(at) => format!("until {}", when::in_full(&self.settings.zone, at)),
            None => "until the customer writes".into(),
        }
    }

    /// Where an entry stands, in full and with what the agent can do.
    pub fn state_words(&self, state: &State) -> (String, Tone) {
        let undo = self.keymap.key_for(ConsoleCommand::Undo);
        match (state, self.sent_when()) {
            (State::Holding { .. } | State::Queued, Some(when)) => {
                (format!("{when}; {undo} takes it back"), Tone::Warning)
            }
            (State::Holding { until }, None) => {
                let left = when::seconds_until(self.now, *until);
                (format!("recorded in {left} s, {undo} takes it back"), Tone::Accent)
            }
            (State::Queued, None) => (QUEUED.into(), Tone::Quiet),
            (State::Sending { .. }, _) => (SENDING.into(), Tone::Accent),
            (State::Waiting { problem, until }, _) => {
                let (words, until) = (state.as_str(), self.time_of_day(*until));
                (format!("{words} (next at {until}): {problem}"), Tone::Warning)
            }
            (State::Doubtful { problem, .. }, _) => {
                (format!("{}: {problem}", state.as_str()), Tone::Warning)
            }
            (State::Decision { reason }, _) => {
                let outbox = self.keymap.key_for(ConsoleCommand::Outbox);
                (format!("waits for your decision ({outbox}): {}", reason.why()), Tone::Warning)
            }
            (State::Recorded { .. }, _) => (state.as_str().into(), Tone::Good),
            (State::Refused { problem }, _) => (format!("refused: {problem}"), Tone::Danger),
            (State::TakenBack, _) => (state.as_str().into(), Tone::Quiet),
        }
    }

    /// The fate of a draft that somebody else has recorded or dropped, in words.
    pub(super) fn what_became(&self, key: DraftKey, gone: &Gone) -> String {
        let at = gone.at.saturating_add(self.wall_ahead).unwrap_or(gone.at);
        let at = self.settings.zone.to_datetime(at).strftime("%H:%M");
        let what = if gone.recorded { "recorded" } else { "dropped" };
        let on = key.about().map(|id| format!("{id} ")).unwrap_or_default();
        format!("{on}{} was {what} by {} at {at}", key.kind.as_str(), gone.by)
    }

    /// An entry's state in a few words, for its row.
    pub fn short_state(&self, entry: &Entry) -> String {
        match &entry.state {
            _ if self.outbox.is_storing(entry.id) => "not stored yet".into(),
            State::Queued if self.outbox.is_proposed(entry) => "follows it".into(),
            State::Holding { .. } | State::Queued if self.sent_when().is_some() => {
                self.sent_when().unwrap_or_default()
            }
            State::Holding { until } => {
                format!("in {} s", when::seconds_until(self.now, *until))
            }
            State::Decision { reason: Decision::Proposed { by, .. } } => {
                format!("proposed by {}", columns::cut(by, PROPOSER))
            }
            State::Decision { .. } => "your decision".into(),
            State::Doubtful { .. } => "doubtful".into(),
            State::Waiting { problem, .. } if problem.is_passing() => "no network".into(),
            State::Waiting { .. } => "tried again".into(),
            State::Sending { .. } => SENDING.into(),
            other => other.as_str().into(),
        }
    }
}

/// Where an entry stands, for the tables of the commands.
pub fn in_table(state: &State, now: Timestamp, zone: &TimeZone) -> String {
    match state {
        State::Holding { until } if *until > now => {
            format!("recorded in {} s", when::seconds_until(now, *until))
        }
        State::Holding { .. } | State::Queued => QUEUED.into(),
        State::Sending { .. } => SENDING.into(),
        State::Waiting { problem, until } if *until > now => {
            format!("{problem}; tried again at {}", when::clock(zone, now, *until))
        }
        State::Waiting { problem, .. } => format!("{problem}; next to be tried again"),
        State::Doubtful { problem, .. } => {
            format!("doubtful: {problem}; the server is asked what became of it")
        }
        State::Decision { reason } => format!("waits for your decision: {}", reason.why()),
        State::Refused { problem } if problem.kind == ProblemKind::Refused => problem.to_string(),
        State::Refused { problem } => format!("refused: {problem}"),
        State::Recorded { .. } | State::TakenBack => state.as_str().into(),
    }
}
