//! What is new since the agent looked: the sign in the list, and the line in the conversation.

use growdesk::{
    app::{Effect, Message},
    desk::{Post, Read, Report, Side, Thread, Work},
    domain::{Aside, AsideChange, LastLook, ReplyId, ReplyKind, State, TicketId},
};

use crate::support::{console::Console, desk};

const ID: TicketId = TicketId(1035);
const NEWEST: ReplyId = ReplyId(10350);

fn seen(console: &mut Console) -> Vec<(TicketId, LastLook)> {
    let changes = console.effects().into_iter().filter_map(|effect| match effect {
        Effect::Work(Work::SetAside(changes)) => Some(changes),
        _ => None,
    });
    let looks = changes.flatten().filter_map(|(ticket, change)| match change {
        AsideChange::Seen(look) => Some((ticket, look)),
        _ => None,
    });
    looks.collect()
}

fn look(count: u32, last: i64) -> LastLook {
    LastLook { count, last: Some(ReplyId(last)) }
}

/// The agent looked when the ticket had no reply, and a customer has written two since.
fn with_news(width: u16, height: u16) -> Console {
    let mut console = Console::working(width, height);
    console.keys("G").rest();
    let known = Aside { look: Some(look(0, 1)), ..Aside::default() };
    console.send(Report::Asides(vec![(ID, known)]));
    console.effects();
    console
}

fn row_of(console: &Console, id: TicketId) -> String {
    let text = console.text();
    let is_row = |line: &&str| line.chars().take(14).collect::<String>().contains(&id.to_string());
    let line = text.lines().find(is_row).unwrap_or_default();
    line.to_owned()
}

/// The conversation as the server has it now, with `more` posts of the customer.
fn grown(console: &mut Console, more: i64) {
    let width = growdesk::app::layout::text_width(&console.model);
    let mut thread = desk::thread(ID, width, true);
    let last = thread.posts.last().cloned().expect("a post");
    for number in 1..=more {
        let reply = Some(ReplyId(NEWEST.0 + number));
        let side = Side::Customer;
        thread.posts.push(Post { reply, side, author: "Maren Solberg".into(), ..last.clone() });
    }
    let request = asked_for(console);
    console.send(Report::Thread { request, thread: Box::new(thread) });
}

fn asked_for(console: &mut Console) -> growdesk::desk::RequestId {
    let asked = console.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::Thread { fetch: true, .. }, .. }) => {
            Some(request)
        }
        _ => None,
    });
    asked.expect("the server is asked for the conversation")
}

#[test]
fn a_ticket_with_news_has_a_sign_until_it_was_on_screen_for_a_while() {
    let mut console = with_news(120, 40);
    assert!(row_of(&console, ID).contains("●"), "{}", console.text());
    console.keys("gg").rest().wait(500);
    assert_eq!(seen(&mut console), [], "a short look is none");
    assert!(row_of(&console, ID).contains("●"));
    let due = console.model.next_wake().expect("a time").duration_since(console.now);
    assert!(due.as_millis() <= 2_000, "{due}");
    console.wait(2_000);
    assert_eq!(seen(&mut console), [(ID, look(0, NEWEST.0))]);
    assert!(!row_of(&console, ID).contains("●"), "{}", console.text());
    console.wait(2_000);
    assert_eq!(seen(&mut console), [], "it is kept once");
}

#[test]
fn a_terminal_without_the_agents_attention_shows_nothing_to_anybody() {
    let mut console = with_news(120, 40);
    console.send(Message::Attention(false));
    console.keys("gg").rest().wait(9_000);
    assert_eq!(seen(&mut console), []);
    console.send(Message::Attention(true));
    console.wait(100);
    assert_eq!(seen(&mut console), [], "the while begins anew");
    console.wait(2_000);
    assert_eq!(seen(&mut console), [(ID, look(0, NEWEST.0))]);
}

#[test]
fn going_into_the_conversation_is_a_look_at_once() {
    let mut console = with_news(80, 24);
    console.keys("gg").rest();
    console.effects();
    console.keys("<enter>");
    assert_eq!(seen(&mut console), [(ID, look(0, NEWEST.0))]);
}

#[test]
fn a_line_stands_above_what_is_new_and_stays_while_the_ticket_is_on_screen() {
    crate::at_all_sizes("news", |w, h| {
        let mut console = with_news(w, h);
        console.keys("gg<enter>").rest();
        console
    });
    let mut console = with_news(100, 30);
    console.keys("gg<enter>").rest();
    assert!(console.text().contains("── 1 new since you looked ─"), "{}", console.text());
    console.wait(5_000).wait(5_000);
    assert!(console.text().contains("1 new since you looked"), "{}", console.text());
    console.keys("<esc>j").rest();
    console.keys("k").rest();
    assert!(!console.text().contains("new since you looked"), "{}", console.text());
}

#[test]
fn several_messages_that_come_are_counted_and_the_window_begins_with_them() {
    let mut console = Console::working(100, 30);
    let known = Aside { look: Some(look(0, NEWEST.0)), ..Aside::default() };
    console.send(Report::Asides(vec![(ID, known)]));
    console.keys("j").rest();
    console.effects();
    console.keys("k").wait(200);
    grown(&mut console, 40);
    let text = console.text();
    assert!(text.contains("── 40 new since you looked ─"), "{text}");
    console.keys("<enter>");
    assert!(console.text().contains("40 new since you looked"), "{}", console.text());
}

#[test]
fn what_was_there_before_the_profile_is_no_news() {
    let console = Console::working(120, 40);
    assert!(!console.text().contains("●"), "{}", console.text());
    let mut console = Console::opened(120, 40);
    let begun = Some(desk::now() - jiff::SignedDuration::from_mins(400));
    let (rows, directory) = (desk::rows(), desk::directory());
    let stored = growdesk::desk::Stored { rows, directory, begun, ..Default::default() };
    console.send(Report::Stored(Box::new(stored)));
    console.rest();
    let has_sign = |id| row_of(&console, TicketId(id)).contains("●");
    assert!(has_sign(1040) && has_sign(1041), "they came since\n{}", console.text());
    assert!(has_sign(1037), "its customer replied since");
    assert!(!has_sign(1038) && !has_sign(1035), "nothing was seen to happen");
}

#[test]
fn an_own_reply_is_no_news() {
    let mut console = Console::working(100, 30);
    let known = Aside { look: Some(look(0, NEWEST.0)), ..Aside::default() };
    console.send(Report::Asides(vec![(ID, known)]));
    console.keys("rHello<c-s>").rest();
    console.keys("<enter>");
    let entries = console.queued();
    let own = ReplyId(NEWEST.0 + 1);
    let made = Some(own);
    console.settle(&entries[0], State::Recorded { at: console.now, made, undo: None });
    assert_eq!(seen(&mut console).last(), Some(&(ID, look(1, own.0))));
    let width = growdesk::app::layout::text_width(&console.model);
    let mut thread: Thread = desk::thread(ID, width, true);
    let last = thread.posts.last().cloned().expect("a post");
    thread.posts.push(Post { reply: made, kind: ReplyKind::Reply, ..last });
    console.keys("R");
    let request = asked_for(&mut console);
    console.send(Report::Thread { request, thread: Box::new(thread) });
    assert!(!console.text().contains("new since you looked"), "{}", console.text());
}
