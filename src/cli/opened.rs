//! A profile that is opened: its settings, its store, and on request the client of its server.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::anyhow;
use jiff::Timestamp;
use tokio::{
    sync::{OnceCell, mpsc},
    time::sleep,
};

use super::{Common, Failure, console, failure, logging};
use crate::{
    api::{Address, ApiClient, ApiSettings, Endpoints, Urgency},
    config::{Config, Profile},
    desk::Report,
    ledger::LedgerFile,
    store::Store,
    worker::{Keeper, Parts, Worker, WorkerSettings},
};

/// How long a change that failed waits before it is tried again by itself.
const RETRY: Duration = Duration::from_secs(15);

/// How often a command looks whether it waits for the request budget. It says so after two looks.
const LOOK: Duration = Duration::from_secs(1);

/// An opened profile.
pub(super) struct Opened {
    pub(super) settings: Config,
    pub(super) profile: Profile,
    pub(super) address: Address,
    pub(super) folder: PathBuf,
    pub(super) store: Store,
    /// Whether the server is not to be asked.
    pub(super) offline: bool,
    /// Whether it is a command's, whose requests leave a reserve to the consoles of the profile.
    yields: bool,
    client: OnceCell<ApiClient>,
    /// Filled once the command tells when it waits for the request budget.
    tells: OnceLock<()>,
}

impl Opened {
    /// Opens the profile of the settings; its folder and its store are made where there are none.
    ///
    /// # Errors
    /// A usage error without a profile.
    pub(super) async fn open(common: &Common) -> Result<Self, Failure> {
        let settings = common.settings()?;
        let profile = settings.profile.clone().ok_or_else(console::no_profile)?;
        settings.folders.create().map_err(Failure::usage)?;
        logging::start(settings.log.as_deref(), &settings.folders.data_dir)?;
        let (opened, notices) = Self::of(settings, profile, common.offline).await?;
        notices.iter().for_each(|text| failure::notice(text));
        Ok(Self { yields: true, ..opened })
    }

    /// Opens `profile` for a console, and returns what is to be told about its store.
    pub(super) async fn of(
        settings: Config,
        profile: Profile,
        offline: bool,
    ) -> Result<(Self, Vec<String>), Failure> {
        let address =
            Address::parse(profile.url.as_str(), profile.allow_http).map_err(Failure::usage)?;
        let folder = settings.folders.profile_dir(&profile.name, &profile.url);
        let opened = Store::open(&folder).await?;
        let store = opened.store;
        let this = Self {
            settings,
            profile,
            address,
            folder,
            store,
            offline,
            yields: false,
            client: OnceCell::new(),
            tells: OnceLock::new(),
        };
        Ok((this, opened.notices))
    }

    /// The client of the server; the key is read the first time.
    ///
    /// # Errors
    /// A usage error if the key can't be read, or nothing is to be asked.
    pub(super) async fn client(&self) -> Result<&ApiClient, Failure> {
        if self.offline {
            return Err(Failure::usage(anyhow!("this needs the server, and --offline forbids it")));
        }
        self.client.get_or_try_init(|| client(&self.profile, &self.folder, self.yields)).await
    }

    /// The endpoints of the server, for what the user waits for.
    pub(super) async fn api(&self) -> Result<Endpoints, Failure> {
        let client = self.client().await?;
        self.tell_of_waiting(client);
        Ok(client.at(Urgency::Agent))
    }

    /// Has it said, once, that the command waits for the request budget: it would look as if it hung.
    fn tell_of_waiting(&self, client: &ApiClient) {
        if !self.yields || self.tells.set(()).is_err() {
            return;
        }
        let budget = client.budget().clone();
        tokio::spawn(async move {
            let mut looks = 0;
            while looks < 2 {
                sleep(LOOK).await;
                let state = budget.state();
                let waits = state.waiting > 0 && state.paused_until.is_none();
                looks = if waits { looks + 1 } else { 0 };
            }
            let limit = budget.state().limit.unwrap_or_default();
            failure::notice(&format!(
                "waiting for the request budget: {limit} requests a minute, for all consoles and \
                 commands of the profile"
            ));
        });
    }

    /// Until when the server asks to wait, if it does.
    pub(super) fn paused_until(&self) -> Option<Timestamp> {
        let state = self.client.get()?.budget().watch().borrow().clone();
        state.paused_until.filter(|until| *until > Timestamp::now())
    }

    /// Starts the background task with some of its parts; a read-only profile never sends what is in the
    /// outbox. Closing the task closes the store.
    pub(super) async fn worker(
        &self,
        parts: Parts,
        notices: Vec<String>,
    ) -> Result<(Worker, mpsc::UnboundedReceiver<(Timestamp, Report)>), Failure> {
        let client = if self.offline { None } else { Some(self.client().await?.clone()) };
        client.iter().for_each(|client| self.tell_of_waiting(client));
        Ok(Worker::spawn(client, self.store.clone(), self.settings_of(parts, notices)))
    }

    /// The upkeep of the local copy, step by step, with its reports. Without a client it only tells.
    pub(super) async fn keeper(
        &self,
        client: Option<ApiClient>,
    ) -> Result<(Keeper, mpsc::UnboundedReceiver<(Timestamp, Report)>), Failure> {
        let settings = self.settings_of(Parts::default(), Vec::new());
        Ok(Keeper::open(client, self.store.clone(), settings).await?)
    }

    /// The settings of a background task with these parts.
    pub(super) fn settings_of(&self, parts: Parts, notices: Vec<String>) -> WorkerSettings {
        let Profile { agent_name, waiting, poll, grace, timeout, read_only, .. } = &self.profile;
        WorkerSettings {
            address: Some(self.address.clone()),
            agent: agent_name.clone(),
            waiting: waiting.clone(),
            poll: *poll,
            grace: *grace,
            timeout: *timeout,
            retry: RETRY,
            parts: Parts { outbox: parts.outbox && !read_only, ..parts },
            notices,
        }
    }
}

/// The client of a profile, its key read. It shares the request budget with all processes whose files
/// are in `folder`.
async fn client(profile: &Profile, folder: &Path, yields: bool) -> Result<ApiClient, Failure> {
    let key = profile.key.read().await.map_err(Failure::usage)?;
    let authorities = console::authorities(profile.ca_file.as_deref()).map_err(Failure::usage)?;
    let settings = ApiSettings {
        allow_http: profile.allow_http,
        read_only: profile.read_only,
        timeout: profile.timeout,
        connect_timeout: profile.timeout.min(Duration::from_secs(10)),
        time_zone: profile.time_zone.clone(),
        requests_per_minute: profile.requests_per_minute,
        ledger: Some(Arc::new(LedgerFile::in_folder(folder))),
        yields,
        proxy: profile.proxy.clone(),
        authorities,
        ..ApiSettings::new(profile.url.as_str(), key)
    };
    ApiClient::new(settings).map_err(Failure::usage)
}
