//! Steps on several tickets while they are carried out. Each ticket ends by itself; the agent is told
//! once, when all of them have ended or wait for a decision.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::{Discriminant, discriminant},
};

use super::{
    Model,
    command::ConsoleCommand,
    marks::Taken,
    notice::{About, Level},
};
use crate::domain::{
    Entry, EntryId, Problem, ProblemKind, State, StepId, TicketId, plan::many::named,
};

/// How many failed tickets are kept to be looked at.
const KEPT: usize = 500;

/// How many tickets a message names.
const NAMED: usize = 4;

/// The steps on several tickets that are being carried out, and the tickets on which one failed.
#[derive(Clone, Debug, Default)]
pub struct Bulks {
    running: BTreeMap<StepId, Bulk>,
    failed: Vec<FailedChange>,
}

/// A ticket on which a step failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedChange {
    /// The entry that was refused.
    pub entry: EntryId,
    /// Its ticket.
    pub ticket: TicketId,
    /// What was to be done.
    pub what: String,
    /// Why it was not.
    pub problem: Problem,
}

/// A step on several tickets.
#[derive(Clone, Debug)]
struct Bulk {
    label: String,
    /// Whether it takes an earlier step back.
    undoes: bool,
    tickets: BTreeMap<TicketId, Fate>,
    /// The tickets that have neither ended nor wait for the agent.
    moving: BTreeSet<TicketId>,
    /// The kind of the last problem that the agent was told.
    told: Option<Discriminant<ProblemKind>>,
    /// The figures that the agent was told.
    said: Option<Tally>,
    /// The marks that it took off.
    marks: Taken,
}

/// How far a ticket of a step is.
#[derive(Clone, Debug, Default)]
struct Fate {
    open: BTreeSet<EntryId>,
    asks: BTreeSet<EntryId>,
    failed: bool,
    taken_back: bool,
}

/// How many tickets have ended or wait for the agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    done: usize,
    failed: usize,
    taken_back: usize,
    asks: usize,
}

impl Bulk {
    fn of(label: String, entries: &[&Entry]) -> Self {
        let mut tickets: BTreeMap<TicketId, Fate> = BTreeMap::new();
        for entry in entries {
            let Some(ticket) = entry.ticket else { continue };
            tickets.entry(ticket).or_default().open.insert(entry.id);
        }
        let undoes = entries.iter().all(|entry| entry.undo.is_some());
        let moving = tickets.keys().copied().collect();
        let marks = Taken::default();
        Self { label, undoes, tickets, moving, told: None, said: None, marks }
    }

    /// Whether it is on several tickets. One that took a single mark is told by its entries.
    fn is_many(&self) -> bool {
        self.tickets.len() > 1
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for fate in self.tickets.values() {
            *match () {
                () if fate.open.is_empty() && fate.failed => &mut tally.failed,
                () if fate.open.is_empty() && fate.taken_back => &mut tally.taken_back,
                () if fate.open.is_empty() => &mut tally.done,
                () => &mut tally.asks,
            } += 1;
        }
        tally
    }

    /// Takes in the state of an entry. Returns whether its ticket has failed by it.
    fn hear(&mut self, entry: &Entry) -> bool {
        let fate = entry.ticket.and_then(|ticket| self.tickets.get_mut(&ticket));
        let Some(fate) = fate else { return false };
        let was_open = match entry.state.is_settled() {
            true => fate.open.remove(&entry.id),
            false => fate.open.contains(&entry.id),
        };
        match entry.state {
            State::Decision { .. } if was_open => {
                fate.asks.insert(entry.id);
            }
            _ => {
                fate.asks.remove(&entry.id);
            }
        }
        fate.taken_back |= was_open && entry.state == State::TakenBack;
        let fails = was_open && matches!(entry.state, State::Refused { .. }) && !fate.failed;
        fate.failed |= fails;
        // The other changes of a ticket follow the one that waits for the agent.
        let moves = !fate.open.is_empty() && fate.asks.is_empty();
        if let Some(ticket) = entry.ticket {
            match moves {
                true => self.moving.insert(ticket),
                false => self.moving.remove(&ticket),
            };
        }
        fails
    }

    fn failed(&self) -> Vec<TicketId> {
        let failed = self.tickets.iter().filter(|(_, fate)| fate.failed);
        failed.map(|(id, _)| *id).collect()
    }
}

