//! Views: which tickets they show, in which order.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Place, Priority, RowRef, Rows, Shelf, WaitingStatuses, filter::Filter};
use crate::domain::{ClientId, DepartmentId, ProjectId, StatusId, TicketId};

/// Which statuses a query takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusMatch {
    /// All of them.
    #[default]
    Any,
    /// Those in which the customer waits.
    Waiting,
    /// All but this one.
    Not(StatusId),
    /// One of these.
    In(Vec<StatusId>),
}

/// Whether active or archived tickets are taken (`active_state`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActiveState {
    /// Those that are not archived.
    #[default]
    Active,
    /// Those that are.
    Archived,
    /// Both.
    Any,
}

impl ActiveState {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Active, Self::Archived, Self::Any];

    /// Whether a ticket is taken.
    pub fn takes(self, archived: bool) -> bool {
        match self {
            Self::Active => !archived,
            Self::Archived => archived,
            Self::Any => true,
        }
    }

    /// What it is called.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Any => "active and archived",
        }
    }
}

/// The conditions that a ticket must meet to be shown. An empty list asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Whether active or archived tickets are taken.
    pub state: ActiveState,
    /// The statuses taken.
    pub status: StatusMatch,
    /// The priorities taken.
    pub priorities: Vec<Priority>,
    /// The departments taken.
    pub departments: Vec<DepartmentId>,
    /// The client, if only one's tickets are wanted.
    pub client: Option<ClientId>,
    /// The project, if only one's tickets are wanted.
    pub project: Option<ProjectId>,
    /// Tags that must all be there.
    pub tags: Vec<String>,
    /// Which of them, by what the profile keeps about them.
    pub shelf: Shelf,
    /// Words that must all be found in number, subject, client, department, status or tags.
    pub text: String,
}

impl Query {
    /// Whether a row meets all conditions but the text.
    pub fn takes(&self, row: RowRef<'_>, waiting: &WaitingStatuses) -> bool {
        // A pinned ticket stays pinned in the archive.
        (self.state.takes(row.archived) || self.shelf.is_passing()) && self.fits(row, waiting)
    }

    /// Whether a row, active or archived, meets all conditions but the text.
    pub fn fits(&self, row: RowRef<'_>, waiting: &WaitingStatuses) -> bool {
        let status = row.status.id;
        let status_fits = match &self.status {
            StatusMatch::Any => true,
            StatusMatch::Waiting => waiting.holds(status),
            StatusMatch::Not(other) => status != *other,
            StatusMatch::In(some) => some.contains(&status),
        };
        self.shelf.takes(row.aside)
            && status_fits
            && (self.priorities.is_empty() || self.priorities.contains(&row.priority))
            && (self.departments.is_empty()
                || row.department.is_some_and(|it| self.departments.contains(&it.id)))
            && (self.client.is_none() || row.client.map(|it| it.id) == self.client)
            && (self.project.is_none() || row.project == self.project)
            && self.tags.iter().all(|tag| row.tags.iter().any(|it| it.as_str() == tag))
    }
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// First the tickets whose wait is known exactly, the longest wait at the top. Then those whose
    /// wait is only estimated, by their last change. Then those that don't wait.
    Waiting,
    /// When the ticket last changed (or was created), newest first.
    #[default]
    Updated,
    /// When the ticket was created, newest first.
    Created,
    /// Urgent first, then by waiting time.
    Priority,
    /// By the status's number.
    Status,
    /// When its snooze ends, soonest first. Then those that only a message wakes.
    Wake,
}

impl SortKey {
    /// Those that make sense in every view, in the order in which they are offered.
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::Updated, Self::Created, Self::Priority, Self::Status];

    /// Its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Updated => "updated",
            Self::Created => "created",
            Self::Priority => "priority",
            Self::Status => "status",
            Self::Wake => "wake",
        }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// What it is sorted by.
    pub key: SortKey,
    /// The other way round.
    #[serde(default)]
    pub reversed: bool,
}

impl Sort {
    /// Sorted by `key`, its natural way.
    pub fn by(key: SortKey) -> Self {
        Self { key, reversed: false }
    }

