//! One change, from its turn to its next state.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{
    back, check, news, reconcile,
    record::{self, Receipt},
};
use crate::{
    api::{Endpoints, Error, SentBack},
    clock::Clock,
    desk::Report,
    domain::{
        Change, Entry, Line, Problem, ProblemKind, ReplyId, State, TicketId, outbox::Decision,
    },
    text::markdown,
    worker::{
        context::{Context, store_problem},
        conversations,
    },
};

/// How long a change waits for a ticket that can't be read.
const LONG: SignedDuration = SignedDuration::from_mins(10);

/// How soon a change whose connection broke is tried again the first time.
const SOON: Duration = Duration::from_secs(1);

/// Why a change did not go through.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something failed before the change was sent: the server did nothing.
    Before(Problem),
    /// The request for the change itself failed.
    Failed(Problem),
    /// The agent has to decide.
    Ask(Decision),
    /// The entry no longer belongs to this console: another one took it over, or the agent took it
    /// back.
    Lost,
}

/// What happens to an entry next.
pub(super) enum Next {
    /// The entry gets this state, and this ticket if the ticket has become known.
    State(State, Option<TicketId>),
    /// The state in the store counts, whoever wrote it.
    AsStored,
    /// Nothing happens yet; the entry is looked at again after that time.
    Later(Duration),
}

impl From<State> for Next {
    fn from(state: State) -> Self {
        Self::State(state, None)
    }
}

/// Takes an entry to its next state. Its change becomes the one that is really sent.
pub(super) async fn advance(context: &Context, entry: &mut Entry) -> Next {
    let now = context.now();
    match entry.state {
        // Another console, or the agent there, has dealt with the entry since this one last looked.
        State::Decision { .. } => return entry.state.clone().into(),
        State::Holding { until } if until > now => return entry.state.clone().into(),
        // The console that sent it ended. It may have waited for the budget until then, so the
        // request may have left just now.
        State::Sending { known, .. } if !entry.change.is_repeatable() => {
            return reconcile::look(context, entry, now, known).await;
        }
        State::Doubtful { since, known, .. } if !entry.change.is_repeatable() => {
            return reconcile::look(context, entry, since, known).await;
        }
        _ => {}
    }
    match back::turn(context, entry).await {
        back::AtTurn::Send(change) => entry.change = change,
        back::AtTurn::End(state) => return state.into(),
    }
    match send(context, entry).await {
        Ok((recorded, ticket)) => Next::State(recorded, ticket),
        Err((stop, known)) => after(context, entry, stop, known).await,
    }
}

/// What the server made of a change.
struct Done {
    answer: Receipt,
    /// What takes it back.
    undo: Option<Change>,
}

/// Checks what must be checked, then sends. Once the server has the change, that is stored before
/// anything else is read. Whatever happens then, the change is recorded.
async fn send(
    context: &Context,
    entry: &Entry,
) -> Result<(State, Option<TicketId>), (Stop, Option<i64>)> {
    let api = api(context, entry).await.map_err(|problem| (Stop::Before(problem), None))?;
    let known = match check::before(context, entry).await {
        Ok(known) => known,
        Err(stop) => return Err((stop, None)),
    };
    let since = context.now();
    let state = State::Sending { since, known };
    match context.store.depart(entry.id, entry.change.clone(), since, known).await {
        Ok(true) => {}
        // The claim ran out while this process was asleep, or the agent was quicker.
        Ok(false) => return Err((Stop::Lost, None)),
        Err(error) => return Err((Stop::Before(store_problem(&error)), None)),
    }
    context.tell(Report::Entry { entry: Box::new(Entry { state, ..entry.clone() }), row: None });
    let done = request(context, &api, entry).await.map_err(|stop| (stop, known))?;
    let Done { answer, undo } = done;
    let ticket = answer.ticket().or(entry.ticket);
    let made = made(context, entry, known, &answer).await;
    let recorded = State::Recorded { at: Clock::wall(), made, undo: undo.map(Box::new) };
    let stored = context.store.set_state(entry.id, recorded.clone(), ticket, context.now());
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
    answer: &Receipt,
) -> Option<ReplyId> {
    let Receipt::Posted(posted) = answer else { return None };
    match posted.id {
        Some(made) => Some(made),
        None => news::find_post(context, entry, known).await.ok()?.exact,
    }
}

