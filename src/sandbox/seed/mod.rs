//! A helpdesk's believable past: people, tickets and conversations, made from texts in
//! `assets/seed/` and a number. The same number and the same moment make the same data.

mod directory;
mod outline;
mod texts;
mod thread;
mod tickets;

use fastrand::Rng;
use jiff::Timestamp;
use rusqlite::Connection;

use super::SandboxError;
pub(super) use texts::Texts;
pub(super) use thread::{Names, filled};

/// Microseconds, as the database keeps times.
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const OPEN: i64 = 1;
const CLOSED: i64 = 2;
const ON_HOLD: i64 = 3;
const ANSWERED: i64 = 4;
const CUSTOMER_REPLIED: i64 = 5;
const WAITING_FOR_SUPPLIER: i64 = 6;

/// What to seed with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// How many tickets.
    pub(super) tickets: usize,
    /// Which data.
    pub(super) seed: u64,
    /// When it ends.
    pub(super) now: Timestamp,
}

/// Fills the tables of a new database.
pub(super) fn fill(db: &Connection, plan: &Plan) -> Result<(), SandboxError> {
    let texts = Texts::load()?;
    let mut rng = Rng::with_seed(plan.seed);
    let directory = directory::insert(db, &texts.people, &mut rng)?;
    tickets::insert(db, plan, &texts, &directory, &mut rng)?;
    Ok(())
}

#[cfg(test)]
mod tests;
