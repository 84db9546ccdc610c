//! A tab: a view with its tickets in order.

use std::collections::BTreeSet;

use crate::domain::{Place, Rank, Rows, SortKey, TicketId, View, WaitingStatuses};

/// A view with what is remembered of it while another one is open.
#[derive(Clone, Debug)]
pub struct Tab {
    /// What it shows.
    pub view: View,
    /// The words that it is narrowed to.
    pub filter: String,
    /// Whether they are looked for in messages and replies rather than in the rows.
    pub in_texts: bool,
    /// How many tickets could be searched in part only.
    pub unread: usize,
    /// Whether a row stands elsewhere than its order says: it was looked at, and its exact wait is
    /// known since.
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

    /// Takes note of rows whose exact wait has become known and that stay where they are.
    pub(super) fn note_learned(
        &mut self,
        rows: &Rows,
        learned: &BTreeSet<Place>,
        waiting: &WaitingStatuses,
    ) {
        let by_wait = matches!(self.view.sort.key, SortKey::Waiting | SortKey::Priority);
        if self.misplaced || !by_wait {
            return;
        }
        let rank = |at: usize| {
            let row = self.order.get(at).and_then(|place| rows.at(*place));
            row.map(|row| self.view.sort.rank(row, waiting))
        };
        let is_misplaced = |place: &Place| {
            let Some(at) = self.order.iter().position(|it| it == place) else { return false };
            let before = at.checked_sub(1).and_then(rank);
            let (own, after) = (rank(at), rank(at + 1));
            before > own || after.is_some_and(|after| own > Some(after))
        };
        self.misplaced = learned.iter().any(is_misplaced);
    }

    /// Puts those tickets that have become others where they belong now.
    pub(super) fn renew(
        &mut self,
        rows: &Rows,
        touched: &BTreeSet<Place>,
        waiting: &WaitingStatuses,
    ) {
        if touched.is_empty() {
            return;
        }
        let rank = |place: Place| rows.at(place).map(|row| self.view.sort.rank(row, waiting));
        let takes = |place: Place| rows.at(place).is_some_and(|it| self.view.takes(it, waiting));
        let taken: Vec<Place> = touched.iter().copied().filter(|it| takes(*it)).collect();
        if let Some(found) = &mut self.found {
            found.retain(|it| !touched.contains(it) || taken.binary_search(it).is_ok());
        }
        let before = self.order.len();
        self.order.retain(|place| !touched.contains(place));
        if taken.is_empty() && self.order.len() == before {
            return;
        }
        let mut ranked: Vec<(Option<Rank>, Place)> =
            taken.into_iter().map(|place| (rank(place), place)).collect();
        ranked.sort_unstable();
        let mut merged = Vec::with_capacity(self.order.len() + ranked.len());
        let mut rest = self.order.as_slice();
        for (at, place) in ranked {
            let (before, after) = rest.split_at(rest.partition_point(|it| rank(*it) < at));
            merged.extend_from_slice(before);
            merged.push(place);
            rest = after;
        }
        merged.extend_from_slice(rest);
        self.order = merged;
    }
}
