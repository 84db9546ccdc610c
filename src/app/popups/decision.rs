//! The decision about a change that met somebody else's. It shows the news beside the agent's own
//! text, and the choices.

mod proposal;

use jiff::Timestamp;

use crate::app::{
    Focus, Model,
    command::DecisionCommand,
    cursor::{Page, Step},
    effect::{Effect, Effects, Work},
    errand::Errand,
    layout::Layout,
    popups::{Surface, frame::Edge},
    read_only,
    tone::Tone,
};
use crate::domain::{
    Change, Difference, Entry, EntryId, ReplyKind, Stand, State,
    outbox::{Decision, News},
};

/// The columns that a decision wants.
pub const COLUMNS: usize = 116;

/// From so many columns on, the two sides stand beside each other.
const SIDE_BY_SIDE: usize = 84;

/// The columns between them.
pub const BETWEEN: usize = 3;

/// A decision that the agent is asked for.
#[derive(Clone, Copy, Debug)]
pub struct DecisionBox {
    /// The entry of the outbox that waits for it.
    pub entry: EntryId,
    /// The first line on screen.
    pub top: usize,
}

impl DecisionBox {
    /// The entry that waits for it, and why.
    pub fn asked<'m>(&self, model: &'m Model) -> Option<(&'m Entry, &'m Decision)> {
        let entry = model.outbox.get(self.entry)?;
        match &entry.state {
            State::Decision { reason } => Some((entry, reason)),
            _ => None,
        }
    }
}

impl Surface for DecisionBox {
    type Commands = DecisionCommand;

    fn run(model: &mut Model, command: DecisionCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: DecisionCommand, usual: &'static str) -> Option<&'static str> {
        let asked = model.top::<Self>().and_then(|it| it.asked(model));
        let entry = asked.map(|(entry, _)| entry);
        let proposed = entry.is_some_and(|entry| entry.state.proposal().is_some());
        match command {
            DecisionCommand::Drop if !proposed => None,
            DecisionCommand::TakeBack if proposed => {
                entry.filter(|entry| can_edit(entry)).map(|_| "edit it")
            }
            DecisionCommand::GoOn if proposed => Some("record it"),
            _ => Some(usual),
        }
    }

    fn title(&self, model: &Model) -> String {
        let Some((entry, reason)) = self.asked(model) else { return String::new() };
        let on = entry.ticket.map_or_else(String::new, |id| format!("{id} "));
        match reason {
            Decision::Proposed { by, .. } => {
                format!("{on}{by} proposes: {}", entry.change.describe())
            }
            _ => format!("{on}{}: {}", entry.change.describe(), reason.why()),
        }
    }

    fn edge(&self, model: &Model) -> Edge {
        let Some((entry, _)) = self.asked(model) else { return Edge::Bare };
        let key = |command: DecisionCommand| model.keymap.key_for(command);
        if entry.state.proposal().is_some() {
            let record = (key(DecisionCommand::GoOn), "records it");
            let edit = (key(DecisionCommand::TakeBack), "edits it");
            let drop = (key(DecisionCommand::Drop), "drops it");
            let later = (key(DecisionCommand::Later), "decides later");
            return match can_edit(entry) {
                true => Edge::keys([record, edit, drop, later]),
                false => Edge::keys([record, drop, later]),
            };
        }
        let back = match entry.change {
            Change::Post { .. } => "back to the text",
            Change::Create(_) => "leaves it",
            _ => "leaves theirs",
        };
        let on = match (noun(entry), &entry.change) {
            ("change", _) => "sets yours",
            (_, Change::Create(_)) => "creates it again",
            _ => "records it all the same",
        };
        Edge::keys([
            (key(DecisionCommand::GoOn), on),
            (key(DecisionCommand::TakeBack), back),
            (key(DecisionCommand::Later), "decides later"),
        ])
    }

    fn tone(&self) -> Tone {
        Tone::Warning
    }

    fn size(&self, model: &Model, _: &Layout) -> (usize, usize) {
        let Some((entry, _)) = self.asked(model) else { return (0, 0) };
        let sheet = sheet(model, entry);
        let beside = if sheet.right.is_empty() { 1 } else { 2 };
        (beside * sheet.columns + (beside - 1) * BETWEEN, sheet.rows())
    }

    fn is_grave(&self) -> bool {
        true
    }
}

/// A line of the information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetLine {
    /// The heading of the lines that follow.
    Heading(String),
    /// The author of the lines that follow, their kind, and their time.
    Author(ReplyKind, String, Option<Timestamp>),
    /// Text, wrapped.
    Text(String),
    /// A field, or the owner of a value, with the value.
    Field(String, String),
    /// An empty line.
    Gap,
}

