//! Undo and redo: the agent's actions as steps, taken back and done again whole.

mod failed;

use std::collections::BTreeSet;

use super::{
    Model,
    effect::Effects,
    going,
    notice::Level,
    outbox::{Planned, commit_step, forget_part, take_back},
    popups::discard,
    popups::take_back::HalfStep,
    storing::{Took, say_when_stored},
};
use crate::domain::{Change, Draft, Entry, EntryId, TicketId};

pub(super) use failed::not_taken_back;

/// One action of the agent.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) label: String,
    pub(super) parts: Vec<Part>,
    /// The draft that it discarded.
    pub(super) draft: Option<Draft>,
}

/// One change of a step.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) id: EntryId,
    ticket: Option<TicketId>,
    change: Change,
    back: Back,
}

/// What takes a part back.
#[derive(Clone, Debug)]
enum Back {
    /// The server has not said yet what the change made different.
    Unknown,
    /// This, by what the server had before; `None` where it made nothing different.
    Known(Option<Change>),
}

impl Part {
    pub(super) fn of(entry: &Entry) -> Self {
        let change = entry.change.clone();
        Self { id: entry.id, ticket: entry.ticket, change, back: Back::Unknown }
    }

    /// The change that takes it back, to be sent and shown.
    fn planned(&self) -> Option<Planned> {
        let inverse = match &self.back {
            Back::Unknown => self.change.inverse()?,
            Back::Known(back) => back.clone()?,
        };
        Some(Planned { undo: Some(self.id), ..Planned::of(self.ticket?, inverse) })
    }
}

/// Keeps what the server said would take an entry back.
pub(super) fn learn_back(model: &mut Model, id: EntryId, undo: Option<&Change>) {
    let steps = model.outbox.done.iter_mut().chain(&mut model.outbox.undone);
    for part in steps.flat_map(|step| &mut step.parts).filter(|part| part.id == id) {
        part.back = Back::Known(undo.cloned());
    }
}

/// What of a step could not be taken back.
#[derive(Default)]
struct Kept {
    lasting: Vec<String>,
    moved_on: Option<TicketId>,
    was_so: Option<TicketId>,
    /// The tickets that it is about.
    tickets: BTreeSet<TicketId>,
}

impl Kept {
    /// What the agent is told of it, where there is any.
    fn words(&self) -> Option<String> {
        if !self.lasting.is_empty() {
            let what = self.lasting.join(", ");
            return Some(format!("{what}: recorded, it can't be taken back any more"));
        }
        if let Some(ticket) = self.moved_on {
            return Some(format!(
                "{ticket} was changed by somebody else meanwhile; it stays as it is"
            ));
        }
        let ticket = self.was_so?;
        Some(format!("{ticket} was so before: somebody else had done it; it stays as it is"))
    }

    /// What the agent is told of a step that was taken back but for this.
    fn said(&self, label: &str) -> (Level, String) {
        match self.words() {
            Some(words) => (Level::Warning, words),
            None => (Level::Done, format!("taken back: {label}")),
        }
    }
}

/// What taking a step back comes to.
#[derive(Default)]
struct Plan {
    /// What has not left.
    withdrawn: Vec<EntryId>,
    /// What has not left and comes to nothing with what it follows.
    following: Vec<EntryId>,
    /// The changes the other way.
    back: Vec<Planned>,
    /// What is taken back so, for people.
    words: Vec<String>,
    /// The tickets of all that.
    tickets: BTreeSet<TicketId>,
    kept: Kept,
}

impl Plan {
    fn of(model: &Model, step: &Step) -> Self {
        let open = |id: EntryId| model.outbox.get(id).filter(|it| it.state.can_take_back());
        let mut plan = Self::default();
        for part in step.parts.iter().rev() {
            let Some(entry) = open(part.id) else {
                plan.put_back(model, part);
                continue;
            };
            let leader = entry.after.filter(|id| step.parts.iter().any(|it| it.id == *id));
            match leader.and_then(open) {
                Some(_) => plan.following.push(part.id),
                None => plan.withdrawn.push(part.id),
            }
            plan.words.push(part.change.describe());
            plan.tickets.extend(part.ticket);
        }
        plan
    }

    fn put_back(&mut self, model: &Model, part: &Part) {
        let Some(planned) = part.planned() else {
            self.kept.tickets.extend(part.ticket);
            match part.change.is_reversible() {
                true => self.kept.was_so = self.kept.was_so.or(part.ticket),
                false => self.kept.lasting.push(part.change.describe()),
            }
            return;
        };
        let row = planned.ticket.and_then(|ticket| model.tickets.get(ticket));
        let fitting = row.and_then(|row| planned.change.fitting(&row.ticket));
        if fitting.as_ref() != Some(&planned.change) {
            self.kept.moved_on = self.kept.moved_on.or(planned.ticket);
            self.kept.tickets.extend(planned.ticket);
        }
        let Some(change) = fitting else { return };
        // A part of what the server had is another change than what it had.
        let undo = planned.undo.filter(|_| change == planned.change);
        self.words.push(change.describe());
        self.tickets.extend(planned.ticket);
        self.back.push(Planned { undo, change, ..planned });
    }

    /// Whether a part of what was done to a ticket would stay and another go.
    fn is_half(&self) -> bool {
        !self.tickets.is_disjoint(&self.kept.tickets)
    }
}

/// Asks before half of a step is taken back.
fn ask(model: &mut Model, step: Step, plan: Plan) {
    let kept = plan.kept.words().unwrap_or_default();
    // What was to follow is asked for again by whoever has decided this.
    model.outbox.undo_again = 0;
    let label = step.label.clone();
    let half = HalfStep { label, kept, rest: plan.words, step };
    model.push_popup(half);
}

