//! The ticket list.

mod board;
mod columns;
mod empty;

use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::Widget,
};

use columns::{Columns, Contents, StatusForms, TIME, ends_with_the_wait};

use crate::ui::{
    Ui,
    cells::{self, span},
};
use crate::{
    app::{
        Focus,
        command::{ConsoleCommand, FilterCommand, ListCommand},
        conditions::chips,
        panes::list::{Tab, linger},
    },
    desk::Connection,
    domain::{ActiveState, Place, Priority, RowRef, Shelf, Sort, SortKey, StatusMatch},
};

/// The widths of columns are measured over this many rows at a time, so that scrolling does not move
/// them at each step.
const MEASURED: usize = 50;

/// The columns of a list that names the times in its last column.
const ROOM_FOR_A_NAME: usize = 60;

/// The columns that the words of a filter have beside its conditions.
const TYPED: usize = 28;

impl Ui<'_> {
    /// Draws the list.
    pub(in crate::ui) fn list(&self, area: Rect, buf: &mut Buffer) {
        let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let place = Rect { width: below.width.saturating_sub(2), ..below };
        let columns = self.columns(usize::from(below.height), usize::from(place.width));
        self.list_head(columns.wait > 0, area, buf);
        let list = &self.model.list;
        let listed = list.listed();
        if listed.is_empty() {
            return self.middle(&self.nothing_listed(), below, buf);
        }
        let shown = listed.iter().skip(list.top).take(usize::from(below.height));
        let known = self.model.tickets.rows();
        let rows: Vec<Option<RowRef<'_>>> = shown.map(|place| known.at(*place)).collect();
        let on_screen = rows.iter().flatten().copied();
        let forms = StatusForms::of(&self.model.directory, on_screen, columns.status);
        // A row whose ticket has gone keeps its line until the list has closed up.
        for (at, row) in rows.iter().enumerate().filter_map(|(at, row)| Some((at, (*row)?))) {
            let selected = list.top + at == list.cursor;
            let line = self.row(row, columns, &forms, selected);
            cells::draw(line, place, at, buf);
        }
        self.scrollbar(below, self.listed_count(), list.above + list.top, buf);
    }

    /// How many tickets are listed, those that are not read yet included.
    fn listed_count(&self) -> usize {
        let list = &self.model.list;
        let known = list.above + list.listed().len();
        match list.tab() {
            Some(tab) if !self.model.progress.stored && !tab.is_narrowed() => known.max(tab.count),
            _ => known,
        }
    }

    /// The columns for the rows around the window.
    fn columns(&self, height: usize, room: usize) -> Columns {
        let list = &self.model.list;
        let from = list.top - list.top % MEASURED;
        let known = self.model.tickets.rows();
        let places = list.listed().iter().skip(from).take(MEASURED + height);
        let mut wanted = Contents { id: 4, ..Contents::default() };
        let titles = self.model.directory.statuses.iter().map(|it| cells::width(it.title.as_str()));
        wanted.status = titles.max().unwrap_or(0).max(6);
        let key = list.tab().map(|tab| tab.view.sort.key).unwrap_or_default();
        for row in places.filter_map(|place| known.at(*place)) {
            wanted.id = wanted.id.max(row.id.to_string().len());
            wanted.status = wanted.status.max(cells::width(row.status.title.as_str()));
            wanted.client =
                wanted.client.max(row.client.map_or(0, |it| cells::width(it.name.as_str())));
            let tags = row.tags.iter().map(|tag| cells::width(tag.as_str()) + 1).sum::<usize>();
            wanted.tags = wanted.tags.max(tags.saturating_sub(1));
            wanted.priority |= row.priority != Priority::Normal;
            wanted.wait |=
                !ends_with_the_wait(key) && row.waiting(&self.model.settings.waiting).is_some();
        }
        Columns::share(room, wanted)
    }

    fn row<'r>(
        &self,
        row: RowRef<'r>,
        columns: Columns,
        forms: &'r StatusForms,
        selected: bool,
    ) -> Line<'r> {
        let theme = self.theme;
        let focused = self.model.focus == Focus::List;
        let bar = if selected { "▌" } else { " " };
        let unread = self.model.unread.iter().find(|it| it.ticket == Some(row.id));
        let left = self.left_words(row, columns);
        let subject = match (row.subject.as_str(), unread) {
            (text, _) if left.is_some() => {
                let text = format!("{}{text}", left.as_deref().unwrap_or_default());
                span(cells::left(&text, columns.subject), theme.quiet)
            }
            ("", Some(unread)) => {
                let text = format!("can't be read: {}", unread.said);
                span(cells::left(&text, columns.subject), theme.warning)
            }
            (text, Some(_)) => {
                span(cells::left(&format!("! {text}"), columns.subject), theme.warning)
            }
            ("", None) => span(cells::left("(no subject)", columns.subject), theme.quiet),
            (text, None) => {
                let style =
                    if row.has_news(self.model.begun) { theme.strong } else { Style::new() };
                span(cells::left(text, columns.subject), style)
            }
        };
        let mut spans = vec![span(bar, theme.accent)];
        spans.extend(self.signs(row));
        spans.push(span(cells::right(&row.id.to_string(), columns.id), theme.quiet));
        spans.push(Span::raw(" "));
        spans.push(subject);
        let mut column = |text: &str, width: usize, style: Style| {
            if width > 0 {
                spans.push(Span::raw("  "));
                spans.push(span(cells::left(text, width), style));
            }
        };
        let client = row.client.as_ref().map_or("", |client| client.name.as_str());
        column(client, columns.client, Style::new());
        column(&forms.form(row), columns.status, theme.status(row.status.id));
        column(priority_word(row.priority), columns.priority, theme.priority(row.priority));
        if columns.tags > 0 {
            let tags: Vec<&str> = row.tags.iter().map(|tag| tag.as_str()).collect();
            column(&tags.join(" "), columns.tags, theme.quiet);
        }
        if columns.wait > 0 {
            let (wait, style) = self.row_wait(row);
            spans.push(Span::raw("  "));
            spans.push(span(cells::right(&wait, columns.wait), style));
        }
        let key = self.model.list.tab().map(|tab| tab.view.sort.key).unwrap_or_default();
        let (time, style) = self.sorted_time(row, key);
        spans.push(Span::raw(" "));
        spans.push(span(cells::right(&time, TIME), style));
        match (selected, focused) {
            _ if left.is_some() => {
                let style = if focused { theme.selected } else { theme.resting };
                let style = style.remove_modifier(Modifier::BOLD).add_modifier(Modifier::DIM);
                for span in &mut spans {
                    span.style = if focused { style } else { theme.quiet };
                }
                Line::from(spans).style(style)
            }
            (true, true) => {
                for span in &mut spans {
                    let bold = span.style.add_modifier.intersection(Modifier::BOLD);
                    span.style = theme.selected.add_modifier(bold);
                }
                Line::from(spans)
            }
            (true, false) => Line::from(spans).style(theme.resting),
            _ => Line::from(spans),
        }
    }

    /// The words before the subject of a row that has left the view; `None` for the other rows.
    fn left_words(&self, row: RowRef<'_>, columns: Columns) -> Option<String> {
        self.model.lingering().filter(|ticket| *ticket == row.id)?;
        let query = &self.model.list.tab()?.view.query;
        let state = linger::new_state(query, row, &self.model.settings.waiting);
        let is_shown = columns.status > 0 && state == row.status.title.as_str();
        Some(if state.is_empty() || is_shown { "→ ".into() } else { format!("→ {state}: ") })
    }

    fn list_head(&self, waits: bool, area: Rect, buf: &mut Buffer) {
        let list = &self.model.list;
        let Some(tab) = list.tab() else { return };
        let focused = self.model.focus == Focus::List;
        let typing = self.model.filtering.is_some();
        let place = self.place_words(tab);
        let nameless = self.model.unread.iter().filter(|it| it.ticket.is_none()).count();
        let mut place = place;
        if !self.model.marks.is_empty() {
            let marked = format!("{} marked", self.model.marks.len());
            let between = if place.is_empty() { "" } else { " · " };
            place.insert(0, span(between, self.theme.quiet));
            place.insert(0, span(marked, self.theme.accent));
        }
        if !place.is_empty() && usize::from(area.width) >= ROOM_FOR_A_NAME {
            let waits = if waits { " · waits" } else { "" };
            place.push(span(format!("{waits} · {}", time_name(tab)), self.theme.quiet));
        }
        if nameless > 0 && !place.is_empty() {
            place.insert(0, span(format!("{nameless} unreadable · "), self.theme.warning));
        }
        let place_width = cells::spans_width(&place) + 3;
        let room = usize::from(area.width).saturating_sub(place_width + 4);
        let title = self.narrowed_words(tab, typing, room);
        let typed_at = 2 + cells::spans_width(&title);
        cells::draw(self.rule(focused, title, place, area.width), area, 0, buf);
        if let Some(editor) = &self.model.filtering {
            let room = usize::from(area.width).saturating_sub(typed_at + place_width);
            let wanted = cells::width(&editor.text()) + 1;
            let field = Rect {
                x: area.x + u16::try_from(typed_at).unwrap_or(0),
                width: u16::try_from(wanted.min(room)).unwrap_or(0),
                height: 1,
                ..area
            };
            let after = Rect { x: field.right(), width: 1, ..field }.intersection(area);
            let padded = Rect { width: field.width + after.width, ..field };
            Line::raw(" ".repeat(usize::from(padded.width))).render(padded, buf);
            editor.widget().render(field, buf);
        }
    }

    /// The conditions that the tab is narrowed to, then the words, or the order where there is room.
    fn narrowed_words<'t>(&self, tab: &'t Tab, typing: bool, room: usize) -> Vec<Span<'t>> {
        let worded = typing || !tab.filter.is_empty();
        let mut title = self.chips(tab, if worded { room.saturating_sub(TYPED) } else { room });
        let gap = if title.is_empty() { "" } else { " " };
        if worded {
            let head = if tab.in_texts { "in all texts: " } else { "filter: " };
            title.push(span(format!("{gap}{head}"), self.theme.accent));
            if !typing {
                title.push(span(tab.filter.as_str(), self.theme.strong));
            }
            return title;
        }
        let (words, style) = match self.model.serving() {
            Some(words) => (words, self.theme.accent),
            None => (self.order_words(tab), self.theme.quiet),
        };
        let order = format!("{gap}{words}");
        if title.is_empty() || cells::spans_width(&title) + cells::width(&order) <= room {
            title.push(span(order, style));
        }
        title
    }

    /// A chip for each condition, as far as there is room, and how many more there are.
    fn chips(&self, tab: &Tab, room: usize) -> Vec<Span<'static>> {
        let all = chips(self.model, &tab.narrow);
        let (mut spans, mut used) = (Vec::new(), 0);
        for (at, chip) in all.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            let left = all.len() - at;
            let more = if left > 1 { format!("{gap}+{}", left - 1).len() + 1 } else { 0 };
            let mut text = format!("{gap}[{chip}]");
            if at == 0 && cells::width(&text) + more > room {
                text = format!("[{}]", cells::cut(chip, room.saturating_sub(more + 2)));
            }
            if at > 0 && used + cells::width(&text) + more > room {
                spans.push(span(format!("{gap}+{left}"), self.theme.accent));
                break;
            }
            used += cells::width(&text);
            spans.push(span(text, self.theme.accent));
        }
        spans
    }

    /// Where the cursor stands, or how many tickets the filter has found.
    fn place_words(&self, tab: &Tab) -> Vec<Span<'static>> {
        let list = &self.model.list;
        let shown = self.listed_count();
        let found = shown - usize::from(list.lingering().is_some());
        match (shown, tab.is_narrowed()) {
            (0, false) => Vec::new(),
            (_, false) if list.lingering().is_some() => {
                vec![span(format!("left the view · {}", tab.count), self.theme.quiet)]
            }
            (_, false) => {
                let position = list.above + list.cursor + 1;
                vec![span(format!("{position}/{shown}"), self.theme.quiet)]
            }
            (_, true) if self.model.is_searching() => {
                vec![span("searching; keys wait for it", self.theme.accent)]
            }
            // A filter of another state finds tickets that do not count among the view's.
            (_, true) if tab.narrow.state.is_some() => {
                vec![span(format!("{found} found"), self.theme.quiet)]
            }
            (_, true) => {
                let mut place = format!("{found} of {}", tab.count);
                if tab.in_texts && !tab.filter.is_empty() && tab.unread > 0 {
                    place = format!("{place} · {} not searched in full", tab.unread);
                }
                vec![span(place, self.theme.quiet)]
            }
        }
    }

    /// The name of the order, with the exceptions among the rows.
    fn order_words(&self, tab: &Tab) -> String {
        let words = tab.view.sort.words();
        if tab.misplaced {
            let refresh = self.key(ConsoleCommand::Refresh);
            return format!("{words} ({refresh} sorts anew)");
        }
        if !matches!(tab.view.sort.key, SortKey::Waiting | SortKey::Priority) {
            return words.to_owned();
        }
        let rows = usize::from(self.model.size.1);
        let list = &self.model.list;
        let known = self.model.tickets.rows();
        let is_exact = |place: &Place| {
            let waiting = known.at(*place)?.waiting(&self.model.settings.waiting);
            waiting.map(|waiting| waiting.exact)
        };
        let mut shown = list.listed().iter().skip(list.top).take(rows).filter_map(is_exact);
        let known_first = list.listed().iter().take(rows).find_map(is_exact) == Some(true);
        match (shown.any(|exact| !exact), tab.view.sort.key) {
            (false, _) => words.to_owned(),
            (true, SortKey::Waiting) if known_first => format!("{words}, then ~ by last change"),
            (true, SortKey::Waiting) => {
                let changes = Sort { key: SortKey::Updated, reversed: !tab.view.sort.reversed };
                format!("{}, waits are ~", changes.words())
            }
            (true, _) => format!("{words}, ~ by last change"),
        }
    }

    /// The local time of day, with its date on another day.
    pub(in crate::ui) fn time_of_day(&self, at: Timestamp) -> String {
        self.model.time_of_day(at)
    }
}

/// The meaning of the times in the last column.
fn time_name(tab: &Tab) -> &'static str {
    match tab.view.sort.key {
        SortKey::Created => "created",
        SortKey::Updated => "changed",
        SortKey::Wake => "wakes",
        SortKey::Waiting | SortKey::Priority | SortKey::Status => "waits",
    }
}

/// A priority that presses, in a word.
fn priority_word(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "urgent",
        Priority::High => "high",
        Priority::Normal => "",
        Priority::Unknown => "unknown",
    }
}
