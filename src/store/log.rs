//! The action log: it keeps the outcome of every change for good.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Store, StoreError,
    values::{At, Json},
};
use crate::domain::{Change, Entry, EntryId, Stand, State, TicketId, Trace};

/// Where the agent's name is remembered.
const AGENT: &str = "agent";

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
    /// How the ticket stood for the agent, where it was known.
    pub stood: Option<Box<Stand>>,
    /// Whether the change took an earlier one back.
    pub undo: bool,
    /// Whose change it was; empty where the profile does not say.
    pub agent: String,
    /// Its final state; always a settled one.
    pub outcome: State,
}

impl LogLine {
    /// The fields that it changed, each before and after.
    pub fn traces(&self) -> Vec<Trace> {
        self.change.traces(self.stood.as_deref())
    }
}

/// A selection of lines of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Only those of this ticket.
    pub ticket: Option<TicketId>,
    /// Only those settled then or later.
    pub since: Option<Timestamp>,
    /// Only so many of the newest.
    pub limit: Option<u32>,
}

impl Store {
    /// The newest `limit` lines, newest first.
    pub async fn log(&self, limit: u32) -> Result<Vec<LogLine>, StoreError> {
        self.log_of(LogQuery { limit: Some(limit), ..LogQuery::default() }).await
    }

    /// The lines that are wanted, newest first.
    pub async fn log_of(&self, query: LogQuery) -> Result<Vec<LogLine>, StoreError> {
        self.work(move |work| {
            let mut lines = work.prepare_cached(
                "SELECT at, entry, ticket, what, change, outcome, stood, undo, agent FROM log
                WHERE (?1 IS NULL OR ticket = ?1) AND (?2 IS NULL OR at >= ?2)
                ORDER BY number DESC LIMIT ?3",
            )?;
            // SQLite takes a negative limit for none.
            let limit = query.limit.map_or(-1, i64::from);
            let wanted = params![query.ticket.map(|it| it.0), query.since.map(At), limit];
            Ok(lines.query_map(wanted, read_line)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Names the agent whose changes are logged from now on, in every process of this profile, and who
    /// writes this console's drafts.
    pub async fn sign_log(&self, agent: &str) -> Result<(), StoreError> {
        let name = agent.to_owned();
        self.run(move |files| {
            files.agent = name;
            Ok(())
        })
        .await?;
        if self.recall(AGENT).await?.is_some_and(|known| known == agent) {
            return Ok(());
        }
        self.remember(AGENT, agent.into()).await
    }
}

/// Appends what became of `entry`, whose state is settled.
pub(super) fn append(work: &Connection, entry: &Entry, at: Timestamp) -> rusqlite::Result<()> {
    let agent = agent(work)?;
    work.prepare_cached(
        "INSERT INTO log (at, entry, ticket, what, change, outcome, stood, undo, agent)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        At(at),
        entry.id,
        entry.ticket.map(|it| it.0),
        entry.change.describe(),
        Json(&entry.change),
        Json(&entry.state),
        entry.stood.as_ref().map(Json),
        entry.undo.is_some(),
        agent,
    ])?;
    Ok(())
}

/// The agent whose changes are logged now.
pub(super) fn agent(work: &Connection) -> rusqlite::Result<Option<String>> {
    let agent: Option<Json<String>> = work
        .prepare_cached("SELECT value FROM memory WHERE key = ?1")?
        .query_row([AGENT], |row| row.get(0))
        .optional()?;
    Ok(agent.map(|Json(name)| name))
}

fn read_line(row: &rusqlite::Row<'_>) -> rusqlite::Result<LogLine> {
    Ok(LogLine {
        at: row.get(0).map(|At(at)| at)?,
        entry: row.get(1)?,
        ticket: row.get::<_, Option<i64>>(2)?.map(TicketId),
        what: row.get(3)?,
        change: row.get(4).map(|Json(change)| change)?,
        outcome: row.get(5).map(|Json(outcome)| outcome)?,
        stood: row.get::<_, Option<Json<_>>>(6)?.map(|Json(stood)| stood),
        undo: row.get(7)?,
        agent: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Line, TagsChange},
        store::{
            schema,
            testing::{at, entry, reopen, store, ticket},
        },
    };

    #[tokio::test]
    async fn a_line_knows_what_was_there_before() {
        let (_folder, store) = store().await;
        let tags = TagsChange { add: vec![Line::from_cleaned("vip", None)], remove: vec![] };
        let stood = Some(Box::new(Stand::of(&ticket(7).ticket)));
        let changed = Entry {
            change: Change::Tags(tags),
            stood,
            undo: Some(EntryId(1)),
            ticket: Some(TicketId(8)),
            ..entry(2, 1)
        };
        store.queue(vec![entry(1, 1), changed.clone()], vec![]).await.unwrap();
        store.take_back(EntryId(1), at(5)).await.unwrap();
        store.sign_log("Ann").await.unwrap();
        store.take_back(EntryId(2), at(6)).await.unwrap();

        let of = LogQuery { ticket: Some(TicketId(8)), ..LogQuery::default() };
        let [line] = &store.log_of(of).await.unwrap()[..] else { panic!("one line") };
        assert_eq!((line.undo, line.agent.as_str()), (true, "Ann"));
        assert_eq!(line.traces(), changed.change.traces(changed.stood.as_deref()));

        let of = LogQuery { since: Some(at(6)), ..LogQuery::default() };
        assert_eq!(store.log_of(of).await.unwrap().len(), 1);
        let all = store.log_of(LogQuery::default()).await.unwrap();
        assert_eq!(all.iter().map(|line| line.entry.0).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(store.log(1).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_line_of_an_older_growdesk_stays_readable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("work.db");
        let mut old = Connection::open(&path).unwrap();
        schema::migrate(&mut old, &path, &schema::WORK[..2]).unwrap();
        old.execute_batch(
            r#"INSERT INTO log (at, entry, ticket, what, change, outcome) VALUES
            (5, 1, 7, 'archive', '{"archived":true}', '{"state":"taken_back"}')"#,
        )
        .unwrap();
        drop(old);
        let lines = reopen(folder.path()).await.log(9).await.unwrap();
        assert_eq!((lines[0].undo, lines[0].agent.as_str()), (false, ""));
        assert_eq!(
            (&lines[0].change, &lines[0].outcome),
            (&Change::Archived(true), &State::TakenBack)
        );
    }
}
