//! Text in cells: how wide it is, and how it is made to fit.

use std::borrow::Cow;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// As much of the head of `text` as goes into `columns`.
fn head(text: &str, columns: usize) -> &str {
    let mut room = columns;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let Some(left) = room.checked_sub(width(grapheme)) else { break };
        room = left;
        end = at + grapheme.len();
    }
    &text[..end]
}

/// `text`, cut to `columns` with an ellipsis where it is longer.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    match columns.checked_sub(1) {
        _ if width(text) <= columns => Cow::Borrowed(text),
        Some(room) => Cow::Owned(format!("{}…", head(text, room))),
        None => Cow::Borrowed(""),
    }
}

/// `text` in exactly `columns`, to the left.
pub(super) fn left(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let gap = columns.saturating_sub(width(&text));
    format!("{text}{:gap$}", "")
}

/// `text` in exactly `columns`, to the right.
pub(super) fn right(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let gap = columns.saturating_sub(width(&text));
    format!("{:gap$}{text}", "")
}

/// A run of text in a style.
pub(super) fn span<'a>(text: impl Into<Cow<'a, str>>, style: Style) -> Span<'a> {
    Span::styled(text, style)
}

/// The columns that some spans take.
pub(super) fn spans_width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| width(&span.content)).sum()
}

/// Spans, cut to `columns` with an ellipsis where they are longer.
pub(super) fn cut_spans(spans: Vec<Span<'_>>, columns: usize) -> Vec<Span<'_>> {
    if spans_width(&spans) <= columns {
        return spans;
    }
    let Some(mut room) = columns.checked_sub(1) else { return Vec::new() };
    let mut kept = Vec::with_capacity(spans.len());
    for span in spans {
        let wide = width(&span.content);
        if wide > room {
            let text = format!("{}…", head(&span.content, room));
            kept.push(Span::styled(text, span.style));
            break;
        }
        room -= wide;
        kept.push(span);
    }
    kept
}

/// One line with something at its left end and something at its right end. The left gives way.
pub(super) fn sides<'a>(
    left: Vec<Span<'a>>,
    right: Vec<Span<'a>>,
    columns: usize,
    fill: (&str, Style),
) -> Line<'a> {
    let right_width = spans_width(&right);
    let mut spans = cut_spans(left, columns.saturating_sub(right_width + 1));
    let gap = columns.saturating_sub(spans_width(&spans) + right_width);
    spans.push(Span::styled(fill.0.repeat(gap), fill.1));
    spans.extend(right);
    Line::from(spans)
}

/// Things one after the other, with `between` them.
pub(super) fn joined<'a>(
    parts: impl IntoIterator<Item = Span<'a>>,
    between: &'static str,
    style: Style,
) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    for part in parts {
        if !spans.is_empty() {
            spans.push(Span::styled(between, style));
        }
        spans.push(part);
    }
    spans
}

/// Draws one line at row `y` of `area`, counted from its top. Rows outside are not drawn.
pub(super) fn draw(line: Line<'_>, area: Rect, y: usize, buf: &mut Buffer) {
    if let Ok(y) = u16::try_from(y)
        && y < area.height
    {
        line.render(Rect { y: area.y + y, height: 1, ..area }, buf);
    }
}

/// `text` in lines of at most `columns`, broken at spaces where that is possible.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns_and_never_within_a_glyph() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("日本語テキスト", 6), "日本…");
        assert_eq!(cut("日本語", 0), "");
        assert_eq!(cut("ok 👩‍👩‍👧!", 4), "ok …");
        assert_eq!(left("日本語", 4), "日… ");
        assert_eq!(right("3h", 4), "  3h");
    }

    #[test]
    fn spans_are_cut_as_one_text() {
        let texts = |columns| -> String {
            let spans = vec![Span::raw("one "), Span::raw("two "), Span::raw("three")];
            cut_spans(spans, columns).iter().map(|span| span.content.to_string()).collect()
        };
        assert_eq!(texts(13), "one two three");
        assert_eq!(texts(12), "one two thr…");
        assert_eq!(texts(8), "one two…");
        assert_eq!(texts(3), "on…");
    }

    #[test]
    fn words_are_wrapped() {
        assert_eq!(wrap("the server can't be reached", 12), ["the server", "can't be", "reached"]);
    }
}
