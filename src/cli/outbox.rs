//! `growdesk outbox`: the changes on their way, and the drafts.

use anyhow::anyhow;
use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use super::{
    Common, Failure,
    describe::{self, ChangedField},
    failure, local,
    print::{self, Output, Record},
};
use crate::{
    app::states,
    domain::{Draft, DraftKind, Entry, Line, Problem, ProblemKind, State},
    store::{Store, StoreError},
};

mod decide;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct OutboxArgs {
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    decide: Option<decide::Decide>,
}

/// A change or a draft, for scripts.
#[derive(Debug, Serialize)]
struct Item {
    id: Option<String>,
    at: Timestamp,
    ticket: Option<i64>,
    change: &'static str,
    what: String,
    fields: Vec<ChangedField>,
    reply: Option<i64>,
    undo: bool,
    state: &'static str,
    until: Option<Timestamp>,
    reason: Option<String>,
    /// The assistant that proposes the change, or wrote the draft.
    by: Option<String>,
    /// Why the assistant proposes it.
    proposal_reason: Option<String>,
}

impl Record for Item {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "at",
        "ticket",
        "change",
        "what",
        "fields",
        "reply",
        "undo",
        "state",
        "until",
        "reason",
        "by",
        "proposal_reason",
    ];
}

impl OutboxArgs {
    /// Prints the list.
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        if let Some(decide) = self.decide {
            return decide.run(common).await;
        }
        let format = self.output.format::<Item>()?;
        let (entries, drafts, has_sender) = match local::store(common).await? {
            Some(store) => {
                (unsettled(&store).await?, store.drafts().await?, store.has_company().await?)
            }
            None => (vec![], vec![], false),
        };
        if entries.is_empty() && drafts.is_empty() && !format.is_json() {
            failure::notice("everything is recorded, and nothing is left as a draft");
        }
        let items = entries
            .iter()
            .map(|it| Item::of(it, leader(&entries, it)))
            .chain(drafts.iter().map(Item::of_draft));
        let (now, zone) = (Timestamp::now(), TimeZone::system());
        let rows = entries.iter().map(|it| {
            let waits = leader(&entries, it).is_some();
            entry_row(it, waits, has_sender, now, &zone)
        });
        let rows = rows.chain(drafts.iter().map(|it| draft_row(it, now, &zone)));
        print::list(&format, &["TICKET", "CHANGE", "STATE"], rows, items)?;
        decide::say_how(&format, &entries);
        verdict(&entries)
    }
}

/// The changes on their way. A change that was being sent when its console ended is doubtful, even
/// before another console finds it.
async fn unsettled(store: &Store) -> Result<Vec<Entry>, StoreError> {
    let clock = store.clock();
    let now = clock.now();
    let (mut entries, claimed) = (store.outbox().await?, store.claimed(now).await?);
    for entry in entries.iter_mut().filter(|it| !claimed.contains(&it.id)) {
        if let State::Sending { since, known } = entry.state {
            let said = Line::from_cleaned("its console ended while it was being sent", None);
            let problem = Problem::new(ProblemKind::Local, said);
            entry.state = State::Doubtful { problem, until: now, since, known };
        }
    }
    for entry in &mut entries {
        entry.queued = clock.to_wall(entry.queued);
        if let State::Holding { until }
        | State::Waiting { until, .. }
        | State::Doubtful { until, .. } = &mut entry.state
        {
            *until = clock.to_wall(*until);
        }
    }
    Ok(entries)
}

/// The verdict for scripts and for people in a hurry.
fn verdict(entries: &[Entry]) -> Result<(), Failure> {
    let count = |which: fn(&State) -> bool| entries.iter().filter(|it| which(&it.state)).count();
    let decisions = count(|state| matches!(state, State::Decision { .. }));
    let doubtful = count(|state| matches!(state, State::Doubtful { .. }));
    if decisions + doubtful == 0 {
        return Ok(());
    }
    let parts = [(decisions, "waiting for your decision"), (doubtful, "doubtful")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
    Err(Failure::undecided(anyhow!("in the outbox: {}", parts.join(", "))))
}

/// The entry that an entry follows, while that one waits for a decision.
fn leader<'a>(entries: &'a [Entry], entry: &Entry) -> Option<&'a Entry> {
    let leads = entry.after?;
    entries.iter().find(|it| it.id == leads && matches!(it.state, State::Decision { .. }))
}

fn entry_row(
    entry: &Entry,
    follows: bool,
    has_sender: bool,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<String> {
    let traces = entry.change.traces(entry.stood.as_deref());
    let state = match &entry.state {
        State::Queued if follows => "follows the one that waits for your decision".into(),
        // No other process has the profile open, so none sends.
        State::Holding { .. } | State::Queued if !has_sender => {
            "waits for a console, or a command that writes".into()
        }
        State::Waiting { problem, .. } if !has_sender => {
            format!("{problem}; waits for a console, or a command that writes")
        }
        state => states::in_table(state, now, zone),
    };
    vec![
        describe::ticket(entry.ticket),
        describe::change(&entry.change, &traces, entry.undo.is_some()),
        state,
    ]
}

fn draft_row(draft: &Draft, now: Timestamp, zone: &TimeZone) -> Vec<String> {
    let typed = crate::domain::when::clock(zone, now, draft.updated);
    let beside = if is_beside(draft) { ", kept beside the ticket's own" } else { "" };
    let state = format!("draft of {typed}{beside}");
    vec![describe::ticket(draft.key.about()), describe::draft(draft), state]
}

/// Whether a draft is kept beside the one that the ticket's own keys open.
fn is_beside(draft: &Draft) -> bool {
    draft.key.copy != 0
}

impl Item {
    fn of(entry: &Entry, leader: Option<&Entry>) -> Self {
        let proposal = leader.unwrap_or(entry).state.proposal();
        let until = match entry.state {
            State::Holding { until }
            | State::Waiting { until, .. }
            | State::Doubtful { until, .. } => Some(until),
            _ => None,
        };
        Self {
            id: Some(entry.id.0.to_string()),
            at: entry.queued,
            ticket: entry.ticket.map(|it| it.0),
            change: entry.change.verb(),
            what: entry.change.describe(),
            fields: describe::fields(entry.change.traces(entry.stood.as_deref())),
            reply: describe::reply(&entry.change, &entry.state).map(|it| it.0),
            undo: entry.undo.is_some(),
            state: entry.state.word(),
            until,
            reason: describe::reason(&entry.state),
            by: proposal.map(|(by, _)| by.to_owned()),
            proposal_reason: proposal.map(|(_, why)| why.to_owned()),
        }
    }

    fn of_draft(draft: &Draft) -> Self {
        Self {
            id: None,
            at: draft.updated,
            ticket: draft.key.about().map(|it| it.0),
            change: match draft.key.kind {
                DraftKind::Reply => "reply",
                DraftKind::Note => "note",
                DraftKind::NewTicket => "create",
                DraftKind::Edit => "edit",
            },
            what: draft.key.kind.as_str().to_owned(),
            fields: describe::draft_fields(draft),
            reply: None,
            undo: false,
            state: "draft",
            until: None,
            reason: is_beside(draft).then(|| "kept beside the ticket's own draft".to_owned()),
            by: draft.changes.as_ref().and_then(|it| it.by.clone()),
            proposal_reason: None,
        }
    }
}
