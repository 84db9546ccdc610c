//! Requests in flight: who waits for which answer.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::effect::{Effect, Effects};
pub use crate::desk::RequestId;
use crate::desk::{Read, Slot, Work};

/// How long the agent must rest on a ticket or a letter before the server is asked, so that holding
/// a key costs no request.
const DWELL: SignedDuration = SignedDuration::from_millis(180);

/// How long the keys must pause before the store is asked, after they came close together.
const PAUSE: SignedDuration = SignedDuration::from_millis(25);

/// The latest request of each slot. An answer to any other request is dropped.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    count: u64,
    waiting: BTreeMap<Slot, RequestId>,
    later: BTreeMap<Slot, (Timestamp, Read)>,
}

impl Requests {
    /// Asks for `read` on behalf of `slot`. The slot stops waiting for its earlier answer.
    pub fn ask(&mut self, slot: Slot, read: Read) -> Effect {
        self.count += 1;
        let request = RequestId(self.count);
        self.later.remove(&slot);
        self.waiting.insert(slot, request);
        Effect::Work(Work::Read { request, slot, read })
    }

    /// Asks for `read` once the agent has rested a moment, unless something else is asked for
    /// the slot before.
    pub fn ask_after_dwell(&mut self, slot: Slot, read: Read, now: Timestamp) {
        self.ask_later(slot, read, now, DWELL);
    }

    /// Asks for `read` once the keys pause, unless something else is asked for the slot before.
    pub fn ask_after_pause(&mut self, slot: Slot, read: Read, now: Timestamp) {
        self.ask_later(slot, read, now, PAUSE);
    }

    fn ask_later(&mut self, slot: Slot, read: Read, now: Timestamp, rest: SignedDuration) {
        let at = now.saturating_add(rest).unwrap_or(now);
        self.later.insert(slot, (at, read));
    }

    /// Asks at once for what the slot is about to ask.
    pub fn hurry(&mut self, slot: Slot) -> Option<Effect> {
        let (_, read) = self.later.remove(&slot)?;
        Some(self.ask(slot, read))
    }

    /// Whether an event at `before` is so recent that a key is being held down or keys come close
    /// together.
    pub fn is_burst(before: Option<Timestamp>, now: Timestamp) -> bool {
        before.is_some_and(|before| now.duration_since(before) < PAUSE)
    }

    /// Asks for what is due at `now`.
    pub fn due(&mut self, now: Timestamp) -> Effects {
        let ripe = |(_, (at, _)): &(&Slot, &(Timestamp, Read))| *at <= now;
        let slots: Vec<Slot> = self.later.iter().filter(ripe).map(|(slot, _)| *slot).collect();
        let mut effects = Effects::none();
        for slot in slots {
            if let Some((_, read)) = self.later.remove(&slot) {
                effects.push(self.ask(slot, read));
            }
        }
        effects
    }

    /// When the next request is due.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.later.values().map(|(at, _)| *at).min()
    }

    /// Whether an answer to `slot` is awaited, or about to be asked for.
    pub fn awaits(&self, slot: Slot) -> bool {
        self.waiting.contains_key(&slot) || self.later.contains_key(&slot)
    }

    /// The slot that waits for this very answer, if any does.
    pub fn slot_of(&self, request: RequestId) -> Option<Slot> {
        self.waiting.iter().find(|(_, waiting)| **waiting == request).map(|(slot, _)| *slot)
    }

    /// The slot has its answer. Its next question, if one is due, is asked all the same.
    pub fn answered(&mut self, slot: Slot) {
        self.waiting.remove(&slot);
    }

    /// Stops waiting: the last answer has come, or nobody wants it any more.
    pub fn forget(&mut self, slot: Slot) {
        self.waiting.remove(&slot);
        self.later.remove(&slot);
    }
}
