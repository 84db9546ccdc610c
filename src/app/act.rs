//! Plans an action of the agent, carries it out as a step, and says so. Every change of a ticket
//! goes through here, whoever asks for it.

use std::collections::BTreeSet;

use super::{
    Focus, Model,
    command::ConsoleCommand,
    done::DoneStep,
    effect::{Effect, Effects, Work},
    errand::{After, Errand},
    marks::{Aim, Taken},
    notice::Level,
    panes::list::{self, Whose},
    read_only, repeat, serve,
    storing::{Took, say_when_stored},
};
use crate::domain::{
    Change, DraftKey, EntryId, ReplyId, StepId, StyledLine, Ticket, TicketId,
    plan::{Action, Choice, Known, Outcome, Part, Plan, PlanLine, Step, Targets, Then, Wishes},
};

/// The origin of a step.
#[derive(Debug, Default)]
pub(super) struct Origin {
    /// The drafts that become it: they stay until it is stored.
    pub(super) drafts: Vec<DraftKey>,
    /// How its post was reviewed.
    pub(super) preview: Vec<StyledLine>,
    /// Whether it repeats the last action.
    pub(super) repeats: bool,
    /// Where the cursor goes after it: what a macro says. `None` leaves it to the setting.
    pub(super) then: Option<Then>,
    /// The marks that it takes off.
    pub(super) marks: Taken,
}

impl Known for Model {
    fn ticket(&self, id: TicketId) -> Option<Ticket> {
        self.tickets.get(id).map(|row| row.ticket)
    }

    fn message(&self, _: TicketId) -> Option<String> {
        None
    }

    fn read(&self, id: TicketId) -> Option<ReplyId> {
        self.conversation.seen.filter(|_| self.conversation.ticket == Some(id))
    }

    fn is_read_only(&self) -> bool {
        self.settings.read_only
    }
}

/// Carries out an action on a ticket. What it does to several marked ones is shown first.
pub(super) fn aimed(model: &mut Model, action: Action, aim: Aim) -> Effects {
    aimed_as(model, action, aim, Origin::default())
}

/// The same, of this origin.
pub(super) fn aimed_as(model: &mut Model, action: Action, aim: Aim, origin: Origin) -> Effects {
    match aim {
        Aim::One(id) => {
            let takes_mark = model.marks.are_only(Some(id));
            act_as(model, &action, id, origin, takes_mark)
        }
        Aim::Marked => {
            let again = if origin.repeats { "again, " } else { "" };
            let what = format!("{again}{}", action.describe());
            model.pass(Errand::Plan(what, Wishes::Same(action), origin.then));
            Effects::none()
        }
    }
}

/// Carries out an action on a ticket, or says why nothing is done.
pub(super) fn act(model: &mut Model, action: &Action, ticket: TicketId) -> Effects {
    act_as(model, action, ticket, Origin::default(), false)
}

fn act_as(
    model: &mut Model,
    action: &Action,
    ticket: TicketId,
    origin: Origin,
    takes_mark: bool,
) -> Effects {
    let plan = Plan::of(action, &Targets::one(ticket), model);
    let not_ready = plan.lines.iter().find(|line| line.ready().is_none());
    if let Some(PlanLine { outcome, .. }) = not_ready.cloned() {
        refuse(model, action, ticket, outcome);
        return Effects::none();
    }
    let Some(step) = plan.step() else { return Effects::none() };
    let marks = match takes_mark {
        true => model.marks.take(&BTreeSet::from([ticket])),
        false => Taken::default(),
    };
    let effects = carry_out(model, step, Origin { marks, ..origin }).0;
    repeat::note(model, action);
    effects
}

/// Carries out the ready lines of a plan. Their tickets, and those that are so already, lose their
/// marks. `then` is what a macro says of the cursor.
pub(super) fn carry_out_plan(model: &mut Model, plan: Plan, then: Option<Then>) -> Effects {
    let is_done = |line: &&PlanLine| matches!(line.outcome, Outcome::Ready(_) | Outcome::Already);
    let done = plan.lines.iter().filter(is_done).filter_map(|line| line.ticket).collect();
    let marks = model.marks.take(&done);
    match plan.step() {
        Some(step) => carry_out(model, step, Origin { then, marks, ..Origin::default() }).0,
        None => Effects::none(),
    }
}

/// Says why an action does nothing on a ticket. Where a form has to be filled in first, it is opened.
pub(super) fn refuse(model: &mut Model, action: &Action, id: TicketId, outcome: Outcome) {
    match outcome {
        Outcome::Ready(_) => {}
        Outcome::Already => {
            if let Some(so) = action.so_already() {
                model.say(Level::Info, format!("{id} {so}"));
            }
        }
        Outcome::Cant(why) => model.say(Level::Warning, format!("{id} {why}; nothing was done")),
        Outcome::Choose(choice) => {
            let Choice::Missing { fields, .. } = *choice else { return };
            let text =
                "the server needs a department and a subject with this; fill in what is missing";
            model.say(Level::Warning, format!("{id} {text}"));
            model.pass(Errand::FillIn(id, fields));
        }
    }
}

