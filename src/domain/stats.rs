//! The numbers of a dashboard over all tickets: the backlog, the tickets that come and go, the waits.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use super::{
    ActiveState, Counted, Day, Department, DepartmentId, Line, Narrow, Priority, RowRef, Rows,
    Status, StatusId, TicketId, Waiting, WaitingStatuses,
};

/// How many days are counted, with today.
pub const DAYS: usize = 30;

/// How many of the oldest tickets are named.
pub const OLDEST: usize = 10;

/// The ends of the ranges of waits, in hours; the last range has none.
const WAITS: [i64; 7] = [1, 4, 8, 24, 72, 168, 720];

/// The numbers of all tickets at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// The moment.
    pub at: Timestamp,
    /// How many tickets there are, archived ones too.
    pub tickets: usize,
    /// How many of them are archived.
    pub archived: usize,
    /// How many are neither archived nor closed.
    pub backlog: usize,
    /// How many wait for an agent.
    pub waiting: usize,
    /// The backlog by status, in the order of the numbers.
    pub by_status: Vec<StatsBar<Status>>,
    /// The backlog by priority, the most urgent first.
    pub by_priority: Vec<StatsBar<Priority>>,
    /// The backlog by department, the largest first. Some tickets have none.
    pub by_department: Vec<StatsBar<Option<Department>>>,
    /// The last days, the oldest first. Each is there.
    pub days: Vec<StatsDay>,
    /// The waiting tickets by their wait, the shortest first. Each range is there.
    pub waits: Vec<StatsWait>,
    /// The oldest tickets of the backlog, the oldest first.
    pub oldest: Vec<OldTicket>,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            tickets: 0,
            archived: 0,
            backlog: 0,
            waiting: 0,
            by_status: Vec::new(),
            by_priority: Vec::new(),
            by_department: Vec::new(),
            days: Vec::new(),
            waits: Vec::new(),
            oldest: Vec::new(),
        }
    }
}

impl Stats {
    /// The conditions that the tickets of a number meet, and among all active ones they alone.
    pub fn narrow(&self, number: StatsNumber<'_>, waiting: &WaitingStatuses) -> Narrow {
        let open = || Narrow { counted: vec![Counted::Open], ..Narrow::default() };
        let any = |counted| Narrow {
            state: Some(ActiveState::Any),
            counted: vec![counted],
            ..Narrow::default()
        };
        match number {
            StatsNumber::Status(status) => Narrow { statuses: vec![status.id], ..open() },
            StatsNumber::Priority(priority) => Narrow { priorities: vec![priority], ..open() },
            StatsNumber::Department(Some(department)) => {
                Narrow { departments: vec![department.id], ..open() }
            }
            StatsNumber::Department(None) => {
                Narrow { counted: vec![Counted::Open, Counted::NoDepartment], ..open() }
            }
            StatsNumber::Opened(day) => any(Counted::Opened(day)),
            StatsNumber::Closed(day) => any(Counted::Closed(day)),
            StatsNumber::Wait(wait) => {
                let ago = |span: SignedDuration| self.at.saturating_sub(span).ok();
                let waits = Counted::Waits {
                    after: wait.to.and_then(ago),
                    until: Some(wait.from).filter(|from| !from.is_zero()).and_then(ago),
                    waiting: waiting.clone(),
                    words: wait.words(),
                };
                Narrow { counted: vec![Counted::Open, waits], ..open() }
            }
        }
    }
}

/// One of the numbers.
#[derive(Clone, Copy, Debug)]
pub enum StatsNumber<'a> {
    /// The open tickets of a status.
    Status(&'a Status),
    /// Those of a priority.
    Priority(Priority),
    /// Those of a department, or of none.
    Department(Option<&'a Department>),
    /// The tickets that were opened on a day.
    Opened(Day),
    /// The tickets that were closed on a day.
    Closed(Day),
    /// The tickets whose customers wait that long.
    Wait(&'a StatsWait),
}

impl StatsWait {
    /// The range in words.
    pub fn words(&self) -> String {
        let words = |it: SignedDuration| match it.as_hours() {
            hours if hours % 24 == 0 && hours >= 72 => format!("{} d", hours / 24),
            hours => format!("{hours} h"),
        };
        match self.to {
            Some(to) if self.from.is_zero() => format!("under {}", words(to)),
            Some(to) => format!("{} to {}", words(self.from), words(to)),
            None => format!("over {}", words(self.from)),
        }
    }
}

/// How many tickets have something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatsBar<T> {
    /// What they have.
    pub of: T,
    /// How many.
    pub count: usize,
}

/// The tickets that came and went on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatsDay {
    /// Which.
    pub day: Day,
    /// How many tickets were opened.
    pub opened: usize,
    /// How many of the tickets that are closed now were closed then.
    pub closed: usize,
}

