//! The configuration file as a whole.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::tz::TimeZone;
use url::Url;

use super::{
    chord::{self, KeyBinding},
    console::{self, ConsoleSection},
    look::{self, ThemeSection},
    notify::{self, NotifySection},
    pipe::{self, PipeSection},
    problem::{Complaint, ConfigError},
    profile,
    secret::KeySource,
    sections::{Reader, Section},
    views,
};
use crate::{
    bounded,
    domain::{CustomField, View, WaitingStatuses},
};

/// The most bytes of a configuration file.
const MOST_BYTES: u64 = 1024 * 1024;

/// A profile as the file has it; the fields are those of [`super::Profile`].
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "they are those of `Profile`")]
pub struct StoredProfile {
    pub name: String,
    pub url: Url,
    /// Where the key comes from, if the file says so.
    pub key: Option<KeySource>,
    pub agent_name: String,
    pub signature: String,
    pub time_zone: TimeZone,
    pub waiting: WaitingStatuses,
    pub custom: Vec<CustomField>,
    pub allow_http: bool,
    pub read_only: bool,
    pub requests_per_minute: u32,
    pub hold: Duration,
    pub timeout: Duration,
    pub grace: Duration,
    pub poll: Duration,
    pub proxy: Option<Url>,
    pub ca_file: Option<PathBuf>,
}

impl StoredProfile {
    /// A profile with the usual settings.
    pub fn new(name: &str, url: Url) -> Self {
        Self {
            name: name.to_owned(),
            url,
            key: None,
            agent_name: String::new(),
            signature: String::new(),
            time_zone: TimeZone::UTC,
            waiting: WaitingStatuses::default(),
            custom: Vec::new(),
            allow_http: false,
            read_only: false,
            requests_per_minute: 60,
            hold: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
            grace: Duration::from_secs(30),
            poll: Duration::from_secs(30),
            proxy: None,
            ca_file: None,
        }
    }
}

/// The settings of a configuration file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The profiles, by name.
    pub profiles: Vec<StoredProfile>,
    /// The profile that is used unless another is named; it exists.
    pub default_profile: Option<String>,
    /// The section `[console]`.
    pub console: ConsoleSection,
    /// The theme, with the section `[colors]`.
    pub theme: ThemeSection,
    /// The section `[notify]`.
    pub notify: NotifySection,
    /// The section `[pipe]`.
    pub pipe: PipeSection,
    /// The sections `[keys.SCOPE]`, in the order of their lines.
    pub keys: Vec<KeyBinding>,
    /// The user's views, in their order.
    pub views: Vec<View>,
}

impl File {
    /// Reads a file. A file that does not exist counts as empty.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        match Self::source(path)? {
            Some(source) => Self::parse(&source, path),
            None => Ok(Self::default()),
        }
    }

    /// The text of a file, where there is one.
    ///
    /// # Errors
    /// If it can't be read, is larger than a mebibyte, or does not come.
    pub(super) fn source(path: &Path) -> Result<Option<String>, ConfigError> {
        let text = bounded::read(path, MOST_BYTES).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| io::Error::other("it is no UTF-8"))
        });
        match text {
            Ok(source) => Ok(Some(source)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ConfigError {
                file: path.to_owned(),
                problems: vec![Complaint { line: 1, reason: format!("it can't be read: {error}") }],
            }),
        }
    }

    /// Reads the text of the file at `path`; paths in it are relative to its folder.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn parse(source: &str, path: &Path) -> Result<Self, ConfigError> {
        match Self::examine(source, path) {
            (file, None) => Ok(file),
            (_, Some(error)) => Err(error),
        }
    }

    /// What can be read of a text, and what is wrong with the rest.
    pub(super) fn examine(source: &str, path: &Path) -> (Self, Option<ConfigError>) {
        let reader = Reader::new(source);
        let file = {
            let table = reader.parse();
            read(Section::root(&reader, table.get_ref()), path.parent().unwrap_or(Path::new("")))
        };
        (file, reader.finish(path).err())
    }
}

fn read(mut root: Section<'_>, folder: &Path) -> File {
    let mut file = File::default();
    let default_profile = root.string("default_profile");
    let mut names = Vec::new();
    if let Some(section) = root.section("profile") {
        for (name, section) in section.named_sections() {
            names.push(name.value);
            file.profiles.extend(profile::read(name.value, section, folder));
        }
    }
    if let Some(wanted) = default_profile {
        if !names.contains(&wanted.value) {
            let reason = format!("there is no [profile.{}]", wanted.value);
            root.reader.problem(wanted.at, reason);
        }
        file.default_profile = Some(wanted.value.to_owned());
    }
    let mut theme = None;
    if let Some(section) = root.section("console") {
        (file.console, theme) = console::read(section);
    }
    file.theme = look::read(theme, root.section("colors"), root.reader, folder);
    if let Some(section) = root.section("notify") {
        file.notify = notify::read(section);
    }
    if let Some(section) = root.section("pipe") {
        file.pipe = pipe::read(section);
    }
    if let Some(section) = root.section("keys") {
        file.keys = chord::read(&section);
    }
    // A wrong macro must not stop the reading of the rest. `macros` reads the macros, and reports
    // what is wrong.
    root.leave("macro");
    root.leave("macro_dirs");
    file.views = root.sections("view").into_iter().filter_map(views::read).collect();
    root.finish();
    file
}

#[cfg(test)]
mod tests;
