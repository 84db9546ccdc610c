//! Macros: texts and changes of fields that a team has written down once, and the actions that they
//! become on a ticket.
//!
//! A macro names statuses, departments and projects as people do; [`Macro::action`] looks them up in
//! what the server has. Its text is a template, which `text::template` fills in with a ticket's
//! [`Values`].

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Action, Cant, Fields, Tags, Text, Wish, Words};
use crate::domain::{
    Contact, Department, Directory, Line, Named, Priority, Project, ReplyKind, Sight, Status,
    Ticket,
};

/// What parts the groups of a macro's name.
pub const GROUPS: &str = "::";

/// A macro as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Macro {
    /// Its name, with [`GROUPS`] between the groups that it stands in and its own.
    pub name: String,
    /// The key that takes it in the picker.
    pub key: Option<char>,
    /// Its text, a template; `None` where it sets fields alone.
    pub text: Option<String>,
    /// What the agent is asked for before the text is filled in, each once.
    pub asked: Vec<String>,
    /// Who may read the text; never [`ReplyKind::Unknown`].
    pub kind: ReplyKind,
    /// The status that it sets.
    pub status: Option<Wanted>,
    /// The priority that it sets.
    pub priority: Option<Priority>,
    /// The department that it moves a ticket to.
    pub department: Option<Wanted>,
    /// The project that it sets, one of the client's.
    pub project: Option<Wanted>,
    /// Tags that are to be there, as the server stores them.
    pub add_tags: Vec<Line>,
    /// Tags that are to go, as the server stores them.
    pub remove_tags: Vec<Line>,
    /// Whether a ticket is archived (`true`) or restored.
    pub archive: Option<bool>,
    /// Where the cursor goes after it. Without it the cursor goes where it goes after any action.
    pub then: Option<Then>,
    /// The departments in which it is offered. Without any it is offered everywhere.
    pub departments: Vec<Wanted>,
}

/// A status, department or project of the server, as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// By its number.
    Number(i64),
    /// By its title, in any case.
    Title(String),
}

/// Where the cursor goes after an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Nowhere.
    Stay,
    /// To the next ticket.
    Next,
    /// To the list.
    List,
}

impl Macro {
    /// Its own name, without its groups.
    pub fn own_name(&self) -> &str {
        self.name.rsplit(GROUPS).next().unwrap_or(&self.name)
    }

    /// The groups that it stands in, the widest first.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        let groups = self.name.len() - self.own_name().len();
        self.name[..groups].split_terminator(GROUPS)
    }

    /// Whether it neither writes nor sets anything.
    pub fn does_nothing(&self) -> bool {
        self.text.is_none() && !self.changes_fields()
    }

    /// Whether it sets anything besides its text.
    pub fn changes_fields(&self) -> bool {
        let named = self.status.is_some() || self.department.is_some() || self.project.is_some();
        let tags = !self.add_tags.is_empty() || !self.remove_tags.is_empty();
        named || tags || self.priority.is_some() || self.archive.is_some()
    }

    /// Whether it is offered for a ticket of `department`.
    pub fn is_offered_in(&self, department: Option<&Department>) -> bool {
        let is = |wanted: &Wanted| department.is_some_and(|it| wanted.is(it.id.0, &it.name));
        self.departments.is_empty() || self.departments.iter().any(is)
    }

    /// The action of this macro on a ticket, with the text as filled in for that ticket. `projects`
    /// are those of the ticket's client, where they are known.
    ///
    /// # Errors
    /// The reason that holds the macro back: gaps of the text, then names that the server does not
    /// have.
    pub fn action(
        &self,
        words: Option<Result<String, Cant>>,
        sight: Sight,
        directory: &Directory,
        projects: Option<&[Project]>,
    ) -> Result<Action, Cant> {
        // A macro without a text writes nothing, whatever was filled in for another.
        let text = match words.filter(|_| self.text.is_some()).transpose()? {
            Some(words) => Some(Text { kind: self.kind, words: Words::Same(words), sight }),
            None if self.text.is_some() => return Err(Cant::NoText),
            None => None,
        };
        let mut lacks = Vec::new();
        let status = find(&self.status, "status", &directory.statuses, &mut lacks);
        let departments = &directory.departments;
        let department = find(&self.department, "department", departments, &mut lacks);
        let project = match (&self.project, projects) {
            // A project's number needs no look-up: the server checks whether the client has the
            // project.
            (Some(Wanted::Number(number)), None) => Some(crate::domain::ProjectId(*number)),
            (wanted, known) => {
                let known = known.unwrap_or_default();
                find(wanted, "project of this client", known, &mut lacks).map(|it| it.id)
            }
        };
        if !lacks.is_empty() {
            return Err(Cant::Lacks(lacks));
        }
        let (add, remove) = (self.add_tags.clone(), self.remove_tags.clone());
        let tags = (!add.is_empty() || !remove.is_empty()).then_some(Tags::Change { add, remove });
        let project = project.map(Some);
        let fields = Fields { department, project, priority: self.priority, ..Fields::default() };
        Ok(Wish { text, fields, tags, archived: self.archive, status }.into())
    }
}

