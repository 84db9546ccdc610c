//! Finds the numbers of tickets that a list can't show, by their neighbours and by asking for them.

use super::list::is_of_all;
use crate::{
    api::Urgency,
    desk::Report,
    domain::{FullTicket, Html, Line, Problem, Status, StatusId, Ticket, TicketId, Unreadable},
    store::{ServerList, Stretch, Troubles},
    text::clean,
    worker::context::{Context, store_problem},
};

/// How many numbers between two neighbours are looked through.
const NUMBERS: i64 = 200;
/// How many of them the server is asked for.
const ASKED: usize = 3;

/// The known facts about the ends of a stretch of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    /// The ticket before it.
    pub(super) before: Option<TicketId>,
    /// Whether nothing follows it.
    pub(super) is_end: bool,
}

/// The tickets above and below a place in a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    above: Option<TicketId>,
    below: Option<TicketId>,
    is_end: bool,
}

impl Beside {
    /// The neighbours of the place that follows the first `at` tickets.
    pub(super) fn of(tickets: &[FullTicket], at: usize, ends: Ends) -> Self {
        let id = |full: &FullTicket| full.ticket.id;
        let above = at.checked_sub(1).and_then(|at| tickets.get(at)).map(id).or(ends.before);
        Self { above, below: tickets.get(at).map(id), is_end: ends.is_end }
    }

    /// The numbers that the ticket in between may have, in a list that has the newest first.
    fn numbers(self) -> Vec<TicketId> {
        between(self.above, self.below, self.is_end)
    }
}

/// Finds the number of a ticket that a list can't show, and returns how many requests that took. If
/// the server shows the ticket when asked by number, the ticket goes to `found`.
pub(super) async fn find(
    context: &Context,
    urgency: Urgency,
    list: ServerList,
    gap: &mut Stretch,
    beside: Beside,
    found: &mut Vec<FullTicket>,
) -> Result<u32, Problem> {
    if gap.ticket.is_some() {
        return Ok(0);
    }
    let candidates = candidates(context, list, beside.numbers()).await?;
    if candidates.len() > ASKED {
        return Ok(0);
    }
    let mut asked = 0;
    for id in candidates {
        asked += 1;
        match context.answer_of_one(context.api(urgency)?.ticket_once(id).await).await {
            Ok(full) => {
                (gap.ticket, gap.by_itself) = (Some(id), true);
                found.push(full);
            }
            Err(problem) if problem.may_be_of_one() => gap.ticket = Some(id),
            Err(problem) if is_of_all(&problem) => return Err(problem),
            // There is no such ticket.
            Err(_) => continue,
        }
        break;
    }
    Ok(asked)
}

/// Of some numbers, those that a ticket of the list may have. If the mirror has one of them in this
/// list, that is the one; otherwise they are the numbers that the mirror has in no other list.
async fn candidates(
    context: &Context,
    list: ServerList,
    numbers: Vec<TicketId>,
) -> Result<Vec<TicketId>, Problem> {
    let rows = context.store.rows_of(numbers.clone()).await.map_err(|it| store_problem(&it))?;
    let is_here = |ticket: &Ticket| match list {
        ServerList::Archived => ticket.archived,
        ServerList::Active => !ticket.archived,
        ServerList::Status(status) => {
            !ticket.archived && (ticket.status.id == status || is_stub(ticket))
        }
    };
    let (here, elsewhere): (Vec<_>, Vec<_>) = rows.iter().partition(|row| is_here(&row.ticket));
    if let [only] = here[..] {
        return Ok(vec![only.ticket.id]);
    }
    let is_elsewhere = |id: &TicketId| elsewhere.iter().any(|row| row.ticket.id == *id);
    Ok(numbers.into_iter().filter(|id| !is_elsewhere(id)).collect())
}

/// The numbers that a ticket between two others may have, in a list that has the newest first.
fn between(above: Option<TicketId>, below: Option<TicketId>, is_end: bool) -> Vec<TicketId> {
    let few = i64::try_from(ASKED).unwrap_or(1);
    let (first, last) = match (above, below) {
        (Some(above), Some(below)) if above > below => (below.0 + 1, above.0 - 1),
        (None, Some(below)) if below.0 < i64::MAX - few => (below.0 + 1, below.0 + few),
        (Some(above), None) if is_end => ((above.0 - few).max(1), above.0 - 1),
        _ => return Vec::new(),
    };
    if last.checked_sub(first).is_none_or(|count| count >= NUMBERS) {
        return Vec::new();
    }
    (first..=last).rev().map(TicketId).collect()
}

/// Whether nothing is known of a ticket but its number.
fn is_stub(ticket: &Ticket) -> bool {
    ticket.status.id == StatusId(0) && ticket.subject.is_empty()
}

