//! Every write, and whatever is read around it, through every way to go wrong.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use growdesk::{
    desk::Work,
    domain::{Change, Entry, EntryId, State},
};

use crate::{
    bench::{Bench, Pace, sandbox},
    ledger::{Changes, Ledger},
    writes::Write,
};

const PACE: Pace = Pace {
    timeout: Duration::from_millis(300),
    grace: Duration::from_millis(600),
    retry: Duration::from_millis(150),
};

/// Longer than this test takes to notice that a request has arrived.
const ATTENTIVE: Pace = Pace { timeout: Duration::from_millis(3_000), ..PACE };

/// How many cases of one test are under way at a time.
const AT_ONCE: usize = 16;

/// What passes, and must leave no trace.
const PASSING: [&str; 13] = [
    "drop-before",
    "drop-after",
    "hang",
    "hang-after",
    "late=450ms",
    "error",
    "error-after",
    "framework=500",
    "framework=404",
    "limited=1",
    "garbage",
    "truncate",
    "unauthorized",
];

/// What says in the API's own words that nothing is done.
const REFUSALS: [&str; 2] = ["not-found", "conflict"];

/// Statuses that whatever stands before a server answers with, before the work or after it.
const PROXIES: [u16; 14] = [200, 201, 302, 408, 425, 429, 499, 500, 502, 503, 504, 520, 524, 527];

/// Those that say that the request itself is at fault.
const TURNS_DOWN: [u16; 7] = [400, 403, 411, 413, 415, 419, 451];

/// Those whose answers ask to be waited for.
const WAITS: [u16; 6] = [408, 413, 429, 502, 503, 504];

/// One way for a write to go wrong.
struct Case {
    write: Write,
    faults: Vec<String>,
    refused: bool,
    pace: Pace,
}

impl Case {
    fn new(write: Write, faults: impl Into<Vec<String>>) -> Self {
        Self { write, faults: faults.into(), refused: false, pace: PACE }
    }

    /// What the answer says counts, so it is waited for on a busy machine too.
    fn attentive(self) -> Self {
        Self { pace: Pace { timeout: Duration::from_millis(1_500), ..PACE }, ..self }
    }

    fn refused(self) -> Self {
        Self { refused: true, ..self }
    }

    async fn check(self) {
        let Self { write, faults, refused, pace } = self;
        let name = format!("{write:?} with {}", faults.join(" and "));
        let sandbox = sandbox().await;
        write.arrange(&sandbox);
        let mut bench = Bench::open(sandbox, pace).await;
        let before = Ledger::of(&bench.sandbox);
        let entry = write.entry(&mut bench).await;
        let added: Vec<_> = faults.iter().map(|fault| bench.fault(fault)).collect();
        let state = bench.carry_out(vec![entry.clone()]).await;
        for (fault, id) in faults.iter().zip(added) {
            assert!(bench.sandbox.faults().hits(id) > 0, "{name}: {fault} hit nothing");
        }
        let expected = if refused {
            assert!(matches!(state, State::Refused { .. }), "{name}: {state:?}");
            keeps_the_text(&bench, &entry, &name).await;
            Changes::default()
        } else {
            assert!(matches!(state, State::Recorded { .. }), "{name}: {state:?}");
            write.effect(&before)
        };
        assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), expected, "{name}");
        says_so(&bench, entry.id, &state, &name).await;
        bench.close().await;
    }
}

/// The store agrees: the entry is settled so, nothing is left to do, and the log has it once.
async fn says_so(bench: &Bench, id: EntryId, state: &State, name: &str) {
    let store = &bench.store;
    let stored = store.entry(id).await.expect("the store answers").expect("the entry is kept");
    assert_eq!(&stored.state, state, "{name}");
    assert_eq!(store.outbox().await.expect("the store answers"), [], "{name}");
    let log = store.log(10).await.expect("the store answers");
    let lines: Vec<_> = log.iter().map(|line| (line.entry, &line.outcome, line.ticket)).collect();
    assert_eq!(lines, [(id, state, stored.ticket)], "{name}");
    if let State::Recorded { made, .. } = state {
        assert_eq!(made.is_some(), matches!(stored.change, Change::Post { .. }), "{name}");
        assert!(stored.ticket.is_some(), "{name}: on which ticket?");
        mirrors(bench, &stored, name).await;
    }
}

/// What was typed for a change that was refused is a draft again.
async fn keeps_the_text(bench: &Bench, entry: &Entry, name: &str) {
    let Some(typed) = entry.draft(entry.queued) else { return };
    let draft = bench.store.draft(typed.key).await.expect("the store answers");
    assert_eq!(draft.map(|it| it.text), Some(typed.text), "{name}");
}

/// What the console shows of the ticket is what the server has, after the next look at the latest: a
/// list that was asked for before the change can come after it.
async fn mirrors(bench: &Bench, entry: &Entry, name: &str) {
    if !is_mirrored(bench, entry).await {
        bench.worker.ask(Work::Refresh);
        let what = format!("the mirror: {name}");
        bench.until(&what, async |bench| is_mirrored(bench, entry).await).await;
    }
}

