//! Snoozes: the time is typed or chosen and shown in full first; the ticket leaves the views where
//! work is looked for, and comes back by the clock or by a message.

use growdesk::{
    app::Effect,
    desk::{Report, Work},
    domain::{Aside, AsideChange, ReplyId, Snooze, TicketId, WokenBy},
};
use jiff::{SignedDuration, Timestamp};

use crate::{after, at_all_sizes, support::console::Console};

const ID: TicketId = TicketId(1035);

fn said(console: &Console) -> String {
    let notice = console.model.notices.at(console.now).expect("something is said");
    notice.text.clone()
}

fn asked(console: &mut Console) -> Vec<(TicketId, AsideChange)> {
    let changes = console.effects().into_iter().filter_map(|effect| match effect {
        Effect::Work(Work::SetAside(changes)) => Some(changes),
        _ => None,
    });
    changes.flatten().collect()
}

fn snooze(console: &Console, id: TicketId) -> Option<Snooze> {
    console.model.tickets.rows().aside(id).snooze
}

fn until(console: &Console, id: TicketId) -> Option<Timestamp> {
    snooze(console, id)?.until
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A console with the cursor on the ticket.
fn at(id: TicketId) -> Console {
    let mut console = Console::working(120, 40);
    console.keys(&format!("gi{}<enter>", id.0)).rest();
    console.effects();
    console
}

fn in_view(console: &Console, name: &str) -> bool {
    let tab = console.model.list.tabs.iter().find(|tab| tab.view.name == name);
    let view = &tab.expect("a view of that name").view;
    let waiting = &console.model.settings.waiting;
    console.model.tickets.rows().get(ID).is_some_and(|row| view.takes(row, waiting))
}

#[test]
fn the_time_is_shown_in_full_before_it_counts() {
    let mut console = at(ID);
    console.keys("wfri 14:00");
    let text = console.text();
    assert!(
        text.contains("Fri 6 Mar 2026 14:00, in 2 d 22 h 58 min")
            || text.contains("Fri 6 Mar 2026 14:00, in 2 d 22 h"),
        "{text}"
    );
    assert_eq!(asked(&mut console), []);
    console.keys("<enter>");
    assert_eq!(until(&console, ID), Some(time("2026-03-06T13:00:00Z")));
    assert_eq!(said(&console), "#1035 is snoozed until Fri 6 Mar 2026 14:00; z takes it back");
    let known = snooze(&console, ID).expect("a snooze");
    assert_eq!((known.count, known.last), (0, Some(ReplyId(10350))));
    assert_eq!(asked(&mut console).len(), 1);
}

#[test]
fn usual_times_are_a_few_keys_away() {
    for (keys, expected) in [
        ("<enter>", "2026-03-03T15:02:00Z"),
        ("<down><enter>", "2026-03-03T17:02:00Z"),
        ("<down><down><enter>", "2026-03-04T08:00:00Z"),
        ("week<enter>", "2026-03-09T08:00:00Z"),
        ("<c-n><c-n><c-n><c-n><enter>", "2026-03-10T14:02:00Z"),
        ("in 2 h<enter>", "2026-03-03T16:02:00Z"),
        ("tomorrow<enter>", "2026-03-04T08:00:00Z"),
    ] {
        let mut console = at(ID);
        console.keys("w").keys(keys);
        assert_eq!(until(&console, ID), Some(time(expected)), "{keys}");
    }
    for keys in ["<up><enter>", "customer<enter>", "writes<enter>"] {
        let mut console = at(ID);
        console.keys("w").keys(keys);
        assert_eq!(said(&console), "#1035 is snoozed until the customer writes; z takes it back");
        assert!(snooze(&console, ID).is_some_and(|it| it.until.is_none()), "{keys}");
    }
}

#[test]
fn words_that_name_no_time_or_a_past_one_are_refused_with_what_would_work() {
    for (words, why) in [
        ("tue", "it is tue today; write today 17:00 or next tue"),
        ("8:30", "8:30 has passed today; tomorrow 8:30 has not"),
        ("3/4", "3/4 could be two days; write 3 dec or 2026-12-03"),
        ("xyz", "write it as 2h, tomorrow 9:00, fri 14:00, 3 dec or 2026-12-03 10:00"),
    ] {
        let mut console = at(ID);
        console.keys("w").keys(words);
        assert!(console.text().contains(why), "{words}: {}", console.text());
        console.keys("<enter>");
        assert_eq!(said(&console), why);
        assert!(console.model.popup.is_some() && asked(&mut console).is_empty());
        console.keys("<esc>");
        assert!(console.model.popup.is_none());
    }
}

#[test]
fn a_snoozed_ticket_leaves_the_views_where_work_is_looked_for() {
    let mut console = at(ID);
    assert!(in_view(&console, "Needs reply") && in_view(&console, "All"));
    console.keys("8");
    assert_eq!(said(&console), "no ticket is snoozed");
    console.keys("w2h<enter>");
    assert!(!in_view(&console, "Needs reply"));
    assert!(in_view(&console, "All") && in_view(&console, "Snoozed"));
    assert!(console.text().contains("8 Snoozed 1"), "{}", console.text());
    console.keys("8");
    let text = console.text();
    assert!(text.contains("next to wake first") && text.contains("☾#1035"), "{text}");
    assert!(text.contains("☾ snoozed until 17:02"), "{text}");
}

#[test]
fn undo_and_redo_take_a_snooze_as_one_step() {
    let mut console = at(ID);
    let view = console.model.list.active;
    console.keys("w2h<enter>z");
    assert_eq!(said(&console), "taken back: snooze #1035");
    assert!(snooze(&console, ID).is_none());
    assert_eq!((console.model.selected(), console.model.list.active), (Some(ID), view));
    console.keys("Z");
    assert!(snooze(&console, ID).is_some());
}

#[test]
fn a_snoozed_ticket_is_offered_to_be_woken() {
    let mut console = at(ID);
    console.keys("w2h<enter>8w");
    assert!(
        console.text().contains("#1035 is snoozed until Tue 3 Mar 2026 17:02"),
        "{}",
        console.text()
    );
    console.keys("<enter>");
    assert_eq!(said(&console), "#1035 is awake; z takes it back");
    assert!(snooze(&console, ID).is_none() && in_view(&console, "Needs reply"));
    console.keys("z");
    assert_eq!(until(&console, ID), Some(time("2026-03-03T16:02:00Z")));
    // Another time takes the place of the first.
    console.keys("w1d<enter>");
    assert_eq!(until(&console, ID), Some(time("2026-03-04T14:02:00Z")));
    console.keys("z");
    assert_eq!(until(&console, ID), Some(time("2026-03-03T16:02:00Z")));
}

#[test]
fn a_ticket_that_woke_is_said_and_marked_until_it_is_looked_at() {
    let mut console = at(ID);
    console.keys("w2h<enter>1gg");
    let selected = console.model.selected();
    let woken = Aside { woken: true, ..Aside::default() };
    console.send(Report::Asides(vec![(ID, woken)]));
    console.send(Report::Woken(vec![(ID, WokenBy::Clock)]));
    assert_eq!(said(&console), "#1035 is awake: its time has come");
    assert!(in_view(&console, "Needs reply") && console.text().contains("☼#1035"));
    assert_eq!(console.model.selected(), selected, "the cursor stays on its ticket");
    console.keys("gi1035<enter>").rest();
    assert!(console.model.tickets.rows().aside(ID).woken, "the list's cursor is no look");
    console.effects();
    console.keys("<enter>");
    assert_eq!(asked(&mut console)[0], (ID, AsideChange::LookedAt));
    assert!(!console.text().contains("☼"));
}

#[test]
fn several_that_woke_at_once_are_one_message() {
    let mut console = Console::working(100, 30);
    let woken = (1..=7).map(|id| (TicketId(id), WokenBy::Customer)).collect();
    console.send(Report::Woken(woken));
    assert_eq!(said(&console), "7 tickets are awake: #1, #2, #3, #4, #5 and 2 more");
}

#[test]
fn marked_tickets_are_snoozed_and_pinned_as_one_step() {
    let mut console = Console::working(120, 40);
    console.keys("xxxw");
    assert!(console.text().contains("Snooze 3 tickets until"), "{}", console.text());
    console.keys("1d<enter>");
    let said_of = "3 tickets are snoozed until Wed 4 Mar 2026 15:02; z takes it back";
    assert_eq!(said(&console), said_of);
    assert!(console.model.marks.is_empty() && asked(&mut console).len() == 3);
    console.keys("z");
    assert_eq!(said(&console), "taken back: snooze 3 tickets");
    console.keys(",b");
    assert_eq!(said(&console), "3 tickets are pinned; z takes it back");
    // A filter hides two of them. They are left, and stay marked.
    console.keys(",/#1035<enter>").rest();
    console.keys("b");
    let left = "; 2 marked tickets are not listed here, and left";
    assert_eq!(said(&console), format!("#1035 is no longer pinned; z takes it back{left}"));
    assert_eq!(console.model.marks.len(), 2);
    console.keys("b");
    assert_eq!(said(&console), "no marked ticket is listed here; nothing was done");
}

#[test]
fn a_ticket_that_goes_while_it_is_asked_about_is_not_snoozed() {
    let mut console = at(ID);
    console.keys("w");
    console.send(Report::Rows { changed: vec![], gone: vec![ID] });
    console.keys("2h<enter>");
    assert_eq!(said(&console), "#1035 is not here any more; nothing was done");
    assert_eq!(asked(&mut console), []);
}

#[test]
fn the_time_that_is_shown_is_the_time_of_enter() {
    let mut console = at(ID);
    console.keys("w2h");
    console.now += SignedDuration::from_mins(30);
    console.keys("<enter>");
    assert_eq!(until(&console, ID), Some(time("2026-03-03T16:32:00Z")));
}

#[test]
fn the_question_and_the_view_at_each_size() {
    at_all_sizes("snooze", |w, h| after(Console::working(w, h), "w"));
    at_all_sizes("snooze_typed", |w, h| after(Console::working(w, h), "wfri 14:00"));
    at_all_sizes("snooze_refused", |w, h| after(Console::working(w, h), "wtue 14:00"));
    at_all_sizes("snoozed", |w, h| {
        after(Console::working(w, h), "w3 dec<enter>jw2h<enter>jwcust<enter>8")
    });
}
