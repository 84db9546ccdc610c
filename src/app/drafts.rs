//! Drafts: what is typed reaches the disk soon after, and is found again by ticket and kind.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::effect::{Effect, Effects, Work};
use crate::domain::{Draft, DraftKey, Problem, TicketId};

/// How long a keystroke waits for company before it is written: well below the 250 ms promised.
const SETTLE: SignedDuration = SignedDuration::from_millis(100);

#[derive(Clone, Debug)]
struct Kept {
    draft: Draft,
    dirty_since: Option<Timestamp>,
    /// Handed to the store, which has not said yet that it has it.
    saving: bool,
    problem: Option<Problem>,
}

/// All drafts of the profile.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    kept: BTreeMap<DraftKey, Kept>,
}

impl Drafts {
    /// Takes over what the store held, except where the agent has already typed on.
    pub fn restore(&mut self, drafts: Vec<Draft>) {
        for draft in drafts {
            let kept = Kept { draft, dirty_since: None, saving: false, problem: None };
            self.kept.entry(kept.draft.key).or_insert(kept);
        }
    }

    /// The draft, if there is one.
    pub fn get(&self, key: DraftKey) -> Option<&Draft> {
        self.kept.get(&key).map(|kept| &kept.draft)
    }

    /// All drafts, newest first.
    pub fn all(&self) -> Vec<&Draft> {
        let mut all: Vec<_> = self.kept.values().map(|kept| &kept.draft).collect();
        all.sort_by_key(|draft| std::cmp::Reverse(draft.updated));
        all
    }

    /// Whether the ticket has a draft of any kind.
    pub fn has(&self, ticket: TicketId) -> bool {
        self.kept.keys().any(|key| key.ticket == Some(ticket))
    }

    /// Whether the draft is on disk as it stands.
    pub fn is_stored(&self, key: DraftKey) -> bool {
        self.kept
            .get(&key)
            .is_none_or(|kept| kept.dirty_since.is_none() && !kept.saving && kept.problem.is_none())
    }

    /// Why the draft could not be stored, if so.
    pub fn problem(&self, key: DraftKey) -> Option<&Problem> {
        self.kept.get(&key).and_then(|kept| kept.problem.as_ref())
    }

    /// The agent typed. A draft without text is dropped.
    pub fn typed(&mut self, draft: Draft, now: Timestamp) -> Effects {
        if draft.text.trim().is_empty() {
            return self.drop(draft.key);
        }
        let dirty_since = self.kept.get(&draft.key).and_then(|kept| kept.dirty_since);
        let key = draft.key;
        let unchanged = self.get(key).is_some_and(|it| it.text == draft.text);
        if unchanged {
            return Effects::none();
        }
        let dirty_since = Some(dirty_since.unwrap_or(now));
        let old = self.kept.remove(&key);
        let saving = old.as_ref().is_some_and(|kept| kept.saving);
        let problem = old.and_then(|kept| kept.problem);
        self.kept.insert(key, Kept { draft, dirty_since, saving, problem });
        Effects::none()
    }

    /// Forgets a draft: it was recorded, or emptied.
    pub fn drop(&mut self, key: DraftKey) -> Effects {
        match self.kept.remove(&key) {
            Some(_) => Effect::Work(Work::DropDraft(key)).into(),
            None => Effects::none(),
        }
    }

    /// Forgets a draft that goes away together with what it became.
    pub fn release(&mut self, key: DraftKey) {
        self.kept.remove(&key);
    }

    /// What is due to be written at `now`.
    pub fn due(&mut self, now: Timestamp) -> Effects {
        self.save_where(|since| now.duration_since(since) >= SETTLE)
    }

    /// Everything that is not written yet: before the agent leaves.
    pub fn flush(&mut self) -> Effects {
        self.save_where(|_| true)
    }

    fn save_where(&mut self, ripe: impl Fn(Timestamp) -> bool) -> Effects {
        let mut effects = Effects::none();
        for kept in self.kept.values_mut() {
            if kept.dirty_since.is_some_and(&ripe) {
                kept.dirty_since = None;
                kept.saving = true;
                effects.push(Effect::Work(Work::SaveDraft(kept.draft.clone())));
            }
        }
        effects
    }

    /// When the next draft is due.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let due = |since: Timestamp| since.saturating_add(SETTLE).unwrap_or(since);
        self.kept.values().filter_map(|kept| kept.dirty_since).map(due).min()
    }

    /// The store has it.
    pub fn stored(&mut self, key: DraftKey) {
        if let Some(kept) = self.kept.get_mut(&key) {
            kept.saving = false;
            kept.problem = None;
        }
    }

    /// The store could not take it; it stays in memory and on screen.
    pub fn failed(&mut self, key: DraftKey, problem: Problem) {
        if let Some(kept) = self.kept.get_mut(&key) {
            kept.saving = false;
            kept.problem = Some(problem);
        }
    }

    /// Takes another console's newer text in place of what is here.
    pub fn replace(&mut self, draft: Draft) {
        self.kept
            .insert(draft.key, Kept { draft, dirty_since: None, saving: false, problem: None });
    }
}
