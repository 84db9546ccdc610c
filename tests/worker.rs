//! The background task against the sandbox over real sockets: what the server holds afterwards is
//! what counts.

use std::time::Duration;

use growdesk::{
    api::{Client, Settings as ApiSettings},
    app::{Message, Work},
    domain::{
        Change, Edit, Entry, ReplyKind, State, Status, StepId, TagsChange, TicketId,
        outbox::Decision,
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
        let step = StepId::new(7, 1);
        let entry = |(index, change)| Entry {
            id: step.entry(index).expect("a short step"),
            step,
            ticket: Some(TICKET),
            change,
            after: None,
            seen: None,
            queued: Timestamp::now(),
            state: State::Queued,
        };
        let entries: Vec<Entry> = changes.into_iter().enumerate().map(entry).collect();
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
    assert!(matches!(state, State::Decision { reason: Decision::Overtaken }), "{state:?}");
    assert_eq!(desk.posted("Solved"), 0);
    let id = StepId::new(7, 1).entry(0).expect("the first");
    desk.worker.ask(Work::SendAnyway(id));
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
