//! The conditions that the open view is narrowed to, in words.

use super::{Model, field::By};
use crate::domain::{Counted, Narrow, Priority, Query, StatusMatch};

/// The value of a field, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What is set here; empty where nothing is.
    pub set: String,
    /// What the view asks for by itself; empty where it asks nothing.
    pub of_view: String,
}

/// The value of a field of the open view's filter, in words.
pub fn told(model: &Model, by: By) -> Told {
    let Some(tab) = model.list.tab() else { return Told::default() };
    let (narrow, query) = (&tab.narrow, &tab.view.query);
    let set = match by {
        By::Words => tab.filter.clone(),
        _ => words_of(model, by, narrow),
    };
    Told { set, of_view: words_of_view(model, by, query) }
}

/// What a filter asks of a field.
pub fn words_of(model: &Model, by: By, narrow: &Narrow) -> String {
    let client = || narrow.client.as_ref().map(|it| it.name.to_string());
    let project = || narrow.project.as_ref().map(|it| it.title.to_string());
    match by {
        By::Status => joined(narrow.statuses.iter().map(|id| model.status(*id).title.to_string())),
        By::Priority => joined(narrow.priorities.iter().map(Priority::to_string)),
        By::Department => joined(narrow.departments.iter().map(|id| model.department_name(*id))),
        By::Client => client().unwrap_or_default(),
        By::Project => project().unwrap_or_default(),
        By::Tags => narrow.tags.join(" "),
        By::State => narrow.state.map(|it| it.as_str().to_owned()).unwrap_or_default(),
        By::Words => String::new(),
    }
}

/// What a view asks of a field by itself.
pub fn words_of_view(model: &Model, by: By, query: &Query) -> String {
    let title = |id| model.status(id).title.to_string();
    match by {
        By::Status => match &query.status {
            StatusMatch::Any => String::new(),
            StatusMatch::Waiting => "where the customer waits".to_owned(),
            StatusMatch::Not(id) => format!("not {}", title(*id)),
            StatusMatch::In(some) => joined(some.iter().map(|id| title(*id))),
        },
        By::Priority => joined(query.priorities.iter().map(Priority::to_string)),
        By::Department => joined(query.departments.iter().map(|id| model.department_name(*id))),
        By::Client => query.client.map_or_else(String::new, |id| {
            let name = model.tickets.rows().client_name(id).map(|it| it.to_string());
            name.unwrap_or_else(|| format!("client {}", id.0))
        }),
        By::Project => query.project.map_or_else(String::new, |id| format!("project {}", id.0)),
        By::Tags => query.tags.join(" "),
        By::State => query.state.as_str().to_owned(),
        By::Words => query.text.clone(),
    }
}

fn joined(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// The conditions of a filter, a chip for each.
pub fn chips(model: &Model, narrow: &Narrow) -> Vec<String> {
    let words = By::ALL.map(|by| (by, words_of(model, by, narrow)));
    let mut chips = Vec::new();
    for (by, words) in words.into_iter().filter(|(_, words)| !words.is_empty()) {
        match by {
            By::Tags => chips.extend(narrow.tags.iter().map(|tag| format!("tag {tag}"))),
            _ => chips.push(words),
        }
    }
    chips.extend(narrow.counted.iter().map(Counted::words));
    chips
}
