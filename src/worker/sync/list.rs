//! The server's lists of tickets, and one page of them.

use tokio::time::Instant;

use crate::{
    api::{Order, PAGE_LIMIT, Paged, TicketQuery, TicketSort, Urgency},
    domain::{
        Directory, FullTicket, Line, Problem, ProblemKind, Status, StatusId, WaitingStatuses,
    },
    store::{Position, ServerList},
    worker::context::{Context, store_problem},
};

/// A page as the server answered it.
#[derive(Debug)]
pub(super) struct ListPage {
    /// The tickets on it.
    pub(super) tickets: Vec<FullTicket>,
    /// The number of this page, as the server names it.
    pub(super) page: u32,
    /// The last page.
    pub(super) last_page: u32,
    /// How many tickets the whole list has.
    pub(super) total: u64,
    /// How many a page holds.
    pub(super) per_page: u32,
    /// How many could not be read.
    pub(super) skipped: u32,
    /// Which items of the page have no number, from 0.
    pub(super) left_out: Vec<u32>,
    /// Tickets that can't be read; only their numbers are known.
    pub(super) stubs: Vec<FullTicket>,
    /// How many requests it took.
    pub(super) requests: u32,
    /// When it was asked for.
    pub(super) began: Instant,
    /// The mirror's revision when it was asked for.
    pub(super) since: i64,
}

impl ListPage {
    /// Wraps tickets that came by another request than for a list.
    pub(super) fn of(tickets: Vec<FullTicket>, began: Instant, since: i64) -> Self {
        let total = u64::try_from(tickets.len()).unwrap_or(u64::MAX);
        Self {
            tickets,
            page: 1,
            last_page: 1,
            total,
            per_page: 1,
            skipped: 0,
            left_out: Vec::new(),
            stubs: Vec::new(),
            requests: 1,
            began,
            since,
        }
    }

    /// The places of its tickets, in the server's order.
    pub(super) fn places(&self) -> Vec<Position> {
        self.tickets.iter().map(|full| Position::of(&full.ticket)).collect()
    }
}

/// The lists of everything active that is not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WorkingSet {
    /// Those in which a customer waits.
    pub(super) waiting: Vec<ServerList>,
    /// The others.
    pub(super) others: Vec<ServerList>,
}

impl WorkingSet {
    /// The statuses that are known, usual or named by the profile.
    pub(super) fn of(directory: &Directory, waiting: &WaitingStatuses) -> Self {
        let known = directory.statuses.iter().map(|status| status.id);
        let mut all: Vec<StatusId> = Status::usual().iter().map(|status| status.id).collect();
        all.extend(known.chain(waiting.iter()));
        all.sort_unstable();
        all.dedup();
        let (waiting, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|id| waiting.holds(*id));
        let lists = |ids: Vec<StatusId>| ids.into_iter().map(ServerList::Status).collect();
        let others = others.into_iter().filter(|id| *id != StatusId::CLOSED).collect();
        Self { waiting: lists(waiting), others: lists(others) }
    }

    /// The working set as this console knows it now.
    pub(super) async fn known(context: &Context) -> Self {
        Self::of(&context.directory().await, &context.settings.waiting)
    }

    /// All of them, the waiting ones first.
    pub(super) fn all(&self) -> Vec<ServerList> {
        [&self.waiting[..], &self.others].concat()
    }
}

/// Asks for a page of a list. A status that the server refuses to list counts as one without
/// tickets.
pub(super) async fn ask(
    context: &Context,
    urgency: Urgency,
    list: ServerList,
    page: u32,
) -> Result<ListPage, Problem> {
    let since = context.store.revision().await.map_err(|error| store_problem(&error))?;
    let began = Instant::now();
    let asked = query(list, PAGE_LIMIT, page);
    let answer = context.answer_of_one(context.api(urgency)?.tickets(&asked).await).await;
    let Paged { items: tickets, page, last_page, total, per_page, skipped, left_out } = match answer
    {
        Ok(answer) => answer,
        Err(problem)
            if problem.kind == ProblemKind::Refused && matches!(list, ServerList::Status(_)) =>
        {
            tracing::info!(?list, %problem, "a status that the server does not list");
            let (items, left_out) = (Vec::new(), Vec::new());
            Paged { items, page, last_page: 1, total: 0, per_page: 1, skipped: 1, left_out }
        }
        Err(problem) => return Err(problem),
    };
    if skipped > 0 {
        tracing::warn!(skipped, page, "tickets that could not be read");
    }
    Ok(ListPage {
        tickets,
        page,
        last_page,
        total,
        per_page,
        skipped,
        left_out,
        stubs: Vec::new(),
        requests: 1,
        began,
        since,
    })
}

/// Asks once for `limit` tickets of a list, from the place `at` on. `at` is a multiple of `limit`.
pub(super) async fn ask_once(
    context: &Context,
    urgency: Urgency,
    list: ServerList,
    limit: u64,
    at: u64,
) -> Result<Paged<FullTicket>, Problem> {
    let number = |it: u64| u32::try_from(it).unwrap_or(u32::MAX);
    let asked = query(list, number(limit), number(at / limit + 1));
    context.answer_of_one(context.api(urgency)?.tickets_once(&asked).await).await
}

/// Why an item of a list without a number can't be shown.
pub(super) fn without_number() -> Problem {
    let said = Line::from_cleaned("without a ticket in it", None);
    Problem::new(ProblemKind::Unreadable, said)
}

/// Whether the server fails over the one thing that was asked for. It may well answer the next
/// request.
pub(in crate::worker) fn is_of_one(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::NotFound
            | ProblemKind::Refused
            | ProblemKind::ServerFault { .. }
            | ProblemKind::Unreadable
            | ProblemKind::TooLarge
    )
}

/// Whether a problem lies in the connection or hits every request. The next request would meet it
/// too.
pub(super) fn is_of_all(problem: &Problem) -> bool {
    !is_of_one(problem) && !matches!(problem.kind, ProblemKind::Store | ProblemKind::Local)
}

fn query(list: ServerList, limit: u32, page: u32) -> TicketQuery {
    let status = match list {
        ServerList::Status(status) => Some(status),
        ServerList::Active | ServerList::Archived => None,
    };
    TicketQuery {
        archived: list == ServerList::Archived,
        status,
        sort: Some(TicketSort::Created),
        order: Some(Order::Descending),
        limit,
        page,
        ..TicketQuery::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_working_set_is_all_that_is_not_closed_the_waiting_first() {
        let mut directory = Directory::default();
        let status = |id| Status { id: StatusId(id), title: Line::from_cleaned("Custom", None) };
        directory.learn_status(&status(9));
        directory.learn_status(&status(2));
        let waiting = WaitingStatuses::with([StatusId(12)]);
        let lists = |ids: &[i64]| -> Vec<ServerList> {
            ids.iter().map(|id| ServerList::Status(StatusId(*id))).collect()
        };
        let set = WorkingSet::of(&directory, &waiting);
        assert_eq!(set.waiting, lists(&[1, 5, 12]));
        assert_eq!(set.others, lists(&[3, 4, 9]));
        assert_eq!(set.all(), lists(&[1, 5, 12, 3, 4, 9]));
    }
}
