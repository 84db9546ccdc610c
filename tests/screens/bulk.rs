//! Steps on several tickets: each ticket ends by itself, and the agent is told once.

use growdesk::{
    desk::{Connection, Report, Stored, Work},
    domain::{
        Change, Edit, Entry, Priority, ProblemKind, Row, State, Status, StatusId, StepId, TicketId,
        outbox::Decision,
    },
};

use crate::{
    at_all_sizes, conflict,
    support::{
        console::{Console, problem},
        desk,
    },
};

fn working() -> Console {
    let mut console = Console::working(120, 40);
    console.effects();
    console
}

fn notice(console: &Console) -> String {
    let notice = console.model.notices.at(console.now);
    notice.map(|notice| notice.text.clone()).unwrap_or_default()
}

fn told(console: &Console) -> Vec<String> {
    console.model.notices.all().map(|it| it.text.clone()).collect()
}

fn tickets(entries: &[Entry]) -> Vec<i64> {
    let mut all: Vec<i64> =
        entries.iter().filter_map(|entry| entry.ticket).map(|id| id.0).collect();
    all.sort_unstable();
    all
}

fn recorded(console: &Console, entry: &Entry) -> State {
    let undo = entry.change.inverse().map(Box::new);
    State::Recorded { at: console.now, made: None, undo }
}

fn refused() -> State {
    State::Refused { problem: problem(ProblemKind::Refused, "not in this status") }
}

/// Records an entry, with its ticket as the server has it then.
fn record(console: &mut Console, entry: &Entry) {
    let state = recorded(console, entry);
    let row = entry.ticket.and_then(|id| console.model.tickets.get(id));
    let entry = Box::new(Entry { state, ..entry.clone() });
    console.send(Report::Entry { entry, row: row.map(Box::new) });
}

/// Somebody else changes a ticket.
fn theirs(console: &mut Console, id: i64, change: impl FnOnce(&mut Row)) {
    let mut row = console.model.tickets.said(TicketId(id)).expect("it is there");
    change(&mut row);
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
}

/// A console that has closed the first `many` tickets, with the entries.
fn closed(many: usize) -> (Console, Vec<Entry>) {
    let mut console = working();
    console.keys(&"x".repeat(many)).keys("s2<enter>");
    let entries = console.queued();
    assert_eq!(entries.len(), many);
    (console, entries)
}

#[test]
fn each_ticket_ends_by_itself_and_the_summary_is_one_notice() {
    let (mut console, entries) = closed(5);
    assert_eq!(console.model.marks.len(), 0);
    for (at, entry) in entries.iter().enumerate() {
        match at {
            1 | 3 => {
                console.settle(entry, refused());
            }
            _ => record(&mut console, entry),
        }
    }
    let mut failed = [entries[1].ticket, entries[3].ticket].map(|id| id.expect("it has one"));
    failed.sort();
    let said = notice(&console);
    let [one, two] = failed;
    let wanted =
        format!("status Closed on 5 tickets: 3 done, 2 failed: {one}, {two} (g o shows why)");
    assert_eq!(said, wanted);
    assert_eq!(console.model.marks.len(), 2, "the failed ones are marked");
    assert!(failed.iter().all(|id| console.model.marks.has(*id)));
    let of_one = told(&console).iter().filter(|it| it.contains("not in this status")).count();
    assert_eq!(of_one, 0, "{:?}", told(&console));
    console.keys("go");
    let text = console.text();
    assert!(text.contains("Failed") && text.contains("not in this status"), "{text}");
    console.keys("<c-x><c-x>");
    assert!(!console.text().contains("Failed"), "{}", console.text());
}

#[test]
fn a_key_that_comes_before_the_screen_shows_new_marks_changes_nothing() {
    let (mut console, entries) = closed(2);
    record(&mut console, &entries[0]);
    let entry = Box::new(Entry { state: refused(), ..entries[1].clone() });
    console.send(Report::Entry { entry, row: None });
    assert_eq!(console.model.marks.len(), 1);
    console.keys_at_once("s3");
    assert!(console.queued().is_empty() && console.model.popup.is_none());
    assert!(told(&console).iter().any(|it| it.contains("just marked by themselves")));
    console.keys("s");
    assert!(console.model.popup.is_some());
}

