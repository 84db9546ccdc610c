//! One change, from its turn to its next state.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    check, news, reconcile,
    record::{self, Answer},
};
use crate::{
    api::{Error, Requests, Urgency},
    app::Message,
    domain::{
        Change, Entry, Line, Problem, ProblemKind, ReplyId, State, TicketId, outbox::Decision,
    },
    text::markdown,
    worker::{
        context::{Context, store_problem},
        threads,
    },
};

/// Why a change did not go through.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something failed before the change was sent: the server did nothing.
    Before(Problem),
    /// The request for the change itself failed.
    Failed(Problem),
    /// The agent has to decide.
    Ask(Decision),
}

/// Brings an entry to its next state, and tells on which ticket it ended up.
pub(super) async fn advance(context: &Context, entry: &Entry) -> (State, Option<TicketId>) {
    let now = Timestamp::now();
    match entry.state {
        // Another console, or the agent there, has seen to it since this one last looked.
        State::Decision { .. } => return (entry.state.clone(), None),
        State::Holding { until } if until > now => return (entry.state.clone(), None),
        // The console that sent it ended. It may have waited for the budget until then, so the
        // request may be no older than now.
        State::Sending { known, .. } if !entry.change.is_repeatable() => {
            return reconcile::look(context, entry, now, known).await;
        }
        State::Doubtful { since, known, .. } if !entry.change.is_repeatable() => {
            return reconcile::look(context, entry, since, known).await;
        }
        _ => {}
    }
    match send(context, entry).await {
        Ok(recorded) => recorded,
        Err((stop, known)) => (after(context, entry, stop, known).await, None),
    }
}

/// Checks what must be checked, then sends. That the server has it is stored before anything else
/// is read: whatever happens then, it is recorded.
async fn send(
    context: &Context,
    entry: &Entry,
) -> Result<(State, Option<TicketId>), (Stop, Option<i64>)> {
    let api = api(context, entry).await.map_err(|problem| (Stop::Before(problem), None))?;
    let known = match check::before(context, entry).await {
        Ok(known) => known,
        Err(stop) => return Err((stop, None)),
    };
    let since = Timestamp::now();
    let state = State::Sending { since, known };
    let stored = context.store.set_state(entry.id, state.clone(), entry.ticket, since).await;
    match stored {
        Ok(true) => {}
        // The claim ran out while this process was asleep, and is another's now.
        Ok(false) => return Err((Stop::Before(local("another console took this over")), None)),
        Err(error) => return Err((Stop::Before(store_problem(&error)), None)),
    }
    context.tell(Message::Entry { entry: Box::new(Entry { state, ..entry.clone() }), row: None });
    let answer = request(context, &api, entry).await.map_err(|stop| (stop, known))?;
    let ticket = answer.ticket().or(entry.ticket);
    let at = Timestamp::now();
    let recorded = State::Recorded { at, made: made(context, entry, known, &answer).await };
    let stored = context.store.set_state(entry.id, recorded.clone(), ticket, at);
    if let Err(error) = stored.await {
        tracing::error!(%error, "that a change is recorded could not be stored");
    }
    record::take_in(context, entry, answer).await;
    Ok((recorded, ticket))
}

/// The server's number for a post, also where its answer does not name it.
async fn made(
    context: &Context,
    entry: &Entry,
    known: Option<i64>,
    answer: &Answer,
) -> Option<ReplyId> {
    let Answer::Posted(posted) = answer else { return None };
    match posted.id {
        Some(made) => Some(made),
        None => news::find_post(context, entry, known).await.ok()?.exact,
    }
}

/// The endpoints for a change. One that must not be repeated has its place in the budget before the
/// last look at the ticket, so that nothing but that look is between the check and its departure.
async fn api(context: &Context, entry: &Entry) -> Result<Requests, Problem> {
    let api = context.api(Urgency::Agent)?;
    Ok(if entry.change.is_repeatable() { api } else { api.reserve().await })
}

async fn request(context: &Context, api: &Requests, entry: &Entry) -> Result<Answer, Stop> {
    let answer = match (&entry.change, entry.ticket) {
        (Change::Create(new), _) => {
            api.create_ticket(&check::body_of(new)).await.map(Answer::Created)
        }
        (_, Some(ticket)) => change(context, api, ticket, entry).await?,
        (_, None) => return Err(Stop::Before(local("this change belongs to no ticket"))),
    };
    context.learn(answer).await.map_err(Stop::Failed)
}

