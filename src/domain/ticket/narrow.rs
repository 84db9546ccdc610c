//! The conditions by which an agent narrows a view: those that the API's list of tickets can be asked
//! for. The words of a filter are beside them (`filter.rs`).

use serde::{Deserialize, Serialize};

use super::{
    ActiveState, Counted, Named, Place, Priority, Project, Query, RowRef, Rows, StatusMatch,
    WaitingStatuses,
};
use crate::domain::{ClientId, DepartmentId, StatusId};

/// Conditions that lie over those of a view: a ticket must meet both. The state alone takes the
/// place of the view's, since no ticket is both active and archived. What is empty asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Narrow {
    /// The statuses taken.
    pub statuses: Vec<StatusId>,
    /// The priorities taken.
    pub priorities: Vec<Priority>,
    /// The departments taken.
    pub departments: Vec<DepartmentId>,
    /// The client, if only one's tickets are wanted.
    pub client: Option<Named<ClientId>>,
    /// The project, if only one's tickets are wanted.
    pub project: Option<Project>,
    /// Tags that must all be there.
    pub tags: Vec<String>,
    /// Whether active or archived tickets are taken, in place of what the view says.
    pub state: Option<ActiveState>,
    /// What a number of the dashboard counts. It is of its moment, so it is not kept, and no view is
    /// made of it.
    #[serde(skip)]
    pub counted: Vec<Counted>,
}

impl Narrow {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a row meets the conditions and those of `query`, but for the text.
    pub fn takes(&self, row: RowRef<'_>, query: &Query, waiting: &WaitingStatuses) -> bool {
        let fits = match self.state {
            Some(_) => query.fits(row, waiting),
            None => query.takes(row, waiting),
        };
        fits && self.fits(row)
    }

    /// Whether a row meets the conditions.
    pub fn fits(&self, row: RowRef<'_>) -> bool {
        let client = self.client.as_ref().map(|it| it.id);
        let project = self.project.as_ref().map(|it| it.id);
        self.state.is_none_or(|state| state.takes(row.archived))
            && (self.statuses.is_empty() || self.statuses.contains(&row.status.id))
            && (self.priorities.is_empty() || self.priorities.contains(&row.priority))
            && (self.departments.is_empty()
                || row.department.is_some_and(|it| self.departments.contains(&it.id)))
            && (client.is_none() || row.client.map(|it| it.id) == client)
            && (project.is_none() || row.project == project)
            && self.tags.iter().all(|tag| row.tags.iter().any(|it| it.as_str() == tag))
            && self.counted.iter().all(|counted| counted.takes(row))
    }

    /// Those of `places` whose rows meet the conditions, in their order.
    pub fn among(&self, rows: &Rows, places: Vec<Place>) -> Vec<Place> {
        if self.is_empty() {
            return places;
        }
        let fits = |place: &Place| rows.at(*place).is_some_and(|row| self.fits(row));
        places.into_iter().filter(fits).collect()
    }

    /// One query that takes what `query` and these conditions take together, with the words of both.
    /// `None` if no ticket can ever meet both.
    pub fn over(&self, query: &Query, words: &str, waiting: &WaitingStatuses) -> Option<Query> {
        let text = [query.text.trim(), words.trim()].into_iter().filter(|it| !it.is_empty());
        let tags = self.tags.iter().filter(|tag| !query.tags.contains(tag));
        Some(Query {
            state: self.state.unwrap_or(query.state),
            status: self.status_over(&query.status, waiting)?,
            priorities: both(&query.priorities, &self.priorities)?,
            departments: both(&query.departments, &self.departments)?,
            client: one(query.client, self.client.as_ref().map(|it| it.id))?,
            project: one(query.project, self.project.as_ref().map(|it| it.id))?,
            shelf: query.shelf,
            tags: query.tags.iter().chain(tags).cloned().collect(),
            text: text.collect::<Vec<_>>().join(" "),
        })
    }

    fn status_over(&self, of_view: &StatusMatch, waiting: &WaitingStatuses) -> Option<StatusMatch> {
        if self.statuses.is_empty() {
            return Some(of_view.clone());
        }
        let fits = |id: &StatusId| match of_view {
            StatusMatch::Any => true,
            StatusMatch::Waiting => waiting.holds(*id),
            StatusMatch::Not(other) => id != other,
            StatusMatch::In(some) => some.contains(id),
        };
        let both: Vec<StatusId> = self.statuses.iter().copied().filter(fits).collect();
        (!both.is_empty()).then_some(StatusMatch::In(both))
    }
}

/// What two lists both take, where an empty list takes everything. `None` if that is nothing.
fn both<T: Copy + PartialEq>(a: &[T], b: &[T]) -> Option<Vec<T>> {
    match (a, b) {
        ([], some) | (some, []) => Some(some.to_vec()),
        _ => {
            let both: Vec<T> = b.iter().copied().filter(|it| a.contains(it)).collect();
            (!both.is_empty()).then_some(both)
        }
    }
}

/// The one that two ask for, if either does. `None` if they ask for different ones.
#[expect(clippy::option_option, reason = "to ask for none, and to ask for what can't be")]
fn one<T: PartialEq>(a: Option<T>, b: Option<T>) -> Option<Option<T>> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => Some(a.or(b)),
    }
}

#[cfg(test)]
mod tests;
