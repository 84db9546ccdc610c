//! Drafts: texts that the agent has typed and not yet recorded.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Store, StoreError,
    outbox::begin,
    values::At,
    writers::{all_gone, find_gone, other_writer, other_writers, put_gone, put_writer},
};
use crate::domain::{AllDrafts, Draft, DraftId, DraftKey, DraftKind, Gone, Seen, Stale, TicketId};

const COLUMNS: &str =
    "ticket, kind, copy, text, cursor_line, cursor_column, updated, draft, changes";

/// The SQL condition that a row belongs to a key; its kind, ticket and copy are the first three
/// values. It repeats the wording of the indexes of drafts and writers, because SQLite uses them
/// for no other wording.
pub(super) const OF_KEY: &str = "kind = ?1 AND (ticket IS NULL) = (?2 IS NULL) \
    AND ifnull(ticket, 0) = ifnull(?2, 0) AND copy = ?3";

/// The result of storing a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is on the disk.
    Stored,
    /// It is not stored: the draft has changed since the caller saw it.
    Stale(Stale),
}

impl Store {
    /// All drafts, the one typed in last first.
    pub async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        self.work(|work| Ok(all(work)?)).await
    }

    /// All drafts, who else writes them, and what became of those that are gone.
    pub async fn all_drafts(&self) -> Result<AllDrafts, StoreError> {
        self.in_place(|files| {
            let transaction = files.work.transaction()?;
            Ok(AllDrafts {
                drafts: all(&transaction)?,
                writers: other_writers(&transaction, &files.owner)?,
                gone: all_gone(&transaction)?,
            })
        })
        .await
    }

    /// The draft for `key`.
    pub async fn draft(&self, key: DraftKey) -> Result<Option<Draft>, StoreError> {
        self.work(move |work| Ok(find_draft(work, key)?)).await
    }

    /// Stores a draft and makes the caller its writer. The draft is not stored in three cases: it
    /// is gone; another console writes it; or somebody else has stored another text, and that is
    /// not the version that the caller has `seen` (its `updated`).
    pub async fn save_draft(
        &self,
        draft: Draft,
        seen: Option<Timestamp>,
    ) -> Result<Saved, StoreError> {
        self.in_place(move |files| {
            let me = files.writer(draft.updated);
            let owner = files.owner.number();
            let transaction = begin(&mut files.work)?;
            let known = Seen { key: draft.key, id: draft.id, version: seen };
            if let Some(stale) = stale(&transaction, &files.owner, known, Some(&draft.text))? {
                return Ok(Saved::Stale(stale));
            }
            put_writer(&transaction, owner, &me, draft.key)?;
            put_draft(&transaction, Some(owner), &draft)?;
            transaction.commit()?;
            Ok(Saved::Stored)
        })
        .await
    }

    /// Stores a draft under a key that has none and that nobody writes. Returns whether it was stored:
    /// where a text is, it stays.
    pub async fn add_draft(&self, draft: Draft) -> Result<bool, StoreError> {
        self.in_place(move |files| {
            let transaction = begin(&mut files.work)?;
            let there = find_draft(&transaction, draft.key)?.is_some();
            if there || other_writer(&transaction, &files.owner, draft.key)?.is_some() {
                return Ok(false);
            }
            put_draft(&transaction, None, &draft)?;
            transaction.commit()?;
            Ok(true)
        })
        .await
    }

    /// Stores a text that was found, and that was made from `before`. It replaces `before` if that
    /// is still stored. Otherwise it is kept beside the draft under its key.
    pub async fn keep_draft(&self, draft: Draft, before: &str) -> Result<(), StoreError> {
        let before = before.to_owned();
        self.in_place(move |files| {
            let transaction = begin(&mut files.work)?;
            let stored = find_draft(&transaction, draft.key)?;
            let replaced = stored.filter(|stored| stored.text == before);
            if replaced.is_some() {
                delete_draft(&transaction, draft.key)?;
            }
            let changes = replaced.and_then(|it| it.changes).or(draft.changes);
            let number = draft.updated.as_microsecond();
            keep_text(&transaction, Draft { changes, ..draft }, number)?;
            Ok(transaction.commit()?)
        })
        .await
    }

    /// Forgets a draft. If the draft has changed since the caller saw it, it stays, and the reason
    /// is returned.
    pub async fn drop_draft(&self, seen: Seen, at: Timestamp) -> Result<Option<Stale>, StoreError> {
        self.in_place(move |files| {
            let gone = Gone { recorded: false, at, by: files.writer(at) };
            let transaction = begin(&mut files.work)?;
            let stale = give_up(&transaction, &files.owner, seen, &gone)?;
            if stale.is_none() {
                transaction.commit()?;
            }
            Ok(stale)
        })
        .await
    }
}

