//! Events on a ticket since the agent last looked, put so that the agent can decide.

use std::collections::HashSet;

use super::send::local;
use crate::{
    domain::{
        Change, Difference, Entry, FullTicket, Html, Problem, Reply, ReplyId, ReplyKind, Stand,
        outbox::{NewMessage, News},
    },
    text::{clean, html, markdown},
    worker::{context::Context, conversations},
};

/// The characters of a message that are shown beside the agent's own text; the rest is on the
/// ticket.
const SHOWN: usize = 8_000;

/// The news of a ticket that the agent had not seen when asking for `entry`: messages that this
/// desk did not write, and fields with other values.
pub(super) async fn of(
    context: &Context,
    entry: &Entry,
    full: &FullTicket,
    replies: &[Reply],
) -> News {
    let made = made(context, full).await;
    let last = entry.stood.as_ref().and_then(|it| it.last);
    let unseen = |reply: &&Reply| match last {
        Some(last) => reply.id > last,
        None => Some(reply.id) > entry.seen && !made.contains(&reply.id),
    };
    let unseen: Vec<Reply> = replies.iter().filter(unseen).cloned().collect();
    let stands = Stand::of(&full.ticket);
    let newest = replies.iter().map(|reply| reply.id).max();
    let differences = entry.stood.as_ref().map(|it| it.differences(&stands)).unwrap_or_default();
    News {
        messages: told(context, full, unseen).await,
        differences: differences.into_iter().chain(overtaken(last, newest)).collect(),
        seen: newest.max(entry.seen),
        stood: Some(Box::new(stands)),
    }
}

/// The difference if another message is the newest than the one that has to be.
fn overtaken(last: Option<ReplyId>, newest: Option<ReplyId>) -> Option<Difference> {
    let last = last.filter(|last| *last != newest.unwrap_or(ReplyId(0)))?;
    let named = |id: ReplyId| if id.0 == 0 { "the opening one".into() } else { id.to_string() };
    let field = "newest message".to_owned();
    let now = named(newest.unwrap_or(ReplyId(0)));
    Some(Difference { field, seen: named(last), now, wanted: None })
}

/// The posts of this profile's consoles on a ticket; none if the store fails. It is better to ask
/// the agent once too often than once too little.
async fn made(context: &Context, full: &FullTicket) -> HashSet<ReplyId> {
    let made = context.store.made(full.ticket.id).await;
    made.inspect_err(|error| tracing::warn!(%error, "own posts are not known")).unwrap_or_default()
}

/// The outcome of a look for a post.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// The reply or note that says the same, of the same kind, and not by a stranger.
    pub(super) exact: Option<ReplyId>,
    /// Those that may be it though they differ.
    pub(super) alike: News,
    /// Whether all of the conversation could be read. Only then a post that was not found is
    /// certainly not there.
    pub(super) whole: bool,
}

/// Looks in the conversation for the post of `entry`, if it came after `known`. A post that belongs
/// to another entry does not count.
///
/// # Errors
/// Where the conversation can't be read.
pub(super) async fn find_post(
    context: &Context,
    entry: &Entry,
    known: Option<i64>,
) -> Result<Matches, Problem> {
    let (Change::Post { kind, text }, Some(ticket)) = (&entry.change, entry.ticket) else {
        return Ok(Matches::default());
    };
    let conversations::Fetched { full, replies, skipped } =
        conversations::fetch(context, ticket, context.urgency).await?;
    let made = made(context, &full).await;
    let directory = context.directory().await;
    let (kind, text) = (*kind, text.clone());
    let seen = replies.iter().map(|reply| reply.id).max();
    // If the server names authors, it also names one for a post that came through the API.
    let nameless = replies.iter().all(|reply| reply.author.is_none());
    let newer = |reply: &Reply| Some(reply.id.0) > known && !made.contains(&reply.id);
    let newer: Vec<Reply> = replies.into_iter().filter(newer).collect();
    let compared = tokio::task::spawn_blocking(move || {
        let stranger = |reply: &Reply| match reply.author {
            Some(author) => directory.is_agent(author) == Some(false),
            None => !nameless,
        };
        compare(newer, kind, &text, stranger)
    });
    // Without a comparison nothing is known; the post may well be there.
    let (exact, alike) = compared.await.map_err(|error| {
        tracing::error!(%error, "comparing failed");
        local("the conversation can't be compared")
    })?;
    let messages = told(context, &full, alike).await;
    let stood = Some(Box::new(Stand::of(&full.ticket)));
    let alike = News { messages, differences: vec![], seen, stood };
    Ok(Matches { exact, alike, whole: skipped == 0 })
}

/// The reply that a post became, if it is among `newer`, and those that may be it.
fn compare(
    newer: Vec<Reply>,
    kind: ReplyKind,
    text: &str,
    stranger: impl Fn(&Reply) -> bool,
) -> (Option<ReplyId>, Vec<Reply>) {
    let wanted = html::fingerprint(&Html::new(markdown::to_html(text)));
    let (mut exact, mut alike) = (None, Vec::new());
    for reply in newer {
        let stranger = stranger(&reply);
        let same_kind = reply.kind == kind || reply.kind == ReplyKind::Unknown;
        let same_text = html::fingerprint(&reply.body) == wanted;
        if same_kind && same_text && !stranger && exact.is_none() {
            exact = Some(reply.id);
        } else if (same_kind && !stranger) || same_text {
            alike.push(reply);
        }
    }
    (exact, alike)
}

/// Replies as they are put before the agent.
async fn told(context: &Context, full: &FullTicket, replies: Vec<Reply>) -> Vec<NewMessage> {
    if replies.is_empty() {
        return Vec::new();
    }
    let directory = context.directory().await;
    let full = full.clone();
    let told = tokio::task::spawn_blocking(move || {
        let message = |reply: &Reply| NewMessage {
            kind: reply.kind,
            author: conversations::author(&directory, &full, reply),
            at: reply.created,
            text: html::plain(&reply.body).chars().take(SHOWN).collect(),
        };
        replies.iter().map(message).collect()
    });
    // Somebody wrote something, even if it can't be shown.
    told.await.unwrap_or_else(|error| {
        tracing::error!(%error, "laying messages out failed");
        let text = "what was written can't be shown".to_owned();
        vec![NewMessage { kind: ReplyKind::Unknown, author: String::new(), at: None, text }]
    })
}

/// Tickets as they are put before the agent.
pub(super) async fn tickets(alike: Vec<FullTicket>) -> Vec<NewMessage> {
    let told = tokio::task::spawn_blocking(move || {
        let message = |full: &FullTicket| NewMessage {
            kind: ReplyKind::Reply,
            author: format!("{} {}", full.ticket.id, full.ticket.subject),
            at: full.ticket.created,
            text: html::plain(&full.message).chars().take(SHOWN).collect(),
        };
        alike.iter().map(message).collect()
    });
    told.await.unwrap_or_default()
}

/// Cleans values that come as the server holds them: a subject becomes a line, a message its text.
pub(super) async fn clean(differences: &mut [Difference]) {
    for difference in differences {
        let is_message = difference.field == "message";
        let values = [&mut difference.seen, &mut difference.now];
        for value in values.into_iter().chain(&mut difference.wanted) {
            *value = if is_message {
                plain(value.clone()).await
            } else {
                clean::line(value).to_string()
            };
        }
    }
}

async fn plain(message: String) -> String {
    let plain = tokio::task::spawn_blocking(move || html::plain(&Html::new(message)));
    plain.await.unwrap_or_default()
}
