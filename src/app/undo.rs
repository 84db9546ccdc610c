//! Undo and redo: the agent's actions as steps, taken back and done again whole.

mod failed;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    Model,
    act::{Origin, commit, take_back},
    asides,
    command::ConsoleCommand,
    discarded,
    done::{DoneStep, HalfStep},
    effect::Effects,
    going,
    notice::Level,
    serve,
    storing::{Took, say_when_stored},
};
use crate::domain::{
    Entry, EntryId, TicketId,
    plan::{Part, Plan, Step, back},
};

pub(super) use failed::not_taken_back;

/// The plan that takes parts of a step back.
fn plan(model: &Model, parts: &[Part]) -> Plan {
    let open = |id: EntryId| model.outbox.get(id).filter(|it| it.state.can_take_back());
    back::taking_back(parts, model, open)
}

/// Asks before half of a step is taken back.
fn ask(model: &mut Model, step: DoneStep, plan: Plan) {
    let kept = plan.kept().unwrap_or_default();
    // The agent, having decided this, asks again for any further undo.
    model.outbox.undo_again = 0;
    let label = step.label.clone();
    let plan = plan.with_halves();
    let rest = rest(&plan);
    let half = HalfStep { label, kept, rest, step };
    model.push_popup(half);
}

/// What a plan takes back, for people: one line for the same change on several tickets.
fn rest(plan: &Plan) -> Vec<String> {
    let mut all: Vec<(&str, usize)> = Vec::new();
    for words in plan.ready().flat_map(|(_, ready)| &ready.words) {
        match all.iter_mut().find(|(known, _)| known == words) {
            Some((_, many)) => *many += 1,
            None => all.push((words, 1)),
        }
    }
    let line = |(words, many): (&str, usize)| match many {
        1 => words.to_owned(),
        _ => format!("{words} ({many} tickets)"),
    };
    all.into_iter().map(line).collect()
}

/// Takes back the possible part of a step, as the agent has decided.
pub(super) fn take_back_rest(model: &mut Model, step: DoneStep) -> Effects {
    let plan = plan(model, &step.parts);
    carry_out(model, step, plan)
}

/// Takes back the last step. A change that has not left is withdrawn. A recorded change is put back
/// by the opposite change. The agent is told of changes that can be neither.
///
/// The next undo waits until it is known whether the last one was in time, since its effect depends
/// on that.
pub(super) fn undo(model: &mut Model) -> Effects {
    if !model.outbox.undoing.is_empty() {
        model.outbox.undo_again += 1;
        return Effects::none();
    }
    let Some(step) = model.outbox.done.pop() else {
        model.say(Level::Info, "nothing to take back");
        return Effects::none();
    };
    if let Some(draft) = step.draft {
        return discarded::take_back(model, draft);
    }
    if !step.asides.is_empty() {
        return asides::take_back(model, step);
    }
    let plan = plan(model, &step.parts);
    if plan.is_half() {
        ask(model, step, plan);
        return Effects::none();
    }
    carry_out(model, step, plan)
}

