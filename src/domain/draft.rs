//! Drafts: texts that the agent has typed and not yet recorded.

mod changes;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Change, ClientId, Department, DraftId, Entry, FieldsChange, Line, Named, NewTicket, Priority,
    Project, ProjectId, ReplyKind, TicketId, columns,
};

pub use changes::{DraftChanges, DraftField};

/// What a draft will become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftKind {
    /// A public reply.
    Reply,
    /// An internal note.
    Note,
    /// A new ticket: the whole form.
    NewTicket,
    /// An edit of a ticket's fields: the whole form.
    Edit,
}

impl DraftKind {
    /// The word for it, as stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
            Self::NewTicket => "new ticket",
            Self::Edit => "edit",
        }
    }
}

/// A draft is bound to its ticket and its kind: a reply never turns up as a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DraftKey {
    /// The ticket. For a new ticket it is `None`. Several new tickets get numbers that no ticket
    /// has, so that texts for two tickets never become one.
    pub ticket: Option<TicketId>,
    /// What it will become.
    pub kind: DraftKind,
    /// 0 for the draft that the ticket's own keys open. A text that was typed at the same time, or
    /// came back later, is kept beside it under another number.
    #[serde(default)]
    pub copy: i64,
}

impl DraftKey {
    /// The key of the draft that is the ticket's own.
    pub fn new(ticket: Option<TicketId>, kind: DraftKind) -> Self {
        Self { ticket, kind, copy: 0 }
    }

    /// The key of a reply or a note to `ticket`.
    pub fn of_post(ticket: Option<TicketId>, kind: ReplyKind) -> Self {
        let kind = if kind == ReplyKind::Note { DraftKind::Note } else { DraftKind::Reply };
        Self::new(ticket, kind)
    }

    /// A key of its own for a new ticket; `number` is not used for another.
    pub fn of_new_ticket(number: i64) -> Self {
        let number = number.saturating_abs().saturating_neg();
        Self::new(Some(TicketId(number)), DraftKind::NewTicket)
    }

    /// The key of a text that is kept beside the draft of this one; `number` is not used for another.
    #[must_use]
    pub fn beside(self, number: i64) -> Self {
        match self.kind {
            DraftKind::NewTicket => Self::of_new_ticket(number),
            _ => Self { copy: number.saturating_abs().max(1), ..self },
        }
    }

    /// The ticket that it is about, as the beginning of a sentence: `#12 `, or nothing.
    pub fn begins(self) -> String {
        self.about().map(|id| format!("{id} ")).unwrap_or_default()
    }

    /// The ticket that the draft is about, if there is one yet.
    pub fn about(self) -> Option<TicketId> {
        self.ticket.filter(|_| self.kind != DraftKind::NewTicket)
    }
}

/// A draft as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The key that it is bound to.
    pub key: DraftKey,
    /// Its number among all drafts ever bound to that key.
    pub id: DraftId,
    /// The text, as typed; for a form, a [`TicketForm`] as JSON.
    pub text: String,
    /// The line (from 0) and the character in it (from 0) where the cursor stood.
    pub cursor: (usize, usize),
    /// When the agent last typed in it.
    pub updated: Timestamp,
    /// The changes that wait beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Box<DraftChanges>>,
}

/// A draft as known to the console that gives it up or records it. A version that somebody has
/// written since is not dropped with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The key that it is bound to.
    pub key: DraftKey,
    /// Which it is.
    pub id: DraftId,
    /// The time stamp of the version that is known here, if another console or an earlier run typed
    /// it.
    pub version: Option<Timestamp>,
}

impl Draft {
    /// The first line of what is typed; of a form its subject, or its message.
    pub fn first_words(&self) -> String {
        match self.key.kind {
            DraftKind::Reply | DraftKind::Note => first_line(&self.text),
            DraftKind::NewTicket | DraftKind::Edit => {
                let form = TicketForm::read(&self.text).unwrap_or_default();
                let texts = [form.subject, form.message].into_iter().flatten();
                texts.map(|text| first_line(&text)).find(|it| !it.is_empty()).unwrap_or_default()
            }
        }
    }

