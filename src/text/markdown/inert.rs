//! Values that are put into a text: a mark in one of them gets a backslash, so that it is text.

use std::{collections::BTreeSet, ops::Range};

use pulldown_cmark::{Event, Tag};

use super::{parsed::Parsed, source};

/// How often a text is searched for marks that act in its values. A backslash before one mark may
/// let another mark act.
const ROUNDS: usize = 8;

/// `text` with backslashes, so that no mark within `values` acts. `values` are ranges of its bytes,
/// in order. The text says the same as before. Marks around a value still act on it.
pub fn inert(text: &str, values: &[Range<usize>]) -> String {
    let (mut text, mut values) = (text.to_owned(), values.to_vec());
    for _ in 0..ROUNDS {
        let prepared = source::prepare(&text);
        let marks = acting(&Parsed::of(&prepared), &places(&prepared, &text), &values);
        if marks.is_empty() {
            break;
        }
        for at in marks.into_iter().rev() {
            text.insert(at, '\\');
            for value in &mut values {
                value.start += usize::from(value.start > at);
                value.end += usize::from(value.end > at);
            }
        }
    }
    text
}

/// The place in `text` of each character of the prepared text.
fn places(prepared: &str, text: &str) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    let mut typed = text.char_indices().peekable();
    let mut at = 0;
    while let Some(letter) = prepared[at..].chars().next() {
        let at_start = at == 0 || prepared[..at].ends_with('\n');
        if at_start && let Some(length) = source::end_line(&prepared[at..]) {
            at += length;
            continue;
        }
        let shown = source::typed(letter.encode_utf8(&mut [0; 4]));
        if let Some(shown) = shown.chars().next() {
            let here = typed.find(|(_, it)| *it == shown || *it == '\r' && shown == '\n');
            places.push((at, here.map_or(text.len(), |it| it.0)));
        }
        at += letter.len_utf8();
    }
    places
}

/// The places in the text where a backslash keeps a mark of a value from acting.
fn acting(
    parsed: &Parsed<'_>,
    places: &[(usize, usize)],
    values: &[Range<usize>],
) -> BTreeSet<usize> {
    let place = |at: usize| {
        let found = places.binary_search_by_key(&at, |it| it.0).ok()?;
        let at = places[found].1;
        values.iter().any(|value| value.contains(&at)).then_some(at)
    };
    let certain = parsed.events.iter().enumerate().filter(|(at, _)| parsed.certain[*at]);
    certain
        .filter_map(|(at, (event, range))| {
            let text = &parsed.source[range.clone()];
            let first = match event {
                Event::Start(Tag::Item) => text.find(|it: char| it.is_ascii_punctuation()),
                Event::Start(Tag::Table(_)) => text.find('|'),
                Event::Start(Tag::BlockQuote(_) | Tag::Heading { .. } | Tag::CodeBlock(_)) => {
                    Some(text.len() - text.trim_start().len())
                }
                Event::Code(_) | Event::Rule => Some(0),
                Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough) => {
                    let close = if matches!(event, Event::Start(Tag::Emphasis)) { 1 } else { 2 };
                    return place(range.start).or_else(|| place(range.end.checked_sub(close)?));
                }
                Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                    return place(parsed.edges(at).1.start).or_else(|| place(range.start));
                }
                _ => None,
            };
            place(range.start + first?)
        })
        .collect()
}
