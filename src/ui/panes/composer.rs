//! The reply pane. A reply and a note differ in title, colour and border.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::{Block, BorderType, Padding, Widget},
};

use crate::ui::{
    Ui,
    cells::{self, span},
};
use crate::{
    app::{
        changes::{Becomes, ChangeRow},
        command::{ReviewCommand, WatchCommand},
        panes::composer::{Composer, Hand, Stage, reading::Reading, reviewed_changes},
    },
    domain::{ReplyKind, Status, StatusId},
};

impl Ui<'_> {
    /// Draws the reply pane.
    pub(in crate::ui) fn composer(&self, area: Rect, buf: &mut Buffer) {
        let Some(composer) = &self.model.composer else { return };
        let block = self.composer_block(composer, usize::from(area.width));
        let inner = block.inner(area);
        block.render(area, buf);
        match &composer.stage {
            Stage::Write => composer.editor.widget().render(inner, buf),
            Stage::Preview(reading) => self.reading(reading, inner, buf),
            Stage::Review { reading, then, at } => {
                let plan = self.plan(composer, then.as_ref(), *at, usize::from(inner.width));
                self.review(plan, reading, inner, buf);
            }
        }
    }

    fn composer_block(&self, composer: &Composer, columns: usize) -> Block<'static> {
        let ticket = composer.ticket;
        let is_note = composer.kind == ReplyKind::Note;
        let (style, border) = if is_note {
            (self.theme.note, BorderType::Double)
        } else {
            (self.theme.agent, BorderType::Rounded)
        };
        let strong = style.add_modifier(Modifier::BOLD);
        let stage = match &composer.stage {
            Stage::Write => "",
            Stage::Preview(_) => "Preview · ",
            Stage::Review { .. } => "Review · ",
        };
        let stage = match (&composer.hand, composer.copy) {
            (Hand::Other(_), _) => "Only read · ",
            (Hand::Gone(gone), _) if gone.recorded => "Recorded · ",
            (Hand::Gone(_), _) => "Dropped · ",
            (Hand::Own, 0) => stage,
            (Hand::Own, _) if stage.is_empty() => "Kept beside · ",
            (Hand::Own, _) => stage,
        };
        let mut title = vec![Span::raw(" "), span(stage, strong)];
        if is_note {
            title.push(span(" NOTE ", self.theme.note_badge));
            title.push(span(format!(" on {ticket} · colleagues only "), strong));
        } else {
            title.push(span(format!("Reply to {ticket}"), strong));
            title.push(span(" · the customer can read this ", style));
        }
        let (saved, saved_style) = self.saved_words(composer);
        let mut block = Block::bordered()
            .border_type(border)
            .border_style(style)
            .padding(Padding::horizontal(1))
            .title_top(Line::from(cells::cut_spans(title, columns.saturating_sub(2))));
        let sets = self.waiting_changes(composer);
        if !sets.is_empty() {
            let room = columns.saturating_sub(cells::width(&saved) + 8);
            let sets = cells::cut(&sets, room).into_owned();
            block = block.title_bottom(Line::styled(format!(" {sets} "), self.theme.accent));
        }
        if !saved.is_empty() {
            let saved = cells::cut(&saved, columns.saturating_sub(6)).into_owned();
            let line = Line::styled(format!(" {saved} "), saved_style).right_aligned();
            block = block.title_bottom(line);
        }
        block
    }

    /// The fields that the review will offer to change, while the text is written.
    fn waiting_changes(&self, composer: &Composer) -> String {
        let changes = self.model.drafts.changes(composer.key());
        let names: Vec<_> = changes.iter().flat_map(|it| it.fields()).map(|it| it.name()).collect();
        match (&composer.stage, names.is_empty()) {
            (Stage::Review { .. }, _) | (_, true) => String::new(),
            _ => format!("the review sets {}", names.join(", ")),
        }
    }

    /// Whether the typed text is stored, in words.
    fn saved_words(&self, composer: &Composer) -> (String, Style) {
        let key = composer.key();
        let drafts = &self.model.drafts;
        if drafts.is_going(key) {
            return ("storing…".into(), self.theme.accent);
        }
        match &composer.hand {
            Hand::Own => {}
            Hand::Other(writer) => {
                let since = self.time_of_day(writer.since);
                let take = self.key(WatchCommand::TakeOver);
                let text = format!("{take} takes it over · {writer} since {since}");
                return (text, self.theme.warning);
            }
            Hand::Gone(gone) => {
                let (by, at) = (&gone.by, self.time_of_day(gone.at));
                let text = format!("type on to keep it · at {at} by {by}");
                return (text, self.theme.warning);
            }
        }
        if let Some(problem) = drafts.problem(key) {
            return (format!("! not saved, on screen only: {problem}"), self.theme.danger);
        }
        match (drafts.get(key).is_some(), drafts.is_stored(key)) {
            (false, _) => (String::new(), Style::new()),
            (true, true) => ("draft saved".into(), self.theme.quiet),
            (true, false) => ("saving".into(), self.theme.quiet),
        }
    }

    fn reading(&self, reading: &Reading, area: Rect, buf: &mut Buffer) {
        let Some(lines) = &reading.lines else {
            return cells::draw(Line::styled("…", self.theme.quiet), area, 0, buf);
        };
        let visible = lines.iter().skip(reading.top).take(usize::from(area.height));
        for (at, line) in visible.enumerate() {
            let spans = cells::cut_spans(self.rich(line), usize::from(area.width));
            cells::draw(Line::from(spans), area, at, buf);
        }
        let edge = Rect { width: area.width + 1, ..area };
        self.scrollbar(edge, lines.len(), reading.top, buf);
    }

    fn review(&self, plan: Vec<Line<'_>>, reading: &Reading, area: Rect, buf: &mut Buffer) {
        let rows = u16::try_from(plan.len()).unwrap_or(u16::MAX).min(area.height);
        let text = Rect { height: area.height - rows, ..area };
        self.reading(reading, text, buf);
        let below = Rect { y: area.y + text.height, height: rows, ..area };
        for (at, line) in plan.into_iter().enumerate() {
            cells::draw(line, below, at, buf);
        }
    }

    /// The lines that say what will be recorded, and what will not.
    fn plan(
        &self,
        composer: &Composer,
        then: Option<&Status>,
        at: usize,
        columns: usize,
    ) -> Vec<Line<'_>> {
        let theme = self.theme;
        let confirm = self.key(ReviewCommand::Record);
        let go = span(format!("{confirm} "), theme.accent.add_modifier(Modifier::BOLD));
        let rule = Line::styled("─".repeat(columns), theme.faint);
        let what = match composer.kind {
            ReplyKind::Note => "records the note, for colleagues only",
            _ => "records it; no e-mail is sent",
        };
        let changes = reviewed_changes(self.model, composer);
        let mut fields = vec![self.status_change(composer, then)];
        fields.extend(changes.iter().map(|it| self.change(it)));
        let mut lines =
            vec![rule, Line::from(cells::cut_spans(vec![go, Span::raw(what)], columns))];
        for (row, mut field) in fields.into_iter().enumerate() {
            if !changes.is_empty() {
                let here = row == at;
                field.insert(0, span(if here { "▌ " } else { "  " }, theme.accent));
            }
            lines.push(Line::from(cells::cut_spans(field, columns)));
        }
        lines.push(Line::from(self.status_choices(columns)));
        lines
    }

    fn status_change(&self, composer: &Composer, then: Option<&Status>) -> Vec<Span<'static>> {
        let theme = self.theme;
        let now = self.model.tickets.rows().get(composer.ticket).map(|row| row.status);
        let current = now.map_or("", |status| status.title.as_str()).to_owned();
        let mut spans = vec![span("status: ", theme.quiet), Span::raw(current)];
        match then {
            Some(then) => {
                spans.push(span(" → ", theme.quiet));
                let style = theme.status(then.id).add_modifier(Modifier::BOLD);
                spans.push(span(then.title.as_str().to_owned(), style));
            }
            None => spans.push(span(", stays", theme.quiet)),
        }
        spans
    }

    /// A change besides the status, as a macro wants it.
    fn change(&self, row: &ChangeRow) -> Vec<Span<'static>> {
        let theme = self.theme;
        let name = span(format!("{}: ", row.field.name()), theme.quiet);
        match &row.becomes {
            Becomes::Other(before, _) if row.left_out => {
                vec![name, Span::raw(before.clone()), span(", stays: left out", theme.quiet)]
            }
            Becomes::Other(before, after) => vec![
                name,
                Span::raw(before.clone()),
                span(" → ", theme.quiet),
                span(after.clone(), theme.strong),
            ],
            Becomes::Same(value) => {
                vec![name, Span::raw(value.clone()), span(", as it is", theme.quiet)]
            }
            Becomes::Cant(why) if row.left_out => {
                vec![name, span(why.clone(), theme.quiet), span(", left out", theme.quiet)]
            }
            Becomes::Cant(why) => vec![name, span(why.clone(), theme.warning)],
        }
    }

    /// The keys that record and set a status, with the server's titles, shortened evenly where
    /// there is not room for all of them.
    fn status_choices(&self, columns: usize) -> Vec<Span<'static>> {
        let titles: Vec<(u8, Status)> = self
            .model
            .submit_choices()
            .map(|id| (id, self.model.status(StatusId(i64::from(id)))))
            .collect();
        let line = |most: usize| -> Vec<Span<'static>> {
            let mut spans = vec![span("or ", self.theme.quiet)];
            for (id, status) in &titles {
                let key = self.key(ReviewCommand::SubmitAs(*id)).to_owned();
                let title = cells::cut(status.title.as_str(), most).into_owned();
                spans.push(span(key, self.theme.accent.add_modifier(Modifier::BOLD)));
                spans.push(span(format!(" {title}  "), self.theme.status(status.id)));
            }
            spans
        };
        let most = (5..=24).rev().find(|most| cells::spans_width(&line(*most)) <= columns);
        cells::cut_spans(line(most.unwrap_or(4)), columns)
    }
}
