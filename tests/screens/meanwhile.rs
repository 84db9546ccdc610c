//! Answers of the store that meet what the agent has done meanwhile.

use growdesk::{
    app::{Effect, Message},
    desk::{Report, Work},
    domain::{
        AllDrafts, Change, Draft, DraftId, DraftKey, DraftKind, Entry, Gone, ProblemKind, Stale,
        State, TicketId,
    },
};

use crate::{
    anna, problem,
    support::{console::Console, desk},
};

const KEY: DraftKey = DraftKey { ticket: Some(TicketId(1035)), kind: DraftKind::Reply, copy: 0 };

fn gone() -> Gone {
    Gone { recorded: true, at: desk::now(), by: anna() }
}

fn draft(key: DraftKey, text: &str) -> Draft {
    let updated = desk::now() + jiff::SignedDuration::from_millis(key.copy);
    Draft {
        key,
        id: DraftId(key.copy - 100),
        text: text.into(),
        cursor: (0, 0),
        updated,
        changes: None,
    }
}

fn working() -> Console {
    let mut console = Console::working(100, 30);
    console.effects();
    console
}

fn drafts(console: &Console) -> Vec<&str> {
    console.model.drafts.all().into_iter().map(|draft| draft.text.as_str()).collect()
}

/// A stored reply, opened again and confirmed before the store has said whose it is to write.
fn confirmed_at_once() -> (Console, Vec<Entry>, Draft) {
    let mut console = working();
    console.keys("rHello").wait(200).answer();
    console.keys("<esc>");
    console.effects();
    let stored = console.model.drafts.get(KEY).expect("it is kept").clone();
    console.stalled = true;
    console.keys("r<c-s>").answer();
    console.keys("<enter>");
    let entries = console.queued();
    (console, entries, stored)
}

#[test]
fn a_text_that_is_being_recorded_stays_so_whatever_comes_before_the_answer() {
    for other in [false, true] {
        let (mut console, entries, stored) = confirmed_at_once();
        console.keys("j");
        match other {
            true => {
                let writers = vec![(KEY, anna())];
                let all = AllDrafts { drafts: vec![stored], writers, gone: vec![] };
                console.send(Report::Drafts(Box::new(all)));
            }
            false => {
                let draft = Some(Box::new(stored));
                console.send(Report::DraftOpened { key: KEY, draft, writer: None, gone: None });
            }
        }
        assert!(console.text().contains("storing…"), "{}", console.text());
        console.keys("<enter>");
        assert!(console.queued().is_empty(), "it is recorded once");
        console.send(Report::Queued { entries });
        assert_eq!(drafts(&console), Vec::<&str>::new());
    }
}

#[test]
fn what_is_typed_after_a_draft_was_emptied_outlives_what_became_of_that() {
    let theirs = draft(KEY, "Dear Nordlys");
    for stale in [
        Stale::Gone(gone()),
        Stale::Written(anna(), Some(theirs.clone())),
        Stale::Written(anna(), None),
        Stale::Newer(theirs),
    ] {
        let mut console = working();
        console.stalled = true;
        console.keys("rMine").wait(200).answer();
        console.keys("<backspace><backspace><backspace><backspace>");
        console.keys("Other words");
        console.send(Report::DraftKept { key: KEY, stale: Box::new(stale.clone()) });
        assert!(drafts(&console).contains(&"Other words"), "{stale:?}: {:?}", drafts(&console));
    }
}

#[test]
fn what_was_typed_last_outlives_a_draft_that_was_recorded_elsewhere() {
    let mut console = working();
    console.stalled = true;
    console.keys("rDear Nordlys<c-s><enter>");
    let id = console.model.drafts.get(KEY).expect("it is there").id;
    let entries = console.queued();
    console.send(Report::DraftStale { key: KEY, id, stale: Box::new(Stale::Gone(gone())) });
    assert!(!console.text().contains("Review"), "it is not what was reviewed: {}", console.text());
    let stale = Box::new(Stale::Gone(gone()));
    console.send(Report::NotRecorded { entries, key: KEY, stale }).keys("<esc>");
    assert_eq!(drafts(&console), ["Dear Nordlys"]);
}

#[test]
fn keys_for_after_the_answer_do_nothing_once_a_slow_store_is_left() {
    let mut console = working();
    console.stalled = true;
    console.keys("rHello<c-s>").answer();
    console.keys("<enter>e");
    console.effects();
    console.wait(300).keys("<esc>");
    assert!(console.model.composer.is_none());
    assert!(console.queued().is_empty(), "{}", console.text());
}

