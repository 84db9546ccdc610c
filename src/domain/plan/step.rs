//! A step: all the changes that one undo takes back, and how they become entries of the outbox.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Change, Entry, EntryId, Sight, State, StepId, TicketId};

/// A change that is about to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The ticket; `None` where it is to be created.
    pub ticket: Option<TicketId>,
    /// What is to be done.
    pub change: Change,
    /// Whether it fails together with the leading change before it on its ticket.
    pub follows: bool,
    /// The earlier entry that it takes back.
    pub undo: Option<EntryId>,
    /// The ticket as the agent saw it.
    pub sight: Sight,
}

impl Planned {
    /// A change that stands alone.
    pub fn of(ticket: Option<TicketId>, change: Change, sight: Sight) -> Self {
        Self { ticket, change, follows: false, undo: None, sight }
    }
}

/// One action of the agent, ready to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The changes and their targets, for people.
    pub label: String,
    /// Its changes, in order.
    pub changes: Vec<Planned>,
}

impl Step {
    /// The step's changes as entries of the outbox: as many as there are, in their order. A change
    /// that can be taken back only until it leaves is held for `hold`.
    pub fn entries(self, id: StepId, now: Timestamp, hold: SignedDuration) -> Vec<Entry> {
        self.entries_from(0, id, now, hold)
    }

    /// The same, for a step that has `before` entries already.
    pub fn entries_from(
        self,
        before: usize,
        id: StepId,
        now: Timestamp,
        hold: SignedDuration,
    ) -> Vec<Entry> {
        let until = now.saturating_add(hold).unwrap_or(now);
        let mut leader: Option<(Option<TicketId>, EntryId)> = None;
        let entry = |(index, planned): (usize, Planned)| {
            let Planned { ticket, change, follows, undo, sight } = planned;
            let entry = id.entry(before + index);
            let after = leader.filter(|it| follows && it.0 == ticket).map(|it| it.1);
            if after.is_none() {
                leader = Some((ticket, entry));
            }
            let state = match change.is_held() && !hold.is_zero() {
                true => State::Holding { until },
                false => State::Queued,
            };
            let Sight { read: seen, stood } = sight;
            let (id, step) = (entry, id);
            Entry { id, step, ticket, change, after, seen, stood, undo, queued: now, state }
        };
        self.changes.into_iter().enumerate().map(entry).collect()
    }
}
