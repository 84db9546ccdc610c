//! The conversation that is shown, and reading it: from what was read ahead, the store, the server.

use super::{
    Model, ahead,
    effect::{Effects, Read, Slot},
    layout,
};
use crate::{
    desk::Thread,
    domain::{Problem, TicketId},
};

/// Shows a ticket's conversation. [`settle`] asks for it if it is on screen. The conversation shown
/// before is kept for a while, as rendered.
pub(super) fn show(model: &mut Model, ticket: Option<TicketId>) {
    if model.conversation.ticket == ticket {
        return;
    }
    let last = std::mem::take(&mut model.conversation);
    model.conversation.ticket = ticket;
    let look = ticket.and_then(|ticket| model.tickets.rows().aside(ticket).look);
    model.conversation.begin(look, model.begun);
    if let Some(thread) = last.thread.filter(|_| !last.outdated) {
        model.ahead.keep(thread);
    }
    model.requests.forget(Slot::Thread);
    model.requests.forget(Slot::Fetched);
}

/// Asks for the conversation, if it is on screen and was not asked for. It asks the store unless
/// the conversation was read ahead, and it asks the server after a short rest.
pub(super) fn settle(model: &mut Model) -> Effects {
    let Some(ticket) = model.conversation.ticket else { return Effects::none() };
    if !layout::shows_conversation(model) {
        // A conversation that is still missing is asked for when it can be seen.
        if model.awaits_thread() {
            model.conversation.asked = false;
            model.requests.forget(Slot::Thread);
            model.requests.forget(Slot::Fetched);
        }
        return Effects::none();
    }
    if std::mem::replace(&mut model.conversation.asked, true) {
        return Effects::none();
    }
    let width = layout::text_width(model);
    let is_burst = model.ahead.note_move(model.now, model.list.cursor);
    let known = if model.conversation.outdated || model.conversation.thread.is_some() {
        None
    } else {
        model.ahead.take(ticket, width)
    };
    let mut effects = Effects::none();
    match known {
        Some(thread) => {
            model.outbox.forget_recorded_posts(thread.ticket);
            model.conversation.take_in(thread);
            model.conversation.shown_at.get_or_insert(model.now);
        }
        None => {
            let stored = Read::Thread { ticket, width, fetch: false };
            effects = read(model, Slot::Thread, stored, is_burst);
        }
    }
    ask_server_after_dwell(model, ticket, width);
    match ahead::missing(model, width) {
        Some(missing) => {
            if !is_burst || !model.requests.awaits(Slot::Ahead) {
                model.ahead.asked();
            }
            effects.and(read(model, Slot::Ahead, missing, is_burst))
        }
        None => effects,
    }
}

/// Asks the store at once. While keys come close together, it asks once they pause.
fn read(model: &mut Model, slot: Slot, read: Read, is_burst: bool) -> Effects {
    if is_burst {
        model.requests.ask_after_pause(slot, read, model.now);
        return Effects::none();
    }
    model.requests.ask(slot, read).into()
}

fn ask_server_after_dwell(model: &mut Model, ticket: TicketId, width: u16) {
    if !model.settings.offline {
        let read = Read::Thread { ticket, width, fetch: true };
        model.requests.ask_after_dwell(Slot::Fetched, read, model.now);
    }
}

/// Reads the shown conversation again, from the server if the server may be asked. If it is not on
/// screen, it is read once it is.
pub(super) fn reload(model: &mut Model) -> Effects {
    let Some(ticket) = model.conversation.ticket else { return Effects::none() };
    model.conversation.outdated = true;
    model.conversation.asked = layout::shows_conversation(model);
    if !model.conversation.asked {
        return Effects::none();
    }
    let width = layout::text_width(model);
    let fetch = !model.settings.offline;
    let slot = if fetch { Slot::Fetched } else { Slot::Thread };
    model.requests.ask(slot, Read::Thread { ticket, width, fetch }).into()
}

/// Renders the shown conversation again, as the store has it: the width has changed, or a reply was
/// recorded. A request to the server that is under way is made again, for the new width.
pub(super) fn render_again(model: &mut Model) -> Effects {
    let Some(ticket) = model.conversation.ticket else { return Effects::none() };
    if !layout::shows_conversation(model) {
        model.conversation.outdated = true;
        model.conversation.asked = false;
    }
    if !model.conversation.asked {
        return Effects::none();
    }
    let width = layout::text_width(model);
    let stored = Read::Thread { ticket, width, fetch: false };
    let effect = model.requests.ask(Slot::Thread, stored);
    if model.requests.awaits(Slot::Fetched) {
        model.requests.forget(Slot::Fetched);
        ask_server_after_dwell(model, ticket, width);
    }
    effect.into()
}

/// The store holds another version of a ticket, so its rendered conversation is dropped.
pub(super) fn outdate(model: &mut Model, ticket: TicketId) {
    let awaited = model.requests.awaits(Slot::Ahead);
    model.ahead.forget(ticket, awaited);
    model.conversation.outdated |= model.conversation.ticket == Some(ticket);
}

/// Takes in a conversation that was asked for.
pub(super) fn arrived(model: &mut Model, thread: Box<Thread>) -> Effects {
    if model.conversation.ticket != Some(thread.ticket) {
        return Effects::none();
    }
    let fetched = thread.fetched;
    if fetched {
        model.conversation.problem = None;
        model.requests.forget(Slot::Fetched);
    }
    if thread.whole {
        model.requests.forget(Slot::Thread);
    }
    let was_empty = model.conversation.thread.is_none();
    // Half a conversation is better than none, but worse than the one on screen.
    if !was_empty && !thread.whole {
        return Effects::none();
    }
    if was_empty && !fetched && thread.read_at.is_none() && thread.posts.is_empty() {
        return Effects::none();
    }
    model.outbox.forget_recorded_posts(thread.ticket);
    model.conversation.take_in(thread);
    model.conversation.shown_at.get_or_insert(model.now);
    if fetched { ahead::fetch_next(model) } else { Effects::none() }
}

/// The conversation could not be read.
pub(super) fn failed(model: &mut Model, slot: Slot, problem: Problem) {
    model.requests.forget(slot);
    model.conversation.problem = Some(problem);
}
