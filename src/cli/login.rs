//! `growdesk login`: a profile, tried with one real request before it is stored. Only the wrong
//! answers are asked for again.

use std::{
    io::{IsTerminal as _, Read as _, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use clap::Args;
use dialoguer::{Input, Password};
use jiff::tz::TimeZone;
use secrecy::SecretString;

use super::{Common, Failure, console};
use crate::{
    api::{self, ApiClient, SetupError},
    config::{NewProfile, check_proxy, check_url, store_profile, time_zone},
    domain::{Problem, ProblemKind},
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
    /// The proxy to go through; without it, HTTPS_PROXY, ALL_PROXY and NO_PROXY tell
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// A PEM file with certificates to trust: your own authority's, or the server's own
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// What is tried.
#[derive(Clone, Debug)]
struct Answers {
    url: String,
    key: SecretString,
    ca_file: Option<PathBuf>,
}

/// The part of it that was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Address,
    Key,
    /// The server's certificate is not trusted.
    Certificate,
    /// No answer was wrong: the same answers may work later.
    Nothing,
}

impl Wrong {
    /// What a person can do about it.
    fn advice(self) -> &'static str {
        match self {
            Self::Address => {
                "Look at the address: a letter, a path (https://your-domain/crm), https or http. Nothing \
                 is reached without a network either."
            }
            Self::Key => "Copy the key again, whole, from the settings of the CRM's API.",
            Self::Certificate => {
                "Name the file with the certificate of the server or of its authority."
            }
            Self::Nothing => "Nothing that you typed is wrong. The server needs a while.",
        }
    }
}

impl Login {
    /// Asks for what the flags do not say, tries it, and stores it. Without a terminal nothing is
    /// asked: the key is read from standard input.
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        // The profile that is to be made need not be there yet.
        let settings = Common { profile: None, ..common.clone() }.settings()?;
        let name = common.profile.clone().unwrap_or_else(|| "default".into());
        self.check().map_err(Failure::usage)?;
        let answers = self.tried().await?;
        let login = self.clone();
        let (agent, timezone) =
            tokio::task::spawn_blocking(move || login.about_the_agent()).await??;
        let profile = NewProfile {
            name: name.clone(),
            url: answers.url,
            allow_http: self.allow_http,
            proxy: self.proxy,
            ca_file: answers.ca_file.map(|file| std::path::absolute(&file).unwrap_or(file)),
            agent_name: Some(agent).filter(|it| !it.is_empty()),
            time_zone: Some(timezone),
            make_default: settings.profiles.is_empty(),
        };
        store_profile(&settings.folders.config_file, &profile, &answers.key)?;
        let file = settings.folders.config_file.display();
        eprintln!("The key works. Profile \"{name}\" is stored in {file}.");
        Ok(())
    }

    /// Reports wrong flags before anything is asked.
    fn check(&self) -> anyhow::Result<()> {
        if let Some(zone) = &self.timezone {
            time_zone(zone).map_err(|reason| anyhow!(reason))?;
        }
        if let Some(proxy) = &self.proxy {
            check_proxy(proxy).map_err(|reason| anyhow!(reason))?;
        }
        Ok(())
    }

    /// Address, key and certificate, which have worked once.
    async fn tried(&self) -> Result<Answers, Failure> {
        if !stdin().is_terminal() {
            let answers = self.answers_without_terminal()?;
            return match self.try_out(&answers).await {
                Ok(()) => Ok(answers),
                Err((_, why)) => Err(Failure::from(
                    why.context("the address and the key were tried with one request"),
                )),
            };
        }
        let login = self.clone();
        let mut answers = tokio::task::spawn_blocking(move || login.answers()).await??;
        loop {
            let (wrong, why) = match self.try_out(&answers).await {
                Ok(()) => return Ok(answers),
                Err(failed) => failed,
            };
            eprintln!("That did not work: {}.", super::print::error(&why).trim_end_matches('.'));
            eprintln!("{} The rest is kept.", wrong.advice());
            let login = self.clone();
            let again = move || login.again(answers, wrong);
            answers = tokio::task::spawn_blocking(again).await??;
        }
    }

    /// Tries the answers with one real request.
    async fn try_out(&self, answers: &Answers) -> Result<(), (Wrong, anyhow::Error)> {
        let authorities = console::authorities(answers.ca_file.as_deref());
        let authorities = authorities.map_err(|error| (Wrong::Certificate, error))?;
        let settings = api::ApiSettings {
            allow_http: self.allow_http,
            proxy: self.proxy.as_deref().and_then(|proxy| check_proxy(proxy).ok()),
            authorities,
            ..api::ApiSettings::new(answers.url.as_str(), answers.key.clone())
        };
        let client =
            ApiClient::new(settings).map_err(|error| (wrong_setup(&error), error.into()))?;
        let query = api::TicketQuery { limit: 1, ..api::TicketQuery::default() };
        match client.at(api::Urgency::Agent).tickets(&query).await {
            Ok(_) => Ok(()),
            Err(error) => {
                let problem = Problem::from(error);
                Err((wrong_answer(&problem), anyhow!(problem.to_string())))
            }
        }
    }

    fn answers(&self) -> anyhow::Result<Answers> {
        let url = match &self.url {
            Some(url) => url.clone(),
            None => self.ask_address(None)?,
        };
        Ok(Answers { url, key: ask_key()?, ca_file: self.ca_file.clone() })
    }

    /// Asks for what was wrong.
    fn again(&self, answers: Answers, wrong: Wrong) -> anyhow::Result<Answers> {
        Ok(match wrong {
            Wrong::Address => {
                let url = self.ask_address(Some(&answers.url))?;
                Answers { url, ..answers }
            }
            Wrong::Key => Answers { key: ask_key()?, ..answers },
            Wrong::Certificate => {
                let ca_file = Some(ask_certificate(answers.ca_file.as_deref())?);
                Answers { ca_file, ..answers }
            }
            Wrong::Nothing => {
                let _: String = Input::new()
                    .with_prompt("Enter tries again")
                    .allow_empty(true)
                    .interact_text()?;
                answers
            }
        })
    }

    fn ask_address(&self, before: Option<&str>) -> anyhow::Result<String> {
        let allow_http = self.allow_http;
        let asked = Input::new()
            .with_prompt("Address of the CRM (https://your-domain)")
            .validate_with(move |url: &String| check_url(url, allow_http).map(drop));
        let asked = match before {
            Some(before) => asked.with_initial_text(before),
            None => asked,
        };
        Ok(asked.interact_text()?)
    }

    /// The agent's name and the CRM's time zone.
    fn about_the_agent(self) -> anyhow::Result<(String, String)> {
        let asks = stdin().is_terminal();
        let agent = match self.agent {
            Some(agent) => agent,
            None if !asks => String::new(),
            None => Input::new().with_prompt("Your name").allow_empty(true).interact_text()?,
        };
        let timezone = match self.timezone {
            Some(timezone) => timezone,
            None if !asks => system_zone(),
            None => Input::new()
                .with_prompt("Time zone of the CRM")
                .default(system_zone())
                .validate_with(|zone: &String| time_zone(zone).map(drop))
                .interact_text()?,
        };
        Ok((agent, timezone))
    }

    fn answers_without_terminal(&self) -> anyhow::Result<Answers> {
        let url = self.url.clone();
        let url = url.ok_or_else(|| anyhow!("without a terminal, --url is needed"))?;
        let mut key = String::new();
        let most = stdin().take(KEY_BYTES).read_to_string(&mut key);
        most.context("reading the key from standard input")?;
        Ok(Answers { url, key: key.trim().into(), ca_file: self.ca_file.clone() })
    }
}

