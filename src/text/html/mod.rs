//! HTML of messages and replies: as styled lines for the screen, as plain text, as a fingerprint.
//!
//! The cost of a stranger's HTML is bounded before anything is built from it: its text, its
//! elements and its depth have limits. HTML with too many elements is shown as text without its
//! tags. Of elements that are too deep, the text is shown.

mod decorator;
mod dom;
mod forms;
mod glyphs;
mod layout;
mod linked;
mod links;
mod lists;
mod look;
mod open;
mod shape;
mod source;
mod strip;
mod tables;
mod tags;

use html2text::config;

use super::clean;
use crate::domain::{
    Html,
    styled::{StyledLine, TextStyle},
};
use decorator::Decorator;
pub use linked::{LINKS, linked};
use strip::{Shape, Stripped};

/// The most bytes of text of one message that are shown; the rest is left to the browser. Tags,
/// addresses and text that a browser does not show don't count.
pub const BYTES: usize = 512 * 1024;

/// The most lines that one message is laid out to.
pub const LINES: usize = 20_000;

/// A width that no text reaches: nothing is wrapped.
const UNWRAPPED: usize = 1 << 20;

const REMARK: TextStyle = TextStyle {
    remark: true,
    strong: false,
    emphasis: false,
    strike: false,
    code: false,
    link: false,
    heading: false,
};

/// The message laid out for `width` columns.
///
/// A line that stands `quote` deep in quotes takes at most `width - 2 * quote` columns, so that
/// there is room for two columns of bar for each. Text beyond the limits is left out, and a last
/// remark says so. An empty message becomes one remark. Hostile input takes up to some hundred
/// milliseconds, so this belongs on a blocking thread.
pub fn render(html: &Html, width: u16) -> Vec<StyledLine> {
    laid_out(html, usize::from(width.max(1)))
}

/// The same without any wrapping: each line is a line of the author's.
pub fn unwrapped(html: &Html) -> Vec<StyledLine> {
    laid_out(html, UNWRAPPED)
}

fn laid_out(html: &Html, width: usize) -> Vec<StyledLine> {
    let (mut lines, mut left_out) = lines_of(html.as_stored(), width, true);
    if lines.len() > LINES {
        let cut: usize = lines.drain(LINES..).map(|line| line.text().len() + 1).sum();
        left_out += cut;
    }
    if lines.is_empty() {
        lines.push(StyledLine::styled("(no text)", REMARK));
    }
    if left_out > 0 {
        let kib = left_out.div_ceil(1024);
        let remark = format!("… shortened: {kib} KB more; press o to read it in the browser");
        lines.extend(layout::wrap(&remark, width, REMARK, 0));
    }
    lines
}

/// The text alone, without wrapping: quotes marked with `> `, for quoting, comparing and piping.
/// Cleaned like [`clean::block`]; text beyond [`BYTES`] is left out.
pub fn plain(html: &Html) -> String {
    let mut text = String::new();
    for line in lines_of(html.as_stored(), UNWRAPPED, false).0.iter().take(LINES) {
        text.push_str(&"> ".repeat(usize::from(line.quote)));
        text.push_str(&line.text());
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text.pop();
    text
}

/// The part of a message that survives a server's sanitizer: its text with entities decoded,
/// without any white space and without invisible characters. Two texts with the same fingerprint
/// say the same.
pub fn fingerprint(html: &Html) -> String {
    let text = Stripped::of(html.as_stored()).text;
    clean::block(&text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// The words of a message, for an index: its text without tags, entities decoded, and the addresses
/// of its links; not cleaned and never shown. Linear in the bytes; text beyond [`BYTES`] is left out.
pub fn words(html: &Html) -> String {
    Stripped::with_addresses(html.as_stored()).text
}

/// The last place at or before byte `at` where the text can be cut.
fn boundary(source: &str, at: usize) -> usize {
    (0..=at.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0)
}

/// The lines, and how many bytes of text are beyond the limit.
fn lines_of(source: &str, width: usize, footnotes: bool) -> (Vec<StyledLine>, usize) {
    let stripped = Stripped::of(source);
    let mut left_out = stripped.left_out;
    let lines = match stripped.shape {
        Shape::Text => layout::plain_lines(&stripped.text, width),
        Shape::Html => match html_lines(source, width, footnotes) {
            Some((lines, cut)) => {
                left_out += cut;
                lines
            }
            None => {
                let told = if footnotes { Stripped::with_addresses(source) } else { stripped };
                layout::plain_lines(&told.text, width)
            }
        },
    };
    (layout::without_extra_blanks(lines), left_out)
}

/// The lines of real HTML, and how many bytes are on lines beyond the limit. `None` if it costs too
/// much or the width is too small for it.
fn html_lines(source: &str, width: usize, footnotes: bool) -> Option<(Vec<StyledLine>, usize)> {
    let shaped = shape::shape(&dom::parse(source)?, footnotes);
    let config = config::with_decorator(Decorator)
        .unicode_strikeout(false)
        .empty_img_mode(config::ImageRenderMode::ShowAlways);
    let tree = config.dom_to_render_tree(&shaped.dom).ok()?;
    let lines = config.render_to_lines(tree, width).ok()?;
    let styled = |line| decorator::styled(line, &shaped.glyphs);
    let mut all = lines.into_iter().map(styled);
    let mut lines: Vec<_> = all.by_ref().take(2 * LINES).collect();
    let cut = all.map(|line| line.text().trim().len()).sum();
    let (addresses, more) = shaped.links.into_listed();
    if !addresses.is_empty() {
        lines.push(StyledLine::default());
        lines.extend(layout::footnotes(&addresses, width));
    }
    if more > 0 {
        let remark = format!("… {more} addresses more; press o to see them in the browser");
        lines.extend(layout::wrap(&remark, width, REMARK, 0));
    }
    Some((lines, cut))
}

#[cfg(test)]
mod tests;