async fn is_mirrored(bench: &Bench, entry: &Entry) -> bool {
    let id = entry.ticket.expect("a ticket");
    let row = bench.store.row(id).await.expect("the store answers");
    let there: i64 = bench.ask(&format!("SELECT count(*) FROM tickets WHERE id = {}", id.0));
    let Some(row) = row else { return there == 0 };
    if there == 0 {
        return false;
    }
    let server: String = bench.ask(&format!(
        "SELECT subject || '|' || status_id || '|' || priority || '|' || active_state || '|' ||
            ifnull((SELECT group_concat(title) FROM tags WHERE ticket_id = tickets.id), '')
         FROM tickets WHERE id = {}",
        id.0
    ));
    let ticket = &row.ticket;
    let tags: Vec<&str> = ticket.tags.iter().map(|tag| tag.as_str()).collect();
    let state = if ticket.archived { "archived" } else { "active" };
    let shown = [
        ticket.subject.as_str(),
        &ticket.status.id.0.to_string(),
        ticket.priority.as_str(),
        state,
        &tags.join(","),
    ];
    shown.join("|") == server
}

async fn check(cases: impl IntoIterator<Item = Case>) {
    futures::stream::iter(cases).map(Case::check).buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// The write itself goes wrong.
async fn write_fails(write: Write) {
    let fault = |kind: &&str| Case::new(write, [format!("{} {kind} 1", write.request())]);
    let passing = PASSING.iter().map(fault);
    check(passing.chain(REFUSALS.iter().map(|kind| fault(kind).refused()))).await;
}

/// What is read before the write goes wrong, as often as it is tried.
async fn reads_fail(write: Write) {
    let mut cases = Vec::new();
    for read in write.reads() {
        let fault = |kind: &&str| Case::new(write, [format!("{read} {kind} 3")]);
        cases.extend(PASSING.iter().map(fault));
        cases.extend(REFUSALS.iter().map(|kind| fault(kind).refused()));
    }
    check(cases).await;
}

/// The write is doubtful, and what became of it can't be read at first.
async fn looks_fail(write: Write) {
    let read = write.reads()[0];
    let case = |kind: &&str| look_fails(write, format!("{read} {kind} 4"));
    let kinds = PASSING.iter().chain(&REFUSALS).filter(|kind| **kind != "limited=1");
    futures::stream::iter(kinds.map(case)).buffer_unordered(AT_ONCE).collect::<()>().await;
}

async fn look_fails(write: Write, fault: String) {
    let sandbox = sandbox().await;
    write.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, ATTENTIVE).await;
    let before = Ledger::of(&bench.sandbox);
    let entry = write.entry(&mut bench).await;
    let doubt = bench.fault(&format!("{} hang-after 1", write.request()));
    bench.queue(vec![entry.clone()]);
    bench.until_hit(doubt).await;
    let spoiled = bench.fault(&fault);
    let state = bench.rest(entry.id).await;
    assert!(bench.sandbox.faults().hits(spoiled) > 0, "{write:?} with {fault}: it hit nothing");
    assert!(matches!(state, State::Recorded { .. }), "{write:?} with {fault}: {state:?}");
    let changes = before.changes(&Ledger::of(&bench.sandbox));
    assert_eq!(changes, write.effect(&before), "{write:?} with {fault}");
    says_so(&bench, entry.id, &state, &fault).await;
    bench.close().await;
}

/// Answers that can't be read, however many come after the grace time, prove nothing: the agent is not
/// asked, and nothing is sent again.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_looked_for_until_the_conversation_can_be_read() {
    futures::future::join_all(["garbage", "error", "framework=500"].map(is_looked_for)).await;
}

async fn is_looked_for(kind: &str) {
    let sandbox = sandbox().await;
    Write::Reply.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, ATTENTIVE).await;
    let before = Ledger::of(&bench.sandbox);
    let entry = Write::Reply.entry(&mut bench).await;
    let doubt = bench.fault(&format!("{} hang-after 1", Write::Reply.request()));
    bench.queue(vec![entry.clone()]);
    bench.until_hit(doubt).await;
    let begun = Instant::now();
    let spoilt = bench.fault(&format!("GET /api/tickets/32/replies {kind}"));
    // The request's own time, then the grace time, which is no shorter.
    let late = ATTENTIVE.timeout * 5 / 2;
    bench
        .until("looks fail after the grace time", async |it| {
            it.sandbox.faults().hits(spoilt) > 3 && begun.elapsed() > late
        })
        .await;
    bench.sandbox.faults().clear();
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{kind}: {state:?}");
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Reply.effect(&before), "{kind}");
    bench.close().await;
}

