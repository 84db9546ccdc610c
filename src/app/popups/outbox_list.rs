//! The list of the outbox and the drafts.

use crate::app::{
    Model, act,
    at_hand::{Hand, LineKey},
    bulks::FailedChange,
    command::ReaderCommand,
    cursor::Page,
    effect::Effects,
    errand::Errand,
    hits::Hit,
    layout::{Area, Layout, popup_columns},
    notice::Level,
    popups::{Kind as _, Surface, frame::Edge},
    tone::{Tone, Toned},
};
use crate::domain::{Draft, DraftKey, Entry, EntryId, State, columns, outbox::Decision};

/// The list of the outbox and the drafts.
#[derive(Clone, Debug, Default)]
pub struct OutboxList {
    /// The line that the agent is on.
    pub cursor: usize,
    /// The subject of that line. The cursor stays on it, whatever goes and comes.
    on: Option<LineKey>,
}

/// The columns that the list wants.
const COLUMNS: usize = 100;

impl OutboxList {
    /// The part of `inner` for the rows, and the first row on screen. The details of the line under
    /// the cursor stand below.
    pub fn window(&self, model: &Model, rows: &[ListRow], inner: Area) -> (Area, usize) {
        let height = usize::from(inner.height);
        let below = below(model);
        let room = height.saturating_sub(below).max(height.min(3));
        let here = rows.iter().position(|row| *row == ListRow::Line(self.cursor)).unwrap_or(0);
        let area = Area { height: u16::try_from(room).unwrap_or(inner.height), ..inner };
        (area, (here + 1).saturating_sub(room))
    }
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListRow {
    /// What follows.
    Heading(&'static str),
    /// The line with this number.
    Line(usize),
    /// An empty row before the next heading.
    Gap,
    /// There is nothing to list.
    Nothing,
}

/// The rows of the list: headings, and a row for each line.
pub fn rows(model: &Model) -> Vec<ListRow> {
    let lines = outbox_lines(model);
    let (mut rows, mut heading) = (Vec::new(), None);
    for (at, line) in lines.iter().enumerate() {
        let own = match line {
            OutboxLine::Proposal(_) => "Proposed by assistants",
            OutboxLine::Entry(_) => "On their way",
            OutboxLine::Failed(_) => "Failed",
            OutboxLine::Draft(_) => "Drafts",
        };
        if heading.replace(own) != Some(own) {
            rows.extend((at > 0).then_some(ListRow::Gap));
            rows.push(ListRow::Heading(own));
        }
        rows.push(ListRow::Line(at));
    }
    if lines.is_empty() {
        rows.push(ListRow::Nothing);
    }
    rows
}

/// The columns of a row.
pub fn columns(model: &Model) -> usize {
    popup_columns(model, COLUMNS)
}

/// How many rows the details of the line under the cursor take.
fn below(model: &Model) -> usize {
    match details(model).len() {
        0 => 0,
        rows => rows + 1,
    }
}

impl Surface for OutboxList {
    type Commands = ReaderCommand;

    fn run(model: &mut Model, command: ReaderCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: ReaderCommand, usual: &'static str) -> Option<&'static str> {
        hint(model, command, usual)
    }

    fn title(&self, _: &Model) -> String {
        "Outbox and drafts".into()
    }

    fn edge(&self, model: &Model) -> Edge {
        Edge::Keys(keys(model))
    }

    fn size(&self, model: &Model, layout: &Layout) -> (usize, usize) {
        (layout.popup_columns(COLUMNS), rows(model).len() + below(model))
    }

    fn chosen(&self, _: &Model) -> Option<Hit> {
        Some(Hit::Entry(self.cursor))
    }

    fn hits(&self, model: &Model, inner: Area) -> Vec<(Area, Hit)> {
        let rows = rows(model);
        let (area, top) = self.window(model, &rows, inner);
        let shown = area.lines().zip(rows.into_iter().skip(top));
        let line = |(area, row)| match row {
            ListRow::Line(at) => Some((area, Hit::Entry(at))),
            ListRow::Heading(_) | ListRow::Gap | ListRow::Nothing => None,
        };
        shown.filter_map(line).collect()
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
    /// A change that an assistant proposes.
    Proposal(&'a Entry),
    /// A ticket on which a step on several tickets failed.
    Failed(&'a FailedChange),
    /// A draft.
    Draft(&'a Draft),
}

impl OutboxLine<'_> {
    fn key(&self) -> LineKey {
        match self {
            Self::Entry(entry) | Self::Proposal(entry) => LineKey::Entry(entry.id),
            Self::Failed(failure) => LineKey::Failed(failure.entry),
            Self::Draft(draft) => LineKey::Draft(draft.key),
        }
    }
}

/// The lines of the outbox list: changes in their order, then proposals, then failed ones, then drafts,
/// newest first.
pub fn outbox_lines(model: &Model) -> Vec<OutboxLine<'_>> {
    let entries = model.outbox.own().map(OutboxLine::Entry);
    let all = model.outbox.entries().iter();
    let proposals = all.filter(|it| model.outbox.is_proposed(it)).map(OutboxLine::Proposal);
    let drafts = model.drafts.all().into_iter().map(OutboxLine::Draft);
    let failed = model.bulks.failed().iter().map(OutboxLine::Failed);
    entries.chain(proposals).chain(failed).chain(drafts).collect()
}

/// Opens the list of the outbox and the drafts.
pub(in crate::app) fn open(model: &mut Model) -> Effects {
    model.open_popup(OutboxList::default());
    Effects::none()
}

/// The subject of the line under the cursor of the topmost list.
fn line_at_hand(model: &Model) -> Option<LineKey> {
    model.top::<OutboxList>()?.on
}

/// Keeps the cursor on its line while entries settle and drafts come. If the line has gone, the
/// cursor is on the one that took its place.
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
    model.stop_going();
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
            model.say(
                Level::Info,
                "another line has just come under the cursor; look, then press the key again",
            );
        }
        ReaderCommand::Close => model.close_popup(),
        ReaderCommand::Open => return open_line(model, at),
        ReaderCommand::TakeBack => return take_back(model, at),
        ReaderCommand::Discard => {
            let key = outbox_lines(model).get(at).map(OutboxLine::key);
            match key {
                Some(LineKey::Draft(key)) => model.pass(Errand::Discard(key)),
                Some(LineKey::Failed(entry)) => model.bulks.dismiss(entry),
                Some(LineKey::Entry(id)) => {
                    if let Some(id) = proposal_of(model, id) {
                        model.pass(Errand::Drop(id));
                    }
                }
                None => {}
            }
        }
        ReaderCommand::Filter => {}
    }
    Effects::none()
}

/// The proposal that an entry is, or follows.
fn proposal_of(model: &Model, id: EntryId) -> Option<EntryId> {
    let entry = model.outbox.get(id).filter(|entry| model.outbox.is_proposed(entry))?;
    Some(entry.after.unwrap_or(entry.id))
}

/// The name of a command at this moment, in place of its `usual` one; `None` if the command does
/// nothing.
fn hint(model: &Model, command: ReaderCommand, usual: &'static str) -> Option<&'static str> {
    let line = line(model);
    let works = match command {
        ReaderCommand::Open => match line? {
            OutboxLine::Entry(Entry { state: State::Decision { .. }, .. }) => {
                return Some("decide");
            }
            OutboxLine::Proposal(_) => return Some("decide"),
            OutboxLine::Entry(_) | OutboxLine::Failed(_) | OutboxLine::Draft(_) => true,
        },
        ReaderCommand::TakeBack => match line {
            Some(OutboxLine::Entry(entry)) => entry.state.can_take_back(),
            Some(OutboxLine::Proposal(_)) => false,
            Some(OutboxLine::Failed(_) | OutboxLine::Draft(_)) | None => {
                model.outbox.can_bring_back()
            }
        },
        ReaderCommand::Discard => {
            matches!(line?, OutboxLine::Failed(_) | OutboxLine::Draft(_) | OutboxLine::Proposal(_))
        }
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

/// The keys that do something with the line under the cursor.
fn keys(model: &Model) -> Vec<(String, &'static str)> {
    let line = line(model);
    let mut keys = Vec::new();
    let mut key = |command: ReaderCommand, what| {
        let key = model.keymap.key_for(command);
        if !key.is_empty() {
            keys.push((key.to_owned(), what));
        }
    };
    match line {
        Some(OutboxLine::Entry(entry)) => {
            let decides = matches!(entry.state, State::Decision { .. });
            let what = if decides { "shows what to decide" } else { "goes to it" };
            key(ReaderCommand::Open, what);
            if entry.state.can_take_back() {
                key(ReaderCommand::TakeBack, "takes it back");
            }
        }
        Some(OutboxLine::Proposal(_)) => {
            key(ReaderCommand::Open, "shows what to decide");
            key(ReaderCommand::Discard, "drops it");
        }
        Some(OutboxLine::Failed(_)) => {
            key(ReaderCommand::Open, "goes to it");
            key(ReaderCommand::Discard, "takes it off the list");
        }
        Some(OutboxLine::Draft(draft)) if model.drafts.writer(draft.key).is_some() => {
            key(ReaderCommand::Open, "shows it");
        }
        Some(OutboxLine::Draft(_)) => {
            key(ReaderCommand::Open, "goes on with it");
            key(ReaderCommand::Discard, "discards it");
        }
        None => {}
    }
    let on_entry = matches!(line, Some(OutboxLine::Entry(_) | OutboxLine::Proposal(_)));
    if model.outbox.can_bring_back() && !on_entry {
        key(ReaderCommand::TakeBack, "undoes the discard");
    }
    key(ReaderCommand::Close, "closes");
    keys
}

/// The details of the line under the cursor.
pub fn details(model: &Model) -> Vec<Toned> {
    let columns = columns(model);
    let said = match line(model) {
        Some(OutboxLine::Entry(entry) | OutboxLine::Proposal(entry)) => entry_details(model, entry),
        Some(OutboxLine::Failed(failure)) => Some((
            format!("{}: {}. Nothing was changed.", failure.what, failure.problem),
            Tone::Danger,
        )),
        Some(OutboxLine::Draft(draft)) => draft_details(model, draft),
        None => None,
    };
    let Some((words, tone)) = said else { return Vec::new() };
    columns::wrap(&words, columns).into_iter().map(|line| Toned::new(line, tone)).collect()
}

fn entry_details(model: &Model, entry: &Entry) -> Option<(String, Tone)> {
    match &entry.state {
        State::Holding { .. } | State::Queued | State::Sending { .. } => None,
        State::Decision { reason: Decision::Proposed { by, reason } } => {
            let why = if reason.trim().is_empty() { "It does not say why." } else { reason };
            Some((format!("{by} proposes it: {why}"), Tone::Warning))
        }
        State::Decision { reason } => Some((sentence(&reason.why()), Tone::Warning)),
        other => Some(model.state_words(other)),
    }
}

/// Who else writes a draft, and why it is not the ticket's own.
fn draft_details(model: &Model, draft: &Draft) -> Option<(String, Tone)> {
    let kind = draft.key.kind.as_str();
    if let Some(writer) = model.drafts.writer(draft.key) {
        let since = model.time_of_day(writer.since);
        let text = format!("{writer} writes it since {since}; here it is only read.");
        return Some((text, Tone::Warning));
    }
    if let Some(by) = draft.changes.as_ref().and_then(|it| it.by.as_deref()) {
        let text = format!("{by} wrote this {kind} as a draft. It is yours to edit or to discard.");
        return Some((text, Tone::Quiet));
    }
    let why = "typed while another console wrote, or came back while something else was typed";
    let text = format!("A {kind} of its own: it was {why}.");
    (draft.key.copy != 0).then_some((text, Tone::Quiet))
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// Goes to the subject of a line. A draft of a ticket that is not here opens all the same.
fn open_line(model: &mut Model, at: usize) -> Effects {
    let lines = outbox_lines(model);
    let (ticket, draft) = match lines.get(at) {
        Some(OutboxLine::Entry(Entry { id, state: State::Decision { .. }, .. })) => {
            let id = *id;
            model.pass(Errand::Decide(id));
            return Effects::none();
        }
        Some(OutboxLine::Proposal(entry)) => {
            let id = entry.after.unwrap_or(entry.id);
            model.pass(Errand::Decide(id));
            return Effects::none();
        }
        Some(OutboxLine::Entry(entry)) => (entry.ticket, None),
        Some(OutboxLine::Failed(failure)) => (Some(failure.ticket), None),
        Some(OutboxLine::Draft(draft)) => (draft.key.about(), Some(draft.key)),
        None => return Effects::none(),
    };
    match (ticket, draft) {
        (Some(ticket), draft) => model.pass(Errand::GoTo(ticket, draft)),
        (None, Some(DraftKey { ticket, .. })) => {
            model.close_popup();
            model.pass(Errand::NewTicket(ticket));
        }
        (None, None) => model.say(Level::Info, "the ticket is not created yet"),
    }
    Effects::none()
}

/// Takes the entry of a line back. On a line without an entry, it brings back the draft that was
/// discarded last.
fn take_back(model: &mut Model, at: usize) -> Effects {
    if let Some(OutboxLine::Proposal(_)) = outbox_lines(model).get(at) {
        let (decide, drop) = (ReaderCommand::Open, ReaderCommand::Discard);
        let (decide, drop) = (model.keymap.key_for(decide), model.keymap.key_for(drop));
        let text = format!("an assistant proposes that: {decide} decides, {drop} drops it");
        model.say(Level::Info, text);
        return Effects::none();
    }
    let Some(OutboxLine::Entry(entry)) = outbox_lines(model).get(at).copied() else {
        model.pass(Errand::BringBack);
        return Effects::none();
    };
    if !entry.state.can_take_back() {
        let what = entry.change.describe();
        let on = entry.ticket.map(|id| format!("{id} ")).unwrap_or_default();
        let text = format!("{on}{what} is on its way; it can't be taken back here any more");
        model.say(Level::Info, text);
        return Effects::none();
    }
    let id = entry.id;
    let on = entry.ticket.map(|ticket| format!(" on {ticket}")).unwrap_or_default();
    let text = format!("taken back: {}{on}", entry.change.describe());
    let effects = act::take_back(model, vec![id]);
    // The agent is told once the withdrawal is known to have been in time.
    model.outbox.undo_said = Some((Level::Done, text));
    effects
}
