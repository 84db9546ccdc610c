//! The order of a view.

use growdesk::domain::{Row, TicketId};

use crate::{
    after, at_80, at_all_sizes,
    support::{console::Console, desk},
};

/// The numbers of the listed tickets, in order.
fn listed(console: &Console) -> Vec<i64> {
    let model = &console.model;
    let rows = model.tickets.rows();
    model.list.listed().iter().filter_map(|it| rows.at(*it)).map(|row| row.id.0).collect()
}

/// The open view's tickets in the order of a key, worked out from the desk alone.
fn by<K: Ord>(key: impl Fn(&Row) -> K) -> Vec<i64> {
    let mut rows: Vec<Row> = desk::rows().into_iter().filter(|row| !row.ticket.archived).collect();
    rows.sort_by_key(|row| (key(row), std::cmp::Reverse(row.ticket.id)));
    rows.iter().map(|row| row.ticket.id.0).collect()
}

#[test]
fn the_order_of_a_view_is_picked() {
    at_all_sizes("sort_picker", |w, h| after(Console::working(w, h), "O"));
    at_80("sort_picker_reversed", |w, h| after(Console::working(w, h), "6O<down><c-r>"));
    at_80("sorted", |w, h| after(Console::working(w, h), "6Ocre<enter>"));
}

#[test]
fn each_order_is_the_one_that_its_words_say_either_way_round() {
    let console = |keys: &str| after(Console::working(120, 40), keys);
    let created = |row: &Row| row.ticket.created;
    assert_eq!(listed(&console("6Ocre<enter>")), by(|row| std::cmp::Reverse(created(row))));
    assert_eq!(listed(&console("6Ocre<c-r><enter>")), by(created));
    assert_eq!(listed(&console("6Ostat<enter>")), by(|row| row.ticket.status.id.0));
    let reversed = console("6Ostat<c-r><enter>O<enter>");
    assert_eq!(listed(&reversed), by(|row| -row.ticket.status.id.0), "Enter alone changes nothing");
    let back = console("6Ostat<c-r><enter>Oup<c-r><enter>");
    assert_eq!(listed(&back), listed(&console("6")), "the view's own order is one of them");
}

#[test]
fn the_cursor_keeps_its_ticket_and_a_filter_its_tickets_through_another_order() {
    let mut console = after(Console::working(120, 40), "6/print<enter>j");
    let (ticket, before) = (console.model.selected(), listed(&console));
    console.keys("Ocre<c-r><enter>").rest();
    assert_eq!(console.model.selected(), ticket);
    assert_ne!(listed(&console), before);
    let expected = by(|row| row.ticket.created).into_iter().filter(|id| before.contains(id));
    assert_eq!(listed(&console), expected.collect::<Vec<_>>());
    let mut other = console.clone();
    other.keys("5").rest();
    assert!(other.text().contains("latest change first"), "another view keeps its order");
}

#[test]
fn a_row_that_changes_while_the_list_is_sorted_gets_its_place() {
    use growdesk::desk::{Found, Read, Report, Work};
    let mut console = after(Console::working(120, 40), "6");
    console.effects();
    console.asked_only = true;
    console.keys("Ostat<enter>");
    let asked = console.effects().into_iter().find_map(|effect| match effect {
        growdesk::app::Effect::Work(Work::Read {
            request,
            read: Read::Order { rows, view, waiting },
            ..
        }) => Some((request, rows, view, waiting)),
        _ => None,
    });
    let (request, rows, view, waiting) = asked.expect("the background task is asked");
    let mut row = desk::rows().into_iter().find(|row| row.ticket.id == TicketId(1040)).unwrap();
    row.ticket.status = growdesk::domain::Status::usual()[1].clone();
    console.send(Report::Rows { changed: vec![row], gone: vec![TicketId(1042)] });
    let found = Ok(Found::Order(view.select(&rows, &waiting)));
    console.send(Report::Found { request, found });
    let expected: Vec<i64> = by(|row| match row.ticket.id.0 {
        1040 => 2,
        _ => row.ticket.status.id.0,
    });
    let expected: Vec<i64> = expected.into_iter().filter(|id| *id != 1042).collect();
    assert_eq!(listed(&console), expected);
}
