//! The contents of a form, as its draft keeps them.

use super::{Field, FieldErrors, Form, Kind, Progress, close};
use crate::{
    app::{Effects, Model, kept::draft_of},
    domain::{
        DraftKey, Entry, FullTicket, Line, Priority, Problem, ProblemKind, TicketForm, Writer,
        change::sight, draft::unnamed,
    },
};

/// The contents that were kept of a form.
pub(super) fn kept(model: &Model, key: DraftKey) -> Option<TicketForm> {
    TicketForm::read(&model.drafts.get(key)?.text)
}

/// A ticket's fields as its form shows them.
pub(super) fn content_of(full: &FullTicket) -> TicketForm {
    let ticket = &full.ticket;
    TicketForm {
        client: ticket.client.clone(),
        department: ticket.department.clone(),
        project: ticket.project.map(unnamed),
        no_project: ticket.project.is_none(),
        priority: Some(ticket.priority).filter(|it| *it != Priority::Unknown),
        subject: Some(ticket.subject.as_str().to_owned()),
        message: Some(full.message.as_stored().to_owned()),
        ..TicketForm::default()
    }
}

/// The fields of a kept edit that somebody else has set meanwhile.
pub(super) fn meanwhile(draft: &TicketForm, now: &TicketForm) -> FieldErrors {
    let Some(was) = &draft.instead_of else { return FieldErrors::new() };
    let mut met = FieldErrors::new();
    let mut note = |field: Field, changed: bool, same: bool, theirs: String| {
        if changed && !same {
            let text = Line::from_cleaned(format!("somebody else set meanwhile: {theirs}"), None);
            met.insert(field.api_name().into(), vec![text]);
        }
    };
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    note(Field::Subject, draft.subject.is_some(), was.subject == now.subject, text(&now.subject));
    let same = was.message == now.message;
    note(Field::Message, draft.message.is_some(), same, "another message".into());
    let priority = now.priority.map(|it| it.to_string()).unwrap_or_default();
    note(Field::Priority, draft.priority.is_some(), was.priority == now.priority, priority);
    let department = sight::department(&now.department);
    note(
        Field::Department,
        draft.department.is_some(),
        was.department == now.department,
        department,
    );
    let id = |it: &TicketForm| it.project.as_ref().map(|it| it.id);
    let changed = draft.project.is_some() || draft.no_project;
    note(Field::Project, changed, id(was) == id(now), sight::project(id(now)));
    met
}

/// Keeps the form as a draft. For an existing ticket, only the fields that differ from the ticket
/// are kept.
pub(super) fn keep(model: &mut Model) -> Effects {
    let Some(form) = model.form() else { return Effects::none() };
    let content = match &form.kind {
        Kind::Edit(_, Some(was)) => form.content().differing(&shown(was)),
        Kind::Edit(_, None) => None,
        Kind::New(_) => Some(form.content()).filter(|content| !content.is_blank()),
    };
    let key = form.key();
    match content {
        Some(content) => {
            let text = content.write();
            let draft = draft_of(model, key, text, (0, 0));
            model.drafts.typed(draft, model.now)
        }
        None => model.drafts.drop(key),
    }
}

/// A ticket's fields as an unchanged form gives them back.
pub(super) fn shown(full: &FullTicket) -> TicketForm {
    let mut form = Form::empty(Kind::Edit(full.ticket.id, None));
    form.fill(content_of(full));
    form.content()
}

/// The draft of the form that is open.
pub(in crate::app) fn open_key(model: &Model) -> Option<DraftKey> {
    model.form().map(Form::key)
}

/// Whether this draft's form is open.
pub(in crate::app) fn is_open(model: &Model, key: DraftKey) -> bool {
    open_key(model) == Some(key)
}

fn open_on_draft(model: &mut Model, key: DraftKey) -> Option<&mut Form> {
    model.form_mut().filter(|form| form.key() == key)
}

/// The other console that writes the open form.
pub(in crate::app) fn writer(model: &Model, key: DraftKey) -> Option<&Writer> {
    model.form().filter(|form| form.key() == key)?.writer.as_ref()
}

/// Another console writes the open form, or none does any more; says whether one did before.
pub(in crate::app) fn show_writer(
    model: &mut Model,
    key: DraftKey,
    writer: Option<Writer>,
) -> bool {
    let form = open_on_draft(model, key);
    form.is_some_and(|form| std::mem::replace(&mut form.writer, writer).is_some())
}

/// The draft of the open form is gone. The contents stay on screen, so that the agent can go on.
pub(in crate::app) fn show_gone(model: &mut Model, key: DraftKey, said: &str) -> Effects {
    if let Some(form) = open_on_draft(model, key) {
        let said = Line::from_cleaned(format!("{said}; typing on makes a new draft"), None);
        form.problem = Some(Problem::new(ProblemKind::Local, said));
    }
    Effects::none()
}

/// The store has dropped the draft, as the agent wanted: its form closes.
pub(in crate::app) fn discarded(model: &mut Model, key: DraftKey) -> Effects {
    if is_open(model, key) { close(model) } else { Effects::none() }
}

/// Shows the draft of the open form as it is kept now. If no draft is kept, a form that another
/// console writes is reset, and the agent's own form stays as it is.
pub(in crate::app) fn follow(model: &mut Model, key: DraftKey) -> Effects {
    let content = kept(model, key);
    let Some(form) = open_on_draft(model, key) else { return Effects::none() };
    if form.progress != Progress::Filling || (content.is_none() && form.writer.is_none()) {
        return Effects::none();
    }
    let content = content.unwrap_or_default();
    match &form.kind {
        Kind::Edit(_, Some(was)) => {
            let content = content.or(content_of(was));
            form.fill(content);
        }
        Kind::Edit(_, None) => {}
        Kind::New(_) => form.fill(content),
    }
    Effects::none()
}

/// The open form goes on under a key of its own: another console writes one too.
pub(in crate::app) fn rename(model: &mut Model, from: DraftKey, to: DraftKey) {
    let Some(form) = open_on_draft(model, from) else { return };
    match &mut form.kind {
        Kind::New(number) => *number = to.ticket,
        Kind::Edit(..) => form.copy = to.copy,
    }
}

/// The open form goes on with the text that came back. The draft that the store made from it
/// belongs to the form again.
pub(super) fn go_on(model: &mut Model, entry: &Entry) -> Effects {
    let own = model.form().map(Form::key);
    // Another text may be under the key of the ticket's own draft by now. Then this one is kept
    // beside it.
    let made = entry.draft(model.now).and_then(|draft| {
        let keys = [draft.key, draft.key.beside(entry.id.short())];
        let holds_it =
            |key: &DraftKey| model.drafts.get(*key).is_some_and(|it| it.text == draft.text);
        keys.into_iter().find(holds_it)
    });
    let Some((own, made)) = own.zip(made).filter(|(own, made)| own != made) else {
        return keep(model);
    };
    if model.drafts.get(own).is_some() {
        rename(model, own, made);
        return keep(model);
    }
    let effects = keep(model);
    effects.and(model.drafts.flush()).and(model.drafts.drop(made))
}
