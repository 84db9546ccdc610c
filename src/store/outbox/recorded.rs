//! The reply or ticket as which a doubtful change was recorded. Each one belongs to a single entry,
//! whichever console looks for it.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{begin, find, write_state};
use crate::{
    domain::{Change, Edit, Entry, EntryId, ReplyId, State, Status, TicketId},
    store::{Store, StoreError, values::Json},
};

impl Store {
    /// Writes that the server has a doubtful change. It was found as the reply `made` on `ticket`,
    /// or without `made` as the ticket itself. That settles the entry, whoever has a claim.
    ///
    /// Returns whether it was written. It is not written if the entry is unknown or settled, or if
    /// another entry is recorded as the same reply or ticket: two equal texts are two replies.
    pub async fn record_found(
        &self,
        id: EntryId,
        ticket: TicketId,
        made: Option<ReplyId>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.in_place(move |files| {
            let transaction = begin(&mut files.work)?;
            let Some((mut entry, _)) = find(&transaction, id)? else { return Ok(false) };
            if entry.state.is_settled() || is_taken(&transaction, ticket, made)? {
                return Ok(false);
            }
            entry.state = State::Recorded { at, made, undo: None };
            entry.ticket = Some(ticket);
            write_state(&transaction, &entry, files.clock.to_wall(at))?;
            transaction.commit()?;
            Ok(true)
        })
        .await
    }

    /// The statuses of the same step that follow the post `id`, and are still to be sent, start from
    /// `status`.
    pub async fn start_from(&self, id: EntryId, status: Status) -> Result<(), StoreError> {
        self.in_place(move |files| {
            let transaction = begin(&mut files.work)?;
            let following = {
                let mut following = transaction.prepare_cached(
                    "SELECT it.id FROM outbox AS it JOIN outbox AS post ON post.id = ?1
                    WHERE it.settled IS NULL AND it.after IS NOT NULL
                    AND it.step = post.step AND it.ticket = post.ticket AND it.turn > post.turn",
                )?;
                let ids = following.query_map([id], |row| row.get::<_, EntryId>(0))?;
                ids.collect::<Result<Vec<_>, _>>()?
            };
            for id in following {
                if let Some((Entry { change: Change::Status(edit), .. }, _)) =
                    find(&transaction, id)?
                {
                    let change = Change::Status(Edit { from: status.clone(), to: edit.to });
                    transaction
                        .prepare_cached("UPDATE outbox SET change = ?2 WHERE id = ?1")?
                        .execute(params![id, Json(&change)])?;
                }
            }
            Ok(transaction.commit()?)
        })
        .await
    }

    /// The replies and notes of a ticket that consoles of this profile wrote, as far as the server
    /// said their numbers.
    pub async fn made(&self, ticket: TicketId) -> Result<HashSet<ReplyId>, StoreError> {
        self.work(move |work| {
            let mut made = work.prepare_cached(
                "SELECT json_extract(state, '$.made') FROM outbox
                WHERE ticket = ?1 AND settled IS NOT NULL",
            )?;
            let made = made.query_map([ticket.0], |row| row.get::<_, Option<i64>>(0))?;
            made.filter_map(Result::transpose).map(|id| Ok(ReplyId(id?))).collect()
        })
        .await
    }

    /// The tickets that consoles of this profile created, as far as the server said their numbers.
    pub async fn created(&self) -> Result<HashSet<TicketId>, StoreError> {
        self.work(|work| {
            let mut created = work.prepare_cached(
                "SELECT ticket FROM outbox WHERE settled IS NOT NULL AND ticket IS NOT NULL
                AND json_extract(change, '$.create') IS NOT NULL",
            )?;
            let created = created.query_map([], |row| Ok(TicketId(row.get(0)?)))?;
            Ok(created.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn is_taken(work: &Connection, ticket: TicketId, made: Option<ReplyId>) -> rusqlite::Result<bool> {
    work.prepare_cached(
        "SELECT 1 FROM outbox WHERE ticket = ?1 AND settled IS NOT NULL AND iif(?2 IS NULL,
            json_extract(change, '$.create') IS NOT NULL, json_extract(state, '$.made') = ?2)",
    )?
    .exists(params![ticket.0, made.map(|it| it.0)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{at, entry, store};

    #[tokio::test]
    async fn one_reply_is_the_work_of_one_entry() {
        let (_folder, store) = store().await;
        let entries = vec![entry(1, 1), entry(2, 1)];
        let ticket = entries[0].ticket.unwrap();
        store.queue(entries, vec![]).await.unwrap();
        let made = Some(ReplyId(9));
        assert!(store.record_found(EntryId(1), ticket, made, at(2)).await.unwrap());
        assert!(!store.record_found(EntryId(1), ticket, made, at(3)).await.unwrap());
        assert!(!store.record_found(EntryId(2), ticket, made, at(3)).await.unwrap());
        let other = Some(ReplyId(10));
        assert!(store.record_found(EntryId(2), ticket, other, at(3)).await.unwrap());
        assert_eq!(store.made(ticket).await.unwrap(), [ReplyId(9), ReplyId(10)].into());
        assert_eq!(store.log(10).await.unwrap().len(), 2);
    }
}
