//! Reading a list page by page while it changes.
//!
//! Tickets that leave the list between two pages move the rest up: the top ticket of the next page
//! is then at the end of the page before, unseen. Tickets that come move the rest down. Some are
//! then seen twice, which does no harm.

use serde::{Deserialize, Serialize};

use crate::{
    domain::TicketId,
    store::{Position, ServerList, Span},
};

use super::{list::ListPage, pieces};

/// How many pages a list has at most: a million tickets. A server that names more has lost count.
const PAGES: u32 = 10_000;
/// How many pages are remembered, to recognise a page that comes again.
const REMEMBERED: usize = 64;
/// How often a walk may turn back without getting further. After that it goes on with the tickets
/// it has.
const BACKS: u32 = 3;

/// How far a list has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Walk {
    /// The page that is read next, from 1.
    pub(super) page: u32,
    /// The last ticket of the pages before.
    last: Option<Position>,
    /// How many tickets the list had when it was last asked.
    total: Option<u64>,
    /// How many pages it had.
    pages: Option<u32>,
    /// The last page that it has got to.
    furthest: u32,
    /// How often it has turned back since.
    backs: u32,
    /// Whether it has begun anew because something was missing at the end.
    pub(super) again: bool,
    /// How many tickets a page has, where the server has told.
    per_page: Option<u32>,
    /// The first and the last ticket of the pages that it has passed.
    passed: Vec<(Position, Position)>,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            page: 1,
            last: None,
            total: None,
            pages: None,
            furthest: 0,
            backs: 0,
            again: false,
            per_page: None,
            passed: Vec::new(),
        }
    }
}

/// The part that a page plays in the walk.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stride {
    /// The stretch of the list that the page shows completely.
    pub(super) span: Option<Span>,
    /// Whether the list has been read to its end.
    pub(super) is_end: bool,
    /// Whether the server names more pages than there are: the walk ends all the same.
    pub(super) is_endless: bool,
}

impl Walk {
    /// A walk from the beginning, after one that missed something.
    pub(super) fn again() -> Self {
        Self { again: true, ..Self::default() }
    }

    /// How many tickets a page has.
    pub(super) fn page_size(&self) -> u32 {
        self.per_page.unwrap_or(pieces::USUAL)
    }

    /// The last ticket of the page before.
    pub(super) fn last_id(&self) -> Option<TicketId> {
        self.last.map(Position::id)
    }

    /// Takes in the answer to the page that was asked for.
    pub(super) fn take(&mut self, list: ServerList, answer: &ListPage) -> Stride {
        let places = answer.places();
        let fallen = self.total.and_then(|before| before.checked_sub(answer.total)).unwrap_or(0);
        self.total = Some(answer.total);
        self.pages = Some(answer.last_page);
        self.per_page = Some(answer.per_page).filter(|it| (1..=pieces::USUAL).contains(it));
        let follows = match (self.last, places.last()) {
            (Some(last), Some(end)) => *end < last,
            _ => true,
        };
        let is_it = answer.page == self.page && follows;
        if self.page > 1 && self.backs < BACKS && (fallen > 0 || !is_it) {
            self.turn_back(fallen, answer.per_page);
            return Stride { span: None, is_end: false, is_endless: false };
        }
        let is_last = self.page >= answer.last_page;
        let is_endless = self.leads_nowhere(&places, answer) && !is_last && self.page > 1;
        let is_end = is_last || is_endless;
        let is_it = is_it && !is_endless;
        let span = is_it.then(|| self.span(list, &places, answer, is_end)).flatten();
        if is_it {
            self.last = places.last().copied().or(self.last);
        }
        if self.page > self.furthest {
            (self.furthest, self.backs) = (self.page, 0);
        }
        self.page = self.page.saturating_add(1);
        Stride { span, is_end, is_endless }
    }

    /// Whether a page after the first is empty, repeats an earlier page, or is one too many.
    fn leads_nowhere(&mut self, places: &[Position], answer: &ListPage) -> bool {
        let (Some(first), Some(last)) = (places.first(), places.last()) else {
            return answer.skipped == 0;
        };
        let ends = (*first, *last);
        if self.passed.contains(&ends) || self.page >= PAGES {
            return true;
        }
        if self.passed.len() >= REMEMBERED {
            self.passed.remove(0);
        }
        self.passed.push(ends);
        false
    }

    /// Leaves out a page that the server can't show; returns whether the list has been read to its
    /// end. If its length is unknown, one more page tells.
    pub(super) fn skip(&mut self) -> bool {
        let is_end = self.page >= self.pages.unwrap_or(2);
        self.last = None;
        self.page = self.page.saturating_add(1);
        is_end
    }

    /// Turns back to the page where the tickets that moved up are now. A page that came out of
    /// order is read again.
    fn turn_back(&mut self, fallen: u64, per_page: u32) {
        self.backs += 1;
        if fallen > 0 {
            let pages = fallen.div_ceil(u64::from(per_page.max(1)));
            self.page = self.page.saturating_sub(u32::try_from(pages).unwrap_or(u32::MAX)).max(1);
            self.last = None;
        }
    }

