//! The ticket list: views, filter and cursor. The cursor holds a ticket, not a row.
//!
//! Every tab keeps its tickets in order, and a change moves only the changed tickets. The
//! background task goes through all tickets when a filter needs it.

pub mod board;
pub(in crate::app) mod filter;
mod kept;
pub mod linger;
pub(in crate::app) mod narrow;
pub(in crate::app) mod own;
mod search;
pub(in crate::app) mod sorting;
mod tab;

use std::collections::BTreeSet;

use crate::app::{
    Effect, Focus, Model, Work,
    command::{Command, ConsoleCommand, ListCommand},
    cursor::{Page, Step},
    early,
    effect::{Effects, Slot},
    errand::Errand,
    layout::Layout,
    marks,
    notice::Level,
    shown,
};
use crate::domain::{Narrow, Place, Shelf, StatusMatch, TicketId, View};

pub(in crate::app) use kept::{all_read, begin};
pub(in crate::app) use linger::Whose;
use search::look;
pub(in crate::app) use search::{clear_filter, found, set_filter, toggle_texts};
use sorting::Sorting;
pub use tab::Tab;
use tab::{Changes, Staying};

/// How many rows after the cursor's are tried when its ticket has left the list.
const FOLLOWERS: usize = 200;

/// The list pane.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// The tabs.
    pub tabs: Vec<Tab>,
    /// The open one.
    pub active: usize,
    /// The position of the cursor among the listed tickets.
    pub cursor: usize,
    /// The position of the first row on screen.
    pub top: usize,
    /// How many rows stand before the listed ones and are not read yet.
    pub above: usize,
    /// The order that a tab is being put in.
    sorting: Option<Sorting>,
    /// The ticket that the cursor goes to once the filter's tickets are found.
    returns: Option<TicketId>,
    /// Whether the filter has changed since the listed tickets were found.
    fresh: bool,
    /// Whether rows have changed since the filter was last looked for.
    stale: bool,
}

impl List {
    /// A list with these views, the first one open.
    pub fn new(views: Vec<View>) -> Self {
        Self { tabs: views.into_iter().map(Tab::new).collect(), ..Self::default() }
    }

    /// The open tab; `None` only where there are no views at all.
    pub fn tab(&self) -> Option<&Tab> {
        self.tabs.get(self.active)
    }

    /// Whether a tab is there. Some views are there only while they have tickets, or are open.
    pub fn has_tab(&self, index: usize) -> bool {
        self.tabs.get(index).is_some_and(|tab| {
            tab.count > 0 || index == self.active || !tab.view.query.shelf.is_passing()
        })
    }

    /// The places of the tickets that are listed, in order.
    pub fn listed(&self) -> &[Place] {
        self.tab().map(Tab::listed).unwrap_or_default()
    }

    /// The places of the tickets that wait for a reply, as the first view of them has them.
    pub(in crate::app) fn waiting(&self) -> &[Place] {
        self.waiting_tab().map_or(&[], |tab| &tab.order)
    }

    /// How many of them there are.
    pub(in crate::app) fn waiting_count(&self) -> usize {
        self.waiting_tab().map_or(0, |tab| tab.count)
    }

    fn waiting_tab(&self) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.view.query.status == StatusMatch::Waiting)
    }

    /// Moves the cursor to a place, if it is listed.
    fn select(&mut self, place: Place) -> bool {
        match self.listed().iter().position(|it| *it == place) {
            Some(position) => {
                self.cursor = position;
                true
            }
            None => false,
        }
    }

    /// The tickets that the cursor holds on to while the list changes: its own, and those that
    /// follow.
    fn hold(&self) -> Vec<Place> {
        let from = self.listed().get(self.cursor..).unwrap_or_default();
        from.iter().copied().take(FOLLOWERS).collect()
    }

    /// Puts the cursor on the first of the `held` tickets that is still listed.
    fn hold_on(&mut self, held: &[Place]) {
        let listed = self.listed();
        let kept = held.iter().find_map(|place| listed.iter().position(|it| it == place));
        self.cursor = kept.unwrap_or(self.cursor).min(listed.len().saturating_sub(1));
    }

    /// Moves the window so that the cursor is in it.
    pub fn scroll_into_view(&mut self, rows: usize) {
        let rows = rows.max(1);
        self.top = self.top.clamp((self.cursor + 1).saturating_sub(rows), self.cursor);
        self.top = self.top.min(self.listed().len().saturating_sub(rows));
    }
}

