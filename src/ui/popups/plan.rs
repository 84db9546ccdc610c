//! What an action will do to several tickets.

use ratatui::{buffer::Buffer, layout::Rect};

use super::Draw;
use crate::{
    app::popups::plan::PlanBox,
    ui::{Ui, cells},
};

impl Draw for PlanBox {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let head = self.head(ui.model);
        let used = u16::try_from(head.len()).unwrap_or(u16::MAX).min(inner.height);
        ui.lines(head, inner, buf);
        let below = Rect { y: inner.y + used, height: inner.height - used, ..inner };
        let (lines, top, total) = self.shown(ui.model, usize::from(below.height));
        for (y, line) in lines.into_iter().enumerate() {
            let line = ui.toned(line);
            let spans = cells::cut_spans(line.spans, usize::from(below.width));
            cells::draw(ratatui::text::Line::from(spans).style(line.style), below, y, buf);
        }
        ui.scrollbar(Rect { width: below.width + 1, ..below }, total, top, buf);
    }
}
