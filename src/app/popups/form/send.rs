//! Records a form: checks for missing fields, plans the action, and takes in the outcome.

use super::{Field, FieldErrors, Form, Kind, Progress, close, kept::go_on};
use crate::{
    app::{
        Model,
        act::{self, Origin},
        effect::Effects,
        errand::{After, Errand},
        notice::Level,
    },
    domain::{
        Entry, EntryId, FullTicket, Line, NewTicket, ReplyId, State, Ticket, TicketId,
        plan::{Action, Known, Outcome, Plan, Targets},
    },
};

/// A ticket as it was when its form was opened. The form's changes start from there.
struct Opened<'a> {
    model: &'a Model,
    was: &'a FullTicket,
}

impl Known for Opened<'_> {
    fn ticket(&self, id: TicketId) -> Option<Ticket> {
        Some(self.was.ticket.clone()).filter(|ticket| ticket.id == id)
    }

    fn message(&self, id: TicketId) -> Option<String> {
        let message = self.was.message.as_stored().to_owned();
        Some(message).filter(|_| self.was.ticket.id == id)
    }

    fn read(&self, id: TicketId) -> Option<ReplyId> {
        self.model.read(id)
    }

    fn is_read_only(&self) -> bool {
        self.model.is_read_only()
    }
}

/// The plan of the form; `None` if nothing was changed.
pub(super) fn plan(model: &Model, form: &Form) -> Result<Option<Plan>, FieldErrors> {
    match &form.kind {
        Kind::New(_) => {
            let new = Action::Create(Box::new(creation(form)?));
            Ok(Some(Plan::of(&new, &Targets::New, model)))
        }
        Kind::Edit(id, Some(was)) => {
            let action = Action::fields(form.wanted());
            let plan = Plan::of(&action, &Targets::one(*id), &Opened { model, was });
            if plan.lines.iter().all(|line| line.outcome == Outcome::Already) {
                return Ok(None);
            }
            missing(form).map(|()| Some(plan))
        }
        Kind::Edit(_, None) => Ok(Some(Plan { lines: vec![] })),
    }
}

pub(super) fn submit(model: &mut Model) -> Effects {
    let Some(form) = model.form() else { return Effects::none() };
    let key = form.key();
    let step = match plan(model, form) {
        Ok(Some(plan)) => plan.step(),
        Ok(None) => {
            let on = key.about().map(|id| format!("{id} ")).unwrap_or_default();
            model.say(Level::Info, format!("{on}nothing was changed"));
            let dropped = model.drafts.drop(key);
            return dropped.and(close(model));
        }
        Err(errors) => {
            if let Some(form) = model.form_mut() {
                form.errors = errors;
                form.focus_first_error();
            }
            return Effects::none();
        }
    };
    let Some(mut step) = step else { return Effects::none() };
    // The form has named its ticket.
    step.label = step.changes.iter().map(|it| it.change.describe()).collect();
    let origin = Origin { drafts: vec![key], ..Origin::default() };
    let (queued, entry) = act::carry_out(model, step, origin);
    if let (Some(form), Some(entry)) = (model.form_mut(), entry) {
        form.progress = Progress::Sending(entry);
        form.errors.clear();
        form.problem = None;
    }
    queued
}

/// Checks for the fields that every ticket must have (the API page, "Create a ticket" and "Update a
/// ticket").
pub(super) fn missing(form: &Form) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::new();
    let mut need = |field: Field, there: bool| {
        if !there {
            let text = Line::from_cleaned("this is needed", None);
            errors.insert(field.api_name().into(), vec![text]);
        }
    };
    need(Field::Client, form.client.is_some() || matches!(form.kind, Kind::Edit(..)));
    need(Field::Department, form.department.is_some());
    need(Field::Priority, form.priority.is_some());
    need(Field::Subject, !form.subject.is_blank());
    need(Field::Message, !form.message.is_blank());
    if form.subject.text().chars().count() > 250 {
        let text = Line::from_cleaned("at most 250 characters", None);
        errors.insert(Field::Subject.api_name().into(), vec![text]);
    }
    if let Kind::New(_) = form.kind {
        errors.extend(form.missing_custom());
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

pub(super) fn creation(form: &Form) -> Result<NewTicket, FieldErrors> {
    missing(form)?;
    let (Some(client), Some(department), Some(priority)) =
        (form.client.clone(), form.department.clone(), form.priority)
    else {
        return Err(FieldErrors::new());
    };
    Ok(NewTicket {
        client,
        department,
        project: form.project.as_ref().map(|it| it.id),
        subject: form.subject.text().trim().to_owned(),
        message: form.message.text(),
        priority,
        custom: form.custom_texts().into_iter().filter(|(_, it)| !it.trim().is_empty()).collect(),
    })
}

/// Whether the open form waits for the outcome of an entry.
pub(in crate::app) fn awaits(model: &Model, entry: EntryId) -> bool {
    model.form().is_some_and(|form| form.progress == Progress::Sending(entry))
}

/// The outbox has news of an entry: a form that waits for it closes, or shows what is wrong.
pub(in crate::app) fn settle(model: &mut Model, entry: &Entry) -> Effects {
    if !awaits(model, entry.id) {
        return Effects::none();
    }
    let named = model.settings.custom_fields.clone();
    let Some(form) = model.form_mut() else { return Effects::none() };
    let problem = match &entry.state {
        State::Refused { problem } => problem,
        State::TakenBack => {
            form.progress = Progress::Filling;
            return go_on(model, entry);
        }
        _ => {
            let after = entry.ticket.filter(|_| matches!(form.kind, Kind::Edit(..)));
            let closed = close(model);
            if let Some(ticket) = after {
                model.pass(Errand::After(After::on(ticket)));
            }
            return closed;
        }
    };
    form.progress = Progress::Filling;
    form.errors.clone_from(&problem.fields);
    form.problem = Some(problem.clone());
    form.ask_for_custom_fields(&named);
    form.focus_first_error();
    go_on(model, entry)
}
