//! Text of a program, inserted at the cursor.

use super::{Composer, Hand, Stage, edit, open};
use crate::{
    app::{
        Model,
        command::{EditorCommand, OutputCommand},
        effect::Effects,
        notice::Level,
    },
    domain::{DraftKey, ReplyKind, TicketId},
};

/// Puts text at the cursor of a draft, as one step that can be undone. If that draft is not open for
/// writing any more, nothing is inserted anywhere; the text stays where it is shown.
pub(in crate::app) fn put_in(model: &mut Model, key: DraftKey, text: &str) -> Effects {
    if model.composer.as_ref().is_some_and(|it| it.key() == key && takes_text(model, it)) {
        model.close_popups();
        return put(model, key, text);
    }
    let on = key.about().map(|id| format!("{id} ")).unwrap_or_default();
    let copy = model.keymap.key_for(OutputCommand::Copy);
    let kind = key.kind.as_str();
    let said = format!(
        "{on}the {kind} is not open for writing any more, nothing was inserted; {copy} copies it"
    );
    model.say(Level::Warning, said);
    Effects::none()
}

/// Opens the reply to a ticket, with the draft that was kept, and puts text at its cursor.
pub(in crate::app) fn reply_with(model: &mut Model, ticket: TicketId, text: &str) -> Effects {
    let key = DraftKey::of_post(Some(ticket), ReplyKind::Reply);
    let copy = model.keymap.key_for(OutputCommand::Copy);
    let taken = match model.drafts.writer(key) {
        Some(writer) => Some(format!("{writer} writes the reply")),
        None => model.drafts.is_going(key).then(|| "the reply is being recorded".to_owned()),
    };
    if let Some(taken) = taken {
        let said = format!("{ticket} {taken}, nothing was inserted; {copy} copies it");
        model.say(Level::Warning, said);
        return Effects::none();
    }
    model.close_popups();
    let effects = open(model, ticket, ReplyKind::Reply);
    effects.and(put(model, key, text))
}

fn takes_text(model: &Model, composer: &Composer) -> bool {
    let is_reviewed = matches!(composer.stage, Stage::Review { .. });
    composer.hand == Hand::Own && !is_reviewed && !model.drafts.is_going(composer.key())
}

/// Keys that come before the text is on screen were meant for the popup that was there.
fn put(model: &mut Model, key: DraftKey, text: &str) -> Effects {
    model.await_draw();
    let effects = edit(model, |editor| editor.insert(text));
    let on = key.about().map(|id| format!("{id} ")).unwrap_or_default();
    let undo = model.keymap.key_for(EditorCommand::Undo);
    let lines = match text.lines().count() {
        1 => "a line is".to_owned(),
        many => format!("{many} lines are"),
    };
    model.say(Level::Done, format!("{on}{lines} inserted; {undo} takes that out"));
    effects
}
