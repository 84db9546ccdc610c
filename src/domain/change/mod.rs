//! Changes: one mechanism shows them at once, sends them later, takes them back and puts them
//! right.
//!
//! [`conflict`] compares a change with the server's ticket, [`inverse`] takes it back, [`trace`]
//! words it for the log, and [`sight`] is the agent's view of the ticket.

pub mod conflict;
pub mod inverse;
mod same;
pub mod seen;
pub mod sight;
pub mod trace;

use serde::{Deserialize, Serialize};

use crate::domain::{
    ClientId, Department, FullTicket, Html, Line, Named, Priority, ProjectId, ReplyId, ReplyKind,
    Status, Ticket,
};

/// A value before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit<T> {
    /// What the agent saw.
    pub from: T,
    /// What the agent wants.
    pub to: T,
}

impl<T: Clone> Edit<T> {
    fn inverse(&self) -> Self {
        Self { from: self.to.clone(), to: self.from.clone() }
    }
}

/// Fields that one PATCH sets. A field that is `None` is sent back as the server holds it then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldsChange {
    /// The subject, 250 characters at most.
    pub subject: Option<Edit<Line>>,
    /// The opening message, HTML.
    pub message: Option<Edit<String>>,
    /// The department.
    pub department: Option<Edit<Option<Department>>>,
    /// The project; `None` clears it.
    pub project: Option<Edit<Option<ProjectId>>>,
    /// The priority.
    pub priority: Option<Edit<Priority>>,
}

impl FieldsChange {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A tag as the server stores it: in small letters, with hyphens for spaces. Spaces around it are no
/// part of it.
pub fn stored_tag(typed: &str) -> String {
    typed.trim().to_lowercase().replace(' ', "-")
}

/// Tags to add and to remove, relative to the server's tags at the time of sending. A tag that is
/// named twice is to be there twice, since the server keeps duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagsChange {
    /// Tags that are to be there.
    pub add: Vec<Line>,
    /// Tags that are to go.
    pub remove: Vec<Line>,
}

impl TagsChange {
    /// The tags that `tags` become.
    pub fn apply(&self, tags: &[Line]) -> Vec<Line> {
        let mut out: Vec<Line> =
            tags.iter().filter(|tag| !self.remove.contains(tag)).cloned().collect();
        let count = |tags: &[Line], tag| tags.iter().filter(|it| *it == tag).count();
        for tag in &self.add {
            if count(&out, tag) < count(&self.add, tag) {
                out.push(tag.clone());
            }
        }
        out
    }
}

/// A ticket to be created (the API page, "Create a ticket").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTicket {
    /// Whose it is.
    pub client: Named<ClientId>,
    /// Where it goes.
    pub department: Department,
    /// Its project, one of the client's.
    pub project: Option<ProjectId>,
    /// Its subject, 250 characters at most.
    pub subject: String,
    /// Its opening message as the agent typed it, Markdown.
    pub message: String,
    /// How urgent it is.
    pub priority: Priority,
    /// Custom fields that the installation asks for, by the API's field names.
    #[serde(default)]
    pub custom: Vec<(String, String)>,
}

/// One change that the agent asks of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The status.
    Status(Edit<Status>),
    /// Department, project, subject, message, priority.
    Fields(Box<FieldsChange>),
    /// Tags.
    Tags(TagsChange),
    /// Archived (`true`) or restored.
    Archived(bool),
    /// A reply or a note, as the agent typed it, Markdown.
    Post {
        /// Who may read it; never [`ReplyKind::Unknown`].
        kind: ReplyKind,
        /// The text, Markdown.
        text: String,
    },
    /// A reply is deleted, for good.
    DeleteReply(ReplyId),
    /// The ticket and its conversation are deleted, for good.
    DeleteTicket,
    /// A ticket is created.
    Create(Box<NewTicket>),
}

impl Change {
    /// Whether it is held for some seconds. It can be taken back only during these seconds.
    pub fn is_held(&self) -> bool {
        matches!(self, Self::Post { .. } | Self::DeleteReply(_) | Self::DeleteTicket)
    }

