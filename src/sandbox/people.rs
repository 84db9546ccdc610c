//! Changes that customers and colleagues make to the tickets behind the client's back.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Sandbox, SandboxError, replies, tickets, wire::now};

const STATUS_OPEN: i64 = 1;
const STATUS_CUSTOMER_REPLIED: i64 = 5;

impl Sandbox {
    /// A customer's mailed reply, as the CRM records it: the status becomes 5 and the reply
    /// counts, but neither `last_updated` nor `status_changed` moves. Returns the reply's number.
    pub fn customer_reply(&self, ticket: i64, html: &str) -> Result<i64, SandboxError> {
        self.change(|db| customer_reply(db, ticket, html))
    }

    /// A new ticket that a customer mails: of a client, or of a sender whom nobody knows. It goes
    /// to the first department. Returns the ticket's number.
    pub fn customer_ticket(
        &self,
        from: MailFrom<'_>,
        subject: &str,
        html: &str,
    ) -> Result<i64, SandboxError> {
        self.change(|db| {
            let department =
                db.query_row("SELECT min(id) FROM categories WHERE type = 'ticket'", [], |row| {
                    row.get(0)
                })?;
            Ok(mailed_ticket(db, from, department, subject, html)?)
        })
    }

    /// A reply that a colleague, a member of `/team`, posts on the web page: moves
    /// `last_updated`, and sets the status to `status` where one is given. Returns its number.
    pub fn colleague_reply(
        &self,
        ticket: i64,
        member: i64,
        html: &str,
        status: Option<i64>,
    ) -> Result<i64, SandboxError> {
        self.change(|db| {
            known(db, ticket)?;
            let id = replies::insert(db, ticket, "reply", html, Some(member))?;
            replies::touch(db, ticket)?;
            if let Some(status) = status {
                tickets::set_status(db, ticket, status)?;
            }
            Ok(id)
        })
    }

    /// Any change at all, in one transaction on the sandbox's own tables, for what a colleague or
    /// an administrator does that has no function here. Blocks the calling thread.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        self.app.db.with(|connection| {
            let transaction = connection.transaction()?;
            let done = change(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
    }
}

/// Whose mail it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFrom<'a> {
    /// The account owner of this client.
    Client(i64),
    /// Nobody's contact, with the name that the mail gave.
    Stranger(&'a str),
}

pub(super) fn customer_reply(
    db: &Connection,
    ticket: i64,
    html: &str,
) -> Result<i64, SandboxError> {
    let author: Option<i64> = db
        .query_row(
            "SELECT coalesce( \
                (SELECT id FROM users WHERE id = t.creator_id AND kind = 'contact'), \
                (SELECT id FROM users WHERE client_id = t.client_id AND account_owner)) \
             FROM tickets t WHERE t.id = ?",
            [ticket],
            |row| row.get(0),
        )
        .optional()?
        .ok_or(SandboxError::NoTicket(ticket))?;
    let id = replies::insert(db, ticket, "reply", html, author)?;
    db.execute("UPDATE tickets SET status_id = ? WHERE id = ?", [STATUS_CUSTOMER_REPLIED, ticket])?;
    Ok(id)
}

pub(super) fn mailed_ticket(
    db: &Connection,
    from: MailFrom<'_>,
    department: i64,
    subject: &str,
    html: &str,
) -> rusqlite::Result<i64> {
    let (client, sender) = match from {
        MailFrom::Client(client) => (Some(client), None),
        MailFrom::Stranger(name) => (None, Some(name)),
    };
    db.prepare_cached(
        "INSERT INTO tickets (subject, message, status_id, priority, source, category_id, \
         client_id, creator_id, sender, created) VALUES (?1, ?2, ?3, 'normal', 'email', ?4, ?5, \
         (SELECT id FROM users WHERE client_id = ?5 AND account_owner), ?6, ?7)",
    )?
    .insert(params![subject, html, STATUS_OPEN, department, client, sender, now()])
}

fn known(db: &Connection, ticket: i64) -> Result<(), SandboxError> {
    tickets::known(db, ticket).map_err(|_| SandboxError::NoTicket(ticket))
}
