//! What a sandbox is started with.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use jiff::Timestamp;
use secrecy::SecretString;

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file. A file that holds a sandbox's data is used as it is and is not seeded
    /// again. None: a temporary file, deleted when the sandbox ends.
    pub db: Option<PathBuf>,
    /// Where it listens; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The API key that requests must carry. None: one is made.
    pub api_key: Option<SecretString>,
    /// How many tickets a new database is seeded with.
    pub tickets: usize,
    /// The seed: the same number and the same `now` give the same data.
    pub seed: u64,
    /// The moment that the seed data ends at. None: the clock at the start.
    pub now: Option<Timestamp>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            db: None,
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_key: None,
            tickets: 250,
            seed: 1,
            now: None,
        }
    }
}
