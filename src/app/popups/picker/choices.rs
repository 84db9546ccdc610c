//! The choices of a picker.

use std::collections::{BTreeMap, BTreeSet};

use super::{Item, Purpose, Value};
use crate::{
    app::{
        Model,
        command::{ConsoleCommand, Scope, TABLE},
        field::Field,
        marks::Aim,
    },
    domain::{
        Client, Department, Line, Named, Priority, Project, Shelf, Sort, SortKey, Status, StatusId,
        TicketId,
    },
};

pub(super) fn item(label: impl Into<String>, detail: impl Into<String>, value: Value) -> Item {
    Item { label: label.into(), detail: detail.into(), value }
}

/// Whether a value is the current one of the field to be chosen.
pub fn is_current(model: &Model, purpose: Purpose, value: &Value) -> bool {
    let ticket = |id: TicketId| model.tickets.rows().get(id);
    match (purpose, value) {
        (Purpose::Status(Aim::One(id)) | Purpose::SubmitAs(id), Value::Status(it)) => {
            ticket(id).is_some_and(|row| row.status.id == it.id)
        }
        (Purpose::Priority(Aim::One(id)), Value::Priority(it)) => {
            ticket(id).is_some_and(|row| row.priority == *it)
        }
        (Purpose::Department(Aim::One(id)), Value::Department(it)) => {
            ticket(id).is_some_and(|row| row.department.map(|now| now.id) == Some(it.id))
        }
        (Purpose::By(_), value) => model.list.tab().is_some_and(|tab| match value {
            Value::AnyClient => tab.narrow.client.is_none(),
            Value::Client(it) => tab.narrow.client.as_ref().map(|now| now.id) == Some(it.id),
            Value::Project(it) => {
                tab.narrow.project.as_ref().map(|now| now.id) == it.as_ref().map(|it| it.id)
            }
            Value::State(it) => tab.narrow.state == *it,
            _ => false,
        }),
        (Purpose::Sort, Value::Sort(it)) => {
            model.list.tab().is_some_and(|tab| tab.view.sort == *it)
        }
        (Purpose::Field(_), value) => model.form().is_some_and(|form| match value {
            Value::Client(it) => form.client.as_ref().map(|now| now.id) == Some(it.id),
            Value::Department(it) => form.department.as_ref().map(|now| now.id) == Some(it.id),
            Value::Priority(it) => form.priority == Some(*it),
            Value::Custom(it) => match purpose {
                Purpose::Field(Field::Custom(at)) => {
                    form.custom_at(at).is_some_and(|custom| custom.text.text() == *it)
                }
                _ => false,
            },
            Value::Project(it) => {
                form.project.as_ref().map(|now| now.id) == it.as_ref().map(|it| it.id)
            }
            _ => false,
        }),
        _ => false,
    }
}

pub(super) fn statuses(model: &Model) -> Vec<Item> {
    let mut known: BTreeMap<StatusId, Status> =
        Status::usual().into_iter().map(|status| (status.id, status)).collect();
    known.extend(model.directory.statuses.iter().map(|status| (status.id, status.clone())));
    known
        .into_values()
        .map(|it| item(it.title.as_str(), it.id.0.to_string(), Value::Status(it.clone())))
        .collect()
}

pub(super) fn priorities() -> Vec<Item> {
    let all = Priority::ALL.into_iter().rev();
    all.map(|it| item(it.as_str(), "", Value::Priority(it))).collect()
}

/// The server lists look-ups by number; people look for names.
pub(super) fn by_name(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_cached_key(|item| item.label.to_lowercase());
    items
}

pub(super) fn departments(all: &[Department]) -> Vec<Item> {
    let all = all.iter();
    by_name(all.map(|it| item(it.name.as_str(), "", Value::Department(it.clone()))).collect())
}

/// The choices of a custom field, in the order of the profile.
pub(super) fn custom(model: &Model, at: usize) -> Vec<Item> {
    let Some(custom) = model.form().and_then(|form| form.custom_at(at)) else { return Vec::new() };
    let none = (!custom.is_required()).then(|| item("none", "", Value::Custom(String::new())));
    let choices = custom.choices().iter().map(|it| item(it, "", Value::Custom(it.clone())));
    none.into_iter().chain(choices).collect()
}

