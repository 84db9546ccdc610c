//! A store that takes its time: nothing is said to be done, and nothing closes, before it has answered.

use growdesk::{
    app::{Effect, Focus, Message, Outside},
    desk::{Report, Work},
    domain::{Change, DraftKey, Entry, ProblemKind, ReplyKind, State, StatusId, TicketId},
};
use jiff::SignedDuration;

use crate::{problem, support::console::Console};

/// A console whose store has stopped answering.
fn stalled() -> Console {
    let mut console = Console::working(100, 30);
    console.effects();
    console.stalled = true;
    console
}

/// A reply that was reviewed and confirmed, and that the store has not answered for.
fn storing() -> (Console, Vec<Entry>) {
    let mut console = stalled();
    console.keys("rHello Nordlys<c-s>").answer();
    console.keys("<enter>");
    let entries = console.queued();
    (console, entries)
}

fn leaves(effect: &Effect) -> bool {
    *effect == Effect::Outside(Outside::Quit)
}

#[test]
fn a_reply_is_said_to_be_recorded_once_it_is_stored() {
    let (mut console, entries) = storing();
    let text = console.text();
    assert!(text.contains("storing…") && text.contains("Hello Nordlys"), "{text}");
    assert!(!text.contains("takes it back") && !text.contains("recorded in"), "{text}");
    assert!(!text.contains("the disk is slow"), "{text}");
    console.wait(250);
    assert!(console.text().contains("the disk is slow: not stored yet"), "{}", console.text());
    console.send(Report::Queued { entries });
    let text = console.text();
    assert!(text.contains("reply is recorded in 5 s; z takes it back"), "{text}");
    assert!(!text.contains("the disk is slow") && !text.contains("storing"), "{text}");
    assert_eq!(console.model.focus, Focus::Conversation);
    assert_eq!(console.model.drafts.all().len(), 0);
}

#[test]
fn the_time_to_take_it_back_begins_when_it_is_stored() {
    let (mut console, mut entries) = storing();
    console.wait(4_000);
    assert!(!console.text().contains("recorded in"), "{}", console.text());
    let until = console.now + SignedDuration::from_secs(5);
    entries[0].state = State::Holding { until };
    console.send(Report::Queued { entries });
    console.wait(1_000);
    assert!(console.text().contains("recorded in 4 s"), "{}", console.text());
}

#[test]
fn enter_twice_records_once_and_what_is_typed_meanwhile_counts_afterwards() {
    let (mut console, entries) = storing();
    console.keys("<enter>s3");
    assert!(console.queued().is_empty());
    assert!(!console.text().contains("Status of"), "{}", console.text());
    console.stalled = false;
    console.send(Report::Queued { entries });
    let after = console.queued();
    let [Entry { ticket, change: Change::Status(edit), .. }] = &after[..] else {
        panic!("{after:?}")
    };
    assert_eq!((*ticket, edit.to.id), (Some(TicketId(1035)), StatusId::ON_HOLD));
}

#[test]
fn what_could_not_be_stored_is_a_draft_as_before_and_takes_no_key() {
    let (mut console, entries) = storing();
    console.keys("<enter>s3e");
    let problem = problem(ProblemKind::Store, "database or disk is full");
    console.send(Report::NotQueued { entries, problem });
    let text = console.text();
    assert!(text.contains("reply is not recorded, its text is on screen, and a draft"), "{text}");
    assert!(text.contains("Reply to #1035") && text.contains("Hello Nordlys"), "{text}");
    assert!(!text.contains("Hello Nordlyss3e") && !text.contains("Review"), "{text}");
    assert!(console.queued().is_empty(), "the keys were meant for what came after");
    assert!(console.model.outbox.entries().is_empty());
    console.keys("!").wait(200).answer();
    assert!(console.text().contains("Hello Nordlys!"), "{}", console.text());
    console.keys("<c-s>").answer();
    console.keys("<enter>");
    let again = console.queued();
    assert!(
        matches!(&again[0].change, Change::Post { kind: ReplyKind::Reply, text } if text == "Hello Nordlys!")
    );
}

fn paste(console: &mut Console, text: &str) {
    console.send(Message::Paste(text.into()));
}

fn draft_texts(console: &Console) -> Vec<(DraftKey, String)> {
    console.model.drafts.all().into_iter().map(|it| (it.key, it.text.clone())).collect()
}

