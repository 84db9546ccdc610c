//! The filter of the list, while it is typed.

use crokey::KeyCombination;

use super::{clear_filter, set_filter, step, toggle_texts};
use crate::app::{Effects, Focus, Model, command::FilterCommand, editor::Editor};

/// Opens the filter of the view, as it is, to be typed.
pub(in crate::app) fn open(model: &mut Model) -> Effects {
    let filter = model.list.tab().map(|tab| tab.filter.clone()).unwrap_or_default();
    model.filtering = Some(Editor::single_line(&filter));
    model.focus = Focus::List;
    Effects::none()
}

/// Opens the filter of the view to be typed, and looks for it in messages and replies.
pub(in crate::app) fn open_in_texts(model: &mut Model) -> Effects {
    let opened = open(model);
    if model.list.tab().is_none_or(|tab| tab.in_texts) {
        return opened;
    }
    opened.and(toggle_texts(model))
}

/// A command while the filter is typed.
pub(in crate::app) fn run(model: &mut Model, command: FilterCommand) -> Effects {
    match command {
        FilterCommand::Apply => {
            model.filtering = None;
            Effects::none()
        }
        FilterCommand::Cancel => {
            model.filtering = None;
            clear_filter(model)
        }
        FilterCommand::SearchTexts => toggle_texts(model),
        FilterCommand::Step(by) => step(model, by),
    }
}

/// The name of a command at this moment, in place of its `usual` one; `None` if the command does
/// nothing.
pub(in crate::app) fn hint(
    model: &Model,
    command: FilterCommand,
    usual: &'static str,
) -> Option<&'static str> {
    match command {
        FilterCommand::SearchTexts => match model.filtering {
            Some(_) if model.list.tab().is_some_and(|tab| tab.in_texts) => Some("in the list"),
            Some(_) => Some(usual),
            None => None,
        },
        FilterCommand::Apply | FilterCommand::Cancel | FilterCommand::Step(_) => Some(usual),
    }
}

/// A key that is no command: it is typed.
pub(in crate::app) fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    edit(model, |editor| editor.key(key))
}

/// Pasted text.
pub(in crate::app) fn pasted(model: &mut Model, text: &str) -> Effects {
    edit(model, |editor| editor.paste(text))
}

fn edit(model: &mut Model, change: impl FnOnce(&mut Editor) -> bool) -> Effects {
    let Some(editor) = &mut model.filtering else { return Effects::none() };
    if !change(editor) {
        return Effects::none();
    }
    let text = editor.text();
    set_filter(model, &text)
}
