//! The history of a ticket: read from the store, newest first, with who did what.

use growdesk::{
    app::Effect,
    desk::{Found, Read, Report, RequestId, Work},
    domain::{HistoryLine, ProblemKind, TicketId, Who},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    after, at_all_sizes,
    support::{
        console::{Console, problem},
        desk,
    },
};

fn ago(minutes: i64) -> Timestamp {
    desk::now() - SignedDuration::from_mins(minutes)
}

fn line(minutes: i64, who: Who, what: &str) -> HistoryLine {
    HistoryLine { at: ago(minutes), who, what: what.into() }
}

fn lines() -> Vec<HistoryLine> {
    let me = || Who::Agent("Dana Whitfield".into());
    let customer = "status: Answered → Customer Replied, replies: 3 → 4";
    vec![
        line(5, me(), "snoozed until Wed 4 Mar 2026 09:00"),
        line(30, Who::Customer, customer),
        line(
            65,
            me(),
            "reply “Hello Priya, we found it. The gateway in Oslo drops idle tunnels after 600 seconds, and the client does not notice. Please set keepalive to 25.”",
        ),
        line(66, me(), "status: Open → Closed (refused: the ticket is locked)"),
        line(1_500, Who::Clock, "woke: its time had come"),
        line(3_000, Who::Somebody, "priority: normal → urgent, tags: none → vpn vpn_client"),
        line(500_000, Who::Agent("Jonas Berg".into()), "pinned"),
    ]
}

/// The number and the ticket of the history that was asked for.
fn asked(console: &mut Console) -> Option<(RequestId, TicketId)> {
    console.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::History { ticket, .. }, .. }) => {
            Some((request, ticket))
        }
        _ => None,
    })
}

fn opened(mut console: Console, lines: Vec<HistoryLine>) -> Console {
    console.effects();
    console.keys("H");
    let (request, _) = asked(&mut console).expect("it is asked for");
    console.send(Report::Found { request, found: Ok(Found::History(lines)) });
    console
}

#[test]
fn the_history_of_the_ticket_at_hand_is_read_and_shown_the_newest_first() {
    for keys in ["/vpn<enter>", "/vpn<enter><enter>"] {
        let mut console = after(Console::working(120, 40), keys);
        console.effects();
        console.keys("H");
        assert!(console.text().contains("Reading the log…"), "{}", console.text());
        let (request, ticket) = asked(&mut console).expect("it is asked for");
        assert_eq!(ticket, TicketId(1042));
        console.send(Report::Found { request, found: Ok(Found::History(lines())) });
        let text = console.text();
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {text}"));
        assert!(at("snoozed until") < at("3 → 4") && at("3 → 4") < at("pinned"), "{text}");
        assert!(text.contains("you") && text.contains("customer") && text.contains("Jonas Berg"));
        console.keys("<esc>");
        assert!(console.model.popup.is_none());
    }
}

#[test]
fn an_empty_history_and_one_that_cannot_be_read_say_so() {
    let console = opened(Console::working(100, 30), Vec::new());
    assert!(console.text().contains("Nothing was done to this ticket here"), "{}", console.text());
    let mut console = Console::working(100, 30);
    console.effects();
    console.keys("H");
    let (request, _) = asked(&mut console).expect("it is asked for");
    let found = Err(problem(ProblemKind::Store, "the disk is gone"));
    console.send(Report::Found { request, found });
    assert!(console.text().contains("The log can't be read: "), "{}", console.text());
}

#[test]
fn an_answer_for_a_history_that_was_closed_is_dropped() {
    let mut console = Console::working(100, 30);
    console.effects();
    console.keys("H");
    let (request, _) = asked(&mut console).expect("it is asked for");
    console.keys("<esc>");
    console.keys("jH");
    console.send(Report::Found { request, found: Ok(Found::History(lines())) });
    assert!(console.text().contains("Reading the log…"), "{}", console.text());
}

#[test]
fn a_long_history_scrolls_to_its_end() {
    let many: Vec<_> =
        (0..200).map(|at| line(at, Who::Somebody, &format!("change {at}"))).collect();
    let mut console = opened(Console::working(80, 24), many);
    assert!(console.text().contains("change 0") && console.text().contains("200 entries"));
    console.keys(&"<pagedown>".repeat(30));
    assert!(console.text().contains("change 199"), "{}", console.text());
    console.keys(&"k".repeat(3));
    assert!(!console.text().contains("change 199"));
}

#[test]
fn the_history_at_each_size() {
    at_all_sizes("history", |w, h| opened(after(Console::working(w, h), "/vpn<enter>"), lines()));
}
