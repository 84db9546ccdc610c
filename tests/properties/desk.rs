//! The whole console without a terminal: core, worker, store and the sandbox behind real sockets.

use std::time::Duration;

use growdesk::{
    api::{ApiClient, ApiSettings},
    app::{Effect, Message, Model, Settings, keymap::KeyMap, update},
    desk::{Read, Report, RequestId, Slot, Work},
    domain::{Draft, DraftId, DraftKey, DraftKind, TicketId},
    sandbox::{Options, Sandbox},
    store::Store,
    worker::{self, Parts, Worker},
};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::support::console::parse;

pub(crate) const TICKET: TicketId = TicketId(32);
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    pub(crate) model: Model,
    worker: Worker,
    messages: UnboundedReceiver<(Timestamp, Report)>,
    fences: u64,
    _folder: TempDir,
}

impl Desk {
    /// A desk whose first refresh has ended.
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options { tickets: 40, ..Options::default() };
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        let api = ApiSettings::new(sandbox.url(), sandbox.api_key().clone());
        let client =
            ApiClient::new(ApiSettings { requests_per_minute: 0, ..api }).expect("a client");
        let store = Store::open(folder.path()).await.expect("a store").store;
        let settings = worker::WorkerSettings {
            address: None,
            agent: "Agent".into(),
            waiting: growdesk::domain::WaitingStatuses::default(),
            poll: Duration::from_secs(600),
            grace: Duration::from_secs(1),
            retry: Duration::from_secs(1),
            timeout: Duration::from_secs(20),
            parts: Parts::ALL,
            notices: Vec::new(),
        };
        let (worker, messages) = Worker::spawn(Some(client), store, settings);
        let settings = Settings { hold: SignedDuration::ZERO, ..Settings::default() };
        let model = Model::new(settings, KeyMap::default(), (120, 40), Timestamp::now());
        let mut desk = Self { sandbox, model, worker, messages, fences: 0, _folder: folder };
        while !matches!(desk.hear().await, Report::Refreshed) {}
        desk
    }

    pub(crate) fn send(&mut self, message: impl Into<Message>) {
        for effect in update(&mut self.model, Timestamp::now(), message) {
            if let Effect::Work(work) = effect {
                self.worker.ask(work);
            }
        }
    }

    /// Types keys, and sees what is grave before going on.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.see();
        for key in parse(keys) {
            self.send(Message::Key(key));
            self.see();
        }
    }

    fn see(&mut self) {
        if self.model.awaits_draw() {
            self.send(Message::Drawn);
        }
    }

    /// Takes in what the worker tells until the model is so.
    pub(crate) async fn until(&mut self, so: impl Fn(&Model) -> bool) {
        while !so(&self.model) {
            self.hear().await;
        }
    }

    async fn hear(&mut self) -> Report {
        let heard = tokio::time::timeout(PATIENCE, self.messages.recv()).await;
        let Ok(heard) = heard else { panic!("nothing comes of {:?}", self.model.outbox) };
        let (_, message) = heard.expect("the worker runs");
        self.send(message.clone());
        message
    }

    /// Waits until all is settled, and nothing more comes of what was asked so far.
    pub(crate) async fn settle(&mut self) {
        loop {
            self.until(|model| model.outbox.entries().is_empty()).await;
            self.fences += 1;
            let key =
                DraftKey::new(Some(TicketId(1_000_000 + self.fences as i64)), DraftKind::Note);
            let draft = Draft {
                key,
                id: DraftId(-(self.fences as i64)),
                text: "fence".into(),
                cursor: (0, 0),
                updated: Timestamp::now(),
                changes: None,
            };
            self.worker.ask(Work::SaveDraft { draft, seen: None });
            let here = |message: &Report| matches!(message, Report::DraftStored { key: it, .. } if *it == key);
            while !here(&self.hear().await) {}
            if self.model.outbox.entries().is_empty() {
                return;
            }
        }
    }

    /// Reads the working set anew, and the one ticket, which may be closed or archived.
    pub(crate) async fn refresh(&mut self) {
        self.worker.ask(Work::Refresh);
        while !matches!(self.hear().await, Report::Refreshed) {}
        self.read(TICKET).await;
    }

    /// Reads a ticket anew.
    pub(crate) async fn read(&mut self, ticket: TicketId) {
        let read = Read::Ticket(ticket);
        self.worker.ask(Work::Read { request: RequestId(u64::MAX), slot: Slot::Going, read });
        let here = |message: &Report| matches!(message, Report::Found { request, .. } if *request == RequestId(u64::MAX));
        while !here(&self.hear().await) {}
    }

    pub(crate) async fn close(self) {
        self.worker.close().await;
    }
}
