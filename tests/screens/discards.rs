//! What is discarded, brought back or taken back in the list of the outbox and the drafts, and what is
//! said of it.

use growdesk::{
    app::{Effect, Message, Work},
    domain::{AllDrafts, Draft, DraftId, DraftKey, DraftKind, Stale, TicketId, Writer},
};

use crate::support::{console::Console, desk};

const KEY: DraftKey = DraftKey { ticket: Some(TicketId(1035)), kind: DraftKind::Reply, copy: 0 };

fn anna() -> Writer {
    Writer { agent: "Anna".into(), process: 4123, host: "desk-1".into(), since: desk::now() }
}

fn theirs() -> Draft {
    let text = "Dear Nordlys".into();
    Draft { key: KEY, id: DraftId(1), text, cursor: (0, 0), updated: desk::now() }
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
    console.send(Message::Drafts(Box::new(all)));
    console
}

fn drops(console: &mut Console) -> bool {
    console.effects().iter().any(|it| matches!(it, Effect::Work(Work::DropDraft(_))))
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
    refused.send(Message::DraftKept { key: KEY, stale });
    let text = refused.text();
    let said = "Anna (4123@desk-1) writes this reply: it is not discarded";
    assert!(text.contains(said) && text.contains("“Dear Nordlys”"), "{text}");

    console.send(Message::DraftGone(KEY));
    let text = console.text();
    assert!(text.contains("the reply on #1035 is discarded"), "{text}");
    console.keys("<esc>r");
    assert!(!console.text().contains("Only read"), "{}", console.text());
}

#[test]
fn who_else_writes_is_not_said_any_more_once_nobody_does() {
    let own = |console: &mut Console| {
        let draft = Some(Box::new(theirs()));
        console.send(Message::DraftOpened { key: KEY, draft, writer: None, gone: None });
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
    left.send(Message::Drafts(Box::new(all)));
    assert!(!left.text().contains("writes this reply"), "{}", left.text());

    let mut console = working();
    console.stalled = true;
    console.keys("rMine").wait(200);
    console.answer();
    let writer = Some(anna());
    let draft = Some(Box::new(theirs()));
    console.send(Message::DraftOpened { key: KEY, draft, writer, gone: None });
    assert!(console.text().contains("is written by Anna (4123@desk-1) now"), "{}", console.text());
    own(&mut console);
    assert!(!console.text().contains("is written by"), "{}", console.text());
}
