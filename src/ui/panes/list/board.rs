//! The board: a column a status, a card a ticket.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use crate::{
    app::{
        layout::{Area, LIST_HEAD},
        panes::list::board::{BoardColumn, places},
    },
    domain::{RowRef, SortKey},
    ui::{
        Ui,
        cells::{self, span},
        rect,
    },
};

impl Ui<'_> {
    /// Draws the columns on screen, and of each the cards on screen.
    pub(in crate::ui) fn board(&self, area: Area, buf: &mut Buffer) {
        let Some(board) = &self.model.board else { return };
        let (head, below) = area.split_top(LIST_HEAD);
        self.list_head(false, rect(head), buf);
        if self.model.list.listed().is_empty() {
            return self.middle(&self.nothing_listed(), rect(below), buf);
        }
        let shown = places(self.model, area);
        let last = shown.last().map_or(0, |(at, ..)| at + 1);
        let more = last < board.columns.len();
        for (at, place, cards) in &shown {
            let Some(column) = board.columns.get(*at) else { continue };
            let before = *at == board.first && board.first > 0;
            let after = at + 1 == last && more;
            self.column_head(column, (before, after), rect(*place), buf);
            for (position, card) in cards {
                self.card(*position, rect(*card), buf);
            }
            let hidden = column.cards.len().saturating_sub(column.top + cards.len());
            self.column_end(hidden, rect(*place), buf);
        }
    }

    /// The title of a column and its count; the arrows tell of columns that are not on screen.
    fn column_head(
        &self,
        column: &BoardColumn,
        (before, after): (bool, bool),
        area: Rect,
        buf: &mut Buffer,
    ) {
        let columns = usize::from(area.width);
        let count = column.cards.len().to_string();
        let left = if before { "‹ " } else { "" };
        let right = if after { " ›" } else { "" };
        let used = cells::width(&count) + cells::width(left) + cells::width(right) + 2;
        let title = match column.status.title.as_str().trim() {
            "" => format!("({})", column.status.id),
            title => title.to_owned(),
        };
        let title = cells::cut(&title, columns.saturating_sub(used)).into_owned();
        let style = self.theme.status(column.status.id).add_modifier(Modifier::BOLD);
        let head = vec![span(left, self.theme.quiet), span(title, style)];
        let count = vec![span(count, self.theme.quiet), span(right, self.theme.quiet)];
        cells::draw(cells::sides(head, count, columns, (" ", self.theme.quiet)), area, 0, buf);
        let rule = Line::styled("─".repeat(columns), self.theme.faint);
        cells::draw(rule, area, 1, buf);
    }

    /// How many cards of a column are below the screen, in its rule.
    fn column_end(&self, hidden: usize, area: Rect, buf: &mut Buffer) {
        if hidden > 0 {
            let text = format!(" {hidden} more ↓ ");
            let columns = usize::from(area.width);
            let at = columns.saturating_sub(cells::width(&text) + 1);
            let place = Rect { x: area.x + u16::try_from(at).unwrap_or(0), ..area };
            let place = Rect { width: area.right().saturating_sub(place.x + 1), ..place };
            cells::draw(Line::styled(text, self.theme.quiet), place, 1, buf);
        }
    }

    /// A card: its signs, its number and its time; its subject; its client.
    fn card(&self, position: usize, area: Rect, buf: &mut Buffer) {
        let list = &self.model.list;
        let rows = self.model.tickets.rows();
        let Some(row) = list.listed().get(position).and_then(|place| rows.at(*place)) else {
            return;
        };
        let here = position == list.cursor;
        let left = self.model.lingering() == Some(row.id);
        let columns = usize::from(area.width);
        for (at, line) in self.card_lines(row, here, columns).into_iter().enumerate() {
            let line = match (here, left) {
                (_, true) => line.patch_style(self.theme.quiet),
                (true, _) => self.card_under_cursor(line),
                (false, _) => line,
            };
            cells::draw(line, area, at, buf);
        }
    }

    fn card_under_cursor<'l>(&self, mut line: Line<'l>) -> Line<'l> {
        for span in &mut line.spans {
            let bold = span.style.add_modifier.intersection(Modifier::BOLD);
            span.style = self.theme.selected.add_modifier(bold);
        }
        line
    }

    fn card_lines<'r>(&self, row: RowRef<'r>, here: bool, columns: usize) -> [Line<'r>; 3] {
        let theme = self.theme;
        let bar = || span(if here { "▌" } else { " " }, theme.accent);
        let key = list_key(self);
        let (time, style) = match row.waiting(&self.model.settings.waiting) {
            Some(waiting) => self.wait(Some(waiting)),
            None => self.sorted_time(row, key),
        };
        let mut head = vec![bar()];
        head.extend(self.signs(row));
        head.push(span(row.id.to_string(), theme.quiet));
        let head = cells::sides(head, vec![span(time, style)], columns, (" ", theme.quiet));
        let (subject, style) = match row.subject.as_str() {
            "" => ("(no subject)", theme.quiet),
            subject => (subject, ratatui::style::Style::new()),
        };
        let style = if row.has_news(self.model.begun) { theme.strong } else { style };
        let text = |text: &str, style| {
            let room = columns.saturating_sub(2);
            Line::from(vec![bar(), Span::raw(" "), span(cells::left(text, room), style)])
        };
        let client = row.client.map_or("", |client| client.name.as_str());
        [head, text(subject, style), text(client, theme.quiet)]
    }
}

fn list_key(ui: &Ui<'_>) -> SortKey {
    ui.model.list.tab().map(|tab| tab.view.sort.key).unwrap_or_default()
}
