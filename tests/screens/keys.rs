//! What keys do, from the key to the effects and back to the screen.

use crokey::KeyCombination;
use crossterm::event::{KeyCode, KeyModifiers};
use growdesk::{
    app::{
        Effect, Focus, Message, Outside,
        keymap::{Binding, KeyMap},
    },
    desk::{Read, Report, Work},
    domain::{Change, DraftKey, Entry, ProblemKind, ReplyKind, State, StatusId, TicketId, outbox},
};

use crate::support::{console::Console, desk};

fn working() -> Console {
    let mut console = Console::working(100, 30);
    console.effects();
    console
}

fn is_queue(effect: &Effect) -> bool {
    matches!(effect, Effect::Work(Work::Queue { .. }))
}

fn changes(console: &mut Console) -> Vec<Change> {
    console.queued().into_iter().map(|entry| entry.change).collect()
}

#[test]
fn the_filter_takes_letters_and_esc_gives_everything_back() {
    let mut console = working();
    console.keys("jj");
    let before = console.model.selected();
    console.keys("/q");
    assert!(console.effects().iter().all(|it| *it != Effect::Outside(Outside::Quit)));
    console.keys("<backspace>vpn");
    assert_eq!(console.model.selected(), Some(TicketId(1042)));
    assert!(console.text().contains("filter: vpn"), "{}", console.text());
    console.keys("<esc>");
    assert_eq!(console.model.list.listed().len(), 9);
    assert_eq!(console.model.selected(), Some(TicketId(1042)), "the ticket found stays");
    assert_ne!(before, None);
}

#[test]
fn esc_undoes_the_nearest_thing() {
    let mut console = working();
    console.keys("/vpn<enter><enter><rest>s");
    assert!(console.text().contains("Status of #1042"));
    console.keys("<esc>");
    assert!(!console.text().contains("Status of #1042"));
    assert_eq!(console.model.focus, Focus::Conversation);
    console.keys("<esc>");
    assert_eq!(console.model.focus, Focus::List);
    assert!(console.text().contains("filter: vpn"));
    console.keys("<esc>");
    assert!(!console.text().contains("filter: vpn"));
    console.keys("<esc><esc>");
    assert!(console.effects().iter().all(|it| *it != Effect::Outside(Outside::Quit)));
}

#[test]
fn a_digit_sets_the_status_and_undo_restores_it() {
    let mut console = working();
    console.keys("s2");
    let entries = console.queued();
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert!(matches!(&entry.change, Change::Status(edit) if edit.to.id == StatusId::CLOSED));
    assert!(!console.text().contains("#1035 Dashboard numbers differ from the export  "));
    console.keys("z");
    assert_eq!(console.effects().first(), Some(&Effect::Work(Work::TakeBack(vec![entry.id]))));
    console.settle(entry, State::TakenBack);
    let row = console.model.tickets.get(TicketId(1035)).expect("it was not deleted");
    assert_eq!(row.ticket.status.id, StatusId::OPEN);
}

#[test]
fn enter_never_deletes() {
    let mut console = working();
    console.keys("#<enter><enter>y#");
    assert!(!console.effects().iter().any(is_queue));
    assert!(console.text().contains("Delete ticket #1035"));
    console.keys("103<enter><c-s>");
    assert!(!console.effects().iter().any(is_queue));
    assert!(console.text().contains("type the whole number, 1035"), "{}", console.text());
    console.keys("5<enter>");
    assert!(!console.effects().iter().any(is_queue), "the number alone deletes nothing");
    console.keys("0<c-s>");
    assert!(!console.effects().iter().any(is_queue), "a longer number is another one");
    console.keys("<backspace><c-s>");
    assert_eq!(changes(&mut console), [Change::DeleteTicket]);
    assert!(console.text().contains("#1035 is deleted in 5 s; z takes it back"));
}

