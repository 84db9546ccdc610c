//! The frame that popups share.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
    widgets::{Block, BorderType, Clear, Padding, Widget},
};

use crate::{
    app::popups::frame::{Edge, Frame},
    ui::{
        Ui,
        cells::{self, span},
        rect,
    },
};

impl Ui<'_> {
    /// Clears the place of a popup, frames it and gives back the place for the content.
    pub(super) fn frame(&self, frame: &Frame, screen: Rect, buf: &mut Buffer) -> Rect {
        let area = rect(frame.area).intersection(screen);
        clear(area, buf);
        let style = self.tone(frame.tone);
        let inside = usize::from(area.width.saturating_sub(6));
        let title = cells::cut(&frame.title, inside).into_owned();
        let mut block = Block::bordered()
            .border_type(if frame.grave { BorderType::Thick } else { BorderType::Rounded })
            .border_style(style)
            .padding(Padding::horizontal(1))
            .title_top(
                Line::from(format!(" {title} "))
                    .style(style.patch(self.theme.strong).remove_modifier(Modifier::DIM)),
            );
        let edge = self.edge(&frame.edge);
        if !edge.is_empty() {
            let mut spans = vec![Span::raw(" ")];
            spans.extend(cells::cut_spans(edge, inside));
            spans.push(Span::raw(" "));
            block = block.title_bottom(Line::from(spans));
        }
        let inner = block.inner(area);
        block.render(area, buf);
        inner
    }

    fn edge<'e>(&self, edge: &'e Edge) -> Vec<Span<'e>> {
        let keys = match edge {
            Edge::Bare => return Vec::new(),
            Edge::Words(text, tone) => return vec![span(text.as_str(), self.tone(*tone))],
            Edge::Keys(keys) => keys,
        };
        let mut spans = Vec::new();
        for (key, what) in keys {
            if !spans.is_empty() {
                spans.push(Span::raw("  "));
            }
            spans.push(span(key.as_str(), self.theme.accent.add_modifier(Modifier::BOLD)));
            spans.push(span(format!(" {what}"), self.theme.quiet));
        }
        spans
    }
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
