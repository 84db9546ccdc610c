//! The store failed over an undo. The entries to be withdrawn are there as before.

use std::collections::BTreeSet;

use crate::{
    app::{Model, command::ConsoleCommand, done::DoneStep, effect::Effects, notice::Level},
    domain::{Entry, EntryId, Problem, State, TicketId, plan::Part},
};

/// Entries were not withdrawn, nor were the ones that follow them. All of them can be taken back
/// again.
pub(in crate::app) fn not_taken_back(
    model: &mut Model,
    ids: &[EntryId],
    problem: &Problem,
) -> Effects {
    let mut kept: BTreeSet<EntryId> =
        ids.iter().copied().filter(|id| model.outbox.undoing.remove(id)).collect();
    let Some(id) = ids.iter().copied().find(|id| kept.contains(id)) else {
        return Effects::none();
    };
    let follows = |entry: &&Entry| entry.after.is_some_and(|id| kept.contains(&id));
    let followers: Vec<EntryId> =
        model.outbox.entries().iter().filter(follows).map(|entry| entry.id).collect();
    kept.extend(followers.into_iter().filter(|follower| model.outbox.undoing.remove(follower)));
    can_be_undone_again(model, &kept);
    // Later requests were meant for the state without that entry.
    model.outbox.undo_said = None;
    model.outbox.undo_again = 0;
    model.outbox.back_to = None;
    let Some(entry) = model.outbox.get(id).cloned() else { return Effects::none() };
    let tickets = kept.iter().filter_map(|id| model.outbox.get(*id)?.ticket);
    let on = match tickets.collect::<BTreeSet<TicketId>>().len() {
        0 | 1 => entry.ticket.map(|id| format!("{id} ")).unwrap_or_default(),
        many => format!("{many} tickets: "),
    };
    let what = entry.change.describe();
    let still = still(model, &entry.state);
    let undo = model.keymap.key_for(ConsoleCommand::Undo);
    let text = format!("{on}{what} is not taken back, {still}; {undo} tries again: {problem}");
    model.say(Level::Failure, text);
    Effects::none()
}

/// Moves the parts of the step back to one that can be undone.
fn can_be_undone_again(model: &mut Model, kept: &BTreeSet<EntryId>) {
    let is_kept = |part: &Part| kept.contains(&part.id);
    let holds = |step: &DoneStep| step.parts.iter().any(is_kept);
    let Some(at) = model.outbox.undone.iter().rposition(holds) else {
        let known = model.outbox.done.iter().any(holds);
        if !known {
            make_anew(model, kept);
        }
        return;
    };
    let step = &mut model.outbox.undone[at];
    let label = step.label.clone();
    let (parts, rest) = std::mem::take(&mut step.parts).into_iter().partition(is_kept);
    step.parts = rest;
    if step.parts.is_empty() {
        model.outbox.undone.remove(at);
    }
    match model.outbox.done.last_mut().filter(|last| last.label == label) {
        Some(last) => {
            last.parts.extend(parts);
            last.parts.sort_by_key(|part| part.id);
        }
        None => model.outbox.done.push(DoneStep { label, parts, ..DoneStep::default() }),
    }
}

/// An action since then has emptied the list of steps that can be done again. The outbox still has
/// the entries, so they are a step anew, and the next undo is about them.
fn make_anew(model: &mut Model, kept: &BTreeSet<EntryId>) {
    let entries = kept.iter().filter_map(|id| model.outbox.get(*id));
    let mut parts: Vec<Part> = entries.map(Part::of).collect();
    parts.sort_by_key(|part| part.id);
    let Some(first) = parts.first() else { return };
    let on = first.ticket().map(|id| format!(" on {id}")).unwrap_or_default();
    let label = format!("{}{on}", first.describe());
    model.outbox.done.push(DoneStep { label, parts, ..DoneStep::default() });
}

/// The further fate of an entry that stays, in words.
fn still(model: &Model, state: &State) -> String {
    match state {
        State::Decision { .. } => "it waits for your decision as before".into(),
        State::Holding { .. } | State::Queued if model.sent_when().is_some() => {
            format!("it is {}", model.sent_when().unwrap_or_default())
        }
        State::Holding { until } => {
            let left = until.duration_since(model.now).as_secs().max(0) + 1;
            format!("it is recorded in {left} s at the earliest")
        }
        _ => "it is still in the outbox, and goes out by itself".into(),
    }
}
