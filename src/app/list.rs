//! The ticket list: views, filter and cursor. The cursor holds a ticket, not a row.

use super::{Focus, Model, command::Command, effect::Effects, layout::Layout};
use crate::domain::{Row, TicketId, View};

/// A view with what is remembered of it while another one is open.
#[derive(Clone, Debug)]
pub struct Tab {
    /// What it shows.
    pub view: View,
    /// The words that it is narrowed to.
    pub filter: String,
    /// How many tickets it shows without the filter.
    pub count: usize,
    cursor: Option<TicketId>,
}

/// The list pane.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// The tabs.
    pub tabs: Vec<Tab>,
    /// The open one.
    pub active: usize,
    /// The tickets that it shows, in order.
    pub ids: Vec<TicketId>,
    /// The position of the cursor in `ids`.
    pub cursor: usize,
    /// The position in `ids` of the first row on screen.
    pub top: usize,
    /// Whether the agent has put the cursor where it is; until then it stays on the first row,
    /// whatever comes in.
    placed: bool,
}

impl List {
    /// A list with these views, the first one open.
    pub fn new(views: Vec<View>) -> Self {
        let tab = |view| Tab { view, filter: String::new(), count: 0, cursor: None };
        Self { tabs: views.into_iter().map(tab).collect(), ..Self::default() }
    }

    /// The open tab; `None` only where there are no views at all.
    pub fn tab(&self) -> Option<&Tab> {
        self.tabs.get(self.active)
    }

    /// The ticket under the cursor.
    pub fn selected(&self) -> Option<TicketId> {
        self.ids.get(self.cursor).copied()
    }

    /// The tickets of the rows around the cursor's, the nearest first: `on` of those after it and
    /// `back` of those before, or the other way round where the cursor moves `up`.
    pub(super) fn neighbours(&self, on: usize, back: usize, up: bool) -> Vec<TicketId> {
        let (below, above) = if up { (back, on) } else { (on, back) };
        let at = self.cursor;
        let below = (1..=below).map(|by| (by, at.checked_add(by)));
        let above = (1..=above).map(|by| (by, at.checked_sub(by)));
        let mut rows: Vec<_> =
            if up { above.chain(below).collect() } else { below.chain(above).collect() };
        rows.sort_by_key(|(by, _)| *by);
        rows.into_iter().filter_map(|(_, at)| self.ids.get(at?).copied()).collect()
    }

    /// Puts the cursor on a ticket, if it is listed.
    pub fn select(&mut self, ticket: TicketId) -> bool {
        match self.ids.iter().position(|id| *id == ticket) {
            Some(position) => {
                self.cursor = position;
                self.placed = true;
                true
            }
            None => false,
        }
    }

    /// Replaces the tickets; the cursor stays on its ticket, or else on the one that followed it.
    fn replace(&mut self, ids: Vec<TicketId>) {
        if !self.placed {
            self.cursor = 0;
            self.ids = ids;
            return;
        }
        let mut kept = self.ids.get(self.cursor..).unwrap_or_default().iter();
        let kept = kept.find_map(|old| ids.iter().position(|id| id == old));
        self.cursor = kept.unwrap_or(self.cursor).min(ids.len().saturating_sub(1));
        self.ids = ids;
    }

    /// Moves the window so that the cursor is in it.
    pub fn scroll_into_view(&mut self, rows: usize) {
        let rows = rows.max(1);
        self.top = self.top.clamp((self.cursor + 1).saturating_sub(rows), self.cursor);
        self.top = self.top.min(self.ids.len().saturating_sub(rows));
    }
}

/// Works out anew which tickets the open view shows, and every view's count.
pub(super) fn refresh(model: &mut Model) {
    let (tickets, waiting) = (&model.tickets, &model.settings.waiting);
    for tab in &mut model.list.tabs {
        tab.count = tab.view.count(tickets.iter(), waiting);
    }
    let Some(tab) = model.list.tabs.get(model.list.active) else { return };
    let ids = tab.view.select(tickets.iter(), &tab.filter, waiting);
    model.list.replace(ids);
}

/// Opens the view at `index`, where it was left.
pub(super) fn open_view(model: &mut Model, index: usize) -> Effects {
    if index >= model.list.tabs.len() {
        return Effects::none();
    }
    let selected = model.list.selected();
    let list = &mut model.list;
    if let Some(tab) = list.tabs.get_mut(list.active) {
        tab.cursor = selected;
    }
    list.active = index;
    list.ids.clear();
    list.cursor = 0;
    list.top = 0;
    refresh(model);
    let remembered = model.list.tab().and_then(|tab| tab.cursor);
    if let Some(ticket) = remembered {
        model.list.select(ticket);
    }
    // A text being written keeps its keys, whatever moves the list: they would be commands there.
    if model.focus != Focus::Composer {
        model.focus = Focus::List;
    }
    model.follow_cursor()
}

