//! The list of the outbox and the drafts.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
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
        command::ReaderCommand,
        popups::outbox_list::{OutboxLine, OutboxList, outbox_lines},
    },
    domain::{Change, Draft, DraftKind, Entry, State, TicketForm},
};

impl Draw for OutboxList {
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
        ui.outbox(self, body, buf);
    }
}

impl Ui<'_> {
    /// Draws the outbox and the drafts.
    fn outbox(&self, list: &OutboxList, body: Rect, buf: &mut Buffer) {
        let lines = outbox_lines(self.model);
        let cursor = list.cursor.min(lines.len().saturating_sub(1));
        let columns = columns_in(100, body);
        let entries = lines.iter().filter(|it| matches!(it, OutboxLine::Entry(_))).count();
        let details = self.details(lines.get(cursor).copied(), columns);
        let mut rows: Vec<(Option<usize>, Line<'_>)> = Vec::new();
        let heading = |text: &'static str| (None, Line::styled(text, self.theme.strong));
        for (at, line) in lines.iter().enumerate() {
            if at == 0 && entries > 0 {
                rows.push(heading("On their way"));
            }
            if at == entries {
                if entries > 0 {
                    rows.push((None, Line::raw("")));
                }
                rows.push(heading("Drafts"));
            }
            rows.push((Some(at), self.outbox_row(*line, columns, at == cursor)));
        }
        if lines.is_empty() {
            let text = "Everything is recorded, and nothing is left as a draft.";
            rows.push((None, Line::styled(text, self.theme.quiet)));
        }
        let below = if details.is_empty() { 0 } else { details.len() + 1 };
        let frame = Frame {
            title: "Outbox and drafts".into(),
            footer: self.outbox_footer(lines.get(cursor)),
            size: (columns, rows.len() + below),
            style: self.theme.accent,
            grave: false,
        };
        let inner = self.frame(frame, body, buf);
        let height = usize::from(inner.height);
        let room = height.saturating_sub(below).max(height.min(3));
        let here = rows.iter().position(|(at, _)| *at == Some(cursor)).unwrap_or(0);
        let top = (here + 1).saturating_sub(room);
        let total = rows.len();
        let area = Rect { height: u16::try_from(room).unwrap_or(inner.height), ..inner };
        for (y, (_, line)) in rows.into_iter().skip(top).take(room).enumerate() {
            cells::draw(line, area, y, buf);
        }
        self.scrollbar(Rect { width: area.width + 1, ..area }, total, top, buf);
        let start = total.min(room);
        for (at, line) in details.into_iter().enumerate() {
            cells::draw(line, inner, start + 1 + at, buf);
        }
    }

    fn outbox_footer(&self, line: Option<&OutboxLine<'_>>) -> Vec<Span<'_>> {
        let key = |command| self.key::<ReaderCommand>(command);
        let mut hints = Vec::new();
        match line {
            Some(OutboxLine::Entry(entry)) => {
                let decides = matches!(entry.state, State::Decision { .. });
                let what = if decides { "shows what to decide" } else { "goes to it" };
                hints.push((key(ReaderCommand::Open), what));
                if entry.state.can_take_back() {
                    hints.push((key(ReaderCommand::TakeBack), "takes it back"));
                }
            }
            Some(OutboxLine::Draft(draft)) if self.model.drafts.writer(draft.key).is_some() => {
                hints.push((key(ReaderCommand::Open), "shows it"));
            }
            Some(OutboxLine::Draft(_)) => {
                hints.push((key(ReaderCommand::Open), "goes on with it"));
                hints.push((key(ReaderCommand::Discard), "discards it"));
            }
            None => {}
        }
        let on_entry = matches!(line, Some(OutboxLine::Entry(_)));
        if self.model.outbox.can_bring_back() && !on_entry {
            hints.push((key(ReaderCommand::TakeBack), "undoes the discard"));
        }
        hints.push((key(ReaderCommand::Close), "closes"));
        self.key_hints(&hints)
    }

    fn outbox_row<'l>(&self, line: OutboxLine<'l>, columns: usize, selected: bool) -> Line<'l> {
        let (ticket, what, text, (state, style)) = match line {
            OutboxLine::Entry(entry) => {
                let (what, text) = describe(entry);
                (
                    entry.ticket,
                    what,
                    text,
                    (self.short_state(entry), self.state_words(&entry.state).1),
                )
            }
            OutboxLine::Draft(draft) => {
                let when = (self.time_of_day(draft.updated), self.theme.quiet);
                let beside = if draft.key.copy == 0 { "" } else { ", kept beside" };
                let what = format!("{}{beside}", draft.key.kind.as_str());
                (draft.key.about(), what, first_words(draft), when)
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

    /// What there is to know of the line under the cursor.
    fn details(&self, line: Option<OutboxLine<'_>>, columns: usize) -> Vec<Line<'static>> {
        let entry = match line {
            Some(OutboxLine::Entry(entry)) => entry,
            Some(OutboxLine::Draft(draft)) => return self.draft_details(draft, columns),
            None => return vec![],
        };
        let (words, style) = match &entry.state {
            State::Holding { .. } | State::Queued | State::Sending { .. } => return vec![],
            State::Decision { reason } => (sentence(&reason.why()), self.theme.warning),
            other => self.state_words(other),
        };
        cells::wrap(&words, columns).into_iter().map(|line| Line::styled(line, style)).collect()
    }

    /// What there is to know of a draft: who else writes it, and why it is not the ticket's own.
    fn draft_details(&self, draft: &Draft, columns: usize) -> Vec<Line<'static>> {
        let theme = self.theme;
        let kind = draft.key.kind.as_str();
        let (words, style) = if let Some(writer) = self.model.drafts.writer(draft.key) {
            let since = self.time_of_day(writer.since);
            (format!("{writer} writes it since {since}; here it is only read."), theme.warning)
        } else if draft.key.copy != 0 {
            let why =
                "typed while another console wrote, or came back while something else was typed";
            (format!("A {kind} of its own: it was {why}."), theme.quiet)
        } else {
            return vec![];
        };
        cells::wrap(&words, columns).into_iter().map(|line| Line::styled(line, style)).collect()
    }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn describe(entry: &Entry) -> (String, String) {
    match &entry.change {
        Change::Post { text, .. } => (entry.change.describe(), first_line(text)),
        Change::Create(new) => (entry.change.describe(), first_line(&new.subject)),
        change => (change.describe(), String::new()),
    }
}

/// The first line of what is typed; of a form its subject, or its message.
pub(in crate::ui) fn first_words(draft: &Draft) -> String {
    match draft.key.kind {
        DraftKind::Reply | DraftKind::Note => first_line(&draft.text),
        DraftKind::NewTicket | DraftKind::Edit => {
            let form = TicketForm::read(&draft.text).unwrap_or_default();
            let texts = [form.subject, form.message].into_iter().flatten();
            texts.map(|text| first_line(&text)).find(|it| !it.is_empty()).unwrap_or_default()
        }
    }
}

fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    cells::cut(line, 60).into_owned()
}
