//! The screen of list and conversation: its panes, and what stands around them.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    app::layout::{Area, Layout},
    ui::{Ui, cells, rect},
};

impl Ui<'_> {
    /// Draws the panes, the lines above and below them, and the popup over them.
    pub(in crate::ui) fn console(&self, layout: &Layout, screen: Rect, buf: &mut Buffer) {
        let within = |area: Area| rect(area).intersection(screen);
        self.tabs(within(layout.tabs), buf);
        if let Some(area) = layout.board {
            self.board(area, buf);
        }
        if let Some(area) = layout.list {
            self.list(within(area), buf);
        }
        if let Some(area) = layout.conversation {
            self.conversation(within(area), buf);
        }
        if let Some(area) = layout.composer {
            self.composer(within(area), buf);
        }
        if let (Some(list), Some(_)) = (layout.list, layout.conversation)
            && list.height == layout.body.height
        {
            let x = list.x + list.width;
            let column = Area { x, width: 1, ..layout.body };
            self.divider(within(column), buf);
        }
        self.status(within(layout.status), buf);
        self.hints(within(layout.hints), buf);
        self.popup(screen, buf);
    }

    fn divider(&self, area: Rect, buf: &mut Buffer) {
        for y in 0..area.height {
            let symbol = if y == 0 { "┬" } else { "│" };
            cells::draw(Line::styled(symbol, self.theme.faint), area, usize::from(y), buf);
        }
    }
}
