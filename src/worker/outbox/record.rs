//! Storing a change once the server has it.

use std::collections::HashSet;

use tokio::time::Instant;

use crate::{
    api::{Made, Urgency},
    domain::{Change, Entry, FullTicket, Reply, ReplyId, Status, StatusId, TicketId},
    worker::{context::Context, conversations, sync},
};

/// What the server answered to a change that it has carried out.
#[derive(Debug)]
pub(super) enum Receipt {
    /// A ticket was created.
    Created(Made<TicketId, FullTicket>),
    /// Status, fields, tags or the archive changed: the ticket, where the answer holds it.
    Changed(Option<FullTicket>),
    /// A reply or note was recorded.
    Posted(Made<ReplyId, Reply>),
    /// A reply was deleted.
    ReplyDeleted(ReplyId),
    /// The ticket was deleted.
    TicketDeleted,
}

impl Receipt {
    /// The ticket that was created.
    pub(super) fn ticket(&self) -> Option<TicketId> {
        let Self::Created(made) = self else { return None };
        made.item.as_ref().map(|full| full.ticket.id).or(made.id)
    }
}

/// Takes a change that the server has into the mirror. A failure here is mended by the next poll.
pub(super) async fn take_in(context: &Context, entry: &Entry, answer: Receipt) {
    if let Some(id) = entry.ticket {
        context.changed().await.insert(id, Instant::now());
    }
    match (answer, entry.ticket) {
        (Receipt::Created(Made { item: Some(full), .. }), _) => {
            sync::take_in(context, vec![full]).await;
        }
        (Receipt::Created(Made { id: Some(id), .. }), _) => {
            read_again(context, id, None).await;
        }
        (Receipt::Changed(answer), Some(id)) => changed(context, id, &entry.change, answer).await,
        (Receipt::Posted(made), Some(id)) => {
            posted(context, entry, id, made).await;
        }
        (Receipt::ReplyDeleted(reply), Some(id)) => reply_deleted(context, id, reply).await,
        (Receipt::TicketDeleted, Some(id)) => ticket_deleted(context, id).await,
        (Receipt::Created(_), _) | (_, None) => {}
    }
}

async fn changed(context: &Context, id: TicketId, change: &Change, answer: Option<FullTicket>) {
    match answer {
        Some(full) if full.ticket.id == id => sync::take_in(context, vec![full]).await,
        _ => {
            read_again(context, id, Some(change)).await;
        }
    }
}

/// Reads a ticket whose change is recorded, and returns it. If that fails, the stored ticket gets
/// the same change until the next poll.
async fn read_again(
    context: &Context,
    id: TicketId,
    change: Option<&Change>,
) -> Option<FullTicket> {
    let read = match context.api(context.urgency.max(Urgency::Screen)) {
        Ok(api) => context.learn(api.ticket(id).await).await.ok(),
        Err(_) => None,
    };
    if let Some(full) = read {
        sync::take_in(context, vec![full.clone()]).await;
        return Some(full);
    }
    if let (Some(change), Ok(Some(mut full))) = (change, context.store.full_ticket(id).await) {
        change.apply_to_all(&mut full);
        sync::take_in(context, vec![full]).await;
    }
    None
}

/// Adds the post to the stored conversation. If somebody else wrote at the same time, the
/// conversation stays as it was read: the other message is unread, though it may come before the
/// agent's own.
async fn posted(context: &Context, entry: &Entry, id: TicketId, made: Made<ReplyId, Reply>) {
    let facts = context.store.row(id).await.ok().flatten().and_then(|row| row.facts);
    if let Some(full) = read_again(context, id, None).await {
        set_by_the_reply(context, entry, full.ticket.status).await;
    }
    let stored = (context.store.full_ticket(id).await, context.store.conversation(id).await);
    let (Ok(Some(full)), Ok(Some((mut replies, _)))) = stored else { return };
    let known: HashSet<ReplyId> = replies
        .iter()
        .map(|reply| reply.id)
        .chain(made.id)
        .chain(made.item.as_ref().map(|it| it.id))
        .collect();
    // Whether notes count is the server's affair.
    let grown = u32::from(entry.is_public());
    let alone = facts.is_some_and(|it| it.replies_count + grown == full.ticket.replies_count);
    if let Some(reply) = made.item.filter(|_| alone) {
        replies.retain(|known| known.id != reply.id);
        replies.push(reply);
        return conversations::remember(context, &full, replies).await;
    }
    match conversations::replies(context, id, context.urgency.max(Urgency::Screen)).await {
        Ok((replies, _)) if replies.iter().all(|reply| known.contains(&reply.id)) => {
            conversations::remember(context, &full, replies).await;
        }
        Ok(_) => tracing::info!("somebody else wrote while a post was on its way"),
        Err(problem) => tracing::info!(%problem, "a conversation could not be read after a post"),
    }
}

/// A status that follows a reply starts from the status that the server gave the ticket for that
/// reply. Nobody chose that status, so nobody is asked about it. A customer's answer, or a later
/// change, is somebody's, and the agent is asked.
async fn set_by_the_reply(context: &Context, entry: &Entry, status: Status) {
    if !entry.is_public() || status.id == StatusId::CUSTOMER_REPLIED {
        return;
    }
    if let Err(error) = context.store.start_from(entry.id, status).await {
        tracing::warn!(%error, "the status that follows a reply asks if it meets another one");
    }
}

/// The stored conversation loses it.
async fn reply_deleted(context: &Context, id: TicketId, reply: ReplyId) {
    read_again(context, id, None).await;
    let stored = (context.store.full_ticket(id).await, context.store.conversation(id).await);
    if let (Ok(Some(full)), Ok(Some((mut replies, _)))) = stored {
        replies.retain(|known| known.id != reply);
        conversations::remember(context, &full, replies).await;
    }
}

async fn ticket_deleted(context: &Context, id: TicketId) {
    if let Err(error) = context.store.remove_tickets(vec![id]).await {
        tracing::error!(%error, "a deleted ticket could not be removed from the store");
    }
}
