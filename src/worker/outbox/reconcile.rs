//! After a doubtful failure: the server is asked what became of a post or a creation. It is sent
//! again only when it is certain not to be there.

use jiff::{SignedDuration, Timestamp};

use super::{check, record};
use crate::{
    api::Urgency,
    domain::{Change, Entry, Html, Line, Problem, ProblemKind, Reply, ReplyKind, State, TicketId},
    text::{html, markdown},
    worker::{context::Context, threads},
};

/// The second look comes this long after the request went out; the last at the end of the grace.
const SECOND_LOOK: SignedDuration = SignedDuration::from_secs(5);

/// Looks for what was sent at `since`, and came after `known` if it came.
pub(super) async fn look(
    context: &Context,
    entry: &Entry,
    since: Timestamp,
    known: Option<i64>,
) -> (State, Option<TicketId>) {
    let now = Timestamp::now();
    let found = match (&entry.change, entry.ticket) {
        (Change::Post { kind, text }, Some(ticket)) => {
            find_post(context, ticket, *kind, text, known)
                .await
                .map(|found| found.then_some(ticket))
        }
        (Change::Create(new), _) => match check::tickets_of(context, new).await {
            Ok(tickets) => {
                let found = check::find_created(&tickets, new, known);
                super::super::sync::take_in(context, tickets).await;
                Ok(found)
            }
            Err(problem) => Err(problem),
        },
        _ => Ok(None),
    };
    let grace = SignedDuration::try_from(context.settings.grace).unwrap_or(SECOND_LOOK);
    match found {
        Ok(Some(ticket)) => (State::Recorded { at: now }, Some(ticket)),
        Ok(None) if now >= since + grace => {
            tracing::info!(entry = entry.id.0, "not there after the grace time: sent again");
            (State::Queued, None)
        }
        Ok(None) => {
            let second = since + SECOND_LOOK.min(grace);
            let until = if now < second { second } else { since + grace };
            (doubtful(entry, until, since, known), None)
        }
        Err(problem) if problem.kind == ProblemKind::NotFound => (State::Refused { problem }, None),
        Err(_) => (doubtful(entry, now + SECOND_LOOK.min(grace), since, known), None),
    }
}

fn doubtful(entry: &Entry, until: Timestamp, since: Timestamp, known: Option<i64>) -> State {
    let problem = match &entry.state {
        State::Doubtful { problem, .. } => problem.clone(),
        _ => {
            let said = Line::from_cleaned("the console ended while it was being sent", None);
            Problem::new(ProblemKind::Broken, said)
        }
    };
    State::Doubtful { problem, until, since, known }
}

async fn find_post(
    context: &Context,
    ticket: TicketId,
    kind: ReplyKind,
    text: &str,
    known: Option<i64>,
) -> Result<bool, Problem> {
    let (_, replies) = threads::fetch(context, ticket, Urgency::Agent).await?;
    let wanted = Html::new(markdown::to_html(text));
    let newer: Vec<Reply> = replies.into_iter().filter(|reply| Some(reply.id.0) > known).collect();
    let compared = tokio::task::spawn_blocking(move || {
        let wanted = html::fingerprint(&wanted);
        let same = |reply: &&Reply| {
            (reply.kind == kind || reply.kind == ReplyKind::Unknown)
                && html::fingerprint(&reply.body) == wanted
        };
        newer.iter().find(same).map(|reply| reply.id)
    });
    let found = compared.await.unwrap_or_default();
    if let Some(reply) = found {
        record::own(context, reply).await;
    }
    Ok(found.is_some())
}