/// Sends a change of a ticket that exists.
async fn change(
    context: &Context,
    api: &Requests,
    id: TicketId,
    entry: &Entry,
) -> Result<Result<Answer, Error>, Stop> {
    let now = async || context.learn(api.ticket(id).await).await.map_err(Stop::Before);
    Ok(match &entry.change {
        Change::Post { kind, text } => {
            api.post_reply(id, *kind, &markdown::to_html(text)).await.map(Answer::Posted)
        }
        Change::Status(edit) => {
            let now = now().await?;
            if now.ticket.status.id == edit.to.id {
                return Ok(Ok(Answer::Changed(Some(now))));
            }
            check::conflict(entry, &now).await?;
            api.set_status(id, edit.to.id).await.map(Answer::Changed)
        }
        Change::Fields(fields) => {
            let now = now().await?;
            check::conflict(entry, &now).await?;
            api.update_ticket(id, &check::merge(&now, fields)?).await.map(Answer::Changed)
        }
        Change::Tags(tags) => {
            let wanted = tags.apply(&now().await?.ticket.tags);
            let raw: Vec<&str> = wanted.iter().map(Line::as_stored).collect();
            api.set_tags(id, &raw).await.map(Answer::Changed)
        }
        Change::Archived(true) => api.archive(id).await.map(Answer::Changed),
        Change::Archived(false) => api.restore(id).await.map(Answer::Changed),
        Change::DeleteReply(reply) => delete_reply(context, api, id, *reply).await?,
        Change::DeleteTicket => delete_ticket(context, api, id).await?,
        Change::Create(_) => return Err(Stop::Before(local("a new ticket has no number yet"))),
    })
}

async fn delete_reply(
    context: &Context,
    api: &Requests,
    id: TicketId,
    reply: ReplyId,
) -> Result<Result<Answer, Error>, Stop> {
    let deleted = match api.delete_reply(id, reply).await {
        Err(Error::NotFound { message }) => {
            let there = context.learn(api.replies(id).await).await;
            let there = there.map(|page| page.items.iter().any(|it| it.id == reply));
            gone_is_done(message, there)?
        }
        other => other,
    };
    Ok(deleted.map(|()| Answer::ReplyDeleted(reply)))
}

async fn delete_ticket(
    context: &Context,
    api: &Requests,
    id: TicketId,
) -> Result<Result<Answer, Error>, Stop> {
    let deleted = match api.delete_ticket(id).await {
        Err(Error::NotFound { message }) => {
            let there = context.learn(api.ticket(id).await).await;
            gone_is_done(message, there.map(|_| true))?
        }
        other => other,
    };
    Ok(deleted.map(|()| Answer::TicketDeleted))
}

/// The server does not know what was to be deleted: that is what was wanted, unless it shows it
/// still.
fn gone_is_done(message: Line, there: Result<bool, Problem>) -> Result<Result<(), Error>, Stop> {
    match there {
        Ok(false) => Ok(Ok(())),
        Ok(true) => Ok(Err(Error::Refused { message, fields: BTreeMap::new() })),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(Ok(())),
        Err(problem) => Err(Stop::Before(problem)),
    }
}

pub(super) fn local(why: &str) -> Problem {
    Problem::new(ProblemKind::Local, Line::from_cleaned(why, None))
}

/// The state after a failure. A post that may have arrived is never sent again blindly; everything
/// else can be.
async fn after(context: &Context, entry: &Entry, stop: Stop, known: Option<i64>) -> State {
    let now = Timestamp::now();
    let (problem, sent) = match stop {
        Stop::Ask(reason) => return State::Decision { reason },
        Stop::Before(problem) => (problem, false),
        Stop::Failed(problem) => (problem, true),
    };
    tracing::info!(entry = entry.id.0, what = entry.change.describe(), %problem, sent, "not done");
    match &problem.kind {
        ProblemKind::NotFound => {
            let problem = match entry.ticket {
                Some(id) => threads::gone_or(context, id, problem).await,
                None => problem,
            };
            State::Refused { problem }
        }
        ProblemKind::Refused | ProblemKind::Local => State::Refused { problem },
        ProblemKind::Throttled { until } => State::Waiting { until: *until, problem },
        _ if sent && problem.is_doubtful() && !entry.change.is_repeatable() => {
            State::Doubtful { problem, until: now, since: now, known }
        }
        _ => {
            let until = now.saturating_add(context.settings.retry).unwrap_or(now);
            State::Waiting { problem, until }
        }
    }
}
