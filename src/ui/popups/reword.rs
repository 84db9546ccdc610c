//! The text of one ticket of a plan.

use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};

use super::Draw;
use crate::{app::popups::reword::Reword, ui::Ui};

impl Draw for Reword {
    fn draw(&self, _: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        self.editor.widget().render(inner, buf);
    }
}
