//! What the agent does while a change is on its way.

use std::time::Duration;

use growdesk::{
    app::Work,
    domain::{Entry, State},
};
use jiff::Timestamp;

use crate::{
    bench::{Bench, Pace, sandbox},
    ledger::Ledger,
    writes::Write,
};

const PACE: Pace = Pace {
    timeout: Duration::from_millis(800),
    grace: Duration::from_millis(900),
    retry: Duration::from_millis(150),
};

async fn bench() -> Bench {
    let sandbox = sandbox().await;
    Write::Reply.arrange(&sandbox);
    Bench::open(sandbox, PACE).await
}

/// A reply whose hold is over: the worker remembers it as held until it has come to something.
async fn held(bench: &mut Bench) -> Entry {
    let state = State::Holding { until: Timestamp::now() };
    Entry { state, ..Write::Reply.entry(bench).await }
}

/// "Send now" while a reply is on its way changes nothing about it.
async fn send_now_during(fault: &str) {
    let mut bench = bench().await;
    let before = Ledger::of(&bench.sandbox);
    let entry = held(&mut bench).await;
    let fault = bench.fault(fault);
    bench.queue(vec![entry.clone()]);
    bench.until_hit(fault).await;
    let known = bench.store.entry(entry.id).await.expect("the store answers");
    bench.worker.ask(Work::SendNow);
    // What was asked for before it is done once this is.
    let later = bench.entry(growdesk::domain::TicketId(31), Write::Note.change(&bench.sandbox));
    bench.queue(vec![later.clone()]);
    bench
        .until("it is stored", async |it| {
            it.store.entry(later.id).await.expect("the store answers").is_some()
        })
        .await;
    assert_eq!(bench.store.entry(entry.id).await.expect("the store answers"), known);
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    bench.rest(later.id).await;
    let mut changes = before.changes(&Ledger::of(&bench.sandbox));
    changes.come.retain(|line| line.starts_with("#32 "));
    assert_eq!(changes, Write::Reply.effect(&before));
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn send_now_leaves_alone_what_is_being_checked() {
    send_now_during("GET /api/tickets/32/replies latency=500ms 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn send_now_leaves_alone_what_is_out() {
    send_now_during("POST /api/tickets/32/replies hang-after 1").await;
}
