//! The filter of a view by words and by fields: the places where it searches, and its results.

use super::Tab;
use crate::{
    app::{
        Effects, Model, early,
        notice::{About, Level},
    },
    desk::{Among, Found, Read, Slot},
    domain::{Place, Problem, Query, View},
};

impl Model {
    /// Whether the list of a filter just typed is still awaited. The next keys concern the tickets
    /// of that list.
    pub(in crate::app) fn awaits_list(&self) -> bool {
        self.list.fresh && (self.requests.awaits(Slot::List) || !self.progress.stored)
    }
}

/// Looks for what the open tab is narrowed to in its tickets.
pub(super) fn look(model: &mut Model) -> Effects {
    look_among(model, |tab| &tab.order)
}

/// Looks for the open tab's filter in those tickets that a part of it was found in.
fn look_among_found(model: &mut Model) -> Effects {
    look_among(model, Tab::listed)
}

fn look_among(model: &mut Model, places: impl Fn(&Tab) -> &[Place]) -> Effects {
    model.list.stale = false;
    let Some(tab) = model.list.tab().filter(|tab| tab.is_narrowed()) else {
        return Effects::none();
    };
    if !model.progress.stored {
        return Effects::none();
    }
    let rows = Box::new(model.tickets.rows().clone());
    let among = match tab.narrow.state {
        Some(state) if state != tab.view.query.state => {
            let query = Query { state, ..tab.view.query.clone() };
            let view = View { query, ..tab.view.clone() };
            Among::View(Box::new(view), model.settings.waiting.clone())
        }
        _ => Among::Places(places(tab).to_vec()),
    };
    let (narrow, text) = (Box::new(tab.narrow.clone()), tab.filter.clone());
    let in_texts = tab.in_texts && !text.is_empty();
    model.requests.ask(Slot::List, Read::List { rows, among, narrow, text, in_texts }).into()
}

/// Takes in the result of the filter. If the search failed, the list stays as it is, and keys typed
/// for its result are dropped.
pub(in crate::app) fn found(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    match found {
        Ok(Found::List { places, unread }) => {
            model.notices.settle(About::Filter);
            found_in(model, places, unread)
        }
        Ok(_) => Effects::none(),
        Err(problem) => {
            model.say_about(About::Filter, Level::Failure, problem.to_string());
            model.list.fresh = false;
            early::forget(model)
        }
    }
}

/// Takes in the places where the filter was found.
fn found_in(model: &mut Model, places: Vec<Place>, unread: usize) -> Effects {
    let list = &mut model.list;
    let held = list.hold();
    let returns = list.returns.take();
    if let Some(tab) = list.tabs.get_mut(list.active).filter(|tab| tab.is_narrowed()) {
        // Some may have gone or changed since they were looked through.
        let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
        let shows = |place: &Place| tab.may_list(*place, rows, waiting);
        let found: Vec<Place> = places.into_iter().filter(shows).collect();
        tab.lingers = tab.lingers.filter(|place| !found.contains(place));
        tab.found = Some(found);
        tab.unread = unread;
        let here = held.first().filter(|place| !list.fresh && rows.at(**place).is_some());
        if let Some((place, followed)) = here.and_then(|it| Some((*it, held.get(1..)?)))
            && !tab.listed().contains(&place)
        {
            tab.linger_before(place, followed);
        }
    }
    if std::mem::take(&mut list.fresh) {
        list.cursor = 0;
        let _ = returns.is_some_and(|ticket| model.select(ticket));
    } else {
        list.hold_on(&held);
    }
    let effects = if model.list.stale { look(model) } else { Effects::none() };
    effects.and(model.follow_cursor())
}

/// Looks for the filter in messages and replies, or in the rows again.
pub(in crate::app) fn toggle_texts(model: &mut Model) -> Effects {
    let Some(tab) = model.list.tabs.get_mut(model.list.active) else { return Effects::none() };
    tab.in_texts = !tab.in_texts;
    tab.found = None;
    let filter = tab.filter.clone();
    set_filter(model, &filter)
}

/// Narrows the open view to `filter`; the cursor goes to its first ticket.
pub(in crate::app) fn set_filter(model: &mut Model, filter: &str) -> Effects {
    let selected = model.rests_on();
    let filter = filter.trim();
    let is_current = !model.list.fresh && !model.list.stale && !model.requests.awaits(Slot::List);
    model.requests.forget(Slot::List);
    let list = &mut model.list;
    let (mut narrows, mut is_narrowed) = (false, false);
    if let Some(tab) = list.tabs.get_mut(list.active) {
        if !tab.is_narrowed() {
            tab.cursor = selected;
        }
        // A row with the longer words also has the shorter ones.
        narrows = is_current
            && !tab.in_texts
            && !tab.filter.is_empty()
            && filter.starts_with(&tab.filter);
        tab.filter = filter.to_owned();
        is_narrowed = tab.is_narrowed();
        if !is_narrowed {
            tab.found = None;
        }
    }
    list.cursor = 0;
    list.fresh = is_narrowed;
    list.returns = None;
    if filter.is_empty() {
        let before = model.list.tab().and_then(|tab| tab.cursor);
        // The cursor comes back to its ticket once the list is there.
        model.list.returns = selected.filter(|_| model.list.fresh);
        let _ = selected.into_iter().chain(before).any(|ticket| model.select(ticket));
    }
    let effects = if narrows { look_among_found(model) } else { look(model) };
    effects.and(model.follow_cursor())
}

/// Shows the whole view again.
pub(in crate::app) fn clear_filter(model: &mut Model) -> Effects {
    if let Some(tab) = model.list.tabs.get_mut(model.list.active) {
        tab.in_texts = false;
    }
    set_filter(model, "")
}
