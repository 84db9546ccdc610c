//! Which marks at the beginning of a line are marks for certain.

use pulldown_cmark::{Event, Tag};

use super::{parsed::Parsed, source::is_empty};

/// The words that may stand behind the fence of a block of code without being its first line.
const LANGUAGES: &[&str] = &[
    "bash",
    "c",
    "console",
    "cpp",
    "cs",
    "csharp",
    "css",
    "csv",
    "diff",
    "dockerfile",
    "go",
    "html",
    "http",
    "ini",
    "java",
    "javascript",
    "js",
    "json",
    "kotlin",
    "log",
    "makefile",
    "markdown",
    "md",
    "nginx",
    "php",
    "plaintext",
    "powershell",
    "ps1",
    "python",
    "py",
    "ruby",
    "rb",
    "rust",
    "rs",
    "sh",
    "shell",
    "sql",
    "swift",
    "text",
    "toml",
    "ts",
    "txt",
    "typescript",
    "xml",
    "yaml",
    "yml",
    "zsh",
];

/// A quote has its marks before each line. If it begins two deep, some line of it must be less
/// deep; otherwise it is a prompt, `>>> x = 1`.
pub(super) fn is_quote(parsed: &Parsed<'_>, at: usize, quotes: usize) -> bool {
    let range = parsed.events[at].1.clone();
    let text = &parsed.source[range.clone()];
    let glued = |line: &str| line.trim_start().starts_with(">>");
    begins_line(parsed.source, range.start, quotes)
        && (quotes > 0 || !text.lines().filter(|it| !it.trim().is_empty()).all(glued))
}

/// A list's marks are `-`, `*` and `1.`, and some item says something.
pub(super) fn is_list(parsed: &Parsed<'_>, at: usize, quotes: usize) -> bool {
    let text = |item: usize| &parsed.source[parsed.events[item].1.clone()];
    items(parsed, at).all(|item| is_item(text(item)))
        && items(parsed, at).any(|item| parsed.ends[item] > item + 1)
        && begins_line(parsed.source, parsed.events[at].1.start, quotes)
}

/// Whether a list has two items or more.
pub(super) fn has_items(parsed: &Parsed<'_>, at: usize) -> bool {
    items(parsed, at).nth(1).is_some()
}

fn items(parsed: &Parsed<'_>, at: usize) -> impl Iterator<Item = usize> {
    let end = parsed.ends[at];
    std::iter::successors(Some(at + 1), |item| Some(parsed.ends[*item] + 1))
        .take_while(move |item| *item < end)
}

fn is_item(text: &str) -> bool {
    match number(text) {
        Some((digits, _)) => digits == "0" || !digits.starts_with('0'),
        None => text.starts_with(['-', '*']),
    }
}

/// The number of an item of a list, with its mark: `1` and `1.`.
pub(super) fn number(item: &str) -> Option<(&str, &str)> {
    let digits = item.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0 && item[digits..].starts_with('.')).then(|| (&item[..digits], &item[..=digits]))
}

/// A heading stands alone, and says something.
pub(super) fn is_heading(parsed: &Parsed<'_>, at: usize, quotes: usize) -> bool {
    let range = &parsed.events[at].1;
    parsed.source[range.clone()].starts_with('#')
        && parsed.ends[at] > at + 1
        && begins_line(parsed.source, range.start, quotes)
        && is_alone(parsed.source, range.start)
}

/// A line across stands alone and is of one character.
pub(super) fn is_rule(parsed: &Parsed<'_>, at: usize, quotes: usize) -> bool {
    let range = &parsed.events[at].1;
    let text = parsed.source[range.clone()].trim();
    let first = text.chars().next();
    text.chars().all(|it| Some(it) == first)
        && begins_line(parsed.source, range.start, quotes)
        && is_alone(parsed.source, range.start)
}

/// A block of code is fenced by backticks, on both sides.
pub(super) fn is_fence(parsed: &Parsed<'_>, at: usize, quotes: usize) -> bool {
    let range = &parsed.events[at].1;
    let text = &parsed.source[range.clone()];
    let mut lines = text.trim_end().lines();
    let closed = lines.next().is_some()
        && lines.next_back().is_some_and(|line| {
            let line = line.trim_start_matches([' ', '\t', '>']);
            line.starts_with("```") && line.trim_end_matches('`').is_empty()
        });
    text.starts_with("```") && closed && begins_line(parsed.source, range.start, quotes)
}

/// The language that the fence of a block of code names, if it is one.
pub(super) fn language(fence: &str) -> Option<&str> {
    let name = fence.trim();
    LANGUAGES.iter().any(|it| it.eq_ignore_ascii_case(name)).then_some(name)
}

/// A table has a head, a line below it, both with bars, and a row.
pub(super) fn is_table(parsed: &Parsed<'_>, at: usize, quotes: usize) -> bool {
    let range = &parsed.events[at].1;
    let inner = &parsed.events[at..parsed.ends[at]];
    let has_row = inner.iter().any(|(event, _)| matches!(event, Event::Start(Tag::TableRow)));
    let mut lines = parsed.source[range.clone()].lines();
    let bars = lines.by_ref().take(2).all(|line| line.contains('|'));
    has_row && bars && begins_line(parsed.source, range.start, quotes)
}

/// Whether nothing but the marks of its `quotes` stands before `at` in its line.
fn begins_line(source: &str, at: usize, quotes: usize) -> bool {
    let before = &source[line_start(source, at)..at];
    before.matches('>').take(quotes + 1).count() == quotes
        && before.chars().all(|it| it == '>' || it.is_whitespace())
}

/// Whether the lines before and after the one of `at` are empty, or missing.
fn is_alone(source: &str, at: usize) -> bool {
    let start = line_start(source, at);
    let before = source[..start].lines().next_back();
    let after = source[start..].lines().nth(1);
    before.is_none_or(is_empty) && after.is_none_or(is_empty)
}

fn line_start(source: &str, at: usize) -> usize {
    source[..at].rfind('\n').map_or(0, |it| it + 1)
}