/// A row for each ticket with a known number and no content. The row stands where the server's list
/// has the ticket. Facts that were known of a ticket before stay.
pub(super) async fn stubs(
    context: &Context,
    list: ServerList,
    gaps: &[(Stretch, usize)],
    tickets: &[FullTicket],
) -> Result<Vec<FullTicket>, Problem> {
    let mut stubs = Vec::new();
    for (gap, at) in gaps {
        let Some(id) = gap.ticket else { continue };
        let row = context.store.row(id).await.map_err(|error| store_problem(&error))?;
        let status = match list {
            ServerList::Status(status) => status,
            ServerList::Active | ServerList::Archived => StatusId(0),
        };
        if row.is_some_and(|row| !is_stub(&row.ticket) || status == StatusId(0)) {
            continue;
        }
        let beside = tickets.get(at.saturating_sub(1)).or(tickets.first());
        let ticket = Ticket {
            status: Status { id: status, title: title(context, status).await },
            archived: list == ServerList::Archived,
            created: beside.and_then(|full| full.ticket.created),
            priority: crate::domain::Priority::Unknown,
            source: crate::domain::Source::Unknown,
            ..Ticket::sparse(id)
        };
        stubs.push(FullTicket { ticket, message: Html::default() });
    }
    Ok(stubs)
}

async fn title(context: &Context, id: StatusId) -> Line {
    let known = context.directory().await.statuses;
    let mut all = known.into_iter().chain(Status::usual());
    match all.find(|status| status.id == id) {
        Some(status) => status.title,
        None => Line::from_cleaned("?", None),
    }
}

/// Stores the unreadable parts of a list, and tells the core if they are news.
pub(super) async fn keep(
    context: &Context,
    list: ServerList,
    known: &Troubles,
    troubles: Troubles,
) -> Result<(), Problem> {
    if troubles == *known {
        return Ok(());
    }
    for gap in &troubles.gaps {
        tracing::warn!(?list, place = gap.from + 1, ticket = ?gap.ticket, problem = %gap.problem, "unread");
    }
    let kept = context.store.set_troubles(list, troubles).await;
    kept.map_err(|error| store_problem(&error))?;
    tell(context).await;
    Ok(())
}

/// Notes after how many pages a list was cut off because the server never ends it; `None` if the
/// server ends it.
pub(super) async fn note_end(
    context: &Context,
    list: ServerList,
    endless: Option<u32>,
) -> Result<(), Problem> {
    let known = context.store.troubles(list).await.map_err(|it| store_problem(&it))?;
    keep(context, list, &known, Troubles { endless, ..known.clone() }).await
}

/// Tells the core which tickets and stretches can't be read.
pub(in crate::worker) async fn tell(context: &Context) {
    let all = match context.store.all_troubles().await {
        Ok(all) => all,
        Err(error) => return tracing::warn!(%error, "what can't be read is not known"),
    };
    let mut unread = Vec::new();
    for (list, troubles) in all {
        let name = match list {
            ServerList::Status(status) => title(context, status).await.to_string(),
            ServerList::Active => "all active tickets".into(),
            ServerList::Archived => "the archived tickets".into(),
        };
        for gap in troubles.gaps.into_iter().filter(|gap| !gap.by_itself) {
            let place = match gap.to - gap.from {
                1 => format!("number {} of {name}", gap.from + 1),
                _ => format!("numbers {} to {} of {name}", gap.from + 1, gap.to),
            };
            let said = clean::line(&gap.problem.to_string());
            unread.push(Unreadable { ticket: gap.ticket, place: clean::line(&place), said });
        }
        if let Some(page) = troubles.endless {
            let place = clean::line(&format!("{name} after page {page}"));
            let said = Line::from_cleaned("the server shows the same or nothing again", None);
            unread.push(Unreadable { ticket: None, place, said });
        }
    }
    context.tell(Report::Unreadable(unread));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_lies_between_its_neighbours() {
        let numbers = |above: Option<i64>, below: Option<i64>, is_end| -> Vec<i64> {
            let found = between(above.map(TicketId), below.map(TicketId), is_end);
            found.into_iter().map(|it| it.0).collect()
        };
        assert_eq!(numbers(Some(8), Some(6), false), [7]);
        assert_eq!(numbers(Some(8), Some(4), false), [7, 6, 5]);
        assert_eq!(numbers(None, Some(6), false), [9, 8, 7]);
        assert_eq!(numbers(Some(3), None, true), [2, 1]);
        for none in [
            numbers(Some(3), None, false),
            numbers(Some(6), Some(8), false),
            numbers(Some(i64::MAX), Some(1), false),
            numbers(Some(6), Some(i64::MAX), false),
            numbers(None, Some(i64::MAX), false),
            numbers(Some(1), None, true),
            numbers(None, None, true),
        ] {
            assert!(none.is_empty(), "{none:?}");
        }
    }
}
