//! The entries of the outbox that are not settled: in the order in which they were asked for, found by
//! identity and by ticket.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Entry, EntryId, TicketId};

/// Unsettled entries. Finding the entries of a ticket takes no longer if there are many of other
/// tickets.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    /// By their turn.
    all: BTreeMap<u64, Entry>,
    turns: BTreeMap<EntryId, u64>,
    by_ticket: BTreeMap<TicketId, BTreeSet<u64>>,
    next: u64,
}

impl FromIterator<Entry> for Pending {
    fn from_iter<T: IntoIterator<Item = Entry>>(entries: T) -> Self {
        let mut pending = Self::default();
        for entry in entries {
            pending.put(entry);
        }
        pending
    }
}

impl Pending {
    /// All of them, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> + Clone {
        self.all.values()
    }

    /// Those of a ticket, in order.
    pub fn of(&self, ticket: TicketId) -> impl Iterator<Item = &Entry> {
        let turns = self.by_ticket.get(&ticket).into_iter().flatten();
        turns.filter_map(|turn| self.all.get(turn))
    }

    /// The tickets that they are about.
    pub fn tickets(&self) -> impl Iterator<Item = TicketId> {
        self.by_ticket.keys().copied()
    }

    /// The one with this identity.
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.all.get(self.turns.get(&id)?)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Takes an entry in. It replaces the entry with its identity, and that one is returned;
    /// otherwise it becomes the last.
    pub(super) fn put(&mut self, entry: Entry) -> Option<Entry> {
        let turn = *self.turns.entry(entry.id).or_insert_with(|| {
            self.next += 1;
            self.next
        });
        if let Some(ticket) = entry.ticket {
            self.by_ticket.entry(ticket).or_default().insert(turn);
        }
        let (now, before) = (entry.ticket, self.all.insert(turn, entry));
        if let Some(ticket) = before.as_ref().and_then(|it| it.ticket).filter(|it| Some(*it) != now)
        {
            self.forget(ticket, turn);
        }
        before
    }

    /// Takes in entries that were asked for before all that are known; one that is known stays.
    pub(super) fn put_first(&mut self, entries: Vec<Entry>) {
        let known = std::mem::take(self);
        let new = entries.into_iter().filter(|entry| known.get(entry.id).is_none());
        for entry in new.chain(known.all.values().cloned()).collect::<Vec<_>>() {
            self.put(entry);
        }
    }

    /// Forgets an entry.
    pub(super) fn remove(&mut self, id: EntryId) {
        let Some(turn) = self.turns.remove(&id) else { return };
        if let Some(ticket) = self.all.remove(&turn).and_then(|entry| entry.ticket) {
            self.forget(ticket, turn);
        }
    }

    fn forget(&mut self, ticket: TicketId, turn: u64) {
        if let Some(turns) = self.by_ticket.get_mut(&ticket) {
            turns.remove(&turn);
            if turns.is_empty() {
                self.by_ticket.remove(&ticket);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{Change, State, StepId};

    fn entry(count: u32, ticket: Option<i64>) -> Entry {
        let step = StepId::new(1, count);
        Entry {
            id: EntryId(count.into()),
            step,
            ticket: ticket.map(TicketId),
            change: Change::Archived(true),
            after: None,
            seen: None,
            stood: None,
            undo: None,
            queued: Timestamp::UNIX_EPOCH,
            state: State::Queued,
        }
    }

    fn ids<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<EntryId> {
        entries.map(|entry| entry.id).collect()
    }

    #[test]
    fn whatever_comes_and_goes_each_ticket_has_its_own_in_order() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut pending = Pending::default();
        let mut plain: Vec<Entry> = Vec::new();
        for turn in 1..2_000 {
            let id = random.u32(1..40);
            let ticket = Some(random.i64(0..6)).filter(|it| *it > 0);
            match random.u8(0..4) {
                0 => {
                    pending.remove(EntryId(id.into()));
                    plain.retain(|it| it.id != EntryId(id.into()));
                }
                1 if turn % 10 == 0 => {
                    let first: Vec<Entry> = (id..id + 3).map(|id| entry(id, ticket)).collect();
                    pending.put_first(first.clone());
                    let new = |it: &Entry| !plain.iter().any(|known| known.id == it.id);
                    let first: Vec<Entry> = first.into_iter().filter(new).collect();
                    plain.splice(..0, first);
                }
                _ => {
                    let entry = entry(id, ticket);
                    pending.put(entry.clone());
                    match plain.iter_mut().find(|it| it.id == entry.id) {
                        Some(known) => *known = entry,
                        None => plain.push(entry),
                    }
                }
            }
            assert_eq!(ids(pending.iter()), ids(plain.iter()));
            assert_eq!(pending.len(), plain.len());
            let mut tickets: Vec<TicketId> = pending.tickets().collect();
            tickets.sort();
            let known: BTreeSet<TicketId> = plain.iter().filter_map(|it| it.ticket).collect();
            assert_eq!(tickets, known.into_iter().collect::<Vec<_>>());
            for ticket in tickets {
                let own = plain.iter().filter(|it| it.ticket == Some(ticket));
                assert_eq!(ids(pending.of(ticket)), ids(own));
            }
        }
    }
}
