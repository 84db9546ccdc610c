//! What an action will do to several tickets, before anything happens: the figures, the tickets that
//! it leaves and why, and each change with the values before and after. A ticket can be looked at by
//! itself, with its whole text.

use std::collections::BTreeSet;

use crate::app::{
    Model, act,
    at_hand::Hand,
    command::{ConsoleCommand, PlanCommand},
    cursor::{Page, Step},
    effect::Effects,
    errand::Errand,
    kept::{draft_of, keep},
    layout::{Layout, popup_columns},
    notice::Level,
    popups::{Surface, frame::Edge},
    repeat,
    tone::{Tone, Toned},
};
use crate::domain::{
    Change, DraftKey, ReplyKind, TicketId, Trace, TraceValue, columns,
    draft::first_line,
    plan::{
        Action, Figures, Outcome, Plan, PlanLine, Text, Wishes, Words,
        macros::Then,
        many::{named, takes},
    },
};

/// The columns that it wants.
const COLUMNS: usize = 100;

/// The most columns that all changes are given before the subjects.
const WIDEST: usize = 48;

/// The plan of an action on the marked tickets.
#[derive(Clone, Debug)]
pub struct PlanBox {
    /// What is wanted, in a few words.
    what: String,
    /// What is wanted of each ticket.
    wishes: Wishes,
    /// The marked tickets that were listed when the plan was opened, in the order of the list.
    listed: Vec<TicketId>,
    /// The other marked ones.
    hidden: Vec<TicketId>,
    /// The ticket that it is about, where it is not about the marked ones.
    only: Option<TicketId>,
    /// Where the cursor goes afterwards, if a macro says so.
    then: Option<Then>,
    /// Whether the hidden ones are taken too.
    takes_hidden: bool,
    /// What comes of it now.
    plan: Plan,
    figures: Figures,
    /// The places of its ready lines.
    ready: Vec<usize>,
    /// The tickets' version that it was made of.
    version: u64,
    /// How often it has become another one.
    changed: u64,
    /// The tickets whose texts the agent has changed.
    reworded: BTreeSet<TicketId>,
    /// The line of the ticket that is shown by itself.
    alone: Option<usize>,
    /// The first line on screen.
    top: usize,
}

/// Opens the plan of what is wanted of the marked tickets.
pub(in crate::app) fn open(
    model: &mut Model,
    what: String,
    wishes: Wishes,
    then: Option<Then>,
) -> Effects {
    let listed = model.listed_marks();
    let hidden = model.hidden_marks(&listed);
    show(model, what, wishes, (listed, hidden), None, then)
}

/// Opens the plan of what is wanted of one ticket, marked or not.
pub(in crate::app) fn open_one(
    model: &mut Model,
    ticket: TicketId,
    what: String,
    wishes: Wishes,
    then: Option<Then>,
) -> Effects {
    show(model, what, wishes, (vec![ticket], Vec::new()), Some(ticket), then)
}

fn show(
    model: &mut Model,
    what: String,
    wishes: Wishes,
    (listed, hidden): (Vec<TicketId>, Vec<TicketId>),
    only: Option<TicketId>,
    then: Option<Then>,
) -> Effects {
    let mut opened = PlanBox {
        what,
        wishes,
        listed,
        hidden,
        only,
        then,
        takes_hidden: false,
        plan: Plan { lines: Vec::new() },
        figures: Figures::default(),
        ready: Vec::new(),
        version: 0,
        changed: 0,
        reworded: BTreeSet::new(),
        alone: only.map(|_| 0),
        top: 0,
    };
    opened.make(model);
    model.open_popup(opened);
    Effects::none()
}

/// Plans anew what is on screen, if tickets have changed since.
pub(in crate::app) fn renew(model: &mut Model) {
    let version = model.tickets.version();
    let Some(mut renewed) = model.nearest::<PlanBox>().filter(|it| it.version != version).cloned()
    else {
        return;
    };
    renewed.make(model);
    if let Some(shown) = model.nearest_mut::<PlanBox>() {
        *shown = renewed;
    }
}

impl PlanBox {
    /// Plans what is wanted against the tickets as they are.
    fn make(&mut self, model: &Model) {
        let taken = if self.takes_hidden { &self.hidden[..] } else { &[] };
        let targets = [&self.listed[..], taken].concat();
        let plan = self.wishes.plan(&targets, model);
        self.version = model.tickets.version();
        if plan != self.plan {
            self.figures = plan.figures();
            let lines = plan.lines.iter().enumerate();
            let ready = lines.filter(|(_, line)| line.ready().is_some());
            self.ready = ready.map(|(at, _)| at).collect();
            self.plan = plan;
            self.changed += 1;
        }
        let last = self.plan.lines.len().checked_sub(1);
        self.alone = self.alone.zip(last).map(|(at, last)| at.min(last));
    }

