//! Drafts: typed text reaches the disk soon after, and is found again by ticket and kind.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::effect::{Effect, Effects, Work};
use crate::domain::{Draft, DraftChanges, DraftId, DraftKey, Problem, Seen, TicketId, Writer};

/// How long a keystroke waits for further ones before it is written. It is well below the promised
/// 250 ms.
const SETTLE: SignedDuration = SignedDuration::from_millis(100);

/// How long after a failure the store is asked again, if nothing more is typed.
const RETRY: SignedDuration = SignedDuration::from_secs(5);

#[derive(Clone, Debug)]
struct Kept {
    draft: Draft,
    /// When it is to be written; `None` where there is nothing new in it.
    due: Option<Timestamp>,
    /// The version last handed to the store, until the store answers.
    saving: Option<Timestamp>,
    /// Since when the store owes that answer.
    asked: Option<Timestamp>,
    /// Whether it has become a step; it goes away once that step is stored.
    recording: bool,
    /// What the agent is told once it is stored.
    told: Option<DraftNews>,
    /// Whether it goes away once the store has dropped it.
    discarding: bool,
    problem: Option<Problem>,
    /// The version of an earlier run or of another console that this one was made from.
    seen: Option<Timestamp>,
}

impl Kept {
    fn stored(draft: Draft) -> Self {
        let seen = Some(draft.updated);
        Self { seen, ..Self::typed(draft) }
    }

    fn typed(draft: Draft) -> Self {
        Self {
            draft,
            due: None,
            saving: None,
            asked: None,
            recording: false,
            told: None,
            discarding: false,
            problem: None,
            seen: None,
        }
    }

    /// Whether no other text may replace it: there is more here than in the store, or the store is
    /// about to record it.
    fn is_busy(&self) -> bool {
        !self.is_stored() || self.recording || self.discarding
    }

    fn is_stored(&self) -> bool {
        self.due.is_none() && self.saving.is_none() && self.problem.is_none()
    }
}

/// The news for the agent about a stored draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftNews {
    /// Nothing.
    None,
    /// The store had refused it before.
    Again,
    /// The agent has left it meanwhile and has not been told that it is kept.
    Left,
    /// It was discarded, and the agent has brought it back.
    Back,
}

/// All drafts of the profile.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    kept: BTreeMap<DraftKey, Kept>,
    /// Drafts that were given up, each with the number of answers that the store still owes. Until
    /// these come, the store's lists of drafts may be older.
    going: BTreeMap<DraftKey, usize>,
    /// The drafts that another console writes, as far as that is known.
    writers: BTreeMap<DraftKey, Writer>,
    /// A random number that tells the drafts of this console from another's, and how many there were.
    session: u64,
    begun: u32,
}

/// The differences after another console has written.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    /// The drafts that are new or changed.
    pub changed: BTreeSet<DraftKey>,
    /// Those that are gone, as they were known.
    pub gone: Vec<Draft>,
}

impl Drafts {
    /// No drafts; `session` is a random number that no other console has.
    pub fn new(session: u64) -> Self {
        Self { session, ..Self::default() }
    }

    fn next_id(&mut self) -> DraftId {
        self.begun += 1;
        DraftId::new(self.session, self.begun)
    }

    /// Takes over the drafts of the store, except where the agent has already typed on.
    pub fn restore(&mut self, drafts: Vec<Draft>) {
        for draft in drafts {
            self.kept.entry(draft.key).or_insert_with(|| Kept::stored(draft));
        }
    }

    /// Takes over the drafts of the store after another console has written to it, and returns the
    /// differences. A text that is not stored yet stays as it is. When it is stored, the store
    /// reports any conflict.
    pub fn follow(&mut self, drafts: Vec<Draft>) -> Followed {
        let mut followed = Followed::default();
        let there: BTreeSet<DraftKey> = drafts.iter().map(|draft| draft.key).collect();
        for draft in drafts {
            let known = self.kept.get(&draft.key);
            let busy = known.is_some_and(Kept::is_busy) || self.going.contains_key(&draft.key);
            let same = known.is_some_and(|kept| draft.is_version(Some(kept.draft.updated)));
            if !busy && !same {
                followed.changed.insert(draft.key);
                self.replace(draft);
            }
        }
        let gone = |key: &DraftKey, kept: &Kept| !there.contains(key) && !kept.is_busy();
        let keys: Vec<DraftKey> =
            self.kept.iter().filter(|(key, kept)| gone(key, kept)).map(|(key, _)| *key).collect();
        followed.gone =
            keys.iter().filter_map(|key| self.kept.remove(key)).map(|it| it.draft).collect();
        followed
    }

