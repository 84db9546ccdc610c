//! The screen of list and conversation: the commands that work in both.

use crate::app::{
    Effect, Effects, Focus, Model, Outside, Work, act,
    command::ConsoleCommand,
    cursor::Step,
    notice::Level,
    panes::{composer, conversation, filter, list},
    popups::{
        form, help, messages, outbox_list, picker,
        prompt::{self, Question},
        quit,
    },
    undo,
};
use crate::domain::{
    ReplyKind, TicketId,
    plan::{Action, Targets},
};

/// Carries out a command of list and conversation on `ticket`.
pub(in crate::app) fn run(
    model: &mut Model,
    command: ConsoleCommand,
    ticket: Option<TicketId>,
) -> Effects {
    use ConsoleCommand as C;
    match command {
        C::Step(step) => match model.focus {
            Focus::List => list::step(model, step),
            Focus::Conversation | Focus::Composer => conversation::step(model, step),
        },
        C::NextTicket => step_ticket(model, Step::Down),
        C::PreviousTicket => step_ticket(model, Step::Up),
        C::NextPane | C::PreviousPane => match model.focus {
            Focus::List => list::open(model),
            Focus::Conversation | Focus::Composer => conversation::leave(model),
        },
        C::Zoom => {
            model.zoomed = !model.zoomed;
            model.fit_conversation()
        }
        C::View(number) => list::open_view(model, usize::from(number).saturating_sub(1)),
        C::NextView => list::step_view(model, 1),
        C::PreviousView => list::step_view(model, -1),
        C::Filter => filter::open(model),
        C::Undo => undo::undo(model),
        C::Redo => undo::redo(model),
        C::Refresh => refresh(model),
        C::Help => help::open(model),
        C::Palette => picker::open_palette(model, ticket),
        C::Messages => messages::open(model),
        C::Outbox => outbox_list::open(model),
        C::Quit => quit::ask(model),
        C::New => form::new(model, None),
        C::GoTo => prompt::ask(model, Question::GoTo),
        C::Browse => with(model, ticket, |model, id| {
            model.say(Level::Info, format!("{id} is being opened in the browser"));
            Effect::Outside(Outside::Browse(id)).into()
        }),
        C::CopyId => with(model, ticket, |_, id| {
            let (text, what) = (id.to_string(), id.to_string());
            Effect::Outside(Outside::Copy { text, what }).into()
        }),
        C::CopyAddress => {
            with(model, ticket, |_, id| Effect::Outside(Outside::CopyAddress(id)).into())
        }
        C::Reply => change(model, ticket, |model, id| composer::open(model, id, ReplyKind::Reply)),
        C::Note => change(model, ticket, |model, id| composer::open(model, id, ReplyKind::Note)),
        C::Status => change(model, ticket, picker::open_status),
        C::Priority => change(model, ticket, picker::open_priority),
        C::Department => change(model, ticket, picker::open_department),
        C::Tags => change(model, ticket, picker::open_tags),
        C::Archive => change(model, ticket, toggle_archived),
        C::Edit => change(model, ticket, |model, id| form::edit(model, id, None)),
        C::Delete => {
            change(model, ticket, |model, id| prompt::ask(model, Question::DeleteTicket(id)))
        }
    }
}

/// Whether a command does something at this moment that is worth a hint.
pub(in crate::app) fn works(model: &Model, command: ConsoleCommand) -> bool {
    use ConsoleCommand as C;
    match command {
        C::Undo => model.outbox.can_undo(),
        C::Reply
        | C::Note
        | C::Status
        | C::Priority
        | C::Department
        | C::Tags
        | C::Archive
        | C::Edit
        | C::Delete
        | C::Browse
        | C::CopyId
        | C::CopyAddress => model.ticket_at_hand().is_some(),
        C::Redo
        | C::Filter
        | C::Help
        | C::New
        | C::Quit
        | C::Step(_)
        | C::NextTicket
        | C::PreviousTicket
        | C::NextPane
        | C::PreviousPane
        | C::Zoom
        | C::View(_)
        | C::NextView
        | C::PreviousView
        | C::GoTo
        | C::Outbox
        | C::Messages
        | C::Refresh
        | C::Palette => true,
    }
}

/// Carries out a command that needs a ticket, if there is one.
fn with(
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
pub(in crate::app) fn change(
    model: &mut Model,
    ticket: Option<TicketId>,
    act: impl FnOnce(&mut Model, TicketId) -> Effects,
) -> Effects {
    with(model, ticket, |model, ticket| {
        if model.slipped {
            let text = format!("{ticket} has just come here by itself; look, then press it again");
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

/// Archives a ticket, or restores it.
fn toggle_archived(model: &mut Model, ticket: TicketId) -> Effects {
    let archived = model.tickets.rows().get(ticket).is_some_and(|row| row.archived);
    act::act(model, &Action::archived(!archived), &Targets::one(ticket))
}

/// The next or previous ticket. From the conversation of a ticket that has left the list, the row
/// that took its place is the next one.
fn step_ticket(model: &mut Model, step: Step) -> Effects {
    let open = model.conversation.ticket;
    let left = open.is_some_and(|id| model.selected() != Some(id));
    let listed = open.is_some_and(|id| model.select(id));
    if !left || listed || step == Step::Up {
        let effects = list::step(model, step);
        let selected = model.selected();
        conversation::show(model, selected);
        return effects;
    }
    let selected = model.selected();
    conversation::show(model, selected);
    Effects::none()
}

fn refresh(model: &mut Model) -> Effects {
    let sorted = list::sort_anew(model);
    if model.settings.offline {
        model.say(Level::Info, "opened with --offline: nothing is asked of the server");
        return sorted;
    }
    model.progress.refreshing.get_or_insert((0, 0));
    model.progress.asked_for = true;
    sorted.and(Effect::Work(Work::Refresh)).and(conversation::reload(model))
}
