//! Forms.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span, Text},
    widgets::{Paragraph, Widget, Wrap},
};

use crate::ui::{
    Ui,
    cells::{self, span},
    popups::{
        Draw,
        frame::{Frame, columns_in},
    },
};
use crate::{
    app::{
        command::FormCommand,
        editor::Editor,
        popups::form::{Field, Form, Kind, Progress},
    },
    domain::{Priority, Problem, ProblemKind},
};

/// The columns of the labels.
const LABEL: usize = 13;

/// The rows of the message, at least and at most.
const MESSAGE_ROWS: (usize, usize) = (3, 14);

/// A piece of a form, from top to bottom.
enum Part<'a> {
    /// A line that is only read.
    Words(Line<'a>),
    /// A field of one row.
    Row(Field),
    /// The area of the message.
    Area,
}

impl Draw for Form {
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
        ui.form(self, body, buf);
    }
}

impl Ui<'_> {
    /// Draws a form.
    fn form(&self, form: &Form, body: Rect, buf: &mut Buffer) {
        let columns = columns_in(84, body);
        let parts = self.form_parts(form, columns);
        let rows = usize::from(body.height).saturating_sub(2);
        let fixed = parts.len() - usize::from(parts.iter().any(|it| matches!(it, Part::Area)));
        let message = rows.saturating_sub(fixed).clamp(MESSAGE_ROWS.0, MESSAGE_ROWS.1);
        let title = match &form.kind {
            Kind::New(_) => "New ticket".to_owned(),
            Kind::Edit(id, _) => format!("Edit {id}"),
        };
        let wanted = if form.progress == Progress::Loading { 3 } else { fixed + message };
        let frame = Frame {
            title,
            footer: self.form_footer(form),
            size: (columns, wanted),
            style: self.theme.accent,
            grave: false,
        };
        let inner = self.frame(frame, body, buf);
        if form.progress == Progress::Loading {
            return self.form_loading(form, inner, buf);
        }
        let height = |part: &Part<'_>| if matches!(part, Part::Area) { message } else { 1 };
        let skipped = skip(&parts, form.focused(), usize::from(inner.height), height);
        let mut y = 0;
        for part in parts.into_iter().skip(skipped) {
            let rows = height(&part);
            let left = usize::from(inner.height).saturating_sub(y);
            if left == 0 {
                break;
            }
            let place = Rect {
                y: inner.y + u16::try_from(y).unwrap_or(0),
                height: u16::try_from(rows.min(left)).unwrap_or(0),
                ..inner
            };
            match part {
                Part::Words(line) => cells::draw(line, place, 0, buf),
                Part::Row(field) => self.form_row(form, field, place, buf),
                Part::Area => self.form_message(form, place, buf),
            }
            y += rows;
        }
    }

    fn form_footer(&self, form: &Form) -> Vec<Span<'_>> {
        if let Some(writer) = &form.writer {
            let take = self.key(FormCommand::TakeOver);
            let since = self.time_of_day(writer.since);
            let text = format!("{take} takes it over · {writer} since {since}");
            return vec![span(text, self.theme.warning)];
        }
        match form.progress {
            Progress::Loading => vec![],
            Progress::Unread => vec![span("only kept: it can't be recorded", self.theme.warning)],
            Progress::Sending(_) => vec![span("being recorded…", self.theme.accent)],
            Progress::Filling => {
                let record = self.key(FormCommand::Record);
                let next = self.key(FormCommand::NextField);
                self.key_hints(&[(record, "records"), (next, "next field")])
            }
        }
    }

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

    fn form_parts<'f>(&self, form: &'f Form, columns: usize) -> Vec<Part<'f>> {
        let theme = self.theme;
        let mut parts = Vec::new();
        let words = |text: &str, style: Style| {
            let lines = cells::wrap(text, columns.saturating_sub(2)).into_iter();
            let indented = lines.map(|line| format!("  {line}"));
            indented.map(move |line| Part::Words(Line::styled(line, style))).collect::<Vec<_>>()
        };
        if let Some(problem) = &form.problem {
            parts.extend(words(&overall(problem), theme.danger));
            parts.push(Part::Words(Line::raw("")));
        }
        for field in form.fields() {
            if field == Field::Message {
                let note = match form.kind {
                    Kind::New(_) => "Markdown",
                    Kind::Edit(..) => "HTML, as the server stores it",
                };
                let label = self.label(form, field);
                parts.push(Part::Words(Line::from(vec![label, span(note, theme.quiet)])));
                parts.push(Part::Area);
            } else {
                parts.push(Part::Row(field));
            }
            for error in form.errors_of(field) {
                let text = cells::cut(error.as_str(), columns.saturating_sub(LABEL)).into_owned();
                let indent = Span::raw(" ".repeat(LABEL));
                let error = span(format!("! {text}"), theme.danger);
                parts.push(Part::Words(Line::from(vec![indent, error])));
            }
        }
        if matches!(form.kind, Kind::Edit(..)) {
            let text = "The API does not tell custom fields: recording an edit may clear them.";
            parts.extend(words(text, theme.warning));
        }
        parts
    }

    fn label(&self, form: &Form, field: Field) -> Span<'static> {
        let focused = form.focused() == field && form.progress == Progress::Filling;
        let name = match field {
            Field::Custom(at) => {
                let name = form.custom.get(at).map_or("", |(name, _)| name);
                name.strip_prefix("ticket_custom_field_")
                    .map_or_else(|| name.to_owned(), |number| format!("Custom {number}"))
            }
            other => other.label().to_owned(),
        };
        let mark = if focused { "▸ " } else { "  " };
        let style =
            if focused { self.theme.accent.add_modifier(Modifier::BOLD) } else { self.theme.quiet };
        span(format!("{mark}{} ", cells::left(&name, LABEL - 3)), style)
    }

    fn form_row(&self, form: &Form, field: Field, area: Rect, buf: &mut Buffer) {
        let label = self.label(form, field);
        let focused = form.focused() == field && form.progress == Progress::Filling;
        let offset = u16::try_from(cells::width(&label.content)).unwrap_or(0).min(area.width);
        cells::draw(Line::from(label), area, 0, buf);
        let place = Rect { x: area.x + offset, width: area.width - offset, ..area };
        match field {
            Field::Subject => self.form_text(&form.subject, focused, place, buf),
            Field::Custom(at) => {
                if let Some((_, editor)) = form.custom.get(at) {
                    self.form_text(editor, focused, place, buf);
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
        let chosen: Option<(&str, Style)> = match field {
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
        let mut spans = vec![match chosen {
            Some((name, style)) => span(name, style),
            None if field == Field::Project => span("none", theme.quiet),
            None => span("not chosen yet", theme.quiet),
        }];
        if focused {
            let key = self.key(FormCommand::Choose);
            spans.push(span(format!("  {key} chooses"), theme.quiet));
        }
        spans
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

/// What is wrong with all of the form: what is said beside its fields is not said again.
fn overall(problem: &Problem) -> String {
    match problem.kind {
        ProblemKind::Refused if problem.said.is_empty() => "The server refused.".to_owned(),
        ProblemKind::Refused => format!("The server refused: {}", problem.said),
        _ => problem.to_string(),
    }
}

/// How many parts are left out at the top so that the focused field is on screen.
fn skip(
    parts: &[Part<'_>],
    focused: Field,
    rows: usize,
    height: impl Fn(&Part<'_>) -> usize,
) -> usize {
    let is_focused = |part: &Part<'_>| match part {
        Part::Row(field) => *field == focused,
        Part::Area => focused == Field::Message,
        Part::Words(_) => false,
    };
    let Some(at) = parts.iter().position(is_focused) else { return 0 };
    let end = if at + 2 >= parts.len() { parts.len() } else { at + 2 };
    let mut used: usize = parts[..end].iter().map(&height).sum();
    let mut skipped = 0;
    while used > rows && skipped < at {
        used -= height(&parts[skipped]);
        skipped += 1;
    }
    skipped
}
