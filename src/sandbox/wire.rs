//! The form of tickets, replies and look-ups in an answer, and how they are read from the database.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;

/// The query for tickets. [`Ticket::read`] takes its columns in this order.
pub(super) const TICKET_COLUMNS: &str = "SELECT t.id, t.subject, t.message, t.status_id, s.title, \
    t.priority, t.source, t.active_state, t.category_id, c.name, t.client_id, k.company_name, \
    t.project_id, t.creator_id, t.created, t.last_updated, t.status_changed, \
    (SELECT count(*) FROM replies r WHERE r.ticket_id = t.id AND r.type = 'reply'), \
    (SELECT json_group_array(title) FROM \
        (SELECT title FROM tags WHERE ticket_id = t.id ORDER BY id))";
pub(super) const TICKET_FROM: &str = "FROM tickets t \
    LEFT JOIN statuses s ON s.id = t.status_id \
    LEFT JOIN categories c ON c.id = t.category_id \
    LEFT JOIN clients k ON k.id = t.client_id";

const REPLY: &str = "SELECT r.id, r.ticket_id, r.text, r.type, r.creator_id, \
    coalesce(u.name, t.sender), r.created \
    FROM replies r JOIN tickets t ON t.id = r.ticket_id LEFT JOIN users u ON u.id = r.creator_id";

/// A number with its title.
#[derive(Debug, Serialize)]
pub(super) struct Titled {
    id: i64,
    title: Option<String>,
}

/// A number with its name.
#[derive(Debug, Serialize)]
pub(super) struct Named {
    id: Option<i64>,
    name: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Ticket {
    id: i64,
    subject: String,
    message: String,
    status: Titled,
    priority: String,
    source: String,
    active_state: String,
    department: Option<Named>,
    client: Option<Named>,
    project_id: Option<i64>,
    creator_id: Option<i64>,
    dates: TicketDates,
    replies_count: i64,
    tags: Vec<String>,
}

#[derive(Debug, Serialize)]
struct TicketDates {
    created: String,
    last_updated: Option<String>,
    status_changed: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Reply {
    id: i64,
    ticket_id: i64,
    text: String,
    #[serde(rename = "type")]
    kind: String,
    creator: Named,
    dates: ReplyDates,
}

#[derive(Debug, Serialize)]
struct ReplyDates {
    created: String,
}

impl Ticket {
    /// Reads a row of [`TICKET_COLUMNS`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let tags: String = row.get(18)?;
        Ok(Self {
            id: row.get(0)?,
            subject: row.get(1)?,
            message: row.get(2)?,
            status: Titled { id: row.get(3)?, title: row.get(4)? },
            priority: row.get(5)?,
            source: row.get(6)?,
            active_state: row.get(7)?,
            department: link(row, 8)?,
            client: link(row, 10)?,
            project_id: row.get(12)?,
            creator_id: row.get(13)?,
            dates: TicketDates {
                created: iso(row.get(14)?),
                last_updated: row.get::<_, Option<i64>>(15)?.map(iso),
                status_changed: row.get::<_, Option<i64>>(16)?.map(iso),
            },
            replies_count: row.get(17)?,
            tags: serde_json::from_str(&tags).unwrap_or_default(),
        })
    }

    /// The ticket of that number.
    pub(super) fn find(db: &Connection, id: i64) -> rusqlite::Result<Option<Self>> {
        db.prepare_cached(&format!("{TICKET_COLUMNS} {TICKET_FROM} WHERE t.id = ?"))?
            .query_row([id], Self::read)
            .optional()
    }
}

impl Reply {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            ticket_id: row.get(1)?,
            text: row.get(2)?,
            kind: row.get(3)?,
            creator: Named { id: row.get(4)?, name: row.get(5)? },
            dates: ReplyDates { created: iso(row.get(6)?) },
        })
    }

    /// The reply of that number.
    pub(super) fn find(db: &Connection, id: i64) -> rusqlite::Result<Option<Self>> {
        db.prepare_cached(&format!("{REPLY} WHERE r.id = ?"))?
            .query_row([id], Self::read)
            .optional()
    }

    /// A ticket's conversation, in its order.
    pub(super) fn of_ticket(db: &Connection, ticket: i64) -> rusqlite::Result<Vec<Self>> {
        db.prepare_cached(&format!("{REPLY} WHERE r.ticket_id = ? ORDER BY r.id"))?
            .query_map([ticket], Self::read)?
            .collect()
    }
}

fn link(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Named>> {
    let id: Option<i64> = row.get(column)?;
    Ok(match id {
        Some(_) => Some(Named { id, name: row.get(column + 1)? }),
        None => None,
    })
}

/// A time as the API writes it: `2026-06-15T09:30:00.000000Z`.
fn iso(microseconds: i64) -> String {
    let time = Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{time:.6}")
}

/// Now, as the database keeps times: microseconds since 1970, UTC.
pub(super) fn now() -> i64 {
    Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_six_digits_and_a_z() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(iso(1_781_515_800_000_001), "2026-06-15T09:30:00.000001Z");
    }
}
