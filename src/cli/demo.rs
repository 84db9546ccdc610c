//! `growdesk demo`: the console on an embedded server.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use url::Url;

use super::{Common, Failure, console};
use crate::{
    config::{KeySource, MacroFiles, Profile},
    domain::WaitingStatuses,
    private::Scratch,
    sandbox::{Options, Sandbox},
};

/// How often a customer writes with `--live`.
const LIVE_EVERY: Duration = Duration::from_secs(25);

/// The agent of the demo, one of the sandbox's team.
const AGENT: &str = "Grace Okafor";

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// How many tickets to make up
    #[arg(long, default_value_t = 250)]
    tickets: usize,
    /// Which tickets to make up: the same number makes the same tickets
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Let customers write while you look
    #[arg(long)]
    live: bool,
}

impl Default for Demo {
    fn default() -> Self {
        Self { tickets: 250, seed: 1, live: false }
    }
}

impl Demo {
    /// Opens the console on a fresh server. Nothing of it outlives the run.
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        if common.data.is_some() {
            return Err(Failure::usage(anyhow!(
                "the demo keeps nothing, so it takes no --data; `growdesk serve --db FILE` and a \
                 profile on it keep theirs"
            )));
        }
        console::need_terminal()?;
        let folder = Scratch::new().context("a folder for the demo")?;
        let mut settings = common.settings()?;
        settings.folders.data_dir = folder.path().join("data");
        let options = Options { tickets: self.tickets, seed: self.seed, ..Options::default() };
        let sandbox = Sandbox::start(options).await?;
        if self.live {
            sandbox.live(LIVE_EVERY)?;
        }
        let profile = profile(&settings, &sandbox)?;
        let files = (MacroFiles::examples(), None);
        let outcome = console::open_profile(&settings, profile, files, false).await;
        sandbox.stop().await;
        outcome
    }
}

/// A profile for the embedded server. It has the settings of the environment, so that the demo can
/// be tried under any of them.
fn profile(settings: &crate::config::Config, sandbox: &Sandbox) -> Result<Profile, Failure> {
    let url = Url::parse(&sandbox.url())?;
    let key = KeySource::Environment(sandbox.api_key().clone());
    let made = crate::config::StoredProfile::new("demo", url);
    let mut profile = settings.with_environment(made, key);
    profile.agent_name = AGENT.into();
    profile.signature = format!("Kind regards,\n{AGENT}\nNorthlane Support");
    profile.waiting = WaitingStatuses::default();
    Ok(profile)
}
