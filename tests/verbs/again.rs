//! Verbs that are tried again until they succeed, and those that are not to wait.

use axum::http::Method;
use growdesk::sandbox::{Fault, FaultKind};

use super::desk::{Desk, finish, wait_for};

/// An open ticket that the local copy has.
fn known(desk: &Desk) -> String {
    let id: i64 = desk.ask(
        "SELECT min(id) FROM tickets WHERE status_id = 1 AND active_state = 'active' \
         AND category_id IS NOT NULL",
    );
    desk.ok(&["tags", &id.to_string(), "--add", "known"]);
    id.to_string()
}

#[test]
fn a_reply_that_is_tried_until_it_succeeds_is_recorded_once() {
    let desk = Desk::open();
    let id = known(&desk);
    let before: i64 = desk.ask("SELECT count(*) FROM replies");
    let reply =
        ["reply", &id, "--text", "Once", "--status", "Answered", "--timeout", "1", "--json"];
    // The conversation can be read, the reply does not get through.
    let away = desk.fault(Fault::new(None, "/api/**", FaultKind::Unauthorized));
    desk.run(&reply).fails(7);
    desk.sandbox().faults().remove(away);
    for writes in [Method::POST, Method::PUT] {
        let away = desk.fault(Fault::new(writes, "/api/**", FaultKind::Unauthorized));
        let verb = if desk.ask::<i64>("SELECT count(*) FROM replies") == before {
            reply.to_vec()
        } else {
            vec!["status", "Closed", &id, "--json"]
        };
        for _ in 0..3 {
            let ran = desk.run(&verb);
            ran.fails(7);
            assert_eq!(ran.json()[0]["outcome"], "failed", "{ran:?}");
            assert!(ran.stdout.contains("nothing waits"), "{ran:?}");
            assert_eq!(desk.json(&["outbox"]), serde_json::json!([]));
        }
        desk.sandbox().faults().remove(away);
        desk.ok(&verb);
        assert_eq!(desk.json(&["outbox"]), serde_json::json!([]));
        assert_eq!(desk.ask::<i64>("SELECT count(*) FROM replies"), before + 1);
    }
}

#[test]
fn a_server_that_is_away_leaves_nothing_behind() {
    let mut desk = Desk::open();
    let id = known(&desk);
    let tries: Vec<_> = ["note", "reply", "note"]
        .iter()
        .map(|verb| desk.command(&[verb, &id, "--text", "x", "--timeout", "1", "--json"]))
        .collect();
    let left = desk.command(&["outbox", "--json"]);
    desk.stop_server();
    for command in tries {
        let ran = finish(command, b"");
        ran.fails(5);
        assert_eq!(ran.json()[0]["outcome"], "failed", "{ran:?}");
    }
    // Neither a change nor a draft.
    assert_eq!(finish(left, b"").json(), serde_json::json!([]));
}

#[test]
fn offline_a_write_is_stored_and_returns() {
    let desk = Desk::open();
    let id = known(&desk);
    let ran = desk.ok(&["--offline", "note", &id, "--text", "off", "--timeout", "2", "--json"]);
    assert_eq!(ran.json()[0]["outcome"], "queued");
    assert!(ran.stderr.contains("--offline"), "{ran:?}");
    assert_eq!(desk.json(&["outbox"]).as_array().map(Vec::len), Some(1));
    wait_for("the note", || {
        desk.ok(&["tags", &id, "--add", "again"]);
        desk.ok(&["tags", &id, "--remove", "again"]);
        desk.json(&["outbox"]) == serde_json::json!([])
    });
}

#[test]
fn a_change_behind_another_one_is_waited_for_as_long_as_the_time_out_says() {
    let desk = Desk::open();
    let id = known(&desk);
    desk.ok(&["note", &id, "--text", "first", "--queue"]);
    let away = desk.fault(Fault::new(Method::POST, "/api/**", FaultKind::Limited(3_600)));
    // Another verb meets the limit with the earlier note.
    let ran = desk.run(&["tags", &id, "--add", "vip", "--timeout", "1", "--json"]);
    assert!([5, 6, 9].contains(&ran.code), "{ran:?}");
    let ran = desk.run(&["tags", &id, "--add", "vip", "--timeout", "1", "--json"]);
    assert!([5, 9].contains(&ran.code), "{ran:?}");
    assert_eq!(desk.run(&["outbox", "--json"]).json().as_array().map(Vec::len), Some(1), "{ran:?}");
    desk.sandbox().faults().remove(away);
}

#[test]
fn a_field_that_others_changed_before_the_verb_is_no_decision() {
    let desk = Desk::open();
    let id = known(&desk);
    desk.change(&format!("UPDATE tickets SET priority = 'urgent' WHERE id = {id}"));
    desk.ok(&["priority", "high", &id]);
    assert_eq!(desk.json(&["outbox"]), serde_json::json!([]));
}
