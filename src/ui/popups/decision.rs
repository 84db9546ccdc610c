//! The decision about a change that met somebody else's.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};

use super::Draw;
use crate::{
    app::popups::decision::{BETWEEN, DecisionBox, NAME_COLUMNS, SheetLine, sheet},
    domain::{ReplyKind, when},
    ui::{
        Ui,
        cells::{self, span},
    },
};

impl Draw for DecisionBox {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let Some((entry, _)) = self.asked(ui.model) else { return };
        let sheet = sheet(ui.model, entry);
        let beside = !sheet.right.is_empty();
        let rows = usize::from(inner.height);
        let top = self.top.min(sheet.rows().saturating_sub(rows));
        let side = u16::try_from(sheet.columns).unwrap_or(inner.width);
        let left = Rect { width: side.min(inner.width), ..inner };
        ui.sheet_side(&sheet.left[top.min(sheet.left.len())..], left, buf);
        if beside {
            let gap = u16::try_from(BETWEEN).unwrap_or(0);
            let right = Rect { x: inner.x + side + gap, ..left }.intersection(inner);
            ui.sheet_side(&sheet.right[top.min(sheet.right.len())..], right, buf);
            let line = Rect { x: inner.x + side + 1, width: 1, ..inner }.intersection(inner);
            for y in 0..rows {
                cells::draw(Line::styled("│", ui.theme.faint), line, y, buf);
            }
        }
        ui.scrollbar(Rect { width: inner.width + 1, ..inner }, sheet.rows(), top, buf);
    }
}

impl Ui<'_> {
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
