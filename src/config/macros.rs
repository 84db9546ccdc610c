//! Macros: `[[macro]]` in the configuration file, and in the TOML files of its `macro_dirs`.
//!
//! A macro that is wrong is left out and named with its file and line; the others work. The files
//! may change while the console runs: [`MacroFiles::refresh`] reads the changed ones again. A macro
//! that is wrong then stays as it was before.

mod section;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{
    problem::{Complaint, ConfigError},
    profile::expand_home,
    sections::{Reader, Section},
};
use crate::{bounded, domain::plan::Macro};

/// The most bytes of a file with macros: some ten thousand of them.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The most files that are read of a folder.
const MOST_FILES: usize = 1_000;

/// Macros that come with the demo, and show how macros are written.
const EXAMPLES: [(&str, &str); 2] = [
    ("assets/macros/everyday.toml", include_str!("../../assets/macros/everyday.toml")),
    ("assets/macros/billing.toml", include_str!("../../assets/macros/billing.toml")),
];

/// The files with macros, and what was read of them.
#[derive(Clone, Debug, Default)]
pub struct MacroFiles {
    config: Option<PathBuf>,
    /// By the order in which they were found: the configuration file, then folder by folder.
    files: Vec<(PathBuf, Kept)>,
    /// What is wrong with a folder.
    folders: Vec<ConfigError>,
}

/// What was read of a file.
#[derive(Clone, Debug, Default)]
struct Kept {
    stamp: Option<Stamp>,
    macros: Vec<Found>,
    problems: Vec<Complaint>,
    dirs: Vec<PathBuf>,
}

/// The marks by which a changed file is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    changed: Option<SystemTime>,
    bytes: u64,
}

/// A macro, and where it stands.
#[derive(Clone, Debug)]
struct Found {
    line: usize,
    one: Macro,
}

/// What was read of a source.
struct Read {
    kept: Kept,
    /// The names of macros that are wrong.
    wrong: Vec<String>,
    /// Whether it is no TOML at all.
    broken: bool,
}

impl MacroFiles {
    /// The configuration file at `config`, and the folders that it names; nothing is read yet.
    pub fn at(config: &Path) -> Self {
        Self { config: Some(config.to_owned()), ..Self::default() }
    }

    /// The macros of the demo.
    pub fn examples() -> Self {
        let read = |(name, source)| (PathBuf::from(name), read(source, Path::new(""), true).kept);
        Self { files: EXAMPLES.map(read).into(), ..Self::default() }
    }

    /// Reads the files that are new or changed, and returns whether anything has changed. It waits
    /// for the disk.
    pub fn refresh(&mut self) -> bool {
        let Some(config) = self.config.clone() else { return false };
        let folder = config.parent().unwrap_or(Path::new("")).to_owned();
        let mut before: BTreeMap<PathBuf, Kept> = self.files.drain(..).collect();
        let known = before.len();
        let mut changed = false;
        let mut take = |path: PathBuf, is_config: bool| {
            let old = before.remove(&path).unwrap_or_default();
            let stamp = stamp(&path);
            if stamp == old.stamp {
                return (path, old);
            }
            changed = true;
            let kept = read_again(&path, old, stamp, &folder, !is_config);
            (path, kept)
        };
        let first = take(config, true);
        let dirs = first.1.dirs.clone();
        self.files.push(first);
        let folders = std::mem::take(&mut self.folders);
        for dir in dirs {
            match files_of(&dir) {
                Ok(paths) => self.files.extend(paths.into_iter().map(|path| take(path, false))),
                Err(error) => self.folders.push(unreadable(dir, &error)),
            }
        }
        changed || known != self.files.len() || folders != self.folders
    }

    /// The folders that the configuration file names.
    pub(super) fn dirs(&self) -> Vec<PathBuf> {
        self.files.first().map(|(_, kept)| kept.dirs.clone()).unwrap_or_default()
    }

    /// What a person is told of files that are wrong, a sentence each.
    pub fn words(errors: &[ConfigError]) -> Vec<String> {
        errors.iter().filter_map(sentence).collect()
    }

