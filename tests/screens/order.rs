//! One cursor: the row under it is the ticket on the right, and what the agent does to that ticket
//! does not take the row away.

use growdesk::{
    app::{Focus, Message, Settings},
    desk::Report,
    domain::{Change, Entry, Row, State, StatusId, TicketId, plan::Then},
};

use super::at_all_sizes;
use crate::support::{console::Console, desk};

fn listed(console: &Console) -> Vec<i64> {
    let rows = console.model.tickets.rows();
    let listed = console.model.list.listed().iter();
    listed.filter_map(|it| rows.at(*it)).map(|row| row.id.0).collect()
}

fn count(console: &Console) -> usize {
    console.model.list.tab().map_or(0, |tab| tab.count)
}

/// The one ticket that row, conversation and keys are about.
#[track_caller]
fn only(console: &Console) -> TicketId {
    let model = &console.model;
    assert_eq!(model.selected(), model.conversation.ticket, "{}", console.text());
    assert_eq!(model.ticket_at_hand(), model.selected(), "{}", console.text());
    model.selected().expect("a ticket is under the cursor")
}

fn working(settings: Settings) -> Console {
    let mut console = Console::with(settings, 120, 40).fill();
    console.effects();
    console
}

/// The server has recorded an entry.
fn recorded(console: &mut Console, entry: &Entry) {
    let ticket = entry.ticket.expect("the entry is about a ticket");
    let mut row: Row = console.model.tickets.get(ticket).expect("it is known");
    entry.change.apply(&mut row.ticket);
    row.ticket.last_updated = Some(console.now);
    row.ticket.status_changed = Some(console.now);
    let undo = entry.change.inverse().map(Box::new);
    let state = State::Recorded { at: console.now, made: None, undo };
    let entry = Box::new(Entry { state, ..entry.clone() });
    console.send(Report::Entry { entry, row: Some(Box::new(row)) });
}

#[test]
fn a_ticket_that_leaves_by_the_agents_own_action_stays_dimmed_under_the_cursor() {
    at_all_sizes("left_the_view", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("jjs2").rest();
        console
    });
    at_all_sizes("left_the_view_archived", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("jj<enter><rest>e").rest();
        console
    });
    let mut console = Console::working(80, 24);
    console.depth = growdesk::ui::ColorDepth::None;
    console.keys("jjs2").rest();
    let styled = console.styled();
    assert!(styled.contains("4| 0-77 dim+reversed"), "{styled}");
}

#[test]
fn the_row_stays_where_it_was_until_the_cursor_leaves_it() {
    let mut console = working(desk::settings());
    console.keys("jj");
    let (before, ticket) = (listed(&console), only(&console));
    let many = count(&console);
    console.keys("s2");
    assert_eq!((listed(&console), only(&console)), (before.clone(), ticket));
    assert_eq!(count(&console), many - 1, "a row that lingers is not counted");
    let entry = console.queued().remove(0);
    recorded(&mut console, &entry);
    assert_eq!((listed(&console), only(&console)), (before.clone(), ticket));
    // It can be worked on further.
    console.keys("s3");
    assert_eq!(console.queued()[0].ticket, Some(ticket));
    console.keys("j");
    let without: Vec<i64> = before.iter().copied().filter(|id| *id != ticket.0).collect();
    assert_eq!(listed(&console), without);
    assert_eq!(only(&console).0, before[3]);
    assert_eq!(count(&console), many - 1);
}

#[test]
fn an_undo_gives_the_row_its_place_back() {
    for (recorded_first, at) in [(false, 0), (false, 2), (true, 0), (true, 2), (true, 8)] {
        for keys in ["s2", "e", "<enter><rest>s3"] {
            let mut console = working(desk::settings());
            console.keys(&"j".repeat(at)).rest();
            let before = listed(&console);
            console.keys(keys);
            let entry = console.queued().remove(0);
            if recorded_first {
                recorded(&mut console, &entry);
            }
            console.keys("z");
            if !recorded_first {
                console.settle(&entry, State::TakenBack);
            }
            assert_eq!(listed(&console), before, "{keys} at {at}, {recorded_first}");
            assert_eq!(only(&console).0, before[at]);
            assert_eq!(console.model.lingering(), None);
            assert_eq!(count(&console), before.len());
        }
    }
}

