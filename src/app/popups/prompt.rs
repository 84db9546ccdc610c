//! Questions that are answered by typing a number: which ticket to go to, which one to delete.

mod words;

use crokey::KeyCombination;

use words::{COLUMNS, lost_with_reply, lost_with_ticket};

use crate::app::{
    Model, act,
    command::PromptCommand,
    editor::{Editor, typed_letter},
    effect::Effects,
    errand::Errand,
    layout::Layout,
    notice::Level,
    popups::{Surface, frame::Edge},
    tone::{Tone, Toned},
};
use crate::domain::{ReplyId, TicketId, columns, plan::Action};

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

    /// What is said above the number.
    pub fn lines(&self, model: &Model) -> Vec<Toned> {
        match self.question {
            Question::GoTo => Vec::new(),
            Question::DeleteTicket(id) => lost_with_ticket(model, id),
            Question::DeleteReply(_, reply) => lost_with_reply(model, reply),
        }
    }

    /// What stands before the number.
    pub fn asks(&self, model: &Model) -> String {
        let delete = model.keymap.key_for(PromptCommand::Delete);
        match self.question {
            Question::GoTo => "Number: #".to_owned(),
            Question::DeleteTicket(TicketId(id)) | Question::DeleteReply(_, ReplyId(id)) => {
                format!("Type {id}, then {delete}: #")
            }
        }
    }

    fn number(&self) -> Option<i64> {
        self.input.text().trim().parse().ok()
    }
}

impl Surface for Prompt {
    type Commands = PromptCommand;

    fn run(model: &mut Model, command: PromptCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: PromptCommand, usual: &'static str) -> Option<&'static str> {
        works(model, command).then_some(usual)
    }

    fn types_text(&self) -> bool {
        true
    }

    fn typed(model: &mut Model, key: KeyCombination) -> Effects {
        typed(model, key)
    }

    fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
        pasted(model, text)
    }

    fn title(&self, model: &Model) -> String {
        match self.question {
            Question::GoTo => "Go to ticket".to_owned(),
            Question::DeleteTicket(id) => format!("Delete ticket {id} for good?"),
            Question::DeleteReply(ticket, reply) => {
                let kind = model.conversation.word_for(reply);
                format!("Delete {kind} {reply} of {ticket} for good?")
            }
        }
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: PromptCommand| model.keymap.key_for(command);
        let (go, delete) = (key(PromptCommand::Go), key(PromptCommand::Delete));
        let cancel = key(PromptCommand::Cancel);
        match self.question {
            Question::DeleteTicket(_) | Question::DeleteReply(..) => {
                Edge::keys([(delete, "deletes it"), (cancel, "keeps it")])
            }
            Question::GoTo if model.going.is_some() => {
                Edge::keys([(cancel, "stops looking for it")])
            }
            Question::GoTo => Edge::keys([(go, "goes there"), (cancel, "stays")]),
        }
    }

    fn tone(&self) -> Tone {
        if self.is_grave() { Tone::Danger } else { Tone::Accent }
    }

    fn size(&self, model: &Model, _: &Layout) -> (usize, usize) {
        let lines = self.lines(model);
        let asked = columns::width(&self.asks(model)) + 12;
        let wide = lines.iter().map(Toned::width).chain([asked]).max();
        (wide.unwrap_or(0).min(COLUMNS), lines.len() + 1)
    }

    fn is_grave(&self) -> bool {
        self.question != Question::GoTo
    }
}

/// Asks a question.
pub(in crate::app) fn ask(model: &mut Model, question: Question) -> Effects {
    model.open_popup(Prompt::new(question));
    Effects::none()
}

/// A command in a question. Enter goes to a ticket. A deletion needs the whole number and a key of
/// its own.
fn run(model: &mut Model, command: PromptCommand) -> Effects {
    let Some(prompt) = model.top::<Prompt>() else { return Effects::none() };
    let (question, number) = (prompt.question, prompt.number());
    match (command, question) {
        (PromptCommand::Go, Question::GoTo) => match number {
            Some(number) => {
                model.pass(Errand::GoTo(TicketId(number), None));
                Effects::none()
            }
            None => {
                model.say(Level::Info, "type the number of a ticket");
                Effects::none()
            }
        },
        (PromptCommand::Delete, Question::DeleteTicket(id)) if number == Some(id.0) => {
            model.close_popup();
            act::act(model, &Action::DeleteTicket, id)
        }
        (PromptCommand::Delete, Question::DeleteReply(id, reply)) if number == Some(reply.0) => {
            model.close_popup();
            let shown = model.conversation.ticket == Some(id);
            let text = model.conversation.text_of(reply).filter(|_| shown);
            act::act(model, &Action::DeleteReply { reply, text }, id)
        }
        (PromptCommand::Delete, Question::DeleteTicket(TicketId(id)))
        | (PromptCommand::Delete, Question::DeleteReply(_, ReplyId(id))) => {
            model.say(Level::Info, format!("type the whole number, {id}, to delete it"));
            Effects::none()
        }
        (PromptCommand::Cancel, _) => {
            model.stop_going();
            model.close_popup();
            Effects::none()
        }
        // Enter never deletes, and going deletes nothing.
        (PromptCommand::Go, Question::DeleteTicket(_) | Question::DeleteReply(..))
        | (PromptCommand::Delete, Question::GoTo) => Effects::none(),
    }
}

/// Takes a pasted number, but only as the ticket to go to. `None` if nothing takes it.
fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
    let prompt = model.top_mut::<Prompt>()?;
    let number = text.trim().trim_start_matches('#');
    if prompt.question != Question::GoTo || number.parse::<u32>().is_err() {
        return None;
    }
    if prompt.input.paste(number) {
        model.stop_going();
    }
    Some(Effects::none())
}

/// Whether a command does something at this moment.
fn works(model: &Model, command: PromptCommand) -> bool {
    let Some(prompt) = model.top::<Prompt>() else { return false };
    let goes = prompt.question == Question::GoTo;
    match command {
        PromptCommand::Go => goes && !prompt.input.is_blank(),
        PromptCommand::Delete => !goes,
        PromptCommand::Cancel => true,
    }
}

/// A key that is no command: digits are typed. They decide nothing by themselves.
fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    let Some(prompt) = model.top_mut::<Prompt>() else { return Effects::none() };
    if typed_letter(key).is_some_and(|letter| !letter.is_ascii_digit()) {
        return Effects::none();
    }
    if prompt.input.key(key) {
        model.stop_going();
    }
    Effects::none()
}