impl Model {
    /// The tickets of the rows around the list's cursor, the nearest first: `on` of those after it
    /// and `back` of those before it. If the cursor moves `up`, the numbers are swapped.
    pub(in crate::app) fn neighbours(&self, on: usize, back: usize, up: bool) -> Vec<TicketId> {
        let (below, above) = if up { (back, on) } else { (on, back) };
        let at = self.list.cursor;
        let below = (1..=below).map(|by| (by, at.checked_add(by)));
        let above = (1..=above).map(|by| (by, at.checked_sub(by)));
        let mut rows: Vec<_> =
            if up { above.chain(below).collect() } else { below.chain(above).collect() };
        rows.sort_by_key(|(by, _)| *by);
        let (listed, known) = (self.list.listed(), self.tickets.rows());
        let places = rows.into_iter().filter_map(|(_, at)| listed.get(at?));
        places.filter_map(|place| known.at(*place)).map(|row| row.id).collect()
    }

    /// The ticket under the list's cursor.
    pub fn selected(&self) -> Option<TicketId> {
        let place = self.list.listed().get(self.list.cursor)?;
        self.tickets.rows().at(*place).map(|row| row.id)
    }

    /// Puts the list's cursor on a ticket, if it is listed.
    pub(in crate::app) fn select(&mut self, ticket: TicketId) -> bool {
        self.tickets.rows().place(ticket).is_some_and(|place| self.list.select(place))
    }
}

/// Moves tickets that somebody has changed to their new places, in every tab. In the open tab the row
/// under the cursor keeps its place, and so do those that the agent has changed.
pub(in crate::app) fn refresh(model: &mut Model, whose: Whose) -> Effects {
    if !model.progress.stored {
        return Effects::none();
    }
    let touched = model.tickets.take_touched();
    let learned = model.tickets.take_newly_learned();
    let held = model.list.hold();
    let changed: Vec<Place> = touched.iter().copied().collect();
    let staying = model.list.staying(whose, model.focus, &changed);
    model.tickets.keep_places(staying.shown.intersection(&touched).copied());
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    let news = Changes { touched: &touched, learned: &learned, kept: model.tickets.learned() };
    if let Some(sorting) = &mut model.list.sorting {
        sorting.note(&news);
    }
    let elsewhere = Staying::default();
    for (at, tab) in model.list.tabs.iter_mut().enumerate() {
        let staying = if at == model.list.active { &staying } else { &elsewhere };
        tab.renew(rows, &news, staying, waiting);
        tab.count = tab.counted(rows, waiting);
    }
    model.list.hold_on(&held);
    if model.requests.awaits(Slot::List) {
        model.list.stale |= !touched.is_empty();
        return Effects::none();
    }
    if touched.is_empty() { Effects::none() } else { look(model) }
}

/// Moves the tickets that have kept their places so far to those that their order says. This is done
/// when a view is opened. If a row moved as soon as it is looked at, the agent could not walk past
/// it.
fn settle_order(model: &mut Model) {
    let learned = model.tickets.take_learned();
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    let none = BTreeSet::new();
    let news = Changes { touched: &learned, learned: &none, kept: &none };
    for tab in &mut model.list.tabs {
        let staying = Staying { lingers: tab.lingers, ..Staying::default() };
        tab.renew(rows, &news, &staying, waiting);
    }
}

/// Sorts the rows anew, since the agent asks for it; the cursor stays on its ticket.
pub(in crate::app) fn sort_anew(model: &mut Model) -> Effects {
    let held = model.list.hold();
    settle_order(model);
    model.list.hold_on(&held);
    look(model)
}