#[test]
fn what_is_pasted_while_the_store_is_waited_for_goes_where_the_keys_before_it_lead() {
    let (mut console, entries) = storing();
    console.keys("r");
    paste(&mut console, "one more thing");
    console.keys("!");
    assert!(!console.text().contains("one more thing"), "{}", console.text());
    console.stalled = false;
    console.send(Report::Queued { entries });
    let text = console.text();
    assert!(text.contains("Reply to #1035") && text.contains("one more thing!"), "{text}");
    let key = DraftKey::of_post(Some(TicketId(1035)), ReplyKind::Reply);
    assert_eq!(draft_texts(&console), [(key, "one more thing!".to_owned())]);
}

#[test]
fn what_is_pasted_while_the_store_is_waited_for_and_meets_no_text_is_a_draft() {
    let (mut console, entries) = storing();
    paste(&mut console, "one more thing");
    paste(&mut console, "and another");
    console.send(Report::Queued { entries });
    let text = console.text();
    assert!(text.contains("#1035 what was pasted is kept as a draft (g o)"), "{text}");
    let key = DraftKey::of_post(Some(TicketId(1035)), ReplyKind::Reply);
    assert_eq!(draft_texts(&console), [(key, "one more thing\nand another".to_owned())]);
    console.stalled = false;
    console.wait(200).answer().keys("r");
    assert!(console.text().contains("one more thing"), "{}", console.text());
}

#[test]
fn what_is_pasted_is_put_in_where_the_store_does_not_take_the_reply() {
    let (mut console, entries) = storing();
    paste(&mut console, " and all");
    let problem = problem(ProblemKind::Store, "database or disk is full");
    console.send(Report::NotQueued { entries, problem });
    let text = console.text();
    assert!(text.contains("Hello Nordlys and all") && text.contains("is not recorded"), "{text}");
}

#[test]
fn what_is_typed_for_another_reply_never_comes_into_the_one_that_is_not_stored() {
    let (mut console, entries) = storing();
    console.keys("Jrdear all");
    paste(&mut console, "for another ticket");
    let problem = problem(ProblemKind::Store, "database or disk is full");
    console.send(Report::NotQueued { entries, problem });
    let own = DraftKey::of_post(Some(TicketId(1035)), ReplyKind::Reply);
    let drafts = draft_texts(&console);
    assert!(drafts.contains(&(own, "Hello Nordlys".into())), "{drafts:?}");
    assert!(drafts.iter().any(|(key, it)| *key != own && it == "for another ticket"), "{drafts:?}");
    console.keys("<esc>").keys("!");
    let text = console.text();
    assert!(text.contains("what was typed meanwhile was not taken: Jrdear all"), "{text}");
    assert!(text.contains("what was pasted is kept as a draft"), "{text}");
}

#[test]
fn a_slow_store_that_is_left_drops_no_paste() {
    let (mut console, _) = storing();
    paste(&mut console, "one more thing");
    console.wait(300).keys("<esc>");
    assert!(console.model.composer.is_none());
    assert!(draft_texts(&console).iter().any(|(_, it)| it == "one more thing"));
    let saves = console.effects().into_iter().filter(|effect| {
        matches!(effect, Effect::Work(Work::SaveDraft { draft, .. }) if draft.text == "one more thing")
    });
    assert_eq!(saves.count(), 1, "it is on its way to the disk");
}

#[test]
fn a_paste_that_the_review_or_a_form_on_its_way_does_not_take_is_said() {
    let mut console = stalled();
    console.keys("rHello<c-s>").answer();
    paste(&mut console, "more");
    let text = console.text();
    assert!(text.contains("nothing is pasted into the review; e goes back to the text"), "{text}");

    let mut console = stalled();
    console.keys("N<enter><rest><enter><enter><rest><enter><tab><tab>Jam<tab>It jams.<c-s>");
    paste(&mut console, "more");
    let text = console.text();
    assert!(text.contains("it takes no keys until the server"), "{text}");
    assert!(!text.contains("more"), "{text}");
}

#[test]
fn the_number_of_a_ticket_and_the_filter_of_the_help_can_be_pasted() {
    let mut console = Console::working(100, 30);
    console.keys("gi");
    paste(&mut console, " #1042\n");
    console.keys("<enter>");
    assert_eq!(console.model.ticket_at_hand(), Some(TicketId(1042)));
    console.keys("?/");
    paste(&mut console, "archive");
    assert!(console.text().contains("/ archive"), "{}", console.text());
}

