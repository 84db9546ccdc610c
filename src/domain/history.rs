//! The history of a ticket: what this profile did to it, and what it saw change.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Event, FieldSeen, WokenBy, when};

/// How far the log and a look at the server may be apart about the same change.
const APART: SignedDuration = SignedDuration::from_mins(10);

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// An agent of this profile; the name may be empty.
    Agent(String),
    /// The customer.
    Customer,
    /// A colleague or the customer: the server does not say who.
    Somebody,
    /// The clock.
    Clock,
}

/// A settled change of this profile, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnChange {
    /// When it was settled.
    pub at: Timestamp,
    /// Whose it was.
    pub agent: String,
    /// What it did.
    pub what: String,
    /// The fields that it set, or the text that it posted.
    pub fields: Vec<FieldSeen>,
    /// Whether the server has it.
    pub is_recorded: bool,
    /// Whether it is a reply or a note.
    pub is_post: bool,
    /// What became of it, where it was not recorded.
    pub outcome: Option<String>,
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// When it happened, or was seen, by the clock that never jumps.
    pub at: Timestamp,
    /// Who did it.
    pub who: Who,
    /// What happened.
    pub what: String,
}

/// The history of a ticket, the newest first. A change of this profile is told once, though its
/// effect was seen on the server too.
pub fn history(
    own: Vec<OwnChange>,
    events: Vec<(Timestamp, String, Event)>,
    zone: &TimeZone,
) -> Vec<HistoryLine> {
    let seen =
        events.into_iter().filter_map(|(at, agent, event)| line(&own, at, agent, event, zone));
    let mut lines: Vec<HistoryLine> = seen.collect();
    lines.extend(own.into_iter().map(|change| {
        let outcome = change.outcome.map(|it| format!(" ({it})")).unwrap_or_default();
        let what = format!("{}{outcome}", change.what);
        HistoryLine { at: change.at, who: Who::Agent(change.agent), what }
    }));
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    lines
}

fn line(
    own: &[OwnChange],
    at: Timestamp,
    agent: String,
    event: Event,
    zone: &TimeZone,
) -> Option<HistoryLine> {
    let (who, what) = match event {
        Event::Pinned(true) => (Who::Agent(agent), "pinned".into()),
        Event::Pinned(false) => (Who::Agent(agent), "pin taken off".into()),
        Event::Snoozed(Some(until)) => {
            (Who::Agent(agent), format!("snoozed until {}", when::in_full(zone, until)))
        }
        Event::Snoozed(None) => (Who::Agent(agent), "snoozed until the customer writes".into()),
        Event::Woken(WokenBy::Agent) => (Who::Agent(agent), "woken".into()),
        Event::Woken(WokenBy::Clock) => (Who::Clock, "woke: its time had come".into()),
        Event::Woken(WokenBy::Customer) => (Who::Customer, "woke: the customer wrote".into()),
        Event::Seen { fields, by_customer } => {
            let others = fields.iter().filter(|field| !is_own(own, at, field));
            let others: Vec<String> = others.map(FieldSeen::words).collect();
            if others.is_empty() {
                return None;
            }
            let who = if by_customer { Who::Customer } else { Who::Somebody };
            (who, others.join(", "))
        }
    };
    Some(HistoryLine { at, who, what })
}

/// Whether a change that was seen is the effect of one of this profile's.
fn is_own(own: &[OwnChange], at: Timestamp, seen: &FieldSeen) -> bool {
    let near =
        |change: &&OwnChange| change.is_recorded && change.at.duration_since(at).abs() <= APART;
    own.iter().filter(near).any(|change| match seen.field.as_str() {
        "replies" => change.is_post,
        field => change.fields.iter().any(|it| it.field == field && it.after == seen.after),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ClientId, DepartmentId, Line, Named, Status, StatusId, Ticket, TicketId};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn ticket(status: usize, replies: u32) -> Ticket {
        let status = Status::usual()[status].clone();
        Ticket { status, replies_count: replies, ..Ticket::sparse(TicketId(7)) }
    }

    fn own(minute: i64, field: &str, after: &str, is_post: bool) -> OwnChange {
        let field = FieldSeen { field: field.into(), before: None, after: Some(after.into()) };
        OwnChange {
            at: at(minute),
            agent: "Ann".into(),
            what: field.words(),
            fields: vec![field],
            is_recorded: true,
            is_post,
            outcome: None,
        }
    }

    fn told(lines: &[HistoryLine]) -> Vec<String> {
        let who = |who: &Who| match who {
            Who::Agent(name) => name.clone(),
            other => format!("{other:?}"),
        };
        lines.iter().map(|it| format!("{} {}", who(&it.who), it.what)).collect()
    }

    #[test]
    fn an_own_change_is_told_once_and_others_beside_it() {
        let seen = |before: &Ticket, after: &Ticket| Event::seen(before, after).unwrap();
        let mut theirs = ticket(1, 3);
        theirs.tags = vec![Line::from_cleaned("vip", None)];
        let events = vec![
            (at(1), String::new(), seen(&ticket(0, 2), &theirs)),
            (at(90), String::new(), seen(&ticket(1, 3), &ticket(4, 4))),
            (at(95), "Ann".into(), Event::Pinned(true)),
        ];
        let closed = own(2, "status", "Closed", false);
        let refused = OwnChange {
            is_recorded: false,
            outcome: Some("refused: no".into()),
            ..own(91, "status", "Customer Replied", false)
        };
        let lines =
            history(vec![closed, own(3, "text", "Hi", true), refused], events, &TimeZone::UTC);
        assert_eq!(
            told(&lines),
            [
                "Ann pinned",
                "Ann status: ? → Customer Replied (refused: no)",
                "Customer status: Closed → Customer Replied, replies: 3 → 4",
                "Ann text: ? → Hi",
                "Ann status: ? → Closed",
                "Somebody tags: none → vip",
            ]
        );
    }

    #[test]
    fn a_look_that_finds_nothing_new_is_no_line() {
        let before = ticket(0, 2);
        let after = Ticket { last_updated: Some(at(5)), ..before.clone() };
        assert_eq!(Event::seen(&before, &after), None);
        // The desk has given its things other names.
        let name = |id, name: &str| Named { id, name: Line::from_cleaned(name, None) };
        let named = |client: &str, department: &str, status: &str| {
            let mut named = before.clone();
            named.client = Some(name(ClientId(4), client));
            named.department =
                Some(Named { id: DepartmentId(3), name: Line::from_cleaned(department, None) });
            named.status.title = Line::from_cleaned(status, None);
            named
        };
        let (old, new) = (named("Halden", "Billing", "Open"), named("Halden & Co", "Money", "New"));
        assert_eq!(Event::seen(&old, &new), None);
        assert_eq!(before.status.id, StatusId::OPEN);
    }
}
