//! The client of a ticket.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::Draw;
use crate::{
    app::popups::client::ClientBox,
    ui::{
        Ui,
        cells::{self, span},
    },
};

impl Draw for ClientBox {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let lines = &self.lines;
        let here = self.here();
        let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
        let top = self.top.min(lines.len().saturating_sub(rows));
        for (y, (at, line)) in lines.iter().enumerate().skip(top).take(rows).enumerate() {
            let words = ui.toned(line.words.clone());
            let styled =
                words.spans.into_iter().map(|it| span(it.content, words.style.patch(it.style)));
            let mut spans = cells::cut_spans(styled.collect(), columns);
            if here == Some(at) {
                for span in &mut spans {
                    span.style = ui.theme.selected;
                }
                if let Some(first) = spans.first_mut() {
                    let rest = first.content.get(1..).unwrap_or_default().to_owned();
                    *first = span(format!("▌{rest}"), ui.theme.selected);
                }
            }
            cells::draw(Line::from(spans), inner, y, buf);
        }
        ui.scrollbar(Rect { width: inner.width + 1, ..inner }, lines.len(), top, buf);
    }
}
