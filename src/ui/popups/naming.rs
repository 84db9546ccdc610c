//! The question for the name of a view.

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use super::Draw;
use crate::{
    app::popups::naming::Naming,
    ui::{Ui, cells},
};

impl Draw for Naming {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let (above, below) = self.lines(ui.model);
        let rows = u16::try_from(above.len()).unwrap_or(u16::MAX).min(inner.height);
        ui.lines(above, inner, buf);
        let label = "Name: ";
        cells::draw(Line::styled(label, ui.theme.strong), inner, usize::from(rows), buf);
        let offset = u16::try_from(label.len()).unwrap_or(0).min(inner.width);
        let field =
            Rect { x: inner.x + offset, y: inner.y + rows, width: inner.width - offset, height: 1 };
        self.name.widget().render(field.intersection(inner), buf);
        let rest = Rect { y: field.y + 1, height: inner.height.saturating_sub(rows + 1), ..inner };
        ui.lines(below, rest, buf);
    }
}
