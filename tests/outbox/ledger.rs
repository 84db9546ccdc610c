//! The server's database as lines of text, so that two states of it can be compared: what came,
//! what went, and that nothing else did.

use growdesk::sandbox::{Sandbox, SandboxError};

/// All that agents can change, one line for each thing, sorted. Each begins with its ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ledger(Vec<String>);

impl Ledger {
    /// Reads the server's database.
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let lines = sandbox.change(|db| {
            let read = |sql: &str| -> Result<Vec<String>, SandboxError> {
                let mut lines = db.prepare(sql)?;
                Ok(lines.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
            };
            let tickets = read(
                "SELECT format('#%d %s|%s|status %d|%s|%s|department %d|client %d|project %d', id,
                    subject, message, status_id, priority, active_state, category_id, client_id,
                    project_id) FROM tickets",
            )?;
            let replies = read(
                "SELECT format('#%d %s by %d: %s', ticket_id, type, creator_id, text) FROM replies",
            )?;
            let tags = read("SELECT format('#%d tag %s', ticket_id, title) FROM tags")?;
            Ok([tickets, replies, tags].concat())
        });
        let mut lines = lines.expect("the database answers");
        lines.sort();
        Self(lines)
    }

    /// The lines about one ticket.
    pub(crate) fn about(&self, ticket: i64) -> Vec<String> {
        let start = format!("#{ticket} ");
        self.0.iter().filter(|line| line.starts_with(&start)).cloned().collect()
    }

    /// What is in `later` and was not here, and what was here and is not in `later`.
    pub(crate) fn changes(&self, later: &Self) -> Changes {
        Changes { come: minus(&later.0, &self.0), gone: minus(&self.0, &later.0) }
    }
}

/// What happened to the server's database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) come: Vec<String>,
    pub(crate) gone: Vec<String>,
}

/// The lines that `all` has more of.
fn minus(all: &[String], without: &[String]) -> Vec<String> {
    let mut without = without.to_vec();
    let mut left = Vec::new();
    for line in all {
        match without.iter().position(|it| it == line) {
            Some(at) => drop(without.swap_remove(at)),
            None => left.push(line.clone()),
        }
    }
    left
}
