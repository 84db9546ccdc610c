//! The fields of a form, and what can be chosen for them.

use super::command::Command;
use crate::domain::{
    ActiveState, ClientId, Department, Line, Link, Named, PipeCommand, Priority, Project, Sort,
    Status,
};

/// A field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Whose ticket it is; only a new one asks.
    Client,
    /// Where it goes.
    Department,
    /// One of the client's projects.
    Project,
    /// How much it presses.
    Priority,
    /// The subject.
    Subject,
    /// The opening message.
    Message,
    /// A custom field, by its position among them.
    Custom(usize),
}

impl Field {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Client => "Client",
            Self::Department => "Department",
            Self::Project => "Project",
            Self::Priority => "Priority",
            Self::Subject => "Subject",
            Self::Message => "Message",
            Self::Custom(_) => "Custom field",
        }
    }

    /// What the API calls it; its field errors come under this name.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Client => "ticket_clientid",
            Self::Department => "ticket_categoryid",
            Self::Project => "ticket_projectid",
            Self::Priority => "ticket_priority",
            Self::Subject => "ticket_subject",
            Self::Message => "ticket_message",
            Self::Custom(_) => "",
        }
    }
}

/// A field of the filter of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The statuses.
    Status,
    /// The priorities.
    Priority,
    /// The departments.
    Department,
    /// The client.
    Client,
    /// The project.
    Project,
    /// The tags.
    Tags,
    /// Whether active or archived.
    State,
    /// The words.
    Words,
}

impl By {
    /// Every one, in its order in the form.
    pub const ALL: [Self; 8] = [
        Self::Status,
        Self::Priority,
        Self::Department,
        Self::Client,
        Self::Project,
        Self::Tags,
        Self::State,
        Self::Words,
    ];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Priority => "Priority",
            Self::Department => "Department",
            Self::Client => "Client",
            Self::Project => "Project",
            Self::Tags => "Tags",
            Self::State => "State",
            Self::Words => "Words",
        }
    }

    /// Whether several values can be chosen.
    pub fn takes_several(self) -> bool {
        matches!(self, Self::Status | Self::Priority | Self::Department | Self::Tags)
    }
}

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A status.
    Status(Status),
    /// A priority.
    Priority(Priority),
    /// A department.
    Department(Department),
    /// A tag that is in use.
    Tag(Line),
    /// A tag that is not in use yet.
    NewTag(Line),
    /// A client.
    Client(Named<ClientId>),
    /// A project, or none.
    Project(Option<Project>),
    /// Any client.
    AnyClient,
    /// Whether active or archived; `None` leaves it to the view.
    State(Option<ActiveState>),
    /// A choice of a custom field; empty for none.
    Custom(String),
    /// An order.
    Sort(Sort),
    /// A link.
    Link(Link),
    /// A command that reads a conversation.
    Pipe(PipeCommand),
    /// The same, as it was typed.
    CommandLine(String),
    /// A command.
    Command(Command),
}
