//! Pickers: a list, letters that narrow it, one choice (or several tags).

mod choices;

use std::collections::BTreeSet;

use crokey::KeyCombination;

pub use choices::is_current;

use crate::app::{
    Model, act,
    command::{Command, PickerCommand},
    editor::{Editor, typed_letter},
    effect::{Effects, Read, Slot},
    message::Found,
    notice::Level,
    popups::{Kind as _, Surface, form},
    surfaces::Hand,
};
use crate::domain::{
    ClientId, Department, Line, Named, Priority, Problem, Project, Status, StatusId, TicketId,
    fuzzy::Search,
    plan::{Action, Fields, Tags, Targets},
};

/// What a choice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The status of a ticket.
    Status(TicketId),
    /// The priority of a ticket.
    Priority(TicketId),
    /// The department of a ticket.
    Department(TicketId),
    /// The tags of a ticket.
    Tags(TicketId),
    /// A field of the form beneath.
    Field(form::Field),
    /// A command to run, on the ticket that was at hand when the choice was opened.
    Palette(Option<TicketId>),
}

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A status.
    Status(Status),
    /// A priority.
    Priority(Priority),
    /// A department.
    Department(Department),
    /// A tag that is in use.
    Tag(Line),
    /// A tag that is not in use yet.
    NewTag(Line),
    /// A client.
    Client(Named<ClientId>),
    /// A project, or none.
    Project(Option<Project>),
    /// A command.
    Command(Command),
}

/// One line of a picker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is called.
    pub label: String,
    /// What is said beside it.
    pub detail: String,
    /// What is chosen with it.
    pub value: Value,
}

/// A picker.
#[derive(Clone, Debug)]
pub struct Picker {
    /// What the choice is for.
    pub purpose: Purpose,
    /// Its title.
    pub title: String,
    /// What has been typed.
    pub filter: Editor,
    /// Everything there is to choose.
    pub items: Vec<Item>,
    /// The positions in `items` that match, best first.
    pub matches: Vec<usize>,
    /// The position in `matches` of the cursor.
    pub cursor: usize,
    /// The labels that are marked (tags).
    pub marked: BTreeSet<String>,
    /// Whether more may come from the server.
    pub loading: bool,
    /// Why nothing came, if so.
    pub problem: Option<Problem>,
    /// Whether Enter was pressed before the answer to what is typed: it waits for that.
    pub waits: bool,
    /// What was typed for the items that the server has found; others are narrowed here.
    found_for: Option<String>,
    /// Whether the agent has gone to the row under the cursor.
    moved: bool,
}

impl Picker {
    fn new(purpose: Purpose, title: impl Into<String>, items: Vec<Item>) -> Self {
        let mut picker = Self {
            purpose,
            title: title.into(),
            filter: Editor::single_line(""),
            items,
            matches: Vec::new(),
            cursor: 0,
            marked: BTreeSet::new(),
            loading: false,
            problem: None,
            waits: false,
            found_for: None,
            moved: false,
        };
        picker.narrow();
        picker
    }

    /// Whether several items can be marked.
    pub fn is_multiple(&self) -> bool {
        matches!(self.purpose, Purpose::Tags(_))
    }

    /// The item under the cursor.
    pub fn selected(&self) -> Option<&Item> {
        self.items.get(*self.matches.get(self.cursor)?)
    }

    /// Whether Space marks the row under the cursor. Within a word that is typed it is a letter.
    pub fn marks(&self) -> bool {
        self.is_multiple() && (self.filter.is_blank() || self.moved)
    }

    /// Whether the server is still to say what there is for what is typed, and nothing that is shown
    /// was typed for.
    fn is_awaited(&self) -> bool {
        self.loading && (self.filter.is_blank() || self.selected().is_none())
    }

    fn select(&mut self, chosen: impl Fn(&Value) -> bool) {
        let position = self.matches.iter().position(|at| chosen(&self.items[*at].value));
        self.cursor = position.unwrap_or(0);
    }