fn all(work: &Connection) -> rusqlite::Result<Vec<Draft>> {
    let sql = format!("SELECT {COLUMNS} FROM drafts ORDER BY updated DESC, number DESC");
    let mut drafts = work.prepare_cached(&sql)?;
    let drafts = drafts.query_map([], read_draft)?;
    drafts.collect()
}

/// All drafts, each with the console that wrote it last, in the order in which they were begun.
pub(super) fn all_owned(work: &Connection) -> rusqlite::Result<Vec<(Draft, Option<i64>)>> {
    let mut drafts =
        work.prepare(&format!("SELECT {COLUMNS}, owner FROM drafts ORDER BY number"))?;
    let drafts = drafts.query_map([], |row| Ok((read_draft(row)?, row.get(9)?)))?;
    drafts.collect()
}

/// Why a draft is another one than `me` expects, if it is. `me` knows the text that it wrote last.
/// A `text` that is stored already is no loss to anybody.
fn stale(
    work: &Connection,
    me: &super::owner::Owner,
    seen: Seen,
    text: Option<&str>,
) -> rusqlite::Result<Option<Stale>> {
    if let Some(gone) = find_gone(work, seen.id)? {
        return Ok(Some(Stale::Gone(gone)));
    }
    let stored = find_draft(work, seen.key)?;
    if let Some(writer) = other_writer(work, me, seen.key)? {
        return Ok(Some(Stale::Written(writer, stored)));
    }
    let mine = work
        .prepare_cached(&format!("SELECT 1 FROM drafts WHERE {OF_KEY} AND owner = ?4"))?
        .exists(params![
            seen.key.kind.as_str(),
            seen.key.ticket.map(|it| it.0),
            seen.key.copy,
            me.number()
        ])?;
    let known = |stored: &Draft| {
        let same = text == Some(stored.text.as_str());
        mine || same || (stored.id == seen.id && stored.is_version(seen.version))
    };
    Ok(stored.filter(|stored| !known(stored)).map(Stale::Newer))
}

/// Removes a draft that `me` gives up or records, and remembers its fate. A draft that has changed
/// since `me` saw it stays.
pub(super) fn give_up(
    work: &Connection,
    me: &super::owner::Owner,
    seen: Seen,
    gone: &Gone,
) -> rusqlite::Result<Option<Stale>> {
    let stale = stale(work, me, seen, None)?;
    if stale.is_none() {
        delete_draft(work, seen.key)?;
        put_gone(work, seen.id, gone)?;
    }
    Ok(stale)
}

/// Keeps a text as a draft: under its key if that is free, otherwise beside it under `number`. So
/// two texts are never woven into one. It has no writer yet, so a console that has not seen it
/// can't overwrite or drop it.
pub(super) fn keep_text(work: &Connection, draft: Draft, number: i64) -> rusqlite::Result<()> {
    let key = match find_draft(work, draft.key)? {
        Some(there) if there.text == draft.text => return Ok(()),
        Some(_) => draft.key.beside(number),
        None => draft.key,
    };
    put_draft(work, None, &Draft { key, ..draft })
}

/// The draft for `key`.
pub(super) fn find_draft(work: &Connection, key: DraftKey) -> rusqlite::Result<Option<Draft>> {
    let sql = format!("SELECT {COLUMNS} FROM drafts WHERE {OF_KEY}");
    work.prepare_cached(&sql)?
        .query_row(params![key.kind.as_str(), key.ticket.map(|it| it.0), key.copy], read_draft)
        .optional()
}

fn delete_draft(work: &Connection, key: DraftKey) -> rusqlite::Result<()> {
    work.prepare_cached(&format!("DELETE FROM drafts WHERE {OF_KEY}"))?.execute(params![
        key.kind.as_str(),
        key.ticket.map(|it| it.0),
        key.copy
    ])?;
    Ok(())
}

