//! The settings for this run: flags beat the environment, the environment beats the file.

use std::{ffi::OsString, ops::RangeInclusive, path::PathBuf, time::Duration};

use jiff::tz::TimeZone;
use secrecy::SecretString;

use super::{
    chord::KeyBinding,
    colors::{self, Colors},
    console::ConsoleSection,
    file::{File, StoredProfile},
    folders::{FolderError, Folders},
    look::ThemeSection,
    notify::NotifySection,
    pipe::PipeSection,
    problem::ConfigError,
    profile::{self, Profile, check_url},
    secret::{KeySource, is_key},
};
use crate::domain::{View, look::Ground};

/// The variables of the environment that hold keys: no program that is started gets them.
pub const SECRET_VARIABLES: [&str; 2] = ["GROWDESK_API_KEY", "GROWDESK_SERVE_KEY"];

/// The name of the profile that `GROWDESK_URL` and `GROWDESK_API_KEY` make.
pub(super) const ENVIRONMENT: &str = "environment";

/// What flags, or the environment, set for this run. `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// The folder for data.
    pub data: Option<PathBuf>,
    /// The level of the log.
    pub log: Option<String>,
    /// The profile.
    pub profile: Option<String>,
    /// The address of a CRM; with a key it makes a profile.
    pub url: Option<String>,
    /// An API key.
    pub api_key: Option<SecretString>,
    /// The zone of the CRM's clock.
    pub time_zone: Option<TimeZone>,
    /// The most requests in any 60 seconds; 0 for no limit.
    pub requests_per_minute: Option<u32>,
    /// How long a reply or a deletion can be taken back.
    pub hold: Option<Duration>,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
    /// How long changes on their way are waited for at the end.
    pub grace: Option<Duration>,
    /// Whether nothing is written to the server.
    pub read_only: Option<bool>,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// There is no place to keep things.
    #[error(transparent)]
    Folders(#[from] FolderError),
    /// Variables of the environment are wrong; one line for each.
    #[error("{}", .0.join("\n"))]
    Environment(Vec<String>),
    /// The profile can't be told.
    #[error("{0}")]
    Profile(String),
}

/// Everything that is set for this run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where things are kept.
    pub folders: Folders,
    /// The profile; `None` if there is none yet.
    pub profile: Option<Profile>,
    /// The names of the stored profiles.
    pub profiles: Vec<String>,
    /// How the console looks and behaves.
    pub console: ConsoleSection,
    /// The theme, with the colours that the user has set by role.
    pub theme: ThemeSection,
    /// What the agent is told outside the console, with the sequence of this terminal.
    pub notify: NotifySection,
    /// Whether the terminal can show braille.
    pub braille: bool,
    /// Whether tmux stands between the console and the terminal.
    pub tmux: bool,
    /// The commands that a conversation can be piped to.
    pub pipe: PipeSection,
    /// The user's keys.
    pub keys: Vec<KeyBinding>,
    /// The user's views.
    pub views: Vec<View>,
    /// The level of the log, if one was asked for.
    pub log: Option<String>,
    /// The colours that may be used.
    pub colors: Colors,
    /// The ground of the terminal, as far as the environment tells.
    pub ground: Option<Ground>,
    /// Whether the terminal may be asked about its ground.
    pub answers: bool,
    overrides: Overrides,
}

