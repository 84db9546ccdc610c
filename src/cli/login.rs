//! `growdesk login`: a profile, tried with one real request before it is stored.

use std::{
    io::{IsTerminal as _, Read as _, stdin},
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use clap::Args;
use dialoguer::{Input, Password};
use jiff::tz::TimeZone;
use secrecy::SecretString;

use super::{Common, Failure, console};
use crate::{
    api,
    config::{NewProfile, check_url, store_profile},
};

#[derive(Clone, Debug, Default, Args)]
pub(super) struct Login {
    /// The address of the CRM, with its path if it has one
    #[arg(long)]
    url: Option<String>,
    /// Your name, as it is shown beside your replies
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// The CRM's time zone, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Allow plain http beyond this machine for this profile
    #[arg(long)]
    allow_http: bool,
}

impl Login {
    /// Asks for what the flags do not say, tries it, and stores it. Without a terminal nothing is
    /// asked: the key is read from standard input.
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let settings = common.settings()?;
        let name = common.profile.clone().unwrap_or_else(|| "default".into());
        let allow_http = self.allow_http;
        let answers = tokio::task::spawn_blocking(move || self.answers()).await??;
        let zone = TimeZone::get(&answers.timezone)
            .with_context(|| format!("{:?} is no time zone", answers.timezone))
            .map_err(Failure::usage)?;
        let tried = api::Settings {
            allow_http,
            time_zone: zone,
            timeout: Duration::from_secs(20),
            ..api::Settings::new(answers.url.as_str(), answers.key.clone())
        };
        console::try_out(tried).await?;
        let profile = NewProfile {
            name: name.clone(),
            url: answers.url,
            allow_http,
            agent_name: Some(answers.agent).filter(|it| !it.is_empty()),
            time_zone: Some(answers.timezone),
            make_default: settings.profiles.is_empty(),
        };
        store_profile(&settings.folders.config_file, &profile, &answers.key)?;
        let file = settings.folders.config_file.display();
        eprintln!("The key works. Profile \"{name}\" is stored in {file}.");
        Ok(())
    }

    fn answers(self) -> anyhow::Result<Answers> {
        if !stdin().is_terminal() {
            return self.answers_without_terminal();
        }
        let allow_http = self.allow_http;
        let url = match self.url {
            Some(url) => url,
            None => Input::new()
                .with_prompt("Address of the CRM (https://your-domain)")
                .validate_with(move |url: &String| check_url(url, allow_http).map(drop))
                .interact_text()?,
        };
        let key = Password::new().with_prompt("API key (not shown)").interact()?;
        let agent = match self.agent {
            Some(agent) => agent,
            None => Input::new().with_prompt("Your name").allow_empty(true).interact_text()?,
        };
        let timezone = match self.timezone {
            Some(timezone) => timezone,
            None => Input::new()
                .with_prompt("Time zone of the CRM")
                .default(system_zone())
                .interact_text()?,
        };
        Ok(Answers { url, key: key.into(), agent, timezone })
    }

    fn answers_without_terminal(self) -> anyhow::Result<Answers> {
        let url = self.url.ok_or_else(|| anyhow!("without a terminal, --url is needed"))?;
        let mut key = String::new();
        stdin().read_to_string(&mut key).context("reading the key from standard input")?;
        let timezone = self.timezone.unwrap_or_else(system_zone);
        let agent = self.agent.unwrap_or_default();
        Ok(Answers { url, key: key.trim().into(), agent, timezone })
    }
}

struct Answers {
    url: String,
    key: SecretString,
    agent: String,
    timezone: String,
}

fn system_zone() -> String {
    TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}
