//! The background task against the sandbox over real sockets: what the server holds afterwards is
//! what counts.

use std::time::Duration;

use growdesk::{
    api::{Client, Settings as ApiSettings},
    app::{Message, Work},
    domain::{
        Change, Edit, Entry, EntryId, Priority, ReplyId, ReplyKind, Stand, State, Status, StepId,
        TagsChange, Ticket, TicketId, outbox::Decision,
    },
    sandbox::{Fault, Options, Sandbox},
    store::Store,
    text::clean,
    worker::{Settings, Worker},
};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;

const TICKET: TicketId = TicketId(32);
const PATIENCE: Duration = Duration::from_secs(30);

struct Desk {
    sandbox: Sandbox,
    worker: Worker,
    messages: UnboundedReceiver<(Timestamp, Message)>,
    _folder: TempDir,
}

impl Desk {
    /// A desk whose first refresh has ended.
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options { tickets: 40, ..Options::default() };
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        let api = ApiSettings::new(sandbox.url(), sandbox.api_key().clone());
        let api =
            ApiSettings { requests_per_minute: 0, timeout: Duration::from_millis(1_500), ..api };
        let client = Client::new(api).expect("a client");
        let store = Store::open(folder.path()).await.expect("a store").store;
        let settings = Settings {
            agent: "Agent".into(),
            poll: Duration::from_secs(600),
            grace: Duration::from_secs(1),
            timeout: Duration::from_millis(1_500),
            notices: Vec::new(),
        };
        let (worker, messages) = Worker::spawn(Some(client), store, settings);
        let mut desk = Self { sandbox, worker, messages, _folder: folder };
        desk.wait(|message| matches!(message, Message::Refreshed).then_some(())).await;
        desk
    }

    async fn wait<T>(&mut self, mut wanted: impl FnMut(Message) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let (_, message) = self.messages.recv().await.expect("the task runs");
                if let Some(found) = wanted(message) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it comes in time")
    }

    /// Queues changes as one step and gives their states once the last is settled or needs a
    /// decision.
    async fn carry_out(&mut self, changes: Vec<Change>) -> State {
        self.carry_out_as(changes, |_| ()).await
    }

    async fn carry_out_as(&mut self, changes: Vec<Change>, adjust: impl Fn(&mut Entry)) -> State {
        let step = StepId::new(7, 1);
        let entry = |(index, change)| Entry {
            stood: None,
            undo: None,
            id: step.entry(index).expect("a short step"),
            step,
            ticket: Some(TICKET),
            change,
            after: None,
            seen: None,
            queued: Timestamp::now(),
            state: State::Queued,
        };
        let mut entries: Vec<Entry> = changes.into_iter().enumerate().map(entry).collect();
        entries.iter_mut().for_each(adjust);
        let last = entries.last().expect("a change").id;
        self.worker.ask(Work::Queue { entries, drop: Vec::new() });
        self.wait(|message| match message {
            Message::Entry { entry, .. } if entry.id == last => {
                let ended =
                    entry.state.is_settled() || matches!(entry.state, State::Decision { .. });
                ended.then_some(entry.state)
            }
            _ => None,
        })
        .await
    }

    fn posted(&self, text: &str) -> i64 {
        let like = format!("%{text}%");
        self.sandbox
            .change(move |db| {
                let sql = "SELECT count(*) FROM replies WHERE ticket_id = 32 AND text LIKE ?1";
                Ok(db.query_row(sql, [&like], |row| row.get(0))?)
            })
            .expect("the database answers")
    }

    /// One request of this kind goes wrong.
    fn fault(&self, request: &str, kind: &str) {
        let fault: Fault = format!("{request} {kind} 1").parse().expect("a fault");
        self.sandbox.faults().add(fault);
    }
}