    /// The tickets that it is about.
    pub fn tickets(&self) -> impl Iterator<Item = TicketId> {
        self.plan.lines.iter().filter_map(|line| line.ticket)
    }

    /// The lines that stay on screen: how many change, how many do not, and what it takes.
    pub fn head(&self, model: &Model) -> Vec<Toned> {
        let Figures { ready, already, requests, .. } = &self.figures;
        let cant = self.figures.cant();
        let mut parts = vec![(format!("{ready} change{}", if *ready == 1 { "s" } else { "" }), {
            if *ready == 0 { Tone::Warning } else { Tone::Strong }
        })];
        if !already.is_empty() {
            let verb = if already.len() == 1 { "is" } else { "are" };
            parts.push((format!(" · {} {verb} so already", already.len()), Tone::Plain));
        }
        if cant > 0 {
            parts.push((format!(" · {cant} can't be changed"), Tone::Warning));
        }
        let mut head = vec![Toned(parts)];
        if *ready > 0 {
            head.push(Toned::new(
                takes(*requests, *ready, model.budget.limit, model.budget.used),
                Tone::Quiet,
            ));
        }
        if let Some(hidden) = self.hidden_words(model) {
            head.push(Toned::new(hidden, Tone::Accent));
        }
        head.push(Toned::plain(""));
        head
    }

    /// The marked tickets that the list does not show, in words.
    fn hidden_words(&self, model: &Model) -> Option<String> {
        let key = model.keymap.key_for(PlanCommand::TakeHidden);
        let (many, are) = match self.hidden.len() {
            0 => return None,
            1 => ("1 marked ticket".to_owned(), "is"),
            many => (format!("{many} marked tickets"), "are"),
        };
        Some(match self.takes_hidden {
            false => format!("{many} {are} not in this list: left out, {key} takes them too"),
            true => format!("{many} {are} not in this list: taken too, {key} leaves them out"),
        })
    }

    /// The lines below the head that are on screen in `rows` rows, with the place of the first one
    /// and how many there are in all. Lines that are not on screen are not made: there may be
    /// thousands.
    pub fn shown(&self, model: &Model, rows: usize) -> (Vec<Toned>, usize, usize) {
        let above = self.above(model);
        let total = above.len() + self.below();
        let top = self.top.min(total.saturating_sub(rows));
        let below = self.ready.iter().skip(top.saturating_sub(above.len()));
        let below: Vec<&PlanLine> = match self.alone {
            Some(_) => Vec::new(),
            None => below.filter_map(|at| self.plan.lines.get(*at)).take(rows).collect(),
        };
        let id = below.iter().filter_map(|line| line.ticket).map(|id| id.to_string().len()).max();
        let words: Vec<String> = below.iter().map(|line| change_words(line)).collect();
        let widest = words.iter().map(|it| columns::width(it)).max().unwrap_or(0);
        let widths = (id.unwrap_or(0), widest.min(WIDEST));
        let below = below.into_iter().zip(words);
        let below = below.map(|(line, words)| change(model, line, &words, widths));
        let lines = above.into_iter().skip(top).chain(below).take(rows).collect();
        (lines, top, total)
    }

    /// How many lines are below the head.
    fn rows(&self, model: &Model) -> usize {
        self.above(model).len() + self.below()
    }

    /// How many lines of changes there are.
    fn below(&self) -> usize {
        if self.alone.is_some() { 0 } else { self.ready.len() }
    }

    /// The lines before the changes: the tickets that stay as they are, and why; or the ticket that
    /// is shown by itself.
    fn above(&self, model: &Model) -> Vec<Toned> {
        let columns = popup_columns(model, COLUMNS);
        if let Some(at) = self.alone {
            return self.one(model, at, columns);
        }
        let mut lines = Vec::new();
        let mut group = |why: &str, tickets: &[TicketId], tone: Tone| {
            let ids: Vec<String> = tickets.iter().map(ToString::to_string).collect();
            let text = format!("{why}: {}", ids.join(" "));
            let wrapped = columns::wrap(&text, columns);
            lines.extend(wrapped.into_iter().map(|line| Toned::new(line, tone)));
        };
        for held in &self.figures.held_back {
            group(&held.why, &held.tickets, Tone::Warning);
        }
        if !self.figures.already.is_empty() {
            group("so already", &self.figures.already, Tone::Quiet);
        }
        if !lines.is_empty() && self.figures.ready > 0 {
            lines.push(Toned::plain(""));
        }
        lines
    }

