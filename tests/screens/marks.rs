//! Marks: kept by ticket, counted, taken by actions, and lost with the ticket alone.

use growdesk::{
    app::Focus,
    desk::Report,
    domain::{Change, Row, State, Status, TicketId},
};

use crate::{
    at_all_sizes,
    support::{console::Console, desk},
};

fn working() -> Console {
    let mut console = Console::working(120, 40);
    console.effects();
    console
}

/// The numbers of the marked tickets.
fn marked(console: &Console) -> Vec<i64> {
    let all = desk::rows().into_iter().map(|row| row.ticket.id);
    let mut marked: Vec<i64> =
        all.filter(|id| console.model.marks.has(*id)).map(|id| id.0).collect();
    marked.sort_unstable();
    assert_eq!(marked.len(), console.model.marks.len());
    marked
}

fn listed(console: &Console) -> Vec<i64> {
    let rows = console.model.tickets.rows();
    console.model.list.listed().iter().filter_map(|it| rows.id_at(*it)).map(|id| id.0).collect()
}

fn notice(console: &Console) -> String {
    let notice = console.model.notices.at(console.now);
    notice.map(|notice| notice.text.clone()).unwrap_or_default()
}

fn changed(id: i64, change: impl FnOnce(&mut Row)) -> Report {
    let mut row = desk::rows().into_iter().find(|row| row.ticket.id.0 == id).expect("it is there");
    change(&mut row);
    Report::Rows { changed: vec![row], gone: vec![] }
}

#[test]
fn marks_are_shown_and_counted() {
    at_all_sizes("marks", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("xxjxk").rest();
        console
    });
}

#[test]
fn a_mark_is_set_and_taken_off_and_the_cursor_goes_on() {
    let mut console = working();
    let rows = listed(&console);
    console.keys("x<space>");
    let mut first: Vec<i64> = rows[..2].to_vec();
    first.sort_unstable();
    assert_eq!(marked(&console), first);
    assert_eq!(console.model.selected(), Some(TicketId(rows[2])));
    console.keys("kx");
    assert_eq!(marked(&console), rows[..1]);
    console.keys("G").keys("xx");
    assert_eq!(marked(&console), rows[..1], "the last row is marked and unmarked");
}

#[test]
fn a_range_goes_from_the_last_mark_to_the_cursor_in_either_direction() {
    let mut console = working();
    let rows = listed(&console);
    let sorted = |rows: &[i64]| {
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        rows
    };
    console.keys("jxjjV");
    assert_eq!(marked(&console), sorted(&rows[1..5]));
    console.keys("ggV");
    assert_eq!(marked(&console), sorted(&rows[..5]));
    console.keys("<esc>GV");
    assert_eq!(marked(&console), rows[rows.len() - 1..], "without a mark it begins here");
    console.keys("kkV");
    assert_eq!(marked(&console), sorted(&rows[rows.len() - 3..]));
}

#[test]
fn all_then_none_then_the_last_ones_again() {
    let mut console = working();
    let mut rows = listed(&console);
    rows.sort_unstable();
    console.keys("x*");
    assert_eq!(marked(&console), rows);
    console.keys("*");
    assert_eq!(marked(&console), [0; 0]);
    console.keys(",");
    assert_eq!(marked(&console), rows);
    console.keys("<esc>");
    assert_eq!(marked(&console), [0; 0]);
    console.keys(",");
    assert_eq!(marked(&console), rows);
    console.keys("<esc>,,");
    assert!(notice(&console).contains("no earlier marks"), "{}", notice(&console));
}

#[test]
fn all_means_all_that_is_listed() {
    let mut console = working();
    console.keys("/print<enter>*<esc>");
    assert_eq!(marked(&console), [1037, 1038], "{}", console.text());
    console.keys("/vpn<enter>**<esc>");
    assert_eq!(marked(&console), [1037, 1038], "marks beyond the list stay");
}

#[test]
fn a_mark_stays_with_its_ticket_through_refresh_filter_and_view() {
    let mut console = working();
    console.keys("/vpn<enter>x<esc>");
    assert_eq!(marked(&console), [1042]);
    let [_, closed, ..] = Status::usual();
    console.keys("R");
    console.send(changed(1042, |row| row.ticket.status = closed));
    assert_eq!(marked(&console), [1042], "it has left the view, and is marked");
    assert!(console.text().contains("1 marked"), "{}", console.text());
    console.keys("5");
    assert!(console.text().contains("*#1042"), "{}", console.text());
    console.keys("1/invoice<enter><esc>");
    assert_eq!(marked(&console), [1042]);
}

