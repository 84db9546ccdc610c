//! Counts the terminal columns that a text takes.
//!
//! Terminals differ: a spacing mark, as Hindi and Bengali write vowels with, has a column of its own
//! in some and none in others. Text is given the most columns that any of them needs, so that no
//! letter is written over; [`is_doubtful`] tells where a terminal may use fewer.

use std::borrow::Cow;

use icu_properties::{CodePointMapData, props::GeneralCategory};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Joins the letter after it to the one before: terminals put both into one cell.
pub const JOINER: char = '\u{200d}';

/// Below this every character is as wide as each terminal has it, and stands alone or is a mark.
const PLAIN_BELOW: char = '\u{590}';

/// The columns that `text` takes.
pub fn width(text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.len();
    }
    clusters(text).map(|(_, cluster)| cluster_width(cluster)).sum()
}

/// The parts of `text` that are drawn as one, each with the byte at which it begins: graphemes, and
/// each with what is joined to it and the spacing marks that follow it.
pub fn clusters(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text.grapheme_indices(true).peekable();
    std::iter::from_fn(move || {
        let (at, first) = rest.next()?;
        let mut end = at + first.len();
        while let Some((_, next)) = rest.next_if(|(_, next)| {
            let joins = text[at..end].ends_with(JOINER) && next.starts_with(char::is_alphabetic);
            joins || next.starts_with(is_spacing_mark)
        }) {
            end += next.len();
        }
        Some((at, &text[at..end]))
    })
}

/// The columns of one part of [`clusters`].
pub fn cluster_width(cluster: &str) -> usize {
    let mut chars = cluster.chars();
    let Some(first) = chars.next() else { return 0 };
    let alone = char_width(first);
    // A cluster that begins wide is an emoji or a Korean syllable; further parts make it no wider.
    if alone >= 2 || chars.as_str().is_empty() {
        return alone.max(cluster.width());
    }
    cluster.width().max(alone + chars.map(char_width).sum::<usize>())
}

/// As much of the head of `text` as goes into `columns`.
pub fn head(text: &str, columns: usize) -> &str {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return &text[..columns.min(text.len())];
    }
    let mut room = columns;
    let mut end = 0;
    for (at, cluster) in clusters(text) {
        let Some(left) = room.checked_sub(cluster_width(cluster)) else { break };
        room = left;
        end = at + cluster.len();
    }
    &text[..end]
}

/// `text`, cut to `columns` with an ellipsis where it is longer.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    match columns.checked_sub(1) {
        _ if width(text) <= columns => Cow::Borrowed(text),
        Some(room) => Cow::Owned(format!("{}…", head(text, room))),
        None => Cow::Borrowed(""),
    }
}

/// `text` in lines of at most `columns`, broken at spaces where that is possible.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_word_bounds() {
        let Some(line) = lines.last_mut() else { break };
        if width(line) + width(word) <= columns {
            line.push_str(word);
        } else if !word.trim().is_empty() {
            let joins = line.trim_end().len();
            line.truncate(joins);
            lines.push(cut(word, columns).into_owned());
        }
    }
    lines
}

/// Whether terminals disagree on the columns of a part of [`clusters`].
pub fn is_doubtful(cluster: &str) -> bool {
    let mut chars = cluster.chars();
    let Some(first) = chars.next().filter(|_| cluster.len() > 1) else { return false };
    let is_mark = |c: char| {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        matches!(category, GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
    };
    is_spacing_mark(first) || !chars.all(is_mark)
}

fn char_width(c: char) -> usize {
    match c {
        // Terminals give the sound marks of narrow Japanese letters a column.
        '\u{ff9e}' | '\u{ff9f}' => 1,
        _ => c.width().unwrap_or(0).max(usize::from(is_spacing_mark(c))),
    }
}

fn is_spacing_mark(c: char) -> bool {
    c >= PLAIN_BELOW
        && CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::SpacingMark
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(&str, usize, bool)> {
        clusters(text).map(|(_, it)| (it, cluster_width(it), is_doubtful(it))).collect()
    }

    #[test]
    fn a_spacing_mark_has_a_column() {
        assert_eq!(parts("বাং"), [("বাং", 3, true)]);
        assert_eq!(parts("মা"), [("মা", 2, true)]);
        assert_eq!(parts("မာ"), [("မာ", 2, true)], "a mark that is a grapheme of its own");
        assert_eq!(parts("ทำง"), [("ทำ", 2, true), ("ง", 1, false)]);
        assert_eq!(parts("ශ්\u{200d}රී"), [("ශ්\u{200d}රී", 2, true)]);
        assert_eq!(parts("न्दी"), [("न्दी", 3, true)]);
    }

    #[test]
    fn what_all_terminals_agree_on_is_as_wide_as_ever() {
        assert_eq!(parts("e\u{301}x"), [("e\u{301}", 1, false), ("x", 1, false)]);
        assert_eq!(parts("語한"), [("語", 2, false), ("한", 2, false)]);
        assert_eq!(parts("│é"), [("│", 1, false), ("é", 1, false)]);
        assert_eq!(width("วันดี"), 3);
        assert_eq!(width("لا"), 2, "letters that join have a cell each");
        assert_eq!(width("👩\u{200d}🚒"), 2);
        assert_eq!(width("plain"), 5);
    }
}
