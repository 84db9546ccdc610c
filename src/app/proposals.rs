//! Proposals of assistants: entries of the outbox that the agent has not asked for. They are no
//! changes of the agent until the agent records them.

use super::{
    Model,
    command::ConsoleCommand,
    done::DoneStep,
    effect::{Effect, Effects, Work},
    notice::Level,
    outbox::Outbox,
};
use crate::domain::{Entry, EntryId, State, plan::Part, when};

impl Outbox {
    /// Whether an entry is a proposal, or follows one.
    pub fn is_proposed(&self, entry: &Entry) -> bool {
        let leads = entry.after.and_then(|id| self.get(id));
        leads.unwrap_or(entry).state.proposal().is_some()
    }

    /// The entries that follow another one, in their order.
    pub fn following(&self, leads: &Entry) -> impl Iterator<Item = &Entry> {
        let of_ticket = leads.ticket.into_iter().flat_map(|ticket| self.entries().of(ticket));
        let id = leads.id;
        of_ticket.filter(move |entry| entry.after == Some(id))
    }

    /// The entries that the agent has asked for.
    pub fn own(&self) -> impl Iterator<Item = &Entry> {
        self.entries().iter().filter(|entry| !self.is_proposed(entry))
    }
}

/// The agent records a proposal. It becomes a step that can be taken back.
pub(super) fn record(model: &mut Model, id: EntryId) -> Effects {
    if model.outbox.get(id).is_none_or(|entry| entry.state.proposal().is_none()) {
        return Effects::none();
    }
    model.outbox.recording.insert(id);
    let hold = model.settings.hold;
    Effect::Work(Work::RecordProposal { entry: id, hold }).into()
}

/// The agent drops a proposal.
pub(super) fn discard(id: EntryId) -> Effects {
    Effect::Work(Work::DropProposals(vec![id])).into()
}

/// An entry that was a proposal of `by` has another state now.
pub(super) fn settle(model: &mut Model, entry: &Entry, by: &str) {
    let on = entry.ticket.map(|id| format!("{id} ")).unwrap_or_default();
    let asked = model.outbox.recording.remove(&entry.id);
    match &entry.state {
        State::TakenBack if !model.outbox.undoing.contains(&entry.id) => {
            let what = entry.change.describe();
            model.say(Level::Info, format!("{on}{what}, proposed by {by}, was dropped"));
        }
        State::Holding { .. } | State::Queued if asked => recorded(model, entry, &on),
        _ => {}
    }
}

fn recorded(model: &mut Model, entry: &Entry, on: &str) {
    let entries: Vec<&Entry> =
        std::iter::once(entry).chain(model.outbox.following(entry)).collect();
    let mut parts: Vec<Part> = entries.iter().map(|entry| Part::of(entry)).collect();
    parts.sort_by_key(|part| part.id);
    let words: Vec<String> = entries.iter().map(|entry| entry.change.describe_done()).collect();
    let at = entry.ticket.map(|id| format!(" on {id}")).unwrap_or_default();
    let label = format!("{}{at}", entry.change.describe());
    model.outbox.undone.clear();
    model.outbox.done.push(DoneStep { label, parts, ..DoneStep::default() });
    let undo = model.keymap.key_for(ConsoleCommand::Undo);
    let text = match (&entry.state, model.sent_when()) {
        (_, Some(when)) => {
            format!("{on}{} is {when}; {undo} takes it back", entry.change.describe())
        }
        (State::Holding { until }, None) => {
            let left = when::seconds_until(model.now, *until);
            format!("{on}{} is recorded in {left} s; {undo} takes it back", entry.change.describe())
        }
        _ => format!("{on}{}; {undo} takes it back", words.join(", ")),
    };
    model.say(Level::Underway, text);
}
