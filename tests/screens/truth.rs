//! What the screen says is what is so.

use growdesk::{
    app::{Effect, Message, Outside, Settings},
    desk::{Connection, Report, Stored, Work},
    domain::{Change, Edit, Entry, Priority, ProblemKind, ReplyKind, Row, State, outbox::Decision},
};
use jiff::SignedDuration;

use crate::support::{
    console::{Console, problem},
    desk,
};

fn working() -> Console {
    let mut console = Console::working(100, 30);
    console.effects();
    console
}

#[test]
fn a_held_reply_counts_its_seconds_down_wherever_the_wall_clock_is_set() {
    for hours in [-1, 1, -24 * 400] {
        let mut console = working();
        console.keys("rHello<c-s>").answer();
        console.keys("<enter>");
        console.send(Message::ClockSet { ahead: SignedDuration::from_hours(hours) });
        assert!(console.text().contains("recorded in 5 s"), "{hours}: {}", console.text());
        console.wait(2_000);
        assert!(console.text().contains("recorded in 3 s"), "{hours}: {}", console.text());
        let next = console.model.next_wake().expect("the countdown goes on");
        assert!(next.duration_since(console.model.now) <= SignedDuration::from_secs(1));
    }
}

#[test]
fn a_wait_is_as_long_as_the_wall_clock_says() {
    let mut console = working();
    let before = console.model.next_wake();
    assert!(console.text().contains("3h"), "{}", console.text());
    console.send(Message::ClockSet { ahead: SignedDuration::from_hours(2) });
    assert!(console.text().contains("5h"), "{}", console.text());
    assert_eq!(console.model.next_wake(), before);
}

fn post(console: &mut Console, text: &str) -> Vec<Entry> {
    console.keys(&format!("r{text}<c-s>")).answer();
    console.keys("<enter>");
    console.queued()
}

fn overtaken() -> State {
    State::Decision { reason: Decision::Overtaken(Box::default()) }
}

