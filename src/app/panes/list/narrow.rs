//! The conditions that the agent lays over a view.

use super::look;
use crate::{
    app::{Effects, Model},
    desk::Slot,
    domain::Narrow,
};

/// Narrows the open view to conditions. The cursor keeps its ticket, if that is still listed.
pub(in crate::app) fn set_narrow(model: &mut Model, narrow: Narrow) -> Effects {
    let selected = model.selected();
    model.requests.forget(Slot::List);
    let list = &mut model.list;
    let Some(tab) = list.tabs.get_mut(list.active) else { return Effects::none() };
    if !tab.is_narrowed() {
        tab.cursor = selected;
    }
    let before = tab.cursor;
    tab.narrow = narrow;
    let narrowed = tab.is_narrowed();
    if !narrowed {
        tab.found = None;
    }
    list.fresh = narrowed;
    list.returns = selected;
    if !narrowed {
        list.cursor = 0;
        let _ = selected.into_iter().chain(before).any(|ticket| model.select(ticket));
    }
    look(model).and(model.follow_cursor())
}