pub(super) fn clients(all: Vec<Client>) -> Vec<Item> {
    let client = |it: Client| {
        let detail = it.phone.map(|phone| phone.to_string()).unwrap_or_default();
        item(it.name.as_str(), detail, Value::Client(Named { id: it.id, name: it.name.clone() }))
    };
    by_name(all.into_iter().map(client).collect())
}

pub(super) fn projects(all: Vec<Project>) -> Vec<Item> {
    let project =
        |it: Project| item(it.title.as_str(), it.id.to_string(), Value::Project(Some(it.clone())));
    by_name(all.into_iter().map(project).collect())
}

/// An order, with what stands at its top.
pub(super) fn sort(model: &Model, sort: Sort) -> Item {
    let is_own = model.list.tab().is_some_and(|tab| tab.own_sort == sort);
    let detail = if is_own { "as the view has it" } else { "" };
    item(format!("{}: {}", sort.key.as_str(), sort.words()), detail, Value::Sort(sort))
}

/// Every order, the way round that the open view is sorted.
pub(super) fn sorts(model: &Model) -> Vec<Item> {
    let reversed = model.list.tab().is_some_and(|tab| tab.view.sort.reversed);
    let shelf = model.list.tab().map(|tab| tab.view.query.shelf);
    let wake = (shelf == Some(Shelf::Snoozed)).then_some(SortKey::Wake);
    let keys = wake.into_iter().chain(SortKey::ALL);
    keys.map(|key| sort(model, Sort { key, reversed })).collect()
}

/// The commands that make sense here.
pub(super) fn commands(model: &Model) -> Vec<Item> {
    let scopes = model.scopes();
    let shown = TABLE.iter().filter(|spec| {
        scopes.contains(&spec.scope)
            && spec.scope != Scope::Everywhere
            && spec.command != ConsoleCommand::Palette.into()
    });
    let commands = shown.map(|spec| {
        let keys = model.keymap.keys_in(&scopes, spec.command).join(", ");
        item(format!("{}: {}", spec.name, spec.title), keys, Value::Command(spec.command))
    });
    commands.collect()
}

/// The tags of the tickets that a picker is about.
#[derive(Debug, Default)]
pub(super) struct TagsOf {
    /// Those that all of them have, in the order of the first one.
    pub(super) all: Vec<Line>,
    /// Those that some of them have, and others not.
    pub(super) some: Vec<Line>,
}

impl TagsOf {
    pub(super) fn of(model: &Model, aim: Aim) -> Self {
        let ids = match aim {
            Aim::One(id) => vec![id],
            Aim::Marked => model.listed_marks(),
        };
        let rows = ids.iter().filter_map(|id| model.tickets.rows().get(*id));
        let (mut uses, mut first, mut many) = (BTreeMap::<&Line, usize>::new(), None, 0);
        for row in rows {
            many += 1;
            first.get_or_insert(row.tags);
            let own: BTreeSet<&Line> = row.tags.iter().collect();
            own.into_iter().for_each(|tag| *uses.entry(tag).or_default() += 1);
        }
        let in_all = |tag: &Line| uses.get(tag) == Some(&many);
        let all = first.into_iter().flatten().filter(|tag| in_all(tag)).cloned().collect();
        let some = uses.keys().filter(|tag| !in_all(tag)).map(|tag| (*tag).clone()).collect();
        Self { all, some }
    }
}

/// The tickets' own tags first, then those in use elsewhere, most used first.
pub(super) fn tags(model: &Model, own: &[Line]) -> Vec<Item> {
    let own: BTreeSet<&Line> = own.iter().collect();
    let mut all: Vec<(&Line, usize)> = model.tickets.rows().tag_uses().into_iter().collect();
    all.sort_by_key(|(tag, uses)| (!own.contains(tag), std::cmp::Reverse(*uses)));
    all.into_iter()
        .map(|(tag, uses)| item(tag.as_str(), uses.to_string(), Value::Tag(tag.clone())))
        .collect()
}
