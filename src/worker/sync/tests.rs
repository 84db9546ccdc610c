//! Passes against the sandbox, counted request by request.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::{sync::mpsc, time::Instant};

use super::{
    fill::{self, Filled},
    intake::{forget, take_in, take_in_page},
    list::ListPage,
    pass::{self, Passed, Rule, Turns},
    share::Share,
    upkeep::{Ended, Upkeep},
};
use crate::{
    api::{ApiClient, ApiSettings, Urgency},
    desk::Report,
    domain::{FullTicket, Html, StatusId, Ticket, TicketId, WaitingStatuses},
    sandbox::{Options, Sandbox},
    store::{Pass, Store},
    worker::{Parts, WorkerSettings, context::Context},
};

const POLL: Duration = Duration::from_secs(30);

struct Bench {
    sandbox: Sandbox,
    context: Context,
    turns: Turns,
    passes: u32,
    messages: mpsc::UnboundedReceiver<(Timestamp, Report)>,
    _folder: TempDir,
}

impl Bench {
    /// A mirror that has been filled from a sandbox of 800 tickets, `waiting` of them waiting.
    async fn filled(waiting: u32) -> Self {
        let bench = Self::empty(waiting).await;
        assert!(matches!(fill::fill(bench.context.clone()).await, Filled::Done));
        bench
    }

