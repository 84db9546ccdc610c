//! The screen of list and conversation: the commands that work in both.

use crate::app::{
    Effect, Effects, Model, Outside, act,
    at_hand::{change, with},
    command::ConsoleCommand,
    cursor::Step,
    errand::{Errand, Pick},
    marks::{self, Aim, alone, never_many},
    notice::Level,
    repeat,
};
use crate::domain::{ReplyKind, TicketId, plan::Action};

/// Carries out a command of list and conversation on `ticket`.
pub(in crate::app) fn run(
    model: &mut Model,
    command: ConsoleCommand,
    ticket: Option<TicketId>,
) -> Effects {
    use ConsoleCommand as C;
    match command {
        C::Step(step) => pass(model, Errand::Step(step)),
        C::NextTicket => pass(model, Errand::StepTicket(Step::Down)),
        C::PreviousTicket => pass(model, Errand::StepTicket(Step::Up)),
        C::NextPane | C::PreviousPane => pass(model, Errand::OtherPane),
        C::Client => with(model, ticket, |model, id| pass(model, Errand::Client(id))),
        C::Dashboard => pass(model, Errand::Dashboard),
        C::Board => pass(model, Errand::Board),
        C::Zoom if model.is_on_board() => Effects::none(),
        C::Zoom => {
            model.zoomed = !model.zoomed;
            model.fit_conversation()
        }
        C::View(number) => pass(model, Errand::View(usize::from(number).saturating_sub(1))),
        C::NextView => pass(model, Errand::StepView(1)),
        C::PreviousView => pass(model, Errand::StepView(-1)),
        C::Filter => pass(model, Errand::Filter),
        C::Fields => pass(model, Errand::Fields),
        C::SearchTexts => pass(model, Errand::SearchTexts),
        C::Sort => pass(model, Errand::PickSort),
        C::Undo => pass(model, Errand::Undo),
        C::Serve => pass(model, Errand::Serve),
        C::Skip => pass(model, Errand::Skip(ticket)),
        C::Redo => pass(model, Errand::Redo),
        C::Repeat => marks::change(model, ticket, repeat::repeat),
        C::Refresh => pass(model, Errand::ReadAnew),
        C::Help => pass(model, Errand::Help),
        C::Palette => pass(model, Errand::Palette(ticket)),
        C::Messages => pass(model, Errand::Messages),
        C::Outbox => pass(model, Errand::Outbox),
        C::Quit => pass(model, Errand::Quit),
        C::New => pass(model, Errand::NewTicket(None)),
        C::GoTo => pass(model, Errand::AskWhere),
        C::Browse => with(model, ticket, |model, id| {
            model.say(Level::Info, format!("{id} is being opened in the browser"));
            Effect::Outside(Outside::Browse(id)).into()
        }),
        C::Links => with(model, ticket, |model, id| pass(model, Errand::Links(id))),
        C::Pipe => with(model, ticket, |model, id| pass(model, Errand::ChooseCommand(id, None))),
        C::CopyId => with(model, ticket, |_, id| {
            let (text, what) = (id.to_string(), id.to_string());
            Effect::Outside(Outside::Copy { text, what }).into()
        }),
        C::CopyAddress => {
            with(model, ticket, |_, id| Effect::Outside(Outside::CopyAddress(id)).into())
        }
        C::Reply => alone(model, ticket, "a reply", |model, id| {
            pass(model, Errand::Write(id, ReplyKind::Reply))
        }),
        C::Note => alone(model, ticket, "a note", |model, id| {
            pass(model, Errand::Write(id, ReplyKind::Note))
        }),
        C::Edit => alone(model, ticket, "a form", |model, id| pass(model, Errand::Edit(id))),
        C::Macros => marks::change(model, ticket, macros),
        C::Status => pick(model, ticket, Pick::Status),
        C::Priority => pick(model, ticket, Pick::Priority),
        C::Department => pick(model, ticket, Pick::Department),
        C::Tags => pick(model, ticket, Pick::Tags),
        C::Archive => marks::change(model, ticket, toggle_archived),
        C::History => with(model, ticket, |model, id| pass(model, Errand::History(id))),
        C::Pin => keep(model, ticket, Errand::Pin),
        C::Snooze => keep(model, ticket, Errand::Snooze),
        C::Delete => never_many(model, ticket, |model, id| pass(model, Errand::DeleteTicket(id))),
        C::Mark => change(model, ticket, marks::toggle),
        C::MarkRange => change(model, ticket, marks::range),
        C::MarkAll => marks::all(model),
        C::MarkAgain => marks::again(model),
    }
}

