//! Forms: a new ticket, and the fields of one that exists. What is typed is kept as a draft until
//! the server has it.

mod kept;

use std::collections::BTreeMap;

use crokey::KeyCombination;

use kept::{content_of, go_on, keep, kept, meanwhile, shown};
pub(in crate::app) use kept::{
    discarded, follow, is_open, open_key, rename, show_gone, show_writer, writer,
};

use crate::app::{
    Model,
    act::{self, Origin},
    command::FormCommand,
    editor::Editor,
    effect::{Effect, Effects, Read, Slot, Work},
    merge,
    message::Found,
    notice::{About, Level},
    panes::composer,
    popups::{
        Surface, discard,
        picker::{self, Value},
    },
};
use crate::domain::{
    ClientId, Department, DraftKey, DraftKind, Entry, EntryId, FullTicket, Line, Named, NewTicket,
    Priority, Problem, Project, ReplyId, State, Ticket, TicketForm, TicketId, Writer,
    plan::{Action, Fields, Known, Outcome, Plan, Targets},
};

/// A field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Whose ticket it is; only a new one asks.
    Client,
    /// Where it goes.
    Department,
    /// One of the client's projects.
    Project,
    /// How much it presses.
    Priority,
    /// The subject.
    Subject,
    /// The opening message.
    Message,
    /// A custom field that the server asked for.
    Custom(usize),
}

impl Field {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Client => "Client",
            Self::Department => "Department",
            Self::Project => "Project",
            Self::Priority => "Priority",
            Self::Subject => "Subject",
            Self::Message => "Message",
            Self::Custom(_) => "Custom field",
        }
    }

    /// What the API calls it; its field errors come under this name.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Client => "ticket_clientid",
            Self::Department => "ticket_categoryid",
            Self::Project => "ticket_projectid",
            Self::Priority => "ticket_priority",
            Self::Subject => "ticket_subject",
            Self::Message => "ticket_message",
            Self::Custom(_) => "",
        }
    }
}

/// What the form is about.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A ticket to be created; the number tells its draft from others'.
    New(Option<TicketId>),
    /// A ticket that exists, as it was when the form was opened; `None` until it has been read.
    Edit(TicketId, Option<Box<FullTicket>>),
}

/// Where the form stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The ticket is being read.
    Loading,
    /// The ticket can't be read: what was typed before is shown, and can be recorded nowhere.
    Unread,
    /// The agent fills it in.
    Filling,
    /// It was recorded and the server's answer is awaited.
    Sending(EntryId),
}

/// A form.
#[derive(Clone, Debug)]
pub struct Form {
    /// What it is about.
    pub kind: Kind,
    /// The client.
    pub client: Option<Named<ClientId>>,
    /// The department.
    pub department: Option<Department>,
    /// The project.
    pub project: Option<Project>,
    /// The priority.
    pub priority: Option<Priority>,
    /// The subject.
    pub subject: Editor,
    /// The message: Markdown in a new ticket, HTML as stored in one that exists.
    pub message: Editor,
    /// Custom fields by their API names.
    pub custom: Vec<(String, Editor)>,
    /// The position of the field that has the focus.
    pub focus: usize,
    /// What is wrong with single fields, by API name.
    pub errors: BTreeMap<String, Vec<Line>>,
    /// What is wrong with all of it.
    pub problem: Option<Problem>,
    /// Where it stands.
    pub progress: Progress,
    /// Whether it is a draft beside the ticket's own: the number in its key.
    pub copy: i64,
    /// The other console that writes it: then it is only read here.
    pub writer: Option<Writer>,
}

impl Form {
    fn empty(kind: Kind) -> Self {
        Self {
            kind,
            client: None,
            department: None,
            project: None,
            priority: None,
            subject: Editor::single_line(""),
            message: Editor::new(""),
            custom: Vec::new(),
            focus: 0,
            errors: BTreeMap::new(),
            problem: None,
            progress: Progress::Filling,
            copy: 0,
            writer: None,
        }
    }

