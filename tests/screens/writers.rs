//! A draft that another console writes, recorded or dropped, and one that the agent discards.

use growdesk::{
    app::{Effect, Message},
    desk::{Report, Work},
    domain::{AllDrafts, Draft, DraftId, DraftKey, DraftKind, Gone, Stale, TicketId},
};

use crate::{
    anna, problem,
    support::{console::Console, desk},
};

const KEY: DraftKey = DraftKey { ticket: Some(TicketId(1035)), kind: DraftKind::Reply, copy: 0 };

/// What Anna has typed; each letter makes another version of it.
fn theirs(text: &str) -> Draft {
    let letters = i64::try_from(text.len()).expect("a few");
    let updated = desk::now() + jiff::SignedDuration::from_millis(letters);
    Draft { key: KEY, id: DraftId(1), text: text.into(), cursor: (0, 0), updated, changes: None }
}

/// Anna's console writes a reply on the ticket at hand, as far as this text.
fn told(text: &str) -> Report {
    let all = AllDrafts { drafts: vec![theirs(text)], writers: vec![(KEY, anna())], gone: vec![] };
    Report::Drafts(Box::new(all))
}

fn working() -> Console {
    let mut console = Console::working(100, 30);
    console.effects();
    console
}

/// A reply that Anna writes, open here too.
fn watching() -> Console {
    let mut console = working();
    console.stalled = true;
    console.send(told("Dear Nordlys"));
    console.keys("r");
    console
}

fn saves(console: &mut Console) -> Vec<Draft> {
    let saved = console.effects().into_iter().filter_map(|effect| match effect {
        Effect::Work(Work::SaveDraft { draft, .. }) => Some(draft),
        _ => None,
    });
    saved.collect()
}

fn asks_to_open(console: &mut Console, taking: bool) -> bool {
    let opens = |effect: &Effect| matches!(effect, Effect::Work(Work::OpenDraft { key: KEY, take, .. }) if *take == taking);
    console.effects().iter().any(opens)
}

#[test]
fn what_another_console_writes_is_only_read() {
    let mut console = watching();
    let text = console.text();
    assert!(text.contains("Only read · Reply to #1035") && text.contains("Dear Nordlys"), "{text}");
    assert!(text.contains("Ctrl-T takes it over · Anna (4123@desk-1) since 15:02"), "{text}");
    assert!(asks_to_open(&mut console, false));
    console.keys("x<c-s><enter>y").wait(200);
    assert!(saves(&mut console).is_empty() && console.queued().is_empty());
    assert!(console.text().contains("Anna (4123@desk-1) writes this reply; Ctrl-T takes it over"));
    console.send(told("Dear Nordlys, it works"));
    assert!(console.text().contains("Dear Nordlys, it works"), "{}", console.text());
}

#[test]
fn a_draft_is_taken_over_with_its_newest_text() {
    let mut console = watching();
    console.keys("<c-t>");
    assert!(asks_to_open(&mut console, true));
    assert!(console.text().contains("Only read"), "not before the store says so");
    let draft = Some(Box::new(theirs("Dear Nordlys, it works")));
    console.send(Report::DraftOpened { key: KEY, draft, writer: None, gone: None });
    assert!(!console.text().contains("Only read"), "{}", console.text());
    console.keys("<end>!").wait(200);
    let saved = saves(&mut console);
    assert_eq!(saved.len(), 1);
    assert!(saved[0].text.contains("Dear Nordlys, it works"), "{saved:?}");
    assert_eq!(saved[0].id, DraftId(1), "it is the same draft");
}

#[test]
fn who_loses_a_draft_reads_it_and_keeps_what_was_not_stored_beside_it() {
    let mut console = working();
    console.stalled = true;
    console.keys("rMine").wait(200);
    let mine = saves(&mut console).remove(0);
    let stale = Box::new(Stale::Written(anna(), Some(theirs("Dear Nordlys"))));
    console.send(Report::DraftStale { key: KEY, id: mine.id, stale });
    let text = console.text();
    assert!(text.contains("Only read") && text.contains("Dear Nordlys"), "{text}");
    assert!(!text.contains("Mine"), "{text}");
    assert!(text.contains("what you typed is kept beside it (g o)"), "{text}");
    let saved = saves(&mut console);
    let [beside] = &saved[..] else { panic!("{saved:?}") };
    assert_eq!((beside.text.as_str(), beside.key.ticket), ("Mine", KEY.ticket));
    assert!(beside.key.copy != 0 && beside.id != mine.id);
    console.keys("<esc>go");
    let text = console.text();
    assert!(text.contains("reply, kept beside") && text.contains("“Mine”"), "{text}");
    assert!(text.contains("“Dear Nordlys”"), "{text}");
}

