//! A view of the agent's own that is made while the console runs.

use super::{Tab, clear_filter, narrow::set_narrow, open_view, sorting};
use crate::{
    app::{Effects, Model},
    domain::{Narrow, View},
};

/// Opens a view of the agent's own, as a new tab or in place of the one of its name. The view that it
/// was made from loses its filter, if `clears` names it.
pub(in crate::app) fn keep(model: &mut Model, view: View, clears: Option<String>) -> Effects {
    let selected = model.selected();
    let list = &mut model.list;
    // What is listed stands in until all tickets have been looked through.
    let order = list.listed().to_vec();
    let mut effects = Effects::none();
    if let Some(from) = clears.filter(|from| *from != view.name)
        && list.tab().is_some_and(|tab| tab.view.name == from)
    {
        effects = set_narrow(model, Narrow::default()).and(clear_filter(model));
    }
    let list = &mut model.list;
    let name = view.name.clone();
    let mut tab = Tab::new(view);
    tab.count = order.len();
    tab.order = order;
    tab.cursor = selected;
    let at = match list.tabs.iter().position(|it| it.view.name == name) {
        Some(at) => {
            list.tabs.splice(at..=at, [tab]);
            at
        }
        None => {
            let passing = list.tabs.iter().position(|it| it.view.query.shelf.is_passing());
            let at = passing.unwrap_or(list.tabs.len());
            list.tabs.insert(at, tab);
            list.active += usize::from(list.active >= at);
            at
        }
    };
    effects.and(open_view(model, at)).and(sorting::order_anew(model))
}
