//! Drafts: what the agent has typed and not yet recorded.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Change, ClientId, Department, Entry, FieldsChange, Line, Named, NewTicket, Priority, Project,
    ProjectId, ReplyKind, TicketId,
};

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
    /// The ticket. For a new one `None`, or a number of no ticket's where there are several: what was
    /// typed for two tickets never becomes one.
    pub ticket: Option<TicketId>,
    /// What it will become.
    pub kind: DraftKind,
}

impl DraftKey {
    /// The key of a reply or a note to `ticket`.
    pub fn of_post(ticket: Option<TicketId>, kind: ReplyKind) -> Self {
        let kind = if kind == ReplyKind::Note { DraftKind::Note } else { DraftKind::Reply };
        Self { ticket, kind }
    }

    /// A key of its own for a new ticket; `number` is not used for another.
    pub fn of_new_ticket(number: i64) -> Self {
        let number = number.saturating_abs().saturating_neg();
        Self { ticket: Some(TicketId(number)), kind: DraftKind::NewTicket }
    }

    /// The ticket that the draft is about, if there is one yet.
    pub fn about(self) -> Option<TicketId> {
        self.ticket.filter(|_| self.kind != DraftKind::NewTicket)
    }
}

/// A draft as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What it is bound to.
    pub key: DraftKey,
    /// The text, as typed; for a form, a [`TicketForm`] as JSON.
    pub text: String,
    /// The line (from 0) and the character in it (from 0) where the cursor stood.
    pub cursor: (usize, usize),
    /// When the agent last typed in it.
    pub updated: Timestamp,
}

/// The version of a draft that whoever gives it up knows of: what others wrote since is not theirs
/// to drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which draft.
    pub key: DraftKey,
    /// When the version of another console, or of an earlier run, was typed that is known here.
    pub version: Option<Timestamp>,
}

impl Draft {
    /// This text and what was typed under the same key `meanwhile`, as one draft: no word of either
    /// is lost, and where one goes on from the other it stands there once.
    #[must_use]
    pub fn join(self, meanwhile: &Self) -> Self {
        let text = match self.key.kind {
            DraftKind::Reply | DraftKind::Note => join(&self.text, &meanwhile.text),
            DraftKind::NewTicket | DraftKind::Edit => {
                match (TicketForm::read(&self.text), TicketForm::read(&meanwhile.text)) {
                    (Some(first), Some(second)) => first.join(second).write(),
                    (_, Some(second)) => second.write(),
                    _ => self.text,
                }
            }
        };
        Self { text, cursor: (usize::MAX, 0), ..self }
    }

    /// Whether both are the same version, as far as the store can tell: it keeps microseconds.
    pub fn is_version(&self, version: Option<Timestamp>) -> bool {
        version.map(Timestamp::as_microsecond) == Some(self.updated.as_microsecond())
    }
}

fn join(first: &str, second: &str) -> String {
    if first.trim().is_empty() || goes_on_from(second, first) {
        second.to_owned()
    } else if second.trim().is_empty() || goes_on_from(first, second.trim_end()) {
        first.to_owned()
    } else {
        format!("{first}\n\n{second}")
    }
}

/// Whether `text` begins or ends with all the words of `part`.
fn goes_on_from(text: &str, part: &str) -> bool {
    let apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    text.strip_prefix(part).is_some_and(|rest| apart(rest.chars().next()))
        || text.strip_suffix(part).is_some_and(|rest| apart(rest.chars().next_back()))
}

/// What is typed in the form of a ticket. In that of a ticket that exists, what is `None` is as the
/// ticket has it.
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
    /// What the ticket had in the fields that are changed here.
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

    /// What is missing here, as `ticket` has it.
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

    /// What is other here than `ticket` has it; `None` where nothing is.
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

    /// What was chosen later counts; of the texts, both.
    fn join(self, later: Self) -> Self {
        let texts = |first: Option<String>, second: Option<String>| match (first, second) {
            (Some(first), Some(second)) => Some(join(&first, &second)),
            (first, second) => second.or(first),
        };
        let message = texts(self.message.clone(), later.message.clone());
        let subject = later.subject.clone().filter(|it| !it.trim().is_empty());
        Self { message, subject: subject.or(self.subject.clone()), ..later.or(self) }
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
        let project = fields.project.as_ref().map(|edit| edit.to);
        Self {
            department: fields.department.as_ref().and_then(|edit| edit.to.clone()),
            project: project.flatten().map(unnamed),
            no_project: project == Some(None),
            priority: fields.priority.as_ref().map(|edit| edit.to),
            subject: fields.subject.as_ref().map(|edit| edit.to.to_string()),
            message: fields.message.as_ref().map(|edit| edit.to.clone()),
            ..Self::default()
        }
    }
}

/// A project whose title is not at hand.
pub fn unnamed(id: ProjectId) -> Project {
    Project { id, title: Line::from_cleaned(id.to_string(), None) }
}

impl Entry {
    /// What the agent typed for this change, as the draft that it goes back to when the change comes
    /// to nothing; `None` where nothing was typed.
    pub fn draft(&self, at: Timestamp) -> Option<Draft> {
        let (key, text) = match &self.change {
            Change::Post { kind, text } => (DraftKey::of_post(self.ticket, *kind), text.clone()),
            Change::Create(new) => {
                (DraftKey::of_new_ticket(self.id.0), TicketForm::from(&**new).write())
            }
            // Nothing was typed where an earlier edit is taken back.
            Change::Fields(fields)
                if self.undo.is_none()
                    && (fields.subject.is_some() || fields.message.is_some()) =>
            {
                let key = DraftKey { ticket: self.ticket, kind: DraftKind::Edit };
                (key, TicketForm::from(&**fields).write())
            }
            _ => return None,
        };
        Some(Draft { key, text, cursor: (usize::MAX, 0), updated: at })
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

    fn draft(kind: DraftKind, text: &str) -> Draft {
        let key = DraftKey { ticket: Some(TicketId(7)), kind };
        Draft { key, text: text.into(), cursor: (0, 0), updated: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn joined_texts_hold_every_word_once() {
        let joined = |first: &str, second: &str| {
            draft(DraftKind::Reply, first).join(&draft(DraftKind::Reply, second)).text
        };
        assert_eq!(joined("one", "two"), "one\n\ntwo");
        assert_eq!(joined("one", "one and more"), "one and more");
        assert_eq!(joined("one and more", "one"), "one and more");
        assert_eq!(joined("one", " "), "one");
        assert_eq!(joined("Yes", "Yesterday"), "Yes\n\nYesterday");
        assert_eq!(joined("ok", "It broke"), "ok\n\nIt broke");
        assert_eq!(joined("two", "one\n\ntwo"), "one\n\ntwo");
    }

    #[test]
    fn joined_forms_are_still_a_form() {
        let form = |subject: &str, message: &str| TicketForm {
            subject: Some(subject.into()),
            message: Some(message.into()),
            ..TicketForm::default()
        };
        let one = draft(DraftKind::Edit, &form("First", "Alpha").write());
        let two = draft(DraftKind::Edit, &form(" ", "Beta").write());
        let joined = TicketForm::read(&one.clone().join(&two).text).expect("a form");
        assert_eq!(joined, form("First", "Alpha\n\nBeta"));
        let broken = draft(DraftKind::Edit, "{");
        assert_eq!(broken.clone().join(&one).text, one.text);
        assert_eq!(one.clone().join(&broken).text, one.text);
    }
}
