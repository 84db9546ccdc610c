use crossterm::event::KeyCode;
use jiff::SignedDuration;

use super::*;
use crate::{
    app::{
        BudgetUse, Effect, Focus, Found, Message, Settings, Work, keymap::KeyMap,
        requests::RequestId, update,
    },
    desk::{Post, Report, Side},
    domain::{Line, ReplyKind, Row, Rows, StyledLine, ThreadFacts, Ticket, View},
};

struct Desk {
    model: Model,
    now: Timestamp,
    reads: Vec<(RequestId, Read)>,
}

impl Desk {
    fn with(offline: bool, tickets: i64) -> Self {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1_000);
        let settings = Settings { offline, ..Settings::default() };
        let model = Model::new(settings, KeyMap::default(), (120, 40), now);
        let mut desk = Self { model, now, reads: Vec::new() };
        desk.send(Report::Stored(Box::default()));
        let rows: Vec<Row> = (1..=tickets).map(row).collect();
        let rows: Rows = rows.iter().collect();
        let settings = &desk.model.settings;
        let select = |view: &View| view.select(&rows, &settings.waiting);
        let orders = settings.views.iter().map(select).collect();
        let (request, _) = desk.reads.remove(0);
        desk.send(Report::Found {
            request,
            found: Ok(Found::Tickets { rows: Box::new(rows), orders }),
        });
        desk.send(Report::Connection(Connection::Online));
        desk.send(Report::Budget(BudgetUse { used: 10, limit: 60 }));
        desk
    }

    fn new(tickets: i64) -> Self {
        Self::with(false, tickets)
    }

    fn send(&mut self, message: impl Into<Message>) {
        for effect in update(&mut self.model, self.now, message) {
            if let Effect::Work(Work::Read { request, read, .. }) = effect {
                self.reads.push((request, read));
            }
        }
    }

    fn key(&mut self, letter: char) {
        self.send(Message::Key(KeyCode::Char(letter).into()));
    }

    fn wait(&mut self, milliseconds: i64) {
        self.now += SignedDuration::from_millis(milliseconds);
        self.send(Message::Clock);
    }

    fn answer(&mut self) {
        while !self.reads.is_empty() {
            for (request, read) in std::mem::take(&mut self.reads) {
                match read {
                    Read::Thread { ticket, width, fetch } => {
                        let thread = Box::new(thread(ticket, width, fetch));
                        self.send(Report::Thread { request, thread });
                    }
                    Read::Ahead { tickets, width } => {
                        for ticket in tickets {
                            let thread = Some(Box::new(thread(ticket, width, false)));
                            self.send(Report::Ahead { request, thread });
                        }
                        self.send(Report::Ahead { request, thread: None });
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    fn shown(&self) -> Option<TicketId> {
        self.model.conversation.thread.as_ref().map(|thread| thread.ticket)
    }
}

/// A ticket; those with a higher number are older, so that they stand below it.
fn row(id: i64) -> Row {
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(id);
    let ticket = Ticket {
        subject: Line::from_cleaned(format!("ticket {id}"), None),
        created: Some(at),
        ..Ticket::sparse(TicketId(id))
    };
    let facts = ThreadFacts { customer_since: Some(at), last_reply: None, replies_count: 0 };
    Row { ticket, facts: Some(facts), noticed: at }
}

fn thread(ticket: TicketId, width: u16, fetched: bool) -> Thread {
    let post = Post {
        reply: None,
        kind: ReplyKind::Reply,
        author: String::new(),
        side: Side::Customer,
        at: None,
        body: vec![StyledLine::plain(ticket.to_string())],
    };
    let read_at = Some(Timestamp::UNIX_EPOCH);
    Thread { ticket, width, posts: vec![post], read_at, fetched, whole: true }
}

fn asks_server(read: &Read) -> bool {
    read.asks_server()
}

#[test]
fn a_neighbour_is_shown_with_the_key() {
    let mut desk = Desk::new(100);
    desk.answer();
    for key in "jjkjjjjkk".chars() {
        desk.wait(60);
        desk.key(key);
        assert_eq!(desk.shown(), desk.model.selected());
        desk.answer();
    }
}

#[test]
fn a_thousand_moves_cost_no_request_and_few_reads() {
    let mut desk = Desk::new(1_200);
    desk.answer();
    for _ in 0..1_000 {
        desk.now += SignedDuration::from_millis(3);
        desk.key('j');
    }
    assert!(desk.reads.len() < 20, "{:?}", desk.reads);
    assert!(!desk.reads.iter().any(|(_, read)| asks_server(read)));
    desk.wait(30);
    desk.answer();
    assert_eq!(desk.shown(), desk.model.selected());
    desk.wait(200);
    let asked = desk.reads.iter().filter(|(_, read)| asks_server(read)).count();
    assert_eq!(asked, 1);
}

#[test]
fn what_has_changed_is_read_anew() {
    let mut desk = Desk::new(100);
    let first = desk.model.selected();
    desk.key('j');
    let second = desk.model.selected().expect("a ticket");
    desk.key('k');
    assert_eq!(desk.model.selected(), first);
    desk.wait(60);
    desk.answer();
    let mut changed = row(second.0);
    changed.ticket.subject = Line::from_cleaned("other", None);
    desk.send(Report::Rows { changed: vec![changed], gone: vec![] });
    desk.wait(60);
    desk.key('j');
    assert_eq!(desk.shown(), None, "what was rendered before may say something else");
    desk.answer();
    assert_eq!(desk.shown(), Some(second));
}

#[test]
fn an_answer_that_is_older_than_a_change_is_not_kept() {
    let mut desk = Desk::new(100);
    let (request, tickets, width) = desk
        .reads
        .iter()
        .find_map(|(request, read)| match read {
            Read::Ahead { tickets, width } => Some((*request, tickets.clone(), *width)),
            _ => None,
        })
        .expect("the neighbours are read");
    let next = tickets[0];
    desk.send(Report::Rows { changed: vec![Row { facts: None, ..row(next.0) }], gone: vec![] });
    let thread = Some(Box::new(thread(next, width, false)));
    desk.send(Report::Ahead { request, thread });
    assert!(!desk.model.ahead.holds(next, width));
}

#[test]
fn a_pane_that_is_not_on_screen_asks_for_nothing_until_it_is() {
    let mut desk = Desk::new(100);
    desk.answer();
    desk.key('v');
    for _ in 0..10 {
        desk.wait(300);
        desk.key('j');
    }
    assert_eq!(desk.reads, []);
    desk.key('v');
    desk.answer();
    assert_eq!(desk.shown(), desk.model.selected());
}

#[test]
fn the_next_ticket_is_fetched_where_it_was_never_read_and_the_budget_allows() {
    let next = |offline: bool, used: u32, facts: Option<ThreadFacts>| {
        let mut desk = Desk::with(offline, 3);
        desk.send(Report::Budget(BudgetUse { used, limit: 60 }));
        let listed = desk.model.list.listed().iter();
        let known = desk.model.tickets.rows();
        let ids: Vec<TicketId> =
            listed.filter_map(|place| known.at(*place)).map(|row| row.id).collect();
        desk.send(Report::Rows {
            changed: vec![Row { facts, noticed: Timestamp::UNIX_EPOCH, ..row(ids[1].0) }],
            gone: vec![],
        });
        desk.wait(200);
        let fetched = std::mem::take(&mut desk.reads);
        for (request, read) in fetched {
            if let Read::Thread { ticket, width, fetch: true } = read {
                let thread = Box::new(thread(ticket, width, true));
                desk.send(Report::Thread { request, thread });
            }
        }
        assert_eq!(desk.model.focus, Focus::List);
        let asked = desk.reads.clone();
        asked.into_iter().any(|(_, read)| matches!(read, Read::Next { .. }))
    };
    let read = row(1).facts;
    let grown = read.map(|facts| ThreadFacts { replies_count: 7, ..facts });
    assert!(next(false, 29, None));
    assert!(!next(false, 29, grown), "it keeps its mark until it is looked at");
    assert!(!next(false, 29, read));
    assert!(!next(false, 30, None), "the other half is for what is asked for");
    assert!(!next(true, 0, None));
}

#[test]
fn the_rest_of_a_long_conversation_moves_neither_cursor_nor_window() {
    let mut desk = Desk::new(1);
    let (request, read) = desk.reads.remove(0);
    let Read::Thread { ticket, width, fetch: false } = read else { panic!("{read:?}") };
    let whole = |texts: bool| {
        let post = |id: i64, lines: usize| Post {
            reply: Some(crate::domain::ReplyId(id)),
            body: vec![StyledLine::plain(format!("text of {id}")); lines],
            ..thread(ticket, width, false).posts.remove(0)
        };
        let older = (1..50).map(|id| post(id, if texts { 9 } else { 0 }));
        let posts = older.chain([post(50, 60), post(51, 70)]).collect();
        Box::new(Thread { posts, whole: texts, ..thread(ticket, width, false) })
    };
    desk.send(Report::Thread { request, thread: whole(false) });
    desk.send(Message::Key(KeyCode::Enter.into()));
    for key in ['j', 'j', 'k', 'k', 'k', 'k'] {
        desk.key(key);
    }
    let place = |desk: &Desk| {
        let it = &desk.model.conversation;
        let lines: Vec<_> = it.pieces[it.top..].to_vec();
        (it.pieces[it.cursor], it.cursor - it.top, lines)
    };
    let before = place(&desk);
    desk.send(Report::Thread { request, thread: whole(true) });
    assert!(desk.model.conversation.thread.as_ref().is_some_and(|it| it.whole));
    assert_eq!(place(&desk), before);
}