/// A range of waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatsWait {
    /// The shortest wait in it.
    pub from: SignedDuration,
    /// The first wait beyond it; `None` for the last range.
    pub to: Option<SignedDuration>,
    /// How many tickets.
    pub count: usize,
    /// For how many of them the wait is only estimated.
    pub estimated: usize,
}

/// A ticket that is old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldTicket {
    /// Its number.
    pub id: TicketId,
    /// Its subject.
    pub subject: Line,
    /// When it was opened.
    pub created: Timestamp,
    /// Its wait, if the customer waits.
    pub waiting: Option<Waiting>,
}

/// The counts while the rows are gone through.
struct Counting<'a> {
    stats: Stats,
    statuses: BTreeMap<StatusId, (&'a Status, usize)>,
    priorities: BTreeMap<Priority, usize>,
    departments: BTreeMap<Option<DepartmentId>, (Option<&'a Department>, usize)>,
    /// The tickets of the backlog by the time that they were opened.
    old: Vec<(Timestamp, TicketId)>,
}

impl Stats {
    /// The numbers of `rows` at `now`, with the days of `zone`.
    pub fn of(rows: &Rows, waiting: &WaitingStatuses, now: Timestamp, zone: &TimeZone) -> Self {
        let mut counting = Counting::new(now, zone);
        for (_, row) in rows.iter() {
            counting.take(row, waiting, now);
        }
        counting.end(rows, waiting)
    }
}

impl<'a> Counting<'a> {
    fn new(now: Timestamp, zone: &TimeZone) -> Self {
        let today = now.to_zoned_datetime(zone.clone()).date();
        let begins = |date: Date| date.to_zoned_datetime(zone.clone()).map(|it| it.timestamp());
        let days = (0..DAYS).rev().filter_map(|back| {
            let date = today.checked_sub(i64::try_from(back).ok()?.days()).ok()?;
            let next = date.checked_add(1.days()).ok();
            let to = next.and_then(|next| begins(next).ok()).unwrap_or(Timestamp::MAX);
            let day = Day { date, from: begins(date).ok()?, to };
            Some(StatsDay { day, opened: 0, closed: 0 })
        });
        let days: Vec<StatsDay> = days.collect();
        let ends = WAITS.map(|hours| Some(SignedDuration::from_hours(hours)));
        let ends: Vec<Option<SignedDuration>> = ends.into_iter().chain([None]).collect();
        let starts = [SignedDuration::ZERO].into_iter().chain(ends.iter().flatten().copied());
        let range = |(from, to)| StatsWait { from, to, count: 0, estimated: 0 };
        let waits = starts.zip(ends.iter().copied()).map(range).collect();
        Self {
            stats: Stats { at: now, days, waits, ..Stats::default() },
            statuses: BTreeMap::new(),
            priorities: BTreeMap::new(),
            departments: BTreeMap::new(),
            old: Vec::new(),
        }
    }

    fn take(&mut self, row: RowRef<'a>, waiting: &WaitingStatuses, now: Timestamp) {
        self.stats.tickets += 1;
        self.stats.archived += usize::from(row.archived);
        if let Some(day) = self.day(row.created) {
            day.opened += 1;
        }
        if row.status.id == StatusId::CLOSED {
            if let Some(day) = self.day(row.status_changed) {
                day.closed += 1;
            }
            return;
        }
        if row.archived {
            return;
        }
        self.stats.backlog += 1;
        self.statuses.entry(row.status.id).or_insert((row.status, 0)).1 += 1;
        *self.priorities.entry(row.priority).or_default() += 1;
        let department = row.department.map(|it| it.id);
        self.departments.entry(department).or_insert((row.department, 0)).1 += 1;
        self.old.extend(row.created.map(|at| (at, row.id)));
        if let Some(wait) = row.waiting(waiting) {
            self.stats.waiting += 1;
            let long = now.duration_since(wait.since).max(SignedDuration::ZERO);
            let fits = |it: &&mut StatsWait| it.to.is_none_or(|end| long < end);
            if let Some(range) = self.stats.waits.iter_mut().find(fits) {
                range.count += 1;
                range.estimated += usize::from(!wait.exact);
            }
        }
    }

    /// The day of a time, if it is one of those that are counted.
    fn day(&mut self, at: Option<Timestamp>) -> Option<&mut StatsDay> {
        let (at, days) = (at?, &mut self.stats.days);
        let after = days.partition_point(|it| it.day.from <= at);
        days.get_mut(after.checked_sub(1)?).filter(|it| at < it.day.to)
    }

    fn end(self, rows: &Rows, waiting: &WaitingStatuses) -> Stats {
        let Self { mut stats, statuses, priorities, departments, mut old, .. } = self;
        let bar = |(status, count): (&Status, usize)| StatsBar { of: status.clone(), count };
        stats.by_status = statuses.into_values().map(bar).collect();
        stats.by_priority =
            priorities.into_iter().rev().map(|(of, count)| StatsBar { of, count }).collect();
        stats.by_department = departments
            .into_values()
            .map(|(of, count)| StatsBar { of: of.cloned(), count })
            .collect();
        stats.by_department.sort_by_key(|bar| std::cmp::Reverse(bar.count));
        old.sort_unstable();
        let oldest = old.into_iter().take(OLDEST).filter_map(|(created, id)| {
            let row = rows.get(id)?;
            let (subject, waiting) = (row.subject.clone(), row.waiting(waiting));
            Some(OldTicket { id, subject, created, waiting })
        });
        stats.oldest = oldest.collect();
        stats
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Named, Row, ThreadFacts, Ticket};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now() -> Timestamp {
        at("2026-03-03T14:00:00Z")
    }

    fn row(id: i64, status: usize, created: &str) -> Row {
        let created = at(created);
        let ticket = Ticket {
            status: Status::usual()[status - 1].clone(),
            created: Some(created),
            ..Ticket::sparse(TicketId(id))
        };
        Row { ticket, facts: None, noticed: created }
    }

    fn of(rows: &[Row]) -> Stats {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        Stats::of(&rows.iter().collect(), &WaitingStatuses::default(), now(), &zone)
    }

    #[test]
    fn nothing_is_counted_where_nothing_is() {
        let stats = of(&[]);
        assert_eq!((stats.tickets, stats.days.len(), stats.waits.len()), (0, DAYS, 8));
        assert_eq!(stats.days[DAYS - 1].day.date.to_string(), "2026-03-03");
        assert_eq!(stats.days[0].day.date.to_string(), "2026-02-02");
        assert!(stats.by_status.is_empty() && stats.oldest.is_empty());
    }

    #[test]
    fn the_backlog_is_neither_closed_nor_archived() {
        let mut archived = row(3, 1, "2026-03-01T10:00:00Z");
        archived.ticket.archived = true;
        let mut urgent = row(4, 5, "2026-03-01T11:00:00Z");
        urgent.ticket.priority = Priority::Urgent;
        let name = Line::from_cleaned("Sales", None);
        urgent.ticket.department = Some(Named { id: DepartmentId(7), name });
        let stats = of(&[
            row(1, 1, "2026-03-01T09:00:00Z"),
            row(2, 2, "2026-03-01T09:00:00Z"),
            archived,
            urgent,
            row(5, 3, "2026-03-01T09:00:00Z"),
        ]);
        assert_eq!((stats.tickets, stats.archived, stats.backlog, stats.waiting), (5, 1, 3, 2));
        let statuses: Vec<_> = stats.by_status.iter().map(|it| (it.of.id.0, it.count)).collect();
        assert_eq!(statuses, [(1, 1), (3, 1), (5, 1)]);
        let priorities: Vec<_> = stats.by_priority.iter().map(|it| (it.of, it.count)).collect();
        assert_eq!(priorities, [(Priority::Urgent, 1), (Priority::Normal, 2)]);
        let of_department = |it: &StatsBar<Option<Department>>| {
            (it.of.as_ref().map(|department| department.id.0), it.count)
        };
        let departments: Vec<_> = stats.by_department.iter().map(of_department).collect();
        assert_eq!(departments, [(None, 2), (Some(7), 1)]);
        let oldest: Vec<i64> = stats.oldest.iter().map(|it| it.id.0).collect();
        assert_eq!(oldest, [1, 5, 4]);
    }

    #[test]
    fn a_day_is_one_of_the_readers_zone() {
        let mut closed = row(1, 2, "2026-01-01T00:00:00Z");
        closed.ticket.status_changed = Some(at("2026-03-02T22:59:59Z"));
        let mut later = closed.clone();
        later.ticket.id = TicketId(2);
        later.ticket.status_changed = Some(at("2026-03-02T23:00:00Z"));
        let rows = [closed, later, row(3, 1, "2026-02-01T22:59:59Z")];
        let stats = of(&[&rows[..], &[row(4, 1, "2026-02-01T23:00:00Z")]].concat());
        let counts: Vec<_> = stats.days.iter().map(|it| (it.opened, it.closed)).collect();
        assert_eq!(counts[DAYS - 2..], [(0, 1), (0, 1)]);
        assert_eq!(counts[0], (1, 0), "the day before the first is not counted");
        assert_eq!(stats.days.iter().map(|it| it.opened).sum::<usize>(), 1);
    }

    #[test]
    fn a_day_without_some_of_its_hours_has_its_tickets() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now = at("2026-03-30T10:00:00Z");
        let rows = [row(1, 1, "2026-03-28T22:59:59Z"), row(2, 1, "2026-03-28T23:00:00Z")];
        let rows = [&rows[..], &[row(3, 1, "2026-03-29T21:59:59Z")]].concat();
        let rows = [&rows[..], &[row(4, 1, "2026-03-29T22:00:00Z")]].concat();
        let stats = Stats::of(&rows.iter().collect(), &WaitingStatuses::default(), now, &zone);
        let opened: Vec<_> = stats.days.iter().rev().take(3).map(|it| it.opened).collect();
        assert_eq!(opened, [1, 2, 1]);
    }

    #[test]
    fn times_at_the_ends_of_time_are_counted_nowhere() {
        let rows: Vec<Row> = [Timestamp::MIN, Timestamp::MAX]
            .into_iter()
            .zip(1..)
            .map(|(at, id)| {
                let mut row = row(id, 1, "2026-03-01T00:00:00Z");
                row.ticket.created = Some(at);
                row.ticket.status_changed = Some(at);
                row
            })
            .collect();
        for now in [now(), Timestamp::MIN, Timestamp::MAX] {
            let stats =
                Stats::of(&rows.iter().collect(), &WaitingStatuses::default(), now, &TimeZone::UTC);
            assert_eq!(stats.backlog, 2);
        }
    }

    #[test]
    fn a_wait_is_in_one_range() {
        let mut exact = row(1, 5, "2026-01-01T00:00:00Z");
        let since = Some(at("2026-03-03T13:00:00Z"));
        exact.facts = Some(ThreadFacts { customer_since: since, ..ThreadFacts::default() });
        let rows = [
            exact,
            row(2, 1, "2026-03-03T13:00:01Z"),
            row(3, 1, "2026-03-03T15:00:00Z"),
            row(4, 1, "2025-03-03T15:00:00Z"),
        ];
        let counts: Vec<_> = of(&rows).waits.iter().map(|it| (it.count, it.estimated)).collect();
        assert_eq!(counts[..2], [(2, 2), (1, 0)], "a clock that is behind makes no wait");
        assert_eq!(counts[7], (1, 1));
        assert_eq!(counts.iter().map(|it| it.0).sum::<usize>(), 4);
    }
}
