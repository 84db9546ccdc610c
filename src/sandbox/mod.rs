//! An embedded server of the tickets API, on a real SQLite database with believable tickets.
//!
//! It serves the demonstration, scripts and tests. It shares no code with the client, not even
//! types on the wire, so that the two can't be wrong together. Where the API's documentation is
//! silent, it answers as the CRM's source shows, or by the strictest reading.

mod answer;
mod db;
mod door;
mod fault_text;
mod faults;
mod input;
mod intercept;
mod live;
mod lookups;
mod options;
mod paging;
mod people;
mod quirks;
mod replies;
mod routes;
mod seed;
mod tickets;
mod validate;
mod wire;

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::Method;
use jiff::Timestamp;
use rustls::crypto::{GetRandomFailed, ring};
use secrecy::SecretString;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub use fault_text::FaultParseError;
pub use faults::{Fault, FaultId, FaultKind, Faults, Proxy, ProxyBody, Quirk, Throttle};
pub use options::Options;
pub use people::MailFrom;

use crate::private::Scratch;
use db::Db;
use door::{Door, Peer};

/// How many requests the log keeps.
const LOGGED: usize = 10_000;
/// How long requests under way may take to end once the sandbox stops.
const GRACE: Duration = Duration::from_secs(2);

/// A running server. It stops when dropped; [`Sandbox::stop`] also waits for it.
#[derive(Debug)]
pub struct Sandbox {
    addr: SocketAddr,
    db_path: PathBuf,
    app: App,
    server: JoinHandle<()>,
    // Held for its drop, which deletes the database.
    _temporary: Option<Scratch>,
}

/// Why a sandbox can't start, or can't do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address is taken or not this machine's.
    #[error("can't listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No temporary folder could be made.
    #[error("can't make a temporary file for the sandbox")]
    Temporary(#[source] io::Error),
    /// The database failed.
    #[error("the sandbox's database failed")]
    Database(#[from] rusqlite::Error),
    /// The file is a database of something else; it was left as it is.
    #[error("{} is not a sandbox's database", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was made by another version; it was left as it is.
    #[error("{} has schema version {found}, and this sandbox reads {expected}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version that would do.
        expected: i64,
    },
    /// The texts that the seed is made of can't be read.
    #[error("the seed texts are damaged")]
    Seed(#[from] toml::de::Error),
    /// No key could be made.
    #[error("the system gives no random numbers for a key")]
    Random,
    /// There is no such ticket.
    #[error("there is no ticket #{0}")]
    NoTicket(i64),
}

/// One request as it arrived, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// Its query, still encoded; empty without one.
    pub query: String,
}

type App = Arc<Shared>;

/// What the routes share.
#[derive(Debug)]
struct Shared {
    db: Db,
    key: SecretString,
    faults: Faults,
    end: watch::Sender<bool>,
    log: Mutex<VecDeque<Logged>>,
}

impl Sandbox {
    /// Opens or seeds the database and listens. Seeding 250 tickets takes some milliseconds,
    /// 100,000 some seconds.
    pub async fn start(options: Options) -> Result<Self, SandboxError> {
        let Options { db, addr, api_key, tickets, seed, now } = options;
        let listener = TcpListener::bind(addr)
            .await
            .map_err(|source| SandboxError::Listen { addr, source })?;
        let addr = listener.local_addr().map_err(|source| SandboxError::Listen { addr, source })?;
        let durable = db.is_some();
        let (temporary, db_path) = match db {
            Some(path) => (None, path),
            None => {
                let folder = Scratch::new().map_err(SandboxError::Temporary)?;
                let path = folder.path().join("sandbox.db");
                (Some(folder), path)
            }
        };
        let key = api_key.map_or_else(make_key, Ok)?;
        let plan = seed::Plan { tickets, seed, now: now.unwrap_or_else(Timestamp::now) };
        let path = db_path.clone();
        let db = tokio::task::spawn_blocking(move || {
            Db::open(&path, durable, |connection| seed::fill(connection, &plan))
        })
        .await
        .unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))?;
        let app = Arc::new(Shared {
            db,
            key,
            faults: Faults::default(),
            end: watch::Sender::new(false),
            log: Mutex::default(),
        });
        let server = tokio::spawn(serve(listener, app.clone()));
        Ok(Self { addr, db_path, app, server, _temporary: temporary })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The installation's address, `http://ADDR`; the API is below it at `/api`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The key that requests must carry.
    pub fn api_key(&self) -> &SecretString {
        &self.app.key
    }

    /// The database file.
    pub fn db_path(&self) -> &Path {
        &self.db_path
    }

    /// What goes wrong on purpose; add and clear at any time.
    pub fn faults(&self) -> &Faults {
        &self.app.faults
    }

    /// The last 10,000 requests, oldest first.
    pub fn requests(&self) -> Vec<Logged> {
        self.app.locked_log().iter().cloned().collect()
    }

    /// Ends it: answers what is under way for up to 2 seconds, drops the rest, and deletes a
    /// temporary database.
    pub async fn stop(mut self) {
        self.app.end.send_replace(true);
        if tokio::time::timeout(GRACE, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }

    /// Waits until it ends by itself, which it does only when serving fails.
    pub async fn stopped(&self) {
        self.app.ended().await;
    }

    /// Lets customers write from now on until the sandbox ends: a mail or a new ticket about
    /// `every` so often, sooner or later by half at random.
    pub fn live(&self, every: Duration) -> Result<(), SandboxError> {
        let life = live::Life::new()?;
        tokio::spawn(life.run(self.app.clone(), every));
        Ok(())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.app.end.send_replace(true);
    }
}

impl Shared {
    /// Waits until the sandbox ends.
    async fn ended(&self) {
        let mut end = self.end.subscribe();
        // It can't fail: the sender is borrowed for as long as this waits.
        let _ = end.wait_for(|ended| *ended).await;
    }

    fn log(&self, request: &axum::extract::Request) {
        let mut log = self.locked_log();
        if log.len() == LOGGED {
            log.pop_front();
        }
        log.push_back(Logged {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
        });
    }

    fn locked_log(&self) -> std::sync::MutexGuard<'_, VecDeque<Logged>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: TcpListener, app: App) {
    let service = routes::router(app.clone()).into_make_service_with_connect_info::<Peer>();
    let until = app.clone();
    let ended = async move { until.ended().await };
    if let Err(error) = axum::serve(Door(listener), service).with_graceful_shutdown(ended).await {
        tracing::error!(%error, "the sandbox stopped serving");
    }
    app.end.send_replace(true);
}

/// A key of 160 random bits.
fn make_key() -> Result<SecretString, SandboxError> {
    let mut bytes = [0u8; 20];
    ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|GetRandomFailed| SandboxError::Random)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}
