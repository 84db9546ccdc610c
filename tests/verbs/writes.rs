//! Each verb that writes: what it prints, and what the server has afterwards.

use super::desk::Desk;

/// A ticket that is open, active and has a department.
const OPEN: &str = "SELECT min(id) FROM tickets WHERE status_id = 1 AND active_state = 'active' \
                    AND category_id IS NOT NULL AND subject <> '' AND message <> ''";

fn open_ticket(desk: &Desk) -> String {
    desk.ask::<i64>(OPEN).to_string()
}

fn of(desk: &Desk, column: &str, id: &str) -> String {
    desk.ask(&format!("SELECT CAST({column} AS TEXT) FROM tickets WHERE id = {id}"))
}

fn count(desk: &Desk, of: &str) -> i64 {
    desk.ask(&format!("SELECT count(*) FROM {of}"))
}

#[test]
fn the_fields_of_a_ticket_are_set_and_the_server_has_them() {
    let desk = Desk::open();
    let id = open_ticket(&desk);
    let department: String = desk.ask(&format!(
        "SELECT name FROM categories WHERE type = 'ticket' AND id <> \
         (SELECT category_id FROM tickets WHERE id = {id}) LIMIT 1"
    ));
    let priority = if of(&desk, "priority", &id) == "urgent" { "high" } else { "urgent" };
    let verbs: [(&[&str], &str, &str); 7] = [
        (&["status", "On Hold"], "status_id", "3"),
        (&["status", "clo"], "status_id", "2"),
        (&["status", "6"], "status_id", "6"),
        (&["priority", priority], "priority", priority),
        (&["archive"], "active_state", "archived"),
        (&["restore"], "active_state", "active"),
        (&["edit", "--subject", "Another subject"], "subject", "Another subject"),
    ];
    for (verb, column, value) in verbs {
        let mut arguments = verb.to_vec();
        arguments.insert(if verb[0] == "edit" { 1 } else { verb.len() }, &id);
        let told = desk.json(&arguments);
        assert_eq!(
            told,
            serde_json::json!([
                {"id": id.parse::<i64>().expect("a number"), "outcome": "recorded", "reply": null, "error": null}
            ]),
            "{verb:?}"
        );
        assert_eq!(of(&desk, column, &id), value, "{verb:?}");
        let again = desk.ok(&arguments);
        assert_eq!(again.stdout, format!("{id}\tunchanged\t\t\n"), "{verb:?}");
    }
    desk.ok(&["department", &department, &id]);
    let name: String = desk.ask(&format!(
        "SELECT name FROM categories WHERE id = (SELECT category_id FROM tickets WHERE id = {id})"
    ));
    assert_eq!(name, department);
    let log = desk.json(&["log"]);
    assert_eq!(log.as_array().map(Vec::len), Some(8), "{log}");
}

#[test]
fn tags_are_added_removed_and_replaced() {
    let desk = Desk::open();
    let id = open_ticket(&desk);
    let tags = || {
        let sql = format!(
            "SELECT coalesce(group_concat(title, ' '), '') FROM (SELECT title FROM tags \
                           WHERE ticket_id = {id} ORDER BY title)"
        );
        desk.ask::<String>(&sql)
    };
    desk.ok(&["tags", &id, "--set", "New One,vip"]);
    assert_eq!(tags(), "new-one vip");
    desk.ok(&["tags", &id, "--add", "urgent, vip", "--remove", "new-one"]);
    assert_eq!(tags(), "urgent vip");
    let same = desk.ok(&["tags", &id, "--add", "vip", "--remove", "other"]);
    assert_eq!(same.stdout, format!("{id}\tunchanged\t\t\n"));
    desk.ok(&["tags", &id, "--set", ""]);
    assert_eq!(tags(), "");
    desk.run(&["tags", &id]).fails(2);
    desk.run(&["tags", &id, "--add", "x", "--remove", "X"]).fails(2);
    desk.run(&["tags", &id, "--add", "x", "--set", "y"]).fails(2);
}

