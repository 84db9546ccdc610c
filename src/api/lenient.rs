//! Values as they come: numbers as strings, objects as bare numbers, lists as maps, or nothing.
//!
//! These types always decode; an unusable value is absent.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

/// A whole number, perhaps written as a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Value")]
pub(super) struct Int(pub(super) Option<i64>);

impl From<Value> for Int {
    fn from(value: Value) -> Self {
        Self(match value {
            Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        })
    }
}

/// The whole number that a float stands for, where it is exact.
fn whole(float: f64) -> Option<i64> {
    format!("{float:.0}").parse().ok().filter(|_| float.fract() == 0.0 && float.abs() < 1e15)
}

impl Int {
    /// The number of a thing: the CRM writes 0 for none.
    pub(super) fn id(self) -> Option<i64> {
        self.0.filter(|id| *id > 0)
    }

    /// A count, which can't be negative.
    pub(super) fn count<N: TryFrom<i64>>(self) -> Option<N> {
        self.0.and_then(|count| N::try_from(count).ok())
    }
}

/// A text, perhaps written as a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Value")]
pub(super) struct LenientText(pub(super) Option<String>);

impl From<Value> for LenientText {
    fn from(value: Value) -> Self {
        Self(match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }
}

impl LenientText {
    /// The text, unless there is nothing in it.
    pub(super) fn filled(self) -> Option<String> {
        self.0.filter(|text| !text.trim().is_empty())
    }

    /// The text as a word to compare: trimmed, in lower case; empty where there is none.
    pub(super) fn word(&self) -> String {
        self.0.as_deref().unwrap_or_default().trim().to_lowercase()
    }

    /// The time that it stands for: ISO with a zone, or the CRM's local date and time in `zone`. A
    /// local time that the clock skipped is moved on by the gap. Of a local time that occurs twice,
    /// the first is taken. A zero date, or one as old, counts as no time.
    pub(super) fn time(&self, zone: &TimeZone) -> Option<Timestamp> {
        let text = self.0.as_deref()?.trim();
        let local = || {
            let local: DateTime = text.parse().ok()?;
            zone.to_ambiguous_timestamp(local).compatible().ok()
        };
        text.parse().ok().or_else(local).filter(|time| *time > Timestamp::UNIX_EPOCH)
    }
}

/// A yes or no: `true`, `1`, `"1"`, `"yes"`, `"true"` or `"on"` is a yes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Value")]
pub(super) struct Flag(pub(super) bool);

impl From<Value> for Flag {
    fn from(value: Value) -> Self {
        Self(match value {
            Value::Bool(flag) => flag,
            other => {
                matches!(LenientText::from(other).word().as_str(), "1" | "yes" | "true" | "on")
            }
        })
    }
}

/// Something with a number and a name: an object, or the bare number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Value")]
pub(super) struct Ref {
    pub(super) id: Int,
    pub(super) name: LenientText,
}

impl From<Value> for Ref {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(mut object) => {
                let mut take = |key: &str| object.remove(key).unwrap_or_default();
                let id = Int::from(take("id"));
                let mut name = |key| LenientText::from(take(key)).filled();
                let whole = ["name", "title", "company_name"].into_iter().find_map(&mut name);
                let parts = || full_name(name("first_name"), name("last_name"));
                Self { id, name: LenientText(whole.or_else(parts)) }
            }
            bare => Self { id: Int::from(bare), name: LenientText(None) },
        }
    }
}

