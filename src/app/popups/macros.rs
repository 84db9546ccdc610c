//! The picker of macros: a list, the key of each, and beside it the text as it would be here.

use std::collections::BTreeMap;

use crokey::KeyCombination;

use crate::app::{
    Model,
    command::MacrosCommand,
    cursor::{Page, Step},
    early,
    editor::{Editor, typed_letter},
    effect::{Effects, Read, Slot},
    errand::Errand,
    hits::Hit,
    layout::{Area, Layout},
    macros::{Macros, Taking},
    message::Found,
    notice::Level,
    popups::{Surface, frame::Edge},
    tone::Tone,
};
use crate::{
    desk::FilledText,
    domain::{
        DraftKey, Problem, TicketId,
        fuzzy::Search,
        plan::{Cant, Gap, Macro},
    },
};

mod shown;

pub use shown::Split;

/// The rows above the macros: the filter, and a gap.
pub const HEAD: usize = 2;

/// The picker of macros.
#[derive(Clone, Debug)]
pub struct MacroPicker {
    /// The tickets that a macro is taken for.
    pub tickets: Vec<TicketId>,
    /// What has been typed to narrow the list.
    pub filter: Editor,
    /// Whether letters narrow the list, those that are keys of macros too.
    pub filtering: bool,
    /// The position in the matches of the cursor.
    pub cursor: usize,
    /// The first line of the text on screen.
    pub top: usize,
    /// Whether the macro is taken as soon as its text is filled in.
    pub waits: bool,
    /// Why the text under the cursor can't be shown, if so.
    pub problem: Option<Problem>,
    into: Option<DraftKey>,
    all: Vec<Macro>,
    matches: Vec<usize>,
    /// The texts for the first ticket, by the names of their macros, and the columns that they are laid
    /// out for.
    texts: BTreeMap<String, FilledText>,
    width: u16,
    /// The name of the macro whose text is on its way.
    reads: Option<String>,
    /// Whether the form over it asks for what a macro needs.
    asks: bool,
}

impl MacroPicker {
    /// The macros that match, in their order.
    pub fn matching(&self) -> impl ExactSizeIterator<Item = &Macro> {
        self.matches.iter().map(|at| &self.all[*at])
    }

    /// Whether there is any macro at all here.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The macro under the cursor.
    pub fn selected(&self) -> Option<&Macro> {
        self.all.get(*self.matches.get(self.cursor)?)
    }

    /// The text of the macro under the cursor, once it is there.
    pub fn text(&self) -> Option<&FilledText> {
        self.texts.get(&self.selected()?.name)
    }

    /// The macro under the cursor, on its way to the tickets.
    fn taking(&self) -> Option<Taking> {
        let (tickets, into) = (self.tickets.clone(), self.into);
        Some(Taking { one: self.selected()?.clone(), tickets, into })
    }

    fn narrow(&mut self) {
        let mut search = Search::fuzzy(&self.filter.text());
        self.matches = search.rank(self.all.iter().map(|one| &one.name));
        self.go(0);
    }

    fn go(&mut self, cursor: usize) {
        self.cursor = cursor;
        self.top = 0;
        self.waits = false;
        self.problem = None;
    }
}

impl Surface for MacroPicker {
    type Commands = MacrosCommand;

    fn run(model: &mut Model, command: MacrosCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: MacrosCommand, usual: &'static str) -> Option<&'static str> {
        let picker = model.top::<Self>()?;
        let works = match command {
            MacrosCommand::Take | MacrosCommand::Step(_) => picker.selected().is_some(),
            MacrosCommand::Filter => !picker.filtering && !picker.is_empty(),
            MacrosCommand::Cancel => true,
        };
        works.then_some(usual)
    }

    fn types_text(&self) -> bool {
        true
    }

    fn typed(model: &mut Model, key: KeyCombination) -> Effects {
        typed(model, key)
    }

    fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
        let picker = model.top_mut::<Self>()?;
        picker.filtering = true;
        picker.filter.paste(text);
        Some(narrowed(model))
    }

    fn title(&self, _: &Model) -> String {
        match &self.tickets[..] {
            [one] => format!("Macros for {one}"),
            many => format!("Macros for {} tickets", many.len()),
        }
    }

    fn edge(&self, model: &Model) -> Edge {
        let take = model.keymap.key_for(MacrosCommand::Take);
        if self.waits {
            return Edge::Words("filling in the text…".into(), Tone::Accent);
        }
        let filter = model.keymap.key_for(MacrosCommand::Filter);
        let filter = if self.filtering { "" } else { filter };
        match self.selected() {
            None => Edge::Bare,
            Some(_) => Edge::keys([(take, "takes it"), (filter, "filters")]),
        }
    }

