//! The tickets as they are shown: what the server said, with the agent's unconfirmed changes on top.
//!
//! A change is never written into what the server said. It lies over it until the outbox settles
//! it; when the server refuses, the layer goes and the ticket is as it was.

use std::collections::{BTreeMap, HashMap};

use crate::domain::{Change, Entry, Row, TicketId};

/// All tickets that the console knows.
#[derive(Clone, Debug, Default)]
pub struct Tickets {
    said: HashMap<TicketId, Row>,
    /// Tickets with unconfirmed changes: `None` for one that is being deleted.
    shown: BTreeMap<TicketId, Option<Row>>,
}

impl Tickets {
    /// A ticket as it is shown.
    pub fn get(&self, id: TicketId) -> Option<&Row> {
        match self.shown.get(&id) {
            Some(changed) => changed.as_ref(),
            None => self.said.get(&id),
        }
    }

    /// A ticket as the server has it, without the agent's unconfirmed changes.
    pub fn said(&self, id: TicketId) -> Option<&Row> {
        self.said.get(&id)
    }

    /// All tickets as they are shown, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Row> + Clone {
        self.said
            .iter()
            .filter(|(id, _)| !self.shown.contains_key(id))
            .map(|(_, row)| row)
            .chain(self.shown.values().flatten())
    }

    /// How many tickets there are.
    pub fn len(&self) -> usize {
        self.said.len()
    }

    /// Whether no ticket is known.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Whether the ticket is known, shown or not.
    pub fn knows(&self, id: TicketId) -> bool {
        self.said.contains_key(&id)
    }

    /// Takes in what the server says; unconfirmed `entries` stay on top.
    pub fn take_in<'a>(
        &mut self,
        rows: impl IntoIterator<Item = Row>,
        entries: impl Iterator<Item = &'a Entry> + Clone,
    ) {
        for row in rows {
            let id = row.ticket.id;
            self.said.insert(id, row);
            if self.shown.contains_key(&id) {
                self.lay(id, entries.clone());
            }
        }
    }

    /// Forgets tickets that the server no longer has.
    pub fn remove(&mut self, ids: &[TicketId]) {
        for id in ids {
            self.said.remove(id);
            self.shown.remove(id);
        }
    }

    /// Lays the pending ones of `entries` over a ticket anew.
    pub fn lay<'a>(&mut self, id: TicketId, entries: impl Iterator<Item = &'a Entry>) {
        let Some(said) = self.said.get(&id) else { return };
        let mut row = Some(said.clone());
        let mut changed = false;
        for entry in entries.filter(|it| it.ticket == Some(id) && it.state.is_pending()) {
            changed = true;
            if entry.change == Change::DeleteTicket {
                row = None;
            } else if let Some(row) = &mut row {
                entry.change.apply(&mut row.ticket);
            }
        }
        if changed {
            self.shown.insert(id, row);
        } else {
            self.shown.remove(&id);
        }
    }
}
