//! The same thing asked for twice is two things: neither may be taken for the other.

use std::time::Duration;

use growdesk::domain::{Entry, State};

use crate::{
    bench::{Bench, Pace, sandbox},
    ledger::Ledger,
    writes::Write,
};

const PACE: Pace = Pace {
    timeout: Duration::from_millis(300),
    grace: Duration::from_millis(600),
    retry: Duration::from_millis(150),
};

/// Asks for the same twice at once, through one fault, and counts what the server has of it.
async fn twice(write: Write, fault: &str) -> usize {
    let sandbox = sandbox().await;
    write.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, PACE).await;
    let before = Ledger::of(&bench.sandbox);
    let (one, two) = (write.entry(&mut bench).await, write.entry(&mut bench).await);
    bench.fault(&format!("{} {fault}", write.request()));
    bench.queue(vec![one.clone(), two.clone()]);
    for id in [one.id, two.id] {
        let state = bench.rest(id).await;
        assert!(matches!(state, State::Recorded { .. }), "{write:?} with {fault}: {state:?}");
    }
    let (one, two) = (settled(&bench, &one).await, settled(&bench, &two).await);
    let apart =
        if write == Write::Create { one.ticket != two.ticket } else { one.state != two.state };
    assert!(apart, "{write:?} with {fault}: both are {:?} {:?}", one.ticket, one.state);
    let changes = before.changes(&Ledger::of(&bench.sandbox));
    bench.close().await;
    changes.come.len()
}

async fn settled(bench: &Bench, entry: &Entry) -> Entry {
    bench.store.entry(entry.id).await.expect("the store answers").expect("the entry is kept")
}

const FAULTS: [&str; 5] =
    ["drop-before 1", "drop-after 1", "drop-after 2", "hang 2", "hang-after 2"];

async fn are_two(write: Write) {
    let each = async |fault| assert_eq!(twice(write, fault).await, 2, "{write:?} with {fault}");
    futures::future::join_all(FAULTS.map(each)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_equal_replies_are_two() {
    are_two(Write::Reply).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_equal_notes_are_two() {
    are_two(Write::Note).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_equal_tickets_are_two() {
    are_two(Write::Create).await;
}
