//! One change, from its turn to its next state.

use jiff::{SignedDuration, Timestamp};

use super::{back, check, news, reconcile, record};
use crate::{
    api::{Error, Urgency},
    app::Message,
    domain::{
        Change, Entry, FullTicket, Line, Problem, ProblemKind, ReplyId, State, TicketId,
        outbox::Decision,
    },
    text::markdown,
    worker::{
        context::{Context, store_problem},
        threads,
    },
};

/// How long a change waits before it is tried again, unless the server comes back or says otherwise.
const RETRY: SignedDuration = SignedDuration::from_secs(15);

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
    if let State::Sending { since, known } | State::Doubtful { since, known, .. } = entry.state
        && !entry.change.is_repeatable()
    {
        return reconcile::look(context, entry, since, known).await;
    }
    let entry = match back::turn(context, entry).await {
        back::Turn::Send(entry) => entry,
        back::Turn::End(state) => return (state, None),
    };
    match send(context, &entry).await {
        Ok(Done { ticket, made, undo }) => {
            (State::Recorded { at: Timestamp::now(), made, undo: undo.map(Box::new) }, ticket)
        }
        Err((stop, known)) => (after(context, &entry, stop, known).await, None),
    }
}

/// What a recorded change left behind.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// The ticket that was created.
    pub(super) ticket: Option<TicketId>,
    /// The reply or note that was recorded, where the server's number for it is known.
    pub(super) made: Option<ReplyId>,
    /// What takes it back.
    pub(super) undo: Option<Change>,
}

type Sent = Result<Done, (Stop, Option<i64>)>;

/// Checks what must be checked, then sends.
async fn send(context: &Context, entry: &Entry) -> Sent {
    let known = match check::before(context, entry).await {
        Ok(known) => known,
        Err(stop) => return Err((stop, None)),
    };
    let since = Timestamp::now();
    let state = State::Sending { since, known };
    let stored =
        context.store.set_state(entry.id, context.owner, state.clone(), entry.ticket, since).await;
    match stored {
        Ok(true) => {}
        // The claim ran out while this process was asleep, and is another's now.
        Ok(false) => return Err((Stop::Before(local("another console took this over")), None)),
        Err(error) => return Err((Stop::Before(store_problem(&error)), None)),
    }
    context.tell(Message::Entry { entry: Box::new(Entry { state, ..entry.clone() }), row: None });
    let outcome = match (&entry.change, entry.ticket) {
        (Change::Create(new), _) => create(context, new).await,
        (_, Some(ticket)) => change(context, ticket, entry, known).await,
        (_, None) => Err(Stop::Failed(local("this change belongs to no ticket"))),
    };
    outcome.map_err(|stop| (stop, known))
}

async fn create(context: &Context, new: &crate::domain::NewTicket) -> Result<Done, Stop> {
    let api = context.api(Urgency::Agent).map_err(Stop::Before)?;
    let made = context.learn(api.create_ticket(&check::body_of(new)).await).await;
    let ticket = record::created(context, made.map_err(Stop::Failed)?).await;
    Ok(Done { ticket, ..Done::default() })
}

async fn change(
    context: &Context,
    id: TicketId,
    entry: &Entry,
    known: Option<i64>,
) -> Result<Done, Stop> {
    let api = context.api(Urgency::Agent).map_err(Stop::Before)?;
    match &entry.change {
        Change::Post { kind, text } => {
            let posted = api.post_reply(id, *kind, &markdown::to_html(text)).await;
            let posted = context.learn(posted).await.map_err(Stop::Failed)?;
            let made = match posted.id {
                Some(made) => Some(made),
                None => news::find_post(context, entry, known).await.ok().and_then(|it| it.exact),
            };
            record::posted(context, id, posted).await;
            Ok(Done { made, ..Done::default() })
        }
        Change::DeleteReply(reply) => {
            let deleted = context.learn(gone_is_done(api.delete_reply(id, *reply).await)).await;
            deleted.map_err(Stop::Failed)?;
            record::reply_deleted(context, id, *reply).await;
            Ok(Done::default())
        }
        Change::DeleteTicket => {
            let deleted = context.learn(gone_is_done(api.delete_ticket(id).await)).await;
            deleted.map_err(Stop::Failed)?;
            record::ticket_deleted(context, id).await;
            Ok(Done::default())
        }
        _ => edit(context, id, entry).await,
    }
}

/// Changes the ticket itself, after a look at how it stands.
async fn edit(context: &Context, id: TicketId, entry: &Entry) -> Result<Done, Stop> {
    let api = context.api(Urgency::Agent).map_err(Stop::Before)?;
    let before = context.learn(api.ticket(id).await).await.map_err(Stop::Before)?;
    let answer = match &entry.change {
        Change::Status(edit) if before.ticket.status.id == edit.to.id => Ok(Some(before.clone())),
        Change::Status(edit) => {
            check::conflict(entry, &before).await?;
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
            check::conflict(entry, &before).await?;
            api.update_ticket(id, &check::merge(&before, fields)?).await
        }
        _ => Err(Error::NotFound { message: Line::default() }),
    };
    let answer = context.learn(answer).await.map_err(Stop::Failed)?;
    let after = record::changed(context, id, &entry.change, answer).await;
    let after = after.unwrap_or_else(|| {
        let mut after: FullTicket = before.clone();
        entry.change.apply_to_all(&mut after);
        after
    });
    Ok(Done { undo: back::of(entry, &before, &after), ..Done::default() })
}

/// What was to be deleted is not there: that is what was wanted.
fn gone_is_done(answer: Result<(), Error>) -> Result<(), Error> {
    match answer {
        Err(Error::NotFound { .. }) => Ok(()),
        other => other,
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
        _ => State::Waiting { problem, until: now + RETRY },
    }
}
