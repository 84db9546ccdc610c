//! The review before a text is recorded, and the store's answer.

use crokey::KeyCombination;

use super::{
    Composer, Hand, Stage, back_to_text, close,
    draft::is_open,
    reading::{self, Reading},
};
use crate::{
    app::{
        Focus, Model,
        act::{self, Origin},
        changes::{self, ChangeRow},
        command::{Command, ReviewCommand, Scope},
        cursor::Step,
        early::Early,
        effect::{Effect, Effects, Work},
        keymap::Lookup,
        notice::Level,
    },
    domain::{
        DraftField, DraftKey, ReplyKind, Status, StatusId,
        plan::{Action, Plan, Targets, Text, Wish, Words},
    },
};

pub(super) fn is_reviewed(model: &Model) -> bool {
    matches!(&model.composer, Some(Composer { stage: Stage::Review { .. }, .. }))
}

pub(super) fn review(model: &mut Model) -> Effects {
    let Some(composer) = &model.composer else { return Effects::none() };
    if composer.is_blank(&model.settings.signature) {
        model.say(Level::Info, "there is nothing to record yet");
        return Effects::none();
    }
    if let Hand::Gone(gone) = &composer.hand {
        let became = model.what_became(composer.key(), gone);
        let text = format!("{became}: type on to keep yours as a new draft");
        model.say(Level::Warning, text);
        return Effects::none();
    }
    let (ticket, kind) = (composer.ticket, composer.key().kind.as_str());
    if model.tickets.rows().get(ticket).is_none() {
        let text = format!("{ticket} is not here: the {kind} can't be recorded, and stays a draft");
        model.say(Level::Warning, text);
        return Effects::none();
    }
    let then = proposal(model, composer);
    if let Some(composer) = &mut model.composer {
        composer.stage = Stage::Review { reading: Reading::default(), then, at: 0 };
    }
    model.await_draw();
    model.drafts.flush().and(reading::render(model))
}

/// The status that is set unless the agent chooses another: a macro's, or the usual one after a reply.
fn proposal(model: &Model, composer: &Composer) -> Option<Status> {
    let now = model.tickets.rows().get(composer.ticket)?.status.id;
    let changes = model.drafts.changes(composer.key());
    let proposed = match changes.and_then(|it| it.status.as_ref()) {
        Some(status) => {
            let left_out = changes.is_some_and(|it| it.left_out.contains(&DraftField::Status));
            Some(status.clone()).filter(|_| !left_out)
        }
        None => {
            (composer.kind == ReplyKind::Reply).then(|| model.status(model.settings.submit_status))
        }
    };
    proposed.filter(|it| it.id != now)
}

/// The changes of the review besides the status.
pub fn reviewed_changes(model: &Model, composer: &Composer) -> Vec<ChangeRow> {
    let Some(changes) = model.drafts.changes(composer.key()) else { return Vec::new() };
    let mut rows = changes::rows(model, composer.ticket, changes);
    rows.retain(|it| it.field != DraftField::Status);
    rows
}

/// The change that the review's cursor is on; `None` is the status.
fn change_at(model: &Model) -> Option<DraftField> {
    let composer = model.composer.as_ref()?;
    let Stage::Review { at, .. } = composer.stage else { return None };
    reviewed_changes(model, composer).get(at.checked_sub(1)?).map(|it| it.field)
}

/// Whether a command of the review is worth a hint at this moment.
pub(in crate::app) fn review_works(model: &Model, command: ReviewCommand) -> bool {
    let Some(composer) = &model.composer else { return false };
    match command {
        ReviewCommand::LeaveOut | ReviewCommand::NextChange | ReviewCommand::PreviousChange => {
            !reviewed_changes(model, composer).is_empty()
        }
        ReviewCommand::Record
        | ReviewCommand::PickStatus
        | ReviewCommand::Back
        | ReviewCommand::Leave
        | ReviewCommand::SubmitAs(_)
        | ReviewCommand::Step(_) => true,
    }
}

/// Proposes the status that was picked in place of the one before.
pub(in crate::app) fn submit_as(model: &mut Model, status: Status) -> Effects {
    let ticket = model.composer.as_ref().map(|it| it.ticket);
    let now = ticket.and_then(|id| model.tickets.rows().get(id)).map(|row| row.status.id);
    if let Some(Composer { stage: Stage::Review { then, .. }, .. }) = &mut model.composer {
        *then = Some(status).filter(|it| Some(it.id) != now);
    }
    Effects::none()
}

