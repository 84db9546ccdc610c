use std::{cell::RefCell, rc::Rc};

use proptest::prelude::*;
use ratatui::{TerminalOptions, Viewport, layout::Rect, style::Style, text::Line};
use unicode_width::UnicodeWidthChar as _;

use super::*;
use crate::ui::cells;

const SIZE: (u16, u16) = (24, 4);

/// Where the terminal's bytes go.
#[derive(Clone, Default)]
struct Wire(Rc<RefCell<Vec<u8>>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal that gives spacing marks so many columns.
struct Emulator {
    marks: usize,
    cells: Vec<Vec<String>>,
    at: (usize, usize),
}

impl Emulator {
    fn new(marks: usize) -> Self {
        let line = vec![" ".to_owned(); usize::from(SIZE.0)];
        Self { marks, cells: vec![line; usize::from(SIZE.1)], at: (0, 0) }
    }

    fn take(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            if c != '\x1b' {
                self.print(c);
                continue;
            }
            let end = rest.find(|c: char| c.is_ascii_alphabetic()).expect("a sequence ends");
            if rest[end..].starts_with('H') {
                let (row, column) = rest[1..end].split_once(';').expect("a place");
                let place = |it: &str| it.parse::<usize>().expect("a number") - 1;
                self.at = (place(column), place(row));
            }
            rest = &rest[end + 1..];
        }
    }

    fn print(&mut self, c: char) {
        let is_mark = columns::is_doubtful(c.encode_utf8(&mut [0; 4]));
        let width = if is_mark { self.marks } else { c.width().unwrap_or(0) };
        let (x, y) = self.at;
        let line = &mut self.cells[y];
        // As tmux does it.
        if x > 0 && line[x - 1].ends_with(columns::JOINER) {
            line[x - 1].push(c);
            return;
        }
        if width == 0 {
            // It goes onto the letter written last, which may be the head of a wide one.
            let mut before = x.saturating_sub(1);
            while before > 0 && line[before].is_empty() {
                before -= 1;
            }
            line[before].push(c);
            return;
        }
        for at in x..(x + width).min(line.len()) {
            // Half of something wide takes the other half with it.
            if line[at].is_empty() && at > 0 {
                line[at - 1] = " ".into();
            }
            if line.get(at + 1).is_some_and(String::is_empty) {
                line[at + 1] = " ".into();
            }
            line[at] = String::new();
        }
        if x < line.len() {
            line[x] = c.to_string();
        }
        self.at.0 = x + width;
    }

    fn lines(&self) -> Vec<String> {
        self.cells.iter().map(|line| line.concat()).collect()
    }
}

/// The contents of two kinds of terminal after these screens, one after the other.
fn shown(screens: &[Vec<String>]) -> [Vec<String>; 2] {
    let wire = Wire::default();
    let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
    let mut terminal =
        Terminal::with_options(Painter::new(wire.clone()), TerminalOptions { viewport })
            .expect("a buffer takes what is written");
    for screen in screens {
        let draw_lines = |frame: &mut Frame<'_>| {
            let area = frame.area();
            for (y, text) in screen.iter().enumerate() {
                let line = Line::from(vec![cells::span(text, Style::new())]);
                cells::draw(line, area, y, frame.buffer_mut());
            }
        };
        draw(&mut terminal, draw_lines).expect("it draws");
    }
    drop(terminal);
    let bytes = wire.0.take();
    let text = String::from_utf8(bytes).expect("text");
    [0, 1].map(|marks| {
        let mut emulator = Emulator::new(marks);
        emulator.take(&text);
        emulator.lines()
    })
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| !matches!(*c, ' ' | columns::JOINER)).collect()
}

fn check(before: &[String], after: &[String]) {
    let fresh = shown(&[after.to_vec()]);
    let later = shown(&[before.to_vec(), after.to_vec()]);
    assert_eq!(later, fresh, "{before:?} then {after:?}");
    let twice = shown(&[before.to_vec(), after.to_vec(), after.to_vec()]);
    assert_eq!(twice, fresh, "{before:?} then {after:?} twice");
    for kind in &fresh {
        for (line, text) in kind.iter().zip(after) {
            if columns::width(text) <= usize::from(SIZE.0) {
                assert_eq!(letters(line), letters(text), "no letter is lost");
            }
        }
    }
}

const WORDS: &[&str] = &[
    "বাংলা",
    "তমিল",
    "தமிழ்",
    "മലയാളം",
    "සිංහල",
    "ශ්\u{200d}රී",
    "ทำงาน",
    "น้ำ",
    "हिन्दी",
    "क्षमा",
    "မာ",
    "ന്\u{200d}",
    "plain",
    "語",
    "لا",
    "می\u{200c}خ",
    "│",
];

#[test]
fn plain_text_takes_the_place_of_letters_in_doubt() {
    let lines = |text: &str| vec![text.to_owned(); 3];
    for word in WORDS {
        for other in ["x", "plain text here", "", "語語", "हिन्दी में", word] {
            check(&lines(word), &lines(other));
            check(&lines(other), &lines(&format!("{word} {word}│")));
        }
    }
}

proptest! {
    #[test]
    fn the_screen_is_what_was_drawn_last(
        before in prop::collection::vec(prop::sample::select(WORDS), 0..9),
        after in prop::collection::vec(prop::sample::select(WORDS), 0..9),
        gap in prop::sample::select(vec!["", " ", "  "]),
    ) {
        let lines = |words: &[&str]| -> Vec<String> {
            words.chunks(3).map(|words| words.join(gap)).chain(iter::repeat(String::new())).take(4).collect()
        };
        check(&lines(&before), &lines(&after));
    }
}
