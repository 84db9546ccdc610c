//! `growdesk stats`: the numbers of the dashboard, over the whole local copy.

use std::io::{self, Write};

use clap::Args;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use crate::{
    cli::{
        Common, Failure,
        copy::LocalCopy,
        fresh,
        opened::Opened,
        print::{self, Format, Output, Record},
        styled,
    },
    domain::{
        columns,
        stats::{Stats, StatsBar, StatsWait},
        when,
    },
};

/// The most columns of the names beside the bars.
const NAMES: usize = 24;

/// The most columns of a bar.
const BAR: usize = 40;

#[derive(Debug, Args)]
pub(in crate::cli) struct StatsVerb {
    /// Ask the server nothing
    #[arg(long)]
    cached: bool,
    #[command(flatten)]
    output: Output,
}

/// The numbers, for scripts.
#[derive(Serialize)]
struct StatsRecord<'a> {
    at: Timestamp,
    tickets: usize,
    archived: usize,
    backlog: usize,
    waiting: usize,
    by_status: Vec<StatusCount<'a>>,
    by_priority: Vec<PriorityCount>,
    by_department: Vec<DepartmentCount<'a>>,
    days: Vec<DayCount>,
    waits: Vec<WaitCount>,
    oldest: Vec<OldRecord<'a>>,
}

impl Record for StatsRecord<'_> {
    const FIELDS: &'static [&'static str] = &[
        "at",
        "tickets",
        "archived",
        "backlog",
        "waiting",
        "by_status",
        "by_priority",
        "by_department",
        "days",
        "waits",
        "oldest",
    ];
}

#[derive(Serialize)]
struct StatusCount<'a> {
    id: i64,
    title: &'a str,
    count: usize,
}

#[derive(Serialize)]
struct PriorityCount {
    priority: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct DepartmentCount<'a> {
    id: Option<i64>,
    name: Option<&'a str>,
    count: usize,
}

#[derive(Serialize)]
struct DayCount {
    date: Date,
    opened: usize,
    closed: usize,
}

#[derive(Serialize)]
struct WaitCount {
    from_hours: i64,
    to_hours: Option<i64>,
    count: usize,
    estimated: usize,
}

#[derive(Serialize)]
struct OldRecord<'a> {
    id: i64,
    subject: &'a str,
    created: Timestamp,
    waiting_since: Option<Timestamp>,
    waiting_exact: Option<bool>,
}

impl StatsVerb {
    /// Prints the numbers.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<StatsRecord<'_>>()?;
        let opened = Opened::open(common).await?;
        fresh::bring_up_to_date(&opened, self.cached).await?;
        let copy = LocalCopy::read(&opened).await?;
        let (now, zone) = (Timestamp::now(), TimeZone::system());
        let stats = Stats::of(copy.rows(), &copy.waiting, now, &zone);
        match &format {
            Format::Table => bars(&stats, now)?,
            Format::Tsv => print::lines(tsv(&stats))?,
            Format::Json(fields) => {
                print::object(fields.as_deref(), &StatsRecord::of(&stats, now))?;
            }
        }
        Ok(())
    }
}

impl<'a> StatsRecord<'a> {
    fn of(stats: &'a Stats, at: Timestamp) -> Self {
        let Stats { tickets, archived, backlog, waiting, .. } = *stats;
        let statuses = stats.by_status.iter().map(|it| StatusCount {
            id: it.of.id.0,
            title: it.of.title.as_stored(),
            count: it.count,
        });
        let priorities = stats.by_priority.iter();
        let departments = stats.by_department.iter().map(|it| DepartmentCount {
            id: it.of.as_ref().map(|it| it.id.0),
            name: it.of.as_ref().map(|it| it.name.as_stored()),
            count: it.count,
        });
        let days = stats.days.iter();
        let oldest = stats.oldest.iter().map(|it| OldRecord {
            id: it.id.0,
            subject: it.subject.as_stored(),
            created: it.created,
            waiting_since: it.waiting.map(|it| it.since),
            waiting_exact: it.waiting.map(|it| it.exact),
        });
        Self {
            at,
            tickets,
            archived,
            backlog,
            waiting,
            by_status: statuses.collect(),
            by_priority: priorities
                .map(|it| PriorityCount { priority: it.of.as_str(), count: it.count })
                .collect(),
            by_department: departments.collect(),
            days: days
                .map(|it| DayCount { date: it.day.date, opened: it.opened, closed: it.closed })
                .collect(),
            waits: stats.waits.iter().map(WaitCount::of).collect(),
            oldest: oldest.collect(),
        }
    }
}

