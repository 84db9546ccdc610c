//! `/api/tickets`: list, get, create, update, delete, status, archive, restore, tags.

use axum::extract::State;
use rusqlite::{Connection, OptionalExtension, params, types::Value};

use super::{
    App,
    answer::{Answer, Deleted, Failure},
    input::{Ids, Input, Query},
    paging::{Filter, Paging},
    routes::API_USER,
    validate::Checker,
    wire::{TICKET_COLUMNS, TICKET_FROM, Ticket, now},
};

const PRIORITIES: [&str; 3] = ["normal", "high", "urgent"];
const STATUS_OPEN: i64 = 1;

type TicketAnswer = Result<Answer<Ticket>, Failure>;

pub(super) async fn list(
    State(app): State<App>,
    Query(input): Query,
) -> Result<Answer<Vec<Ticket>>, Failure> {
    app.db
        .work(move |db| {
            let paging = Paging::of(&input);
            let order = order_by(&input, paging.order);
            let columns = (TICKET_COLUMNS, TICKET_FROM);
            let (tickets, meta) = filter(&input).page(db, columns, &order, paging, Ticket::read)?;
            Ok(Answer::page(tickets, meta))
        })
        .await
}

fn filter(input: &Input) -> Filter {
    let mut filter = Filter::default();
    filter.number(input, "status", "t.status_id");
    filter.word(input, "priority", "t.priority");
    filter.number(input, "category_id", "t.category_id");
    filter.number(input, "client_id", "t.client_id");
    filter.number(input, "project_id", "t.project_id");
    filter.word(input, "active_state", "t.active_state");
    filter.search(input, &["t.subject", "t.message", "k.company_name"]);
    let tags = input.words("tags");
    if !tags.is_empty() {
        let marks = vec!["?"; tags.len()].join(", ");
        filter.and(
            format!("t.id IN (SELECT ticket_id FROM tags WHERE title IN ({marks}))"),
            tags.iter().map(|tag| Value::Text(stored_tag(tag))),
        );
    }
    filter
}

/// An unknown sort key is ignored; equal keys are ordered by number.
fn order_by(input: &Input, order: &str) -> String {
    let key = match input.word("sort").as_deref() {
        Some("ticket_last_updated") => "t.last_updated",
        Some("ticket_priority") => "t.priority",
        Some("ticket_status") => "t.status_id",
        _ => "t.created",
    };
    format!("{key} {order}, t.id {order}")
}

pub(super) async fn get(State(app): State<App>, Ids(id): Ids<i64>) -> TicketAnswer {
    app.db.work(move |db| Ok(Answer::found(found(db, id)?))).await
}

pub(super) async fn create(State(app): State<App>, input: Input) -> TicketAnswer {
    app.db
        .work(move |db| {
            let mut check = Checker::new(&input);
            let client =
                check.id("ticket_clientid", |id| exists(db, "clients WHERE id = ?", id))?;
            let fields = Fields::checked(db, &mut check, client, true)?;
            let custom = custom_values(db, &mut check)?;
            check.finish()?;
            db.prepare_cached(
                "INSERT INTO tickets (subject, message, status_id, priority, source, \
                 category_id, client_id, project_id, creator_id, created) \
                 VALUES (?, ?, ?, ?, 'web', ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                fields.subject,
                fields.message,
                STATUS_OPEN,
                fields.priority,
                fields.department,
                client,
                fields.project,
                API_USER,
                now()
            ])?;
            let ticket = db.last_insert_rowid();
            for (field, value) in custom {
                db.execute(
                    "INSERT INTO custom_values (ticket_id, field_id, value) VALUES (?, ?, ?)",
                    params![ticket, field, value],
                )?;
            }
            Ok(Answer::created(found(db, ticket)?, "The ticket was created."))
        })
        .await
}

/// The custom fields that are enabled, as the request gives them. Others are ignored.
fn custom_values(db: &Connection, check: &mut Checker<'_>) -> Result<Vec<(i64, String)>, Failure> {
    let mut enabled = db.prepare_cached("SELECT id, title, required FROM custom_fields")?;
    let mut rows = enabled.query([])?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, title, required): (i64, String, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let value = check.custom(&format!("ticket_custom_field_{id}"), &title, required);
        values.extend(value.map(|value| (id, value)));
    }
    Ok(values)
}

pub(super) async fn update(
    State(app): State<App>,
    Ids(id): Ids<i64>,
    input: Input,
) -> TicketAnswer {
    app.db
        .work(move |db| {
            let client: Option<i64> = db
                .query_row("SELECT client_id FROM tickets WHERE id = ?", [id], |row| row.get(0))
                .optional()?
                .ok_or(Failure::NotFound)?;
            let mut check = Checker::new(&input);
            let fields = Fields::checked(db, &mut check, client, false)?;
            check.finish()?;
            db.prepare_cached(
                "UPDATE tickets SET subject = ?, message = ?, priority = ?, category_id = ?, \
                 project_id = ?, last_updated = ? WHERE id = ?",
            )?
            .execute(params![
                fields.subject,
                fields.message,
                fields.priority,
                fields.department,
                fields.project,
                now(),
                id
            ])?;
            Ok(Answer::done(found(db, id)?, "The ticket was updated."))
        })
        .await
}

