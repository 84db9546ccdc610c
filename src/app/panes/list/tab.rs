//! A tab: a view with its tickets in order.

use std::collections::BTreeSet;

use crate::domain::{Place, Rank, Rows, Sort, SortKey, TicketId, View, WaitingStatuses};

/// The news about rows.
pub(super) struct Changes<'a> {
    /// The rows that have changed, or are gone.
    pub(super) touched: &'a BTreeSet<Place>,
    /// The rows of which only the wait has become known better since the last news.
    pub(super) learned: &'a BTreeSet<Place>,
    /// All rows that may therefore stand in another place than their order says.
    pub(super) kept: &'a BTreeSet<Place>,
}

/// A view, with its state while another one is open.
#[derive(Clone, Debug)]
pub struct Tab {
    /// The view.
    pub view: View,
    /// The order that it has of itself.
    pub own_sort: Sort,
    /// The words that it is narrowed to.
    pub filter: String,
    /// Whether the filter searches messages and replies rather than the rows.
    pub in_texts: bool,
    /// How many tickets could be searched in part only.
    pub unread: usize,
    /// Whether a row stands in another place than its order says. That happens when its exact wait
    /// becomes known because the agent looked at it.
    pub misplaced: bool,
    /// How many tickets it shows without the filter.
    pub count: usize,
    /// The tickets that it shows without the filter, in order.
    pub(super) order: Vec<Place>,
    /// Those in which the filter was found last, in order.
    pub(super) found: Option<Vec<Place>>,
    pub(super) cursor: Option<TicketId>,
}

impl Tab {
    pub(super) fn new(view: View) -> Self {
        Self {
            own_sort: view.sort,
            view,
            filter: String::new(),
            in_texts: false,
            unread: 0,
            misplaced: false,
            count: 0,
            order: Vec::new(),
            found: None,
            cursor: None,
        }
    }

    /// The places of the tickets that are listed, in order.
    pub(super) fn listed(&self) -> &[Place] {
        self.found.as_deref().unwrap_or(&self.order)
    }

    /// Moves changed tickets to their new places. Rows of which only the wait has become known
    /// better stay where they are.
    pub(super) fn renew(&mut self, rows: &Rows, news: &Changes<'_>, waiting: &WaitingStatuses) {
        let touched = news.touched;
        let takes = |place: Place| rows.at(place).is_some_and(|it| self.view.takes(it, waiting));
        let taken: Vec<Place> = touched.iter().copied().filter(|it| takes(*it)).collect();
        if !touched.is_empty() {
            self.order.retain(|place| !touched.contains(place));
            if let Some(found) = &mut self.found {
                found.retain(|it| !touched.contains(it) || taken.binary_search(it).is_ok());
            }
        }
        self.note_learned(rows, news.learned, waiting);
        self.put_in(taken, rows, news.kept, waiting);
        if self.misplaced {
            self.misplaced = !self.order.iter().map(|it| self.rank(*it, rows, waiting)).is_sorted();
        }
    }

    fn rank(&self, place: Place, rows: &Rows, waiting: &WaitingStatuses) -> Option<Rank> {
        rows.at(place).map(|row| self.view.sort.rank(row, waiting))
    }

    /// Takes note of rows whose exact wait has become known, in an order that was right before.
    fn note_learned(&mut self, rows: &Rows, learned: &BTreeSet<Place>, waiting: &WaitingStatuses) {
        let by_wait = matches!(self.view.sort.key, SortKey::Waiting | SortKey::Priority);
        if self.misplaced || !by_wait {
            return;
        }
        let rank = |at: usize| self.order.get(at).map(|place| self.rank(*place, rows, waiting));
        let is_misplaced = |place: &Place| {
            let Some(at) = self.order.iter().position(|it| it == place) else { return false };
            let before = at.checked_sub(1).and_then(rank);
            let (own, after) = (rank(at), rank(at + 1));
            before > own || after.is_some_and(|after| own > Some(after))
        };
        self.misplaced = learned.iter().any(is_misplaced);
    }

    /// Puts tickets in their places. Rows that are `kept` out of order do not count in the search
    /// for these places.
    fn put_in(
        &mut self,
        places: Vec<Place>,
        rows: &Rows,
        kept: &BTreeSet<Place>,
        waiting: &WaitingStatuses,
    ) {
        if places.is_empty() {
            return;
        }
        let rank = |place: Place| self.rank(place, rows, waiting);
        let mut ranked: Vec<(Option<Rank>, Place)> =
            places.into_iter().map(|place| (rank(place), place)).collect();
        ranked.sort_unstable();
        let asked = self.misplaced.then(|| self.asked(rows, kept, waiting));
        let mut merged = Vec::with_capacity(self.order.len() + ranked.len());
        let mut from = 0;
        for (at, place) in ranked {
            let rest = self.order.get(from..).unwrap_or_default();
            let count = match &asked {
                Some(ranks) => ranks.iter().skip(from).take_while(|it| **it < at).count(),
                None => rest.partition_point(|it| rank(*it) < at),
            };
            merged.extend(rest.iter().take(count));
            merged.push(place);
            from += count;
        }
        merged.extend(self.order.iter().skip(from));
        self.order = merged;
    }

    /// The rank of each row for finding the place of another one. It is `None`, the least, for a
    /// row that is kept although it belongs behind a later row.
    fn asked(
        &self,
        rows: &Rows,
        kept: &BTreeSet<Place>,
        waiting: &WaitingStatuses,
    ) -> Vec<Option<Rank>> {
        let mut next: Option<Rank> = None;
        let mut ranks: Vec<Option<Rank>> = Vec::with_capacity(self.order.len());
        for place in self.order.iter().rev() {
            let own = self.rank(*place, rows, waiting);
            if !kept.contains(place) {
                next = own;
            }
            ranks.push(own.filter(|own| next.is_none_or(|next| *own <= next)));
        }
        ranks.reverse();
        ranks
    }
}
