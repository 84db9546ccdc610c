//! Bytes as what happens to a console: keys, pastes, sizes, time, answers, outcomes. Neither the core
//! nor the drawing panics.
#![no_main]

#[allow(dead_code, reason = "shared with the tests of the screens, which need more of it")]
#[path = "../../tests/support/mod.rs"]
mod support;

use crokey::KeyCombination;
use crossterm::event::{KeyCode, KeyModifiers};
use growdesk::{
    app::{Message, command::TABLE},
    desk::Report,
    domain::{EntryId, Problem, ProblemKind, State, outbox::Decision, outbox::News},
};
use libfuzzer_sys::fuzz_target;
use support::console::{Console, parse, problem};

const CODES: [KeyCode; 14] = [
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Backspace,
    KeyCode::Delete,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::PageUp,
    KeyCode::PageDown,
];

fn key(byte: u8, held: u8) -> KeyCombination {
    let code = match byte {
        ..=13 => CODES[usize::from(byte)],
        14..=20 => KeyCode::Char(['語', '\u{301}', '\u{200d}', '👩', '\u{9b}', '\u{202e}', 'é'][usize::from(byte - 14)]),
        _ => KeyCode::Char(char::from(byte)),
    };
    let held = if held % 3 == 0 { KeyModifiers::from_bits_truncate(held >> 4) } else { KeyModifiers::NONE };
    KeyCombination::new(code, held)
}

fn bound(at: u8) -> Vec<KeyCombination> {
    let keys: Vec<&str> = TABLE.iter().flat_map(|spec| spec.keys).copied().collect();
    let words = keys[usize::from(at) % keys.len()].split_whitespace();
    let named = |word: &str| if word.chars().count() == 1 { word.to_owned() } else { format!("<{word}>") };
    words.flat_map(|word| parse(&named(word))).collect()
}

fn trouble(said: &str) -> Problem {
    problem(ProblemKind::Broken, said)
}

/// An entry goes on, as it may.
fn settle(console: &mut Console, at: u8, how: u8) {
    let entries = console.model.outbox.entries();
    let nth = usize::from(at) % entries.len().max(1);
    let Some(entry) = entries.iter().nth(nth).cloned() else { return };
    let (now, known) = (console.now, Some(3));
    let state = match how % 9 {
        0 => State::Sending { since: now, known },
        1 => State::Recorded { at: now, made: None, undo: entry.change.inverse().map(Box::new) },
        2 => State::Refused { problem: trouble("no") },
        3 => State::TakenBack,
        4 => State::Waiting { problem: trouble("wait"), until: now },
        5 => State::Doubtful { problem: trouble("doubt"), until: now, since: now, known },
        6 => State::Decision { reason: Decision::Overtaken(Box::new(News::default())) },
        7 => {
            console.send(Report::TooLate(entry.id));
            return;
        }
        _ => {
            console.send(Report::TooLate(EntryId(i128::from(how))));
            return;
        }
    };
    console.settle(&entry, state);
}

fn happen(console: &mut Console, bytes: &mut &[u8]) {
    let mut next = || {
        let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
        *bytes = rest;
        *first
    };
    match next() % 16 {
        0..=4 => {
            console.send(Message::Key(key(next(), next())));
        }
        5..=7 => bound(next()).into_iter().for_each(|key| {
            console.send(Message::Key(key));
        }),
        8 => {
            let text: Vec<u8> = (0..next() % 24).map(|_| next()).collect();
            console.send(Message::Paste(String::from_utf8_lossy(&text).into_owned()));
        }
        9 => {
            let (width, height) = (u16::from(next()) * 2, u16::from(next()));
            console.send(Message::Resize { width, height });
        }
        10 => {
            console.wait(i64::from(next()) * 50);
        }
        11 | 12 => {
            console.rest();
        }
        13 => {
            console.send(Message::Drawn);
        }
        _ => settle(console, next(), next()),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut console = Console::working(100, 30);
    let mut bytes = &bytes[..bytes.len().min(600)];
    let mut count = 0u32;
    while !bytes.is_empty() {
        happen(&mut console, &mut bytes);
        count += 1;
        if count.is_multiple_of(8) && console.model.size.0 > 0 {
            let _ = console.text();
        }
    }
    if console.model.size.0 > 0 {
        let _ = console.text();
    }
});
