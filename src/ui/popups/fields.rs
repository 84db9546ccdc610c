//! The filter of a view by fields.

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier, text::Line, widgets::Widget};

use super::Draw;
use crate::{
    app::{
        conditions::told,
        popups::fields::{By, FieldFilter, LABEL},
    },
    ui::{
        Ui,
        cells::{self, span},
        rect,
    },
};

impl Draw for FieldFilter {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        for (place, by) in Self::placed(super::area(inner)) {
            ui.filter_row(self, by, rect(place).intersection(inner), buf);
        }
    }
}

impl Ui<'_> {
    fn filter_row(&self, filter: &FieldFilter, by: By, area: Rect, buf: &mut Buffer) {
        let focused = filter.focused() == by;
        let mark = if focused { "▸ " } else { "  " };
        let style = match focused {
            true => self.theme.accent.add_modifier(Modifier::BOLD),
            false => self.theme.quiet,
        };
        let label = span(format!("{mark}{} ", cells::left(by.label(), LABEL - 3)), style);
        let offset = u16::try_from(LABEL).unwrap_or(0).min(area.width);
        cells::draw(Line::from(label), area, 0, buf);
        let place = Rect { x: area.x + offset, width: area.width - offset, ..area };
        if by == By::Words && focused {
            return filter.words.widget().render(place, buf);
        }
        let told = told(self.model, by);
        let mut spans = Vec::new();
        match (told.set.is_empty(), told.of_view.is_empty()) {
            (true, true) => spans.push(span("any", self.theme.quiet)),
            (true, false) => {
                spans.push(span(told.of_view, self.theme.quiet));
                spans.push(span(" (the view)", self.theme.quiet));
            }
            (false, of_none) => {
                spans.push(span(told.set, self.theme.strong));
                let in_texts = self.model.list.tab().is_some_and(|tab| tab.in_texts);
                if by == By::Words && in_texts {
                    spans.push(span("  in all texts", self.theme.quiet));
                }
                if !of_none && by != By::State {
                    let text = format!("  and {} (the view)", told.of_view);
                    spans.push(span(text, self.theme.quiet));
                }
            }
        }
        let spans = cells::cut_spans(spans, usize::from(place.width));
        cells::draw(Line::from(spans), place, 0, buf);
    }
}
