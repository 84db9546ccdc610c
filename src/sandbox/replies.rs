//! `/api/tickets/{id}/replies`: list, post, delete.

use axum::extract::State;
use rusqlite::{Connection, params};

use super::{
    App,
    answer::{Answer, Deleted, Failure},
    input::{Ids, Input},
    routes::API_USER,
    tickets::known,
    validate::Checker,
    wire::{Reply, now},
};

const KINDS: [&str; 2] = ["reply", "note"];

pub(super) async fn list(
    State(app): State<App>,
    Ids(ticket): Ids<i64>,
) -> Result<Answer<Vec<Reply>>, Failure> {
    app.db
        .work(move |db| {
            known(db, ticket)?;
            Ok(Answer::found(Reply::of_ticket(db, ticket)?))
        })
        .await
}

pub(super) async fn post(
    State(app): State<App>,
    Ids(ticket): Ids<i64>,
    input: Input,
) -> Result<Answer<Reply>, Failure> {
    app.db
        .work(move |db| {
            known(db, ticket)?;
            let mut check = Checker::new(&input);
            let text = check.text("ticketreply_text");
            let kind = check.one_of_or("ticketreply_type", &KINDS, "reply");
            check.finish()?;
            let id = insert(
                db,
                ticket,
                &kind.unwrap_or_default(),
                &text.unwrap_or_default(),
                Some(API_USER),
            )?;
            touch(db, ticket)?;
            let reply = Reply::find(db, id)?.ok_or(Failure::NotFound)?;
            Ok(Answer::created(reply, "The reply was posted."))
        })
        .await
}

/// Records a reply or a note and nothing else.
pub(super) fn insert(
    db: &Connection,
    ticket: i64,
    kind: &str,
    text: &str,
    creator: Option<i64>,
) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO replies (ticket_id, type, text, creator_id, created) VALUES (?, ?, ?, ?, ?)",
    )?
    .insert(params![ticket, kind, text, creator, now()])
}

/// Moves the ticket's last update to now, as a reply of the team does.
pub(super) fn touch(db: &Connection, ticket: i64) -> rusqlite::Result<usize> {
    db.execute("UPDATE tickets SET last_updated = ? WHERE id = ?", [now(), ticket])
}

pub(super) async fn delete(
    State(app): State<App>,
    Ids((ticket, id)): Ids<(i64, i64)>,
) -> Result<Answer<Deleted>, Failure> {
    app.db
        .work(move |db| {
            match db.execute("DELETE FROM replies WHERE id = ? AND ticket_id = ?", [id, ticket])? {
                0 => Err(Failure::NotFound),
                _ => Ok(Answer::done(Deleted { id }, "The reply was deleted.")),
            }
        })
        .await
}
