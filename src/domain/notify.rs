//! What the agent is told outside the console: by the bell, the title, the terminal, a command.

use serde::Serialize;

use super::{Line, TicketId};

/// A kind of what the agent can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotifyKind {
    /// A customer wrote.
    Customer,
    /// A customer has waited for as long as the alarm says.
    Waiting,
    /// The server refused a change.
    Refused,
    /// A change waits for the agent's decision.
    Decision,
    /// A snoozed ticket woke.
    Snooze,
}

impl NotifyKind {
    /// All kinds, with their words in the configuration.
    pub const ALL: [(&str, Self); 5] = [
        ("customer", Self::Customer),
        ("waiting", Self::Waiting),
        ("refused", Self::Refused),
        ("decision", Self::Decision),
        ("snooze", Self::Snooze),
    ];

    /// Its word in the configuration.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// What happened to one ticket, and to several.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Customer => ("the customer wrote", "customers wrote"),
            Self::Waiting => ("the customer waits too long", "customers wait too long"),
            Self::Refused => ("the server refused a change", "changes were refused"),
            Self::Decision => ("a change needs you", "changes need you"),
            Self::Snooze => ("it is awake", "tickets are awake"),
        }
    }
}

/// Something that the agent is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotifyEvent {
    /// What.
    pub kind: NotifyKind,
    /// Of which ticket.
    pub id: TicketId,
    /// Its subject, cleaned; empty where subjects are not to be shown.
    pub subject: String,
}

/// One notification, of one event or of many that came close together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// The whole in words.
    pub text: String,
    /// How many events there were.
    pub count: usize,
    /// The first of them.
    pub events: Vec<NotifyEvent>,
}

/// How many events a notification names, and how many it carries.
const NAMED: usize = 3;
const CARRIED: usize = 20;

impl Notification {
    /// The notification of these events; `None` where there is none. An event that is there twice
    /// counts once.
    pub fn of(events: &[NotifyEvent]) -> Option<Self> {
        let mut once: Vec<&NotifyEvent> = Vec::new();
        let mut known = std::collections::HashSet::new();
        once.extend(events.iter().filter(|event| known.insert((event.kind, event.id))));
        let parts: Vec<String> = NotifyKind::ALL
            .iter()
            .filter_map(|(_, kind)| {
                let its = once.iter().copied().filter(|event| event.kind == *kind);
                told(*kind, &its.collect::<Vec<_>>())
            })
            .collect();
        (!once.is_empty()).then(|| Self {
            text: parts.join("; "),
            count: once.len(),
            events: once.iter().take(CARRIED).map(|event| (*event).clone()).collect(),
        })
    }
}

fn told(kind: NotifyKind, events: &[&NotifyEvent]) -> Option<String> {
    let (one, many) = kind.words();
    match events {
        [] => None,
        [event] if event.subject.is_empty() => Some(format!("{}: {one}", event.id)),
        [event] => Some(format!("{} {}: {one}", event.id, event.subject)),
        _ => {
            let named: Vec<String> =
                events.iter().take(NAMED).map(|event| event.id.to_string()).collect();
            let rest = match events.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            Some(format!("{} {many}: {}{rest}", events.len(), named.join(", ")))
        }
    }
}

/// An event about a ticket.
pub fn event(kind: NotifyKind, id: TicketId, subject: Option<&Line>) -> NotifyEvent {
    NotifyEvent { kind, id, subject: subject.map(|it| it.as_str().to_owned()).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(id: i64) -> NotifyEvent {
        event(NotifyKind::Customer, TicketId(id), None)
    }

    fn text(events: &[NotifyEvent]) -> String {
        Notification::of(events).map(|it| it.text).unwrap_or_default()
    }

    #[test]
    fn one_is_named_and_many_are_counted() {
        assert_eq!(Notification::of(&[]), None);
        assert_eq!(text(&[customer(7)]), "#7: the customer wrote");
        let lamp = Line::from_cleaned("Lamp broken", None);
        let named = event(NotifyKind::Customer, TicketId(7), Some(&lamp));
        assert_eq!(text(&[named]), "#7 Lamp broken: the customer wrote");
        let many: Vec<NotifyEvent> = (1..=12).map(customer).collect();
        assert_eq!(text(&many), "12 customers wrote: #1, #2, #3 and 9 more");
        assert_eq!(text(&[customer(1), customer(1)]), "#1: the customer wrote");
        let decision = event(NotifyKind::Decision, TicketId(9), None);
        assert_eq!(
            text(&[decision, customer(1), customer(2)]),
            "2 customers wrote: #1, #2; #9: a change needs you"
        );
    }

    #[test]
    fn a_notification_carries_a_bounded_part_of_a_burst() {
        let burst: Vec<NotifyEvent> = (1..=2_000).map(customer).collect();
        let told = Notification::of(&burst).unwrap();
        assert_eq!((told.count, told.events.len()), (2_000, CARRIED));
        assert!(told.text.len() < 80);
    }
}
