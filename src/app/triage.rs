//! What an agent does to a ticket with one key and a choice.

use super::{
    Focus, Model,
    command::ConsoleCommand,
    effect::Effects,
    notice::Level,
    outbox::{self, Planned},
    popups::{
        form,
        prompt::{self, Question},
    },
    storing::say_when_stored,
};
use crate::domain::{
    Change, Department, Edit, FieldsChange, Line, Priority, ReplyId, Status, TagsChange, TicketId,
};

/// Sets the status of a ticket.
pub(super) fn set_status(model: &mut Model, id: TicketId, to: Status) -> Effects {
    let Some(row) = model.tickets.get(id) else { return Effects::none() };
    let from = row.ticket.status.clone();
    if from.id == to.id {
        model.say(Level::Info, format!("{id} is {} already", to.title));
        return Effects::none();
    }
    act(model, id, Change::Status(Edit { from, to }))
}

/// Sets the priority of a ticket.
pub(super) fn set_priority(model: &mut Model, id: TicketId, to: Priority) -> Effects {
    let Some(row) = model.tickets.get(id) else { return Effects::none() };
    let from = row.ticket.priority;
    if from == to {
        model.say(Level::Info, format!("{id} is {to} already"));
        return Effects::none();
    }
    let fields = FieldsChange { priority: Some(Edit { from, to }), ..FieldsChange::default() };
    set_fields(model, id, fields)
}

/// Moves a ticket to a department.
pub(super) fn set_department(model: &mut Model, id: TicketId, to: Department) -> Effects {
    let Some(row) = model.tickets.get(id) else { return Effects::none() };
    let from = row.ticket.department.clone();
    if from.as_ref().map(|it| it.id) == Some(to.id) {
        model.say(Level::Info, format!("{id} is in {} already", to.name));
        return Effects::none();
    }
    let department = Some(Edit { from, to: Some(to) });
    set_fields(model, id, FieldsChange { department, ..FieldsChange::default() })
}

/// Sets fields by one PATCH. That needs a department and a subject: where a mailed ticket has none,
/// the form is opened to fill them in.
fn set_fields(model: &mut Model, id: TicketId, fields: FieldsChange) -> Effects {
    let Some(row) = model.tickets.get(id) else { return Effects::none() };
    let department = row.ticket.department.is_some() || fields.department.is_some();
    if department && !row.ticket.subject.is_empty() {
        return act(model, id, Change::Fields(Box::new(fields)));
    }
    let text = "the server needs a department and a subject with this; fill in what is missing";
    model.say(Level::Warning, format!("{id} {text}"));
    form::edit(model, id, Some(fields))
}

/// Adds and removes tags.
pub(super) fn set_tags(
    model: &mut Model,
    id: TicketId,
    add: Vec<Line>,
    remove: Vec<Line>,
) -> Effects {
    if add.is_empty() && remove.is_empty() {
        return Effects::none();
    }
    act(model, id, Change::Tags(TagsChange { add, remove }))
}

/// Archives a ticket, or restores it.
pub(super) fn toggle_archived(model: &mut Model, id: TicketId) -> Effects {
    let Some(row) = model.tickets.get(id) else { return Effects::none() };
    let archive = !row.ticket.archived;
    act(model, id, Change::Archived(archive))
}

/// Deletes a ticket, after it was confirmed.
pub(super) fn delete_ticket(model: &mut Model, id: TicketId) -> Effects {
    held(model, id, Change::DeleteTicket, format!("{id} is deleted"))
}

/// Deletes a reply, after it was confirmed.
pub(super) fn delete_reply(model: &mut Model, id: TicketId, reply: ReplyId) -> Effects {
    let what = model.conversation.word_for(reply);
    held(model, id, Change::DeleteReply(reply), format!("{id} {what} {reply} is deleted"))
}

fn held(model: &mut Model, id: TicketId, change: Change, what: String) -> Effects {
    let undo = model.keymap.key_for(ConsoleCommand::Undo);
    let seconds = model.settings.hold.as_secs();
    let when = model.sent_when();
    if change == Change::DeleteTicket {
        model.focus = Focus::List;
    }
    let label = format!("{} {id}", change.describe());
    let planned = vec![Planned::of(id, change)];
    let text = match when {
        Some(when) => format!("{what}: {when}; {undo} takes it back"),
        None => format!("{what} in {seconds} s; {undo} takes it back"),
    };
    let (effects, first) = outbox::commit(model, label, planned, vec![], vec![]);
    say_when_stored(model, first, Level::Warning, text);
    effects
}

/// Does one change to one ticket.
pub(super) fn act(model: &mut Model, id: TicketId, change: Change) -> Effects {
    let what = change.describe();
    let text = done_words(model, id, &change);
    let planned = vec![Planned::of(id, change)];
    let label = format!("{what} on {id}");
    let (effects, first) = outbox::commit(model, label, planned, vec![], vec![]);
    say_when_stored(model, first, Level::Done, text);
    effects
}

/// What the agent is told of a change that is shown as done, and sent in its turn.
pub(super) fn done_words(model: &Model, id: TicketId, change: &Change) -> String {
    let undo = model.keymap.key_for(ConsoleCommand::Undo);
    let when = model.sent_when().map(|when| format!(" here; {when}")).unwrap_or_default();
    format!("{id} {}{when}; {undo} takes it back", change.describe_done())
}

/// Asks for the number of the reply under the cursor before it is deleted.
pub(super) fn ask_delete_reply(model: &mut Model, ticket: TicketId) -> Effects {
    let shown = model.conversation.post().filter(|_| model.conversation.ticket == Some(ticket));
    match shown.map(|post| post.reply) {
        Some(Some(reply)) => return prompt::ask(model, Question::DeleteReply(ticket, reply)),
        Some(None) => {
            let key = model.keymap.key_for(ConsoleCommand::Delete);
            let text = format!("this is the ticket's own message; {key} deletes the whole ticket");
            model.say(Level::Info, text);
        }
        None => model.say(Level::Info, "there is no reply here"),
    }
    Effects::none()
}
