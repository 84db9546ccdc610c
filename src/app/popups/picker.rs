//! Pickers: a list, letters that narrow it, one choice (or several tags).

mod apply;
mod by;
mod choices;
mod commands;
mod links;
mod open;

use std::{borrow::Cow, collections::BTreeSet};

use crokey::KeyCombination;

use apply::apply;
pub use choices::is_current;
pub(in crate::app) use commands::open_commands;
pub(in crate::app) use links::open_links;
use open::rest_on_current;
pub(in crate::app) use open::{open_by, open_field, open_palette, open_sort, pick};

pub use crate::app::field::Value;
use crate::app::{
    Model,
    at_hand::Hand,
    command::PickerCommand,
    editor::{Editor, typed_letter},
    effect::{Effects, Read, Slot},
    field::{By, Field},
    hits::Hit,
    layout::{Area, Layout},
    marks::Aim,
    message::Found,
    popups::{Kind, Surface, frame::Edge},
};
use crate::domain::{
    DraftKey, Line, Problem, StatusId, TicketId, change::stored_tag, columns, fuzzy::Search,
};

/// What a choice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The status of a ticket, or of the marked ones.
    Status(Aim),
    /// The status that is set along with the text under review on a ticket.
    SubmitAs(TicketId),
    /// The priority.
    Priority(Aim),
    /// The department.
    Department(Aim),
    /// The tags.
    Tags(Aim),
    /// A link of a ticket's messages, to be opened.
    Link(TicketId),
    /// A command that reads a ticket's conversation, and the draft that its output goes into.
    Pipe(TicketId, Option<DraftKey>),
    /// A field of the form beneath.
    Field(Field),
    /// A field of the filter beneath.
    By(By),
    /// The order of the open view.
    Sort,
    /// A command to run, on the ticket that was at hand when the choice was opened.
    Palette(Option<TicketId>),
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
    /// The labels of tags that some of the tickets have, and others not.
    pub partly: BTreeSet<String>,
    /// The labels of those of them whose mark was taken off: they go from all tickets.
    pub taken_off: BTreeSet<String>,
    /// The labels that were marked when it was opened.
    pub marked_before: BTreeSet<String>,
    /// Whether more may come from the server.
    pub loading: bool,
    /// Why nothing came, if so.
    pub problem: Option<Problem>,
    /// Whether Enter was pressed before the answer for the typed letters came. Enter waits for it.
    pub waits: bool,
    /// The letters for which the server has found the items. For other letters the items are
    /// narrowed here.
    found_for: Option<String>,
    /// Whether the agent has gone to the row under the cursor.
    moved: bool,
}

/// The rows above the choices: the filter, and a gap.
pub const HEAD: usize = 2;

/// Rows of choices on screen at most.
const MOST_ROWS: usize = 14;

impl Picker {
    /// Offers other items. The marks stay where they are, whatever the labels are now.
    fn replace(&mut self, items: Vec<Item>) {
        let before = std::mem::replace(&mut self.items, items);
        let marked = before.into_iter().filter(|item| self.marked.contains(&item.label));
        let marked: Vec<Value> = marked.map(|item| item.value).collect();
        let is_marked = |item: &&Item| marked.contains(&item.value);
        self.marked = self.items.iter().filter(is_marked).map(|item| item.label.clone()).collect();
    }