/// Whether a command goes beyond the first screenful while only that is read.
pub(in crate::app) fn leaves_first_screen(model: &Model, command: Command) -> bool {
    use ConsoleCommand as C;
    let list = &model.list;
    let Command::Console(command) = command else { return false };
    match command {
        C::NextTicket | C::Step(Step::Down | Step::HalfDown | Step::PageDown) => {
            list.cursor + 1 >= list.listed().len()
        }
        C::PreviousTicket | C::Step(Step::Up | Step::HalfUp | Step::PageUp) => {
            list.cursor == 0 && list.above > 0
        }
        C::Step(Step::Top) => list.above > 0,
        C::Step(Step::Bottom)
        | C::View(_)
        | C::NextView
        | C::PreviousView
        | C::MarkAll
        | C::Board => true,
        _ => false,
    }
}

/// Opens the view at `index`, where it was left.
pub(in crate::app) fn open_view(model: &mut Model, index: usize) -> Effects {
    if index >= model.list.tabs.len() {
        return Effects::none();
    }
    if !model.list.has_tab(index) {
        say_not_there(model, index);
        return Effects::none();
    }
    let selected = model.rests_on();
    linger::leave(model);
    settle_order(model);
    let list = &mut model.list;
    if let Some(tab) = list.tabs.get_mut(list.active) {
        tab.cursor = selected;
    }
    list.active = index;
    list.cursor = 0;
    list.top = 0;
    let forgotten = early::forget(model);
    let remembered = model.list.tab().and_then(|tab| tab.cursor);
    // What a view was narrowed to in an earlier run is looked for when it is opened first.
    let list = &mut model.list;
    list.fresh = list.tab().is_some_and(|tab| tab.is_narrowed() && tab.found.is_none());
    list.returns = remembered;
    if let Some(ticket) = remembered {
        model.select(ticket);
    }
    model.requests.forget(Slot::List);
    let effects = forgotten.and(look(model));
    // A text being written keeps its keys, whatever moves the list. In the list the keys would be
    // commands.
    if model.focus != Focus::Composer {
        model.focus = Focus::List;
    }
    effects.and(model.follow_cursor())
}

/// Says why a view is not there, and what makes it be there.
fn say_not_there(model: &mut Model, index: usize) {
    let shelf = model.list.tabs.get(index).map(|tab| tab.view.query.shelf);
    let what = if shelf == Some(Shelf::Snoozed) { "snoozed" } else { "pinned" };
    model.say(Level::Info, format!("no ticket is {what}"));
}

/// Opens the next (`1`) or previous (`-1`) view that is there, round the corner too.
pub(in crate::app) fn step_view(model: &mut Model, step: isize) -> Effects {
    let there: Vec<usize> =
        (0..model.list.tabs.len()).filter(|index| model.list.has_tab(*index)).collect();
    let at = there.iter().position(|index| *index == model.list.active).unwrap_or(0);
    let next = match at.checked_add_signed(step) {
        Some(at) => there.get(at).or(there.first()),
        None => there.last(),
    };
    next.map(|index| open_view(model, *index)).unwrap_or_default()
}

/// Moves the cursor.
pub(in crate::app) fn step(model: &mut Model, step: Step) -> Effects {
    if model.is_on_board() {
        return board::step(model, step);
    }
    let rows = Layout::of(model).map_or(10, |layout| layout.list_rows().max(2));
    let last = model.list.listed().len().saturating_sub(1);
    model.list.cursor = step.from(model.list.cursor, last, Page::of_cursor(rows));
    model.follow_cursor()
}

/// The next or previous ticket. From the conversation of a ticket that has left the list, the row
/// that took its place is the next one.
pub(in crate::app) fn step_ticket(model: &mut Model, by: Step) -> Effects {
    if model.is_on_board() {
        return board::step(model, by);
    }
    let open = model.conversation.ticket;
    let left = open.is_some_and(|id| model.selected() != Some(id));
    let listed = open.is_some_and(|id| model.select(id));
    if !left || listed || by == Step::Up {
        let effects = step(model, by);
        let selected = model.selected();
        shown::show(model, selected);
        return effects;
    }
    let selected = model.selected();
    shown::show(model, selected);
    Effects::none()
}

/// Sorts the rows anew, and has the server asked for what is new.
pub(in crate::app) fn read_anew(model: &mut Model) -> Effects {
    let sorted = sort_anew(model);
    if model.settings.offline {
        model.say(Level::Info, "opened with --offline: nothing is asked of the server");
        return sorted;
    }
    model.progress.refreshing.get_or_insert((0, 0));
    model.progress.asked_for = true;
    sorted.and(Effect::Work(Work::Refresh)).and(shown::reload(model))
}

