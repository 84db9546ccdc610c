//! The mouse does what the keys do at the place that it points at, and nothing where it is off.

use growdesk::{
    app::{
        Effect, Focus, Message, Outside, Popup,
        hits::{Hit, at, chosen, hits},
        mouse::Pointed,
    },
    desk::Work,
    domain::TicketId,
};

use crate::{
    support::console::{Console, parse},
    table::{after, state, surfaces},
};

fn on(keys: &str) -> Console {
    let mut console = after(keys);
    console.model.mouse = true;
    console
}

fn point(console: &mut Console, pointed: Pointed, x: u16, y: u16) {
    console.send(Message::Mouse { pointed, x, y }).rest();
}

/// A cell of each place, and one of no place, with what it means.
fn cells(console: &Console) -> Vec<((u16, u16), Option<Hit>)> {
    let places = hits(&console.model);
    let (width, height) = console.model.size;
    let mut found: Vec<((u16, u16), Option<Hit>)> = Vec::new();
    for (x, y) in (0..height).flat_map(|y| (0..width + 1).map(move |x| (x, y))) {
        let hit = places.iter().find(|(area, _)| area.holds(x, y)).map(|(_, hit)| *hit);
        if !found.iter().any(|(_, it)| *it == hit) {
            found.push(((x, y), hit));
        }
    }
    found
}

/// A cell of a place that is not covered by a nearer one.
fn cell(console: &Console, hit: Hit) -> (u16, u16) {
    let found = cells(console).into_iter().find(|(_, it)| *it == Some(hit));
    found.unwrap_or_else(|| panic!("{hit:?} is not on screen:\n{}", console.text())).0
}

fn click(console: &mut Console, hit: Hit) {
    let (x, y) = cell(console, hit);
    point(console, Pointed::Click, x, y);
}

/// Clicks on a key that is shown on screen, at its first letter.
fn click_key(console: &mut Console, text: &str) {
    let screen = console.text();
    let lines: Vec<&str> = screen.lines().collect();
    let (y, line) =
        lines.iter().enumerate().rev().find(|(_, line)| line.contains(text)).expect(text);
    let before = line.split(text).next().unwrap_or_default();
    let x = unicode_width::UnicodeWidthStr::width(before);
    let (x, y) = (u16::try_from(x).expect("a column"), u16::try_from(y).expect("a row"));
    assert!(matches!(at(&console.model, x, y), Some(Hit::Key(_))), "{text:?} in\n{screen}");
    point(console, Pointed::Click, x, y);
}

fn statuses(console: &mut Console) -> usize {
    console.queued().len()
}

#[test]
fn a_click_chooses_a_row_and_a_second_one_opens_it() {
    let mut console = on("");
    let mut keys = on("jjj");
    click(&mut console, Hit::Row(3));
    assert_eq!(console.model.list.cursor, 3);
    assert_eq!(console.text(), keys.rest().text());
    click(&mut console, Hit::Row(1));
    assert_eq!(console.model.list.cursor, 1);
    assert_eq!(console.model.focus, Focus::List);
    click(&mut console, Hit::Row(1));
    assert_eq!(console.model.focus, Focus::Conversation);
    // Back in the list, a row is chosen before it is opened.
    click(&mut console, Hit::Row(1));
    assert_eq!((console.model.focus, console.model.list.cursor), (Focus::List, 1));
    click(&mut console, Hit::Row(4));
    assert_eq!(console.model.list.cursor, 4);
}

#[test]
fn a_click_opens_a_view_and_gives_a_pane_the_keys() {
    let mut console = on("");
    click(&mut console, Hit::View(2));
    assert_eq!(console.model.list.active, 2);
    click(&mut console, Hit::View(0));
    assert_eq!(console.model.list.active, 0);
    let line = hits(&console.model).into_iter().find_map(|(_, hit)| match hit {
        Hit::Line(at) if at > console.model.conversation.cursor => Some(hit),
        _ => None,
    });
    let line = line.expect("a line of the conversation");
    click(&mut console, line);
    assert_eq!(console.model.focus, Focus::Conversation);
    assert_eq!(chosen(&console.model), Some(line));
    click(&mut console, Hit::List);
    assert_eq!(console.model.focus, Focus::List);
}