impl Bulks {
    /// Whether the entry belongs to a step on several tickets that is being carried out.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        self.running.get(&entry.step).is_some_and(Bulk::is_many)
    }

    /// A step begins, which took these marks off. One on a single ticket is told by its entries.
    pub(super) fn begin(&mut self, label: &str, entries: &[Entry], marks: Taken) {
        let entries: Vec<&Entry> = entries.iter().collect();
        let Some(step) = entries.first().map(|entry| entry.step) else { return };
        let bulk = Bulk { marks, ..Bulk::of(label.to_owned(), &entries) };
        if bulk.is_many() || !bulk.marks.is_empty() {
            self.running.insert(step, bulk);
        }
    }

    /// The store was read: steps that are not finished go on, and `settled` tells how far they are.
    /// Returns the tickets that are to be marked, since a step has failed on them.
    pub(super) fn restore(&mut self, open: &[Entry], settled: &[Entry]) -> Vec<TicketId> {
        let mut failed = Vec::new();
        let mut steps: BTreeMap<StepId, Vec<&Entry>> = BTreeMap::new();
        for entry in settled.iter().chain(open) {
            steps.entry(entry.step).or_default().push(entry);
        }
        for (step, mut entries) in steps {
            entries.sort_by_key(|entry| entry.id);
            let what = entries.first().map(|entry| entry.change.describe()).unwrap_or_default();
            let mut bulk = Bulk::of(String::new(), &entries);
            if !bulk.is_many() {
                continue;
            }
            bulk.label = format!("{what} on {} tickets", bulk.tickets.len());
            for entry in entries {
                if bulk.hear(entry) {
                    self.keep(entry);
                    failed.extend(entry.ticket.filter(|_| !bulk.undoes));
                }
            }
            self.running.insert(step, bulk);
        }
        failed
    }

    /// Keeps a refused entry, to be looked at.
    fn keep(&mut self, entry: &Entry) {
        let (Some(ticket), State::Refused { problem }) = (entry.ticket, &entry.state) else {
            return;
        };
        let (what, problem) = (entry.change.describe(), problem.clone());
        self.failed.push(FailedChange { entry: entry.id, ticket, what, problem });
        let over = self.failed.len().saturating_sub(KEPT);
        self.failed.drain(..over);
    }

    /// The store has not taken a step: nothing of it happens. Returns the marks that it took off, and
    /// its name if it is on several tickets.
    pub(super) fn forget(&mut self, step: StepId) -> Option<(Taken, Option<String>)> {
        let bulk = self.running.remove(&step)?;
        let is_many = bulk.is_many();
        Some((bulk.marks, Some(bulk.label).filter(|_| is_many)))
    }

    /// The tickets on which a step failed, the newest last.
    pub fn failed(&self) -> &[FailedChange] {
        &self.failed
    }

    /// The agent has seen enough of a failure.
    pub(super) fn dismiss(&mut self, entry: EntryId) {
        self.failed.retain(|it| it.entry != entry);
    }

    /// Whether the agent is to be told of a problem of an entry: a step is told of each kind once.
    pub(super) fn is_news(&mut self, entry: &Entry, problem: &Problem) -> bool {
        let running = self.running.get_mut(&entry.step);
        let Some(bulk) = running.filter(|bulk| bulk.is_many()) else { return true };
        let kind = discriminant(&problem.kind);
        let is_news = bulk.told != Some(kind);
        bulk.told = Some(kind);
        is_news
    }
}

/// An entry has a new state. The ticket on which a step failed is marked again, and the agent is told
/// once nothing of the step moves any more.
pub(super) fn hear(model: &mut Model, entry: &Entry) {
    let Some(bulk) = model.bulks.running.get_mut(&entry.step) else { return };
    let fails = bulk.hear(entry);
    let undoes = bulk.undoes;
    if fails {
        model.bulks.keep(entry);
        if let Some(ticket) = entry.ticket.filter(|_| !undoes) {
            model.marks.fail(ticket);
        }
    }
    let Some(bulk) = model.bulks.running.get_mut(&entry.step) else { return };
    if !bulk.moving.is_empty() {
        return;
    }
    let tally = bulk.tally();
    if bulk.said == Some(tally) {
        return;
    }
    bulk.said = Some(tally);
    let (label, failed, is_many) = (bulk.label.clone(), bulk.failed(), bulk.is_many());
    if tally.asks == 0 {
        model.bulks.running.remove(&entry.step);
    }
    if is_many {
        sum_up(model, &label, tally, &failed, undoes);
    }
}

fn sum_up(model: &mut Model, label: &str, tally: Tally, failed: &[TicketId], undoes: bool) {
    let Tally { done, taken_back, asks, .. } = tally;
    // The undo has said so already.
    if tally.failed == 0 && asks == 0 && taken_back > 0 {
        return;
    }
    let mut parts = vec![format!("{done} done")];
    if !failed.is_empty() {
        let how = if undoes { "left as they are" } else { "failed" };
        parts.push(format!("{} {how}: {}", failed.len(), named(failed, NAMED)));
    }
    if asks > 0 {
        parts.push(format!("{asks} {} you", if asks == 1 { "needs" } else { "need" }));
    }
    if taken_back > 0 {
        parts.push(format!("{taken_back} taken back"));
    }
    let look = model.keymap.key_for(ConsoleCommand::Outbox);
    let again = model.keymap.key_for(ConsoleCommand::MarkAgain);
    let unmarked = !undoes && failed.iter().any(|id| !model.marks.has(*id));
    let rest = match (failed.is_empty() && asks == 0, unmarked) {
        (true, _) => String::new(),
        (false, false) => format!(" ({look} shows why)"),
        (false, true) => format!(" ({look} shows why, {again} marks them)"),
    };
    let level = if rest.is_empty() { Level::Done } else { Level::Warning };
    model.notices.settle(About::Bulk);
    model.say(level, format!("{label}: {}{rest}", parts.join(", ")));
}
