//! Marks: the tickets that the agent has marked. A mark belongs to a ticket, not to a row, so it
//! stays through every refresh, filter and change of view.

use std::collections::BTreeSet;

use super::{Effects, Focus, Model, at_hand, cursor::Step, errand::Errand, notice::Level};
use crate::domain::{PlaceSet, TicketId, plan::many::named};

/// How many tickets a message names.
const NAMED: usize = 8;

/// The marked tickets.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    marked: BTreeSet<TicketId>,
    /// The ticket that was marked last: a range begins there.
    from: Option<TicketId>,
    /// The marks that were taken off last, by an action or all at once.
    last: BTreeSet<TicketId>,
    /// Those of the marked ones that an action has failed on, and those that it could not mark again
    /// since the agent had marked others.
    failed: BTreeSet<TicketId>,
    /// Whether tickets were marked by themselves, and the screen does not show it yet.
    pub(super) slipped: bool,
}

/// The marks that an action has taken off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    tickets: BTreeSet<TicketId>,
    /// Those that stayed marked.
    left: BTreeSet<TicketId>,
}

impl Taken {
    /// Whether there were none.
    pub(super) fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }
}

/// The tickets that an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// The ticket at hand, or the only marked one.
    One(TicketId),
    /// The marked ones.
    Marked,
}

impl Marks {
    /// Whether a ticket is marked.
    pub fn has(&self, ticket: TicketId) -> bool {
        self.marked.contains(&ticket)
    }

    /// How many tickets are marked.
    pub fn len(&self) -> usize {
        self.marked.len()
    }

    /// Whether no ticket is marked.
    pub fn is_empty(&self) -> bool {
        self.marked.is_empty()
    }

    /// Whether this ticket is marked, and no other.
    pub(super) fn are_only(&self, ticket: Option<TicketId>) -> bool {
        self.marked.len() == 1 && self.marked.first().copied() == ticket
    }

    /// An action has taken these tickets. They lose their marks, which can be had again.
    pub(super) fn take(&mut self, tickets: &BTreeSet<TicketId>) -> Taken {
        let taken: BTreeSet<TicketId> = self.marked.intersection(tickets).copied().collect();
        if taken.is_empty() {
            return Taken::default();
        }
        self.marked.retain(|id| !taken.contains(id));
        self.failed.retain(|id| !taken.contains(id));
        // A mark that is used up begins no range.
        self.from = self.from.filter(|id| !taken.contains(id));
        self.last.clone_from(&taken);
        Taken { tickets: taken, left: self.marked.clone() }
    }

    /// An action has failed on a ticket, which keeps its mark. If the agent has marked others since,
    /// the two sets are not mixed: the failed ones are the last marks.
    pub(super) fn fail(&mut self, ticket: TicketId) {
        if self.marked.is_subset(&self.failed) {
            self.slipped |= self.marked.insert(ticket);
        } else if self.last.is_subset(&self.failed) {
            self.last.insert(ticket);
        } else {
            self.last = BTreeSet::from([ticket]);
        }
        self.failed.insert(ticket);
    }

    /// Nothing of an action happens: the tickets whose marks it took are marked as before. If the agent
    /// has marked others since, the two sets are not mixed: they are the last marks.
    pub(super) fn put_back(&mut self, taken: Taken) {
        if taken.tickets.is_empty() {
            return;
        }
        if self.marked.is_subset(&taken.left) {
            self.slipped = true;
            self.marked.extend(taken.tickets);
        } else {
            self.last = taken.tickets;
        }
    }

    /// Takes all marks off.
    fn clear(&mut self) {
        self.last = std::mem::take(&mut self.marked);
        self.failed.clear();
    }
}

impl Model {
    /// The marked tickets that are listed, in the order of the list.
    pub(super) fn listed_marks(&self) -> Vec<TicketId> {
        let rows = self.tickets.rows();
        let places: PlaceSet = self.marks.marked.iter().filter_map(|id| rows.place(*id)).collect();
        let listed = self.list.listed().iter().filter(|place| places.has(**place));
        listed.filter_map(|place| rows.id_at(*place)).collect()
    }

    /// The marked tickets that are not listed.
    pub(super) fn hidden_marks(&self, listed: &[TicketId]) -> Vec<TicketId> {
        let listed: BTreeSet<TicketId> = listed.iter().copied().collect();
        self.marks.marked.difference(&listed).copied().collect()
    }

    /// The tickets of an action on `ticket`, for people: "#12", "3 marked tickets".
    pub(super) fn aimed(&self, aim: Aim) -> String {
        match (aim, self.marks.len()) {
            (Aim::One(id), _) => id.to_string(),
            (Aim::Marked, 1) => "the marked ticket".into(),
            (Aim::Marked, many) => format!("{many} marked tickets"),
        }
    }
}

/// Marks a ticket, or takes its mark off. In the list the cursor goes on to the next row.
pub(super) fn toggle(model: &mut Model, ticket: TicketId) -> Effects {
    let marks = &mut model.marks;
    if marks.marked.remove(&ticket) {
        marks.from = None;
    } else {
        marks.marked.insert(ticket);
        marks.from = Some(ticket);
    }
    if model.focus == Focus::List {
        model.pass(Errand::Step(Step::Down));
    }
    Effects::none()
}

