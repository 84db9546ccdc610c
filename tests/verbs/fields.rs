//! The fields of the objects for scripts: every field is always there, and of those that are picked no
//! other.

use serde_json::Value;

use super::desk::Desk;

/// The fields of a ticket.
pub(crate) const TICKET: &[&str] = &[
    "id",
    "subject",
    "status",
    "priority",
    "source",
    "active_state",
    "department",
    "client",
    "project_id",
    "creator_id",
    "dates",
    "replies_count",
    "tags",
    "waiting_since",
    "waiting_exact",
    "snoozed_until",
    "pinned",
    "url",
];

const STATS: &[&str] = &[
    "at",
    "tickets",
    "archived",
    "backlog",
    "waiting",
    "by_status",
    "by_priority",
    "by_department",
    "days",
    "waits",
    "oldest",
];

/// The names of the fields of an object, in their order.
fn names(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

/// Every object has all fields; picked ones are alone, and in the order in which they were asked for.
fn holds(desk: &Desk, arguments: &[&str], fields: &[&str]) {
    let printed = desk.json(arguments);
    let items = printed.as_array().cloned().unwrap_or_else(|| vec![printed.clone()]);
    assert!(!items.is_empty(), "{arguments:?} prints something");
    for item in &items {
        assert_eq!(sorted(&names(item)), sorted(fields), "{arguments:?}");
    }
    let (first, last) = (fields[0], fields[fields.len() - 1]);
    let pick = format!("--json={last}, {first}");
    let ran = desk.ok(&[arguments, &[pick.as_str()]].concat());
    let printed = ran.json();
    let items = printed.as_array().cloned().unwrap_or_else(|| vec![printed.clone()]);
    for item in &items {
        assert_eq!(sorted(&names(item)), sorted(&[first, last]), "{arguments:?}");
    }
    let place = |name: &str| ran.stdout.find(&format!("\"{name}\":")).expect("a field");
    assert!(place(last) < place(first), "{}", ran.stdout);
    let ran = desk.run(&[arguments, &["--json=no_such"]].concat());
    ran.fails(2);
    assert_eq!(ran.error()["help"], format!("the fields are {}", fields.join(", ")));
}

#[test]
fn every_field_is_always_there() {
    let desk = Desk::open();
    desk.change(
        "UPDATE tickets SET category_id = NULL, client_id = NULL, project_id = NULL,
            creator_id = NULL, subject = '', message = '', last_updated = NULL,
            status_changed = NULL WHERE id % 3 = 0",
    );
    let shown = [TICKET, &["message", "message_text", "replies"]].concat();
    holds(&desk, &["list"], TICKET);
    holds(&desk, &["list", "--view", "archived"], TICKET);
    for id in ["30", "31", "32"] {
        holds(&desk, &["show", id], &shown);
        holds(&desk, &["show", id, "--no-replies"], &shown);
        holds(&desk, &["show", id, "--cached"], &shown);
    }
    holds(&desk, &["clients"], &["id", "name", "phone", "owner"]);
    holds(&desk, &["clients", "--cached"], &["id", "name", "phone", "owner"]);
    holds(&desk, &["contacts"], &["id", "name", "email", "phone", "account_owner"]);
    holds(&desk, &["projects"], &["id", "title", "client"]);
    holds(&desk, &["departments"], &["id", "name"]);
    holds(&desk, &["stats"], STATS);
    let written = &["id", "outcome", "reply", "error"];
    holds(&desk, &["tags", "31", "--add", "field"], written);
    holds(&desk, &["note", "31", "--text", "A field", "--queue"], written);
    let planned = &["id", "plan", "changes", "html", "requests", "error"];
    holds(&desk, &["note", "31", "--text", "A field", "--dry-run"], planned);
    holds(&desk, &["tags", "31", "--add", "field", "--dry-run"], planned);
}

#[test]
fn a_list_of_nothing_is_an_empty_array_and_success() {
    let desk = Desk::open();
    for arguments in [
        &["list", "--search", "no ticket has these words"][..],
        &["list", "--client", "99999"],
        &["list", "--view", "snoozed"],
        &["list", "--limit", "0"],
        &["clients", "no client has these words"],
        &["contacts", "--client", "99999"],
    ] {
        assert_eq!(desk.json(arguments), Value::Array(Vec::new()), "{arguments:?}");
        let ran = desk.ok(arguments);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{arguments:?}");
    }
}