    fn narrow(&mut self) {
        let typed = self.filter.text();
        self.items.retain(|item| !matches!(item.value, Value::NewTag(_)));
        let mut search = match self.purpose {
            _ if self.found_for.as_ref() == Some(&typed) => Search::words(""),
            Purpose::Field(form::Field::Client) => Search::words(&typed),
            _ => Search::fuzzy(&typed),
        };
        let mut found: Vec<(u32, usize)> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| Some((search.score(&item.label)?, at)))
            .collect();
        found.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
        self.matches = found.into_iter().map(|(_, at)| at).collect();
        self.offer_new_tag(&typed);
        self.cursor = 0;
        self.moved = false;
    }

    fn offer_new_tag(&mut self, typed: &str) {
        let tag = typed.trim().to_lowercase().replace(' ', "-");
        let known = self.items.iter().any(|item| item.label == tag);
        if self.is_multiple() && !tag.is_empty() && !known {
            let value = Value::NewTag(Line::from_cleaned(tag.as_str(), None));
            self.items.push(Item { label: tag, detail: "new tag".into(), value });
            self.matches.push(self.items.len() - 1);
        }
    }
}

impl Surface for Picker {
    type Commands = PickerCommand;

    fn run(model: &mut Model, command: PickerCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: PickerCommand, usual: &'static str) -> Option<&'static str> {
        works(model, command).then_some(usual)
    }

    fn types_text(&self) -> bool {
        true
    }

    fn typed(model: &mut Model, key: KeyCombination) -> Effects {
        typed(model, key)
    }

    fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
        Some(pasted(model, text))
    }

    fn is_over_form(&self) -> bool {
        true
    }

    fn hand(&self) -> Hand {
        Hand::Choice(self.selected().map(|item| item.value.clone()))
    }
}

/// Puts the cursor of the picker on what stands there now, unless the agent has chosen another row:
/// Enter alone changes nothing.
fn rest_on_current(model: &mut Model) {
    let Some(picker) = model.nearest::<Picker>() else { return };
    if picker.moved || !picker.filter.is_blank() {
        return;
    }
    let current = |at: &usize| {
        picker.items.get(*at).is_some_and(|it| is_current(model, picker.purpose, &it.value))
    };
    let at = picker.matches.iter().position(current).unwrap_or(0);
    if let Some(picker) = model.nearest_mut::<Picker>() {
        picker.cursor = at;
    }
}

/// Opens the picker for the status of a ticket.
pub(in crate::app) fn open_status(model: &mut Model, ticket: TicketId) -> Effects {
    let items = choices::statuses(model);
    open(model, Picker::new(Purpose::Status(ticket), format!("Status of {ticket}"), items))
}

/// Opens the picker for the priority of a ticket.
pub(in crate::app) fn open_priority(model: &mut Model, ticket: TicketId) -> Effects {
    let title = format!("Priority of {ticket}");
    open(model, Picker::new(Purpose::Priority(ticket), title, choices::priorities()))
}

/// Opens the picker for the department of a ticket.
pub(in crate::app) fn open_department(model: &mut Model, ticket: TicketId) -> Effects {
    let title = format!("Department of {ticket}");
    let items = choices::departments(&model.directory.departments);
    let effects = open(model, Picker::new(Purpose::Department(ticket), title, items));
    effects.and(fetch_departments(model))
}

/// Opens the picker for the tags of a ticket.
pub(in crate::app) fn open_tags(model: &mut Model, ticket: TicketId) -> Effects {
    let Some(row) = model.tickets.get(ticket) else { return Effects::none() };
    let own = row.ticket.tags;
    let items = choices::tags(model, &own);
    let mut picker = Picker::new(Purpose::Tags(ticket), format!("Tags of {ticket}"), items);
    picker.marked = own.iter().map(|tag| tag.as_str().to_owned()).collect();
    open(model, picker)
}

fn open(model: &mut Model, picker: Picker) -> Effects {
    model.requests.forget(Slot::Choices);
    model.open_popup(picker);
    rest_on_current(model);
    Effects::none()
}

/// Opens the picker for a field of the form beneath.
pub(in crate::app) fn open_field(model: &mut Model, field: form::Field) -> Effects {
    let client = model.form().and_then(|form| form.client.as_ref()).map(|it| it.id);
    model.requests.forget(Slot::Choices);
    let items = match field {
        form::Field::Department => choices::departments(&model.directory.departments),
        form::Field::Priority => choices::priorities(),
        form::Field::Project => vec![choices::item("none", "", Value::Project(None))],
        _ => Vec::new(),
    };
    let mut picker = Picker::new(Purpose::Field(field), field.label(), items);
    let effects = match (field, client) {
        (form::Field::Client, _) => {
            picker.loading = true;
            model.requests.ask(Slot::Choices, Read::Clients { search: String::new() }).into()
        }
        (form::Field::Project, Some(client)) => {
            picker.loading = true;
            model.requests.ask(Slot::Choices, Read::Projects(client)).into()
        }
        _ => Effects::none(),
    };
    model.push_popup(picker);
    rest_on_current(model);
    match field {
        form::Field::Department => effects.and(fetch_departments(model)),
        _ => effects,
    }
}

