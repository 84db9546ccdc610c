//! A macro's text in the open draft, and the changes beside it: undo and redo take both along.

use super::{edit, open_key};
use crate::{
    app::{Model, editor::Editor, effect::Effects, notice::Level},
    domain::{DraftChanges, DraftKey},
};

/// A macro's insertion: the text and the changes beside it, before and after.
#[derive(Clone, Debug)]
pub(in crate::app) struct Insertion {
    before: (String, DraftChanges),
    after: (String, DraftChanges),
    /// Whether undo has taken it out.
    is_out: bool,
}

/// Inserts a macro's text at the cursor of the open text, as one step that can be undone, with the
/// changes that wait beside it until the review.
pub(in crate::app) fn insert(model: &mut Model, words: &str, changes: DraftChanges) -> Effects {
    let Some(key) = open_key(model) else { return Effects::none() };
    let before = (text(model), changes_of(model, key));
    let mut inserted = false;
    let effects = edit(model, |editor| {
        inserted = editor.insert(&on_own_lines(editor, words));
        inserted
    });
    if inserted {
        let mut all = before.1.clone();
        all.take_in(changes);
        let after = (text(model), all.clone());
        model.drafts.set_changes(key, all, model.now);
        if let Some(composer) = &mut model.composer {
            composer.insertions.push(Insertion { before, after, is_out: false });
        }
    } else if model.drafts.is_going(key) {
        let (on, kind) = (key.begins(), key.kind.as_str());
        model
            .say(Level::Warning, format!("{on}the {kind} is being recorded: nothing was inserted"));
    }
    effects
}

/// A text of several lines, or a quote, on lines of its own. Behind other words a quote would be
/// theirs.
fn on_own_lines(editor: &Editor, words: &str) -> String {
    if !words.trim_end().contains('\n') && !words.starts_with('>') {
        return words.to_owned();
    }
    let (line, character) = editor.cursor();
    let text = editor.text();
    let after = text.lines().nth(line).is_some_and(|it| it.chars().nth(character).is_some());
    let begin = if character == 0 { "" } else { "\n" };
    let end = if after && !words.ends_with('\n') { "\n" } else { "" };
    format!("{begin}{words}{end}")
}

/// Undoes a step of the text. With a macro's text its changes go.
pub(super) fn undo(model: &mut Model) -> Effects {
    let Some(key) = open_key(model) else { return Effects::none() };
    let changes = changes_of(model, key);
    let (effects, now) = step(model, Editor::undo);
    let Some(composer) = model.composer.as_mut().filter(|_| now.is_some()) else { return effects };
    let mut last = composer.insertions.iter_mut().rev();
    if let Some(one) = last.find(|it| !it.is_out && Some(&it.before.0) == now.as_ref()) {
        one.is_out = true;
        // The agent may have left some of them out since.
        one.after.1 = changes;
        let before = one.before.1.clone();
        model.drafts.set_changes(key, before, model.now);
    }
    effects
}

/// Does a step of the text again. With a macro's text its changes come back.
pub(super) fn redo(model: &mut Model) -> Effects {
    let Some(key) = open_key(model) else { return Effects::none() };
    let (effects, now) = step(model, Editor::redo);
    let Some(composer) = model.composer.as_mut().filter(|_| now.is_some()) else { return effects };
    let mut all = composer.insertions.iter_mut();
    if let Some(one) = all.find(|it| it.is_out && Some(&it.after.0) == now.as_ref()) {
        one.is_out = false;
        let after = one.after.1.clone();
        model.drafts.set_changes(key, after, model.now);
    }
    effects
}

/// Steps through the versions of the text. Returns the text if it is another one now.
fn step(model: &mut Model, step: fn(&mut Editor) -> bool) -> (Effects, Option<String>) {
    let mut stepped = false;
    let effects = edit(model, |editor| {
        stepped = step(editor);
        stepped
    });
    let now = stepped.then(|| text(model));
    (effects, now)
}

fn text(model: &Model) -> String {
    model.composer.as_ref().map(|it| it.editor.text()).unwrap_or_default()
}

fn changes_of(model: &Model, key: DraftKey) -> DraftChanges {
    model.drafts.changes(key).cloned().unwrap_or_default()
}
