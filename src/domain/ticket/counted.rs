//! The conditions of a number on the dashboard, for which the filter by fields has no field.

use jiff::{Timestamp, civil::Date};

use super::{RowRef, WaitingStatuses};
use crate::domain::StatusId;

/// A condition that a number of the dashboard has beside fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Neither closed nor archived.
    Open,
    /// Without a department.
    NoDepartment,
    /// Opened on a day.
    Opened(Day),
    /// Closed now, and since that day.
    Closed(Day),
    /// With a customer who waits.
    Waits {
        /// Since after this time.
        after: Option<Timestamp>,
        /// Since this time at the latest.
        until: Option<Timestamp>,
        /// The statuses in which a customer waits.
        waiting: WaitingStatuses,
        /// The range in words.
        words: String,
    },
}

/// A day in the zone of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// When it begins.
    pub from: Timestamp,
    /// When the next one begins.
    pub to: Timestamp,
}

impl Day {
    fn has(&self, at: Option<Timestamp>) -> bool {
        at.is_some_and(|at| self.from <= at && at < self.to)
    }
}

impl Counted {
    /// Whether a row meets it.
    pub fn takes(&self, row: RowRef<'_>) -> bool {
        match self {
            Self::Open => row.status.id != StatusId::CLOSED && !row.archived,
            Self::NoDepartment => row.department.is_none(),
            Self::Opened(day) => day.has(row.created),
            Self::Closed(day) => row.status.id == StatusId::CLOSED && day.has(row.status_changed),
            Self::Waits { after, until, waiting, .. } => row.waiting(waiting).is_some_and(|wait| {
                after.is_none_or(|after| wait.since > after)
                    && until.is_none_or(|until| wait.since <= until)
            }),
        }
    }

    /// The condition in words.
    pub fn words(&self) -> String {
        let dated = |what: &str, day: &Day| format!("{what} {}", day.date.strftime("%a %-d %b"));
        match self {
            Self::Open => "open".into(),
            Self::NoDepartment => "no department".into(),
            Self::Opened(day) => dated("opened", day),
            Self::Closed(day) => dated("closed", day),
            Self::Waits { words, .. } => format!("waits {words}"),
        }
    }
}