    /// The macros, and everything wrong with them, file by file. If two have the same name or key,
    /// the first one keeps it.
    pub fn read(&self) -> (Vec<Macro>, Vec<ConfigError>) {
        let (mut names, mut keys) = (BTreeMap::new(), BTreeMap::new());
        let mut all = Vec::new();
        let mut errors = self.folders.clone();
        for (path, kept) in &self.files {
            let mut problems = kept.problems.clone();
            let place = |line: usize| format!("{}:{line}", path.display());
            for Found { line, one } in &kept.macros {
                let mut one = one.clone();
                let problem = |reason| Complaint { line: *line, reason };
                if let Some(first) = names.get(&one.name) {
                    let reason = format!("there is a macro \"{}\" already, {first}", one.name);
                    problems.push(problem(reason));
                    continue;
                }
                if let Some((key, first)) = one.key.and_then(|it| Some((it, keys.get(&it)?))) {
                    let reason = format!("the key `{key}` is taken by the macro {first}");
                    problems.push(problem(reason));
                    one.key = None;
                }
                names.insert(one.name.clone(), place(*line));
                if let Some(key) = one.key {
                    keys.insert(key, format!("\"{}\", {}", one.name, place(*line)));
                }
                all.push(one);
            }
            if !problems.is_empty() {
                problems.sort_by_key(|it| it.line);
                errors.push(ConfigError { file: path.clone(), problems });
            }
        }
        (all, errors)
    }
}

/// What is wrong with a file, in a sentence: the first of it, and how much more there is.
fn sentence(error: &ConfigError) -> Option<String> {
    let first = error.problems.first()?;
    let more = match error.problems.len() - 1 {
        0 => String::new(),
        1 => " (and one more in this file)".into(),
        more => format!(" (and {more} more in this file)"),
    };
    let place = format!("{}:{}", error.file.display(), first.line);
    Some(format!("a macro is wrong, the others work: {place}: {}{more}", first.reason))
}

fn stamp(path: &Path) -> Option<Stamp> {
    let data = fs::metadata(path).ok()?;
    Some(Stamp { changed: data.modified().ok(), bytes: data.len() })
}

/// The TOML files of a folder, by their names.
fn files_of(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir)?.take(MOST_FILES) {
        let path = entry?.path();
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if name.ends_with(".toml") && !name.starts_with('.') {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn unreadable(file: PathBuf, error: &io::Error) -> ConfigError {
    let problems = vec![Complaint { line: 1, reason: format!("it can't be read: {error}") }];
    ConfigError { file, problems }
}

/// Reads a file that may have been read before. A wrong macro in it stays as it was.
fn read_again(
    path: &Path,
    old: Kept,
    stamp: Option<Stamp>,
    folder: &Path,
    macros_alone: bool,
) -> Kept {
    let source = bounded::read(path, MOST_BYTES)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| io::Error::other("it is no UTF-8")));
    let source = match source {
        Ok(source) => source,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Kept::default(),
        Err(error) => {
            let problems = unreadable(path.to_owned(), &error).problems;
            return Kept { stamp, problems, ..old };
        }
    };
    let Read { mut kept, wrong, broken } = read(&source, folder, macros_alone);
    kept.stamp = stamp;
    if broken {
        return Kept { stamp, problems: kept.problems, ..old };
    }
    kept.macros.extend(old.macros.into_iter().filter(|it| wrong.contains(&it.one.name)));
    kept
}

/// Reads a source. With `macros_alone` the file may hold only macros, and other keys are reported.
fn read(source: &str, folder: &Path, macros_alone: bool) -> Read {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let reader = Reader::new(source);
    let mut kept = Kept::default();
    let mut wrong = Vec::new();
    let broken;
    {
        let table = reader.parse();
        broken = reader.count() > 0;
        let mut root = Section::root(&reader, table.get_ref());
        if !macros_alone {
            let dirs = root.strings("macro_dirs").map(|it| it.value).unwrap_or_default();
            kept.dirs = dirs.iter().map(|it| folder.join(expand_home(it.value))).collect();
        }
        for section in root.sections("macro") {
            let line = reader.line(section.at);
            match section::read(section) {
                Ok(one) => kept.macros.push(Found { line, one }),
                Err(name) => wrong.extend(name),
            }
        }
        if macros_alone && !broken {
            root.finish();
        }
    }
    if let Err(error) = reader.finish(Path::new("")) {
        kept.problems = error.problems;
    }
    Read { kept, wrong, broken }
}

#[cfg(test)]
mod tests;
