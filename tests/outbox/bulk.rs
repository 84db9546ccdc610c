//! Steps on many tickets against the real outbox and a real server: each ticket ends by itself,
//! whatever happens to the others, and a ticket that is not in the step is left alone.
//!
//! `GROWDESK_SOAK=20000` makes the soak longer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use fastrand::Rng;
use growdesk::{
    desk::{Report, Work},
    domain::{
        Change, Edit, Entry, EntryId, FieldsChange, Priority, ReplyId, ReplyKind, State, Status,
        StepId, TagsChange, TicketId,
    },
    sandbox::{Options, Sandbox},
    store::Store,
    text::{clean, markdown},
};

use crate::{
    bench::{Bench, Pace, entry, sandbox},
    endurance::{Weather, held, work_off},
};

const PACE: Pace = Pace {
    timeout: Duration::from_millis(800),
    grace: Duration::from_millis(900),
    retry: Duration::from_millis(150),
};

/// How many tickets a bulk of the soak has.
const BULK: usize = 50;
/// How many tickets its server has.
const TICKETS: i64 = 90;

const REQUESTS: [&str; 8] = [
    "POST /api/tickets/*/replies",
    "POST /api/tickets/*/replies",
    "POST /api/tickets/*/replies",
    "PUT /api/tickets/*/status",
    "PUT /api/tickets/*/tags",
    "PUT /api/tickets/*/tags",
    "GET /api/tickets/*/replies",
    "GET /api/tickets/*",
];

/// The changes of a step, one for each ticket.
fn step(number: u32, tickets: &[i64], change: impl Fn(i64) -> Change) -> Vec<Entry> {
    let step = StepId::new(7, number);
    let of = |(at, ticket): (usize, &i64)| Entry {
        id: step.entry(at),
        step,
        ..entry(1, TicketId(*ticket), change(*ticket))
    };
    tickets.iter().enumerate().map(of).collect()
}

fn tag(title: &str) -> Change {
    Change::Tags(TagsChange { add: vec![clean::line(title)], remove: Vec::new() })
}

/// The tickets that have a tag on the server.
fn tagged(sandbox: &Sandbox, title: &str) -> Vec<i64> {
    let found = sandbox.change(|db| {
        let mut rows =
            db.prepare("SELECT ticket_id FROM tags WHERE title = ?1 ORDER BY ticket_id")?;
        let rows = rows.query_map([title], |row| row.get(0))?;
        Ok(rows.collect::<Result<Vec<i64>, _>>()?)
    });
    found.expect("the database answers")
}

/// How all entries end.
async fn ends(bench: &mut Bench, entries: &[Entry]) -> BTreeMap<i64, State> {
    let mut ends = BTreeMap::new();
    for entry in entries {
        let state = bench.rest(entry.id).await;
        ends.insert(entry.ticket.expect("it has one").0, state);
    }
    ends
}

