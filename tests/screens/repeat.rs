//! `.` repeats the last action on another ticket, and never what is written or deleted.

use growdesk::domain::{Change, State};

use crate::{after, at_80, at_all_sizes, support::console::Console};

fn working() -> Console {
    let mut console = Console::working(120, 40);
    console.effects();
    console
}

fn notice(console: &Console) -> String {
    let notice = console.model.notices.at(console.now);
    notice.map(|notice| notice.text.clone()).unwrap_or_default()
}

/// The changes that keys queue, each with its ticket.
fn queued(console: &mut Console, keys: &str) -> Vec<(i64, Change)> {
    console.keys(keys);
    let entries = console.queued().into_iter();
    entries.map(|it| (it.ticket.expect("one that exists").0, it.change)).collect()
}

fn at_hand(console: &Console) -> i64 {
    console.model.ticket_at_hand().expect("a ticket").0
}

#[test]
fn what_was_repeated_is_said() {
    at_all_sizes("repeated", |w, h| after(Console::working(w, h), "s2j."));
    at_80("repeat_nothing", |w, h| after(Console::working(w, h), "."));
    at_80("repeat_many", |w, h| after(Console::working(w, h), "s3jxx."));
}

#[test]
fn each_action_on_a_field_is_repeated_on_the_ticket_at_hand() {
    for keys in ["s3", "phigh<enter>", "dbilling<enter>", "tplain<space><enter>", "e"] {
        let mut console = working();
        console.keys("6jjjjjj");
        let first = queued(&mut console, keys);
        assert_eq!(first.len(), 1, "{keys}");
        console.keys("gg");
        let ticket = at_hand(&console);
        assert_ne!(ticket, first[0].0);
        let again = queued(&mut console, ".");
        assert_eq!(again.len(), 1, "{keys}: {}", notice(&console));
        assert_eq!(again[0].0, ticket);
        let same_kind = std::mem::discriminant(&again[0].1) == std::mem::discriminant(&first[0].1);
        assert!(same_kind, "{again:?}");
        assert_eq!(again[0].1.describe(), first[0].1.describe());
        assert!(notice(&console).starts_with(&format!("repeated: #{ticket} ")), "{keys}");
    }
}

#[test]
fn a_toggle_is_repeated_as_what_it_did() {
    let mut console = working();
    console.keys("6");
    queued(&mut console, "e");
    console.keys("7");
    // This one is archived already, and is not restored.
    assert_eq!(queued(&mut console, "."), []);
    assert!(notice(&console).contains("is archived already"), "{}", notice(&console));
}

#[test]
fn what_is_written_created_or_deleted_is_not_repeated() {
    for (keys, what) in [
        ("rHello<c-s><rest>2", "a reply"),
        ("rHello<c-s><rest>y", "a reply"),
        ("nHello<c-s><rest>y", "a note"),
        ("#1035<c-s>", "a deletion"),
        ("/vpn<enter><enter><rest>kkkkD5015<c-s>", "a deletion"),
        ("E<rest><tab><tab><tab> and more<c-s>", "an edit of a text"),
    ] {
        let mut console = working();
        // An action that could be repeated comes before.
        console.keys("p<down><enter>");
        console.keys(keys);
        assert!(!console.queued().is_empty(), "{keys}: {}", console.text());
        console.keys("<esc><esc>").rest();
        console.effects();
        assert_eq!(queued(&mut console, "."), [], "{keys}");
        assert!(notice(&console).contains(what), "{keys}: {}", notice(&console));
    }
}

#[test]
fn an_edit_of_fields_alone_is_repeated_with_the_fields_that_were_changed() {
    let mut console = working();
    console.keys("/vpn<enter>E<rest><tab><tab><enter>high<enter><c-s>");
    let edited = queued(&mut console, "");
    let [(1042, Change::Fields(fields))] = &edited[..] else { panic!("{edited:?}") };
    assert!(fields.priority.is_some() && fields.department.is_none());
    console.keys("<esc><esc>/Dashboard<enter>");
    let again = queued(&mut console, ".");
    let [(1035, Change::Fields(fields))] = &again[..] else { panic!("{again:?}") };
    assert!(fields.priority.is_some() && fields.department.is_none() && fields.project.is_none());
}

#[test]
fn an_action_that_was_taken_back_is_still_the_last_one() {
    let mut console = working();
    console.keys("s3");
    let entry = console.queued().remove(0);
    console.keys("z");
    console.settle(&entry, State::TakenBack);
    assert_eq!(queued(&mut console, "j.").len(), 1);
}

#[test]
fn on_marked_tickets_it_is_planned_first() {
    let mut console = working();
    console.keys("6G");
    queued(&mut console, "s3");
    console.keys("ggxxx");
    assert_eq!(queued(&mut console, "."), []);
    assert!(console.text().contains("status On Hold"), "{}", console.text());
    assert_eq!(queued(&mut console, "<enter>").len(), 3);
    console.keys("gg");
    // What was done to many is the last action too.
    let before = queued(&mut console, "jjj.");
    assert_eq!(before.len(), 1, "{}", notice(&console));
}

#[test]
fn a_refused_repeat_says_why_and_does_nothing() {
    let mut console = working();
    console.keys("s3");
    console.keys("3.");
    assert!(notice(&console).contains("is On Hold already"), "{}", notice(&console));
}
