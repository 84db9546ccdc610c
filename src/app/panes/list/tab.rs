//! A tab: a view with its tickets in order.

use std::collections::BTreeSet;

use crate::domain::{
    Narrow, Place, PlaceSet, Rank, Rows, Sort, SortKey, TicketId, View, WaitingStatuses,
};

/// The news about rows.
pub(super) struct Changes<'a> {
    /// The rows that have changed, or are gone.
    pub(super) touched: &'a BTreeSet<Place>,
    /// The rows of which only the wait has become known better since the last news.
    pub(super) learned: &'a BTreeSet<Place>,
    /// All rows that may stand in another place than their order says.
    pub(super) kept: &'a BTreeSet<Place>,
}

/// What keeps its place in the open tab, although it has changed.
#[derive(Default)]
pub(super) struct Staying {
    /// Rows that keep their place as long as the view shows them.
    pub(super) shown: BTreeSet<Place>,
    /// The row that keeps its place even if the view does not show it any more.
    pub(super) lingers: Option<Place>,
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
    /// The conditions that it is narrowed to.
    pub narrow: Narrow,
    /// Whether the filter searches messages and replies rather than the rows.
    pub in_texts: bool,
    /// How many tickets could be searched in part only.
    pub unread: usize,
    /// Whether a row stands in another place than its order says. That happens when its exact wait
    /// becomes known, and when it has changed by the agent's own action or under the cursor.
    pub misplaced: bool,
    /// How many tickets it shows without the filter.
    pub count: usize,
    /// The tickets that it shows without the filter, in order.
    pub(super) order: Vec<Place>,
    /// Those in which the filter was found last, in order.
    pub(super) found: Option<Vec<Place>>,
    pub(super) cursor: Option<TicketId>,
    /// The row that is listed only because the cursor is on it: the view, or the filter, does not
    /// take it any more.
    pub(super) lingers: Option<Place>,
}

impl Tab {
    pub(super) fn new(view: View) -> Self {
        Self {
            own_sort: view.sort,
            view,
            filter: String::new(),
            narrow: Narrow::default(),
            in_texts: false,
            unread: 0,
            misplaced: false,
            count: 0,
            order: Vec::new(),
            found: None,
            cursor: None,
            lingers: None,
        }
    }

    /// Whether the agent has narrowed it, by words or by fields.
    pub fn is_narrowed(&self) -> bool {
        !self.filter.is_empty() || !self.narrow.is_empty()
    }

    /// Whether a ticket can be listed, whatever words it is narrowed to.
    pub(super) fn may_list(&self, place: Place, rows: &Rows, waiting: &WaitingStatuses) -> bool {
        rows.at(place).is_some_and(|row| self.narrow.takes(row, &self.view.query, waiting))
    }

    /// The places of the tickets that are listed, in order.
    pub(super) fn listed(&self) -> &[Place] {
        self.found.as_deref().unwrap_or(&self.order)
    }

    /// Moves changed tickets to their new places. Rows of which only the wait has become known
    /// better stay where they are, and so do those that are `staying`.
    pub(super) fn renew(
        &mut self,
        rows: &Rows,
        news: &Changes<'_>,
        staying: &Staying,
        waiting: &WaitingStatuses,
    ) {
        let touched = news.touched;
        let takes = |place: Place| self.view.takes_at(place, rows, waiting);
        let mut taken: BTreeSet<Place> = touched.iter().copied().filter(|it| takes(*it)).collect();
        let mut stayed = Vec::new();
        if !touched.is_empty() {
            // There may be thousands of them.
            let set: PlaceSet = touched.iter().copied().collect();
            let lingers = staying.lingers.filter(|it| rows.at(*it).is_some());
            // A filter of another state finds tickets that the view itself does not take.
            let (beside, query) = (&self.narrow, &self.view.query);
            let listed = |place: Place| {
                taken.contains(&place)
                    || lingers == Some(place)
                    || beside.state.is_some()
                        && rows.at(place).is_some_and(|it| beside.takes(it, query, waiting))
            };
            if let Some(found) = &mut self.found {
                found.retain(|it| !set.has(*it) || listed(*it));
            }
            let stays = |place: Place| {
                lingers == Some(place) || staying.shown.contains(&place) && taken.contains(&place)
            };
            self.order.retain(|place| {
                let is_touched = set.has(*place);
                let stays = !is_touched || stays(*place);
                stayed.extend(Some(*place).filter(|_| stays && is_touched));
                stays
            });
            let filtered = |it: &Place| self.found.is_some() && self.lingers == Some(*it);
            let still = |it: &Place| !takes(*it) || filtered(it);
            self.lingers = lingers.filter(|it| still(it) && self.listed().contains(it));
            self.misplaced |= !stayed.is_empty();
            for place in &stayed {
                taken.remove(place);
            }
        }
        self.note_learned(rows, news.learned, waiting);
        let stayed: PlaceSet = stayed.into_iter().collect();
        let kept = |place: &Place| news.kept.contains(place) || stayed.has(*place);
        self.put_in(taken, rows, kept, waiting);
        if self.misplaced {
            let own = self.order.iter().filter(|it| self.lingers != Some(**it));
            self.misplaced = !own.map(|it| self.rank(*it, rows, waiting)).is_sorted();
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
        places: BTreeSet<Place>,
        rows: &Rows,
        kept: impl Fn(&Place) -> bool,
        waiting: &WaitingStatuses,
    ) {
        if places.is_empty() {
            return;
        }
        let rank = |place: Place| self.rank(place, rows, waiting);
        let mut ranked: Vec<(Option<Rank>, Place)> =
            places.into_iter().map(|place| (rank(place), place)).collect();
        ranked.sort_unstable();
        let out_of_order = self.misplaced || self.lingers.is_some();
        let asked = out_of_order.then(|| self.asked(rows, kept, waiting));
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
        kept: impl Fn(&Place) -> bool,
        waiting: &WaitingStatuses,
    ) -> Vec<Option<Rank>> {
        let mut next: Option<Rank> = None;
        let mut ranks: Vec<Option<Rank>> = Vec::with_capacity(self.order.len());
        for place in self.order.iter().rev() {
            let own = self.rank(*place, rows, waiting);
            let lingers = self.lingers == Some(*place);
            if !kept(place) && !lingers {
                next = own;
            }
            let is_right = |own: &Rank| !lingers && next.is_none_or(|next| *own <= next);
            ranks.push(own.filter(is_right));
        }
        ranks.reverse();
        ranks
    }
}
