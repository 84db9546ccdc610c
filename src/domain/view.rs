//! Views: which tickets they show, in which order.

use std::cmp::{Ordering, Reverse};

use serde::{Deserialize, Serialize};

use super::{
    ClientId, DepartmentId, Priority, ProjectId, StatusId, TicketId, WaitingStatuses,
    fuzzy::Search, waiting::Row,
};

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

/// What a ticket must have to be shown. An empty list asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Archived tickets instead of active ones.
    pub archived: bool,
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
    /// Words that must all be found in number, subject, client, department, status or tags.
    pub text: String,
}

impl Query {
    /// Whether everything but the text is as asked.
    pub fn takes(&self, row: &Row, waiting: &WaitingStatuses) -> bool {
        let ticket = &row.ticket;
        let status = ticket.status.id;
        let status_fits = match &self.status {
            StatusMatch::Any => true,
            StatusMatch::Waiting => waiting.holds(status),
            StatusMatch::Not(other) => status != *other,
            StatusMatch::In(some) => some.contains(&status),
        };
        let department = ticket.department.as_ref().map(|it| it.id);
        let client = ticket.client.as_ref().map(|it| it.id);
        ticket.archived == self.archived
            && status_fits
            && (self.priorities.is_empty() || self.priorities.contains(&ticket.priority))
            && (self.departments.is_empty()
                || department.is_some_and(|id| self.departments.contains(&id)))
            && (self.client.is_none() || client == self.client)
            && (self.project.is_none() || ticket.project == self.project)
            && self.tags.iter().all(|tag| ticket.tags.iter().any(|it| it.as_str() == tag))
    }
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// How long the customer waits, longest first; those who don't wait come last.
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

    /// Compares two rows; equal ones are told apart by number, so that the order never flickers.
    pub fn compare(self, a: &Row, b: &Row, waiting: &WaitingStatuses) -> Ordering {
        let since = |row: &Row| row.waiting(waiting).map(|it| it.since);
        let wait = |a: &Row, b: &Row| match (since(a), since(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        let (x, y) = (&a.ticket, &b.ticket);
        let order = match self.key {
            SortKey::Waiting => wait(a, b),
            SortKey::Updated => Reverse(x.last_updated.max(x.status_changed).max(x.created))
                .cmp(&Reverse(y.last_updated.max(y.status_changed).max(y.created))),
            SortKey::Created => Reverse(x.created).cmp(&Reverse(y.created)),
            SortKey::Priority => Reverse(x.priority).cmp(&Reverse(y.priority)).then(wait(a, b)),
            SortKey::Status => x.status.id.cmp(&y.status.id),
        };
        let order = if self.reversed { order.reverse() } else { order };
        order.then(y.id.cmp(&x.id))
    }
}

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
        let status = |status| Query { status, ..Query::default() };
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
            view("Closed", SortKey::Updated, status(StatusMatch::In(vec![StatusId::CLOSED]))),
            view("All", SortKey::Updated, Query::default()),
            view("Archived", SortKey::Updated, Query { archived: true, ..Query::default() }),
        ]
    }

    /// The tickets that the view shows of `rows`, in its order, narrowed to those in which every
    /// word of `filter` is found.
    pub fn select<'a>(
        &self,
        rows: impl Iterator<Item = &'a Row>,
        filter: &str,
        waiting: &WaitingStatuses,
    ) -> Vec<TicketId> {
        let mut search = Search::words(&format!("{} {filter}", self.query.text));
        let mut haystack = String::new();
        let mut found: Vec<&Row> = rows
            .filter(|row| self.query.takes(row, waiting))
            .filter(|row| {
                write_haystack(row, &mut haystack);
                search.score(&haystack).is_some()
            })
            .collect();
        found.sort_by(|a, b| self.sort.compare(a, b, waiting));
        found.into_iter().map(|row| row.ticket.id).collect()
    }

    /// How many tickets of `rows` the view shows without a filter: the number on its tab.
    pub fn count<'a>(
        &self,
        rows: impl Iterator<Item = &'a Row>,
        waiting: &WaitingStatuses,
    ) -> usize {
        if !self.query.text.is_empty() {
            return self.select(rows, "", waiting).len();
        }
        rows.filter(|row| self.query.takes(row, waiting)).count()
    }
}

/// Everything of a row that the filter text is looked for in.
fn write_haystack(row: &Row, out: &mut String) {
    use std::fmt::Write as _;
    let ticket = &row.ticket;
    out.clear();
    let _ = write!(out, "{} {} {}", ticket.id, ticket.subject, ticket.status.title);
    let _ = write!(out, " {}", ticket.priority);
    for name in
        [ticket.client.as_ref().map(|it| &it.name), ticket.department.as_ref().map(|it| &it.name)]
            .into_iter()
            .flatten()
            .chain(&ticket.tags)
    {
        let _ = write!(out, " {name}");
    }
}
