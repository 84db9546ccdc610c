//! The list of the outbox and the drafts.

use crate::app::{
    Model, act,
    command::ReaderCommand,
    cursor::Page,
    effect::Effects,
    going,
    notice::Level,
    popups::{Kind as _, Surface, decision, discard, form},
    surfaces::Hand,
};
use crate::domain::{Draft, DraftKey, Entry, EntryId, State};

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

impl Surface for OutboxList {
    type Commands = ReaderCommand;

    fn run(model: &mut Model, command: ReaderCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: ReaderCommand, usual: &'static str) -> Option<&'static str> {
        hint(model, command, usual)
    }

    fn hand(&self) -> Hand {
        Hand::Line(self.on)
    }
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

/// The lines of the outbox list: changes in their order, then drafts, newest first.
pub fn outbox_lines(model: &Model) -> Vec<OutboxLine<'_>> {
    let entries = model.outbox.entries().iter().map(OutboxLine::Entry);
    let drafts = model.drafts.all().into_iter().map(OutboxLine::Draft);
    entries.chain(drafts).collect()
}

/// Opens the list of the outbox and the drafts.
pub(in crate::app) fn open(model: &mut Model) -> Effects {
    model.open_popup(OutboxList::default());
    Effects::none()
}

/// What the line under the cursor of the topmost list is about.
fn line_at_hand(model: &Model) -> Option<LineKey> {
    model.top::<OutboxList>()?.on
}

/// Keeps the cursor on its line while entries settle and drafts come; where the line has gone, it is
/// on the one that took its place.
pub(in crate::app) fn hold_line(model: &mut Model) {
    if !model.popup.iter().chain(&model.beneath).any(|popup| OutboxList::of(popup).is_some()) {
        return;
    }
    let keys: Vec<LineKey> = outbox_lines(model).iter().map(OutboxLine::key).collect();
    for popup in model.popup.iter_mut().chain(&mut model.beneath) {
        let Some(list) = OutboxList::of_mut(popup) else { continue };
        let held = list.on.and_then(|on| keys.iter().position(|key| *key == on));
        list.cursor = held.unwrap_or(list.cursor).min(keys.len().saturating_sub(1));
        list.on = keys.get(list.cursor).copied();
    }
}

/// Puts the cursor of the list on a draft, where the list is open.
pub(in crate::app) fn go_to_draft(model: &mut Model, key: DraftKey) {
    if let Some(list) = model.top_mut::<OutboxList>() {
        list.on = Some(LineKey::Draft(key));
    }
}

/// Whether the list is open with its cursor on an entry, which is what a key there takes back.
pub(in crate::app) fn is_on_entry(model: &mut Model) -> bool {
    hold_line(model);
    matches!(line_at_hand(model), Some(LineKey::Entry(_)))
}

/// A command in the list.
fn run(model: &mut Model, command: ReaderCommand) -> Effects {
    going::stop(model);
    let count = outbox_lines(model).len();
    let slipped = model.slipped;
    let Some(shown) = model.top_mut::<OutboxList>() else { return Effects::none() };
    shown.cursor = shown.cursor.min(count.saturating_sub(1));
    let at = shown.cursor;
    match command {
        ReaderCommand::Step(step) => {
            let page = Page { half: 0, whole: 0 };
            shown.cursor = step.from(at, count.saturating_sub(1), page);
            shown.on = None;
        }
        ReaderCommand::Open | ReaderCommand::TakeBack if slipped => {
            model.say(Level::Info, "another line has just come here; look, then press it again");
        }
        ReaderCommand::Close => model.close_popup(),
        ReaderCommand::Open => return open_line(model, at),
        ReaderCommand::TakeBack => return take_back(model, at),
        ReaderCommand::Discard => {
            let lines = outbox_lines(model);
            if let Some(OutboxLine::Draft(draft)) = lines.get(at) {
                let key = draft.key;
                return discard::ask(model, key);
            }
        }
        ReaderCommand::Filter => {}
    }
    Effects::none()
}

/// What a command is called at this moment, in place of its `usual` words; none where it does nothing.
fn hint(model: &Model, command: ReaderCommand, usual: &'static str) -> Option<&'static str> {
    let line = line(model);
    let works = match command {
        ReaderCommand::Open => match line? {
            OutboxLine::Entry(Entry { state: State::Decision { .. }, .. }) => {
                return Some("decide");
            }
            OutboxLine::Entry(_) | OutboxLine::Draft(_) => true,
        },
        ReaderCommand::TakeBack => match line {
            Some(OutboxLine::Entry(entry)) => entry.state.can_take_back(),
            Some(OutboxLine::Draft(_)) | None => model.outbox.can_bring_back(),
        },
        ReaderCommand::Discard => matches!(line, Some(OutboxLine::Draft(_))),
        ReaderCommand::Filter => false,
        ReaderCommand::Step(_) | ReaderCommand::Close => true,
    };
    works.then_some(usual)
}

/// The line under the cursor.
fn line(model: &Model) -> Option<OutboxLine<'_>> {
    let list = model.top::<OutboxList>()?;
    let lines = outbox_lines(model);
    lines.get(list.cursor.min(lines.len().checked_sub(1)?)).copied()
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
    let effects = act::take_back(model, id);
    // Said once it is known to have been in time.
    model.outbox.undo_said = Some((Level::Done, text));
    effects
}