/// Goes to the next change, or the previous one.
pub(super) fn step_change(model: &mut Model, step: Step) -> Effects {
    let Some(composer) = &model.composer else { return Effects::none() };
    let last = reviewed_changes(model, composer).len();
    if let Some(Composer { stage: Stage::Review { at, .. }, .. }) = &mut model.composer {
        *at = step.around(*at, last);
    }
    Effects::none()
}

/// Leaves the change under the cursor out, or takes it in again. What a macro wants and the agent leaves
/// out is kept with the draft.
pub(super) fn leave_out(model: &mut Model) -> Effects {
    let Some(composer) = &model.composer else { return Effects::none() };
    let key = composer.key();
    let field = change_at(model).unwrap_or(DraftField::Status);
    if let Some(mut changes) = model.drafts.changes(key).cloned()
        && changes.fields().contains(&field)
    {
        changes.toggle(field);
        model.drafts.set_changes(key, changes, model.now);
    }
    if field != DraftField::Status {
        return Effects::none();
    }
    let proposed = model.composer.as_ref().and_then(|it| proposal(model, it));
    if let Some(Composer { stage: Stage::Review { then, .. }, .. }) = &mut model.composer {
        *then = if then.is_some() { None } else { proposed };
    }
    Effects::none()
}

/// Records the text in one step with the changes that wait beside it, and with the status that was
/// proposed or `chosen`.
pub(super) fn confirm(model: &mut Model, chosen: Option<StatusId>) -> Effects {
    let Some(Composer {
        stage: Stage::Review { reading, then, .. },
        ticket,
        kind,
        editor,
        copy,
        hand: Hand::Own,
        sight,
        ..
    }) = model.composer.clone()
    else {
        return Effects::none();
    };
    if model.is_storing_text() {
        return Effects::none();
    }
    let status = match chosen {
        Some(id) => Some(model.status(id)),
        None => then,
    };
    let key = DraftKey { copy, ..DraftKey::of_post(Some(ticket), kind) };
    let text = Text { kind, words: Words::Same(editor.text()), sight };
    let changes = model.drafts.changes(key).cloned().unwrap_or_default();
    let action = Action::from(Wish { text: Some(text), status, ..changes.wish() });
    let plan = Plan::of(&action, &Targets::one(ticket), model);
    if let Some(line) = plan.lines.iter().find(|line| line.ready().is_none()) {
        let outcome = line.outcome.clone();
        act::refuse(model, &action, ticket, outcome);
        return Effects::none();
    }
    let Some(step) = plan.step() else { return Effects::none() };
    let preview = reading.lines.unwrap_or_default();
    act::carry_out(
        model,
        step,
        Origin { drafts: vec![key], preview, then: changes.then, ..Origin::default() },
    )
    .0
}

impl Model {
    /// Whether the text of the open pane is handed to the store, which has not answered: keys wait.
    pub(in crate::app) fn is_storing_text(&self) -> bool {
        let open = self.composer.as_ref().filter(|_| self.focus == Focus::Composer);
        self.popup.is_none() && open.is_some_and(|it| self.drafts.is_going(it.key()))
    }
}

/// Whether a key has to wait for the store's answer, since the screen that it is meant for is there
/// only then. The agent can leave a slow store.
pub(in crate::app) fn waits_for_store(model: &mut Model, key: KeyCombination) -> bool {
    if !model.is_storing_text() {
        return false;
    }
    let leaves = |it| matches!(it, Lookup::Command(Command::Review(ReviewCommand::Leave)));
    let confirms = |it| matches!(it, Lookup::Command(Command::Review(ReviewCommand::Record)));
    let found = model.keymap.look_up(&[Scope::Review], &[key]);
    if leaves(found) && model.store_is_slow() {
        return false;
    }
    // Pressed twice, it records once.
    if !(model.early.is_empty() && confirms(found)) {
        model.early.push(Early::Key(key));
    }
    true
}

/// The store has the step that the draft became, so its pane closes.
pub(in crate::app) fn recorded(model: &mut Model, key: DraftKey) -> Effects {
    if !is_open(model, key) {
        return Effects::none();
    }
    close(model);
    Effects::from(Effect::Work(Work::CloseDraft(key))).and(model.fit_conversation())
}

/// The store has dropped the draft, as the agent wanted: its pane closes.
pub(in crate::app) fn discarded(model: &mut Model, key: DraftKey) -> Effects {
    recorded(model, key)
}

/// The store did not take the step of the draft, so its pane shows the text again.
pub(in crate::app) fn not_recorded(model: &mut Model, key: DraftKey) {
    if is_open(model, key) {
        let _ = back_to_text(model);
    }
}
