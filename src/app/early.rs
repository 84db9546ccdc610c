//! Input that came before the list or answer that it was meant for. It waits, and takes effect once
//! that is there. Input that has no receiver then is told or kept, never silently dropped.

use crokey::{KeyCombination, OneToThree};
use crossterm::event::KeyCode;

use super::{
    Effects, Model, command::ConsoleCommand, dispatch, editor::typed_letter, kept, notice::Level,
    surfaces,
};
use crate::domain::DraftKey;

/// The most characters of lost letters that are told.
const TOLD: usize = 200;

/// A piece of input that came early.
#[derive(Clone, Debug)]
pub(super) enum Early {
    Key(KeyCombination),
    /// A paste, and the draft of the pane that had the focus.
    Paste(String, Option<DraftKey>),
}

/// Whether input has to wait: its list or the store's answer is not there yet.
fn waits(model: &Model) -> bool {
    model.awaits_list() || !model.progress.stored || model.is_storing_text() || model.awaits_macro()
}

/// Holds a paste that has to wait for the store's answer, or behind keys that wait. Returns whether
/// it is held.
pub(super) fn holds_paste(model: &mut Model, text: &str) -> bool {
    let storing = model.is_storing_text();
    if !storing && !model.awaits_macro() && model.early.is_empty() {
        return false;
    }
    let key = model.composer.as_ref().filter(|_| storing).map(|it| it.key());
    model.early.push(Early::Paste(text.to_owned(), key));
    true
}

/// Lets early input take effect, once its list or answer is there. A paste that meets no text field
/// then is kept as a draft of the ticket that it was meant for.
pub(super) fn happen(model: &mut Model) -> Effects {
    if model.early.is_empty() || waits(model) {
        return Effects::none();
    }
    let mut effects = Effects::none();
    let mut strays = Vec::new();
    for early in std::mem::take(&mut model.early) {
        match early {
            Early::Key(key) => effects = effects.and(dispatch::key_pressed(model, key)),
            again @ Early::Paste(..) if !model.early.is_empty() => model.early.push(again),
            Early::Paste(text, key) => match surfaces::pasted(model, &text) {
                Some(taken) => effects = effects.and(taken),
                None => strays.push((text, key)),
            },
        }
    }
    effects.and(keep(model, strays))
}

/// Forgets the waiting input, since its list or answer does not come. The agent is told the letters
/// in it. A paste is kept; if no key came before it, it is kept in the pane that it was put into.
pub(super) fn forget(model: &mut Model) -> Effects {
    let mut letters = String::new();
    let mut effects = Effects::none();
    let mut strays = Vec::new();
    let mut is_first = true;
    for early in std::mem::take(&mut model.early) {
        match early {
            Early::Key(key) => {
                is_first = false;
                letters.extend(letter(key));
            }
            Early::Paste(text, key) => {
                let open = model.composer.as_ref().map(|it| it.key());
                let here = is_first && key.is_some() && key == open;
                match if here { surfaces::pasted(model, &text) } else { None } {
                    Some(taken) => effects = effects.and(taken),
                    None => strays.push((text, key)),
                }
            }
        }
    }
    // One or two keys alone are a command, and not text.
    if letters.chars().count() > 2 {
        let told: String = letters.chars().take(TOLD).collect();
        model.say(Level::Warning, format!("what was typed meanwhile was not taken: {told}"));
    }
    effects.and(keep(model, strays))
}

/// Keeps pastes that met no text field.
fn keep(model: &mut Model, strays: Vec<(String, Option<DraftKey>)>) -> Effects {
    let key = strays.iter().find_map(|(_, key)| *key);
    let texts: Vec<String> = strays.into_iter().map(|(text, _)| text).collect();
    if texts.is_empty() {
        return Effects::none();
    }
    let Some(key) = key else {
        model
            .say(Level::Warning, "the paste was not taken: no text field was open; paste it again");
        return Effects::none();
    };
    let on = key.about().map(|id| format!("{id} ")).unwrap_or_default();
    let outbox = model.keymap.key_for(ConsoleCommand::Outbox);
    model.say(Level::Warning, format!("{on}what was pasted is kept as a draft ({outbox})"));
    kept::keep_pasted(model, key, texts.join("\n"))
}

/// The letter that a key types, where it types one.
fn letter(key: KeyCombination) -> Option<char> {
    match key.codes {
        OneToThree::One(KeyCode::Enter) => Some(' '),
        _ => typed_letter(key),
    }
}
