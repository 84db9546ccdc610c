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
        command::{Command, ReviewCommand, Scope},
        early::Early,
        effect::{Effect, Effects, Work},
        keymap::Lookup,
        notice::Level,
    },
    domain::{
        DraftKey, ReplyKind, Status, StatusId, TicketId,
        plan::{Action, Plan, Targets},
    },
};

pub(super) fn is_reviewed(model: &Model) -> bool {
    matches!(&model.composer, Some(Composer { stage: Stage::Review { .. }, .. }))
}

pub(super) fn review(model: &mut Model) -> Effects {
    let Some(composer) = &model.composer else { return Effects::none() };
    if composer.editor.is_blank() {
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
    let then = match composer.kind {
        ReplyKind::Reply => proposed_status(model, composer.ticket),
        _ => None,
    };
    if let Some(composer) = &mut model.composer {
        composer.stage = Stage::Review { reading: Reading::default(), then };
    }
    model.await_draw();
    model.drafts.flush().and(reading::render(model))
}

pub(super) fn proposed_status(model: &Model, ticket: TicketId) -> Option<Status> {
    let now = &model.tickets.get(ticket)?.ticket.status;
    let proposed = model.settings.submit_status;
    (now.id != proposed).then(|| model.status(proposed))
}

/// Records the text, and with it the status that was proposed or `chosen`.
pub(super) fn confirm(model: &mut Model, chosen: Option<StatusId>) -> Effects {
    let Some(Composer {
        stage: Stage::Review { reading, then },
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
    let then = match chosen {
        Some(id) => Some(model.status(id)),
        None => then,
    };
    let key = DraftKey { copy, ..DraftKey::of_post(Some(ticket), kind) };
    let action = Action::post(kind, editor.text(), sight, then);
    let plan = Plan::of(&action, &Targets::one(ticket), model);
    if let Some(line) = plan.lines.iter().find(|line| line.ready().is_none()) {
        let outcome = line.outcome.clone();
        act::refuse(model, &action, ticket, outcome);
        return Effects::none();
    }
    let Some(step) = plan.step() else { return Effects::none() };
    let preview = reading.lines.unwrap_or_default();
    act::carry_out(model, step, Origin { drafts: vec![key], preview }).0
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