    /// Whether sending it twice does no harm (a PUT, a PATCH or a DELETE).
    pub fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Post { .. } | Self::Create(_))
    }

    /// Shows the change on a ticket before the server has confirmed it.
    pub fn apply(&self, ticket: &mut Ticket) {
        match self {
            Self::Status(edit) => ticket.status = edit.to.clone(),
            Self::Fields(fields) => {
                // A row holds no message.
                let FieldsChange { subject, message: _, department, project, priority } = &**fields;
                if let Some(edit) = subject {
                    ticket.subject.clone_from(&edit.to);
                }
                if let Some(edit) = department {
                    ticket.department.clone_from(&edit.to);
                }
                if let Some(edit) = project {
                    ticket.project = edit.to;
                }
                if let Some(edit) = priority {
                    ticket.priority = edit.to;
                }
            }
            Self::Tags(tags) => ticket.tags = tags.apply(&ticket.tags),
            Self::Archived(archived) => ticket.archived = *archived,
            Self::Post { .. } | Self::DeleteReply(_) | Self::DeleteTicket | Self::Create(_) => {}
        }
    }

    /// As [`Self::apply`], with the opening message.
    pub fn apply_to_all(&self, full: &mut FullTicket) {
        self.apply(&mut full.ticket);
        if let Self::Fields(fields) = self
            && let Some(edit) = &fields.message
        {
            full.message = Html::new(edit.to.as_str());
        }
    }

    /// What it does, for people: "status Closed".
    pub fn describe(&self) -> String {
        match self {
            Self::Status(edit) => format!("status {}", edit.to.title),
            Self::Fields(fields) => describe_fields(fields),
            Self::Tags(tags) => {
                let signed = |sign: char, tags: &[Line]| -> Vec<String> {
                    tags.iter().map(|tag| format!("{sign}{tag}")).collect()
                };
                let all = [signed('+', &tags.add), signed('-', &tags.remove)].concat();
                format!("tags {}", all.join(" "))
            }
            Self::Archived(true) => "archive".into(),
            Self::Archived(false) => "restore".into(),
            Self::Post { kind: ReplyKind::Note, .. } => "note".into(),
            Self::Post { .. } => "reply".into(),
            Self::DeleteReply(reply) => format!("delete reply {reply}"),
            Self::DeleteTicket => "delete the ticket".into(),
            Self::Create(_) => "create a ticket".into(),
        }
    }

    /// What has been done with it, for people: "status set to Closed".
    pub fn describe_done(&self) -> String {
        let named =
            |tags: &[Line]| tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>().join(", ");
        match self {
            Self::Status(edit) => format!("status set to {}", edit.to.title),
            Self::Fields(fields) => describe_done_fields(fields),
            Self::Tags(TagsChange { add, remove }) => match (add.is_empty(), remove.is_empty()) {
                (_, true) => format!("tagged {}", named(add)),
                (true, false) => format!("tags removed: {}", named(remove)),
                _ => format!("tagged {}; tags removed: {}", named(add), named(remove)),
            },
            Self::Archived(true) => "archived".into(),
            Self::Archived(false) => "restored".into(),
            Self::Post { kind: ReplyKind::Note, .. } => "note written".into(),
            Self::Post { .. } => "reply written".into(),
            Self::DeleteReply(reply) => format!("reply {reply} deleted"),
            Self::DeleteTicket => "deleted".into(),
            Self::Create(_) => "ticket created".into(),
        }
    }
}

fn describe_done_fields(fields: &FieldsChange) -> String {
    let FieldsChange { subject, message, department, project, priority } = fields;
    let mut parts = Vec::new();
    if let Some(edit) = priority {
        parts.push(format!("priority set to {}", edit.to));
    }
    if let Some(edit) = department {
        parts.push(match &edit.to {
            Some(to) => format!("moved to {}", to.name),
            None => "taken out of its department".into(),
        });
    }
    let others = [
        (subject.is_some(), "subject"),
        (message.is_some(), "message"),
        (project.is_some(), "project"),
    ];
    let others: Vec<&str> = others.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect();
    if !others.is_empty() {
        parts.push(format!("{} changed", others.join(" and ")));
    }
    parts.join(", ")
}

fn describe_fields(fields: &FieldsChange) -> String {
    let FieldsChange { subject, message, department, project, priority } = fields;
    let mut parts = Vec::new();
    if let Some(edit) = priority {
        parts.push(format!("priority {}", edit.to));
    }
    if let Some(edit) = department {
        parts.push(match &edit.to {
            Some(to) => format!("department {}", to.name),
            None => "no department".into(),
        });
    }
    if subject.is_some() {
        parts.push("subject".into());
    }
    if message.is_some() {
        parts.push("message".into());
    }
    if project.is_some() {
        parts.push("project".into());
    }
    parts.join(", ")
}
