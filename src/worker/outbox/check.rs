//! What is looked at before a change is sent: has anybody written or changed the same meanwhile?

use super::send::{Stop, local};
use crate::{
    api::{NewTicketBody, TicketQuery, TicketSort, TicketUpdate, Urgency},
    domain::{
        Change, Edit, Entry, FieldsChange, FullTicket, Line, NewTicket, Problem, Reply, ReplyId,
        ReplyKind, TicketId, outbox::Decision,
    },
    text::markdown,
    worker::{context::Context, threads},
};

/// Looks before a post or a creation, and returns the newest number that the server has: what is
/// newer afterwards may be what was sent.
pub(super) async fn before(
    context: &Context,
    entry: &Entry,
    overruled: bool,
) -> Result<Option<i64>, Stop> {
    match (&entry.change, entry.ticket) {
        (Change::Post { kind, .. }, Some(ticket)) => {
            let fetched = threads::fetch(context, ticket, Urgency::Agent).await;
            let (_, replies) = fetched.map_err(Stop::Before)?;
            let stops = *kind == ReplyKind::Reply && !overruled;
            if stops && has_news(context, entry.seen, &replies).await {
                return Err(Stop::Ask(Decision::Overtaken));
            }
            Ok(replies.iter().map(|reply| reply.id.0).max())
        }
        (Change::Create(new), _) => newest_of(context, new).await.map_err(Stop::Before),
        _ => Ok(None),
    }
}

/// Whether the conversation holds something that the agent had not seen and did not write.
async fn has_news(context: &Context, seen: Option<ReplyId>, replies: &[Reply]) -> bool {
    for reply in replies.iter().filter(|reply| Some(reply.id) > seen) {
        if !context.is_own(reply.id).await {
            return true;
        }
    }
    false
}

/// The newest ticket of the client for whom one is to be created.
async fn newest_of(context: &Context, new: &NewTicket) -> Result<Option<i64>, Problem> {
    let tickets = tickets_of(context, new).await?;
    Ok(tickets.iter().map(|full| full.ticket.id.0).max())
}

/// The newest tickets of the client.
pub(super) async fn tickets_of(
    context: &Context,
    new: &NewTicket,
) -> Result<Vec<FullTicket>, Problem> {
    let query = TicketQuery {
        client: Some(new.client.id),
        sort: Some(TicketSort::Created),
        limit: 25,
        ..TicketQuery::default()
    };
    let page = context.learn(context.api(Urgency::Agent)?.tickets(&query).await).await?;
    Ok(page.items)
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
/// A field that somebody else changed meanwhile is put before the agent, unless `overruled`.
pub(super) fn merge(
    now: &FullTicket,
    fields: &FieldsChange,
    overruled: bool,
) -> Result<TicketUpdate, Stop> {
    let ticket = &now.ticket;
    let conflicts = conflicts(now, fields);
    if !overruled && !conflicts.is_empty() {
        return Err(Stop::Ask(Decision::Conflict(conflicts)));
    }
    let department = match &fields.department {
        Some(edit) => edit.to.as_ref(),
        None => ticket.department.as_ref(),
    };
    let subject = fields.subject.as_ref().map(|edit| edit.to.as_str());
    let message = fields.message.as_ref().map(|edit| edit.to.as_str());
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
        project: fields.project.as_ref().map_or(ticket.project, |edit| edit.to),
        subject: subject.to_owned(),
        message: message.to_owned(),
        priority: fields.priority.as_ref().map_or(ticket.priority, |edit| edit.to),
    })
}

/// The fields that are neither as the agent saw them nor as the agent wants them.
fn conflicts(now: &FullTicket, fields: &FieldsChange) -> Vec<(String, String, String)> {
    let ticket = &now.ticket;
    let mut found = Vec::new();
    let mut compare = |name: &str, from: &str, to: &str, theirs: &str| {
        if theirs != from && theirs != to {
            found.push((name.to_owned(), theirs.to_owned(), to.to_owned()));
        }
    };
    let name = |department: &Option<crate::domain::Department>| {
        department.as_ref().map(|it| it.name.to_string()).unwrap_or_default()
    };
    let project =
        |id: Option<crate::domain::ProjectId>| id.map(|id| id.to_string()).unwrap_or_default();
    if let Some(Edit { from, to }) = &fields.subject {
        compare("subject", from, to, ticket.subject.as_str());
    }
    if let Some(Edit { from, to }) = &fields.message {
        compare("message", from, to, now.message.as_stored());
    }
    if let Some(Edit { from, to }) = &fields.department {
        compare("department", &name(from), &name(to), &name(&ticket.department));
    }
    if let Some(Edit { from, to }) = &fields.project {
        compare("project", &project(*from), &project(*to), &project(ticket.project));
    }
    if let Some(Edit { from, to }) = &fields.priority {
        compare("priority", from.as_str(), to.as_str(), ticket.priority.as_str());
    }
    for (_, theirs, mine) in &mut found {
        *theirs = crate::text::clean::line(theirs).to_string();
        *mine = crate::text::clean::line(mine).to_string();
    }
    found
}

/// The newest ticket that is what `new` asked for and came after `known`.
pub(super) fn find_created(
    tickets: &[FullTicket],
    new: &NewTicket,
    known: Option<i64>,
) -> Option<TicketId> {
    let wanted = crate::domain::Html::new(markdown::to_html(&new.message));
    let wanted = crate::text::html::fingerprint(&wanted);
    let subject: Line = crate::text::clean::line(&new.subject);
    let same = |full: &&FullTicket| {
        Some(full.ticket.id.0) > known
            && full.ticket.subject.as_str() == subject.as_str()
            && crate::text::html::fingerprint(&full.message) == wanted
    };
    tickets.iter().filter(same).map(|full| full.ticket.id).min()
}
