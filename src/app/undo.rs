//! Undo and redo: the agent's actions as steps, taken back and done again whole.

mod failed;

use super::{
    Model,
    act::{Origin, commit, take_back},
    asides, discarded,
    done::{DoneStep, HalfStep},
    effect::Effects,
    going,
    notice::Level,
    storing::{Took, say_when_stored},
};
use crate::domain::{
    EntryId,
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
    let rest = plan.ready().flat_map(|(_, ready)| ready.words.clone()).collect();
    let half = HalfStep { label, kept, rest, step };
    model.push_popup(half);
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
    let (level, text) = match plan.kept() {
        Some(kept) => (Level::Warning, kept),
        None => (Level::Done, format!("taken back: {}", step.label)),
    };
    let plan = plan.with_halves();
    let effects = take_back(model, plan.withdrawn().collect());
    let following = plan.ready().flat_map(|(_, ready)| ready.following.iter().copied());
    model.outbox.undoing.extend(following);
    // A reply that stays is no part of what can be done again.
    step.parts.retain(|part| !part.is_done_once() || model.outbox.undoing.contains(&part.id));
    let place = step.parts.first().and_then(Part::ticket);
    let label = format!("undo {}", step.label);
    let opposite = plan.step().map(|step| commit_back(model, Step { label, ..step }));
    let (queued, first) = opposite.unwrap_or_default();
    if let Some(part) = step.parts.first() {
        model.outbox.storing.took(first, Took::Undo(part.id));
    }
    match first.is_none() && !model.outbox.undoing.is_empty() {
        true => model.outbox.undo_said = Some((level, text)),
        false => say_when_stored(model, first, level, text),
    }
    model.outbox.undone.push(step);
    let effects = effects.and(queued);
    if first.is_some() || !model.outbox.undoing.is_empty() {
        model.outbox.back_to = place.map(|ticket| (ticket, model.ticket_at_hand()));
    }
    effects.and(go_back(model))
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
    let Some(again) = back::again(&step.parts, model).step() else {
        model.say(Level::Info, format!("{} is not done again by itself", step.label));
        return Effects::none();
    };
    let text = format!("done again: {}", step.label);
    let again = Step { label: step.label.clone(), ..again };
    let (effects, first) = commit(model, again, Origin::default());
    model.outbox.storing.took(first, Took::Redo(step));
    say_when_stored(model, first, Level::Done, text);
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
        Took::Undo(id) => {
            let holds = |step: &DoneStep| step.place(id).is_some();
            if let Some(at) = outbox.undone.iter().rposition(holds) {
                let step = outbox.undone.remove(at);
                outbox.done.push(step);
            }
        }
        Took::Redo(step) => outbox.undone.push(step),
    }
}

/// It was too late to withdraw an entry. If possible, the opposite change puts it back.
pub(super) fn too_late(model: &mut Model, id: EntryId) -> Effects {
    if !model.outbox.undoing.remove(&id) {
        return Effects::none();
    }
    let said = model.outbox.undo_said.take();
    if let Some(step) = left_half(model, id) {
        model.outbox.done.push(step);
        return undo(model);
    }
    let steps = model.outbox.undone.iter().chain(&model.outbox.done);
    let part = steps.filter_map(|step| step.parts.get(step.place(id)?)).next().cloned();
    let part = part.or_else(|| model.outbox.get(id).map(Part::of));
    model.outbox.forget_part(id);
    let effects = part.map(|part| put_back(model, &part, said)).unwrap_or_default();
    effects.and(go_on(model))
}

/// The step of an entry that was too late to withdraw, if other entries would have ended with it.
/// Those go on as before, and the agent is asked.
fn left_half(model: &mut Model, id: EntryId) -> Option<DoneStep> {
    let followers: Vec<EntryId> = model
        .outbox
        .entries()
        .iter()
        .filter(|it| it.after == Some(id) && model.outbox.undoing.contains(&it.id))
        .map(|it| it.id)
        .collect();
    if followers.is_empty() {
        return None;
    }
    for follower in followers {
        model.outbox.undoing.remove(&follower);
    }
    let holds = |step: &DoneStep| step.place(id).is_some();
    let at = model.outbox.undone.iter().rposition(holds)?;
    Some(model.outbox.undone.remove(at))
}

fn put_back(model: &mut Model, part: &Part, said: Option<(Level, String)>) -> Effects {
    let what = part.describe();
    let Some(planned) = part.planned(model) else {
        let text = format!("too late: the {what} can't be taken back any more");
        model.say(Level::Warning, text);
        return Effects::none();
    };
    let step = Step { label: format!("undo {what}"), changes: vec![planned] };
    let (effects, first) = commit_back(model, step);
    let (level, text) = said.unwrap_or_else(|| (Level::Done, format!("taken back: {what}")));
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
        let effects = act::carry_out_plan(&mut model, plan);
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