impl Overrides {
    /// Reads every variable of the environment that is a setting, each asked of `lookup`; an empty
    /// one counts as not set.
    ///
    /// # Errors
    /// All variables that are wrong, at once.
    pub fn from_environment(
        lookup: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SettingsError> {
        match Self::read(lookup) {
            (overrides, problems) if problems.is_empty() => Ok(overrides),
            (_, problems) => Err(SettingsError::Environment(problems)),
        }
    }

    /// The variables that could be read, and what is wrong with the others.
    pub(super) fn read(lookup: &dyn Fn(&str) -> Option<OsString>) -> (Self, Vec<String>) {
        let mut variables = Variables { lookup, problems: Vec::new() };
        let requests = variables.number("GROWDESK_REQUESTS_PER_MINUTE", &profile::REQUESTS);
        let overrides = Self {
            config: variables.path("GROWDESK_CONFIG"),
            data: variables.path("GROWDESK_DATA"),
            log: variables.text("GROWDESK_LOG"),
            profile: variables.text("GROWDESK_PROFILE"),
            url: variables.text("GROWDESK_URL"),
            api_key: variables.key("GROWDESK_API_KEY"),
            time_zone: variables.time_zone("GROWDESK_TIMEZONE"),
            requests_per_minute: requests.and_then(|it| u32::try_from(it).ok()),
            hold: variables.seconds("GROWDESK_HOLD_SECONDS", &profile::HOLD),
            timeout: variables.seconds("GROWDESK_TIMEOUT_SECONDS", &profile::TIMEOUT),
            grace: variables.seconds("GROWDESK_GRACE_SECONDS", &profile::GRACE),
            read_only: variables.boolean("GROWDESK_READ_ONLY"),
        };
        (overrides, variables.problems)
    }

    /// These, and what they leave open from `others`.
    pub fn or(self, others: Self) -> Self {
        Self {
            config: self.config.or(others.config),
            data: self.data.or(others.data),
            log: self.log.or(others.log),
            profile: self.profile.or(others.profile),
            url: self.url.or(others.url),
            api_key: self.api_key.or(others.api_key),
            time_zone: self.time_zone.or(others.time_zone),
            requests_per_minute: self.requests_per_minute.or(others.requests_per_minute),
            hold: self.hold.or(others.hold),
            timeout: self.timeout.or(others.timeout),
            grace: self.grace.or(others.grace),
            read_only: self.read_only.or(others.read_only),
        }
    }
}

/// The environment, and what is wrong with it.
struct Variables<'l> {
    lookup: &'l dyn Fn(&str) -> Option<OsString>,
    problems: Vec<String>,
}

impl Variables<'_> {
    fn path(&self, name: &str) -> Option<PathBuf> {
        (self.lookup)(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let value = (self.lookup)(name).filter(|value| !value.is_empty())?;
        let text = value.into_string().ok();
        if text.is_none() {
            self.problems.push(format!("{name} is no UTF-8"));
        }
        text
    }

    fn key(&mut self, name: &str) -> Option<SecretString> {
        let key = self.text(name)?;
        if !is_key(key.trim()) {
            self.problems.push(format!("{name} holds characters that a key never has"));
            return None;
        }
        Some(key.trim().into())
    }

    fn time_zone(&mut self, name: &str) -> Option<TimeZone> {
        let zone = profile::time_zone(&self.text(name)?);
        zone.map_err(|reason| self.problems.push(format!("{name}: {reason}"))).ok()
    }

    fn number(&mut self, name: &str, range: &RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(name)?;
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            self.problems.push(format!("{name} has to be a number from {least} to {most}"));
        }
        number
    }

    fn boolean(&mut self, name: &str) -> Option<bool> {
        let text = self.text(name)?;
        match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" => Some(false),
            _ => {
                self.problems.push(format!("{name} has to be 1 or 0, true or false"));
                None
            }
        }
    }

    fn seconds(&mut self, name: &str, range: &RangeInclusive<i64>) -> Option<Duration> {
        self.number(name, range).map(|it| Duration::from_secs(it.unsigned_abs()))
    }
}

impl Config {
    /// A profile that no file has, with the flags and the environment of this run laid over it.
    pub fn with_environment(&self, made: StoredProfile, key: KeySource) -> Profile {
        with_overrides(&made, key, &self.overrides)
    }
}