    /// Asks the store to make this console the writer of a draft. With `take` it does so even if
    /// another console writes it.
    pub fn open(&self, key: DraftKey, take: bool) -> Effect {
        let known = self.get(key).filter(|_| self.is_stored(key)).map(|draft| draft.id);
        Effect::Work(Work::OpenDraft { key, known, take })
    }

    /// Learns which drafts another console writes. Returns those that none writes any more.
    pub fn learn_writers(&mut self, writers: Vec<(DraftKey, Writer)>) -> Vec<DraftKey> {
        let before = std::mem::replace(&mut self.writers, writers.into_iter().collect());
        before.into_keys().filter(|key| !self.writers.contains_key(key)).collect()
    }

    /// Learns who else writes a draft; `None` where nobody does.
    pub fn learn_writer(&mut self, key: DraftKey, writer: Option<Writer>) {
        match writer {
            Some(writer) => drop(self.writers.insert(key, writer)),
            None => drop(self.writers.remove(&key)),
        }
    }

    /// The other console that writes a draft, as far as that is known.
    pub fn writer(&self, key: DraftKey) -> Option<&Writer> {
        self.writers.get(&key)
    }

    /// The draft, if there is one.
    pub fn get(&self, key: DraftKey) -> Option<&Draft> {
        self.kept.get(&key).map(|kept| &kept.draft)
    }

    /// All drafts, newest first, but for those that are being recorded or discarded.
    pub fn all(&self) -> Vec<&Draft> {
        let drafts = self.kept.values().filter(|kept| !kept.recording && !kept.discarding);
        let mut all: Vec<_> = drafts.map(|kept| &kept.draft).collect();
        all.sort_by_key(|draft| std::cmp::Reverse(draft.updated));
        all
    }

    /// Whether the ticket has a draft of any kind.
    pub fn has(&self, ticket: TicketId) -> bool {
        self.kept.keys().any(|key| key.ticket == Some(ticket))
    }

    /// Whether the draft is on disk as it stands.
    pub fn is_stored(&self, key: DraftKey) -> bool {
        self.kept.get(&key).is_none_or(Kept::is_stored)
    }

    /// Why the draft could not be stored, if so.
    pub fn problem(&self, key: DraftKey) -> Option<&Problem> {
        self.kept.get(&key).and_then(|kept| kept.problem.as_ref())
    }

    /// A draft that the store has refused to take: leaving now would lose it.
    pub fn unstorable(&self) -> Option<(&Draft, &Problem)> {
        self.kept.values().find_map(|kept| Some((&kept.draft, kept.problem.as_ref()?)))
    }

    /// All drafts that the store has refused to take, each with the reason.
    pub fn all_unstorable(&self) -> impl Iterator<Item = (&Draft, &Problem)> {
        self.kept.values().filter_map(|kept| Some((&kept.draft, kept.problem.as_ref()?)))
    }

    /// All drafts that the store has neither confirmed nor refused.
    pub fn all_unstored(&self) -> impl Iterator<Item = &Draft> {
        let unsaid = |kept: &&Kept| kept.problem.is_none() && !kept.is_stored();
        self.kept.values().filter(unsaid).map(|kept| &kept.draft)
    }

    /// All drafts whose current text is stored, including those that are being recorded or
    /// discarded.
    pub fn all_stored(&self) -> impl Iterator<Item = &Draft> {
        self.kept.values().filter(|kept| kept.is_stored()).map(|kept| &kept.draft)
    }

    /// Whether the draft is on its way into the outbox. It must not be changed or given up then.
    pub fn is_recording(&self, key: DraftKey) -> bool {
        self.kept.get(&key).is_some_and(|kept| kept.recording)
    }

    /// Whether the draft is being recorded or discarded, and the store has not answered yet.
    pub fn is_going(&self, key: DraftKey) -> bool {
        self.kept.get(&key).is_some_and(|kept| kept.recording || kept.discarding)
    }

    /// Since when the store owes an answer for a draft that it has not refused before.
    pub fn saving_since(&self) -> Option<Timestamp> {
        let fresh = self.kept.values().filter(|kept| kept.problem.is_none());
        fresh.filter_map(|kept| kept.asked).min()
    }

    /// The agent has left the draft. Says whether it is stored; if not, [`Drafts::stored`] says so
    /// once it is.
    pub fn leave(&mut self, key: DraftKey) -> bool {
        let Some(kept) = self.kept.get_mut(&key) else { return true };
        kept.told = (!kept.is_stored()).then_some(DraftNews::Left);
        kept.told.is_none()
    }