/// Whoever asks for patience gets it before the server is asked what became of a post.
#[tokio::test(flavor = "multi_thread")]
async fn the_wait_that_is_asked_for_comes_before_the_look() {
    let sandbox = sandbox().await;
    Write::Reply.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, PACE).await;
    let before = Ledger::of(&bench.sandbox);
    let entry = Write::Reply.entry(&mut bench).await;
    let busy = bench.fault(&format!("{} proxy=503:after:retry=2 1", Write::Reply.request()));
    bench.queue(vec![entry.clone()]);
    bench.until_hit(busy).await;
    let answered = Instant::now();
    let look = bench.fault("GET /api/tickets/32/replies latency=0ms");
    assert!(matches!(bench.rest(entry.id).await, State::Recorded { .. }));
    assert!(bench.sandbox.faults().hits(look) > 0, "it was looked for");
    let waited = answered.elapsed();
    assert!(waited > Duration::from_millis(1_500), "{waited:?}");
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Reply.effect(&before));
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_post_can_not_be_read_at_first() {
    let posts = [Write::Reply, Write::Note, Write::Create];
    futures::future::join_all(posts.map(looks_fail)).await;
}

/// The server has it, but can't be asked how the ticket stands now.
#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_can_not_be_refreshed_makes_no_failure_of_a_success() {
    let kinds = ["error", "garbage", "unauthorized", "not-found", "conflict", "hang"];
    futures::future::join_all(kinds.map(refresh_fails)).await;
}

async fn refresh_fails(kind: &str) {
    let sandbox = sandbox().await;
    Write::Note.arrange(&sandbox);
    let mut bench = Bench::open(sandbox, PACE).await;
    let before = Ledger::of(&bench.sandbox);
    let entry = Write::Note.entry(&mut bench).await;
    // Before a note the ticket is not read if the conversation holds what it counts.
    let fault = bench.fault(&format!("GET /api/tickets/32 {kind}"));
    bench.queue(vec![entry.clone()]);
    bench.until_hit(fault).await;
    if kind == "hang" {
        let stored = bench.store.entry(entry.id).await.expect("the store answers");
        let state = stored.expect("the entry is kept").state;
        assert!(matches!(state, State::Recorded { .. }), "it is stored at once: {state:?}");
    }
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { made: Some(_), .. }), "{kind}: {state:?}");
    let changes = before.changes(&Ledger::of(&bench.sandbox));
    assert_eq!(changes, Write::Note.effect(&before), "{kind}");
    bench.close().await;
}

fn is_post(write: Write) -> bool {
    matches!(write, Write::Reply | Write::Note | Write::Create)
}

/// Something between the console and the server answers in its place: what it says tells nothing of
/// the work.
async fn proxies_answer(write: Write) {
    let case = |kind: String| Case::new(write, [format!("{} {kind} 1", write.request())]);
    let mut cases = Vec::new();
    for status in PROXIES {
        let bodies = match status {
            // What is repeated without harm is not read for what it says.
            _ if !is_post(write) => &[""][..],
            200..300 => &["", ":framework", ":empty"],
            _ => &["", ":json", ":empty"],
        };
        for body in bodies {
            cases.extend(["", ":after"].map(|work| case(format!("proxy={status}{work}{body}"))));
        }
    }
    for status in WAITS {
        cases.extend(
            ["", ":after", ":json", ":after:json"]
                .map(|how| case(format!("proxy={status}{how}:retry=1"))),
        );
    }
    check(cases).await;
}

/// The request itself is turned down, in words that are not the API's: what was done is found, what
/// was not is given back where it can't be repeated without harm.
async fn proxies_turn_down(write: Write) {
    let mut cases = Vec::new();
    for status in TURNS_DOWN {
        for body in ["", ":json", ":framework", ":empty"] {
            let fault = |work| [format!("{} proxy={status}{work}{body} 1", write.request())];
            let undone = Case::new(write, fault(""));
            cases.push(if is_post(write) { undone.refused() } else { undone });
            cases.push(Case::new(write, fault(":after")));
        }
    }
    if !is_post(write) {
        let always = [format!("{} proxy=413 2", write.request())];
        cases.push(Case::new(write, always).refused());
    }
    check(cases.into_iter().map(Case::attentive)).await;
}

/// A door that is shut to everybody says nothing of the request: it is sent once it opens.
async fn doors_are_shut(write: Write) {
    let statuses = [401, 404, 405, 407];
    let case = |kind: String| Case::new(write, [format!("{} {kind} 1", write.request())]);
    let cases = statuses.into_iter().flat_map(|status| {
        let how = ["", ":after", ":framework", ":after:framework", ":after:empty"];
        how.map(|how| case(format!("proxy={status}{how}")))
    });
    check(cases).await;
}

macro_rules! each_write {
    ($($name:ident $write:ident)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn write_fails() {
                super::write_fails(Write::$write).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn reads_fail() {
                super::reads_fail(Write::$write).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn proxies_answer() {
                super::proxies_answer(Write::$write).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn proxies_turn_down() {
                super::proxies_turn_down(Write::$write).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn doors_are_shut() {
                super::doors_are_shut(Write::$write).await;
            }
        }
    )*};
}

each_write! {
    reply Reply
    note Note
    create Create
    status Status
    fields Fields
    tags Tags
    archive Archive
    restore Restore
    delete_reply DeleteReply
    delete_ticket DeleteTicket
}
