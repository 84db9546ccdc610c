//! The help.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use crate::app::{
    command::ReaderCommand,
    popups::help::{FILTER_ROWS, Help, HelpLine, help_lines},
};
use crate::ui::{
    Ui,
    cells::{self, span},
    popups::{Draw, frame::Frame},
};

/// The columns of a line of the help.
const HELP_COLUMNS: usize = 72;

impl Draw for Help {
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
        ui.help(self, body, buf);
    }
}

impl Ui<'_> {
    /// Draws the help.
    fn help(&self, help: &Help, body: Rect, buf: &mut Buffer) {
        let lines = help_lines(self.model, help);
        let footer = {
            let (close, filter) = (self.key(ReaderCommand::Close), self.key(ReaderCommand::Filter));
            self.key_hints(&[(filter, "filters"), (close, "closes")])
        };
        let filtered = help.filter.is_some();
        let frame = Frame {
            title: "What works here".into(),
            footer,
            size: (HELP_COLUMNS, lines.len() + if filtered { FILTER_ROWS } else { 0 }),
            style: self.theme.accent,
            grave: false,
        };
        let inner = self.frame(frame, body, buf);
        let mut area = inner;
        if let Some(filter) = &help.filter {
            cells::draw(Line::styled("/ ", self.theme.accent), inner, 0, buf);
            let field = Rect { x: inner.x + 2, width: inner.width - 2, height: 1, ..inner };
            if help.typing {
                filter.widget().render(field.intersection(inner), buf);
            } else {
                cells::draw(Line::styled(filter.text(), self.theme.strong), field, 0, buf);
            }
            let taken = u16::try_from(FILTER_ROWS).unwrap_or(0).min(area.height);
            area.y += taken;
            area.height -= taken;
        }
        if lines.is_empty() {
            return cells::draw(Line::styled("Nothing matches.", self.theme.quiet), area, 0, buf);
        }
        let rows = usize::from(area.height);
        let top = help.top.min(lines.len().saturating_sub(rows));
        let keys = lines.iter().map(|line| match line {
            HelpLine::Keys(keys, _) => cells::width(keys),
            HelpLine::Heading(_) | HelpLine::Gap => 0,
        });
        let keys = keys.max().unwrap_or(0).min(24);
        for (y, line) in lines.iter().skip(top).take(rows).enumerate() {
            match line {
                HelpLine::Gap => {}
                HelpLine::Heading(title) => {
                    cells::draw(Line::styled(*title, self.theme.strong), area, y, buf);
                }
                HelpLine::Keys(shown, title) => {
                    let shown = span(cells::left(shown, keys), self.theme.accent);
                    let spans = vec![Span::raw("  "), shown, Span::raw("  "), Span::raw(*title)];
                    let spans = cells::cut_spans(spans, usize::from(area.width));
                    cells::draw(Line::from(spans), area, y, buf);
                }
            }
        }
        let edge = Rect { width: area.width + 1, ..area };
        self.scrollbar(edge, lines.len(), top, buf);
    }
}
