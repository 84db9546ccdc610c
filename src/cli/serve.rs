//! `growdesk serve`: the embedded server by itself.

use std::{io::Write as _, net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Failure, signals};
use crate::sandbox::{Options, Sandbox};

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The database; one that is there is used as it is. Without it, a temporary one
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8787")]
    addr: SocketAddr,
    /// The key that clients must send; without one, one is made
    #[arg(long, value_name = "KEY", env = "GROWDESK_SERVE_KEY", hide_env_values = true)]
    api_key: Option<SecretString>,
    /// How many tickets to make up in a new database
    #[arg(long, default_value_t = 250)]
    tickets: usize,
    /// Which tickets to make up: the same number makes the same tickets
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Let customers write now and then
    #[arg(long)]
    live: bool,
}

impl Serve {
    /// Serves until a signal ends it. The first line says where, and with which key.
    pub(super) async fn run(self) -> Result<(), Failure> {
        let options = Options {
            db: self.db,
            addr: self.addr,
            api_key: self.api_key,
            tickets: self.tickets,
            seed: self.seed,
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await?;
        if self.live {
            sandbox.live(Duration::from_secs(25))?;
        }
        let key = sandbox.api_key().expose_secret();
        println!("listening on {} key {key}", sandbox.url());
        std::io::stdout().flush()?;
        tokio::select! {
            () = sandbox.stopped() => {}
            result = signals::ended() => result?,
        }
        sandbox.stop().await;
        Ok(())
    }
}