    /// A draft that was gone is typed anew, as it was. [`Drafts::stored`] says that it is back once it is
    /// stored.
    pub fn bring_back(&mut self, draft: Draft, now: Timestamp) -> Effects {
        let key = draft.key;
        let effects = self.typed(draft, now);
        if let Some(kept) = self.kept.get_mut(&key) {
            kept.told = Some(DraftNews::Back);
        }
        effects
    }

    /// The agent typed, or moved the cursor. A draft without text is dropped, and the changes beside it
    /// with it. A draft that is there keeps its number and its changes, whatever `draft` says.
    pub fn typed(&mut self, draft: Draft, now: Timestamp) -> Effects {
        if draft.text.trim().is_empty() {
            return self.drop(draft.key);
        }
        let soon = now.saturating_add(SETTLE).unwrap_or(now);
        if let Some(kept) = self.kept.get_mut(&draft.key) {
            if kept.draft.text != draft.text || kept.draft.cursor != draft.cursor {
                kept.due = Some(kept.due.map_or(soon, |due| due.min(soon)));
                let changes = kept.draft.changes.take();
                kept.draft = Draft { id: kept.draft.id, changes, ..draft };
            }
            return Effects::none();
        }
        let draft = Draft { id: self.next_id(), ..draft };
        self.kept.insert(draft.key, Kept { due: Some(soon), ..Kept::typed(draft) });
        Effects::none()
    }

    /// Sets the changes that wait beside a draft. Without a draft there is nothing that they could wait
    /// beside.
    pub fn set_changes(&mut self, key: DraftKey, changes: DraftChanges, now: Timestamp) {
        let Some(kept) = self.kept.get_mut(&key) else { return };
        if kept.recording || kept.discarding {
            return;
        }
        kept.draft.changes = Some(Box::new(changes)).filter(|it| !it.is_empty());
        kept.draft.updated = now;
        let soon = now.saturating_add(SETTLE).unwrap_or(now);
        kept.due = Some(kept.due.map_or(soon, |due| due.min(soon)));
    }

    /// The changes that wait beside a draft.
    pub fn changes(&self, key: DraftKey) -> Option<&DraftChanges> {
        self.get(key).and_then(|draft| draft.changes.as_deref())
    }

    /// The text of a draft goes on as a draft of its own under `to`, to be stored at once.
    pub fn fork(&mut self, from: DraftKey, to: DraftKey, now: Timestamp) {
        let Some(Kept { draft, .. }) = self.kept.remove(&from) else { return };
        let draft = Draft { key: to, id: self.next_id(), updated: now, ..draft };
        self.kept.insert(to, Kept { due: Some(now), ..Kept::typed(draft) });
    }

    /// Forgets a draft here without telling the store: there it is gone, or another console's.
    pub fn forget(&mut self, key: DraftKey) {
        self.kept.remove(&key);
    }

    /// Forgets a draft: it was emptied, or is not wanted.
    pub fn drop(&mut self, key: DraftKey) -> Effects {
        if self.is_recording(key) || !self.kept.contains_key(&key) {
            return Effects::none();
        }
        *self.going.entry(key).or_default() += 1;
        let seen = self.seen(key);
        self.kept.remove(&key);
        Effect::Work(Work::DropDraft(seen)).into()
    }

    /// Forgets a draft once the store has done so.
    pub fn discard(&mut self, key: DraftKey) -> Effects {
        let Some(kept) = self.kept.get_mut(&key).filter(|kept| !kept.recording) else {
            return Effects::none();
        };
        kept.discarding = true;
        kept.due = None;
        Effect::Work(Work::DropDraft(self.seen(key))).into()
    }

    /// A draft as it is known here.
    fn seen(&self, key: DraftKey) -> Seen {
        let kept = self.kept.get(&key);
        let id = kept.map_or(DraftId(0), |kept| kept.draft.id);
        Seen { key, id, version: kept.and_then(|kept| kept.seen) }
    }

    /// Notes that the draft is handed to the store with its step. The draft stays until the store
    /// has the step. Returns the version that is handed over.
    pub fn record(&mut self, key: DraftKey) -> Seen {
        if let Some(kept) = self.kept.get_mut(&key) {
            kept.recording = true;
        }
        self.seen(key)
    }

    /// The store has the step that the draft became.
    pub fn recorded(&mut self, key: DraftKey) {
        if self.is_recording(key) {
            self.kept.remove(&key);
        }
    }

