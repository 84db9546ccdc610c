//! `growdesk macro`.

use std::{
    fs,
    process::{Command, Stdio},
};

use growdesk::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use super::desk::{Desk, wait_for};

const MACROS: &str = r#"macro_dirs = ["team"]
[[macro]]
name = "Everyday::On it"
key = "o"
text = "We look into \"{{ ticket.subject }}\"."
kind = "note"
priority = "urgent"
add_tags = ["seen"]

[[macro]]
name = "Billing::Refund"
text = "Order [[order number]] by [[day]], for {{ client.name }}."
kind = "note"

[[macro]]
name = "Sales::Refund"
priority = "high"

[[macro]]
name = "Hole"
text = "{{ ticket.project }} {{ contact.email }}"
kind = "note"
priority = "urgent"

[[macro]]
name = "Closed here"
status = "Parked"
"#;

fn desk() -> Desk {
    let desk = Desk::open();
    desk.write_config(MACROS);
    fs::create_dir(desk.folder.path().join("team")).expect("a folder");
    desk
}

/// An active ticket of the server's that has no project and is not urgent.
fn some_ticket(desk: &Desk) -> i64 {
    desk.ask(
        "SELECT id FROM tickets WHERE active_state = 'active'
         AND project_id IS NULL AND priority = 'normal' ORDER BY 1 LIMIT 1",
    )
}

#[test]
fn macros_are_listed_and_a_broken_file_leaves_the_others() {
    let desk = desk();
    let broken = desk.folder.path().join("team/broken.toml");
    fs::write(&broken, "[[macro]]\nname = \"x\"\ntext = \"{{ nope }}\"\n").expect("a file");
    let ran = desk.ok(&["macro", "list", "--json"]);
    let all = ran.json();
    assert_eq!(all.as_array().expect("a list").len(), 5);
    assert_eq!(all[0]["name"], "Everyday::On it");
    assert_eq!(all[1]["asked"], json!(["order number", "day"]));
    assert!(ran.stderr.contains("team/broken.toml:3: "), "{ran:?}");
    let ran = desk.ok(&["macro", "list"]);
    let first = ran.stdout.lines().next().expect("a line");
    assert_eq!(first, "Everyday::On it\to\tnote\tpriority urgent, +seen");
    assert_eq!(desk.requests("GET"), 0);
}

#[test]
fn a_macro_is_shown_as_it_would_be_on_a_ticket() {
    let desk = desk();
    let id = some_ticket(&desk);
    let ticket = id.to_string();
    let shown = desk.json(&["macro", "show", "on it", "--ticket", &ticket]);
    let subject: String = desk.ask(&format!("SELECT subject FROM tickets WHERE id = {id}"));
    assert_eq!(shown["name"], "Everyday::On it");
    let text = shown["text"].as_str().expect("a text").replace('\\', "");
    assert_eq!(text, format!("We look into \"{subject}\"."));
    let priority = &shown["changes"][0];
    assert_eq!(priority, &json!({"field": "priority", "before": "normal", "after": "urgent"}));
    assert_eq!(
        (&shown["gaps"], &shown["asked"], &shown["error"]),
        (&json!([]), &json!([]), &Value::Null)
    );

    let asked = desk.json(&[
        "macro",
        "show",
        "Billing::Refund",
        "--ticket",
        &ticket,
        "--set",
        "day=Monday",
    ]);
    assert_eq!(asked["asked"], json!(["order number"]));
    let text = asked["text"].as_str().expect("a text");
    assert!(text.contains("Order [[order number]] by Monday"), "{text}");

    let hole = desk.json(&["macro", "show", "Hole", "--ticket", &ticket]);
    let gaps = hole["gaps"].as_array().expect("a list");
    assert!(gaps.contains(&json!("ticket.project")), "{hole}");
    assert!(hole["text"].as_str().expect("a text").contains("ticket.project"), "{hole}");
    assert!(hole["error"].as_str().expect("why").contains("ticket.project"), "{hole}");
    assert_eq!(desk.requests("GET"), desk.sandbox().requests().len());
}

