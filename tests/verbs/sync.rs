//! `growdesk sync`: the first fill and what comes after it, stopped, killed, and twice at once.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use growdesk::sandbox::{Fault, FaultKind};
use serde_json::Value;

use super::desk::{Desk, Ran, ended, wait_for};

/// A server that takes its time for each page.
const SLOW: Duration = Duration::from_millis(250);

fn is_list(path: &str) -> bool {
    path == "/api/tickets"
}

/// How often the server was asked for a page of tickets.
fn pages(desk: &Desk) -> usize {
    desk.sandbox().requests().iter().filter(|it| is_list(&it.path)).count()
}

fn slow(desk: &Desk) {
    desk.fault(Fault::new(None, "/api/tickets", FaultKind::Latency(SLOW)));
}

fn tickets(desk: &Desk) -> u64 {
    let count: i64 = desk.ask("SELECT count(*) FROM tickets");
    u64::try_from(count).expect("a count")
}

fn delete(desk: &Desk, id: i64) {
    desk.change(&format!(
        "DELETE FROM replies WHERE ticket_id = {id}; DELETE FROM tags WHERE ticket_id = {id};
        DELETE FROM tickets WHERE id = {id};"
    ));
}

fn begun(desk: &Desk, arguments: &[&str]) -> Child {
    let mut command = desk.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

/// Waits until a run has asked for some pages.
fn wait_for_pages(desk: &Desk, count: usize) {
    wait_for("a few pages", || pages(desk) >= count);
}

fn is_whole(desk: &Desk, record: &Value) {
    assert_eq!(record["complete"], true, "{record}");
    assert_eq!(record["tickets"], tickets(desk), "{record}");
}

#[test]
fn a_first_run_reads_all_and_the_next_one_what_has_changed() {
    let desk = Desk::with(250);
    let first = desk.json(&["sync"]);
    is_whole(&desk, &first);
    assert_eq!(first["new"], tickets(&desk));
    assert_eq!(first["requests"], desk.requests("GET"));
    assert!(first["read"].as_u64() >= first["tickets"].as_u64(), "{first}");
    let waiting: i64 =
        desk.ask("SELECT min(id) FROM tickets WHERE status_id = 1 AND active_state = 'active'");
    let gone: i64 =
        desk.ask("SELECT max(id) FROM tickets WHERE status_id = 1 AND active_state = 'active'");
    desk.change(&format!("UPDATE tickets SET subject = 'Other' WHERE id = {waiting}"));
    delete(&desk, gone);
    let second = desk.json(&["sync"]);
    is_whole(&desk, &second);
    let counts = ["new", "changed", "gone", "unreadable"].map(|it| second[it].as_u64());
    assert_eq!(counts, [Some(0), Some(1), Some(1), Some(0)], "{second}");
    let line = desk.ok(&["sync"]);
    assert_eq!(line.stdout.split('\t').count(), 9, "{line:?}");
    assert_eq!(line.stderr, "", "a quick run has no progress to tell");
}

#[test]
fn only_with_all_are_closed_tickets_read_again() {
    let desk = Desk::with(250);
    desk.ok(&["sync"]);
    let gone: i64 =
        desk.ask("SELECT min(id) FROM tickets WHERE status_id = 2 AND active_state = 'active'");
    delete(&desk, gone);
    assert_eq!(desk.json(&["sync"])["gone"], 0);
    let all = desk.json(&["sync", "--all"]);
    assert_eq!(all["gone"], 1, "{all}");
    is_whole(&desk, &all);
}

#[test]
fn what_was_read_before_a_stop_is_kept_and_the_next_run_goes_on_from_there() {
    let whole = Desk::with(600);
    whole.ok(&["sync"]);
    let needed = pages(&whole);
    for (name, code) in [("-INT", 8), ("-TERM", 8), ("-KILL", -1)] {
        let desk = Desk::with(600);
        slow(&desk);
        let run = begun(&desk, &["sync", "--json"]);
        wait_for_pages(&desk, 4);
        signal(&run, name);
        let ran = ended(run);
        assert_eq!(ran.code, code, "{name}: {ran:?}");
        if code == 8 {
            assert_eq!(ran.json()["complete"], false);
            let error = ran.error();
            assert_eq!(error["code"], "partly");
            let said = error["message"].as_str().expect("text").to_owned();
            assert!(said.starts_with("stopped: ") && said.ends_with("tickets are here"), "{said}");
        }
        desk.sandbox().faults().clear();
        is_whole(&desk, &desk.json(&["sync"]));
        // The page that was on its way, the totals, and the refresh of a fill that took long.
        assert!(pages(&desk) <= needed + 4, "{name}: {} of {needed}", pages(&desk));
    }
}

#[test]
fn of_two_runs_at_once_one_reads_and_both_end_with_all() {
    let alone = Desk::with(600);
    alone.ok(&["sync"]);
    let desk = Desk::with(600);
    slow(&desk);
    let runs = [0, 1, 2].map(|_| begun(&desk, &["sync", "--json"]));
    for run in runs {
        let ran = ended(run);
        assert_eq!(ran.code, 0, "{ran:?}");
        is_whole(&desk, &ran.json());
    }
    assert!(pages(&desk) <= pages(&alone) + 2, "{} and {}", pages(&desk), pages(&alone));
}

#[test]
fn a_run_takes_the_place_of_one_that_was_killed() {
    let desk = Desk::with(600);
    slow(&desk);
    let first = begun(&desk, &["sync", "--json"]);
    wait_for_pages(&desk, 3);
    let second = begun(&desk, &["sync", "--json"]);
    wait_for_pages(&desk, 5);
    signal(&first, "-KILL");
    ended(first);
    let ran = ended(second);
    assert_eq!(ran.code, 0, "{ran:?}");
    is_whole(&desk, &ran.json());
}

#[test]
fn a_server_that_asks_for_patience_gets_as_much_as_is_allowed() {
    let desk = Desk::open();
    desk.fault(Fault::new(None, "/api/tickets", FaultKind::Limited(1)).times(2));
    is_whole(&desk, &desk.json(&["sync"]));
    desk.always(FaultKind::Limited(3_600));
    let ran = desk.run(&["sync", "--timeout", "5", "--json"]);
    ran.fails(9);
    assert_eq!(ran.error()["code"], "limited");
    assert_eq!(ran.json()["complete"], false);
}

#[test]
fn what_keeps_a_run_from_its_end_is_said_with_how_far_it_came() {
    let mut desk = Desk::with(250);
    let ran = refused(&desk, FaultKind::Unauthorized);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.stderr.contains("0 tickets are here"), "{ran:?}");
    desk.sandbox().faults().clear();
    desk.ok(&["sync"]);
    let environment = desk.environment();
    desk.stop_server();
    let mut command = desk.command(&["sync"]);
    command.envs(environment);
    let ran = super::desk::finish(command, b"");
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.stderr.contains("what was read is kept"), "{ran:?}");
}

fn refused(desk: &Desk, kind: FaultKind) -> Ran {
    desk.always(kind);
    desk.run(&["sync"])
}

#[test]
fn a_page_that_the_server_fails_over_stops_nothing() {
    let desk = Desk::with(250);
    desk.fault(Fault::new(None, "/api/tickets", FaultKind::Error).times(3));
    is_whole(&desk, &desk.json(&["sync"]));
}
