//! `growdesk config`: where the settings are, what holds in this run, and what is wrong.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;

use crate::{
    cli::{
        Common, Failure, console, failure,
        print::{self, Output, Record},
    },
    config::{self, Examined, Finding, KeySource, Setting},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigVerb {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print the configuration file, the folder for data and the folders with macros
    ///
    /// A path is printed whether or not something is there, and whatever is wrong with the file.
    Path(PathArgs),
    /// Print the settings that hold, each with where it comes from
    ///
    /// A setting comes from a flag, a variable of the environment, a line of the configuration file, or it
    /// is the default. A key is never read or printed, only where it would come from.
    Show(ShowArgs),
    /// Say everything that is wrong with settings, keys, views, macros and profiles
    ///
    /// Each problem is printed on one line, with its file and line. No request is made, and no program is
    /// run for a key.
    Check(CheckArgs),
}

#[derive(Debug, Args)]
struct PathArgs {
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct ShowArgs {
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct CheckArgs {
    #[command(flatten)]
    output: Output,
}

/// A path, for scripts.
#[derive(Serialize)]
struct PathRecord {
    name: &'static str,
    path: String,
    exists: bool,
}

impl Record for PathRecord {
    const FIELDS: &'static [&'static str] = &["name", "path", "exists"];
}

/// A setting, for scripts.
#[derive(Serialize)]
struct SettingRecord<'a> {
    name: &'a str,
    value: &'a Value,
    source: &'static str,
    place: Option<&'a str>,
}

impl Record for SettingRecord<'_> {
    const FIELDS: &'static [&'static str] = &["name", "value", "source", "place"];
}

/// Something that is wrong, for scripts.
#[derive(Serialize)]
struct FindingRecord<'a> {
    file: Option<String>,
    line: Option<usize>,
    message: &'a str,
}

impl Record for FindingRecord<'_> {
    const FIELDS: &'static [&'static str] = &["file", "line", "message"];
}

impl ConfigVerb {
    /// Prints what was asked for.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self.command {
            ConfigCommand::Path(it) => path(common, &it.output),
            ConfigCommand::Show(it) => show(common, &it.output),
            ConfigCommand::Check(it) => check(common, &it.output).await,
        }
    }
}

fn path(common: &Common, output: &Output) -> Result<(), Failure> {
    let format = output.format::<PathRecord>()?;
    let folders = config::folders(&common.overrides(), &|name| std::env::var_os(name))
        .map_err(Failure::usage)?;
    let macros = config::macro_folders(&folders.config_file);
    let macros = macros.into_iter().map(|path| ("macros", path));
    let first = [("config", folders.config_file), ("data", folders.data_dir)];
    let items: Vec<PathRecord> = first
        .into_iter()
        .chain(macros)
        .map(|(name, path)| PathRecord {
            name,
            exists: path.exists(),
            path: path.display().to_string(),
        })
        .collect();
    let rows = items.iter().map(|it| {
        let exists = if it.exists { "" } else { "not there" };
        vec![it.name.to_owned(), it.path.clone(), exists.to_owned()]
    });
    Ok(print::list(&format, &["NAME", "PATH", "STATE"], rows, &items)?)
}

fn show(common: &Common, output: &Output) -> Result<(), Failure> {
    let format = output.format::<SettingRecord<'_>>()?;
    let settings = config::effective(&common.overrides(), &|name| std::env::var_os(name)).map_err(
        |error| {
            Failure::usage(error)
                .with_help("`growdesk config check` names everything that is wrong")
        },
    )?;
    let rows = settings.iter().map(row);
    let items = settings.iter().map(|Setting { name, value, source }| SettingRecord {
        name,
        value,
        source: source.word(),
        place: source.place(),
    });
    Ok(print::list(&format, &["SETTING", "VALUE", "FROM"], rows, items)?)
}

fn row(setting: &Setting) -> Vec<String> {
    let value = match &setting.value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let source = setting.source.place().unwrap_or(setting.source.word());
    vec![setting.name.clone(), value, source.to_owned()]
}

async fn check(common: &Common, output: &Output) -> Result<(), Failure> {
    let format = output.format::<FindingRecord<'_>>()?;
    let mut examined = config::examine(&common.overrides(), &|name| std::env::var_os(name))
        .map_err(Failure::usage)?;
    check_keys(&mut examined);
    check_profiles(&mut examined).await;
    let file = examined.file.display().to_string();
    let is_there = examined.file.exists();
    let findings = examined.sorted();
    let items = findings.iter().map(|it| FindingRecord {
        file: it.file.as_ref().map(|file| file.display().to_string()),
        line: it.line,
        message: &it.message,
    });
    match format.is_json() {
        true => print::list(&format, &[], Vec::new(), items)?,
        false => print::lines(findings.iter().map(|it| vec![sentence(it)]))?,
    }
    let count = match findings.len() {
        0 => {
            failure::notice(&match is_there {
                true => format!("nothing is wrong with {file}"),
                false => format!("there is no {file}, so every setting has its default"),
            });
            return Ok(());
        }
        1 => "one thing is wrong".to_owned(),
        many => format!("{many} things are wrong"),
    };
    Err(Failure::usage(anyhow::anyhow!("{count} with the configuration")))
}

/// A problem as compilers print one.
fn sentence(it: &Finding) -> String {
    match (&it.file, it.line) {
        (Some(file), Some(line)) => format!("{}:{line}: {}", file.display(), it.message),
        (Some(file), None) => format!("{}: {}", file.display(), it.message),
        (None, _) => it.message.clone(),
    }
}

/// The keys are held against the table of commands.
fn check_keys(examined: &mut Examined) {
    let problems = console::keymap(&examined.keys).err().unwrap_or_default();
    let file = examined.file.clone();
    examined.findings.extend(problems.into_iter().map(|it| Finding {
        file: Some(file.clone()),
        line: Some(it.line),
        message: it.reason,
    }));
}

/// The files that profiles name have to be there, and a profile has to have a key.
async fn check_profiles(examined: &mut Examined) {
    for profile in examined.profiles.clone() {
        match &profile.key {
            None => {
                let message = format!(
                    "the profile \"{}\" has no key; set its api_key_command or api_key_file, or run \
                     `growdesk login`",
                    profile.name
                );
                // The profile in use has been said to have none.
                let is_said = |it: &Finding| it.file.is_none() && it.message == message;
                examined.findings.retain(|it| !is_said(it));
                examined.blame(&profile.name, "url", message);
            }
            Some(source @ KeySource::File(_)) => {
                if let Err(error) = source.read().await {
                    examined.blame(&profile.name, "api_key_file", error.to_string());
                }
            }
            Some(KeySource::Command(_) | KeySource::Environment(_)) => {}
        }
        if let Err(error) = console::authorities(profile.ca_file.as_deref()) {
            examined.blame(&profile.name, "ca_file", print::error(&error));
        }
    }
}