/// Asks for the departments that the topmost picker offers, where none are known.
fn fetch_departments(model: &mut Model) -> Effects {
    let Some(picker) = model.popup.as_mut().and_then(Picker::of_mut) else {
        return Effects::none();
    };
    if !model.directory.departments.is_empty() {
        return Effects::none();
    }
    picker.loading = true;
    model.requests.ask(Slot::Choices, Read::Departments).into()
}

/// Opens the picker of all commands that make sense here; `ticket` is what they will be about.
pub(in crate::app) fn open_palette(model: &mut Model, ticket: Option<TicketId>) -> Effects {
    model.requests.forget(Slot::Choices);
    let items = choices::commands(model);
    let picker = Picker::new(Purpose::Palette(ticket), "Commands", items);
    model.open_popup(picker);
    Effects::none()
}

/// A command in the topmost picker.
fn run(model: &mut Model, command: PickerCommand) -> Effects {
    let Some(picker) = model.top_mut::<Picker>() else { return Effects::none() };
    let last = picker.matches.len().saturating_sub(1);
    picker.waits = false;
    match command {
        PickerCommand::Step(step) => {
            picker.moved = true;
            picker.cursor = step.around(picker.cursor, last);
        }
        PickerCommand::Toggle if picker.marks() => toggle(picker),
        PickerCommand::Toggle => {
            return typed(model, KeyCombination::from(crossterm::event::KeyCode::Char(' ')));
        }
        PickerCommand::Apply => return apply(model),
        PickerCommand::Cancel => close(model),
    }
    Effects::none()
}

/// Whether a command does something at this moment.
fn works(model: &Model, command: PickerCommand) -> bool {
    match command {
        PickerCommand::Toggle => model.top::<Picker>().is_some_and(Picker::marks),
        PickerCommand::Apply | PickerCommand::Cancel | PickerCommand::Step(_) => true,
    }
}

fn toggle(picker: &mut Picker) {
    let Some(item) = picker.selected().cloned() else { return };
    if !picker.marked.remove(&item.label) {
        mark(picker);
    }
    picker.filter.replace("");
    picker.narrow();
    let label = |at: &usize| picker.items.get(*at).is_some_and(|it| it.label == item.label);
    picker.cursor = picker.matches.iter().position(label).unwrap_or(0);
}

/// Marks the tag under the cursor, a new one too.
fn mark(picker: &mut Picker) {
    let Some(at) = picker.matches.get(picker.cursor).copied() else { return };
    let Some(item) = picker.items.get_mut(at) else { return };
    if let Value::NewTag(tag) = &item.value {
        item.value = Value::Tag(tag.clone());
    }
    picker.marked.insert(item.label.clone());
}

fn close(model: &mut Model) {
    model.requests.forget(Slot::Choices);
    model.close_popup();
}

/// A key that is no command: a digit takes its status at once, a letter narrows.
fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    let Some(picker) = model.top_mut::<Picker>() else { return Effects::none() };
    let digit = typed_letter(key).and_then(|letter| letter.to_digit(10));
    if let (Purpose::Status(_), Some(digit), true) =
        (picker.purpose, digit, picker.filter.is_blank())
    {
        let id = StatusId(i64::from(digit));
        let at = |value: &Value| matches!(value, Value::Status(status) if status.id == id);
        let known = picker.items.iter().any(|item| at(&item.value));
        if !known {
            return Effects::none();
        }
        picker.select(at);
        return apply(model);
    }
    if picker.filter.key(key) {
        return narrowed(model);
    }
    Effects::none()
}

/// Pasted text narrows too.
fn pasted(model: &mut Model, text: &str) -> Effects {
    let Some(picker) = model.top_mut::<Picker>() else { return Effects::none() };
    picker.filter.paste(text);
    narrowed(model)
}

