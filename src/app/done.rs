//! The agent's actions, in the form in which they can be taken back.

use crate::domain::{AsideChange, Draft, EntryId, TicketId, plan::Part};

/// One action of the agent.
#[derive(Clone, Debug, Default)]
pub struct DoneStep {
    /// What it was, for people.
    pub(super) label: String,
    /// Its changes, in the order of their identities.
    pub(super) parts: Vec<Part>,
    /// The draft that it discarded.
    pub(super) draft: Option<Draft>,
    /// What it changed of what the profile keeps about tickets.
    pub(super) asides: Vec<AsideStep>,
}

/// A change of what the profile keeps about a ticket, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AsideStep {
    pub(super) ticket: TicketId,
    pub(super) change: AsideChange,
    /// What takes it back.
    pub(super) back: AsideChange,
}

impl DoneStep {
    /// Whether nothing of it can be taken back any more.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.draft.is_none() && self.asides.is_empty()
    }

    /// Where the part of an entry stands.
    pub(super) fn place(&self, id: EntryId) -> Option<usize> {
        self.parts.binary_search_by_key(&id, |part| part.id).ok()
    }
}

/// A question: a step can be taken back in part only.
#[derive(Clone, Debug)]
pub struct HalfStep {
    /// What was done, and on which ticket.
    pub label: String,
    /// What can't be taken back, and why.
    pub kept: String,
    /// The changes that can be taken back, each by the field that it sets.
    pub rest: Vec<String>,
    pub(in crate::app) step: DoneStep,
}
