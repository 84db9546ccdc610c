//! Custom fields of tickets.

use super::Line;

/// What the API's names of custom fields begin with (the API page, "Create a ticket").
const PREFIX: &str = "ticket_custom_field_";

/// A custom field of the CRM, as a profile describes it. The API does not tell what fields there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomField {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub title: Line,
    /// Whether a new ticket has to have it.
    pub required: bool,
    /// What can be chosen; empty if it takes any text.
    pub choices: Vec<String>,
}

impl CustomField {
    /// What the API calls it.
    pub fn api_name(&self) -> String {
        format!("{PREFIX}{}", self.id)
    }

    /// Whether the API calls a custom field so.
    pub fn is_name(name: &str) -> bool {
        name.starts_with(PREFIX)
    }

    /// The title of a custom field of which only the API's name is known.
    pub fn title_of(name: &str) -> String {
        name.strip_prefix(PREFIX)
            .map_or_else(|| name.to_owned(), |number| format!("Custom {number}"))
    }
}
