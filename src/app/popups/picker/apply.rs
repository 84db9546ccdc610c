//! Takes the choice on Enter.

use super::{Item, Picker, Purpose, Value, choices::TagsOf, close, commands, links, mark};
use crate::{
    app::{
        Model, act,
        effect::{Effects, Slot},
        errand::Errand,
        marks::Aim,
        notice::Level,
        popups::Kind,
    },
    domain::{
        Line,
        plan::{Action, Fields, Tags},
    },
};

pub(super) fn apply(model: &mut Model) -> Effects {
    let Some(picker) = model.popup.as_mut().and_then(Picker::of_mut) else {
        return Effects::none();
    };
    if model.slipped && picker.selected().is_some() {
        model.say(Level::Info, "the choices have just changed; look, then press the key again");
        return Effects::none();
    }
    if picker.is_awaited() {
        picker.waits = true;
        return model.requests.hurry(Slot::Choices).into();
    }
    if links::refuses(model) {
        return Effects::none();
    }
    let Some(picker) = model.top_mut::<Picker>() else { return Effects::none() };
    if let Purpose::Pipe(ticket, into) = picker.purpose {
        return commands::take(model, ticket, into);
    }
    let alone = matches!(picker.purpose, Purpose::By(_)) && picker.marked.is_empty();
    if picker.is_multiple() && (!picker.filter.is_blank() || alone && picker.moved) {
        mark(picker);
    }
    let picker = picker.clone();
    let chosen = picker.selected().map(|item| item.value.clone());
    let found_nothing = !picker.is_multiple() || !picker.filter.is_blank();
    if chosen.is_none() && found_nothing {
        return Effects::none();
    }
    close(model);
    match (picker.purpose, chosen) {
        (Purpose::Status(aim), Some(Value::Status(to))) => {
            act::aimed(model, Action::status(to), aim)
        }
        (Purpose::SubmitAs(_), Some(Value::Status(to))) => {
            model.pass(Errand::SubmitAs(to));
            Effects::none()
        }
        (Purpose::Priority(aim), Some(Value::Priority(to))) => {
            let fields = Fields { priority: Some(to), ..Fields::default() };
            act::aimed(model, Action::fields(fields), aim)
        }
        (Purpose::Department(aim), Some(Value::Department(to))) => {
            let fields = Fields { department: Some(to), ..Fields::default() };
            act::aimed(model, Action::fields(fields), aim)
        }
        (Purpose::Tags(aim), _) => {
            let tags = tags_chosen(model, aim, &picker);
            act::aimed(model, Action::tags(tags), aim)
        }
        (Purpose::Field(field), Some(value)) => {
            model.pass(Errand::Chosen(field, value));
            Effects::none()
        }
        (Purpose::By(by), chosen) => {
            let marked = |item: &&Item| picker.marked.contains(&item.label);
            let values: Vec<Value> = match by.takes_several() {
                true => picker.items.iter().filter(marked).map(|it| it.value.clone()).collect(),
                false => chosen.into_iter().collect(),
            };
            model.pass(Errand::ChosenBy(by, values));
            Effects::none()
        }
        (Purpose::Sort, Some(Value::Sort(sort))) => {
            model.pass(Errand::SortBy(sort));
            Effects::none()
        }
        (Purpose::Palette(ticket), Some(Value::Command(command))) => {
            model.pass(Errand::Run(command, ticket));
            Effects::none()
        }
        (Purpose::Link(_), Some(Value::Link(link))) => links::follow(model, link),
        _ => Effects::none(),
    }
}

/// The change of the tags by the marks of a picker.
fn tags_chosen(model: &Model, aim: Aim, picker: &Picker) -> Tags {
    let TagsOf { all: own, some } = TagsOf::of(model, aim);
    let marked = |label: &str| picker.marked.contains(label);
    // What others have added or removed since the picker was opened is theirs.
    let before = |label: &str| picker.marked_before.contains(label);
    let off = |tag: &&Line| {
        let label = tag.as_str();
        !marked(label) && (before(label) || picker.taken_off.contains(label))
    };
    let remove = own.iter().chain(&some).filter(off).cloned().collect();
    let add = picker
        .items
        .iter()
        .filter(|item| marked(&item.label))
        .filter_map(|item| match &item.value {
            Value::Tag(tag) if !before(tag.as_str()) => Some(tag.clone()),
            _ => None,
        })
        .collect();
    Tags::Change { add, remove }
}
