//! The action log: what became of every change, for good.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{
    Store, StoreError,
    values::{At, Json},
};
use crate::domain::{Change, Entry, EntryId, State, TicketId};

/// One settled change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was settled.
    pub at: Timestamp,
    /// The entry of the outbox.
    pub entry: EntryId,
    /// The ticket; `None` where none was created.
    pub ticket: Option<TicketId>,
    /// What it did, for people.
    pub what: String,
    /// What it did, in full.
    pub change: Change,
    /// What became of it; always settled.
    pub outcome: State,
}

impl Store {
    /// The newest `limit` lines, newest first.
    pub async fn log(&self, limit: u32) -> Result<Vec<LogLine>, StoreError> {
        self.work(move |work| {
            let mut lines = work.prepare_cached(
                "SELECT at, entry, ticket, what, change, outcome
                FROM log ORDER BY number DESC LIMIT ?1",
            )?;
            Ok(lines.query_map([limit], read_line)?.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Appends what became of `entry`, whose state is settled.
pub(super) fn append(work: &Connection, entry: &Entry, at: Timestamp) -> rusqlite::Result<()> {
    work.prepare_cached(
        "INSERT INTO log (at, entry, ticket, what, change, outcome)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        At(at),
        entry.id.0,
        entry.ticket.map(|it| it.0),
        entry.change.describe(),
        Json(&entry.change),
        Json(&entry.state),
    ])?;
    Ok(())
}

fn read_line(row: &rusqlite::Row<'_>) -> rusqlite::Result<LogLine> {
    Ok(LogLine {
        at: row.get(0).map(|At(at)| at)?,
        entry: EntryId(row.get(1)?),
        ticket: row.get::<_, Option<i64>>(2)?.map(TicketId),
        what: row.get(3)?,
        change: row.get(4).map(|Json(change)| change)?,
        outcome: row.get(5).map(|Json(outcome)| outcome)?,
    })
}
