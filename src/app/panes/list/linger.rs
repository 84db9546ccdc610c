//! The row under the cursor whose ticket has left the view. The row stays where it was, dimmed,
//! until the cursor leaves it.

use super::{List, Tab, tab::Staying};
use crate::{
    app::{Focus, Model},
    domain::{ActiveState, Place, Query, RowRef, Rows, Shelf, TicketId, WaitingStatuses},
};

/// Whose change it is that the list takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Whose {
    /// The agent's own. Its tickets keep their places.
    Own,
    /// Somebody else's.
    Others,
}

impl Tab {
    /// The row that is listed although the view or the filter does not take it any more.
    pub fn lingers(&self) -> Option<Place> {
        self.lingers
    }

    /// How many tickets the view shows without the filter: the row that only lingers is none.
    pub(super) fn counted(&self, rows: &Rows, waiting: &WaitingStatuses) -> usize {
        let is_outside =
            |it: &Place| !self.view.takes_at(*it, rows, waiting) && self.order.contains(it);
        let outside = self.lingers.filter(is_outside);
        self.order.len() - usize::from(outside.is_some())
    }

    /// Lists a row that is not found any more, before the first of those that `followed` it.
    pub(super) fn linger_before(&mut self, place: Place, followed: &[Place]) {
        let put_in = |list: &mut Vec<Place>| {
            if list.contains(&place) {
                return;
            }
            let next = followed.iter().find_map(|it| list.iter().position(|other| other == it));
            list.insert(next.unwrap_or(list.len()), place);
        };
        put_in(&mut self.order);
        if let Some(found) = &mut self.found {
            put_in(found);
        }
        self.lingers = Some(place);
    }

    /// Takes the row that lingers away.
    fn let_go(&mut self, rows: &Rows, waiting: &WaitingStatuses) {
        let Some(place) = self.lingers.take() else { return };
        if let Some(found) = &mut self.found {
            found.retain(|it| *it != place);
        }
        // A row that only the filter does not find is in the view all the same.
        if !self.view.takes_at(place, rows, waiting) {
            self.order.retain(|it| *it != place);
        }
    }
}

impl List {
    /// The row under the cursor.
    pub(super) fn here(&self) -> Option<Place> {
        self.listed().get(self.cursor).copied()
    }

    /// The row that lingers, if the cursor is on it.
    pub fn lingering(&self) -> Option<Place> {
        self.tab().and_then(|tab| tab.lingers).filter(|place| self.here() == Some(*place))
    }

    /// The row that the cursor goes back to later: one that lingers gives it to its neighbour.
    pub(super) fn rests_on(&self) -> Option<Place> {
        let listed = self.listed();
        match self.lingering() {
            None => self.here(),
            Some(_) => {
                let before = || self.cursor.checked_sub(1).and_then(|at| listed.get(at));
                listed.get(self.cursor + 1).or_else(before).copied()
            }
        }
    }

    /// What keeps its place in the open tab when `whose` change is taken in. A ticket that the agent
    /// reads or answers stays in its row, whoever takes it out of the view.
    pub(super) fn staying(&self, whose: Whose, focus: Focus, changed: &[Place]) -> Staying {
        let here = self.here();
        let shown = match whose {
            Whose::Own => changed.iter().copied().chain(here).collect(),
            Whose::Others => here.into_iter().collect(),
        };
        let stays = whose == Whose::Own || focus != Focus::List || self.lingering().is_some();
        Staying { shown, lingers: here.filter(|_| stays) }
    }
}

impl Model {
    /// The ticket whose row lingers under the list's cursor: it has left the view.
    pub fn lingering(&self) -> Option<TicketId> {
        let place = self.list.lingering()?;
        self.tickets.rows().at(place).map(|row| row.id)
    }

    /// The ticket that the list's cursor goes back to later.
    pub(super) fn rests_on(&self) -> Option<TicketId> {
        let place = self.list.rests_on()?;
        self.tickets.rows().at(place).map(|row| row.id)
    }
}

/// Takes the row that lingers away once the cursor has left it. The rows on screen stay where they
/// are.
pub(in crate::app) fn settle(model: &mut Model) {
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    let list = &mut model.list;
    let here = list.here();
    let Some(tab) = list.tabs.get_mut(list.active) else { return };
    let Some(place) = tab.lingers.filter(|place| here != Some(*place)) else { return };
    let at = tab.listed().iter().position(|it| *it == place);
    tab.let_go(rows, waiting);
    for line in [&mut list.cursor, &mut list.top] {
        if at.is_some_and(|at| at < *line) {
            *line -= 1;
        }
    }
}

/// Puts the cursor on the ticket that the agent reads or answers. If the list does not show it, it
/// gets a row that lingers. From a conversation whose ticket is gone the agent goes back to the list.
pub(in crate::app) fn follow_reader(model: &mut Model) {
    let read = model.conversation.ticket.filter(|_| model.focus != Focus::List);
    let Some(ticket) = read.filter(|it| model.selected() != Some(*it)) else { return };
    if model.select(ticket) {
        return;
    }
    if !model.progress.stored {
        return;
    }
    let Some(place) = model.tickets.rows().place(ticket) else {
        if model.focus == Focus::Conversation {
            model.focus = Focus::List;
        }
        return;
    };
    let mut followed = model.list.hold();
    followed.retain(|it| model.list.lingering() != Some(*it));
    leave(model);
    if let Some(tab) = model.list.tabs.get_mut(model.list.active) {
        tab.linger_before(place, &followed);
    }
    model.select(ticket);
}

/// Takes the row that lingers away, since the view is left or opened anew.
pub(super) fn leave(model: &mut Model) {
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    let list = &mut model.list;
    if let Some(tab) = list.tabs.get_mut(list.active) {
        tab.let_go(rows, waiting);
    }
}

/// The new state of a ticket that its view does not take any more, in a word or two; empty if only
/// the filter does not find it.
pub fn new_state(query: &Query, row: RowRef<'_>, waiting: &WaitingStatuses) -> String {
    let part = |part: Query| !Query { state: ActiveState::Any, ..part }.takes(row, waiting);
    let (status, priorities) = (query.status.clone(), query.priorities.clone());
    let departments = query.departments.clone();
    match () {
        () if query.takes(row, waiting) => String::new(),
        () if !query.state.takes(row.archived) && !query.shelf.is_passing() => {
            if row.archived {
                "archived".into()
            } else {
                "restored".into()
            }
        }
        () if part(Query { shelf: query.shelf, ..Query::default() }) => {
            let is_snoozed = row.aside.snooze.is_some();
            let words = match query.shelf {
                Shelf::Pinned => "not pinned",
                _ if is_snoozed => "snoozed",
                _ => "awake",
            };
            words.into()
        }
        () if part(Query { status, ..Query::default() }) => row.status.title.as_str().into(),
        () if part(Query { priorities, ..Query::default() }) => row.priority.as_str().into(),
        () if part(Query { departments, ..Query::default() }) => {
            row.department.map_or("no department".into(), |it| it.name.as_str().into())
        }
        () => "changed".into(),
    }
}
