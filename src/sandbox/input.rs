//! The inputs of a request, from its body or its query. They are JSON or a form, trimmed, with
//! empty strings as null.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{StatusCode, header::CONTENT_TYPE, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::Failure;

/// Brackets may come percent-encoded (`tags%5B%5D=a`) or not (`tags[]=a`).
const FORM: serde_qs::Config = serde_qs::Config::new().use_form_encoding(true);

/// The named inputs of a request.
#[derive(Debug, Default)]
pub(super) struct Input(HashMap<String, Value>);

impl Input {
    /// The value of `key`; None when absent or empty.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// Whether `key` was sent, be it empty.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// One word: a text, a number as text, or the last of a field that came several times.
    pub(super) fn word(&self, key: &str) -> Option<String> {
        word(self.get(key)?)
    }

    /// A whole number, sent as number or as text. Some(Err) when it is something else.
    pub(super) fn integer(&self, key: &str) -> Option<Result<i64, NotAnInteger>> {
        let value = self.get(key)?;
        Some(match value {
            Value::Number(number) => number.as_i64().ok_or(NotAnInteger),
            Value::String(text) => text.parse().map_err(|_| NotAnInteger),
            _ => Err(NotAnInteger),
        })
    }

    /// A list's words, or the one word.
    pub(super) fn words(&self, key: &str) -> Vec<String> {
        match self.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(word).collect(),
            Some(value) => word(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// What a query or a form says.
    fn from_form(form: &[u8]) -> Result<Self, Failure> {
        let text = std::str::from_utf8(form).map_err(|error| Failure::Body(error.to_string()))?;
        let fields: HashMap<String, Value> =
            FORM.deserialize_str(text).map_err(|error| Failure::Body(error.to_string()))?;
        Ok(Self(fields).tidied())
    }

    fn from_json(json: &[u8]) -> Result<Self, Failure> {
        let fields =
            serde_json::from_slice(json).map_err(|error| Failure::Body(error.to_string()))?;
        Ok(Self(fields).tidied())
    }

    /// As the framework does before a request is looked at: trims, and empty becomes null.
    fn tidied(mut self) -> Self {
        self.0.values_mut().for_each(tidy);
        self
    }
}

/// A value that should be a whole number and is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotAnInteger;

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => items.last().and_then(word),
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

fn tidy(value: &mut Value) {
    match value {
        Value::String(text) => {
            let trimmed = text.trim();
            if trimmed.is_empty() {
                *value = Value::Null;
            } else if trimmed.len() != text.len() {
                *text = trimmed.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(fields) => fields.values_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The inputs of a body, over those of the query: a body's field wins.
impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let mut input = Self::from_form(request.uri().query().unwrap_or_default().as_bytes())?;
        let body = Bytes::from_request(request, state).await.map_err(unread)?;
        let said = if body.is_empty() {
            Self::default()
        } else if kind.contains("json") {
            Self::from_json(&body)?
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            Self::from_form(&body)?
        } else {
            return Err(Failure::MediaType);
        };
        input.0.extend(said.0);
        Ok(input)
    }
}

fn unread(rejection: BytesRejection) -> Failure {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Failure::TooLarge
    } else {
        Failure::Body(rejection.body_text())
    }
}

/// The inputs of the query alone.
#[derive(Debug)]
pub(super) struct Query(pub(super) Input);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Input::from_form(parts.uri.query().unwrap_or_default().as_bytes()).map(Self)
    }
}

/// The numbers in a path. A part that is no number leads to "not found".
#[derive(Debug)]
pub(super) struct Ids<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Ids<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|path| Self(path.0))
            .map_err(|_| Failure::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_carries_lists_with_or_without_encoded_brackets() {
        for form in
            ["tags[]=a&tags[]=b+c", "tags%5B%5D=a&tags%5B%5D=b%20c", "tags[0]=a&tags[1]=b+c"]
        {
            let input = Input::from_form(form.as_bytes()).unwrap();
            assert_eq!(input.words("tags"), ["a", "b c"], "{form}");
            assert!(input.get("tags").unwrap().is_array(), "{form}");
        }
    }

    #[test]
    fn one_list_item_is_a_list() {
        let input = Input::from_form(b"tags[]=a").unwrap();
        assert!(input.get("tags").unwrap().is_array());
    }

    #[test]
    fn inputs_are_trimmed_and_empty_ones_are_null() {
        let input = Input::from_form(b"a=+x+&b=+&c=").unwrap();
        assert_eq!(input.word("a").as_deref(), Some("x"));
        assert!(input.get("b").is_none() && input.has("b"));
        assert!(input.get("c").is_none() && input.has("c"));
        assert!(!input.has("d"));
    }

    #[test]
    fn the_last_of_a_repeated_field_counts() {
        let input = Input::from_form(b"status=1&status=2").unwrap();
        assert_eq!(input.word("status").as_deref(), Some("2"));
    }

    #[test]
    fn numbers_come_as_numbers_or_as_text() {
        let input =
            Input::from_json(br#"{"a": 7, "b": " 7 ", "c": 7.5, "d": "x", "e": true}"#).unwrap();
        assert_eq!(input.integer("a"), Some(Ok(7)));
        assert_eq!(input.integer("b"), Some(Ok(7)));
        for key in ["c", "d", "e"] {
            assert_eq!(input.integer(key), Some(Err(NotAnInteger)), "{key}");
        }
        assert_eq!(input.integer("f"), None);
    }

    #[test]
    fn a_body_that_is_no_json_object_is_refused() {
        for body in ["", "{", "[]", "7", "\"x\"", "{\"a\":1}x"] {
            assert!(matches!(Input::from_json(body.as_bytes()), Err(Failure::Body(_))), "{body}");
        }
        assert!(matches!(Input::from_form(b"\xff=1"), Err(Failure::Body(_))));
    }
}
