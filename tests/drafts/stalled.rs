//! Another process holds the lock of the store and is stopped in it: what is said to be recorded is in
//! the file, and what is not is said not to be.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use growdesk::domain::{DraftKind, State};

use crate::{
    desk::{Desk, compose, key},
    pty::Console,
};

const CTRL_C: &str = "\u{3}";
const CTRL_S: &str = "\u{13}";
const ESCAPE: &str = "\u{1b}";

/// Names the file to the process that locks it.
const FILE: &str = "GROWDESK_TEST_LOCKED";

/// A process that has the write lock of the desk's store.
pub(crate) struct Holder(Child);

impl Holder {
    pub(crate) fn of(desk: &Desk) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["stalled::the_holder", "--exact", "--ignored", "--nocapture"])
            .env(FILE, desk.profile().join("work.db"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let said = BufReader::new(child.stdout.take().expect("its output"));
        assert!(said.lines().map_while(Result::ok).any(|line| line.contains("locked")));
        let holder = Self(child);
        let stop = Command::new("kill").args(["-STOP", &holder.0.id().to_string()]).status();
        assert!(stop.expect("there is a kill command").success());
        holder
    }

    pub(crate) fn end(mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it ends");
    }
}

/// No test: the process of the ones below. It takes the lock and does not let go of it.
#[test]
#[ignore = "it is run by the tests below"]
fn the_holder() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let file = rusqlite::Connection::open(PathBuf::from(file)).expect("the store's file");
    file.execute_batch("BEGIN IMMEDIATE").expect("the lock is free");
    println!("locked");
    std::thread::sleep(std::time::Duration::from_secs(120));
}

/// A reply on #3, reviewed and confirmed while the store is locked.
fn confirmed(desk: &Desk) -> (Console, Holder) {
    let mut console = desk.open();
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("Only what is stored is said");
    console.wait_for("draft saved");
    console.press(CTRL_S, "Review");
    let holder = Holder::of(desk);
    console.press("y", "storing…");
    console.wait_for("the disk is slow: not stored yet");
    assert!(!console.text().contains("takes it back"), "{}", console.text());
    (console, holder)
}

fn outbox(desk: &Desk) -> Vec<growdesk::domain::Entry> {
    desk.with_store(async |store| store.outbox().await.expect("the store answers"))
}

#[test]
fn what_is_not_stored_is_not_said_to_be_recorded_and_is_a_draft_after_a_kill() {
    let desk = Desk::new();
    let (mut console, holder) = confirmed(&desk);
    console.press(ESCAPE, "#3 the reply is not stored yet");
    console.type_keys(CTRL_C);
    // A machine that is very busy gets here only after the store has given up.
    console.wait_until("asked about the reply, or told of it", |screen| {
        screen.contains("may lose it: reply on #3") || screen.contains("is not recorded")
    });
    console.type_keys(ESCAPE);
    console.wait_gone("Leave growdesk?");
    // The ticket keeps its row until the cursor leaves it.
    console.press("j", "─ #2 Printer 2");
    console.press("s", "Status of #2");
    console.type_keys("2");
    console.wait_gone("Status of #2");
    assert!(!console.text().contains("takes it back"), "{}", console.text());
    console.kill();
    holder.end();
    assert_eq!(outbox(&desk), []);
    let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
    assert_eq!(draft.text, "Only what is stored is said");
}

#[test]
fn what_is_said_to_be_recorded_outlives_a_kill() {
    let desk = Desk::new();
    let (mut console, holder) = confirmed(&desk);
    let asked = jiff::Timestamp::now();
    holder.end();
    console.wait_for("z takes it back");
    console.kill();
    let entries = outbox(&desk);
    let [reply, status] = &entries[..] else { panic!("{entries:?}") };
    let State::Holding { until } = reply.state else { panic!("{reply:?}") };
    assert!(until.duration_since(asked) > jiff::SignedDuration::from_secs(3_600), "{until}");
    assert_eq!(status.after, Some(reply.id));
    assert_eq!(desk.draft(key(3, DraftKind::Reply)), None);
}