    /// A ticket by itself.
    fn one(&self, model: &Model, at: usize, columns: usize) -> Vec<Toned> {
        let Some(line) = self.plan.lines.get(at) else { return Vec::new() };
        let id = line.ticket.map(|id| id.to_string()).unwrap_or_default();
        let place = match self.plan.lines.len() {
            1 => String::new(),
            many => format!(" · {} of {many}", at + 1),
        };
        let subject = line.ticket.and_then(|id| subject(model, id)).unwrap_or_default();
        let room = columns.saturating_sub(id.len() + place.len() + 1);
        let subject = columns::cut(&subject, room).into_owned();
        let mut lines = vec![Toned(vec![
            (format!("{id} "), Tone::Quiet),
            (subject, Tone::Strong),
            (place, Tone::Quiet),
        ])];
        lines.push(Toned::plain(""));
        let mut say = |text: &str, tone: Tone| {
            let wrapped = text.lines().flat_map(|line| match line.trim().is_empty() {
                true => vec![String::new()],
                false => columns::wrap(line, columns),
            });
            lines.extend(wrapped.map(|line| Toned::new(line, tone)));
        };
        match &line.outcome {
            Outcome::Already => say("It is so already.", Tone::Quiet),
            Outcome::Ready(_) => {
                let (texts, fields): (Vec<Trace>, Vec<Trace>) =
                    line.traces().into_iter().partition(|it| it.field == "text");
                for trace in &fields {
                    say(&before_after(trace), Tone::Strong);
                }
                if let Some(kind) = posted(line) {
                    say(&format!("\n{kind}:"), Tone::Quiet);
                }
                for trace in texts {
                    say(&value(trace.after.as_ref()), Tone::Plain);
                }
            }
            other => say(&format!("Left: {}.", other.why().unwrap_or_default()), Tone::Warning),
        }
        lines
    }

    fn look_at(&mut self, step: Step) {
        let Some(last) = self.plan.lines.len().checked_sub(1) else { return };
        self.top = 0;
        self.alone = Some(match self.alone {
            Some(at) => step.around(at, last),
            None if step == Step::Up => last,
            None => 0,
        });
    }
}

/// What becomes of a ticket, in one line.
fn change_words(line: &PlanLine) -> String {
    let word = |trace: &Trace| match trace.field {
        "text" => {
            let first = first_line(&value(trace.after.as_ref()));
            format!("{} “{first}”", posted(line).unwrap_or("text"))
        }
        _ => before_after(trace),
    };
    line.traces().iter().map(word).collect::<Vec<String>>().join(", ")
}

/// A change in one line: the ticket, what becomes of it in `words`, its subject; with the columns of
/// the ticket and the words.
fn change(model: &Model, line: &PlanLine, words: &str, (id, wide): (usize, usize)) -> Toned {
    let ticket = line.ticket.map(|id| id.to_string()).unwrap_or_default();
    let gap = " ".repeat(wide.saturating_sub(columns::width(words)));
    let subject = line.ticket.and_then(|id| subject(model, id)).unwrap_or_default();
    Toned(vec![
        (format!("{ticket:>id$}  "), Tone::Quiet),
        (format!("{words}{gap}  "), Tone::Strong),
        (subject, Tone::Quiet),
    ])
}

/// What is written by a line: "reply" or "note".
fn posted(line: &PlanLine) -> Option<&'static str> {
    let changes = line.ready().map_or(&[][..], |ready| &ready.changes);
    changes.iter().find_map(|planned| match &planned.change {
        Change::Post { kind: ReplyKind::Note, .. } => Some("note"),
        Change::Post { .. } => Some("reply"),
        _ => None,
    })
}

fn subject(model: &Model, id: TicketId) -> Option<String> {
    model.tickets.rows().get(id).map(|row| row.subject.to_string())
}

fn before_after(trace: &Trace) -> String {
    let (before, after) = (value(trace.before.as_ref()), value(trace.after.as_ref()));
    format!("{} {before} → {after}", trace.field)
}

/// A value of a change, for people. The opening message is not told here.
fn value(value: Option<&TraceValue>) -> String {
    match value {
        Some(TraceValue::Text(text)) => text.clone(),
        Some(TraceValue::Html(_)) => "…".into(),
        None => "none".into(),
    }
}

impl Surface for PlanBox {
    type Commands = PlanCommand;