#[test]
fn what_was_stored_already_is_not_kept_twice() {
    let mut console = working();
    console.keys("rMine").wait(200).answer();
    console.send(told("Mine, and hers"));
    assert!(console.text().contains("Mine, and hers"), "{}", console.text());
    assert!(console.text().contains("Only read"), "{}", console.text());
    assert_eq!(console.model.drafts.all().len(), 1);
}

#[test]
fn a_draft_that_was_recorded_elsewhere_is_not_recorded_again() {
    for recorded in [true, false] {
        let mut console = working();
        console.keys("rDear Nordlys").wait(200).answer();
        console.keys("<c-s>").answer();
        console.stalled = true;
        console.keys("<enter>");
        let entries = console.queued();
        let gone = Gone { recorded, at: desk::now(), by: anna() };
        let stale = Box::new(Stale::Gone(gone));
        console.send(Report::NotRecorded { entries, key: KEY, stale });
        let text = console.text();
        let word = if recorded { "recorded" } else { "dropped" };
        let said = format!("reply was {word} by Anna (4123@desk-1) at 15:02");
        assert!(text.contains(&said) && text.contains("Dear Nordlys"), "{text}");
        assert!(text.contains("type on to keep it"), "{text}");
        assert!(console.model.outbox.entries().is_empty());
        console.keys("<c-s><enter>y<left>").wait(200);
        console.effects();
        let new = |console: &Console| console.model.drafts.all().len();
        assert!(console.queued().is_empty());
        console.keys("!").wait(200);
        assert_eq!(new(&console), 1, "typing on makes a new draft of it");
        console.answer();
        console.keys("<c-s>").answer();
        console.keys("<enter>");
        assert_eq!(console.queued().len(), 1 + usize::from(console.model.composer.is_some()));
    }
}

#[test]
fn a_draft_that_vanishes_from_the_screen_of_a_reader_says_where_it_went() {
    let mut console = watching();
    let gone = Gone { recorded: true, at: desk::now(), by: anna() };
    let all = AllDrafts { gone: vec![(DraftId(1), gone)], ..AllDrafts::default() };
    console.send(Report::Drafts(Box::new(all)));
    let text = console.text();
    assert!(text.contains("Recorded · Reply to #1035") && text.contains("Dear Nordlys"), "{text}");
    assert_eq!(console.model.drafts.all().len(), 0);
    console.keys("<esc>r");
    assert!(!console.text().contains("Dear Nordlys"), "{}", console.text());
}

#[test]
fn an_edit_that_another_console_writes_is_only_read() {
    let mut console = working();
    console.stalled = true;
    let key = DraftKey::new(KEY.ticket, DraftKind::Edit);
    let all = AllDrafts { writers: vec![(key, anna())], ..AllDrafts::default() };
    console.send(Report::Drafts(Box::new(all)));
    console.keys("E<rest>");
    let text = console.text();
    assert!(text.contains("Ctrl-T takes it over · Anna (4123@desk-1)"), "{text}");
    console.keys("<tab><tab><tab>xyz<c-s><enter>").wait(200);
    assert!(saves(&mut console).is_empty() && console.queued().is_empty());
    console.keys("<esc>N");
    assert!(console.text().contains("New ticket"), "{}", console.text());
}

#[test]
fn a_new_ticket_that_another_console_writes_keeps_nobody_from_a_new_one() {
    let mut console = working();
    console.stalled = true;
    let key = DraftKey::new(None, DraftKind::NewTicket);
    let text = r#"{"subject":"Theirs"}"#.to_owned();
    let draft = Draft { key, text, ..theirs("") };
    let all = AllDrafts { drafts: vec![draft], writers: vec![(key, anna())], gone: vec![] };
    console.send(Report::Drafts(Box::new(all)));
    console.keys("N<tab><tab><tab><tab>Mine").wait(200);
    assert!(!console.text().contains("Theirs"), "{}", console.text());
    let saved = saves(&mut console);
    assert!(saved.iter().all(|draft| draft.key != key) && !saved.is_empty(), "{saved:?}");
}

