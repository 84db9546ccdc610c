//! The custom fields of a form: those that the profile names, and those that the server asks for.

use super::{Field, FieldErrors, Form, Kind};
use crate::{
    app::{Model, editor::Editor},
    domain::{CustomField, Line, Priority, TicketId, columns},
};

/// The columns of the labels, at least and at most.
const LABEL: std::ops::RangeInclusive<usize> = 13..=26;

/// A custom field of a form.
#[derive(Clone, Debug)]
pub struct Custom {
    /// What the API calls it.
    pub name: String,
    /// What is typed or chosen.
    pub text: Editor,
    /// The field as the profile describes it, where the profile names it.
    pub known: Option<CustomField>,
}

impl Custom {
    fn of(field: &CustomField) -> Self {
        let known = Some(field.clone());
        Self { name: field.api_name(), text: Editor::single_line(""), known }
    }

    /// One that only the server, or a draft, names.
    fn unknown(name: String, text: &str) -> Self {
        Self { name, text: Editor::single_line(text), known: None }
    }

    /// What it is called.
    pub fn title(&self) -> String {
        match &self.known {
            Some(field) => field.title.as_str().to_owned(),
            None => CustomField::title_of(&self.name),
        }
    }

    /// What can be chosen; empty if it takes any text.
    pub fn choices(&self) -> &[String] {
        self.known.as_ref().map_or(&[], |field| &field.choices)
    }

    /// Whether a new ticket has to have it.
    pub fn is_required(&self) -> bool {
        self.known.as_ref().is_some_and(|field| field.required)
    }

    /// Whether it holds a text that is none of its choices.
    fn is_strange(&self) -> bool {
        let text = self.text.text();
        !self.choices().is_empty() && !self.text.is_blank() && !self.choices().contains(&text)
    }
}

impl Form {
    /// An empty form for a new ticket, with the custom fields of the profile.
    pub(super) fn of_new(model: &Model, number: Option<TicketId>) -> Self {
        let custom = model.settings.custom_fields.iter().map(Custom::of).collect();
        let priority = Some(Priority::Normal);
        Self { priority, custom, ..Self::empty(Kind::New(number)) }
    }

    /// The custom field at a position.
    pub fn custom_at(&self, at: usize) -> Option<&Custom> {
        self.custom.get(at)
    }

    /// What the API calls a field of this form.
    pub(super) fn name_of(&self, field: Field) -> &str {
        match field {
            Field::Custom(at) => self.custom_at(at).map_or("", |it| &it.name),
            other => other.api_name(),
        }
    }

    /// What a field of this form is called.
    pub fn title_of(&self, field: Field) -> String {
        match field {
            Field::Custom(at) => self.custom_at(at).map(Custom::title).unwrap_or_default(),
            other => other.label().to_owned(),
        }
    }

    /// Whether a field takes typed text. The others are chosen.
    pub fn is_typed(&self, field: Field) -> bool {
        match field {
            Field::Subject | Field::Message => true,
            Field::Custom(at) => self.custom_at(at).is_some_and(|it| it.choices().is_empty()),
            _ => false,
        }
    }

    /// The columns of the labels, with the mark before them and the gap behind.
    pub fn label_columns(&self) -> usize {
        let widest = self.custom.iter().map(|it| columns::width(&it.title())).max().unwrap_or(0);
        (widest + 3).clamp(*LABEL.start(), *LABEL.end())
    }

    /// The custom fields as a draft keeps them: an empty one is not worth a row when the profile does
    /// not name it any more.
    pub(super) fn custom_texts(&self) -> Vec<(String, String)> {
        let kept = self.custom.iter().filter(|it| it.known.is_none() || !it.text.is_blank());
        kept.map(|it| (it.name.clone(), it.text.text())).collect()
    }

    /// Fills in the custom fields. Those that the profile names keep their places. Each other text gets
    /// a field of its own, so that nothing typed is lost. A text that is no choice any more is kept, and
    /// that is said.
    pub(super) fn fill_custom(&mut self, mut texts: Vec<(String, String)>) {
        self.custom.retain(|it| it.known.is_some());
        for custom in &mut self.custom {
            let at = texts.iter().position(|(name, _)| *name == custom.name);
            let text = at.map(|at| texts.remove(at).1).unwrap_or_default();
            custom.text = Editor::single_line(&text);
        }
        let others = texts.into_iter().map(|(name, text)| Custom::unknown(name, &text));
        self.custom.extend(others);
        self.errors.extend(self.strange());
    }

    /// What is wrong with the custom fields before the server has seen them.
    pub(super) fn missing_custom(&self) -> FieldErrors {
        let blank = self.custom.iter().filter(|it| it.is_required() && it.text.is_blank());
        let needed = |it: &Custom| said(it, "this is needed");
        blank.map(needed).chain(self.strange()).collect()
    }

    fn strange(&self) -> FieldErrors {
        let strange = self.custom.iter().filter(|it| it.is_strange());
        strange.map(|it| said(it, "this is none of the choices now: choose again")).collect()
    }

    /// Adds the custom fields that the server asks for and the form does not have yet.
    pub(super) fn ask_for_custom_fields(&mut self, named: &[CustomField]) {
        let wanted = self.errors.keys().filter(|name| CustomField::is_name(name));
        let wanted = wanted.filter(|name| self.custom.iter().all(|it| it.name != **name));
        let known = |name: &str| named.iter().find(|it| it.api_name() == name);
        let custom = |name: &String| match known(name) {
            Some(field) => Custom::of(field),
            None => Custom::unknown(name.clone(), ""),
        };
        let added: Vec<_> = wanted.map(custom).collect();
        self.custom.extend(added);
    }
}

fn said(custom: &Custom, text: &str) -> (String, Vec<Line>) {
    (custom.name.clone(), vec![Line::from_cleaned(text, None)])
}