    fn run(model: &mut Model, command: PlanCommand) -> Effects {
        match command {
            PlanCommand::Apply => return apply(model),
            PlanCommand::Leave => {
                let Some(shown) = model.top_mut::<Self>() else { return Effects::none() };
                if !shown.reworded.is_empty() && (shown.alone.is_none() || shown.only.is_some()) {
                    return keep_texts(model);
                }
                shown.top = 0;
                if shown.alone.take().is_none() || shown.only.is_some() {
                    model.close_popup();
                }
            }
            PlanCommand::TakeHidden => take_hidden(model),
            PlanCommand::NextTicket | PlanCommand::PreviousTicket => {
                let down = command == PlanCommand::NextTicket;
                if let Some(shown) = model.top_mut::<Self>() {
                    shown.look_at(if down { Step::Down } else { Step::Up });
                }
            }
            PlanCommand::EditText => edit_text(model),
            PlanCommand::Step(step) => scroll(model, step),
        }
        Effects::none()
    }

    fn hint(model: &Model, command: PlanCommand, usual: &'static str) -> Option<&'static str> {
        let shown = model.top::<Self>()?;
        let works = match command {
            PlanCommand::Leave if shown.alone.is_some() && shown.only.is_none() => {
                return Some("back to all");
            }
            PlanCommand::TakeHidden if shown.takes_hidden => {
                return Some("without those not listed");
            }
            PlanCommand::TakeHidden => !shown.hidden.is_empty(),
            PlanCommand::NextTicket | PlanCommand::PreviousTicket => {
                shown.only.is_none() && !shown.plan.lines.is_empty()
            }
            PlanCommand::EditText => shown.text_alone().is_some(),
            PlanCommand::Apply | PlanCommand::Leave | PlanCommand::Step(_) => true,
        };
        works.then_some(usual)
    }

    fn is_grave(&self) -> bool {
        true
    }

    fn title(&self, _: &Model) -> String {
        if let Some(only) = self.only {
            return format!("{} · {only}", self.what);
        }
        let on = match self.listed.len() + self.hidden.len() {
            1 => "1 marked ticket".to_owned(),
            many => format!("{many} marked tickets"),
        };
        format!("{} · {on}", self.what)
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: PlanCommand| model.keymap.key_for(command);
        let one = match (self.alone, self.only) {
            (Some(_), None) => "back to all",
            _ => "leaves all as it is",
        };
        let edit = if self.text_alone().is_some() { key(PlanCommand::EditText) } else { "" };
        let next = if self.only.is_none() { key(PlanCommand::NextTicket) } else { "" };
        Edge::keys([
            (key(PlanCommand::Apply), if self.figures.ready > 0 { "does it" } else { "closes" }),
            (next, "one by one"),
            (edit, "edits the text"),
            (key(PlanCommand::Leave), one),
        ])
    }

    fn size(&self, model: &Model, layout: &Layout) -> (usize, usize) {
        let rows = self.head(model).len() + self.rows(model);
        (layout.popup_columns(COLUMNS), rows)
    }

    fn hand(&self) -> Hand {
        Hand::Plan(self.changed)
    }
}

fn scroll(model: &mut Model, step: Step) {
    let Some(shown) = model.top::<PlanBox>() else { return };
    let rows = Layout::of(model).map_or(1, |layout| layout.popup_rows());
    let rows = rows.saturating_sub(shown.head(model).len()).max(1);
    let last = shown.rows(model).saturating_sub(rows);
    let top = step.from(shown.top.min(last), last, Page::of_reader(rows));
    if let Some(shown) = model.top_mut::<PlanBox>() {
        shown.top = top;
    }
}

impl PlanBox {
    /// The text of the ticket that is shown by itself.
    fn text_alone(&self) -> Option<(TicketId, ReplyKind, String)> {
        let line = self.plan.lines.get(self.alone?)?;
        let changes = &line.ready()?.changes;
        changes.iter().find_map(|planned| match &planned.change {
            Change::Post { kind, text } => Some((line.ticket?, *kind, text.clone())),
            _ => None,
        })
    }