    /// The same the other way round.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { reversed: !self.reversed, ..self }
    }

    /// What stands at the top of a list in this order.
    pub fn words(self) -> &'static str {
        match (self.key, self.reversed) {
            (SortKey::Waiting, false) => "longest wait first",
            (SortKey::Waiting, true) => "shortest wait first",
            (SortKey::Updated, false) => "latest change first",
            (SortKey::Updated, true) => "oldest change first",
            (SortKey::Created, false) => "newest first",
            (SortKey::Created, true) => "oldest first",
            (SortKey::Priority, false) => "most urgent first",
            (SortKey::Priority, true) => "least urgent first",
            (SortKey::Status, false) => "by status",
            (SortKey::Status, true) => "by status, reversed",
            (SortKey::Wake, false) => "next to wake first",
            (SortKey::Wake, true) => "last to wake first",
        }
    }

    /// Where a row comes in this order. Rows that are otherwise equal are told apart by number, the
    /// newest first, so that the order never flickers.
    pub fn rank(self, row: RowRef<'_>, waiting: &WaitingStatuses) -> Rank {
        let micros = |at: Option<Timestamp>| at.map_or(i64::MIN, Timestamp::as_microsecond);
        let newest_first = |at: Option<Timestamp>| !micros(at);
        let wait = || {
            row.wait_for_order(waiting)
                .map_or((2, i64::MAX), |(exact, since)| (i64::from(!exact), since.as_microsecond()))
        };
        let (first, (kind, second)) = match self.key {
            SortKey::Waiting => (0, wait()),
            SortKey::Updated => (newest_first(row.updated()), (0, 0)),
            SortKey::Created => (newest_first(row.created), (0, 0)),
            SortKey::Priority => (!(row.priority as i64), wait()),
            SortKey::Status => (row.status.id.0, (0, 0)),
            SortKey::Wake => {
                let until = row.aside.snooze.and_then(|snooze| snooze.until);
                (until.map_or(i64::MAX, Timestamp::as_microsecond), (0, 0))
            }
        };
        // `!` turns an order of whole numbers round, and unlike a minus never overflows.
        let turned = |it: i64| if self.reversed { !it } else { it };
        // Rows with an estimated wait don't come first in the reversed order either.
        Rank(turned(first), kind, turned(second), Reverse(row.id))
    }
}

/// A row's place in an order: the smaller comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(i64, i64, i64, Reverse<TicketId>);

/// A named query with its order: a tab of the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The name on its tab.
    pub name: String,
    /// What it shows.
    #[serde(default)]
    pub query: Query,
    /// In which order.
    #[serde(default)]
    pub sort: Sort,
}

impl View {
    /// The seven views that everybody has, in the order of their keys.
    ///
    /// A status that no view names is found in All.
    pub fn builtin() -> Vec<Self> {
        let view =
            |name: &str, sort, query| Self { name: name.into(), query, sort: Sort::by(sort) };
        let status = |status| Query { status, shelf: Shelf::Awake, ..Query::default() };
        let closed = StatusMatch::In(vec![StatusId::CLOSED]);
        vec![
            view("Needs reply", SortKey::Waiting, status(StatusMatch::Waiting)),
            view(
                "Urgent",
                SortKey::Waiting,
                Query {
                    priorities: vec![Priority::Urgent],
                    ..status(StatusMatch::Not(StatusId::CLOSED))
                },
            ),
            view("On hold", SortKey::Updated, status(StatusMatch::In(vec![StatusId::ON_HOLD]))),
            view("Answered", SortKey::Updated, status(StatusMatch::In(vec![StatusId::ANSWERED]))),
            view("Closed", SortKey::Updated, Query { shelf: Shelf::Any, ..status(closed) }),
            view("All", SortKey::Updated, Query::default()),
            view(
                "Archived",
                SortKey::Updated,
                Query { state: ActiveState::Archived, ..Query::default() },
            ),
        ]
    }

    /// The views of the console: those that everybody has, the user's `own`, and those that are
    /// there only while they have tickets. The last come last, so that each view keeps its key.
    pub fn all(own: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let passing = |name: &str, shelf, sort| Self {
            name: name.into(),
            query: Query { shelf, ..Query::default() },
            sort: Sort::by(sort),
        };
        let mut views = Self::builtin();
        views.extend(own);
        views.push(passing("Snoozed", Shelf::Snoozed, SortKey::Wake));
        views.push(passing("Pinned", Shelf::Pinned, SortKey::Updated));
        views
    }

    /// Whether the view shows a row.
    pub fn takes(&self, row: RowRef<'_>, waiting: &WaitingStatuses) -> bool {
        self.query.takes(row, waiting)
            && (self.query.text.is_empty() || Filter::of(&self.query.text).takes(row))
    }

    /// Whether the view shows the row at a place.
    pub fn takes_at(&self, place: Place, rows: &Rows, waiting: &WaitingStatuses) -> bool {
        rows.at(place).is_some_and(|row| self.takes(row, waiting))
    }

    /// The tickets that the view shows, in its order.
    pub fn select(&self, rows: &Rows, waiting: &WaitingStatuses) -> Vec<Place> {
        let takes = |row| self.query.takes(row, waiting);
        let ranked = rows.iter().filter(|(_, row)| takes(*row));
        let ranked = ranked.map(|(place, row)| (self.sort.rank(row, waiting), place));
        let mut ranked: Vec<(Rank, Place)> = ranked.collect();
        ranked.sort_unstable();
        let places: Vec<Place> = ranked.into_iter().map(|(_, place)| place).collect();
        Filter::of(&self.query.text).among(rows, &places)
    }
}
