//! Until when tickets are snoozed.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::Draw;
use crate::{
    app::popups::snooze::{HEAD, SnoozeBox},
    ui::{
        Ui,
        cells::{self, span},
    },
};

impl Draw for SnoozeBox {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let theme = ui.theme;
        cells::draw(Line::styled("› ", theme.accent), inner, 0, buf);
        let field = Rect {
            x: inner.x + 2.min(inner.width),
            width: inner.width.saturating_sub(2),
            height: inner.height.min(1),
            ..inner
        };
        self.input.widget().render(field, buf);
        let (meaning, is_wrong) = self.meaning(ui.model);
        let is_typed = self.is_typed(ui.model);
        let style = match (is_wrong, is_typed) {
            (true, _) => theme.warning,
            (_, true) => theme.good,
            _ => theme.quiet,
        };
        let columns = usize::from(inner.width);
        let meaning = cells::cut_spans(vec![Span::raw("  "), span(meaning, style)], columns);
        cells::draw(Line::from(meaning), inner, 1, buf);
        let choices = self.choices(ui.model);
        for (at, choice) in choices.iter().enumerate() {
            let selected = at == self.cursor && !is_typed;
            let left = vec![
                span(if selected { "▌ " } else { "  " }, theme.accent),
                Span::raw(choice.label.as_str()),
            ];
            let right = vec![span(choice.detail.as_str(), theme.quiet), Span::raw(" ")];
            let mut line = cells::sides(left, right, columns, (" ", theme.quiet));
            if selected {
                line.spans.iter_mut().for_each(|span| span.style = theme.selected);
            }
            cells::draw(line, inner, HEAD + at, buf);
        }
    }
}
