//! The settings that hold in this run, each with where it comes from.

use std::{ffi::OsString, time::Duration};

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Overrides,
    colors::Colors,
    console::THEN,
    file::File,
    notify::OSC,
    places::Places,
    profile::Profile,
    secret::KeySource,
    settings::{Config, ENVIRONMENT, SettingsError, load},
};

/// A setting that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name, as the file has it: `profile.work.poll_seconds`.
    pub name: String,
    /// Its value. The source of a key stands for the key.
    pub value: Value,
    /// Where it comes from.
    pub source: SettingSource,
}

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingSource {
    /// Nobody set it.
    Default,
    /// A place in a file, as `FILE:LINE`.
    File(String),
    /// A variable of the environment.
    Environment(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

impl SettingSource {
    /// The kind of source in a word, for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File(_) => "file",
            Self::Environment(_) => "environment",
            Self::Flag(_) => "flag",
        }
    }

    /// The place, the variable or the flag.
    pub fn place(&self) -> Option<&str> {
        match self {
            Self::Default => None,
            Self::File(place) => Some(place),
            Self::Environment(name) | Self::Flag(name) => Some(name),
        }
    }
}

/// The settings of this run, told one by one.
///
/// # Errors
/// If the settings can't be loaded.
pub fn effective(
    flags: &Overrides,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Vec<Setting>, SettingsError> {
    let config = load(flags.clone(), lookup)?;
    let environment = Overrides::from_environment(lookup)?;
    let source = File::source(&config.folders.config_file)?.unwrap_or_default();
    let places = Places::of(&source, config.folders.config_file.clone());
    let mut teller = Teller { flags, environment, places, config, told: Vec::new() };
    teller.run_itself(lookup);
    if let Some(profile) = teller.config.profile.clone() {
        teller.profile(&profile);
    }
    teller.console();
    teller.of_the_users_own();
    Ok(teller.told)
}

struct Teller<'f> {
    flags: &'f Overrides,
    environment: Overrides,
    places: Places,
    config: Config,
    told: Vec<Setting>,
}

