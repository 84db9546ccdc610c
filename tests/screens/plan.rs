//! The plan of an action on several tickets: what it says, what it does, and that it does nothing
//! before it was seen.

use growdesk::{
    app::{Message, Popup},
    desk::{BudgetUse, Report},
    domain::{Change, Entry, Row, Status, StatusId, TicketId},
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

fn tickets(entries: &[Entry]) -> Vec<i64> {
    entries.iter().filter_map(|entry| entry.ticket).map(|id| id.0).collect()
}

fn notice(console: &Console) -> String {
    let notice = console.model.notices.at(console.now);
    notice.map(|notice| notice.text.clone()).unwrap_or_default()
}

fn is_planned(console: &Console) -> bool {
    matches!(console.model.popup, Some(Popup::Plan(_)))
}

fn changed(id: i64, change: impl FnOnce(&mut Row)) -> Report {
    let mut row = desk::rows().into_iter().find(|row| row.ticket.id.0 == id).expect("it is there");
    change(&mut row);
    Report::Rows { changed: vec![row], gone: vec![] }
}

#[test]
fn a_plan_shows_what_changes_what_does_not_and_why() {
    at_all_sizes("plan", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("6*phigh<enter>").rest();
        console
    });
    at_all_sizes("plan_alone", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("*s2JJ").rest();
        console
    });
    at_all_sizes("plan_hidden", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("xxxx/print<enter>e").rest();
        console
    });
}

#[test]
fn what_can_be_done_is_done_as_one_step_in_the_order_of_the_list() {
    let mut console = working();
    let rows = console.model.tickets.rows().clone();
    let listed = console.model.list.listed().iter().take(3).filter_map(|it| rows.id_at(*it));
    let listed: Vec<i64> = listed.map(|id| id.0).collect();
    console.keys("xxxs2");
    assert!(is_planned(&console));
    assert!(console.queued().is_empty(), "nothing happens before it was seen");
    console.keys("<enter>");
    let entries = console.queued();
    assert_eq!(tickets(&entries), listed);
    assert!(entries.iter().all(|entry| entry.step == entries[0].step), "one step");
    assert!(entries.iter().all(|entry| {
        matches!(&entry.change, Change::Status(edit) if edit.to.id == StatusId::CLOSED)
    }));
    assert_eq!(console.model.marks.len(), 0);
    assert!(notice(&console).contains("3 tickets: status set to Closed"), "{}", notice(&console));
    console.keys(",");
    assert_eq!(console.model.marks.len(), 3, "the marks can be had again");
}

#[test]
fn esc_leaves_all_as_it_is() {
    let mut console = working();
    console.keys("xxxs2J");
    console.keys("<esc>");
    assert!(is_planned(&console), "first back from the one ticket");
    console.keys("<esc>");
    assert!(!is_planned(&console));
    assert!(console.queued().is_empty());
    assert_eq!(console.model.marks.len(), 3);
}

#[test]
fn a_plan_that_was_not_drawn_takes_no_key() {
    let mut console = working();
    console.keys("xxxs");
    console.keys_at_once("2<enter>");
    assert!(is_planned(&console));
    assert!(console.queued().is_empty());
    console.send(Message::Drawn);
    console.keys("<enter>");
    assert_eq!(console.queued().len(), 3);
}

#[test]
fn what_the_filter_hides_is_left_unless_it_is_asked_for() {
    let mut console = working();
    console.keys("/vpn<enter>x<esc>/print<enter>*e");
    let text = console.text();
    assert!(text.contains("1 marked ticket is not in this list: left out, a takes"), "{text}");
    console.keys("<enter>");
    let mut acted = tickets(&console.queued());
    acted.sort_unstable();
    assert_eq!(acted, [1037, 1038]);
    assert!(console.model.marks.has(TicketId(1042)) && console.model.marks.len() == 1);

    let mut console = working();
    console.keys("/vpn<enter>x<esc>/print<enter>*ea");
    assert!(console.text().contains("taken too"), "{}", console.text());
    console.keys("<enter>");
    assert_eq!(console.queued().len(), 3);

    let mut console = working();
    console.keys("xx/zzz<enter>e");
    assert!(console.text().contains("0 change"), "{}", console.text());
    console.keys("<enter>");
    assert!(notice(&console).contains("no marked ticket is in this list"), "{}", notice(&console));
    assert_eq!(console.model.marks.len(), 2);
}

#[test]
fn what_can_t_be_changed_keeps_its_mark_and_what_is_so_already_loses_it() {
    let mut console = working();
    // #1031 has no department and no subject.
    console.keys("6*phigh<enter>");
    let text = console.text();
    assert!(text.contains("no department and no subject, which the server needs"), "{text}");
    let entries = {
        console.keys("<enter>");
        console.queued()
    };
    assert!(!tickets(&entries).contains(&1031));
    assert!(console.model.marks.has(TicketId(1031)));
    assert_eq!(console.model.marks.len(), 1);
}

#[test]
fn a_plan_is_made_anew_when_tickets_change_under_it() {
    let mut console = working();
    console.keys("/print<enter>*s2");
    assert!(console.text().contains("2 change"), "{}", console.text());
    let [_, closed, ..] = Status::usual();
    console.send(changed(1037, |row| row.ticket.status = closed));
    assert!(console.text().contains("1 changes · 1 is so already"), "{}", console.text());
    console.send(Message::Key(crokey::key!(enter)));
    assert!(is_planned(&console), "it has just changed, and nobody has seen it");
    assert!(console.queued().is_empty());
    console.see();
    console.keys("<enter>");
    assert_eq!(tickets(&console.queued()), [1038]);
}

#[test]
fn a_ticket_that_goes_while_its_plan_is_open_is_left() {
    let mut console = working();
    console.keys("/print<enter>*s2");
    console.send(Report::Rows { changed: vec![], gone: vec![TicketId(1037)] });
    assert!(console.text().contains("not here any more: #1037"), "{}", console.text());
    console.see();
    console.keys("<enter>");
    assert_eq!(tickets(&console.queued()), [1038]);
}

#[test]
fn tags_of_many_come_and_go_and_what_some_have_stays() {
    let mut console = working();
    console.keys("/print<enter>*t");
    let text = console.text();
    assert!(text.contains("[x] printing") && text.contains("[-] pos"), "{text}");
    console.keys("new-tag<enter>");
    assert!(console.text().contains("2 change"), "{}", console.text());
    console.keys("<enter>");
    for entry in console.queued() {
        let Change::Tags(tags) = &entry.change else { panic!("{entry:?}") };
        assert_eq!((tags.add.len(), tags.remove.len()), (1, 0), "{tags:?}");
    }
}

#[test]
fn the_time_that_it_takes_is_told_by_the_budget() {
    let said = |limit: u32| {
        let mut console = working();
        console.send(Report::Budget(BudgetUse { used: 0, limit }));
        console.keys("*s2");
        let text = console.text();
        text.lines().find(|it| it.contains(" requests")).map(str::to_owned).unwrap_or_default()
    };
    assert!(said(60).contains("18 requests, sent at once"), "{}", said(60));
    assert!(said(10).contains("18 requests, about 2 min at 10 requests"), "{}", said(10));
    assert!(!said(0).contains("min"), "{}", said(0));
}
