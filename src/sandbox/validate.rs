//! The framework's validation: its rules, its wording, its answer.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{answer::Failure, input::Input};

/// The longest subject, in characters.
const SUBJECT_MAX: usize = 250;

/// What is wrong with a request, by field and in the order in which it was found.
#[derive(Debug, Default)]
pub(super) struct Errors(Vec<(String, Vec<String>)>);

impl Errors {
    fn add(&mut self, field: &str, message: String) {
        match self.0.iter_mut().find(|(known, _)| known == field) {
            Some((_, messages)) => messages.push(message),
            None => self.0.push((field.to_owned(), vec![message])),
        }
    }

    fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(known, _)| known == field)
    }
}

/// The framework's summary: the first error, and how many more there are.
impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = self.0.iter().flat_map(|(_, messages)| messages);
        let Some(first) = all.next() else { return f.write_str("The given data was invalid.") };
        f.write_str(first)?;
        match all.count() {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more error)"),
            more => write!(f, " (and {more} more errors)"),
        }
    }
}

impl Serialize for Errors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(field, messages)| (field, messages)))
    }
}

/// Checks the fields of one request and gathers what is wrong. A check that fails gives None and
/// goes on, so that the answer names everything at once.
#[derive(Debug)]
pub(super) struct Checker<'a> {
    input: &'a Input,
    errors: Errors,
}

impl<'a> Checker<'a> {
    pub(super) fn new(input: &'a Input) -> Self {
        Self { input, errors: Errors::default() }
    }

    /// A field that must be there and be text.
    pub(super) fn text(&mut self, field: &str) -> Option<String> {
        match self.input.get(field) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => self.fail(field, |name| format!("The {name} field must be a string.")),
            None => self.fail(field, required),
        }
    }

    /// A custom field: text, which has to be there where `required`. Errors name it by its title.
    pub(super) fn custom(&mut self, field: &str, title: &str, required: bool) -> Option<String> {
        match self.input.get(field) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => self.fail(field, |_| format!("The {title} field must be a string.")),
            None if required => self.fail(field, |_| self::required(title)),
            None => None,
        }
    }

    /// A subject: text, 250 characters at most, and without markup where `plain`.
    pub(super) fn subject(&mut self, field: &str, plain: bool) -> Option<String> {
        let subject = self.text(field)?;
        if subject.chars().count() > SUBJECT_MAX {
            return self.fail(field, |name| {
                format!("The {name} field must not be greater than {SUBJECT_MAX} characters.")
            });
        }
        if plain && has_markup(&subject) {
            return self
                .fail(field, |name| format!("The {name} field must not contain HTML tags."));
        }
        Some(subject)
    }

    /// A field that must be there and name one of `words`.
    pub(super) fn one_of(&mut self, field: &str, words: &[&str]) -> Option<String> {
        let word = self.text(field)?;
        if words.contains(&word.as_str()) { Some(word) } else { self.selected(field) }
    }

    /// As [`Self::one_of`], with a value for an absent field.
    pub(super) fn one_of_or(
        &mut self,
        field: &str,
        words: &[&str],
        default: &str,
    ) -> Option<String> {
        match self.input.get(field) {
            None => Some(default.to_owned()),
            Some(_) => self.one_of(field, words),
        }
    }

    /// A field that must be there and be a number that `exists`.
    pub(super) fn id(
        &mut self,
        field: &str,
        exists: impl FnOnce(i64) -> rusqlite::Result<bool>,
    ) -> Result<Option<i64>, Failure> {
        if self.input.get(field).is_none() {
            return Ok(self.fail(field, required));
        }
        self.optional_id(field, exists)
    }

    /// A field that may be absent, and otherwise is a number that `exists`.
    pub(super) fn optional_id(
        &mut self,
        field: &str,
        exists: impl FnOnce(i64) -> rusqlite::Result<bool>,
    ) -> Result<Option<i64>, Failure> {
        Ok(match self.input.integer(field) {
            None => None,
            Some(Err(_)) => {
                self.fail(field, |name| format!("The {name} field must be an integer."))
            }
            Some(Ok(id)) if exists(id)? => Some(id),
            Some(Ok(_)) => self.selected(field),
        })
    }

    /// A list of texts that must be there; it may be empty.
    pub(super) fn texts(&mut self, field: &str) -> Option<Vec<String>> {
        if !self.input.has(field) {
            return self.fail(field, |name| format!("The {name} field must be present."));
        }
        let Some(Value::Array(items)) = self.input.get(field) else {
            return self.fail(field, |name| format!("The {name} field must be an array."));
        };
        let mut texts = Vec::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text.clone()),
                Value::Number(number) => texts.push(number.to_string()),
                Value::Null => {}
                _ => {
                    self.fail::<()>(&format!("{field}.{position}"), |name| {
                        format!("The {name} field must be a string.")
                    });
                }
            }
        }
        Some(texts)
    }

    /// Refuses the request when anything was wrong.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.errors.0.is_empty() { Ok(()) } else { Err(Failure::Invalid(self.errors)) }
    }

    fn selected<T>(&mut self, field: &str) -> Option<T> {
        self.fail(field, |name| format!("The selected {name} is invalid."))
    }

    fn fail<T>(&mut self, field: &str, message: impl FnOnce(&str) -> String) -> Option<T> {
        if !self.errors.has(field) {
            self.errors.add(field, message(&field.replace('_', " ")));
        }
        None
    }
}

