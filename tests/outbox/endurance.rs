//! Thousands of replies through random faults, with a worker that is killed now and then: the
//! server holds each exactly once, and those of one ticket in the order in which they were asked
//! for.
//!
//! `GROWDESK_SOAK=20000` makes it longer.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use fastrand::Rng;
use growdesk::{
    desk::{Report, Work},
    domain::{Change, Entry, ReplyId, ReplyKind, State, TicketId},
    sandbox::{Fault, FaultId, Sandbox},
    store::Store,
    text::markdown,
};
use tokio::runtime::Runtime;

use crate::bench::{Pace, entry, sandbox, worker};

/// Short, but longer than a busy machine dawdles: what arrives after the grace time is recorded
/// twice by design.
const PACE: Pace = Pace {
    timeout: Duration::from_millis(200),
    grace: Duration::from_millis(1_500),
    retry: Duration::from_millis(100),
};
const SEED: u64 = 3;
/// Replies of one round to each of the forty tickets.
const ROUND: usize = 25;
/// On these tickets customers and colleagues write meanwhile, so that replies wait for decisions
/// and later ones pass them. On the others the order counts.
const LIVELY: std::ops::RangeInclusive<i64> = 1..=8;
/// How long a round may take.
const PATIENCE: Duration = Duration::from_secs(300);

const KINDS: [&str; 13] = [
    "drop-before",
    "drop-before",
    "drop-after",
    "drop-after",
    "hang",
    "hang-after",
    "error",
    "error-after",
    "framework=500",
    "garbage",
    "garbage",
    "truncate",
    "unauthorized",
];
const REQUESTS: [&str; 6] = [
    "POST /api/tickets/*/replies",
    "POST /api/tickets/*/replies",
    "POST /api/tickets/*/replies",
    "POST /api/tickets/*/replies",
    "GET /api/tickets/*/replies",
    "GET /api/tickets/*",
];

/// A background task in a process of its own, as far as a runtime is one.
pub(crate) struct Process(Runtime);

impl Process {
    pub(crate) fn start(sandbox: &Arc<Sandbox>, folder: &Path) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let (sandbox, folder) = (Arc::clone(sandbox), folder.to_path_buf());
        runtime.spawn(async move {
            let store = Store::open(&folder).await.expect("a store").store;
            let (worker, mut messages) = worker(&sandbox, store, PACE);
            while let Some((_, message)) = messages.recv().await {
                let asked = match message {
                    Report::Stored(stored) => stored.outbox,
                    Report::Entry { entry, .. } => vec![*entry],
                    _ => Vec::new(),
                };
                for entry in asked {
                    if matches!(entry.state, State::Decision { .. }) {
                        worker.ask(Work::SendAnyway(entry.id, None));
                    }
                }
            }
        });
        Self(runtime)
    }

    /// Everything in it stops where it is.
    pub(crate) async fn kill(self) {
        let ended = tokio::task::spawn_blocking(|| self.0.shutdown_timeout(Duration::from_secs(5)));
        ended.await.expect("it ends");
    }
}

/// What goes wrong, and who else writes.
pub(crate) struct Weather {
    pub(crate) sandbox: Arc<Sandbox>,
    rng: Rng,
    out: Vec<FaultId>,
    /// The requests that things happen to.
    requests: &'static [&'static str],
    /// The tickets on which others write.
    lively: std::ops::RangeInclusive<i64>,
    pub(crate) met: usize,
    written: usize,
}

impl Weather {
    pub(crate) fn new(
        sandbox: Arc<Sandbox>,
        rng: Rng,
        requests: &'static [&'static str],
        lively: std::ops::RangeInclusive<i64>,
    ) -> Self {
        Self { sandbox, rng, out: Vec::new(), requests, lively, met: 0, written: 0 }
    }

    /// A moment passes: two faults are ahead again.
    fn change(&mut self) {
        let faults = self.sandbox.faults();
        let ahead = self.out.len();
        self.out.retain(|id| faults.hits(*id) == 0);
        self.met += ahead - self.out.len();
        while self.out.len() < 2 {
            let limited = self.rng.u8(..200) == 0;
            let kind = if limited { "limited=1" } else { self.rng.choice(KINDS).expect("one") };
            let request = self.rng.choice(self.requests).expect("one");
            let fault: Fault = format!("{request} {kind} 1").parse().expect("a fault");
            self.out.push(faults.add(fault));
        }
        if !self.lively.is_empty() && self.rng.u8(..20) == 0 {
            self.somebody_writes();
        }
    }

    fn somebody_writes(&mut self) {
        let ticket = self.rng.i64(self.lively.clone());
        let customer = self.rng.bool();
        let written = if customer {
            self.sandbox.customer_reply(ticket, "<p>Thanks</p>")
        } else {
            self.sandbox.colleague_reply(ticket, 2, "<p>I look into it</p>", None)
        };
        written.expect("they can");
        self.written += 1;
    }

    fn clear(&mut self) {
        self.sandbox.faults().clear();
        self.out.clear();
    }
}