    /// A mirror that is not filled yet.
    async fn empty(waiting: u32) -> Self {
        let options = Options { tickets: 800, ..Options::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        sandbox
            .change(|db| {
                let all = "UPDATE tickets SET active_state = 'active', status_id = CASE \
                    WHEN id > ?1 THEN 3 WHEN id % 2 = 0 THEN 1 ELSE 5 END";
                Ok(db.execute(all, [waiting])?)
            })
            .unwrap();
        let api = ApiSettings::new(sandbox.url(), sandbox.api_key().clone());
        let client = ApiClient::new(ApiSettings { requests_per_minute: 0, ..api }).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap().store;
        let settings = WorkerSettings {
            address: None,
            agent: "Agent".into(),
            waiting: WaitingStatuses::default(),
            poll: POLL,
            grace: POLL,
            timeout: POLL,
            retry: POLL,
            parts: Parts::ALL,
            notices: Vec::new(),
        };
        let (out, messages) = mpsc::unbounded_channel();
        let context = Context::new(Some(client), store, settings, out);
        let turns = Turns::default();
        Self { sandbox, context, turns, passes: 0, messages, _folder: folder }
    }

    /// A pass as under a budget of 60 requests a minute; gives what it asked for.
    async fn pass(&mut self) -> Vec<String> {
        let before = self.sandbox.requests().len();
        let share = Share::of(Some(60), POLL, self.passes);
        self.passes += 1;
        self.turns.pass(&self.context, share, false).await.unwrap();
        let asked = self.sandbox.requests().split_off(before);
        asked.into_iter().map(|request| format!("{} {}", request.path, request.query)).collect()
    }

    /// Lets passes come every `poll`, and tries again after `retry`.
    fn settle(&mut self, poll: Duration, retry: Duration) {
        let settings = WorkerSettings { poll, retry, ..(*self.context.settings).clone() };
        self.context.settings = Arc::new(settings);
    }

    /// Waits until the core is told of that ticket.
    async fn is_told(&mut self, id: i64) {
        let telling = async {
            while let Some((_, message)) = self.messages.recv().await {
                if let Report::Rows { changed, gone } = message
                    && changed.iter().map(|row| row.ticket.id).chain(gone).any(|it| it.0 == id)
                {
                    return;
                }
            }
        };
        tokio::time::timeout(POLL, telling).await.unwrap();
    }

    /// The tickets that the core was told of since this was last asked.
    fn told(&mut self) -> Vec<TicketId> {
        let mut told = Vec::new();
        while let Ok((_, message)) = self.messages.try_recv() {
            if let Report::Rows { changed, gone } = message {
                told.extend(changed.iter().map(|row| row.ticket.id).chain(gone));
            }
        }
        told
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_waiting_tickets_are_seen_whole_in_each_pass() {
    let mut bench = Bench::filled(500).await;
    bench.told();
    for oldest in [1, 2, 3, 4] {
        bench.sandbox.customer_reply(oldest, "<p>Any news?</p>").unwrap();
        let asked = bench.pass().await;
        assert!(asked.len() <= 8, "{asked:#?}");
        let waiting = |status: &str| asked.iter().filter(|it| it.contains(status)).count();
        assert_eq!((waiting("status=1&"), waiting("status=5&")), (3, 3), "{asked:#?}");
        assert!(bench.told().contains(&TicketId(oldest)), "a mail that moves no date is noticed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_the_waiting_lists_is_known_in_the_same_pass() {
    let mut bench = Bench::filled(500).await;
    bench.told();
    bench
        .sandbox
        .change(|db| {
            db.execute("DELETE FROM tickets WHERE id = 7", [])?;
            Ok(())
        })
        .unwrap();
    let asked = bench.pass().await;
    assert!(asked.len() <= 8, "{asked:#?}");
    assert_eq!(bench.told(), [TicketId(7)]);
    assert_eq!(bench.context.store.row(TicketId(7)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_waiting_tickets_than_a_pass_can_read_have_their_turn_and_so_have_the_others() {
    let mut bench = Bench::filled(750).await;
    bench.sandbox.customer_reply(1, "<p>Any news?</p>").unwrap();
    bench.told();
    let mut asked = Vec::new();
    for _ in 0..2 {
        let pass = bench.pass().await;
        assert!(pass.len() <= 8, "{pass:#?}");
        asked.extend(pass);
    }
    for status in [1, 5] {
        for page in 1..=4 {
            let wanted =
                format!("status={status}&sort=ticket_created&order=desc&limit=100&page={page}");
            assert!(asked.iter().any(|it| it.contains(&wanted)), "{wanted} in {asked:#?}");
        }
    }
    assert!(bench.told().contains(&TicketId(1)));
    for _ in 0..8 {
        asked.extend(bench.pass().await);
    }
    for other in ["status=3&", "active_state=active&sort", "active_state=archived&"] {
        assert!(asked.iter().any(|it| it.contains(other)), "{other} in {asked:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_that_nobody_named_join_the_working_set() {
    let mut bench = Bench::filled(10).await;
    let custom = "INSERT INTO statuses (id, title) VALUES (77, 'Escalated')";
    bench
        .sandbox
        .change(|db| {
            db.execute(custom, [])?;
            Ok(db.execute("UPDATE tickets SET status_id = 77 WHERE id = 400", [])?)
        })
        .unwrap();
    for _ in 0..8 {
        bench.pass().await;
    }
    let row = bench.context.store.row(TicketId(400)).await.unwrap().unwrap();
    assert_eq!(row.ticket.status.id, StatusId(77));
    for _ in 0..8 {
        if bench.pass().await.iter().any(|it| it.contains("status=77&")) {
            return;
        }
    }
    panic!("the new status is never asked for");
}

/// Lets a job get to its first wait, which is for the store, and no further; a store that is quick
/// may let it through.
async fn stop_at_once<T>(job: impl Future<Output = T>) {
    tokio::select! {
        biased;
        _ = job => {}
        () = std::future::ready(()) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stopped_job_has_stored_is_told() {
    let mut bench = Bench::filled(10).await;
    bench.told();
    let context = bench.context.clone();
    let full = |id| FullTicket { ticket: Ticket::sparse(TicketId(id)), message: Html::new("") };
    stop_at_once(take_in(&context, vec![full(2_001)])).await;
    bench.is_told(2_001).await;
    let since = context.store.revision().await.unwrap();
    let page = ListPage::of(vec![full(2_002)], Instant::now(), since);
    stop_at_once(take_in_page(&context, page, None)).await;
    bench.is_told(2_002).await;
    stop_at_once(forget(&context, vec![TicketId(5)])).await;
    bench.is_told(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_server_can_not_show_keeps_nothing_from_its_turn() {
    for fault in ["error", "conflict", "garbage"] {
        let mut bench = Bench::filled(10).await;
        bench.sandbox.change(|db| Ok(db.execute("DELETE FROM tickets WHERE id = 7", [])?)).unwrap();
        let fault = format!("GET /api/tickets/7 {fault}").parse().unwrap();
        bench.sandbox.faults().add(fault);
        let asked = bench.pass().await;
        assert!(asked.iter().any(|it| it.starts_with("/api/tickets/7 ")), "{asked:#?}");
        assert!(asked.iter().any(|it| it.contains("active_state=active&sort")), "{asked:#?}");
        for _ in 0..3 {
            let asked = bench.pass().await;
            assert!(!asked.iter().any(|it| it.starts_with("/api/tickets/7 ")), "{asked:#?}");
        }
        assert!(super::refresh::refresh(bench.context.clone(), Urgency::Agent).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fill_leaves_out_a_page_that_the_server_can_not_show() {
    let bench = Bench::empty(500).await;
    let all_fail = bench.sandbox.faults().add("GET /api/tickets conflict".parse().unwrap());
    for _ in 0..5 {
        assert!(matches!(fill::fill(bench.context.clone()).await, Filled::Failed));
    }
    bench.sandbox.faults().remove(all_fail);
    let broken = "UPDATE tickets SET subject = x'ff' WHERE id = \
        (SELECT id FROM tickets WHERE status_id = 3 ORDER BY created LIMIT 1)";
    bench.sandbox.change(|db| Ok(db.execute(broken, [])?)).unwrap();
    let mut fills = 0;
    while !matches!(fill::fill(bench.context.clone()).await, Filled::Done) {
        fills += 1;
        assert!(fills < 10);
    }
    let stored = bench.context.store.count(None).await.unwrap();
    assert!((690..800).contains(&stored), "{stored}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_that_the_connection_spoilt_is_given_back_and_tells_nothing() {
    let bench = Bench::filled(10).await;
    bench.sandbox.faults().add("GET /api/tickets limited=1".parse().unwrap());
    bench.context.store.claim_pass(Timestamp::now(), Duration::ZERO).await.unwrap();
    let rule = Rule { limit: None, poll: POLL, interval: Duration::ZERO, filling: false };
    let passed = pass::run(bench.context.clone(), rule).await;
    assert!(matches!(passed, Passed::Failed), "{passed:?}");
    let next = bench.context.store.claim_pass(Timestamp::now(), POLL).await.unwrap();
    assert!(matches!(next, Pass::Mine(_)), "{next:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_comes_back_is_not_kept_waiting() {
    let bench = Bench::filled(10).await;
    let mut upkeep = Upkeep::new(&bench.context);
    upkeep.begin(&bench.context).await;
    let opened = upkeep.ended().await;
    upkeep.take(&bench.context, opened).await;
    let begun = Instant::now();
    let due = |upkeep: &Upkeep| {
        let wake = upkeep.next_wake().unwrap();
        wake.saturating_duration_since(begun).as_secs().div_ceil(10) * 10
    };
    assert_eq!(due(&upkeep), 30);
    upkeep.attend(&bench.context, false);
    assert_eq!(due(&upkeep), 120);
    upkeep.attend(&bench.context, true);
    assert_eq!(due(&upkeep), 30);
    upkeep.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_never_ends_well_is_tried_once_in_an_interval_and_passes_go_on() {
    let mut bench = Bench::filled(10).await;
    bench.settle(Duration::from_millis(300), Duration::ZERO);
    let context = bench.context.clone();
    let mut upkeep = Upkeep::new(&context);
    upkeep.begin(&context).await;
    let opened = upkeep.ended().await;
    upkeep.take(&context, opened).await;
    bench.sandbox.faults().add("GET /api/tickets limited=1 1".parse().unwrap());
    upkeep.refresh(&context, Urgency::Agent);
    let failed = upkeep.ended().await;
    assert!(matches!(failed, Ended::Refresh(false)), "{failed:?}");
    let mut jobs = Vec::new();
    upkeep.take(&context, failed).await;
    while jobs.len() < 6 {
        let wake = upkeep.next_wake().unwrap();
        tokio::time::sleep_until(wake).await;
        upkeep.start_due(&context);
        let ended = tokio::time::timeout(POLL, upkeep.ended()).await.unwrap();
        jobs.push(matches!(ended, Ended::Refresh(_)));
        // As if the connection had spoilt each of them.
        let again = if let Ended::Refresh(_) = ended { Ended::Refresh(false) } else { ended };
        upkeep.take(&context, again).await;
    }
    assert!(jobs.contains(&true) && jobs.contains(&false), "{jobs:?}");
    assert!(!jobs.windows(2).any(|two| two == [true, true]), "{jobs:?}");
    upkeep.stop();
}
