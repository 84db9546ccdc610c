//! The list of the outbox and the drafts.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};

use super::Draw;
use crate::{
    app::popups::outbox_list::{
        ListRow, OutboxLine, OutboxList, columns, details, outbox_lines, rows,
    },
    domain::{Change, Entry, draft::first_line},
    ui::{
        Ui,
        cells::{self, span},
        rect,
    },
};

impl Draw for OutboxList {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let (lines, rows) = (outbox_lines(ui.model), rows(ui.model));
        let columns = columns(ui.model);
        let (area, top) = self.window(ui.model, &rows, super::area(inner));
        let (area, total) = (rect(area).intersection(inner), rows.len());
        let room = usize::from(area.height);
        for (y, row) in rows.into_iter().skip(top).take(room).enumerate() {
            let line = match row {
                ListRow::Gap => continue,
                ListRow::Heading(text) => Line::styled(text, ui.theme.strong),
                ListRow::Nothing => {
                    let text = "Everything is recorded, and nothing is left as a draft.";
                    Line::styled(text, ui.theme.quiet)
                }
                ListRow::Line(at) => match lines.get(at) {
                    Some(line) => ui.outbox_row(*line, columns, at == self.cursor),
                    None => continue,
                },
            };
            cells::draw(line, area, y, buf);
        }
        ui.scrollbar(Rect { width: area.width + 1, ..area }, total, top, buf);
        let below = total.min(room) + 1;
        for (at, line) in details(ui.model).into_iter().enumerate() {
            cells::draw(ui.toned(line), inner, below + at, buf);
        }
    }
}

impl Ui<'_> {
    fn outbox_row<'l>(&self, line: OutboxLine<'l>, columns: usize, selected: bool) -> Line<'l> {
        let (ticket, what, text, (state, style)) = match line {
            OutboxLine::Entry(entry) | OutboxLine::Proposal(entry) => {
                let (what, text) = describe(entry);
                (
                    entry.ticket,
                    what,
                    text,
                    (self.model.short_state(entry), self.state_words(&entry.state).1),
                )
            }
            OutboxLine::Failed(failure) => {
                let state = ("failed".to_owned(), self.theme.danger);
                (Some(failure.ticket), failure.what.clone(), String::new(), state)
            }
            OutboxLine::Draft(draft) => {
                let when = (self.time_of_day(draft.updated), self.theme.quiet);
                let beside = if draft.key.copy == 0 { "" } else { ", kept beside" };
                let by = draft.changes.as_ref().and_then(|it| it.by.as_deref());
                let by = by.map(|by| format!(", written by {by}")).unwrap_or_default();
                let what = format!("{}{by}{beside}", draft.key.kind.as_str());
                (draft.key.about(), what, draft.first_words(), when)
            }
        };
        let ticket = ticket.map_or_else(|| "new".to_owned(), |id| id.to_string());
        let mut left = vec![
            span(if selected { "▌ " } else { "  " }, self.theme.accent),
            span(cells::left(&ticket, 7), self.theme.quiet),
            span(what, Style::new().add_modifier(Modifier::BOLD)),
        ];
        if !text.is_empty() {
            left.push(span(format!("  “{text}”"), self.theme.quiet));
        }
        let right = vec![span(state, style), Span::raw(" ")];
        let mut line = cells::sides(left, right, columns, (" ", self.theme.quiet));
        if selected {
            for span in &mut line.spans {
                span.style = self.theme.selected;
            }
        }
        line
    }
}

fn describe(entry: &Entry) -> (String, String) {
    match &entry.change {
        Change::Post { text, .. } => (entry.change.describe(), first_line(text)),
        Change::Create(new) => (entry.change.describe(), first_line(&new.subject)),
        change => (change.describe(), String::new()),
    }
}