fn carry_out(model: &mut Model, mut step: DoneStep, plan: Plan) -> Effects {
    let kept = plan.kept();
    let plan = plan.with_halves();
    let (level, text) = said(model, &step, &plan, kept);
    // What stays on a ticket is no part of what can be done again.
    let taken: HashSet<Option<TicketId>> = plan.ready().map(|(ticket, _)| ticket).collect();
    step.parts.retain(|part| taken.contains(&part.ticket()));
    let effects = take_back(model, plan.withdrawn().collect());
    let following = plan.ready().flat_map(|(_, ready)| ready.following.iter().copied());
    model.outbox.undoing.extend(following);
    // A reply that stays is no part of what can be done again.
    step.parts.retain(|part| !part.is_done_once() || model.outbox.undoing.contains(&part.id));
    // A step on many tickets has no place of its own: the cursor stays where it is.
    let place = step.parts.first().and_then(Part::ticket);
    let place = place.filter(|id| step.parts.iter().all(|part| part.ticket() == Some(*id)));
    for part in &step.parts {
        serve::undid(model, part.ticket());
    }
    let label = format!("undo {}", step.label);
    let opposite = plan.step().map(|step| commit_back(model, Step { label, ..step }));
    let (queued, first) = opposite.unwrap_or_default();
    let is_put_back = |part: &&Part| !model.outbox.undoing.contains(&part.id);
    let put_back = step.parts.iter().filter(is_put_back).map(|part| part.id).collect();
    model.outbox.storing.took(first, Took::Undo(put_back));
    // The server does not have the opposite yet.
    let level = if first.is_some() { level.max(Level::Underway) } else { level };
    match first.is_none() && !model.outbox.undoing.is_empty() {
        true => model.outbox.undo_said = Some((level, text)),
        false => say_when_stored(model, first, level, text),
    }
    if !step.is_empty() {
        model.outbox.undone.push(step);
    }
    let effects = effects.and(queued);
    if first.is_some() || !model.outbox.undoing.is_empty() {
        model.outbox.back_to = place.map(|ticket| (ticket, model.ticket_at_hand()));
    }
    effects.and(go_back(model))
}

/// The words about an undo for the agent: what was taken back, and what stays.
fn said(model: &Model, step: &DoneStep, plan: &Plan, kept: Option<String>) -> (Level, String) {
    let Some(kept) = kept else { return (Level::Done, format!("taken back: {}", step.label)) };
    let taken = plan.ready().count();
    if taken > 0 {
        let text = match plan.lines.len() {
            1 => kept,
            many => format!("taken back on {taken} of {many} tickets; {kept}"),
        };
        return (Level::Warning, text);
    }
    let before = model.outbox.done.last().map(|before| {
        let undo = model.keymap.key_for(ConsoleCommand::Undo);
        format!("; {undo} again takes back what was before: {}", before.label)
    });
    (Level::Warning, format!("{kept}{}", before.unwrap_or_default()))
}

/// Commits opposite changes. They are not a step that the next undo takes back.
fn commit_back(model: &mut Model, step: Step) -> (Effects, Option<EntryId>) {
    let committed = commit(model, step, Origin::default());
    model.outbox.done.pop();
    committed
}

/// Goes to the ticket of the last undo, unless the agent has gone elsewhere since. As long as nobody
/// knows whether it was in time, the ticket is still shown where the action has put it.
fn go_back(model: &mut Model) -> Effects {
    if !model.outbox.undoing.is_empty() {
        return Effects::none();
    }
    match model.outbox.back_to.take() {
        Some((ticket, from)) if model.ticket_at_hand() == from => going::return_to(model, ticket),
        _ => Effects::none(),
    }
}

/// Does the last step that was taken back again, except for replies, notes and deletions.
pub(super) fn redo(model: &mut Model) -> Effects {
    let Some(step) = model.outbox.undone.pop() else {
        model.say(Level::Info, "nothing to do again");
        return Effects::none();
    };
    if !step.asides.is_empty() {
        return asides::do_again(model, step);
    }
    if step.parts.iter().any(|part| model.outbox.undoing.contains(&part.id)) {
        model.say(Level::Info, format!("{} is still being taken back", step.label));
        model.outbox.undone.push(step);
        return Effects::none();
    }
    let plan = back::again(&step.parts, model);
    let kept = plan.kept_again();
    let (ready, many) = (plan.ready().count(), plan.lines.len());
    let Some(again) = plan.step() else {
        let text = kept.unwrap_or_else(|| format!("{} is not done again by itself", step.label));
        model.say(Level::Info, text);
        return Effects::none();
    };
    let (level, text) = match kept {
        Some(kept) => (Level::Warning, format!("done again on {ready} of {many} tickets; {kept}")),
        None => (Level::Underway, format!("done again: {}", step.label)),
    };
    let again = Step { label: step.label.clone(), ..again };
    serve::did(model, &again);
    let (effects, first) = commit(model, again, Origin::default());
    model.outbox.storing.took(first, Took::Redo(step));
    say_when_stored(model, first, level, text);
    effects
}

