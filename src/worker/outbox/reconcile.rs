//! After a doubtful failure: the server is asked what became of a post or a creation. It is sent
//! again only when it is certain not to be there.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    check, news,
    send::{Next, is_hopeless},
};
use crate::{
    domain::{
        Change, Entry, Line, Problem, ProblemKind, ReplyId, State, TicketId,
        outbox::{Decision, News},
    },
    worker::{
        context::{Context, store_problem},
        conversations,
    },
};

/// The second look comes this long after the request went out; the last at the end of the grace.
const SECOND_LOOK: SignedDuration = SignedDuration::from_secs(5);

/// How soon to look again if two consoles looked for the same post.
const AGAIN: SignedDuration = SignedDuration::from_millis(200);

/// The outcome of a look.
enum Look {
    /// It is there: the ticket, and the reply where it is one.
    There(TicketId, Option<ReplyId>),
    /// It is not there.
    Absent,
    /// Something is there that may be it.
    Alike(News),
}

/// Looks for what was sent at `since`, and came after `known` if it came.
pub(super) async fn look(
    context: &Context,
    entry: &Entry,
    since: Timestamp,
    known: Option<i64>,
) -> Next {
    let now = context.now();
    // A request may arrive as late as its time-out, so what is absent before then proves nothing.
    let grace = context.settings.grace.max(context.settings.timeout);
    let grace = SignedDuration::try_from(grace).unwrap_or(SECOND_LOOK);
    match ask(context, entry, known).await {
        Ok(Look::There(ticket, made)) => {
            let stored = context.store.record_found(entry.id, ticket, made, now).await;
            if stored.inspect_err(|error| tracing::error!(%error, "store")).is_ok_and(|it| it) {
                let at = context.store.clock().to_wall(now);
                return Next::State(State::Recorded { at, made, undo: None }, Some(ticket));
            }
            // Another entry was recorded as it a moment ago.
            let until = now + AGAIN;
            State::Doubtful { problem: doubt(entry), until, since, known }.into()
        }
        // The server turned the request down, and the post is certainly not there. It would be
        // turned down again.
        Ok(Look::Absent) if now >= since + grace && was_turned_down(entry) => {
            State::Refused { problem: doubt(entry) }.into()
        }
        Ok(Look::Absent) if now >= since + grace => {
            tracing::info!(entry = entry.id.0, "not there after the grace time: sent again");
            State::Queued.into()
        }
        Ok(Look::Alike(news)) if now >= since + grace => {
            let reason = Decision::Unclear { problem: doubt(entry), news: Box::new(news) };
            State::Decision { reason }.into()
        }
        Ok(Look::Absent | Look::Alike(_)) => {
            let second = since + SECOND_LOOK.min(grace);
            let until = if now < second { second } else { since + grace };
            State::Doubtful { problem: doubt(entry), until, since, known }.into()
        }
        Err(problem) if is_gone(context, entry, &problem).await => {
            State::Refused { problem }.into()
        }
        // The program can't look for it, so the agent has to. A single unreadable answer proves
        // nothing.
        Err(ref problem) if now >= since + grace && is_hopeless(context, problem, since).await => {
            let reason = Decision::Unclear { problem: doubt(entry), news: Box::default() };
            State::Decision { reason }.into()
        }
        // The row says it already; only the time of the next look would change.
        Err(problem) if matches!(entry.state, State::Doubtful { .. }) => {
            Next::Later(patience(context, &problem, now))
        }
        Err(_) => State::Doubtful { problem: doubt(entry), until: now, since, known }.into(),
    }
}

/// How long to wait after a look that failed. If the server comes back earlier, that ends the wait.
fn patience(context: &Context, problem: &Problem, now: Timestamp) -> Duration {
    match problem.kind {
        ProblemKind::Throttled { until } => {
            let until = context.store.clock().of_wall(until);
            Duration::try_from(until.duration_since(now)).unwrap_or_default()
        }
        _ => context.settings.retry,
    }
}

/// Whether the ticket is gone, and the post with it. The server has to say so twice, because the
/// text then goes back to the agent.
async fn is_gone(context: &Context, entry: &Entry, problem: &Problem) -> bool {
    let Some(ticket) = entry.ticket.filter(|_| problem.kind == ProblemKind::NotFound) else {
        return false;
    };
    let again = conversations::ticket(context, ticket, context.urgency).await;
    again.is_err_and(|problem| problem.kind == ProblemKind::NotFound)
}

fn was_turned_down(entry: &Entry) -> bool {
    matches!(doubt(entry).kind, ProblemKind::TurnedDown { .. })
}

/// Why it is in doubt.
fn doubt(entry: &Entry) -> Problem {
    if let State::Doubtful { problem, .. } = &entry.state {
        return problem.clone();
    }
    let said = Line::from_cleaned("the console ended while it was being sent", None);
    Problem::new(ProblemKind::Broken, said)
}

async fn ask(context: &Context, entry: &Entry, known: Option<i64>) -> Result<Look, Problem> {
    let (exact, made, alike, whole) = match &entry.change {
        Change::Post { .. } => {
            let found = news::find_post(context, entry, known).await?;
            (entry.ticket.filter(|_| found.exact.is_some()), found.exact, found.alike, found.whole)
        }
        Change::Create(new) => {
            let tickets = check::tickets_of(context, new).await?;
            let created = context.store.created().await.map_err(|it| store_problem(&it))?;
            let found = check::find_created(&tickets, new, known, &created);
            super::super::sync::take_in(context, tickets).await;
            let messages = news::tickets(found.alike).await;
            (found.exact, None, News { messages, ..News::default() }, true)
        }
        _ => return Ok(Look::Absent),
    };
    Ok(match exact {
        Some(ticket) => Look::There(ticket, made),
        None if alike.messages.is_empty() && whole => Look::Absent,
        None => Look::Alike(alike),
    })
}
