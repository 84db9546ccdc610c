//! Questions that are answered by typing a number: where to go, what to delete.

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use super::Draw;
use crate::{
    app::popups::prompt::Prompt,
    ui::{Ui, cells},
};

impl Draw for Prompt {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let (lines, ask) = (self.lines(ui.model), self.asks(ui.model));
        let last = lines.len().min(usize::from(inner.height).saturating_sub(1));
        for (at, line) in lines.into_iter().take(last).enumerate() {
            let line = ui.toned(line);
            let spans = cells::cut_spans(line.spans, usize::from(inner.width));
            cells::draw(Line::from(spans).style(line.style), inner, at, buf);
        }
        let asked = cells::width(&ask);
        cells::draw(Line::styled(ask, ui.theme.strong), inner, last, buf);
        let offset = u16::try_from(asked).unwrap_or(0).min(inner.width);
        let field = Rect {
            x: inner.x + offset,
            y: inner.y + u16::try_from(last).unwrap_or(0),
            width: inner.width - offset,
            height: 1,
        };
        self.input.widget().render(field.intersection(inner), buf);
    }
}
