//! The question that comes before a part of an action is taken back.

use ratatui::{buffer::Buffer, layout::Rect};

use super::Draw;
use crate::{app::popups::take_back::HalfStep, ui::Ui};

impl Draw for HalfStep {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        ui.lines(self.lines(ui.model), inner, buf);
    }
}