    /// Whether both are the same version, as far as the store can tell: it keeps microseconds.
    pub fn is_version(&self, version: Option<Timestamp>) -> bool {
        version.map(Timestamp::as_microsecond) == Some(self.updated.as_microsecond())
    }
}

/// The first line that is not empty, in short.
pub fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    columns::cut(line, 60).into_owned()
}

/// A console that writes a draft. Meanwhile no other console can write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// The agent's name in the profile; empty where there is none.
    pub agent: String,
    /// The number of its process.
    pub process: u32,
    /// The machine that it runs on.
    pub host: String,
    /// The number of its open store, which no other has: processes of two containers may have the
    /// same number and the same host. 0 where it was not noted.
    #[serde(default)]
    pub console: i64,
    /// When it began to write the draft.
    pub since: Timestamp,
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agent = if self.agent.is_empty() { "another console" } else { &self.agent };
        write!(f, "{agent} ({}@{})", self.process, self.host)
    }
}

/// The fate of a draft that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Whether it was recorded; otherwise it was dropped.
    pub recorded: bool,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Writer,
}

/// Why a draft is another one than a console expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    /// It is gone.
    Gone(Gone),
    /// Another console writes it. With the stored text, if there is one.
    Written(Writer, Option<Draft>),
    /// Another text is stored in its place.
    Newer(Draft),
}

/// The drafts as the store has them, for a console that follows what others do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllDrafts {
    /// All that there are.
    pub drafts: Vec<Draft>,
    /// Those that another console writes.
    pub writers: Vec<(DraftKey, Writer)>,
    /// The fate of the drafts that went last.
    pub gone: Vec<(DraftId, Gone)>,
}

/// The contents of a ticket's form. In the form of an existing ticket, a field that is `None` has
/// the ticket's own value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TicketForm {
    /// The client; only a new ticket asks.
    pub client: Option<Named<ClientId>>,
    /// The department.
    pub department: Option<Department>,
    /// The project.
    pub project: Option<Project>,
    /// Whether there is to be no project.
    pub no_project: bool,
    /// The priority.
    pub priority: Option<Priority>,
    /// The subject.
    pub subject: Option<String>,
    /// The message: Markdown in a new ticket, HTML in one that exists.
    pub message: Option<String>,
    /// Custom fields by their API names.
    pub custom: Vec<(String, String)>,
    /// The ticket's own values in the fields that are changed here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Box<TicketForm>>,
}

impl TicketForm {
    /// Reads what a draft holds; `None` where it is no form.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// As a draft holds it.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether nothing is typed or chosen in it. A priority alone does not count.
    pub fn is_blank(&self) -> bool {
        let blank = |text: &Option<String>| text.as_ref().is_none_or(|it| it.trim().is_empty());
        let chosen = self.client.is_some() || self.department.is_some() || self.project.is_some();
        let typed = !blank(&self.subject) || !blank(&self.message);
        !chosen && !typed && self.custom.iter().all(|(_, text)| text.trim().is_empty())
    }

    /// This form with its missing fields filled in from `ticket`.
    #[must_use]
    pub fn or(self, ticket: Self) -> Self {
        Self {
            client: self.client.or(ticket.client),
            department: self.department.or(ticket.department),
            project: if self.no_project { None } else { self.project.or(ticket.project) },
            no_project: self.no_project,
            priority: self.priority.or(ticket.priority),
            subject: self.subject.or(ticket.subject),
            message: self.message.or(ticket.message),
            custom: if self.custom.is_empty() { ticket.custom } else { self.custom },
            instead_of: None,
        }
    }

