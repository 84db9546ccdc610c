//! Lists to be read: the help, and the outbox with the drafts.

use crokey::KeyCombination;

use crate::app::{
    Model, Popup,
    command::{Command, Scope, TABLE},
    editor::Editor,
    effect::Effects,
    going,
    layout::Layout,
    notice::Level,
    outbox,
    popups::{decision, discard, form},
};
use crate::domain::{Draft, DraftKey, Entry, EntryId, State};

/// The rows that the filter of the help takes.
pub const FILTER_ROWS: usize = 2;

/// The help: what works where it was opened.
#[derive(Clone, Debug)]
pub struct Help {
    /// The scopes whose keys are listed, nearest first.
    pub scopes: Vec<Scope>,
    /// The words that it is narrowed to, while or after they are typed.
    pub filter: Option<Editor>,
    /// Whether the filter is being typed.
    pub typing: bool,
    /// The first line on screen.
    pub top: usize,
}

/// One line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpLine {
    /// The heading of a scope.
    Heading(&'static str),
    /// Keys and what they do.
    Keys(String, &'static str),
    /// An empty line before the next heading.
    Gap,
}

/// The list of the outbox and the drafts.
#[derive(Clone, Debug, Default)]
pub struct OutboxList {
    /// The line that the agent is on.
    pub cursor: usize,
    /// What that line is about: the cursor stays on it, whatever goes and comes.
    on: Option<LineKey>,
}

/// What a line of that list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum LineKey {
    Entry(EntryId),
    Draft(DraftKey),
}

/// A line of that list.
#[derive(Clone, Copy, Debug)]
pub enum OutboxLine<'a> {
    /// A change on its way.
    Entry(&'a Entry),
    /// A draft.
    Draft(&'a Draft),
}

impl OutboxLine<'_> {
    fn key(&self) -> LineKey {
        match self {
            Self::Entry(entry) => LineKey::Entry(entry.id),
            Self::Draft(draft) => LineKey::Draft(draft.key),
        }
    }
}

/// What is a mark in a text that is written, in short.
const MARKS: [(&str, &str); 7] = [
    ("**bold** *word*", "emphasis, also _word_ and ~~gone~~"),
    ("`code`, ``` lines", "code, as it is"),
    ("> ", "before each line of a quote"),
    ("- or * or 1.", "before the items of a list, two or more"),
    ("# or ---", "a heading, a line across, between empty lines"),
    ("[text](https://…)", "a link; addresses are links by themselves"),
    ("\\*", "no mark where one would be; other \\ are text"),
];

/// The lines of the help, from the table and the keys in force, and the marks of a text.
pub fn help_lines(model: &Model, help: &Help) -> Vec<HelpLine> {
    let words = help.filter.as_ref().map(|it| it.text().to_lowercase()).unwrap_or_default();
    let mut lines = Vec::new();
    let mut part = |title: &'static str, all: Vec<(String, &'static str)>| {
        let fits =
            |it: &(String, &str)| format!("{} {}", it.0, it.1).to_lowercase().contains(&words);
        let found: Vec<_> = all.into_iter().filter(|it| !it.0.is_empty() && fits(it)).collect();
        if found.is_empty() {
            return;
        }
        if !lines.is_empty() {
            lines.push(HelpLine::Gap);
        }
        lines.push(HelpLine::Heading(title));
        lines.extend(found.into_iter().map(|(keys, title)| HelpLine::Keys(keys, title)));
    };
    for scope in &help.scopes {
        let specs = TABLE.iter().filter(|spec| scope.takes_from(spec.scope));
        let keys = |command| model.keymap.keys_of(*scope, command).join("  ");
        part(scope.title(), specs.map(|spec| (keys(spec.command), spec.title)).collect());
    }
    part("Marks in what you write", MARKS.map(|(mark, title)| (mark.to_owned(), title)).into());
    lines
}

/// The lines of the outbox list: changes in their order, then drafts, newest first.
pub fn outbox_lines(model: &Model) -> Vec<OutboxLine<'_>> {
    let entries = model.outbox.entries().iter().map(OutboxLine::Entry);
    let drafts = model.drafts.all().into_iter().map(OutboxLine::Draft);
    entries.chain(drafts).collect()
}

/// Opens the list of the outbox and the drafts.
pub(in crate::app) fn open_outbox(model: &mut Model) -> Effects {
    model.open_popup(Popup::Outbox(OutboxList::default()));
    Effects::none()
}

/// What the line under the cursor of the topmost list is about.
pub(in crate::app) fn line_at_hand(model: &Model) -> Option<LineKey> {
    match &model.popup {
        Some(Popup::Outbox(list)) => list.on,
        _ => None,
    }
}

/// Keeps the cursor on its line while entries settle and drafts come; where the line has gone, it is
/// on the one that took its place.
pub(in crate::app) fn hold_line(model: &mut Model) {
    let lists = |it: &Popup| matches!(it, Popup::Outbox(_));
    if !model.popup.iter().chain(&model.beneath).any(lists) {
        return;
    }
    let keys: Vec<LineKey> = outbox_lines(model).iter().map(OutboxLine::key).collect();
    for popup in model.popup.iter_mut().chain(&mut model.beneath) {
        let Popup::Outbox(list) = popup else { continue };
        let held = list.on.and_then(|on| keys.iter().position(|key| *key == on));
        list.cursor = held.unwrap_or(list.cursor).min(keys.len().saturating_sub(1));
        list.on = keys.get(list.cursor).copied();
    }
}

/// Puts the cursor of the list on a draft, where the list is open.
pub(in crate::app) fn go_to_draft(model: &mut Model, key: DraftKey) {
    if let Some(Popup::Outbox(list)) = &mut model.popup {
        list.on = Some(LineKey::Draft(key));
    }
}