/// The endpoints for a change. A change that must not be repeated takes its place in the budget
/// before the last look at the ticket. So it leaves right after that look.
async fn api(context: &Context, entry: &Entry) -> Result<Endpoints, Problem> {
    let api = context.api(context.urgency)?;
    Ok(if entry.change.is_repeatable() { api } else { api.reserve().await })
}

async fn request(context: &Context, api: &Endpoints, entry: &Entry) -> Result<Done, Stop> {
    let answer = match (&entry.change, entry.ticket) {
        (Change::Create(new), _) => {
            api.create_ticket(&check::body_of(new)).await.map(Receipt::Created)
        }
        (_, None) => return Err(Stop::Before(local("this change belongs to no ticket"))),
        (Change::Post { kind, text }, Some(id)) => {
            api.post_reply(id, *kind, &markdown::to_html(text)).await.map(Receipt::Posted)
        }
        (Change::DeleteReply(reply), Some(id)) => delete_reply(context, api, id, *reply).await?,
        (Change::DeleteTicket, Some(id)) => delete_ticket(context, api, id).await?,
        (_, Some(id)) => return edit(context, api, id, entry).await,
    };
    let answer = context.learn(answer).await.map_err(Stop::Failed)?;
    Ok(Done { answer, undo: None })
}

/// Changes the ticket itself, after a look at how it stands.
async fn edit(
    context: &Context,
    api: &Endpoints,
    id: TicketId,
    entry: &Entry,
) -> Result<Done, Stop> {
    let before = match &entry.change {
        Change::Tags(_) => api.ticket_as_held(id, SentBack::Tags).await,
        Change::Fields(_) => api.ticket_as_held(id, SentBack::Texts).await,
        _ => api.ticket(id).await,
    };
    let before = context.learn(before).await.map_err(Stop::Before)?;
    let answer = match &entry.change {
        Change::Status(edit) if before.ticket.status.id == edit.to.id => Ok(Some(before.clone())),
        Change::Status(edit) => {
            check::conflict(context, entry, &before).await?;
            api.set_status(id, edit.to.id).await
        }
        Change::Archived(to) if before.ticket.archived == *to => Ok(Some(before.clone())),
        Change::Archived(true) => api.archive(id).await,
        Change::Archived(false) => api.restore(id).await,
        Change::Tags(tags) => {
            let wanted = tags.apply(&before.ticket.tags);
            let raw: Vec<&str> = wanted.iter().map(Line::as_stored).collect();
            api.set_tags(id, &raw).await
        }
        Change::Fields(fields) => {
            check::conflict(context, entry, &before).await?;
            api.update_ticket(id, &check::merge(&before, fields)?).await
        }
        _ => return Err(Stop::Before(local("this is no change of a ticket's fields"))),
    };
    let answer = context.learn(answer).await.map_err(Stop::Failed)?;
    let answer = match answer.filter(|full| full.ticket.id == id) {
        Some(after) => Some(after),
        None => context.learn(api.ticket(id).await).await.ok(),
    };
    let after = answer.clone().unwrap_or_else(|| {
        let mut after = before.clone();
        entry.change.apply_to_all(&mut after);
        after
    });
    Ok(Done {
        answer: Receipt::Changed(answer),
        undo: back::of(context, entry, &before, &after).await,
    })
}

