//! Reading ahead: the conversations around the one that is shown, rendered before they are asked
//! for, so that the next ticket's text is there with the key.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use super::{
    Connection, Model,
    effect::{Effects, Read, Slot},
    layout,
    requests::Requests,
};
use crate::{desk::Thread, domain::TicketId};

/// How many rows are read ahead in the direction in which the cursor moves, and in the other.
const ROWS: (usize, usize) = (5, 3);

/// If a neighbour at most this far away has no conversation yet, all neighbours are read.
const NEAR: usize = 2;

/// The most conversations that are kept.
const MOST: usize = 12;

/// The most lines of text that are kept: some megabytes.
const MOST_LINES: usize = 20_000;

/// How many tickets are remembered as asked for in vain.
const MOST_TRIED: usize = 1_000;

/// Conversations as the store had them, rendered; those read or shown last are at the end.
#[derive(Clone, Debug, Default)]
pub struct Ahead {
    kept: VecDeque<Box<Thread>>,
    /// Tickets that have changed since the neighbours were asked for; an answer may be older than
    /// the change.
    changed: BTreeSet<TicketId>,
    /// How a ticket stood when its conversation was last fetched ahead.
    tried: BTreeMap<TicketId, (u32, Option<Timestamp>)>,
    moved: Option<Timestamp>,
    row: usize,
    up: bool,
}

impl Ahead {
    /// Notes that another conversation is shown, with the list's cursor on `row`. Returns whether
    /// the one before was shown only for a moment.
    pub(super) fn note_move(&mut self, now: Timestamp, row: usize) -> bool {
        if row != self.row {
            self.up = row < self.row;
        }
        self.row = row;
        Requests::is_burst(self.moved.replace(now), now)
    }

    /// Keeps a conversation. If there is no room, the one kept longest goes.
    pub(super) fn keep(&mut self, mut thread: Box<Thread>) {
        if !thread.whole {
            return;
        }
        // By the time it is shown again, the store remembers the server's answer.
        thread.fetched = false;
        self.kept.retain(|it| it.ticket != thread.ticket);
        self.kept.push_back(thread);
        let mut lines: usize = self.kept.iter().map(|it| it.lines()).sum();
        while self.kept.len() > MOST || lines > MOST_LINES {
            let Some(oldest) = self.kept.pop_front() else { break };
            lines -= oldest.lines();
        }
    }

    /// Gives a conversation that was rendered for `width` columns, if it is kept.
    pub(super) fn take(&mut self, ticket: TicketId, width: u16) -> Option<Box<Thread>> {
        let at = self.kept.iter().position(|it| it.ticket == ticket && it.width == width)?;
        self.kept.remove(at)
    }

    fn holds(&self, ticket: TicketId, width: u16) -> bool {
        self.kept.iter().any(|it| it.ticket == ticket && it.width == width)
    }

    /// Forgets the conversation of a ticket, since the store holds another version now. The
    /// `awaited` answer may be out of date too.
    pub(super) fn forget(&mut self, ticket: TicketId, awaited: bool) {
        self.kept.retain(|it| it.ticket != ticket);
        if awaited {
            self.changed.insert(ticket);
        }
    }

    /// The neighbours are asked for: the answers will hold what has changed until now.
    pub(super) fn asked(&mut self) {
        self.changed.clear();
    }

    /// Forgets all conversations, since they would now be rendered otherwise.
    pub(super) fn clear(&mut self) {
        self.kept.clear();
    }
}

/// The read that brings the neighbours' conversations, if one of the nearest is not there.
pub(super) fn missing(model: &Model, width: u16) -> Option<Read> {
    if model.conversation.ticket != model.selected() {
        return None;
    }
    let up = model.ahead.up;
    let lacks = |id: &TicketId| !model.ahead.holds(*id, width);
    if !model.neighbours(NEAR, 1, up).iter().any(lacks) {
        return None;
    }
    let tickets: Vec<TicketId> =
        model.neighbours(ROWS.0, ROWS.1, up).into_iter().filter(lacks).collect();
    Some(Read::Ahead { tickets, width })
}

/// Takes in a conversation that was read ahead, from the store or from the server; after the last
/// one there is `None`.
pub(super) fn arrived(model: &mut Model, slot: Slot, thread: Option<Box<Thread>>) {
    let Some(thread) = thread else { return model.requests.forget(slot) };
    let ticket = thread.ticket;
    if slot == Slot::Ahead && model.ahead.changed.contains(&ticket) {
        return;
    }
    let shown = model.conversation.ticket == Some(ticket);
    if !shown && thread.width == layout::text_width(model) {
        model.ahead.keep(thread);
    }
}

/// Fetches the conversation that will likely be shown next, if it was never read. (One that has
/// grown keeps its mark until the agent looks at it.) It fetches one at a time, and only while less
/// than half of the request budget is used.
pub(super) fn fetch_next(model: &mut Model) -> Effects {
    let budget = model.budget;
    let is_free = budget.limit == 0 || budget.used < budget.limit / 2;
    let is_there = model.connection == Connection::Online && !model.settings.offline;
    if !is_free || !is_there || model.requests.awaits(Slot::Next) {
        return Effects::none();
    }
    if model.conversation.ticket != model.selected() {
        return Effects::none();
    }
    let next = model.neighbours(1, 0, model.ahead.up).into_iter().next();
    let Some((ticket, stood)) = next.and_then(|id| Some((id, unread(model, id)?))) else {
        return Effects::none();
    };
    if model.ahead.tried.get(&ticket) == Some(&stood) {
        return Effects::none();
    }
    if model.ahead.tried.len() >= MOST_TRIED {
        model.ahead.tried.clear();
    }
    model.ahead.tried.insert(ticket, stood);
    let width = layout::text_width(model);
    model.requests.ask(Slot::Next, Read::Next { ticket, width }).into()
}

/// How a ticket stands whose conversation was never read.
fn unread(model: &Model, id: TicketId) -> Option<(u32, Option<Timestamp>)> {
    let row = model.tickets.said(id)?;
    row.facts.is_none().then_some((row.ticket.replies_count, row.ticket.last_updated))
}

#[cfg(test)]
mod tests;