#[test]
fn a_reply_is_recorded_once_with_its_signature_and_its_status() {
    let desk = Desk::open();
    let url = desk.sandbox().url();
    std::fs::write(desk.folder.path().join("key"), "unused").expect("a key");
    desk.write_config(&format!(
        "[profile.work]\nurl = \"{url}\"\nsignature = \"Kind regards,\\nAnn\"\n"
    ));
    let id = open_ticket(&desk);
    let newest = || -> (String, String, i64) {
        let of = |column: &str| {
            format!("SELECT CAST({column} AS TEXT) FROM replies ORDER BY id DESC LIMIT 1")
        };
        (desk.ask(&of("text")), desk.ask(&of("type")), desk.ask("SELECT max(id) FROM replies"))
    };
    let before = count(&desk, "replies");
    let mut command = desk.command(&[
        "--profile",
        "work",
        "reply",
        &id,
        "--text",
        "Hi *you* <b>\nline",
        "--status",
        "Answered",
        "--json",
    ]);
    command.env_remove("GROWDESK_URL");
    let ran = super::desk::finish(command, b"");
    assert_eq!(ran.code, 0, "{ran:?}");
    let (text, kind, reply) = newest();
    assert_eq!(ran.json()[0]["reply"], reply);
    assert_eq!(kind, "reply");
    assert!(text.contains("<em>you</em> &lt;b&gt;<br") && text.contains("Ann"), "{text}");
    assert_eq!(of(&desk, "status_id", &id), "4");
    assert_eq!(count(&desk, "replies"), before + 1);

    desk.ok(&["note", &id, "--text", "only for us"]);
    let (text, kind, _) = newest();
    assert_eq!((text.as_str(), kind.as_str()), ("<p>only for us</p>", "note"));
    let told = desk.run_with(&["reply", &id, "-"], "\u{feff}from **stdin**\r\n");
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(newest().0, "<p>from <strong>stdin</strong></p>");
    let file = desk.folder.path().join("text.md");
    std::fs::write(&file, "from a file").expect("a file");
    desk.ok(&["reply", &id, "--file", file.to_str().expect("a path")]);
    assert_eq!(newest().0, "<p>from a file</p>");
    let ran = desk.run(&["reply", &id, "--text", "x", "--signature"]);
    assert!(ran.fails(2).contains("has no signature"), "{ran:?}");
    assert_eq!(count(&desk, "replies"), before + 4);
}

#[test]
fn a_reply_to_the_newest_message_alone_waits_for_a_decision_once_there_is_another() {
    let desk = Desk::open();
    let id: i64 =
        desk.ask("SELECT ticket_id FROM replies GROUP BY ticket_id ORDER BY count(*) DESC LIMIT 1");
    let newest: i64 = desk.ask(&format!("SELECT max(id) FROM replies WHERE ticket_id = {id}"));
    let (id, last) = (id.to_string(), newest.to_string());
    let reply =
        |last: &str| desk.run(&["reply", &id, "--text", "Yes", "--if-last", last, "--json"]);
    let before = count(&desk, "replies");
    let first = reply(&last);
    assert_eq!(first.code, 0, "{first:?}");
    // The message was the newest one. Now the own reply is.
    for last in [last.as_str(), "0"] {
        let second = reply(last);
        second.fails(6);
        assert_eq!(second.json()[0]["outcome"], "decision", "{second:?}");
        assert_eq!(second.error()["code"], "undecided");
    }
    assert_eq!(count(&desk, "replies"), before + 1);
    assert_eq!(desk.run(&["outbox", "--json"]).code, 6);
    let third = reply(&first.json()[0]["reply"].to_string());
    assert_eq!(third.code, 0, "{third:?}");
    desk.run(&["reply", &id, "3", "--text", "x", "--if-last", "1"]).fails(2);
    desk.run(&["reply", &id, "--text", "x", "--if-last", "-1"]).fails(2);
    let quiet: i64 =
        desk.ask("SELECT min(id) FROM tickets WHERE id NOT IN (SELECT ticket_id FROM replies)");
    desk.ok(&["reply", &quiet.to_string(), "--text", "First", "--if-last", "0"]);
}

