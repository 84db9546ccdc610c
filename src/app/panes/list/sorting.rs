//! Sorts a view another way. The background task puts the tickets in order, and the rows that have
//! changed meanwhile get their places when its answer comes.

use std::collections::{BTreeSet, HashSet};

use super::{Changes, Staying, Tab, look};
use crate::{
    app::{
        Effects, Model,
        notice::{About, Level},
    },
    desk::{Found, Read, Slot},
    domain::{Place, Problem, Sort, View},
};

/// The order that a tab is being put in.
#[derive(Clone, Debug)]
pub(super) struct Sorting {
    /// The name of the tab's view.
    view: String,
    sort: Sort,
    /// The rows that have changed since the background task was asked.
    touched: BTreeSet<Place>,
    /// The rows of which only the wait has become known better since.
    learned: BTreeSet<Place>,
}

impl Sorting {
    /// Takes note of news about rows, which the answer will not know.
    pub(super) fn note(&mut self, news: &Changes<'_>) {
        self.touched.extend(news.touched);
        self.learned.extend(news.learned);
    }
}

/// Has the open view sorted another way. The view is shown as it was until that is done.
pub(in crate::app) fn sort_by(model: &mut Model, sort: Sort) -> Effects {
    model.list.sorting = None;
    model.requests.forget(Slot::Order);
    let Some(tab) = model.list.tab().filter(|tab| tab.view.sort != sort) else {
        return Effects::none();
    };
    let (view, touched, learned) = (tab.view.name.clone(), BTreeSet::new(), BTreeSet::new());
    model.list.sorting = Some(Sorting { view, sort, touched, learned });
    ask(model)
}

/// Has the open view put in order, whatever it shows now.
pub(super) fn order_anew(model: &mut Model) -> Effects {
    let Some(tab) = model.list.tab() else { return Effects::none() };
    let (view, sort) = (tab.view.name.clone(), tab.view.sort);
    let (touched, learned) = (BTreeSet::new(), BTreeSet::new());
    model.list.sorting = Some(Sorting { view, sort, touched, learned });
    ask(model)
}

/// Asks for the order that is wanted. While only the first screen is read, nothing is asked; it is
/// asked once all tickets are there.
pub(super) fn ask(model: &mut Model) -> Effects {
    if !model.progress.stored {
        return Effects::none();
    }
    let list = &mut model.list;
    let Some(sorting) = &mut list.sorting else { return Effects::none() };
    sorting.touched.clear();
    sorting.learned.clear();
    let sort = sorting.sort;
    let at = tab_of(&list.tabs, list.active, &sorting.view);
    let Some(tab) = at.and_then(|at| list.tabs.get(at)) else { return Effects::none() };
    let view = Box::new(View { sort, ..tab.view.clone() });
    let rows = Box::new(model.tickets.rows().clone());
    let waiting = model.settings.waiting.clone();
    model.requests.ask(Slot::Order, Read::Order { rows, view, waiting }).into()
}

/// The position of the tab of that view; the open one, if several have the name.
fn tab_of(tabs: &[Tab], active: usize, name: &str) -> Option<usize> {
    let has = |at: &usize| tabs.get(*at).is_some_and(|tab| tab.view.name == name);
    Some(active).filter(has).or_else(|| (0..tabs.len()).find(has))
}

/// The tickets were put in order: the tab takes that order. The cursor stays on its ticket.
pub(in crate::app) fn ordered(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    let Some(sorting) = model.list.sorting.take() else { return Effects::none() };
    let order = match found {
        Ok(Found::Order(order)) => order,
        Ok(_) => return Effects::none(),
        Err(problem) => {
            let text = format!("{} is sorted as before: {problem}", sorting.view);
            model.say_about(About::Filter, Level::Failure, text);
            return Effects::none();
        }
    };
    let list = &mut model.list;
    let held = list.hold();
    let followed = held.get(1..).unwrap_or_default();
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    let at = tab_of(&list.tabs, list.active, &sorting.view);
    if let Some(tab) = at.and_then(|at| list.tabs.get_mut(at)) {
        tab.view.sort = sorting.sort;
        let lingers = tab.lingers.take();
        if let Some(found) = &mut tab.found {
            let has: HashSet<Place> = found.iter().copied().collect();
            *found = order.iter().copied().filter(|place| has.contains(place)).collect();
        }
        tab.order = order;
        tab.misplaced = false;
        let (touched, learned) = (&sorting.touched, &sorting.learned);
        let news = Changes { touched, learned, kept: model.tickets.learned() };
        let staying = Staying { lingers, ..Staying::default() };
        tab.renew(rows, &news, &staying, waiting);
        let is_missing = |it: &Place| rows.at(*it).is_some() && !tab.listed().contains(it);
        if let Some(place) = lingers.filter(is_missing) {
            tab.linger_before(place, followed);
        }
        tab.count = tab.counted(rows, waiting);
    }
    list.hold_on(&held);
    // A filter of another state has found tickets that are not in the view's order.
    let beside = model.list.tab().is_some_and(|tab| tab.narrow.state.is_some());
    let looked = if beside { look(model) } else { Effects::none() };
    looked.and(model.follow_cursor())
}
