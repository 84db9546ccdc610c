//! Each exit code of the verbs that write, by a real cause.

use std::{
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use axum::http::Method;
use growdesk::sandbox::{Fault, FaultKind};
use rusqlite::Connection;

use super::desk::{Desk, Ran, finish, wait_for};

/// A ticket that the local copy has, open and without a tag of this name.
fn known(desk: &Desk) -> String {
    let sql = "SELECT min(id) FROM tickets WHERE status_id = 1 AND active_state = 'active' \
               AND category_id IS NOT NULL AND subject <> '' AND message <> ''";
    let id = desk.ask::<i64>(sql).to_string();
    desk.ok(&["tags", &id, "--add", "known"]);
    id
}

fn outbox(desk: &Desk) -> Vec<String> {
    let ran = desk.run(&["outbox", "--json"]);
    let states = ran.json();
    let states = states.as_array().expect("an array").iter();
    states.map(|it| it["state"].as_str().expect("a word").to_owned()).collect()
}

fn outcome(ran: &Ran) -> String {
    ran.json()[0]["outcome"].as_str().expect("a word").to_owned()
}

fn with(desk: &Desk, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = desk.command(arguments);
    command.envs(variables.iter().copied());
    finish(command, b"")
}

#[test]
fn a_wrong_key_is_7_and_nothing_is_done() {
    let desk = Desk::open();
    let id = known(&desk);
    let wrong = [("GROWDESK_API_KEY", "wrong")];
    // A ticket that nobody has read: nothing can be planned.
    let ran = with(&desk, &["status", "Closed", "59", "--json"], &wrong);
    ran.fails(7);
    assert_eq!(ran.error()["code"], "key_refused");
    assert_eq!(outbox(&desk), [""; 0]);
    // A ticket that is known: its change is taken back.
    let ran = with(&desk, &["status", "Closed", &id, "--json"], &wrong);
    ran.fails(7);
    assert_eq!(outcome(&ran), "failed");
    assert_eq!(outbox(&desk), [""; 0]);
    let ran = with(&desk, &["reply", &id, "--text", "x", "--json"], &wrong);
    ran.fails(7);
    assert_eq!(outcome(&ran), "failed");
    assert_eq!(outbox(&desk), [""; 0]);
}

#[test]
fn a_limited_server_is_waited_for_and_then_9() {
    let desk = Desk::open();
    let id = known(&desk);
    desk.always(FaultKind::Limited(3_600));
    for ticket in ["59", id.as_str()] {
        let ran = desk.run(&["status", "Closed", ticket, "--timeout", "1", "--json"]);
        ran.fails(9);
        assert_eq!(outcome(&ran), "failed");
        assert_eq!(ran.error()["code"], "limited");
    }
    assert_eq!(outbox(&desk), [""; 0]);
    // All commands of a profile keep to the pause, so this is another desk.
    let desk = Desk::open();
    desk.fault(Fault::new(None, "/api/**", FaultKind::Limited(1)).times(1));
    desk.ok(&["status", "Closed", "59"]);
}

#[test]
fn a_server_that_is_away_is_5_and_nothing_stays_but_what_is_queued() {
    let mut desk = Desk::open();
    let id = known(&desk);
    let known = desk.command(&["status", "Closed", &id, "--timeout", "1", "--json"]);
    let unknown = desk.command(&["status", "Closed", "59", "--timeout", "1", "--json"]);
    let reply = desk.command(&["reply", &id, "--text", "x", "--timeout", "1", "--json"]);
    let queued = desk.command(&["tags", &id, "--add", "later", "--queue", "--json"]);
    let left = desk.command(&["outbox", "--json"]);
    desk.stop_server();
    for command in [known, unknown, reply] {
        let ran = finish(command, b"");
        ran.fails(5);
        assert_eq!(outcome(&ran), "failed", "{ran:?}");
        assert_eq!(ran.error()["code"], "unreachable");
    }
    // What is only stored needs no server.
    assert_eq!(finish(queued, b"").code, 0);
    assert_eq!(finish(left, b"").json().as_array().map(Vec::len), Some(1));
}

#[test]
fn a_refusal_is_4_and_a_ticket_that_is_gone_3_and_some_of_several_8() {
    let desk = Desk::open();
    let id = known(&desk);
    let refusal = desk.fault(Fault::new(Method::PUT, "/api/**", FaultKind::Conflict));
    let ran = desk.run(&["status", "Closed", &id, "--json"]);
    ran.fails(4);
    assert_eq!((outcome(&ran).as_str(), &ran.error()["code"]), ("refused", &"refused".into()));
    desk.sandbox().faults().remove(refusal);
    assert_eq!(outbox(&desk), [""; 0]);

    desk.run(&["status", "Closed", "99999"]).fails(3);
    desk.run(&["reply", "99999", "--text", "x"]).fails(3);
    desk.change(&format!("DELETE FROM tickets WHERE id = {id}"));
    desk.run(&["status", "Closed", &id]).fails(3);
    desk.run(&["status", "Closed", "99998", "99999"]).fails(3);

    desk.change("UPDATE tickets SET category_id = NULL WHERE id = 59");
    let ran = desk.run(&["priority", "urgent", "59", "58", "99999", "--json"]);
    ran.fails(8);
    let error = ran.json()[0]["error"].to_string();
    assert!(error.contains("no department"), "{ran:?}");
    desk.run(&["edit", "59", "--subject", "x"]).fails(4);
}

#[test]
fn a_reply_whose_fate_is_not_known_in_time_is_6_and_is_said_once() {
    let desk = Desk::open();
    let id = known(&desk);
    let before: i64 = desk.ask("SELECT count(*) FROM replies");
    let posts = "/api/tickets/*/replies";
    // The answer is lost, and the reply is found.
    desk.fault(Fault::new(Method::POST, posts, FaultKind::DropAfter).times(1));
    assert!(desk.ok(&["reply", &id, "--text", "One"]).stdout.contains("recorded"));
    assert_eq!(desk.ask::<i64>("SELECT count(*) FROM replies"), before + 1);
    // It never came, which is not certain before the grace time has passed.
    desk.fault(Fault::new(Method::POST, posts, FaultKind::DropBefore).times(1));
    let ran = desk.run(&["reply", &id, "--text", "Two", "--timeout", "1", "--json"]);
    ran.fails(6);
    assert_eq!(outcome(&ran), "doubtful", "{ran:?}");
    assert_eq!(outbox(&desk), ["doubtful"]);
    wait_for("the second reply", || {
        desk.ok(&["tags", &id, "--add", "again"]);
        desk.ok(&["tags", &id, "--remove", "again"]);
        desk.ask::<i64>("SELECT count(*) FROM replies") == before + 2
    });
}

#[test]
fn a_store_that_can_t_be_used_is_1_and_stays_as_it_is() {
    let desk = Desk::open();
    let id = known(&desk);
    let work = std::fs::read_dir(desk.data().join("profiles"))
        .ok()
        .and_then(|mut all| all.next())
        .map_or_else(
            || find(&desk.data(), "work.db"),
            |it| find(&it.expect("a folder").path(), "work.db"),
        );
    let db = Connection::open(&work).expect("the store's file");
    db.execute_batch("PRAGMA user_version = 9999; PRAGMA wal_checkpoint(TRUNCATE);")
        .expect("newer");
    drop(db);
    let ran = desk.run(&["status", "Closed", &id, "--json"]);
    ran.fails(1);
    let said = ran.error()["message"].to_string();
    assert!(said.contains("newer growdesk"), "{said}");
    std::fs::write(&work, "no database at all, but for a few words that are here").expect("broken");
    let broken = std::fs::read(&work).expect("it is there");
    desk.run(&["status", "Closed", &id]).fails(1);
    assert_eq!(std::fs::read(&work).expect("it is there"), broken);
}

#[test]
fn a_store_that_is_locked_is_1_and_nothing_is_lost() {
    let desk = Desk::open();
    let id = known(&desk);
    let work = find(&desk.data(), "work.db");
    let db = Connection::open(&work).expect("the store's file");
    db.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let ran = desk.run(&["status", "Closed", &id, "--queue"]);
    ran.fails(1);
    assert!(ran.stderr.contains("lock"), "{ran:?}");
    db.execute_batch("ROLLBACK").expect("free again");
    desk.ok(&["status", "Closed", &id]);
}

fn find(folder: &std::path::Path, name: &str) -> std::path::PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|it| it == name) {
                return path;
            }
        }
    }
    panic!("{name} is not in {}", folder.display());
}

