//! Serving: one ticket after another, in the order of the view. An answer or an action on a ticket
//! opens the next one. The state knows tickets by their numbers alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{Effects, Focus, Model, command::ConsoleCommand, notice::Level, panes::list, shown};
use crate::domain::{
    Change, ReplyKind, StatusId, TicketId,
    plan::{Step, many::named},
};

/// How many tickets a message names.
const NAMED: usize = 3;

/// What was done to a ticket. Of several deeds the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    Changed,
    Snoozed,
    Noted,
    Archived,
    Closed,
    Answered,
    Deleted,
}

impl Deed {
    /// Every deed with its word, as the summary tells them.
    const WORDS: [(Self, &str); 7] = [
        (Self::Answered, "answered"),
        (Self::Closed, "closed"),
        (Self::Archived, "archived"),
        (Self::Deleted, "deleted"),
        (Self::Noted, "noted"),
        (Self::Snoozed, "snoozed"),
        (Self::Changed, "changed"),
    ];

    fn of(change: &Change) -> Self {
        match change {
            Change::Post { kind: ReplyKind::Note, .. } => Self::Noted,
            Change::Post { .. } => Self::Answered,
            Change::DeleteTicket => Self::Deleted,
            Change::Archived(true) => Self::Archived,
            Change::Status(edit) if edit.to.id == StatusId::CLOSED => Self::Closed,
            _ => Self::Changed,
        }
    }
}

/// A round through a view.
#[derive(Clone, Debug, Default)]
pub(super) struct Serving {
    /// The position of the view.
    view: usize,
    done: BTreeMap<TicketId, Deed>,
    /// Skipped once: they come again at the end of the round.
    later: Vec<TicketId>,
    /// Skipped again.
    skipped: BTreeSet<TicketId>,
    /// Taken out of the view by others.
    left: BTreeSet<TicketId>,
}

impl Serving {
    /// Whether the ticket is still to be served.
    fn awaits(&self, ticket: TicketId) -> bool {
        let is_over = self.skipped.contains(&ticket) || self.left.contains(&ticket);
        !is_over && !self.done.contains_key(&ticket)
    }

    /// The next ticket: the first in the order of the view that was not skipped, then those that were,
    /// in the order in which they were skipped.
    pub(super) fn next(&self, listed: &[TicketId]) -> Option<TicketId> {
        let is_new = |id: &&TicketId| self.awaits(**id) && !self.later.contains(id);
        let again = || self.later.iter().find(|id| self.awaits(**id) && listed.contains(id));
        listed.iter().find(is_new).or_else(again).copied()
    }

    /// How many of the listed tickets are still to be served.
    pub(super) fn to_serve(&self, listed: &[TicketId]) -> usize {
        listed.iter().filter(|id| self.awaits(**id)).count()
    }

    /// Puts a ticket at the end of the round; one that was there already is left out.
    pub(super) fn skip(&mut self, ticket: TicketId) {
        if !self.awaits(ticket) {
            return;
        }
        if self.later.contains(&ticket) {
            self.later.retain(|id| *id != ticket);
            self.skipped.insert(ticket);
        } else {
            self.later.push(ticket);
        }
    }

    /// Something was done to a ticket.
    pub(super) fn did(&mut self, ticket: TicketId, deed: Deed) {
        let most = self.done.entry(ticket).or_insert(deed);
        *most = deed.max(*most);
        self.later.retain(|id| *id != ticket);
        self.skipped.remove(&ticket);
    }

    /// What was done to a ticket was taken back or refused: it is to be served again.
    pub(super) fn undid(&mut self, ticket: TicketId) {
        self.done.remove(&ticket);
        self.left.remove(&ticket);
    }

    /// Others have taken a ticket out of the view, or put it back. Returns whether it is passed over.
    pub(super) fn seen(&mut self, ticket: TicketId, is_in_view: bool) -> bool {
        match is_in_view {
            true => {
                self.left.remove(&ticket);
                false
            }
            false => self.awaits(ticket) && self.left.insert(ticket),
        }
    }

