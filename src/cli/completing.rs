//! Completion in a shell: what may stand at the cursor, told from the local copy. Nothing is asked of
//! the server, no file is made, and what goes wrong is not said: the line is being typed.

mod shells;

use std::{
    ffi::{OsStr, OsString},
    panic,
    path::PathBuf,
    process::ExitCode,
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use clap::{Arg, Command};
use clap_complete::{
    CompleteEnv,
    engine::{ArgValueCompleter, CompletionCandidate},
    env::Shells,
};

use super::{manual, names::Numbered};
use crate::{
    config::{self, Config, MacroFiles, Overrides},
    domain::{Directory, Priority, Status, View},
    store::Peek,
    text::clean,
};

pub(super) use shells::{SHELLS, registration};

/// The variable by which the stubs ask.
const VARIABLE: &str = "_GROWDESK_COMPLETE";

/// How long somebody who types waits at the most.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How many values are offered.
const MOST: usize = 200;

/// The most characters of a subject or a name beside a value.
const BRIEF: usize = 60;

/// The words of the line that is being typed, up to the cursor.
static TYPED: OnceLock<Vec<String>> = OnceLock::new();

/// Answers a stub, if it is one that asks.
pub(super) fn answer() -> Option<ExitCode> {
    std::env::var_os(VARIABLE).filter(|it| !it.is_empty())?;
    panic::set_hook(Box::new(|_| {}));
    let words = std::env::args_os().skip_while(|it| it != "--").skip(1);
    let _ = TYPED.set(shells::typed(words.collect()));
    let (done, ended) = mpsc::channel();
    thread::spawn(move || {
        // The answer is printed at once at the end, so what comes too late is not seen in part.
        let asked = CompleteEnv::with_factory(manual::command)
            .var(VARIABLE)
            .bin("growdesk")
            .shells(Shells(SHELLS));
        let folder = std::env::current_dir().ok();
        let _ = asked.try_complete(std::env::args_os(), folder.as_deref());
        let _ = done.send(());
    });
    let _ = ended.recv_timeout(PATIENCE);
    Some(ExitCode::SUCCESS)
}

/// Gives each argument of each verb what completes it, by what the argument is called.
pub(super) fn attach(command: Command) -> Command {
    // The numbers there are those of changes.
    if command.get_name() == "outbox" {
        return command;
    }
    let command = command.mut_args(attach_to);
    let names: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, attach))
}

fn attach_to(arg: Arg) -> Arg {
    if !arg.get_action().takes_values() {
        return arg;
    }
    let name = arg.get_value_names().and_then(|names| names.first()).map(|it| it.to_string());
    let name = name.unwrap_or_else(|| arg.get_id().as_str().to_uppercase());
    let kind: fn(&str) -> Vec<Offer> = match (name.trim_end_matches(",.."), arg.get_id().as_str()) {
        ("ID" | "TICKET", _) => tickets,
        ("STATUS", _) => statuses,
        ("PRIORITY", _) => priorities,
        ("DEPARTMENT", _) => departments,
        ("CLIENT", _) => clients,
        ("PROJECT", _) => projects,
        ("TAG", _) => tags,
        ("MACRO", _) => macros,
        ("NAME", "view") => views,
        ("NAME", "profile") => profiles,
        _ => return arg,
    };
    arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
        typed.to_str().map(|typed| candidates(typed, &kind(typed))).unwrap_or_default()
    }))
}

/// A value that is offered, and the words beside it.
struct Offer {
    value: String,
    beside: String,
}

impl Offer {
    fn new(value: impl Into<String>, beside: &str) -> Self {
        let beside = clean::line(beside).to_string();
        Self { value: value.into(), beside: beside.chars().take(BRIEF).collect() }
    }
}

/// The offers that go on with what was typed. A value that can't be written as it is stored is none.
fn candidates(typed: &str, offers: &[Offer]) -> Vec<CompletionCandidate> {
    let folded = typed.to_lowercase();
    offers
        .iter()
        .filter(|it| it.value.to_lowercase().starts_with(&folded))
        .filter(|it| !it.value.is_empty() && clean::line(&it.value).as_str() == it.value)
        .take(MOST)
        .map(|it| {
            let beside = Some(it.beside.clone()).filter(|beside| !beside.is_empty());
            CompletionCandidate::new(&it.value).help(beside.map(Into::into))
        })
        .collect()
}

