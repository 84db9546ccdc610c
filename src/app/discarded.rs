//! Drafts that the agent has discarded and the store has dropped. They can be brought back.

use super::{
    Effects, Model,
    command::ConsoleCommand,
    done::DoneStep,
    merge,
    notice::{About, Level},
    panes::composer,
    popups::{form, outbox_list},
};
use crate::domain::{Draft, DraftKey, Writer};

/// The store has dropped a draft. A discarded draft leaves the screen, and can be taken back.
pub(super) fn gone(model: &mut Model, key: DraftKey) -> Effects {
    merge::learn_writer(model, key, None);
    let Some(draft) = model.drafts.gone(key) else { return Effects::none() };
    let what = what(key);
    let when = if outbox_list::is_on_entry(model) { " once this list is closed" } else { "" };
    let undo = model.keymap.key_for(ConsoleCommand::Undo);
    model.say(Level::Done, format!("{what} is discarded; {undo} brings it back{when}"));
    model.outbox.undone.clear();
    let label = format!("discard {what}");
    model.outbox.done.push(DoneStep { label, draft: Some(draft), ..DoneStep::default() });
    composer::discarded(model, key).and(form::discarded(model, key))
}

/// The store has not dropped a draft that another console writes.
pub(super) fn refused(model: &mut Model, key: DraftKey, writer: &Writer) {
    let text = format!("{writer} writes this {}: it is not discarded", key.kind.as_str());
    model.say_about(About::Writer(key), Level::Warning, text);
}

/// Brings back the draft that was discarded last, whatever was done since.
pub(super) fn take_back_last(model: &mut Model) -> Effects {
    let steps = &mut model.outbox.done;
    let last = steps.iter().rposition(|step| step.draft.is_some());
    match last.and_then(|at| steps.remove(at).draft) {
        Some(draft) => take_back(model, draft),
        None => {
            model.say(Level::Info, "no draft was discarded: there is nothing to bring back");
            Effects::none()
        }
    }
}

/// Brings a discarded draft back, beside any text that is under its key by now.
pub(super) fn take_back(model: &mut Model, draft: Draft) -> Effects {
    let key = match model.drafts.get(draft.key) {
        Some(_) => draft.key.beside(model.now.as_microsecond()),
        None => draft.key,
    };
    let draft = Draft { key, updated: model.now, ..draft };
    let effects = model.drafts.bring_back(draft, model.now).and(model.drafts.flush());
    outbox_list::go_to_draft(model, key);
    effects.and(composer::reopen(model, key))
}

/// Says that a discarded draft is on the disk again.
pub(super) fn is_back(model: &mut Model, key: DraftKey) {
    model.say(Level::Done, format!("{} is back", what(key)));
}

fn what(key: DraftKey) -> String {
    let on = key.about().map(|id| format!(" on {id}")).unwrap_or_default();
    format!("the {}{on}", key.kind.as_str())
}
