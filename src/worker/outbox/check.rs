//! The checks before a change is sent: has anybody written or changed the same meanwhile?

use std::collections::HashSet;

use super::{
    news,
    send::{Stop, local},
};
use crate::{
    api::{NewTicketBody, Order, TicketQuery, TicketSort, TicketUpdate},
    domain::{
        Change, Entry, FieldsChange, FullTicket, Html, Line, NewTicket, Problem, ReplyKind,
        TicketId, outbox::Decision,
    },
    text::{clean, html, markdown},
    worker::{context::Context, conversations, sync},
};

/// Looks before a post or a creation, and returns the newest number that the server has. An item
/// with a newer number may later turn out to be the one that was sent.
pub(super) async fn before(context: &Context, entry: &Entry) -> Result<Option<i64>, Stop> {
    match (&entry.change, entry.ticket) {
        (Change::Post { kind, .. }, Some(ticket)) => {
            let fetched = match kind {
                ReplyKind::Note => conversations::fetch(context, ticket, context.urgency).await,
                _ => conversations::fetch_both(context, ticket, context.urgency).await,
            };
            let conversations::Fetched { full, replies, .. } = fetched.map_err(Stop::Before)?;
            let known = replies.iter().map(|reply| reply.id.0).max();
            if entry.is_public() {
                let news = news::of(context, entry, &full, &replies).await;
                if !news.messages.is_empty() || !news.differences.is_empty() {
                    return Err(Stop::Ask(Decision::Overtaken(Box::new(news))));
                }
            }
            Ok(known)
        }
        (Change::Create(new), _) => newest_of(context, new).await.map_err(Stop::Before),
        _ => Ok(None),
    }
}

/// Stops if somebody else has meanwhile set a value that `entry` is to set; then the agent is
/// asked. A change that takes another back does not ask: it leaves the other person's value alone.
pub(super) async fn conflict(
    context: &Context,
    entry: &Entry,
    now: &FullTicket,
) -> Result<(), Stop> {
    let Some((mut differences, rebased)) = entry.change.conflict(now) else { return Ok(()) };
    // The next change of the ticket starts from what is there.
    sync::take_in(context, vec![now.clone()]).await;
    news::clean(&mut differences).await;
    if entry.undo.is_some() {
        let what: Vec<String> =
            differences.iter().map(|it| format!("{} is {} now", it.field, it.now)).collect();
        let why = format!("somebody else changed it meanwhile, so it stays: {}", what.join(", "));
        return Err(Stop::Before(local(&why)));
    }
    Err(Stop::Ask(Decision::Conflict { differences, rebased: Box::new(rebased) }))
}

/// The newest ticket of the client for whom one is to be created.
async fn newest_of(context: &Context, new: &NewTicket) -> Result<Option<i64>, Problem> {
    let tickets = tickets_of(context, new).await?;
    Ok(tickets.iter().map(|full| full.ticket.id.0).max())
}

/// The newest tickets of the client, archived ones too: a colleague may have archived the ticket
/// just created.
pub(super) async fn tickets_of(
    context: &Context,
    new: &NewTicket,
) -> Result<Vec<FullTicket>, Problem> {
    let mut tickets = Vec::new();
    for archived in [false, true] {
        let query = TicketQuery {
            archived,
            client: Some(new.client.id),
            sort: Some(TicketSort::Created),
            order: Some(Order::Descending),
            limit: 25,
            ..TicketQuery::default()
        };
        let page = context.learn(context.api(context.urgency)?.tickets(&query).await).await?;
        tickets.extend(page.items);
    }
    Ok(tickets)
}

/// A ticket to be created, as the API takes it.
pub(super) fn body_of(new: &NewTicket) -> NewTicketBody {
    NewTicketBody {
        client: new.client.id,
        department: new.department.id,
        project: new.project,
        subject: new.subject.clone(),
        message: markdown::to_html(&new.message),
        priority: new.priority,
        custom: new.custom.clone(),
    }
}

/// What a PATCH sends: the agent's fields, and all others as the server holds them, byte for byte.
pub(super) fn merge(now: &FullTicket, fields: &FieldsChange) -> Result<TicketUpdate, Stop> {
    let ticket = &now.ticket;
    let FieldsChange { subject, message, department, project, priority } = fields;
    let department = match department {
        Some(edit) => edit.to.as_ref(),
        None => ticket.department.as_ref(),
    };
    let subject = subject.as_ref().map(|edit| edit.to.as_stored());
    let message = message.as_ref().map(|edit| edit.to.as_str());
    let subject = subject.unwrap_or(ticket.subject.as_stored());
    let message = message.unwrap_or(now.message.as_stored());
    let missing = [
        ("department", department.is_none()),
        ("subject", subject.trim().is_empty()),
        ("message", message.trim().is_empty()),
    ];
    let missing: Vec<&str> = missing.iter().filter(|it| it.1).map(|it| it.0).collect();
    let Some(department) = department.filter(|_| missing.is_empty()) else {
        let what = missing.join(" and ");
        let why = format!("the ticket has no {what}, and the server wants it with any edit (E)");
        return Err(Stop::Before(local(&why)));
    };
    Ok(TicketUpdate {
        department: department.id,
        project: project.as_ref().map_or(ticket.project, |edit| edit.to),
        subject: subject.to_owned(),
        message: message.to_owned(),
        priority: priority.as_ref().map_or(ticket.priority, |edit| edit.to),
    })
}

/// The outcome of a look for a created ticket.
#[derive(Debug, Default)]
pub(super) struct Creation {
    /// The ticket that was asked for.
    pub(super) exact: Option<TicketId>,
    /// Tickets that may be the one asked for: they have its subject, but other words.
    pub(super) alike: Vec<FullTicket>,
}

/// Looks among `tickets` for what `new` asked for, if it came after `known`. A ticket in `created`
/// belongs to another entry, so it does not count.
pub(super) fn find_created(
    tickets: &[FullTicket],
    new: &NewTicket,
    known: Option<i64>,
    created: &HashSet<TicketId>,
) -> Creation {
    let wanted = Html::new(markdown::to_html(&new.message));
    let wanted = html::fingerprint(&wanted);
    let subject: Line = clean::line(&new.subject);
    let newer = |full: &&FullTicket| {
        Some(full.ticket.id.0) > known
            && !created.contains(&full.ticket.id)
            && full.ticket.subject.as_str() == subject.as_str()
    };
    let newer: Vec<&FullTicket> = tickets.iter().filter(newer).collect();
    let same = |full: &&&FullTicket| html::fingerprint(&full.message) == wanted;
    let exact = newer.iter().filter(same).map(|full| full.ticket.id).min();
    Creation { exact, alike: newer.into_iter().cloned().collect() }
}
