//! The help.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::Draw;
use crate::{
    app::popups::help::{FILTER_ROWS, Help, HelpLine, help_lines},
    ui::{
        Ui,
        cells::{self, span},
    },
};

impl Draw for Help {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let lines = help_lines(ui.model, self);
        let mut area = inner;
        if let Some(filter) = &self.filter {
            cells::draw(Line::styled("/ ", ui.theme.accent), inner, 0, buf);
            let field = Rect { x: inner.x + 2, width: inner.width - 2, height: 1, ..inner };
            if self.typing {
                filter.widget().render(field.intersection(inner), buf);
            } else {
                cells::draw(Line::styled(filter.text(), ui.theme.strong), field, 0, buf);
            }
            let taken = u16::try_from(FILTER_ROWS).unwrap_or(0).min(area.height);
            area.y += taken;
            area.height -= taken;
        }
        if lines.is_empty() {
            return cells::draw(Line::styled("Nothing matches.", ui.theme.quiet), area, 0, buf);
        }
        let rows = usize::from(area.height);
        let top = self.top.min(lines.len().saturating_sub(rows));
        let keys = lines.iter().map(|line| match line {
            HelpLine::Keys(keys, _) => cells::width(keys),
            HelpLine::Heading(_) | HelpLine::Gap => 0,
        });
        let keys = keys.max().unwrap_or(0).min(24);
        for (y, line) in lines.iter().skip(top).take(rows).enumerate() {
            match line {
                HelpLine::Gap => {}
                HelpLine::Heading(title) => {
                    cells::draw(Line::styled(*title, ui.theme.strong), area, y, buf);
                }
                HelpLine::Keys(shown, title) => {
                    let shown = span(cells::left(shown, keys), ui.theme.accent);
                    let spans = vec![Span::raw("  "), shown, Span::raw("  "), Span::raw(*title)];
                    let spans = cells::cut_spans(spans, usize::from(area.width));
                    cells::draw(Line::from(spans), area, y, buf);
                }
            }
        }
        let edge = Rect { width: area.width + 1, ..area };
        ui.scrollbar(edge, lines.len(), top, buf);
    }
}
