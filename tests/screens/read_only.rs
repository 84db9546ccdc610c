//! A read-only profile: no key leads to a write, and none lets a word be typed that goes nowhere.

use growdesk::{
    app::{
        Effect, Settings,
        command::{Scope, Spec, TABLE},
    },
    desk::{Report, Work},
    domain::{
        AllDrafts, Change, Draft, DraftId, DraftKey, DraftKind, Entry, EntryId, State, StepId,
        TicketId,
    },
};

use crate::{
    overtaken,
    support::{console::Console, desk, macros},
};

/// The console of a read-only profile, whose outbox holds a draft, a held change and a decision of
/// another console.
fn opened() -> Console {
    let settings = Settings { read_only: true, ..desk::settings() };
    let mut console = Console::with(settings, 120, 36).fill();
    let macros = macros::all();
    console.send(growdesk::app::Message::Macros { macros, problems: Vec::new() });
    let ticket = TicketId(1035);
    let draft = Draft {
        key: DraftKey::new(Some(ticket), DraftKind::Reply),
        id: DraftId(1),
        text: "Dear Nordlys".to_owned(),
        cursor: (0, 0),
        updated: desk::now(),
        changes: None,
    };
    let all = AllDrafts { drafts: vec![draft], ..AllDrafts::default() };
    console.send(Report::Drafts(Box::new(all)));
    let held = State::Holding { until: desk::now() };
    for (id, state) in [(1, held), (2, State::Decision { reason: overtaken() })] {
        let entry = Box::new(entry(id, ticket, state));
        console.send(Report::Entry { entry, row: None });
    }
    console.rest().effects();
    console
}

fn entry(id: i128, ticket: TicketId, state: State) -> Entry {
    Entry {
        id: EntryId(id),
        step: StepId(id),
        ticket: Some(ticket),
        change: Change::Archived(true),
        after: None,
        seen: None,
        stood: None,
        undo: None,
        queued: desk::now(),
        state,
    }
}

/// Whether an effect writes to the server, takes a change back, or begins a text.
fn writes(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Work(
            Work::Queue { .. }
                | Work::TakeBack(_)
                | Work::SendAnyway(..)
                | Work::SendNow
                | Work::SaveDraft { .. }
                | Work::OpenDraft { .. }
        )
    )
}

fn press(console: &Console, spec: &Spec) -> Console {
    let mut pressed = console.clone();
    for key in spec.keys[0].split(' ') {
        let key = if key.chars().count() == 1 { key.to_owned() } else { format!("<{key}>") };
        pressed.keys(&key);
    }
    pressed.rest();
    pressed
}

fn of(scopes: &[Scope]) -> impl Iterator<Item = &'static Spec> {
    // The desk has no ticket of the number that is typed then.
    TABLE.iter().filter(|spec| scopes.contains(&spec.scope) && spec.name != "go-to")
}

#[test]
fn no_two_keys_of_a_read_only_console_write_anything() {
    let mut pressed = 0;
    for start in ["", "<enter><rest>", "*", "go", "gojj"] {
        let mut console = opened();
        console.keys(start).rest();
        for first in of(&console.model.scopes()) {
            let mut console = press(&console, first);
            let wrote = console.effects().into_iter().find(writes);
            assert!(wrote.is_none(), "{start} {}: {wrote:?}", first.name);
            assert!(console.model.composer.is_none(), "{start} {}", first.name);
            for second in of(&console.model.scopes()) {
                let mut console = press(&console, second);
                console.keys("2<enter><c-s>").rest();
                let wrote = console.effects().into_iter().find(writes);
                assert!(wrote.is_none(), "{start} {} {}: {wrote:?}", first.name, second.name);
                pressed += 1;
            }
        }
    }
    assert!(pressed > 1_000, "{pressed} pairs");
}

#[test]
fn it_says_so_before_a_word_is_typed_and_names_no_key_that_writes() {
    let console = opened();
    insta::assert_snapshot!(console.text());
    for key in ["r", "n", "m", "s", "N", "E", "#", "e"] {
        let mut console = console.clone();
        console.keys(key);
        assert!(console.text().contains("read-only"), "{key}:\n{}", console.text());
        assert!(console.model.popup.is_none() && console.model.composer.is_none(), "{key}");
    }
    for width in [80, 100, 120] {
        let settings = Settings { read_only: true, ..desk::settings() };
        let console = Console::with(settings, width, 24).fill();
        assert!(console.text().contains("read-only"), "{width}:\n{}", console.text());
    }
}

#[test]
fn the_draft_of_another_time_is_left_alone_and_its_ticket_shown() {
    let mut console = opened();
    console.keys("gojj<enter>").rest();
    assert!(console.model.composer.is_none());
    assert_eq!(console.model.ticket_at_hand(), Some(TicketId(1035)));
    assert_eq!(console.model.drafts.all().len(), 1);
}