#[test]
fn what_is_typed_ahead_of_a_grave_question_is_dropped() {
    let mut console = working();
    console.keys_at_once("#1035<c-s>");
    assert!(!console.effects().iter().any(is_queue), "the question was not on screen yet");
    console.send(Message::Drawn);
    console.keys("1035<c-s>");
    assert_eq!(changes(&mut console), [Change::DeleteTicket]);

    let mut console = working();
    console.keys_at_once("rHello<c-s><enter>");
    assert!(!console.effects().iter().any(is_queue), "the review was not on screen yet");
    console.send(Message::Drawn).answer();
    console.keys("<enter>");
    let recorded = changes(&mut console);
    let [Change::Post { kind: ReplyKind::Reply, text }, Change::Status(then)] = &recorded[..]
    else {
        panic!("{recorded:?}")
    };
    assert_eq!((text.as_str(), then.to.id), ("Hello", StatusId::ANSWERED));
}

#[test]
fn a_note_never_becomes_a_reply() {
    let mut console = working();
    console.keys("nThe gateway is to blame<esc>").rest();
    console.keys("r");
    assert!(!console.text().contains("The gateway is to blame"), "{}", console.text());
    console.keys("<esc>n");
    assert!(console.text().contains("The gateway is to blame"), "{}", console.text());
    console.keys("<c-s>").answer();
    console.keys("<enter>");
    let recorded = changes(&mut console);
    assert!(
        matches!(&recorded[..], [Change::Post { kind: ReplyKind::Note, .. }]),
        "a note alone, and no status: {recorded:?}"
    );
}

#[test]
fn a_reply_that_is_taken_back_is_in_the_editor_again() {
    let mut console = working();
    console.keys("rHello Nordlys<c-s>").answer();
    console.keys("<enter>");
    let entries = console.queued();
    assert!(console.text().contains("recorded in 5 s"), "{}", console.text());
    console.wait(2_000);
    assert!(console.text().contains("recorded in 3 s"), "{}", console.text());
    console.keys("z");
    for entry in &entries {
        console.settle(entry, State::TakenBack);
    }
    let text = console.text();
    assert!(text.contains("Reply to #1035") && text.contains("Hello Nordlys"), "{text}");
}

#[test]
fn a_draft_counts_as_saved_only_when_the_store_says_so() {
    let mut console = working();
    console.keys("rHello");
    assert!(console.text().contains(" saving "), "{}", console.text());
    console.wait(150);
    assert!(console.text().contains(" saving "), "{}", console.text());
    console.answer();
    assert!(console.text().contains(" draft saved "), "{}", console.text());
}

#[test]
fn a_ticket_that_gets_created_meanwhile_does_not_take_the_keys() {
    let mut console = working();
    console.keys("N<enter><rest><enter><enter><rest><enter><tab><tab>Jam<tab>It jams.<c-s>");
    let entries = console.queued();
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    console.keys("<esc>rDear");
    let mut entry = entry.clone();
    entry.ticket = Some(TicketId(1009));
    console.settle(&entry, State::Recorded { at: console.now, made: None, undo: None });
    console.keys(" e");
    assert_eq!(console.model.focus, Focus::Composer);
    assert!(console.text().contains("Dear e"), "{}", console.text());
    assert!(!console.effects().iter().any(is_queue));
}

#[test]
fn writing_does_not_keep_the_server_s_conversation_away() {
    let mut console = working();
    console.keys("jr");
    console.wait(200);
    let fetches = |effect: &Effect| {
        matches!(effect, Effect::Work(Work::Read { read: Read::Thread { fetch: true, .. }, .. }))
    };
    assert_eq!(console.effects().iter().filter(|it| fetches(it)).count(), 1);
}

#[test]
fn another_width_does_not_make_the_conversation_old() {
    let mut console = working();
    console.keys("<enter><rest>v").answer();
    assert!(!console.text().contains("as stored"), "{}", console.text());
}

