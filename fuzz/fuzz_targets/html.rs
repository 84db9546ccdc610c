//! Messages as strangers write them: rendered at several widths, as plain text and as a fingerprint.
//! No panic, nothing that steers a terminal, no line wider than its room, and soon done.
#![no_main]

use std::time::{Duration, Instant};

use growdesk::{
    domain::{Html, StyledLine},
    text::html,
};
use libfuzzer_sys::fuzz_target;

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

fuzz_target!(|bytes: &[u8]| {
    let source = Html::new(String::from_utf8_lossy(bytes));
    let begun = Instant::now();
    for width in [0, 1, 16, 80] {
        html::render(&source, width).iter().for_each(check);
    }
    let plain = html::plain(&source);
    assert!(!plain.chars().any(|c| c != '\n' && steers(c)), "{plain:?}");
    let _ = html::fingerprint(&source);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
});