/// Those that have a number and a name: by their numbers if one is being typed, otherwise by name. A
/// name that several have means none of them.
fn numbered<T: Numbered>(typed: &str, all: &[T]) -> Vec<Offer> {
    if typed.starts_with(|it: char| it.is_ascii_digit()) {
        return all.iter().map(|it| Offer::new(it.number().to_string(), it.name())).collect();
    }
    let is_only = |one: &&T| {
        all.iter().filter(|it| it.name().to_lowercase() == one.name().to_lowercase()).count() == 1
    };
    let named = all.iter().filter(|it| it.name().to_lowercase().starts_with(&typed.to_lowercase()));
    let named = named.take(MOST).filter(is_only);
    named.map(|it| Offer::new(it.name(), &format!("number {}", it.number()))).collect()
}

fn tickets(typed: &str) -> Vec<Offer> {
    let Some(peek) = peek() else { return Vec::new() };
    if !typed.chars().all(|it| it.is_ascii_digit()) {
        return Vec::new();
    }
    let found = peek.tickets(typed, MOST);
    found.into_iter().map(|(id, subject)| Offer::new(id.0.to_string(), subject.as_str())).collect()
}

fn directory() -> Directory {
    peek().map(|it| it.directory()).unwrap_or_default()
}

fn statuses(typed: &str) -> Vec<Offer> {
    let statuses = directory().statuses;
    match statuses.is_empty() {
        true => numbered(typed, &Status::usual()),
        false => numbered(typed, &statuses),
    }
}

fn priorities(_: &str) -> Vec<Offer> {
    Priority::ALL.iter().map(|it| Offer::new(it.as_str(), "")).collect()
}

fn departments(typed: &str) -> Vec<Offer> {
    numbered(typed, &directory().departments)
}

fn clients(typed: &str) -> Vec<Offer> {
    numbered(typed, &peek().map(|it| it.clients()).unwrap_or_default())
}

fn projects(_: &str) -> Vec<Offer> {
    let found = peek().map(|it| it.projects()).unwrap_or_default();
    let beside = |subject: &str| format!("of \"{subject}\"");
    found.into_iter().map(|(id, of)| Offer::new(id.0.to_string(), &beside(of.as_str()))).collect()
}

fn tags(_: &str) -> Vec<Offer> {
    let found = peek().map(|it| it.tags()).unwrap_or_default();
    found.iter().map(|tag| Offer::new(tag.as_str(), "")).collect()
}

fn views(_: &str) -> Vec<Offer> {
    let own = settings().map(|it| it.views).unwrap_or_default();
    View::all(own).iter().map(|it| Offer::new(it.name.as_str(), "")).collect()
}

fn macros(_: &str) -> Vec<Offer> {
    let Ok(folders) = config::folders(&overrides(), &environment) else { return Vec::new() };
    let mut files = MacroFiles::at(&folders.config_file);
    files.refresh();
    let offer = |it: &crate::domain::plan::Macro| {
        Offer::new(it.name.as_str(), it.text.as_deref().unwrap_or("changes alone"))
    };
    files.read().0.iter().map(offer).collect()
}

fn profiles(_: &str) -> Vec<Offer> {
    let examined = config::examine(&overrides(), &environment);
    let profiles = examined.map(|it| it.profiles).unwrap_or_default();
    profiles.iter().map(|it| Offer::new(it.name.as_str(), it.url.as_str())).collect()
}

/// The local copy of the profile that the line names.
fn peek() -> Option<Peek> {
    let settings = settings()?;
    let profile = settings.profile?;
    Peek::at(&settings.folders.profile_dir(&profile.name, &profile.url))
}

fn settings() -> Option<Config> {
    config::load(overrides(), &environment).ok()
}

fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The flags of the line that say which profile it is about.
fn overrides() -> Overrides {
    let flag = |name: &str| {
        let words = TYPED.get()?;
        let given = format!("{name}=");
        let apart = words.iter().zip(words.iter().skip(1));
        let apart = apart.filter(|(flag, _)| *flag == name).map(|(_, value)| value.as_str());
        let joined = words.iter().filter_map(|word| word.strip_prefix(&given));
        apart.chain(joined).last().map(str::to_owned)
    };
    Overrides {
        profile: flag("--profile"),
        config: flag("--config").map(PathBuf::from),
        data: flag("--data").map(PathBuf::from),
        ..Overrides::default()
    }
}