    /// The fields in their order.
    pub fn fields(&self) -> Vec<Field> {
        use Field::{Client, Department, Message, Priority, Project, Subject};
        let mut fields = vec![Client, Department, Project, Priority, Subject, Message];
        if matches!(self.kind, Kind::Edit(..)) {
            fields.remove(0);
        }
        fields.extend((0..self.custom.len()).map(Field::Custom));
        fields
    }

    /// The field that has the focus.
    pub fn focused(&self) -> Field {
        self.fields().get(self.focus).copied().unwrap_or(Field::Subject)
    }

    /// What is wrong with a field.
    pub fn errors_of(&self, field: Field) -> &[Line] {
        let name = match field {
            Field::Custom(at) => self.custom.get(at).map_or("", |(name, _)| name),
            other => other.api_name(),
        };
        self.errors.get(name).map_or(&[], Vec::as_slice)
    }

    /// What its draft is bound to.
    pub fn key(&self) -> DraftKey {
        match self.kind {
            Kind::New(ticket) => DraftKey::new(ticket, DraftKind::NewTicket),
            Kind::Edit(ticket, _) => {
                DraftKey { copy: self.copy, ..DraftKey::new(Some(ticket), DraftKind::Edit) }
            }
        }
    }

    fn editor(&mut self) -> Option<&mut Editor> {
        match self.focused() {
            Field::Subject => Some(&mut self.subject),
            Field::Message => Some(&mut self.message),
            Field::Custom(at) => self.custom.get_mut(at).map(|(_, editor)| editor),
            _ => None,
        }
    }

    fn content(&self) -> TicketForm {
        TicketForm {
            client: self.client.clone(),
            department: self.department.clone(),
            project: self.project.clone(),
            no_project: self.project.is_none(),
            priority: self.priority,
            subject: Some(self.subject.text()),
            message: Some(self.message.text()),
            custom: self.custom.iter().map(|(name, it)| (name.clone(), it.text())).collect(),
            instead_of: None,
        }
    }

    fn fill(&mut self, content: TicketForm) {
        self.client = content.client;
        self.department = content.department;
        self.project = content.project;
        self.priority = content.priority;
        self.subject = Editor::single_line(&content.subject.unwrap_or_default());
        self.message = Editor::new(&content.message.unwrap_or_default());
        self.custom = content
            .custom
            .into_iter()
            .map(|(name, text)| (name, Editor::single_line(&text)))
            .collect();
    }

    /// What its ticket is to have.
    fn wanted(&self) -> Fields {
        Fields {
            subject: Some(Line::from_cleaned(self.subject.text().trim(), None)),
            message: Some(self.message.text()),
            department: self.department.clone(),
            project: Some(self.project.as_ref().map(|it| it.id)),
            priority: self.priority,
        }
    }
}

impl Surface for Form {
    type Commands = FormCommand;

