//! The background task with the real client, at work on a sandbox over real sockets.

use std::{collections::HashMap, time::Duration};

use growdesk::{
    api::{ApiClient, ApiSettings},
    desk::{Report, Work},
    domain::{Change, Entry, EntryId, State, StepId, TicketId},
    sandbox::{Fault, FaultId, Options, Sandbox},
    store::Store,
    worker::{Parts, Worker, WorkerSettings},
};
use jiff::Timestamp;
use rusqlite::types::FromSql;
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;

/// How long a condition may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// How patient the background task is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) timeout: Duration,
    pub(crate) grace: Duration,
    pub(crate) retry: Duration,
}

/// A sandbox, and a background task that works on it.
pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) store: Store,
    pub(crate) worker: Worker,
    messages: UnboundedReceiver<(Timestamp, Report)>,
    told: HashMap<EntryId, State>,
    steps: u32,
    folder: TempDir,
}

/// A sandbox of forty tickets.
pub(crate) async fn sandbox() -> Sandbox {
    let options = Options { tickets: 40, ..Options::default() };
    Sandbox::start(options).await.expect("the sandbox starts")
}

/// A background task on `sandbox` that polls no more than it is asked to.
pub(crate) fn worker(
    sandbox: &Sandbox,
    store: Store,
    pace: Pace,
) -> (Worker, UnboundedReceiver<(Timestamp, Report)>) {
    worker_of(Parts::ALL, sandbox, store, pace, 0)
}

/// One of which only `parts` begin, with a budget of `limit` requests a minute; 0 is none.
fn worker_of(
    parts: Parts,
    sandbox: &Sandbox,
    store: Store,
    pace: Pace,
    limit: u32,
) -> (Worker, UnboundedReceiver<(Timestamp, Report)>) {
    let api = ApiSettings {
        requests_per_minute: limit,
        timeout: pace.timeout,
        patience: Duration::from_secs(1),
        ..ApiSettings::new(sandbox.url(), sandbox.api_key().clone())
    };
    let settings = WorkerSettings {
        address: None,
        agent: "Agent".into(),
        waiting: growdesk::domain::WaitingStatuses::default(),
        poll: Duration::from_secs(600),
        grace: pace.grace,
        timeout: pace.timeout,
        retry: pace.retry,
        parts,
        notices: Vec::new(),
    };
    Worker::spawn(Some(ApiClient::new(api).expect("a client")), store, settings)
}

/// The only entry of the `count`th step.
pub(crate) fn entry(count: u32, ticket: impl Into<Option<TicketId>>, change: Change) -> Entry {
    let step = StepId::new(7, count);
    Entry {
        id: step.entry(0),
        step,
        ticket: ticket.into(),
        change,
        after: None,
        seen: None,
        stood: None,
        undo: None,
        queued: Timestamp::now(),
        state: State::Queued,
    }
}

impl Bench {
    /// A bench whose first refresh has ended.
    pub(crate) async fn open(sandbox: Sandbox, pace: Pace) -> Self {
        Self::resume(sandbox, pace, Vec::new()).await
    }

