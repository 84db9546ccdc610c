//! What is written to the terminal, read as strictly as a terminal might not: the console's own
//! sequences, each of them known, and text without one control.

use std::{cell::RefCell, io, rc::Rc};

use growdesk::ui::{ColorDepth, Theme, view};
use ratatui::{
    Terminal, TerminalOptions, Viewport,
    backend::{Backend as _, CrosstermBackend},
    layout::Rect,
};

use crate::support::console::Console;

/// Where the terminal's bytes go.
#[derive(Clone, Default)]
struct Wire(Rc<RefCell<Vec<u8>>>);

impl io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The largest screen that is drawn here, in cells.
const MOST_CELLS: u32 = 60_000;

/// What drawing the console writes to its terminal; nothing where the screen is beyond reason.
pub(crate) fn written(console: &Console, depth: ColorDepth) -> Vec<u8> {
    let (width, height) = console.model.size;
    if u32::from(width) * u32::from(height) > MOST_CELLS {
        return Vec::new();
    }
    let wire = Wire::default();
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    let mut terminal =
        Terminal::with_options(CrosstermBackend::new(wire.clone()), TerminalOptions { viewport })
            .expect("a buffer takes what is written");
    let theme = Theme::new(depth);
    terminal.draw(|frame| view(&console.model, &theme, frame)).expect("it draws");
    terminal.backend_mut().flush().expect("it flushes");
    drop(terminal);
    wire.0.take()
}

/// What is wrong with bytes for a terminal of this size, if anything is.
pub(crate) fn fault(bytes: &[u8], (width, height): (u16, u16)) -> Option<String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Some("not UTF-8".into()) };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '\x1b' {
            let length = match own_sequence(rest, (width, height)) {
                Ok(length) => length,
                Err(why) => return Some(format!("{why}: ESC{:?}", head(rest))),
            };
            rest = &rest[length..];
        } else if steers(c) {
            return Some(format!("{c:?} before {:?}", head(rest)));
        }
    }
    None
}

fn head(text: &str) -> String {
    text.chars().take(24).collect()
}

/// A C0 or C1 control, DEL, or a character that sets the direction of text.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The length of the console's own sequence at the head of `text`, its ESC cut off: the cursor put on
/// the screen, attributes and colours, the cursor shown or hidden.
fn own_sequence(text: &str, (width, height): (u16, u16)) -> Result<usize, &'static str> {
    let body = text.strip_prefix('[').ok_or("not a CSI")?;
    let end = body.find(|c: char| !matches!(c, '0'..='9' | ';' | '?')).ok_or("unfinished")?;
    let (parameters, last) = (&body[..end], body[end..].chars().next());
    let numbers: Option<Vec<u32>> = parameters.split(';').map(|it| it.parse().ok()).collect();
    match (last, numbers.as_deref()) {
        (Some('H'), Some([row, column]))
            if (1..=u32::from(height)).contains(row) && (1..=u32::from(width)).contains(column) => {
        }
        (Some('m'), Some(numbers)) if is_style(numbers) => {}
        (Some('h' | 'l'), None) if parameters == "?25" => {}
        _ => return Err("not one of the console's own"),
    }
    Ok(1 + end + 1)
}

fn is_style(mut numbers: &[u32]) -> bool {
    while !numbers.is_empty() {
        numbers = match numbers {
            [38 | 48 | 58, 5, 0..=255, rest @ ..] => rest,
            [38 | 48 | 58, 2, 0..=255, 0..=255, 0..=255, rest @ ..] => rest,
            [0..=9 | 21..=29 | 30..=37 | 39 | 40..=47 | 49 | 59, rest @ ..] => rest,
            [90..=97 | 100..=107, rest @ ..] => rest,
            _ => return false,
        };
    }
    true
}

/// Draws the console and says what is wrong with what is written, if anything is.
pub(crate) fn draw(console: &Console) -> Option<String> {
    fault(&written(console, console.depth), console.model.size)
}

#[test]
fn the_reader_is_strict() {
    let size = (80, 24);
    for fine in ["", "héllo 語", "\x1b[1;1H\x1b[38;5;9m\x1b[48;2;1;2;3mx\x1b[0m\x1b[?25l"] {
        assert_eq!(fault(fine.as_bytes(), size), None, "{fine:?}");
    }
    let bad = ["\x1b", "\x1b[2J", "\x1b[25;1H", "\x1b]0;t\x07", "\x1bc", "\u{9b}m", "\n", "\x7f"];
    for bad in bad.iter().chain(&["\u{202e}", "\x1b[38;5;999m", "\x1b[6n", "\x1b[?1049h", "\x1b["])
    {
        assert!(fault(bad.as_bytes(), size).is_some(), "{bad:?}");
    }
    assert!(fault(b"\x9b2J", size).is_some());
}
