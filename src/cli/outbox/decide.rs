//! `growdesk outbox record` and `growdesk outbox drop`: the agent's decisions in a shell.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{
        Common, Failure,
        carry::Carry,
        failure::{Code, notice},
        local,
        print::{self, Format, Output, Record},
    },
    domain::{Entry, EntryId, State},
    store::{Store, TakeBack},
};

#[derive(Debug, Subcommand)]
pub(super) enum Decide {
    /// Record changes that wait for a decision
    ///
    /// A proposal is checked against the ticket as it is now: if somebody wrote or changed the same
    /// since, it waits for another decision. Any other change is recorded all the same.
    Record(RecordVerb),
    /// Drop changes that wait for a decision
    ///
    /// A proposal leaves nothing behind. The text of a reply or a note of the agent's own is a draft
    /// again.
    Drop(DropVerb),
}

#[derive(Debug, Args)]
pub(super) struct RecordVerb {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    carry: Carry,
}

#[derive(Debug, Args)]
pub(super) struct DropVerb {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct Which {
    /// The changes, by the `id` that `outbox --json` prints
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
}

/// A change that was dropped, or why it was not.
#[derive(Debug, Serialize)]
struct DropRecord {
    id: String,
    ticket: Option<i64>,
    outcome: &'static str,
    error: Option<String>,
}

impl Record for DropRecord {
    const FIELDS: &'static [&'static str] = &["id", "ticket", "outcome", "error"];
}

impl Decide {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Record(record) => {
                let ids = record.which.ids()?;
                let opened = record.carry.open(common).await?;
                record.carry.decide(&opened, ids).await
            }
            Self::Drop(drop) => drop.run(common).await,
        }
    }
}

impl Which {
    /// The changes that are named, each once.
    fn ids(&self) -> Result<Vec<EntryId>, Failure> {
        let mut ids = Vec::new();
        for text in &self.ids {
            let number = text.trim().parse().map_err(|_| {
                let shown: String = text.chars().take(60).collect();
                Failure::usage(anyhow!("{shown:?} is no change of the outbox"))
                    .with_help("`growdesk outbox --json` prints the `id` of each")
            });
            let id = EntryId(number?);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }
}

impl DropVerb {
    async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<DropRecord>()?;
        let ids = self.which.ids()?;
        let store = local::store(common).await?;
        let mut records = Vec::with_capacity(ids.len());
        for id in ids {
            records.push(match &store {
                Some(store) => drop_one(store, id).await?,
                None => (missing(id), Some(Code::NotFound)),
            });
        }
        let items = records.iter().map(|(record, _)| record);
        let number = |it: Option<i64>| it.map(|it| it.to_string()).unwrap_or_default();
        let rows = records.iter().map(|(it, _)| {
            let error = it.error.clone().unwrap_or_default();
            vec![number(it.ticket), it.outcome.to_owned(), error]
        });
        print::list(&format, &["TICKET", "OUTCOME", ""], rows, items)?;
        let failed: Vec<&(DropRecord, Option<Code>)> =
            records.iter().filter(|(_, code)| code.is_some()).collect();
        match failed.first() {
            None => Ok(()),
            Some((record, code)) => {
                let all = failed.len() == records.len();
                let code = code.filter(|_| all).unwrap_or(Code::Partly);
                let why = record.error.clone().unwrap_or_default();
                Err(Failure::new(code, format!("{}: {why}", record.id)))
            }
        }
    }
}

fn missing(id: EntryId) -> DropRecord {
    let error = Some("there is no such change in the outbox".to_owned());
    DropRecord { id: id.0.to_string(), ticket: None, outcome: "failed", error }
}

/// Drops a proposal, or takes another change back that waits for a decision.
async fn drop_one(store: &Store, id: EntryId) -> Result<(DropRecord, Option<Code>), Failure> {
    let Some(entry) = store.entry(id).await? else {
        return Ok((missing(id), Some(Code::NotFound)));
    };
    let record = |outcome, error| DropRecord {
        id: id.0.to_string(),
        ticket: entry.ticket.map(|it| it.0),
        outcome,
        error,
    };
    let now = store.clock().now();
    let dropped = match &entry.state {
        State::Decision { .. } if entry.state.proposal().is_some() => {
            !store.drop_proposals(vec![id], now).await?.is_empty()
        }
        State::Decision { .. } => matches!(store.take_back(id, now).await?, TakeBack::Done(_)),
        _ => false,
    };
    if dropped {
        return Ok((record("dropped", None), None));
    }
    let state = store.entry(id).await?.map_or(entry.state.as_str(), |it| it.state.as_str());
    let error = format!("it waits for no decision: it is {state}");
    Ok((record("failed", Some(error)), Some(Code::Usage)))
}

/// Says how decisions are made, to people.
pub(super) fn say_how(format: &Format, entries: &[Entry]) {
    let waits = entries.iter().any(|entry| matches!(entry.state, State::Decision { .. }));
    if waits && format.is_table() {
        notice("decide with g o in a console, or `outbox record|drop ID` (ids: --json)");
    }
}