#[test]
fn hints_equal_what_keys_do() {
    let places = [
        "",
        "<enter><rest>",
        "/vpn",
        "rHello",
        "nHello",
        "rHello<c-o>",
        "rHello<c-s>",
        "s",
        "t",
        ":",
        "N",
        "N<enter>",
        "N<tab>",
        "N<tab><tab><tab>",
        "N<tab><tab><tab><tab>",
        "N<tab><tab><tab><tab><tab>",
        "E<rest>",
        "E<rest><tab><tab><tab>!<c-s>",
        "nHello<c-s>",
        "!",
        "p",
        "d<rest>",
        "tfresh",
        "gi1037",
        "<enter><rest>GD",
        "/vpn<enter>",
        "/vpn<enter><enter><rest>",
        "/vpn<c-f>",
        "g",
        "v",
        "R",
        "s2z",
        "#",
        "gi",
        "?",
        "?/",
        "go",
        "rHello<esc><esc>go",
        "s2q",
        "s2",
        "/zzzz<enter>",
    ];
    for place in places {
        for width in [60, 80, 100, 200] {
            let mut console = Console::working(width, 30);
            console.keys(place).rest();
            hints_do_something(&mut console, place);
        }
    }
}

fn hints_do_something(console: &mut Console, place: &str) {
    console.effects();
    let before = console.styled();
    let keys = console.hinted_keys();
    assert!(!keys.is_empty(), "no hints after {place:?}");
    for key in keys {
        let mut pressed = console.clone();
        pressed.keys(&key);
        let changed = pressed.styled() != before || !pressed.effects().is_empty();
        assert!(changed, "after {place:?}, {key} is hinted at and does nothing\n{before}");
    }
}

#[test]
fn what_is_hinted_where_the_outbox_asks_works() {
    let mut console = working();
    console.keys("rHello<c-s>").answer();
    console.keys("<enter>");
    let entries = console.queued();
    let reason = outbox::Decision::Overtaken(Box::default());
    console.keys("<esc>").settle(&entries[0], State::Decision { reason });
    console.keys("<esc>go<enter>");
    assert!(console.text().contains("y go on  e take yours back  Esc later"), "{}", console.text());
    hints_do_something(&mut console, "a decision");
    console.keys("<esc>");
    assert!(console.text().contains("Enter decide"), "{}", console.text());
    hints_do_something(&mut console, "the outbox with a decision");
    console.keys("<esc><esc>q");
    hints_do_something(&mut console, "leaving with a decision");
    let recorded = State::Recorded { at: console.now, made: None, undo: None };
    console.keys("<esc>").settle(&entries[0], recorded);
    console.keys("z");
    assert!(console.text().contains("y take back  Esc leave it"), "{}", console.text());
    hints_do_something(&mut console, "half a step");
}

#[test]
fn what_works_first_is_hinted() {
    for (place, hint) in [
        ("/vpn<enter>", "Esc clears the filter"),
        ("rHello<c-s>", "1…9 with a status"),
        ("N<tab>", "Enter choose"),
        ("gi1037", "Enter go"),
        ("t", "Space mark"),
    ] {
        let mut console = working();
        console.keys(place).rest();
        let text = console.text();
        assert!(text.lines().last().unwrap_or_default().contains(hint), "{place}: {text}");
    }
    for (place, hint) in [("", "Esc"), ("N<tab><tab><tab><tab>", "Enter"), ("s", "Space")] {
        let mut console = working();
        console.keys(place).rest();
        let text = console.text();
        assert!(!text.lines().last().unwrap_or_default().contains(hint), "{place}: {text}");
    }
}