    /// A bench with an outbox that an earlier run left behind, whose first refresh has ended.
    pub(crate) async fn resume(sandbox: Sandbox, pace: Pace, left: Vec<Entry>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).await.expect("a store").store;
        store.queue(left, Vec::new()).await.expect("the store takes it");
        store.close().await;
        Self::in_folder(sandbox, pace, folder).await
    }

    /// A bench with the store that is in `folder`, whose first refresh has ended.
    pub(crate) async fn in_folder(sandbox: Sandbox, pace: Pace, folder: TempDir) -> Self {
        let mut bench = Self::begin(sandbox, pace, folder).await;
        bench.wait(|message| matches!(message, Report::Refreshed).then_some(())).await;
        bench
    }

    /// A bench with the store that another one has left in `folder`. One that opens so soon after
    /// another does not refresh by itself.
    pub(crate) async fn again(sandbox: Sandbox, pace: Pace, folder: TempDir) -> Self {
        let mut bench = Self::begin(sandbox, pace, folder).await;
        bench.worker.ask(Work::Refresh);
        bench.wait(|message| matches!(message, Report::Refreshed).then_some(())).await;
        bench
    }

    async fn begin(sandbox: Sandbox, pace: Pace, folder: TempDir) -> Self {
        Self::start(Parts::ALL, sandbox, pace, folder).await
    }

    /// A bench of which only `parts` have begun.
    pub(crate) async fn start(parts: Parts, sandbox: Sandbox, pace: Pace, folder: TempDir) -> Self {
        Self::make(parts, sandbox, pace, folder, 0).await
    }

    /// A bench that keeps to a budget of `limit` requests a minute, whose first refresh has ended.
    pub(crate) async fn within(sandbox: Sandbox, pace: Pace, limit: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut bench = Self::make(Parts::ALL, sandbox, pace, folder, limit).await;
        bench.wait(|message| matches!(message, Report::Refreshed).then_some(())).await;
        bench
    }

    async fn make(parts: Parts, sandbox: Sandbox, pace: Pace, folder: TempDir, limit: u32) -> Self {
        let store = Store::open(folder.path()).await.expect("a store").store;
        let (worker, messages) = worker_of(parts, &sandbox, store.clone(), pace, limit);
        let told = HashMap::new();
        Self { sandbox, store, worker, messages, told, steps: 0, folder }
    }

    /// The store as another console on the same profile has it open.
    pub(crate) async fn other_console(&self) -> Store {
        Store::open(self.folder.path()).await.expect("a store").store
    }

    /// Where the store's files are.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Deletes the store's folder while it is in use.
    pub(crate) fn delete_folder(&self) {
        std::fs::remove_dir_all(self.folder.path()).expect("the folder is deleted");
    }

    /// Changes the store's own file from outside.
    pub(crate) fn in_store(&self, sql: &str) {
        let file = self.folder.path().join("work.db");
        let file = rusqlite::Connection::open(file).expect("the store's file");
        file.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Waits for a message.
    pub(crate) async fn wait<T>(&mut self, mut wanted: impl FnMut(&Report) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let (_, message) = self.messages.recv().await.expect("the task runs");
                if let Report::Entry { entry, .. } = &message {
                    self.told.insert(entry.id, entry.state.clone());
                }
                if let Report::TakenBack(entries) = &message {
                    self.told.extend(entries.iter().map(|it| (it.id, it.state.clone())));
                }
                if let Some(found) = wanted(&message) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it comes in time")
    }

    /// Waits until an entry is settled or needs a decision.
    pub(crate) async fn rest(&mut self, id: EntryId) -> State {
        let ended = |state: &State| state.is_settled() || matches!(state, State::Decision { .. });
        if let Some(state) = self.told.get(&id).filter(|state| ended(state)) {
            return state.clone();
        }
        self.wait(|message| match message {
            Report::Entry { entry, .. } if entry.id == id && ended(&entry.state) => {
                Some(entry.state.clone())
            }
            Report::TakenBack(entries) => {
                entries.iter().find(|entry| entry.id == id).map(|entry| entry.state.clone())
            }
            _ => None,
        })
        .await
    }

    /// An entry, the first of a step of its own.
    pub(crate) fn entry(&mut self, ticket: impl Into<Option<TicketId>>, change: Change) -> Entry {
        self.steps += 1;
        entry(self.steps, ticket, change)
    }

    /// Queues entries.
    pub(crate) fn queue(&self, entries: Vec<Entry>) {
        self.worker.ask(Work::Queue { entries, drop: Vec::new() });
    }

    /// Waits until something holds that no message tells.
    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        let waiting = async {
            while !holds(self).await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(waited.is_ok(), "not in time: {what}");
    }

    /// Waits until a fault has hit.
    pub(crate) async fn until_hit(&self, fault: FaultId) {
        self.until("a fault hits", async |it| it.sandbox.faults().hits(fault) > 0).await;
    }

    /// Queues entries and gives the state of the last once it has come to rest.
    pub(crate) async fn carry_out(&mut self, entries: Vec<Entry>) -> State {
        let last = entries.last().expect("an entry").id;
        self.queue(entries);
        self.rest(last).await
    }

    /// The agent wants an entry sent after all, and waits for what comes of it.
    pub(crate) async fn send_anyway(&mut self, id: EntryId) -> State {
        self.told.remove(&id);
        self.worker.ask(Work::SendAnyway(id, None));
        self.rest(id).await
    }

    /// What goes wrong from now on.
    pub(crate) fn fault(&self, fault: &str) -> FaultId {
        self.sandbox.faults().add(fault.parse::<Fault>().expect("a fault"))
    }

    /// Asks the server's database.
    pub(crate) fn ask<T: FromSql>(&self, sql: &str) -> T {
        self.sandbox
            .change(|db| Ok(db.query_row(sql, [], |row| row.get(0))?))
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Ends the task as a person does; the server and the store's folder stay.
    pub(crate) async fn leave(self) -> (Sandbox, TempDir) {
        self.worker.close().await;
        (self.sandbox, self.folder)
    }

    /// Ends the task as a person does.
    pub(crate) async fn close(self) {
        self.worker.close().await;
        self.sandbox.stop().await;
    }
}