#[test]
fn what_others_changed_meanwhile_is_a_decision_and_never_overwritten() {
    let desk = Desk::open();
    let id = open_ticket(&desk);
    // The local copy has the ticket, and is younger than the poll interval.
    desk.ok(&["sync"]);
    desk.change(&format!("UPDATE tickets SET status_id = 3 WHERE id = {id}"));
    for _ in 0..2 {
        let ran = desk.run(&["status", "Closed", &id]);
        assert!(ran.fails(6).contains("somebody else changed the same meanwhile"), "{ran:?}");
        assert_eq!(ran.stdout.split('\t').nth(1), Some("decision"));
        let left = desk.run(&["outbox", "--json"]).json();
        assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
    }
    assert_eq!(of(&desk, "status_id", &id), "3");
    // Nothing is believed to be so already by the local copy alone.
    desk.change(&format!("UPDATE tickets SET priority = 'urgent' WHERE id = {id}"));
    desk.ok(&["priority", "urgent", &id]);
    desk.change(&format!("UPDATE tickets SET priority = 'high' WHERE id = {id}"));
    assert!(desk.ok(&["priority", "urgent", &id]).stdout.contains("recorded"));
    assert_eq!(of(&desk, "priority", &id), "urgent");
}

#[test]
fn a_client_of_exactly_that_name_is_taken_however_many_names_hold_it() {
    let desk = Desk::open();
    desk.change(
        "INSERT INTO clients (company_name, status) VALUES ('Zeta Ltd', 'active');
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
         INSERT INTO clients (company_name, status) SELECT 'A zeta ' || i, 'active' FROM n;
         INSERT INTO clients (company_name, status) VALUES ('Zeta', 'active');
         INSERT INTO clients (company_name, status) VALUES ('4711', 'active');",
    );
    for (client, name) in [("zeta", "Zeta"), ("zeta l", "Zeta Ltd"), ("4711", "4711")] {
        let create = ["create", "--client", client, "--department", "billing"];
        let text = ["--subject", "From a script", "--message", "It is late"];
        assert_eq!(desk.json(&[&create[..], &text].concat())[0]["outcome"], "recorded");
        let sql = "SELECT company_name FROM clients JOIN tickets ON clients.id = client_id
                   ORDER BY tickets.id DESC LIMIT 1";
        assert_eq!(desk.ask::<String>(sql), name);
    }
}

#[test]
fn a_ticket_is_created_with_what_the_profile_asks_for() {
    let desk = Desk::open();
    let before = count(&desk, "tickets");
    let create =
        ["create", "--client", "Acme", "--department", "billing", "--subject", "From a script"];
    let told =
        desk.json(&[&create[..], &["--message", "It is **late**", "--priority", "high"]].concat());
    let id: i64 = desk.ask("SELECT max(id) FROM tickets");
    assert_eq!((told[0]["id"].as_i64(), &told[0]["outcome"]), (Some(id), &"recorded".into()));
    assert_eq!(count(&desk, "tickets"), before + 1);
    assert_eq!(of(&desk, "message", &id.to_string()), "<p>It is <strong>late</strong></p>");
    let dry = desk.json(&[&create[..], &["--message", "*x*", "--dry-run"]].concat());
    assert_eq!((&dry[0]["plan"], &dry[0]["html"]), (&"ready".into(), &"<p><em>x</em></p>".into()));
    desk.run(&create).fails(2);
    desk.run(&[&create[..], &["--message", " \n"]].concat()).fails(2);
    desk.run(&[&create[..], &["--message", "x", "--field", "nonsense"]].concat()).fails(2);
    let ran = desk.run(&[
        "create",
        "--client",
        "999",
        "--department",
        "billing",
        "--subject",
        "x",
        "--message",
        "y",
    ]);
    assert!(ran.fails(3).contains("there is no client #999"), "{ran:?}");
    assert_eq!(count(&desk, "tickets"), before + 1);
}

#[test]
fn a_deletion_wants_its_word() {
    let desk = Desk::open();
    let id = open_ticket(&desk);
    let before = count(&desk, "tickets");
    assert!(desk.run(&["delete", &id]).fails(2).contains("--yes"));
    assert_eq!(desk.ok(&["delete", &id, "--dry-run"]).stdout.split('\t').nth(1), Some("ready"));
    assert_eq!(count(&desk, "tickets"), before);
    desk.ok(&["delete", &id, "--yes"]);
    assert_eq!(count(&desk, "tickets"), before - 1);
    desk.run(&["delete", &id, "--yes"]).fails(3);
}