/// The store has not taken a step. The steps that it took from the lists of undo and redo go back
/// there.
pub(super) fn give_back(model: &mut Model, took: Took) {
    let outbox = &mut model.outbox;
    match took {
        Took::Nothing => {}
        Took::Undone(steps) => {
            outbox.undone.splice(0..0, steps);
        }
        Took::Undo(ids) => {
            let parts = split_off(&mut outbox.undone, |part| ids.contains(&part.id));
            outbox.done.extend(parts);
        }
        Took::Redo(step) => outbox.undone.push(step),
    }
}

/// Parts of the last step that has any of them, as a step of their own. The others stay.
fn split_off(steps: &mut Vec<DoneStep>, wanted: impl Fn(&Part) -> bool) -> Option<DoneStep> {
    let at = steps.iter().rposition(|step| step.parts.iter().any(&wanted))?;
    let step = steps.get_mut(at)?;
    let label = step.label.clone();
    let (parts, rest) = std::mem::take(&mut step.parts).into_iter().partition(wanted);
    step.parts = rest;
    if step.is_empty() {
        steps.remove(at);
    }
    Some(DoneStep { label, parts, ..DoneStep::default() })
}

/// It was too late to withdraw entries. If possible, the opposite changes put them back.
pub(super) fn too_late(model: &mut Model, ids: &[EntryId]) -> Effects {
    let late: BTreeSet<EntryId> =
        ids.iter().copied().filter(|id| model.outbox.undoing.remove(id)).collect();
    if late.is_empty() {
        return Effects::none();
    }
    let said = model.outbox.undo_said.take();
    let half = left_half(model, &late);
    let is_half = |id: &EntryId| half.as_ref().is_some_and(|step| step.place(*id).is_some());
    let whole: BTreeSet<EntryId> = late.iter().copied().filter(|id| !is_half(id)).collect();
    let steps = model.outbox.undone.iter().chain(&model.outbox.done);
    let known: BTreeMap<EntryId, Part> = steps
        .flat_map(|step| &step.parts)
        .filter(|part| whole.contains(&part.id))
        .map(|part| (part.id, part.clone()))
        .collect();
    let part =
        |id: &EntryId| known.get(id).cloned().or_else(|| model.outbox.get(*id).map(Part::of));
    let parts: Vec<Part> = whole.iter().filter_map(part).collect();
    model.outbox.forget_parts(&whole);
    let effects = put_back(model, &parts, said);
    let Some(step) = half else { return effects.and(go_on(model)) };
    model.outbox.done.push(step);
    effects.and(undo(model))
}

/// The parts on the tickets of entries that were too late to withdraw, where other entries would have
/// ended with them. Those go on as before, and the agent is asked.
fn left_half(model: &mut Model, late: &BTreeSet<EntryId>) -> Option<DoneStep> {
    let leads = |entry: &&Entry| {
        let is_late = entry.after.is_some_and(|id| late.contains(&id));
        is_late && model.outbox.undoing.contains(&entry.id)
    };
    let followers: Vec<(EntryId, Option<TicketId>)> =
        model.outbox.entries().iter().filter(leads).map(|it| (it.id, it.ticket)).collect();
    for (follower, _) in &followers {
        model.outbox.undoing.remove(follower);
    }
    let tickets: HashSet<Option<TicketId>> = followers.into_iter().map(|it| it.1).collect();
    let is_late = |step: &&DoneStep| late.iter().any(|id| step.place(*id).is_some());
    let own: BTreeSet<EntryId> = {
        let step = model.outbox.undone.iter().rev().find(is_late)?;
        let of_half = step.parts.iter().filter(|part| tickets.contains(&part.ticket()));
        of_half.map(|part| part.id).collect()
    };
    split_off(&mut model.outbox.undone, |part| own.contains(&part.id))
}

