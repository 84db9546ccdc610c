//! The macros of the configuration for verbs: finding one by its name, filling its text in, and
//! remembering that it was used.

use std::collections::BTreeMap;

use anyhow::anyhow;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Failure, copy::LocalCopy, failure, names, opened::Opened};
use crate::{
    app::macros::remember_use,
    config::{Config, MacroFiles},
    desk::{FillTarget, FilledText, Filling, Found, Read, Report, RequestId, Slot, Work},
    domain::{
        Directory, Line, Problem, ProblemKind, Sight, Status, TicketId,
        plan::{Action, Cant, Macro, Outcome, Plan, PlanLine, macros::Wanted},
    },
    store::{Store, StoreError},
    worker::{Parts, Worker},
};

/// The key under which the store keeps what a console has on screen, with the macros used last.
const SCREEN: &str = "screen";

/// The columns that a text with gaps is laid out for.
const WIDTH: u16 = 100;

/// The macros that work. What is wrong with the others is said.
pub(super) fn read(settings: &Config) -> Vec<Macro> {
    let mut files = MacroFiles::at(&settings.folders.config_file);
    files.refresh();
    let (macros, errors) = files.read();
    for error in errors {
        failure::notice(&error.to_string());
    }
    macros
}

/// The macro of a name, or of a name without its groups if only one has it.
///
/// # Errors
/// A usage error that lists those that may be meant.
pub(super) fn find(wanted: &str, all: &[Macro]) -> Result<Macro, Failure> {
    let folded = wanted.trim().to_lowercase();
    let is = |name: &str| name.to_lowercase() == folded;
    if let Some(one) = all.iter().find(|it| is(&it.name)) {
        return Ok(one.clone());
    }
    let own: Vec<&Macro> = all.iter().filter(|it| is(it.own_name())).collect();
    match own[..] {
        [one] => Ok(one.clone()),
        [] => {
            let names: Vec<&str> =
                all.iter().flat_map(|it| [it.name.as_str(), it.own_name()]).collect();
            let failure = names::unknown("macro", wanted, &names);
            Err(match all.is_empty() {
                true => {
                    failure.with_help("there are no macros; docs/macros.md says how to write one")
                }
                false => failure,
            })
        }
        _ => {
            let names: Vec<&str> = own.iter().map(|it| it.name.as_str()).collect();
            Err(Failure::usage(anyhow!("\"{wanted}\" fits more than one macro"))
                .with_help(format!("it fits {}; give the name with its groups", names.join(", "))))
        }
    }
}

/// The answers that `--set` gives, each as `NAME=VALUE`.
///
/// # Errors
/// A usage error for one that is none, or that the macro does not ask for.
pub(super) fn answers(one: &Macro, given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut answers = BTreeMap::new();
    for text in given {
        let Some((name, value)) = text.split_once('=') else {
            let error = anyhow!("\"{text}\" is no NAME=VALUE");
            return Err(Failure::usage(error).with_help("write --set \"order number=42\""));
        };
        let asked = one.asked.iter().find(|it| it.trim() == name.trim());
        let Some(asked) = asked else {
            let names: Vec<&str> = one.asked.iter().map(String::as_str).collect();
            let failure = names::unknown("question of this macro", name.trim(), &names);
            return Err(match names.is_empty() {
                true => failure.with_help(format!("\"{}\" asks for nothing", one.name)),
                false => failure,
            });
        };
        answers.insert(asked.clone(), value.to_owned());
    }
    Ok(answers)
}

/// What the macro asks for and nobody has answered.
pub(super) fn unanswered<'m>(one: &'m Macro, answers: &BTreeMap<String, String>) -> Vec<&'m str> {
    let is_missing = |it: &&String| answers.get(*it).is_none_or(|answer| answer.trim().is_empty());
    one.asked.iter().filter(is_missing).map(String::as_str).collect()
}

/// Fills texts in, as a console does: from the local copy, and from the server where a text names what
/// the copy does not have.
pub(super) struct Filler {
    worker: Worker,
    reports: mpsc::UnboundedReceiver<(Timestamp, Report)>,
    asked: u64,
    one: Macro,
    answers: BTreeMap<String, String>,
    /// What the statuses and departments of the macro are looked up in.
    directory: Directory,
}

impl Filler {
    /// Starts the background task that reads.
    pub(super) async fn start(
        opened: &Opened,
        one: Macro,
        answers: BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        let (worker, reports) = opened.worker(Parts::default(), Vec::new()).await?;
        let directory = directory(opened, &one).await?;
        Ok(Self { worker, reports, asked: 0, one, answers, directory })
    }

    /// Reads a ticket into the local copy.
    pub(super) async fn read(&mut self, ticket: TicketId) -> Result<(), Problem> {
        self.ask(Read::Ticket(ticket)).await.map(drop)
    }