    fn size(&self, _: &Model, layout: &Layout) -> (usize, usize) {
        shown::size(layout)
    }

    fn chosen(&self, _: &Model) -> Option<Hit> {
        Some(Hit::Choice(self.cursor))
    }

    fn hits(&self, _: &Model, inner: Area) -> Vec<(Area, Hit)> {
        let list = Split::of(inner).list;
        let first = self.first_shown(usize::from(list.height));
        list.lines().zip((first..self.matches.len()).map(Hit::Choice)).collect()
    }
}

/// Opens the picker for some tickets; with `into` the text goes into that draft, which is open.
pub(in crate::app) fn open(
    model: &mut Model,
    tickets: Vec<TicketId>,
    into: Option<DraftKey>,
) -> Effects {
    let mut picker = MacroPicker {
        all: Macros::offered(model, &tickets),
        tickets,
        into,
        filter: Editor::single_line(""),
        filtering: false,
        matches: Vec::new(),
        cursor: 0,
        top: 0,
        waits: false,
        problem: None,
        texts: BTreeMap::new(),
        width: shown::text_width(model),
        reads: None,
        asks: false,
    };
    picker.narrow();
    model.requests.forget(Slot::Macro);
    model.open_popup(picker);
    look(model)
}

/// The macros have been read anew: the picker offers what there is now.
pub(in crate::app) fn offer_anew(model: &mut Model) -> Effects {
    let Some(picker) = model.nearest::<MacroPicker>() else { return Effects::none() };
    // The macro that was taken stays as it is; its text is on the way.
    if picker.waits {
        return Effects::none();
    }
    let all = Macros::offered(model, &picker.tickets);
    let name = picker.selected().map(|it| it.name.clone());
    let Some(picker) = model.nearest_mut::<MacroPicker>() else { return Effects::none() };
    picker.all = all;
    picker.texts.clear();
    picker.narrow();
    let same = picker.matching().position(|it| Some(&it.name) == name.as_ref());
    picker.cursor = same.unwrap_or(0);
    look(model)
}

/// The form over the picker is closed.
pub(in crate::app) fn uncovered(model: &mut Model) -> Effects {
    if let Some(picker) = model.nearest_mut::<MacroPicker>() {
        picker.asks = false;
    }
    look(model)
}

/// Asks for the text under the cursor, unless it is known. An answer about another macro is no longer
/// waited for.
fn look(model: &mut Model) -> Effects {
    let read = wanted(model);
    read.map(|read| model.requests.ask(Slot::Macro, read)).into()
}

/// The same, once the keys pause.
fn look_later(model: &mut Model) -> Effects {
    if let Some(read) = wanted(model) {
        model.requests.ask_after_pause(Slot::Macro, read, model.now);
    }
    Effects::none()
}

/// What is to be read for the macro under the cursor. The form over the picker waits for a text of its
/// own.
fn wanted(model: &mut Model) -> Option<Read> {
    if model.nearest::<MacroPicker>()?.asks {
        return None;
    }
    model.requests.forget(Slot::Macro);
    let picker = model.nearest::<MacroPicker>()?;
    let mut taking = picker.taking().filter(|it| picker.text().is_none() && it.needs_reading())?;
    taking.tickets.truncate(1);
    let read = taking.read(model, BTreeMap::new(), Some(picker.width));
    model.nearest_mut::<MacroPicker>()?.reads = Some(taking.one.name);
    Some(read)
}

/// Lays the text out anew if the place for it has another width by now.
pub(in crate::app) fn fit(model: &mut Model) -> Effects {
    let width = shown::text_width(model);
    match model.nearest_mut::<MacroPicker>().filter(|it| it.width != width && !it.waits) {
        Some(picker) => {
            picker.width = width;
            picker.texts.clear();
            look(model)
        }
        None => Effects::none(),
    }
}

/// A command in the picker.
fn run(model: &mut Model, command: MacrosCommand) -> Effects {
    let rows = shown::text_rows(model);
    let Some(picker) = model.top_mut::<MacroPicker>() else { return Effects::none() };
    match command {
        MacrosCommand::Step(step @ (Step::PageDown | Step::PageUp)) => {
            let lines = picker.text().map_or(0, |it| it.shown.len());
            picker.top = step.from(picker.top, lines.saturating_sub(rows), Page::of_text(rows));
            Effects::none()
        }
        MacrosCommand::Step(step) => {
            picker.go(step.around(picker.cursor, picker.matches.len().saturating_sub(1)));
            look_later(model)
        }
        MacrosCommand::Filter if picker.filtering => type_in(model, '/'),
        MacrosCommand::Filter => {
            picker.filtering = true;
            Effects::none()
        }
        MacrosCommand::Take => take(model),
        MacrosCommand::Cancel => {
            let waited = picker.waits;
            close(model);
            if waited { early::forget(model) } else { Effects::none() }
        }
    }
}

