//! The background task: it owns the client and the store, carries out what the core asks for, and
//! tells it what came of it.
//!
//! Reads go to slots: a newer read in a slot cancels the older one. Writes are in the outbox before
//! anything else happens, and are never cancelled.

mod context;
mod conversations;
mod filling;
mod history;
mod index;
mod keeper;
mod outbox;
mod reads;
mod rendering;
mod snoozes;
mod sync;
mod task;

pub use conversations::{Fetched, author, read_ticket};
pub use index::index_now;
pub use keeper::{DoneBy, Keeper};

use std::time::Duration;

use jiff::Timestamp;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{
    api::{Address, ApiClient},
    clock::Clock,
    desk::{Report, Work},
    domain::{Draft, DraftId, Stale, WaitingStatuses},
    store::{Saved, Store, StoreError},
};

/// What the background task does without being asked. It always does the work it is asked for: a
/// read, a refresh, storing a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Tells the core the contents of the store, and later everything that other processes write.
    pub watch: bool,
    /// Sends what is in the outbox, in its turn.
    pub outbox: bool,
    /// Keeps the mirror up to date with the server.
    pub upkeep: bool,
    /// Keeps the full-text index up to date with the mirror.
    pub index: bool,
}

impl Parts {
    /// What a console needs.
    pub const ALL: Self = Self { watch: true, outbox: true, upkeep: true, index: true };
}

/// What the background task needs to know.
#[derive(Clone, Debug)]
pub struct WorkerSettings {
    /// Where the installation is; its pages are named in the texts of macros.
    pub address: Option<Address>,
    /// The work that it does without being asked.
    pub parts: Parts,
    /// The agent's name: how the agent's own posts are signed on screen where the server is silent.
    pub agent: String,
    /// The statuses in which a customer waits: their tickets are read first, and in each pass.
    pub waiting: WaitingStatuses,
    /// How often the server is asked what is new.
    pub poll: Duration,
    /// How long a doubtful post is looked for before it is sent again.
    pub grace: Duration,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a change waits before it is tried again, unless the server comes back or says
    /// otherwise.
    pub retry: Duration,
    /// What was wrong with the store when it was opened, for people.
    pub notices: Vec<String>,
}

/// How long the process waits for what is being sent before it lets itself be stopped.
const REST: Duration = Duration::from_secs(3);

/// The background task, from outside.
#[derive(Debug)]
pub struct Worker {
    work: mpsc::UnboundedSender<Work>,
    control: mpsc::UnboundedSender<Control>,
    task: JoinHandle<()>,
    store: Store,
}

/// The wishes of the process around the task.
#[derive(Debug)]
enum Control {
    /// The task sends nothing more, and answers once no request is under way.
    Rest(oneshot::Sender<()>),
    /// The task goes on sending.
    GoOn,
}

impl Worker {
    /// Starts the task. Without a client nothing is asked of a server (`--offline`).
    ///
    /// If it watches the store, its first report is always [`Report::Stored`].
    pub fn spawn(
        client: Option<ApiClient>,
        store: Store,
        settings: WorkerSettings,
    ) -> (Self, mpsc::UnboundedReceiver<(Timestamp, Report)>) {
        let (work, inbox) = mpsc::unbounded_channel();
        let (out, messages) = mpsc::unbounded_channel();
        let (control, controls) = mpsc::unbounded_channel();
        let context = context::Context::new(client, store.clone(), settings, out);
        let task = tokio::spawn(task::run(context, inbox, controls));
        (Self { work, control, task, store }, messages)
    }

    /// The clock that messages are stamped by.
    pub fn clock(&self) -> Clock {
        self.store.clock()
    }

    /// Hands over work. It is carried out in the order given, as far as order matters.
    pub fn ask(&self, work: Work) {
        if self.work.send(work).is_err() {
            tracing::error!("the background task has ended");
        }
    }

    /// Stops all sending, and waits a moment for the requests under way. The process is about to be
    /// stopped, and a request cut off halfway has an unknown fate.
    pub async fn rest(&self) {
        let (done, resting) = oneshot::channel();
        if self.control.send(Control::Rest(done)).is_ok() {
            // A request that is still out is checked when the process goes on.
            let _ = tokio::time::timeout(REST, resting).await;
        }
    }

    /// Lets changes be sent again.
    pub fn go_on(&self) {
        // A task that has ended falls silent, and that is noticed elsewhere.
        let _ = self.control.send(Control::GoOn);
    }

    /// Ends the task. Requests under way get a moment to finish, and everything to be stored is
    /// stored.
    pub async fn close(self) {
        // No draft was given, so no error can tell of a lost one.
        let _ = self.close_keeping(Vec::new()).await;
    }

    /// Ends the task at once, after it has rested. A request that is still out is checked by whoever
    /// works on the outbox next.
    pub async fn abandon(self) {
        self.task.abort();
        let _ = self.task.await;
        self.store.close().await;
    }

    /// Like [`Worker::close`]; `drafts` that are to be saved are saved even if the task has failed.
    ///
    /// # Errors
    /// If one of them could not be stored: the store's words.
    pub async fn close_keeping(self, drafts: Vec<Work>) -> Result<(), StoreError> {
        drop(self.work);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the background task failed");
        }
        let mut outcome = Ok(());
        for work in drafts {
            let Work::SaveDraft { draft, seen } = work else { continue };
            if let Err(error) = keep(&self.store, draft, seen).await {
                outcome = Err(error);
            }
        }
        self.store.close().await;
        outcome
    }
}