#[test]
fn what_the_server_refuses_is_in_its_row_again() {
    let mut console = working(desk::settings());
    console.keys("jjj");
    let before = listed(&console);
    console.keys("s2");
    let entry = console.queued().remove(0);
    let problem = crate::support::console::problem(growdesk::domain::ProblemKind::Refused, "no");
    console.settle(&entry, State::Refused { problem });
    assert_eq!(listed(&console), before);
    assert_eq!((only(&console).0, console.model.lingering()), (before[3], None));
}

#[test]
fn a_ticket_that_others_take_out_leaves_the_list_but_not_the_agent_who_reads_it() {
    let closed = |console: &Console, id: TicketId| {
        let mut row = console.model.tickets.get(id).unwrap();
        row.ticket.status = console.model.status(StatusId::CLOSED);
        Report::Rows { changed: vec![row], gone: vec![] }
    };
    let mut console = working(desk::settings());
    console.keys("jj");
    let (before, ticket) = (listed(&console), only(&console));
    let report = closed(&console, ticket);
    console.send(report).see();
    assert_eq!(only(&console).0, before[3]);
    assert!(!listed(&console).contains(&ticket.0));

    let mut console = working(desk::settings());
    console.keys("jj<enter>").rest();
    let report = closed(&console, ticket);
    console.send(report).see();
    assert_eq!((listed(&console), only(&console)), (before.clone(), ticket));
    assert!(console.text().contains("left the view"), "{}", console.text());
    console.keys("J");
    assert_eq!(only(&console).0, before[3]);
    assert!(!listed(&console).contains(&ticket.0));
}

#[test]
fn the_row_goes_with_whatever_takes_the_cursor_away() {
    for (keys, left_at) in
        [("J", 3), ("<enter>J", 3), ("<enter>K", 1), ("k", 1), ("21", 3), ("1", 3), ("gg", 0)]
    {
        let mut console = working(desk::settings());
        console.keys("jj");
        let before = listed(&console);
        console.keys("s2<rest>").keys(keys).rest();
        assert_eq!(only(&console).0, before[left_at], "{keys}\n{}", console.text());
        assert!(!listed(&console).contains(&before[2]), "{keys}");
        assert_eq!(console.model.lingering(), None, "{keys}");
    }
}

#[test]
fn the_row_stays_through_a_refresh_and_what_comes_in() {
    let mut console = working(desk::settings());
    console.keys("jj");
    let (before, ticket) = (listed(&console), only(&console));
    console.keys("s2R");
    assert_eq!(only(&console), ticket);
    assert_eq!(console.model.lingering(), Some(ticket));
    let mut other = console.model.tickets.get(TicketId(before[5])).unwrap();
    other.ticket.subject = desk::line("Changed by somebody else");
    let new = Row {
        ticket: growdesk::domain::Ticket { id: TicketId(2000), ..other.ticket.clone() },
        ..other.clone()
    };
    console.send(Report::Rows { changed: vec![other, new], gone: vec![TicketId(before[0])] });
    assert_eq!(only(&console), ticket);
    assert!(listed(&console).contains(&2000) && !listed(&console).contains(&before[0]));
    console.keys("/vpn<enter>").rest();
    assert_eq!(console.model.lingering(), None);
    console.keys("<esc>");
    assert!(!listed(&console).contains(&ticket.0));
    assert_eq!(only(&console), console.model.selected().unwrap());
}

#[test]
fn the_row_is_not_there_after_a_restart() {
    let mut console = working(desk::settings());
    console.keys("jj");
    let before = listed(&console);
    console.keys("s2q");
    let screen = console.effects().into_iter().find_map(|effect| match effect {
        growdesk::app::Effect::Work(growdesk::desk::Work::Remember(screen)) => Some(*screen),
        _ => None,
    });
    if let Some(screen) = screen {
        assert_eq!(screen.ticket, Some(TicketId(before[3])));
        assert!(!screen.shown.contains(&TicketId(before[2])));
    }
}

