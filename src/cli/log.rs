//! `growdesk log`: the outcome of every change.

use clap::Args;
use jiff::{Span, Timestamp, ZonedDateTime, civil, tz::TimeZone};
use serde::Serialize;

use super::{
    Common, Failure,
    describe::{self, ChangedField},
    failure, local,
    print::{self, Format, Output, Record},
};
use crate::{
    app::states,
    domain::TicketId,
    store::{LogLine, LogQuery},
};

#[derive(Debug, Args)]
pub(super) struct Log {
    /// Only changes of this ticket
    #[arg(long, value_name = "ID", value_parser = ticket)]
    ticket: Option<TicketId>,
    /// Only changes since then: `2h`, `3 days`, `2026-03-01`, `2026-03-01T14:00`
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// Only so many of the newest
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    #[command(flatten)]
    output: Output,
}

/// A settled change, for scripts.
#[derive(Debug, Serialize)]
struct Item {
    id: String,
    at: Timestamp,
    ticket: Option<i64>,
    agent: Option<String>,
    change: &'static str,
    what: String,
    fields: Vec<ChangedField>,
    reply: Option<i64>,
    undo: bool,
    outcome: &'static str,
    reason: Option<String>,
}

impl Record for Item {
    const FIELDS: &'static [&'static str] = &[
        "id", "at", "ticket", "agent", "change", "what", "fields", "reply", "undo", "outcome",
        "reason",
    ];
}

impl Log {
    /// Prints the lines that are wanted.
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<Item>()?;
        let query = LogQuery { ticket: self.ticket, since: self.since, limit: self.limit };
        let mut lines = match local::store(common).await? {
            Some(store) => store.log_of(query).await?,
            None => Vec::new(),
        };
        lines.reverse();
        if lines.is_empty() && !format.is_json() {
            failure::notice("there is nothing in the log");
        }
        let (now, zone) = (Timestamp::now(), TimeZone::system());
        let rows = lines.iter().map(|line| row(line, &format, now, &zone));
        let head = ["WHEN", "TICKET", "WHO", "CHANGE", "OUTCOME"];
        Ok(print::list(&format, &head, rows, lines.iter().map(Item::of))?)
    }
}

fn row(line: &LogLine, format: &Format, now: Timestamp, zone: &TimeZone) -> Vec<String> {
    vec![
        format.time(line.at, zone),
        describe::ticket(line.ticket),
        line.agent.clone(),
        describe::change(&line.change, &line.traces(), line.undo),
        states::in_table(&line.outcome, now, zone),
    ]
}

impl Item {
    fn of(line: &LogLine) -> Self {
        Self {
            id: line.entry.0.to_string(),
            at: line.at,
            ticket: line.ticket.map(|it| it.0),
            agent: Some(line.agent.clone()).filter(|it| !it.is_empty()),
            change: line.change.verb(),
            what: line.what.clone(),
            fields: describe::fields(line.traces()),
            reply: describe::reply(&line.change, &line.outcome).map(|it| it.0),
            undo: line.undo,
            outcome: line.outcome.word(),
            reason: describe::reason(&line.outcome),
        }
    }
}

/// A ticket's number, with or without its `#`.
pub(super) fn ticket(text: &str) -> Result<TicketId, String> {
    let number = text.strip_prefix('#').unwrap_or(text);
    let number = number.parse().ok().filter(|it| *it > 0);
    number.map(TicketId).ok_or_else(|| "a ticket is a number, such as 123".into())
}

/// A time as people give it: how long ago, a day, or a day and a time of this machine's zone.
fn since(text: &str) -> Result<Timestamp, String> {
    time(text, &ZonedDateTime::now())
        .ok_or_else(|| "give it as 2h, 3 days, 2026-03-01 or 2026-03-01T14:00".into())
}

fn time(text: &str, now: &ZonedDateTime) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(local) = text.parse::<civil::DateTime>() {
        return Some(local.to_zoned_datetime(now.time_zone().clone()).ok()?.timestamp());
    }
    let ago: Span = text.parse().ok()?;
    Some(now.checked_sub(ago.abs()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_give_it() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let now: Timestamp = "2026-03-03T14:00:00Z".parse().unwrap();
        let now = now.to_zoned_datetime(zone);
        let read = |text| time(text, &now).map(|it| it.to_string());
        for (text, expected) in [
            ("2h", "2026-03-03T12:00:00Z"),
            ("2 hours ago", "2026-03-03T12:00:00Z"),
            ("PT2H", "2026-03-03T12:00:00Z"),
            ("3 days", "2026-02-28T14:00:00Z"),
            ("2026-03-01", "2026-02-28T22:00:00Z"),
            ("2026-03-01T14:00", "2026-03-01T12:00:00Z"),
            ("2026-03-01T14:00Z", "2026-03-01T14:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for wrong in ["", "yesterday", "2", "9999999 years"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_ticket_is_named_by_its_number() {
        assert_eq!((ticket("12"), ticket("#12")), (Ok(TicketId(12)), Ok(TicketId(12))));
        for wrong in ["vpn", "", "#", "-5", "0", "18446744073709551616"] {
            ticket(wrong).unwrap_err();
        }
    }
}
