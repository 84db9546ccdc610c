//! Lines of text laid out without html2text: plain mail, the addresses of links, remarks.

use std::iter;

use super::{super::clean, glyphs::Glyphs};
use crate::domain::{
    columns,
    styled::{StyledLine, TextStyle},
};

/// The columns between two stops of the tabulator.
pub(super) const TAB: usize = 8;

/// The most levels of `>` that are told apart in plain text.
const QUOTES: u8 = 32;

/// The shortest width that text is still wrapped to.
const NARROW: usize = 4;

const LINK: TextStyle = TextStyle {
    link: true,
    strong: false,
    emphasis: false,
    strike: false,
    code: false,
    heading: false,
    remark: false,
};

/// Plain text, wrapped line by line, with the depth of its `> ` quotes.
pub(super) fn plain_lines(text: &str, width: usize) -> Vec<StyledLine> {
    let mut blank = false;
    clean::spaced(text)
        .replace('\u{a0}', " ")
        .lines()
        // Many empty lines become one, so they must not take up memory before that.
        .filter(|line| !(std::mem::replace(&mut blank, line.is_empty()) && line.is_empty()))
        .flat_map(|line| {
            let (quote, text) = unquoted(line);
            let text = without_tabs(text);
            let width = width.saturating_sub(2 * usize::from(quote));
            wrap(text.trim_end(), width, TextStyle::default(), quote)
        })
        .collect()
}

/// A line whose tabs reach to the next stop.
fn without_tabs(line: &str) -> String {
    let mut parts = line.split('\t');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let gap = TAB - columns::width(&out) % TAB;
        out.extend(iter::repeat_n(' ', gap));
        out.push_str(part);
    }
    out
}

/// How deep a line is quoted, and what it says.
fn unquoted(line: &str) -> (u8, &str) {
    let mut depth = 0;
    let mut text = line;
    while depth < QUOTES
        && let Some(rest) = text.trim_start_matches(' ').strip_prefix('>')
    {
        depth += 1;
        text = rest;
    }
    if depth == 0 { (0, line) } else { (depth, text.strip_prefix(' ').unwrap_or(text)) }
}

/// One line, wrapped to `width` columns (or four, if there are fewer); words that are longer are
/// broken.
pub(super) fn wrap(text: &str, width: usize, style: TextStyle, quote: u8) -> Vec<StyledLine> {
    if text.is_empty() {
        return vec![StyledLine { quote, ..StyledLine::default() }];
    }
    let options = textwrap::Options::new(width.max(NARROW))
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut glyphs = Glyphs::default();
    textwrap::wrap(&glyphs.stand_in(text), options)
        .into_iter()
        .map(|text| StyledLine { quote, ..StyledLine::styled(glyphs.back(&text), style) })
        .collect()
}

/// The addresses of the links, in the order of their numbers.
pub(super) fn footnotes(addresses: &[String], width: usize) -> Vec<StyledLine> {
    addresses
        .iter()
        .enumerate()
        .flat_map(|(index, address)| wrap(&format!("[{}] {address}", index + 1), width, LINK, 0))
        .collect()
}

/// Removes blank lines at the start and the end, and turns several into one.
pub(super) fn without_extra_blanks(lines: Vec<StyledLine>) -> Vec<StyledLine> {
    let is_blank = |line: &StyledLine| line.spans.iter().all(|span| span.text.trim().is_empty());
    let mut out: Vec<StyledLine> = Vec::with_capacity(lines.len());
    for line in lines {
        if is_blank(&line) {
            let Some(last) = out.last_mut() else { continue };
            if is_blank(last) {
                // A blank line between a quote and other text does not belong to the quote.
                last.quote = last.quote.min(line.quote);
                continue;
            }
        }
        out.push(line);
    }
    while out.last().is_some_and(is_blank) {
        out.pop();
    }
    out
}
