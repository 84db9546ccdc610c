//! The filter of a view by fields: a line for each field that the API's list can be asked for. What is
//! chosen narrows the view at once.

use crokey::KeyCombination;
use crossterm::event::KeyCode;

pub use crate::app::field::By;
use crate::app::{
    Effects, Focus, Model,
    command::FieldsCommand,
    conditions::told,
    editor::{Editor, typed_letter},
    errand::Errand,
    field::Value,
    hits::Hit,
    layout::{Area, Layout},
    notice::Level,
    popups::{Surface, frame::Edge},
};
/// The columns that it wants.
const COLUMNS: usize = 64;

/// The columns of the labels.
pub const LABEL: usize = 13;

/// The filter by fields.
#[derive(Clone, Debug)]
pub struct FieldFilter {
    /// The position of the field that has the focus.
    pub focus: usize,
    /// The words.
    pub words: Editor,
}

impl FieldFilter {
    /// The field that has the focus.
    pub fn focused(&self) -> By {
        By::ALL.get(self.focus).copied().unwrap_or(By::Status)
    }

    /// The field in each row of `inner`.
    pub fn placed(inner: Area) -> impl Iterator<Item = (Area, By)> {
        inner.lines().zip(By::ALL)
    }
}

impl Surface for FieldFilter {
    type Commands = FieldsCommand;

    fn run(model: &mut Model, command: FieldsCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: FieldsCommand, usual: &'static str) -> Option<&'static str> {
        let by = model.top::<Self>()?.focused();
        let tab = model.list.tab()?;
        match command {
            FieldsCommand::Choose if by == By::Words => Some("close (filter stays)"),
            FieldsCommand::Clear => is_set(model, by).then_some(usual),
            FieldsCommand::SearchTexts if tab.in_texts => Some("in the list"),
            FieldsCommand::SearchTexts => (by == By::Words).then_some(usual),
            FieldsCommand::Close if by == By::Words => None,
            _ => Some(usual),
        }
    }

    fn types_text(&self) -> bool {
        true
    }

    fn typed(model: &mut Model, key: KeyCombination) -> Effects {
        typed(model, key)
    }

    fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
        let filter = model.top_mut::<Self>().filter(|it| it.focused() == By::Words)?;
        if filter.words.paste(text) {
            pass_words(model);
        }
        Some(Effects::none())
    }

    fn title(&self, model: &Model) -> String {
        let Some(tab) = model.list.tab() else { return "Filter".to_owned() };
        let found = model.list.listed().len();
        match tab.is_narrowed() {
            true if tab.narrow.state.is_some() => format!("Filter {}: {found}", tab.view.name),
            true => format!("Filter {}: {found} of {}", tab.view.name, tab.count),
            false => format!("Filter {}: all {}", tab.view.name, tab.count),
        }
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: FieldsCommand| model.keymap.key_for(command);
        let clear = if is_set(model, self.focused()) { key(FieldsCommand::Clear) } else { "" };
        match self.focused() {
            By::Words => Edge::keys([
                (clear, "clears it"),
                (key(FieldsCommand::SearchTexts), "in all texts"),
            ]),
            _ => Edge::keys([
                (key(FieldsCommand::Choose), "chooses"),
                (clear, "clears it"),
                (key(FieldsCommand::SaveView), "saves as a view"),
            ]),
        }
    }

    fn size(&self, _: &Model, layout: &Layout) -> (usize, usize) {
        (layout.popup_columns(COLUMNS), By::ALL.len())
    }

    fn chosen(&self, _: &Model) -> Option<Hit> {
        Some(Hit::By(self.focused()))
    }

    fn hits(&self, _: &Model, inner: Area) -> Vec<(Area, Hit)> {
        Self::placed(inner).map(|(area, by)| (area, Hit::By(by))).collect()
    }
}

/// Opens the filter of the open view.
pub(in crate::app) fn open(model: &mut Model) -> Effects {
    let Some(tab) = model.list.tab() else { return Effects::none() };
    let words = Editor::single_line(&tab.filter);
    model.focus = Focus::List;
    model.open_popup(FieldFilter { focus: 0, words });
    Effects::none()
}