/// Stores a draft for the last time. If another console has written it too, both texts are kept. A
/// draft that this console recorded or discarded before is not stored again.
async fn keep(store: &Store, draft: Draft, seen: Option<Timestamp>) -> Result<(), StoreError> {
    match store.save_draft(draft.clone(), seen).await? {
        Saved::Stored => Ok(()),
        Saved::Stale(Stale::Gone(gone)) if store.is_own(&gone.by) => Ok(()),
        Saved::Stale(_) => {
            let id = DraftId::aside(draft.updated);
            let key = draft.key.beside(draft.updated.as_microsecond());
            store.save_draft(Draft { key, id, ..draft }, None).await.map(|_| ())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{KEY, draft, entry, make_read_only, reopen, store};

    #[tokio::test]
    async fn what_was_recorded_just_before_the_end_is_no_draft_again() {
        let (_folder, store) = store().await;
        let typed = draft("Hello", 1);
        store.save_draft(typed.clone(), None).await.unwrap();
        let seen = crate::domain::Seen { key: KEY, id: typed.id, version: None };
        assert_eq!(store.queue(vec![entry(1, 7)], vec![seen]).await.unwrap(), None);
        keep(&store, typed.clone(), None).await.unwrap();
        assert_eq!(store.drafts().await.unwrap(), vec![]);
        let other = Draft { id: DraftId(9), ..typed };
        keep(&store, other.clone(), None).await.unwrap();
        assert_eq!(store.drafts().await.unwrap(), vec![other]);
    }

    #[tokio::test]
    async fn what_another_console_has_discarded_is_kept_at_the_end_whatever_its_process() {
        let (folder, store) = store().await;
        let typed = draft("Hello", 1);
        store.save_draft(typed.clone(), None).await.unwrap();
        store.close_draft(KEY).await.unwrap();
        // Both stores are of one process; two consoles in containers look like that.
        let other = reopen(folder.path()).await;
        let version = Some(typed.updated);
        let seen = crate::domain::Seen { key: KEY, id: typed.id, version };
        assert_eq!(other.drop_draft(seen, typed.updated).await.unwrap(), None);
        let more = Draft { text: "Hello, and more".into(), ..typed };
        keep(&store, more.clone(), version).await.unwrap();
        let kept = store.drafts().await.unwrap();
        assert_eq!(kept.iter().map(|it| &it.text).collect::<Vec<_>>(), [&more.text]);
    }

    #[tokio::test]
    async fn what_is_kept_beside_at_the_end_is_another_draft_than_all_that_are_gone() {
        let (folder, store) = store().await;
        let typed = draft("Hello", 1);
        let gone = Draft { id: DraftId(-typed.id.0), ..typed.clone() };
        let seen = crate::domain::Seen { key: KEY, id: gone.id, version: None };
        store.save_draft(gone, None).await.unwrap();
        assert_eq!(store.drop_draft(seen, typed.updated).await.unwrap(), None);
        store.close_draft(KEY).await.unwrap();
        let other = reopen(folder.path()).await;
        other.open_draft(KEY, None, true, typed.updated).await.unwrap();
        keep(&store, typed, None).await.unwrap();
        let texts: Vec<String> =
            store.drafts().await.unwrap().into_iter().map(|it| it.text).collect();
        assert_eq!(texts, ["Hello"]);
    }

    #[tokio::test]
    async fn what_a_store_that_is_read_only_does_not_take_is_said_with_what_helps() {
        let (_folder, store) = store().await;
        let (held, typed) = (entry(1, 7), draft("Hello", 1));
        store.queue(vec![held.clone()], vec![]).await.unwrap();
        make_read_only(&store).await;
        let settings = WorkerSettings {
            address: None,
            agent: "Ann".into(),
            waiting: WaitingStatuses::default(),
            poll: Duration::from_secs(600),
            grace: Duration::from_secs(30),
            timeout: Duration::from_secs(20),
            retry: Duration::from_secs(15),
            parts: Parts::ALL,
            notices: Vec::new(),
        };
        let (worker, mut messages) = Worker::spawn(None, store.clone(), settings);
        let seen = crate::domain::Seen { key: KEY, id: typed.id, version: None };
        worker.ask(Work::TakeBack(vec![held.id]));
        worker.ask(Work::Queue { entries: vec![entry(2, 7)], drop: vec![seen] });
        worker.ask(Work::SaveDraft { draft: typed, seen: None });
        worker.ask(Work::DropDraft(seen));
        let mut told = Vec::new();
        while told.len() < 4 {
            let (_, message) = messages.recv().await.unwrap();
            match message {
                Report::NotTakenBack { problem, .. }
                | Report::NotQueued { problem, .. }
                | Report::DraftFailed { problem, .. }
                | Report::DraftNotGone { problem, .. } => told.push(problem.to_string()),
                Report::TooLate(_) | Report::Queued { .. } => panic!("{message:?}"),
                _ => {}
            }
        }
        assert!(
            told.iter().all(|it| it.contains("readonly") && it.contains("writable")),
            "{told:?}"
        );
        assert_eq!(store.outbox().await.unwrap(), vec![held]);
        worker.close().await;
    }
}
