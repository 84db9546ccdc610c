//! The question that comes before a draft is discarded.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::app::command::{ConsoleCommand, DiscardCommand};
use crate::app::popups::discard::Discard;
use crate::domain::DraftKey;
use crate::ui::{
    Ui, cells,
    popups::{Draw, frame::Frame, outbox_list::first_words, prompt::COLUMNS},
};

impl Draw for Discard {
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
        ui.discard(self.draft, body, buf);
    }
}

impl Ui<'_> {
    /// Draws the question that comes before a draft is discarded.
    fn discard(&self, key: DraftKey, body: Rect, buf: &mut Buffer) {
        let kind = key.kind.as_str();
        let on = key.about().map(|id| format!(" on {id}")).unwrap_or_default();
        let text = self.model.drafts.get(key).map(first_words).unwrap_or_default();
        let undo = self.key(ConsoleCommand::Undo);
        let mut lines = vec![Line::raw(format!("{undo} brings it back until you leave."))];
        if !text.is_empty() {
            let text = format!("“{}”", cells::cut(&text, COLUMNS - 2));
            lines.insert(0, Line::styled(text, self.theme.quiet));
        }
        let (discard, keep) = (self.key(DiscardCommand::Discard), self.key(DiscardCommand::Cancel));
        let frame = Frame {
            title: format!("Discard the {kind}{on}?"),
            footer: self.key_hints(&[(discard, "discards it"), (keep, "keeps it")]),
            size: (COLUMNS, lines.len()),
            style: self.theme.warning,
            grave: true,
        };
        let inner = self.frame(frame, body, buf);
        for (at, line) in lines.into_iter().enumerate() {
            cells::draw(line, inner, at, buf);
        }
    }
}
