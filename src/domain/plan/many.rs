//! What is wanted of several tickets, and the figures of its plan.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{Action, Cant, Choice, Known, Outcome, Plan, Targets};
use crate::domain::{Change, ReplyKind, TicketId, when};

/// How many of a minute's requests background work leaves to the agent, unless the limit is small.
const RESERVE: usize = 10;

/// How many tickets a step may change and still be sent as a single action of the agent.
pub const FEW: usize = 5;

/// How many of `limit` requests a minute background work may use.
pub fn left_to_background(limit: usize) -> usize {
    limit - RESERVE.min(limit / 4)
}

/// The requests of a plan on some tickets and the time that a request budget makes of them, in words:
/// `limit` requests a minute, 0 for no limit, of which some are used.
pub fn takes(requests: usize, tickets: usize, limit: u32, used: u32) -> String {
    let said = format!("{requests} requests");
    let whole = |it: u32| usize::try_from(it).unwrap_or(usize::MAX);
    let (limit, used) = (whole(limit), whole(used));
    if limit == 0 {
        return said;
    }
    // A step on a few tickets goes as a single action, and may use the whole budget.
    let share = if tickets > FEW { left_to_background(limit) } else { limit }.max(1);
    let at_once = share.saturating_sub(used);
    let minutes = requests.saturating_sub(at_once).div_ceil(share);
    let minutes = i64::try_from(minutes).unwrap_or(i64::MAX / 60);
    match minutes {
        0 => format!("{said}, sent at once"),
        1 => format!("{said}, about a minute at {limit} requests a minute"),
        many => {
            let span = when::span(SignedDuration::from_mins(many));
            format!("{said}, about {span} at {limit} requests a minute")
        }
    }
}

/// The wishes for several tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wishes {
    /// The same action for all.
    Same(Action),
    /// Each ticket's own action, or the reason that holds it back there.
    Each(BTreeMap<TicketId, Result<Action, Cant>>),
}

impl Wishes {
    /// Plans them on `targets`. A ticket without a wish of its own is left out.
    pub fn plan(&self, targets: &[TicketId], known: &impl Known) -> Plan {
        match self {
            Self::Same(action) => Plan::of(action, &Targets::of(targets.iter().copied()), known),
            Self::Each(all) => {
                let own = targets.iter().filter_map(|id| Some((*id, all.get(id)?.clone())));
                Plan::of_each(own, known)
            }
        }
    }

    /// The action of a ticket, if nothing holds it back.
    pub fn action(&self, ticket: TicketId) -> Option<&Action> {
        match self {
            Self::Same(action) => Some(action),
            Self::Each(all) => all.get(&ticket)?.as_ref().ok(),
        }
    }
}

/// Tickets that a plan can't change for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The reason, in a few words without a subject.
    pub why: String,
    /// The tickets, in the order of the plan.
    pub tickets: Vec<TicketId>,
}

/// The figures of a plan on several tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The tickets that change.
    pub ready: usize,
    /// The tickets that are so already.
    pub already: Vec<TicketId>,
    /// The tickets that can't be changed, by reason, in the order in which the reasons come.
    pub held_back: Vec<HeldBack>,
    /// How many requests it takes, if nothing goes wrong.
    pub requests: usize,
}

impl Figures {
    /// How many tickets can't be changed.
    pub fn cant(&self) -> usize {
        self.held_back.iter().map(|it| it.tickets.len()).sum()
    }
}

impl Plan {
    /// Its figures.
    pub fn figures(&self) -> Figures {
        let mut figures = Figures::default();
        for line in &self.lines {
            if let Some(why) = line.outcome.why() {
                let tickets = line.ticket;
                match figures.held_back.iter_mut().find(|it| it.why == why) {
                    Some(known) => known.tickets.extend(tickets),
                    None => {
                        let tickets = tickets.into_iter().collect();
                        figures.held_back.push(HeldBack { why, tickets });
                    }
                }
            } else if let Some(ready) = line.ready() {
                figures.ready += 1;
                let requests = ready.changes.iter().map(|it| it.change.requests());
                figures.requests += requests.sum::<usize>();
            } else {
                figures.already.extend(line.ticket);
            }
        }
        figures
    }
}

impl Outcome {
    /// Why nothing is done, in a few words without a subject; `None` if the line is ready, or the
    /// ticket is so already.
    pub fn why(&self) -> Option<String> {
        let choice = match self {
            Self::Ready(_) | Self::Already => return None,
            Self::Cant(why) => return Some(why.in_short()),
            Self::Choose(choice) => choice,
        };
        Some(match choice.as_ref() {
            Choice::Missing { lacks, .. } => format!("no {lacks}, which the server needs with it"),
            Choice::Half { .. } => "a part of it stays".into(),
        })
    }
}

impl Cant {
    /// The reason without a subject, for several tickets.
    fn in_short(&self) -> String {
        match self {
            Self::Gone => "not here any more".into(),
            Self::ReadOnly => "this profile is read-only".into(),
            Self::NoText => "no text to post".into(),
            Self::Gap(gap) => format!("no {}, which the text needs", gap.0),
            Self::Unfilled(why) => format!("no text: {why}"),
            Self::Lacks(what) => format!("the server has no {}", what.join(", no ")),
            Self::Refused(why) => (*why).into(),
            Self::Lasting(what) => format!("{}: can't be taken back any more", what.join(", ")),
            Self::ChangedSince => "changed by somebody else meanwhile".into(),
        }
    }
}

impl Change {
    /// How many requests it takes, if nothing goes wrong: the reads before it, the change itself, and
    /// for a post the ticket after it. A long conversation takes more.
    pub fn requests(&self) -> usize {
        match self {
            Self::Create(_) => 3,
            Self::Post { kind: ReplyKind::Note, .. } => 3,
            Self::Post { .. } => 4,
            Self::DeleteReply(_) => 1,
            Self::Status(_) | Self::Fields(_) | Self::Tags(_) | Self::Archived(_) => 2,
            Self::DeleteTicket => 2,
        }
    }
}

/// The first `most` of some tickets, and how many there are beyond them.
pub fn named(tickets: &[TicketId], most: usize) -> String {
    let first: Vec<String> = tickets.iter().take(most).map(ToString::to_string).collect();
    let first = first.join(", ");
    match tickets.len().saturating_sub(most) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_named_as_far_as_there_is_room() {
        let ids: Vec<TicketId> = (1..=5).map(TicketId).collect();
        assert_eq!(named(&ids[..1], 3), "#1");
        assert_eq!(named(&ids[..3], 3), "#1, #2, #3");
        assert_eq!(named(&ids, 3), "#1, #2, #3 and 2 more");
        assert_eq!(named(&[], 3), "");
    }

    #[test]
    fn background_work_leaves_a_share_to_the_agent() {
        assert_eq!([1, 4, 20, 60, 600].map(left_to_background), [1, 3, 15, 50, 590]);
    }
}
