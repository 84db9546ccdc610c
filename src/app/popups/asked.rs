//! The form with everything that a macro asks for, before anything is done.

use std::collections::BTreeMap;

use crokey::KeyCombination;

use crate::app::{
    Model,
    command::AskedCommand,
    early,
    editor::Editor,
    effect::{Effects, Slot},
    errand::Errand,
    layout::Layout,
    macros::Taking,
    message::Found,
    notice::Level,
    popups::{Surface, frame::Edge},
    tone::Tone,
};
use crate::domain::{Problem, columns};

/// The columns that it wants.
const COLUMNS: usize = 70;

/// The rows of a value: what is asked for, the answer, and a gap.
pub const ROWS: usize = 3;

/// What a macro asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is asked for, and the answer as far as it is typed.
    pub fields: Vec<(String, Editor)>,
    /// The position of the answer that is typed.
    pub focus: usize,
    /// Whether the macro is taken as soon as its text is filled in.
    pub waits: bool,
    taking: Taking,
}

impl Asked {
    /// The position of the first value of so many rows on screen.
    pub fn first_shown(&self, rows: usize) -> usize {
        let fitting = ((rows + 1) / ROWS).max(1);
        (self.focus + 1).saturating_sub(fitting)
    }

    fn answers(&self) -> BTreeMap<String, String> {
        let answers = self.fields.iter();
        answers.map(|(asked, it)| (asked.clone(), it.text().trim().to_owned())).collect()
    }

    fn focused(&mut self) -> Option<&mut Editor> {
        self.fields.get_mut(self.focus).map(|(_, editor)| editor)
    }
}

impl Surface for Asked {
    type Commands = AskedCommand;

    fn run(model: &mut Model, command: AskedCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: AskedCommand, usual: &'static str) -> Option<&'static str> {
        let many = model.top::<Self>().is_some_and(|it| it.fields.len() > 1);
        match command {
            AskedCommand::Take | AskedCommand::Cancel => Some(usual),
            AskedCommand::NextField | AskedCommand::PreviousField => many.then_some(usual),
        }
    }

    fn types_text(&self) -> bool {
        true
    }

    fn typed(model: &mut Model, key: KeyCombination) -> Effects {
        change(model, |editor| editor.key(key))
    }

    fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
        Some(change(model, |editor| editor.paste(text)))
    }

    fn title(&self, _: &Model) -> String {
        let name = self.taking.one.own_name();
        match &self.taking.tickets[..] {
            [one] => format!("{name} for {one}"),
            many => format!("{name} for {} tickets", many.len()),
        }
    }

    fn edge(&self, model: &Model) -> Edge {
        if self.waits {
            return Edge::Words("filling in the text…".into(), Tone::Accent);
        }
        let key = |command: AskedCommand| model.keymap.key_for(command);
        let next = if self.fields.len() > 1 { key(AskedCommand::NextField) } else { "" };
        Edge::keys([
            (key(AskedCommand::Take), "takes it"),
            (next, "next"),
            (key(AskedCommand::Cancel), "back"),
        ])
    }

    fn size(&self, _: &Model, layout: &Layout) -> (usize, usize) {
        let wide = self.fields.iter().map(|(asked, _)| columns::width(asked)).max().unwrap_or(0);
        let rows = self.fields.len() * ROWS - 1;
        (wide.max(COLUMNS), rows.min(layout.popup_rows()))
    }
}

/// Opens the form over the picker.
pub(in crate::app) fn open(model: &mut Model, taking: Taking) -> Effects {
    let field = |asked: &String| (asked.clone(), Editor::single_line(""));
    let fields: Vec<_> = taking.one.asked.iter().map(field).collect();
    model.requests.forget(Slot::Macro);
    model.push_popup(Asked { fields, focus: 0, waits: false, taking });
    Effects::none()
}

/// Whether this form has asked for the text that comes next.
pub(in crate::app) fn awaits(model: &Model) -> bool {
    model.nearest::<Asked>().is_some()
}

fn change(model: &mut Model, change: impl FnOnce(&mut Editor) -> bool) -> Effects {
    let Some(asked) = model.top_mut::<Asked>() else { return Effects::none() };
    if let Some(editor) = asked.focused() {
        change(editor);
    }
    Effects::none()
}

fn run(model: &mut Model, command: AskedCommand) -> Effects {
    let Some(asked) = model.top_mut::<Asked>() else { return Effects::none() };
    let count = asked.fields.len().max(1);
    match command {
        AskedCommand::NextField => asked.focus = (asked.focus + 1) % count,
        AskedCommand::PreviousField => asked.focus = (asked.focus + count - 1) % count,
        AskedCommand::Cancel => {
            let waited = asked.waits;
            model.requests.forget(Slot::Macro);
            model.close_popup();
            model.pass(Errand::AskedNoMore);
            return if waited { early::forget(model) } else { Effects::none() };
        }
        AskedCommand::Take => return take(model),
    }
    Effects::none()
}

/// Goes to the next value that is missing; with none, fills the text in.
fn take(model: &mut Model) -> Effects {
    let Some(asked) = model.top_mut::<Asked>() else { return Effects::none() };
    if asked.waits {
        return Effects::none();
    }
    let count = asked.fields.len();
    let from_here = (0..count).map(|at| (asked.focus + at) % count);
    let missing = from_here.into_iter().find(|at| asked.fields[*at].1.is_blank());
    if let Some(missing) = missing {
        let is_here = missing == asked.focus;
        asked.focus = missing;
        if is_here {
            let text = format!("{} is still to be filled in", asked.fields[missing].0);
            model.say(Level::Info, text);
        }
        return Effects::none();
    }
    asked.waits = true;
    let (taking, answers) = (asked.taking.clone(), asked.answers());
    taking.ask(model, answers).into()
}

/// The text has come, with the answers in it. If something holds the macro back, the answers stay.
pub(in crate::app) fn filled(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    let is_on_top = model.top::<Asked>().is_some();
    let Some(asked) = model.nearest_mut::<Asked>() else { return Effects::none() };
    asked.waits = false;
    let taking = asked.taking.clone();
    if !is_on_top {
        return taking.is_covered(model);
    }
    let why = match &found {
        Ok(Found::Filled(all)) => taking.held_back(model, all),
        Ok(_) => return Effects::none(),
        Err(problem) => Some(format!("the text can't be filled in: {problem}; nothing was done")),
    };
    match (why, found) {
        (None, Ok(Found::Filled(all))) => {
            model.close_popups();
            model.pass(Errand::Take(Box::new(taking), all));
            Effects::none()
        }
        (why, _) => {
            model.say(Level::Warning, why.unwrap_or_default());
            early::forget(model)
        }
    }
}