    /// The stretch from the page before to the end of this one. A page in another order than asked
    /// for covers no stretch.
    fn span(
        &self,
        list: ServerList,
        places: &[Position],
        answer: &ListPage,
        is_end: bool,
    ) -> Option<Span> {
        let in_order = places.is_sorted_by(|one, next| one > next);
        if !in_order || (places.is_empty() && answer.skipped > 0) {
            return None;
        }
        let after = match self.page {
            1 => None,
            _ => Some(self.last.or(places.first().copied())?),
        };
        let before = if is_end { None } else { Some(*places.last()?) };
        Some(Span { list, after, before })
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::domain::{FullTicket, Html, Ticket, TicketId};

    const LIST: ServerList = ServerList::Active;

    /// A server's list, three to a page.
    fn answer(list: &[i64], page: u32) -> ListPage {
        let at = 3 * (usize::try_from(page).unwrap() - 1);
        let tickets = list
            .iter()
            .skip(at)
            .take(3)
            .map(|id| FullTicket { ticket: Ticket::sparse(TicketId(*id)), message: Html::new("") });
        ListPage {
            tickets: tickets.collect(),
            page,
            last_page: u32::try_from(list.len().div_ceil(3).max(1)).unwrap(),
            total: u64::try_from(list.len()).unwrap(),
            per_page: 3,
            skipped: 0,
            left_out: Vec::new(),
            stubs: Vec::new(),
            requests: 1,
            began: Instant::now(),
            since: 0,
        }
    }

    fn place(id: i64) -> Position {
        Position::of(&Ticket::sparse(TicketId(id)))
    }

    /// Reads a list that `change` changes before each page; gives what was seen, and the requests.
    fn read(
        list: &mut Vec<i64>,
        mut change: impl FnMut(usize, &mut Vec<i64>),
    ) -> (Vec<i64>, usize) {
        let (mut walk, mut seen) = (Walk::default(), Vec::new());
        for requests in 1..100 {
            change(requests, list);
            let answer = answer(list, walk.page);
            seen.extend(answer.tickets.iter().map(|full| full.ticket.id.0));
            if walk.take(LIST, &answer).is_end {
                seen.sort_unstable();
                seen.dedup();
                return (seen, requests);
            }
        }
        panic!("a walk without end");
    }

    #[test]
    fn a_list_that_stands_still_is_read_once() {
        let mut list: Vec<i64> = (1..=10).rev().collect();
        assert_eq!(read(&mut list, |_, _| ()), ((1..=10).collect(), 4));
        assert_eq!(read(&mut Vec::new(), |_, _| ()), (vec![], 1));
    }

    #[test]
    fn none_is_missed_when_others_leave_between_two_pages() {
        for gone in 1..=5 {
            let mut list: Vec<i64> = (1..=20).rev().collect();
            let (seen, requests) = read(&mut list, |request, list| {
                if request == 3 {
                    list.drain(..gone);
                }
            });
            assert_eq!(seen, (1..=20).collect::<Vec<_>>(), "{gone} left");
            assert!(requests <= 11, "{requests} for {gone}");
        }
    }

    #[test]
    fn none_is_missed_when_one_leaves_before_every_other_page() {
        let mut list: Vec<i64> = (1..=40).rev().collect();
        let (seen, _) = read(&mut list, |request, list| {
            if request % 2 == 0 {
                list.remove(0);
            }
        });
        assert_eq!(seen, (1..=40).collect::<Vec<_>>());
    }

    #[test]
    fn none_is_missed_when_others_come() {
        let mut list: Vec<i64> = (1..=20).rev().collect();
        let (seen, _) = read(&mut list, |request, list| list.insert(0, 100 + request as i64));
        assert!((1..=20).all(|id| seen.contains(&id)), "{seen:?}");
    }

    #[test]
    fn a_page_that_comes_out_of_its_turn_is_read_again() {
        let list: Vec<i64> = (1..=9).rev().collect();
        let mut walk = Walk::default();
        assert!(!walk.take(LIST, &answer(&list, 1)).is_end);
        let repeated = ListPage { page: 2, ..answer(&list, 1) };
        assert_eq!(
            walk.take(LIST, &repeated),
            Stride { span: None, is_end: false, is_endless: false }
        );
        assert_eq!(walk.page, 2);
        assert!(!walk.take(LIST, &answer(&list, 2)).is_end);
        assert!(walk.take(LIST, &answer(&list, 3)).is_end);
    }

    #[test]
    fn a_server_that_never_keeps_its_order_ends_too() {
        let list: Vec<i64> = (1..=9).collect();
        let mut walk = Walk::default();
        let ended = (0..20).any(|_| {
            let step = walk.take(LIST, &answer(&list, walk.page));
            assert_eq!(step.span, None, "nothing is doubted for it");
            step.is_end
        });
        assert!(ended);
    }

    #[test]
    fn a_list_that_never_ends_is_ended() {
        let list: Vec<i64> = (1..=6).rev().collect();
        // The page that the server answers with, by the one that was asked for.
        let endless: [fn(u32) -> u32; 4] =
            [|_| 1, |page| page.min(2), |page| page, |page| 1 + page % 2];
        for shown in endless {
            let (mut walk, mut requests) = (Walk::default(), 0);
            let step = loop {
                requests += 1;
                let told = answer(&list, shown(walk.page));
                let total = 1_000_000_000_000;
                let told = ListPage { page: walk.page, last_page: 1_000_000_000, total, ..told };
                let step = walk.take(LIST, &told);
                if step.is_end {
                    break step;
                }
                assert!(requests < 30);
            };
            assert!(step.is_endless && step.span.is_none());
        }
    }

    #[test]
    fn the_pages_are_the_whole_of_the_list_together() {
        let list: Vec<i64> = (1..=7).rev().collect();
        let mut walk = Walk::default();
        let span = |after, before| Some(Span { list: LIST, after, before });
        for (page, expected) in [
            (1, span(None, Some(place(5)))),
            (2, span(Some(place(5)), Some(place(2)))),
            (3, span(Some(place(2)), None)),
        ] {
            assert_eq!(walk.take(LIST, &answer(&list, page)).span, expected);
        }
        assert_eq!(Walk::default().take(LIST, &answer(&[], 1)).span, span(None, None));
    }
}