#[test]
fn what_failed_is_shown() {
    at_all_sizes("bulk_failed", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("xxxs2<enter>");
        let entries = console.queued();
        record(&mut console, &entries[0]);
        console.settle(&entries[1], refused());
        record(&mut console, &entries[2]);
        console.keys("go").rest();
        console
    });
}

#[test]
fn nothing_is_told_before_all_have_ended_and_what_needs_the_agent_is_counted() {
    let (mut console, entries) = closed(3);
    record(&mut console, &entries[0]);
    let reason = conflict(&entries[1].change);
    console.settle(&entries[1], State::Decision { reason });
    assert!(!notice(&console).contains("done"), "{}", notice(&console));
    record(&mut console, &entries[2]);
    assert!(told(&console)[0].contains("2 done, 1 needs you"), "{:?}", told(&console));
    record(&mut console, &entries[1]);
    assert!(notice(&console).contains("on 3 tickets: 3 done"), "{}", notice(&console));
}

#[test]
fn two_sets_in_flight_are_told_apart() {
    let mut console = working();
    console.keys("xxs2<enter>");
    let first = console.queued();
    console.keys("xxxphigh<enter><enter>");
    let second = console.queued();
    assert!(second.iter().all(|entry| first.iter().all(|it| it.ticket != entry.ticket)));
    let ready: Vec<Entry> = second.clone();
    console.settle(&first[0], refused());
    for entry in &ready {
        record(&mut console, entry);
    }
    let said = notice(&console);
    assert!(said.starts_with("priority high on") && said.contains("done"), "{said}");
    assert!(!said.contains("failed"), "{said}");
    record(&mut console, &first[1]);
    let said = notice(&console);
    assert!(said.starts_with("status Closed on 2 tickets: 1 done, 1 failed"), "{said}");
}

#[test]
fn what_failed_is_not_mixed_with_marks_that_the_agent_has_set_since() {
    let (mut console, entries) = closed(2);
    console.keys("x");
    let own = console.model.marks.clone();
    console.settle(&entries[0], refused());
    record(&mut console, &entries[1]);
    let failed = entries[0].ticket.expect("it has one");
    assert!(!console.model.marks.has(failed) && console.model.marks.len() == own.len());
    assert!(notice(&console).contains(", marks them"), "{}", notice(&console));
    console.keys(",");
    assert!(console.model.marks.has(failed), "they can be had");
}

#[test]
fn a_step_that_the_store_refuses_is_told_once_and_its_tickets_are_marked_again() {
    let mut console = working();
    console.stalled = true;
    console.keys("xxxs2<enter>");
    let entries = console.queued();
    let full = problem(ProblemKind::Local, "the disk is full");
    console.send(Report::NotQueued { entries: entries.clone(), problem: full });
    assert_eq!(console.model.marks.len(), 3);
    let said = told(&console);
    assert!(said[0].contains("status Closed on 3 tickets is not recorded"), "{said:?}");
    assert_eq!(said.iter().filter(|it| it.contains("the disk is full")).count(), 1, "{said:?}");
    assert!(console.model.outbox.entries().is_empty());
    for id in tickets(&entries) {
        let status = console.model.tickets.get(TicketId(id)).expect("it is here").ticket.status.id;
        assert_ne!(status, StatusId::CLOSED);
    }
    console.keys("z");
    assert!(notice(&console).contains("nothing to take back"), "{}", notice(&console));
}

#[test]
fn the_summary_comes_after_a_restart_too() {
    let entry = |number: u32, ticket: i64| {
        let [open, closed, ..] = Status::usual();
        let change = Change::Status(Edit { from: open, to: closed });
        Entry { step: StepId::new(7, 1), ..desk::entry(number, TicketId(ticket), change) }
    };
    let done = Entry {
        state: State::Recorded { at: desk::now(), made: None, undo: None },
        ..entry(1, 1041)
    };
    let failed = Entry { state: refused(), ..entry(2, 1040) };
    let open = entry(3, 1042);
    let mut console = Console::opened(120, 40);
    console.send(Report::Stored(Box::new(Stored {
        rows: desk::rows(),
        directory: desk::directory(),
        outbox: vec![open.clone()],
        settled: vec![done, failed],
        ..Stored::default()
    })));
    console.send(Report::Connection(Connection::Online));
    console.rest();
    record(&mut console, &open);
    let said = notice(&console);
    assert!(said.contains("status Closed on 3 tickets: 2 done, 1 failed: #1040"), "{said}");
}

