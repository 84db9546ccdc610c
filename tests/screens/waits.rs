//! Exact waits: conversations are read with spare requests until no wait is estimated any more.

use growdesk::{
    app::{Effect, Message},
    desk::{BudgetUse, Connection, Read, Report, Stored, Work},
    domain::{Row, ThreadFacts, Ticket, TicketId},
};
use jiff::{SignedDuration, Timestamp};

use crate::support::{
    console::{Console, parse},
    desk,
};

const LIMIT: usize = 60;

/// A console with so many waiting tickets, none of whose conversations was read.
fn console(many: i64) -> Console {
    let created = |id: i64| desk::now() - SignedDuration::from_mins((id * 37) % 4_000 + 10);
    let row = |id: i64| Row {
        ticket: Ticket {
            subject: desk::line("Where is my order?"),
            created: Some(created(id)),
            status_changed: Some(created(id)),
            ..Ticket::sparse(TicketId(id))
        },
        facts: None,
        noticed: desk::now(),
    };
    let mut console = Console::opened(120, 40);
    console.send(Report::Stored(Box::new(Stored {
        rows: (1..=many).map(row).collect(),
        directory: desk::directory(),
        ..Stored::default()
    })));
    console.send(Report::Budget(BudgetUse { used: 12, limit: 60 }));
    console.send(Report::Connection(Connection::Online));
    console
}

fn estimates(console: &Console) -> usize {
    let waiting = &console.model.settings.waiting;
    let rows = console.model.tickets.rows().iter();
    rows.filter(|(_, row)| row.waiting(waiting).is_some_and(|wait| !wait.exact)).count()
}

/// What the server tells of a ticket that was read.
fn read(console: &mut Console, ticket: TicketId) {
    let mut row = console.model.tickets.get(ticket).expect("it is known");
    let customer_since = row.ticket.created;
    let replies_count = row.ticket.replies_count;
    row.facts = Some(ThreadFacts { customer_since, replies_count, ..ThreadFacts::default() });
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
}

/// Lets the console work until no wait is estimated, or for `minutes`. Returns when each conversation
/// was read. A key is pressed every ten seconds if the agent `works`; each read succeeds or `fails`.
fn work(
    console: &mut Console,
    minutes: i64,
    works: bool,
    fails: bool,
) -> Vec<(Timestamp, TicketId)> {
    let end = console.now + SignedDuration::from_mins(minutes);
    let mut key_at = console.now;
    let mut reads = Vec::new();
    while console.now < end && estimates(console) > 0 {
        let wake = console.model.next_wake().unwrap_or(end).max(console.now);
        console.now = if works { wake.min(key_at) } else { wake };
        if works && console.now >= key_at {
            key_at += SignedDuration::from_secs(10);
            console.send(Message::Key(parse("k")[0]));
        } else {
            console.send(Message::Clock);
        }
        console.see();
        for effect in console.effects() {
            let Effect::Work(Work::Read { request, read: asked, .. }) = effect else { continue };
            match asked {
                Read::Exact(ticket) => {
                    assert!(console.model.next_wake().is_some());
                    reads.push((console.now, ticket));
                    if !fails {
                        read(console, ticket);
                    }
                    console.send(Report::Ahead { request, thread: None });
                }
                Read::Ahead { .. } | Read::Next { .. } => {
                    console.send(Report::Ahead { request, thread: None });
                }
                Read::Thread { ticket, width, fetch } => {
                    let thread = Box::new(desk::thread(ticket, width, fetch));
                    console.send(Report::Thread { request, thread });
                }
                _ => {}
            }
        }
    }
    reads
}

/// The most reads in any minute.
fn most(reads: &[(Timestamp, TicketId)]) -> usize {
    let minute = SignedDuration::from_mins(1);
    let within = |from: Timestamp| {
        reads.iter().filter(|(at, _)| *at >= from && at.duration_since(from) < minute).count()
    };
    reads.iter().map(|(at, _)| within(*at)).max().unwrap_or(0)
}

#[test]
fn two_hundred_estimates_become_exact_within_minutes_and_a_share_of_the_budget() {
    for (works, minutes, share) in [(true, 16, LIMIT / 4), (false, 8, LIMIT / 2)] {
        let mut console = console(200);
        let before = console.now;
        let reads = work(&mut console, minutes, works, false);
        assert_eq!(estimates(&console), 0, "works: {works}, after {}", console.now - before);
        assert_eq!(reads.len(), 200, "each is read once");
        assert!(most(&reads) <= share, "{} reads in a minute", most(&reads));
        let now = console.now;
        let since = |id: TicketId| console.model.tickets.get(id).and_then(|row| row.ticket.created);
        let waits: Vec<_> = reads.iter().filter_map(|(_, id)| since(*id)).collect();
        assert!(waits.is_sorted(), "the longest wait first");
        assert!(now > before);
    }
}

#[test]
fn what_fails_is_not_read_again_until_it_changes_or_the_server_is_back() {
    let mut console = console(5);
    let reads = work(&mut console, 10, false, true);
    assert_eq!(reads.len(), 5, "{reads:?}");
    let mut row = console.model.tickets.get(TicketId(3)).expect("it is known");
    row.ticket.replies_count = 1;
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    let reads = work(&mut console, 10, false, true);
    assert_eq!(reads.iter().map(|it| it.1.0).collect::<Vec<_>>(), [3]);
    console.send(Report::Connection(Connection::Connecting));
    console.send(Report::Connection(Connection::Online));
    assert_eq!(work(&mut console, 10, false, false).len(), 5);
    assert_eq!(estimates(&console), 0);
}

#[test]
fn nothing_is_read_ahead_of_the_agent_offline_or_from_a_used_budget() {
    let mut console = console(5);
    console.send(Report::Budget(BudgetUse { used: 45, limit: 60 }));
    assert!(work(&mut console, 5, false, false).is_empty());
    let problem = crate::unreachable();
    console.send(Report::Connection(Connection::Offline(problem)));
    console.send(Report::Budget(BudgetUse { used: 12, limit: 60 }));
    assert!(work(&mut console, 5, false, false).is_empty());
    console.send(Report::Connection(Connection::Online));
    assert_eq!(work(&mut console, 5, false, false).len(), 5);
    // What is known is not read again, and nothing is due any more.
    assert!(work(&mut console, 5, false, false).is_empty());
}
