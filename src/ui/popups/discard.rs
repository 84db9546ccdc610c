//! The question that comes before a draft is discarded.

use ratatui::{buffer::Buffer, layout::Rect};

use super::Draw;
use crate::{app::popups::discard::Discard, ui::Ui};

impl Draw for Discard {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        ui.lines(self.lines(ui.model), inner, buf);
    }
}
