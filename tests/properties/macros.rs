//! Macros, whatever is typed around them and whatever is missing: typed text stays as it is, and a text
//! with a gap is never recorded.

use std::collections::BTreeMap;

use crokey::KeyCombination;
use crossterm::event::KeyCode;
use growdesk::{
    app::Message,
    desk::{Filling, Found},
    domain::{Change, Entry, TicketId, plan::Macro},
};
use proptest::prelude::*;

use crate::support::{console::Console, desk, macros};

/// Pieces of texts: some need a value that not every ticket has, some need none.
const PIECES: [&str; 9] = [
    "Hello,",
    "Hi {{ contact.first_name }}",
    "Hi {{ contact.first_name | default(\"there\") }}",
    "{{ client.name }}",
    "{{ ticket.project }}",
    "{{ ticket.subject }}",
    "[[order number]]",
    "{% if contact.name %}you{% else %}nobody{% endif %}",
    "{{ quote }}\n",
];

fn of_pieces(at: &[usize]) -> Macro {
    let text: Vec<&str> = at.iter().map(|at| PIECES[at % PIECES.len()]).collect();
    let text = text.join(" ").replace('\n', "\\n").replace('"', "'");
    let toml =
        format!("[[macro]]\nname = \"M\"\nkey = \"x\"\npriority = \"high\"\ntext = \"{text}\"\n");
    macros::of(&toml).remove(0)
}

fn with(one: &Macro, filter: &str) -> Console {
    let mut console = Console::working(120, 40);
    console.send(Message::Macros { macros: vec![one.clone()], problems: Vec::new() });
    console.keys(&format!("6/{filter}<enter>")).rest();
    console
}

fn press(console: &mut Console, codes: impl IntoIterator<Item = KeyCode>) {
    for code in codes {
        console.send(Message::Key(KeyCombination::from(code))).see();
    }
}

fn written(entries: &[Entry]) -> BTreeMap<TicketId, String> {
    let post = |it: &Entry| match &it.change {
        Change::Post { text, .. } => Some((it.ticket?, text.clone())),
        _ => None,
    };
    entries.iter().filter_map(post).collect()
}

/// The text that a ticket is to get, if nothing is missing.
fn expected(one: &Macro, ticket: TicketId, answer: &str) -> Option<String> {
    let row = desk::rows().into_iter().find(|row| row.ticket.id == ticket)?;
    let filling = Filling {
        text: one.text.clone(),
        answers: [("order number".to_owned(), answer.to_owned())].into(),
        targets: vec![growdesk::desk::FillTarget { ticket: row.ticket, waits_since: None }],
        wants_projects: false,
        wants_newest: false,
        now: desk::now(),
        zone: desk::settings().zone,
        width: None,
    };
    let Found::Filled(mut all) = macros::filled(&filling) else { return None };
    all.remove(0).words?.ok()
}

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn a_macro_changes_nothing_of_what_is_typed_around_it(
        typed in "[a-zé日 *\\[{]{0,24}(\n[a-z 👩‍👧\\]}]{0,12}){0,3}",
        moves in prop::collection::vec(0_u8..4, 0..12),
        pieces in prop::collection::vec(0_usize..6, 1..4),
    ) {
        let one = of_pieces(&pieces);
        let mut console = with(&one, "#1042");
        console.keys("r");
        console.send(Message::Paste(typed.clone()));
        let arrows = [KeyCode::Left, KeyCode::Up, KeyCode::Home, KeyCode::Right];
        press(&mut console, moves.iter().map(|at| arrows[usize::from(*at)]));
        let text = |console: &Console| {
            console.model.composer.as_ref().map(|it| it.editor.text()).unwrap_or_default()
        };
        let before = text(&console);
        console.keys("<c-t>x").rest();
        let words = expected(&one, TicketId(1042), "");
        let after = text(&console);
        match words.filter(|_| one.asked.is_empty()) {
            Some(words) => {
                let around = after.match_indices(&words).any(|(at, _)| {
                    format!("{}{}", &after[..at], &after[at + words.len()..]) == before
                });
                prop_assert!(around, "{before:?} became {after:?}, with {words:?}");
                console.keys("<c-_>");
                prop_assert_eq!(text(&console), before, "undo takes it back as one step");
            }
            None => prop_assert_eq!(after, before),
        }
    }

    #[test]
    fn a_text_with_a_gap_is_never_recorded(
        pieces in prop::collection::vec(0_usize..PIECES.len(), 1..4),
        many in any::<bool>(),
        answer in prop_oneof![Just(String::new()), Just("88-413".to_owned()), Just(" ".to_owned())],
    ) {
        let one = of_pieces(&pieces);
        let mut console = with(&one, if many { "10" } else { "1031" });
        console.keys(if many { "*mx" } else { "mx" }).rest();
        if !one.asked.is_empty() {
            console.send(Message::Paste(answer.clone()));
            console.keys("<enter>").rest();
        }
        console.keys("<enter>");
        console.keys("<c-s>").rest().keys("<enter>").rest();
        let entries = console.queued();
        let written = written(&entries);
        for row in desk::rows() {
            let id = row.ticket.id;
            let own = entries.iter().filter(|it| it.ticket == Some(id)).count();
            match (expected(&one, id, &answer), written.get(&id)) {
                (Some(words), Some(text)) => prop_assert_eq!(text.trim_end(), words),
                (None, None) => prop_assert_eq!(own, 0, "nothing is done to {} at all", id),
                (Some(_), None) => {}
                (None, Some(text)) => prop_assert!(false, "{} has a gap, and got {:?}", id, text),
            }
        }
        for text in written.values() {
            prop_assert!(!text.contains("[[") && !text.contains('‹') && !text.contains("{{"));
        }
    }
}