/// Opens the next (`1`) or previous (`-1`) view, round the corner too.
pub(super) fn step_view(model: &mut Model, step: isize) -> Effects {
    let count = model.list.tabs.len();
    match model.list.active.checked_add_signed(step) {
        Some(index) if index < count => open_view(model, index),
        Some(_) => open_view(model, 0),
        None => open_view(model, count.saturating_sub(1)),
    }
}

/// Narrows the open view to `filter`; the cursor goes to its first ticket.
pub(super) fn set_filter(model: &mut Model, filter: &str) -> Effects {
    let selected = model.list.selected();
    if let Some(tab) = model.list.tabs.get_mut(model.list.active) {
        tab.filter = filter.trim().to_owned();
    }
    refresh(model);
    model.list.cursor = 0;
    if filter.trim().is_empty()
        && let Some(ticket) = selected
    {
        model.list.select(ticket);
    }
    model.follow_cursor()
}

/// Moves the cursor.
pub(super) fn step(model: &mut Model, command: Command) -> Effects {
    let rows = Layout::of(model).map_or(10, |layout| layout.list_rows().max(2));
    let last = model.list.ids.len().saturating_sub(1);
    let cursor = model.list.cursor;
    let target = match command {
        Command::Down | Command::NextTicket => cursor + 1,
        Command::Up | Command::PreviousTicket => cursor.saturating_sub(1),
        Command::Top => 0,
        Command::Bottom => last,
        Command::HalfDown => cursor + rows / 2,
        Command::HalfUp => cursor.saturating_sub(rows / 2),
        Command::PageDown => cursor + rows - 1,
        Command::PageUp => cursor.saturating_sub(rows - 1),
        _ => cursor,
    };
    model.list.cursor = target.min(last);
    model.list.placed = true;
    model.follow_cursor()
}

/// Puts the cursor on a ticket, in a view that shows it.
pub(super) fn reveal(model: &mut Model, ticket: TicketId) -> Effects {
    if !model.list.select(ticket) {
        let Some(row) = model.tickets.get(ticket) else { return Effects::none() };
        let shows = |row: &Row, view: &View| view.query.takes(row, &model.settings.waiting);
        let builtin = model.list.tabs.iter().enumerate().skip(5).take(2);
        let mut all = builtin.chain(model.list.tabs.iter().enumerate());
        let Some(index) = all.find(|(_, tab)| shows(row, &tab.view)).map(|(index, _)| index) else {
            return Effects::none();
        };
        if let Some(tab) = model.list.tabs.get_mut(index) {
            tab.filter.clear();
        }
        let effects = open_view(model, index);
        model.list.select(ticket);
        return effects.and(model.follow_cursor());
    }
    model.follow_cursor()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: &[i64], cursor: usize) -> List {
        let ids = ids.iter().copied().map(TicketId).collect();
        List { ids, cursor, placed: true, ..List::default() }
    }

    #[test]
    fn the_cursor_holds_its_ticket() {
        let mut list = list(&[1, 2, 3, 4], 2);
        list.replace([9, 3, 1].map(TicketId).to_vec());
        assert_eq!(list.selected(), Some(TicketId(3)));
    }

    #[test]
    fn a_ticket_that_leaves_gives_the_cursor_to_the_next() {
        let mut four = list(&[1, 2, 3, 4], 1);
        four.replace([1, 3, 4].map(TicketId).to_vec());
        assert_eq!(four.selected(), Some(TicketId(3)));
        let mut last = list(&[1, 2], 1);
        last.replace([1].map(TicketId).to_vec());
        assert_eq!(last.selected(), Some(TicketId(1)));
        last.replace(Vec::new());
        assert_eq!(last.selected(), None);
    }

    #[test]
    fn the_window_follows_the_cursor() {
        let mut list = list(&[1, 2, 3, 4, 5, 6], 5);
        list.scroll_into_view(3);
        assert_eq!(list.top, 3);
        list.cursor = 1;
        list.scroll_into_view(3);
        assert_eq!(list.top, 1);
        list.ids.truncate(2);
        list.scroll_into_view(3);
        assert_eq!(list.top, 0);
    }
}
