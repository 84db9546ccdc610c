//! Customers who write while one looks.

use std::time::Duration;

use fastrand::Rng;
use rusqlite::{Connection, OptionalExtension};

use super::{
    App, SandboxError,
    people::{MailFrom, customer_reply, mailed_ticket},
    seed::{Names, Texts, filled},
};

/// What customers have to say.
#[derive(Debug)]
pub(super) struct Life {
    texts: Texts,
    rng: Rng,
}

impl Life {
    pub(super) fn new() -> Result<Self, SandboxError> {
        Ok(Self { texts: Texts::load()?, rng: Rng::new() })
    }

    /// Lets somebody write again and again until the sandbox ends.
    pub(super) async fn run(mut self, app: App, every: Duration) {
        let every = every.max(Duration::from_millis(1));
        loop {
            let pause = every.mul_f64(0.5 + self.rng.f64());
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = app.ended() => return,
            }
            let app = app.clone();
            let written = tokio::task::spawn_blocking(move || {
                let done = app.db.with(|db| self.write(db));
                (self, done)
            })
            .await;
            let Ok((life, done)) = written else { return };
            self = life;
            if let Err(error) = done {
                tracing::warn!(%error, "a customer of the sandbox could not write");
            }
        }
    }

    /// Mostly an answer to a recently answered ticket, otherwise a new ticket.
    fn write(&mut self, db: &mut Connection) -> Result<(), SandboxError> {
        let transaction = db.transaction()?;
        let answered: Option<i64> = transaction
            .query_row(
                "SELECT id FROM (SELECT id FROM tickets WHERE status_id = 4 \
                 AND active_state = 'active' ORDER BY last_updated DESC LIMIT 12) \
                 ORDER BY random() LIMIT 1",
                [],
                |row| row.get(0),
            )
            .optional()?;
        match answered.filter(|_| self.rng.u8(..3) > 0) {
            Some(ticket) => {
                let text = self.rng.choice(&self.texts.common.customer);
                customer_reply(&transaction, ticket, text.map_or("", String::as_str))?;
            }
            None => self.new_ticket(&transaction)?,
        }
        transaction.commit()?;
        Ok(())
    }

    fn new_ticket(&mut self, db: &Connection) -> Result<(), SandboxError> {
        let Some(scenario) = self.rng.choice(&self.texts.scenarios) else { return Ok(()) };
        let client: Option<(i64, String, String)> = db
            .query_row(
                "SELECT k.id, k.company_name, u.email FROM clients k \
                 JOIN users u ON u.client_id = k.id AND u.account_owner ORDER BY random() LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?
            .filter(|_| self.rng.u8(..8) > 0);
        let stranger = self.rng.choice(&self.texts.people.strangers);
        let stranger = stranger.map_or("Somebody", String::as_str);
        let (from, company, domain) = match &client {
            Some((id, company, email)) => {
                let domain = email.split_once('@').map_or("", |(_, domain)| domain);
                (MailFrom::Client(*id), company.as_str(), domain)
            }
            None => (MailFrom::Stranger(stranger), "our company", "my-site.example"),
        };
        let number = self.rng.u32(10_000..99_999).to_string();
        let names =
            Names { client: company, domain, contact: stranger, agent: "", number: &number };
        let subject = filled(&scenario.subject, &names).replace("&amp;", "&");
        let message = filled(&scenario.message, &names);
        mailed_ticket(db, from, scenario.department, &subject, &message)?;
        Ok(())
    }
}
