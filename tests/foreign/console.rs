//! The console's background task, against the server.

use std::{collections::BTreeMap, path::Path, time::Duration};

use growdesk::{
    api::{ApiClient, ApiSettings},
    desk::{Connection, Report, Work},
    domain::{Row, Unreadable, WaitingStatuses},
    store::Store,
    worker::{Parts, Worker, WorkerSettings},
};
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::hears::{Hears, PATIENCE};

pub(crate) struct Console {
    pub(crate) worker: Worker,
    messages: UnboundedReceiver<(Timestamp, Report)>,
    /// The tickets that it was told of.
    pub(crate) rows: BTreeMap<i64, Row>,
    /// What can't be read.
    pub(crate) unread: Vec<Unreadable>,
    /// The texts that became drafts again.
    pub(crate) drafts: Vec<String>,
    /// The states of the connection, in their order.
    pub(crate) connections: Vec<Connection>,
}

impl Console {
    /// Opens it on the folder; passes come every `poll`.
    pub(crate) async fn open(address: &str, folder: &Path, poll: Duration) -> Self {
        let api = ApiSettings::new(address, "k-123".into());
        let api = ApiSettings { requests_per_minute: 0, ..api };
        let client = ApiClient::new(api).expect("a client");
        let store = Store::open(folder).await.expect("a store").store;
        let settings = WorkerSettings {
            address: None,
            agent: "Agent".into(),
            waiting: WaitingStatuses::default(),
            poll,
            grace: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
            retry: Duration::from_millis(100),
            parts: Parts::ALL,
            notices: Vec::new(),
        };
        let (worker, messages) = Worker::spawn(Some(client), store, settings);
        let (rows, unread, drafts, connections) = Default::default();
        Self { worker, messages, rows, unread, drafts, connections }
    }

    /// Opens it, and waits until its mirror is filled or refreshed.
    pub(crate) async fn filled(address: &str, folder: &Path) -> Self {
        let mut console = Self::open(address, folder, Duration::from_secs(3600)).await;
        console.refreshed().await;
        console
    }

    /// Has the working set read again, and waits for the end of that.
    pub(crate) async fn refresh(&mut self) {
        self.worker.ask(Work::Refresh);
        self.refreshed().await;
    }

    /// The subject of a ticket as it is shown.
    pub(crate) fn subject(&self, id: i64) -> &str {
        self.rows.get(&id).map_or("", |row| row.ticket.subject.as_str())
    }

    /// The numbers of the tickets that are told to be unread.
    pub(crate) fn unread_tickets(&self) -> Vec<i64> {
        let mut ids: Vec<i64> =
            self.unread.iter().filter_map(|it| it.ticket.map(|id| id.0)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Whether it was always online, or on its way there.
    pub(crate) fn was_never_cut_off(&self) -> bool {
        self.connections.iter().all(|it| matches!(it, Connection::Online | Connection::Connecting))
    }
}

impl Hears for Console {
    async fn hear(&mut self) -> Report {
        let heard = tokio::time::timeout(PATIENCE, self.messages.recv()).await;
        let (_, message) = heard.expect("it comes in time").expect("the worker runs");
        match &message {
            Report::Rows { changed, gone } => {
                self.rows.extend(changed.iter().map(|row| (row.ticket.id.0, row.clone())));
                gone.iter().for_each(|id| drop(self.rows.remove(&id.0)));
            }
            Report::Unreadable(unread) => self.unread.clone_from(unread),
            Report::DraftBack(draft) => self.drafts.push(draft.text.clone()),
            Report::Connection(connection) => self.connections.push(connection.clone()),
            _ => {}
        }
        message
    }
}
