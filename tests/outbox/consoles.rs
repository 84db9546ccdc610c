//! Two consoles on one profile: neither sends what the other has in hand.

use std::time::Duration;

use growdesk::{
    desk::Report,
    domain::{
        Entry, Line, Problem, ProblemKind, State,
        outbox::{Decision, News},
    },
    store::{Claim, Store},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    bench::{Bench, Pace, sandbox},
    ledger::{Changes, Ledger},
    writes::Write,
};

const PACE: Pace = Pace {
    timeout: Duration::from_millis(1_000),
    grace: Duration::from_millis(900),
    retry: Duration::from_millis(150),
};
const LEASE: Duration = Duration::from_secs(60);

async fn bench() -> Bench {
    let sandbox = sandbox().await;
    Write::Note.arrange(&sandbox);
    Bench::open(sandbox, PACE).await
}

async fn claim(store: &Store, entry: &Entry, now: Timestamp) {
    let claim = store.claim(entry.id, now, LEASE).await.expect("the store answers");
    assert!(matches!(claim, Claim::Taken(_) | Claim::Orphaned(_)), "{claim:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_lost_its_claim_sends_nothing_and_refuses_nothing() {
    let mut bench = bench().await;
    let before = Ledger::of(&bench.sandbox);
    let entry = Write::Note.entry(&mut bench).await;
    let other = bench.other_console().await;
    let slow = bench.fault("GET /api/tickets/32/replies latency=500ms 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(slow).await;
    // As after an hour of sleep: the lease is over, and somebody else goes on with it.
    claim(&other, &entry, Timestamp::now() + SignedDuration::from_hours(1)).await;
    let told = bench
        .wait(|message| match message {
            Report::Entry { entry: told, .. } if told.id == entry.id => Some(told.state.clone()),
            _ => None,
        })
        .await;
    assert_eq!(told, State::Queued, "nothing has happened to it here");
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Changes::default());
    other.close().await;
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Note.effect(&before));
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_lost_its_claim_leaves_what_the_other_made_of_it() {
    let mut bench = bench().await;
    let before = Ledger::of(&bench.sandbox);
    let entry = Write::Note.entry(&mut bench).await;
    let other = bench.other_console().await;
    let slow = bench.fault("GET /api/tickets/32/replies latency=500ms 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(slow).await;
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    claim(&other, &entry, later).await;
    let reason = Decision::Overtaken(Box::default());
    let asks = State::Decision { reason };
    assert!(other.set_state(entry.id, asks.clone(), None, later).await.expect("it is written"));
    assert_eq!(bench.rest(entry.id).await, asks);
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Changes::default());
    other.close().await;
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_decision_elsewhere_is_not_sent_here() {
    let mut bench = bench().await;
    let before = Ledger::of(&bench.sandbox);
    let until = Timestamp::now() + SignedDuration::from_secs(1);
    let entry = Entry { state: State::Holding { until }, ..Write::Note.entry(&mut bench).await };
    bench.queue(vec![entry.clone()]);
    bench.until("it is stored", async |it| is_stored(it, &entry).await).await;
    let other = bench.other_console().await;
    claim(&other, &entry, Timestamp::now()).await;
    let said = Line::from_cleaned("no answer", None);
    let problem = Problem::new(ProblemKind::TimedOut { sent: true }, said);
    let reason = Decision::Unclear { problem, news: Box::new(News::default()) };
    let asks = State::Decision { reason };
    let written = other.set_state(entry.id, asks.clone(), None, Timestamp::now()).await;
    assert!(written.expect("the store answers"));
    assert_eq!(bench.rest(entry.id).await, asks);
    bench.until("its time is over", async |_| Timestamp::now() > until).await;
    let after = bench.entry(crate::writes::TICKET, Write::Status.change(&bench.sandbox));
    assert!(matches!(bench.carry_out(vec![after]).await, State::Recorded { .. }));
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Status.effect(&before));
    let state = bench.send_anyway(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    bench.close().await;
}

async fn is_stored(bench: &Bench, entry: &Entry) -> bool {
    bench.store.entry(entry.id).await.expect("the store answers").is_some()
}