    /// What was done so far: "served 12: 9 answered, 2 closed, 1 skipped".
    pub(super) fn summary(&self) -> String {
        let skipped = self.skipped.len() + self.later.len();
        let count = |deed: Deed| self.done.values().filter(|it| **it == deed).count();
        let deeds = Deed::WORDS.map(|(deed, word)| (count(deed), word));
        let parts =
            deeds.into_iter().chain([(skipped, "skipped"), (self.left.len(), "left by others")]);
        let parts: Vec<String> = parts
            .filter(|(many, _)| *many > 0)
            .map(|(many, word)| format!("{many} {word}"))
            .collect();
        match self.done.len() + skipped {
            0 if parts.is_empty() => "served nothing".into(),
            many => format!("served {many}: {}", parts.join(", ")),
        }
    }
}

impl Model {
    /// Whether tickets are served one after another.
    pub fn is_serving(&self) -> bool {
        self.serve.is_some()
    }

    /// How the round stands: "serve: 3 done, 17 left".
    pub fn serving(&self) -> Option<String> {
        let serve = self.serve.as_ref()?;
        let left = serve.to_serve(&listed(self));
        Some(format!("serve: {} done, {left} left", serve.done.len()))
    }
}

/// The tickets that the open view shows, in order. A row that only lingers is none of them.
fn listed(model: &Model) -> Vec<TicketId> {
    let rows = model.tickets.rows();
    let lingers = model.list.lingering();
    let listed = model.list.listed().iter().filter(|place| lingers != Some(**place));
    listed.filter_map(|place| rows.id_at(*place)).collect()
}

/// Begins to serve the open view, or ends it.
pub(super) fn toggle(model: &mut Model) -> Effects {
    if model.is_serving() {
        return end(model);
    }
    if model.list.listed().is_empty() {
        model.say(Level::Info, "there is no ticket here to serve");
        return Effects::none();
    }
    let sorted = list::sort_anew(model);
    model.serve = Some(Serving { view: model.list.active, ..Serving::default() });
    sorted.and(go_on(model))
}

/// Ends the round, and says what was done.
pub(super) fn end(model: &mut Model) -> Effects {
    if let Some(serve) = model.serve.take() {
        super::storing::say_first(model, serve.summary());
    }
    Effects::none()
}

/// Ends the round if another view is open by now.
pub(super) fn hold_view(model: &mut Model) {
    if model.serve.as_ref().is_some_and(|serve| serve.view != model.list.active) {
        let _ = end(model);
    }
}

/// Opens the next ticket, or ends the round if there is none.
pub(super) fn go_on(model: &mut Model) -> Effects {
    let listed = listed(model);
    let Some(serve) = &model.serve else { return Effects::none() };
    let Some(ticket) = serve.next(&listed) else { return end(model) };
    model.select(ticket);
    model.focus = Focus::Conversation;
    shown::show(model, Some(ticket));
    model.fit_conversation()
}

/// Skips a ticket: it comes again at the end of the round.
pub(super) fn skip(model: &mut Model, ticket: Option<TicketId>) -> Effects {
    let listed = listed(model);
    let Some(serve) = &mut model.serve else {
        let key = model.keymap.key_for(ConsoleCommand::Serve);
        model.say(Level::Info, format!("nothing is served; {key} begins"));
        return Effects::none();
    };
    if let Some(ticket) = ticket {
        let is_only = serve.awaits(ticket) && serve.to_serve(&listed) == 1;
        serve.skip(ticket);
        if is_only {
            serve.skip(ticket);
        }
    }
    go_on(model)
}

/// Takes note of an action of the agent.
pub(super) fn did(model: &mut Model, step: &Step) {
    let Some(serve) = &mut model.serve else { return };
    for planned in &step.changes {
        if let Some(ticket) = planned.ticket {
            serve.did(ticket, Deed::of(&planned.change));
        }
    }
}

/// Takes note that the agent has snoozed a ticket.
pub(super) fn snoozed(model: &mut Model, ticket: TicketId) {
    if let Some(serve) = &mut model.serve {
        serve.did(ticket, Deed::Snoozed);
    }
}

/// Takes note that an action on a ticket was taken back or refused.
pub(super) fn undid(model: &mut Model, ticket: Option<TicketId>) {
    if let (Some(serve), Some(ticket)) = (&mut model.serve, ticket) {
        serve.undid(ticket);
    }
}