    /// The text for a ticket. A text that is to be shown is laid out even if it has gaps.
    pub(super) async fn fill(
        &mut self,
        ticket: TicketId,
        copy: &LocalCopy,
        is_shown: bool,
    ) -> Result<Option<FilledText>, Problem> {
        let Some(row) = copy.row(ticket) else { return Ok(None) };
        let wants_projects = matches!(self.one.project, Some(Wanted::Title(_)));
        if self.one.text.is_none() && !wants_projects {
            return Ok(None);
        }
        let waits_since = row.waiting(&copy.waiting).map(|it| it.since);
        let filling = Filling {
            text: self.one.text.clone(),
            answers: self.answers.clone(),
            targets: vec![FillTarget { ticket: row.ticket, waits_since }],
            wants_projects,
            wants_newest: false,
            now: Timestamp::now(),
            zone: TimeZone::system(),
            width: is_shown.then_some(WIDTH),
        };
        match self.ask(Read::Fill(Box::new(filling))).await? {
            Found::Filled(filled) => Ok(filled.into_iter().next()),
            _ => Ok(None),
        }
    }

    /// The action on a ticket.
    ///
    /// # Errors
    /// The reason that holds the macro back there.
    pub(super) async fn action(
        &mut self,
        ticket: TicketId,
        copy: &LocalCopy,
        signature: &str,
    ) -> Result<Action, Cant> {
        self.offered(ticket, copy)?;
        let filled = self.fill(ticket, copy, false).await;
        let filled = filled.map_err(|problem| Cant::Unfilled(problem.to_string()))?;
        let words = filled.as_ref().and_then(|it| it.words.clone());
        let words = words.map(|it| it.map(|words| words + signature));
        let projects = filled.as_ref().and_then(|it| it.projects.as_deref());
        self.one.action(words, Sight::default(), &self.directory, projects)
    }

    /// The changes that it makes on a ticket beside its text.
    pub(super) fn changes(
        &self,
        ticket: TicketId,
        filled: Option<&FilledText>,
        copy: &LocalCopy,
    ) -> PlanLine {
        let projects = filled.and_then(|it| it.projects.as_deref());
        let bare = Macro { text: None, ..self.one.clone() };
        let action = bare.action(None, Sight::default(), &self.directory, projects);
        let mut lines = Plan::of_each([(ticket, action)], copy).lines;
        let gone = || PlanLine { ticket: Some(ticket), outcome: Outcome::Cant(Cant::Gone) };
        lines.pop().unwrap_or_else(gone)
    }

    /// Whether the macro is offered for a ticket.
    pub(super) fn offered(&self, ticket: TicketId, copy: &LocalCopy) -> Result<(), Cant> {
        let row = copy.row(ticket).ok_or(Cant::Gone)?;
        if self.one.is_offered_in(row.ticket.department.as_ref()) {
            return Ok(());
        }
        let said = format!("\"{}\" is not offered in its department", self.one.name);
        Err(Cant::Unfilled(said))
    }

    async fn ask(&mut self, read: Read) -> Result<Found, Problem> {
        self.asked += 1;
        let asked = RequestId(self.asked);
        self.worker.ask(Work::Read { request: asked, slot: Slot::Macro, read });
        while let Some((_, report)) = self.reports.recv().await {
            match report {
                Report::Found { request, found } if request == asked => return found,
                _ => {}
            }
        }
        let said = Line::from_cleaned("the background task has ended", None);
        Err(Problem::new(ProblemKind::Local, said))
    }
}

/// The local copy's statuses and departments, and the server's where the copy has none yet.
async fn directory(opened: &Opened, one: &Macro) -> Result<Directory, Failure> {
    let mut directory = opened.store.directory().await?;
    if directory.statuses.is_empty() {
        directory.statuses = Status::usual().into();
    }
    if directory.departments.is_empty() && one.department.is_some() && !opened.offline {
        let found = opened.api().await?.departments().await.map_err(Failure::of_api)?;
        directory.departments = found.items;
    }
    Ok(directory)
}

/// Remembers that a macro was used, as a console does: it comes first in the picker.
pub(super) async fn use_one(store: &Store, one: &Macro) -> Result<(), StoreError> {
    let mut screen = store.recall(SCREEN).await?.unwrap_or_else(|| json!({}));
    let mut used: Vec<String> = used_in(&screen);
    remember_use(&mut used, &one.name);
    if let Some(screen) = screen.as_object_mut() {
        screen.insert("macros".into(), used.into());
    }
    store.remember(SCREEN, screen).await
}

/// The names of the macros that were used, the last one first.
pub(super) async fn used(store: &Store) -> Result<Vec<String>, StoreError> {
    Ok(store.recall(SCREEN).await?.as_ref().map(used_in).unwrap_or_default())
}

fn used_in(screen: &Value) -> Vec<String> {
    let names = screen.get("macros").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
}