/// The settings for this run: `flags`, then the environment as `lookup` tells it, then the file.
///
/// # Errors
/// If the environment or the file is wrong, or the profile can't be told.
pub fn load(
    flags: Overrides,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Config, SettingsError> {
    let environment = Overrides::from_environment(lookup)?;
    // A profile named by a flag beats the one that the environment makes.
    let makes_profile = flags.profile.is_none();
    let overrides = flags.or(environment);
    let folders = Folders::find(overrides.config.clone(), overrides.data.clone())?;
    let file = File::read(&folders.config_file)?;
    let text = |name: &str| lookup(name)?.into_string().ok();
    Ok(Config {
        profile: choose(&file, &overrides, makes_profile).map_err(SettingsError::Profile)?,
        profiles: file.profiles.iter().map(|profile| profile.name.clone()).collect(),
        console: file.console,
        theme: file.theme,
        notify: NotifySection { osc: file.notify.osc.resolved(text), ..file.notify },
        braille: colors::braille(text),
        tmux: text("TMUX").is_some_and(|it| !it.is_empty()),
        pipe: file.pipe,
        keys: file.keys,
        views: file.views,
        log: overrides.log.clone(),
        colors: Colors::detect(text),
        ground: colors::ground(text),
        answers: colors::answers(text("TERM").as_deref()),
        folders,
        overrides,
    })
}

/// The profile for this run; `None` if there is none.
pub(super) fn choose(
    file: &File,
    overrides: &Overrides,
    makes_profile: bool,
) -> Result<Option<Profile>, String> {
    let url = overrides.url.as_deref();
    if let (Some(url), Some(key), true) = (url, &overrides.api_key, makes_profile) {
        let url = check_url(url, false).map_err(|reason| format!("GROWDESK_URL: {reason}"))?;
        let made = StoredProfile::new(ENVIRONMENT, url);
        return Ok(Some(with_overrides(&made, KeySource::Environment(key.clone()), overrides)));
    }
    let Some(stored) = stored(file, overrides.profile.as_deref())? else {
        return match (url, &overrides.api_key) {
            (Some(_), None) => Err("GROWDESK_URL needs GROWDESK_API_KEY with it".into()),
            (None, Some(_)) => Err("GROWDESK_API_KEY needs GROWDESK_URL with it".into()),
            _ => Ok(None),
        };
    };
    if let Some(url) = url {
        let url = check_url(url, stored.allow_http)
            .map_err(|reason| format!("GROWDESK_URL: {reason}"))?;
        if !profile::same_address(&url, &stored.url) {
            return Err(format!(
                "GROWDESK_URL is not the address of the profile \"{}\" ({}), and its key goes \
                 nowhere else; set GROWDESK_API_KEY too, or unset GROWDESK_URL",
                stored.name, stored.url
            ));
        }
    }
    let key = match (&overrides.api_key, &stored.key) {
        (Some(key), _) => KeySource::Environment(key.clone()),
        (None, Some(key)) => key.clone(),
        (None, None) => {
            return Err(format!(
                "the profile \"{}\" has no key; set its api_key_command or api_key_file, or run \
                 `growdesk login`",
                stored.name
            ));
        }
    };
    Ok(Some(with_overrides(stored, key, overrides)))
}

/// The stored profile that is meant; `None` if there is none at all and none was named.
fn stored<'f>(file: &'f File, wanted: Option<&str>) -> Result<Option<&'f StoredProfile>, String> {
    let names = || {
        let names: Vec<_> = file.profiles.iter().map(|it| it.name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    match (wanted.or(file.default_profile.as_deref()), &file.profiles[..]) {
        (Some(wanted), profiles) => profiles
            .iter()
            .find(|profile| profile.name == wanted)
            .map(Some)
            .ok_or_else(|| format!("there is no profile \"{wanted}\"; there is {}", names())),
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only)),
        (None, _) => Err(format!(
            "there are several profiles ({}); name one with --profile, GROWDESK_PROFILE or \
             default_profile",
            names()
        )),
    }
}

fn with_overrides(stored: &StoredProfile, key: KeySource, overrides: &Overrides) -> Profile {
    let stored = stored.clone();
    Profile {
        name: stored.name,
        url: stored.url,
        key,
        agent_name: stored.agent_name,
        signature: stored.signature,
        time_zone: overrides.time_zone.clone().unwrap_or(stored.time_zone),
        waiting: stored.waiting,
        custom: stored.custom,
        allow_http: stored.allow_http,
        read_only: overrides.read_only.unwrap_or(stored.read_only),
        requests_per_minute: overrides.requests_per_minute.unwrap_or(stored.requests_per_minute),
        hold: overrides.hold.unwrap_or(stored.hold),
        timeout: overrides.timeout.unwrap_or(stored.timeout),
        grace: overrides.grace.unwrap_or(stored.grace),
        poll: stored.poll,
        proxy: stored.proxy,
        ca_file: stored.ca_file,
    }
}

#[cfg(test)]
mod tests;
