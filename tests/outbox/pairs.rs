//! A reply and the status that follows it are two requests: what becomes of the second never
//! touches the first.

use std::time::Duration;

use growdesk::{
    desk::Report,
    domain::{Entry, ProblemKind, State, outbox::Decision},
};

use crate::{
    bench::{Bench, Pace, sandbox},
    ledger::{Changes, Ledger},
    writes::{Write, reply_and_status},
};

const PACE: Pace = Pace {
    timeout: Duration::from_millis(300),
    grace: Duration::from_millis(600),
    retry: Duration::from_millis(150),
};

/// A reply with its status, through one fault; the states of both, and what the server has of it.
async fn pair(fault: &str) -> (State, State, Changes, Ledger, usize) {
    let sandbox = sandbox().await;
    Write::Reply.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, PACE).await;
    let before = Ledger::of(&bench.sandbox);
    let reply = Write::Reply.entry(&mut bench).await;
    let status = Entry { after: Some(reply.id), ..Write::Status.entry(&mut bench).await };
    let fault = bench.fault(fault);
    let second = bench.carry_out(vec![reply.clone(), status]).await;
    let first = bench.rest(reply.id).await;
    assert!(bench.sandbox.faults().hits(fault) > 0);
    let changes = before.changes(&Ledger::of(&bench.sandbox));
    let posts = bench.sandbox.requests().iter().filter(|it| it.method.as_str() == "POST").count();
    assert_eq!(bench.store.outbox().await.expect("the store answers"), []);
    bench.close().await;
    (first, second, changes, before, posts)
}

/// Both come to be recorded, and the reply is there once.
async fn both_are_recorded(request: &str, kind: &str) -> usize {
    let (first, second, changes, before, posts) = pair(&format!("{request} {kind} 1")).await;
    assert!(matches!(first, State::Recorded { made: Some(_), .. }), "{kind}: {first:?}");
    assert!(matches!(second, State::Recorded { .. }), "{kind}: {second:?}");
    assert_eq!(changes, reply_and_status(&before), "{kind}");
    posts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_failure_keeps_the_reply_and_tries_the_status_alone_again() {
    let kinds = ["drop-before", "drop-after", "hang-after", "error", "garbage", "unauthorized"];
    let each = async |kind| {
        let posts = both_are_recorded(Write::Status.request(), kind).await;
        assert_eq!(posts, 1, "{kind}");
    };
    futures::future::join_all(kinds.map(each)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_reply_is_cleared_up_before_its_status_goes() {
    let kinds = ["drop-before", "drop-after", "hang-after", "truncate"];
    let each = |kind| both_are_recorded(Write::Reply.request(), kind);
    futures::future::join_all(kinds.map(each)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_status_leaves_the_reply_recorded() {
    let (first, second, changes, before, posts) =
        pair("PUT /api/tickets/32/status conflict 1").await;
    assert!(matches!(first, State::Recorded { made: Some(_), .. }), "{first:?}");
    assert!(matches!(second, State::Refused { .. }), "{second:?}");
    assert_eq!((changes, posts), (Write::Reply.effect(&before), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reply_takes_its_status_with_it() {
    let (first, second, changes, ..) = pair("POST /api/tickets/32/replies conflict 1").await;
    assert!(matches!(first, State::Refused { .. }), "{first:?}");
    assert_eq!(second, State::TakenBack);
    assert_eq!(changes, Changes::default());
}

/// The disk does not take the outcome of the reply: its status waits, and nothing is sent twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_the_disk_does_not_take_keeps_its_status() {
    let sandbox = sandbox().await;
    Write::Reply.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, PACE).await;
    let before = Ledger::of(&bench.sandbox);
    bench.in_store(
        "CREATE TRIGGER full BEFORE UPDATE ON outbox WHEN NEW.settled IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    let reply = Write::Reply.entry(&mut bench).await;
    let status = Entry { after: Some(reply.id), ..Write::Status.entry(&mut bench).await };
    bench.queue(vec![reply.clone(), status.clone()]);
    let first = bench
        .wait(|message| match message {
            Report::Failed(problem) => Some(Ok(problem.clone())),
            Report::TooLate(ids) => Some(Err(ids[0])),
            _ => None,
        })
        .await;
    assert_eq!(first.map(|problem| problem.kind), Ok(ProblemKind::Store));
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Reply.effect(&before));
    bench.in_store("DROP TRIGGER full");
    for id in [reply.id, status.id] {
        let state = bench.rest(id).await;
        assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    }
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), reply_and_status(&before));
    bench.close().await;
}

async fn pair_on(bench: &mut Bench) -> [Entry; 2] {
    let reply = Write::Reply.entry(bench).await;
    let status = Write::Status.entry(bench).await;
    let status = Entry { after: Some(reply.id), step: reply.step, ..status };
    [reply, status]
}

fn set_status(bench: &Bench, status: i64) {
    let sql = "UPDATE tickets SET status_id = ?1 WHERE id = 32";
    bench.sandbox.change(move |db| Ok(db.execute(sql, [status])?)).expect("the database takes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_the_server_gives_for_the_reply_is_overwritten() {
    let sandbox = sandbox().await;
    Write::Reply.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, PACE).await;
    let pair = pair_on(&mut bench).await;
    let late = bench.fault("POST /api/tickets/32/replies late=200ms 1");
    bench.queue(pair.to_vec());
    bench.until_hit(late).await;
    set_status(&bench, 3);
    let state = bench.rest(pair[1].id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_a_colleague_sets_after_the_reply_is_not_overwritten_unasked() {
    let sandbox = sandbox().await;
    Write::Reply.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, PACE).await;
    let pair = pair_on(&mut bench).await;
    let outage = bench.fault("PUT /api/tickets/32/status drop-before");
    bench.queue(pair.to_vec());
    bench.until_hit(outage).await;
    set_status(&bench, 3);
    bench.sandbox.faults().clear();
    let state = bench.rest(pair[1].id).await;
    let State::Decision { reason: Decision::Conflict { differences, .. } } = state else {
        panic!("{state:?}")
    };
    assert_eq!(differences[0].now, "On Hold");
    bench.close().await;
}
