//! What the agent was told, to be looked up.

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier, text::Line};

use crate::app::{
    command::ReaderCommand,
    popups::messages::{COLUMNS, HEAD_COLUMNS, Messages, lines},
};
use crate::ui::{
    Ui,
    cells::{self, span},
    popups::{
        Draw,
        frame::{Frame, columns_in},
    },
};

impl Draw for Messages {
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
        ui.messages(self.top, body, buf);
    }
}

impl Ui<'_> {
    /// Draws the messages from the line `top` on.
    fn messages(&self, top: usize, body: Rect, buf: &mut Buffer) {
        let lines = lines(self.model);
        let columns = columns_in(COLUMNS, body);
        let frame = Frame {
            title: "Messages, the newest first".into(),
            footer: self.key_hints(&[(self.key(ReaderCommand::Close), "closes")]),
            size: (columns, lines.len().max(1)),
            style: self.theme.accent,
            grave: false,
        };
        let inner = self.frame(frame, body, buf);
        if lines.is_empty() {
            let text = Line::styled("Nothing was said yet.", self.theme.quiet);
            return cells::draw(text, inner, 0, buf);
        }
        let rows = usize::from(inner.height);
        let top = top.min(lines.len().saturating_sub(rows));
        for (y, line) in lines.iter().skip(top).take(rows).enumerate() {
            let style = self.theme.notice(line.level);
            let (time, sign) = match line.at {
                Some(at) => (self.time_of_day(at), line.level.sign()),
                None => (String::new(), " "),
            };
            let time = cells::left(&time, HEAD_COLUMNS - 2);
            let spans = vec![
                span(time, self.theme.quiet),
                span(format!("{sign} "), style.add_modifier(Modifier::BOLD)),
                span(line.text.as_str(), style),
            ];
            let spans = cells::cut_spans(spans, usize::from(inner.width));
            cells::draw(Line::from(spans), inner, y, buf);
        }
        self.scrollbar(Rect { width: inner.width + 1, ..inner }, lines.len(), top, buf);
    }
}
