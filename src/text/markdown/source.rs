//! Prepares the typed text for the parser. Some rules of CommonMark surprise people who write mail.
//! There the text gets a character that keeps the rule from acting; that character is never
//! written.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{addresses::Addresses, options};

/// Stands before a character that is no mark, and is never written. It occurs in no text.
pub(super) const NO_MARK: char = '\u{fdd0}';

/// The characters that replace marks within an address, so that they don't act.
const IN_ADDRESS: [(char, char); 3] = [('*', '\u{fdd1}'), ('_', '\u{fdd2}'), ('~', '\u{fdd3}')];

/// Stands on an empty line that was put in to end a quote, a list or a table; the line is never written.
/// Empty lines that were typed have no spaces at their ends.
const END: &str = " \t \t \t";

/// How often a text is searched for missing ends. An end that is put in may reveal another.
const ROUNDS: usize = 4;

/// The text with plain line ends, without control characters, and with its quotes, lists and tables
/// ended where a mail's end.
pub(super) fn prepare(typed: &str) -> String {
    let mut source = with_no_marks(&with_whole_addresses(&cleaned(typed)));
    for _ in 0..ROUNDS {
        let ends = missing_ends(&source);
        if ends.is_empty() {
            break;
        }
        source = with_ends(&source, &ends);
    }
    source
}

fn cleaned(typed: &str) -> String {
    let typed = typed.replace("\r\n", "\n").replace(['\r', '\u{b}', '\u{c}', '\u{85}'], "\n");
    let kept = |it: &char| match it {
        '\n' | '\t' => true,
        it => !it.is_control() && !('\u{fdd0}'..='\u{fdd3}').contains(it),
    };
    let typed: String = typed.chars().filter(kept).collect();
    let without_spaces = |line| if is_empty(line) { str::trim_end(line) } else { line };
    let lines: Vec<&str> = typed.split('\n').map(without_spaces).collect();
    lines.join("\n")
}

/// Whether a line has nothing but marks of quotes.
pub(super) fn is_empty(line: &str) -> bool {
    line.chars().all(|it| it == '>' || it.is_whitespace())
}

/// No mark acts within an address. Marks at its end may belong to the emphasis around it.
fn with_whole_addresses(text: &str) -> String {
    let mut source = String::with_capacity(text.len());
    let mut from = 0;
    for address in Addresses::of_the_web(text) {
        let whole = text[address.clone()].trim_end_matches(['*', '_', '~']);
        source.push_str(&text[from..address.start]);
        source.extend(whole.chars().map(|it| {
            IN_ADDRESS.iter().find(|(mark, _)| *mark == it).map_or(it, |(_, stand_in)| *stand_in)
        }));
        from = address.start + whole.len();
    }
    source.push_str(&text[from..]);
    source
}

/// A part of the source as it was typed.
pub(super) fn typed(source: &str) -> String {
    let typed = |it| IN_ADDRESS.iter().find(|(_, stand_in)| *stand_in == it).map_or(it, |it| it.0);
    source.chars().filter(|it| *it != NO_MARK).map(typed).collect()
}

/// A `>` with a text directly after it is "more than"; a line of `~~~` is an ornament.
fn with_no_marks(text: &str) -> String {
    let mut source = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut at = 0;
        loop {
            let rest = &line[at..];
            let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let marks = rest[spaces..].len() - rest[spaces..].trim_start_matches('>').len();
            let after = &rest[spaces + marks..];
            let is_text = if marks == 0 {
                after.starts_with("~~~")
            } else {
                !after.is_empty() && !after.starts_with(char::is_whitespace)
            };
            if is_text {
                source.push_str(&line[..at + spaces]);
                source.push(NO_MARK);
                source.push_str(&line[at + spaces..]);
                break;
            }
            at += spaces + marks;
            if marks == 0 {
                source.push_str(line);
                break;
            }
        }
    }
    source
}

/// A line before which a quote, list or table is to end.
struct End {
    /// Where the line begins.
    at: usize,
    /// How many quotes the line stands in.
    quotes: usize,
}

/// The lines that the parser counts to a quote, a list or a table, although they lack its mark.
fn missing_ends(source: &str) -> Vec<End> {
    let mut ends = Vec::new();
    // For each open quote whether it is one, or else an item of a list.
    let mut open = Vec::new();
    let mut before = None;
    for (event, range) in Parser::new_ext(source, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::BlockQuote(_)) => open.push(true),
            Event::Start(Tag::Item) => open.push(false),
            Event::End(TagEnd::BlockQuote(_) | TagEnd::Item) => {
                open.pop();
            }
            Event::Start(Tag::Paragraph | Tag::Table(_)) => before = None,
            Event::SoftBreak | Event::HardBreak => {
                let quotes = lazy_after(&source[range.end..], &open);
                if let Some(quotes) = quotes.filter(|_| quotes != before) {
                    ends.push(End { at: range.end, quotes });
                }
                before = quotes;
            }
            Event::Start(Tag::TableRow) => {
                let quotes = (!source[range.clone()].contains('|'))
                    .then(|| open.iter().filter(|is_quote| **is_quote).count());
                if let Some(quotes) = quotes.filter(|_| quotes != before) {
                    let at = source[..range.start].rfind('\n').map_or(0, |at| at + 1);
                    ends.push(End { at, quotes });
                }
                before = quotes;
            }
            _ => {}
        }
    }
    ends
}

/// If a line lacks a mark of an open element: how many quotes the line stands in.
fn lazy_after(line: &str, open: &[bool]) -> Option<usize> {
    let quotes = open.iter().filter(|is_quote| **is_quote).count();
    let mut rest = line;
    let mut marks = 0;
    while marks < quotes
        && let Some(after) = rest.trim_start_matches([' ', '\t']).strip_prefix('>')
    {
        marks += 1;
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    let in_item = open.last() == Some(&false);
    let lazy = marks < quotes || in_item && !rest.starts_with(char::is_whitespace);
    lazy.then_some(marks)
}

fn with_ends(source: &str, ends: &[End]) -> String {
    let mut out = String::with_capacity(source.len() + 4 * ends.len());
    let mut from = 0;
    for end in ends {
        out.push_str(&source[from..end.at]);
        out.extend(std::iter::repeat_n('>', end.quotes));
        out.push_str(END);
        out.push('\n');
        from = end.at;
    }
    out.push_str(&source[from..]);
    out
}

/// The length of a line that was put in, if one begins here.
pub(super) fn end_line(rest: &str) -> Option<usize> {
    let after = rest.trim_start_matches('>');
    let marks = rest.len() - after.len();
    let after = after.strip_prefix(END)?;
    after.starts_with('\n').then_some(marks + END.len() + 1)
}