fn required(name: &str) -> String {
    format!("The {name} field is required.")
}

/// Whether the server's tag stripping would change the text: it has a `<` with anything but a space
/// behind it.
fn has_markup(text: &str) -> bool {
    let mut following = text.chars().skip(1);
    text.chars().any(|c| {
        let next = following.next();
        c == '<' && next.is_some_and(|next| !next.is_whitespace())
    })
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::FromRequest, http::Request};
    use serde_json::json;

    use super::*;

    async fn input(body: Value) -> Input {
        let request = Request::post("/")
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        Input::from_request(request, &()).await.unwrap()
    }

    fn errors(checker: Checker<'_>) -> (String, Value) {
        let Err(Failure::Invalid(errors)) = checker.finish() else { panic!("nothing was wrong") };
        (errors.to_string(), serde_json::to_value(&errors).unwrap())
    }

    #[tokio::test]
    async fn everything_that_is_wrong_is_named_at_once() {
        let input = input(json!({ "ticket_priority": "low", "ticket_clientid": "x" })).await;
        let mut checker = Checker::new(&input);
        checker.subject("ticket_subject", true);
        checker.one_of("ticket_priority", &["normal"]);
        checker.id("ticket_clientid", |_| Ok(true)).unwrap();
        let (message, errors) = errors(checker);
        assert_eq!(message, "The ticket subject field is required. (and 2 more errors)");
        assert_eq!(
            errors,
            json!({
                "ticket_subject": ["The ticket subject field is required."],
                "ticket_priority": ["The selected ticket priority is invalid."],
                "ticket_clientid": ["The ticket clientid field must be an integer."],
            })
        );
    }

    #[tokio::test]
    async fn a_subject_holds_250_characters_not_bytes() {
        let fits = input(json!({ "s": "é".repeat(250) })).await;
        assert!(Checker::new(&fits).subject("s", true).is_some());
        let long = input(json!({ "s": "é".repeat(251) })).await;
        let mut checker = Checker::new(&long);
        assert!(checker.subject("s", true).is_none());
        assert_eq!(errors(checker).0, "The s field must not be greater than 250 characters.");
    }

    #[tokio::test]
    async fn markup_is_refused_only_where_the_subject_must_be_plain() {
        for (subject, markup) in
            [("a <b", true), ("<i>x</i>", true), ("a < b", false), ("a > b", false), ("a <", false)]
        {
            let input = input(json!({ "s": subject })).await;
            assert_eq!(Checker::new(&input).subject("s", true).is_none(), markup, "{subject}");
            assert!(Checker::new(&input).subject("s", false).is_some(), "{subject}");
        }
    }

    #[tokio::test]
    async fn tags_must_be_sent_and_be_a_list() {
        for (body, message) in [
            (json!({}), "The tags field must be present."),
            (json!({ "tags": null }), "The tags field must be an array."),
            (json!({ "tags": "a" }), "The tags field must be an array."),
            (json!({ "tags": [["a"]] }), "The tags.0 field must be a string."),
        ] {
            let input = input(body).await;
            let mut checker = Checker::new(&input);
            checker.texts("tags");
            assert_eq!(errors(checker).0, message);
        }
        let empty = input(json!({ "tags": [] })).await;
        assert_eq!(Checker::new(&empty).texts("tags"), Some(vec![]));
    }
}