impl Teller<'_> {
    fn tell(&mut self, name: &str, value: impl Into<Value>, source: SettingSource) {
        self.told.push(Setting { name: name.to_owned(), value: value.into(), source });
    }

    /// A setting of the file, or its default.
    fn in_file(&mut self, name: &str, value: impl Into<Value>) {
        let source = self.places.place(name).map_or(SettingSource::Default, SettingSource::File);
        self.tell(name, value, source);
    }

    /// A setting of the file that a variable may have replaced.
    fn or_variable(
        &mut self,
        name: &str,
        value: impl Into<Value>,
        (variable, is_set): (&'static str, bool),
    ) {
        match is_set {
            true => self.tell(name, value, SettingSource::Environment(variable)),
            false => self.in_file(name, value),
        }
    }

    /// The settings that no profile has.
    fn run_itself(&mut self, lookup: &dyn Fn(&str) -> Option<OsString>) {
        let layer = |flag: bool, flag_name, variable: bool, name| match (flag, variable) {
            (true, _) => SettingSource::Flag(flag_name),
            (_, true) => SettingSource::Environment(name),
            _ => SettingSource::Default,
        };
        let (flags, environment) = (self.flags, &self.environment);
        let config = layer(
            flags.config.is_some(),
            "--config",
            environment.config.is_some(),
            "GROWDESK_CONFIG",
        );
        let data =
            layer(flags.data.is_some(), "--data", environment.data.is_some(), "GROWDESK_DATA");
        let log = layer(false, "", environment.log.is_some(), "GROWDESK_LOG");
        let profile = self.chosen();
        let folders = self.config.folders.clone();
        self.tell("config", folders.config_file.display().to_string(), config);
        self.tell("data", folders.data_dir.display().to_string(), data);
        self.tell("log", self.config.log.clone(), log);
        let no_color = lookup("NO_COLOR").is_some_and(|it| !it.is_empty());
        let colors = layer(false, "", no_color, "NO_COLOR");
        self.tell("colors", words_of(self.config.colors), colors);
        self.tell("profile", self.config.profile.as_ref().map(|it| it.name.clone()), profile);
    }

    /// What chose the profile.
    fn chosen(&self) -> SettingSource {
        let Some(profile) = &self.config.profile else { return SettingSource::Default };
        let of_file = |name: &str| self.places.place(name).map(SettingSource::File);
        if self.flags.profile.is_some() {
            return SettingSource::Flag("--profile");
        }
        if profile.name == ENVIRONMENT {
            return SettingSource::Environment("GROWDESK_URL");
        }
        if self.environment.profile.is_some() {
            return SettingSource::Environment("GROWDESK_PROFILE");
        }
        let only = || of_file(&format!("profile.{}", profile.name));
        of_file("default_profile").or_else(only).unwrap_or(SettingSource::Default)
    }

    fn profile(&mut self, it: &Profile) {
        let named = |key: &str| format!("profile.{}.{key}", it.name);
        let set = self.environment.clone();
        let seconds = |time: Duration| time.as_secs();
        let is_made = (ENVIRONMENT == it.name, set.url.is_some());
        let url = ("GROWDESK_URL", is_made == (true, true));
        self.or_variable(&named("url"), it.url.as_str(), url);
        self.key(it);
        self.in_file(&named("agent_name"), it.agent_name.as_str());
        self.in_file(&named("signature"), it.signature.as_str());
        let zone = it.time_zone.iana_name().unwrap_or("UTC");
        self.or_variable(&named("timezone"), zone, ("GROWDESK_TIMEZONE", set.time_zone.is_some()));
        let statuses: Vec<i64> = it.waiting.iter().map(|status| status.0).collect();
        self.in_file(&named("waiting_statuses"), statuses);
        self.in_file(&named("allow_http"), it.allow_http);
        let read_only = ("GROWDESK_READ_ONLY", set.read_only.is_some());
        self.or_variable(&named("read_only"), it.read_only, read_only);
        let requests = ("GROWDESK_REQUESTS_PER_MINUTE", set.requests_per_minute.is_some());
        self.or_variable(&named("requests_per_minute"), it.requests_per_minute, requests);
        let hold = ("GROWDESK_HOLD_SECONDS", set.hold.is_some());
        self.or_variable(&named("hold_seconds"), seconds(it.hold), hold);
        let timeout = ("GROWDESK_TIMEOUT_SECONDS", set.timeout.is_some());
        self.or_variable(&named("timeout_seconds"), seconds(it.timeout), timeout);
        let grace = ("GROWDESK_GRACE_SECONDS", set.grace.is_some());
        self.or_variable(&named("grace_seconds"), seconds(it.grace), grace);
        self.in_file(&named("poll_seconds"), seconds(it.poll));
        self.in_file(&named("proxy"), it.proxy.as_ref().map(without_password));
        self.in_file(&named("ca_file"), it.ca_file.as_ref().map(|it| it.display().to_string()));
        let fields = self.places.value(&["profile", &it.name, "field"]).cloned();
        self.in_file(&named("field"), fields.unwrap_or_else(|| json!([])));
    }

    /// Where the key would come from. Nothing is read or run, and the arguments of a program are not
    /// told, since they may hold a secret.
    fn key(&mut self, profile: &Profile) {
        let named = |key: &str| format!("profile.{}.{key}", profile.name);
        match &profile.key {
            KeySource::Environment(_) => {
                let source = SettingSource::Environment("GROWDESK_API_KEY");
                self.tell(&named("api_key"), "GROWDESK_API_KEY", source);
            }
            KeySource::Command(words) => {
                let program = words.first().cloned();
                self.in_file(&named("api_key_command"), program);
            }
            KeySource::File(path) => {
                self.in_file(&named("api_key_file"), path.display().to_string());
            }
        }
    }

    fn console(&mut self) {
        let it = self.config.console.clone();
        let then = THEN.iter().find(|(_, then)| *then == it.after_action).map(|(word, _)| *word);
        let minutes = |time: Duration| time.as_secs() / 60;
        self.in_file("console.default_submit_status", it.default_submit_status.0);
        self.in_file("console.after_action", then);
        self.in_file("console.theme", self.config.theme.name.clone());
        self.in_file("console.mouse", it.mouse);
        self.in_file("console.wait_warn_minutes", minutes(it.wait_warn));
        self.in_file("console.wait_alarm_minutes", minutes(it.wait_alarm));
        self.notify();
        self.in_file("pipe.timeout_seconds", self.config.pipe.timeout.as_secs());
    }

    fn notify(&mut self) {
        let it = self.config.notify.clone();
        let osc = OSC.iter().find(|(_, osc)| *osc == it.osc).map(|(word, _)| *word);
        let on: Vec<&str> = it.on.iter().map(|kind| kind.as_str()).collect();
        self.in_file("notify.on", on);
        self.in_file("notify.bell", it.bell);
        self.in_file("notify.title", it.title);
        self.in_file("notify.osc", osc);
        self.in_file("notify.show_subject", it.show_subject);
        self.in_file("notify.command", it.command);
    }

    /// Commands, keys and views, which have no defaults.
    fn of_the_users_own(&mut self) {
        for it in self.config.pipe.commands.clone() {
            self.in_file(&format!("pipe.commands.{}", it.name), it.words);
        }
        let file = |places: &Places, name: &str| places.value(&[name]).cloned();
        if let Some(dirs) = file(&self.places, "macro_dirs") {
            self.in_file("macro_dirs", dirs);
        }
        let table = |places: &Places, name: &str| -> Map<String, Value> {
            file(places, name).and_then(|it| it.as_object().cloned()).unwrap_or_default()
        };
        for (role, color) in table(&self.places, "colors") {
            self.in_file(&format!("colors.{role}"), color);
        }
        for (scope, commands) in table(&self.places, "keys") {
            for (command, keys) in commands.as_object().cloned().unwrap_or_default() {
                self.in_file(&format!("keys.{scope}.{command}"), keys);
            }
        }
        for list in ["view", "macro"] {
            let items = file(&self.places, list).and_then(|it| it.as_array().cloned());
            for (index, item) in items.unwrap_or_default().into_iter().enumerate() {
                self.in_file(&format!("{list}[{index}]"), item);
            }
        }
    }
}

fn words_of(colors: Colors) -> &'static str {
    match colors {
        Colors::None => "none",
        Colors::Ansi16 => "16",
        Colors::Ansi256 => "256",
        Colors::TrueColor => "full",
    }
}

/// An address that shows no password.
fn without_password(url: &Url) -> String {
    let mut url = url.clone();
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return format!("{}://…", url.scheme());
    }
    url.to_string()
}