/// Puts recorded changes back as one step.
fn put_back(model: &mut Model, parts: &[Part], said: Option<(Level, String)>) -> Effects {
    let mut changes = Vec::new();
    let mut lasting: Vec<String> = Vec::new();
    let mut first = None;
    for part in parts {
        match part.planned(model) {
            Some(planned) => {
                first.get_or_insert(part);
                changes.push(planned);
            }
            None => lasting.push(part.describe()),
        }
    }
    if !lasting.is_empty() {
        let text = format!("too late: the {} can't be taken back any more", lasting.join(", "));
        model.say(Level::Warning, text);
    }
    let Some(part) = first else {
        return Effects::none();
    };
    let what = match changes.len() {
        1 => part.describe(),
        many => format!("{} on {many} tickets", part.describe()),
    };
    let step = Step { label: format!("undo {what}"), changes };
    let (effects, first) = commit_back(model, step);
    let (level, text) = said.unwrap_or_else(|| (Level::Underway, format!("taken back: {what}")));
    say_when_stored(model, first, level, text);
    effects
}

/// Carries out the undos that the agent asked for meanwhile, now that the last undo is known to be
/// in time or too late.
pub(super) fn go_on(model: &mut Model) -> Effects {
    if model.outbox.undoing.is_empty()
        && let Some((level, text)) = model.outbox.undo_said.take()
    {
        model.say(level, text);
    }
    let mut effects = Effects::none();
    while model.outbox.undo_again > 0 && model.outbox.undoing.is_empty() {
        model.outbox.undo_again -= 1;
        effects = effects.and(undo(model));
    }
    effects.and(go_back(model))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        app::{Effect, Settings, Work, act, keymap::KeyMap, update},
        desk::Report,
        domain::{
            Change, Edit, Entry, Row, State, Status, Ticket, TicketId,
            plan::{Action, Targets},
        },
    };

    fn row(id: i64, status: &Status) -> Row {
        let ticket = Ticket { status: status.clone(), ..Ticket::sparse(TicketId(id)) };
        Row { ticket, facts: None, noticed: Timestamp::UNIX_EPOCH }
    }

    fn queued(effects: Effects) -> Vec<Entry> {
        let entries = effects.into_iter().filter_map(|effect| match effect {
            Effect::Work(Work::Queue { entries, .. }) => Some(entries),
            _ => None,
        });
        entries.flatten().collect()
    }

    #[test]
    fn a_step_on_many_tickets_is_taken_back_as_one_but_for_what_somebody_has_changed_since() {
        let [open, closed, on_hold, ..] = Status::usual();
        let now = Timestamp::UNIX_EPOCH;
        let mut model = Model::new(Settings::default(), KeyMap::default(), (80, 24), now);
        let changed = (1..=3).map(|id| row(id, &open)).collect();
        let _ = update(&mut model, now, Report::Rows { changed, gone: vec![] });
        let three = Targets::of((1..=3).map(TicketId));
        let plan = Plan::of(&Action::status(closed.clone()), &three, &model);
        let effects = act::carry_out_plan(&mut model, plan, None);
        for entry in queued(effects) {
            let id = entry.ticket.map_or(0, |it| it.0);
            let theirs = if id == 2 { &on_hold } else { &closed };
            let undo =
                Some(Box::new(Change::Status(Edit { from: closed.clone(), to: open.clone() })));
            let entry = Entry { state: State::Recorded { at: now, made: None, undo }, ..entry };
            let row = Some(Box::new(row(id, theirs)));
            let _ = update(&mut model, now, Report::Entry { entry: Box::new(entry), row });
        }
        let back = queued(undo(&mut model));
        let tickets: Vec<_> = back.iter().filter_map(|entry| entry.ticket).collect();
        assert_eq!(tickets, [TicketId(3), TicketId(1)], "#2 was set on hold by somebody else");
        let shown = |id| model.tickets.get(TicketId(id)).map(|row| row.ticket.status.id);
        assert_eq!([shown(1), shown(2), shown(3)], [open.id, on_hold.id, open.id].map(Some));
        let _ = update(&mut model, now, Report::Queued { entries: back });
        let said = model.notices.at(now).map(|notice| notice.text.clone()).unwrap_or_default();
        assert!(said.contains("#2 was changed by somebody else"), "{said}");
    }
}
