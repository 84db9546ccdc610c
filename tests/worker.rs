//! The background task against the sandbox over real sockets: what the server holds afterwards is
//! what counts.

#[allow(dead_code, reason = "the tests of the outbox use all of it")]
#[path = "support/bench.rs"]
mod bench;

use std::{path::Path, sync::Arc, time::Duration};

use bench::{Bench, Pace, sandbox};
use growdesk::{
    api::{ApiClient, ApiSettings, Urgency},
    desk::{Among, Connection, Found, Read, Report, RequestId, Slot, Thread, Work},
    domain::{
        Change, Edit, Entry, EntryId, Html, Place, Priority, Reply, ReplyId, ReplyKind, Stand,
        State, Status, TagsChange, ThreadFacts, Ticket, TicketId, View, WaitingStatuses,
        outbox::Decision,
    },
    ledger::LedgerFile,
    sandbox::Sandbox,
    store::Store,
    text::clean,
    worker::{Parts, Worker, WorkerSettings},
};

const TICKET: TicketId = TicketId(32);
const PACE: Pace = Pace {
    timeout: Duration::from_millis(1_500),
    grace: Duration::from_secs(1),
    retry: Duration::from_millis(300),
};

impl Bench {
    async fn usual() -> Self {
        Self::open(sandbox().await, PACE).await
    }

    fn posted(&self, text: &str) -> i64 {
        self.ask(&format!(
            "SELECT count(*) FROM replies WHERE ticket_id = 32 AND text LIKE '%{text}%'"
        ))
    }

    fn set(&self, column: &str, value: &str) {
        let sql = format!("UPDATE tickets SET {column} = ?1 WHERE id = 32");
        let value = value.to_owned();
        self.sandbox.change(move |db| Ok(db.execute(&sql, [&value])?)).expect("a colleague edits");
    }

    fn get(&self, column: &str) -> String {
        self.ask(&format!("SELECT CAST({column} AS TEXT) FROM tickets WHERE id = 32"))
    }
}

fn reply(text: &str) -> Change {
    Change::Post { kind: ReplyKind::Reply, text: text.into() }
}

