//! Forms: a new ticket, and the fields of an existing one. Typed text is kept as a draft until the
//! server has it.

mod custom;
mod kept;
mod open;
pub mod parts;
mod send;

use std::collections::BTreeMap;

use crokey::KeyCombination;

pub use custom::Custom;
use kept::keep;
pub(in crate::app) use kept::{
    discarded, follow, is_open, open_key, rename, show_gone, show_writer, writer,
};
pub(in crate::app) use open::{begin_own, edit, edit_draft, found, name_project, new};
use send::submit;
pub(in crate::app) use send::{awaits, settle};

pub use crate::app::field::Field;
use crate::app::{
    Model,
    command::FormCommand,
    editor::{Editor, typed_letter},
    effect::{Effect, Effects, Slot, Work},
    errand::Errand,
    field::Value,
    hits::Hit,
    layout::{Area, Layout},
    notice::{About, Level},
    popups::{Surface, frame::Edge},
    tone::Tone,
};
use crate::domain::{
    ClientId, Department, DraftKey, DraftKind, EntryId, FullTicket, Line, Named, Priority, Problem,
    Project, TicketForm, TicketId, Writer, plan::Fields,
};

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
    /// The ticket can't be read. Text typed before is shown, but can't be recorded.
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
    /// The custom fields: those of the profile first.
    pub custom: Vec<Custom>,
    /// The position of the field that has the focus.
    pub focus: usize,
    /// What is wrong with single fields, by API name.
    pub errors: BTreeMap<String, Vec<Line>>,
    /// The problem of the form as a whole.
    pub problem: Option<Problem>,
    /// Where it stands.
    pub progress: Progress,
    /// Whether it is a draft beside the ticket's own: the number in its key.
    pub copy: i64,
    /// The other console that writes it. The form is read-only here then.
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
        self.errors.get(self.name_of(field)).map_or(&[], Vec::as_slice)
    }

    /// Gives the focus to the first field that something is wrong with.
    fn focus_first_error(&mut self) {
        let first = self.fields().iter().position(|field| !self.errors_of(*field).is_empty());
        self.focus = first.unwrap_or(self.focus);
    }

    /// The key of its draft.
    pub fn key(&self) -> DraftKey {
        match self.kind {
            Kind::New(ticket) => DraftKey::new(ticket, DraftKind::NewTicket),
            Kind::Edit(ticket, _) => {
                DraftKey { copy: self.copy, ..DraftKey::new(Some(ticket), DraftKind::Edit) }
            }
        }
    }

    fn editor(&mut self) -> Option<&mut Editor> {
        let field = self.focused();
        if !self.is_typed(field) {
            return None;
        }
        match field {
            Field::Subject => Some(&mut self.subject),
            Field::Message => Some(&mut self.message),
            Field::Custom(at) => self.custom.get_mut(at).map(|it| &mut it.text),
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
            custom: self.custom_texts(),
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
        self.fill_custom(content.custom);
    }

    /// The fields that its ticket is to have.
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

    fn title(&self, _: &Model) -> String {
        match &self.kind {
            Kind::New(_) => "New ticket".to_owned(),
            Kind::Edit(id, _) => format!("Edit {id}"),
        }
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: FormCommand| model.keymap.key_for(command);
        if let Some(writer) = &self.writer {
            let (take, since) = (key(FormCommand::TakeOver), model.time_of_day(writer.since));
            let text = format!("{take} takes it over · {writer} since {since}");
            return Edge::Words(text, Tone::Warning);
        }
        match self.progress {
            Progress::Loading => Edge::Bare,
            Progress::Unread => {
                Edge::Words("only kept: it can't be recorded".into(), Tone::Warning)
            }
            Progress::Sending(_) => Edge::Words("being recorded…".into(), Tone::Accent),
            Progress::Filling => Edge::keys([
                (key(FormCommand::Record), "records"),
                (key(FormCommand::NextField), "next field"),
            ]),
        }
    }

    fn size(&self, _: &Model, layout: &Layout) -> (usize, usize) {
        self.wanted_size(layout)
    }

    fn chosen(&self, _: &Model) -> Option<Hit> {
        Some(Hit::Field(self.focused()))
    }

    fn hits(&self, model: &Model, inner: Area) -> Vec<(Area, Hit)> {
        self.fields_hit(model, inner)
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

/// A command in the topmost form.
fn run(model: &mut Model, command: FormCommand) -> Effects {
    let Some(form) = model.form_mut() else { return Effects::none() };
    let count = form.fields().len();
    match command {
        FormCommand::Leave => return leave(model),
        FormCommand::Discard => {
            let key = form.key();
            model.pass(Errand::Discard(key));
        }
        FormCommand::TakeOver => {
            let key = form.key();
            model.pass(Errand::TakeOver(key));
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

/// The name of a command at this moment, in place of its `usual` one; `None` if the command does
/// nothing.
fn hint(model: &Model, command: FormCommand, usual: &'static str) -> Option<&'static str> {
    let form = model.form()?;
    let fills = form.progress == Progress::Filling;
    let works = match command {
        FormCommand::Choose if form.focused() == Field::Message && fills => {
            return Some("new line");
        }
        FormCommand::Choose => fills && !form.is_typed(form.focused()),
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
            model.say(
                Level::Warning,
                format!("{}the {} is not stored yet", key.begins(), key.kind.as_str()),
            );
        } else if model.drafts.leave(key) {
            model.say_kept(key);
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
        _ if form.is_typed(field) => run(model, FormCommand::NextField),
        _ if form.writer.is_some() => only_read(model),
        _ if form.progress != Progress::Filling => Effects::none(),
        _ => {
            let client = form.client.clone();
            if field == Field::Project && client.is_none() {
                let text = Line::from_cleaned("choose the client first", None);
                form.errors.insert(field.api_name().into(), vec![text]);
                return Effects::none();
            }
            model.pass(Errand::Choose(field));
            Effects::none()
        }
    }
}

/// A choice was made for a field.
pub(in crate::app) fn choose(model: &mut Model, field: Field, value: Value) -> Effects {
    let Some(form) = model.form_mut() else { return Effects::none() };
    let name = form.name_of(field).to_owned();
    form.errors.remove(&name);
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
        Value::Custom(text) => {
            if let Field::Custom(at) = field
                && let Some(custom) = form.custom.get_mut(at)
            {
                custom.text.replace(&text);
            }
        }
        _ => {}
    }
    form.focus = (form.focus + 1) % form.fields().len();
    keep(model)
}

/// A key that is no command: it is typed into the field. In a field of choices a letter opens them,
/// narrowed to it.
fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    let chooses = model.form_mut().is_some_and(|form| form.editor().is_none());
    if chooses && typed_letter(key).is_some() {
        let effects = choose_or_break(model);
        model.pass(Errand::Type(key));
        return effects;
    }
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
        model.say(
            Level::Warning,
            "the ticket is being recorded: it takes no keys until the server has answered",
        );
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
    let name = form.name_of(field).to_owned();
    form.errors.remove(&name);
    keep(model)
}

type FieldErrors = BTreeMap<String, Vec<Line>>;