/// The information, laid out: the news at the left, the agent's wish at the right. On a narrow
/// screen one comes after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The changes of others.
    pub left: Vec<SheetLine>,
    /// The agent's own text; empty if it stands below the left side.
    pub right: Vec<SheetLine>,
    /// The columns of one side.
    pub columns: usize,
}

impl Sheet {
    /// The lines of the longer side.
    pub fn rows(&self) -> usize {
        self.left.len().max(self.right.len())
    }
}

/// Lays out the decision that `entry` waits for.
pub fn sheet(model: &Model, entry: &Entry) -> Sheet {
    let State::Decision { reason } = &entry.state else { return Sheet::default() };
    let all = Layout::of(model).map_or(0, |layout| layout.popup_columns(COLUMNS));
    let yours = match &entry.change {
        Change::Post { text, .. } => Some(text.as_str()),
        Change::Create(new) => Some(new.message.as_str()),
        _ => None,
    };
    let beside = yours.is_some() && all >= SIDE_BY_SIDE;
    let columns = if beside { (all - BETWEEN) / 2 } else { all };
    let mut left = match reason {
        Decision::Proposed { reason, .. } => proposal::told(model, entry, reason, columns),
        Decision::Conflict { differences, .. } => three_ways(differences, columns),
        Decision::Overtaken(news) => told(news, &differences(model, entry, news), columns),
        Decision::Unclear { problem, news } => {
            let known = match news.messages.is_empty() {
                true => "A part of the conversation can't be read; look at it in the browser.",
                false => "This came after it:",
            };
            let mut lines = wrapped(&format!("{problem}. {known}"), columns);
            lines.push(SheetLine::Gap);
            lines.extend(told(news, &[], columns));
            lines
        }
    };
    let mut right = Vec::new();
    if let Some(text) = yours {
        let whose = if entry.state.proposal().is_some() { "Proposed" } else { "Your" };
        right.push(SheetLine::Heading(format!("{whose} {}", noun(entry))));
        right.extend(wrapped(text, columns));
    }
    if !beside && !right.is_empty() {
        left.push(SheetLine::Gap);
        left.append(&mut right);
    }
    Sheet { left, right, columns }
}

/// What the entry is called here.
pub fn noun(entry: &Entry) -> &'static str {
    match entry.change {
        Change::Post { kind: ReplyKind::Note, .. } => "note",
        Change::Post { .. } => "reply",
        Change::Create(_) => "ticket",
        _ => "change",
    }
}

/// Whether the entry comes back to the agent when it is taken back. A proposal does so for its text.
fn can_edit(entry: &Entry) -> bool {
    entry.state.proposal().is_none() || matches!(entry.change, Change::Post { .. })
}

/// The fields that have changed since the agent asked for `entry`.
fn differences(model: &Model, entry: &Entry, news: &News) -> Vec<Difference> {
    match (&entry.stood, stands(model, entry)) {
        (Some(stood), Some(now)) => stood.differences(&now),
        _ => news.differences.clone(),
    }
}

fn stands(model: &Model, entry: &Entry) -> Option<Stand> {
    let row = model.tickets.said(entry.ticket?)?;
    Some(Stand::of(&row.ticket))
}

fn told(news: &News, differences: &[Difference], columns: usize) -> Vec<SheetLine> {
    let mut lines = Vec::new();
    for message in &news.messages {
        if !lines.is_empty() {
            lines.push(SheetLine::Gap);
        }
        lines.push(SheetLine::Author(message.kind, message.author.clone(), message.at));
        lines.extend(wrapped(&message.text, columns));
    }
    if !differences.is_empty() {
        if !lines.is_empty() {
            lines.push(SheetLine::Gap);
        }
        lines.push(SheetLine::Heading("Changed meanwhile".into()));
    }
    for difference in differences {
        let values = format!("{} → {}", difference.seen, difference.now);
        lines.extend(field(&difference.field, &values, columns));
    }
    lines
}

