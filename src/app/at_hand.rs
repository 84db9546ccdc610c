//! The thing that keys concern, and commands on the ticket at hand.

use super::{Effects, Model, field::Value, notice::Level};
use crate::domain::{DraftKey, EntryId, TicketId};

/// The thing that keys concern.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum Hand {
    Ticket(Option<TicketId>),
    Line(Option<LineKey>),
    Choice(Option<Value>),
    /// A plan, as often as it has changed.
    Plan(u64),
    Other,
}

/// What a line of the outbox list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum LineKey {
    Entry(EntryId),
    Draft(DraftKey),
    Failed(EntryId),
}

/// Carries out a command that needs a ticket, if there is one.
pub(super) fn with(
    model: &mut Model,
    ticket: Option<TicketId>,
    act: impl FnOnce(&mut Model, TicketId) -> Effects,
) -> Effects {
    match ticket {
        Some(ticket) => act(model, ticket),
        None => {
            model.say(Level::Info, "there is no ticket here");
            Effects::none()
        }
    }
}

/// Carries out a command that may change a ticket. The ticket must still be here, and the agent
/// must have seen it on screen.
pub(super) fn change(
    model: &mut Model,
    ticket: Option<TicketId>,
    act: impl FnOnce(&mut Model, TicketId) -> Effects,
) -> Effects {
    with(model, ticket, |model, ticket| {
        if model.slipped {
            let text = format!(
                "{ticket} has just come under the cursor by itself; look, then press the key again"
            );
            model.say(Level::Info, text);
            return Effects::none();
        }
        if model.tickets.rows().get(ticket).is_none() {
            model.say(Level::Warning, format!("{ticket} is not here any more; nothing was done"));
            return Effects::none();
        }
        act(model, ticket)
    })
}
