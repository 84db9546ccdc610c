//! The outbox as the console knows it: changes on their way, and the steps that can be taken back.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::Discriminant,
};

use super::{Connection, Model, done::DoneStep, notice::Level, pending::Pending, storing::Storing};
use crate::domain::{Change, Entry, EntryId, Problem, ProblemKind, State, StyledLine, TicketId};

/// The entries that are not settled, and the steps that can be taken back.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    pub(super) entries: Pending,
    pub(super) previews: BTreeMap<EntryId, Vec<StyledLine>>,
    /// Posts that the server has and the conversation on screen does not show yet.
    pub(super) recorded: Vec<Entry>,
    /// How many steps this console has begun.
    pub(super) steps: u32,
    /// For each waiting entry, the reason that the agent was told.
    pub(super) told: BTreeMap<EntryId, Discriminant<ProblemKind>>,
    /// Steps that can be taken back, and steps that were.
    pub(super) done: Vec<DoneStep>,
    pub(super) undone: Vec<DoneStep>,
    /// Entries to be withdrawn, until it is known whether the withdrawal was in time.
    pub(super) undoing: BTreeSet<EntryId>,
    /// Since when the oldest of them waits for the store's answer.
    pub(super) undoing_since: Option<jiff::Timestamp>,
    /// Proposals that the agent has recorded, until the store says so.
    pub(super) recording: BTreeSet<EntryId>,
    /// What the agent is told once all of them were in time.
    pub(super) undo_said: Option<(Level, String)>,
    /// Why it is in memory only: its file went away, and there can be no new one.
    lost: Option<Problem>,
    /// Steps that the store has not confirmed.
    pub(super) storing: Storing,
    /// How many more steps the agent wants taken back once that is known.
    pub(super) undo_again: usize,
    /// The ticket that the last undo goes to, and the one at hand when it was asked for.
    pub(super) back_to: Option<(TicketId, Option<TicketId>)>,
}

impl Outbox {
    /// The unsettled entries, in the order in which they were asked for.
    pub fn entries(&self) -> &Pending {
        &self.entries
    }

    /// The entry with this identity, while it is unsettled.
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(id)
    }

    /// Whether the ticket has unsettled changes.
    pub fn holds(&self, ticket: TicketId) -> bool {
        self.entries.of(ticket).next().is_some()
    }

    /// How many changes wait for the agent's decision.
    pub fn undecided(&self) -> usize {
        let waits = |entry: &&Entry| matches!(entry.state, State::Decision { .. });
        self.entries.iter().filter(waits).count()
    }

    /// Whether a change of the ticket waits for the agent's decision.
    pub fn asks_about(&self, ticket: TicketId) -> bool {
        let waits = |entry: &Entry| matches!(entry.state, State::Decision { .. });
        self.entries.of(ticket).any(waits)
    }

    /// Learns that the outbox has no file any more, or has one again.
    pub(super) fn learn_lost(&mut self, why: Option<Problem>) {
        self.lost = why;
    }

    /// Why the entries would be lost with this process, if so.
    pub fn lost(&self) -> Option<&Problem> {
        self.lost.as_ref().filter(|_| !self.entries.is_empty())
    }

    /// Whether the store has not confirmed this entry yet.
    pub fn is_storing(&self, id: EntryId) -> bool {
        self.storing.holds(id)
    }

    /// Since when it is not known whether something was taken back in time.
    pub(super) fn undoing_since(&self) -> Option<jiff::Timestamp> {
        self.undoing_since.filter(|_| !self.undoing.is_empty())
    }

    /// The replies and notes of a ticket that are stored and that its conversation does not show yet,
    /// each with the lines that it was reviewed as. The text of a proposal is none of them.
    pub fn posts(&self, ticket: TicketId) -> impl Iterator<Item = (&Entry, &[StyledLine])> {
        let stored = self.entries.of(ticket);
        let stored = stored.filter(|it| !self.is_storing(it.id) && it.state.proposal().is_none());
        let recorded = self.recorded.iter().filter(move |it| it.ticket == Some(ticket));
        let all = recorded.chain(stored);
        all.filter(|it| matches!(it.change, Change::Post { .. }))
            .map(|it| (it, self.previews.get(&it.id).map_or(&[][..], Vec::as_slice)))
    }

    /// Whether there is a step that `z` would take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is a discarded draft that can be brought back.
    pub fn can_bring_back(&self) -> bool {
        self.done.iter().any(|step| step.draft.is_some())
    }

    /// When the next entry that is held will leave: its seconds are counted down on screen.
    pub fn next_departure(&self) -> Option<jiff::Timestamp> {
        let until = |entry: &Entry| match entry.state {
            State::Holding { until } => Some(until),
            _ => None,
        };
        let stored = self.entries.iter().filter(|entry| !self.is_storing(entry.id));
        stored.filter_map(until).min()
    }

    pub(super) fn restore(&mut self, entries: Vec<Entry>) {
        self.entries.put_first(entries);
    }

    /// Forgets a part, since no later undo can take its entry back.
    pub(super) fn forget_part(&mut self, id: EntryId) {
        for step in &mut self.done {
            if let Some(at) = step.place(id) {
                step.parts.remove(at);
            }
        }
        self.done.retain(|step| !step.is_empty());
    }

    /// Forgets several parts at once.
    pub(super) fn forget_parts(&mut self, ids: &BTreeSet<EntryId>) {
        for step in &mut self.done {
            step.parts.retain(|part| !ids.contains(&part.id));
        }
        self.done.retain(|step| !step.is_empty());
    }

    /// The server has said what takes an entry back.
    pub(super) fn learn_back(&mut self, id: EntryId, undo: Option<&Change>) {
        for step in self.done.iter_mut().chain(&mut self.undone) {
            if let Some(at) = step.place(id) {
                step.parts[at].learn_back(undo);
            }
        }
    }

    pub(super) fn forget_recorded_posts(&mut self, ticket: TicketId) {
        self.recorded.retain(|entry| entry.ticket != Some(ticket));
        let kept: BTreeSet<EntryId> = self.recorded.iter().map(|entry| entry.id).collect();
        let entries = &self.entries;
        self.previews.retain(|id, _| kept.contains(id) || entries.get(*id).is_some());
    }
}

impl Model {
    /// When an entry asked for now will be sent, if it can't be sent soon whatever the countdown
    /// says. The result is the end of a sentence.
    pub fn sent_when(&self) -> Option<String> {
        if self.settings.read_only {
            return Some("kept, recorded when a console that may write is online".to_owned());
        }
        let when = match &self.connection {
            Connection::Connecting | Connection::Online => return None,
            // Any console of the profile that is online sends it.
            Connection::Closed => "when a console is online".to_owned(),
            Connection::Offline(_) => "when the server is back".to_owned(),
            Connection::Limited { until } => {
                let until = self.settings.zone.to_datetime(*until);
                format!("after {}", until.strftime("%H:%M"))
            }
            Connection::NotTheApi(_) => "when the API answers again".to_owned(),
            Connection::Unauthorised(_) => "when the server accepts the key".to_owned(),
        };
        Some(format!("kept, recorded {when}"))
    }

    /// Whether some entry may soon be recorded without the agent. Entries that wait for the server
    /// or for a decision may not.
    pub(super) fn can_record(&self) -> bool {
        let moves = |entry: &Entry| {
            let follows = entry.after.and_then(|id| self.outbox.get(id));
            let state = &follows.unwrap_or(entry).state;
            !matches!(state, State::Waiting { .. } | State::Decision { .. })
        };
        self.sent_when().is_none() && self.outbox.own().any(moves)
    }
}
