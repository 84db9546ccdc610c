//! What the agent is told outside the console: which events, when, and as how many.

use std::collections::BTreeSet;

use growdesk::{
    app::{Effect, Message, Outside, Settings, tidings::NotifySettings},
    desk::{Connection, Report, Stored},
    domain::{
        Row, State, StatusId, TicketId, WokenBy,
        notify::{Notification, NotifyKind},
    },
};
use jiff::SignedDuration;

use crate::support::{
    console::{Console, problem},
    desk,
};

fn settings(kinds: &[NotifyKind]) -> Settings {
    let on: BTreeSet<NotifyKind> = kinds.iter().copied().collect();
    let notify = NotifySettings { on, subjects: true, outside: true };
    Settings { notify, ..desk::settings() }
}

fn console(kinds: &[NotifyKind]) -> Console {
    let mut console = Console::with(settings(kinds), 120, 40).fill();
    console.effects();
    console
}

fn told(console: &mut Console) -> Vec<Notification> {
    let told = console.effects().into_iter().filter_map(|effect| match effect {
        Effect::Outside(Outside::Notify(told)) => Some(*told),
        _ => None,
    });
    told.collect()
}

/// The customer of a ticket has replied.
fn replied(mut row: Row, at: jiff::Timestamp) -> Row {
    row.ticket.status = growdesk::domain::Status::usual()[4].clone();
    row.ticket.replies_count += 1;
    row.ticket.last_updated = Some(at);
    row.ticket.status_changed = Some(at);
    row
}

fn answered() -> Vec<Row> {
    desk::rows().into_iter().filter(|row| row.ticket.status.id == StatusId::ANSWERED).collect()
}

fn notice(console: &Console) -> String {
    let notice = console.model.notices.at(console.now);
    notice.map(|notice| notice.text.clone()).unwrap_or_default()
}

#[test]
fn a_customers_message_is_told_with_its_ticket() {
    let mut console = console(&[NotifyKind::Customer]);
    let row = replied(answered().remove(0), console.now);
    let id = row.ticket.id;
    let said = format!("{id} {}: the customer wrote", row.ticket.subject);
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    assert_eq!(notice(&console), said);
    assert_eq!(told(&mut console), [], "more may come");
    let due = console.model.next_wake().expect("a time").duration_since(console.now);
    assert!(due <= SignedDuration::from_secs(1), "{due}");
    console.wait(1_000);
    let all = told(&mut console);
    assert_eq!((all.len(), all[0].text.as_str(), all[0].count), (1, said.as_str(), 1));
    console.wait(60_000);
    assert_eq!(told(&mut console), []);
}

#[test]
fn a_burst_is_one_notification() {
    let template = answered().remove(0);
    let many: Vec<Row> = (5_000..5_200)
        .map(|id| {
            let mut row = template.clone();
            row.ticket.id = TicketId(id);
            row
        })
        .collect();
    let mut console = console(&[NotifyKind::Customer]);
    console.send(Report::Rows { changed: many.clone(), gone: vec![] });
    console.wait(30_000);
    assert_eq!(told(&mut console), [], "they were answered before");
    console.send(Report::Refreshing { done: 0, total: 3 });
    for page in many.chunks(90) {
        let now = console.now;
        let changed = page.iter().map(|row| replied(row.clone(), now)).collect();
        console.send(Report::Rows { changed, gone: vec![] });
        console.wait(1_500);
    }
    console.send(Report::Synced(console.now));
    console.wait(10_000);
    let all = told(&mut console);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!((all[0].count, all[0].events.len()), (200, 20));
    assert!(all[0].text.starts_with("200 customers wrote: #5000, #5001, #5002 and 197 more"));
}

#[test]
fn two_that_come_soon_after_each_other_leave_a_pause() {
    let mut console = console(&[NotifyKind::Customer]);
    let mut rows = answered();
    let (one, two) = (rows.remove(0), rows.remove(0));
    let now = console.now;
    console.send(Report::Rows { changed: vec![replied(one, now)], gone: vec![] });
    console.wait(1_000);
    assert_eq!(told(&mut console).len(), 1);
    console.send(Report::Rows { changed: vec![replied(two, now)], gone: vec![] });
    console.wait(5_000);
    assert_eq!(told(&mut console), []);
    console.wait(5_000);
    assert_eq!(told(&mut console).len(), 1);
}

#[test]
fn the_ticket_on_a_screen_with_attention_is_told_by_the_screen_alone() {
    for attended in [true, false] {
        let mut console = console(&[NotifyKind::Customer]);
        console.keys("4").rest().see();
        console.send(Message::Attention(attended));
        let id = console.model.selected().expect("a ticket");
        let row = answered().into_iter().find(|row| row.ticket.id == id).expect("it is there");
        let now = console.now;
        console.send(Report::Rows { changed: vec![replied(row, now)], gone: vec![] });
        assert!(notice(&console).ends_with("the customer wrote"), "{}", console.text());
        console.wait(2_000);
        assert_eq!(told(&mut console).len(), usize::from(!attended));
    }
}

