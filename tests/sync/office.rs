//! A sandbox, and consoles of one profile without their screens.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use growdesk::{
    api::{ApiClient, ApiSettings},
    desk::{Found, Read, Report, RequestId, Slot, Work},
    domain::{Aside, Row, Rows, TicketId, WaitingStatuses, WokenBy},
    sandbox::{Options, Sandbox},
    store::Store,
    worker::{Parts, Worker, WorkerSettings},
};
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::hears::{Hears, PATIENCE};

/// Passes that do not come in a test, and passes that come at once.
pub(crate) const NEVER: Duration = Duration::from_secs(3_600);
pub(crate) const OFTEN: Duration = Duration::from_millis(200);

/// What a ticket is compared by: status, whether it is archived, number of replies.
pub(crate) type Sketch = (i64, bool, u32);

/// A sandbox of so many tickets.
pub(crate) async fn sandbox(tickets: usize) -> Sandbox {
    let options = Options { tickets, ..Options::default() };
    Sandbox::start(options).await.expect("the sandbox starts")
}

/// What the server holds.
pub(crate) fn held(sandbox: &Sandbox) -> BTreeMap<i64, Sketch> {
    let sql = "SELECT id, status_id, active_state = 'archived', \
        (SELECT count(*) FROM replies WHERE ticket_id = t.id AND type = 'reply') FROM tickets t";
    let rows = sandbox.change(|db| {
        let mut rows = db.prepare(sql)?;
        let rows =
            rows.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    });
    rows.expect("the database answers")
}

/// Changes the server's tables.
pub(crate) fn change(sandbox: &Sandbox, sql: &str) {
    sandbox.change(|db| Ok(db.execute_batch(sql)?)).expect("the database takes it");
}

/// How many of the requests so far were for a list of tickets.
pub(crate) fn lists(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.path == "/api/tickets").count()
}

/// A console: what its core has been told.
pub(crate) struct Console {
    pub(crate) worker: Worker,
    messages: UnboundedReceiver<(Timestamp, Report)>,
    /// The tickets.
    pub(crate) rows: BTreeMap<i64, Row>,
    /// Whether all that was stored has been read.
    stored: bool,
    gone: BTreeSet<i64>,
    /// The last progress.
    pub(crate) progress: Option<(usize, usize)>,
    /// What the profile keeps about tickets.
    pub(crate) asides: Vec<(TicketId, Aside)>,
    /// The snoozed tickets that it said woke.
    pub(crate) woken: Vec<(TicketId, WokenBy)>,
    folder: PathBuf,
}

impl Console {
    pub(crate) async fn open(sandbox: &Sandbox, folder: &Path, poll: Duration) -> Self {
        let api = ApiSettings::new(sandbox.url(), sandbox.api_key().clone());
        let client =
            ApiClient::new(ApiSettings { requests_per_minute: 0, ..api }).expect("a client");
        let store = Store::open(folder).await.expect("a store").store;
        let settings = WorkerSettings {
            address: None,
            agent: "Agent".into(),
            waiting: WaitingStatuses::default(),
            poll,
            grace: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            retry: Duration::from_millis(100),
            parts: Parts::ALL,
            notices: Vec::new(),
        };
        let (worker, messages) = Worker::spawn(Some(client), store, settings);
        let mut console = Self {
            worker,
            messages,
            rows: BTreeMap::new(),
            stored: false,
            gone: BTreeSet::new(),
            progress: None,
            asides: Vec::new(),
            woken: Vec::new(),
            folder: folder.to_path_buf(),
        };
        console.until(|it| it.stored).await;
        console
    }

    /// A console that has told that its first reading has ended.
    pub(crate) async fn ready(sandbox: &Sandbox, folder: &Path, poll: Duration) -> Self {
        let mut console = Self::open(sandbox, folder, poll).await;
        console.refreshed().await;
        console
    }

    /// Takes in what was stored; what was told meanwhile is newer.
    fn keep_up(&mut self, stored: &Rows) {
        for (_, row) in stored.iter() {
            if !self.gone.contains(&row.id.0) {
                self.rows.entry(row.id.0).or_insert_with(|| row.to_row());
            }
        }
        self.stored = true;
    }

    fn take_in(&mut self, changed: &[Row], gone: &[TicketId]) {
        self.rows.extend(changed.iter().map(|row| (row.ticket.id.0, row.clone())));
        gone.iter().for_each(|id| drop(self.rows.remove(&id.0)));
        self.gone.extend(gone.iter().map(|id| id.0));
    }

    /// Waits until it shows what the server holds.
    pub(crate) async fn agrees(&mut self, sandbox: &Sandbox) {
        let waiting = async {
            while self.sketch() != held(sandbox) {
                let heard = tokio::time::timeout(Duration::from_millis(50), self.hear());
                // What was asked of the server may have changed without a message.
                let _ = heard.await;
            }
        };
        let agreed = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(agreed.is_ok(), "{:?}", self.difference(sandbox));
    }

    pub(crate) fn sketch(&self) -> BTreeMap<i64, Sketch> {
        let sketch = |row: &Row| {
            let ticket = &row.ticket;
            (ticket.status.id.0, ticket.archived, ticket.replies_count)
        };
        self.rows.iter().map(|(id, row)| (*id, sketch(row))).collect()
    }

    /// The first few that are shown otherwise than the server has them: shown, and held.
    pub(crate) fn difference(
        &self,
        sandbox: &Sandbox,
    ) -> Vec<(i64, Option<Sketch>, Option<Sketch>)> {
        let (shown, held) = (self.sketch(), held(sandbox));
        let ids = shown.keys().chain(held.keys());
        let all = ids.map(|id| (*id, shown.get(id).copied(), held.get(id).copied()));
        all.filter(|(_, shown, held)| shown != held).take(20).collect()
    }

    /// Closes it; its store stays.
    pub(crate) async fn close(self) -> PathBuf {
        self.worker.close().await;
        self.folder
    }
}

impl Hears for Console {
    async fn hear(&mut self) -> Report {
        let heard = tokio::time::timeout(PATIENCE, self.messages.recv()).await;
        let (_, message) = heard.expect("it comes in time").expect("the worker runs");
        match &message {
            Report::Stored(_) => {
                let (views, waiting) = (Vec::new(), WaitingStatuses::default());
                let read = Read::Tickets { views, waiting };
                self.worker.ask(Work::Read { request: RequestId(0), slot: Slot::Tickets, read });
            }
            Report::Found { found: Ok(Found::Tickets { rows, .. }), .. } => self.keep_up(rows),
            Report::Rows { changed, gone } => self.take_in(changed, gone),
            Report::Asides(asides) => self.asides.clone_from(asides),
            Report::Woken(woken) => self.woken.extend(woken),
            Report::Refreshing { done, total } => self.progress = Some((*done, *total)),
            _ => {}
        }
        message
    }
}