fn from_open_to_closed() -> Change {
    let [open, closed, ..] = Status::usual();
    Change::Status(Edit { from: open, to: closed })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_words_that_the_agent_has_not_read_waits() {
    let mut desk = Bench::usual().await;
    desk.sandbox.customer_reply(TICKET.0, "<p>One more thing</p>").expect("it arrives");
    let entry = desk.entry(TICKET, reply("Solved"));
    let state = desk.carry_out(vec![entry.clone()]).await;
    let State::Decision { reason: Decision::Overtaken(news) } = state else { panic!("{state:?}") };
    assert_eq!(news.messages.last().expect("the customer's").text, "One more thing");
    assert_eq!(desk.posted("Solved"), 0);
    assert!(matches!(desk.send_anyway(entry.id).await, State::Recorded { .. }));
    assert_eq!(desk.posted("Solved"), 1);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_once_costs_a_moment_and_not_the_whole_wait() {
    let pace = Pace { retry: Duration::from_secs(3_600), ..PACE };
    let mut desk = Bench::open(sandbox().await, pace).await;
    desk.fault("PUT /api/tickets/32/status drop-before 1");
    let entry = desk.entry(TICKET, from_open_to_closed());
    assert!(matches!(desk.carry_out(vec![entry]).await, State::Recorded { .. }));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_ticket_arrive_in_order_and_leave_other_tags_alone() {
    let mut desk = Bench::usual().await;
    let tags = TagsChange { add: vec![clean::line("mine")], remove: Vec::new() };
    desk.sandbox
        .change(|db| {
            Ok(db.execute("INSERT INTO tags (ticket_id, title) VALUES (32, 'theirs')", [])?)
        })
        .expect("a colleague tags");
    desk.fault("PUT /api/tickets/32/status drop-after 1");
    let changes = [from_open_to_closed(), Change::Archived(true), Change::Tags(tags)];
    let entries = changes.map(|change| desk.entry(TICKET, change));
    let state = desk.carry_out(entries.to_vec()).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    let tags = "SELECT count(*) FROM tags WHERE ticket_id = 32 AND title IN ('mine', 'theirs')";
    assert_eq!((desk.get("status_id"), desk.get("active_state")), ("2".into(), "archived".into()));
    assert_eq!(desk.ask::<i64>(tags), 2);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_somebody_else_set_is_not_overwritten_unasked() {
    let mut desk = Bench::usual().await;
    desk.set("status_id", "3");
    let entry = desk.entry(TICKET, from_open_to_closed());
    let state = desk.carry_out(vec![entry.clone()]).await;
    let State::Decision { reason: Decision::Conflict { differences, .. } } = state else {
        panic!("{state:?}")
    };
    assert_eq!((differences[0].field.as_str(), differences[0].now.as_str()), ("status", "On Hold"));
    assert_eq!(desk.get("status_id"), "3");
    assert!(matches!(desk.send_anyway(entry.id).await, State::Recorded { .. }));
    assert_eq!(desk.get("status_id"), "2");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_leaves_alone_what_somebody_else_has_set_since() {
    let mut desk = Bench::usual().await;
    desk.set("status_id", "3");
    let entry = Entry { undo: Some(EntryId(1)), ..desk.entry(TICKET, from_open_to_closed()) };
    let state = desk.carry_out(vec![entry]).await;
    assert!(matches!(state, State::Refused { .. }), "{state:?}");
    assert_eq!(desk.get("status_id"), "3");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_ticket_that_stands_otherwise_by_now_waits_once() {
    let mut desk = Bench::usual().await;
    desk.set("status_id", "1");
    desk.set("priority", "urgent");
    let stood = Stand { priority: Priority::Normal, ..Stand::of(&Ticket::sparse(TICKET)) };
    let entry = Entry {
        seen: Some(ReplyId(i64::MAX)),
        stood: Some(Box::new(stood)),
        ..desk.entry(TICKET, reply("Solved"))
    };
    let state = desk.carry_out(vec![entry.clone()]).await;
    let State::Decision { reason: Decision::Overtaken(news) } = &state else { panic!("{state:?}") };
    let difference = news.differences.iter().find(|it| it.field == "priority").expect("it is told");
    assert_eq!((difference.seen.as_str(), difference.now.as_str()), ("normal", "urgent"));
    assert!(matches!(desk.send_anyway(entry.id).await, State::Recorded { made: Some(_), .. }));
    assert_eq!(desk.posted("Solved"), 1);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_noticed_without_a_key() {
    let mut desk = Bench::usual().await;
    desk.fault("* /** drop-before");
    let note = Change::Post { kind: ReplyKind::Note, text: "kept".into() };
    let entry = desk.entry(TICKET, note);
    desk.queue(vec![entry.clone()]);
    desk.wait(|message| {
        matches!(message, Report::Connection(Connection::Offline(_))).then_some(())
    })
    .await;
    assert_eq!(desk.posted("kept"), 0);
    desk.sandbox.faults().clear();
    assert!(matches!(desk.rest(entry.id).await, State::Recorded { .. }));
    assert_eq!(desk.posted("kept"), 1);

    desk.fault("* /** drop-before");
    desk.worker.ask(Work::Refresh);
    desk.wait(|message| {
        matches!(message, Report::Connection(Connection::Offline(_))).then_some(())
    })
    .await;
    desk.sandbox.faults().clear();
    desk.wait(|message| matches!(message, Report::Connection(Connection::Online)).then_some(()))
        .await;
    desk.wait(|message| matches!(message, Report::Refreshed).then_some(())).await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_for_patience_is_given_it() {
    let mut desk = Bench::usual().await;
    let limited = desk.fault("GET /** limited=1 1");
    desk.worker.ask(Work::Refresh);
    let until = desk
        .wait(|message| match message {
            Report::Connection(Connection::Limited { until }) => Some(*until),
            _ => None,
        })
        .await;
    let entry = desk.entry(TICKET, from_open_to_closed());
    assert!(matches!(desk.carry_out(vec![entry]).await, State::Recorded { .. }));
    assert!(jiff::Timestamp::now() >= until, "nothing leaves before");
    assert_eq!(desk.sandbox.faults().hits(limited), 1);
    desk.close().await;
}

/// The client of a process that shares the budget of those in `folder`.
fn sharing(sandbox: &Sandbox, folder: &Path) -> ApiClient {
    let ledger = Arc::new(LedgerFile::in_folder(folder));
    let api = ApiSettings::new(sandbox.url(), sandbox.api_key().clone());
    let api = ApiSettings { requests_per_minute: 0, ledger: Some(ledger), ..api };
    ApiClient::new(api).expect("a client")
}

#[tokio::test(flavor = "multi_thread")]
async fn patience_that_another_process_is_asked_for_is_shown_and_given() {
    let (sandbox, folder) = (sandbox().await, tempfile::tempdir().expect("a folder"));
    let store = Store::open(folder.path()).await.expect("a store").store;
    let settings = WorkerSettings {
        address: None,
        agent: "Agent".into(),
        waiting: WaitingStatuses::default(),
        poll: Duration::from_secs(600),
        grace: PACE.grace,
        timeout: PACE.timeout,
        retry: PACE.retry,
        parts: Parts { upkeep: false, ..Parts::ALL },
        notices: Vec::new(),
    };
    let console = sharing(&sandbox, folder.path());
    let (worker, mut messages) = Worker::spawn(Some(console.clone()), store, settings);
    sandbox.faults().add("GET /** limited=600 1".parse().expect("a fault"));
    let command = sharing(&sandbox, folder.path());
    assert!(command.at(Urgency::Agent).is_there().await.is_err());
    let until = command.budget().state().paused_until.expect("it was asked to wait");
    let limited = async {
        loop {
            let (_, report) = messages.recv().await.expect("the task runs");
            if let Report::Connection(Connection::Limited { until: shown }) = report {
                return assert_eq!(shown, until);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), limited).await.expect("it comes in time");
    let requests = sandbox.requests().len();
    let mut told = console.budget().watch();
    let request = tokio::spawn(async move { console.at(Urgency::Agent).is_there().await });
    told.wait_for(|state| state.waiting == 1).await.expect("it waits");
    assert_eq!(sandbox.requests().len(), requests, "nothing leaves before");
    request.abort();
    worker.close().await;
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reply_says_is_found_once_it_has_been_read() {
    let mut desk = Bench::usual().await;
    let ask = |desk: &Bench, number, read| {
        desk.worker.ask(Work::Read { request: RequestId(number), slot: Slot::Tickets, read });
    };
    let (views, waiting) = (View::builtin(), WaitingStatuses::default());
    ask(&desk, 1, Read::Tickets { views, waiting });
    let found = |message: &Report, number| match message {
        Report::Found { request, found: Ok(found) } if *request == RequestId(number) => {
            Some(found.clone())
        }
        _ => None,
    };
    let tickets = desk.wait(|message| found(message, 1)).await;
    let Found::Tickets { rows, orders } = tickets else { panic!("no tickets") };
    assert_eq!(orders[5].len() + orders[6].len(), rows.len(), "all, and archived");
    desk.sandbox
        .customer_reply(TICKET.0, "<p>the <b>unmistak</b>able word</p>")
        .expect("it arrives");
    let thread = Read::Thread { ticket: TICKET, width: 60, fetch: true };
    ask(&desk, 2, thread);
    desk.wait(|message| matches!(message, Report::Thread { .. }).then_some(())).await;
    let among: Vec<Place> = rows.iter().map(|(place, _)| place).collect();
    let expected = rows.place(TICKET).expect("it is listed");
    for number in 3.. {
        let (rows, among, text) = (rows.clone(), among.clone(), "Unmist WORD".to_owned());
        ask(
            &desk,
            number,
            Read::List {
                rows,
                among: Among::Places(among),
                narrow: Box::default(),
                text,
                in_texts: true,
            },
        );
        let answer = desk.wait(|message| found(message, number)).await;
        let Found::List { places, .. } = answer else { panic!("no list") };
        if places == [expected] {
            break;
        }
        assert_eq!(places, []);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    desk.close().await;
}

impl Bench {
    /// Stores a conversation of messages that are each some kilobytes long.
    async fn remember(&self, ticket: TicketId, messages: i64) {
        let reply = |id| Reply {
            id: ReplyId(id),
            ticket,
            kind: ReplyKind::Reply,
            body: Html::new(format!("<p>message {id}</p>{}", "<p>some words</p>".repeat(300))),
            author: None,
            author_name: None,
            created: None,
        };
        let replies = (1..=messages).map(reply).collect();
        let at = jiff::Timestamp::now();
        let facts = ThreadFacts::default();
        self.store.save_conversation(ticket, replies, facts, at).await.expect("it is stored");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_long_conversation_the_newest_messages_come_first() {
    let mut desk = Bench::usual().await;
    desk.remember(TICKET, 40).await;
    let read = Read::Thread { ticket: TICKET, width: 60, fetch: false };
    let asked = RequestId(1);
    desk.worker.ask(Work::Read { request: asked, slot: Slot::Thread, read });
    let mut told: Vec<Thread> = Vec::new();
    while told.last().is_none_or(|thread| !thread.whole) {
        let thread = desk
            .wait(|message| match message {
                Report::Thread { request, thread } if *request == asked => Some(thread.clone()),
                _ => None,
            })
            .await;
        told.push(*thread);
    }
    let [newest, whole] = &told[..] else { panic!("{} answers", told.len()) };
    assert_eq!(newest.posts.len(), whole.posts.len());
    let first = newest.posts.iter().position(|post| !post.body.is_empty()).expect("a text");
    assert!(first > 1 && newest.posts[first..] == whole.posts[first..]);
    assert!(whole.posts.iter().all(|post| !post.body.is_empty()));
    let texts: Vec<String> = whole.posts[1..].iter().map(|post| post.body[0].text()).collect();
    let expected: Vec<String> = (1..=40).map(|id| format!("message {id}")).collect();
    assert_eq!(texts, expected, "each text is with its own message");
    desk.close().await;
}

/// What is found for a read.
async fn looked_up(desk: &mut Bench, number: u64, slot: Slot, read: Read) -> Found {
    let request = RequestId(number);
    desk.worker.ask(Work::Read { request, slot, read });
    desk.wait(|message| match message {
        Report::Found { request: it, found: Ok(found) } if *it == request => Some(found.clone()),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_reads_the_whole_conversation_or_is_told_that_messages_are_missing() {
    let mut desk = Bench::usual().await;
    let export = || Read::Export { ticket: TICKET, zone: jiff::tz::TimeZone::UTC };
    let posts: i64 = desk.ask("SELECT count(*) FROM replies WHERE ticket_id = 32");
    assert!(posts > 1, "there is something to read");
    // Nothing of the conversation is stored yet, and the server does not answer.
    desk.fault("GET /api/tickets/*/replies drop-before");
    let Found::Export { text, missing } = looked_up(&mut desk, 1, Slot::Export, export()).await
    else {
        panic!("no export")
    };
    assert!(missing.is_some() && text.contains("**Messages may be missing here:**"), "{text}");
    assert_eq!(text.matches("\n## ").count(), 1, "the opening message is known");
    desk.sandbox.faults().clear();
    let Found::Export { text, missing } = looked_up(&mut desk, 2, Slot::Export, export()).await
    else {
        panic!("no export")
    };
    assert!(missing.is_none() && !text.contains("missing here"), "{text}");
    assert_eq!(text.matches("\n## ").count() as i64, posts + 1, "{text}");
    assert!(text.starts_with("# #32 "), "{text}");
    // It is stored by now, so the server is not asked again.
    let asked = desk.fault("GET /api/tickets/*/replies drop-before");
    let Found::Export { missing, .. } = looked_up(&mut desk, 3, Slot::Export, export()).await
    else {
        panic!("no export")
    };
    assert!(missing.is_none() && desk.sandbox.faults().hits(asked) == 0);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_come_from_the_newest_message_on_each_address_once() {
    let mut desk = Bench::usual().await;
    let change = "UPDATE replies SET text = '<p>https://a.example/' || reply_id || ' and <a href=\"https://b.example/\">b</a></p>' WHERE ticket_id = 32";
    let column: i64 =
        desk.ask("SELECT count(*) FROM pragma_table_info('replies') WHERE name = 'reply_id'");
    let change = if column == 1 { change.to_owned() } else { change.replace("reply_id", "id") };
    desk.sandbox.change(move |db| Ok(db.execute(&change, [])?)).expect("it is changed");
    let links = |post| Read::Links { ticket: TICKET, post };
    let Found::Links(all) = looked_up(&mut desk, 1, Slot::Choices, links(None)).await else {
        panic!("no links")
    };
    let addresses: Vec<&str> = all.iter().map(|link| link.address.as_str()).collect();
    let number =
        |it: &&str| it.strip_prefix("https://a.example/").and_then(|it| it.parse::<i64>().ok());
    let numbers: Vec<i64> = addresses.iter().filter_map(number).collect();
    assert!(numbers.len() > 1 && numbers.is_sorted_by(|a, b| a > b), "{addresses:?}");
    assert_eq!(addresses.iter().filter(|it| **it == "https://b.example/").count(), 1);
    assert!(all.iter().all(|link| !link.author.is_empty()), "{all:?}");
    let oldest = *numbers.last().expect("a message");
    let one = links(Some(Some(ReplyId(oldest))));
    let Found::Links(one) = looked_up(&mut desk, 2, Slot::Choices, one).await else {
        panic!("no links")
    };
    let addresses: Vec<&str> = one.iter().map(|link| link.address.as_str()).collect();
    assert_eq!(addresses, [format!("https://a.example/{oldest}").as_str(), "https://b.example/"]);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_are_read_from_the_store_and_the_next_one_from_the_server() {
    let mut desk = Bench::usual().await;
    desk.remember(TICKET, 3).await;
    let requests = desk.fault("GET /api/tickets/*/replies drop-before");
    let tickets = vec![TICKET, TicketId(9_999), TicketId(1)];
    let read = Read::Ahead { tickets, width: 60 };
    desk.worker.ask(Work::Read { request: RequestId(1), slot: Slot::Ahead, read });
    let mut told = Vec::new();
    while let Some(thread) = desk.ahead().await {
        assert!(thread.whole && !thread.fetched);
        told.push((thread.ticket, thread.posts.len()));
    }
    assert_eq!(told, [(TICKET, 4), (TicketId(1), 1)], "a ticket that is not stored is left out");
    assert_eq!(desk.sandbox.faults().hits(requests), 0);
    desk.sandbox.faults().clear();

    let read = Read::Next { ticket: TicketId(1), width: 60 };
    desk.worker.ask(Work::Read { request: RequestId(2), slot: Slot::Next, read });
    let thread = desk.ahead().await.expect("the server's");
    assert!(thread.fetched && thread.read_at.is_some());
    assert_eq!(desk.ahead().await, None);
    desk.close().await;
}

impl Bench {
    async fn ahead(&mut self) -> Option<Thread> {
        self.wait(|message| match message {
            Report::Ahead { thread, .. } => Some(thread.as_deref().cloned()),
            _ => None,
        })
        .await
    }
}

/// A bench of which only `parts` have begun, on a folder where `left` waits in the outbox.
async fn only(parts: Parts, left: Vec<Entry>) -> Bench {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).await.expect("a store").store;
    store.queue(left, Vec::new()).await.expect("the store takes it");
    store.close().await;
    Bench::start(parts, sandbox().await, PACE, folder).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_alone_sends_and_reads_no_list() {
    let mut desk = only(Parts { outbox: true, ..Parts::default() }, Vec::new()).await;
    let lists = desk.fault("GET /api/tickets drop-before");
    let entry = desk.entry(TICKET, Change::Archived(true));
    let id = entry.id;
    desk.queue(vec![entry]);
    let told = desk.wait(|told| Some(told.clone())).await;
    assert!(matches!(told, Report::Queued { .. }), "nobody watches the store: {told:?}");
    let state = desk.rest(id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    assert_eq!(
        (desk.get("active_state"), desk.sandbox.faults().hits(lists)),
        ("archived".into(), 0)
    );
    assert!(desk.store.needs_fill().await.expect("the store answers"));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_upkeep_alone_fills_the_mirror_and_sends_nothing() {
    let left = bench::entry(1, TICKET, reply("Solved"));
    let mut desk = only(Parts { upkeep: true, ..Parts::default() }, vec![left]).await;
    desk.wait(|told| matches!(told, Report::Refreshed).then_some(())).await;
    assert!(!desk.store.needs_fill().await.expect("the store answers"));
    let waiting = desk.store.outbox().await.expect("the store answers");
    assert!(matches!(waiting[..], [Entry { state: State::Queued, .. }]), "{waiting:?}");
    assert_eq!(desk.posted("Solved"), 0);
    assert!(!desk.store.unindexed(1).await.expect("the store answers").is_empty());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_alone_takes_in_what_is_stored_and_asks_no_server() {
    let mut desk = only(Parts { upkeep: true, ..Parts::default() }, Vec::new()).await;
    desk.wait(|told| matches!(told, Report::Refreshed).then_some(())).await;
    let (sandbox, folder) = desk.leave().await;
    let desk = Bench::start(Parts { index: true, ..Parts::default() }, sandbox, PACE, folder).await;
    let requests = desk.fault("* /** drop-before");
    let all = async |desk: &Bench| desk.store.unindexed(1).await.is_ok_and(|it| it.is_empty());
    desk.until("all is indexed", all).await;
    assert_eq!(desk.sandbox.faults().hits(requests), 0);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_alone_tells_what_is_stored_and_what_others_write() {
    let left = bench::entry(1, TICKET, reply("Solved"));
    let mut desk = only(Parts { watch: true, ..Parts::default() }, vec![left]).await;
    let requests = desk.fault("* /** drop-before");
    let told = desk.wait(|told| Some(told.clone())).await;
    assert!(matches!(told, Report::Stored(stored) if stored.outbox.len() == 1));
    let other = desk.other_console().await;
    let theirs = bench::entry(2, TicketId(1), reply("Hello"));
    other.queue(vec![theirs.clone()], Vec::new()).await.expect("the store takes it");
    desk.wait(|told| match told {
        Report::Entry { entry, .. } => (entry.id == theirs.id).then_some(()),
        _ => None,
    })
    .await;
    other.close().await;
    assert_eq!(desk.sandbox.faults().hits(requests), 0);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_is_done_whatever_has_begun() {
    let mut desk = only(Parts::default(), Vec::new()).await;
    desk.worker.ask(Work::Refresh);
    desk.wait(|told| matches!(told, Report::Refreshed).then_some(())).await;
    let read = Read::Thread { ticket: TICKET, width: 60, fetch: true };
    desk.worker.ask(Work::Read { request: RequestId(1), slot: Slot::Fetched, read });
    desk.wait(|told| matches!(told, Report::Thread { .. }).then_some(())).await;
    let entry = desk.entry(TICKET, reply("Solved"));
    desk.queue(vec![entry]);
    desk.wait(|told| matches!(told, Report::Queued { .. }).then_some(())).await;
    assert_eq!(desk.store.outbox().await.expect("the store answers").len(), 1);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_read_for_its_wait_alone() {
    let mut bench = Bench::usual().await;
    let (request, slot, read) = (RequestId(1), Slot::Exact, Read::Exact(TICKET));
    bench.worker.ask(Work::Read { request, slot, read });
    let told = |report: &Report| match report {
        Report::Rows { changed, .. } => {
            changed.iter().find(|row| row.ticket.id == TICKET).and_then(|row| row.facts)
        }
        _ => None,
    };
    bench.wait(told).await;
    let ended =
        |report: &Report| matches!(report, Report::Ahead { thread: None, .. }).then_some(());
    bench.wait(ended).await;
    let stored = bench.store.conversation(TICKET).await.expect("the store answers");
    assert!(stored.is_some(), "a restart need not read it again");
    bench.close().await;
}