fn status_line(console: &Console) -> String {
    let text = console.text();
    text.lines().rev().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn offline_a_reply_is_kept_and_nothing_is_counted_down() {
    let settings = Settings { offline: true, ..desk::settings() };
    let mut console = Console::with(settings, 100, 30).fill();
    console.effects();
    post(&mut console, "Hello");
    for wait in [0, 3_000, 60_000] {
        console.wait(wait);
        let text = console.text();
        assert!(
            text.contains("kept, recorded when a console is online; z takes it back"),
            "{text}"
        );
        assert!(!text.contains("recorded in"), "{text}");
    }
    let wake = console.model.next_wake().expect("the minutes pass");
    assert!(wake.duration_since(console.model.now) > SignedDuration::from_secs(1));
    console.keys("go");
    assert!(
        console.text().contains("kept, recorded when a console is online"),
        "{}",
        console.text()
    );
    console.keys("<esc>q");
    let text = console.text();
    assert!(
        text.contains("recorded when a console is online") && !text.contains("record now"),
        "{text}"
    );
    console.keys("s");
    assert!(!console.effects().contains(&Effect::Work(Work::SendNow)), "nothing is waited for");
    console.keys("k");
    assert!(console.effects().contains(&Effect::Outside(Outside::Quit)));
}

#[test]
fn nothing_is_counted_down_that_can_not_be_sent() {
    let away = problem(ProblemKind::Unreachable, "");
    let until = desk::now() + SignedDuration::from_mins(3);
    let connections = [
        (Connection::Offline(away.clone()), "when the server is back"),
        (Connection::Limited { until }, "after 15:05"),
        (Connection::NotTheApi(away.clone()), "when the API answers again"),
        (Connection::Unauthorised(away.clone()), "when the server accepts the key"),
    ];
    for (connection, when) in connections {
        let mut console = working();
        console.send(Report::Connection(connection.clone()));
        let entries = post(&mut console, "Hello");
        let text = console.text();
        assert!(text.contains(&format!("kept, recorded {when}")), "{text}");
        assert!(!text.contains("recorded in"), "{text}");
        console.keys("s2");
        let said = console.model.notices.at(console.now).map(|it| it.text.clone());
        let said = said.unwrap_or_default();
        assert!(
            said.contains(&format!("status set to Closed here; kept, recorded {when}")),
            "{said}"
        );
        console.keys("#");
        let text = console.text();
        assert!(!text.contains("For 5 s"), "{text}");
        console.keys("<esc>");
        // Leaving does not wait for what can't be recorded.
        let mut leaving = console.clone();
        leaving.keys("qs");
        assert!(!leaving.model.is_leaving(), "{}", leaving.text());
        assert!(leaving.text().contains(&format!("recorded {when}")), "{}", leaving.text());
        // What was said of the server goes when it is back, and the countdown is there again.
        console.send(Report::Connection(Connection::Online));
        assert!(!console.text().contains("kept, recorded"), "{}", console.text());
        assert!(console.model.outbox.get(entries[0].id).is_some());
    }
}

#[test]
fn leaving_stops_waiting_once_all_that_is_left_waits_for_the_server_or_the_agent() {
    let failed = problem(ProblemKind::ServerFault { status: 500 }, "");
    let until = desk::now() + SignedDuration::from_secs(15);
    for state in [State::Waiting { problem: failed, until }, overtaken()] {
        let mut console = working();
        let entries = post(&mut console, "Hello");
        console.keys("<esc>qs");
        assert!(console.model.is_leaving());
        console.settle(&entries[0], state.clone());
        assert!(!console.model.is_leaving(), "{state:?}");
        assert!(console.effects().iter().all(|it| *it != Effect::Outside(Outside::Quit)));
    }
}

#[test]
fn what_waits_for_a_decision_is_said_until_it_is_decided_and_counts_for_nothing() {
    for (width, height) in [(60, 20), (80, 24), (100, 30), (200, 60)] {
        let mut console = Console::working(width, height);
        console.effects();
        let count = |console: &Console| console.model.list.tab().map(|tab| tab.count);
        let before = count(&console);
        let ticket = console.model.selected();
        let entries = post(&mut console, "Hello");
        assert_ne!(count(&console), before, "it counts as answered");
        console.keys("<esc>").settle(&entries[0], overtaken());
        console.keys("<esc><esc>");
        assert_eq!(count(&console), before, "{}", console.text());
        assert_eq!(entries.len(), 2, "a reply, and a status that follows it");
        assert!(status_line(&console).contains("1 needs you"), "{}", console.text());
        // Neither time nor another message takes it away.
        console.keys("y").wait(120_000);
        console.send(Message::Done(Err(problem(ProblemKind::Local, &"long ".repeat(40)))));
        assert!(status_line(&console).contains("1 needs you"), "{}", console.text());
        let number = ticket.expect("a ticket").0.to_string();
        let text = console.text();
        let row = text.lines().skip(2).find(|line| line.contains(&number)).unwrap_or_default();
        assert!(row.contains('!'), "the row is marked: {row}");
        console.settle(&entries[0], State::Queued);
        assert!(!status_line(&console).contains("needs you"), "{}", console.text());
        assert_ne!(count(&console), before);
    }
}

#[test]
fn the_newest_message_is_shown_and_the_earlier_ones_can_be_looked_up() {
    let mut console = working();
    console.send(Message::Done(Err(problem(ProblemKind::Local, "no browser could be opened"))));
    console.send(Message::Done(Ok("#1035 copied".into())));
    assert!(status_line(&console).contains("#1035 copied"), "{}", console.text());
    let long = "a long story ".repeat(20);
    console.send(Message::Done(Err(problem(ProblemKind::Local, &long))));
    console.send(Message::Done(Err(problem(ProblemKind::Local, &long))));
    console.keys("!");
    let text = console.text();
    assert!(text.contains("no browser could be opened") && text.contains("#1035 copied"), "{text}");
    let popup: String = text.split('╭').nth(1).unwrap_or_default().replace(['│', '\n'], " ");
    let popup = popup.split('╰').next().unwrap_or_default();
    let words = popup.split_whitespace().filter(|word| *word == "story").count();
    assert_eq!(words, 20, "in full, and once\n{text}");
    let places = ["a long story", "#1035 copied", "no browser"].map(|it| text.find(it));
    assert!(places.is_sorted(), "the newest first\n{text}");
    console.keys("<esc>");
    for number in 0..60 {
        console.send(Message::Done(Ok(format!("message {number}"))));
    }
    assert_eq!(console.model.notices.all().count(), 50);
    console.keys(":last messages<enter>");
    assert!(console.text().contains("message 59"), "{}", console.text());
}

#[test]
fn a_complaint_goes_when_what_it_was_about_is_well() {
    let away = problem(ProblemKind::Unreachable, "no route");
    // The server.
    let mut console = working();
    console.send(Report::Connection(Connection::Unauthorised(away.clone())));
    assert!(status_line(&console).contains("no route"), "{}", console.text());
    console.send(Report::Connection(Connection::Online));
    assert!(!status_line(&console).contains("no route"), "{}", console.text());
    // A refresh.
    console.keys("R").send(Report::RefreshFailed(away.clone()));
    assert!(status_line(&console).contains("no route"), "{}", console.text());
    console.keys("R").send(Report::Refreshed);
    assert!(!status_line(&console).contains("no route"), "{}", console.text());
    // Going to a ticket.
    console.keys("gi4711<enter>").fail_reads(&away);
    assert!(status_line(&console).contains("#4711"), "{}", console.text());
    console.keys("<esc>gi1037<enter>");
    assert!(!status_line(&console).contains("#4711"), "{}", console.text());
    // A change.
    let entry = console.keys("s2").queued().remove(0);
    let until = desk::now();
    console.settle(&entry, State::Waiting { problem: away.clone(), until });
    assert!(status_line(&console).contains("is kept in the outbox"), "{}", console.text());
    console.settle(&entry, State::Recorded { at: desk::now(), made: None, undo: None });
    assert!(!status_line(&console).contains("is kept in the outbox"), "{}", console.text());
}

#[test]
fn the_conversation_stops_saying_that_the_server_is_away_when_it_is_back() {
    let away = problem(ProblemKind::Unreachable, "");
    let mut console = Console::working(120, 40);
    console.keys("j").wait(200).fail_reads(&away);
    console.send(Report::Connection(Connection::Offline(away)));
    assert!(console.text().contains("can't be reached"), "{}", console.text());
    console.wait(60_000);
    console.effects();
    console.send(Report::Connection(Connection::Online)).answer();
    assert!(!console.text().contains("can't be reached"), "{}", console.text());
}

#[test]
fn recording_an_edit_says_what_it_did() {
    let mut console = working();
    console.keys("/vpn<enter>E<rest><tab><tab><tab>!<c-s>");
    let entry = console.queued().remove(0);
    assert!(matches!(entry.change, Change::Fields(_)));
    console.settle(&entry, State::Recorded { at: desk::now(), made: None, undo: None });
    assert!(status_line(&console).contains("#1042 subject"), "{}", console.text());
}

fn recorded(undo: Option<Change>) -> State {
    State::Recorded { at: desk::now(), made: None, undo: undo.map(Box::new) }
}

/// A reply with its status, both recorded.
fn answered() -> (Console, Vec<Entry>) {
    let mut console = working();
    let entries = post(&mut console, "Hello");
    console.keys("<esc>").settle(&entries[0], recorded(None));
    let back = entries[1].change.inverse();
    let mut row = console.model.tickets.get(entries[1].ticket.expect("a ticket")).expect("a row");
    entries[1].change.apply(&mut row.ticket);
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    console.settle(&entries[1], recorded(back)).effects();
    (console, entries)
}

#[test]
fn taking_back_a_recorded_reply_asks_before_it_takes_the_status_back() {
    let (mut console, entries) = answered();
    console.keys("z");
    let text = console.text();
    assert!(text.contains("reply: recorded, it can't be taken back any more"), "{text}");
    assert!(text.contains("status Open"), "{text}");
    assert_eq!(console.queued(), [], "nothing happens before the answer");
    for key in ["<enter>", "z", "Z", "j"] {
        console.keys(key);
        assert_eq!(console.queued(), [], "{key} is no answer");
    }
    let mut left = console.clone();
    left.keys("<esc>");
    assert_eq!(left.queued(), [], "{}", left.text());
    console.keys("y");
    let back = console.queued();
    let [Entry { change: Change::Status(edit), undo, .. }] = &back[..] else { panic!("{back:?}") };
    assert_eq!((edit.to.title.as_str(), *undo), ("Open", Some(entries[1].id)));
}

#[test]
fn taking_back_a_reply_that_is_on_its_way_asks_before_it_withdraws_the_status() {
    let mut console = working();
    let entries = post(&mut console, "Hello");
    console.keys("<esc>");
    console.settle(&entries[0], State::Sending { since: desk::now(), known: None }).effects();
    console.keys("z");
    assert!(console.text().contains("reply on #1035: take back the rest?"), "{}", console.text());
    assert_eq!(console.effects(), []);
    console.keys("y");
    assert_eq!(console.effects().first(), Some(&Effect::Work(Work::TakeBack(vec![entries[1].id]))));
}

#[test]
fn a_reply_that_left_in_the_same_instant_takes_no_status_with_it() {
    let mut console = working();
    let entries = post(&mut console, "Hello");
    console.keys("<esc>").effects();
    console.keys("z");
    let work: Vec<Effect> = console.effects();
    let taken = |it: &&Effect| matches!(it, Effect::Work(Work::TakeBack(_)));
    let taken: Vec<&Effect> = work.iter().filter(taken).collect();
    assert_eq!(
        taken,
        [&Effect::Work(Work::TakeBack(vec![entries[0].id]))],
        "the status follows it"
    );
    console.settle(&entries[0], State::Sending { since: desk::now(), known: None });
    console.send(Report::TooLate(vec![entries[0].id])).send(Message::Drawn);
    assert!(console.text().contains("reply on #1035: take back the rest?"), "{}", console.text());
    console.keys("<esc>").effects();
    console.settle(&entries[0], recorded(None)).settle(&entries[1], recorded(None));
    assert!(console.model.outbox.entries().is_empty());
}

#[test]
fn taking_back_an_edit_of_which_others_changed_a_part_asks_about_the_rest() {
    let mut console = working();
    console.keys("/vpn<enter>E<rest><tab><tab><tab>!<c-s>");
    let entry = console.queued().remove(0);
    let Change::Fields(mut fields) = entry.change.clone() else { panic!("{entry:?}") };
    let mut row = console.model.tickets.get(entry.ticket.expect("a ticket")).expect("a row");
    let from = row.ticket.priority;
    fields.priority = Some(Edit { from, to: Priority::High });
    let change = Change::Fields(fields);
    change.apply(&mut row.ticket);
    row.ticket.subject = desk::line("Somebody else's");
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    console.settle(&entry, recorded(change.inverse())).effects();
    console.keys("z");
    let text = console.text();
    assert!(text.contains("changed by somebody else") && text.contains("priority "), "{text}");
    assert_eq!(console.queued(), []);
    console.keys("y");
    let back = console.queued();
    let [Entry { change: Change::Fields(fields), .. }] = &back[..] else { panic!("{back:?}") };
    assert_eq!((fields.priority.as_ref().map(|it| it.to), &fields.subject), (Some(from), &None));
}

#[test]
fn an_undo_that_came_too_late_to_withdraw_is_said_all_the_same() {
    let mut console = Console::working(120, 40);
    console.keys("e");
    let entries = console.queued();
    let id = entries[0].id;
    console.send(Report::Queued { entries });
    console.keys("z").send(Report::TooLate(vec![id]));
    let entries = console.queued();
    console.send(Report::Queued { entries });
    assert!(console.text().contains("taken back: archive"), "{}", console.text());
}

#[test]
fn an_order_by_waits_says_which_of_them_are_known() {
    let console = working();
    let text = console.text();
    assert!(text.contains("longest wait first, then ~ by last change"), "{text}");
    let waits: Vec<&str> = text.lines().filter(|it| it.contains("  #10")).collect();
    let first_guess = waits.iter().position(|it| it.contains(" ~")).expect("one is estimated");
    assert!(waits[..first_guess].iter().all(|it| !it.contains('~')) && first_guess == 3, "{text}");
    assert!(waits[first_guess..].iter().all(|it| it.contains(" ~")), "{text}");

    let rows = desk::rows().into_iter().map(|row| Row { facts: None, ..row }).collect();
    let mut console = Console::opened(100, 30);
    console.send(Report::Stored(Box::new(Stored { rows, ..Stored::default() })));
    assert!(console.text().contains("oldest change first, waits are ~"), "{}", console.text());
}

#[test]
fn what_was_done_is_said_in_whole_words() {
    for (keys, said) in [
        ("e", "#1035 archived; z takes it back"),
        ("s2", "#1035 status set to Closed; z takes it back"),
        ("phigh<enter>", "#1035 priority set to high; z takes it back"),
        ("dbill<enter>", "#1035 moved to Billing; z takes it back"),
        ("tvip<enter>", "#1035 tagged vip; z takes it back"),
        ("E<rest><tab><tab><tab>!<c-s>", "#1035 subject changed; z takes it back"),
    ] {
        let mut console = working();
        console.keys(keys);
        assert!(console.text().contains(said), "{keys}: {}", console.text());
    }
}

#[test]
fn a_new_ticket_is_taken_back_by_nothing_once_it_is_on_its_way() {
    let typed = "N<enter><rest><enter><enter><rest><enter><tab><tab>Jam<tab>It jams.<c-s>";
    let mut console = working();
    console.keys(typed);
    let text = console.text();
    assert!(text.contains("the new ticket is being recorded"), "{text}");
    assert!(!text.contains("takes it back"), "{text}");
    let settings = Settings { offline: true, ..desk::settings() };
    let mut console = Console::with(settings, 100, 30).fill();
    console.keys(typed);
    let text = console.text();
    assert!(
        text.contains("new ticket is kept, recorded when a console is online; until"),
        "{text}"
    );
}

#[test]
fn a_note_that_is_deleted_is_called_a_note() {
    let mut console = working();
    console.keys("/vpn<enter><enter><rest>kkkkk");
    let note = console.model.conversation.thread.iter().flat_map(|it| &it.posts);
    let note = note.filter(|it| it.kind == ReplyKind::Note).find_map(|it| it.reply);
    let note = note.expect("there is a note");
    console.keys("gg");
    for _ in 0..200 {
        let at = console.model.conversation.post().and_then(|it| it.reply);
        if at == Some(note) {
            break;
        }
        console.keys("j");
    }
    console.keys("D");
    let text = console.text();
    assert!(text.contains(&format!("Delete note {note} of #1042 for good?")), "{text}");
    console.keys(&format!("{}<c-s>", note.0));
    assert!(
        console.text().contains(&format!("note {note} is deleted in 5 s")),
        "{}",
        console.text()
    );
}
