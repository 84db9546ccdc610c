//! The output of a command.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::Draw;
use crate::{
    app::popups::output::{CommandOutput, HEAD},
    ui::{Ui, cells},
};

impl Draw for CommandOutput {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let status = ui.toned(self.status(ui.model));
        let spans = cells::cut_spans(status.spans, usize::from(inner.width));
        cells::draw(Line::from(spans).style(status.style), inner, 0, buf);
        let head = u16::try_from(HEAD).unwrap_or(0).min(inner.height);
        let text = Rect { y: inner.y + head, height: inner.height - head, ..inner };
        let lines = self.lines(usize::from(inner.width));
        let rows = usize::from(text.height);
        let (total, top) = (lines.len(), self.top.min(lines.len().saturating_sub(rows)));
        let shown = lines.into_iter().skip(top).take(rows).collect();
        ui.lines(shown, text, buf);
        ui.scrollbar(Rect { width: text.width + 1, ..text }, total, top, buf);
    }
}
