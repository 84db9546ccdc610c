//! Drafts: what the agent has typed and not yet recorded.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError, outbox::begin, values::At};
use crate::domain::{Draft, DraftKey, DraftKind, Seen, TicketId};

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

    /// Stores a draft, unless what is stored is another text that was written by somebody else and
    /// is not the version that the caller has `seen` (its `updated`).
    pub async fn save_draft(
        &self,
        draft: Draft,
        seen: Option<Timestamp>,
    ) -> Result<Saved, StoreError> {
        self.run(move |files| {
            let owner = files.owner.number();
            let transaction = begin(&mut files.work)?;
            let known = Seen { key: draft.key, version: seen };
            if let Some(stored) = unseen(&transaction, owner, known)?
                && stored.text != draft.text
            {
                return Ok(Saved::Newer(stored));
            }
            put_draft(&transaction, Some(owner), &draft)?;
            transaction.commit()?;
            Ok(Saved::Stored)
        })
        .await
    }

    /// Keeps a text that was found and had been made of `before`: in the place of that, otherwise
    /// together with what there is under its key.
    pub async fn keep_draft(&self, draft: Draft, before: &str) -> Result<(), StoreError> {
        let before = before.to_owned();
        self.run(move |files| {
            let transaction = begin(&mut files.work)?;
            if find_draft(&transaction, draft.key)?.is_some_and(|stored| stored.text == before) {
                delete_draft(&transaction, draft.key)?;
            }
            keep_text(&transaction, draft)?;
            Ok(transaction.commit()?)
        })
        .await
    }

    /// Forgets a draft, where there is one, unless somebody else has written on it since: that text
    /// stays, and is returned.
    pub async fn drop_draft(&self, seen: Seen) -> Result<Option<Draft>, StoreError> {
        self.run(move |files| {
            let owner = files.owner.number();
            let transaction = begin(&mut files.work)?;
            let kept = give_up(&transaction, owner, seen)?;
            transaction.commit()?;
            Ok(kept)
        })
        .await
    }
}

/// The stored draft, where it is a version that `owner` neither wrote nor has seen.
fn unseen(work: &Connection, owner: i64, seen: Seen) -> rusqlite::Result<Option<Draft>> {
    let mine = work
        .prepare_cached("SELECT 1 FROM drafts WHERE kind = ?1 AND ticket IS ?2 AND owner = ?3")?
        .exists(params![seen.key.kind.as_str(), seen.key.ticket.map(|it| it.0), owner])?;
    let stored = find_draft(work, seen.key)?;
    Ok(stored.filter(|stored| !mine && !stored.is_version(seen.version)))
}

/// Removes a draft that `owner` gives up; what somebody else has written since stays.
pub(super) fn give_up(
    work: &Connection,
    owner: i64,
    seen: Seen,
) -> rusqlite::Result<Option<Draft>> {
    let theirs = unseen(work, owner, seen)?;
    if theirs.is_none() {
        delete_draft(work, seen.key)?;
    }
    Ok(theirs)
}

/// Keeps a text as a draft, together with what has been typed under its key meanwhile. It is nobody's
/// yet: whoever has not seen it can't overwrite or drop it.
pub(super) fn keep_text(work: &Connection, draft: Draft) -> rusqlite::Result<()> {
    let joined = match find_draft(work, draft.key)? {
        Some(meanwhile) => draft.join(&meanwhile),
        None => draft,
    };
    put_draft(work, None, &joined)
}

/// The draft for `key`.
fn find_draft(work: &Connection, key: DraftKey) -> rusqlite::Result<Option<Draft>> {
    let sql = format!("SELECT {COLUMNS} FROM drafts WHERE kind = ?1 AND ticket IS ?2");
    work.prepare_cached(&sql)?
        .query_row(params![key.kind.as_str(), key.ticket.map(|it| it.0)], read_draft)
        .optional()
}

fn delete_draft(work: &Connection, key: DraftKey) -> rusqlite::Result<()> {
    work.prepare_cached("DELETE FROM drafts WHERE kind = ?1 AND ticket IS ?2")?
        .execute(params![key.kind.as_str(), key.ticket.map(|it| it.0)])?;
    Ok(())
}

/// Writes a draft in the place of the one before.
fn put_draft(work: &Connection, owner: Option<i64>, draft: &Draft) -> rusqlite::Result<()> {
    let cursor = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    delete_draft(work, draft.key)?;
    let sql = format!("INSERT INTO drafts ({COLUMNS}, owner) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    work.prepare_cached(&sql)?.execute(params![
        draft.key.ticket.map(|it| it.0),
        draft.key.kind.as_str(),
        draft.text,
        cursor(draft.cursor.0),
        cursor(draft.cursor.1),
        At(draft.updated),
        owner,
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
        let seen = Seen { key: gone.key, version: None };
        assert_eq!(store.drop_draft(seen).await.unwrap(), None);
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
    async fn another_consoles_newer_text_is_not_dropped() {
        let (folder, mine) = store().await;
        let theirs = reopen(folder.path()).await;
        let first = draft("first", 1);
        mine.save_draft(first.clone(), None).await.unwrap();
        let second = draft("second", 2);
        theirs.save_draft(second.clone(), Some(first.updated)).await.unwrap();
        let seen = |version| Seen { key: KEY, version };
        assert_eq!(mine.drop_draft(seen(None)).await.unwrap(), Some(second.clone()));
        assert_eq!(mine.draft(KEY).await.unwrap(), Some(second.clone()));
        assert_eq!(mine.drop_draft(seen(Some(second.updated))).await.unwrap(), None);
        assert_eq!(mine.draft(KEY).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_time_finer_than_a_microsecond_is_still_known_again() {
        let (folder, store) = store().await;
        let fine = Timestamp::from_nanosecond(1_234_567_891).unwrap();
        let typed = Draft { updated: fine, ..draft("a", 0) };
        store.save_draft(typed, None).await.unwrap();
        let other = reopen(folder.path()).await;
        let saved = other.save_draft(draft("b", 5), Some(fine)).await.unwrap();
        assert_eq!(saved, Saved::Stored);
        assert_eq!(store.draft(KEY).await.unwrap().unwrap().updated, at(5));
    }
}
