//! Views of the user's own, `[[view]]`.

use super::{console::choice, sections::Section};
use crate::domain::{
    ActiveState, ClientId, DepartmentId, Priority, ProjectId, Query, Shelf, Sort, SortKey,
    StatusId, StatusMatch, View,
};

/// The view that a section describes; `None`, with a problem noted, if it has no name.
pub(super) fn read(mut section: Section<'_>) -> Option<View> {
    let name = section.string("name");
    let name_is_there = name.as_ref().is_some_and(|name| !name.value.trim().is_empty());
    if !name_is_there {
        section.reader.problem(section.at, "a view has to have a `name`");
    }
    let query = read_query(&mut section);
    let sorts = SortKey::ALL.map(|key| (key.as_str(), key));
    let key = section.string("sort").and_then(|word| choice(&section, "sort", &word, &sorts));
    let reversed = section.boolean("reversed").unwrap_or_default();
    section.finish();
    let name = name.filter(|_| name_is_there)?.value.trim().to_owned();
    Some(View { name, query, sort: Sort { key: key.unwrap_or_default(), reversed } })
}

fn read_query(section: &mut Section<'_>) -> Query {
    let status = read_status(section);
    let priorities = section.strings("priorities").map(|list| list.value).unwrap_or_default();
    let words = Priority::ALL.map(|priority| (priority.as_str(), priority));
    let priorities =
        priorities.iter().filter_map(|word| choice(section, "priorities", word, &words)).collect();
    let departments = section.numbers("departments").unwrap_or_default();
    let tags = section.strings("tags").map(|list| list.value).unwrap_or_default();
    Query {
        state: read_state(section),
        status,
        priorities,
        departments: departments.into_iter().map(DepartmentId).collect(),
        client: section.integer("client", 1..=i64::MAX).map(ClientId),
        project: section.integer("project", 1..=i64::MAX).map(ProjectId),
        shelf: if section.boolean("snoozed").unwrap_or_default() {
            Shelf::Any
        } else {
            Shelf::Awake
        },
        tags: tags.into_iter().map(|tag| tag.value.to_owned()).collect(),
        text: section.string("text").map(|text| text.value.to_owned()).unwrap_or_default(),
    }
}

fn read_state(section: &mut Section<'_>) -> ActiveState {
    if section.is_string("archived") {
        let word = section.string("archived");
        let any =
            word.and_then(|it| choice(section, "archived", &it, &[("any", ActiveState::Any)]));
        return any.unwrap_or_default();
    }
    match section.boolean("archived") {
        Some(true) => ActiveState::Archived,
        _ => ActiveState::Active,
    }
}

fn read_status(section: &mut Section<'_>) -> StatusMatch {
    let not = section.integer("status_not", 1..=i64::MAX).map(|id| StatusMatch::Not(StatusId(id)));
    if section.is_list("status") {
        let ids = section.numbers("status").unwrap_or_default();
        return StatusMatch::In(ids.into_iter().map(StatusId).collect());
    }
    let words = [("any", false), ("waiting", true)];
    let waiting =
        section.string("status").and_then(|word| choice(section, "status", &word, &words));
    match (waiting, not) {
        (Some(true), Some(_)) => {
            section.reader.problem(section.at, "a view takes `status` or `status_not`, not both");
            StatusMatch::Waiting
        }
        (Some(true), None) => StatusMatch::Waiting,
        (_, not) => not.unwrap_or_default(),
    }
}
