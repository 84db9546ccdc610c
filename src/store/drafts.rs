//! Drafts: what the agent has typed and not yet recorded.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Store, StoreError, values::At};
use crate::domain::{Draft, DraftKey, DraftKind, TicketId};

const COLUMNS: &str = "ticket, kind, text, cursor_line, cursor_column, updated";

/// What became of a draft that was to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is on the disk.
    Stored,
    /// Another console stored another text meanwhile: this one, which is still what is stored.
    Newer(Draft),
}

impl Store {
    /// All drafts, the one typed in last first.
    pub async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        self.work(|work| {
            let sql = format!("SELECT {COLUMNS} FROM drafts ORDER BY updated DESC, number DESC");
            let mut drafts = work.prepare_cached(&sql)?;
            Ok(drafts.query_map([], read_draft)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The draft for `key`.
    pub async fn draft(&self, key: DraftKey) -> Result<Option<Draft>, StoreError> {
        self.work(move |work| Ok(find_draft(work, key)?)).await
    }

    /// Stores a draft, unless another console has stored another text since. `known` is when the
    /// version that the caller knows to be stored was typed (its `updated`); `None` where the
    /// caller knows of none.
    pub async fn save_draft(
        &self,
        draft: Draft,
        known: Option<Timestamp>,
    ) -> Result<Saved, StoreError> {
        self.work(move |work| {
            let transaction = work.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if let Some(stored) = find_draft(&transaction, draft.key)?
                && known.map(Timestamp::as_microsecond) != Some(stored.updated.as_microsecond())
                && stored.text != draft.text
            {
                return Ok(Saved::Newer(stored));
            }
            delete_draft(&transaction, draft.key)?;
            insert_draft(&transaction, &draft)?;
            transaction.commit()?;
            Ok(Saved::Stored)
        })
        .await
    }

    /// Forgets the draft for `key`, where there is one.
    pub async fn drop_draft(&self, key: DraftKey) -> Result<(), StoreError> {
        self.work(move |work| Ok(delete_draft(work, key)?)).await
    }
}

/// The draft for `key`.
pub(super) fn find_draft(work: &Connection, key: DraftKey) -> rusqlite::Result<Option<Draft>> {
    let sql = format!("SELECT {COLUMNS} FROM drafts WHERE kind = ?1 AND ticket IS ?2");
    work.prepare_cached(&sql)?
        .query_row(params![key.kind.as_str(), key.ticket.map(|it| it.0)], read_draft)
        .optional()
}

/// Removes the draft for `key`, where there is one.
pub(super) fn delete_draft(work: &Connection, key: DraftKey) -> rusqlite::Result<()> {
    work.prepare_cached("DELETE FROM drafts WHERE kind = ?1 AND ticket IS ?2")?
        .execute(params![key.kind.as_str(), key.ticket.map(|it| it.0)])?;
    Ok(())
}

/// Adds a draft whose key has none yet.
pub(super) fn insert_draft(work: &Connection, draft: &Draft) -> rusqlite::Result<()> {
    let cursor = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    let sql = format!("INSERT INTO drafts ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    work.prepare_cached(&sql)?.execute(params![
        draft.key.ticket.map(|it| it.0),
        draft.key.kind.as_str(),
        draft.text,
        cursor(draft.cursor.0),
        cursor(draft.cursor.1),
        At(draft.updated),
    ])?;
    Ok(())
}

fn read_draft(row: &rusqlite::Row<'_>) -> rusqlite::Result<Draft> {
    let cursor = |column| row.get(column).map(|at: i64| usize::try_from(at).unwrap_or(0));
    let word = row.get_ref(1)?.as_str()?;
    let kind = [DraftKind::Reply, DraftKind::Note, DraftKind::NewTicket, DraftKind::Edit]
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or(rusqlite::types::FromSqlError::InvalidType)?;
    let ticket = row.get::<_, Option<i64>>(0)?.map(TicketId);
    Ok(Draft {
        key: DraftKey { ticket, kind },
        text: row.get(2)?,
        cursor: (cursor(3)?, cursor(4)?),
        updated: row.get(5).map(|At(at)| at)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{KEY, at, draft, reopen, store};

    #[tokio::test]
    async fn a_draft_is_bound_to_its_ticket_and_its_kind() {
        let (_folder, store) = store().await;
        let tickets = [None, Some(0), Some(i64::MIN), Some(i64::MAX)];
        let kinds = [DraftKind::Reply, DraftKind::Note, DraftKind::NewTicket, DraftKind::Edit];
        let mut all = Vec::new();
        for ticket in tickets {
            for kind in kinds {
                let key = DraftKey { ticket: ticket.map(TicketId), kind };
                let second = i64::try_from(all.len()).unwrap();
                let one = Draft { key, ..draft(&format!("\0{key:?}"), second) };
                assert_eq!(store.save_draft(one.clone(), None).await.unwrap(), Saved::Stored);
                all.insert(0, one);
            }
        }
        assert_eq!(store.drafts().await.unwrap(), all);
        let gone = all.pop().unwrap();
        store.drop_draft(gone.key).await.unwrap();
        assert_eq!(store.draft(gone.key).await.unwrap(), None);
        assert_eq!(store.drafts().await.unwrap(), all);
    }

    #[tokio::test]
    async fn another_consoles_newer_text_is_not_overwritten() {
        let (folder, mine) = store().await;
        let theirs = reopen(folder.path()).await;
        let first = draft("first", 1);
        assert_eq!(mine.save_draft(first.clone(), None).await.unwrap(), Saved::Stored);
        let newer = Saved::Newer(first.clone());
        assert_eq!(theirs.save_draft(draft("blind", 2), None).await.unwrap(), newer);

        let second = draft("second", 2);
        let saved = theirs.save_draft(second.clone(), Some(first.updated)).await.unwrap();
        assert_eq!(saved, Saved::Stored);
        let saved = mine.save_draft(draft("third", 3), Some(first.updated)).await.unwrap();
        assert_eq!(saved, Saved::Newer(second));
        let same_text = draft("second", 4);
        let saved = mine.save_draft(same_text.clone(), Some(first.updated)).await.unwrap();
        assert_eq!(saved, Saved::Stored);
        assert_eq!(theirs.draft(KEY).await.unwrap(), Some(same_text));
    }

    #[tokio::test]
    async fn a_time_finer_than_a_microsecond_is_still_known_again() {
        let (_folder, store) = store().await;
        let fine = Timestamp::from_nanosecond(1_234_567_891).unwrap();
        let typed = Draft { updated: fine, ..draft("a", 0) };
        store.save_draft(typed, None).await.unwrap();
        let saved = store.save_draft(draft("b", 5), Some(fine)).await.unwrap();
        assert_eq!(saved, Saved::Stored);
        assert_eq!(store.draft(KEY).await.unwrap().unwrap().updated, at(5));
    }
}