/// Takes back of a step what can be, as the agent has decided.
pub(super) fn take_back_rest(model: &mut Model, step: Step) -> Effects {
    let plan = Plan::of(model, &step);
    carry_out(model, step, plan)
}

/// Takes back the last step: what has not left is withdrawn, what is recorded is put back by a
/// change the other way, what can be neither is said.
///
/// As long as the last undo is not known to have been in time, the next one waits: what it finds
/// depends on that.
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
        return discard::take_back(model, draft);
    }
    let plan = Plan::of(model, &step);
    if plan.is_half() {
        ask(model, step, plan);
        return Effects::none();
    }
    carry_out(model, step, plan)
}

fn carry_out(model: &mut Model, step: Step, plan: Plan) -> Effects {
    let (level, text) = plan.kept.said(&step.label);
    let mut effects = Effects::none();
    for id in plan.withdrawn {
        effects = effects.and(take_back(model, id));
    }
    model.outbox.undoing.extend(plan.following);
    let place = step.parts.first().and_then(|part| part.ticket);
    let committed = commit_step(model, format!("undo {}", step.label), plan.back, vec![], vec![]);
    if committed.1.is_some() {
        model.outbox.done.pop();
    }
    if let Some(part) = step.parts.first() {
        model.outbox.storing.took(committed.1, Took::Undo(part.id));
    }
    match committed.1.is_none() && !model.outbox.undoing.is_empty() {
        true => model.outbox.undo_said = Some((level, text)),
        false => say_when_stored(model, committed.1, level, text),
    }
    model.outbox.undone.push(step);
    effects = effects.and(committed.0);
    if committed.1.is_some() || !model.outbox.undoing.is_empty() {
        model.outbox.back_to = place.map(|ticket| (ticket, model.ticket_at_hand()));
    }
    effects.and(go_back(model))
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

/// Does the step that was taken back last again, but for replies, notes and deletions.
pub(super) fn redo(model: &mut Model) -> Effects {
    let Some(step) = model.outbox.undone.pop() else {
        model.say(Level::Info, "nothing to do again");
        return Effects::none();
    };
    if step.parts.iter().any(|part| model.outbox.undoing.contains(&part.id)) {
        model.say(Level::Info, format!("{} is still being taken back", step.label));
        model.outbox.undone.push(step);
        return Effects::none();
    }
    let again = step.parts.iter().filter(|part| part.change.is_reversible());
    let planned: Vec<Planned> =
        again.filter_map(|part| Some(Planned::of(part.ticket?, part.change.clone()))).collect();
    if planned.is_empty() {
        model.say(Level::Info, format!("{} is not done again by itself", step.label));
        return Effects::none();
    }
    let text = format!("done again: {}", step.label);
    let (effects, first) = commit_step(model, step.label.clone(), planned, vec![], vec![]);
    model.outbox.storing.took(first, Took::Redo(step));
    say_when_stored(model, first, Level::Done, text);
    effects
}

/// The store has not taken a step: what it took from what can be undone or done again is there as
/// before.
pub(super) fn give_back(model: &mut Model, took: Took) {
    let outbox = &mut model.outbox;
    match took {
        Took::Nothing => {}
        Took::Undone(steps) => {
            outbox.undone.splice(0..0, steps);
        }
        Took::Undo(id) => {
            let holds = |step: &Step| step.parts.iter().any(|part| part.id == id);
            if let Some(at) = outbox.undone.iter().rposition(holds) {
                let step = outbox.undone.remove(at);
                outbox.done.push(step);
            }
        }
        Took::Redo(step) => outbox.undone.push(step),
    }
}

/// It was too late to withdraw an entry: what can be put back is put back by a change the other
/// way.
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
    let part = steps.flat_map(|step| &step.parts).find(|part| part.id == id).cloned();
    let part = part.or_else(|| model.outbox.get(id).map(Part::of));
    forget_part(model, id);
    let effects = part.map(|part| put_back(model, &part, said)).unwrap_or_default();
    effects.and(go_on(model))
}

/// The step of an entry that was too late, if what follows it there would have come to nothing with
/// it: that goes on as before, and the agent is asked.
fn left_half(model: &mut Model, id: EntryId) -> Option<Step> {
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
    let holds = |step: &Step| step.parts.iter().any(|part| part.id == id);
    let at = model.outbox.undone.iter().rposition(holds)?;
    Some(model.outbox.undone.remove(at))
}

fn put_back(model: &mut Model, part: &Part, said: Option<(Level, String)>) -> Effects {
    let what = part.change.describe();
    let Some(planned) = part.planned() else {
        let text = format!("too late: the {what} can't be taken back any more");
        model.say(Level::Warning, text);
        return Effects::none();
    };
    let (effects, first) =
        commit_step(model, format!("undo {what}"), vec![planned], vec![], vec![]);
    model.outbox.done.pop();
    let (level, text) = said.unwrap_or_else(|| (Level::Done, format!("taken back: {what}")));
    say_when_stored(model, first, level, text);
    effects
}

/// Takes back what the agent asked for meanwhile, now that the last undo is known to be in time or
/// too late.
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
        app::{Effect, Settings, Work, keymap::KeyMap, outbox, update},
        desk::Report,
        domain::{Edit, Row, State, Status, Ticket},
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
        let close = Change::Status(Edit { from: open.clone(), to: closed.clone() });
        let planned = (1..=3).map(|id| Planned::of(TicketId(id), close.clone())).collect();
        let (effects, _) = outbox::commit(&mut model, "close 3".into(), planned, vec![], vec![]);
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
