//! Tickets as the server last sent them, with the console's own observations.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{
    Store, StoreError,
    files::Files,
    sync::{Recorded, note_gone},
    values::{At, Json, LineBuf, LineRef},
};
use crate::domain::{
    ClientId, DepartmentId, Event, FullTicket, Html, Line, Named, PersonId, Priority, ProjectId,
    ReplyId, Row, Source, Status, StatusId, ThreadFacts, Ticket, TicketId,
};

/// How many tickets one job writes: a draft never waits behind more.
const CHUNK: usize = 500;

/// The columns that [`read_row`] reads, in its order.
macro_rules! select_rows {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.subject, t.status_id, t.status_title, t.priority, t.source,
                t.archived, t.department_id, t.department_name, t.client_id, t.client_name,
                t.project_id, t.creator_id, t.created, t.last_updated, t.status_changed,
                t.replies_count, t.tags, t.noticed,
                c.customer_since, c.last_reply, c.replies_count
            FROM tickets t LEFT JOIN conversations c ON c.ticket = t.id ",
            $rest
        )
    };
}
pub(super) use select_rows;

/// The columns that [`write_ticket`] writes, in its order.
const COLUMNS: [&str; 20] = [
    "id",
    "subject",
    "status_id",
    "status_title",
    "priority",
    "source",
    "archived",
    "department_id",
    "department_name",
    "client_id",
    "client_name",
    "project_id",
    "creator_id",
    "created",
    "last_updated",
    "status_changed",
    "replies_count",
    "tags",
    "noticed",
    "revision",
];

static UPSERT: LazyLock<String> = LazyLock::new(|| {
    let names = COLUMNS.join(", ");
    let values = (1..=COLUMNS.len()).map(|number| format!("?{number}")).collect::<Vec<_>>();
    let sets = COLUMNS.iter().skip(1).map(|name| format!("{name} = excluded.{name}"));
    format!(
        "INSERT INTO tickets ({names}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET {}",
        values.join(", "),
        sets.collect::<Vec<_>>().join(", ")
    )
});

