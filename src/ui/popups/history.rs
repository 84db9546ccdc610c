//! The history of a ticket.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::Draw;
use crate::{
    app::popups::history::{History, TIME},
    domain::when,
    ui::{
        Ui,
        cells::{self, span},
    },
};

impl Draw for History {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let columns = usize::from(inner.width);
        if let Some(text) = self.instead() {
            let style = match &self.lines {
                Some(Err(_)) => ui.theme.danger,
                _ => ui.theme.quiet,
            };
            let text = cells::cut_spans(vec![span(text, style)], columns);
            return cells::draw(Line::from(text), inner, 0, buf);
        }
        let lines = self.shown(ui.model);
        let rows = usize::from(inner.height);
        let top = self.top.min(lines.len().saturating_sub(rows));
        let settings = &ui.model.settings;
        for (y, line) in lines.iter().skip(top).take(rows).enumerate() {
            let dated = |at| when::dated(&settings.zone, ui.model.wall(), at);
            let time = line.at.map(dated).unwrap_or_default();
            let spans = vec![
                span(cells::left(&time, TIME), ui.theme.quiet),
                span(line.who.as_str(), ui.theme.accent),
                span("  ", ui.theme.quiet),
                span(line.text.as_str(), ratatui::style::Style::new()),
            ];
            cells::draw(Line::from(cells::cut_spans(spans, columns)), inner, y, buf);
        }
        ui.scrollbar(Rect { width: inner.width + 1, ..inner }, lines.len(), top, buf);
    }
}
