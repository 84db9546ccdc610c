//! Exact waits. The conversations of waiting tickets whose wait is only estimated (`~`) are read with
//! spare requests: the longest wait first, one at a time.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::{
    Connection, Model,
    effect::{Effects, Read, Slot},
};
use crate::domain::TicketId;

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// From how long on without a key the agent does not work at this console.
const IDLE: SignedDuration = MINUTE;

/// Of the request budget, one request in so many is spent while the agent works, and while not.
const PARTS: (u32, u32) = (4, 2);

/// The requests of a minute if there is no budget.
const WITHOUT_LIMIT: u32 = 60;

/// The most requests that a read costs: the conversation, and the ticket if that has changed.
const COST: usize = 2;

/// How a ticket stood when its conversation was read.
type Stood = (u32, Option<Timestamp>);

/// The reads of exact waits.
#[derive(Clone, Debug, Default)]
pub(super) struct Exact {
    /// The requests of the last minute, each by the time when it was asked for.
    spent: VecDeque<Timestamp>,
    /// The ticket that is read, as it stood.
    reading: Option<(TicketId, Stood)>,
    /// How each ticket stood that was read. One is not read again before it changes, also if the read
    /// has failed.
    tried: BTreeMap<TicketId, Stood>,
    /// Whether there was nothing to read when it was last looked for.
    is_done: bool,
    /// When the agent last pressed a key, or opened the console.
    key_at: Option<Timestamp>,
}

impl Exact {
    /// The agent is at work.
    pub(super) fn note_key(&mut self, now: Timestamp) {
        self.key_at = Some(now);
    }

    /// Something has changed, so there may be something to read.
    pub(super) fn look_again(&mut self) {
        self.is_done = false;
    }

    /// The server is there again: what failed is tried again.
    pub(super) fn try_again(&mut self) {
        self.tried.clear();
    }

    /// When the next read may be asked for, with a budget of `limit` requests a minute (0: none). The
    /// reads are spread evenly, and never take more than their share in any minute.
    fn due(&self, now: Timestamp, limit: u32) -> Timestamp {
        let after = |at: Timestamp, wait| at.saturating_add(wait).unwrap_or(Timestamp::MAX);
        let key_at = self.key_at.unwrap_or(now);
        let is_idle = now.duration_since(key_at) >= IDLE;
        let limit = if limit == 0 { WITHOUT_LIMIT } else { limit };
        let share = (limit / if is_idle { PARTS.1 } else { PARTS.0 }).max(1);
        let interval = SignedDuration::from_millis(60_000 / i64::from(share));
        let share = usize::try_from(share).unwrap_or(usize::MAX).max(COST);
        let recent: Vec<Timestamp> =
            self.spent.iter().copied().filter(|at| now.duration_since(*at) < MINUTE).collect();
        let full = (recent.len() + COST).checked_sub(share + 1).and_then(|at| recent.get(at));
        let last = self.spent.back().copied().unwrap_or(key_at);
        after(last, interval).max(full.map_or(now, |at| after(*at, MINUTE)))
    }
}

impl Model {
    /// Whether reads of exact waits could go on, whatever the time.
    fn may_learn_waits(&self) -> bool {
        let is_there = self.connection == Connection::Online && !self.settings.offline;
        let is_free = ![Slot::Exact, Slot::Fetched].iter().any(|slot| self.requests.awaits(*slot));
        let is_read = self.progress.stored && self.progress.refreshing.is_none();
        is_there && is_free && is_read && !self.exact.is_done
    }

    /// When the next conversation is to be read for its exact wait.
    pub(super) fn learns_wait_at(&self) -> Option<Timestamp> {
        let due = self.exact.due(self.now, self.budget.limit);
        (self.may_learn_waits() && due > self.now).then_some(due)
    }

    /// The ticket that waits longest, of those whose wait is only estimated.
    fn longest_estimate(&self) -> Option<(TicketId, Stood)> {
        let (rows, waiting) = (self.tickets.rows(), &self.settings.waiting);
        let estimate = |id: TicketId| {
            let row = rows.get(id)?;
            let wait = row.waiting(waiting).filter(|wait| !wait.exact)?;
            let stood = (row.replies_count, row.last_updated);
            let is_new = self.exact.tried.get(&id) != Some(&stood);
            is_new.then_some((wait.since, id, stood))
        };
        let places = self.list.waiting().iter();
        let estimates = places.filter_map(|place| rows.id_at(*place)).filter_map(estimate);
        estimates.min().map(|(_, id, stood)| (id, stood))
    }
}

/// Reads the next conversation for its exact wait, if that is due and a quarter of the budget stays
/// free for the agent.
pub(super) fn read_on(model: &mut Model) -> Effects {
    let budget = model.budget;
    let is_spare = budget.limit == 0 || budget.used < budget.limit - budget.limit / 4;
    let now = model.now;
    if !is_spare || !model.may_learn_waits() || model.exact.due(now, budget.limit) > now {
        return Effects::none();
    }
    let Some((ticket, stood)) = model.longest_estimate() else {
        model.exact.is_done = true;
        return Effects::none();
    };
    let exact = &mut model.exact;
    exact.spent.retain(|at| now.duration_since(*at) < MINUTE);
    exact.spent.push_back(now);
    exact.tried.insert(ticket, stood);
    exact.reading = Some((ticket, stood));
    model.requests.ask(Slot::Exact, Read::Exact(ticket)).into()
}

/// The read has ended; what it found came as rows. If the ticket has changed, it was read too.
pub(super) fn ended(model: &mut Model) {
    model.requests.forget(Slot::Exact);
    let Some((ticket, stood)) = model.exact.reading.take() else { return };
    let row = model.tickets.rows().get(ticket);
    if row.is_none_or(|row| (row.replies_count, row.last_updated) != stood) {
        model.exact.spent.push_back(model.now);
    }
}
