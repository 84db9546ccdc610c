//! Taking in what the server, or another console, has told.
//!
//! A stored ticket counts as known here, and nothing tells the core of it later. So the core is
//! told even if the job that read the ticket is stopped in between.

use std::{panic::resume_unwind, sync::atomic::Ordering};

use jiff::Timestamp;

use crate::{
    desk::Report,
    domain::{FullTicket, Problem, Status, TicketId},
    store::{Elsewhere, ListedPage, Recorded, Span},
    worker::context::{Context, store_problem},
};

use super::list::ListPage;

/// Carries `job` out to its end, even if its caller has stopped waiting.
async fn to_the_end<T: Send + 'static>(job: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(job).await {
        Ok(outcome) => outcome,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime ends, and the waiting caller ends with it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Stores tickets as the server sent them, and tells the core of those that changed.
pub(in crate::worker) async fn take_in(context: &Context, tickets: Vec<FullTicket>) {
    let context = context.clone();
    to_the_end(async move { store_tickets(&context, tickets).await }).await;
}

async fn store_tickets(context: &Context, tickets: Vec<FullTicket>) {
    learn_statuses(context, tickets.iter().map(|full| &full.ticket.status)).await;
    match context.store.save_tickets(tickets, Timestamp::now()).await {
        Ok(changed) if changed.is_empty() => {}
        Ok(changed) => {
            context.words_changed.notify_one();
            context.tell(Report::Rows { changed, gone: Vec::new() });
        }
        Err(error) => tracing::error!(%error, "tickets could not be stored"),
    }
}

/// Stores a page that is the whole of `span`, and tells the core what changed. A list may be older
/// than the outcome of a change. So a ticket that was changed here, or stored by any console, after
/// the request for the list stays as it is.
pub(super) async fn take_in_page(
    context: &Context,
    answer: ListPage,
    span: Option<Span>,
) -> Result<Recorded, Problem> {
    let context = context.clone();
    to_the_end(async move { store_page(&context, answer, span).await }).await
}

async fn store_page(
    context: &Context,
    answer: ListPage,
    span: Option<Span>,
) -> Result<Recorded, Problem> {
    learn_statuses(context, answer.tickets.iter().map(|full| &full.ticket.status)).await;
    let count = u64::try_from(answer.tickets.len()).unwrap_or_default();
    context.tickets_read.fetch_add(count, Ordering::Relaxed);
    let changed_here = context.changed().await;
    let mut tickets = answer.tickets;
    tickets.extend(answer.stubs);
    tickets.retain(|full| changed_here.get(&full.ticket.id).is_none_or(|at| *at < answer.began));
    let page = ListedPage { tickets, span, since: answer.since };
    let recorded = context.store.save_page(page, Timestamp::now()).await;
    drop(changed_here);
    let mut recorded = recorded.map_err(|error| store_problem(&error))?;
    let changed = std::mem::take(&mut recorded.changed);
    if !changed.is_empty() {
        context.words_changed.notify_one();
        context.tell(Report::Rows { changed, gone: Vec::new() });
    }
    Ok(recorded)
}

/// Tells the core what other consoles have stored.
pub(in crate::worker) async fn take_in_elsewhere(context: &Context, elsewhere: Elsewhere) {
    let Elsewhere { changed, gone, synced_at, .. } = elsewhere;
    learn_statuses(context, changed.iter().map(|row| &row.ticket.status)).await;
    if !changed.is_empty() || !gone.is_empty() {
        context.tell(Report::Rows { changed, gone });
    }
    if let Some(at) = synced_at {
        context.tell(Report::Synced(at));
    }
}

/// Drops tickets that the server no longer has, and tells the core.
pub(in crate::worker) async fn forget(context: &Context, gone: Vec<TicketId>) {
    let context = context.clone();
    let forgetting = async move {
        if let Err(error) = context.store.remove_tickets(gone.clone()).await {
            tracing::error!(%error, "tickets could not be removed from the store");
        }
        context.tell(Report::Rows { changed: Vec::new(), gone });
    };
    to_the_end(forgetting).await;
}

async fn learn_statuses<'a>(context: &Context, statuses: impl Iterator<Item = &'a Status>) {
    let mut directory = context.directory().await;
    let mut learned = false;
    for status in statuses {
        learned |= directory.learn_status(status);
    }
    if learned {
        context.set_directory(directory).await;
    }
}
