//! A data folder that is deleted while changes are on their way: none is lost, none is sent twice.

use std::time::Duration;

use growdesk::{
    desk::{Report, Work},
    domain::{Entry, State},
    store::Store,
    worker::Worker,
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{
    bench::{Bench, Pace, sandbox, worker},
    ledger::{Changes, Ledger},
    writes::Write,
};

const PACE: Pace = Pace {
    timeout: Duration::from_millis(1_500),
    grace: Duration::from_millis(1_600),
    retry: Duration::from_millis(150),
};

async fn bench() -> Bench {
    let sandbox = sandbox().await;
    Write::Reply.arrange(&sandbox);
    Bench::open(sandbox, PACE).await
}

/// A reply that is held for two seconds.
async fn held(bench: &mut Bench) -> Entry {
    let until = Timestamp::now() + SignedDuration::from_secs(2);
    Entry { state: State::Holding { until }, ..Write::Reply.entry(bench).await }
}

async fn is_stored(bench: &Bench, entry: &Entry) -> bool {
    bench.store.entry(entry.id).await.expect("the store answers").is_some()
}

/// The entry as the file at the path has it.
async fn on_disk(bench: &Bench, entry: &Entry) -> Option<State> {
    let store = bench.other_console().await;
    let found = store.entry(entry.id).await.expect("the store answers");
    store.close().await;
    found.map(|it| it.state)
}

/// The reply is recorded, once, and the file at the path says so.
async fn recorded_once(mut bench: Bench, entry: &Entry, before: &Ledger) {
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    assert_eq!(on_disk(&bench, entry).await, Some(state));
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Reply.effect(before));
    let log = bench.store.log(9).await.expect("the store answers");
    assert_eq!(log.iter().filter(|line| line.entry == entry.id).count(), 1);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_reply_is_sent_once_or_taken_back_though_the_folder_is_deleted_twice() {
    for takes_back in [false, true] {
        let mut bench = bench().await;
        let before = Ledger::of(&bench.sandbox);
        let entry = held(&mut bench).await;
        bench.queue(vec![entry.clone()]);
        bench.until("it is stored", async |it| is_stored(it, &entry).await).await;
        for _ in 0..2 {
            bench.delete_folder();
            assert!(is_stored(&bench, &entry).await);
            assert!(matches!(on_disk(&bench, &entry).await, Some(State::Holding { .. })));
        }
        if !takes_back {
            recorded_once(bench, &entry, &before).await;
            continue;
        }
        bench.delete_folder();
        bench.worker.ask(Work::TakeBack(vec![entry.id]));
        assert_eq!(bench.rest(entry.id).await, State::TakenBack);
        assert_eq!(on_disk(&bench, &entry).await, Some(State::TakenBack));
        assert_eq!(bench.store.drafts().await.expect("the store answers").len(), 1);
        assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Changes::default());
        bench.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_deleted_while_a_reply_is_checked_or_out_changes_nothing_about_it() {
    for fault in [
        "GET /api/tickets/32/replies latency=600ms 1",
        "POST /api/tickets/32/replies latency=600ms 1",
        "POST /api/tickets/32/replies late=600ms 1",
    ] {
        let mut bench = bench().await;
        let before = Ledger::of(&bench.sandbox);
        let entry = Write::Reply.entry(&mut bench).await;
        let fault = bench.fault(fault);
        bench.queue(vec![entry.clone()]);
        bench.until_hit(fault).await;
        bench.delete_folder();
        recorded_once(bench, &entry, &before).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_deleted_while_a_reply_is_in_doubt_does_not_let_it_go_twice() {
    for fault in ["drop-after", "drop-before"] {
        let mut bench = bench().await;
        let before = Ledger::of(&bench.sandbox);
        let entry = Write::Reply.entry(&mut bench).await;
        bench.fault(&format!("POST /api/tickets/32/replies {fault} 1"));
        let look = bench.fault("GET /api/tickets/32/replies latency=300ms 3");
        bench.queue(vec![entry.clone()]);
        let is_doubtful = |state: &State| matches!(state, State::Doubtful { .. });
        bench
            .wait(|message| match message {
                Report::Entry { entry: told, .. } if told.id == entry.id => {
                    is_doubtful(&told.state).then_some(())
                }
                _ => None,
            })
            .await;
        bench.until_hit(look).await;
        bench.delete_folder();
        recorded_once(bench, &entry, &before).await;
    }
}

type Told = UnboundedReceiver<(Timestamp, Report)>;

/// A second console at work on the bench's folder.
async fn second(bench: &Bench) -> (Worker, Told, Store) {
    let store = bench.other_console().await;
    let (worker, told) = worker(&bench.sandbox, store.clone(), PACE);
    (worker, told, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_consoles_whose_folder_is_deleted_send_each_reply_once() {
    for round in 0..4 {
        let mut bench = bench().await;
        let before = Ledger::of(&bench.sandbox);
        let (other, _told, other_store) = second(&bench).await;
        let entry = held(&mut bench).await;
        bench.queue(vec![entry.clone()]);
        bench.until("it is stored", async |it| is_stored(it, &entry).await).await;
        // The other one knows of it, too.
        bench
            .until("the other has it", async |_| {
                other_store.entry(entry.id).await.expect("the store answers").is_some()
            })
            .await;
        if round % 2 == 1 {
            let out = bench.fault("POST /api/tickets/32/replies latency=500ms 1");
            bench.until_hit(out).await;
        }
        bench.delete_folder();
        if round < 2 {
            other_store.entry(entry.id).await.expect("the store answers");
        }
        let state = bench.rest(entry.id).await;
        assert!(matches!(state, State::Recorded { .. }), "{state:?}");
        other.close().await;
        recorded_once(bench, &entry, &before).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_while_there_can_be_no_folder_and_all_is_once_there_can() {
    let mut bench = bench().await;
    let before = Ledger::of(&bench.sandbox);
    let entry = held(&mut bench).await;
    bench.queue(vec![entry.clone()]);
    bench.until("it is stored", async |it| is_stored(it, &entry).await).await;
    bench.delete_folder();
    std::fs::write(bench.folder(), "of somebody else").expect("a file in its place");
    bench.wait(|message| matches!(message, Report::DraftsLost(_)).then_some(())).await;
    let State::Holding { until } = entry.state else { panic!("{entry:?}") };
    bench.until("its time is over", async |_| Timestamp::now() > until).await;
    bench.worker.ask(Work::TakeBack(vec![entry.id]));
    bench
        .wait(|message| match message {
            Report::NotTakenBack { ids, .. } => (*ids == [entry.id]).then_some(()),
            _ => None,
        })
        .await;
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Changes::default());
    std::fs::remove_file(bench.folder()).expect("the file is put away");
    recorded_once(bench, &entry, &before).await;
}
