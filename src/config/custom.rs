//! The sections `[[profile.NAME.field]]`: custom fields of the CRM.

use std::collections::BTreeSet;

use super::sections::{Placed, Section};
use crate::{
    domain::{CustomField, Line},
    text::clean,
};

/// Reads the custom fields of a profile, in their order.
pub(super) fn read(profile: &mut Section<'_>) -> Vec<CustomField> {
    let mut ids = BTreeSet::new();
    let sections = profile.sections("field").into_iter();
    sections.filter_map(|section| field(section, &mut ids)).collect()
}

fn field(mut section: Section<'_>, ids: &mut BTreeSet<i64>) -> Option<CustomField> {
    let (reader, at) = (section.reader, section.at);
    let before = reader.count();
    let id = section.integer("id", 1..=i64::MAX);
    if id.is_none() && reader.count() == before {
        reader.problem(at, "a field has to have an `id`: the number N in ticket_custom_field_N");
    }
    if let Some(id) = id.filter(|id| !ids.insert(*id)) {
        reader.problem(at, format!("the profile has a field with the `id` {id} already"));
    }
    let title = section.string("title");
    let required = section.boolean("required").unwrap_or_default();
    let choices = section.strings("choices");
    let title = match (title, id) {
        (Some(title), _) => {
            if title.value.trim().is_empty() {
                reader.problem(title.at, "the `title` of a field can't be blank");
            }
            clean::line(title.value.trim())
        }
        (None, id) => {
            let name = id.map(|id| format!("Custom {id}")).unwrap_or_default();
            Line::from_cleaned(name, None)
        }
    };
    if let Some(choices) = &choices {
        check(choices, &section);
    }
    section.finish();
    let choices = choices.map(|it| it.value).unwrap_or_default();
    let choices = choices.into_iter().map(|it| it.value.to_owned()).collect();
    Some(CustomField { id: id?, title, required, choices })
}

/// Choices are sent as they stand here. So they have to be what a row of the console can show.
fn check(choices: &Placed<Vec<Placed<&str>>>, section: &Section<'_>) {
    let reader = section.reader;
    if choices.value.is_empty() && section.is_empty_list("choices") {
        let reason = "`choices` is empty; without `choices` the field takes any text";
        reader.problem(choices.at, reason);
    }
    let mut known = BTreeSet::new();
    for choice in &choices.value {
        if choice.value.trim().is_empty() || choice.value.chars().any(char::is_control) {
            reader.problem(choice.at, "a choice has to be one line of text, and not blank");
        } else if !known.insert(choice.value) {
            reader.problem(choice.at, format!("the choice \"{}\" is there twice", choice.value));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::File;

    const WORK: &str = "[profile.work]\nurl = \"https://a.example\"\n";

    fn read(fields: &str) -> Result<Vec<CustomField>, String> {
        let file = File::parse(&format!("{WORK}{fields}"), Path::new("c.toml"));
        Ok(file.map_err(|error| error.to_string())?.profiles.remove(0).custom)
    }

    #[test]
    fn the_fields_of_a_profile_are_read_in_their_order() {
        let fields = read(
            "[[profile.work.field]]\nid = 7\ntitle = \" Product \"\nrequired = true\n\
             choices = [\"Router\", \"Line card\"]\n[[profile.work.field]]\nid = 3\n",
        );
        let field = |id, title: &str, required, choices: &[&str]| CustomField {
            id,
            title: Line::from_cleaned(title, None),
            required,
            choices: choices.iter().map(|it| (*it).to_owned()).collect(),
        };
        let wanted =
            [field(7, "Product", true, &["Router", "Line card"]), field(3, "Custom 3", false, &[])];
        assert_eq!(fields, Ok(wanted.to_vec()));
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn what_is_no_field_is_said_with_its_line() {
        for (field, said) in [
            ("title = \"Product\"", "c.toml:3: a field has to have an `id`"),
            ("id = 0", "c.toml:4: `id` has to be a number from 1 on, not 0"),
            ("id = \"7\"", "c.toml:4: `id` has to be a number from 1 on, not string"),
            ("id = 7\ntitel = \"x\"", "c.toml:5: unknown key `titel` in [profile.work.field]; did"),
            ("id = 7\ntitle = \" \"", "c.toml:5: the `title` of a field can't be blank"),
            ("id = 7\nrequired = 1", "c.toml:5: `required` has to be true or false"),
            ("id = 7\nchoices = \"a\"", "c.toml:5: `choices` has to be a list of strings"),
            ("id = 7\nchoices = [1]", "c.toml:5: `choices` has to be a list of strings"),
            ("id = 7\nchoices = []", "c.toml:5: `choices` is empty; without"),
            ("id = 7\nchoices = [\"a\",\n\" \"]", "c.toml:6: a choice has to be one line"),
            ("id = 7\nchoices = [\"a\\u001b[2J\"]", "c.toml:5: a choice has to be one line"),
            ("id = 7\nchoices = [\"a\", \"a\"]", "c.toml:5: the choice \"a\" is there twice"),
            ("id = 7\n[[profile.work.field]]\nid = 7", "c.toml:5: the profile has a field with"),
        ] {
            let error = read(&format!("[[profile.work.field]]\n{field}\n")).unwrap_err();
            assert!(error.contains(said), "{field}: {error}");
            assert_eq!(error.matches("c.toml:").count(), 1, "{field}: {error}");
        }
        let error = read("[profile.work.field]\nid = 7\n").unwrap_err();
        let said = "`field` has to be a list of sections, [[profile.work.field]], not table";
        assert!(error.contains(said), "{error}");
    }

    #[test]
    fn two_profiles_may_have_the_same_field() {
        let field = |name: &str| format!("[[profile.{name}.field]]\nid = 7\n");
        let other = "[profile.b]\nurl = \"https://b.example\"\n";
        assert!(read(&format!("{}{other}{}", field("work"), field("b"))).is_ok());
    }
}