#[test]
fn a_click_takes_a_choice_a_field_and_an_entry() {
    let mut console = on("s");
    let third = Hit::Choice(2);
    click(&mut console, third);
    assert_eq!(chosen(&console.model), Some(third));
    assert_eq!(statuses(&mut console), 0, "a choice is not taken by one click");
    let mut keys = on("s<down><down>");
    let wanted: Vec<_> = keys.keys("<enter>").queued().into_iter().map(|it| it.change).collect();
    // The picker begins at the status of the ticket.
    let mut console = on("s");
    click(&mut console, third);
    click(&mut console, third);
    let taken: Vec<_> = console.queued().into_iter().map(|it| it.change).collect();
    assert!(!taken.is_empty() && (taken.len(), wanted.len()) == (1, 1), "{taken:?} {wanted:?}");

    let mut console = on("N");
    let fields: Vec<Hit> = hits(&console.model)
        .into_iter()
        .map(|(_, hit)| hit)
        .filter(|hit| matches!(hit, Hit::Field(_)))
        .collect();
    for field in fields.iter().rev().chain(&fields) {
        if chosen(&console.model) != Some(*field) {
            click(&mut console, *field);
        }
        assert_eq!(chosen(&console.model), Some(*field));
    }
    let mut console = on("f");
    let by = hits(&console.model).into_iter().rev().find(|(_, hit)| matches!(hit, Hit::By(_)));
    let by = by.expect("a field").1;
    click(&mut console, by);
    assert_eq!(chosen(&console.model), Some(by));

    let mut console = on("rThank you<esc><esc>s2go");
    click(&mut console, Hit::Entry(1));
    assert_eq!(chosen(&console.model), Some(Hit::Entry(1)));
    click(&mut console, Hit::Entry(0));
    assert_eq!(chosen(&console.model), Some(Hit::Entry(0)));
}

#[test]
fn a_card_of_the_board_and_a_number_of_the_dashboard_are_chosen_and_opened() {
    let mut console = on("gb");
    let cards: Vec<Hit> =
        cells(&console).into_iter().filter_map(|(_, hit)| hit).filter(is_row).collect();
    assert!(cards.len() >= 4, "{cards:?}");
    for card in cards.iter().rev() {
        let shown = cells(&console).iter().any(|(_, hit)| *hit == Some(*card));
        if shown && chosen(&console.model) != Some(*card) {
            click(&mut console, *card);
            assert_eq!(chosen(&console.model), Some(*card));
        }
    }
    let card = chosen(&console.model).expect("a card");
    click(&mut console, card);
    assert_eq!(console.model.focus, Focus::Conversation);

    let mut console = crate::dashboard::counted("");
    console.model.mouse = true;
    let numbers: Vec<Hit> = cells(&console)
        .into_iter()
        .filter_map(|(_, hit)| hit)
        .filter(|hit| matches!(hit, Hit::Number(..)))
        .collect();
    assert!(numbers.len() >= 8, "{numbers:?}");
    for number in numbers.iter().rev().filter(|it| chosen(&console.clone().model) != Some(**it)) {
        let mut console = console.clone();
        click(&mut console, *number);
        assert_eq!(chosen(&console.model), Some(*number));
        click(&mut console, *number);
        assert_ne!(chosen(&console.model), Some(*number), "its tickets are opened");
    }
}

fn is_row(hit: &Hit) -> bool {
    matches!(hit, Hit::Row(_))
}

#[test]
fn a_click_on_a_shown_key_presses_it() {
    let mut console = on("");
    click_key(&mut console, "s status");
    assert!(matches!(console.model.popup, Some(Popup::Picker(_))));
    click_key(&mut console, "Esc cancel");
    assert!(console.model.popup.is_none());
    click_key(&mut console, "? help");
    assert!(matches!(console.model.popup, Some(Popup::Help(_))));
    click_key(&mut console, "Esc closes");
    assert!(console.model.popup.is_none());
    console.keys("g");
    click_key(&mut console, "d dashboard");
    assert!(matches!(console.model.popup, Some(Popup::Dashboard(_))), "{}", console.text());
    for text in ["Ctrl-S review", "Esc leave", "Ctrl-O preview"] {
        let (mut clicked, mut keys) = (on("rHello"), on("rHello"));
        click_key(&mut clicked, text);
        let key = text.split(' ').next().unwrap_or_default().to_lowercase();
        keys.keys(&format!("<{key}>").replace("ctrl-", "c-")).rest();
        assert_eq!(clicked.text(), keys.text(), "{text}");
        assert_ne!(clicked.text(), on("rHello").text(), "{text}");
    }
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let mut console = on("");
    let (x, y) = cell(&console, Hit::Row(0));
    point(&mut console, Pointed::WheelDown, x, y);
    assert_eq!((console.model.list.cursor, console.model.focus), (3, Focus::List));
    point(&mut console, Pointed::WheelUp, x, y);
    point(&mut console, Pointed::WheelUp, x, y);
    assert_eq!(console.model.list.cursor, 0);

    let mut console = on("/vpn<enter>");
    console.rest();
    let (x, y) = cell(&console, Hit::Conversation);
    let before = console.model.conversation.cursor;
    point(&mut console, Pointed::WheelUp, x, y);
    assert_ne!(console.model.conversation.cursor, before);
    assert_eq!(console.model.focus, Focus::List, "the keys stay with the list");

    let mut console = on("?");
    let before = console.text();
    let (x, y) = cell(&console, Hit::Popup);
    point(&mut console, Pointed::WheelDown, x, y);
    assert_ne!(console.text(), before);
    point(&mut console, Pointed::WheelUp, x, y);
    assert_eq!(console.text(), before);
}

