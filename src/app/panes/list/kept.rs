//! The list from run to run: how it was left, its first screen, and all tickets once they are read.

use super::{Tab, Whose, look, refresh, sorting};
use crate::{
    app::{Effects, Model, layout::Layout, marks, notice::Level},
    desk::{Found, LastScreen, LastView, Slot},
    domain::{Place, Problem, Rows, TicketId},
};

/// How many rows are kept for the next start at least: a screenful.
const REMEMBERED: usize = 64;

/// Shows the list as it was left, as far as its tickets are read.
pub(in crate::app) fn begin(model: &mut Model, screen: LastScreen) {
    let rows = model.tickets.rows();
    let order: Vec<Place> = screen.shown.iter().filter_map(|id| rows.place(*id)).collect();
    let list = &mut model.list;
    let active = list.tabs.iter().position(|it| it.view.name == screen.view);
    list.active = active.unwrap_or(0);
    list.above = screen.above;
    if list.tabs.len() == screen.counts.len() {
        for (tab, count) in list.tabs.iter_mut().zip(screen.counts) {
            tab.count = count;
        }
    }
    for tab in &mut list.tabs {
        if let Some(left) = screen.views.iter().find(|left| left.name == tab.view.name) {
            tab.view.sort = left.sort.unwrap_or(tab.own_sort);
            tab.narrow = left.narrow.clone();
            tab.filter.clone_from(&left.filter);
            tab.in_texts = left.in_texts;
            tab.cursor = left.ticket;
        }
    }
    if let Some(tab) = list.tabs.get_mut(list.active) {
        // The filter of a view that is gone is no filter of another.
        if active.is_some() {
            tab.filter = screen.filter;
            tab.in_texts = screen.in_texts;
            tab.found = tab.is_narrowed().then(|| order.clone());
        }
        tab.order = order;
        tab.cursor = screen.ticket;
    }
    if let Some(ticket) = screen.ticket {
        model.select(ticket);
    }
}

impl Model {
    /// How the list stands, for the next run.
    pub(in crate::app) fn screen(&self) -> LastScreen {
        let list = &self.list;
        let tab = list.tab();
        let rows = Layout::of(self).map_or(0, |layout| layout.list_rows()).max(REMEMBERED);
        let lingers = list.lingering();
        let shown = list.listed().iter().skip(list.top).take(rows);
        let shown = shown.filter(|place| lingers != Some(**place));
        LastScreen {
            view: tab.map(|tab| tab.view.name.clone()).unwrap_or_default(),
            filter: tab.map(|tab| tab.filter.clone()).unwrap_or_default(),
            in_texts: tab.is_some_and(|tab| tab.in_texts),
            ticket: self.rests_on(),
            zoomed: self.zoomed,
            shown: shown.filter_map(|it| self.tickets.rows().at(*it)).map(|row| row.id).collect(),
            above: list.top,
            counts: list.tabs.iter().map(|tab| tab.count).collect(),
            views: list
                .tabs
                .iter()
                .enumerate()
                .filter_map(|(at, tab)| self.left(at, tab))
                .collect(),
            macros: self.macros.used.clone(),
        }
    }

    /// How a tab is left; `None` if nothing of it is to be kept.
    fn left(&self, at: usize, tab: &Tab) -> Option<LastView> {
        let left = LastView {
            sort: Some(tab.view.sort).filter(|sort| *sort != tab.own_sort),
            narrow: tab.narrow.clone(),
            filter: tab.filter.clone(),
            in_texts: tab.in_texts,
            ticket: if at == self.list.active { self.rests_on() } else { tab.cursor },
            name: String::new(),
        };
        let name = tab.view.name.clone();
        (left != LastView::default()).then_some(LastView { name, ..left })
    }
}

/// Takes in all tickets, with the order of every tab.
pub(super) fn complete(model: &mut Model, rows: Rows, orders: Vec<Vec<Place>>) -> Effects {
    let remembered = model.list.tab().and_then(|tab| tab.cursor);
    let known = model.tickets.rows();
    let held = model.list.hold();
    let held = held.iter().filter_map(|place| known.at(*place)).map(|row| row.id);
    let held: Vec<TicketId> = held.chain(remembered).collect();
    let lingers = model.lingering();
    let line = model.list.cursor.saturating_sub(model.list.top);
    let position = model.list.above + model.list.cursor;
    let found: Option<Vec<TicketId>> =
        model.list.tab().and_then(|tab| tab.found.as_ref()).map(|it| {
            let known = model.tickets.rows();
            it.iter().filter_map(|place| known.at(*place)).map(|row| row.id).collect()
        });
    model.tickets.complete(rows, model.outbox.entries());
    let known = model.tickets.rows();
    let list = &mut model.list;
    list.above = 0;
    for (tab, order) in list.tabs.iter_mut().zip(orders) {
        tab.order = order;
        tab.found = None;
        tab.lingers = None;
    }
    if let Some(tab) = list.tabs.get_mut(list.active) {
        tab.found = found.map(|ids| ids.iter().filter_map(|id| known.place(*id)).collect());
        if let Some(place) = lingers.and_then(|id| known.place(id)) {
            let followed: Vec<Place> = held.iter().filter_map(|id| known.place(*id)).collect();
            tab.linger_before(place, &followed);
        }
    }
    model.progress.stored = true;
    model.requests.forget(Slot::List);
    let mut effects = refresh(model, Whose::Others).and(sorting::ask(model));
    if !model.requests.awaits(Slot::List) {
        effects = effects.and(look(model));
    }
    model.list.cursor = position.min(model.list.listed().len().saturating_sub(1));
    let _ = held.into_iter().any(|id| model.select(id));
    marks::drop_unknown(model);
    model.list.top = model.list.cursor.saturating_sub(line);
    effects.and(model.follow_cursor())
}

/// The stored tickets can't be read. The console goes on with the known ones and those that the
/// server sends.
fn unreadable(model: &mut Model) -> Effects {
    model.tickets.keep_first();
    model.progress.stored = true;
    model.list.above = 0;
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    for tab in &mut model.list.tabs {
        tab.order = tab.view.select(rows, waiting);
    }
    refresh(model, Whose::Others)
}

/// All stored tickets were read, or could not be.
pub(in crate::app) fn all_read(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    match found {
        Ok(Found::Tickets { rows, orders }) => complete(model, *rows, orders),
        Ok(_) => Effects::none(),
        Err(problem) => {
            model.say(Level::Failure, format!("the local copy can't be read: {problem}"));
            unreadable(model)
        }
    }
}
