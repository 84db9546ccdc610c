//! HTML of messages and replies: as styled lines for the screen, as plain text, as a fingerprint.
//!
//! What a stranger's HTML may cost is bounded before anything is built of it: its bytes, its
//! elements, its depth. HTML beyond the latter two is shown as text without its tags.

mod decorator;
mod dom;
mod layout;
mod strip;
mod tables;

use html2text::config;

use super::clean;
use crate::domain::{
    Html,
    styled::{StyledLine, TextStyle},
};
use decorator::Decorator;
use strip::{Shape, Stripped};

/// The most bytes of one message that are read; the rest is left to the browser.
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
/// there is room for two columns of bar for each. Text beyond what can be read is left out, and a
/// last remark says so. An empty message is one remark. Takes up to some hundred milliseconds for
/// hostile input, so it belongs on a blocking thread.
pub fn render(html: &Html, width: u16) -> Vec<StyledLine> {
    let (source, left_out) = bounded(html.as_stored());
    let mut lines = lines_of(source, usize::from(width.max(1)), true);
    let mut left_out = left_out;
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
        lines.extend(layout::wrap(&remark, usize::from(width.max(1)), REMARK, 0));
    }
    lines
}

/// The text alone, without wrapping: quotes marked with `> `, for quoting, comparing and piping.
/// Cleaned like [`clean::block`]; text beyond [`BYTES`] is left out.
pub fn plain(html: &Html) -> String {
    let (source, _) = bounded(html.as_stored());
    let mut text = String::new();
    for line in lines_of(source, UNWRAPPED, false).iter().take(LINES) {
        text.push_str(&"> ".repeat(usize::from(line.quote)));
        text.push_str(&line.text());
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text.pop();
    text
}

/// What is left of a message whatever a server's sanitizer did to its tags: its text with entities
/// decoded, without any white space and without invisible characters. Two texts of the same
/// fingerprint say the same.
pub fn fingerprint(html: &Html) -> String {
    let (source, _) = bounded(html.as_stored());
    clean::block(&Stripped::of(source).text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// The words of a message, for an index: its text without tags, entities decoded, not cleaned and
/// never shown. Linear in the bytes; text beyond [`BYTES`] is left out.
pub fn words(html: &Html) -> String {
    let (source, _) = bounded(html.as_stored());
    Stripped::of(source).text
}

/// As much of the source as is read, and how many bytes are not.
fn bounded(source: &str) -> (&str, usize) {
    let end = boundary(source, BYTES);
    (&source[..end], source.len() - end)
}

/// The last place at or before byte `at` where the text can be cut.
fn boundary(source: &str, at: usize) -> usize {
    (0..=at.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0)
}

fn lines_of(source: &str, width: usize, footnotes: bool) -> Vec<StyledLine> {
    let stripped = Stripped::of(source);
    let lines = if stripped.shape == Shape::Text {
        layout::plain_lines(&stripped.text, width)
    } else {
        html_lines(source, width, footnotes)
            .unwrap_or_else(|| layout::plain_lines(&stripped.text, width))
    };
    layout::without_extra_blanks(lines)
}

/// The lines of real HTML; `None` where it costs too much or the width is too small for it.
fn html_lines(source: &str, width: usize, footnotes: bool) -> Option<Vec<StyledLine>> {
    let dom = dom::parse(source)?;
    tables::unfold_layout(&dom);
    let addresses = dom::tidy(&dom, footnotes);
    let config = config::with_decorator(Decorator)
        .unicode_strikeout(false)
        .empty_img_mode(config::ImageRenderMode::ShowAlways);
    let tree = config.dom_to_render_tree(&dom).ok()?;
    let lines = config.render_to_lines(tree, width).ok()?;
    let mut lines: Vec<_> = lines.into_iter().take(2 * LINES).map(decorator::styled).collect();
    if !addresses.is_empty() {
        lines.push(StyledLine::default());
        lines.extend(layout::footnotes(&addresses, width));
    }
    Some(lines)
}

#[cfg(test)]
mod tests;
