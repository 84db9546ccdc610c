//! The endpoints of the conversation (the API page, "The conversation (replies)").

use reqwest::Method;
use serde_json::json;

use super::{Made, Paged, client::Endpoints, convert, error::Error, tickets::path};
use crate::domain::{Reply, ReplyId, ReplyKind, TicketId};

impl Endpoints {
    /// The whole conversation in its order: `GET /api/tickets/{id}/replies`.
    pub async fn replies(&self, ticket: TicketId) -> Result<Paged<Reply>, Error> {
        let decode = |item| convert::reply(item, ticket, self.zone());
        let mut replies = self.all(&path(ticket, "/replies"), &[], decode).await?;
        replies.items.sort_by_key(|reply| reply.id);
        replies.items.dedup_by_key(|reply| reply.id);
        Ok(replies)
    }

    /// Posts a reply or a note, HTML: `POST /api/tickets/{id}/replies`. If it is sent twice, it is
    /// there twice. [`ReplyKind::Unknown`] is refused without a request.
    pub async fn post_reply(
        &self,
        ticket: TicketId,
        kind: ReplyKind,
        html: &str,
    ) -> Result<Made<ReplyId, Reply>, Error> {
        if kind == ReplyKind::Unknown {
            return Err(Error::refused_here("ticketreply_type", "choose reply or note"));
        }
        let body = json!({ "ticketreply_text": html, "ticketreply_type": kind.as_str() });
        let envelope = self.write(Method::POST, &path(ticket, "/replies"), Some(body)).await?;
        let data = envelope.data;
        // The answer may hold the ticket instead of the reply. Its number is not the reply's.
        if data.get("subject").is_some() {
            return Ok(Made { id: None, item: None });
        }
        Ok(Made {
            id: convert::number(&data, &["id", "ticketreply_id"]).map(ReplyId),
            item: convert::whole_reply(data, ticket, self.zone()),
        })
    }

    /// Deletes a reply: `DELETE /api/tickets/{id}/replies/{reply_id}`.
    pub async fn delete_reply(&self, ticket: TicketId, reply: ReplyId) -> Result<(), Error> {
        let below = format!("/replies/{}", reply.0);
        self.write(Method::DELETE, &path(ticket, &below), None).await.map(drop)
    }
}