/// What create and update have in common. `None` stands for a field that the checker refused, or
/// for a project left out.
#[derive(Debug)]
struct Fields {
    department: Option<i64>,
    project: Option<i64>,
    subject: Option<String>,
    message: Option<String>,
    priority: Option<String>,
}

impl Fields {
    fn checked(
        db: &Connection,
        check: &mut Checker<'_>,
        client: Option<i64>,
        plain_subject: bool,
    ) -> Result<Self, Failure> {
        Ok(Self {
            department: check.id("ticket_categoryid", |id| {
                exists(db, "categories WHERE id = ? AND type = 'ticket'", id)
            })?,
            project: check.optional_id("ticket_projectid", |id| {
                let owner: Option<i64> = db
                    .query_row("SELECT client_id FROM projects WHERE id = ?", [id], |row| {
                        row.get(0)
                    })
                    .optional()?;
                Ok(owner.is_some() && owner == client)
            })?,
            subject: check.subject("ticket_subject", plain_subject),
            message: check.text("ticket_message"),
            priority: check.one_of("ticket_priority", &PRIORITIES),
        })
    }
}

pub(super) async fn delete(
    State(app): State<App>,
    Ids(id): Ids<i64>,
) -> Result<Answer<Deleted>, Failure> {
    app.db
        .work(move |db| match db.execute("DELETE FROM tickets WHERE id = ?", [id])? {
            0 => Err(Failure::NotFound),
            _ => Ok(Answer::done(Deleted { id }, "The ticket was deleted.")),
        })
        .await
}

pub(super) async fn status(
    State(app): State<App>,
    Ids(id): Ids<i64>,
    input: Input,
) -> TicketAnswer {
    app.db
        .work(move |db| {
            known(db, id)?;
            let mut check = Checker::new(&input);
            let status = check.id("status", |id| exists(db, "statuses WHERE id = ?", id))?;
            check.finish()?;
            if let Some(status) = status {
                set_status(db, id, status)?;
            }
            Ok(Answer::done(found(db, id)?, "The ticket status was updated."))
        })
        .await
}

/// Gives the ticket a status, and the time of the change where it is one.
pub(super) fn set_status(db: &Connection, id: i64, status: i64) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE tickets SET \
         status_changed = CASE WHEN status_id = ?1 THEN status_changed ELSE ?2 END, \
         status_id = ?1 WHERE id = ?3",
    )?
    .execute([status, now(), id])
}

pub(super) async fn archive(State(app): State<App>, Ids(id): Ids<i64>) -> TicketAnswer {
    set_active_state(app, id, "archived", "The ticket was archived.").await
}

pub(super) async fn restore(State(app): State<App>, Ids(id): Ids<i64>) -> TicketAnswer {
    set_active_state(app, id, "active", "The ticket was restored.").await
}

async fn set_active_state(
    app: App,
    id: i64,
    state: &'static str,
    message: &'static str,
) -> TicketAnswer {
    app.db
        .work(move |db| {
            db.execute("UPDATE tickets SET active_state = ? WHERE id = ?", params![state, id])?;
            Ok(Answer::done(found(db, id)?, message))
        })
        .await
}

pub(super) async fn tags(State(app): State<App>, Ids(id): Ids<i64>, input: Input) -> TicketAnswer {
    app.db
        .work(move |db| {
            known(db, id)?;
            let mut check = Checker::new(&input);
            let tags = check.texts("tags");
            check.finish()?;
            db.execute("DELETE FROM tags WHERE ticket_id = ?", [id])?;
            let mut insert =
                db.prepare_cached("INSERT INTO tags (ticket_id, title) VALUES (?, ?)")?;
            for tag in tags.unwrap_or_default() {
                insert.execute(params![id, stored_tag(&tag)])?;
            }
            Ok(Answer::done(found(db, id)?, "The tags were updated."))
        })
        .await
}

/// A tag as it is kept: lower case, spaces as hyphens.
fn stored_tag(tag: &str) -> String {
    tag.to_lowercase().replace(' ', "-")
}

/// The ticket, or the answer that there is none.
fn found(db: &Connection, id: i64) -> Result<Ticket, Failure> {
    Ticket::find(db, id)?.ok_or(Failure::NotFound)
}

/// Refuses a ticket that does not exist, before its input is looked at.
pub(super) fn known(db: &Connection, id: i64) -> Result<(), Failure> {
    if exists(db, "tickets WHERE id = ?", id)? { Ok(()) } else { Err(Failure::NotFound) }
}

fn exists(db: &Connection, rows: &str, id: i64) -> rusqlite::Result<bool> {
    db.prepare_cached(&format!("SELECT 1 FROM {rows}"))?.exists([id])
}
