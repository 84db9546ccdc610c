//! Text in cells: how wide it is, and how it is made to fit.

use std::{borrow::Cow, iter::repeat_n};

use ratatui::{
    buffer::{Buffer, CellDiffOption, CellWidth as _},
    layout::{HorizontalAlignment, Rect},
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use crate::domain::columns;
pub(super) use crate::domain::columns::{cut, head, width, wrap};

/// Whether `text` is printable ASCII: every byte is a glyph of one column. Nearly all drawn text is
/// plain, and needs no search for the places and widths of its glyphs.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// `text`, cut to `columns` with an ellipsis in its middle where it is longer. Two thirds of the room
/// are for its head.
pub(super) fn cut_middle(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let head = head(text, room - room / 3);
    let mut left = room - width(head);
    let mut from = text.len();
    for (at, cluster) in columns::clusters(text).collect::<Vec<_>>().into_iter().rev() {
        let Some(rest) = left.checked_sub(columns::cluster_width(cluster)) else { break };
        (left, from) = (rest, at);
    }
    Cow::Owned(format!("{head}…{}", &text[from..]))
}

/// `text` in exactly `columns`, to the left.
pub(super) fn left(text: &str, columns: usize) -> String {
    let mut text = cut(text, columns).into_owned();
    let gap = columns.saturating_sub(width(&text));
    text.extend(repeat_n(' ', gap));
    text
}

/// `text` in exactly `columns`, to the right.
pub(super) fn right(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let mut padded = " ".repeat(columns.saturating_sub(width(&text)));
    padded.push_str(&text);
    padded
}

/// A run of text in a style.
pub(crate) fn span<'a>(text: impl Into<Cow<'a, str>>, style: Style) -> Span<'a> {
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
pub(crate) fn draw(line: Line<'_>, area: Rect, y: usize, buf: &mut Buffer) {
    if let Ok(y) = u16::try_from(y)
        && y < area.height
    {
        let row = Rect { y: area.y + y, height: 1, ..area }.intersection(buf.area);
        match line.alignment {
            None | Some(HorizontalAlignment::Left) => draw_left(&line, row, buf),
            Some(_) => line.render(row, buf),
        }
    }
}

/// Draws a line as its widget does. It draws plain spans without a search for their glyphs, which
/// would take most of the time of a frame.
fn draw_left(line: &Line<'_>, mut row: Rect, buf: &mut Buffer) {
    if row.is_empty() || line.spans.iter().all(|span| span.content.is_empty()) {
        return;
    }
    buf.set_style(row, line.style);
    for span in &line.spans {
        if row.is_empty() {
            break;
        }
        if is_plain(&span.content) {
            let first = buf.index_of(row.x, row.y);
            let cells = buf.content.iter_mut().skip(first).take(usize::from(row.width));
            for (cell, letter) in cells.zip(span.content.chars()) {
                cell.set_char(letter).set_style(span.style);
                cell.set_diff_option(CellDiffOption::None);
            }
        } else {
            draw_clusters(span, row, buf);
        }
        let drawn = u16::try_from(width(&span.content)).map_or(row.width, |it| it.min(row.width));
        row = Rect { x: row.x + drawn, width: row.width - drawn, ..row };
    }
}

/// Draws a span cluster by cluster. The columns that a cluster takes beyond ratatui's count are
/// left free for it.
fn draw_clusters(span: &Span<'_>, row: Rect, buf: &mut Buffer) {
    let mut x = row.x;
    for (_, cluster) in columns::clusters(&span.content) {
        let wide = u16::try_from(columns::cluster_width(cluster)).unwrap_or(u16::MAX);
        if wide == 0 || cluster.contains(char::is_control) {
            continue;
        }
        if row.right() - x < wide {
            break;
        }
        let known = cluster.cell_width().max(1);
        let cell = &mut buf[(x, row.y)];
        cell.set_symbol(cluster).set_style(span.style);
        cell.set_diff_option(if wide > known {
            CellDiffOption::AlwaysUpdate
        } else {
            CellDiffOption::None
        });
        for at in 1..wide {
            let cell = &mut buf[(x + at, row.y)];
            cell.reset();
            if at >= known {
                cell.set_diff_option(CellDiffOption::Skip);
            }
        }
        x += wide;
    }
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
        assert_eq!(cut_middle("short", 5), "short");
        assert_eq!(cut_middle("0123456789", 7), "0123…89");
        assert_eq!(cut_middle("日本語テキスト", 8), "日本…ト");
        assert_eq!(cut_middle("日本語", 0), "");
        assert_eq!(right("3h", 4), "  3h");
        assert_eq!(cut("বাংলা", 4), "বাং…");
        assert_eq!(left("لا", 4), "لا  ");
    }

    #[test]
    fn a_line_is_drawn_as_its_widget_draws_it() {
        let red = Style::new().red();
        let texts =
            [vec!["plain ", "", "two"], vec!["日本", "x", "é!", "plain"], vec!["a\u{1b}b", "c"]];
        for (texts, columns) in texts.iter().flat_map(|it| (0..14).map(move |at| (it, at))) {
            let spans: Vec<Span<'_>> = texts.iter().map(|text| span(*text, red)).collect();
            let line = Line::from(spans).style(Style::new().bold());
            let area = Rect::new(1, 1, columns, 1);
            let mut buffers =
                [Buffer::empty(Rect::new(0, 0, 12, 3)), Buffer::empty(Rect::new(0, 0, 12, 3))];
            draw(line.clone(), area, 0, &mut buffers[0]);
            line.render(area, &mut buffers[1]);
            assert_eq!(buffers[0], buffers[1], "{texts:?} in {columns}");
        }
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
