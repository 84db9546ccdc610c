//! The earlier messages, for the agent to look up.

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier, text::Line};

use super::Draw;
use crate::{
    app::popups::messages::{HEAD_COLUMNS, Messages, lines},
    ui::{
        Ui,
        cells::{self, span},
    },
};

impl Draw for Messages {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let lines = lines(ui.model);
        if lines.is_empty() {
            let text = Line::styled("Nothing was said yet.", ui.theme.quiet);
            return cells::draw(text, inner, 0, buf);
        }
        let rows = usize::from(inner.height);
        let top = self.top.min(lines.len().saturating_sub(rows));
        for (y, line) in lines.iter().skip(top).take(rows).enumerate() {
            let style = ui.theme.notice(line.level);
            let (time, sign) = match line.at {
                Some(at) => (ui.time_of_day(at), line.level.sign()),
                None => (String::new(), " "),
            };
            let time = cells::left(&time, HEAD_COLUMNS - 2);
            let spans = vec![
                span(time, ui.theme.quiet),
                span(format!("{sign} "), style.add_modifier(Modifier::BOLD)),
                span(line.text.as_str(), style),
            ];
            let spans = cells::cut_spans(spans, usize::from(inner.width));
            cells::draw(Line::from(spans), inner, y, buf);
        }
        ui.scrollbar(Rect { width: inner.width + 1, ..inner }, lines.len(), top, buf);
    }
}