/// A command in the filter.
fn run(model: &mut Model, command: FieldsCommand) -> Effects {
    let stored = model.progress.stored;
    let Some(filter) = model.top_mut::<FieldFilter>() else { return Effects::none() };
    let count = By::ALL.len();
    let by = filter.focused();
    match command {
        FieldsCommand::NextField => filter.focus = (filter.focus + 1) % count,
        FieldsCommand::PreviousField => filter.focus = (filter.focus + count - 1) % count,
        FieldsCommand::Choose if by != By::Words => model.pass(Errand::ChooseBy(by)),
        FieldsCommand::Choose | FieldsCommand::Close => model.close_popup(),
        FieldsCommand::Clear => clear(model, by),
        FieldsCommand::SaveView if !stored => {
            model.say(Level::Info, "the tickets are still being read; save it in a moment");
        }
        FieldsCommand::SaveView => model.pass(Errand::NameView),
        FieldsCommand::SearchTexts => {
            filter.focus = count - 1;
            model.pass(Errand::ToggleTexts);
        }
    }
    Effects::none()
}

/// A key that is no command. In a field of choices a letter opens them, narrowed to it.
fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    let Some(filter) = model.top_mut::<FieldFilter>() else { return Effects::none() };
    let by = filter.focused();
    if by == By::Words {
        if filter.words.key(key) {
            pass_words(model);
        }
    } else if key == KeyCombination::from(KeyCode::Backspace) {
        clear(model, by);
    } else if typed_letter(key).is_some() {
        model.pass(Errand::ChooseBy(by));
        model.pass(Errand::Type(key));
    }
    Effects::none()
}

fn pass_words(model: &mut Model) {
    let words = model.top::<FieldFilter>().map(|filter| filter.words.text());
    if let Some(words) = words {
        model.pass(Errand::Words(words));
    }
}

/// Takes a field's condition away.
fn clear(model: &mut Model, by: By) {
    if by == By::Words {
        if let Some(filter) = model.top_mut::<FieldFilter>() {
            filter.words.replace("");
        }
        return pass_words(model);
    }
    let Some(mut narrow) = model.list.tab().map(|tab| tab.narrow.clone()) else { return };
    match by {
        By::Status => narrow.statuses.clear(),
        By::Priority => narrow.priorities.clear(),
        By::Department => narrow.departments.clear(),
        By::Client => narrow.client = None,
        By::Project => narrow.project = None,
        By::Tags => narrow.tags.clear(),
        By::State => narrow.state = None,
        By::Words => {}
    }
    model.pass(Errand::Narrow(Box::new(narrow)));
}

/// Choices were made for a field: the view is narrowed to them.
pub(in crate::app) fn chosen(model: &mut Model, by: By, values: Vec<Value>) -> Effects {
    let Some(mut narrow) = model.list.tab().map(|tab| tab.narrow.clone()) else {
        return Effects::none();
    };
    let client = narrow.client.as_ref().map(|it| it.id);
    match by {
        By::Status => narrow.statuses.clear(),
        By::Priority => narrow.priorities.clear(),
        By::Department => narrow.departments.clear(),
        By::Tags => narrow.tags.clear(),
        By::Client | By::Project | By::State | By::Words => {}
    }
    for value in values {
        match value {
            Value::Status(it) => narrow.statuses.push(it.id),
            Value::Priority(it) => narrow.priorities.push(it),
            Value::Department(it) => narrow.departments.push(it.id),
            Value::Tag(it) => narrow.tags.push(it.to_string()),
            Value::AnyClient => narrow.client = None,
            Value::Client(it) => narrow.client = Some(it),
            Value::Project(it) => narrow.project = it,
            Value::State(it) => narrow.state = it,
            Value::Custom(_)
            | Value::NewTag(_)
            | Value::Sort(_)
            | Value::Link(_)
            | Value::Pipe(_)
            | Value::CommandLine(_)
            | Value::Command(_) => {}
        }
    }
    // A project is one client's.
    if narrow.client.as_ref().is_some_and(|it| Some(it.id) != client) {
        narrow.project = None;
    }
    model.pass(Errand::Narrow(Box::new(narrow)));
    Effects::none()
}

fn is_set(model: &Model, by: By) -> bool {
    !told(model, by).set.is_empty()
}