#[test]
fn what_a_window_saves_while_the_draft_is_recorded_is_kept() {
    let saved = |before: &str, text: &str| Message::Saved {
        key: KEY,
        before: before.into(),
        text: text.into(),
    };
    let mut console = working();
    console.keys("rHello").wait(200).answer();
    console.keys("<c-s>").answer();
    console.stalled = true;
    console.keys("<enter>");
    let entries = console.queued();
    console.send(saved("Hello", "Hello again"));
    assert!(console.text().contains("is kept beside the draft (g o)"), "{}", console.text());
    console.send(Report::Queued { entries });
    assert_eq!(drafts(&console), ["Hello again"]);

    let mut console = working();
    console.keys("rMine");
    for (before, text) in [("a", "One"), ("b", "Two"), ("One", "One and a half")] {
        console.wait(200).answer().send(saved(before, text));
    }
    let mut all = drafts(&console);
    all.sort_unstable();
    assert_eq!(all, ["Mine", "One and a half", "Two"]);
}

fn edit(copy: i64, subject: &str) -> Draft {
    let key = DraftKey { kind: DraftKind::Edit, copy, ..KEY };
    draft(key, &format!(r#"{{"subject":"{subject}"}}"#))
}

fn refuse(console: &mut Console, entry: &Entry) {
    let problem = problem(ProblemKind::Refused, "The subject is too short");
    console.settle(entry, State::Refused { problem });
}

fn submitted(console: &mut Console) -> Entry {
    console.keys("<c-s>");
    let entries = console.queued();
    assert!(matches!(entries[0].change, Change::Fields(_)), "{entries:?}");
    entries[0].clone()
}

fn told(console: &mut Console, drafts: Vec<Draft>) {
    console.send(Report::Drafts(Box::new(AllDrafts { drafts, ..AllDrafts::default() })));
}

#[test]
fn an_edit_that_is_refused_takes_no_other_draft_of_its_ticket_away() {
    let mut console = working();
    let (own, beside) = (edit(0, "The ticket's own"), edit(5, "Kept beside it"));
    told(&mut console, vec![own.clone(), beside.clone()]);
    console.keys("go<enter><rest>");
    assert!(console.text().contains("Kept beside it"), "{}", console.text());
    let entry = submitted(&mut console);
    refuse(&mut console, &entry);
    let drops =
        |it: &Effect| matches!(it, Effect::Work(Work::DropDraft(seen)) if seen.key == own.key);
    assert!(!console.effects().iter().any(drops));
    assert!(drafts(&console).contains(&own.text.as_str()), "{:?}", drafts(&console));
}

#[test]
fn an_edit_that_is_refused_is_kept_beside_what_another_console_began_meanwhile() {
    let mut console = working();
    told(&mut console, vec![edit(0, "Mine")]);
    console.keys("go<enter><rest>");
    let entry = submitted(&mut console);
    let theirs = edit(0, "Theirs");
    told(&mut console, vec![theirs.clone()]);
    refuse(&mut console, &entry);
    console.keys("!").wait(200);
    let all = drafts(&console);
    assert!(all.contains(&theirs.text.as_str()), "{all:?}");
    assert!(all.iter().any(|text| text.contains("Mine")), "{all:?}");
}

#[test]
fn a_choice_for_a_ticket_that_has_gone_meanwhile_does_nothing_and_says_so() {
    for keys in ["s", "p", "d", "tnew tag"] {
        let mut console = working();
        console.keys(keys).rest();
        console.send(Report::Rows { changed: vec![], gone: vec![TicketId(1035)] });
        console.keys("<enter>");
        assert!(console.queued().is_empty(), "{keys}");
        let text = console.text();
        assert!(text.contains("#1035 is not here any more; nothing was done"), "{keys}: {text}");
    }
}

#[test]
fn tags_that_a_colleague_changes_while_the_picker_is_open_stay_as_they_made_them() {
    let mut console = Console::working(100, 30);
    console.keys("/vpn<enter>").rest();
    let id = TicketId(1042);
    let mut row = console.model.tickets.get(id).expect("the ticket");
    let tags = |row: &growdesk::domain::Row| -> Vec<String> {
        row.ticket.tags.iter().map(ToString::to_string).collect()
    };
    assert_eq!(tags(&row), ["vpn", "vpn_client"]);
    console.effects();
    console.keys("t");
    row.ticket.tags = vec![desk::line("vpn_client"), desk::line("theirs")];
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    console.keys("mine<enter>");
    let queued = console.queued();
    let [Change::Tags(change)] = &queued.iter().map(|it| it.change.clone()).collect::<Vec<_>>()[..]
    else {
        panic!("one change of tags: {queued:?}")
    };
    let added: Vec<String> = change.add.iter().map(ToString::to_string).collect();
    assert_eq!((added, change.remove.len()), (vec!["mine".to_owned()], 0));
}