/// Whether a command does something at this moment that is worth a hint.
pub(in crate::app) fn works(model: &Model, command: ConsoleCommand) -> bool {
    use ConsoleCommand as C;
    if model.settings.read_only && writes(command) {
        return false;
    }
    match command {
        C::Undo => model.outbox.can_undo(),
        C::Zoom => !model.is_on_board(),
        C::Skip => model.is_serving(),
        C::Macros => model.ticket_at_hand().is_some() && !model.macros.all.is_empty(),
        C::Reply
        | C::Note
        | C::Status
        | C::Priority
        | C::Department
        | C::Tags
        | C::Archive
        | C::Pin
        | C::History
        | C::Client
        | C::Mark
        | C::MarkRange
        | C::Snooze
        | C::Edit
        | C::Delete
        | C::Browse
        | C::Links
        | C::Pipe
        | C::CopyId
        | C::CopyAddress => model.ticket_at_hand().is_some(),
        C::Redo
        | C::Serve
        | C::Repeat
        | C::Filter
        | C::Fields
        | C::SearchTexts
        | C::Sort
        | C::Help
        | C::New
        | C::Quit
        | C::Step(_)
        | C::NextTicket
        | C::PreviousTicket
        | C::NextPane
        | C::PreviousPane
        | C::Board
        | C::Dashboard
        | C::View(_)
        | C::NextView
        | C::PreviousView
        | C::GoTo
        | C::MarkAll
        | C::MarkAgain
        | C::Outbox
        | C::Messages
        | C::Refresh
        | C::Palette => true,
    }
}

/// Whether a command is there for writing to the server.
fn writes(command: ConsoleCommand) -> bool {
    use ConsoleCommand as C;
    matches!(
        command,
        C::Reply
            | C::Note
            | C::Macros
            | C::Status
            | C::Priority
            | C::Department
            | C::Tags
            | C::Archive
            | C::New
            | C::Edit
            | C::Delete
            | C::Redo
            | C::Repeat
    )
}

/// Archives what is aimed at, or restores it if all of it is archived.
fn toggle_archived(model: &mut Model, aim: Aim) -> Effects {
    let rows = model.tickets.rows();
    let is_archived = |id: &TicketId| rows.get(*id).is_none_or(|row| row.archived);
    let archived = match aim {
        Aim::One(id) => is_archived(&id),
        Aim::Marked => {
            let listed = model.listed_marks();
            let asked = if listed.is_empty() { model.hidden_marks(&listed) } else { listed };
            asked.iter().all(is_archived)
        }
    };
    act::aimed(model, Action::archived(!archived), aim)
}

/// Opens the macros for what is aimed at: all marked tickets, since the plan may take in those that are
/// not listed.
fn macros(model: &mut Model, aim: Aim) -> Effects {
    let tickets = match aim {
        Aim::One(id) => vec![id],
        Aim::Marked => {
            let listed = model.listed_marks();
            let hidden = model.hidden_marks(&listed);
            [listed, hidden].concat()
        }
    };
    pass(model, Errand::Macros(tickets, None))
}

/// Opens the picker for what is aimed at.
fn pick(model: &mut Model, ticket: Option<TicketId>, what: Pick) -> Effects {
    marks::change(model, ticket, |model, aim| pass(model, Errand::Pick(what, aim)))
}

/// Leaves a change of what the profile keeps about the tickets that are aimed at.
fn keep(
    model: &mut Model,
    ticket: Option<TicketId>,
    errand: fn(Vec<TicketId>) -> Errand,
) -> Effects {
    marks::change(model, ticket, |model, aim| {
        let tickets = match aim {
            Aim::One(id) => vec![id],
            Aim::Marked => model.listed_marks(),
        };
        if tickets.is_empty() {
            model.say(Level::Info, "no marked ticket is listed here; nothing was done");
            return Effects::none();
        }
        pass(model, errand(tickets))
    })
}

/// Leaves what a command asks for to a pane or a popup.
fn pass(model: &mut Model, errand: Errand) -> Effects {
    model.pass(errand);
    Effects::none()
}
