//! Which requests go first. Single actions of the agent, and changes to the ticket on screen, go
//! before the rest of a large step.

use std::collections::{HashMap, HashSet};

use crate::{
    api::Urgency,
    domain::{Entry, StepId, TicketId, plan::many::FEW},
};

/// How many changes of large steps are sent at a time: the others do not queue for the request
/// budget yet, so more urgent requests find room.
pub(super) const AT_ONCE: usize = 4;

/// How urgent each entry of the outbox is.
pub(super) struct Haste {
    large: HashSet<StepId>,
    /// The place of each ticket's last entry that does not belong to a large step.
    singles: HashMap<TicketId, usize>,
}

impl Haste {
    /// Looks at the unsettled entries, which are in order.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut tickets: HashMap<StepId, HashSet<Option<TicketId>>> = HashMap::new();
        for entry in entries {
            let known = tickets.entry(entry.step).or_default();
            if known.len() <= FEW {
                known.insert(entry.ticket);
            }
        }
        let large = tickets.into_iter().filter(|(_, tickets)| tickets.len() > FEW);
        let large: HashSet<StepId> = large.map(|(step, _)| step).collect();
        let single = |(_, entry): &(usize, &Entry)| !large.contains(&entry.step);
        let singles = entries.iter().enumerate().filter(single);
        let singles = singles.filter_map(|(at, entry)| Some((entry.ticket?, at))).collect();
        Self { large, singles }
    }

    /// How urgent the entry at a place is. If a single action waits behind an entry of a large step
    /// on the same ticket, that entry is as urgent as the action.
    pub(super) fn urgency(&self, at: usize, entry: &Entry) -> Urgency {
        let single = entry.ticket.and_then(|ticket| self.singles.get(&ticket));
        let waited_for = single.is_some_and(|later| *later > at);
        match self.large.contains(&entry.step) && !waited_for {
            true => Urgency::Background,
            false => Urgency::Agent,
        }
    }
}
