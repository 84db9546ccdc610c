//! The frame that popups share.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::{Block, BorderType, Clear, Padding, Widget},
};

use crate::app::layout::{POPUP_FRAME, popup_width};
use crate::ui::{Ui, cells};

/// The frame of a popup.
pub(in crate::ui) struct Frame<'a> {
    /// What stands in its upper edge.
    pub(in crate::ui) title: String,
    /// What stands in its lower edge.
    pub(in crate::ui) footer: Vec<Span<'a>>,
    /// The columns and rows that its content wants.
    pub(in crate::ui) size: (usize, usize),
    /// How the frame is drawn.
    pub(in crate::ui) style: Style,
    /// Whether it decides something for good: its frame is heavier.
    pub(in crate::ui) grave: bool,
}

impl Ui<'_> {
    /// Clears a place in the middle of `body`, frames it and gives back the place for the content.
    pub(in crate::ui) fn frame(&self, frame: Frame<'_>, body: Rect, buf: &mut Buffer) -> Rect {
        let title_width = cells::width(&frame.title) + 6;
        let footer_width = cells::spans_width(&frame.footer) + 6;
        let width = popup_width(
            (frame.size.0 + POPUP_FRAME).max(title_width).max(footer_width),
            body.width,
        );
        let height = u16::try_from(frame.size.1 + 2).unwrap_or(u16::MAX).min(body.height);
        let area = Rect {
            x: body.x + (body.width - width) / 2,
            y: body.y + (body.height - height).div_ceil(3),
            width,
            height,
        };
        clear(area, buf);
        let inside = usize::from(width.saturating_sub(4));
        let title = cells::cut(&frame.title, inside.saturating_sub(2)).into_owned();
        let mut block = Block::bordered()
            .border_type(if frame.grave { BorderType::Thick } else { BorderType::Rounded })
            .border_style(frame.style)
            .padding(Padding::horizontal(1))
            .title_top(
                Line::from(format!(" {title} "))
                    .style(frame.style.patch(self.theme.strong).remove_modifier(Modifier::DIM)),
            );
        if !frame.footer.is_empty() {
            let mut spans = vec![Span::raw(" ")];
            spans.extend(cells::cut_spans(frame.footer, inside.saturating_sub(2)));
            spans.push(Span::raw(" "));
            block = block.title_bottom(Line::from(spans));
        }
        let inner = block.inner(area);
        block.render(area, buf);
        inner
    }

    /// A key and what it does, for the lower edge of a popup.
    pub(in crate::ui) fn key_hints<'l>(&self, hints: &[(&'l str, &'l str)]) -> Vec<Span<'l>> {
        let mut spans = Vec::new();
        for (key, what) in hints.iter().filter(|(key, _)| !key.is_empty()) {
            if !spans.is_empty() {
                spans.push(Span::raw("  "));
            }
            spans.push(Span::styled(*key, self.theme.accent.add_modifier(Modifier::BOLD)));
            spans.push(Span::styled(format!(" {what}"), self.theme.quiet));
        }
        spans
    }
}

/// The columns that the content of a popup has if it wants `columns` of them.
pub(in crate::ui) fn columns_in(columns: usize, body: Rect) -> usize {
    usize::from(popup_width(columns + POPUP_FRAME, body.width)).saturating_sub(POPUP_FRAME)
}

/// Clears `area`. A wide glyph that reaches into it goes as a whole: half a glyph would make the
/// terminal and the buffer disagree on every cell that follows.
fn clear(area: Rect, buf: &mut Buffer) {
    for y in area.top()..area.bottom() {
        if let Some(x) = area.left().checked_sub(1)
            && let Some(cell) = buf.cell_mut((x, y))
            && cells::width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }
    Clear.render(area, buf);
}