#[test]
fn an_edit_starts_from_what_the_last_one_will_have_made() {
    let mut console = working();
    console.keys("/vpn<enter>E<rest><tab><tab><tab>!<c-s><esc>E<rest><tab><tab><tab>?<c-s>");
    let changes = changes(&mut console);
    let [Change::Fields(first), Change::Fields(second)] = &changes[..] else {
        panic!("{changes:?}")
    };
    let (Some(first), Some(second)) = (&first.subject, &second.subject) else {
        panic!("{changes:?}")
    };
    assert_eq!(second.from, first.to);
    assert_eq!(second.to.as_str(), format!("{}?", first.to));
}

#[test]
fn the_second_undo_waits_for_the_first() {
    let mut console = working();
    let one = console.keys("/vpn<enter>s2").queued().remove(0);
    let mut row = desk::rows().remove(0);
    one.change.apply(&mut row.ticket);
    let undo = one.change.inverse().map(Box::new);
    let state = State::Recorded { at: console.now, made: None, undo };
    let entry = Box::new(Entry { state, ..one.clone() });
    console.send(Report::Entry { entry, row: Some(Box::new(row)) });
    let two = console.keys("gi1042<enter>s3").queued().remove(0);
    console.keys("zz");
    assert!(console.queued().is_empty(), "whether the first was in time is not known");
    console.settle(&two, State::TakenBack);
    let back = console.queued().remove(0);
    assert_eq!((back.undo, Some(back.change)), (Some(one.id), one.change.inverse()));
}

#[test]
fn nothing_that_steers_a_terminal_reaches_a_cell() {
    let mut console = working();
    let mut row = desk::rows().remove(0);
    row.ticket.subject = desk::line("a\u{1b}[2Jb\u{9b}31mc\u{202e}d\u{7}e");
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    console.keys("gi1042<enter>").rest();
    console.keys("r").send(Message::Paste("x\u{1b}]0;title\u{7}\u{2066}y\tz".into()));
    let text = console.text();
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let steers = |c: char| turns(c) || (c.is_control() && c != '\n');
    assert!(!text.contains(steers), "{text:?}");
}

fn alt(letter: char) -> Message {
    Message::Key(KeyCombination::one_key(KeyCode::Char(letter), KeyModifiers::ALT))
}

#[test]
fn an_alt_letter_that_nothing_uses_is_esc_and_then_the_letter() {
    for letter in ['j', 'ę', 'Ж', 'R'] {
        let mut one = working();
        one.keys("/vpn").send(alt(letter));
        let mut two = working();
        two.keys(&format!("/vpn<esc>{letter}"));
        assert_eq!(one.text(), two.text(), "{letter}");
        let mut one = working();
        one.keys("rHello").send(alt(letter));
        let mut two = working();
        two.keys(&format!("rHello<esc>{letter}"));
        assert_eq!(one.text(), two.text(), "{letter}");
    }
    let mut console = working();
    console.keys("rHello there").send(alt('b'));
    console.keys("you ");
    assert!(console.text().contains("Hello you there"), "what the text uses stays its own");
    let mut console = working();
    console.keys("g").send(alt('e'));
    assert!(!console.effects().iter().any(is_queue), "after g nothing else happens");
}

#[test]
fn a_letter_of_altgr_is_typed_and_never_a_command() {
    let altgr = |letter| {
        let both = KeyModifiers::ALT | KeyModifiers::CONTROL;
        Message::Key(KeyCombination::one_key(KeyCode::Char(letter), both))
    };
    let mut console = working();
    console.keys("r").send(altgr('ę')).send(altgr('@')).send(altgr('Ł'));
    assert!(console.text().contains("ę@Ł"), "{}", console.text());
    let mut console = working();
    console.keys("/").send(altgr('ż'));
    assert!(console.text().contains("filter: ż"), "{}", console.text());
    let mut console = working();
    let before = console.text();
    console.send(altgr('#')).send(altgr('/'));
    assert_eq!(console.text(), before);
}

