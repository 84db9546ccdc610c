//! The question that comes before leaving.

use ratatui::{buffer::Buffer, layout::Rect};

use super::Draw;
use crate::{
    app::popups::quit::{Quit, lines},
    ui::Ui,
};

impl Draw for Quit {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        ui.lines(lines(ui.model), inner, buf);
    }
}
