//! The writers of drafts, and the fate of drafts that are gone.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Store, StoreError,
    drafts::{OF_KEY, find_draft},
    files::Files,
    outbox::begin,
    values::{At, Json},
};
use crate::domain::{Draft, DraftId, DraftKey, Gone, Writer};

/// For how many drafts the store remembers their fate: the last ones that went.
const KNOWN: u32 = 1_000;

/// A draft as it was found when a console wanted to write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftOpened {
    /// The text that is stored, if there is one.
    pub draft: Option<Draft>,
    /// The other console that writes it; `None` where it is the caller's to write now.
    pub writer: Option<Writer>,
    /// The fate of the draft that the caller knew, if it is gone.
    pub gone: Option<Gone>,
}

impl Store {
    /// Makes the caller the writer of the draft of `key`, from `at` on, unless another running
    /// console writes it. With `take` the caller becomes the writer even then. It stays the writer
    /// until [`Store::close_draft`], or until this store is closed. The answer tells the fate of
    /// the draft that the caller knows there.
    pub async fn open_draft(
        &self,
        key: DraftKey,
        known: Option<DraftId>,
        take: bool,
        at: Timestamp,
    ) -> Result<DraftOpened, StoreError> {
        self.in_place(move |files| {
            let me = files.writer(at);
            let transaction = begin(&mut files.work)?;
            let draft = find_draft(&transaction, key)?;
            let writer = other_writer(&transaction, &files.owner, key)?;
            let gone = match known {
                Some(id) => find_gone(&transaction, id)?,
                None => None,
            };
            if writer.is_none() || take {
                put_writer(&transaction, files.owner.number(), &me, key)?;
                transaction.commit()?;
                return Ok(DraftOpened { draft, writer: None, gone });
            }
            Ok(DraftOpened { draft, writer, gone })
        })
        .await
    }

    /// Lets others write the draft of `key`.
    pub async fn close_draft(&self, key: DraftKey) -> Result<(), StoreError> {
        self.in_place(move |files| {
            let owner = files.owner.number();
            files
                .work
                .prepare_cached(&format!("DELETE FROM writers WHERE {OF_KEY} AND owner = ?4"))?
                .execute(params![key.kind.as_str(), key.ticket.map(|it| it.0), key.copy, owner])?;
            Ok(())
        })
        .await
    }
}

impl Files {
    /// This console, as a writer from `since` on.
    pub(super) fn writer(&self, since: Timestamp) -> Writer {
        #[cfg(unix)]
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        #[cfg(not(unix))]
        let host = std::env::var("COMPUTERNAME").unwrap_or_default();
        let (process, console) = (std::process::id(), self.owner.number());
        Writer { agent: self.agent.clone(), process, host, console, since }
    }
}

/// The other console that writes the draft of `key` and still runs.
pub(super) fn other_writer(
    work: &Connection,
    me: &super::owner::Owner,
    key: DraftKey,
) -> rusqlite::Result<Option<Writer>> {
    let writer: Option<(i64, Json<Writer>)> = work
        .prepare_cached(&format!("SELECT owner, writer FROM writers WHERE {OF_KEY}"))?
        .query_row(params![key.kind.as_str(), key.ticket.map(|it| it.0), key.copy], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let other = writer.filter(|(owner, _)| *owner != me.number() && !me.has_ended(*owner));
    Ok(other.map(|(_, Json(writer))| writer))
}

/// All drafts that another console writes, which still runs.
pub(super) fn other_writers(
    work: &Connection,
    me: &super::owner::Owner,
) -> rusqlite::Result<Vec<(DraftKey, Writer)>> {
    let mut writers =
        work.prepare_cached("SELECT ticket, kind, copy, owner, writer FROM writers")?;
    let writers = writers.query_map([], |row| {
        let key = super::drafts::read_key(row)?;
        let Json(writer) = row.get(4)?;
        Ok((row.get::<_, i64>(3)?, key, writer))
    })?;
    let mut others = Vec::new();
    for writer in writers {
        let (owner, key, writer) = writer?;
        if owner != me.number() && !me.has_ended(owner) {
            others.push((key, writer));
        }
    }
    Ok(others)
}

/// Makes `owner` the writer of the draft of `key`.
pub(super) fn put_writer(
    work: &Connection,
    owner: i64,
    writer: &Writer,
    key: DraftKey,
) -> rusqlite::Result<()> {
    let ticket = key.ticket.map(|it| it.0);
    let mine = work
        .prepare_cached(&format!("SELECT 1 FROM writers WHERE {OF_KEY} AND owner = ?4"))?
        .exists(params![key.kind.as_str(), ticket, key.copy, owner])?;
    if mine {
        return Ok(());
    }
    work.prepare_cached(&format!("DELETE FROM writers WHERE {OF_KEY}"))?.execute(params![
        key.kind.as_str(),
        ticket,
        key.copy
    ])?;
    work.prepare_cached(
        "INSERT INTO writers (kind, ticket, copy, owner, writer) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![key.kind.as_str(), ticket, key.copy, owner, Json(writer)])?;
    Ok(())
}

/// Keeps what became of a draft that is removed.
pub(super) fn put_gone(work: &Connection, id: DraftId, gone: &Gone) -> rusqlite::Result<()> {
    work.prepare_cached(
        "INSERT OR REPLACE INTO gone_drafts (draft, recorded, at, writer) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![id.0, gone.recorded, At(gone.at), Json(&gone.by)])?;
    work.prepare_cached(
        "DELETE FROM gone_drafts WHERE turn <= (SELECT max(turn) FROM gone_drafts) - ?1",
    )?
    .execute([KNOWN])?;
    Ok(())
}

/// The fate of a draft; `None` if it is not known to be gone.
pub(super) fn find_gone(work: &Connection, id: DraftId) -> rusqlite::Result<Option<Gone>> {
    work.prepare_cached("SELECT recorded, at, writer FROM gone_drafts WHERE draft = ?1")?
        .query_row([id.0], |row| read_gone(row, 0))
        .optional()
}

/// The fate of the drafts that went last.
pub(super) fn all_gone(work: &Connection) -> rusqlite::Result<Vec<(DraftId, Gone)>> {
    let mut gone = work.prepare_cached(
        "SELECT draft, recorded, at, writer FROM gone_drafts ORDER BY turn DESC LIMIT 100",
    )?;
    let gone = gone.query_map([], |row| Ok((DraftId(row.get(0)?), read_gone(row, 1)?)))?;
    gone.collect()
}

fn read_gone(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Gone> {
    let At(at) = row.get(first + 1)?;
    let Json(by) = row.get(first + 2)?;
    Ok(Gone { recorded: row.get(first)?, at, by })
}

#[cfg(test)]
mod tests;