impl Store {
    /// Adds at most `limit` tickets to `rows`, archived ones too, in the order of their numbers,
    /// beginning after `after`. Returns the number of the last. Reading all tickets in one go would
    /// keep drafts waiting.
    ///
    /// The store's thread adds them itself. If one thread read the rows and another kept them, the
    /// allocator would keep freed memory in both.
    pub async fn rows<T: Extend<Row> + Send + 'static>(
        &self,
        mut rows: T,
        after: Option<TicketId>,
        limit: usize,
    ) -> Result<(T, Option<TicketId>), StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.mirror(move |mirror| {
            let first = after.map_or(i64::MIN, |id| id.0.saturating_add(1));
            if after == Some(TicketId(i64::MAX)) {
                return Ok((rows, None));
            }
            let select = select_rows!("WHERE t.id >= ?1 ORDER BY t.id LIMIT ?2");
            let mut last = None;
            for row in mirror.prepare_cached(select)?.query_map([first, limit], read_row)? {
                let row = row?;
                last = Some(row.ticket.id);
                rows.extend([row]);
            }
            Ok((rows, last))
        })
        .await
    }

    /// Those of some tickets that are stored, in the order given.
    pub async fn rows_of(&self, ids: Vec<TicketId>) -> Result<Vec<Row>, StoreError> {
        self.mirror(move |mirror| {
            let rows = ids.into_iter().filter_map(|id| find_row(mirror, id).transpose());
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// One ticket.
    pub async fn row(&self, id: TicketId) -> Result<Option<Row>, StoreError> {
        self.mirror(move |mirror| Ok(find_row(mirror, id)?)).await
    }

    /// One ticket with its opening message.
    pub async fn full_ticket(&self, id: TicketId) -> Result<Option<FullTicket>, StoreError> {
        self.mirror(move |mirror| {
            let Some(row) = find_row(mirror, id)? else { return Ok(None) };
            let message: Option<String> = mirror
                .prepare_cached("SELECT html FROM messages WHERE ticket = ?1")?
                .query_row([id.0], |row| row.get(0))
                .optional()?;
            let message = Html::new(message.unwrap_or_default());
            Ok(Some(FullTicket { ticket: row.ticket, message }))
        })
        .await
    }

    /// Stores what the server sent `at` that time, and returns the rows of the tickets that are new
    /// or changed; a changed message counts too.
    ///
    /// A ticket that is new, or whose status or number of replies changed, counts as noticed then.
    /// Large lists are written in pieces, each of them whole or not at all, so that drafts and the
    /// outbox get their turn in between.
    pub async fn save_tickets(
        &self,
        tickets: Vec<FullTicket>,
        at: Timestamp,
    ) -> Result<Vec<Row>, StoreError> {
        let mut changed = Vec::new();
        let mut tickets = tickets.into_iter();
        loop {
            let chunk: Vec<FullTicket> = tickets.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(changed);
            }
            let save = move |transaction: &Transaction<'_>| save_all(transaction, chunk, at);
            let run = |files: &mut Files| {
                let recorded = files.writing_mirror(save)?;
                files.note_seen(&recorded.seen);
                Ok(recorded.changed)
            };
            changed.extend(self.run(run).await?);
        }
    }

    /// Forgets tickets with their messages and conversations: the server no longer has them.
    pub async fn remove_tickets(&self, ids: Vec<TicketId>) -> Result<(), StoreError> {
        self.run(move |files| {
            files.writing_mirror(|transaction| {
                for id in &ids {
                    for delete in [
                        "DELETE FROM tickets WHERE id = ?1",
                        "DELETE FROM messages WHERE ticket = ?1",
                        "DELETE FROM conversations WHERE ticket = ?1",
                        "DELETE FROM replies WHERE conversation = ?1",
                    ] {
                        transaction.prepare_cached(delete)?.execute([id.0])?;
                    }
                }
                Ok(note_gone(transaction, &ids)?)
            })
        })
        .await
    }

    /// The numbers of all active, or all archived, tickets: those that a full listing no longer
    /// names were deleted.
    pub async fn ids(&self, archived: bool) -> Result<Vec<TicketId>, StoreError> {
        self.mirror(move |mirror| {
            let mut ids =
                mirror.prepare_cached("SELECT id FROM tickets WHERE archived = ?1 ORDER BY id")?;
            let ids = ids.query_map([archived], |row| Ok(TicketId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Stores tickets. A new ticket costs one statement for itself and one for its message.
pub(super) fn save_all(
    transaction: &Transaction<'_>,
    mut tickets: Vec<FullTicket>,
    at: Timestamp,
) -> Result<Recorded, StoreError> {
    // Where a list names a ticket twice, what it says last is the newer.
    let mut seen = HashSet::new();
    tickets.reverse();
    tickets.retain(|full| seen.insert(full.ticket.id.0));
    tickets.reverse();
    let ids = serde_json::to_string(&seen)?;
    let mut known = known(transaction, &ids)?;
    let mut facts = facts(transaction, &ids)?;
    let mut recorded = Recorded::default();
    let mut revision = None;
    for FullTicket { mut ticket, message } in tickets {
        for time in [&mut ticket.created, &mut ticket.last_updated, &mut ticket.status_changed] {
            *time = time.and_then(kept);
        }
        let new_message = save_message(transaction, ticket.id, &message)?;
        let before = known.remove(&ticket.id.0);
        if !new_message && before.as_ref().is_some_and(|before| before.ticket == ticket) {
            continue;
        }
        let revision = match revision {
            Some(revision) => revision,
            None => *revision.insert(next_revision(transaction)?),
        };
        let noticed = match &before {
            Some(before)
                if before.ticket.status.id == ticket.status.id
                    && before.ticket.replies_count == ticket.replies_count =>
            {
                before.noticed
            }
            _ => kept(at).unwrap_or(at),
        };
        write_ticket(transaction, &ticket, noticed, revision)?;
        match before {
            None => recorded.fresh += 1,
            // Earlier doubts concerned the ticket as it was before.
            Some(before) => {
                let event = Event::seen(&before.ticket, &ticket);
                recorded.seen.extend(event.map(|event| (ticket.id, event)));
                let settled = "DELETE FROM doubts WHERE ticket = ?1";
                transaction.prepare_cached(settled)?.execute([ticket.id.0])?;
            }
        }
        let facts = facts.remove(&ticket.id.0);
        recorded.changed.push(Row { ticket, facts, noticed });
    }
    Ok(recorded)
}

/// Those of the tickets that the mirror has. `ids` is a list in JSON.
fn known(transaction: &Transaction<'_>, ids: &str) -> rusqlite::Result<HashMap<i64, Row>> {
    transaction
        .prepare_cached(select_rows!("WHERE t.id IN (SELECT value FROM json_each(?1))"))?
        .query_map([ids], read_row)?
        .map(|row| row.map(|row| (row.ticket.id.0, row)))
        .collect()
}

/// The facts from the conversations of those tickets. `ids` is a list in JSON.
fn facts(transaction: &Transaction<'_>, ids: &str) -> rusqlite::Result<HashMap<i64, ThreadFacts>> {
    transaction
        .prepare_cached(
            "SELECT ticket, customer_since, last_reply, replies_count FROM conversations
            WHERE ticket IN (SELECT value FROM json_each(?1))",
        )?
        .query_map([ids], |row| Ok((row.get(0)?, read_facts(row, 1)?)))?
        .filter_map(|found| found.map(|(id, facts)| Some((id, facts?))).transpose())
        .collect()
}

/// A time as the mirror keeps it: to the microsecond.
fn kept(at: Timestamp) -> Option<Timestamp> {
    Timestamp::from_microsecond(at.as_microsecond()).ok()
}

/// Stores a ticket's message, and says whether it is another one than before.
fn save_message(
    transaction: &Transaction<'_>,
    id: TicketId,
    message: &Html,
) -> rusqlite::Result<bool> {
    let changed = transaction
        .prepare_cached(
            "INSERT INTO messages (ticket, html) VALUES (?1, ?2)
            ON CONFLICT (ticket) DO UPDATE SET html = ?2 WHERE html <> ?2",
        )?
        .execute(params![id.0, message.as_stored()])?;
    Ok(changed > 0)
}

/// The number of the write that now happens.
pub(super) fn next_revision(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached("UPDATE revisions SET last = last + 1 RETURNING last")?
        .query_row([], |row| row.get(0))
}

/// Notes for other consoles that something beside the ticket's own fields has changed.
pub(super) fn touch(transaction: &Transaction<'_>, id: TicketId) -> rusqlite::Result<()> {
    let revision = next_revision(transaction)?;
    transaction
        .prepare_cached("UPDATE tickets SET revision = ?2 WHERE id = ?1")?
        .execute([id.0, revision])?;
    Ok(())
}

fn write_ticket(
    mirror: &Connection,
    ticket: &Ticket,
    noticed: Timestamp,
    revision: i64,
) -> rusqlite::Result<()> {
    // Each field is named here, so a new field that is not written does not compile.
    let Ticket {
        id,
        subject,
        status,
        priority,
        source,
        archived,
        department,
        client,
        project,
        creator,
        created,
        last_updated,
        status_changed,
        replies_count,
        tags,
    } = ticket;
    let (department, client) = (department.as_ref(), client.as_ref());
    mirror.prepare_cached(&UPSERT)?.execute(params![
        id.0,
        LineRef(subject),
        status.id.0,
        LineRef(&status.title),
        priority.as_str(),
        Json(*source),
        archived,
        department.map(|it| it.id.0),
        department.map(|it| LineRef(&it.name)),
        client.map(|it| it.id.0),
        client.map(|it| LineRef(&it.name)),
        project.map(|it| it.0),
        creator.map(|it| it.0),
        created.map(At),
        last_updated.map(At),
        status_changed.map(At),
        replies_count,
        Json(tags),
        At(noticed),
        revision,
    ])?;
    Ok(())
}

/// One ticket's row, where the mirror has it.
pub(super) fn find_row(mirror: &Connection, id: TicketId) -> rusqlite::Result<Option<Row>> {
    mirror.prepare_cached(select_rows!("WHERE t.id = ?1"))?.query_row([id.0], read_row).optional()
}

/// A row of [`select_rows`].
pub(super) fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let line = |column| row.get(column).map(|LineBuf(line)| line);
    let time = |column| row.get(column).map(|at: Option<At>| at.map(|At(at)| at));
    let word = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let ticket = Ticket {
        id: TicketId(row.get(0)?),
        subject: line(1)?,
        status: Status { id: StatusId(row.get(2)?), title: line(3)? },
        priority: Priority::from_word(word(4)?),
        source: row.get(5).map(|Json::<Source>(source)| source)?,
        archived: row.get(6)?,
        department: named(row, 7, DepartmentId)?,
        client: named(row, 9, ClientId)?,
        project: row.get::<_, Option<i64>>(11)?.map(ProjectId),
        creator: row.get::<_, Option<i64>>(12)?.map(PersonId),
        created: time(13)?,
        last_updated: time(14)?,
        status_changed: time(15)?,
        replies_count: row.get(16)?,
        tags: row.get(17).map(|Json::<Vec<Line>>(tags)| tags)?,
    };
    let noticed = row.get(18).map(|At(at)| at)?;
    Ok(Row { ticket, facts: read_facts(row, 19)?, noticed })
}

/// The facts from a conversation, from `column` on, if it has been read.
fn read_facts(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<ThreadFacts>> {
    let Some(replies_count) = row.get(column + 2)? else { return Ok(None) };
    Ok(Some(ThreadFacts {
        customer_since: row.get::<_, Option<At>>(column)?.map(|At(at)| at),
        last_reply: row.get::<_, Option<i64>>(column + 1)?.map(ReplyId),
        replies_count,
    }))
}

/// The number in `column` with the name in the column after it.
fn named<Id>(
    row: &rusqlite::Row<'_>,
    column: usize,
    id: impl FnOnce(i64) -> Id,
) -> rusqlite::Result<Option<Named<Id>>> {
    let Some(number) = row.get(column)? else { return Ok(None) };
    let LineBuf(name) = row.get(column + 1)?;
    Ok(Some(Named { id: id(number), name }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{at, line, reopen, store, ticket};

    /// A ticket with every field there, and unusual values in them.
    fn unusual(id: i64) -> FullTicket {
        let cleaned = Line::from_cleaned("a b", Some("a\u{1b}[31m\0b"));
        let mut full = ticket(id);
        full.message = Html::new("<p>\0\u{feff}</p>\u{1b}");
        full.ticket = Ticket {
            subject: cleaned.clone(),
            status: Status { id: StatusId(i64::MIN), title: cleaned.clone() },
            priority: Priority::Unknown,
            source: Source::Email,
            archived: true,
            department: Some(Named { id: DepartmentId(i64::MIN), name: line("") }),
            client: Some(Named { id: ClientId(i64::MAX), name: cleaned.clone() }),
            project: Some(ProjectId(0)),
            creator: Some(PersonId(-1)),
            created: Some(at(-1)),
            last_updated: Some(at(253_402_200_000)),
            status_changed: Some(at(0)),
            replies_count: u32::MAX,
            tags: vec![line("vip"), cleaned, line("vip"), line("{\"shown\":1}")],
            ..full.ticket
        };
        full
    }

    #[tokio::test]
    async fn tickets_come_back_as_they_were_stored() {
        let (folder, store) = store().await;
        let all = vec![unusual(i64::MIN), ticket(0), unusual(i64::MAX)];
        let changed = store.save_tickets(all.clone(), at(5)).await.unwrap();
        store.close().await;
        let store = reopen(folder.path()).await;
        assert_eq!(store.rows(Vec::new(), None, 10).await.unwrap().0, changed);
        let last = store.rows(Vec::new(), Some(TicketId(0)), 10).await.unwrap().0;
        assert_eq!(last, changed[2..]);
        assert_eq!(store.rows(Vec::new(), Some(TicketId(i64::MAX)), 10).await.unwrap().0, []);
        for full in all {
            let id = full.ticket.id;
            assert_eq!(store.row(id).await.unwrap().unwrap().ticket, full.ticket);
            assert_eq!(store.full_ticket(id).await.unwrap(), Some(full));
        }
        assert_eq!(store.row(TicketId(1)).await.unwrap(), None);
        assert_eq!(store.full_ticket(TicketId(1)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn only_changes_are_reported_and_only_news_counts_as_noticed() {
        let (_folder, store) = store().await;
        let mut full = ticket(1);
        let save = async |full: &FullTicket, second| {
            let rows = store.save_tickets(vec![full.clone(), ticket(2)], at(second)).await.unwrap();
            rows.into_iter().map(|row| (row.ticket.id.0, row.noticed)).collect::<Vec<_>>()
        };
        assert_eq!(save(&full, 1).await, [(1, at(1)), (2, at(1))]);
        assert_eq!(save(&full, 2).await, []);
        full.message = Html::new("other");
        assert_eq!(save(&full, 3).await, [(1, at(1))]);
        full.ticket.priority = Priority::Urgent;
        assert_eq!(save(&full, 4).await, [(1, at(1))]);
        full.ticket.replies_count = 1;
        assert_eq!(save(&full, 5).await, [(1, at(5))]);
        full.ticket.status.id = StatusId::CLOSED;
        assert_eq!(save(&full, 6).await, [(1, at(6))]);
    }

    #[tokio::test]
    async fn a_list_longer_than_a_chunk_is_stored_whole_and_can_be_removed() {
        let (_folder, store) = store().await;
        let count = i64::try_from(CHUNK).unwrap() + 1;
        let all = (0..count).map(|id| {
            let mut full = ticket(id);
            full.ticket.archived = id == 3;
            full
        });
        let changed = store.save_tickets(all.collect(), at(1)).await.unwrap();
        assert_eq!(changed.len(), CHUNK + 1);
        assert_eq!(store.ids(true).await.unwrap(), [TicketId(3)]);
        let active = store.ids(false).await.unwrap();
        assert_eq!(active.len(), CHUNK);
        store.remove_tickets(active).await.unwrap();
        let left: Vec<_> = store
            .rows(Vec::new(), None, 10)
            .await
            .unwrap()
            .0
            .iter()
            .map(|row| row.ticket.id)
            .collect();
        assert_eq!(left, [TicketId(3)]);
    }
}