#[test]
fn a_text_that_is_not_on_screen_is_named_when_the_disk_does_not_take_it() {
    let (mut console, entries) = storing();
    let key = console.model.composer.as_ref().expect("it is open").key();
    console.wait(300).keys("<esc>");
    assert!(console.model.composer.is_none(), "a store that is slow can be left");
    assert!(console.text().contains("#1035 the reply is not stored yet"), "{}", console.text());
    console.keys("<esc>gi1042<enter>").rest();
    let full = || problem(ProblemKind::Store, "database or disk is full");
    console.send(Report::DraftFailed { key, problem: full() });
    console.send(Report::NotQueued { entries, problem: full() });
    let text = console.text();
    assert!(
        text.contains("#1035 reply is not recorded, its text is in memory only (g o)"),
        "{text}"
    );
    let drafts = console.model.drafts.all();
    assert_eq!((drafts.len(), drafts[0].text.as_str()), (1, "Hello Nordlys"));
}

#[test]
fn triage_is_shown_at_once_and_said_once_it_is_stored() {
    let mut console = stalled();
    console.keys("s2");
    let entries = console.queued();
    let row = |console: &Console| console.model.tickets.get(TicketId(1035)).expect("it is there");
    assert_eq!(row(&console).ticket.status.id, StatusId::CLOSED, "it is shown as pending");
    assert!(!console.text().contains("takes it back"), "{}", console.text());
    let mut stored = console.clone();
    stored.send(Report::Queued { entries: entries.clone() });
    assert!(stored.text().contains("Closed; z takes it back"), "{}", stored.text());
    let problem = problem(ProblemKind::Store, "database or disk is full");
    console.send(Report::NotQueued { entries, problem });
    assert_eq!(row(&console).ticket.status.id, StatusId::OPEN);
    assert!(console.text().contains("is not recorded, nothing is changed"), "{}", console.text());
}

fn full() -> growdesk::domain::Problem {
    problem(ProblemKind::Store, "database or disk is full")
}

/// A console that has archived a ticket, which is recorded.
fn archived() -> Console {
    let mut console = stalled();
    console.keys("e");
    let entries = console.queued();
    console.send(Report::Queued { entries: entries.clone() });
    let at = console.now;
    let mut row = console.model.tickets.get(TicketId(1035)).expect("it is there");
    row.ticket.archived = true;
    let state = State::Recorded { at, made: None, undo: Some(Box::new(Change::Archived(false))) };
    let entry = Box::new(Entry { state, ..entries[0].clone() });
    console.send(Report::Entry { entry, row: Some(Box::new(row)) });
    console
}

/// What `keys` queue, which the store takes.
fn stored(console: &mut Console, keys: &str) -> Vec<Change> {
    console.keys(keys);
    let entries = console.queued();
    console.send(Report::Queued { entries: entries.clone() });
    entries.into_iter().map(|entry| entry.change).collect()
}

/// Types keys whose step the store does not take.
fn refuse(console: &mut Console, keys: &str) {
    console.keys(keys);
    let entries = console.queued();
    assert_eq!(entries.len(), 1, "{keys}");
    console.send(Report::NotQueued { entries, problem: full() });
}

#[test]
fn an_undo_that_is_not_stored_can_be_asked_for_again_and_is_not_done_again() {
    let mut console = archived();
    refuse(&mut console, "z");
    console.keys("Z");
    assert!(console.queued().is_empty());
    assert!(console.text().contains("nothing to do again"), "{}", console.text());
    assert_eq!(stored(&mut console, "z"), [Change::Archived(false)]);
    assert_eq!(stored(&mut console, "Z"), [Change::Archived(true)]);
}

#[test]
fn what_can_be_done_again_stays_where_a_step_is_not_stored() {
    let mut console = archived();
    assert_eq!(stored(&mut console, "z"), [Change::Archived(false)]);
    refuse(&mut console, "Z");
    refuse(&mut console, "s2");
    assert_eq!(stored(&mut console, "Z"), [Change::Archived(true)]);
    assert!(console.text().contains("done again: archive on #1035"), "{}", console.text());
}

