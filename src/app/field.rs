//! The fields of a form, and what can be chosen for them.

use super::command::Command;
use crate::domain::{ClientId, Department, Line, Link, Named, Priority, Project, Sort, Status};

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
    /// A custom field that the server asked for.
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
    /// An order.
    Sort(Sort),
    /// A link.
    Link(Link),
    /// A command.
    Command(Command),
}