/// A name out of its parts.
pub(super) fn full_name(first: Option<String>, last: Option<String>) -> Option<String> {
    let parts: Vec<String> = first.into_iter().chain(last).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Tag titles: a list (of texts or of objects), a map, or one text with commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Value")]
pub(super) struct LenientTags(pub(super) Vec<String>);

impl From<Value> for LenientTags {
    fn from(value: Value) -> Self {
        let titles: Vec<String> = match value {
            Value::String(text) => text.split(',').map(str::to_owned).collect(),
            Value::Array(list) => list.into_iter().filter_map(tag_title).collect(),
            Value::Object(map) => map.into_iter().filter_map(|(_, tag)| tag_title(tag)).collect(),
            _ => Vec::new(),
        };
        Self(titles.into_iter().filter(|title| !title.trim().is_empty()).collect())
    }
}

fn tag_title(tag: Value) -> Option<String> {
    match tag {
        Value::Object(mut object) => ["title", "name", "tag_title"]
            .into_iter()
            .find_map(|key| object.remove(key).and_then(|title| LenientText::from(title).filled())),
        text => LenientText::from(text).filled(),
    }
}

/// The items of a list: an array, one wrapped under `name` or `data`, or the map that PHP makes of
/// an array with gaps. `None` where it is none of these.
pub(super) fn items(data: Value, name: &str) -> Option<Vec<Value>> {
    match data {
        Value::Null => Some(Vec::new()),
        Value::Array(list) => Some(list),
        Value::Object(mut object) => {
            for key in [name, "data", "items"] {
                if matches!(object.get(key), Some(Value::Array(_) | Value::Object(_))) {
                    return items(object.remove(key)?, name);
                }
            }
            let is_list = object.keys().all(|key| key.parse::<u64>().is_ok());
            is_list.then(|| object.into_iter().map(|(_, item)| item).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_come_in_many_forms() {
        for (value, number) in [
            (json!(12), Some(12)),
            (json!("12"), Some(12)),
            (json!(" 12 "), Some(12)),
            (json!(12.0), Some(12)),
            (json!(12.5), None),
            (json!(1e300), None),
            (json!(""), None),
            (json!(true), None),
            (json!(null), None),
            (json!([]), None),
            (json!("99999999999999999999"), None),
        ] {
            assert_eq!(Int::from(value.clone()).0, number, "{value}");
        }
        assert_eq!(Int(Some(0)).id(), None);
        assert_eq!(Int(Some(-3)).count::<u32>(), None);
    }

    #[test]
    fn times_come_in_many_forms() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for (text, utc) in [
            ("2026-06-15T09:30:00.000000Z", Some("2026-06-15T09:30:00Z")),
            ("2026-06-15T11:30:00+02:00", Some("2026-06-15T09:30:00Z")),
            ("2026-06-15 11:30:00", Some("2026-06-15T09:30:00Z")),
            (" 2026-06-15T11:30 ", Some("2026-06-15T09:30:00Z")),
            ("2026-06-15", Some("2026-06-14T22:00:00Z")),
            ("2026-03-29 02:30:00", Some("2026-03-29T01:30:00Z")),
            ("2026-10-25 02:30:00", Some("2026-10-25T00:30:00Z")),
            ("0000-00-00 00:00:00", None),
            ("0000-01-01", None),
            ("0000-01-01T00:00:00Z", None),
            ("-0001-11-30T00:00:00.000000Z", None),
            ("0000-00-00", None),
            ("", None),
            ("...", None),
            ("-", None),
            ("2026-13-45 99:00:00", None),
        ] {
            let utc = utc.map(|utc| utc.parse::<Timestamp>().unwrap());
            assert_eq!(LenientText(Some(text.into())).time(&berlin), utc, "{text}");
        }
    }

    #[test]
    fn tags_come_in_many_forms() {
        let two = vec!["billing".to_owned(), "7".to_owned()];
        for value in [
            json!(["billing", 7]),
            json!({"0": "billing", "4": "7"}),
            json!([{"title": "billing"}, {"id": 1, "name": "7"}, {"id": 2}, null, ""]),
            json!("billing,7"),
        ] {
            assert_eq!(LenientTags::from(value.clone()).0, two, "{value}");
        }
        for value in [json!(null), json!([]), json!({}), json!(""), json!(true)] {
            assert!(LenientTags::from(value).0.is_empty());
        }
    }

    #[test]
    fn lists_come_wrapped() {
        for value in [
            json!([1, 2]),
            json!({"replies": [1, 2], "ticket": {}}),
            json!({"data": [1, 2]}),
            json!({"3": 1, "7": 2}),
            json!({"replies": {"3": 1, "7": 2}}),
        ] {
            assert_eq!(items(value.clone(), "replies").unwrap().len(), 2, "{value}");
        }
        assert_eq!(items(json!(null), "replies").unwrap().len(), 0);
        assert_eq!(items(json!({"id": 3}), "replies"), None);
        assert_eq!(items(json!("x"), "replies"), None);
    }
}