#[test]
fn a_dry_run_tells_each_ticket_and_writes_nothing() {
    let desk = Desk::open();
    let id = open_ticket(&desk);
    let closed: i64 = desk.ask("SELECT min(id) FROM tickets WHERE status_id = 2");
    let ran = desk.run(&["status", "Closed", &id, &closed.to_string(), "99999", "--dry-run"]);
    ran.fails(8);
    insta::assert_snapshot!(format!("{}\n{}", ran.stdout, ran.stderr));
    let json = desk.json(&["reply", &id, "--text", "**Hi**", "--status", "4", "--dry-run"]);
    assert_eq!(json[0]["html"], "<p><strong>Hi</strong></p>");
    assert_eq!(
        json[0]["changes"][1],
        serde_json::json!({"field": "status", "before": "Open", "after": "Answered"})
    );
    assert_eq!(desk.requests("PATCH") + desk.requests("POST") + desk.requests("PUT"), 0);
    assert_eq!(desk.json(&["outbox"]), serde_json::json!([]));
    assert_eq!(desk.json(&["log"]), serde_json::json!([]));
}

#[test]
fn what_is_queued_waits_for_the_next_verb() {
    let desk = Desk::open();
    let id = open_ticket(&desk);
    let told = desk.json(&["status", "Closed", &id, "--queue"]);
    assert_eq!(told[0]["outcome"], "queued");
    assert_eq!(of(&desk, "status_id", &id), "1");
    assert_eq!(desk.json(&["outbox"]).as_array().map(Vec::len), Some(1));
    // A verb on another ticket sends it too.
    let other: i64 =
        desk.ask(&format!("SELECT max(id) FROM tickets WHERE status_id = 1 AND id <> {id}"));
    desk.ok(&["tags", &other.to_string(), "--add", "x"]);
    super::desk::wait_for("the queued change", || {
        desk.ok(&["tags", &other.to_string(), "--add", "y"]);
        desk.ok(&["tags", &other.to_string(), "--remove", "y"]);
        of(&desk, "status_id", &id) == "2"
    });
}

#[test]
fn a_queued_reply_has_its_hold() {
    let desk = Desk::open();
    let id = open_ticket(&desk);
    let mut command = desk.command(&["reply", &id, "--text", "Later", "--queue"]);
    command.env("GROWDESK_HOLD_SECONDS", "3000");
    assert_eq!(super::desk::finish(command, b"").code, 0);
    assert_eq!(desk.json(&["outbox"])[0]["state"], "holding");
    // A reply by a verb that waits leaves at once, but for what is before it on its ticket.
    let other: i64 = desk.ask(&format!("SELECT max(id) FROM tickets WHERE id <> {id}"));
    let mut command = desk.command(&["reply", &other.to_string(), "--text", "Now"]);
    command.env("GROWDESK_HOLD_SECONDS", "3000");
    assert_eq!(super::desk::finish(command, b"").code, 0);
}

#[test]
fn a_read_only_profile_writes_nothing_and_sends_nothing_of_others() {
    let desk = Desk::open();
    let id = open_ticket(&desk);
    desk.ok(&["status", "Closed", &id, "--queue"]);
    let verbs: [&[&str]; 5] = [
        &["status", "Closed", &id],
        &["reply", &id, "--text", "x"],
        &["delete", &id, "--yes"],
        &["tags", &id, "--add", "x", "--queue"],
        &["create", "--client", "1", "--department", "billing", "--subject", "x", "--message", "y"],
    ];
    for verb in verbs {
        let mut command = desk.command(verb);
        command.env("GROWDESK_READ_ONLY", "1");
        let ran = super::desk::finish(command, b"");
        assert!(ran.fails(2).contains("read-only"), "{verb:?}: {ran:?}");
    }
    assert_eq!(
        desk.requests("PATCH")
            + desk.requests("POST")
            + desk.requests("PUT")
            + desk.requests("DELETE"),
        0
    );
    assert_eq!(desk.json(&["outbox"]).as_array().map(Vec::len), Some(1));
}