#[test]
fn keys_of_any_script_can_be_bound_and_are_typed_in_texts() {
    let binding = |command: &str, key: char| Binding {
        scope: "console".into(),
        command: command.into(),
        keys: vec![vec![KeyCode::Char(key).into()]],
        line: 1,
    };
    for (reply, archive) in [('ą', 'Ą'), ('é', 'è'), ('ж', 'Ж'), ('語', 'ß')] {
        let bindings = [binding("reply", reply), binding("archive", archive)];
        let mut console = working();
        console.model.keymap = KeyMap::new(&bindings).expect("they are keys");
        console.keys(&archive.to_string());
        assert!(matches!(changes(&mut console)[..], [Change::Archived { .. }]), "{archive}");
        console.keys(&format!("{reply}{reply}{archive}"));
        let text = console.text();
        assert!(
            text.contains("Reply to #") && text.contains(&format!("{reply}{archive}")),
            "{text}"
        );
    }
}

/// A console that is asked what becomes of a reply which somebody has overtaken, the decision drawn
/// or not.
fn overtaken(keys_before: &str, drawn: bool) -> (Console, Entry) {
    let mut console = working();
    console.keys("rHello Nordlys<c-s>").answer();
    console.keys("<enter>");
    let entry = console.queued().remove(0);
    console.keys(keys_before);
    let state = State::Decision { reason: super::overtaken() };
    let entry = Entry { state, ..entry };
    console.send(Report::Entry { entry: Box::new(entry.clone()), row: None });
    if drawn {
        console.send(Message::Drawn);
    }
    console.effects();
    (console, entry)
}

#[test]
fn a_decision_is_taken_by_its_own_keys_alone() {
    let asks_for = |keys: &str| {
        let (mut console, _) = overtaken("", true);
        assert!(console.text().contains("somebody wrote meanwhile"), "{}", console.text());
        console.keys(keys).effects()
    };
    let goes_on = |it: &Effect| matches!(it, Effect::Work(Work::SendAnyway(..)));
    let comes_back = |it: &Effect| matches!(it, Effect::Work(Work::TakeBack(_)));
    assert!(asks_for("y").iter().any(goes_on));
    assert!(asks_for("e").iter().any(comes_back));
    for keys in ["<enter>", "<esc>", "x", " ", "jjk", "s", "1"] {
        assert!(!asks_for(keys).iter().any(|it| goes_on(it) || comes_back(it)), "{keys}");
    }
}

#[test]
fn keys_that_came_before_a_decision_was_drawn_decide_nothing() {
    let (mut console, _) = overtaken("", false);
    console.keys_at_once("yyy");
    assert!(console.effects().is_empty());
}

#[test]
fn a_decision_does_not_come_between_the_agent_and_a_text() {
    let (console, _) = overtaken("nAsk ", true);
    assert!(console.text().contains("Ask"), "{}", console.text());
    assert!(console.model.popup.is_none());
    let (mut console, entry) = overtaken("nAsk ", true);
    console.keys("<esc>").keys("go<enter>");
    assert!(console.text().contains("I called her"), "{}", console.text());
    console.keys("e").settle(&entry, State::TakenBack);
    let text = console.text();
    assert!(text.contains("Reply to #1035") && text.contains("Hello Nordlys"), "{text}");
}

#[test]
fn a_change_carries_what_was_there_before() {
    let mut console = working();
    console.keys("e");
    let archive = console.queued().remove(0);
    let stood = archive.stood.expect("the ticket is known");
    assert_eq!((stood.archived, stood.subject.is_empty(), stood.reply), (false, false, None));

    console.keys("/vpn<enter><enter><rest>kkkkD");
    let reply = console.model.conversation.post().and_then(|post| post.reply).expect("a reply");
    console.keys(&reply.0.to_string()).keys("<c-s>");
    let deletion = console.queued().remove(0);
    assert_eq!(deletion.change, Change::DeleteReply(reply));
    let text = deletion.stood.and_then(|stood| stood.reply).expect("it is on screen");
    assert!(console.text().contains(text.lines().next().expect("a line")), "{text}");
}

