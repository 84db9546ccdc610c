//! Undo and redo: the agent's actions as steps, taken back and done again whole.

use super::{
    Model,
    effect::Effects,
    going,
    notice::Level,
    outbox::{Planned, commit_step, forget_part, take_back},
    storing::say_when_stored,
};
use crate::domain::{Change, Entry, EntryId, TicketId};

/// One action of the agent.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) label: String,
    pub(super) parts: Vec<Part>,
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
}

impl Kept {
    /// What the agent is told of a step that was taken back but for this.
    fn said(&self, label: &str) -> (Level, String) {
        if !self.lasting.is_empty() {
            let what = self.lasting.join(", ");
            (Level::Warning, format!("{what}: recorded, it can't be taken back any more"))
        } else if let Some(ticket) = self.moved_on {
            let text =
                format!("{ticket} was changed by somebody else meanwhile; it stays as it is");
            (Level::Warning, text)
        } else if let Some(ticket) = self.was_so {
            let text =
                format!("{ticket} was so before: somebody else had done it; it stays as it is");
            (Level::Warning, text)
        } else {
            (Level::Done, format!("taken back: {label}"))
        }
    }
}

/// Whether the ticket of a change stands as the change expects it.
fn fits(model: &Model, plan: &Planned) -> bool {
    let row = plan.ticket.and_then(|ticket| model.tickets.get(ticket));
    row.is_some_and(|row| plan.change.fits(&row.ticket))
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
    let mut effects = Effects::none();
    let mut back = Vec::new();
    let mut kept = Kept::default();
    for part in step.parts.iter().rev() {
        if model.outbox.get(part.id).is_some_and(|entry| entry.state.can_take_back()) {
            effects = effects.and(take_back(model, part.id));
            continue;
        }
        match part.planned() {
            Some(plan) if fits(model, &plan) => back.push(plan),
            Some(plan) => kept.moved_on = kept.moved_on.or(plan.ticket),
            None if part.change.is_reversible() => kept.was_so = kept.was_so.or(part.ticket),
            None => kept.lasting.push(part.change.describe()),
        }
    }
    let (level, text) = kept.said(&step.label);
    let place = step.parts.first().and_then(|part| part.ticket);
    let committed = commit_step(model, format!("undo {}", step.label), back, vec![], vec![]);
    if committed.1.is_some() {
        model.outbox.done.pop();
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
    let again = step.parts.into_iter().filter(|part| part.change.is_reversible());
    let planned: Vec<Planned> = again
        .filter_map(|part| part.ticket.map(|ticket| Planned::of(ticket, part.change)))
        .collect();
    if planned.is_empty() {
        model.say(Level::Info, format!("{} is not done again by itself", step.label));
        return Effects::none();
    }
    let text = format!("done again: {}", step.label);
    let (effects, first) = commit_step(model, step.label, planned, vec![], vec![]);
    say_when_stored(model, first, Level::Done, text);
    effects
}

/// It was too late to withdraw an entry: what can be put back is put back by a change the other
/// way.
pub(super) fn too_late(model: &mut Model, id: EntryId) -> Effects {
    if !model.outbox.undoing.remove(&id) {
        return Effects::none();
    }
    model.outbox.undo_said = None;
    let steps = model.outbox.undone.iter().chain(&model.outbox.done);
    let part = steps.flat_map(|step| &step.parts).find(|part| part.id == id).cloned();
    let part = part.or_else(|| model.outbox.get(id).map(Part::of));
    forget_part(model, id);
    let effects = part.map(|part| put_back(model, &part)).unwrap_or_default();
    effects.and(go_on(model))
}

fn put_back(model: &mut Model, part: &Part) -> Effects {
    let what = part.change.describe();
    let Some(planned) = part.planned() else {
        let text = format!("too late: the {what} can't be taken back any more");
        model.say(Level::Warning, text);
        return Effects::none();
    };
    let (effects, _) = commit_step(model, format!("undo {what}"), vec![planned], vec![], vec![]);
    model.outbox.done.pop();
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
        app::{Effect, Message, Settings, Work, keymap::KeyMap, outbox, update},
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
        let _ = update(&mut model, now, Message::Rows { changed, gone: vec![] });
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
            let _ = update(&mut model, now, Message::Entry { entry: Box::new(entry), row });
        }
        let back = queued(undo(&mut model));
        let tickets: Vec<_> = back.iter().filter_map(|entry| entry.ticket).collect();
        assert_eq!(tickets, [TicketId(3), TicketId(1)], "#2 was set on hold by somebody else");
        let shown = |id| model.tickets.get(TicketId(id)).map(|row| row.ticket.status.id);
        assert_eq!([shown(1), shown(2), shown(3)], [open.id, on_hold.id, open.id].map(Some));
        let _ = update(&mut model, now, Message::Queued { entries: back });
        let said = model.notices.at(now).map(|notice| notice.text.clone()).unwrap_or_default();
        assert!(said.contains("#2 was changed by somebody else"), "{said}");
    }
}