#[test]
fn nothing_is_told_where_nothing_is_wanted() {
    let mut nothing = settings(&[NotifyKind::Customer]);
    nothing.notify.outside = false;
    for settings in [nothing, settings(&[NotifyKind::Snooze])] {
        let mut console = Console::with(settings, 120, 40).fill();
        console.effects();
        let row = replied(answered().remove(0), console.now);
        console.send(Report::Rows { changed: vec![row], gone: vec![] });
        console.wait(20_000);
        assert_eq!(told(&mut console), []);
    }
}

#[test]
fn an_own_change_is_no_news() {
    let mut console = console(&[NotifyKind::Customer]);
    console.keys("4").rest().see();
    console.keys("s5").rest();
    let entries = console.queued();
    let id = entries[0].ticket.expect("a ticket");
    let mut row = answered().into_iter().find(|row| row.ticket.id == id).expect("it is there");
    entries[0].change.apply(&mut row.ticket);
    let state = State::Recorded { at: console.now, made: None, undo: None };
    let entry = Box::new(growdesk::domain::Entry { state, ..entries[0].clone() });
    console.send(Report::Entry { entry, row: Some(Box::new(row.clone())) });
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    console.wait(20_000);
    assert_eq!(told(&mut console), []);
}

#[test]
fn a_first_fill_is_no_news_and_a_night_is_one_notification() {
    let new = |id: i64, console: &Console| {
        let mut row = desk::rows().remove(2);
        row.ticket.id = TicketId(id);
        row.ticket.created = Some(console.now - SignedDuration::from_mins(1));
        row
    };
    let mut first = Console::with(settings(&[NotifyKind::Customer]), 120, 40);
    first.send(Report::Stored(Box::default()));
    first.send(Report::Connection(Connection::Online));
    let changed: Vec<Row> = (1..300).map(|id| new(id, &first)).collect();
    first.send(Report::Rows { changed, gone: vec![] });
    first.send(Report::Synced(first.now));
    first.wait(20_000);
    assert_eq!(told(&mut first), []);
    let mut later = Console::with(settings(&[NotifyKind::Customer]), 120, 40);
    let synced_at = Some(later.now - SignedDuration::from_hours(12));
    let stored = Stored { rows: desk::rows(), synced_at, ..Stored::default() };
    later.send(Report::Stored(Box::new(stored)));
    later.send(Report::Connection(Connection::Online));
    later.rest();
    let now = later.now;
    let mut changed: Vec<Row> = answered().into_iter().map(|row| replied(row, now)).collect();
    changed.push(new(9_000, &later));
    let count = changed.len();
    later.send(Report::Rows { changed, gone: vec![] });
    later.wait(20_000);
    let all = told(&mut later);
    assert_eq!((all.len(), all[0].count), (1, count));
}

#[test]
fn subjects_are_kept_back_where_that_is_wanted() {
    let mut quiet = settings(&[NotifyKind::Customer]);
    quiet.notify.subjects = false;
    let mut console = Console::with(quiet, 120, 40).fill();
    console.effects();
    let row = replied(answered().remove(0), console.now);
    let id = row.ticket.id;
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    console.wait(2_000);
    let all = told(&mut console);
    assert_eq!(all[0].text, format!("{id}: the customer wrote"));
    assert_eq!(all[0].events[0].subject, "");
}

#[test]
fn refusals_decisions_and_snoozes_are_told_where_wanted() {
    let kinds = [NotifyKind::Refused, NotifyKind::Decision, NotifyKind::Snooze];
    let mut console = console(&kinds);
    console.send(Message::Attention(false));
    console.keys("s2");
    let entries = console.queued();
    let refusal = problem(growdesk::domain::ProblemKind::Refused, "locked");
    console.settle(&entries[0], State::Refused { problem: refusal });
    console.send(Report::Woken(vec![(TicketId(1042), WokenBy::Clock)]));
    console.wait(2_000);
    let all = told(&mut console);
    assert_eq!(all.len(), 1);
    assert!(all[0].text.contains("the server refused a change; #1042 VPN"), "{}", all[0].text);
    assert!(all[0].text.ends_with("it is awake"), "{}", all[0].text);
}

#[test]
fn a_wait_that_comes_to_the_alarm_is_told_once() {
    let mut late = settings(&[NotifyKind::Waiting]);
    late.wait_thresholds = (SignedDuration::from_mins(60), SignedDuration::from_mins(200));
    let mut console = Console::with(late, 120, 40).fill();
    console.send(Message::Attention(false));
    console.effects();
    assert_eq!(told(&mut console), []);
    for _ in 0..30 {
        console.wait(60_000);
    }
    let all = told(&mut console);
    let ids: Vec<i64> = all.iter().flat_map(|it| &it.events).map(|event| event.id.0).collect();
    assert_eq!(ids, [1042], "it waited for 190 minutes");
}

#[test]
fn the_title_tells_what_needs_the_agent() {
    let mut console = console(&[]);
    assert_eq!(console.model.window_title(), "growdesk: 9 need reply");
    console.keys("s2").rest();
    assert_eq!(console.model.window_title(), "growdesk: 8 need reply");
    assert_eq!(Console::opened(80, 24).model.window_title(), "growdesk");
}
