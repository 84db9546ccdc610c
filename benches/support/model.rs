//! A console that knows so many tickets.

#![allow(dead_code, reason = "each bench uses what it needs")]

use crossterm::event::{KeyCode, KeyEvent};
use growdesk::{
    app::{Effect, Message, Model, Settings, keymap::KeyMap, update},
    desk::{Found, Read, Report, Stored, Work},
    domain::{Directory, Row, Rows, Status},
};
use jiff::Timestamp;

use crate::tickets::ticket;

/// A usual terminal.
pub(crate) const SIZE: (u16, u16) = (120, 40);

/// The rows of so many tickets.
pub(crate) fn rows(count: usize) -> Rows {
    let now = now();
    let row = |at| Row { ticket: ticket(at, count, now).ticket, facts: None, noticed: now };
    (0..count).map(row).collect::<Vec<_>>().iter().collect()
}

/// A console on its view of all of so many tickets, as it is after its store was read.
pub(crate) fn filled(count: usize) -> Model {
    let settings = Settings { offline: true, ..Settings::default() };
    let mut model = Model::new(settings, KeyMap::default(), SIZE, now());
    let statuses = Status::usual().to_vec();
    let stored =
        Stored { directory: Directory { statuses, ..Directory::default() }, ..Stored::default() };
    for effect in update(&mut model, now(), Report::Stored(Box::new(stored))) {
        if let Effect::Work(Work::Read {
            request, read: Read::Tickets { views, waiting }, ..
        }) = effect
        {
            let rows = rows(count);
            let orders = views.iter().map(|view| view.select(&rows, &waiting)).collect();
            let found = Ok(Found::Tickets { rows: Box::new(rows), orders });
            let _ = update(&mut model, now(), Report::Found { request, found });
        }
    }
    press(&mut model, '6');
    press(&mut model, 'j');
    model
}

/// Presses a letter. What the core asks to be done outside is left undone.
pub(crate) fn press(model: &mut Model, letter: char) {
    let key = KeyEvent::from(KeyCode::Char(letter));
    let _ = std::hint::black_box(update(model, now(), Message::Key(key.into())));
}

/// Tells of changed tickets.
pub(crate) fn tell(model: &mut Model, changed: Vec<Row>) {
    let _ = std::hint::black_box(update(model, now(), Report::Rows { changed, gone: Vec::new() }));
}

/// A moment that is always the same.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_772_546_520).unwrap_or_default()
}