/// The most bytes of standard input that are looked at for a key.
const KEY_BYTES: u64 = 64 * 1024;

fn wrong_setup(error: &SetupError) -> Wrong {
    match error {
        SetupError::Key => Wrong::Key,
        SetupError::Authorities(_) => Wrong::Certificate,
        _ => Wrong::Address,
    }
}

fn wrong_answer(problem: &Problem) -> Wrong {
    match problem.kind {
        ProblemKind::Unauthorised => Wrong::Key,
        // The message about a certificate names the setting that helps.
        ProblemKind::Unreachable if problem.said.as_str().contains("ca_file") => Wrong::Certificate,
        ProblemKind::Throttled { .. } | ProblemKind::ServerFault { .. } => Wrong::Nothing,
        _ => Wrong::Address,
    }
}

fn ask_key() -> anyhow::Result<SecretString> {
    Ok(Password::new().with_prompt("API key (not shown)").interact()?.into())
}

fn ask_certificate(before: Option<&Path>) -> anyhow::Result<PathBuf> {
    let asked = Input::<String>::new().with_prompt("PEM file with its certificate");
    let asked = match before {
        Some(before) => asked.with_initial_text(before.display().to_string()),
        None => asked,
    };
    Ok(PathBuf::from(asked.interact_text()?))
}

fn system_zone() -> String {
    TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}