/// Others have changed these tickets. Those that have left the view are passed over, which is said.
pub(super) fn seen(model: &mut Model, was_there: &[TicketId], changed: &[TicketId]) {
    let Some(tab) = model.list.tab() else { return };
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    let is_there = |id: TicketId| rows.get(id).is_some_and(|row| tab.view.takes(row, waiting));
    let Some(serve) = &mut model.serve else { return };
    let left = |id: &&TicketId| {
        let there = is_there(**id);
        (there || was_there.contains(id)) && serve.seen(**id, there)
    };
    // A ticket that is gone is told anyway.
    let left: Vec<TicketId> = changed.iter().filter(left).copied().collect();
    let left: Vec<TicketId> = left.into_iter().filter(|id| rows.get(*id).is_some()).collect();
    if left.is_empty() {
        return;
    }
    let here = model.ticket_at_hand().is_some_and(|id| left.contains(&id));
    let skip = model.keymap.key_for(ConsoleCommand::Skip);
    let next = if here { format!("; {skip} goes on") } else { String::new() };
    let text = format!("{} left the view and is passed over{next}", named(&left, NAMED));
    model.say(Level::Info, text);
}

/// Those of `tickets` that the open view shows, while it is served.
pub(super) fn in_view(model: &Model, tickets: &[TicketId]) -> Vec<TicketId> {
    let Some(tab) = model.list.tab().filter(|_| model.is_serving()) else { return Vec::new() };
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    let shows = |id: &TicketId| rows.get(*id).is_some_and(|row| tab.view.takes(row, waiting));
    tickets.iter().copied().filter(shows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[i64]) -> Vec<TicketId> {
        ids.iter().copied().map(TicketId).collect()
    }

    #[test]
    fn tickets_are_served_in_order_and_skipped_ones_come_again_once() {
        let mut serve = Serving::default();
        let mut listed = ids(&[1, 2, 3, 4]);
        assert_eq!(serve.next(&listed), Some(TicketId(1)));
        serve.skip(TicketId(1));
        assert_eq!(serve.next(&listed), Some(TicketId(2)));
        serve.did(TicketId(2), Deed::Closed);
        serve.did(TicketId(2), Deed::Changed);
        // A new ticket has its place in the order.
        listed.insert(2, TicketId(9));
        assert_eq!(serve.next(&listed), Some(TicketId(9)));
        serve.did(TicketId(9), Deed::Answered);
        assert!(serve.seen(TicketId(3), false));
        listed.retain(|id| *id != TicketId(3));
        assert_eq!((serve.next(&listed), serve.to_serve(&listed)), (Some(TicketId(4)), 2));
        serve.skip(TicketId(4));
        assert_eq!(serve.next(&listed), Some(TicketId(1)), "those skipped first come first");
        serve.skip(TicketId(1));
        assert_eq!(serve.next(&listed), Some(TicketId(4)));
        serve.did(TicketId(4), Deed::Noted);
        assert_eq!((serve.next(&listed), serve.to_serve(&listed)), (None, 0));
        assert_eq!(
            serve.summary(),
            "served 4: 1 answered, 1 closed, 1 noted, 1 skipped, 1 left by others"
        );
    }

    #[test]
    fn what_is_taken_back_is_served_again() {
        let mut serve = Serving::default();
        let listed = ids(&[1, 2]);
        serve.did(TicketId(1), Deed::Closed);
        assert_eq!(serve.next(&listed), Some(TicketId(2)));
        serve.undid(TicketId(1));
        assert_eq!(serve.next(&listed), Some(TicketId(1)));
        assert_eq!(serve.summary(), "served nothing");
    }

    #[test]
    fn whatever_is_done_each_ticket_is_served_or_skipped_and_the_round_ends() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..200 {
            let mut serve = Serving::default();
            let mut listed = ids(&(0..random.i64(1..12)).collect::<Vec<_>>());
            let mut new = 100;
            for step in 0.. {
                assert!(step < 200, "the round ends");
                let Some(next) = serve.next(&listed) else { break };
                assert!(serve.awaits(next) && listed.contains(&next));
                match random.u8(0..8) {
                    0..4 => serve.did(next, Deed::Answered),
                    4..6 => serve.skip(next),
                    6 if new < 110 => {
                        listed.insert(random.usize(..=listed.len()), TicketId(new));
                        new += 1;
                    }
                    _ => {
                        let other = listed[random.usize(..listed.len())];
                        serve.seen(other, false);
                        listed.retain(|id| *id != other);
                    }
                }
            }
            assert_eq!(serve.to_serve(&listed), 0);
        }
    }
}