fn then(after_action: Then) -> Console {
    working(Settings { after_action, ..desk::settings() })
}

#[test]
fn after_an_action_the_cursor_goes_where_the_setting_says() {
    for (after, pane, keys) in [
        (Then::Stay, "", "s2"),
        (Then::Stay, "<enter>", "p<down><enter>"),
        (Then::Next, "", "s2"),
        (Then::Next, "", "e"),
        (Then::Next, "<enter>", "tnew<enter>"),
        (Then::Next, "<enter>", "s2"),
        (Then::List, "", "s2"),
        (Then::List, "<enter>", "s2"),
    ] {
        let mut console = then(after);
        console.keys("jj").keys(pane).rest();
        let (before, focus) = (listed(&console), console.model.focus);
        console.keys(keys).rest();
        assert_eq!(console.queued()[0].ticket, Some(TicketId(before[2])));
        let at = if after == Then::Next { 3 } else { 2 };
        assert_eq!(only(&console).0, before[at], "{after:?} {pane} {keys}");
        let wanted = if after == Then::List { Focus::List } else { focus };
        assert_eq!(console.model.focus, wanted, "{after:?} {pane} {keys}");
    }
}

#[test]
fn after_a_recorded_reply_too_and_an_undo_comes_back() {
    for (after, at) in [(Then::Stay, 2), (Then::Next, 3), (Then::List, 2)] {
        let mut console = then(after);
        console.keys("jj<enter>").rest();
        let before = listed(&console);
        console.keys("rDone.<c-s>").answer().keys("<enter>").rest();
        assert_eq!(only(&console).0, before[at], "{after:?}\n{}", console.text());
        let list = after == Then::List;
        assert_eq!(console.model.focus == Focus::List, list, "{after:?}");
        let entries = console.queued();
        assert!(matches!(entries[0].change, Change::Post { .. }));
        if after == Then::Next {
            console.keys("z");
            for entry in entries.iter().rev() {
                console.settle(entry, State::TakenBack);
            }
            assert_eq!(console.model.composer.as_ref().map(|it| it.ticket.0), Some(before[2]));
        }
    }
}

#[test]
fn nothing_moves_while_another_text_is_written() {
    let mut console = then(Then::Next);
    console.keys("jj<enter>").rest();
    let before = listed(&console);
    console.stalled = true;
    console.keys("rDone.<c-s>").answer().keys("<enter>").wait(600);
    // The store is slow: the agent leaves the text, and writes on another ticket.
    let entries = console.queued();
    assert_eq!(entries[0].ticket, Some(TicketId(before[2])));
    console.keys("<esc>").keys("J<rest>rHello");
    let other = console.model.composer.as_ref().map(|it| it.ticket);
    assert!(other.is_some() && other != Some(TicketId(before[2])), "{}", console.text());
    console.stalled = false;
    console.send(Report::Queued { entries });
    assert_eq!(console.model.composer.as_ref().map(|it| it.ticket), other);
    assert_eq!(console.model.focus, Focus::Composer);
    console.send(Message::Clock);
    assert_eq!(console.model.composer.as_ref().map(|it| it.editor.text()), Some("Hello".into()));
}

#[test]
fn the_last_ticket_of_a_list_keeps_the_cursor() {
    let mut console = then(Then::Next);
    console.keys("G").rest();
    let last = only(&console);
    console.keys("s2");
    assert_eq!((only(&console), console.model.lingering()), (last, Some(last)));
    console.keys("k");
    assert!(!listed(&console).contains(&last.0));
}

#[test]
fn rows_that_the_agent_changes_keep_their_places_until_they_are_sorted_anew() {
    let mut console = working(desk::settings());
    console.keys("6").rest();
    let before = listed(&console);
    console.keys("jjjs3").rest();
    let entry = console.queued().remove(0);
    recorded(&mut console, &entry);
    assert_eq!(listed(&console), before);
    assert!(console.text().contains("sorts anew"), "{}", console.text());
    console.keys("R");
    assert_eq!(listed(&console)[0], before[3], "it has changed last");
    assert_eq!(only(&console).0, before[3]);
}
