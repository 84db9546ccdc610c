//! Where an entry of the outbox stands, in words: beside what was written, in the row of a list, and in the
//! tables of the commands. The script's word is [`State::word`].

use jiff::{Timestamp, tz::TimeZone};
use ratatui::style::Style;

use super::{Ui, when};
use crate::{
    app::command::ConsoleCommand,
    domain::{Entry, ProblemKind, State},
};

/// It goes as soon as it can.
const QUEUED: &str = "next in line";
/// A request is out.
const SENDING: &str = "being recorded";

impl Ui<'_> {
    /// Where an entry stands, in full and with what the agent can do.
    pub(in crate::ui) fn state_words(&self, state: &State) -> (String, Style) {
        let theme = self.theme;
        let outbox = self.key(ConsoleCommand::Outbox);
        match state {
            State::Holding { .. } | State::Queued if self.model.sent_when().is_some() => {
                let undo = self.key(ConsoleCommand::Undo);
                let when = self.model.sent_when().unwrap_or_default();
                (format!("{when}; {undo} takes it back"), theme.warning)
            }
            State::Holding { until } => {
                let undo = self.key(ConsoleCommand::Undo);
                let left = when::seconds_until(self.model.now, *until);
                (format!("recorded in {left} s, {undo} takes it back"), theme.accent)
            }
            State::Queued => (QUEUED.into(), theme.quiet),
            State::Sending { .. } => (SENDING.into(), theme.accent),
            State::Waiting { problem, until } => {
                let (words, until) = (state.as_str(), self.time_of_day(*until));
                (format!("{words} (next at {until}): {problem}"), theme.warning)
            }
            State::Doubtful { problem, .. } => {
                (format!("{}: {problem}", state.as_str()), theme.warning)
            }
            State::Decision { reason } => {
                let why = reason.why();
                (format!("waits for your decision ({outbox}): {why}"), theme.warning)
            }
            State::Recorded { .. } => (state.as_str().into(), theme.good),
            State::Refused { problem } => (format!("refused: {problem}"), theme.danger),
            State::TakenBack => (state.as_str().into(), theme.quiet),
        }
    }

    /// An entry's state in a few words, for its row.
    pub(in crate::ui) fn short_state(&self, entry: &Entry) -> String {
        match &entry.state {
            _ if self.model.outbox.is_storing(entry.id) => "not stored yet".into(),
            State::Holding { .. } | State::Queued if self.model.sent_when().is_some() => {
                self.model.sent_when().unwrap_or_default()
            }
            State::Holding { until } => {
                format!("in {} s", when::seconds_until(self.model.now, *until))
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
pub(crate) fn in_table(state: &State, now: Timestamp, zone: &TimeZone) -> String {
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