/// A thing with a number and a title.
trait Titled: Clone {
    fn number(&self) -> i64;
    fn title(&self) -> &Line;
}

impl Titled for Status {
    fn number(&self) -> i64 {
        self.id.0
    }

    fn title(&self) -> &Line {
        &self.title
    }
}

impl Titled for Department {
    fn number(&self) -> i64 {
        self.id.0
    }

    fn title(&self) -> &Line {
        &self.name
    }
}

impl Titled for Project {
    fn number(&self) -> i64 {
        self.id.0
    }

    fn title(&self) -> &Line {
        &self.title
    }
}

impl Wanted {
    fn is(&self, number: i64, title: &Line) -> bool {
        match self {
            Self::Number(wanted) => *wanted == number,
            Self::Title(wanted) => {
                wanted.trim().to_lowercase() == title.as_str().trim().to_lowercase()
            }
        }
    }
}

/// The wanted one of `known`. If it is not there, or there twice, its name is put in `lacks`.
fn find<T: Titled>(
    wanted: &Option<Wanted>,
    what: &str,
    known: &[T],
    lacks: &mut Vec<String>,
) -> Option<T> {
    let wanted = wanted.as_ref()?;
    let mut fitting = known.iter().filter(|it| wanted.is(it.number(), it.title()));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => return Some(one.clone()),
        (Some(one), Some(_)) => {
            lacks.push(format!("single {what} \"{}\": name it by its number", one.title()));
        }
        (None, _) => lacks.push(match wanted {
            Wanted::Number(number) => format!("{what} {number}"),
            Wanted::Title(title) => format!("{what} \"{title}\""),
        }),
    }
    None
}

/// The value of a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceholderValue {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// Several texts.
    List(Vec<String>),
}

/// The placeholders that a text may have.
pub const PLACEHOLDERS: [&str; 19] = [
    "agent.first_name",
    "agent.name",
    "client.name",
    "contact.email",
    "contact.first_name",
    "contact.name",
    "quote",
    "ticket.created",
    "ticket.department",
    "ticket.id",
    "ticket.priority",
    "ticket.project",
    "ticket.status",
    "ticket.subject",
    "ticket.tags",
    "ticket.url",
    "today",
    "waiting",
    "weekday",
];

/// The values of the placeholders on a ticket. An unknown or blank value is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<&'static str, PlaceholderValue>);

/// The sources of a ticket's values.
#[derive(Clone, Copy, Debug)]
pub struct ValueSources<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// The title of its project, where it has one that is known.
    pub project: Option<&'a Line>,
    /// Its page in the CRM.
    pub url: &'a str,
    /// The customer who is answered.
    pub contact: Option<&'a Contact>,
    /// The agent's name.
    pub agent: &'a str,
    /// The customer's last message, as plain text.
    pub message: &'a str,
    /// Since when the customer waits.
    pub waits_since: Option<Timestamp>,
    /// The time.
    pub now: Timestamp,
    /// The zone that times are said in.
    pub zone: &'a TimeZone,
}

