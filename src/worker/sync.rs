//! The mirror's upkeep: all tickets once, then what is new.

use std::collections::HashSet;

use jiff::Timestamp;
use tokio::time::Instant;

use super::context::Context;
use crate::{
    api::{Order, TicketQuery, TicketSort, Urgency},
    app::Message,
    domain::{Department, Directory, FullTicket, Problem, ProblemKind, TicketId},
};

/// How many pages of active tickets a poll reads; the rest has its turn in later polls.
const POLL_PAGES: u32 = 5;

/// How many tickets that are missing from a full listing are asked for by number in one refresh.
const DOUBTS: usize = 20;

/// Where the turns of the polls have got to.
#[derive(Debug, Default)]
pub(super) struct Turns {
    next_page: u32,
    polls: u32,
}

/// Reads all tickets, active and archived, and drops those that the server no longer has. Says
/// whether it could be done.
pub(super) async fn refresh(context: Context, urgency: Urgency) -> bool {
    let outcome = read_all(&context, urgency).await;
    match outcome {
        Ok(()) => {
            if let Err(error) = context.store.set_synced_at(Timestamp::now()).await {
                tracing::warn!(%error, "the time of the refresh could not be stored");
            }
            context.tell(Message::Refreshed);
            true
        }
        Err(problem) => {
            context.tell(Message::RefreshFailed(problem));
            false
        }
    }
}

async fn read_all(context: &Context, urgency: Urgency) -> Result<(), Problem> {
    learn_directory(context, urgency).await;
    let mut seen = HashSet::new();
    let mut total = [0_usize; 2];
    for archived in [false, true] {
        let mut page = 1;
        loop {
            let read = read_page(context, urgency, archived, page).await?;
            seen.extend(read.ids);
            total[usize::from(archived)] = usize::try_from(read.total).unwrap_or(usize::MAX);
            let total = total.iter().sum();
            context.tell(Message::Refreshing { done: seen.len().min(total), total });
            if page >= read.last_page {
                break;
            }
            page += 1;
        }
    }
    drop_the_gone(context, &seen).await
}

/// A poll: the newest pages of the active tickets, one further page in turn, and now and then the
/// archived ones.
pub(super) async fn poll(context: Context, mut turns: Turns) -> Turns {
    let outcome = poll_pages(&context, &mut turns).await;
    turns.polls = turns.polls.wrapping_add(1);
    match outcome {
        Ok(()) => context.tell(Message::Refreshed),
        Err(problem) => tracing::info!(%problem, "a poll came to nothing"),
    }
    turns
}

async fn poll_pages(context: &Context, turns: &mut Turns) -> Result<(), Problem> {
    let mut last = 1;
    let mut page = 1;
    let mut seen = HashSet::new();
    while page <= last.min(POLL_PAGES) {
        let read = read_page(context, Urgency::Background, false, page).await?;
        seen.extend(read.ids);
        last = read.last_page;
        page += 1;
    }
    if last > POLL_PAGES {
        turns.next_page = (turns.next_page + 1).clamp(POLL_PAGES + 1, last + 1);
        if turns.next_page > last {
            turns.next_page = POLL_PAGES + 1;
        }
        read_page(context, Urgency::Background, false, turns.next_page).await?;
    } else {
        check_missing(context, false, &seen).await?;
    }
    if turns.polls % 10 == 9 {
        read_page(context, Urgency::Background, true, 1).await?;
    }
    Ok(())
}

struct PageRead {
    ids: Vec<TicketId>,
    last_page: u32,
    total: u64,
}

async fn read_page(
    context: &Context,
    urgency: Urgency,
    archived: bool,
    page: u32,
) -> Result<PageRead, Problem> {
    let query = TicketQuery {
        archived,
        sort: Some(TicketSort::Created),
        order: Some(Order::Descending),
        page,
        ..TicketQuery::default()
    };
    let began = Instant::now();
    let read = context.learn(context.api(urgency)?.tickets(&query).await).await?;
    if read.skipped > 0 {
        tracing::warn!(skipped = read.skipped, page, "tickets that could not be read");
    }
    let ids = read.items.iter().map(|full| full.ticket.id).collect();
    take_in_since(context, began, read.items).await;
    Ok(PageRead { ids, last_page: read.last_page, total: read.total })
}