    /// The fields in which this form differs from `ticket`; `None` if there are none.
    pub fn differing(&self, ticket: &Self) -> Option<Self> {
        let other = |same: bool| !same;
        let id = |it: &Option<Department>| it.as_ref().map(|it| it.id);
        let department = other(id(&self.department) == id(&ticket.department));
        let project = |it: &Self| it.project.as_ref().map(|it| it.id);
        let project = other(project(self) == project(ticket));
        let priority = other(self.priority == ticket.priority);
        let subject = other(self.subject == ticket.subject);
        let message = other(self.message == ticket.message);
        let pick = |of: &Self| Self {
            department: of.department.clone().filter(|_| department),
            project: of.project.clone().filter(|_| project),
            no_project: project && of.project.is_none(),
            priority: of.priority.filter(|_| priority),
            subject: of.subject.clone().filter(|_| subject),
            message: of.message.clone().filter(|_| message),
            ..Self::default()
        };
        let custom = self.custom.clone();
        let any = department || project || priority || subject || message || !custom.is_empty();
        any.then(|| Self { custom, instead_of: Some(Box::new(pick(ticket))), ..pick(self) })
    }
}

impl From<&NewTicket> for TicketForm {
    fn from(new: &NewTicket) -> Self {
        Self {
            client: Some(new.client.clone()),
            department: Some(new.department.clone()),
            project: new.project.map(unnamed),
            no_project: new.project.is_none(),
            priority: Some(new.priority),
            subject: Some(new.subject.clone()),
            message: Some(new.message.clone()),
            custom: new.custom.clone(),
            instead_of: None,
        }
    }
}

impl From<&FieldsChange> for TicketForm {
    fn from(fields: &FieldsChange) -> Self {
        let FieldsChange { subject, message, department, project, priority } = fields;
        let project = project.as_ref().map(|edit| edit.to);
        Self {
            department: department.as_ref().and_then(|edit| edit.to.clone()),
            project: project.flatten().map(unnamed),
            no_project: project == Some(None),
            priority: priority.as_ref().map(|edit| edit.to),
            subject: subject.as_ref().map(|edit| edit.to.to_string()),
            message: message.as_ref().map(|edit| edit.to.clone()),
            ..Self::default()
        }
    }
}

/// A project whose title is not at hand.
pub fn unnamed(id: ProjectId) -> Project {
    Project { id, title: Line::from_cleaned(id.to_string(), None) }
}

impl Entry {
    /// The text that the agent typed for this change, as the draft that it becomes again if the
    /// change fails. `None` if nothing was typed.
    pub fn draft(&self, at: Timestamp) -> Option<Draft> {
        let (key, text) = match &self.change {
            Change::Post { kind, text } => (DraftKey::of_post(self.ticket, *kind), text.clone()),
            Change::Create(new) => {
                (DraftKey::of_new_ticket(self.id.short()), TicketForm::from(&**new).write())
            }
            // A change that takes an earlier edit back holds no typed text.
            Change::Fields(fields)
                if self.undo.is_none()
                    && (fields.subject.is_some() || fields.message.is_some()) =>
            {
                let key = DraftKey::new(self.ticket, DraftKind::Edit);
                (key, TicketForm::from(&**fields).write())
            }
            _ => return None,
        };
        let id = DraftId(self.id.short().saturating_neg());
        Some(Draft { key, id, text, cursor: (usize::MAX, usize::MAX), updated: at, changes: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_an_edit_back_was_not_typed() {
        let line = |text: &str| Line::from_cleaned(text, None);
        let subject = Some(crate::domain::Edit { from: line("new"), to: line("old") });
        let fields = FieldsChange { subject, ..FieldsChange::default() };
        let entry = |undo| Entry {
            id: crate::domain::EntryId(2),
            step: crate::domain::StepId(2),
            ticket: Some(TicketId(7)),
            change: Change::Fields(Box::new(fields.clone())),
            after: None,
            seen: None,
            stood: None,
            undo,
            queued: Timestamp::UNIX_EPOCH,
            state: crate::domain::State::Queued,
        };
        assert!(entry(None).draft(Timestamp::UNIX_EPOCH).is_some());
        let undo = entry(Some(crate::domain::EntryId(1)));
        assert_eq!(undo.draft(Timestamp::UNIX_EPOCH), None);
    }
}
