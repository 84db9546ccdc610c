//! The screen of list and conversation: the commands that work in both.

use crate::app::{
    Effect, Effects, Focus, Model, Outside, Popup, Work,
    command::Command,
    notice::Level,
    panes::{composer, conversation, filter, list},
    popups::{
        form, help, messages, outbox_list, picker,
        prompt::{Prompt, Question},
        quit,
    },
    triage, undo,
};
use crate::domain::{ReplyKind, TicketId};

/// Does what a command of list and conversation asks for; `ticket` is the one that it is about.
pub(in crate::app) fn run(
    model: &mut Model,
    command: Command,
    ticket: Option<TicketId>,
) -> Effects {
    match command {
        Command::Down | Command::Up | Command::Top | Command::Bottom => step(model, command),
        Command::HalfDown | Command::HalfUp => step(model, command),
        Command::PageDown | Command::PageUp => step(model, command),
        Command::NextTicket | Command::PreviousTicket => step_ticket(model, command),
        Command::Enter => enter(model),
        Command::Back => back(model),
        Command::NextPane | Command::PreviousPane => other_pane(model),
        Command::Zoom => {
            model.zoomed = !model.zoomed;
            model.fit_conversation()
        }
        Command::View(number) => list::open_view(model, usize::from(number).saturating_sub(1)),
        Command::NextView => list::step_view(model, 1),
        Command::PreviousView => list::step_view(model, -1),
        Command::Filter => filter::open(model),
        Command::Undo => undo::undo(model),
        Command::Redo => undo::redo(model),
        Command::Refresh => refresh(model),
        Command::Help => help::open(model),
        Command::Palette => picker::open_palette(model, ticket),
        Command::Messages => messages::open(model),
        Command::Outbox => outbox_list::open(model),
        Command::Quit => quit::ask(model),
        Command::New => form::new(model, None),
        Command::GoTo => {
            model.open_popup(Popup::Prompt(Box::new(Prompt::new(Question::GoTo))));
            Effects::none()
        }
        _ => match ticket {
            Some(ticket) => run_on_ticket(model, command, ticket),
            None => {
                model.say(Level::Info, "there is no ticket here");
                Effects::none()
            }
        },
    }
}

/// Commands that are about one ticket.
fn run_on_ticket(model: &mut Model, command: Command, ticket: TicketId) -> Effects {
    match command {
        Command::Browse => return Effect::Outside(Outside::Browse(ticket)).into(),
        Command::CopyId => {
            let (text, what) = (ticket.to_string(), format!("{ticket}"));
            return Effect::Outside(Outside::Copy { text, what }).into();
        }
        Command::CopyAddress => return Effect::Outside(Outside::CopyAddress(ticket)).into(),
        _ => {}
    }
    if model.slipped {
        let text = format!("{ticket} has just come here by itself; look, then press it again");
        model.say(Level::Info, text);
        return Effects::none();
    }
    if model.tickets.rows().get(ticket).is_none() {
        model.say(Level::Warning, format!("{ticket} is not here any more; nothing was done"));
        return Effects::none();
    }
    match command {
        Command::Reply => composer::open(model, ticket, ReplyKind::Reply),
        Command::Note => composer::open(model, ticket, ReplyKind::Note),
        Command::Status | Command::Priority | Command::Department | Command::Tags => {
            picker::open(model, ticket, command)
        }
        Command::Archive => triage::toggle_archived(model, ticket),
        Command::Edit => form::edit(model, ticket, None),
        Command::Delete => {
            let question = Question::DeleteTicket(ticket);
            model.open_popup(Popup::Prompt(Box::new(Prompt::new(question))));
            Effects::none()
        }
        Command::DeleteReply => triage::ask_delete_reply(model, ticket),
        _ => Effects::none(),
    }
}

fn step(model: &mut Model, command: Command) -> Effects {
    match model.focus {
        Focus::List => list::step(model, command),
        _ => conversation::step(model, command),
    }
}

/// The next or previous ticket. From the conversation of a ticket that has left the list, the row
/// that took its place is the next one.
fn step_ticket(model: &mut Model, command: Command) -> Effects {
    let open = model.conversation.ticket;
    let left = open.is_some_and(|id| model.selected() != Some(id));
    let listed = open.is_some_and(|id| model.select(id));
    if !left || listed || command == Command::PreviousTicket {
        let effects = list::step(model, command);
        let selected = model.selected();
        conversation::show(model, selected);
        return effects;
    }
    let selected = model.selected();
    conversation::show(model, selected);
    Effects::none()
}

fn enter(model: &mut Model) -> Effects {
    match model.focus {
        Focus::List if model.selected().is_some() => {
            model.focus = Focus::Conversation;
            let selected = model.selected();
            conversation::show(model, selected);
            model.fit_conversation()
        }
        Focus::Conversation => {
            conversation::toggle_quotes(model);
            Effects::none()
        }
        _ => Effects::none(),
    }
}

/// Undoes the nearest thing: the filter in the list, otherwise the focus.
fn back(model: &mut Model) -> Effects {
    if model.focus != Focus::List {
        model.focus = Focus::List;
        let open = model.conversation.ticket;
        if let Some(id) = open {
            model.select(id);
        }
        return model.follow_cursor().and(model.fit_conversation());
    }
    let filtered = model.list.tab().is_some_and(|tab| !tab.filter.is_empty());
    if filtered {
        return list::clear_filter(model);
    }
    model.notices.dismiss();
    Effects::none()
}

fn other_pane(model: &mut Model) -> Effects {
    match model.focus {
        Focus::List => enter(model),
        _ => back(model),
    }
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