async fn delete_reply(
    context: &Context,
    api: &Endpoints,
    id: TicketId,
    reply: ReplyId,
) -> Result<Result<Receipt, Error>, Stop> {
    let deleted = match api.delete_reply(id, reply).await {
        Err(Error::NotFound { message }) => {
            let there = context.learn(api.replies(id).await).await;
            let there = there.map(|page| page.items.iter().any(|it| it.id == reply));
            gone_is_done(message, there)?
        }
        other => other,
    };
    Ok(deleted.map(|()| Receipt::ReplyDeleted(reply)))
}

async fn delete_ticket(
    context: &Context,
    api: &Endpoints,
    id: TicketId,
) -> Result<Result<Receipt, Error>, Stop> {
    let deleted = match api.delete_ticket(id).await {
        Err(Error::NotFound { message }) => {
            let there = context.learn(api.ticket(id).await).await;
            gone_is_done(message, there.map(|_| true))?
        }
        other => other,
    };
    Ok(deleted.map(|()| Receipt::TicketDeleted))
}

/// The server does not know the item that was to be deleted. So the deletion is done, unless the
/// server still shows the item.
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

/// Whether a ticket or its conversation can't be read, now and later: it is too large, or the
/// server has failed over it for a while though it answers other requests. An entry that has waited
/// for it `since` that time would wait for ever.
pub(super) async fn is_hopeless(context: &Context, problem: &Problem, since: Timestamp) -> bool {
    match problem.kind {
        ProblemKind::TooLarge => true,
        ProblemKind::Unreadable => {
            context.now().duration_since(since) > LONG && context.answers().await
        }
        _ => false,
    }
}

/// What comes after a failure. A post that may have arrived is never sent again blindly; everything
/// else can be.
async fn after(context: &Context, entry: &Entry, stop: Stop, known: Option<i64>) -> Next {
    let now = context.now();
    let (problem, sent) = match stop {
        Stop::Lost => return Next::AsStored,
        Stop::Ask(reason) => return State::Decision { reason }.into(),
        Stop::Before(problem) => (problem, false),
        Stop::Failed(problem) => (problem, true),
    };
    tracing::info!(entry = entry.id.0, what = entry.change.describe(), %problem, sent, "not done");
    let state = match &problem.kind {
        ProblemKind::NotFound => {
            let problem = match entry.ticket {
                Some(id) => conversations::gone_or(context, id, problem).await,
                None => problem,
            };
            State::Refused { problem }
        }
        ProblemKind::Refused | ProblemKind::Local => State::Refused { problem },
        _ if !sent && is_hopeless(context, &problem, entry.queued).await => {
            let why = format!("what the server has can't be read, so it is not changed: {problem}");
            State::Refused { problem: local(&why) }
        }
        _ if sent && problem.is_doubtful() && !entry.change.is_repeatable() => {
            let until = match problem.kind {
                ProblemKind::Throttled { until } => context.store.clock().of_wall(until),
                _ => now,
            };
            State::Doubtful { problem, until, since: now, known }
        }
        ProblemKind::Throttled { until } => {
            State::Waiting { until: context.store.clock().of_wall(*until), problem }
        }
        // The repeat did no harm, but did not help either.
        ProblemKind::TurnedDown { .. } if was_turned_down(entry) => State::Refused { problem },
        _ => {
            let wait = patience(context, entry, &problem);
            State::Waiting { problem, until: now.saturating_add(wait).unwrap_or(now) }
        }
    };
    state.into()
}

/// How long a change waits before it is tried again. A single connection that broke says little
/// about the next one.
fn patience(context: &Context, entry: &Entry, problem: &Problem) -> Duration {
    let retry = context.settings.retry;
    let is_first = !matches!(entry.state, State::Waiting { .. });
    if is_first && problem.kind == ProblemKind::Broken { retry.min(SOON) } else { retry }
}

/// Whether the last attempt was turned down, too.
fn was_turned_down(entry: &Entry) -> bool {
    let State::Waiting { problem, .. } = &entry.state else { return false };
    matches!(problem.kind, ProblemKind::TurnedDown { .. })
}
