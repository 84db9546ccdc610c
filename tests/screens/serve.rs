//! Serving: one ticket after another in the view's order.

use growdesk::{
    app::Focus,
    desk::Report,
    domain::{Row, State, StatusId, Ticket, TicketId},
};

use super::at_all_sizes;
use crate::support::console::Console;

fn working() -> Console {
    let mut console = Console::working(120, 40);
    console.effects();
    console
}

fn listed(console: &Console) -> Vec<i64> {
    let rows = console.model.tickets.rows();
    let listed = console.model.list.listed().iter();
    listed.filter_map(|it| rows.at(*it)).map(|row| row.id.0).collect()
}

/// The one ticket that row, conversation and keys are about, with the conversation open.
#[track_caller]
fn served(console: &Console) -> i64 {
    let model = &console.model;
    assert_eq!(model.selected(), model.conversation.ticket, "{}", console.text());
    assert_eq!(model.focus, Focus::Conversation, "{}", console.text());
    model.selected().map_or(0, |id| id.0)
}

fn said(console: &Console) -> String {
    console.model.notices.at(console.now).map(|it| it.text.clone()).unwrap_or_default()
}

fn serving(console: &Console) -> String {
    console.model.serving().unwrap_or_default()
}

#[test]
fn a_round_is_shown_at_each_size() {
    at_all_sizes("serving", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("gs<rest>s2<rest>S").rest();
        console
    });
    at_all_sizes("served", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("jjjgs<rest>s2<rest>SSgs").rest();
        console
    });
}

#[test]
fn an_action_or_an_answer_opens_the_next_ticket_and_the_end_says_what_was_done() {
    let mut console = working();
    let all = listed(&console);
    console.keys("jjjgs").rest();
    assert_eq!((served(&console), serving(&console)), (all[0], "serve: 0 done, 9 left".into()));
    console.keys("s2").rest();
    assert_eq!((served(&console), serving(&console)), (all[1], "serve: 1 done, 8 left".into()));
    console.keys("rDone.<c-s>").answer().keys("<enter>").rest();
    assert_eq!((served(&console), serving(&console)), (all[2], "serve: 2 done, 7 left".into()));
    console.keys("S").rest();
    assert_eq!((served(&console), serving(&console)), (all[3], "serve: 2 done, 7 left".into()));
    console.keys("e").rest();
    console.keys("tnew<enter>").rest();
    assert_eq!(served(&console), all[5]);
    for next in &all[6..] {
        console.keys("s3").rest();
        assert_eq!(served(&console), *next);
    }
    // The skipped one comes again.
    console.keys("s3").rest();
    assert_eq!((served(&console), serving(&console)), (all[2], "serve: 8 done, 1 left".into()));
    console.keys("S").rest();
    assert!(!console.model.is_serving());
    assert_eq!(
        said(&console),
        "served 9: 1 answered, 1 closed, 1 archived, 5 changed, 1 skipped",
        "{}",
        console.text()
    );
}

#[test]
fn the_end_says_what_was_done_beside_the_last_action() {
    let mut console = working();
    console.keys("/vpn<enter>gs").rest();
    console.keys("s2").rest();
    assert!(!console.model.is_serving());
    let said = said(&console);
    assert!(said.starts_with("served 1: 1 closed · #1042 status set to Closed"), "{said}");
}

#[test]
fn an_undo_goes_back_to_its_ticket_which_is_served_again() {
    let mut console = working();
    let all = listed(&console);
    console.keys("gs<rest>s2").rest();
    let entry = console.queued().remove(0);
    assert_eq!(served(&console), all[1]);
    console.keys("z");
    console.settle(&entry, State::TakenBack);
    assert_eq!((served(&console), serving(&console)), (all[0], "serve: 0 done, 9 left".into()));
    console.keys("s3").rest();
    assert_eq!(served(&console), all[1]);
    let entry = console.queued().remove(0);
    let problem = crate::support::console::problem(growdesk::domain::ProblemKind::Refused, "no");
    console.settle(&entry, State::Refused { problem });
    assert_eq!(served(&console), all[1], "what the agent reads stays on screen");
    console.keys("s3").rest();
    assert_eq!(served(&console), all[0], "what was refused is to be served again");
}

#[test]
fn new_tickets_take_their_places_and_what_others_take_is_passed_over_and_said() {
    let mut console = working();
    let all = listed(&console);
    console.keys("gs").rest();
    let closed = |console: &Console, id: i64| -> Row {
        let mut row = console.model.tickets.get(TicketId(id)).expect("it is known");
        row.ticket.status = console.model.status(StatusId::CLOSED);
        row
    };
    let row = closed(&console, all[1]);
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    assert!(said(&console).contains(&format!("#{} left the view and is passed", all[1])));
    assert_eq!((served(&console), serving(&console)), (all[0], "serve: 0 done, 8 left".into()));
    // A new one with a wait between the first two.
    let first = console.model.tickets.get(TicketId(all[2])).expect("it is known");
    let new = Row { ticket: Ticket { id: TicketId(2000), ..first.ticket.clone() }, ..first };
    console.send(Report::Rows { changed: vec![new], gone: vec![] });
    let now = listed(&console);
    let place = now.iter().position(|id| *id == 2000).expect("it is listed");
    console.keys("s3").rest();
    assert_eq!(served(&console), now[1]);
    assert!(place <= 2);
    // What the agent reads stays until the agent goes on.
    let here = served(&console);
    let row = closed(&console, here);
    console.send(Report::Rows { changed: vec![row], gone: vec![] }).see();
    assert_eq!(served(&console), here);
    assert!(said(&console).contains("S goes on"), "{}", said(&console));
    let before = serving(&console);
    console.keys("S").rest();
    assert_ne!(served(&console), here);
    assert_eq!(serving(&console), before, "it does not count as skipped");
}

#[test]
fn escape_the_key_again_and_another_view_end_the_round() {
    for keys in ["<esc>", "gs", "4", "<tab><esc>"] {
        let mut console = working();
        console.keys("gs<rest>s2").rest().keys(keys).rest();
        assert!(!console.model.is_serving(), "{keys}");
        assert!(said(&console).starts_with("served 1: 1 closed"), "{keys}: {}", said(&console));
    }
    let mut console = working();
    console.keys("gs<rest>").keys("rHello<esc>");
    assert!(console.model.is_serving(), "leaving a text does not end it");
    console.keys("<esc>");
    assert_eq!(said(&console), "served nothing");
    console.keys("S");
    assert_eq!(said(&console), "nothing is served; g s begins");
    let mut console = Console::empty(80, 24);
    console.keys("gs");
    assert_eq!(said(&console), "there is no ticket here to serve");
}

#[test]
fn a_ticket_that_is_deleted_opens_the_next_one() {
    let mut console = working();
    let all = listed(&console);
    console.keys("gs").rest();
    console.keys(&format!("#{}<c-s>", all[0])).rest();
    assert_eq!((served(&console), serving(&console)), (all[1], "serve: 1 done, 8 left".into()));
}
