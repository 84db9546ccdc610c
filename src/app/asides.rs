//! What the profile keeps about tickets, as the agent changes it: pins and snoozes. A change is shown
//! at once and said once it is stored. It is a step like any other for undo and redo.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::{
    Effect, Effects, Model, Work,
    command::ConsoleCommand,
    done::{AsideStep, DoneStep},
    errand::{After, Errand},
    going,
    notice::Level,
    panes::list::{self, Whose},
    serve,
};
use crate::domain::{Aside, AsideChange, Problem, Snooze, TicketId, WokenBy, plan::many::named};

/// How many tickets a message names.
const NAMED: usize = 5;

/// The changes that the store has not confirmed, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Asides {
    storing: VecDeque<Storing>,
}

/// A change on its way to the disk.
#[derive(Clone, Debug)]
struct Storing {
    steps: Vec<AsideStep>,
    /// What the agent is told once it is stored.
    said: Option<(Level, String)>,
    moved: Moved,
}

/// Where a change has put its step, for the case that it is not stored.
#[derive(Clone, Debug)]
enum Moved {
    /// Nowhere: it is no step.
    Nowhere,
    /// On the undo list. It has emptied the redo list, which held these.
    Done(Vec<DoneStep>),
    /// From the undo list to the redo list.
    Back,
    /// From the redo list to the undo list.
    Again,
}

/// Pins tickets. If all of them are pinned, takes their pins off.
pub(super) fn toggle_pin(model: &mut Model, tickets: &[TicketId]) -> Effects {
    let rows = model.tickets.rows();
    let pins = !tickets.iter().all(|id| rows.aside(*id).pinned);
    let others = tickets.iter().copied().filter(|id| rows.aside(*id).pinned != pins);
    let changes: Vec<_> = others.map(|id| (id, AsideChange::Pinned(pins))).collect();
    let (label, said) = match pins {
        true => ("pin", "pinned"),
        false => ("unpin", "no longer pinned"),
    };
    act(model, (label, said), tickets, changes)
}

/// Keeps that the agent has looked at a ticket. It is no step, so nothing undoes it.
pub(super) fn looked(model: &mut Model, ticket: TicketId, changes: Vec<AsideChange>) -> Effects {
    let steps = changes.into_iter().map(|change| AsideStep { ticket, change, back: change });
    make(model, steps.collect(), None, Moved::Nowhere)
}

/// Lets tickets sleep until that time, or until the customer writes. Without `until` they wake.
pub(super) fn snooze(
    model: &mut Model,
    tickets: &[TicketId],
    until: Option<Option<Timestamp>>,
) -> Effects {
    let (rows, wall) = (model.tickets.rows(), model.wall());
    let here = tickets.iter().filter_map(|id| Some((*id, rows.get(*id)?)));
    let changes: Vec<_> = here
        .map(|(id, row)| (id, until.map(|until| Snooze::of(row, wall, until))))
        .map(|(id, snooze)| (id, AsideChange::Snoozed(snooze)))
        .collect();
    if changes.is_empty() {
        let gone = tickets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        model.say(Level::Warning, format!("{gone} is not here any more; nothing was done"));
        return Effects::none();
    }
    match until {
        Some(until) => {
            let said = format!("snoozed {}", model.until_words(until));
            if let [ticket] = tickets {
                serve::snoozed(model, *ticket);
                model.pass(Errand::After(After::on(*ticket)));
            }
            act(model, ("snooze", &said), tickets, changes)
        }
        None => act(model, ("wake", "awake"), tickets, changes),
    }
}

/// Tickets woke by themselves, and no other console says so.
pub(super) fn woken(model: &mut Model, woken: &[(TicketId, WokenBy)]) {
    let text = match woken {
        [] => return,
        [(id, WokenBy::Customer)] => format!("{id} is awake: the customer wrote"),
        [(id, _)] => format!("{id} is awake: its time has come"),
        many => {
            let ids: Vec<TicketId> = many.iter().map(|(id, _)| *id).collect();
            format!("{} tickets are awake: {}", many.len(), named(&ids, NAMED))
        }
    };
    model.say(Level::Warning, text);
}

/// Makes changes as one step, which takes the marks off `tickets`. The words are a name for it, and
/// how the tickets are afterwards.
fn act(
    model: &mut Model,
    (label, said): (&str, &str),
    tickets: &[TicketId],
    changes: Vec<(TicketId, AsideChange)>,
) -> Effects {
    let Some((first, _)) = changes.first() else { return Effects::none() };
    let rows = model.tickets.rows();
    let step = |(ticket, change): &(TicketId, AsideChange)| {
        let back = rows.aside(*ticket).inverse(*change);
        AsideStep { ticket: *ticket, change: *change, back }
    };
    let asides: Vec<AsideStep> = changes.iter().map(step).collect();
    let undo = model.keymap.key_for(ConsoleCommand::Undo);
    let (on, is) = match asides.len() {
        1 => (first.to_string(), format!("{first} is")),
        many => (format!("{many} tickets"), format!("{many} tickets are")),
    };
    let rest = match model.hidden_marks(tickets).len() {
        0 => String::new(),
        1 => "; 1 marked ticket is not listed here, and left".into(),
        many => format!("; {many} marked tickets are not listed here, and left"),
    };
    let said = (Level::Done, format!("{is} {said}; {undo} takes it back{rest}"));
    model.marks.take(&tickets.iter().copied().collect());
    let undone = std::mem::take(&mut model.outbox.undone);
    let label = format!("{label} {on}");
    let steps = asides.clone();
    model.outbox.done.push(DoneStep { label, asides, ..DoneStep::default() });
    make(model, steps, Some(said), Moved::Done(undone))
}

