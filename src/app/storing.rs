//! Steps that were handed to the store, and that it has not confirmed. Nothing of them is done yet.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Model, done::DoneStep, errand::After, notice::Level};
use crate::domain::{DraftKey, Entry, EntryId};

/// From how long on a store that has not answered is said to be slow.
pub(super) const SLOW: SignedDuration = SignedDuration::from_millis(250);

/// A step on its way to the disk.
#[derive(Clone, Debug)]
struct Waiting {
    since: Timestamp,
    entries: BTreeSet<EntryId>,
    /// The drafts that it came from; they stay until it is stored.
    drafts: Vec<DraftKey>,
    /// What the agent is told once it is stored.
    said: Option<(Level, String)>,
    /// The steps that it took from the lists of undo and redo.
    took: Took,
    /// What comes after it once it is stored.
    after: Option<After>,
}

/// The steps that a new step took from the lists of undo and redo. They are given back if the store
/// does not take the new step.
#[derive(Clone, Debug, Default)]
pub(super) enum Took {
    /// Nothing.
    #[default]
    Nothing,
    /// All steps of the redo list.
    Undone(Vec<DoneStep>),
    /// The parts of a step that these entries are, from the undo list.
    Undo(BTreeSet<EntryId>),
    /// This step, from the redo list.
    Redo(DoneStep),
}

/// The steps that are not stored yet, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Storing(Vec<Waiting>);

/// The answer to a step, with everything that waited for it.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// The drafts that it came from.
    pub(super) drafts: Vec<DraftKey>,
    /// The words for the agent if it is stored.
    pub(super) said: Option<(Level, String)>,
    /// The steps to be given back if it is not stored.
    pub(super) took: Took,
    /// What comes after it if it is stored.
    pub(super) after: Option<After>,
}

impl Storing {
    /// A step is handed over at `now`.
    pub(super) fn begin(&mut self, now: Timestamp, entries: &[Entry], drafts: Vec<DraftKey>) {
        let entries = entries.iter().map(|entry| entry.id).collect();
        let (said, took, after) = (None, Took::Nothing, None);
        self.0.push(Waiting { since: now, entries, drafts, said, took, after });
    }

    /// The store has answered the step that this entry belongs to; `None` if it had answered
    /// before.
    pub(super) fn end(&mut self, entry: EntryId) -> Option<Answered> {
        let at = self.0.iter().position(|step| step.entries.contains(&entry))?;
        let Waiting { drafts, said, took, after, .. } = self.0.remove(at);
        Some(Answered { drafts, said, took, after })
    }

    fn step(&mut self, entry: Option<EntryId>) -> Option<&mut Waiting> {
        self.0.iter_mut().find(|it| entry.is_some_and(|id| it.entries.contains(&id)))
    }

    /// Keeps the steps that a step took, until it is stored.
    pub(super) fn took(&mut self, entry: Option<EntryId>, took: Took) {
        if let Some(step) = self.step(entry) {
            step.took = took;
        }
    }

    /// Keeps what comes after a step, until it is stored.
    pub(super) fn then(&mut self, entry: Option<EntryId>, after: Option<After>) {
        if let Some(step) = self.step(entry) {
            step.after = after;
        }
    }

    /// Whether this entry is not stored yet.
    pub(super) fn holds(&self, entry: EntryId) -> bool {
        self.0.iter().any(|step| step.entries.contains(&entry))
    }

    /// Since when the oldest step waits.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.0.iter().map(|step| step.since).min()
    }
}

/// Tells the agent of the step that was committed last, once the store has it. If nothing had to be
/// stored, it tells at once.
pub(super) fn say_when_stored(
    model: &mut Model,
    first: Option<EntryId>,
    level: Level,
    text: impl Into<String>,
) {
    match model.outbox.storing.step(first) {
        Some(step) => step.said = Some((level, text.into())),
        None => model.say(level, text),
    }
}

/// Tells the agent something at once, together with what is to be told of the last step if that is not
/// stored yet.
pub(super) fn say_first(model: &mut Model, text: String) {
    match model.outbox.storing.0.last_mut().and_then(|step| step.said.as_mut()) {
        Some((_, said)) => *said = format!("{text} · {said}"),
        None => model.say(Level::Done, text),
    }
}

impl Model {
    /// Since when the store owes an answer for data that must not be lost.
    fn store_owes_since(&self) -> Option<Timestamp> {
        let asked =
            [self.outbox.storing.since(), self.outbox.undoing_since(), self.drafts.saving_since()];
        asked.into_iter().flatten().min()
    }

    /// Whether the store takes longer than it should for something that must not be lost.
    pub fn store_is_slow(&self) -> bool {
        self.store_owes_since().is_some_and(|since| self.now.duration_since(since) >= SLOW)
    }

    /// When the store counts as slow, if it has not answered by then.
    pub(super) fn store_is_slow_at(&self) -> Option<Timestamp> {
        let at = self.store_owes_since()?.saturating_add(SLOW).ok()?;
        (at > self.now).then_some(at)
    }

    /// Whether leaving now could lose something: the store has refused it, or does not answer.
    pub fn leaving_may_lose(&self) -> bool {
        self.drafts.unstorable().is_some() || self.outbox.lost().is_some() || self.store_is_slow()
    }

    /// Whether the console can be left without a question: no change is on its way, and nothing
    /// would be lost.
    pub fn is_settled(&self) -> bool {
        self.outbox.own().next().is_none() && !self.leaving_may_lose()
    }

    /// The changes that the store has not confirmed.
    pub fn unstored_changes(&self) -> Vec<&Entry> {
        self.outbox.entries().iter().filter(|it| self.outbox.is_storing(it.id)).collect()
    }
}
