//! A wall clock that is set while changes are on their way: before, within and between runs.
//!
//! A console whose clock began before the wall clock was set is what these open: its own times are off
//! by the jump from then on, so whatever goes by the wall clock after all is off as well.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use growdesk::{
    domain::{Change, Entry, ReplyKind, State},
    store::{Claim, Store},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    bench::{Bench, Pace, sandbox},
    ledger::Ledger,
    writes::Write,
};

const PACE: Pace = Pace {
    timeout: Duration::from_millis(300),
    grace: Duration::from_millis(1_500),
    retry: Duration::from_millis(150),
};

/// How far the wall clock is set: back an hour, a minute forward, a day forward.
fn jumps() -> [SignedDuration; 3] {
    [SignedDuration::from_hours(-1), SignedDuration::from_secs(60), SignedDuration::from_hours(24)]
}

/// Sets the wall clock by `by`, as far as what has the folder open from now on can tell: for them
/// the clock of this run of the machine began that much earlier.
fn set_wall_clock(folder: &Path, by: SignedDuration) {
    change_clock(folder, |run| {
        let start: Timestamp = run["start"].as_str().expect("a start").parse().expect("a time");
        run["start"] = (start - by).to_string().into();
    });
}

/// The machine was started anew since.
fn restart_machine(folder: &Path) {
    change_clock(folder, |run| run["boot"] = "an earlier run".into());
}

fn change_clock(folder: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let work = rusqlite::Connection::open(folder.join("work.db")).expect("the store's file");
    let sql = "SELECT value FROM memory WHERE key = 'clock'";
    let run: String = work.query_row(sql, [], |row| row.get(0)).expect("a clock");
    let mut run = serde_json::from_str(&run).expect("JSON");
    change(&mut run);
    work.execute("UPDATE memory SET value = ?1 WHERE key = 'clock'", [run.to_string()])
        .expect("it is written");
}

async fn folder_with_clock(by: SignedDuration) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    Store::open(folder.path()).await.expect("a store").store.close().await;
    set_wall_clock(folder.path(), by);
    folder
}

/// An entry that is held for `hold` from now, by the clock of the bench.
async fn held(bench: &mut Bench, hold: Duration) -> Entry {
    let entry = Write::Reply.entry(bench).await;
    let queued = bench.store.clock().now();
    Entry { queued, state: State::Holding { until: queued + hold }, ..entry }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_reply_leaves_after_its_hold_wherever_the_wall_clock_is_set() {
    for jump in jumps() {
        let sandbox = sandbox().await;
        Write::Reply.arrange(&sandbox);
        let mut bench = Bench::in_folder(sandbox, PACE, folder_with_clock(jump).await).await;
        assert_eq!(bench.store.clock().ahead(), jump);
        let before = Ledger::of(&bench.sandbox);
        let entry = held(&mut bench, Duration::from_secs(2)).await;
        let queued = Instant::now();
        let state = bench.carry_out(vec![entry]).await;
        let took = queued.elapsed();
        assert!(took >= Duration::from_millis(1_900), "{jump}: it left after {took:?}");
        let State::Recorded { at, .. } = state else { panic!("{jump}: {state:?}") };
        assert!(at.duration_since(Timestamp::now()).abs() < SignedDuration::from_secs(60));
        assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Reply.effect(&before));
        let log = bench.store.log(1).await.expect("the store answers");
        let logged = log[0].at.duration_since(Timestamp::now()).abs();
        assert!(logged < SignedDuration::from_secs(60), "{jump}: the log is for people");
        bench.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grace_time_is_as_long_wherever_the_wall_clock_is_set() {
    for jump in jumps() {
        for write in [Write::Reply, Write::Create] {
            let sandbox = sandbox().await;
            write.arrange(&sandbox);
            let mut bench = Bench::in_folder(sandbox, PACE, folder_with_clock(jump).await).await;
            let before = Ledger::of(&bench.sandbox);
            // It is given up after 300 ms, and is done 900 ms after that.
            let late = bench.fault(&format!("{} late=1200ms 1", write.request()));
            let entry = write.entry(&mut bench).await;
            let state = bench.carry_out(vec![entry]).await;
            assert!(bench.sandbox.faults().hits(late) > 0);
            assert!(matches!(state, State::Recorded { .. }), "{jump}: {state:?}");
            assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), write.effect(&before));
            bench.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_opens_after_the_wall_clock_was_set_repeats_nothing() {
    for (machine, jump) in [(false, 60), (false, -3_600), (true, 60), (true, -3_600)] {
        let jump = SignedDuration::from_secs(jump);
        let sandbox = sandbox().await;
        Write::Reply.arrange(&sandbox);
        let mut bench = Bench::open(sandbox, PACE).await;
        let before = Ledger::of(&bench.sandbox);
        let late = bench.fault(&format!("{} late=1200ms 1", Write::Reply.request()));
        let entry = Write::Reply.entry(&mut bench).await;
        let id = entry.id;
        bench.queue(vec![entry]);
        bench.until_hit(late).await;
        bench
            .until("it is in doubt", async |bench| {
                let entry = bench.store.entry(id).await.expect("the store answers");
                entry.is_some_and(|it| matches!(it.state, State::Doubtful { .. }))
            })
            .await;
        let (sandbox, folder) = bench.leave().await;
        if machine {
            set_wall_clock(folder.path(), jump);
            restart_machine(folder.path());
        }
        let mut bench = Bench::again(sandbox, PACE, folder).await;
        let state = bench.rest(id).await;
        assert!(matches!(state, State::Recorded { .. }), "{machine} {jump}: {state:?}");
        assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Reply.effect(&before));
        bench.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_held_for_longer_than_its_hold_after_the_machine_was_started_anew() {
    let sandbox = sandbox().await;
    Write::Reply.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, PACE).await;
    let entry = held(&mut bench, Duration::from_secs(3)).await;
    let id = entry.id;
    bench.store.queue(vec![entry], vec![]).await.expect("the store takes it");
    let (sandbox, folder) = bench.leave().await;
    set_wall_clock(folder.path(), SignedDuration::from_hours(-1));
    restart_machine(folder.path());
    let mut bench = Bench::again(sandbox, PACE, folder).await;
    let state = bench.rest(id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    bench.close().await;
}

#[tokio::test]
async fn a_claim_stands_and_ends_by_the_clock_that_both_consoles_have() {
    for jump in jumps() {
        let folder = folder_with_clock(jump).await;
        let open = async || Store::open(folder.path()).await.expect("a store").store;
        let (one, two) = (open().await, open().await);
        assert_eq!(one.clock(), two.clock(), "{jump}");
        let post = Change::Post { kind: ReplyKind::Note, text: "Hello".into() };
        let entry = crate::bench::entry(1, growdesk::domain::TicketId(7), post);
        let id = entry.id;
        one.queue(vec![entry], vec![]).await.expect("the store takes it");
        let lease = Duration::from_secs(60);
        let claim = async |store: &Store, after| {
            store.claim(id, store.clock().now() + after, lease).await.expect("the store answers")
        };
        let (now, late) = (SignedDuration::ZERO, SignedDuration::from_secs(61));
        assert!(matches!(claim(&one, now).await, Claim::Taken(_)), "{jump}");
        assert!(matches!(claim(&two, now).await, Claim::Busy), "{jump}");
        assert!(matches!(claim(&two, late).await, Claim::Taken(_)), "{jump}");
    }
}