/// Whether the list is open with its cursor on an entry, which is what a key there takes back.
pub(in crate::app) fn is_on_entry(model: &mut Model) -> bool {
    hold_line(model);
    matches!(line_at_hand(model), Some(LineKey::Entry(_)))
}

/// Opens the help on the scopes of the moment.
pub(in crate::app) fn open_help(model: &mut Model) -> Effects {
    let mut scopes = model.scopes();
    scopes.extend(Scope::ALL.into_iter().filter(|scope| !model.scopes().contains(scope)));
    let help = Help { scopes, filter: None, typing: false, top: 0 };
    model.push_popup(Popup::Help(Box::new(help)));
    Effects::none()
}

/// A command in the topmost list.
pub(in crate::app) fn run(model: &mut Model, command: Command) -> Effects {
    match &model.popup {
        Some(Popup::Help(_)) => run_help(model, command),
        Some(Popup::Outbox(_)) => run_outbox(model, command),
        _ => Effects::none(),
    }
}

fn run_help(model: &mut Model, command: Command) -> Effects {
    let Some(Popup::Help(help)) = &model.popup else { return Effects::none() };
    let head = if help.filter.is_some() { FILTER_ROWS } else { 0 };
    let rows = Layout::of(model).map_or(1, |layout| layout.popup_rows().saturating_sub(head));
    let last = help_lines(model, help).len().saturating_sub(rows);
    let Some(Popup::Help(help)) = &mut model.popup else { return Effects::none() };
    match command {
        Command::Down => help.top = (help.top + 1).min(last),
        Command::Up => help.top = help.top.saturating_sub(1),
        Command::PageDown => help.top = (help.top + 10).min(last),
        Command::PageUp => help.top = help.top.saturating_sub(10),
        Command::Filter => {
            help.filter.get_or_insert_with(|| Editor::single_line(""));
            help.typing = true;
        }
        Command::Apply => help.typing = false,
        Command::Cancel if help.filter.is_some() => {
            help.filter = None;
            help.typing = false;
            help.top = 0;
        }
        Command::Cancel => model.close_popup(),
        _ => {}
    }
    Effects::none()
}

/// A letter of the help's filter.
pub(in crate::app) fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    type_filter(model, |filter| filter.key(key)).unwrap_or_default()
}

/// Pasted text goes into the filter of the help; `None` where none is typed.
pub(in crate::app) fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
    type_filter(model, |filter| filter.paste(text))
}

fn type_filter(model: &mut Model, edit: impl FnOnce(&mut Editor) -> bool) -> Option<Effects> {
    let Some(Popup::Help(help)) = &mut model.popup else { return None };
    let filter = help.filter.as_mut().filter(|_| help.typing)?;
    if edit(filter) {
        help.top = 0;
    }
    Some(Effects::none())
}

fn run_outbox(model: &mut Model, command: Command) -> Effects {
    going::stop(model);
    let count = outbox_lines(model).len();
    let slipped = model.slipped;
    let Some(Popup::Outbox(shown)) = &mut model.popup else { return Effects::none() };
    shown.cursor = shown.cursor.min(count.saturating_sub(1));
    let at = shown.cursor;
    match command {
        Command::Down | Command::Up => {
            let next = if command == Command::Down { at + 1 } else { at.saturating_sub(1) };
            shown.cursor = next.min(count.saturating_sub(1));
            shown.on = None;
        }
        Command::Open | Command::Undo if slipped => {
            model.say(Level::Info, "another line has just come here; look, then press it again");
        }
        Command::Cancel => model.close_popup(),
        Command::Open => return open_line(model, at),
        Command::Undo => return take_back(model, at),
        Command::Discard => {
            let lines = outbox_lines(model);
            if let Some(OutboxLine::Draft(draft)) = lines.get(at) {
                let key = draft.key;
                return discard::ask(model, key);
            }
        }
        _ => {}
    }
    Effects::none()
}

/// Goes to what a line is about. A draft of a ticket that is not here opens all the same.
fn open_line(model: &mut Model, at: usize) -> Effects {
    let lines = outbox_lines(model);
    let (ticket, draft) = match lines.get(at) {
        Some(OutboxLine::Entry(Entry { id, state: State::Decision { .. }, .. })) => {
            let id = *id;
            decision::open(model, id);
            return Effects::none();
        }
        Some(OutboxLine::Entry(entry)) => (entry.ticket, None),
        Some(OutboxLine::Draft(draft)) => (draft.key.about(), Some(draft.key)),
        None => return Effects::none(),
    };
    match (ticket, draft) {
        (Some(ticket), draft) => going::start(model, ticket, draft),
        (None, Some(DraftKey { ticket, .. })) => {
            model.close_popup();
            form::new(model, ticket)
        }
        (None, None) => {
            model.say(Level::Info, "the ticket is not created yet");
            Effects::none()
        }
    }
}

/// Takes the entry of a line back; where the line is of none, the draft that was discarded last.
fn take_back(model: &mut Model, at: usize) -> Effects {
    let Some(OutboxLine::Entry(entry)) = outbox_lines(model).get(at).copied() else {
        return discard::take_back_last(model);
    };
    if !entry.state.can_take_back() {
        model.say(Level::Info, "it is on its way; it can't be taken back here any more");
        return Effects::none();
    }
    let id = entry.id;
    let on = entry.ticket.map(|ticket| format!(" on {ticket}")).unwrap_or_default();
    let text = format!("taken back: {}{on}", entry.change.describe());
    let effects = outbox::take_back(model, id);
    // Said once it is known to have been in time.
    model.outbox.undo_said = Some((Level::Done, text));
    effects
}
