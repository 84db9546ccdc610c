//! Actions: the agent's wishes, without the values that were there before.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    Change, Department, Line, NewTicket, Priority, ProjectId, ReplyId, ReplyKind, Sight, Status,
    TagsChange, TicketId,
};

/// A wish of an agent for each of some tickets. One action is one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Any of these, in this order: a text is posted; fields, tags and the archive are set; the
    /// status is set.
    Set(Box<Wish>),
    /// A reply is deleted for good.
    DeleteReply {
        /// Which.
        reply: ReplyId,
        /// Its text as it was on screen, for the log.
        text: Option<String>,
    },
    /// The ticket and its conversation are deleted for good.
    DeleteTicket,
    /// A ticket is created.
    Create(Box<NewTicket>),
}

/// The wanted values of an existing ticket. A part that is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// A reply or a note.
    pub text: Option<Text>,
    /// Fields that one PATCH sets.
    pub fields: Fields,
    /// Tags.
    pub tags: Option<Tags>,
    /// Archived (`true`) or restored.
    pub archived: Option<bool>,
    /// The status.
    pub status: Option<Status>,
}

/// A reply or a note for each target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Who may read it; never [`ReplyKind::Unknown`].
    pub kind: ReplyKind,
    /// The words, Markdown.
    pub words: Words,
    /// The ticket as the agent saw it when writing, if that is older than the plan.
    pub sight: Sight,
}

/// The words of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// The same for all targets.
    Same(String),
    /// Each target's own, or the gap that holds it back.
    Each(BTreeMap<TicketId, Result<String, Gap>>),
}

/// A gap in a text: the name of a missing value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap(pub String);

/// Fields to set. A field that is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The subject, 250 characters at most.
    pub subject: Option<Line>,
    /// The opening message, HTML.
    pub message: Option<String>,
    /// The department.
    pub department: Option<Department>,
    /// The project; `Some(None)` clears it.
    pub project: Option<Option<ProjectId>>,
    /// The priority.
    pub priority: Option<Priority>,
}

/// Tags to set, each as the server stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// Some tags come, some go, all others stay.
    Change {
        /// Tags that are to be there.
        add: Vec<Line>,
        /// Tags that are to go.
        remove: Vec<Line>,
    },
    /// These and no others.
    Replace(Vec<Line>),
}

impl Action {
    /// The action that sets the status.
    pub fn status(to: Status) -> Self {
        Wish { status: Some(to), ..Wish::default() }.into()
    }

    /// The action that sets fields.
    pub fn fields(fields: Fields) -> Self {
        Wish { fields, ..Wish::default() }.into()
    }

    /// The action that sets tags.
    pub fn tags(tags: Tags) -> Self {
        Wish { tags: Some(tags), ..Wish::default() }.into()
    }

    /// The action that archives (`true`) or restores.
    pub fn archived(to: bool) -> Self {
        Wish { archived: Some(to), ..Wish::default() }.into()
    }

    /// The action that posts the same text to each target, and sets the status after it.
    pub fn post(kind: ReplyKind, text: String, sight: Sight, then: Option<Status>) -> Self {
        let text = Text { kind, words: Words::Same(text), sight };
        Wish { text: Some(text), status: then, ..Wish::default() }.into()
    }

    /// What is wanted, in a few words: "status Closed".
    pub fn describe(&self) -> String {
        let wish = match self {
            Self::Set(wish) => wish,
            Self::DeleteReply { reply, .. } => return format!("delete the reply {reply}"),
            Self::DeleteTicket => return "delete".into(),
            Self::Create(_) => return "new ticket".into(),
        };
        let Wish { text, fields, tags, archived, status } = wish.as_ref();
        let Fields { subject, message, department, project, priority } = fields;
        let tags = tags.as_ref().map(|tags| match tags {
            Tags::Change { add, remove } => {
                let tags = TagsChange { add: add.clone(), remove: remove.clone() };
                Change::Tags(tags).describe()
            }
            Tags::Replace(to) => {
                let to: Vec<&str> = to.iter().map(Line::as_str).collect();
                if to.is_empty() { "no tags".into() } else { format!("tags {}", to.join(" ")) }
            }
        });
        let parts = [
            text.as_ref().map(|text| text.kind.as_str().to_owned()),
            priority.map(|to| format!("priority {to}")),
            department.as_ref().map(|to| format!("department {}", to.name)),
            project.map(|to| to.map_or("no project".into(), |to| format!("project {to}"))),
            subject.as_ref().map(|_| "subject".into()),
            message.as_ref().map(|_| "message".into()),
            tags,
            archived.map(|to| if to { "archive" } else { "restore" }.into()),
            status.as_ref().map(|to| format!("status {}", to.title)),
        ];
        parts.into_iter().flatten().collect::<Vec<String>>().join(", ")
    }

    /// The words for a target that is already as this action wants it: the end of a sentence that
    /// begins with the ticket. `None` if that goes without saying.
    pub fn so_already(&self) -> Option<String> {
        let Self::Set(wish) = self else { return None };
        let Wish { fields, status, archived, .. } = wish.as_ref();
        match (status, fields.priority, &fields.department, archived) {
            (Some(to), ..) => Some(format!("is {} already", to.title)),
            (_, Some(to), ..) => Some(format!("is {to} already")),
            (_, _, Some(to), _) => Some(format!("is in {} already", to.name)),
            (.., Some(true)) => Some("is archived already".into()),
            (.., Some(false)) => Some("is active already".into()),
            _ => (*fields != Fields::default()).then(|| "is so already".into()),
        }
    }
}

impl From<Wish> for Action {
    fn from(wish: Wish) -> Self {
        Self::Set(Box::new(wish))
    }
}

/// The tickets that an action is about: each once, in the order in which they were named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// Tickets that exist.
    Tickets(Vec<TicketId>),
    /// One that is to be created.
    New,
}

impl Targets {
    /// One ticket.
    pub fn one(id: TicketId) -> Self {
        Self::Tickets(vec![id])
    }

    /// Several tickets. One that is named twice is one target.
    pub fn of(ids: impl IntoIterator<Item = TicketId>) -> Self {
        let mut known = BTreeSet::new();
        Self::Tickets(ids.into_iter().filter(|id| known.insert(*id)).collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Tickets(ids) => ids.len(),
            Self::New => 1,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
