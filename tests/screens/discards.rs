//! What is discarded, brought back or taken back in the list of the outbox and the drafts, and what is
//! said of it.

use growdesk::{
    app::Effect,
    desk::{Report, Work},
    domain::{AllDrafts, Draft, DraftId, DraftKey, DraftKind, Stale, State, TicketId},
};

use crate::anna;
use crate::support::{console::Console, desk};

const KEY: DraftKey = DraftKey { ticket: Some(TicketId(1035)), kind: DraftKind::Reply, copy: 0 };

fn theirs() -> Draft {
    let text = "Dear Nordlys".into();
    Draft { key: KEY, id: DraftId(1), text, cursor: (0, 0), updated: desk::now(), changes: None }
}

fn working() -> Console {
    let mut console = Console::working(100, 30);
    console.effects();
    console
}

/// A reply that Anna's console writes, as far as this one was told.
fn told() -> Console {
    let mut console = working();
    console.stalled = true;
    let writers = vec![(KEY, anna())];
    let all = AllDrafts { drafts: vec![theirs()], writers, gone: vec![] };
    console.send(Report::Drafts(Box::new(all)));
    console
}

fn drops(console: &mut Console) -> bool {
    console.effects().iter().any(|it| matches!(it, Effect::Work(Work::DropDraft(_))))
}

/// A reply that is discarded in the list, which stays open; `between` is typed before it is opened.
fn discarded(mut console: Console, between: &str) -> Console {
    console.keys("rNot this one").wait(200).answer();
    console.keys("<esc>").answer();
    console.keys(between).keys("go");
    for _ in 0..console.model.outbox.entries().len() {
        console.keys("j");
    }
    console.keys("<c-x>y");
    console.send(Report::DraftGone(KEY)).see();
    console
}

#[test]
fn whether_another_console_writes_a_draft_is_what_the_store_says_when_it_is_discarded() {
    let mut console = told();
    console.keys("go<c-x>");
    assert!(console.text().contains("Discard the reply on #1035?"), "{}", console.text());
    console.keys("y");
    assert!(drops(&mut console));

    let mut refused = console.clone();
    let stale = Box::new(Stale::Written(anna(), Some(theirs())));
    refused.send(Report::DraftKept { key: KEY, stale });
    let text = refused.text();
    let said = "Anna (4123@desk-1) writes this reply: it is not discarded";
    assert!(text.contains(said) && text.contains("“Dear Nordlys”"), "{text}");

    console.send(Report::DraftGone(KEY));
    let text = console.text();
    assert!(text.contains("the reply on #1035 is discarded"), "{text}");
    console.keys("<esc>r");
    assert!(!console.text().contains("Only read"), "{}", console.text());
}

#[test]
fn what_was_discarded_in_the_list_comes_back_there_and_is_said_to_be_back() {
    let mut console = discarded(working(), "");
    let text = console.text();
    assert!(text.contains("is discarded; z brings it back"), "{text}");
    assert!(text.contains("nothing is left as a draft"), "{text}");
    console.keys("z");
    assert!(!console.text().contains("is back"), "not before it is stored: {}", console.text());
    console.answer();
    let text = console.text();
    assert!(text.contains("“Not this one”"), "{text}");
    assert!(text.contains("the reply on #1035 is back"), "{text}");
    assert!(!text.contains("kept as a draft"), "{text}");
    assert_eq!(console.model.drafts.all().len(), 1);
    console.keys("z").answer();
    assert!(console.text().contains("nothing to bring back"), "{}", console.text());
    assert_eq!(console.model.drafts.all().len(), 1);
}

#[test]
fn what_was_discarded_in_the_list_comes_back_with_the_cursor_on_another_draft() {
    let mut console = working();
    console.keys("nA note").wait(200).answer();
    console.keys("<esc>").answer();
    let mut console = discarded(console, "");
    let text = console.text();
    assert!(text.contains("is discarded; z brings it back") && text.contains("“A note”"), "{text}");
    console.keys("z").answer();
    assert_eq!(console.model.drafts.all().len(), 2);
    console.keys("<c-x>");
    let text = console.text();
    assert!(text.contains("Discard the reply on #1035?"), "the cursor is on it: {text}");
}

#[test]
fn what_was_discarded_is_not_promised_by_a_key_that_takes_an_entry_back() {
    let mut console = discarded(working(), "s2");
    let text = console.text();
    assert!(text.contains("is discarded; z brings it back once this list is closed"), "{text}");
    console.keys("<esc>z").answer();
    let text = console.text();
    assert!(text.contains("Not this one"), "{text}");
    assert!(text.contains("the reply on #1035 is back"), "{text}");
}

#[test]
fn an_entry_that_is_taken_back_in_the_list_is_said_to_be() {
    let mut console = working();
    console.keys("nHello<c-s>").answer();
    console.keys("<enter>");
    let entries = console.queued();
    assert!(console.text().contains("recorded in 5 s; z takes it back"), "{}", console.text());
    console.keys("goz");
    assert!(!console.text().contains("taken back"), "{}", console.text());
    console.settle(&entries[0], State::TakenBack);
    let text = console.text();
    assert!(text.contains("taken back: note on #1035"), "{text}");
    assert!(!text.contains("takes it back"), "{text}");
}

#[test]
fn who_else_writes_is_not_said_any_more_once_nobody_does() {
    let own = |console: &mut Console| {
        let draft = Some(Box::new(theirs()));
        console.send(Report::DraftOpened { key: KEY, draft, writer: None, gone: None });
    };
    let mut console = told();
    console.keys("rx");
    assert!(console.text().contains("writes this reply; Ctrl-T takes it over"));
    let mut left = console.clone();
    console.keys("<c-t>");
    own(&mut console);
    assert!(!console.text().contains("writes this reply"), "{}", console.text());

    // The other console has left it.
    let all = AllDrafts { drafts: vec![theirs()], ..AllDrafts::default() };
    left.send(Report::Drafts(Box::new(all)));
    assert!(!left.text().contains("writes this reply"), "{}", left.text());

    let mut console = working();
    console.stalled = true;
    console.keys("rMine").wait(200);
    console.answer();
    let writer = Some(anna());
    let draft = Some(Box::new(theirs()));
    console.send(Report::DraftOpened { key: KEY, draft, writer, gone: None });
    assert!(console.text().contains("is written by Anna (4123@desk-1) now"), "{}", console.text());
    own(&mut console);
    assert!(!console.text().contains("is written by"), "{}", console.text());
}
