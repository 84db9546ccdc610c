//! Pickers.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
    widgets::Widget,
};

use super::Draw;
use crate::{
    app::popups::{
        form::Field,
        picker::{Item, Picker, Purpose, Value, is_current},
    },
    domain::LinkKind,
    ui::{
        Ui,
        cells::{self, span},
        rect,
    },
};

impl Draw for Picker {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        ui.picker_filter(self, inner, buf);
        let (list, below) = self.parts(super::area(inner));
        let (list, below) = (rect(list), rect(below));
        let details = self.details(ui.model, usize::from(below.width), usize::from(below.height));
        ui.lines(details, below, buf);
        if self.matches.is_empty() {
            let line = ui.no_match(self, usize::from(list.width));
            return cells::draw(line, list, 0, buf);
        }
        let rows = usize::from(list.height).max(1);
        let top = self.first_shown(rows);
        let visible = self.matches.iter().enumerate().skip(top).take(rows);
        for (row, (at, item)) in visible.enumerate() {
            let Some(item) = self.items.get(*item) else { continue };
            let line = ui.picker_row(self, item, at == self.cursor, usize::from(list.width));
            cells::draw(line, list, row, buf);
        }
        let edge = Rect { width: list.width + 1, ..list };
        ui.scrollbar(edge, self.matches.len(), top, buf);
    }
}

impl Ui<'_> {
    fn picker_filter(&self, picker: &Picker, inner: Rect, buf: &mut Buffer) {
        let prompt = "› ";
        cells::draw(Line::styled(prompt, self.theme.accent), inner, 0, buf);
        let field = Rect {
            x: inner.x + 2,
            width: inner.width.saturating_sub(2),
            height: inner.height.min(1),
            ..inner
        };
        picker.filter.widget().render(field, buf);
        let beside = match (&picker.problem, picker.loading) {
            (Some(problem), _) => span(problem.to_string(), self.theme.danger),
            (None, true) if picker.waits => {
                span("waiting for the server, then chosen…", self.theme.accent)
            }
            (None, true) => span("asking the server…", self.theme.quiet),
            (None, false) if picker.filter.is_blank() => match picker.purpose {
                Purpose::Tags(_) => span("type to narrow, or a new tag", self.theme.quiet),
                Purpose::Pipe(..) => span("a name, or a command line", self.theme.quiet),
                Purpose::Field(Field::Client) => span("type to search", self.theme.quiet),
                _ => span("type to narrow", self.theme.quiet),
            },
            _ => return,
        };
        let used = u16::try_from(cells::width(&picker.filter.text()) + 2).unwrap_or(u16::MAX);
        let place = Rect {
            x: field.x.saturating_add(used).min(field.right()),
            width: field.width.saturating_sub(used),
            ..field
        };
        let spans = cells::cut_spans(vec![beside], usize::from(place.width));
        cells::draw(Line::from(spans), place, 0, buf);
    }

    fn no_match(&self, picker: &Picker, columns: usize) -> Line<'static> {
        let text = match picker.loading {
            true => return Line::raw(""),
            false if picker.problem.is_some() => "Nothing to choose from.",
            false if picker.items.is_empty() => picker.nothing(),
            false => "Nothing matches.",
        };
        Line::styled(cells::cut(text, columns).into_owned(), self.theme.quiet)
    }

    /// An address, cut in its middle, and the words that stand for it.
    fn link_row<'i>(
        &self,
        item: &'i Item,
        kind: LinkKind,
        selected: bool,
        columns: usize,
    ) -> Line<'i> {
        let text = cells::cut(&item.detail, columns / 3);
        let room = columns.saturating_sub(cells::width(&text) + 6);
        let address = cells::cut_middle(&item.label, room);
        let style = match kind {
            LinkKind::Other => self.theme.quiet,
            LinkKind::Web | LinkKind::Mail => ratatui::style::Style::new(),
        };
        let left =
            vec![span(if selected { "▌ " } else { "  " }, self.theme.accent), span(address, style)];
        let right = vec![span(text, self.theme.quiet), Span::raw(" ")];
        let mut line = cells::sides(left, right, columns, (" ", self.theme.quiet));
        if selected {
            for span in &mut line.spans {
                span.style = self.theme.selected;
            }
        }
        line
    }

    fn picker_row<'i>(
        &self,
        picker: &Picker,
        item: &'i Item,
        selected: bool,
        columns: usize,
    ) -> Line<'i> {
        let theme = self.theme;
        let mark = match picker.is_multiple() {
            true if picker.marked.contains(&item.label) => "[x] ",
            true if picker.taken_off.contains(&item.label) => "[ ] ",
            true if picker.partly.contains(&item.label) => "[-] ",
            true => "[ ] ",
            false => "",
        };
        if let Value::Link(link) = &item.value {
            return self.link_row(item, link.kind, selected, columns);
        }
        let (lead, detail) = match &item.value {
            Value::Status(_) => (format!("{} ", item.detail), ""),
            _ => (String::new(), item.detail.as_str()),
        };
        let is_current = is_current(self.model, picker.purpose, &item.value);
        let detail = if is_current { "now" } else { detail };
        let style = match &item.value {
            Value::Status(status) => theme.status(status.id),
            Value::Priority(priority) => theme.priority(*priority),
            Value::NewTag(_) => theme.good,
            _ => ratatui::style::Style::new(),
        };
        let left = vec![
            span(if selected { "▌ " } else { "  " }, theme.accent),
            span(mark, theme.accent),
            span(lead, theme.accent.add_modifier(Modifier::BOLD)),
            span(item.label.as_str(), style),
        ];
        let right = vec![span(detail, theme.quiet), Span::raw(" ")];
        let mut line = cells::sides(left, right, columns, (" ", theme.quiet));
        if selected {
            for span in &mut line.spans {
                span.style = theme.selected;
            }
        }
        line
    }
}