    fn new(purpose: Purpose, title: impl Into<String>, items: Vec<Item>) -> Self {
        let mut picker = Self {
            purpose,
            title: title.into(),
            filter: Editor::single_line(""),
            items,
            matches: Vec::new(),
            cursor: 0,
            marked: BTreeSet::new(),
            partly: BTreeSet::new(),
            taken_off: BTreeSet::new(),
            marked_before: BTreeSet::new(),
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
        match self.purpose {
            Purpose::Tags(_) => true,
            Purpose::By(by) => by.takes_several(),
            _ => false,
        }
    }

    /// The item under the cursor.
    pub fn selected(&self) -> Option<&Item> {
        self.items.get(*self.matches.get(self.cursor)?)
    }

    /// Whether Space marks the row under the cursor. Within a word that is typed it is a letter.
    pub fn marks(&self) -> bool {
        self.is_multiple() && (self.filter.is_blank() || self.moved)
    }

    /// The position in `matches` of the first row of so many on screen.
    pub fn first_shown(&self, rows: usize) -> usize {
        (self.cursor + 1).saturating_sub(rows.max(1))
    }

    /// Whether the server's answer for the typed letters is still missing, and no shown item
    /// belongs to them.
    fn is_awaited(&self) -> bool {
        self.loading && (self.filter.is_blank() || self.selected().is_none())
    }

    fn select(&mut self, chosen: impl Fn(&Value) -> bool) {
        let position = self.matches.iter().position(|at| chosen(&self.items[*at].value));
        self.cursor = position.unwrap_or(0);
    }

    fn narrow(&mut self) {
        let typed = self.filter.text();
        self.items.retain(|it| !matches!(it.value, Value::NewTag(_) | Value::CommandLine(_)));
        let mut search = match self.purpose {
            _ if self.found_for.as_ref() == Some(&typed) => Search::words(""),
            Purpose::Field(Field::Client)
            | Purpose::By(By::Client)
            | Purpose::Link(_)
            | Purpose::Pipe(..) => Search::words(&typed),
            _ => Search::fuzzy(&typed),
        };
        self.matches = search.rank(self.items.iter().map(|item| self.searched(item)));
        self.offer_new_tag(&typed);
        commands::offer_line(self, &typed);
        self.cursor = 0;
        self.moved = false;
    }

    /// The words by which a choice is found.
    fn searched<'i>(&self, item: &'i Item) -> Cow<'i, str> {
        match self.purpose {
            Purpose::Link(_) => Cow::Owned(format!("{} {}", item.label, item.detail)),
            _ => Cow::Borrowed(&item.label),
        }
    }

    fn offer_new_tag(&mut self, typed: &str) {
        let tag = stored_tag(typed);
        let known = self.items.iter().any(|item| item.label == tag);
        if matches!(self.purpose, Purpose::Tags(_)) && !tag.is_empty() && !known {
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

    fn title(&self, _: &Model) -> String {
        self.title.clone()
    }

    fn edge(&self, model: &Model) -> Edge {
        let apply = model.keymap.key_for(PickerCommand::Apply);
        let toggle = model.keymap.key_for(PickerCommand::Toggle);
        match self.purpose {
            Purpose::Status(_) => Edge::keys([("1-9", "sets at once"), (apply, "applies")]),
            Purpose::SubmitAs(_) => Edge::keys([("1-9", "picks at once"), (apply, "picks")]),
            Purpose::Tags(_) if self.marks() => Edge::keys([(toggle, "marks"), (apply, "applies")]),
            Purpose::Tags(_) => Edge::keys([(apply, "adds it and applies")]),
            Purpose::Palette(_) => Edge::keys([(apply, "runs it")]),
            Purpose::By(By::Status) if self.marks() => {
                Edge::keys([("1-9", "mark too"), (toggle, "marks"), (apply, "applies")])
            }
            Purpose::By(by) if by.takes_several() => {
                let toggle = if self.marks() { toggle } else { "" };
                Edge::keys([(toggle, "marks"), (apply, "applies")])
            }
            Purpose::By(_) => Edge::keys([(apply, "chooses")]),
            Purpose::Sort => {
                let reverse = model.keymap.key_for(PickerCommand::Reverse);
                Edge::keys([(apply, "sorts"), (reverse, "the other way round")])
            }
            Purpose::Link(_) => links::edge(self, model),
            Purpose::Pipe(..) => Edge::keys([(apply, "runs it")]),
            Purpose::Priority(_) | Purpose::Department(_) | Purpose::Field(_) => {
                Edge::keys([(apply, "chooses")])
            }
        }
    }

    fn size(&self, _: &Model, layout: &Layout) -> (usize, usize) {
        // Results of a search on the server come and go. The frame must not jump with them.
        if self.purpose == Purpose::Field(Field::Client) {
            return (56, HEAD + 8);
        }
        // The line that is typed comes and goes.
        if let Purpose::Pipe(..) = self.purpose {
            return (72, HEAD + self.items.len().clamp(4, MOST_ROWS));
        }
        if let Purpose::Link(_) = self.purpose {
            let columns = layout.popup_columns(links::COLUMNS);
            let rows = HEAD + self.items.len().clamp(1, MOST_ROWS) + self.rows_below(columns);
            return (columns, rows);
        }
        let widest = |text: fn(&Item) -> &str| {
            self.items.iter().take(500).map(|item| columns::width(text(item))).max().unwrap_or(0)
        };
        let columns = widest(|item| &item.label) + widest(|item| &item.detail) + 9;
        (columns.clamp(34, 90), HEAD + self.items.len().clamp(1, MOST_ROWS))
    }

    fn chosen(&self, _: &Model) -> Option<Hit> {
        Some(Hit::Choice(self.cursor))
    }

    fn hits(&self, _: &Model, inner: Area) -> Vec<(Area, Hit)> {
        let (list, _) = self.parts(inner);
        let rows =
            (self.first_shown(usize::from(list.height))..self.matches.len()).map(Hit::Choice);
        list.lines().zip(rows).collect()
    }

    fn is_over_form(&self) -> bool {
        true
    }

    fn hand(&self) -> Hand {
        Hand::Choice(self.selected().map(|item| item.value.clone()))
    }
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
        PickerCommand::Reverse => reverse(model),
        PickerCommand::Apply => return apply(model),
        PickerCommand::Copy => return links::copy(model),
        PickerCommand::Cancel => close(model),
    }
    Effects::none()
}