fn close(model: &mut Model) {
    model.requests.forget(Slot::Macro);
    model.close_popup();
}

/// A key that is no command: the key of a macro takes it, other letters narrow.
fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    let Some(picker) = model.top_mut::<MacroPicker>() else { return Effects::none() };
    let letter = typed_letter(key).filter(|_| !picker.filtering);
    let own = picker.matching().position(|it| letter.is_some() && it.key == letter);
    if let Some(at) = own {
        picker.go(at);
        return take(model);
    }
    if !picker.filter.key(key) {
        return Effects::none();
    }
    picker.filtering = !picker.filter.is_blank();
    narrowed(model)
}

fn type_in(model: &mut Model, letter: char) -> Effects {
    if let Some(picker) = model.top_mut::<MacroPicker>() {
        picker.filter.key(crossterm::event::KeyCode::Char(letter).into());
    }
    narrowed(model)
}

fn narrowed(model: &mut Model) -> Effects {
    if let Some(picker) = model.top_mut::<MacroPicker>() {
        picker.narrow();
    }
    look_later(model)
}

/// Takes the macro under the cursor, once its text is there.
fn take(model: &mut Model) -> Effects {
    let Some(picker) = model.top_mut::<MacroPicker>() else { return Effects::none() };
    let Some(taking) = picker.taking() else { return Effects::none() };
    let known = picker.text().cloned().filter(|_| taking.tickets.len() == 1);
    if let Some(why) = taking.foreign() {
        model.say(Level::Warning, why);
        return Effects::none();
    }
    if !taking.one.asked.is_empty() {
        if let Some(picker) = model.top_mut::<MacroPicker>() {
            picker.asks = true;
        }
        model.pass(Errand::AskFor(Box::new(taking)));
        return Effects::none();
    }
    match known {
        Some(filled) => done(model, taking, vec![filled]),
        None if !taking.needs_reading() => done(model, taking, Vec::new()),
        None => {
            picker.waits = true;
            taking.ask(model, BTreeMap::new()).into()
        }
    }
}

/// The text under the cursor has come, or the texts to be taken.
pub(in crate::app) fn filled(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    let is_on_top = model.top::<MacroPicker>().is_some();
    let Some(picker) = model.nearest_mut::<MacroPicker>() else { return Effects::none() };
    let waited = std::mem::take(&mut picker.waits);
    match found {
        Ok(Found::Filled(all)) if waited => match picker.taking() {
            Some(taking) if is_on_top => done(model, taking, all),
            Some(taking) => taking.is_covered(model).and(look(model)),
            None => Effects::none(),
        },
        Ok(Found::Filled(all)) => {
            if let (Some(name), Some(filled)) = (picker.reads.take(), all.into_iter().next()) {
                picker.texts.insert(name, filled);
            }
            Effects::none()
        }
        Ok(_) => Effects::none(),
        Err(problem) => {
            picker.problem = Some(problem.clone());
            if !waited {
                return Effects::none();
            }
            let text = format!("the text can't be filled in: {problem}; nothing was done");
            model.say(Level::Warning, text);
            early::forget(model).and(offer_anew(model))
        }
    }
}

/// The macro is taken, unless something holds it back on its one ticket.
fn done(model: &mut Model, taking: Taking, filled: Vec<FilledText>) -> Effects {
    if let Some(why) = taking.held_back(model, &filled) {
        model.say(Level::Warning, why);
        return early::forget(model).and(look(model));
    }
    close(model);
    model.pass(Errand::Take(Box::new(taking), filled));
    Effects::none()
}

/// The reason that holds the macro under the cursor back on the first ticket.
pub(super) fn held_back(model: &Model, picker: &MacroPicker) -> Option<Cant> {
    let taking = picker.taking()?;
    let filled = picker.text();
    if taking.needs_reading() && filled.is_none() {
        return None;
    }
    if let Some(gaps) = filled.map(|it| &it.gaps).filter(|it| !it.is_empty()) {
        return Some(Cant::Gap(Gap(gaps.join(", no "))));
    }
    match taking.action(model, *taking.tickets.first()?, filled) {
        // What the text asks for is still to come.
        Ok(_) | Err(Cant::Gap(_)) => None,
        Err(cant) => Some(cant),
    }
}
