//! Opening a picker: on a ticket, for a field of a form, on the commands.

use std::collections::BTreeSet;

use super::{
    Picker, Purpose, Value, by,
    choices::{self, TagsOf, is_current},
};
use crate::{
    app::{
        Model,
        effect::{Effects, Read, Slot},
        errand::Pick,
        field::{By, Field},
        marks::Aim,
        popups::Kind,
    },
    domain::{Line, TicketId},
};

/// Puts the cursor of the picker on the current value, unless the agent has chosen another row. So
/// Enter alone changes nothing.
pub(super) fn rest_on_current(model: &mut Model) {
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

/// Opens the picker for what is picked of a ticket, or of the marked ones.
pub(in crate::app) fn pick(model: &mut Model, pick: Pick, aim: Aim) -> Effects {
    let of = model.aimed(aim);
    match pick {
        Pick::Status => {
            let items = choices::statuses(model);
            open(model, Picker::new(Purpose::Status(aim), format!("Status of {of}"), items))
        }
        Pick::SubmitAs => {
            let Aim::One(ticket) = aim else { return Effects::none() };
            let items = choices::statuses(model);
            let title = format!("Status of {of} with this text");
            open(model, Picker::new(Purpose::SubmitAs(ticket), title, items))
        }
        Pick::Priority => {
            let items = choices::priorities();
            open(model, Picker::new(Purpose::Priority(aim), format!("Priority of {of}"), items))
        }
        Pick::Department => {
            let items = choices::departments(&model.directory.departments);
            let title = format!("Department of {of}");
            let effects = open(model, Picker::new(Purpose::Department(aim), title, items));
            effects.and(fetch_departments(model))
        }
        Pick::Tags => open_tags(model, aim, format!("Tags of {of}")),
    }
}

/// Opens the picker for the tags of a ticket, or of the marked ones.
fn open_tags(model: &mut Model, aim: Aim, title: String) -> Effects {
    let TagsOf { all, some } = TagsOf::of(model, aim);
    let label = |tag: &Line| tag.as_str().to_owned();
    let marked: BTreeSet<String> = all.iter().map(label).collect();
    let (marked_before, partly) = (marked.clone(), some.iter().map(label).collect());
    let own = [all, some].concat();
    let items = choices::tags(model, &own);
    let picker = Picker::new(Purpose::Tags(aim), title, items);
    open(model, Picker { marked, marked_before, partly, ..picker })
}

pub(super) fn open(model: &mut Model, picker: Picker) -> Effects {
    model.requests.forget(Slot::Choices);
    model.open_popup(picker);
    rest_on_current(model);
    Effects::none()
}

/// Opens the picker for a field of the form beneath.
pub(in crate::app) fn open_field(model: &mut Model, field: Field) -> Effects {
    let client = model.form().and_then(|form| form.client.as_ref()).map(|it| it.id);
    model.requests.forget(Slot::Choices);
    let items = match field {
        Field::Department => choices::departments(&model.directory.departments),
        Field::Priority => choices::priorities(),
        Field::Project => vec![choices::item("none", "", Value::Project(None))],
        Field::Custom(at) => choices::custom(model, at),
        _ => Vec::new(),
    };
    let title = model.form().map_or_else(String::new, |form| form.title_of(field));
    let mut picker = Picker::new(Purpose::Field(field), title, items);
    let effects = match (field, client) {
        (Field::Client, _) => {
            picker.loading = true;
            model.requests.ask(Slot::Choices, Read::Clients { search: String::new() }).into()
        }
        (Field::Project, Some(client)) => {
            picker.loading = true;
            model.requests.ask(Slot::Choices, Read::Projects(client)).into()
        }
        _ => Effects::none(),
    };
    model.push_popup(picker);
    rest_on_current(model);
    match field {
        Field::Department => effects.and(fetch_departments(model)),
        _ => effects,
    }
}

/// Asks for the departments that the topmost picker offers, where none are known.
pub(super) fn fetch_departments(model: &mut Model) -> Effects {
    let Some(picker) = model.popup.as_mut().and_then(Picker::of_mut) else {
        return Effects::none();
    };
    if !model.directory.departments.is_empty() {
        return Effects::none();
    }
    picker.loading = true;
    model.requests.ask(Slot::Choices, Read::Departments).into()
}

/// Opens the picker for a field of the filter beneath.
pub(in crate::app) fn open_by(model: &mut Model, field: By) -> Effects {
    let Some(tab) = model.list.tab() else { return Effects::none() };
    model.requests.forget(Slot::Choices);
    let client = tab.narrow.client.as_ref().map(|it| it.id).or(tab.view.query.client);
    let items = by::items(model, field);
    let marked = by::marked(model, field, &items);
    let mut picker = Picker::new(Purpose::By(field), field.label(), items);
    picker.marked = marked;
    let projects = client.filter(|_| field == By::Project && !model.settings.offline);
    picker.loading = projects.is_some();
    let asked = projects.map(|client| model.requests.ask(Slot::Choices, Read::Projects(client)));
    model.push_popup(picker);
    rest_on_current(model);
    match field {
        By::Department => fetch_departments(model),
        _ => asked.into(),
    }
}

/// Opens the picker of the orders that the open view can have.
pub(in crate::app) fn open_sort(model: &mut Model) -> Effects {
    let Some(tab) = model.list.tab() else { return Effects::none() };
    let title = format!("Sort {}", tab.view.name);
    let items = choices::sorts(model);
    open(model, Picker::new(Purpose::Sort, title, items))
}

/// Opens the picker of all commands that make sense here; they will act on `ticket`.
pub(in crate::app) fn open_palette(model: &mut Model, ticket: Option<TicketId>) -> Effects {
    model.requests.forget(Slot::Choices);
    let items = choices::commands(model);
    let picker = Picker::new(Purpose::Palette(ticket), "Commands", items);
    model.open_popup(picker);
    Effects::none()
}