impl Values {
    /// The values of a ticket.
    pub fn of(about: &ValueSources<'_>) -> Self {
        let ValueSources { ticket, now, zone, .. } = about;
        let day = |at: Timestamp| at.to_zoned_datetime((*zone).clone());
        let name = |it: &Named<_>| it.name.to_string();
        let contact = about.contact.map(|it| it.name.to_string());
        let email = about.contact.and_then(|it| it.email.as_ref());
        let department = ticket.department.as_ref().map(|it| it.name.to_string());
        let mut values = Self::default();
        let texts = [
            ("agent.first_name", first_name(about.agent)),
            ("agent.name", Some(about.agent.to_owned())),
            ("client.name", ticket.client.as_ref().map(name)),
            ("contact.email", email.map(ToString::to_string)),
            ("contact.first_name", contact.as_deref().and_then(first_name)),
            ("contact.name", contact),
            ("quote", quoted(about.message)),
            ("ticket.created", ticket.created.map(|at| day(at).strftime("%F").to_string())),
            ("ticket.department", department),
            ("ticket.priority", Some(ticket.priority.to_string())),
            ("ticket.project", about.project.map(ToString::to_string)),
            ("ticket.status", Some(ticket.status.title.to_string())),
            ("ticket.subject", Some(ticket.subject.to_string())),
            ("ticket.url", Some(about.url.to_owned())),
            ("today", Some(day(*now).strftime("%F").to_string())),
            ("waiting", about.waits_since.map(|since| span(since, *now))),
            ("weekday", Some(day(*now).strftime("%A").to_string())),
        ];
        for (placeholder, text) in texts {
            values.set(placeholder, PlaceholderValue::Text(text.unwrap_or_default()));
        }
        values.set("ticket.id", PlaceholderValue::Number(ticket.id.0));
        let tags = ticket.tags.iter().map(ToString::to_string).collect();
        values.set("ticket.tags", PlaceholderValue::List(tags));
        values
    }

    /// Sets the value of a placeholder. A blank value counts as none.
    pub fn set(&mut self, placeholder: &'static str, value: PlaceholderValue) {
        let is_blank = match &value {
            PlaceholderValue::Text(text) => text.trim().is_empty(),
            PlaceholderValue::Number(_) => false,
            PlaceholderValue::List(items) => items.iter().all(|it| it.trim().is_empty()),
        };
        if !is_blank {
            self.0.insert(placeholder, value);
        }
    }

    /// All known values, by their placeholders.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &PlaceholderValue)> {
        self.0.iter().map(|(placeholder, value)| (*placeholder, value))
    }
}

/// The first word of a name, without a title before it; that of "Miller, Ann" is "Ann".
fn first_name(name: &str) -> Option<String> {
    const TITLES: [&str; 12] =
        ["dr", "dr.", "herr", "frau", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "prof", "prof."];
    let name = name.split_once(',').map_or(name, |(_, first)| first);
    let is_title = |word: &&str| TITLES.contains(&word.to_lowercase().as_str());
    let mut words = name.split_whitespace().skip_while(is_title);
    words.next().map(str::to_owned)
}

/// A text as Markdown quotes it.
fn quoted(text: &str) -> Option<String> {
    let text = text.trim_matches('\n').trim_end();
    let line = |line: &str| match line.trim_end() {
        "" => ">".to_owned(),
        line => format!("> {line}"),
    };
    (!text.trim().is_empty()).then(|| text.lines().map(line).collect::<Vec<_>>().join("\n"))
}

/// How long something lasts, in words: `40 minutes`, `3 hours`, `2 days`.
fn span(since: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(since).as_mins().max(1);
    let (count, unit) = match (minutes, minutes / 60, minutes / (24 * 60)) {
        (_, _, days) if days >= 2 => (days, "day"),
        (_, hours, _) if hours >= 2 => (hours, "hour"),
        (minutes, ..) => (minutes, "minute"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests;