#[test]
fn what_is_taken_back_is_said_once_it_is() {
    let mut console = stalled();
    console.keys("s2");
    let entries = console.queued();
    console.send(Report::Queued { entries: entries.clone() });
    console.keys("z");
    assert!(!console.text().contains("taken back"), "{}", console.text());
    console.wait(300);
    assert!(console.text().contains("the disk is slow"), "{}", console.text());
    console.settle(&entries[0], State::TakenBack);
    assert!(console.text().contains("taken back: status Closed"), "{}", console.text());
    assert!(!console.text().contains("the disk is slow"), "{}", console.text());
}

#[test]
fn what_the_store_could_not_take_back_is_said_to_go_out_and_can_be_taken_back_again() {
    let (mut console, entries) = storing();
    let id = entries[0].id;
    console.send(Report::Queued { entries: entries.clone() }).send(Message::Drawn);
    let full = || problem(ProblemKind::Store, "database or disk is full");
    for _ in 0..2 {
        console.keys("<esc>z");
        assert!(console.effects().contains(&Effect::Work(Work::TakeBack(vec![id]))));
        console.send(Report::NotTakenBack { ids: vec![id], problem: full() });
        let text = console.text();
        assert!(text.contains("#1035 reply is not taken back, it is recorded in"), "{text}");
        let said = console.model.notices.all().next().map(|it| it.text.clone());
        let said = said.unwrap_or_default();
        assert!(said.contains("z tries again") && !said.contains("too late"), "{said}");
    }
    console.keys("<esc>z");
    console.settle(&entries[0], State::Sending { since: console.now, known: None });
    console.send(Report::TooLate(vec![id])).send(Message::Drawn);
    assert!(console.text().contains("take back the rest?"), "{}", console.text());
}

#[test]
fn what_the_store_could_not_take_back_is_the_next_to_be_undone_whatever_was_done_meanwhile() {
    let mut console = stalled();
    let first = stalled_step(&mut console, "s2");
    console.keys("z");
    console.effects();
    stalled_step(&mut console, "js3");
    console.send(Report::NotTakenBack { ids: vec![first.id], problem: full() });
    assert!(console.text().contains("is not taken back"), "{}", console.text());
    console.keys("z");
    let effects = console.effects();
    assert!(effects.contains(&Effect::Work(Work::TakeBack(vec![first.id]))), "{effects:?}");
}

#[test]
fn a_status_that_followed_a_reply_is_not_done_again_without_it() {
    let (mut console, entries) = storing();
    assert_eq!(entries.len(), 2, "a reply and its status");
    console.send(Report::Queued { entries: entries.clone() }).send(Message::Drawn);
    console.keys("<esc>z");
    for entry in &entries {
        console.settle(entry, State::TakenBack);
    }
    console.effects();
    console.keys("<esc>Z");
    assert!(console.queued().is_empty(), "{}", console.text());
    assert!(console.text().contains("is not done again by itself"), "{}", console.text());
}

/// The entry that `keys` queue, which the store takes and does not send yet.
fn stalled_step(console: &mut Console, keys: &str) -> Entry {
    console.keys(keys);
    let entries = console.queued();
    console.send(Report::Queued { entries: entries.clone() }).send(Message::Drawn);
    entries.into_iter().next().expect("one entry")
}

#[test]
fn a_draft_is_said_to_be_kept_once_it_is_stored() {
    let mut console = stalled();
    console.keys("rHello<esc>");
    assert!(!console.text().contains("kept as a draft"), "{}", console.text());
    console.wait(10).answer();
    assert!(console.text().contains("#1035 the reply is kept as a draft"), "{}", console.text());
    console.keys("N<tab><tab><tab><tab>Jam<esc>");
    assert!(!console.text().contains("new ticket is kept"), "{}", console.text());
    console.wait(10).answer();
    assert!(console.text().contains("the new ticket is kept as a draft"), "{}", console.text());
}

#[test]
fn a_form_stays_until_its_change_is_stored() {
    let mut console = stalled();
    console.keys("N<enter><rest><enter><enter><rest><enter><tab><tab>Jam<tab>It jams.<c-s>");
    let entries = console.queued();
    assert!(console.text().contains("New ticket"), "{}", console.text());
    let problem = problem(ProblemKind::Store, "database or disk is full");
    console.send(Report::NotQueued { entries, problem });
    let text = console.text();
    assert!(text.contains("It jams.") && text.contains("disk is full"), "{text}");
    console.stalled = false;
    console.keys("<c-s>");
    assert_eq!(console.queued().len(), 1, "it can be recorded again");
    console.keys("<esc>");
    assert_eq!(console.model.drafts.all().len(), 0);
}