#[test]
fn a_text_that_the_disk_does_not_take_is_asked_about_before_it_is_lost() {
    let leaves = |it: &Effect| *it == Effect::Outside(Outside::Quit);
    let asked = || {
        let mut console = super::unstorable(100, 30);
        console.effects();
        console
    };
    for keys in ["<c-c>", "<esc>q", "<c-c><enter>", "<c-c>y"] {
        let mut console = asked();
        console.keys(keys);
        assert!(console.text().contains("leaving loses it"), "{keys}: {}", console.text());
        assert!(!console.effects().iter().any(leaves), "{keys}");
    }
    for keys in ["<c-c><c-c>", "<c-c>k"] {
        assert!(asked().keys(keys).effects().iter().any(leaves), "{keys}");
    }
    let mut console = asked();
    console.keys("<c-c><esc>!").wait(200);
    let saved = |it: &Effect| matches!(it, Effect::Work(Work::SaveDraft { .. }));
    assert!(console.effects().iter().any(saved), "typing goes on, and is tried again");
    let key = console.model.composer.as_ref().expect("the note stays open").key();
    let version = console.model.drafts.get(key).expect("it is there").updated;
    console.wait(5_000).send(Report::DraftStored { key, version });
    assert!(console.text().contains("the draft is on the disk again"), "{}", console.text());
    assert!(console.keys("<c-c>").effects().iter().any(leaves));
}

#[test]
fn who_leaves_once_all_is_recorded_is_told_what_is_not() {
    let leaves = |it: &Effect| *it == Effect::Outside(Outside::Quit);
    let waiting = || {
        let mut console = working();
        console.keys("s2").keys("qs");
        let entry = console.queued().remove(0);
        (console, entry)
    };
    let (mut console, entry) = waiting();
    console.settle(&entry, State::Recorded { at: console.now, made: None, undo: None });
    assert!(console.effects().iter().any(leaves));
    let (mut console, entry) = waiting();
    let problem = super::problem(ProblemKind::Refused, "The status is unknown");
    console.settle(&entry, State::Refused { problem });
    assert!(!console.effects().iter().any(leaves));
    let text = console.text();
    assert!(text.contains("The status is unknown") && !text.contains("Leave growdesk"), "{text}");
}

#[test]
fn what_a_window_of_the_editor_saves_becomes_the_draft() {
    let key = DraftKey::of_post(Some(TicketId(1035)), ReplyKind::Reply);
    let saved =
        |before: &str, text: &str| Message::Saved { key, before: before.into(), text: text.into() };
    let stored = |console: &mut Console| {
        let saved = console.effects().into_iter().rev().find_map(|effect| match effect {
            Effect::Work(Work::SaveDraft { draft, .. }) => Some(draft),
            _ => None,
        })?;
        console.send(Report::DraftStored { key, version: saved.updated });
        Some(saved.text)
    };
    let mut console = working();
    console.keys("rHello").send(saved("Hello", "Hello Nordlys"));
    assert!(console.text().contains("Hello Nordlys"), "{}", console.text());
    assert_eq!(stored(&mut console).as_deref(), Some("Hello Nordlys"));
    console.keys("<c-s>").answer();
    console.send(saved("Hello Nordlys", "Hello Nordlys!"));
    assert!(!console.text().contains("Review"), "what was reviewed is not it any more");
    console.keys("<esc>").answer();
    console.send(saved("Hello Nordlys!", "Good morning"));
    assert_eq!(stored(&mut console).as_deref(), Some("Good morning"), "with the pane closed too");
    console.keys("r, all").send(saved("Good morning", "Good evening"));
    assert!(console.text().contains("Good morning, all"), "{}", console.text());
    let drafts: Vec<&str> =
        console.model.drafts.all().into_iter().map(|draft| draft.text.as_str()).collect();
    assert!(drafts.contains(&"Good evening"), "it is kept beside: {drafts:?}");
}