#[test]
fn what_can_not_be_meant_is_said_with_the_near_names() {
    let desk = desk();
    let run = |arguments: &[&str]| {
        let ran = desk.run(&[arguments, &["--json"]].concat());
        ran.fails(2);
        (
            ran.error()["message"].as_str().expect("a message").to_owned(),
            ran.error()["help"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let (message, help) = run(&["macro", "show", "Everyday::On itt", "--ticket", "1"]);
    assert!(
        message.contains("there is no macro") && help.contains("Everyday::On it"),
        "{message} {help}"
    );
    let (message, help) = run(&["macro", "show", "refund", "--ticket", "1"]);
    assert!(
        message.contains("more than one") && help.contains("Billing::Refund, Sales::Refund"),
        "{help}"
    );
    let (message, _) = run(&["macro", "show", "On it", "--ticket", "1", "--set", "day=x"]);
    assert!(message.contains("question"), "{message}");
    let (message, _) =
        run(&["macro", "show", "Billing::Refund", "--ticket", "1", "--set", "nothing"]);
    assert!(message.contains("NAME=VALUE"), "{message}");
    desk.run(&["macro", "show", "On it", "--ticket", "99999999"]).fails(3);
    let ran = desk.run(&["macro", "show", "On it", "--ticket", "-1"]);
    ran.fails(2);
}

#[test]
fn a_macro_is_taken_on_tickets_and_comes_first_from_then_on() {
    let desk = desk();
    let id = some_ticket(&desk);
    let ran = desk.ok(&["macro", "run", "On it", &id.to_string(), "--json"]);
    assert_eq!(ran.json()[0]["outcome"], "recorded", "{ran:?}");
    let priority: String = desk.ask(&format!("SELECT priority FROM tickets WHERE id = {id}"));
    assert_eq!(priority, "urgent");
    let notes: i64 = desk.ask(&format!(
        "SELECT count(*) FROM replies WHERE ticket_id = {id}
         AND text LIKE '%We look into%'"
    ));
    assert_eq!(notes, 1);
    desk.ok(&["macro", "run", "Sales::Refund", &id.to_string(), "--queue"]);
    assert_eq!(desk.json(&["macro", "list"])[0]["name"], "Sales::Refund");
}

#[test]
fn a_dry_run_writes_nothing() {
    let desk = desk();
    let id = some_ticket(&desk).to_string();
    let ran = desk.ok(&["macro", "run", "On it", &id, "--dry-run", "--json"]);
    assert!(ran.json()[0]["html"].as_str().expect("html").contains("We look into"), "{ran:?}");
    assert_eq!(desk.requests("GET"), desk.sandbox().requests().len());
}

#[test]
fn what_a_macro_asks_for_has_to_be_given_all_at_once() {
    let desk = desk();
    let id = some_ticket(&desk).to_string();
    let ran = desk.run(&["macro", "run", "Billing::Refund", &id, "--json"]);
    ran.fails(2);
    let message = ran.error()["message"].as_str().expect("a message").to_owned();
    assert!(message.contains("order number, day"), "{message}");
    let set = ["--set", "order number=42", "--set", "day=Monday"];
    desk.ok(&[&["macro", "run", "Billing::Refund", &id][..], &set].concat());
    let notes: i64 =
        desk.ask("SELECT count(*) FROM replies WHERE text LIKE '%Order 42 by Monday%'");
    assert_eq!(notes, 1);
}

#[test]
fn a_gap_stops_a_ticket_before_anything_is_recorded() {
    let desk = desk();
    let id = some_ticket(&desk).to_string();
    let ran = desk.run(&["macro", "run", "Hole", &id, "--json"]);
    assert!(ran.code == 1 || ran.code == 4, "{ran:?}");
    let error = ran.json()[0]["error"].as_str().expect("why").to_owned();
    assert!(error.contains("ticket.project"), "{error}");
    assert_eq!(desk.requests("POST") + desk.requests("PUT") + desk.requests("PATCH"), 0);
    let ran = desk.run(&["macro", "run", "Closed here", &id, "--json"]);
    ran.fails(4);
    assert!(ran.json()[0]["error"].as_str().expect("why").contains("Parked"), "{ran:?}");
}

#[test]
fn a_run_whose_texts_do_not_come_ends_by_its_time_out_and_by_a_signal() {
    let desk = desk();
    desk.ok(&["sync"]);
    let tickets: Vec<String> = (1..=20).map(|id| id.to_string()).collect();
    let tickets: Vec<&str> = tickets.iter().map(String::as_str).collect();
    let hang = desk.fault(Fault::new(None, "/api/contacts**", FaultKind::Hang));
    let ran = desk.run(&[&["macro", "run", "Hole", "--timeout", "1"], &tickets[..2]].concat());
    assert_ne!(ran.code, 0, "{ran:?}");
    let mut command = desk.command(&[&["macro", "run", "Hole"], &tickets[..]].concat());
    let (asked, out) = (desk.requests("GET"), Stdio::null());
    let mut runs = command.stdout(out).stderr(Stdio::null()).spawn().expect("the binary starts");
    wait_for("the first text", || desk.requests("GET") > asked);
    let id = runs.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    wait_for("the end", || runs.try_wait().expect("it can be asked").is_some());
    desk.sandbox().faults().remove(hang);
    assert_eq!(desk.requests("POST"), 0);
}
