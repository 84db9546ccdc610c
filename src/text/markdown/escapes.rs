//! Backslashes that keep a mark from acting. All others are text: paths, patterns and code have them.

use std::collections::HashSet;

use super::{
    parsed::Parsed,
    writer::{Written, write},
};

/// The places of backslashes before characters that would certainly be marks without them.
pub(super) fn acting(parsed: &Parsed<'_>) -> HashSet<usize> {
    let (without, escapes) = without_escapes(parsed.source);
    if escapes.is_empty() {
        return HashSet::new();
    }
    let Written { marks, .. } = write(&Parsed::of(&without), &HashSet::new());
    let acts = |(at, escaped): &(usize, usize)| {
        marks.contains(escaped) && parsed.addresses.within(&(*at..at + 2)).is_none()
    };
    escapes.into_iter().filter(acts).map(|(at, _)| at).collect()
}

/// The text without the backslashes before punctuation. Also, for each backslash, its place and the
/// new place of the character after it.
fn without_escapes(source: &str) -> (String, Vec<(usize, usize)>) {
    let mut without = String::with_capacity(source.len());
    let mut escapes = Vec::new();
    let mut letters = source.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letters.peek() {
            Some((_, next)) if letter == '\\' && next.is_ascii_punctuation() => {
                escapes.push((at, without.len()));
                if *next == '\\' {
                    without.push('\\');
                }
                without.push(*next);
                letters.next();
            }
            _ => without.push(letter),
        }
    }
    (without, escapes)
}