    /// The store has not taken the step of the draft, so it is a draft as before.
    pub fn not_recorded(&mut self, key: DraftKey) {
        if let Some(kept) = self.kept.get_mut(&key) {
            kept.recording = false;
        }
    }

    /// The store has dropped a draft. Returns the one that was discarded, if it was.
    pub fn gone(&mut self, key: DraftKey) -> Option<Draft> {
        if let Some(going) = self.going.get_mut(&key) {
            *going -= 1;
        }
        self.going.retain(|_, going| *going > 0);
        let discarded = self.kept.get(&key).is_some_and(|kept| kept.discarding);
        let kept = if discarded { self.kept.remove(&key) } else { None };
        kept.map(|kept| kept.draft)
    }

    /// The store has not dropped a draft: one that was to be discarded is there as before.
    pub fn not_gone(&mut self, key: DraftKey) {
        if let Some(going) = self.going.get_mut(&key) {
            *going -= 1;
        }
        self.going.retain(|_, going| *going > 0);
        if let Some(kept) = self.kept.get_mut(&key) {
            kept.discarding = false;
        }
    }

    /// The writes that are due at `now`.
    pub fn due(&mut self, now: Timestamp) -> Effects {
        let effects = self.save_where(|due| due <= now);
        for kept in self.kept.values_mut() {
            kept.asked = kept.saving.and(kept.asked.or(Some(now)));
        }
        effects
    }

    /// The writes for all drafts that are neither stored nor on their way. It is called before the
    /// agent leaves them.
    pub fn flush(&mut self) -> Effects {
        self.save_where(|_| true)
    }

    /// The writes that the store has not confirmed. It is called before the program ends, in
    /// whatever way.
    pub fn unstored(&self) -> Vec<Work> {
        let unstored = self.kept.values().filter(|kept| !kept.is_stored());
        unstored
            .map(|kept| Work::SaveDraft { draft: kept.draft.clone(), seen: kept.seen })
            .collect()
    }

    fn save_where(&mut self, ripe: impl Fn(Timestamp) -> bool) -> Effects {
        let mut effects = Effects::none();
        for kept in self.kept.values_mut() {
            // Each draft has one write at a time, so that a slow store does not get a pile of them.
            if kept.saving.is_none() && kept.due.is_some_and(&ripe) {
                kept.due = None;
                kept.saving = Some(kept.draft.updated);
                let (draft, seen) = (kept.draft.clone(), kept.seen);
                effects.push(Effect::Work(Work::SaveDraft { draft, seen }));
            }
        }
        effects
    }

    /// When the next draft is due.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let free = self.kept.values().filter(|kept| kept.saving.is_none());
        free.filter_map(|kept| kept.due).min()
    }

    /// The store has this version. Returns the news for the agent.
    pub fn stored(&mut self, key: DraftKey, version: Timestamp) -> DraftNews {
        let Some(kept) = self.kept.get_mut(&key) else { return DraftNews::None };
        if kept.saving.take_if(|saving| *saving == version).is_some() {
            kept.asked = None;
        }
        let was_refused = kept.problem.take().is_some();
        let told = if kept.is_stored() { kept.told.take() } else { None };
        if was_refused { DraftNews::Again } else { told.unwrap_or(DraftNews::None) }
    }

    /// The store could not take it; it stays in memory and on screen, and is tried again. Says
    /// whether that is news.
    pub fn failed(&mut self, key: DraftKey, problem: Problem, now: Timestamp) -> bool {
        let Some(kept) = self.kept.get_mut(&key) else { return false };
        kept.saving = None;
        kept.asked = None;
        kept.due = now.saturating_add(RETRY).ok();
        kept.problem.replace(problem).is_none()
    }

    /// The store's file has gone, so all drafts are on screen only and are tried again. Drafts that
    /// another console writes are left to it. Returns the number of drafts.
    pub fn lost(&mut self, problem: &Problem, now: Timestamp) -> usize {
        let here = |key: &DraftKey, kept: &Kept| {
            !kept.recording && !kept.discarding && !self.writers.contains_key(key)
        };
        let keys: Vec<DraftKey> =
            self.kept.iter().filter(|(key, kept)| here(key, kept)).map(|(key, _)| *key).collect();
        for key in &keys {
            if self.is_stored(*key) {
                self.failed(*key, problem.clone(), now);
            }
        }
        keys.len()
    }

    /// Takes another console's newer text in place of what is here.
    pub fn replace(&mut self, draft: Draft) {
        self.kept.insert(draft.key, Kept::stored(draft));
    }
}
