//! Verbs of many processes and a console that runs, on one profile, through a server that fails often:
//! each write is on the server exactly once, and none is left.
//!
//! `GROWDESK_CROWD=500` makes it ten processes with 500 writes.

use std::thread;

use super::{
    desk::{Desk, Ran, wait_for},
    pty::Console,
};

/// How many tickets one command writes to.
const TICKETS: usize = 5;
/// The tickets that each process has for itself, from this one on.
const OWN: usize = 11;

/// What goes wrong: each is rare, and all of them come again and again.
const FAULTS: [&str; 7] = [
    "POST /api/tickets/*/replies drop-after each:10",
    "POST /api/tickets/*/replies drop-before each:11",
    "* /api/tickets/*/tags drop-after each:12",
    "* /api/tickets/** error each:13",
    "* /api/tickets/** error-after each:29",
    "* /api/** limited=1 each:31",
    "GET /api/tickets/** drop-before each:17",
];

fn size() -> (usize, usize) {
    let asked = std::env::var("GROWDESK_CROWD").ok().and_then(|it| it.parse::<usize>().ok());
    match asked {
        Some(writes) => (10, writes.div_ceil(10 * TICKETS)),
        None => (3, 2),
    }
}

/// The arguments of a process's `round`th command, and what it leaves on each of its tickets.
fn command(process: usize, round: usize) -> (Vec<String>, Vec<usize>, String) {
    let word = format!("crowd-{process}-{round}");
    let shared: Vec<usize> = (1..=TICKETS).map(|at| at + TICKETS * (round % 2)).collect();
    let own: Vec<usize> = (0..TICKETS).map(|at| OWN + process * TICKETS + at).collect();
    let (verb, tickets) = match round % 3 {
        0 => (vec!["note".to_owned(), "--text".to_owned(), word.clone()], shared),
        1 => (vec!["reply".to_owned(), "--text".to_owned(), word.clone()], own),
        _ => (vec!["tags".to_owned(), "--add".to_owned(), word.clone()], shared),
    };
    let ids = tickets.iter().map(ToString::to_string);
    (verb.into_iter().chain(ids).collect(), tickets, word)
}

fn one_process(desk: &Desk, process: usize, rounds: usize) -> Vec<Ran> {
    let run = |round| {
        let (arguments, ..) = command(process, round);
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments.extend(["--json", "--timeout", "600"]);
        let mut command = desk.command(&arguments);
        command.env("GROWDESK_GRACE_SECONDS", "5").env("GROWDESK_TIMEOUT_SECONDS", "5");
        // How long it takes depends on the faults that it meets, and on all others.
        let output = command.output().expect("the binary runs");
        Ran {
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
            code: output.status.code().unwrap_or(-1),
        }
    };
    (0..rounds).map(run).collect()
}

#[test]
fn many_processes_and_a_console_write_each_once_through_faults() {
    let (processes, rounds) = size();
    let desk = Desk::with(OWN + 10 * TICKETS);
    // The first command makes the profile's folder.
    desk.ok(&["tags", "1", "--add", "begun"]);
    let environment = desk.environment();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut console = Console::start(&[], &environment, desk.folder.path());
    console.wait_for("online");
    for fault in FAULTS {
        desk.fault(fault.parse().expect("a fault"));
    }
    let ran: Vec<Ran> = thread::scope(|scope| {
        let desk = &desk;
        let all: Vec<_> = (0..processes)
            .map(|process| scope.spawn(move || one_process(desk, process, rounds)))
            .collect();
        // A ticket that comes under the cursor by itself does not take the key.
        wait_for("the pane of the note", || {
            if !console.text().contains("colleagues only") {
                console.type_keys("n");
                thread::sleep(std::time::Duration::from_millis(200));
            }
            console.text().contains("colleagues only")
        });
        console.type_keys("crowd-console");
        console.press("\u{13}", "Review");
        console.type_keys("\r");
        all.into_iter().flat_map(|it| it.join().expect("a process ends")).collect()
    });
    for ran in &ran {
        let told = ran.json();
        let told = told.as_array().expect("an array");
        assert_eq!(told.len(), TICKETS, "{ran:?}");
        assert!(told.iter().all(|it| it["outcome"] == "recorded"), "{ran:?}");
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    wait_for("the console's own note", || {
        desk.ask::<i64>("SELECT count(*) FROM replies WHERE text LIKE '%crowd-console%'") == 1
    });
    desk.sandbox().faults().clear();
    wait_for("an empty outbox", || desk.run(&["outbox", "--json"]).json() == serde_json::json!([]));
    for process in 0..processes {
        for round in 0..rounds {
            let (_, tickets, word) = command(process, round);
            for ticket in tickets {
                let sql = match round % 3 {
                    2 => format!("FROM tags WHERE ticket_id = {ticket} AND title = '{word}'"),
                    _ => format!(
                        "FROM replies WHERE ticket_id = {ticket} AND text = '<p>{word}</p>'"
                    ),
                };
                let many: i64 = desk.ask(&format!("SELECT count(*) {sql}"));
                assert_eq!(many, 1, "{word} on #{ticket}");
            }
        }
    }
    console.type_keys("\u{3}");
    assert!(console.ended().success());
}