/// Whether a command does something at this moment.
fn works(model: &Model, command: PickerCommand) -> bool {
    match command {
        PickerCommand::Toggle => model.top::<Picker>().is_some_and(Picker::marks),
        PickerCommand::Reverse => {
            model.top::<Picker>().is_some_and(|it| it.purpose == Purpose::Sort)
        }
        PickerCommand::Copy => {
            let is_link = |it: &Picker| matches!(it.purpose, Purpose::Link(_));
            model.top::<Picker>().is_some_and(|it| is_link(it) && it.selected().is_some())
        }
        PickerCommand::Apply | PickerCommand::Cancel | PickerCommand::Step(_) => true,
    }
}

/// Turns every order that is offered round; the cursor stays on its row.
fn reverse(model: &mut Model) {
    let Some(picker) = model.top::<Picker>() else { return };
    let turned = |item: &Item| match item.value {
        Value::Sort(sort) => choices::sort(model, sort.turned()),
        _ => item.clone(),
    };
    let items = picker.items.iter().map(turned).collect();
    let Some(picker) = model.top_mut::<Picker>() else { return };
    let chosen = picker.matches.get(picker.cursor).copied();
    picker.items = items;
    picker.narrow();
    picker.moved = true;
    let at = picker.matches.iter().position(|at| Some(*at) == chosen);
    picker.cursor = at.unwrap_or(0);
}

fn toggle(picker: &mut Picker) {
    let Some(item) = picker.selected().cloned() else { return };
    // A tag that some tickets have goes from there to all, to none, and back.
    let is_partly = picker.partly.contains(&item.label);
    if picker.marked.remove(&item.label) {
        picker.taken_off.extend(Some(item.label.clone()).filter(|_| is_partly));
    } else if !picker.taken_off.remove(&item.label) {
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
    let of_status = matches!(
        picker.purpose,
        Purpose::Status(_) | Purpose::SubmitAs(_) | Purpose::By(By::Status)
    );
    if let (true, Some(digit), true) = (of_status, digit, picker.filter.is_blank()) {
        let id = StatusId(i64::from(digit));
        let at = |value: &Value| matches!(value, Value::Status(status) if status.id == id);
        let known = picker.items.iter().any(|item| at(&item.value));
        if !known {
            return Effects::none();
        }
        picker.select(at);
        if picker.is_multiple() {
            toggle(picker);
            return Effects::none();
        }
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
    if picker.purpose == Purpose::Field(Field::Client) {
        // An answer for other letters is not the answer for these.
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

/// The server's answer for the picker that has asked. If Enter waits for it and a single choice is
/// left, that choice is taken. Of several choices the agent has seen none yet.
pub(in crate::app) fn found(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    if let Ok(Found::Departments(all)) = &found {
        model.directory.departments.clone_from(all);
    }
    // Departments that only tickets or the filter have stay.
    let for_filter = matches!(&found, Ok(Found::Departments(_)))
        .then(|| by::items(model, By::Department))
        .unwrap_or_default();
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
        Ok(Found::Departments(_)) if picker.purpose == Purpose::By(By::Department) => {
            picker.replace(for_filter);
        }
        Ok(Found::Departments(all)) => picker.items = choices::departments(&all),
        Ok(Found::Links(all)) => picker.items = links::items(all),
        Ok(_) => {}
        Err(problem) => picker.problem = Some(problem),
    }
    picker.narrow();
    if let Some(before) = before {
        picker.moved = true;
        picker.select(|value| *value == before);
    }
    let takes = std::mem::take(&mut picker.waits) && picker.matches.len() == 1;
    // Nobody has seen yet where a link leads.
    let is_seen = !matches!(picker.purpose, Purpose::Link(_));
    let takes = takes && picker.problem.is_none() && is_seen;
    // A picker beneath another popup takes no choice by itself.
    let takes = takes && model.top::<Picker>().is_some();
    rest_on_current(model);
    if takes { apply(model) } else { Effects::none() }
}

#[cfg(test)]
mod tests;