impl WaitCount {
    fn of(wait: &StatsWait) -> Self {
        let hours = |it: SignedDuration| it.as_hours();
        Self {
            from_hours: hours(wait.from),
            to_hours: wait.to.map(hours),
            count: wait.count,
            estimated: wait.estimated,
        }
    }
}

/// The counts by a name for each.
fn named<T>(bars: &[StatsBar<T>], name: impl Fn(&T) -> String) -> Vec<(String, usize)> {
    bars.iter().map(|it| (name(&it.of), it.count)).collect()
}

/// The parts of the backlog, each with a title.
fn backlog(stats: &Stats) -> [(&'static str, Vec<(String, usize)>); 3] {
    let department = |it: &Option<_>| match it {
        Some(crate::domain::Department { name, .. }) => name.to_string(),
        None => "no department".into(),
    };
    [
        ("status", named(&stats.by_status, |it| it.title.to_string())),
        ("priority", named(&stats.by_priority, ToString::to_string)),
        ("department", named(&stats.by_department, department)),
    ]
}

/// A number a line, each after its kind and its name.
fn tsv(stats: &Stats) -> Vec<Vec<String>> {
    let row = |cells: [&dyn ToString; 3]| cells.map(ToString::to_string).to_vec();
    let totals = [
        ("tickets", stats.tickets),
        ("archived", stats.archived),
        ("backlog", stats.backlog),
        ("waiting", stats.waiting),
    ];
    let mut rows: Vec<Vec<String>> =
        totals.iter().map(|(name, count)| row([&"total", name, count])).collect();
    for (kind, bars) in backlog(stats) {
        rows.extend(bars.iter().map(|(name, count)| row([&kind, name, count])));
    }
    for day in &stats.days {
        rows.push(
            [&row([&"day", &day.day.date, &day.opened])[..], &[day.closed.to_string()]].concat(),
        );
    }
    rows.extend(stats.waits.iter().map(|it| row([&"wait", &it.words(), &it.count])));
    for old in &stats.oldest {
        let cells = row([&"oldest", &old.id.0, &old.created]);
        rows.push([&cells[..], &[old.subject.as_stored().to_owned()]].concat());
    }
    rows
}

/// The numbers as a person reads them.
fn bars(stats: &Stats, now: Timestamp) -> io::Result<()> {
    print::stream(|out| {
        let Stats { tickets, backlog: open, waiting, archived, .. } = stats;
        writeln!(out, "{tickets} tickets, {archived} archived, {open} open, {waiting} waiting")?;
        for (title, bars) in backlog(stats) {
            section(out, &format!("Open by {title}"), &bars)?;
        }
        let waits: Vec<_> = stats.waits.iter().map(|it| (it.words(), it.count)).collect();
        section(out, "Waiting", &waits)?;
        days(out, stats)?;
        if !stats.oldest.is_empty() {
            writeln!(out, "\n{}", styled::strong("Oldest of the open"))?;
        }
        for old in &stats.oldest {
            let (id, age) = (old.id.to_string(), when::age(now, old.created));
            let room = print::width().saturating_sub(18);
            let subject = columns::cut(old.subject.as_str(), room);
            writeln!(out, "{id:>9}  {age:>4}  {subject}")?;
        }
        Ok(())
    })
}

fn section(out: &mut dyn Write, title: &str, bars: &[(String, usize)]) -> io::Result<()> {
    writeln!(out, "\n{}", styled::strong(title))?;
    let most = bars.iter().map(|(_, count)| *count).max().unwrap_or(0);
    for (name, count) in bars {
        let name = columns::cut(name, NAMES);
        let room = " ".repeat(NAMES.saturating_sub(columns::width(&name)));
        writeln!(out, "{name}{room} {count:>7} {}", bar(*count, most))?;
    }
    Ok(())
}

/// A bar that is as long as its count is of the largest one; a small count has some length too.
fn bar(count: usize, most: usize) -> String {
    let length = (count * bar_room()).div_ceil(most.max(1));
    "█".repeat(length)
}

fn bar_room() -> usize {
    print::width().saturating_sub(NAMES + 10).clamp(1, BAR)
}

fn days(out: &mut dyn Write, stats: &Stats) -> io::Result<()> {
    writeln!(out, "\n{}", styled::strong("The last days: opened and closed"))?;
    let most = stats.days.iter().map(|it| it.opened.max(it.closed)).max().unwrap_or(0);
    let room = bar_room() / 2;
    for day in &stats.days {
        let bar = |count: usize| "█".repeat((count * room).div_ceil(most.max(1)));
        let (opened, closed) = (bar(day.opened), bar(day.closed));
        let (date, plus, minus) = (day.day.date, day.opened, day.closed);
        writeln!(out, "{date} {plus:>6} {opened:<room$} {minus:>6} {closed}")?;
    }
    Ok(())
}
