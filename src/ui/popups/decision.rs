//! A change that met somebody else's.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};

use crate::ui::{
    Ui,
    cells::{self, span},
    popups::{Draw, frame::Frame},
    when,
};
use crate::{
    app::{
        command::DecisionCommand,
        popups::decision::{BETWEEN, DecisionBox, NAME_COLUMNS, SheetLine, noun, sheet},
    },
    domain::{Change, Entry, ReplyKind, State},
};

impl Draw for DecisionBox {
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
        ui.decision(self, body, buf);
    }
}

impl Ui<'_> {
    /// Draws a decision that the agent is asked for.
    fn decision(&self, asked: &DecisionBox, body: Rect, buf: &mut Buffer) {
        let Some(entry) = self.model.outbox.get(asked.entry) else { return };
        let State::Decision { reason } = &entry.state else { return };
        let on = entry.ticket.map_or_else(String::new, |id| format!("{id} "));
        let what = entry.change.describe();
        let sheet = sheet(self.model, entry);
        let beside = !sheet.right.is_empty();
        let columns = if beside { 2 * sheet.columns + BETWEEN } else { sheet.columns };
        let frame = Frame {
            title: format!("{on}{what}: {}", reason.why()),
            footer: self.decision_footer(entry),
            size: (columns, sheet.rows()),
            style: self.theme.warning,
            grave: true,
        };
        let inner = self.frame(frame, body, buf);
        let rows = usize::from(inner.height);
        let top = asked.top.min(sheet.rows().saturating_sub(rows));
        let side = u16::try_from(sheet.columns).unwrap_or(inner.width);
        let left = Rect { width: side.min(inner.width), ..inner };
        self.sheet_side(&sheet.left[top.min(sheet.left.len())..], left, buf);
        if beside {
            let gap = u16::try_from(BETWEEN).unwrap_or(0);
            let right = Rect { x: inner.x + side + gap, ..left }.intersection(inner);
            self.sheet_side(&sheet.right[top.min(sheet.right.len())..], right, buf);
            let line = Rect { x: inner.x + side + 1, width: 1, ..inner }.intersection(inner);
            for y in 0..rows {
                cells::draw(Line::styled("│", self.theme.faint), line, y, buf);
            }
        }
        self.scrollbar(Rect { width: inner.width + 1, ..inner }, sheet.rows(), top, buf);
    }

    fn decision_footer(&self, entry: &Entry) -> Vec<Span<'_>> {
        let key = |command| self.key::<DecisionCommand>(command);
        let back = match entry.change {
            Change::Post { .. } => "back to the text",
            Change::Create(_) => "leaves it",
            _ => "leaves theirs",
        };
        let on = match (noun(entry), &entry.change) {
            ("change", _) => "sets yours",
            (_, Change::Create(_)) => "creates it again",
            _ => "records it all the same",
        };
        self.key_hints(&[
            (key(DecisionCommand::GoOn), on),
            (key(DecisionCommand::TakeBack), back),
            (key(DecisionCommand::Later), "decides later"),
        ])
    }

    fn sheet_side(&self, lines: &[SheetLine], area: Rect, buf: &mut Buffer) {
        let columns = usize::from(area.width);
        for (y, line) in lines.iter().take(usize::from(area.height)).enumerate() {
            let spans = match line {
                SheetLine::Gap => continue,
                SheetLine::Heading(text) => vec![span(text.as_str(), self.theme.strong)],
                SheetLine::Text(text) => vec![Span::raw(text.as_str())],
                SheetLine::Field(name, value) => {
                    let name = cells::left(name, NAME_COLUMNS);
                    vec![span(name, self.theme.quiet), Span::raw(value.as_str())]
                }
                SheetLine::Author(kind, author, at) => self.author_spans(*kind, author, *at),
            };
            cells::draw(Line::from(cells::cut_spans(spans, columns)), area, y, buf);
        }
    }

    fn author_spans<'l>(
        &self,
        kind: ReplyKind,
        author: &'l str,
        at: Option<jiff::Timestamp>,
    ) -> Vec<Span<'l>> {
        let author = if author.is_empty() { "somebody" } else { author };
        let mut spans = vec![span(author, Style::new().add_modifier(Modifier::BOLD))];
        let what = match kind {
            ReplyKind::Note => Some(("note", self.theme.note)),
            ReplyKind::Unknown => Some(("reply or note", self.theme.quiet)),
            ReplyKind::Reply => None,
        };
        if let Some((what, style)) = what {
            spans.push(span(" · ", self.theme.quiet));
            spans.push(span(what, style));
        }
        if let Some(at) = at {
            let at = when::dated(&self.model.settings.zone, self.model.wall(), at);
            spans.push(span(format!(" · {at}"), self.theme.quiet));
        }
        spans
    }
}
