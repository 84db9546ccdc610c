//! Changes an answer as some installations do.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::faults::Quirk;

/// The dates that an installation may keep in local time or as zeros.
const LOOSE_DATES: [&str; 2] = ["last_updated", "status_changed"];

/// Changes every ticket in the answer.
pub(super) fn apply(quirk: &Quirk, answer: &mut Value) {
    match answer.get_mut("data") {
        Some(Value::Array(items)) if *quirk == Quirk::BrokenItem => {
            items.iter_mut().next_back().into_iter().for_each(|last| *last = json!("?"));
        }
        Some(Value::Array(items)) => items.iter_mut().for_each(|item| change(quirk, item)),
        Some(item) => change(quirk, item),
        None => {}
    }
}

fn change(quirk: &Quirk, item: &mut Value) {
    match quirk {
        Quirk::ZeroDates => dates(item, |_| Some(json!("0000-00-00 00:00:00"))),
        Quirk::LocalTimes(zone) => dates(item, |date| local(date, zone)),
        Quirk::BrokenItem => {}
        Quirk::NoDepartment => replace(item, "department", Value::Null),
        Quirk::NoClient => replace(item, "client", json!({ "id": null, "name": null })),
    }
}

fn replace(item: &mut Value, key: &str, with: Value) {
    if let Some(value) = item.get_mut(key) {
        *value = with;
    }
}

fn dates(item: &mut Value, with: impl Fn(&Value) -> Option<Value>) {
    for key in LOOSE_DATES {
        if let Some(date) = item.get_mut("dates").and_then(|dates| dates.get_mut(key))
            && let Some(changed) = with(date)
        {
            *date = changed;
        }
    }
}

fn local(date: &Value, zone: &TimeZone) -> Option<Value> {
    let time: Timestamp = date.as_str()?.parse().ok()?;
    Some(json!(time.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Value {
        json!({ "data": [{ "department": { "id": 1 }, "client": { "id": 1 }, "dates": {
            "created": "2026-06-15T09:30:00.000000Z",
            "last_updated": "2026-06-15T09:30:00.000000Z",
            "status_changed": null,
        } }] })
    }

    #[test]
    fn zero_dates_spare_the_creation() {
        let mut answer = answer();
        apply(&Quirk::ZeroDates, &mut answer);
        let dates = &answer["data"][0]["dates"];
        assert_eq!(dates["created"], "2026-06-15T09:30:00.000000Z");
        assert_eq!(dates["last_updated"], "0000-00-00 00:00:00");
        assert_eq!(dates["status_changed"], "0000-00-00 00:00:00");
    }

    #[test]
    fn local_times_have_no_zone_and_null_stays_null() {
        let mut answer = answer();
        apply(&Quirk::LocalTimes(TimeZone::fixed(jiff::tz::offset(2))), &mut answer);
        let dates = &answer["data"][0]["dates"];
        assert_eq!(dates["last_updated"], "2026-06-15 11:30:00");
        assert_eq!(dates["status_changed"], Value::Null);
    }

    #[test]
    fn links_go_missing_in_both_ways() {
        let mut answer = answer();
        apply(&Quirk::NoDepartment, &mut answer);
        apply(&Quirk::NoClient, &mut answer);
        assert_eq!(answer["data"][0]["department"], Value::Null);
        assert_eq!(answer["data"][0]["client"], json!({ "id": null, "name": null }));
    }
}