fn is_recorded(state: &State) -> bool {
    matches!(state, State::Recorded { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_limited_in_the_middle_costs_time_and_nothing_else() {
    let mut bench = Bench::open(sandbox().await, PACE).await;
    let tickets: Vec<i64> = (1..=12).collect();
    let entries = step(1, &tickets, |_| tag("swept"));
    let limited = bench.fault("PUT /api/tickets/7/tags limited=1 1");
    bench.queue(entries.clone());
    let ends = ends(&mut bench, &entries).await;
    assert!(ends.values().all(is_recorded), "{ends:?}");
    assert_eq!(bench.sandbox.faults().hits(limited), 1);
    assert_eq!(tagged(&bench.sandbox, "swept"), tickets);
    let writes = bench.sandbox.requests();
    let writes = writes.iter().filter(|it| it.method.as_str() == "PUT").count();
    assert_eq!(writes, tickets.len() + 1, "the limited one alone was sent again");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_delete_and_change_before_its_turn_ends_by_itself() {
    let mut bench = Bench::open(sandbox().await, PACE).await;
    let [open, closed, ..] = Status::usual();
    let tickets: Vec<i64> = (1..=10).collect();
    let sql = "UPDATE tickets SET status_id = 1 WHERE id <= 10;
               UPDATE tickets SET status_id = 3 WHERE id = 4;
               DELETE FROM tickets WHERE id = 6;";
    bench.sandbox.change(|db| Ok(db.execute_batch(sql)?)).expect("the database takes it");
    let close = Change::Status(Edit { from: open, to: closed });
    let entries = step(1, &tickets, |_| close.clone());
    bench.queue(entries.clone());
    let ends = ends(&mut bench, &entries).await;
    for (ticket, state) in &ends {
        match ticket {
            4 => assert!(matches!(state, State::Decision { .. }), "{state:?}"),
            6 => assert!(matches!(state, State::Refused { .. }), "{state:?}"),
            _ => assert!(is_recorded(state), "#{ticket}: {state:?}"),
        }
    }
    let on_hold = bench.ask::<i64>("SELECT status_id FROM tickets WHERE id = 4");
    assert_eq!(on_hold, 3, "a colleague's status stays");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_left_in_the_middle_goes_on_and_its_ended_tickets_are_known() {
    let mut bench = Bench::open(sandbox().await, PACE).await;
    let tickets: Vec<i64> = (1..=20).collect();
    let entries = step(1, &tickets, |_| tag("swept"));
    // From the ninth on nothing is answered before the console ends.
    let stuck = bench.fault("PUT /api/tickets/9/tags hang");
    bench.fault("PUT /api/tickets/1?/tags hang");
    bench.queue(entries.clone());
    bench.until_hit(stuck).await;
    for entry in &entries[..6] {
        assert!(is_recorded(&bench.rest(entry.id).await));
    }
    let (sandbox, folder) = bench.leave().await;
    sandbox.faults().clear();
    let mut bench = Bench::start(growdesk::worker::Parts::ALL, sandbox, PACE, folder).await;
    let stored = bench
        .wait(|report| match report {
            Report::Stored(stored) => Some(stored.clone()),
            _ => None,
        })
        .await;
    let known: BTreeSet<EntryId> =
        stored.settled.iter().chain(&stored.outbox).map(|entry| entry.id).collect();
    let all: BTreeSet<EntryId> = entries.iter().map(|entry| entry.id).collect();
    assert_eq!(known, all, "the ended ones and the others are the whole step");
    assert!(stored.settled.len() >= 6);
    for entry in &stored.outbox {
        assert!(is_recorded(&bench.rest(entry.id).await));
    }
    assert_eq!(tagged(&bench.sandbox, "swept"), tickets);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_steps_at_once_on_the_same_tickets_both_end_in_their_order() {
    let mut bench = Bench::open(sandbox().await, PACE).await;
    let [open, closed, on_hold, ..] = Status::usual();
    let sql = "UPDATE tickets SET status_id = 1 WHERE id <= 20";
    bench.sandbox.change(|db| Ok(db.execute_batch(sql)?)).expect("the database takes it");
    let (one, two): (Vec<i64>, Vec<i64>) = ((1..=14).collect(), (8..=20).collect());
    let close = Change::Status(Edit { from: open.clone(), to: closed.clone() });
    let first = step(1, &one, |_| close.clone());
    let second = step(2, &two, |ticket| {
        let from = if ticket <= 14 { closed.clone() } else { open.clone() };
        Change::Status(Edit { from, to: on_hold.clone() })
    });
    bench.queue(first.clone());
    bench.queue(second.clone());
    let ends_of_first = ends(&mut bench, &first).await;
    let ends_of_second = ends(&mut bench, &second).await;
    assert!(ends_of_first.values().chain(ends_of_second.values()).all(is_recorded));
    let closed = "SELECT count(*) FROM tickets WHERE id <= 7 AND status_id = 2";
    let held = "SELECT count(*) FROM tickets WHERE id BETWEEN 8 AND 20 AND status_id = 3";
    assert_eq!((bench.ask::<i64>(closed), bench.ask::<i64>(held)), (7, 13));
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_together_is_told_together() {
    let mut bench = Bench::open(sandbox().await, PACE).await;
    let tickets: Vec<i64> = (1..=30).collect();
    let reply = Change::Post { kind: ReplyKind::Reply, text: "Hello".into() };
    let until = bench.store.clock().now() + jiff::SignedDuration::from_secs(60);
    let held = |it: Entry| Entry { state: State::Holding { until }, ..it };
    let entries: Vec<Entry> = step(1, &tickets, |_| reply.clone()).into_iter().map(held).collect();
    bench.queue(entries.clone());
    bench.wait(|report| matches!(report, Report::Queued { .. }).then_some(())).await;
    bench.worker.ask(Work::TakeBack(entries.iter().map(|entry| entry.id).collect()));
    let taken = bench
        .wait(|report| match report {
            Report::TakenBack(entries) => Some(entries.len()),
            _ => None,
        })
        .await;
    assert_eq!(taken, entries.len());
    assert!(bench.store.outbox().await.expect("the store answers").is_empty());
    assert_eq!(bench.store.drafts().await.expect("the store answers").len(), entries.len());
    bench.close().await;
}

/// The figure that a plan tells is the one that comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_takes_as_many_requests_as_its_plan_says() {
    let mut bench = Bench::open(sandbox().await, PACE).await;
    let [open, closed, ..] = Status::usual();
    let sql = "UPDATE tickets SET status_id = 1, priority = 'normal', active_state = 'active',
        category_id = (SELECT min(id) FROM categories WHERE type = 'ticket') WHERE id <= 5";
    bench.sandbox.change(|db| Ok(db.execute_batch(sql)?)).expect("the database takes it");
    let post = |kind| Change::Post { kind, text: "Hello".into() };
    let priority = Edit { from: Priority::Normal, to: Priority::High };
    let fields = FieldsChange { priority: Some(priority), ..FieldsChange::default() };
    let changes = [
        post(ReplyKind::Reply),
        post(ReplyKind::Note),
        tag("swept"),
        Change::Fields(Box::new(fields)),
        Change::Archived(true),
        Change::Status(Edit { from: open, to: closed }),
    ];
    let mut told = Vec::new();
    for (number, change) in changes.into_iter().enumerate() {
        let ticket = i64::try_from(number).expect("a few") % 5 + 1;
        let path = format!("/api/tickets/{ticket}");
        let count = |bench: &Bench| {
            let all = bench.sandbox.requests();
            let own = |it: &str| it == path || it.starts_with(&format!("{path}/"));
            all.iter().filter(|it| own(&it.path)).count()
        };
        let before = count(&bench);
        let entry = bench.entry(TicketId(ticket), change.clone());
        let entry = Entry { seen: Some(ReplyId(i64::MAX)), ..entry };
        let state = bench.carry_out(vec![entry]).await;
        assert!(is_recorded(&state), "{change:?}: {state:?}");
        told.push((change.verb(), change.requests(), count(&bench) - before));
    }
    let wrong: Vec<_> = told.iter().filter(|(_, planned, sent)| planned != sent).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    bench.close().await;
}

/// What the soak has asked for.
#[derive(Default)]
struct Asked {
    /// The texts of a ticket, as the server holds them, in their order.
    replies: BTreeMap<i64, Vec<(String, String)>>,
    /// The tickets of each tag.
    tags: BTreeMap<String, BTreeSet<i64>>,
}

/// A bulk on fifty tickets: each gets a text of its own, a tag, and a status.
fn bulk(rng: &mut Rng, number: u32, asked: &mut Asked) -> Vec<Entry> {
    let mut tickets: Vec<i64> = (1..=TICKETS).collect();
    rng.shuffle(&mut tickets);
    tickets.truncate(BULK);
    let step = StepId::new(7, number);
    let title = format!("bulk-{number}");
    let [.., answered, _] = Status::usual();
    let mut entries = Vec::new();
    for ticket in tickets {
        let text = format!("Number {number} for {ticket}: a < *b*");
        let html = markdown::to_html(&text).trim().to_owned();
        asked.replies.entry(ticket).or_default().push(("reply".into(), html));
        asked.tags.entry(title.clone()).or_default().insert(ticket);
        let lead = step.entry(entries.len());
        let from = answered.clone();
        let status = Change::Status(Edit { from, to: answered.clone() });
        let post = Change::Post { kind: ReplyKind::Reply, text };
        for (change, after) in [(post, None), (tag(&title), Some(lead)), (status, Some(lead))] {
            let seen = Some(ReplyId(i64::MAX));
            let id = step.entry(entries.len());
            entries.push(Entry { id, step, after, seen, ..entry(1, TicketId(ticket), change) });
        }
    }
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn bulks_of_fifty_through_random_faults_lose_nothing_repeat_nothing_and_hit_no_other_ticket()
{
    let wanted = std::env::var("GROWDESK_SOAK").ok().and_then(|it| it.parse::<usize>().ok());
    let bulks = wanted.map_or(4, |it| (it / BULK).max(2));
    let tickets = usize::try_from(TICKETS).expect("a few");
    // Ten more than any bulk reaches.
    let options = Options { tickets: tickets + 10, ..Options::default() };
    let sandbox = Arc::new(Sandbox::start(options).await.expect("the sandbox starts"));
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).await.expect("a store").store;
    let known = "SELECT max(id) FROM replies";
    let known = sandbox.change(|db| Ok(db.query_row(known, [], |row| row.get::<_, i64>(0))?));
    let known = known.expect("the database answers");
    let mut rng = Rng::with_seed(11);
    // Nobody else writes: an empty range.
    #[expect(clippy::reversed_empty_ranges, reason = "nobody is meant")]
    let mut weather = Weather::new(sandbox, rng.fork(), &REQUESTS, 1..=0);
    let (mut asked, mut number) = (Asked::default(), 0);
    let begun = Instant::now();
    while usize::try_from(number).expect("a few") < bulks {
        // Two at once, on some of the same tickets.
        for _ in 0..2 {
            number += 1;
            let entries = bulk(&mut rng, number, &mut asked);
            store.queue(entries, Vec::new()).await.expect("the store takes it");
        }
        work_off(&mut weather, &store, folder.path(), 2).await;
    }
    assert!(weather.met > 20, "{} faults met", weather.met);
    println!("{number} bulks of {BULK}, {} faults met: {:.1?}", weather.met, begun.elapsed());
    let held = held(&weather.sandbox, known);
    for ticket in 1..=TICKETS + 10 {
        let there = held.get(&ticket).map(Vec::as_slice).unwrap_or_default();
        let there: Vec<(String, String)> =
            there.iter().map(|(_, kind, text)| (kind.clone(), text.clone())).collect();
        let asked = asked.replies.get(&ticket).cloned().unwrap_or_default();
        assert_eq!(there, asked, "#{ticket}: there, and asked for");
    }
    for (title, tickets) in &asked.tags {
        let there: Vec<i64> = tagged(&weather.sandbox, title);
        assert_eq!(there, tickets.iter().copied().collect::<Vec<i64>>(), "{title}");
    }
    let log = store.log(u32::MAX).await.expect("the store answers");
    assert!(log.iter().all(|line| is_recorded(&line.outcome)), "each ended recorded");
}