#[test]
fn one_undo_takes_all_of_it_back_before_it_has_left() {
    let (mut console, entries) = closed(4);
    console.keys("z");
    let asked = console.effects().into_iter().find_map(|effect| match effect {
        growdesk::app::Effect::Work(Work::TakeBack(ids)) => Some(ids),
        _ => None,
    });
    assert_eq!(asked.map(|ids| ids.len()), Some(4), "one request");
    let taken: Vec<Entry> =
        entries.iter().map(|it| Entry { state: State::TakenBack, ..it.clone() }).collect();
    console.send(Report::TakenBack(taken));
    assert_eq!(notice(&console), "taken back: status Closed on 4 tickets");
    assert!(console.model.outbox.entries().is_empty());
    console.keys("Z");
    assert_eq!(tickets(&console.queued()), tickets(&entries), "and one redo does it again");
}

#[test]
fn what_others_changed_since_is_left_and_named_in_one_notice_and_not_done_again() {
    let (mut console, entries) = closed(4);
    for entry in &entries {
        record(&mut console, entry);
    }
    let mut left = [entries[0].ticket, entries[2].ticket].map(|id| id.expect("it has one"));
    left.sort();
    let [_, _, on_hold, ..] = Status::usual();
    for id in left {
        theirs(&mut console, id.0, |row| row.ticket.status = on_hold.clone());
    }
    let before = told(&console).len();
    console.keys("z");
    let back = console.queued();
    assert_eq!(back.len(), 2);
    let said = notice(&console);
    assert!(said.contains("taken back on 2 of 4 tickets"), "{said}");
    assert!(left.iter().all(|id| said.contains(&id.to_string())), "{said}");
    assert!(said.contains("were changed by somebody else meanwhile"), "{said}");
    assert_eq!(told(&console).len(), before + 1, "{:?}", told(&console));
    for entry in &back {
        record(&mut console, entry);
    }
    console.keys("Z");
    let again = console.queued();
    assert_eq!(tickets(&again), tickets(&back), "what was left is not done again");
}

#[test]
fn an_undo_that_was_too_late_for_some_puts_those_back_as_one_step() {
    let (mut console, entries) = closed(4);
    console.keys("z");
    console.effects();
    let taken: Vec<Entry> =
        entries[..2].iter().map(|it| Entry { state: State::TakenBack, ..it.clone() }).collect();
    console.send(Report::TakenBack(taken));
    console.send(Report::TooLate(entries[2..].iter().map(|it| it.id).collect()));
    let back = console.queued();
    assert_eq!(tickets(&back), tickets(&entries[2..]));
    assert!(back.iter().all(|entry| entry.step == back[0].step), "one step");
}

#[test]
fn what_can_not_be_taken_back_is_passed_and_said() {
    let mut console = working();
    console.keys("s2");
    let first = console.queued();
    console.settle(&first[0], recorded(&console, &first[0]));
    console.keys("nfor us<c-s>").answer();
    console.keys("<enter>");
    let note = console.queued();
    let state = State::Recorded { at: console.now, made: None, undo: None };
    console.settle(&note[0], state);
    console.keys("<esc>z");
    let said = notice(&console);
    assert!(said.contains("note: recorded, it can't be taken back any more"), "{said}");
    assert!(said.contains("z again takes back what was before: status Closed on #"), "{said}");
}

#[test]
fn a_problem_of_the_server_is_told_once_for_all_tickets() {
    let (mut console, entries) = closed(4);
    let until = console.now;
    for entry in &entries {
        let problem = problem(ProblemKind::Unreachable, "");
        console.settle(entry, State::Waiting { problem, until });
    }
    let waits = told(&console).iter().filter(|it| it.contains("is kept in the outbox")).count();
    assert_eq!(waits, 1, "{:?}", told(&console));
}