fn three_ways(differences: &[Difference], columns: usize) -> Vec<SheetLine> {
    let mut lines = Vec::new();
    for difference in differences {
        if !lines.is_empty() {
            lines.push(SheetLine::Gap);
        }
        lines.push(SheetLine::Heading(difference.field.clone()));
        lines.extend(field("you saw", &difference.seen, columns));
        lines.extend(field("theirs", &difference.now, columns));
        lines.extend(field("yours", difference.wanted.as_deref().unwrap_or_default(), columns));
    }
    lines
}

/// The columns that a field's name takes, with the space after it.
pub const NAME_COLUMNS: usize = 12;

fn field(name: &str, value: &str, columns: usize) -> Vec<SheetLine> {
    let value = if value.trim().is_empty() { "(empty)" } else { value };
    let lines = textwrap::wrap(value, columns.saturating_sub(NAME_COLUMNS).max(1));
    let named = lines.iter().enumerate().map(|(at, line)| {
        let name = if at == 0 { name } else { "" };
        SheetLine::Field(name.to_owned(), line.trim_end().to_owned())
    });
    named.collect()
}

fn wrapped(text: &str, columns: usize) -> Vec<SheetLine> {
    let lines = textwrap::wrap(text.trim_end(), columns.max(1));
    lines.iter().map(|line| SheetLine::Text(line.trim_end().to_owned())).collect()
}

/// Puts a decision before the agent. If the agent is busy with something else, the decision is
/// found in the outbox list.
pub(in crate::app) fn offer(model: &mut Model, entry: &Entry) {
    // Nobody can decide it in the console of a read-only profile.
    let busy = model.settings.read_only
        || model.popup.is_some()
        || model.filtering.is_some()
        || model.focus == Focus::Composer
        || !model.pending_keys.is_empty();
    if !busy && entry.ticket.is_some() && model.conversation.ticket == entry.ticket {
        let _ = open(model, entry.id);
    }
}

/// Opens the decision that an entry waits for.
pub(in crate::app) fn open(model: &mut Model, entry: EntryId) -> Effects {
    model.push_popup(DecisionBox { entry, top: 0 });
    Effects::none()
}

/// The entry has another state: a decision about it is no longer asked for.
pub(in crate::app) fn settle(model: &mut Model, entry: &Entry) {
    let about = model.top::<DecisionBox>().is_some_and(|asked| asked.entry == entry.id);
    if about && !matches!(entry.state, State::Decision { .. }) {
        model.close_popup();
    }
}

/// A command in a decision.
fn run(model: &mut Model, command: DecisionCommand) -> Effects {
    let Some(asked) = model.top::<DecisionBox>() else { return Effects::none() };
    let id = asked.entry;
    let Some(entry) = model.outbox.get(id).cloned() else {
        model.close_popup();
        return Effects::none();
    };
    match command {
        DecisionCommand::GoOn if read_only::refuses(model) => Effects::none(),
        DecisionCommand::GoOn if entry.state.proposal().is_some() => {
            model.close_popup();
            model.pass(Errand::Record(id));
            Effects::none()
        }
        DecisionCommand::Drop if entry.state.proposal().is_none() => Effects::none(),
        DecisionCommand::Drop => {
            model.close_popup();
            model.pass(Errand::Drop(id));
            Effects::none()
        }
        DecisionCommand::TakeBack if !can_edit(&entry) => Effects::none(),
        DecisionCommand::GoOn => {
            let stood = stands(model, &entry).map(Box::new);
            model.close_popup();
            Effect::Work(Work::SendAnyway(id, stood)).into()
        }
        DecisionCommand::TakeBack => {
            model.close_popup();
            model.pass(Errand::TakeBack(id));
            Effects::none()
        }
        DecisionCommand::Later => {
            model.close_popup();
            Effects::none()
        }
        DecisionCommand::Step(step) => scroll(model, &entry, step),
    }
}

fn scroll(model: &mut Model, entry: &Entry, step: Step) -> Effects {
    let rows = Layout::of(model).map_or(1, |layout| layout.popup_rows());
    let last = sheet(model, entry).rows().saturating_sub(rows);
    let Some(asked) = model.top_mut::<DecisionBox>() else { return Effects::none() };
    asked.top = step.from(asked.top, last, Page::of_reader(rows));
    Effects::none()
}