#[test]
fn the_mouse_is_off_until_it_is_switched_on() {
    let mut console = after("");
    let asked = |console: &mut Console| {
        let outside = |effect| match effect {
            Effect::Outside(it @ Outside::Mouse(_)) => Some(it),
            _ => None,
        };
        console.effects().into_iter().find_map(outside)
    };
    console.keys("<c-g>");
    assert_eq!(asked(&mut console), Some(Outside::Mouse(true)));
    assert!(console.text().contains("Shift selects text"), "{}", console.text());
    console.keys("r<c-g>");
    assert_eq!(asked(&mut console), Some(Outside::Mouse(false)), "also while one writes");
    for mut console in surfaces() {
        let before = state(&console);
        console.effects();
        for ((x, y), _) in cells(&console) {
            for pointed in [Pointed::Click, Pointed::WheelDown] {
                console.send(Message::Mouse { pointed, x, y });
            }
        }
        assert!(state(&console) == before);
        assert_eq!(console.effects(), []);
    }
}

/// Whether something is sent to the server, or taken away.
fn decides(effect: &Effect) -> bool {
    matches!(effect, Effect::Work(Work::Queue { .. } | Work::DropDraft(_)))
}

#[test]
fn a_click_anywhere_does_nothing_that_its_key_or_enter_would_not() {
    for mut before in surfaces() {
        before.model.mouse = true;
        before.effects();
        let is_grave = before.model.popup.as_ref().is_some_and(|popup| popup.is_grave());
        // Of the rows and lines some are enough.
        let on = chosen(&before.model);
        let tried = |hit: Option<Hit>| match hit {
            Some(Hit::Row(at) | Hit::Line(at) | Hit::Choice(at)) => at % 6 == 0 || hit == on,
            _ => true,
        };
        for ((x, y), hit) in cells(&before).into_iter().filter(|(_, hit)| tried(*hit)) {
            for pointed in [Pointed::Click, Pointed::WheelDown] {
                let mut console = before.clone();
                console.send(Message::Mouse { pointed, x, y });
                let decided = console.effects().iter().any(decides);
                let pressed = matches!(hit, Some(Hit::Key(_)));
                let entered = hit.is_some() && hit == chosen(&before.model);
                let clicked = pointed == Pointed::Click && (pressed || entered);
                assert!(!decided || clicked && !is_grave, "{hit:?} {pointed:?}\n{}", before.text());
                if hit.is_none() {
                    assert!(state(&console) == state(&before), "{x} {y}");
                }
                let _ = console.text();
            }
        }
    }
}

#[test]
fn a_click_confirms_no_deletion_and_nothing_that_is_for_good() {
    for keys in ["#1035", "rHello<c-x>", "s2q"] {
        let mut console = on(keys);
        assert!(console.model.popup.as_ref().is_some_and(|it| it.is_grave()), "{keys}");
        console.send(Message::Drawn).effects();
        let before = state(&console);
        let places = hits(&console.model);
        for (area, hit) in places {
            let mut clicked = console.clone();
            clicked.send(Message::Mouse { pointed: Pointed::Click, x: area.x, y: area.y });
            let left = clicked.model.popup.is_none();
            assert!(!clicked.effects().iter().any(decides), "{keys}: {hit:?}");
            assert!(left || state(&clicked) == before, "{keys}: {hit:?}");
        }
    }
}

#[test]
fn a_click_before_a_dialog_is_drawn_is_dropped() {
    let mut console = on("");
    let (x, y) = cell(&console, Hit::Row(5));
    for key in parse("#") {
        console.send(Message::Key(key));
    }
    assert!(console.model.awaits_draw());
    let before = state(&console);
    console.send(Message::Mouse { pointed: Pointed::Click, x, y });
    assert!(state(&console) == before);
    let mut opened = Console::opened(100, 30);
    opened.model.mouse = true;
    let before = opened.text();
    opened.send(Message::Mouse { pointed: Pointed::Click, x, y });
    assert!(opened.text() == before, "the rows are not there yet");
}

#[test]
fn a_click_never_leaves_a_text_that_is_written() {
    let mut console = on("");
    console.send(Message::Resize { width: 140, height: 40 }).keys("rHello").rest();
    let before = console.text();
    for hit in [Hit::Row(4), Hit::View(2), Hit::List] {
        click(&mut console, hit);
        assert_eq!(console.text(), before, "{hit:?}");
    }
    assert_eq!(console.model.selected(), Some(TicketId(1035)));
}

#[test]
fn the_screen_with_the_mouse_on() {
    let mut console = on("");
    console.send(Message::Resize { width: 120, height: 40 }).rest();
    insta::assert_snapshot!("mouse_on", console.text());
}
