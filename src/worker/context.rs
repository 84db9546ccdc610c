//! The context that every job of the background task works with.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use tokio::{
    sync::{Mutex, MutexGuard, Notify, mpsc},
    time::Instant,
};

use super::{WorkerSettings, filling::Lookups};
use crate::{
    api::{ApiClient, Endpoints, Error, Hurry, Urgency},
    desk::{Connection, Report},
    domain::{Directory, Line, Problem, ProblemKind, TicketId, problem::without_numbers},
    store::{Store, StoreError},
};

/// Shared by all jobs; cheap to clone.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) store: Store,
    pub(super) settings: Arc<WorkerSettings>,
    /// Rung when the state of the connection has changed.
    pub(super) connection_changed: Arc<Notify>,
    /// Rung when the mirror holds words that are not indexed.
    pub(super) words_changed: Arc<Notify>,
    /// How many tickets were on the pages of lists that were read.
    pub(super) tickets_read: Arc<AtomicU64>,
    client: Option<ApiClient>,
    /// How urgent the change under way is.
    pub(super) urgency: Urgency,
    /// Calls its requests forward while they wait for the budget.
    hurry: Hurry,
    out: mpsc::UnboundedSender<(Timestamp, Report)>,
    shared: Arc<Mutex<Shared>>,
    changed: Arc<Mutex<HashMap<TicketId, Instant>>>,
    lookups: Arc<Mutex<Lookups>>,
    /// Whether a request is under way that asks whether the server is there.
    probing: Arc<AtomicBool>,
}

#[derive(Default)]
struct Shared {
    directory: Directory,
    connection: Connection,
}

impl Context {
    pub(super) fn new(
        client: Option<ApiClient>,
        store: Store,
        settings: WorkerSettings,
        out: mpsc::UnboundedSender<(Timestamp, Report)>,
    ) -> Self {
        Self {
            store,
            settings: Arc::new(settings),
            connection_changed: Arc::default(),
            words_changed: Arc::default(),
            tickets_read: Arc::default(),
            client,
            urgency: Urgency::Agent,
            hurry: Hurry::default(),
            out,
            shared: Arc::default(),
            changed: Arc::default(),
            lookups: Arc::default(),
            probing: Arc::default(),
        }
    }

    /// The context for a job that sends a change of this urgency, and may become urgent.
    pub(super) fn in_turn(&self, urgency: Urgency, hurry: Hurry) -> Self {
        Self { urgency, hurry, ..self.clone() }
    }

    /// Tells the core.
    pub(super) fn tell(&self, report: Report) {
        // The console has closed and no longer listens: there is nobody left to tell.
        let _ = self.out.send((self.now(), report));
    }

    /// The time by the clock that nobody can set.
    pub(super) fn now(&self) -> Timestamp {
        self.store.clock().now()
    }

    pub(super) fn client(&self) -> Option<&ApiClient> {
        self.client.as_ref()
    }

    /// The endpoints; offline there are none.
    pub(super) fn api(&self, urgency: Urgency) -> Result<Endpoints, Problem> {
        let hurried = |client: &ApiClient| client.at(urgency).hurried_by(self.hurry.clone());
        self.client.as_ref().map(hurried).ok_or_else(offline)
    }

    /// Learns from an answer whether the server is there, and tells the core when that changes.
    /// Some problems may lie in the one thing asked for. They say nothing about the server, so
    /// another request finds out.
    pub(super) async fn learn<T>(&self, answer: Result<T, Error>) -> Result<T, Problem> {
        let answer = self.answer_of_one(answer).await;
        if let Err(problem) = &answer
            && is_ambiguous(problem)
            && !self.probing.swap(true, Ordering::Relaxed)
        {
            let context = self.clone();
            // The caller waits for the answer, and not for this check.
            tokio::spawn(async move {
                context.answers().await;
                context.probing.store(false, Ordering::Relaxed);
            });
        }
        answer
    }

