//! The board: the same tickets, cursor and commands as the list's.

use growdesk::{
    app::{Effect, Focus, panes::list::board::BoardColumn},
    desk::{Connection, Report, Stored, Work},
    domain::{Change, Directory, State, Status, StatusId, TicketId},
    ui::ColorDepth,
};
use proptest::prelude::*;

use crate::support::{
    console::{Console, problem},
    desk,
};

fn on_board(width: u16, height: u16, keys: &str) -> Console {
    let mut console = Console::working(width, height);
    console.keys("gb").rest().see();
    console.keys(keys).rest().see();
    console
}

fn columns(console: &Console) -> &[BoardColumn] {
    console.model.board.as_ref().map(|board| &board.columns[..]).unwrap_or_default()
}

/// The title of each column with the numbers of its tickets.
fn sorted(console: &Console) -> Vec<(String, Vec<i64>)> {
    let rows = console.model.tickets.rows();
    let listed = console.model.list.listed();
    let ids = |column: &BoardColumn| {
        column.cards.iter().map(|at| rows.at(listed[*at]).expect("a row").id.0).collect()
    };
    columns(console).iter().map(|it| (it.status.title.to_string(), ids(it))).collect()
}

fn column_of(console: &Console, ticket: i64) -> String {
    let all = sorted(console);
    let its = all.into_iter().find(|(_, ids)| ids.contains(&ticket));
    its.map(|(title, _)| title).unwrap_or_default()
}

/// The columns hold each listed ticket once, under its own status, in the order of the list.
fn assert_whole(console: &Console) {
    let listed = console.model.list.listed();
    let rows = console.model.tickets.rows();
    let mut cards: Vec<usize> = Vec::new();
    for column in columns(console) {
        assert!(column.cards.is_sorted(), "{column:?}");
        for card in &column.cards {
            let row = rows.at(listed[*card]).expect("a row");
            assert_eq!(row.status.id, column.status.id);
        }
        cards.extend(&column.cards);
    }
    cards.sort_unstable();
    let known: Vec<usize> = (0..listed.len()).filter(|at| rows.at(listed[*at]).is_some()).collect();
    assert_eq!(cards, known);
}

#[test]
fn the_board_at_each_size() {
    crate::at_all_sizes("board", |w, h| on_board(w, h, ""));
    crate::at_80("board_right", |w, h| on_board(w, h, "lll"));
    crate::at_80("board_marked", |w, h| on_board(w, h, "xjxw<enter>"));
    insta::assert_snapshot!("board_60x16", on_board(60, 16, "l").text());
    for (name, depth) in [("ansi16", ColorDepth::Ansi16), ("none", ColorDepth::None)] {
        let mut console = on_board(80, 24, "j");
        console.depth = depth;
        insta::assert_snapshot!(format!("board_80x24_{name}"), console.styled());
    }
}

#[test]
fn a_way_there_and_back_changes_nothing() {
    let mut console = Console::working(120, 40);
    console.keys("jjx").rest().see();
    let before = (console.model.selected(), console.model.list.active, console.model.marks.clone());
    console.keys("gb").rest().see();
    assert!(console.model.is_on_board());
    assert_eq!(console.model.ticket_at_hand(), before.0, "{}", console.text());
    assert_whole(&console);
    console.keys("gb").rest().see();
    let after = (console.model.selected(), console.model.list.active, console.model.marks.clone());
    assert_eq!((after.0, after.1), (before.0, before.1), "{}", console.text());
    assert_eq!(after.2.len(), 1);
    assert!(console.model.board.is_none() && console.model.focus == Focus::List);
}

#[test]
fn escape_takes_the_marks_off_first_and_then_leaves() {
    let mut console = on_board(100, 30, "x");
    console.keys("<esc>");
    assert!(console.model.is_on_board() && console.model.marks.is_empty());
    console.keys("<esc>");
    assert!(!console.model.is_on_board(), "{}", console.text());
}

#[test]
fn the_cursor_goes_across_the_columns_and_within_them() {
    let mut console = on_board(120, 40, "gg");
    let all = sorted(&console);
    let (title, first) = &all[0];
    let titles: Vec<&str> = all.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(title, "Open");
    assert_eq!((titles[1], titles.last()), ("Customer Replied", Some(&"Closed")));
    let at = |console: &Console| console.model.ticket_at_hand().expect("a ticket").0;
    while column_of(&console, at(&console)) != "Open" {
        console.keys("h").see();
    }
    console.keys("gg");
    assert_eq!(at(&console), first[0]);
    console.keys("j");
    assert_eq!(at(&console), first[1]);
    console.keys("G");
    assert_eq!(Some(&at(&console)), first.last());
    console.keys("ggl");
    assert_eq!(at(&console), all[1].1[0]);
    console.keys("hhh");
    assert_eq!(at(&console), first[0], "the first column is the end");
    console.keys("llllllllllll");
    let last = all.iter().rfind(|(_, ids)| !ids.is_empty()).expect("a column");
    assert!(last.1.contains(&at(&console)), "{}", console.text());
}

#[test]
fn a_card_moves_when_the_status_of_its_ticket_does_and_back() {
    let mut console = on_board(120, 40, "");
    let id = console.model.ticket_at_hand().expect("a ticket");
    let from = column_of(&console, id.0);
    console.keys("s3").see();
    assert_eq!(column_of(&console, id.0), "On Hold", "{}", console.text());
    assert_eq!(console.model.ticket_at_hand(), Some(id), "the cursor holds the ticket");
    assert_whole(&console);
    let entries = console.queued();
    assert!(matches!(entries[0].change, Change::Status(_)));
    console.keys("z").see();
    console.settle(&entries[0], State::TakenBack);
    assert_eq!(column_of(&console, id.0), from, "{}", console.text());
    assert_eq!(console.model.ticket_at_hand(), Some(id));
}

