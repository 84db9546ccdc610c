//! What the agent does while a change is on its way.

use std::time::Duration;

use growdesk::{
    desk::{Connection, Report, Work},
    domain::{Entry, State, TicketId},
};
use jiff::Timestamp;

use crate::{
    bench::{Bench, Pace, sandbox},
    ledger::{Changes, Ledger},
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
    let later = bench.entry(TicketId(31), Write::Note.change(&bench.sandbox));
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
async fn what_waits_for_the_request_budget_is_taken_back() {
    let mut bench = bench().await;
    let before = Ledger::of(&bench.sandbox);
    bench.fault("GET /api/tickets limited=2 1");
    bench.worker.ask(Work::Refresh);
    let until = bench
        .wait(|message| match message {
            Report::Connection(Connection::Limited { until }) => Some(*until),
            _ => None,
        })
        .await;
    let entry = held(&mut bench).await;
    bench.queue(vec![entry.clone()]);
    bench
        .until("it is claimed", async |it| {
            let claimed = it.store.claimed(Timestamp::now()).await.expect("the store answers");
            claimed.contains(&entry.id)
        })
        .await;
    bench.worker.ask(Work::TakeBack(vec![entry.id]));
    assert_eq!(bench.rest(entry.id).await, State::TakenBack);
    assert!(Timestamp::now() < until, "it is taken back while it waits");
    let later = bench.entry(entry.ticket, Write::Status.change(&bench.sandbox));
    assert!(matches!(bench.carry_out(vec![later]).await, State::Recorded { .. }));
    bench
        .until("its job ends", async |it| {
            it.sandbox.requests().iter().any(|it| it.path == "/api/tickets/32/replies")
        })
        .await;
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Status.effect(&before));
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_checked_is_taken_back() {
    let mut bench = bench().await;
    let before = Ledger::of(&bench.sandbox);
    let entry = held(&mut bench).await;
    let slow = bench.fault("GET /api/tickets/32/replies latency=400ms 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(slow).await;
    bench.worker.ask(Work::TakeBack(vec![entry.id]));
    assert_eq!(bench.rest(entry.id).await, State::TakenBack);
    // Closing waits for its job.
    bench.worker.close().await;
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Changes::default());
    bench.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn send_now_leaves_alone_what_is_being_checked() {
    send_now_during("GET /api/tickets/32/replies latency=500ms 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn send_now_leaves_alone_what_is_out() {
    send_now_during("POST /api/tickets/32/replies hang-after 1").await;
}
