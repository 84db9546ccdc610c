//! The picker of macros.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
    widgets::Widget,
};

use super::{Draw, area};
use crate::{
    app::popups::macros::{MacroPicker, Split},
    domain::{ReplyKind, plan::Macro},
    ui::{
        Ui,
        cells::{self, span},
        rect,
    },
};

impl Draw for MacroPicker {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let split = Split::of(area(inner));
        let (list, text) = (rect(split.list), rect(split.text));
        ui.macro_filter(self, Rect { width: list.width, ..inner }, buf);
        ui.macro_list(self, list, buf);
        ui.macro_rule(rect(split.rule), buf);
        ui.macro_text(self, text, buf);
    }
}

impl Ui<'_> {
    fn macro_filter(&self, picker: &MacroPicker, place: Rect, buf: &mut Buffer) {
        let columns = usize::from(place.width);
        if !picker.filtering {
            let words = if picker.is_empty() { "" } else { "a key takes its macro" };
            let line = Line::styled(cells::cut(words, columns).into_owned(), self.theme.quiet);
            return cells::draw(line, place, 0, buf);
        }
        cells::draw(Line::styled("› ", self.theme.accent), place, 0, buf);
        let (x, width) = (place.x + 2, place.width.saturating_sub(2));
        let field = Rect { x, width, height: place.height.min(1), ..place };
        picker.filter.widget().render(field, buf);
    }

    fn macro_list(&self, picker: &MacroPicker, place: Rect, buf: &mut Buffer) {
        let columns = usize::from(place.width);
        if picker.matching().len() == 0 {
            let words: &[&str] = match picker.is_empty() {
                true => &[
                    "There is no macro for this ticket.",
                    "",
                    "[[macro]] in the configuration",
                    "makes one: docs/macros.md",
                ],
                false => &["Nothing matches."],
            };
            for (at, words) in words.iter().enumerate() {
                let words = cells::cut(words, columns).into_owned();
                cells::draw(Line::styled(words, self.theme.quiet), place, at, buf);
            }
            return;
        }
        let rows = usize::from(place.height).max(1);
        let top = picker.first_shown(rows);
        for (row, (at, one)) in picker.matching().enumerate().skip(top).take(rows).enumerate() {
            let line = self.macro_row(one, at == picker.cursor, columns);
            cells::draw(line, place, row, buf);
        }
        let edge = Rect { width: place.width + 1, ..place };
        self.scrollbar(edge, picker.matching().len(), top, buf);
    }

    fn macro_row<'m>(&self, one: &'m Macro, selected: bool, columns: usize) -> Line<'m> {
        let theme = self.theme;
        let key = one.key.map_or(" ".to_owned(), |key| key.to_string());
        let mut left = vec![
            span(if selected { "▌ " } else { "  " }, theme.accent),
            span(format!("{key} "), theme.accent.add_modifier(Modifier::BOLD)),
        ];
        for group in one.groups() {
            left.push(span(group, theme.quiet));
            left.push(span(" › ", theme.faint));
        }
        left.push(Span::raw(one.own_name()));
        let (kind, style) = match (&one.text, one.kind) {
            (None, _) => ("fields", theme.quiet),
            (_, ReplyKind::Note) => ("note", theme.note),
            _ => ("reply", theme.agent),
        };
        let mut line = cells::sides(
            left,
            vec![span(kind, style), Span::raw(" ")],
            columns,
            (" ", theme.quiet),
        );
        if selected {
            for span in &mut line.spans {
                span.style = theme.selected;
            }
        }
        line
    }

    /// The line between the macros and the text: upright where they stand side by side.
    fn macro_rule(&self, place: Rect, buf: &mut Buffer) {
        if place.width == 1 {
            for row in 0..usize::from(place.height) {
                cells::draw(Line::styled("│", self.theme.faint), place, row, buf);
            }
        } else {
            let rule = "─".repeat(usize::from(place.width));
            cells::draw(Line::styled(rule, self.theme.faint), place, 0, buf);
        }
    }

    fn macro_text(&self, picker: &MacroPicker, place: Rect, buf: &mut Buffer) {
        let facts = picker.facts(self.model);
        let above = facts.len();
        let columns = usize::from(place.width);
        for (at, fact) in facts.into_iter().enumerate() {
            let line = self.toned(fact);
            cells::draw(Line::from(cells::cut_spans(line.spans, columns)), place, at, buf);
        }
        let has_text = picker.selected().is_some_and(|it| it.text.is_some());
        let head = u16::try_from(above + 1).unwrap_or(u16::MAX).min(place.height);
        let below = Rect { y: place.y + head, height: place.height - head, ..place };
        match picker.text() {
            Some(filled) => {
                let rows = usize::from(below.height);
                for (at, line) in filled.shown.iter().skip(picker.top).take(rows).enumerate() {
                    let spans = cells::cut_spans(self.rich(line), columns.saturating_sub(1));
                    cells::draw(Line::from(spans), below, at, buf);
                }
                self.scrollbar(below, filled.shown.len(), picker.top, buf);
            }
            None if has_text && picker.problem.is_none() => {
                cells::draw(Line::styled("…", self.theme.quiet), below, 0, buf);
            }
            None => {}
        }
    }
}