#[test]
fn leaving_asks_first_while_the_store_does_not_answer() {
    let (mut console, _) = storing();
    console.wait(300).keys("<c-c>");
    assert!(!console.effects().iter().any(leaves));
    let text = console.text();
    assert!(text.contains("Not stored yet, and leaving may lose it: reply on #1035"), "{text}");
    assert!(console.keys("<esc>").effects().is_empty());
    console.keys("<c-c>k");
    assert!(console.effects().iter().any(leaves));

    let mut console = stalled();
    console.keys("s2").wait(300).keys("q");
    assert!(console.text().contains("may lose it: status Closed on"), "{}", console.text());

    let mut console = stalled();
    console.keys("rHello").wait(200).wait(300).keys("<esc>q");
    let text = console.text();
    assert!(text.contains("The reply on #1035 is not stored yet"), "{text}");
    console.keys("<esc>").answer();
    assert!(console.keys("q").effects().iter().any(leaves));
}

#[test]
fn the_question_before_leaving_says_so_once_nothing_is_unsettled_any_more() {
    let mut console = stalled();
    console.stalled = false;
    console.keys("s2");
    let entries = console.queued();
    console.keys("q");
    assert!(console.text().contains("1 change is not recorded yet"), "{}", console.text());
    let at = console.now;
    console.settle(&entries[0], State::Recorded { at, made: None, undo: None });
    let text = console.text();
    assert!(text.contains("Everything is recorded or kept by now"), "{text}");
    assert!(!text.contains("next time") && !text.contains("record now"), "{text}");
    console.effects();
    for key in ["k", "s"] {
        let mut leaving = console.clone();
        assert!(leaving.keys(key).effects().iter().any(leaves), "{key}");
    }
    assert!(!console.keys("<esc>").effects().iter().any(leaves));

    let mut console = stalled();
    console.keys("rHello").wait(200).wait(300).keys("<esc>q");
    assert!(console.text().contains("The reply on #1035 is not stored yet"), "{}", console.text());
    console.answer();
    assert!(console.text().contains("Everything is recorded or kept by now"), "{}", console.text());
}

#[test]
fn a_store_that_is_slow_gets_one_version_of_a_draft_at_a_time() {
    let mut console = stalled();
    for letter in ["a", "b", "c", "d"] {
        console.keys(if letter == "a" { "ra" } else { letter }).wait(200);
    }
    let saves = |console: &mut Console| {
        let saved = console.effects().into_iter().filter_map(|effect| match effect {
            Effect::Work(Work::SaveDraft { draft, .. }) => Some(draft),
            _ => None,
        });
        saved.collect::<Vec<_>>()
    };
    let first = saves(&mut console);
    assert_eq!(first.len(), 1, "{first:?}");
    let (key, version) = (first[0].key, first[0].updated);
    console.send(Report::DraftStored { key, version });
    let then: Vec<String> = saves(&mut console).into_iter().map(|draft| draft.text).collect();
    assert_eq!(then, ["abcd"]);
}

#[test]
fn an_outbox_that_is_in_no_file_is_not_left_unasked() {
    let (mut console, entries) = storing();
    let entry = entries[0].clone();
    console.send(Report::Queued { entries }).send(Message::Drawn);
    let problem = problem(ProblemKind::Store, "work.db was deleted");
    console.send(Report::DraftsLost(problem));
    for keys in ["<esc>q", "<c-c>"] {
        console.keys(keys);
        let text = console.text();
        assert!(text.contains("The outbox is in memory only, and leaving loses it"), "{text}");
        assert!(text.contains("leave all the same") && !text.contains("next time"), "{text}");
        console.keys("<esc>");
    }
    let made = growdesk::domain::Line::from_cleaned("work.db is made anew", None);
    console.send(Report::StoreRemade(made)).send(Message::Drawn);
    assert!(console.text().contains("work.db is made anew"), "{}", console.text());
    console.keys("q");
    assert!(console.text().contains("keep them for next time"), "{}", console.text());
    console.keys("<esc>").settle(&entry, State::TakenBack);
}
