//! How a command brings the local copy up to date, and what it says where it can't.

use std::time::Duration;

use growdesk::sandbox::{Fault, FaultKind};

use super::desk::{Desk, finish};

#[test]
fn a_second_look_within_the_interval_asks_nothing() {
    let desk = Desk::open();
    desk.ok(&["list"]);
    let before = desk.requests("GET");
    assert!(before > 0);
    for _ in 0..3 {
        let ran = desk.ok(&["list", "--ids"]);
        assert_eq!(ran.stderr, "");
    }
    assert_eq!(desk.requests("GET"), before);
}

#[test]
fn an_old_copy_is_printed_and_its_age_and_the_reason_are_said() {
    let mut desk = Desk::open();
    let whole = desk.ok(&["list", "--ids"]).stdout;
    make_old(&desk);
    let ran = desk.ok(&["list", "--ids", "--cached"]);
    assert!(ran.stderr.contains("the local copy is 2h old"), "{ran:?}");
    desk.always(FaultKind::Unauthorized);
    let ran = desk.ok(&["list", "--ids"]);
    assert!(ran.stderr.contains("2h old: the server does not accept the API key"), "{ran:?}");
    desk.sandbox().faults().clear();
    let environment = desk.environment();
    desk.stop_server();
    let mut command = desk.command(&["list", "--ids"]);
    command.envs(environment);
    let ran = finish(command, b"");
    assert_eq!((ran.code, &ran.stdout), (0, &whole), "{ran:?}");
    assert!(ran.stderr.contains("2h old: the server can't be reached"), "{ran:?}");
}

/// The waiting tickets were last seen two hours ago, and the last pass was then.
fn make_old(desk: &Desk) {
    let then = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(2);
    let store = desk.store();
    desk.runtime.block_on(async {
        store.set_synced_at(then).await.expect("it is kept");
        store.claim_pass(then, Duration::ZERO).await.expect("it is kept");
        store.close().await;
    });
}

#[test]
fn where_nothing_is_stored_the_exit_code_tells_why() {
    for (kind, code) in
        [(FaultKind::Unauthorized, 7), (FaultKind::Limited(3_600), 9), (FaultKind::DropBefore, 5)]
    {
        let desk = Desk::open();
        desk.always(kind);
        let ran = desk.run(&["list", "--json"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{ran:?}");
    }
    let desk = Desk::open();
    let ran = desk.run(&["list", "--cached"]);
    assert!(ran.fails(1).contains("growdesk sync"), "{ran:?}");
    assert_eq!(desk.requests("GET"), 0);
}

#[test]
fn a_copy_that_is_not_whole_is_printed_and_said() {
    let desk = Desk::with(600);
    desk.fault(Fault::new(None, "/api/tickets", FaultKind::Latency(Duration::from_millis(400))));
    let mut command = desk.command(&["list", "--json"]);
    command.env("GROWDESK_TIMEOUT_SECONDS", "3");
    let ran = finish(command, b"");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("the local copy is incomplete: "), "{ran:?}");
    assert!(ran.json().as_array().is_some_and(|it| !it.is_empty()));
    desk.sandbox().faults().clear();
    desk.ok(&["sync"]);
    let count: i64 = desk.ask("SELECT count(*) FROM tickets WHERE active_state = 'active'");
    let ran = desk.ok(&["list", "--ids"]);
    assert_eq!(ran.stderr, "");
    assert_eq!(i64::try_from(ran.stdout.lines().count()).expect("a count"), count);
}