/// A verb that runs.
struct Running(Option<Child>);

impl Running {
    fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(Some(command.spawn().expect("the binary starts")))
    }

    fn signal(&self, name: &str) {
        let id = self.0.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(sent.expect("there is a kill command").success());
    }

    fn ended(mut self) -> Ran {
        let child = self.0.take().expect("it runs");
        let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Ran { stdout: text(stdout), stderr: text(stderr), code: status.code().unwrap_or(-1) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
        }
    }
}

#[test]
fn a_signal_while_a_write_waits_leaves_it_in_the_outbox_and_is_6() {
    for (signals, many) in [("INT", 1), ("TERM", 1), ("INT", 3)] {
        let desk = Desk::open();
        let id = known(&desk);
        let away = desk.fault(Fault::new(Method::PUT, "/api/**", FaultKind::Limited(3_600)));
        let verb = desk.command(&["status", "Closed", &id, "--timeout", "600", "--json"]);
        let running = Running::start(verb);
        wait_for("the change in the outbox", || outbox(&desk) == ["waiting"]);
        for _ in 0..many {
            running.signal(signals);
        }
        let ran = running.ended();
        ran.fails(6);
        assert_eq!(outcome(&ran), "queued", "{signals}: {ran:?}");
        assert!(ran.stderr.contains("stays in the outbox"), "{signals}: {ran:?}");
        assert_eq!(outbox(&desk).len(), 1);
        desk.sandbox().faults().remove(away);
    }
}

#[test]
fn a_signal_in_the_middle_of_a_request_loses_nothing_and_doubles_nothing() {
    let desk = Desk::open();
    let id = known(&desk);
    let before: i64 = desk.ask("SELECT count(*) FROM replies");
    let late = FaultKind::Latency(Duration::from_millis(1_500));
    let slow = desk.fault(Fault::new(Method::POST, "/api/tickets/*/replies", late).times(1));
    let running = Running::start(desk.command(&["reply", &id, "--text", "Once", "--json"]));
    wait_for("the request", || desk.sandbox().faults().hits(slow) == 1);
    running.signal("INT");
    running.signal("INT");
    let ran = running.ended();
    wait_for("the reply", || {
        desk.ok(&["tags", &id, "--add", "again"]);
        desk.ok(&["tags", &id, "--remove", "again"]);
        outbox(&desk).is_empty()
    });
    assert_eq!(desk.ask::<i64>("SELECT count(*) FROM replies"), before + 1, "{ran:?}");
}
