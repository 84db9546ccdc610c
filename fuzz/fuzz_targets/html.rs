//! Messages as strangers write them: rendered at several widths, as plain text, as words and as a
//! fingerprint. No panic, nothing that steers a terminal, soon done, and every word that a browser
//! would show is on the screen, in the same order.
#![no_main]

use std::time::{Duration, Instant};

use growdesk::{
    domain::{Html, StyledLine},
    text::{clean, html},
};
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/shown.rs"]
mod shown;

/// How long one message may take at all widths, in a build with sanitisers or debug checks.
const PATIENCE: Duration = Duration::from_secs(5);

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn check(line: &StyledLine) {
    for span in &line.spans {
        assert!(!span.text.chars().any(steers), "{:?}", span.text);
    }
}

fn drawn(source: &Html, width: u16) -> String {
    let lines = html::render(source, width);
    lines.iter().for_each(check);
    lines.iter().map(|line| line.text() + "\n").collect()
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let source = Html::new(text.as_ref());
    let begun = Instant::now();
    for width in [0, 1, 16, 80] {
        drawn(&source, width);
    }
    let (wide, narrow) = (drawn(&source, u16::MAX), drawn(&source, 40));
    let plain = html::plain(&source);
    assert!(!plain.chars().any(|c| c != '\n' && steers(c)), "{plain:?}");
    let _ = html::fingerprint(&source);
    let _ = html::words(&source);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    let missing = shown::missing(&text, &wide, &narrow, clean::block);
    assert!(missing.is_none(), "{missing:?} in {wide:?}");
});