/// Carries out a plan, and says so once it is stored. Returns the step's first entry.
pub(super) fn carry_out(
    model: &mut Model,
    step: Step,
    origin: Origin,
) -> (Effects, Option<EntryId>) {
    let (level, mut text) = said(model, &step);
    if origin.repeats {
        text.insert_str(0, "repeated: ");
    }
    repeat::note_step(model, &step);
    if step.changes.iter().any(|it| it.change == Change::DeleteTicket) {
        model.focus = Focus::List;
    }
    let undone = std::mem::take(&mut model.outbox.undone);
    let after = After::of(&step, origin.then);
    serve::did(model, &step);
    let is_text = !origin.drafts.is_empty();
    let (effects, first) = commit(model, step, origin);
    model.outbox.storing.took(first, Took::Undone(undone));
    // The pane of a text is open until the store has the text.
    match after {
        Some(after) if !is_text => model.pass(Errand::After(after)),
        after => model.outbox.storing.then(first, after),
    }
    say_when_stored(model, first, level, text);
    (effects, first)
}

/// The words about a step for the agent, once it is stored.
fn said(model: &Model, step: &Step) -> (Level, String) {
    let undo = model.keymap.key_for(ConsoleCommand::Undo);
    let seconds = model.settings.hold.as_secs();
    let when = model.sent_when();
    let tickets: BTreeSet<TicketId> = step.changes.iter().filter_map(|it| it.ticket).collect();
    let on = match (tickets.first(), tickets.len()) {
        (None, _) => String::new(),
        (Some(id), 1) => format!("{id} "),
        (_, many) => format!("{many} tickets: "),
    };
    let first = step.changes.first().map(|it| &it.change);
    let held = match first {
        Some(Change::DeleteTicket) => Some(format!("{on}is deleted")),
        Some(Change::DeleteReply(reply)) => {
            let what = model.conversation.word_for(*reply);
            Some(format!("{on}{what} {reply} is deleted"))
        }
        _ => None,
    };
    if let Some(what) = held {
        let text = match when {
            Some(when) => format!("{what}: {when}; {undo} takes it back"),
            None => format!("{what} in {seconds} s; {undo} takes it back"),
        };
        return (Level::Warning, text);
    }
    if let Some(post @ Change::Post { .. }) = first {
        let what = post.describe();
        let text = match (when, seconds) {
            (Some(when), _) => format!("{on}{what} is {when}; {undo} takes it back"),
            (None, 0) => format!("{on}{what} is being recorded"),
            _ => format!("{on}{what} is recorded in {seconds} s; {undo} takes it back"),
        };
        return (Level::Underway, text);
    }
    if let Some(Change::Create(_)) = first {
        let text = match when {
            // The step is not held, so soon it can't be taken back.
            None => "the new ticket is being recorded".to_owned(),
            Some(when) => format!("the new ticket is {when}; until then {undo} takes it back"),
        };
        return (Level::Underway, text);
    }
    let target = step.changes.first().and_then(|it| it.ticket);
    let of_first = step.changes.iter().take_while(|it| it.ticket == target);
    let what: Vec<String> = of_first.map(|it| it.change.describe_done()).collect();
    let when = when.map(|when| format!(" here; {when}")).unwrap_or_default();
    (Level::Underway, format!("{on}{}{when}; {undo} takes it back", what.join(", ")))
}

/// Commits a step: it is shown at once, stored, and sent in its turn. It is done once the store has
/// it; until then the drafts that it came from stay. Returns its first entry.
pub(super) fn commit(model: &mut Model, step: Step, origin: Origin) -> (Effects, Option<EntryId>) {
    if step.changes.is_empty() {
        return (Effects::none(), None);
    }
    model.outbox.steps += 1;
    let id = StepId::new(model.settings.session, model.outbox.steps);
    let label = step.label.clone();
    let entries = step.entries(id, model.now, model.settings.hold);
    let first = entries.first().map(|entry| entry.id);
    let Origin { drafts, preview, marks, .. } = origin;
    if let Some(first) = first.filter(|_| !preview.is_empty()) {
        model.outbox.previews.insert(first, preview);
    }
    let parts = entries.iter().map(Part::of).collect();
    model.outbox.done.push(DoneStep { label: label.clone(), parts, ..DoneStep::default() });
    for entry in &entries {
        model.outbox.entries.put(entry.clone());
    }
    model.bulks.begin(&label, &entries, marks);
    model.outbox.storing.begin(model.now, &entries, drafts.clone());
    // The recorded text must be the stored one; the store compares the two.
    let saved = if drafts.is_empty() { Effects::none() } else { model.drafts.flush() };
    let drop = drafts.into_iter().map(|key| model.drafts.record(key)).collect();
    let tickets: BTreeSet<TicketId> = entries.iter().filter_map(|entry| entry.ticket).collect();
    let effects = saved.and(lay_over(model, tickets));
    let effects = effects.and(Effect::Work(Work::Queue { entries, drop }));
    (effects.and(model.follow_cursor()), first)
}

/// Shows the pending changes of `tickets` anew.
pub(super) fn lay_over(model: &mut Model, tickets: impl IntoIterator<Item = TicketId>) -> Effects {
    for ticket in tickets {
        model.tickets.lay(ticket, model.outbox.entries.of(ticket));
    }
    list::refresh(model, Whose::Own)
}

/// Withdraws entries that have not left; the text of a post comes back into the editor.
pub(super) fn take_back(model: &mut Model, ids: Vec<EntryId>) -> Effects {
    if ids.is_empty() || read_only::refuses(model) {
        return Effects::none();
    }
    if model.outbox.undoing.is_empty() {
        model.outbox.undoing_since = Some(model.now);
    }
    model.outbox.undoing.extend(ids.iter().copied());
    Effect::Work(Work::TakeBack(ids)).into()
}
