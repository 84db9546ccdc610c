//! The choices for the fields of the filter. They come from the tickets at hand, so that they are there
//! at once and none of them is without a ticket.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Item, Value,
    choices::{self, item},
};
use crate::{
    app::{Model, field::By},
    domain::{ActiveState, Department, DepartmentId, Line, Named, Project},
};

/// What can be chosen for a field.
pub(super) fn items(model: &Model, field: By) -> Vec<Item> {
    distinct(match field {
        By::Status => statuses(model),
        By::Priority => choices::priorities(),
        By::Department => choices::departments(&departments(model)),
        By::Client => clients(model),
        By::Project => projects(model),
        By::Tags => tags(model),
        By::State => states(model),
        By::Words => Vec::new(),
    })
}

/// The labels of the choices that the filter has already.
pub(super) fn marked(model: &Model, field: By, items: &[Item]) -> BTreeSet<String> {
    let Some(tab) = model.list.tab().filter(|_| field.takes_several()) else {
        return BTreeSet::new();
    };
    let narrow = &tab.narrow;
    let has = |item: &&Item| match &item.value {
        Value::Status(it) => narrow.statuses.contains(&it.id),
        Value::Priority(it) => narrow.priorities.contains(it),
        Value::Department(it) => narrow.departments.contains(&it.id),
        Value::Tag(it) => narrow.tags.iter().any(|tag| tag == it.as_str()),
        _ => false,
    };
    items.iter().filter(has).map(|item| item.label.clone()).collect()
}

fn statuses(model: &Model) -> Vec<Item> {
    let mut items = choices::statuses(model);
    let known = |id| move |item: &Item| matches!(&item.value, Value::Status(it) if it.id == id);
    for id in model.list.tab().into_iter().flat_map(|tab| &tab.narrow.statuses) {
        if !items.iter().any(known(*id)) {
            let status = model.status(*id);
            let title = status.title.to_string();
            items.push(item(title, id.0.to_string(), Value::Status(status)));
        }
    }
    items
}

/// The departments that the server has, those that tickets have, and those of the filter.
fn departments(model: &Model) -> Vec<Department> {
    let mut all: BTreeMap<DepartmentId, Department> = BTreeMap::new();
    for one in model.directory.departments.iter().chain(model.tickets.rows().departments()) {
        all.entry(one.id).or_insert_with(|| one.clone());
    }
    for id in model.list.tab().into_iter().flat_map(|tab| &tab.narrow.departments) {
        let name = || Line::from_cleaned(model.department_name(*id), None);
        all.entry(*id).or_insert_with(|| Named { id: *id, name: name() });
    }
    all.into_values().collect()
}

/// The tags of tickets, and those of the filter that no ticket has any more.
fn tags(model: &Model) -> Vec<Item> {
    let mut items = choices::tags(model, &[]);
    for tag in model.list.tab().into_iter().flat_map(|tab| &tab.narrow.tags) {
        if !items.iter().any(|item| item.label == *tag) {
            let value = Value::Tag(Line::from_cleaned(tag.as_str(), None));
            items.push(item(tag.as_str(), "0", value));
        }
    }
    items
}

fn count(tickets: usize) -> String {
    if tickets == 1 { "1 ticket".to_owned() } else { format!("{tickets} tickets") }
}

fn clients(model: &Model) -> Vec<Item> {
    let clients = model.tickets.rows().client_uses().into_iter();
    let clients = clients.map(|(id, (name, uses))| {
        let value = Value::Client(Named { id, name: name.clone() });
        item(name.as_str(), count(uses), value)
    });
    let any = item("any client", "", Value::AnyClient);
    [any].into_iter().chain(choices::by_name(clients.collect())).collect()
}

/// The projects of the tickets at hand, of one client if one is chosen. The server alone knows their
/// titles.
fn projects(model: &Model) -> Vec<Item> {
    let tab = model.list.tab();
    let chosen =
        tab.and_then(|it| it.narrow.client.as_ref().map(|it| it.id).or(it.view.query.client));
    let uses = model.tickets.rows().project_uses().into_iter();
    let uses = uses.filter(|(_, (client, _))| chosen.is_none() || client.map(|it| it.id) == chosen);
    let projects = uses.map(|(id, (client, uses))| {
        let title = Line::from_cleaned(format!("project {}", id.0), None);
        let client = client.map_or_else(String::new, |it| format!("{} · ", it.name));
        let label = title.as_str().to_owned();
        let value = Value::Project(Some(Project { id, title }));
        item(label, format!("{client}{}", count(uses)), value)
    });
    let any = item("any project", "", Value::Project(None));
    [any].into_iter().chain(projects).collect()
}

fn states(model: &Model) -> Vec<Item> {
    let own = model.list.tab().map(|tab| tab.view.query.state).unwrap_or_default();
    let others = ActiveState::ALL.into_iter().filter(|state| *state != own);
    let others = others.map(|it| item(it.as_str(), "", Value::State(Some(it))));
    let as_view = item(own.as_str(), "as the view has it", Value::State(None));
    [as_view].into_iter().chain(others).collect()
}

/// The same, with the numbers of those that have the name of another.
fn distinct(mut items: Vec<Item>) -> Vec<Item> {
    let mut names: HashMap<String, usize> = HashMap::new();
    for item in &items {
        *names.entry(item.label.clone()).or_default() += 1;
    }
    for item in items.iter_mut().filter(|item| names.get(&item.label) > Some(&1)) {
        let number = match &item.value {
            Value::Status(it) => it.id.0,
            Value::Department(it) => it.id.0,
            Value::Client(it) => it.id.0,
            _ => continue,
        };
        item.label = format!("{} ({number})", item.label);
    }
    items
}