#[test]
fn a_draft_is_discarded_after_a_question_and_comes_back() {
    let mut console = working();
    console.keys("rNot this one").wait(200).answer();
    let drops = |console: &mut Console| {
        let effects = console.effects();
        effects.iter().any(|it| matches!(it, Effect::Work(Work::DropDraft(_))))
    };
    console.keys("<c-x>");
    assert!(console.text().contains("Discard the reply on #1035?"), "{}", console.text());
    for keys in ["<enter>", "<c-x>", "x", "<esc>"] {
        console.keys(keys);
        assert!(!drops(&mut console), "{keys}");
    }
    console.keys_at_once("<c-x>y");
    assert!(!drops(&mut console), "the question was not on screen yet");
    console.send(Message::Drawn).keys("y");
    assert!(drops(&mut console));
    let text = console.text();
    assert!(text.contains("Not this one") && !text.contains("is discarded"), "{text}");
    let mut refused = console.clone();
    refused.send(Report::DraftNotGone { key: KEY, problem: problem_of_the_disk() });
    assert!(refused.text().contains("the draft is kept as it was"), "{}", refused.text());
    assert!(refused.text().contains("Not this one"), "{}", refused.text());

    console.send(Report::DraftGone(KEY));
    assert!(console.text().contains("the reply on #1035 is discarded; z brings it back"));
    assert!(console.model.composer.is_none() && console.model.drafts.all().is_empty());
    console.keys("z").answer();
    let text = console.text();
    assert!(text.contains("Reply to #1035") && text.contains("Not this one"), "{text}");
    assert_eq!(console.model.drafts.all().len(), 1);
}

#[test]
fn a_draft_is_discarded_from_the_list_of_drafts_too_and_comes_back_beside_a_newer_one() {
    let mut console = working();
    console.keys("rNot this one").wait(200).answer();
    console.keys("<esc>").answer();
    console.keys("go<c-x>y");
    console.send(Report::DraftGone(KEY));
    assert!(console.text().contains("nothing is left as a draft"), "{}", console.text());
    console.keys("<esc>rThe next one").wait(200).answer();
    console.keys("<esc>").answer();
    console.keys("z").answer();
    let mut texts: Vec<&str> =
        console.model.drafts.all().into_iter().map(|it| it.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["Not this one", "The next one"]);
}

#[test]
fn a_new_ticket_that_is_emptied_leaves_no_draft() {
    let mut console = working();
    console.keys("N<tab><tab><tab><tab>Jam").wait(200).answer();
    assert_eq!(console.model.drafts.all().len(), 1);
    console.keys("<backspace><backspace><backspace>");
    assert_eq!(console.model.drafts.all().len(), 0);
    console.keys("Jam").wait(200).answer();
    console.keys("<c-x>y");
    let key = DraftKey::new(None, DraftKind::NewTicket);
    console.send(Report::DraftGone(key));
    assert!(!console.text().contains("New ticket"), "{}", console.text());
    assert_eq!(console.model.drafts.all().len(), 0);
}

#[test]
fn a_reply_that_is_taken_back_opens_with_the_cursor_at_its_end() {
    let mut console = working();
    console.keys("rHello<enter>Nordlys<c-s>").answer();
    console.keys("<enter>");
    let entries = console.queued();
    console.keys("z");
    for entry in &entries {
        console.settle(entry, growdesk::domain::State::TakenBack);
    }
    console.keys("!");
    let editor = &console.model.composer.as_ref().expect("it is open").editor;
    assert_eq!(editor.text(), "Hello\nNordlys!");
}

fn problem_of_the_disk() -> growdesk::domain::Problem {
    problem(growdesk::domain::ProblemKind::Store, "database or disk is full")
}

#[test]
fn a_reply_that_comes_back_replaces_no_text_that_is_open() {
    let mut console = working();
    console.keys("rMine").wait(200).answer();
    let mine = console.model.drafts.get(KEY).cloned().expect("it is stored");
    assert!(console.model.drafts.is_stored(KEY));
    // Another console has recorded the open draft meanwhile, so its key was free.
    console.stalled = true;
    console.send(Report::DraftBack(Box::new(theirs("Dear Nordlys"))));
    assert!(console.text().contains("Mine"), "{}", console.text());
    let texts: Vec<&str> =
        console.model.drafts.all().iter().map(|draft| draft.text.as_str()).collect();
    assert!(texts.contains(&"Mine") && texts.contains(&"Dear Nordlys"), "{texts:?}");
    let saved = saves(console.wait(200));
    let [beside] = &saved[..] else { panic!("{saved:?}") };
    assert!(beside.key.copy != 0 && beside.id != mine.id && beside.text == "Mine");
}
