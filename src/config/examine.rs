//! Everything that is wrong with the configuration, whether or not it can be used.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{
    Overrides,
    chord::KeyBinding,
    file::{File, StoredProfile},
    folders::{FolderError, Folders},
    macros::MacroFiles,
    places::Places,
    problem::ConfigError,
    settings::choose,
};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file; `None` for the environment and the command line.
    pub file: Option<PathBuf>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The configuration file.
    pub file: PathBuf,
    /// The profiles that could be read.
    pub profiles: Vec<StoredProfile>,
    /// The keys that could be read.
    pub keys: Vec<KeyBinding>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    places: Places,
}

impl Examined {
    /// Adds what is wrong with a setting of a profile.
    pub fn blame(&mut self, profile: &str, key: &str, message: String) {
        let named = self.places.line(&format!("profile.{profile}.{key}"));
        let line = named.or_else(|| self.places.line(&format!("profile.{profile}")));
        self.findings.push(Finding { file: Some(self.file.clone()), line, message });
    }

    /// All that is wrong, each once, by file and line.
    pub fn sorted(mut self) -> Vec<Finding> {
        self.findings.sort();
        self.findings.dedup();
        self.findings
    }
}

/// The places of the configuration, whatever is wrong with its contents.
///
/// # Errors
/// If there is no place.
pub fn folders(
    flags: &Overrides,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Folders, FolderError> {
    let (environment, _) = Overrides::read(lookup);
    let all = flags.clone().or(environment);
    Folders::find(all.config, all.data)
}

/// Examines the environment, the file, the profiles and the macros. Keys are read from nowhere.
///
/// # Errors
/// If there is no place for files.
pub fn examine(
    flags: &Overrides,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Examined, FolderError> {
    let (environment, wrong) = Overrides::read(lookup);
    let elsewhere = |message| Finding { file: None, line: None, message };
    let mut findings: Vec<Finding> = wrong.into_iter().map(elsewhere).collect();
    let makes_profile = flags.profile.is_none();
    let all = flags.clone().or(environment);
    let path = Folders::find(all.config.clone(), all.data.clone())?.config_file;
    let (source, unreadable) = match File::source(&path) {
        Ok(source) => (source.unwrap_or_default(), None),
        Err(error) => (String::new(), Some(error)),
    };
    let (file, error) = File::examine(&source, &path);
    let mut macros = MacroFiles::at(&path);
    macros.refresh();
    let in_files = unreadable.into_iter().chain(error).chain(macros.read().1);
    let in_files: Vec<Finding> = in_files.flat_map(findings_of).collect();
    // A profile that could not be read would be missed here.
    if in_files.iter().all(|it| it.file.as_deref() != Some(&*path)) {
        findings.extend(choose(&file, &all, makes_profile).err().map(elsewhere));
    }
    findings.extend(in_files);
    let places = Places::of(&source, path.clone());
    Ok(Examined { file: path, profiles: file.profiles, keys: file.keys, findings, places })
}

fn findings_of(error: ConfigError) -> impl Iterator<Item = Finding> {
    let file = error.file;
    error.problems.into_iter().map(move |it| Finding {
        file: Some(file.clone()),
        line: Some(it.line),
        message: it.reason,
    })
}

/// The folders with macros that the file names.
pub fn macro_folders(config: &Path) -> Vec<PathBuf> {
    let mut macros = MacroFiles::at(config);
    macros.refresh();
    macros.dirs()
}
