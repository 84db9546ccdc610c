//! Opens a form for a new ticket, for an existing one, or on a draft, and reads the data for it.

use super::{
    Form, Kind, Progress,
    kept::{content_of, kept, meanwhile, rename, shown},
};
use crate::{
    app::{
        Model,
        effect::{Effects, Read, Slot},
        message::Found,
    },
    domain::{DraftKey, DraftKind, Problem, TicketForm, TicketId, plan::Fields},
};

/// Opens the form for a new ticket, with the kept contents of the last attempt, or of the draft
/// with this number.
pub(in crate::app) fn new(model: &mut Model, number: Option<TicketId>) -> Effects {
    let mut form = Form::of_new(model, number);
    // A draft that another console writes is not the ticket that the agent wants to begin.
    if number.is_none() && model.drafts.writer(form.key()).is_some() {
        form.kind = Kind::New(DraftKey::of_new_ticket(model.now.as_microsecond()).ticket);
    }
    let key = form.key();
    form.writer = model.drafts.writer(key).cloned();
    if let Some(content) = kept(model, key) {
        form.fill(content);
    }
    model.open_popup(form);
    model.drafts.open(key, false).into()
}

/// The form that was begun for a new ticket is one that another console writes: an empty one takes its
/// place, with what has been typed meanwhile.
pub(in crate::app) fn begin_own(model: &mut Model) -> Effects {
    let old = DraftKey::new(None, DraftKind::NewTicket);
    let own = DraftKey::of_new_ticket(model.now.as_microsecond());
    match model.drafts.is_stored(old) {
        true => {
            let empty = Form::of_new(model, own.ticket);
            if let Some(form) = model.form_mut() {
                *form = empty;
            }
        }
        false => {
            model.drafts.fork(old, own, model.now);
            rename(model, old, own);
        }
    }
    model.drafts.open(own, false).into()
}

/// Opens the form on a draft of an edit.
pub(in crate::app) fn edit_draft(model: &mut Model, key: DraftKey) -> Effects {
    match key.ticket {
        Some(id) => edit_copy(model, id, None, key.copy),
        None => Effects::none(),
    }
}

/// Opens the form for a ticket's fields; the ticket is read first. `wanted` is filled in already.
pub(in crate::app) fn edit(model: &mut Model, id: TicketId, wanted: Option<Fields>) -> Effects {
    edit_copy(model, id, wanted, 0)
}

pub(super) fn edit_copy(
    model: &mut Model,
    id: TicketId,
    wanted: Option<Fields>,
    copy: i64,
) -> Effects {
    let mut form = Form { copy, ..Form::empty(Kind::Edit(id, None)) };
    let key = form.key();
    form.writer = model.drafts.writer(key).cloned();
    form.progress = Progress::Loading;
    if let Some(wanted) = wanted {
        form.priority = wanted.priority;
        form.department = wanted.department;
    }
    model.open_popup(form);
    let open = model.drafts.open(key, false);
    Effects::from(open).and(model.requests.ask(Slot::FormTicket, Read::Ticket(id)))
}

/// The ticket of an edit form was read, or could not be.
pub(in crate::app) fn found(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    let draft = model.form().map(Form::key).and_then(|key| kept(model, key));
    let found = found.map(|found| with_pending(model, found));
    let Some(form) = model.form_mut() else { return Effects::none() };
    let Kind::Edit(id, was) = &mut form.kind else { return Effects::none() };
    match found {
        Ok(Found::Ticket(full)) if full.ticket.id == *id => {
            *was = Some(full.clone());
            let wanted = (form.priority.take(), form.department.take());
            let client = full.ticket.client.clone();
            let was = shown(&full);
            form.errors = draft.as_ref().map(|draft| meanwhile(draft, &was)).unwrap_or_default();
            form.fill(TicketForm { client, ..draft.unwrap_or_default() }.or(content_of(&full)));
            form.priority = wanted.0.or(form.priority);
            form.department = wanted.1.or(form.department.take());
            form.progress = Progress::Filling;
            let client = full.ticket.client.as_ref().map(|it| it.id);
            let client = client.filter(|_| full.ticket.project.is_some());
            client
                .map(|client| model.requests.ask(Slot::FormProject, Read::Projects(client)))
                .into()
        }
        Ok(_) => Effects::none(),
        Err(problem) => {
            // The typed text can be read all the same, but not recorded.
            if let Some(draft) = draft {
                form.fill(draft);
                form.progress = Progress::Unread;
            }
            form.problem = Some(problem);
            Effects::none()
        }
    }
}

/// A ticket as it will be once the agent's own changes are recorded: the next one starts from there.
pub(super) fn with_pending(model: &Model, found: Found) -> Found {
    let Found::Ticket(mut full) = found else { return found };
    let entries = model.outbox.entries().of(full.ticket.id);
    for entry in entries.filter(|entry| !model.outbox.is_proposed(entry)) {
        entry.change.apply_to_all(&mut full);
    }
    Found::Ticket(full)
}

/// The projects of the form's client are known: the project gets its title.
pub(in crate::app) fn name_project(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    if let Ok(Found::Projects(projects)) = found
        && let Some(project) = model.form_mut().and_then(|form| form.project.as_mut())
        && let Some(known) = projects.iter().find(|it| it.id == project.id)
    {
        project.title = known.title.clone();
    }
    Effects::none()
}