/// What was asked for, by ticket, in its order.
type Asked = BTreeMap<i64, Vec<(&'static str, String)>>;

fn ask(rng: &mut Rng, asked: &mut Asked, count: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    for _ in 0..count.div_ceil(40) {
        for ticket in 1..=40 {
            let sent: usize = asked.values().map(Vec::len).sum();
            // Two equal replies to one ticket are two replies.
            let same = rng.u8(..4) == 0;
            let text = if same { "Thanks".into() } else { format!("No. {sent}: a < *b*\n& `c`") };
            let kind = if rng.u8(..5) == 0 { ReplyKind::Note } else { ReplyKind::Reply };
            let html = markdown::to_html(&text).trim().to_owned();
            asked.entry(ticket).or_default().push((kind.as_str(), html));
            let number = u32::try_from(sent + 1).expect("not that many");
            let seen = Some(ReplyId(i64::MAX)).filter(|_| !LIVELY.contains(&ticket));
            let post = Change::Post { kind, text };
            entries.push(Entry { seen, ..entry(number, TicketId(ticket), post) });
        }
    }
    entries
}

/// What the server holds of the API's user beyond reply `known`: number, kind and text by ticket.
pub(crate) fn held(sandbox: &Sandbox, known: i64) -> BTreeMap<i64, Vec<(i64, String, String)>> {
    let rows = sandbox.change(|db| {
        let mut rows = db.prepare(
            "SELECT ticket_id, id, type, text FROM replies WHERE id > ?1 AND creator_id = 1
             ORDER BY id",
        )?;
        let rows = rows.query_map([known], |row| {
            Ok((row.get::<_, i64>(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)))
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    });
    let mut held: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for (ticket, reply) in rows.expect("the database answers") {
        held.entry(ticket).or_default().push(reply);
    }
    held
}

/// Works a round off, killing the worker at random moments.
pub(crate) async fn work_off(weather: &mut Weather, store: &Store, folder: &Path, kills: usize) {
    let begun = Instant::now();
    let mut process = Process::start(&weather.sandbox, folder);
    let whole = store.outbox().await.expect("the store answers").len();
    let mut moments: Vec<usize> =
        (0..kills).map(|_| weather.rng.usize(whole / 10..whole)).collect();
    moments.sort_unstable();
    let mut left = whole;
    while left > 0 {
        assert!(begun.elapsed() < PATIENCE, "{left} of {whole} are left");
        if left * 20 > whole {
            weather.change()
        } else {
            weather.clear()
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
        left = store.outbox().await.expect("the store answers").len();
        if moments.last().is_some_and(|moment| left <= *moment) {
            moments.pop();
            process.kill().await;
            process = Process::start(&weather.sandbox, folder);
        }
    }
    process.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_is_there_twice() {
    let wanted = std::env::var("GROWDESK_SOAK").ok().and_then(|it| it.parse().ok());
    let wanted: usize = wanted.unwrap_or(2_000);
    let sandbox = Arc::new(sandbox().await);
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).await.expect("a store").store;
    let known = "SELECT max(id) FROM replies";
    let known = sandbox.change(|db| Ok(db.query_row(known, [], |row| row.get::<_, i64>(0))?));
    let known = known.expect("the database answers");
    let mut rng = Rng::with_seed(SEED);
    let weather_rng = rng.fork();
    let mut weather = Weather::new(sandbox, weather_rng, &REQUESTS, LIVELY);
    let mut asked = Asked::new();
    let mut kills = 0;
    let begun = Instant::now();
    while asked.values().map(Vec::len).sum::<usize>() < wanted {
        let entries = ask(&mut rng, &mut asked, 40 * ROUND);
        store.queue(entries, Vec::new()).await.expect("the store takes it");
        work_off(&mut weather, &store, folder.path(), 5).await;
        kills += 5;
    }
    let sum: usize = asked.values().map(Vec::len).sum();
    let (met, written) = (weather.met, weather.written);
    println!(
        "{sum} replies, {met} faults met, {written} messages of others, {kills} kills: {:.1?}",
        begun.elapsed()
    );
    agrees(&weather.sandbox, &store, known, &asked).await;
}

async fn agrees(sandbox: &Sandbox, store: &Store, known: i64, asked: &Asked) {
    let held = held(sandbox, known);
    let mut numbers = BTreeSet::new();
    for (ticket, asked) in asked {
        let there = held.get(ticket).map(Vec::as_slice).unwrap_or_default();
        numbers.extend(there.iter().map(|(number, ..)| *number));
        let mut there: Vec<(&str, String)> =
            there.iter().map(|(_, kind, text)| (kind.as_str(), text.clone())).collect();
        let mut asked = asked.clone();
        if LIVELY.contains(ticket) {
            there.sort();
            asked.sort();
        }
        assert_eq!(there, asked, "ticket {ticket}: there, and asked for");
    }
    let log = store.log(u32::MAX).await.expect("the store answers");
    let made = log.iter().map(|line| match line.outcome {
        State::Recorded { made, .. } => made.expect("its number").0,
        ref other => panic!("{other:?}"),
    });
    assert_eq!(made.collect::<BTreeSet<i64>>(), numbers, "recorded, and there");
    assert_eq!(log.len(), numbers.len(), "each is in the log once");
}