/// Shows changes and has them stored.
fn make(
    model: &mut Model,
    steps: Vec<AsideStep>,
    said: Option<(Level, String)>,
    moved: Moved,
) -> Effects {
    for step in &steps {
        show(model, step.ticket, step.change);
    }
    let changes = steps.iter().map(|it| (it.ticket, it.change)).collect();
    model.asides.storing.push_back(Storing { steps, said, moved });
    list::refresh(model, Whose::Own).and(Effect::Work(Work::SetAside(changes)))
}

fn show(model: &mut Model, ticket: TicketId, change: AsideChange) {
    let mut aside = model.tickets.rows().aside(ticket);
    aside.apply(change);
    model.tickets.set_aside(ticket, aside);
}

/// Takes a step back, but for tickets on which the same was changed since.
pub(super) fn take_back(model: &mut Model, step: DoneStep) -> Effects {
    let (back, left) = turn(model, &step, |it| (it.change, it.back));
    let text = format!("taken back: {}{left}", step.label);
    let back_to = match &back[..] {
        [one] => Some(one.ticket),
        _ => None,
    };
    if back.is_empty() {
        let text = format!("{} was changed since: it stays as it is", step.label);
        model.say(Level::Warning, text);
        return Effects::none();
    }
    model.outbox.undone.push(DoneStep { asides: forward(&back), ..step });
    let effects = make(model, back, Some((Level::Done, text)), Moved::Back);
    match back_to {
        Some(ticket) => effects.and(going::return_to(model, ticket)),
        None => effects,
    }
}

/// Does a step again that was taken back, but for tickets on which the same was changed since.
pub(super) fn do_again(model: &mut Model, step: DoneStep) -> Effects {
    let (again, left) = turn(model, &step, |it| (it.back, it.change));
    let text = format!("done again: {}{left}", step.label);
    if again.is_empty() {
        let text = format!("{} is not done again: that was changed since", step.label);
        model.say(Level::Warning, text);
        return Effects::none();
    }
    model.outbox.done.push(DoneStep { asides: again.clone(), ..step });
    make(model, again, Some((Level::Done, text)), Moved::Again)
}

/// The changes that turn a step round, or on, where the ticket is `from` as the step left it. The
/// words name the tickets that are left out.
fn turn(
    model: &Model,
    step: &DoneStep,
    way: impl Fn(&AsideStep) -> (AsideChange, AsideChange),
) -> (Vec<AsideStep>, String) {
    let (mut turned, mut left) = (Vec::new(), Vec::new());
    for it in &step.asides {
        let (from, to) = way(it);
        match model.tickets.rows().aside(it.ticket).is_after(from) {
            true => turned.push(AsideStep { ticket: it.ticket, change: to, back: from }),
            false => left.push(it.ticket.to_string()),
        }
    }
    let left = match left.is_empty() {
        true => String::new(),
        false => format!("; changed since, and left: {}", left.join(", ")),
    };
    (turned, left)
}

fn forward(back: &[AsideStep]) -> Vec<AsideStep> {
    let turn = |it: &AsideStep| AsideStep { ticket: it.ticket, change: it.back, back: it.change };
    back.iter().map(turn).collect()
}

/// The store has answered the oldest change.
pub(super) fn stored(model: &mut Model, answer: Result<(), Problem>) -> Effects {
    let Some(Storing { steps, said, moved }) = model.asides.storing.pop_front() else {
        return Effects::none();
    };
    let Err(problem) = answer else {
        if let Some((level, text)) = said {
            model.say(level, text);
        }
        return Effects::none();
    };
    for step in &steps {
        if model.tickets.rows().aside(step.ticket).is_after(step.change) {
            show(model, step.ticket, step.back);
        }
    }
    let outbox = &mut model.outbox;
    let take = |list: &mut Vec<DoneStep>, asides: &[AsideStep]| {
        list.iter().rposition(|it| it.asides == asides).map(|at| list.remove(at))
    };
    match moved {
        Moved::Nowhere => {}
        Moved::Done(undone) => {
            take(&mut outbox.done, &steps);
            outbox.undone.splice(0..0, undone);
        }
        Moved::Back => {
            let step = take(&mut outbox.undone, &forward(&steps));
            outbox.done.extend(step);
        }
        Moved::Again => {
            let step = take(&mut outbox.done, &steps);
            outbox.undone.extend(step);
        }
    }
    if said.is_some() {
        let on = steps.first().map(|it| it.ticket.to_string()).unwrap_or_default();
        model.say(Level::Failure, format!("{on} is as it was before: {problem}"));
    }
    list::refresh(model, Whose::Own)
}

/// The profile keeps this now, as another console or the clock has left it. The changes that are on
/// their way to the disk stay on top.
pub(super) fn taken_in(model: &mut Model, asides: Vec<(TicketId, Aside)>) -> Effects {
    model.tickets.keep_aside(asides);
    let coming: Vec<AsideStep> =
        model.asides.storing.iter().flat_map(|it| it.steps.iter().copied()).collect();
    for step in coming {
        show(model, step.ticket, step.change);
    }
    list::refresh(model, Whose::Others)
}