    fn run(model: &mut Model, command: FormCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: FormCommand, usual: &'static str) -> Option<&'static str> {
        hint(model, command, usual)
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
}

impl Model {
    /// The form that is open, on top or beneath a picker.
    pub fn form(&self) -> Option<&Form> {
        self.nearest()
    }

    fn form_mut(&mut self) -> Option<&mut Form> {
        self.nearest_mut()
    }
}

/// Opens the form for a new ticket, with what was kept of the last attempt: of the one whose draft has
/// this number.
pub(in crate::app) fn new(model: &mut Model, number: Option<TicketId>) -> Effects {
    let mut form = Form::empty(Kind::New(number));
    form.priority = Some(Priority::Normal);
    // What another console writes is not what the agent wants to begin.
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
            if let Some(form) = model.form_mut() {
                *form = Form::empty(Kind::New(own.ticket));
                form.priority = Some(Priority::Normal);
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

fn edit_copy(model: &mut Model, id: TicketId, wanted: Option<Fields>, copy: i64) -> Effects {
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
            // What was typed can be read all the same, and recorded nowhere.
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
fn with_pending(model: &Model, found: Found) -> Found {
    let Found::Ticket(mut full) = found else { return found };
    let ticket = Some(full.ticket.id);
    for entry in model.outbox.entries().iter().filter(|entry| entry.ticket == ticket) {
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

/// A command in the topmost form.
fn run(model: &mut Model, command: FormCommand) -> Effects {
    let Some(form) = model.form_mut() else { return Effects::none() };
    let count = form.fields().len();
    match command {
        FormCommand::Leave => return leave(model),
        FormCommand::Discard => {
            let key = form.key();
            return discard::ask(model, key);
        }
        FormCommand::TakeOver => {
            let key = form.key();
            return merge::take(model, key);
        }
        FormCommand::NextField => form.focus = (form.focus + 1) % count,
        FormCommand::PreviousField => form.focus = (form.focus + count - 1) % count,
        FormCommand::Record if form.writer.is_some() => return only_read(model),
        FormCommand::Record if form.progress == Progress::Filling => return submit(model),
        FormCommand::Record => {}
        FormCommand::Choose => return choose_or_break(model),
    }
    Effects::none()
}

/// What a command is called at this moment, in place of its `usual` words; none where it does nothing.
fn hint(model: &Model, command: FormCommand, usual: &'static str) -> Option<&'static str> {
    let form = model.form()?;
    let fills = form.progress == Progress::Filling;
    let works = match command {
        FormCommand::Choose if form.focused() == Field::Message && fills => {
            return Some("new line");
        }
        FormCommand::Choose => {
            fills && !matches!(form.focused(), Field::Subject | Field::Custom(_))
        }
        FormCommand::Record | FormCommand::NextField => fills,
        FormCommand::Discard => form.writer.is_none() && model.drafts.get(form.key()).is_some(),
        FormCommand::TakeOver => form.writer.is_some(),
        FormCommand::PreviousField | FormCommand::Leave => true,
    };
    works.then_some(usual)
}

fn leave(model: &mut Model) -> Effects {
    let own = model.form().filter(|form| form.writer.is_none()).map(Form::key);
    if let Some(key) = own.filter(|key| model.drafts.get(*key).is_some()) {
        if model.drafts.is_going(key) {
            model.say(Level::Warning, format!("the {} is not stored yet", key.kind.as_str()));
        } else if model.drafts.leave(key) {
            composer::kept_as_draft(model, key);
        }
    }
    let flushed = model.drafts.flush();
    flushed.and(close(model))
}

/// Takes the form away; others may write its draft.
fn close(model: &mut Model) -> Effects {
    let key = model.form().map(Form::key);
    model.close_popup();
    model.requests.forget(Slot::FormTicket);
    model.requests.forget(Slot::FormProject);
    key.map(|key| Effect::Work(Work::CloseDraft(key))).into()
}

/// Says who writes the form, which is only read here.
fn only_read(model: &mut Model) -> Effects {
    if let Some(form) = model.form()
        && let Some(writer) = &form.writer
    {
        let key = form.key();
        let take = model.keymap.key_for(FormCommand::TakeOver);
        let text = format!("{writer} writes this; {take} takes it over");
        model.say_about(About::Writer(key), Level::Warning, text);
    }
    Effects::none()
}

/// Enter: a new line in the message, the next field after a line of text, otherwise the choices.
fn choose_or_break(model: &mut Model) -> Effects {
    let Some(form) = model.form_mut() else { return Effects::none() };
    let field = form.focused();
    match field {
        Field::Message => typed(model, KeyCombination::from(crossterm::event::KeyCode::Enter)),
        Field::Subject | Field::Custom(_) => run(model, FormCommand::NextField),
        _ if form.writer.is_some() => only_read(model),
        _ if form.progress != Progress::Filling => Effects::none(),
        _ => {
            let client = form.client.clone();
            if field == Field::Project && client.is_none() {
                let text = Line::from_cleaned("choose the client first", None);
                form.errors.insert(field.api_name().into(), vec![text]);
                return Effects::none();
            }
            picker::open_field(model, field)
        }
    }
}

/// A choice was made for a field.
pub(in crate::app) fn choose(model: &mut Model, field: Field, value: Value) -> Effects {
    let Some(form) = model.form_mut() else { return Effects::none() };
    form.errors.remove(field.api_name());
    match value {
        Value::Client(client) => {
            if form.client.as_ref().map(|it| it.id) != Some(client.id) {
                form.project = None;
            }
            form.client = Some(client);
        }
        Value::Department(department) => form.department = Some(department),
        Value::Project(project) => form.project = project,
        Value::Priority(priority) => form.priority = Some(priority),
        _ => {}
    }
    form.focus = (form.focus + 1) % form.fields().len();
    keep(model)
}

/// A key that is no command: it is typed into the field.
fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    change_text(model, |editor| editor.key(key))
}

/// Pasted text goes into the field; `None` where it takes none.
fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
    let form = model.form_mut()?;
    let has_text = form.editor().is_some();
    has_text.then(|| change_text(model, |editor| editor.paste(text)))
}

fn change_text(model: &mut Model, change: impl FnOnce(&mut Editor) -> bool) -> Effects {
    if model.form().is_some_and(|form| form.writer.is_some()) {
        return only_read(model);
    }
    let Some(form) = model.form_mut() else { return Effects::none() };
    if let Progress::Sending(_) = form.progress {
        model.say(Level::Warning, "it is being recorded: what is typed meanwhile is not taken");
        return Effects::none();
    }
    let Some(form) = model.form_mut().filter(|form| form.progress == Progress::Filling) else {
        return Effects::none();
    };
    let field = form.focused();
    let Some(editor) = form.editor() else { return Effects::none() };
    if !change(editor) {
        return Effects::none();
    }
    form.errors.remove(field.api_name());
    keep(model)
}

/// A ticket as it was when its form was opened: what the form changes is made from that.
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

/// What the form comes to; `None` where nothing was changed.
fn plan(model: &Model, form: &Form) -> Result<Option<Plan>, FieldErrors> {
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

fn submit(model: &mut Model) -> Effects {
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

type FieldErrors = BTreeMap<String, Vec<Line>>;

/// What every ticket must have (the API page, "Create a ticket" and "Update a ticket").
fn missing(form: &Form) -> Result<(), FieldErrors> {
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
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn creation(form: &Form) -> Result<NewTicket, FieldErrors> {
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
        custom: form.custom.iter().map(|(name, it)| (name.clone(), it.text())).collect(),
    })
}

/// Whether the form that is open waits for what becomes of an entry.
pub(in crate::app) fn awaits(model: &Model, entry: EntryId) -> bool {
    model.form().is_some_and(|form| form.progress == Progress::Sending(entry))
}

/// The outbox has news of an entry: a form that waits for it closes, or shows what is wrong.
pub(in crate::app) fn settle(model: &mut Model, entry: &Entry) -> Effects {
    if !awaits(model, entry.id) {
        return Effects::none();
    }
    let Some(form) = model.form_mut() else { return Effects::none() };
    let problem = match &entry.state {
        State::Refused { problem } => problem,
        State::TakenBack => {
            form.progress = Progress::Filling;
            return go_on(model, entry);
        }
        _ => return close(model),
    };
    form.progress = Progress::Filling;
    form.errors.clone_from(&problem.fields);
    form.problem = Some(problem.clone());
    ask_for_custom_fields(form);
    let first = form.fields().iter().position(|field| !form.errors_of(*field).is_empty());
    form.focus = first.unwrap_or(form.focus);
    go_on(model, entry)
}

/// The server wants custom fields that the form does not have yet.
fn ask_for_custom_fields(form: &mut Form) {
    let wanted: Vec<String> = form
        .errors
        .keys()
        .filter(|name| name.starts_with("ticket_custom_field_"))
        .cloned()
        .collect();
    for name in wanted {
        if !form.custom.iter().any(|(known, _)| *known == name) {
            form.custom.push((name, Editor::single_line("")));
        }
    }
}