#[test]
fn a_ticket_that_is_gone_drops_out_and_that_is_said() {
    let mut console = working();
    console.keys("/vpn<enter>x<esc>/print<enter>*<esc>");
    assert_eq!(marked(&console), [1037, 1038, 1042]);
    console.send(Report::Rows { changed: vec![], gone: vec![TicketId(1037)] });
    assert_eq!(marked(&console), [1038, 1042]);
    assert_eq!(notice(&console), "#1037: no longer on the server; it was marked");
    let gone = vec![TicketId(1042), TicketId(1038), TicketId(1041)];
    console.send(Report::Rows { changed: vec![], gone });
    assert_eq!(marked(&console), [0; 0]);
    let said = notice(&console);
    assert!(said.contains("#1042, #1038 were marked"), "{said}");
}

#[test]
fn marks_that_are_brought_back_are_those_of_tickets_that_are_here() {
    let mut console = working();
    console.keys("/print<enter>*<esc><esc>");
    assert_eq!(marked(&console), [0; 0]);
    console.send(Report::Rows { changed: vec![], gone: vec![TicketId(1037)] });
    console.keys(",");
    assert_eq!(marked(&console), [1038]);
    assert!(notice(&console).contains("#1037 is not here any more"), "{}", notice(&console));
}

#[test]
fn esc_undoes_the_popup_then_the_filter_then_the_marks() {
    let mut console = working();
    console.keys("xx/p<enter>s");
    assert!(console.model.popup.is_some());
    console.keys("<esc>");
    assert!(console.model.popup.is_none() && console.text().contains("filter: p"));
    console.keys("<esc>");
    assert!(!console.text().contains("filter: p"));
    assert_eq!(console.model.marks.len(), 2);
    assert!(console.text().contains("Esc takes the marks off"), "{}", console.text());
    console.keys("<esc>");
    assert_eq!(console.model.marks.len(), 0);
}

#[test]
fn in_the_conversation_a_mark_moves_nothing_and_esc_goes_back_first() {
    let mut console = working();
    let rows = listed(&console);
    console.keys("<enter><rest>x");
    assert_eq!(console.model.conversation.ticket, Some(TicketId(rows[0])));
    assert_eq!(marked(&console), rows[..1]);
    console.keys("<esc>");
    assert_eq!((console.model.focus, console.model.marks.len()), (Focus::List, 1));
    console.keys("j<enter><rest>s");
    assert!(console.text().contains("Status of the marked ticket"), "{}", console.text());
}

#[test]
fn one_marked_ticket_under_the_cursor_needs_no_plan() {
    let mut console = working();
    console.keys("xks2");
    let entries = console.queued();
    assert_eq!(entries.len(), 1);
    assert_eq!(console.model.marks.len(), 0);
    console.settle(&entries[0], State::TakenBack);
    console.keys(",");
    assert_eq!(console.model.marks.len(), 1);
}

#[test]
fn a_reply_a_note_and_a_form_are_for_one_ticket_and_say_so() {
    for (key, what) in [("r", "a reply"), ("n", "a note"), ("E", "a form")] {
        let mut console = working();
        console.keys("xxx").keys(key);
        let at_hand = console.model.selected().expect("one is under the cursor");
        let said = console.model.notices.all().map(|it| it.text.clone()).collect::<Vec<_>>();
        let wanted = format!("{at_hand} alone: {what} is for one ticket; 3 tickets stay marked");
        assert!(said.contains(&wanted), "{said:?}");
        assert_eq!(console.model.marks.len(), 3);
    }
}

#[test]
fn a_deletion_is_never_for_many() {
    let mut console = working();
    console.keys("xx#");
    assert!(console.model.popup.is_none(), "{}", console.text());
    assert!(notice(&console).contains("a deletion is for one ticket"), "{}", notice(&console));
    console.keys("<esc>x").keys("k#1041<c-s>");
    let queued = console.queued();
    assert!(queued.iter().all(|entry| entry.change == Change::DeleteTicket), "{queued:?}");
}

#[test]
fn a_range_does_not_begin_at_a_mark_that_an_action_has_used_up() {
    let mut console = working();
    let rows = listed(&console);
    console.keys("xxphigh<enter><enter>");
    assert!(marked(&console).is_empty(), "the action has taken the marks");
    let here = console.model.ticket_at_hand().expect("a row").0;
    assert_ne!(Some(&here), rows.get(1));
    console.keys("V");
    assert_eq!(marked(&console), [here]);
}

#[test]
fn marked_tickets_that_are_not_listed_say_themselves_whether_they_are_archived() {
    let mut console = working();
    console.keys("xx/zzzz").rest();
    console.keys("<enter>");
    assert!(listed(&console).is_empty());
    console.keys("e");
    let text = console.text();
    assert!(text.contains("archive ·"), "none of them is archived: {text}");
    assert!(!text.contains("restore"), "{text}");
}