#[test]
fn a_decision_of_one_ticket_says_nothing_of_the_others() {
    let mut console = working();
    console.keys("*phigh<enter><enter>");
    let entries = console.queued();
    let (first, rest) = entries.split_first().expect("there are some");
    let Change::Fields(fields) = &first.change else { panic!("{first:?}") };
    assert_eq!(fields.priority.as_ref().map(|it| it.to), Some(Priority::High));
    let reason: Decision = conflict(&first.change);
    console.settle(first, State::Decision { reason });
    for entry in rest {
        record(&mut console, entry);
    }
    console.keys("<esc>");
    assert!(console.text().contains("1 needs you"), "{}", console.text());
}

#[test]
fn what_failed_before_a_restart_is_listed_and_marked() {
    let entry = |number: u32, ticket: i64| {
        let [open, closed, ..] = Status::usual();
        let change = Change::Status(Edit { from: open, to: closed });
        Entry { step: StepId::new(7, 1), ..desk::entry(number, TicketId(ticket), change) }
    };
    let failed = Entry { state: refused(), ..entry(2, 1040) };
    let mut console = Console::opened(120, 40);
    console.send(Report::Stored(Box::new(Stored {
        rows: desk::rows(),
        directory: desk::directory(),
        outbox: vec![entry(3, 1042)],
        settled: vec![failed],
        ..Stored::default()
    })));
    console.send(Report::Connection(Connection::Online));
    console.rest();
    assert!(console.model.marks.has(TicketId(1040)) && console.model.marks.len() == 1);
    console.keys("go<down>");
    let text = console.text();
    assert!(text.contains("Failed") && text.contains("not in this status"), "{text}");
}

#[test]
fn the_one_ticket_of_several_marks_that_changes_is_marked_again_where_it_fails() {
    let mut console = working();
    console.keys("6s2");
    let closed = console.queued()[0].ticket.expect("it has one");
    console.keys("gi").keys(&closed.0.to_string()).keys("<enter>xjxs2");
    let marks = console.model.marks.len();
    assert_eq!(marks, 2);
    console.keys("<enter>");
    let entries = console.queued();
    assert_eq!((entries.len(), console.model.marks.len()), (1, 0));
    console.settle(&entries[0], refused());
    let said = notice(&console);
    assert!(said.contains("Nothing was changed."), "it is told by its entry: {said}");
    let failed = entries[0].ticket.expect("it has one");
    assert!(console.model.marks.has(failed) && console.model.marks.len() == 1);
    console.keys("go");
    let text = console.text();
    assert!(text.contains("Failed") && text.contains("not in this status"), "{text}");
}

#[test]
fn an_action_that_does_nothing_leaves_the_mark_whatever_is_on_its_way() {
    let mut console = working();
    console.stalled = true;
    console.keys("6");
    let id = console.model.ticket_at_hand().expect("a row");
    console.keys("s2").keys("gi").keys(&id.0.to_string()).keys("<enter>");
    console.effects();
    console.keys("<esc>x").keys("gi").keys(&id.0.to_string()).keys("<enter>s2");
    assert!(notice(&console).contains("already"), "{}", notice(&console));
    assert!(console.queued().is_empty() && console.model.marks.has(id));
}

#[test]
fn an_undo_that_the_store_refuses_marks_nothing() {
    let (mut console, entries) = closed(3);
    for entry in &entries {
        record(&mut console, entry);
    }
    console.stalled = true;
    console.keys("z");
    let back = console.queued();
    assert_eq!(back.len(), 3);
    let full = problem(ProblemKind::Local, "the disk is full");
    console.send(Report::NotQueued { entries: back, problem: full });
    assert_eq!(console.model.marks.len(), 0);
}

#[test]
fn the_tickets_of_a_step_that_the_store_refuses_are_not_mixed_with_newer_marks() {
    let mut console = working();
    console.stalled = true;
    console.keys("xxxs2<enter>");
    let entries = console.queued();
    console.keys("x");
    assert_eq!(console.model.marks.len(), 1);
    let full = problem(ProblemKind::Local, "the disk is full");
    console.send(Report::NotQueued { entries: entries.clone(), problem: full });
    assert_eq!(console.model.marks.len(), 1, "the newer one alone");
    console.keys(",");
    assert!(entries.iter().all(|entry| console.model.marks.has(entry.ticket.expect("one"))));
}