    /// Gives a ticket another text.
    fn reword(&mut self, model: &Model, ticket: TicketId, text: String) {
        let Some(Action::Set(mut wish)) = self.wishes.action(ticket).cloned() else { return };
        let Some(own) = &mut wish.text else { return };
        own.words = Words::Same(text);
        if let Wishes::Each(all) = &mut self.wishes {
            all.insert(ticket, Ok(Action::Set(wish)));
            self.reworded.insert(ticket);
            self.make(model);
        }
    }
}

/// Lets the agent change the text of the ticket that is shown by itself.
fn edit_text(model: &mut Model) {
    let Some(shown) = model.top::<PlanBox>() else { return };
    match shown.text_alone() {
        Some((ticket, kind, text)) => model.pass(Errand::Reword(ticket, kind, text)),
        None if shown.alone.is_some() => {
            model.say(Level::Info, "there is no text here to be edited");
        }
        None => {
            let key = model.keymap.key_for(PlanCommand::NextTicket);
            model.say(
                Level::Info,
                format!("{key} shows a ticket by itself; then its text is edited"),
            );
        }
    }
}

/// The agent has changed the text of a ticket.
pub(in crate::app) fn reworded(model: &mut Model, ticket: TicketId, text: String) -> Effects {
    let Some(mut shown) = model.nearest::<PlanBox>().cloned() else { return Effects::none() };
    shown.reword(model, ticket, text);
    if let Some(before) = model.nearest_mut::<PlanBox>() {
        *before = shown;
    }
    Effects::none()
}

/// The plan is left: the texts that the agent has changed are kept as drafts.
fn keep_texts(model: &mut Model) -> Effects {
    let Some(shown) = model.top::<PlanBox>().cloned() else { return Effects::none() };
    model.close_popup();
    let outbox = model.keymap.key_for(ConsoleCommand::Outbox);
    let tickets: Vec<TicketId> = shown.reworded.iter().copied().collect();
    let on = named(&tickets, 3);
    let text = format!("{on} nothing was done; what you changed is kept as a draft ({outbox})");
    model.say(Level::Info, text);
    tickets.into_iter().fold(Effects::none(), |effects, ticket| {
        effects.and(keep_text(model, &shown.wishes, ticket))
    })
}

/// Keeps the text that is wanted on a ticket as a draft.
fn keep_text(model: &mut Model, wishes: &Wishes, ticket: TicketId) -> Effects {
    let Some(Action::Set(wish)) = wishes.action(ticket) else { return Effects::none() };
    let Some(Text { kind, words: Words::Same(words), .. }) = &wish.text else {
        return Effects::none();
    };
    let key = DraftKey::of_post(Some(ticket), *kind);
    let draft = draft_of(model, key, words.clone(), (usize::MAX, usize::MAX));
    keep(model, draft)
}

/// Takes the marked tickets in that are not listed, or leaves them out again.
fn take_hidden(model: &mut Model) {
    let Some(mut shown) = model.top::<PlanBox>().filter(|it| !it.hidden.is_empty()).cloned() else {
        return;
    };
    shown.takes_hidden = !shown.takes_hidden;
    shown.make(model);
    if let Some(before) = model.top_mut::<PlanBox>() {
        *before = shown;
    }
}

/// Does what can be done.
fn apply(model: &mut Model) -> Effects {
    if model.slipped {
        model.say(Level::Info, "the plan has just changed; look, then press the key again");
        return Effects::none();
    }
    let Some(shown) = model.top::<PlanBox>().cloned() else { return Effects::none() };
    model.close_popup();
    if shown.figures.ready == 0 {
        let left = shown.plan.lines.first().and_then(|line| line.outcome.why());
        let so = match (shown.figures.already.len(), shown.figures.cant()) {
            (_, 0) if shown.only.is_some() => "it is so already".to_owned(),
            (_, 1) if shown.only.is_some() => left.unwrap_or_default(),
            (0, 0) => "no marked ticket is in this list".to_owned(),
            (so, 0) => format!("{so} so already"),
            (0, cant) => format!("{cant} can't be changed"),
            (so, cant) => format!("{so} so already, {cant} can't be changed"),
        };
        let on = shown.only.map(|id| format!("{id} ")).unwrap_or_default();
        model.say(Level::Info, format!("{on}nothing was done: {so}"));
    }
    let first = shown.ready.first().and_then(|at| shown.plan.lines.get(*at)?.ticket);
    let action = first.and_then(|id| shown.wishes.action(id)).cloned();
    // A text that was typed for a ticket that can't have it now is a draft.
    let left = shown.plan.lines.iter().filter(|line| line.ready().is_none());
    let left: Vec<TicketId> = left.filter_map(|line| line.ticket).collect();
    let left = left.into_iter().filter(|id| shown.reworded.contains(id));
    let kept =
        left.fold(Effects::none(), |effects, id| effects.and(keep_text(model, &shown.wishes, id)));
    let effects = kept.and(act::carry_out_plan(model, shown.plan, shown.then));
    if let Some(action) = action {
        repeat::note(model, &action);
    }
    effects
}
