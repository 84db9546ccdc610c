//! Hands keys to the surface that has them: a popup, the filter of the list, or the focused pane.

use crokey::KeyCombination;

use super::{
    Effect, Effects, Focus, Model, Outside, asked,
    at_hand::Hand,
    command::{Command, EverywhereCommand, Scope, Spec},
    mouse,
    panes::{
        composer, conversation,
        list::{self, filter},
    },
    popups::{self, quit},
    screens::console,
};
use crate::domain::TicketId;

impl Model {
    /// The scopes that a key is looked up in, nearest first.
    pub fn scopes(&self) -> Vec<Scope> {
        let mut scopes = match (&self.popup, &self.filtering, self.focus) {
            (Some(popup), ..) => vec![popup.scope()],
            (None, Some(_), _) => vec![Scope::Filter],
            (None, None, Focus::List) if self.board.is_some() => vec![Scope::Board, Scope::Console],
            (None, None, Focus::List) => vec![Scope::List, Scope::Console],
            (None, None, Focus::Conversation) => vec![Scope::Conversation, Scope::Console],
            (None, None, Focus::Composer) => vec![composer::scope(self)],
        };
        scopes.push(Scope::Everywhere);
        scopes
    }

    /// Whether keys that are no commands are typed into a text.
    pub fn types_text(&self) -> bool {
        match &self.popup {
            Some(popup) => popup.types_text(),
            None => self.filtering.is_some() || self.focus == Focus::Composer,
        }
    }

    /// Carries out a command in the surface where it was given.
    pub(super) fn run(&mut self, command: Command) -> Effects {
        self.run_on(command, self.ticket_at_hand())
    }

    /// Carries out a command on `ticket`, in the surface where it was given.
    pub(super) fn run_on(&mut self, command: Command, ticket: Option<TicketId>) -> Effects {
        let effects = match command {
            Command::Everywhere(command) => everywhere(self, command),
            command if self.popup.is_some() => popups::run(self, command),
            Command::List(command) => list::run(self, command),
            Command::Board(command) => list::board::run(self, command),
            Command::Conversation(command) => conversation::run(self, command, ticket),
            Command::Console(command) => console::run(self, command, ticket),
            Command::Editor(command) => composer::run(self, command),
            Command::Review(command) => composer::run_review(self, command),
            Command::Watch(command) => composer::run_watch(self, command),
            Command::Filter(command) => filter::run(self, command),
            Command::Picker(_)
            | Command::Macros(_)
            | Command::Asked(_)
            | Command::Reword(_)
            | Command::Form(_)
            | Command::Fields(_)
            | Command::Naming(_)
            | Command::Prompt(_)
            | Command::Reader(_)
            | Command::Output(_)
            | Command::Client(_)
            | Command::Dashboard(_)
            | Command::Decision(_)
            | Command::Plan(_)
            | Command::TakeBack(_)
            | Command::Discard(_)
            | Command::Quit(_) => Effects::none(),
        };
        effects.and(asked::pass_on(self))
    }
}

fn everywhere(model: &mut Model, command: EverywhereCommand) -> Effects {
    match command {
        EverywhereCommand::QuitNow => quit::at_once(model),
        EverywhereCommand::Suspend => model.drafts.flush().and(Effect::Outside(Outside::Suspend)),
        EverywhereCommand::Repaint => Effect::Outside(Outside::Repaint).into(),
        EverywhereCommand::Mouse => mouse::switch(model),
    }
}

/// The name of a command at this moment. `None` if its key does nothing, since a hint must never
/// promise a key that does nothing.
pub(super) fn hint(model: &Model, spec: &Spec) -> Option<&'static str> {
    let usual = Some(spec.hint);
    let works = |works: bool| usual.filter(|_| works);
    match spec.command {
        Command::Everywhere(EverywhereCommand::Mouse) => works(model.mouse),
        Command::Everywhere(_) => usual,
        command if model.popup.is_some() => popups::hint(model, command, spec.hint),
        Command::List(command) => list::hint(model, command, spec.hint),
        Command::Board(command) => list::board::hint(model, command, spec.hint),
        Command::Console(command) => works(console::works(model, command)),
        Command::Editor(command) => works(composer::works(model, command)),
        Command::Filter(command) => filter::hint(model, command, spec.hint),
        Command::Review(command) => works(composer::review_works(model, command)),
        Command::Conversation(_) | Command::Watch(_) => usual,
        Command::Picker(_)
        | Command::Macros(_)
        | Command::Reword(_)
        | Command::Asked(_)
        | Command::Form(_)
        | Command::Fields(_)
        | Command::Naming(_)
        | Command::Prompt(_)
        | Command::Reader(_)
        | Command::Output(_)
        | Command::Client(_)
        | Command::Dashboard(_)
        | Command::Decision(_)
        | Command::Plan(_)
        | Command::TakeBack(_)
        | Command::Discard(_)
        | Command::Quit(_) => None,
    }
}

/// A key that is no command goes to the text field of the moment, if there is one.
pub(super) fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    let effects = match (&model.popup, &model.filtering, model.focus) {
        (Some(_), ..) => popups::typed(model, key),
        (None, Some(_), _) => filter::typed(model, key),
        (None, None, Focus::Composer) => composer::typed(model, key),
        (None, None, Focus::List | Focus::Conversation) => Effects::none(),
    };
    effects.and(asked::pass_on(model))
}

/// Types a key that a surface has passed on to the one that it has opened.
pub(super) fn type_on(model: &mut Model, key: KeyCombination) -> Effects {
    match &model.popup {
        Some(popups::Popup::Picker(_)) => popups::typed(model, key),
        _ => Effects::none(),
    }
}

/// Puts a paste into the text field of the moment; `None` where there is none.
pub(super) fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
    match (&model.popup, &model.filtering, model.focus) {
        (Some(_), ..) => popups::pasted(model, text),
        (None, Some(_), _) => Some(filter::pasted(model, text)),
        (None, None, Focus::Composer) => composer::pasted(model, text),
        (None, None, Focus::List | Focus::Conversation) => None,
    }
}

/// The thing that keys concern at this moment.
pub(super) fn hand(model: &Model) -> Hand {
    match &model.popup {
        Some(popup) => popup.hand(),
        None => Hand::Ticket(model.ticket_at_hand()),
    }
}