/// A command of the list alone.
pub(in crate::app) fn run(model: &mut Model, command: ListCommand) -> Effects {
    match command {
        ListCommand::Open => open(model),
        ListCommand::Clear => clear(model),
    }
}

/// The name of a command of the list at this moment, in place of its `usual` one; `None` if the
/// command does nothing that is worth a hint.
pub(in crate::app) fn hint(
    model: &Model,
    command: ListCommand,
    usual: &'static str,
) -> Option<&'static str> {
    match command {
        ListCommand::Open => model.ticket_at_hand().map(|_| usual),
        ListCommand::Clear if model.is_serving() => Some("ends serving"),
        ListCommand::Clear if model.list.tab().is_some_and(Tab::is_narrowed) => Some(usual),
        ListCommand::Clear => (!model.marks.is_empty()).then_some("takes the marks off"),
    }
}

fn is_filtered(model: &Model) -> bool {
    model.list.tab().is_some_and(|tab| !tab.filter.is_empty())
}

/// Goes into the conversation of the ticket under the cursor.
pub(in crate::app) fn open(model: &mut Model) -> Effects {
    let selected = model.selected();
    if selected.is_none() {
        return Effects::none();
    }
    model.focus = Focus::Conversation;
    shown::show(model, selected);
    model.fit_conversation()
}

/// Ends serving, or clears the filter by words, or if there is none the one by fields, or if there is
/// none the marks, or if there are none the notice.
fn clear(model: &mut Model) -> Effects {
    if model.is_serving() {
        model.pass(Errand::EndServe);
        return Effects::none();
    }
    if is_filtered(model) {
        return clear_filter(model);
    }
    if model.list.tab().is_some_and(Tab::is_narrowed) {
        return narrow::set_narrow(model, Narrow::default());
    }
    if !marks::clear(model) {
        model.notices.dismiss();
    }
    Effects::none()
}

/// Puts the cursor on a ticket, in the open view or in another view without its filter. If no view
/// shows the ticket, nothing moves and the result is `None`.
pub(in crate::app) fn reveal(model: &mut Model, ticket: TicketId) -> Option<Effects> {
    if model.select(ticket) {
        return Some(model.follow_cursor());
    }
    let place = model.tickets.rows().place(ticket)?;
    let all = model.list.tabs.iter().enumerate();
    // All and Archived come first, since a ticket stays in them whatever is done to it.
    let mut tabs = all.clone().skip(5).take(2).chain(all);
    let (index, _) = tabs.find(|(_, tab)| tab.order.contains(&place))?;
    if let Some(tab) = model.list.tabs.get_mut(index) {
        tab.filter.clear();
        tab.narrow = Narrow::default();
        tab.in_texts = false;
        tab.found = None;
    }
    let effects = open_view(model, index);
    model.select(ticket);
    Some(effects.and(model.follow_cursor()))
}

/// Shows all tickets that meet conditions, in the view of all active tickets.
pub(in crate::app) fn show_all(model: &mut Model, narrow: Narrow) -> Effects {
    let is_all = |tab: &Tab| tab.view.query == crate::domain::Query::default();
    let Some(all) = model.list.tabs.iter().position(is_all) else {
        model.say(Level::Warning, "there is no view of all tickets to show them in");
        return Effects::none();
    };
    if let Some(tab) = model.list.tabs.get_mut(all) {
        (tab.filter, tab.in_texts) = (String::new(), false);
        (tab.narrow, tab.found) = (Narrow::default(), None);
    }
    let effects = open_view(model, all);
    let effects = effects.and(narrow::set_narrow(model, narrow));
    model.list.cursor = 0;
    effects.and(model.follow_cursor())
}

/// Whether a view shows the ticket.
pub(in crate::app) fn shows(model: &Model, ticket: TicketId) -> bool {
    let place = model.tickets.rows().place(ticket);
    let listed = |place: Place| model.list.tabs.iter().any(|tab| tab.order.contains(&place));
    place.is_some_and(listed)
}

#[cfg(test)]
mod tests;
