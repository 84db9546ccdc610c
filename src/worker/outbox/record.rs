//! What is stored once the server has a change.

use crate::{
    api::{Made, Urgency},
    domain::{Change, FullTicket, Reply, ReplyId, TicketId},
    worker::{context::Context, sync, threads},
};

/// A ticket was created. Where the answer does not show it, it is read.
pub(super) async fn created(
    context: &Context,
    made: Made<TicketId, FullTicket>,
) -> Option<TicketId> {
    let id = made.item.as_ref().map(|full| full.ticket.id).or(made.id);
    match (made.item, id) {
        (Some(full), _) => sync::take_in(context, vec![full]).await,
        (None, Some(id)) => {
            read_again(context, id, None).await;
        }
        (None, None) => {}
    }
    id
}

/// Status, fields, tags or the archive changed. Tells how the ticket stands, where that is known.
pub(super) async fn changed(
    context: &Context,
    id: TicketId,
    change: &Change,
    answer: Option<FullTicket>,
) -> Option<FullTicket> {
    match answer {
        Some(full) if full.ticket.id == id => {
            sync::take_in(context, vec![full.clone()]).await;
            Some(full)
        }
        _ => read_again(context, id, Some(change)).await,
    }
}

/// Reads a ticket whose change is recorded; where that fails, the stored one is changed alike until
/// the next poll.
async fn read_again(
    context: &Context,
    id: TicketId,
    change: Option<&Change>,
) -> Option<FullTicket> {
    let read = match context.api(Urgency::Screen) {
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

/// A reply or note is recorded: the stored conversation gets it, or is read anew.
pub(super) async fn posted(context: &Context, id: TicketId, made: Made<ReplyId, Reply>) {
    read_again(context, id, None).await;
    let stored = (context.store.full_ticket(id).await, context.store.conversation(id).await);
    let (Some(reply), (Ok(Some(full)), Ok(Some((mut replies, _))))) = (made.item, stored) else {
        if let Err(problem) = threads::fetch(context, id, Urgency::Screen).await {
            tracing::info!(%problem, "the conversation could not be read after a post");
        }
        return;
    };
    replies.retain(|known| known.id != reply.id);
    replies.push(reply);
    threads::remember(context, &full, replies).await;
}

/// A reply is deleted: the stored conversation loses it.
pub(super) async fn reply_deleted(context: &Context, id: TicketId, reply: ReplyId) {
    read_again(context, id, None).await;
    let stored = (context.store.full_ticket(id).await, context.store.conversation(id).await);
    if let (Ok(Some(full)), Ok(Some((mut replies, _)))) = stored {
        replies.retain(|known| known.id != reply);
        threads::remember(context, &full, replies).await;
    }
}

/// A ticket is deleted.
pub(super) async fn ticket_deleted(context: &Context, id: TicketId) {
    if let Err(error) = context.store.remove_tickets(vec![id]).await {
        tracing::error!(%error, "a deleted ticket could not be removed from the store");
    }
}