fn narrowed(model: &mut Model) -> Effects {
    let Some(picker) = model.popup.as_mut().and_then(Picker::of_mut) else {
        return Effects::none();
    };
    picker.waits = false;
    picker.narrow();
    if picker.purpose == Purpose::Field(form::Field::Client) {
        // What was asked for other letters is not the answer to these.
        model.requests.forget(Slot::Choices);
        let search = picker.filter.text();
        picker.loading = picker.found_for.as_ref() != Some(&search);
        picker.problem = None;
        if picker.loading {
            let read = Read::Clients { search };
            model.requests.ask_after_dwell(Slot::Choices, read, model.now);
        }
    }
    Effects::none()
}

/// The server's answer for the picker that has asked. Where Enter waits for it and one choice is
/// left, that is taken; of several the agent has seen none yet.
pub(in crate::app) fn found(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    if let Ok(Found::Departments(all)) = &found {
        model.directory.departments.clone_from(all);
    }
    let Some(picker) = model.nearest_mut::<Picker>() else { return Effects::none() };
    let before = picker.selected().filter(|_| picker.moved).map(|item| item.value.clone());
    picker.loading = false;
    picker.problem = None;
    match found {
        Ok(Found::Clients(all)) => {
            picker.items = choices::clients(all);
            picker.found_for = Some(picker.filter.text());
        }
        Ok(Found::Projects(all)) => {
            picker.items.truncate(1);
            picker.items.extend(choices::projects(all));
        }
        Ok(Found::Departments(all)) => picker.items = choices::departments(&all),
        Ok(_) => {}
        Err(problem) => picker.problem = Some(problem),
    }
    picker.narrow();
    if let Some(before) = before {
        picker.moved = true;
        picker.select(|value| *value == before);
    }
    let takes = std::mem::take(&mut picker.waits) && picker.matches.len() == 1;
    let takes = takes && picker.problem.is_none();
    // What is covered takes nothing by itself.
    let takes = takes && model.top::<Picker>().is_some();
    rest_on_current(model);
    if takes { apply(model) } else { Effects::none() }
}

fn apply(model: &mut Model) -> Effects {
    let Some(picker) = model.popup.as_mut().and_then(Picker::of_mut) else {
        return Effects::none();
    };
    if model.slipped && picker.selected().is_some() {
        model.say(Level::Info, "the choices have just changed; look, then press it again");
        return Effects::none();
    }
    if picker.is_awaited() {
        picker.waits = true;
        return model.requests.hurry(Slot::Choices).into();
    }
    if picker.is_multiple() && !picker.filter.is_blank() {
        mark(picker);
    }
    let picker = picker.clone();
    let chosen = picker.selected().map(|item| item.value.clone());
    if chosen.is_none() && !picker.is_multiple() {
        return Effects::none();
    }
    close(model);
    match (picker.purpose, chosen) {
        (Purpose::Status(id), Some(Value::Status(to))) => {
            act::act(model, &Action::status(to), &Targets::one(id))
        }
        (Purpose::Priority(id), Some(Value::Priority(to))) => {
            let fields = Fields { priority: Some(to), ..Fields::default() };
            act::act(model, &Action::fields(fields), &Targets::one(id))
        }
        (Purpose::Department(id), Some(Value::Department(to))) => {
            let fields = Fields { department: Some(to), ..Fields::default() };
            act::act(model, &Action::fields(fields), &Targets::one(id))
        }
        (Purpose::Tags(id), _) => {
            let tags = tags_chosen(model, id, &picker);
            act::act(model, &Action::tags(tags), &Targets::one(id))
        }
        (Purpose::Field(field), Some(value)) => form::choose(model, field, value),
        (Purpose::Palette(ticket), Some(Value::Command(command))) => model.run_on(command, ticket),
        _ => Effects::none(),
    }
}

/// What the marks of a picker make of the tags that the ticket has.
fn tags_chosen(model: &Model, id: TicketId, picker: &Picker) -> Tags {
    let own = model.tickets.get(id).map(|row| row.ticket.tags).unwrap_or_default();
    let marked = |label: &str| picker.marked.contains(label);
    let remove = own.iter().filter(|tag| !marked(tag.as_str())).cloned().collect();
    let add = picker
        .items
        .iter()
        .filter(|item| marked(&item.label))
        .filter_map(|item| match &item.value {
            Value::Tag(tag) if !own.contains(tag) => Some(tag.clone()),
            _ => None,
        })
        .collect();
    Tags::Change { add, remove }
}

#[cfg(test)]
mod tests;
