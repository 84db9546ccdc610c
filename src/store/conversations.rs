//! Conversations as they were last read, with the facts about who waits for whom.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::{
    Store, StoreError,
    tickets::{find_row, touch},
    values::{At, LineBuf, LineRef},
};
use crate::domain::{Html, PersonId, Reply, ReplyId, ReplyKind, Row, ThreadFacts, TicketId};

impl Store {
    /// Replaces a stored conversation by the one that the server sent at the time `at`. Returns the
    /// ticket's row with the new facts; `None` if the ticket itself is not stored yet. The facts
    /// are kept for it.
    pub async fn save_conversation(
        &self,
        ticket: TicketId,
        replies: Vec<Reply>,
        facts: ThreadFacts,
        at: Timestamp,
    ) -> Result<Option<Row>, StoreError> {
        self.run(move |files| {
            files.writing_mirror(|transaction| save(transaction, ticket, &replies, facts, at))
        })
        .await
    }

    /// A ticket's conversation in its order, and when it was read; `None` where it never was.
    pub async fn conversation(
        &self,
        ticket: TicketId,
    ) -> Result<Option<(Vec<Reply>, Timestamp)>, StoreError> {
        self.mirror(move |mirror| {
            let transaction = mirror.transaction()?;
            let read_at = transaction
                .prepare_cached("SELECT read_at FROM conversations WHERE ticket = ?1")?
                .query_row([ticket.0], |row| row.get(0))
                .optional()?;
            let Some(At(read_at)) = read_at else { return Ok(None) };
            let replies = transaction
                .prepare_cached(
                    "SELECT id, ticket, kind, html, author_id, author_name, created
                    FROM replies WHERE conversation = ?1 ORDER BY place",
                )?
                .query_map([ticket.0], read_reply)?
                .collect::<Result<_, _>>()?;
            Ok(Some((replies, read_at)))
        })
        .await
    }
}

fn save(
    transaction: &Transaction<'_>,
    ticket: TicketId,
    replies: &[Reply],
    facts: ThreadFacts,
    at: Timestamp,
) -> Result<Option<Row>, StoreError> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO conversations
                (ticket, read_at, customer_since, last_reply, replies_count)
            VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            ticket.0,
            At(at),
            facts.customer_since.map(At),
            facts.last_reply.map(|it| it.0),
            facts.replies_count,
        ])?;
    transaction
        .prepare_cached("DELETE FROM replies WHERE conversation = ?1")?
        .execute([ticket.0])?;
    for (place, reply) in (0_i64..).zip(replies) {
        transaction
            .prepare_cached(
                "INSERT INTO replies (conversation, place, id, ticket, kind, html, author_id,
                    author_name, created)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                ticket.0,
                place,
                reply.id.0,
                reply.ticket.0,
                reply.kind.as_str(),
                reply.body.as_stored(),
                reply.author.map(|it| it.0),
                reply.author_name.as_ref().map(LineRef),
                reply.created.map(At),
            ])?;
    }
    touch(transaction, ticket)?;
    Ok(find_row(transaction, ticket)?)
}

fn read_reply(row: &rusqlite::Row<'_>) -> rusqlite::Result<Reply> {
    let kind = row.get_ref(2)?.as_str()?;
    Ok(Reply {
        id: ReplyId(row.get(0)?),
        ticket: TicketId(row.get(1)?),
        kind: [ReplyKind::Reply, ReplyKind::Note]
            .into_iter()
            .find(|it| it.as_str() == kind)
            .unwrap_or(ReplyKind::Unknown),
        body: Html::new(row.get::<_, String>(3)?),
        author: row.get::<_, Option<i64>>(4)?.map(PersonId),
        author_name: row.get::<_, Option<LineBuf>>(5)?.map(|LineBuf(name)| name),
        created: row.get::<_, Option<At>>(6)?.map(|At(at)| at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Line,
        store::testing::{at, store, ticket},
    };

    fn reply(id: i64, kind: ReplyKind) -> Reply {
        Reply {
            id: ReplyId(id),
            ticket: TicketId(7),
            kind,
            body: Html::new("\0<b>"),
            author: Some(PersonId(i64::MIN)),
            author_name: Some(Line::from_cleaned("Ann", Some("Ann\u{202e}"))),
            created: Some(at(9)),
        }
    }

    #[tokio::test]
    async fn a_conversation_replaces_the_one_before_and_its_facts_stay_with_the_ticket() {
        let (_folder, store) = store().await;
        let id = TicketId(7);
        let facts = ThreadFacts {
            customer_since: Some(at(3)),
            last_reply: Some(ReplyId(i64::MAX)),
            replies_count: 3,
        };
        let bare = Reply {
            author: None,
            author_name: None,
            created: None,
            ..reply(2, ReplyKind::Unknown)
        };
        let replies = vec![reply(1, ReplyKind::Reply), bare, reply(i64::MAX, ReplyKind::Note)];
        assert_eq!(store.conversation(id).await.unwrap(), None);
        let row = store.save_conversation(id, replies.clone(), facts, at(20)).await.unwrap();
        assert_eq!(row, None, "the ticket is not stored yet");
        assert_eq!(store.conversation(id).await.unwrap(), Some((replies, at(20))));
        let rows = store.save_tickets(vec![ticket(7)], at(21)).await.unwrap();
        assert_eq!(rows[0].facts, Some(facts));

        let none = ThreadFacts::default();
        let row = store.save_conversation(id, Vec::new(), none, at(22)).await.unwrap().unwrap();
        assert_eq!(row.facts, Some(none));
        assert_eq!(store.conversation(id).await.unwrap(), Some((Vec::new(), at(22))));
        store.remove_tickets(vec![id]).await.unwrap();
        assert_eq!(store.conversation(id).await.unwrap(), None);
    }
}