    /// Like [`Context::learn`], for a request made in parts. The fault may lie in one part; the
    /// caller finds that out with [`Context::answers`].
    pub(super) async fn answer_of_one<T>(&self, answer: Result<T, Error>) -> Result<T, Problem> {
        let answer = answer.map_err(Problem::from);
        let connection = match &answer {
            Ok(_) => Connection::Online,
            // Nothing has been answered yet.
            Err(problem) if is_ambiguous(problem) && self.is_online().await => return answer,
            Err(problem) => connection_after(problem),
        };
        self.connected(connection).await;
        answer
    }

    /// Whether the server answers a request that no ticket can spoil.
    pub(super) async fn answers(&self) -> bool {
        let Some(client) = self.client() else { return false };
        let answer = client.at(Urgency::Screen).is_there().await.map_err(Problem::from);
        let connection = answer.as_ref().map_or_else(connection_after, |()| Connection::Online);
        self.connected(connection).await;
        answer.is_ok()
    }

    /// Tells the core of the connection, where that has changed.
    pub(super) async fn connected(&self, connection: Connection) {
        let mut shared = self.shared.lock().await;
        if shared.connection != connection {
            tracing::info!(?connection, "connection");
            shared.connection = connection.clone();
            self.connection_changed.notify_one();
            self.tell(Report::Connection(connection));
        }
    }

    /// When the server last carried out a change of this console, by ticket. A job holds this lock
    /// while it stores an answer that was asked for before.
    pub(super) async fn changed(&self) -> MutexGuard<'_, HashMap<TicketId, Instant>> {
        self.changed.lock().await
    }

    /// The lists that were read for the texts of macros.
    pub(super) async fn lookups(&self) -> MutexGuard<'_, Lookups> {
        self.lookups.lock().await
    }

    /// Whether the last answer was the API's.
    pub(super) async fn is_online(&self) -> bool {
        self.shared.lock().await.connection == Connection::Online
    }

    /// Whether the last request was not answered by the API.
    pub(super) async fn is_cut_off(&self) -> bool {
        let connection = &self.shared.lock().await.connection;
        !matches!(connection, Connection::Online | Connection::Connecting)
    }

    pub(super) async fn directory(&self) -> Directory {
        self.shared.lock().await.directory.clone()
    }

    /// Begins with what the store knows of the installation.
    pub(super) async fn know(&self, directory: Directory) {
        self.shared.lock().await.directory = directory;
    }

    /// Replaces what is known of the installation, stores it and tells the core.
    pub(super) async fn set_directory(&self, directory: Directory) {
        {
            let mut shared = self.shared.lock().await;
            if shared.directory == directory {
                return;
            }
            shared.directory = directory.clone();
        }
        if let Err(error) = self.store.save_directory(directory.clone()).await {
            tracing::warn!(%error, "the directory could not be stored");
        }
        self.tell(Report::Directory(Box::new(directory)));
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

/// Whether a problem may lie in the connection or in the thing asked for.
fn is_ambiguous(problem: &Problem) -> bool {
    problem.may_be_of_one() && connection_after(problem) != Connection::Online
}

/// The state of the connection that an answer with a problem implies. An answer in the API's own
/// words, a refusal included, says that the server is there.
fn connection_after(problem: &Problem) -> Connection {
    match &problem.kind {
        ProblemKind::Unreachable | ProblemKind::TimedOut { .. } | ProblemKind::Broken => {
            Connection::Offline(problem.clone())
        }
        ProblemKind::Throttled { until } => Connection::Limited { until: *until },
        ProblemKind::NotTheApi | ProblemKind::Unreadable | ProblemKind::TooLarge => {
            Connection::NotTheApi(problem.clone())
        }
        ProblemKind::Unauthorised => Connection::Unauthorised(problem.clone()),
        _ => Connection::Online,
    }
}

fn offline() -> Problem {
    Problem::new(
        ProblemKind::Local,
        Line::from_cleaned("opened with --offline: nothing is asked of the server", None),
    )
}

/// A problem of the store's, for people.
pub(super) fn store_problem(error: &StoreError) -> Problem {
    tracing::error!(%error, "store");
    Problem::new(ProblemKind::Store, crate::text::clean::line(&without_numbers(&error.reason())))
}
