//! What is stored once the server has a change.

use super::send::Stop;
use crate::{
    api::{Made, Urgency},
    domain::{Change, FullTicket, Reply, ReplyId, TicketId},
    worker::{context::Context, sync, threads},
};

/// A reply of this console's own is no news to its agent.
pub(super) async fn own(context: &Context, reply: ReplyId) {
    context.note_own(reply).await;
}

/// A ticket was created. Where the answer does not show it, it is read.
pub(super) async fn created(
    context: &Context,
    made: Made<TicketId, FullTicket>,
) -> Result<Option<TicketId>, Stop> {
    let id = made.item.as_ref().map(|full| full.ticket.id).or(made.id);
    match (made.item, id) {
        (Some(full), _) => sync::take_in(context, vec![full]).await,
        (None, Some(id)) => read_again(context, id, None).await,
        (None, None) => {}
    }
    Ok(id)
}

/// Status, fields, tags or the archive changed.
pub(super) async fn changed(
    context: &Context,
    id: TicketId,
    change: &Change,
    answer: Option<FullTicket>,
) -> Result<(), Stop> {
    match answer {
        Some(full) if full.ticket.id == id => sync::take_in(context, vec![full]).await,
        _ => read_again(context, id, Some(change)).await,
    }
    Ok(())
}

/// Reads a ticket whose change is recorded; where that fails, the stored one is changed alike until
/// the next poll.
async fn read_again(context: &Context, id: TicketId, change: Option<&Change>) {
    let read = match context.api(Urgency::Screen) {
        Ok(api) => context.learn(api.ticket(id).await).await.ok(),
        Err(_) => None,
    };
    if let Some(full) = read {
        return sync::take_in(context, vec![full]).await;
    }
    if let (Some(change), Ok(Some(mut full))) = (change, context.store.full_ticket(id).await) {
        change.apply(&mut full.ticket);
        sync::take_in(context, vec![full]).await;
    }
}

/// A reply or note is recorded: the stored conversation gets it, or is read anew.
pub(super) async fn posted(
    context: &Context,
    id: TicketId,
    made: Made<ReplyId, Reply>,
) -> Result<(), Stop> {
    if let Some(reply) = made.id {
        own(context, reply).await;
    }
    read_again(context, id, None).await;
    let stored = (context.store.full_ticket(id).await, context.store.conversation(id).await);
    let (Some(reply), (Ok(Some(full)), Ok(Some((mut replies, _))))) = (made.item, stored) else {
        if let Err(problem) = threads::fetch(context, id, Urgency::Screen).await {
            tracing::info!(%problem, "the conversation could not be read after a post");
        }
        return Ok(());
    };
    replies.retain(|known| known.id != reply.id);
    replies.push(reply);
    threads::remember(context, &full, replies).await;
    Ok(())
}

/// A reply is deleted: the stored conversation loses it.
pub(super) async fn reply_deleted(
    context: &Context,
    id: TicketId,
    reply: ReplyId,
) -> Result<(), Stop> {
    read_again(context, id, None).await;
    let stored = (context.store.full_ticket(id).await, context.store.conversation(id).await);
    if let (Ok(Some(full)), Ok(Some((mut replies, _)))) = stored {
        replies.retain(|known| known.id != reply);
        threads::remember(context, &full, replies).await;
    }
    Ok(())
}

/// A ticket is deleted.
pub(super) async fn ticket_deleted(context: &Context, id: TicketId) -> Result<(), Stop> {
    if let Err(error) = context.store.remove_tickets(vec![id]).await {
        tracing::error!(%error, "a deleted ticket could not be removed from the store");
    }
    Ok(())
}
