//! The server's lists, as the upkeep reads them: stretch by stretch.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{FullTicket, StatusId, Ticket, TicketId};

/// One of the server's lists of tickets, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerList {
    /// The active ones in this status.
    Status(StatusId),
    /// All active ones.
    Active,
    /// All archived ones.
    Archived,
}

impl ServerList {
    /// The condition that a ticket of the list meets; `?1` is the status. It names the terms of the
    /// index that serves it.
    pub(super) fn condition(self) -> &'static str {
        match self {
            Self::Status(StatusId::CLOSED) => "archived = 0 AND status_id = ?1",
            Self::Status(_) => "archived = 0 AND status_id <> 2 AND status_id = ?1",
            Self::Active => "archived = 0 AND ?1 IS NULL",
            Self::Archived => "archived = 1 AND ?1 IS NULL",
        }
    }

    pub(super) fn status(self) -> Option<i64> {
        match self {
            Self::Status(status) => Some(status.0),
            Self::Active | Self::Archived => None,
        }
    }
}

/// Where a ticket stands in a list: when it was created, in microseconds since 1970, and its number.
/// Those without a time come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position(pub(super) i64, pub(super) i64);

impl Position {
    /// The ticket's number.
    pub fn id(self) -> TicketId {
        TicketId(self.1)
    }

    /// The time of those without one; the tables' indexes name it too.
    pub(super) const NO_TIME: i64 = -9_000_000_000_000_000_000;

    /// A ticket's place.
    pub fn of(ticket: &Ticket) -> Self {
        Self(ticket.created.map_or(Self::NO_TIME, Timestamp::as_microsecond), ticket.id.0)
    }
}

/// A stretch of a list that a page shows completely. Other tickets that the mirror has in it are in
/// doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The list.
    pub list: ServerList,
    /// It begins after this place; `None` is the top.
    pub after: Option<Position>,
    /// It ends before this place; `None` is the end of the list.
    pub before: Option<Position>,
}

/// A page of a list, to be stored.
#[derive(Clone, Debug)]
pub struct ListedPage {
    /// What it shows.
    pub tickets: Vec<FullTicket>,
    /// The stretch that it shows completely.
    pub span: Option<Span>,
    /// [`Store::revision`](crate::store::Store::revision) when it was asked for. Tickets stored
    /// since then are newer.
    pub since: i64,
}
