//! The tickets as they are shown: the server's version, with the agent's unconfirmed changes on
//! top.
//!
//! A change is never written into the server's version. That version is kept beneath until the
//! outbox settles the change. When the server refuses, the ticket is as it was.

use std::collections::{BTreeMap, BTreeSet};

use super::pending::Pending;
use crate::domain::{Aside, Change, Entry, Place, Row, RowRef, Rows, State, TicketId};

/// All tickets that the console knows.
#[derive(Clone, Debug, Default)]
pub struct Tickets {
    /// As they are shown; one that is being deleted is not in it.
    shown: Rows,
    /// The server's version of tickets with unconfirmed changes.
    beneath: BTreeMap<TicketId, Row>,
    /// The places whose rows have changed since this was last asked for.
    touched: BTreeSet<Place>,
    /// The places of rows that have kept their place since they were put in order: their wait has
    /// become known better, or they have changed under the agent's hands.
    learned: BTreeSet<Place>,
    /// Those of them that are new since this was last asked for.
    newly_learned: BTreeSet<Place>,
    /// Rows that came in before all tickets were read from the store. They are newer than the
    /// stored ones.
    early: Option<BTreeMap<TicketId, Option<Row>>>,
    /// How often a row has changed.
    version: u64,
}

impl Tickets {
    /// Those of the first screen; the others are about to be read from the store.
    pub fn first(rows: Vec<Row>) -> Self {
        let mut tickets = Self::default();
        tickets.take_in(rows, &Pending::default());
        tickets.early = Some(BTreeMap::new());
        tickets
    }

    /// Puts all tickets, as the store holds them, in the place of the first ones. Rows that came in
    /// meanwhile stay, and so do the `pending` changes.
    pub fn complete(&mut self, all: Rows, pending: &Pending) {
        let early = self.early.take().unwrap_or_default();
        let asides: Vec<(TicketId, Aside)> = self.shown.asides().collect();
        *self = Self { shown: all, version: self.version + 1, ..Self::default() };
        self.keep_aside(asides);
        for (id, row) in early {
            match row {
                Some(row) => self.take_in([row], &Pending::default()),
                None => self.remove(&[id]),
            }
        }
        for id in pending.tickets() {
            self.lay(id, pending.of(id));
        }
    }

    /// A number that is another one once a ticket has changed, come or gone.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// The first ones are all that can be read.
    pub(super) fn keep_first(&mut self) {
        self.early = None;
    }

    /// The profile keeps this about tickets now, and nothing about any other.
    pub fn keep_aside(&mut self, asides: Vec<(TicketId, Aside)>) {
        let kept: BTreeMap<TicketId, Aside> = asides.into_iter().collect();
        let known: Vec<TicketId> = self.shown.asides().map(|(id, _)| id).collect();
        for id in known.iter().chain(kept.keys()) {
            self.set_aside(*id, kept.get(id).copied().unwrap_or_default());
        }
    }

    /// The profile keeps this about a ticket now.
    pub(super) fn set_aside(&mut self, id: TicketId, aside: Aside) {
        if self.shown.aside(id) != aside {
            self.shown.set_aside(id, aside);
            self.touched.extend(self.shown.place(id));
        }
    }

    /// All tickets as they are shown.
    pub fn rows(&self) -> &Rows {
        &self.shown
    }

    /// A ticket as it is shown.
    pub fn get(&self, id: TicketId) -> Option<Row> {
        self.shown.get(id).map(RowRef::to_row)
    }

    /// A ticket as the server has it, without the agent's unconfirmed changes.
    pub fn said(&self, id: TicketId) -> Option<Row> {
        self.beneath.get(&id).cloned().or_else(|| self.get(id))
    }

    /// How many tickets there are.
    pub fn len(&self) -> usize {
        let hidden = self.beneath.keys().filter(|id| self.shown.place(**id).is_none());
        self.shown.len() + hidden.count()
    }

    /// Whether no ticket is known.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty() && self.beneath.is_empty()
    }

    /// Whether the ticket is known, shown or not.
    pub fn knows(&self, id: TicketId) -> bool {
        self.shown.place(id).is_some() || self.beneath.contains_key(&id)
    }

    /// Takes in the server's version; the `pending` changes stay on top.
    pub fn take_in(&mut self, rows: impl IntoIterator<Item = Row>, pending: &Pending) {
        for row in rows {
            let id = row.ticket.id;
            if let Some(early) = &mut self.early {
                early.insert(id, Some(row.clone()));
            }
            if let Some(beneath) = self.beneath.get_mut(&id) {
                *beneath = row;
                self.lay(id, pending.of(id));
            } else {
                self.show(&row);
            }
        }
    }

    /// Forgets tickets that the server no longer has.
    pub fn remove(&mut self, ids: &[TicketId]) {
        for id in ids {
            if let Some(early) = &mut self.early {
                early.insert(*id, None);
            }
            self.beneath.remove(id);
            self.hide(*id);
        }
    }

    /// Lays the unsettled `entries` of a ticket over it anew, but for those that wait for a decision
    /// and those that follow them.
    pub fn lay<'a>(&mut self, id: TicketId, entries: impl Iterator<Item = &'a Entry>) {
        let Some(said) = self.said(id) else { return };
        let mut row = Some(said.clone());
        let mut changed = false;
        let mut undecided = BTreeSet::new();
        for entry in entries {
            // A change that waits for the agent, or follows one that does, must not look as if it
            // were done.
            let follows = entry.after.is_some_and(|id| undecided.contains(&id));
            if follows || matches!(entry.state, State::Decision { .. }) {
                undecided.insert(entry.id);
                continue;
            }
            changed = true;
            if entry.change == Change::DeleteTicket {
                row = None;
            } else if let Some(row) = &mut row {
                entry.change.apply(&mut row.ticket);
            }
        }
        match row {
            Some(row) => self.show(&row),
            None => self.hide(id),
        }
        if changed {
            self.beneath.insert(id, said);
        } else {
            self.beneath.remove(&id);
        }
    }

    /// The places whose rows have become others, or have gone, since this was last called.
    pub(super) fn take_touched(&mut self) -> BTreeSet<Place> {
        std::mem::take(&mut self.touched)
    }

    /// The places of rows that would move if their view were sorted anew, since the last call.
    pub(super) fn take_learned(&mut self) -> BTreeSet<Place> {
        std::mem::take(&mut self.learned)
    }

    /// The places that [`Self::take_learned`] would tell.
    pub(super) fn learned(&self) -> &BTreeSet<Place> {
        &self.learned
    }

    /// Of the places that [`Self::take_learned`] returns, those that are new since the last call.
    pub(super) fn take_newly_learned(&mut self) -> BTreeSet<Place> {
        std::mem::take(&mut self.newly_learned)
    }

    /// Rows that have changed and keep their place in the open view until it is sorted anew.
    pub(super) fn keep_places(&mut self, places: impl IntoIterator<Item = Place>) {
        self.learned.extend(places);
    }

    fn show(&mut self, row: &Row) {
        let before = self.shown.get(row.ticket.id).map(RowRef::to_row);
        let place = self.shown.insert(row);
        if before.is_some_and(|before| before.ticket == row.ticket) {
            self.learned.insert(place);
            self.newly_learned.insert(place);
        } else {
            self.version += 1;
            self.touched.insert(place);
        }
    }

    fn hide(&mut self, id: TicketId) {
        self.version += 1;
        self.touched.extend(self.shown.remove(id));
    }
}
