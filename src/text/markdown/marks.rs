//! Which marks within a line are marks for certain.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{addresses::is_allowed, parsed::Parsed, source::NO_MARK};

/// Emphasis does not count after these characters: marks, code, and closing brackets.
const NOT_BEFORE: &str = r"*_~\/.=%&#@+^|$<>`)]}";

/// Emphasis does not count before these characters.
const NOT_AFTER: &str = r"*_~\/=%&#@+^|$<>`([{";

/// Characters that end a word only if no other character follows: `*word*, and`, but `*x*.txt`.
const STOPS: &str = ".,:;!?";

/// Emphasis by `*` or `_` does not begin or end with these characters.
const NOT_FIRST: &str = r"*_~\/.:;,=|^%?!)]}+&->";
const NOT_LAST: &str = r"*_~\/=|^([{+&-<@";

/// Emphasis by `**` or `~~` does not begin or end with these characters.
const NOT_FIRST_OF_STRONG: &str = r"*_~\:;,=|)]}>";
const NOT_LAST_OF_STRONG: &str = r"*_~\/=|([{<";

/// The longest run of one mark that emphasises; a longer one is an ornament.
const LONGEST: usize = 3;

/// Emphasis stands in one line, between the boundaries of words, and in no address.
pub(super) fn is_emphasis(parsed: &Parsed<'_>, at: usize, open: &[usize]) -> bool {
    let range = parsed.events[at].1.clone();
    let text = &parsed.source[range.clone()];
    let (mark, length) = match parsed.events[at].0 {
        Event::Start(Tag::Emphasis) => (&text[..1], 1),
        Event::Start(Tag::Strong) => ("**", 2),
        _ => ("~~", 2),
    };
    if !text.starts_with(mark) || !text.ends_with(mark) || text.len() <= 2 * length {
        return false;
    }
    let marks = (range.start..range.start + length, range.end - length..range.end);
    let inner = marks.0.end..marks.1.start;
    !text.contains('\n')
        && !is_ornament(parsed.source, &marks)
        && !is_in_address(parsed, &marks)
        && has_words(parsed, at, inner.clone())
        && is_bounded(parsed, &range, trimmed(parsed, at, inner), open)
}

fn is_ornament(source: &str, marks: &(Range<usize>, Range<usize>)) -> bool {
    let mark = source[marks.0.clone()].chars().next().unwrap_or_default();
    [&marks.0, &marks.1].into_iter().any(|it| {
        let before = source[..it.end].chars().rev().take_while(|it| *it == mark).count();
        let after = source[it.end..].chars().take_while(|it| *it == mark).count();
        before + after > LONGEST
    })
}

/// Whether a mark is a part of an address. At the end of an address, that depends on whether the
/// emphasis began before the address; the same holds at the beginning of a mail address.
fn is_in_address(parsed: &Parsed<'_>, marks: &(Range<usize>, Range<usize>)) -> bool {
    let only_marks = |text: &str| text.chars().all(|it| "*_~".contains(it));
    let first = parsed.addresses.within(&marks.0).is_some_and(|address| {
        !only_marks(&parsed.source[address.start..marks.0.end])
            || marks.1.start < address.end
                && !only_marks(&parsed.source[marks.1.start..address.end])
    });
    let last = parsed.addresses.within(&marks.1).is_some_and(|address| {
        !only_marks(&parsed.source[marks.1.start..address.end])
            || marks.0.start >= address.start
                && !only_marks(&parsed.source[address.start..marks.0.end])
    });
    first || last
}

/// Whether the emphasised text is words, as far as the marks within it tell.
fn has_words(parsed: &Parsed<'_>, at: usize, inner: Range<usize>) -> bool {
    let text = &parsed.source[inner];
    let is_nested = |event: &Event<'_>| matches!(event, Event::Start(Tag::Emphasis | Tag::Strong));
    let within = &parsed.events[at + 1..parsed.ends[at]];
    let plain = !within.iter().any(|(event, _)| is_nested(event));
    match parsed.source.as_bytes()[parsed.events[at].1.start] {
        b'_' => !text.contains('_'),
        b'*' => !plain || !text.contains('*'),
        _ => !text.contains('~'),
    }
}

/// The emphasised words without the marks of what is nested right at their ends.
fn trimmed<'a>(parsed: &Parsed<'a>, at: usize, inner: Range<usize>) -> &'a str {
    let mut text = &parsed.source[inner.clone()];
    let nests = |event: &Event<'_>| {
        matches!(event, Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough))
    };
    let within = &parsed.events[at + 1..parsed.ends[at]];
    let nested = || within.iter().filter(|(event, _)| nests(event));
    if nested().any(|(_, range)| range.start == inner.start) {
        text = text.trim_start_matches(['*', '_', '~']);
    }
    if nested().any(|(_, range)| range.end == inner.end) {
        text = text.trim_end_matches(['*', '_', '~']);
    }
    text
}