#[test]
fn a_card_goes_back_where_the_server_refuses() {
    let mut console = on_board(120, 40, "");
    let id = console.model.ticket_at_hand().expect("a ticket");
    let from = column_of(&console, id.0);
    console.keys("s2").see();
    let entries = console.queued();
    let refusal = problem(growdesk::domain::ProblemKind::Refused, "this ticket is locked");
    console.settle(&entries[0], State::Refused { problem: refusal });
    assert_eq!(column_of(&console, id.0), from);
    assert!(console.text().contains("this ticket is locked"), "{}", console.text());
}

#[test]
fn a_card_stays_whatever_else_changes() {
    let mut console = on_board(120, 40, "");
    let id = console.model.ticket_at_hand().expect("a ticket");
    let before = sorted(&console);
    console.keys("phigh<enter>").see();
    console.keys("b").see();
    console.keys("<enter>").rest().see();
    console.keys("<esc>").rest().see();
    assert!(console.model.is_on_board(), "{}", console.text());
    assert_eq!(sorted(&console), before);
    assert_eq!(console.model.ticket_at_hand(), Some(id));
}

#[test]
fn marked_cards_are_changed_as_one_step() {
    let mut console = on_board(120, 40, "ggxjxl");
    console.keys("x").see();
    console.keys("s4").see();
    assert!(console.text().contains("3 marked tickets"), "{}", console.text());
    console.keys("<enter>").see();
    let entries = console.queued();
    let tickets: std::collections::BTreeSet<_> = entries.iter().map(|it| it.ticket).collect();
    assert!(tickets.len() >= 2, "{entries:?}");
    for entry in &entries {
        assert_eq!(column_of(&console, entry.ticket.expect("a ticket").0), "Answered");
    }
    assert_whole(&console);
}

#[test]
fn a_ticket_is_opened_and_left_to_the_board() {
    let mut console = on_board(100, 30, "j");
    let id = console.model.ticket_at_hand();
    console.keys("<enter>").rest().see();
    assert_eq!((console.model.focus, console.model.conversation.ticket), (Focus::Conversation, id));
    assert!(console.text().contains("Esc back"), "{}", console.text());
    console.keys("<esc>").see();
    assert!(console.model.is_on_board(), "{}", console.text());
    console.keys("rHello<esc>").see();
    assert!(console.model.is_on_board() && console.text().contains("✎"), "{}", console.text());
}

#[test]
fn nothing_is_read_for_a_card_that_is_passed() {
    let mut console = on_board(100, 30, "");
    console.effects();
    console.keys("jjlljh").rest();
    let reads =
        console.effects().into_iter().filter(|it| matches!(it, Effect::Work(Work::Read { .. })));
    assert_eq!(reads.count(), 0);
}

#[test]
fn a_filter_and_a_view_narrow_the_board() {
    let mut console = on_board(120, 40, "/print<enter>");
    assert!(sorted(&console).iter().map(|(_, ids)| ids.len()).sum::<usize>() < 6);
    assert_whole(&console);
    console.keys("<esc>").see();
    console.keys("1").rest().see();
    assert!(console.model.is_on_board());
    let titles: Vec<String> = sorted(&console).into_iter().map(|(title, _)| title).collect();
    assert_eq!(titles, ["Open", "Customer Replied"], "{}", console.text());
    console.keys("/nothing at all<enter>").see();
    assert!(console.text().contains("No ticket in Needs reply"), "{}", console.text());
}

#[test]
fn strange_statuses_have_columns_too() {
    let mut rows = desk::rows();
    let statuses: Vec<Status> = (1..=40)
        .map(|id| Status {
            id: StatusId(id),
            title: desk::line(&"語 status ".repeat(id as usize % 5)),
        })
        .collect();
    for (row, status) in rows.iter_mut().zip(statuses.iter().cycle().skip(30)) {
        row.ticket.status = status.clone();
    }
    let directory = Directory { statuses: statuses[..20].to_vec(), ..desk::directory() };
    let mut console = Console::opened(80, 24);
    console.send(Report::Stored(Box::new(Stored { rows, directory, ..Stored::default() })));
    console.send(Report::Connection(Connection::Online));
    console.rest().see();
    console.keys("gb").rest().see();
    assert_whole(&console);
    insta::assert_snapshot!("board_strange_80x24", console.text());
    let mut empty = Console::empty(80, 24);
    empty.keys("gb").rest().see();
    assert!(empty.text().contains("No ticket has been read yet"), "{}", empty.text());
    empty.keys("jklhG<enter>x*sz");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_columns_are_the_list_whatever_happens(
        keys in prop::collection::vec(
            prop::sample::select(vec![
                "j", "k", "h", "l", "G", "gg", "J", "K", "s2", "s3", "s5", "e", "z", "Z", "x", "*", ",",
                "R", "1", "6", "7", "/print<enter>", "<esc>", "b", "gb", "<enter>", "<tab>", "V", ".",
                "Ocreated<enter>", "w<enter>", "S", "gs", "<c-d>", "[", "]",
            ]),
            1..30,
        ),
        width in 60_u16..200,
    ) {
        let mut console = on_board(width, 30, "");
        for key in keys {
            console.keys(key).rest().see();
            if console.model.board.is_some() {
                assert_whole(&console);
            }
            let is_seen = console.model.is_on_board() && console.model.popup.is_none();
            if is_seen && !console.model.list.listed().is_empty() {
                let id = console.model.selected().unwrap_or(TicketId(0));
                prop_assert!(console.text().contains(&id.to_string()), "{}\n{}", key, console.text());
            }
        }
    }
}
