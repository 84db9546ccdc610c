//! How far the agent has seen each conversation.
//!
//! A conversation is seen once the agent goes into it, or after it has been on screen for a while. A
//! row of the list tells by it that there is news, and the conversation where the news begins.

use jiff::{SignedDuration, Timestamp};

use super::{Effects, Focus, Model, asides, layout};
use crate::domain::{AsideChange, Change, Entry, LastLook, State};

/// How long a conversation has to be on screen before it counts as seen.
const WHILE: SignedDuration = SignedDuration::from_secs(2);

/// Notes what the agent sees at this moment.
pub(super) fn look(model: &mut Model) -> Effects {
    let Some(ticket) = model.conversation.ticket else { return Effects::none() };
    let reads = matches!(model.focus, Focus::Conversation | Focus::Composer)
        && model.ticket_at_hand() == Some(ticket);
    let mut changes = Vec::new();
    if reads && model.tickets.rows().aside(ticket).woken {
        changes.push(AsideChange::LookedAt);
    }
    let is_seen = reads || due_at(model).is_some_and(|at| at <= model.now);
    changes.extend(unseen(model).filter(|_| is_seen).map(AsideChange::Seen));
    if changes.is_empty() { Effects::none() } else { asides::looked(model, ticket, changes) }
}

/// When the conversation on screen will have been there for long enough. `None` if all of it was seen
/// before, or if the agent looks elsewhere.
pub(super) fn due_at(model: &Model) -> Option<Timestamp> {
    unseen(model)?;
    let shown_at = model.conversation.shown_at.filter(|_| model.attended)?;
    shown_at.checked_add(WHILE).ok()
}

/// The look at the conversation on screen, if it goes further than the last one.
fn unseen(model: &Model) -> Option<LastLook> {
    let conversation = &model.conversation;
    let ticket = conversation.ticket.filter(|_| conversation.thread.is_some())?;
    let row = model.tickets.rows().get(ticket)?;
    let is_further = |look: &LastLook| row.aside.look.is_none_or(|last| look.is_after(last));
    let look = LastLook::at(row).filter(is_further)?;
    (model.popup.is_none() && layout::shows_conversation(model)).then_some(look)
}

/// The server has recorded an own reply or note. It is no news to the agent.
pub(super) fn posted(model: &mut Model, entry: &Entry) -> Effects {
    let (State::Recorded { made: Some(own), .. }, Change::Post { kind, .. }, Some(ticket)) =
        (&entry.state, &entry.change, entry.ticket)
    else {
        return Effects::none();
    };
    if model.conversation.ticket == Some(ticket) {
        model.conversation.know(*own);
    }
    let look = model.tickets.rows().aside(ticket).look;
    match look.and_then(|look| look.with_own(entry.seen, *own, *kind)) {
        Some(look) => asides::looked(model, ticket, vec![AsideChange::Seen(look)]),
        None => Effects::none(),
    }
}
