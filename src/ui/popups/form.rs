//! Forms.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span, Text},
    widgets::{Paragraph, Widget, Wrap},
};

use super::Draw;
use crate::{
    app::{
        command::FormCommand,
        editor::Editor,
        popups::form::{Custom, Field, Form, Progress, parts::FormPart},
    },
    domain::Priority,
    ui::{
        Ui,
        cells::{self, span},
        rect,
    },
};

impl Draw for Form {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        if self.progress == Progress::Loading {
            return ui.form_loading(self, inner, buf);
        }
        for (place, part) in self.placed(ui.model, super::area(inner)) {
            let place = rect(place).intersection(inner);
            let line = match part {
                FormPart::Row(field) => {
                    ui.form_row(self, field, place, buf);
                    continue;
                }
                FormPart::Area => {
                    ui.form_message(self, place, buf);
                    continue;
                }
                FormPart::Said(text, tone) => Line::styled(text, ui.tone(tone)),
                FormPart::Label(note) => {
                    let label = ui.label(self, Field::Message);
                    Line::from(vec![label, span(note, ui.theme.quiet)])
                }
                FormPart::Error(text) => Line::from(vec![
                    Span::raw(" ".repeat(self.label_columns())),
                    span(format!("! {text}"), ui.theme.danger),
                ]),
            };
            cells::draw(line, place, 0, buf);
        }
    }
}

impl Ui<'_> {
    fn form_loading(&self, form: &Form, inner: Rect, buf: &mut Buffer) {
        let columns = usize::from(inner.width);
        let lines: Vec<Line<'_>> = match &form.problem {
            Some(problem) => {
                let text = format!("It could not be read: {problem}");
                let lines = cells::wrap(&text, columns).into_iter();
                lines.map(|line| Line::styled(line, self.theme.danger)).collect()
            }
            None => vec![Line::styled("Reading it as it is now…", self.theme.quiet)],
        };
        for (at, line) in lines.into_iter().enumerate() {
            cells::draw(line, inner, at, buf);
        }
    }

    fn label(&self, form: &Form, field: Field) -> Span<'static> {
        let focused = form.focused() == field && form.progress == Progress::Filling;
        let name = form.title_of(field);
        let mark = if focused { "▸ " } else { "  " };
        let style =
            if focused { self.theme.accent.add_modifier(Modifier::BOLD) } else { self.theme.quiet };
        span(format!("{mark}{} ", cells::left(&name, form.label_columns() - 3)), style)
    }

    fn form_row(&self, form: &Form, field: Field, area: Rect, buf: &mut Buffer) {
        let label = self.label(form, field);
        let focused = form.focused() == field && form.progress == Progress::Filling;
        let offset = u16::try_from(cells::width(&label.content)).unwrap_or(0).min(area.width);
        cells::draw(Line::from(label), area, 0, buf);
        let place = Rect { x: area.x + offset, width: area.width - offset, ..area };
        match field {
            Field::Subject => self.form_text(&form.subject, focused, place, buf),
            Field::Custom(at) if form.is_typed(field) => {
                if let Some(custom) = form.custom_at(at) {
                    self.form_text(&custom.text, focused, place, buf);
                    self.needed(custom, focused, place, buf);
                }
            }
            _ => {
                let spans = self.choice(form, field, focused);
                let spans = cells::cut_spans(spans, usize::from(place.width));
                cells::draw(Line::from(spans), place, 0, buf);
            }
        }
    }

    /// A field that is chosen from a list.
    fn choice<'f>(&self, form: &'f Form, field: Field, focused: bool) -> Vec<Span<'f>> {
        let theme = self.theme;
        let custom = match field {
            Field::Custom(at) => form.custom_at(at),
            _ => None,
        };
        let text = custom.map(|it| it.text.text()).filter(|it| !it.trim().is_empty());
        let chosen: Option<(&str, Style)> = match field {
            Field::Custom(_) => None,
            Field::Client => form.client.as_ref().map(|it| (it.name.as_str(), Style::new())),
            Field::Department => {
                form.department.as_ref().map(|it| (it.name.as_str(), Style::new()))
            }
            Field::Project => form.project.as_ref().map(|it| (it.title.as_str(), Style::new())),
            _ => form.priority.map(|it| match it {
                Priority::Normal => (it.as_str(), Style::new()),
                _ => (it.as_str(), theme.priority(it)),
            }),
        };
        let is_optional = field == Field::Project || custom.is_some_and(|it| !it.is_required());
        let mut spans = vec![match chosen {
            Some((name, style)) => span(name, style),
            None if text.is_some() => span(text.unwrap_or_default(), Style::new()),
            None if is_optional => span("none", theme.quiet),
            None if custom.is_some() => span("not chosen yet · needed", theme.quiet),
            None => span("not chosen yet", theme.quiet),
        }];
        if focused {
            let key = self.key(FormCommand::Choose);
            spans.push(span(format!("  {key} chooses"), theme.quiet));
        }
        spans
    }

    /// Says beside an empty custom field of text that it has to be filled in.
    fn needed(&self, custom: &Custom, focused: bool, area: Rect, buf: &mut Buffer) {
        if custom.is_required() && custom.text.is_blank() {
            // The cursor stands in the first column.
            let gap = if focused { 2.min(area.width) } else { 0 };
            let place = Rect { x: area.x + gap, width: area.width - gap, ..area };
            cells::draw(Line::styled("needed", self.theme.quiet), place, 0, buf);
        }
    }

    fn form_text(&self, editor: &Editor, focused: bool, area: Rect, buf: &mut Buffer) {
        if focused {
            return editor.widget().render(area, buf);
        }
        let text = editor.text();
        let shown = cells::cut(&text, usize::from(area.width)).into_owned();
        cells::draw(Line::raw(shown), area, 0, buf);
    }

    fn form_message(&self, form: &Form, area: Rect, buf: &mut Buffer) {
        let focused = form.focused() == Field::Message && form.progress == Progress::Filling;
        let bar = if focused { self.theme.accent } else { self.theme.faint };
        for y in 0..area.height {
            cells::draw(Line::styled("  ▏", bar), area, usize::from(y), buf);
        }
        let place = Rect { x: area.x + 4, width: area.width.saturating_sub(4), ..area };
        if focused {
            form.message.widget().render(place, buf);
        } else {
            let lines = form.message.widget().lines();
            let lines = lines.iter().take(usize::from(place.height));
            let text = Text::from_iter(lines.map(|line| Line::raw(line.as_str())));
            Paragraph::new(text).wrap(Wrap { trim: false }).render(place, buf);
        }
    }
}
