//! Questions that are answered by typing a number: which ticket to go to, which one to delete.

use crokey::KeyCombination;

use super::{
    Model, Popup,
    command::Command,
    editor::{Editor, typed_letter},
    effect::{Effects, Read, Slot},
    list,
    message::Found,
    notice::Level,
    triage,
};
use crate::domain::{Problem, ReplyId, TicketId};

/// What the number is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Which ticket to go to.
    GoTo,
    /// Deleting a ticket: its own number confirms it.
    DeleteTicket(TicketId),
    /// Deleting a reply of a ticket: the reply's number confirms it.
    DeleteReply(TicketId, ReplyId),
}

/// A question.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What the number is for.
    pub question: Question,
    /// The number, as far as it is typed.
    pub input: Editor,
}

impl Prompt {
    /// A question that nothing is typed in yet.
    pub fn new(question: Question) -> Self {
        Self { question, input: Editor::single_line("") }
    }

    fn number(&self) -> Option<i64> {
        self.input.text().trim().parse().ok()
    }
}

/// A command in a question. Enter goes to a ticket; it never confirms a deletion.
pub(super) fn run(model: &mut Model, command: Command) -> Effects {
    let Some(Popup::Prompt(prompt)) = &model.popup else { return Effects::none() };
    let (question, number) = (prompt.question, prompt.number());
    match (command, question) {
        (Command::Apply, Question::GoTo) => match number {
            Some(number) => go_to(model, TicketId(number)),
            None => Effects::none(),
        },
        (Command::Cancel, _) => {
            model.close_popup();
            Effects::none()
        }
        _ => Effects::none(),
    }
}

/// A key that is no command: digits are typed. The whole number of what is to be deleted confirms
/// the deletion.
pub(super) fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    let Some(Popup::Prompt(prompt)) = &mut model.popup else { return Effects::none() };
    if typed_letter(key).is_some_and(|letter| !letter.is_ascii_digit()) {
        return Effects::none();
    }
    prompt.input.key(key);
    let (question, number) = (prompt.question, prompt.number());
    match question {
        Question::DeleteTicket(id) if number == Some(id.0) => {
            model.close_popup();
            triage::delete_ticket(model, id)
        }
        Question::DeleteReply(id, reply) if number == Some(reply.0) => {
            model.close_popup();
            triage::delete_reply(model, id, reply)
        }
        _ => Effects::none(),
    }
}

fn go_to(model: &mut Model, id: TicketId) -> Effects {
    model.close_popup();
    if model.tickets.get(id).is_some() {
        return list::reveal(model, id);
    }
    if model.settings.offline {
        model.say(Level::Info, format!("{id} is not in the local copy"));
        return Effects::none();
    }
    model.going_to = Some(id);
    model.say(Level::Info, format!("looking for {id} on the server"));
    model.requests.ask(Read::Ticket(id)).into()
}

/// The ticket that the agent wants to go to was looked for on the server.
pub(super) fn found(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    let Some(id) = model.going_to.take() else { return Effects::none() };
    model.requests.forget(Slot::Ticket);
    match found {
        Ok(_) => list::reveal(model, id),
        Err(problem) => {
            model.say(Level::Warning, format!("{id}: {problem}"));
            Effects::none()
        }
    }
}