fn is_bounded(parsed: &Parsed<'_>, range: &Range<usize>, words: &str, open: &[usize]) -> bool {
    let (Some(first), Some(last)) = (words.chars().next(), words.chars().next_back()) else {
        return false;
    };
    let single = parsed.source[range.clone()].chars().next()
        != parsed.source[range.start + 1..].chars().next();
    let (not_first, not_last) = match single {
        true => (NOT_FIRST, NOT_LAST),
        false => (NOT_FIRST_OF_STRONG, NOT_LAST_OF_STRONG),
    };
    if not_first.contains(first) || not_last.contains(last) {
        return false;
    }
    // Nested emphasis that begins or ends where the outer one does has the outer one's boundary.
    let emphasis = |it: &&usize| {
        parsed.certain[**it]
            && matches!(
                parsed.events[**it].0,
                Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
            )
    };
    let touches = |gap: &str| !gap.is_empty() && gap.chars().all(|it| "*_~".contains(it));
    let outer = || open.iter().filter(emphasis).map(|it| &parsed.events[*it].1);
    let begins = outer().any(|it| touches(&parsed.source[it.start..range.start]));
    let ends = outer().any(|it| touches(&parsed.source[range.end..it.end]));
    (begins || begins_word(&parsed.source[..range.start], first))
        && (ends || ends_word(last, &parsed.source[range.end..]))
}

/// Whether a word may begin with `first` after `before`.
fn begins_word(before: &str, first: char) -> bool {
    let Some(before) = before.chars().rev().find(|it| *it != NO_MARK) else { return true };
    // A quoted star is a star.
    let quoted = matches!(before, '"' | '\'') && before == first;
    before.is_whitespace() || !quoted && !NOT_BEFORE.contains(before) && is_boundary(before, first)
}

/// Whether a word that ends with `last` may end before `after`.
fn ends_word(last: char, after: &str) -> bool {
    let mut after = after.chars().filter(|it| *it != NO_MARK);
    let Some(next) = after.next() else { return true };
    let goes_on = STOPS.contains(next) && after.next().is_some_and(char::is_alphanumeric);
    next.is_whitespace() || !goes_on && !NOT_AFTER.contains(next) && is_boundary(last, next)
}

/// Whether two characters are of two words. In a script that has no spaces they may both be letters.
fn is_boundary(left: char, right: char) -> bool {
    !left.is_alphanumeric()
        || !right.is_alphanumeric()
        || String::from_iter([left, right]).split_word_bounds().nth(1).is_some()
}

/// Code stands in one line, and its marks in no word: an apostrophe may be typed as a backtick.
pub(super) fn is_code(parsed: &Parsed<'_>, at: usize) -> bool {
    let range = &parsed.events[at].1;
    let in_word = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    !parsed.source[range.clone()].contains('\n')
        && !in_word(parsed.source[..range.start].chars().next_back())
        && !in_word(parsed.source[range.end..].chars().next())
}

/// Where the link at an event leads, if it is a link for certain: `<https://…>`, or `[text](…)` without
/// a title and without another address in its text.
pub(super) fn link_to<'a>(parsed: &Parsed<'a>, at: usize) -> Option<&'a str> {
    let Event::Start(Tag::Link { link_type, title, .. } | Tag::Image { link_type, title, .. }) =
        &parsed.events[at].0
    else {
        return None;
    };
    let range = parsed.events[at].1.clone();
    let text = &parsed.source[range.clone()];
    match link_type {
        LinkType::Autolink => {
            let target = text.strip_prefix('<')?.strip_suffix('>')?;
            // No address has a backslash. A backslash before the bracket keeps the bracket from
            // being a mark.
            (!target.contains('\\') && is_allowed(target)).then_some(target)
        }
        LinkType::Inline if title.is_empty() => {
            let after = parsed.edges(at).1;
            let inner = range.start + 1..after.start;
            let target = parsed.source[after].strip_prefix("](")?.strip_suffix(')')?.trim();
            let bare = target.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
            let target = bare.unwrap_or(target);
            let whole = !target.contains(|it: char| it.is_whitespace() || r#"\<>"'"#.contains(it));
            let mut within = parsed.addresses.all_within(range.start..inner.end);
            let same = within.all(|it| parsed.source[it.clone()] == *target);
            (whole && same && is_allowed(target)).then_some(target)
        }
        _ => None,
    }
}
