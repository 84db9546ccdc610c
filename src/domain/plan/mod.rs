//! Plans: the result of an action on each of its targets, before anything happens.
//!
//! [`Action`] × [`Targets`] is a [`Plan`], against the tickets as they are known: each target has
//! one [`PlanLine`], which names the differences to be made, or the reason why there are none. The
//! ready lines become a [`Step`], and its changes become entries of the outbox. Taking a step back,
//! and doing it again, are plans too ([`back`]).

pub mod action;
pub mod back;
pub mod line;
pub mod macros;
pub mod many;
pub mod step;

use super::{Change, EntryId, ReplyId, Sight, Stand, Ticket, TicketId};

pub use action::{Action, Fields, Gap, Tags, Targets, Text, Wish, Words};
pub use back::{Kept, Part};
pub use line::{Cant, Choice, Outcome, PlanLine, Ready};
pub use macros::{Macro, Then};
pub use many::{Figures, HeldBack, Wishes};
pub use step::{Planned, Step};

/// The tickets that plans are made against. They are as shown on screen, with the agent's own
/// unconfirmed changes on them.
pub trait Known {
    /// A ticket; `None` where it is not here, or is being deleted.
    fn ticket(&self, id: TicketId) -> Option<Ticket>;

    /// Its opening message as the server holds it, where it has been read.
    fn message(&self, id: TicketId) -> Option<String>;

    /// The newest of its messages that the agent has seen on screen.
    fn read(&self, id: TicketId) -> Option<ReplyId>;

    /// Whether nothing may be written.
    fn is_read_only(&self) -> bool;

    /// The agent's view of a ticket.
    fn sight(&self, id: TicketId) -> Sight {
        let stood = self.ticket(id).map(|ticket| Box::new(Stand::of(&ticket)));
        Sight { read: self.read(id), stood }
    }
}

/// The plan of an action: one line for each target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The lines, in the order of the targets.
    pub lines: Vec<PlanLine>,
}

impl Plan {
    /// Plans an action on its targets.
    pub fn of(action: &Action, targets: &Targets, known: &impl Known) -> Self {
        let line = |ticket| PlanLine { ticket, outcome: line::outcome(action, ticket, known) };
        let lines = match targets {
            Targets::Tickets(ids) => ids.iter().map(|id| line(Some(*id))).collect(),
            Targets::New => vec![line(None)],
        };
        Self { lines }
    }

    /// Plans each target's own action, or gives the reason that holds it back there.
    pub fn of_each(
        actions: impl IntoIterator<Item = (TicketId, Result<Action, Cant>)>,
        known: &impl Known,
    ) -> Self {
        let line = |(id, action): (TicketId, Result<Action, Cant>)| {
            let held_back = |why| match known.ticket(id) {
                Some(_) => Outcome::Cant(why),
                None => Outcome::Cant(Cant::Gone),
            };
            let of = |action| line::outcome(&action, Some(id), known);
            PlanLine { ticket: Some(id), outcome: action.map_or_else(held_back, of) }
        };
        Self { lines: actions.into_iter().map(line).collect() }
    }

    /// The lines that can be carried out.
    pub fn ready(&self) -> impl Iterator<Item = (Option<TicketId>, &Ready)> {
        self.lines.iter().filter_map(|line| Some((line.ticket, line.ready()?)))
    }

    /// The ready lines as one step; `None` if they hold no change.
    pub fn step(self) -> Option<Step> {
        let label = self.label();
        let ready = self.lines.into_iter().filter_map(PlanLine::into_ready);
        let changes: Vec<Planned> = ready.flat_map(|it| it.changes).collect();
        (!changes.is_empty()).then_some(Step { label, changes })
    }

    /// The entries that have not left and are to be withdrawn.
    pub fn withdrawn(&self) -> impl Iterator<Item = EntryId> {
        self.ready().flat_map(|(_, ready)| ready.withdrawn.iter().copied())
    }

    /// The ready changes and their targets, for people: "status Closed on #12".
    fn label(&self) -> String {
        let mut ready = self.ready().filter(|(_, it)| !it.changes.is_empty());
        let Some((ticket, first)) = ready.next() else { return String::new() };
        let Some(change) = first.changes.first().map(|it| &it.change) else { return String::new() };
        let what = change.describe();
        match (ready.count(), ticket) {
            (0, None) => what,
            (0, Some(id)) if matches!(change, Change::DeleteReply(_) | Change::DeleteTicket) => {
                format!("{what} {id}")
            }
            (0, Some(id)) => format!("{what} on {id}"),
            (others, _) => format!("{what} on {} tickets", others + 1),
        }
    }
}
