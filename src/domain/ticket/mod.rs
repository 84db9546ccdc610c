//! The ticket, as the API's "ticket object" describes it. Beside it: the [`people`] of tickets,
//! their replies, their compact [`rows`], what a profile keeps about them ([`aside`]), the tickets
//! that wait ([`waiting`]), and those that a [`view`] or a [`filter`] shows.

pub mod aside;
mod counted;
pub mod filter;
pub mod narrow;
pub mod people;
pub mod reply;
pub mod rows;
pub mod unreadable;
pub mod view;
pub mod waiting;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use aside::{Aside, AsideChange, LastLook, Shelf, Snooze, WokenBy};
pub use counted::{Counted, Day};
pub use filter::Filter;
pub use narrow::Narrow;
pub use people::{Client, Contact, Directory, Member, Project};
pub use reply::{Reply, ReplyKind};
pub use rows::{Place, PlaceSet, Rows};
pub use unreadable::Unreadable;
pub use view::{ActiveState, Query, Rank, Sort, SortKey, StatusMatch, View};
pub use waiting::{Row, RowRef, ThreadFacts, Waiting, WaitingStatuses};

use crate::domain::{ClientId, DepartmentId, Html, Line, PersonId, ProjectId, StatusId, TicketId};

/// Something with a number and a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Named<Id> {
    /// Its number.
    pub id: Id,
    /// Its name, cleaned.
    pub name: Line,
}

/// A department: a category of type `ticket`.
pub type Department = Named<DepartmentId>;

/// A status with the title that the server gives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Status {
    /// Its number.
    pub id: StatusId,
    /// Its title: administrators rename statuses, so the title is never derived from the number.
    pub title: Line,
}

impl Status {
    /// The statuses that a fresh CRM has, with their usual titles.
    pub fn usual() -> [Self; 5] {
        let status = |id, title: &str| Self { id, title: Line::from_cleaned(title, None) };
        [
            status(StatusId::OPEN, "Open"),
            status(StatusId::CLOSED, "Closed"),
            status(StatusId::ON_HOLD, "On Hold"),
            status(StatusId::ANSWERED, "Answered"),
            status(StatusId::CUSTOMER_REPLIED, "Customer Replied"),
        ]
    }
}

/// How urgent a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// A value that the API does not name; it can be shown and replaced, never sent.
    Unknown,
    /// `normal`
    Normal,
    /// `high`
    High,
    /// `urgent`
    Urgent,
}

impl Priority {
    /// The values that the API takes, mildest first.
    pub const ALL: [Self; 3] = [Self::Normal, Self::High, Self::Urgent];

    /// The word that the API uses for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// The priority that the API's `word` names.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|it| it.as_str() == word).unwrap_or(Self::Unknown)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a ticket came in; the server sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Through the customer portal or by an agent.
    Web,
    /// By mail; such a ticket may have no client, and any subject.
    Email,
    /// A value that the API does not name.
    Unknown,
}

/// A ticket without its opening message: what lists need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its number.
    pub id: TicketId,
    /// Its subject; mailed ones may be empty.
    pub subject: Line,
    /// Where it stands.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// How it came in.
    pub source: Source,
    /// Whether its `active_state` is `archived`.
    pub archived: bool,
    /// Its department; a mailed ticket may have none.
    pub department: Option<Department>,
    /// Its client; a mailed ticket may have none.
    pub client: Option<Named<ClientId>>,
    /// Its project, one of the client's.
    pub project: Option<ProjectId>,
    /// Who opened it: an agent, a contact, or somebody that no look-up knows.
    pub creator: Option<PersonId>,
    /// When it was opened, UTC.
    pub created: Option<Timestamp>,
    /// When an agent last replied or changed it; a customer's mailed reply does not move it.
    pub last_updated: Option<Timestamp>,
    /// When the status last changed.
    pub status_changed: Option<Timestamp>,
    /// How many replies (and notes) there are.
    pub replies_count: u32,
    /// Its tags as the server stores them: lower case, hyphens for spaces, duplicates kept.
    pub tags: Vec<Line>,
}

impl Ticket {
    /// A ticket with nothing known but its number. It counts as open, of normal priority, from the
    /// web.
    pub fn sparse(id: TicketId) -> Self {
        let [open, ..] = Status::usual();
        Self {
            id,
            subject: Line::default(),
            status: open,
            priority: Priority::Normal,
            source: Source::Web,
            archived: false,
            department: None,
            client: None,
            project: None,
            creator: None,
            created: None,
            last_updated: None,
            status_changed: None,
            replies_count: 0,
            tags: Vec::new(),
        }
    }
}

/// A ticket with its opening message, as the API sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullTicket {
    /// All but the message.
    pub ticket: Ticket,
    /// The opening message.
    pub message: Html,
}