fn note(text: &str) -> Change {
    Change::Post { kind: ReplyKind::Note, text: text.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_note_is_recorded_exactly_once() {
    let faults = [
        "drop-before",
        "drop-after",
        "hang",
        "hang-after",
        "error",
        "error-after",
        "garbage",
        "truncate",
        "limited=1",
    ];
    for fault in faults {
        let mut desk = Desk::open().await;
        desk.fault("POST /api/tickets/32/replies", fault);
        let state = desk.carry_out(vec![note("only once")]).await;
        assert!(matches!(state, State::Recorded { .. }), "{fault}: {state:?}");
        assert_eq!(desk.posted("only once"), 1, "{fault}");
        desk.worker.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_words_that_the_agent_has_not_read_waits() {
    let mut desk = Desk::open().await;
    desk.sandbox.customer_reply(TICKET.0, "<p>One more thing</p>").expect("it arrives");
    let reply = Change::Post { kind: ReplyKind::Reply, text: "Solved".into() };
    let state = desk.carry_out(vec![reply]).await;
    let State::Decision { reason: Decision::Overtaken(news) } = state else { panic!("{state:?}") };
    assert_eq!(news.messages.last().expect("the customer's").text, "One more thing");
    assert_eq!(desk.posted("Solved"), 0);
    let id = StepId::new(7, 1).entry(0).expect("the first");
    desk.worker.ask(Work::SendAnyway(id, None));
    desk.wait(|message| match message {
        Message::Entry { entry, .. } => matches!(entry.state, State::Recorded { .. }).then_some(()),
        _ => None,
    })
    .await;
    assert_eq!(desk.posted("Solved"), 1);
    desk.worker.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_ticket_arrive_in_order_and_leave_other_tags_alone() {
    let mut desk = Desk::open().await;
    let [open, closed, ..] = Status::usual();
    let tags = TagsChange { add: vec![clean::line("mine")], remove: Vec::new() };
    desk.sandbox
        .change(|db| {
            Ok(db.execute("INSERT INTO tags (ticket_id, title) VALUES (32, 'theirs')", [])?)
        })
        .expect("a colleague tags");
    desk.fault("PUT /api/tickets/32/status", "drop-after");
    let state = desk
        .carry_out(vec![
            Change::Status(Edit { from: open, to: closed }),
            Change::Archived(true),
            Change::Tags(tags),
        ])
        .await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    let (status, archived, tags): (i64, String, i64) = desk
        .sandbox
        .change(|db| {
            Ok(db.query_row(
                "SELECT status_id, active_state, (SELECT count(*) FROM tags
                 WHERE ticket_id = 32 AND title IN ('mine', 'theirs')) FROM tickets WHERE id = 32",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?)
        })
        .expect("the database answers");
    assert_eq!((status, archived.as_str(), tags), (2, "archived", 2));
    desk.worker.close().await;
}

impl Desk {
    fn set(&self, column: &str, value: &str) {
        let sql = format!("UPDATE tickets SET {column} = ?1 WHERE id = 32");
        let value = value.to_owned();
        self.sandbox.change(move |db| Ok(db.execute(&sql, [&value])?)).expect("a colleague edits");
    }

    fn get(&self, column: &str) -> String {
        let sql = format!("SELECT CAST({column} AS TEXT) FROM tickets WHERE id = 32");
        self.sandbox
            .change(move |db| Ok(db.query_row(&sql, [], |row| row.get(0))?))
            .expect("the database answers")
    }

    async fn decide(&mut self) -> State {
        let id = StepId::new(7, 1).entry(0).expect("the first");
        self.worker.ask(Work::SendAnyway(id, None));
        self.wait(|message| match message {
            Message::Entry { entry, .. } => entry.state.is_settled().then_some(entry.state),
            _ => None,
        })
        .await
    }
}

fn from_open_to_closed() -> Change {
    let [open, closed, ..] = Status::usual();
    Change::Status(Edit { from: open, to: closed })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_somebody_else_set_is_not_overwritten_unasked() {
    let mut desk = Desk::open().await;
    desk.set("status_id", "3");
    let state = desk.carry_out(vec![from_open_to_closed()]).await;
    let State::Decision { reason: Decision::Conflict { differences, .. } } = state else {
        panic!("{state:?}")
    };
    assert_eq!((differences[0].field.as_str(), differences[0].now.as_str()), ("status", "On Hold"));
    assert_eq!(desk.get("status_id"), "3");
    assert!(matches!(desk.decide().await, State::Recorded { .. }));
    assert_eq!(desk.get("status_id"), "2");
    desk.worker.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_leaves_alone_what_somebody_else_has_set_since() {
    let mut desk = Desk::open().await;
    desk.set("status_id", "3");
    let state = desk
        .carry_out_as(vec![from_open_to_closed()], |entry| {
            entry.undo = Some(EntryId(1));
        })
        .await;
    assert!(matches!(state, State::Refused { .. }), "{state:?}");
    assert_eq!(desk.get("status_id"), "3");
    desk.worker.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_ticket_that_stands_otherwise_by_now_waits_once() {
    let mut desk = Desk::open().await;
    desk.set("status_id", "1");
    desk.set("priority", "normal");
    let reply = Change::Post { kind: ReplyKind::Reply, text: "Solved".into() };
    let stood = Stand { priority: Priority::Normal, ..Stand::of(&Ticket::sparse(TICKET)) };
    let mut before = None;
    desk.set("priority", "urgent");
    let state = desk
        .carry_out_as(vec![reply], |entry| {
            entry.seen = Some(ReplyId(i64::MAX));
            entry.stood = Some(Box::new(stood.clone()));
        })
        .await;
    if let State::Decision { reason: Decision::Overtaken(news) } = &state {
        before = news.differences.iter().find(|it| it.field == "priority").cloned();
    }
    let difference = before.unwrap_or_else(|| panic!("{state:?}"));
    assert_eq!((difference.seen.as_str(), difference.now.as_str()), ("normal", "urgent"));
    assert!(matches!(desk.decide().await, State::Recorded { made: Some(_), .. }));
    assert_eq!(desk.posted("Solved"), 1);
    desk.worker.close().await;
}