/// Like [`take_in`], but for tickets that this console has changed since they were asked for, at
/// `began`: a list may be older than what became of a change.
async fn take_in_since(context: &Context, began: Instant, mut tickets: Vec<FullTicket>) {
    let changed = context.changed().await;
    tickets.retain(|full| changed.get(&full.ticket.id).is_none_or(|at| *at < began));
    take_in(context, tickets).await;
}

/// Stores tickets as the server sent them, and tells the core of those that changed.
pub(super) async fn take_in(context: &Context, tickets: Vec<FullTicket>) {
    let mut directory = context.directory().await;
    let mut learned = false;
    for full in &tickets {
        learned |= directory.learn_status(&full.ticket.status);
    }
    if learned {
        context.set_directory(directory).await;
    }
    match context.store.save_tickets(tickets, Timestamp::now()).await {
        Ok(changed) if changed.is_empty() => {}
        Ok(changed) => {
            context.words_changed.notify_one();
            context.tell(Message::Rows { changed, gone: Vec::new() });
        }
        Err(error) => tracing::error!(%error, "tickets could not be stored"),
    }
}

/// Drops tickets that the server no longer has, and tells the core.
pub(super) async fn forget(context: &Context, gone: Vec<TicketId>) {
    if let Err(error) = context.store.remove_tickets(gone.clone()).await {
        tracing::error!(%error, "tickets could not be removed from the store");
    }
    context.tell(Message::Rows { changed: Vec::new(), gone });
}

async fn drop_the_gone(context: &Context, seen: &HashSet<TicketId>) -> Result<(), Problem> {
    check_missing(context, false, seen).await?;
    check_missing(context, true, seen).await
}

/// Asks for the stored tickets that a full listing did not have, one by one: pages shift while they
/// are read, so a ticket that was not listed need not be gone.
async fn check_missing(
    context: &Context,
    archived: bool,
    seen: &HashSet<TicketId>,
) -> Result<(), Problem> {
    let stored = match context.store.ids(archived).await {
        Ok(stored) => stored,
        Err(error) => return Err(super::context::store_problem(&error)),
    };
    for id in stored.into_iter().filter(|id| !seen.contains(id)).take(DOUBTS) {
        let began = Instant::now();
        let answer = context.learn(context.api(Urgency::Background)?.ticket(id).await).await;
        match answer {
            Ok(full) => take_in_since(context, began, vec![full]).await,
            Err(problem) if problem.kind == ProblemKind::NotFound => {
                forget(context, vec![id]).await;
            }
            Err(problem) => return Err(problem),
        }
    }
    Ok(())
}

/// Reads the departments and the team if they are not known. Tickets can be read without.
async fn learn_directory(context: &Context, urgency: Urgency) {
    let known = context.directory().await;
    if known.departments.is_empty()
        && let Err(problem) = departments(context, urgency).await
    {
        tracing::warn!(%problem, "the departments could not be read");
    }
    if known.team.is_empty()
        && let Err(problem) = team(context, urgency).await
    {
        tracing::warn!(%problem, "the team could not be read: agents can't be told from customers");
    }
}

/// Reads the departments.
pub(super) async fn departments(
    context: &Context,
    urgency: Urgency,
) -> Result<Vec<Department>, Problem> {
    let page = context.learn(context.api(urgency)?.departments().await).await?;
    let directory = Directory { departments: page.items.clone(), ..context.directory().await };
    context.set_directory(directory).await;
    Ok(page.items)
}

async fn team(context: &Context, urgency: Urgency) -> Result<(), Problem> {
    let team = context.learn(context.api(urgency)?.team().await).await?.items;
    let directory = Directory { team, ..context.directory().await };
    context.set_directory(directory).await;
    Ok(())
}