/// Marks the rows from the last mark to `ticket`. Without a last mark in the list it marks the ticket
/// alone.
pub(super) fn range(model: &mut Model, ticket: TicketId) -> Effects {
    let rows = model.tickets.rows();
    let at = |id: TicketId| {
        let place = rows.place(id)?;
        model.list.listed().iter().position(|it| *it == place)
    };
    let (from, to) = (model.marks.from.and_then(at), at(ticket));
    let ids: Vec<TicketId> = match from.zip(to) {
        Some((from, to)) => {
            let range = model.list.listed().get(from.min(to)..=from.max(to)).unwrap_or_default();
            range.iter().filter_map(|place| rows.id_at(*place)).collect()
        }
        None => vec![ticket],
    };
    model.marks.marked.extend(ids);
    model.marks.from = Some(ticket);
    Effects::none()
}

/// Marks all that is listed. If all of it is marked, it takes those marks off.
pub(super) fn all(model: &mut Model) -> Effects {
    let rows = model.tickets.rows();
    let listed = model.list.listed().iter().filter_map(|place| rows.id_at(*place));
    let mut listed: BTreeSet<TicketId> = listed.collect();
    if listed.is_empty() {
        model.say(Level::Info, "there is no ticket here to mark");
        return Effects::none();
    }
    let marks = &mut model.marks;
    marks.from = None;
    if marks.marked.is_empty() {
        marks.marked = listed;
    } else if marks.marked.is_superset(&listed) {
        marks.marked = marks.marked.difference(&listed).copied().collect();
        marks.last = listed;
    } else {
        marks.marked.append(&mut listed);
    }
    Effects::none()
}

/// Marks the tickets again whose marks were taken off last.
pub(super) fn again(model: &mut Model) -> Effects {
    let last = std::mem::take(&mut model.marks.last);
    let (here, gone): (Vec<TicketId>, Vec<TicketId>) =
        last.into_iter().partition(|id| model.tickets.knows(*id));
    let many = here.len();
    model.marks.marked.extend(here);
    match (many, gone.is_empty()) {
        (0, true) => model.say(Level::Info, "there are no earlier marks to bring back"),
        (_, true) => {}
        (_, false) => {
            let text = format!("{} not here any more, so not marked", are(&gone));
            model.say(Level::Warning, text);
        }
    }
    Effects::none()
}

/// Takes all marks off, if there are any.
pub(super) fn clear(model: &mut Model) -> bool {
    let were = !model.marks.is_empty();
    if were {
        model.marks.clear();
        model.marks.from = None;
    }
    were
}

/// Tickets have gone. Returns the words about those that were marked, for the end of a sentence.
pub(super) fn drop_out(model: &mut Model, gone: &[TicketId]) -> Option<String> {
    if model.marks.is_empty() {
        return None;
    }
    let out: Vec<TicketId> =
        gone.iter().copied().filter(|id| model.marks.marked.remove(id)).collect();
    model.marks.from = model.marks.from.filter(|id| !out.contains(id));
    match out.len() {
        0 => None,
        1 if gone.len() == 1 => Some("it was marked".into()),
        _ => Some(format!("{} marked", were(&out))),
    }
}

/// Marks are for tickets that are here: those of others go, and the agent is told.
pub(super) fn drop_unknown(model: &mut Model) {
    let gone: Vec<TicketId> =
        model.marks.marked.iter().copied().filter(|id| !model.tickets.knows(*id)).collect();
    if let Some(words) = drop_out(model, &gone) {
        let text = format!("{} not here any more; {words}", are(&gone));
        model.say(Level::Warning, text);
    }
}

fn are(ids: &[TicketId]) -> String {
    let verb = if ids.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", named(ids, NAMED))
}

fn were(ids: &[TicketId]) -> String {
    let verb = if ids.len() == 1 { "was" } else { "were" };
    format!("{} {verb}", named(ids, NAMED))
}

/// Carries out a command that takes the marked tickets, or else the ticket at hand.
pub(super) fn change(
    model: &mut Model,
    ticket: Option<TicketId>,
    act: impl FnOnce(&mut Model, Aim) -> Effects,
) -> Effects {
    if model.marks.is_empty() || model.marks.are_only(ticket) {
        return at_hand::change(model, ticket, |model, id| act(model, Aim::One(id)));
    }
    if model.marks.slipped {
        let text = "tickets were just marked by themselves; look, then press the key again";
        model.say(Level::Info, text);
        return Effects::none();
    }
    act(model, Aim::Marked)
}

/// Carries out a command on the ticket at hand alone. If others are marked, the agent is told that
/// they are left out.
pub(super) fn alone(
    model: &mut Model,
    ticket: Option<TicketId>,
    what: &str,
    act: impl FnOnce(&mut Model, TicketId) -> Effects,
) -> Effects {
    at_hand::change(model, ticket, |model, id| {
        if !model.marks.is_empty() && !model.marks.are_only(Some(id)) {
            let marked = match model.marks.len() {
                1 => "1 ticket stays marked".to_owned(),
                many => format!("{many} tickets stay marked"),
            };
            model.say(Level::Info, format!("{id} alone: {what} is for one ticket; {marked}"));
        }
        act(model, id)
    })
}

/// Carries out a command that is refused while other tickets than the one at hand are marked.
pub(super) fn never_many(
    model: &mut Model,
    ticket: Option<TicketId>,
    act: impl FnOnce(&mut Model, TicketId) -> Effects,
) -> Effects {
    if model.marks.is_empty() || model.marks.are_only(ticket) {
        return at_hand::change(model, ticket, act);
    }
    let marked = match model.marks.len() {
        1 => "another ticket is".to_owned(),
        many => format!("{many} tickets are"),
    };
    let text = format!(
        "{marked} marked, and a deletion is for one ticket, whose id is typed; nothing was done"
    );
    model.say(Level::Warning, text);
    Effects::none()
}
