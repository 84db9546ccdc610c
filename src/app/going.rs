//! The one way to a ticket, whoever wants to go there: a typed number, an entry of the outbox, a
//! draft, an undo.
//!
//! Going there moves the list's cursor, the conversation and the keys to that ticket, all at once.
//! If that is not possible, nothing moves and a notice says why.

use super::{
    Focus, Model, Popup,
    effect::{Effects, Read, Slot},
    message::Found,
    notice::{About, Level},
    panes::{
        composer,
        list::{self, Whose},
    },
    popups::{form, prompt::Question},
    shown,
};
use crate::domain::{DraftKey, DraftKind, FullTicket, Problem, Row, TicketId};

/// A ticket that the agent wants to go to, while it is looked for. Until it is found, the question
/// or list in which it was chosen stays open, so that no key reaches the ticket beneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Going {
    /// The ticket.
    pub ticket: TicketId,
    /// The draft that is opened there.
    draft: Option<DraftKey>,
}

/// Goes to a ticket, and opens `draft` there. A ticket that is not known here is looked for on the
/// server first.
pub(super) fn start(model: &mut Model, ticket: TicketId, draft: Option<DraftKey>) -> Effects {
    model.stop_going();
    let going = Going { ticket, draft };
    if list::shows(model, ticket) {
        return arrive(model, going);
    }
    if !model.progress.stored {
        model.going = Some(going);
        model.say_about(
            About::GoTo,
            Level::Info,
            format!("looking for {ticket} in the local copy"),
        );
        return Effects::none();
    }
    if model.tickets.rows().get(ticket).is_some() {
        return miss(model, going, format!("{ticket} is in no view"));
    }
    if model.tickets.knows(ticket) {
        return miss(model, going, format!("{ticket} is being deleted"));
    }
    if model.settings.offline {
        let text = format!("{ticket} is not in the local copy, and the server is not asked");
        return miss(model, going, text);
    }
    model.going = Some(going);
    model.say_about(About::GoTo, Level::Info, format!("looking for {ticket} on the server"));
    model.requests.ask(Slot::Going, Read::Ticket(ticket)).into()
}

impl Model {
    /// The agent does not want to go there any more.
    pub(super) fn stop_going(&mut self) {
        self.going = None;
        self.requests.forget(Slot::Going);
    }
}

/// All stored tickets are known now, so a going that waited for them goes on.
pub(super) fn go_on(model: &mut Model) -> Effects {
    let Some(going) = model.going.filter(|_| !model.requests.awaits(Slot::Going)) else {
        return Effects::none();
    };
    match is_asked(model) {
        true => start(model, going.ticket, going.draft),
        false => {
            model.stop_going();
            Effects::none()
        }
    }
}

/// The ticket was looked for on the server.
pub(super) fn found(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    let Some(going) = model.going.take() else { return Effects::none() };
    let ticket = going.ticket;
    let taken = match found {
        Ok(Found::Ticket(full)) if full.ticket.id == ticket => take_in(model, *full),
        Ok(_) => return miss(model, going, format!("{ticket} is not what the server answered")),
        Err(problem) => return miss(model, going, format!("{ticket}: {problem}")),
    };
    if !is_asked(model) {
        model.say(Level::Info, format!("{ticket} is in the list now"));
        return taken;
    }
    let arrived = match list::shows(model, ticket) {
        true => arrive(model, going),
        false => miss(model, going, format!("{ticket} is in no view")),
    };
    taken.and(arrived)
}

/// The worker tells of new rows before it answers. A ticket that another console has stored is no
/// news to the worker.
fn take_in(model: &mut Model, full: FullTicket) -> Effects {
    if model.tickets.knows(full.ticket.id) {
        return Effects::none();
    }
    let row = Row { ticket: full.ticket, facts: None, noticed: model.wall() };
    model.tickets.take_in([row], model.outbox.entries());
    list::refresh(model, Whose::Others)
}

/// Whether the surface that asked for the ticket is still what the agent looks at.
fn is_asked(model: &Model) -> bool {
    match &model.popup {
        Some(Popup::Prompt(prompt)) => prompt.question == Question::GoTo,
        Some(Popup::Outbox(_)) => true,
        _ => false,
    }
}

fn arrive(model: &mut Model, going: Going) -> Effects {
    model.close_popups();
    model.notices.settle(About::GoTo);
    let effects = show(model, going.ticket).unwrap_or_default();
    effects.and(open_draft(model, going))
}

/// If the ticket can't be shown, its draft is opened all the same, with its own text and ticket.
fn miss(model: &mut Model, going: Going, why: String) -> Effects {
    let Some(draft) = going.draft else {
        model.say_about(About::GoTo, Level::Warning, why);
        return Effects::none();
    };
    model.close_popups();
    let effects = open_draft(model, going);
    let kind = draft.kind.as_str();
    model.say(Level::Warning, format!("{why}. The {kind} is kept; it can't be recorded now."));
    effects
}

fn open_draft(model: &mut Model, going: Going) -> Effects {
    match going.draft {
        Some(key) if key.kind == DraftKind::Edit => form::edit_draft(model, key),
        Some(key) => composer::open_draft(model, key),
        None => Effects::none(),
    }
}

/// Moves cursor, conversation and focus to a ticket that a view shows. If no view shows it, or a
/// text is being written, nothing moves and the result is `None`.
pub(super) fn show(model: &mut Model, ticket: TicketId) -> Option<Effects> {
    if model.composer.is_some() {
        return None;
    }
    let focus = model.focus;
    let effects = list::reveal(model, ticket)?;
    shown::show(model, Some(ticket));
    if focus == Focus::Conversation {
        model.focus = focus;
    }
    Some(effects.and(model.fit_conversation()))
}

/// Goes to the ticket that an action was taken back on, unless the agent is at something else by now.
/// The notice of the undo names it.
pub(super) fn return_to(model: &mut Model, ticket: TicketId) -> Effects {
    if is_busy(model) {
        return Effects::none();
    }
    if model.ticket_at_hand() == Some(ticket) {
        // The list may show it again, away from the cursor that took its place.
        model.select(ticket);
        return Effects::none();
    }
    show(model, ticket).unwrap_or_default()
}

fn is_busy(model: &Model) -> bool {
    model.popup.is_some()
        || model.composer.is_some()
        || model.filtering.is_some()
        || !model.pending_keys.is_empty()
}
