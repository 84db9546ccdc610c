//! The text as a draft: kept, written elsewhere, gone, and shown as the store has it.

use super::{Composer, Hand, Stage, edit, open_draft};
use crate::{
    app::{
        Model,
        command::ConsoleCommand,
        effect::{Effects, Slot},
        kept::{draft_of, keep},
        notice::{About, Level},
    },
    domain::{Draft, DraftKey, DraftKind, Gone, ReplyKind, Writer},
};

/// Takes in the text of a draft as the external editor left it. The text goes to no other draft. If
/// another console writes the draft by now, the text is kept beside it.
pub(in crate::app) fn edited(model: &mut Model, key: DraftKey, text: String) -> Effects {
    if !is_open(model, key) {
        let draft = draft_of(model, key, text, (0, 0));
        return keep(model, draft);
    }
    let known = model.drafts.get(key).is_some_and(|draft| draft.text == text);
    if let Some(writer) = writer(model, key).filter(|_| !known) {
        let outbox = model.keymap.key_for(ConsoleCommand::Outbox);
        let said =
            format!("{writer} writes this now; what you edited is kept beside it ({outbox})");
        model.say_about(About::Writer(key), Level::Warning, said);
        let key = key.beside(model.now.as_microsecond());
        let draft = draft_of(model, key, text, (usize::MAX, usize::MAX));
        return model.drafts.typed(draft, model.now).and(model.drafts.flush());
    }
    edit(model, |editor| {
        editor.replace(&text);
        true
    })
}

/// Takes in a text that a window of the agent's editor has saved. Text typed here since the window
/// opened stays.
pub(in crate::app) fn saved(
    model: &mut Model,
    key: DraftKey,
    before: &str,
    text: String,
) -> Effects {
    let last = text.rsplit('\n').next().unwrap_or_default().chars().count();
    let cursor = (text.matches('\n').count(), last);
    let draft = draft_of(model, key, text, cursor);
    let what = key.about().map(|it| format!("{it} ")).unwrap_or_default() + key.kind.as_str();
    let said = format!("{what}: what was saved in your editor is");
    // An earlier text of the window may be kept beside the draft by now. A text that is being
    // recorded is not touched.
    let drafts = model.drafts.all().into_iter().filter(|it| it.text == before).map(|it| it.key);
    let of_key = |it: &DraftKey| DraftKey { copy: key.copy, ..*it } == key;
    let Some(own) = drafts.filter(of_key).min_by_key(|it| *it != key) else {
        let place = match model.drafts.get(key) {
            Some(_) => {
                format!("kept beside the draft ({})", model.keymap.key_for(ConsoleCommand::Outbox))
            }
            None => "in the draft".into(),
        };
        model.say(Level::Info, format!("{said} {place}"));
        return keep(model, draft);
    };
    model.say(Level::Info, format!("{said} in the draft"));
    let draft = Draft { key: own, ..draft };
    let effects = model.drafts.typed(draft, model.now).and(model.drafts.flush());
    effects.and(follow(model, own))
}

/// Opens the pane on a text that came back, unless something else is being done.
pub(in crate::app) fn reopen(model: &mut Model, key: DraftKey) -> Effects {
    match model.composer.is_none() && model.popup.is_none() {
        true => open_draft(model, key),
        false => Effects::none(),
    }
}

/// The draft that is being written.
pub(in crate::app) fn open_key(model: &Model) -> Option<DraftKey> {
    model.composer.as_ref().map(Composer::key)
}

/// Whether this draft is being written.
pub(in crate::app) fn is_open(model: &Model, key: DraftKey) -> bool {
    open_key(model) == Some(key)
}

pub(super) fn open_on_draft(model: &mut Model, key: DraftKey) -> Option<&mut Composer> {
    model.composer.as_mut().filter(|composer| composer.key() == key)
}

/// The other console that writes the open draft.
pub(in crate::app) fn writer(model: &Model, key: DraftKey) -> Option<&Writer> {
    match model.composer.as_ref().filter(|it| it.key() == key).map(|it| &it.hand) {
        Some(Hand::Other(writer)) => Some(writer),
        _ => None,
    }
}

/// Another console writes the open draft, or none does any more. Returns whether one did before.
/// The preview or review ends, since its text will not be the recorded one.
pub(in crate::app) fn show_writer(
    model: &mut Model,
    key: DraftKey,
    writer: Option<Writer>,
) -> bool {
    let Some(composer) = open_on_draft(model, key) else { return false };
    let before = matches!(composer.hand, Hand::Other(_));
    match writer {
        Some(writer) => {
            composer.hand = Hand::Other(writer);
            composer.stage = Stage::Write;
            model.requests.forget(Slot::Preview);
        }
        None if before => composer.hand = Hand::Own,
        None => {}
    }
    before
}

/// The open draft is gone: its text stays on screen, for the agent to go on with.
pub(in crate::app) fn show_gone(model: &mut Model, key: DraftKey, gone: &Gone) {
    let said = model.what_became(key, gone);
    let Some(composer) = open_on_draft(model, key) else { return };
    composer.stage = Stage::Write;
    composer.hand = match composer.editor.is_blank() {
        true => Hand::Own,
        false => Hand::Gone(gone.clone()),
    };
    model.requests.forget(Slot::Preview);
    model.say(Level::Warning, said);
}

/// The open text goes on under another key.
pub(in crate::app) fn rename(model: &mut Model, from: DraftKey, to: DraftKey) {
    if let Some(composer) = open_on_draft(model, from) {
        composer.copy = to.copy;
    }
}

/// Shows the draft of the open text as it is kept now. If it is no longer kept, the pane is emptied
/// and stays open, so that letters typed on are not taken for commands.
pub(in crate::app) fn follow(model: &mut Model, key: DraftKey) -> Effects {
    let draft = model.drafts.get(key).cloned();
    let Some(composer) = open_on_draft(model, key) else { return Effects::none() };
    if matches!(composer.hand, Hand::Gone(_)) {
        return Effects::none();
    }
    match draft {
        Some(draft) => replace(model, &draft.text, Some(draft.cursor)),
        None if key.copy == 0 => {
            let begun = match key.kind {
                DraftKind::Reply => model.settings.below(ReplyKind::Reply),
                _ => String::new(),
            };
            replace(model, &begun, Some((0, 0)));
        }
        None => replace(model, "", None),
    }
    Effects::none()
}

/// Replaces the text that is being written. The preview or review ends, since its text is out of
/// date.
pub(super) fn replace(model: &mut Model, text: &str, cursor: Option<(usize, usize)>) {
    let Some(composer) = &mut model.composer else { return };
    if composer.editor.text() == text {
        return;
    }
    composer.editor.replace(text);
    composer.stage = Stage::Write;
    if let Some(cursor) = cursor {
        composer.editor.set_cursor(cursor);
    }
    model.requests.forget(Slot::Preview);
}