/// Writes a draft in the place of the one before.
pub(super) fn put_draft(
    work: &Connection,
    owner: Option<i64>,
    draft: &Draft,
) -> rusqlite::Result<()> {
    let cursor = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    // A type of plain values can't fail to become JSON.
    let changes = draft.changes.as_ref().and_then(|it| serde_json::to_string(it).ok());
    delete_draft(work, draft.key)?;
    let sql = format!(
        "INSERT INTO drafts ({COLUMNS}, owner) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    );
    work.prepare_cached(&sql)?.execute(params![
        draft.key.ticket.map(|it| it.0),
        draft.key.kind.as_str(),
        draft.key.copy,
        draft.text,
        cursor(draft.cursor.0),
        cursor(draft.cursor.1),
        At(draft.updated),
        draft.id.0,
        changes,
        owner,
    ])?;
    Ok(())
}

/// Reads a key from the first three columns: ticket, kind, copy.
pub(super) fn read_key(row: &rusqlite::Row<'_>) -> rusqlite::Result<DraftKey> {
    let word = row.get_ref(1)?.as_str()?;
    let kind = [DraftKind::Reply, DraftKind::Note, DraftKind::NewTicket, DraftKind::Edit]
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or(rusqlite::types::FromSqlError::InvalidType)?;
    let ticket = row.get::<_, Option<i64>>(0)?.map(TicketId);
    Ok(DraftKey { ticket, kind, copy: row.get(2)? })
}

fn read_draft(row: &rusqlite::Row<'_>) -> rusqlite::Result<Draft> {
    let cursor = |column| row.get(column).map(|at: i64| usize::try_from(at).unwrap_or(0));
    Ok(Draft {
        key: read_key(row)?,
        id: DraftId(row.get(7)?),
        text: row.get(3)?,
        cursor: (cursor(4)?, cursor(5)?),
        updated: row.get(6).map(|At(at)| at)?,
        changes: row.get::<_, Option<String>>(8)?.and_then(|it| serde_json::from_str(&it).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DraftChanges;
    use crate::store::{
        schema,
        testing::{KEY, at, draft, reopen, store},
    };

    #[tokio::test]
    async fn a_draft_is_bound_to_its_ticket_and_its_kind() {
        let (_folder, store) = store().await;
        let tickets = [None, Some(0), Some(i64::MIN), Some(i64::MAX)];
        let kinds = [DraftKind::Reply, DraftKind::Note, DraftKind::NewTicket, DraftKind::Edit];
        let mut all = Vec::new();
        for ticket in tickets {
            for kind in kinds {
                let key = DraftKey::new(ticket.map(TicketId), kind);
                let second = i64::try_from(all.len()).unwrap();
                let id = DraftId(second);
                let one = Draft { key, id, ..draft(&format!("\0{key:?}"), second) };
                assert_eq!(store.save_draft(one.clone(), None).await.unwrap(), Saved::Stored);
                all.insert(0, one);
            }
        }
        assert_eq!(store.drafts().await.unwrap(), all);
        let gone = all.pop().unwrap();
        let seen = Seen { key: gone.key, id: gone.id, version: None };
        assert_eq!(store.drop_draft(seen, at(99)).await.unwrap(), None);
        assert_eq!(store.draft(gone.key).await.unwrap(), None);
        assert_eq!(store.drafts().await.unwrap(), all);
    }

    #[tokio::test]
    async fn the_changes_beside_a_draft_are_stored_with_it() {
        let (folder, store) = store().await;
        let changes = DraftChanges {
            priority: Some(crate::domain::Priority::High),
            left_out: [crate::domain::DraftField::Priority].into(),
            ..DraftChanges::default()
        };
        let one = Draft { changes: Some(Box::new(changes)), ..draft("a", 1) };
        store.save_draft(one.clone(), None).await.unwrap();
        store.close_draft(KEY).await.unwrap();
        let other = reopen(folder.path()).await;
        assert_eq!(other.drafts().await.unwrap(), vec![one]);
    }

    #[test]
    fn a_key_is_looked_up_in_an_index_however_many_there_are() {
        let mut work = Connection::open_in_memory().unwrap();
        schema::migrate(&mut work, "work.db".as_ref(), schema::WORK).unwrap();
        for table in ["drafts", "writers"] {
            let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {OF_KEY}");
            let values = params![DraftKind::Reply.as_str(), None::<i64>, 0];
            let plan: String = work.query_row(&sql, values, |row| row.get(3)).unwrap();
            assert!(plan.contains("copy=?"), "{plan}");
        }
    }

    #[tokio::test]
    async fn a_time_finer_than_a_microsecond_is_still_known_again() {
        let (folder, store) = store().await;
        let fine = Timestamp::from_nanosecond(1_234_567_891).unwrap();
        let typed = Draft { updated: fine, ..draft("a", 0) };
        store.save_draft(typed, None).await.unwrap();
        store.close_draft(KEY).await.unwrap();
        let other = reopen(folder.path()).await;
        let saved = other.save_draft(draft("b", 5), Some(fine)).await.unwrap();
        assert_eq!(saved, Saved::Stored);
        assert_eq!(store.draft(KEY).await.unwrap().unwrap().updated, at(5));
    }
}
