//! Bytes as what an agent types: all of it is recorded, in order, as whole HTML, each address a link.
#![no_main]

use std::time::{Duration, Instant};

use growdesk::text::markdown;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/markdown.rs"]
mod typed;

/// How long one text may take, in a build with debug checks.
const PATIENCE: Duration = Duration::from_secs(5);

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let begun = Instant::now();
    let html = markdown::to_html(&text);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    if let Err(error) = typed::check(&text, &html) {
        panic!("{error}\n{text:?}\n{html:?}");
    }
});
