//! The help: the commands that work where it was opened, from the table and the keys in force.

use crokey::KeyCombination;

use crate::app::{
    Model,
    command::{Command, FilterCommand, InScope, ReaderCommand, Scope, TABLE},
    cursor::Page,
    editor::Editor,
    effect::Effects,
    layout::Layout,
    popups::{Surface, frame::Edge},
};

/// The rows that the filter of the help takes.
pub const FILTER_ROWS: usize = 2;

/// The columns of a line.
const COLUMNS: usize = 72;

/// How far a page goes.
const PAGE: Page = Page { half: 5, whole: 10 };

/// The help: the commands that work where it was opened.
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

impl Help {
    fn show_all(&mut self) {
        self.filter = None;
        self.typing = false;
        self.top = 0;
    }
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

/// The marks of a written text, in short.
const MARKS: [(&str, &str); 7] = [
    ("**bold** *word*", "emphasis, also _word_ and ~~gone~~"),
    ("`code`, ``` lines", "code, as it is"),
    ("> ", "before each line of a quote"),
    ("- or * or 1.", "before the items of a list, two or more"),
    ("# or ---", "a heading, a line across, between empty lines"),
    ("[text](https://…)", "a link; addresses are links by themselves"),
    ("\\*", "no mark where one would be; other \\ are text"),
];

/// The signs in a row of the list, and what they tell.
const SIGNS: [(&str, &str); 7] = [
    ("●", "messages that you have not seen"),
    ("~5h", "an estimated wait, until the conversation is read"),
    ("→", "left the view; goes when the cursor leaves it"),
    ("↑", "changes on their way"),
    ("!", "a change that waits for your decision"),
    ("✎", "a draft"),
    ("!!", "urgent; one ! is high"),
];

/// The lines of the help, from the table and the keys in force, and the marks of a text.
pub fn help_lines(model: &Model, help: &Help) -> Vec<HelpLine> {
    let words = help.filter.as_ref().map(|it| it.text().to_lowercase()).unwrap_or_default();
    let mut lines = Vec::new();
    let mut part = |title: &'static str, all: Vec<(String, &'static str, &'static str)>| {
        // A command is found by its name in the configuration too.
        let fits = |(keys, title, name): &(String, &str, &str)| {
            format!("{keys} {title} {name}").to_lowercase().contains(&words)
        };
        let found: Vec<_> = all.into_iter().filter(|it| !it.0.is_empty() && fits(it)).collect();
        if found.is_empty() {
            return;
        }
        if !lines.is_empty() {
            lines.push(HelpLine::Gap);
        }
        lines.push(HelpLine::Heading(title));
        lines.extend(found.into_iter().map(|(keys, title, _)| HelpLine::Keys(keys, title)));
    };
    for scope in &help.scopes {
        let specs = TABLE.iter().filter(|spec| scope.takes_from(spec.scope));
        let keys = |command: Command| model.keymap.keys_of(*scope, command).join("  ");
        let rows = specs.map(|spec| (keys(spec.command), spec.title, spec.name));
        part(scope.title(), rows.collect());
    }
    part("Signs in the list", SIGNS.map(|(sign, title)| (sign.to_owned(), title, "")).into());
    part("Marks in what you write", MARKS.map(|(mark, title)| (mark.to_owned(), title, "")).into());
    lines
}

/// A command in the help, or in its filter while that is typed.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) enum HelpCommand {
    Read(ReaderCommand),
    Filter(FilterCommand),
}

impl InScope for HelpCommand {
    const SCOPE: Scope = Scope::Reader;

    fn of(command: Command) -> Option<Self> {
        let filter = || FilterCommand::of(command).map(Self::Filter);
        ReaderCommand::of(command).map(Self::Read).or_else(filter)
    }
}

impl Surface for Help {
    type Commands = HelpCommand;

    fn run(model: &mut Model, command: HelpCommand) -> Effects {
        match command {
            HelpCommand::Read(command) => run(model, command),
            HelpCommand::Filter(command) => run_filter(model, command),
        }
    }

    fn scope(&self) -> Scope {
        if self.typing { Scope::Filter } else { Scope::Reader }
    }

    fn hint(_: &Model, command: HelpCommand, usual: &'static str) -> Option<&'static str> {
        let works = match command {
            HelpCommand::Read(command) => match command {
                ReaderCommand::Step(_) | ReaderCommand::Filter | ReaderCommand::Close => true,
                ReaderCommand::Open | ReaderCommand::TakeBack | ReaderCommand::Discard => false,
            },
            HelpCommand::Filter(command) => command != FilterCommand::SearchTexts,
        };
        works.then_some(usual)
    }

    fn title(&self, _: &Model) -> String {
        "What works here".into()
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: ReaderCommand| model.keymap.key_for(command);
        Edge::keys([(key(ReaderCommand::Filter), "filters"), (key(ReaderCommand::Close), "closes")])
    }

    fn size(&self, model: &Model, _: &Layout) -> (usize, usize) {
        let head = if self.filter.is_some() { FILTER_ROWS } else { 0 };
        (COLUMNS, help_lines(model, self).len() + head)
    }

    fn types_text(&self) -> bool {
        self.typing
    }

    fn typed(model: &mut Model, key: KeyCombination) -> Effects {
        type_filter(model, |filter| filter.key(key)).unwrap_or_default()
    }

    fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
        type_filter(model, |filter| filter.paste(text))
    }
}

/// Opens the help on the scopes of the moment.
pub(in crate::app) fn open(model: &mut Model) -> Effects {
    let mut scopes = model.scopes();
    scopes.extend(Scope::ALL.iter().copied().filter(|scope| !model.scopes().contains(scope)));
    let help = Help { scopes, filter: None, typing: false, top: 0 };
    model.push_popup(help);
    Effects::none()
}

/// A command in the help.
fn run(model: &mut Model, command: ReaderCommand) -> Effects {
    let Some(help) = model.top::<Help>() else { return Effects::none() };
    let head = if help.filter.is_some() { FILTER_ROWS } else { 0 };
    let rows = Layout::of(model).map_or(1, |layout| layout.popup_rows().saturating_sub(head));
    let last = help_lines(model, help).len().saturating_sub(rows);
    let Some(help) = model.top_mut::<Help>() else { return Effects::none() };
    match command {
        ReaderCommand::Step(step) => help.top = step.from(help.top, last, PAGE),
        ReaderCommand::Filter => {
            help.filter.get_or_insert_with(|| Editor::single_line(""));
            help.typing = true;
        }
        ReaderCommand::Close if help.filter.is_some() => help.show_all(),
        ReaderCommand::Close => model.close_popup(),
        ReaderCommand::Open | ReaderCommand::TakeBack | ReaderCommand::Discard => {}
    }
    Effects::none()
}

/// A command while the help's filter is typed.
fn run_filter(model: &mut Model, command: FilterCommand) -> Effects {
    match command {
        FilterCommand::Step(step) => return run(model, ReaderCommand::Step(step)),
        FilterCommand::Apply => {
            if let Some(help) = model.top_mut::<Help>() {
                help.typing = false;
            }
        }
        FilterCommand::Cancel => {
            if let Some(help) = model.top_mut::<Help>() {
                help.show_all();
            }
        }
        // The lines of the help are in no message or reply.
        FilterCommand::SearchTexts => {}
    }
    Effects::none()
}

fn type_filter(model: &mut Model, edit: impl FnOnce(&mut Editor) -> bool) -> Option<Effects> {
    let help = model.top_mut::<Help>()?;
    let filter = help.filter.as_mut().filter(|_| help.typing)?;
    if edit(filter) {
        help.top = 0;
    }
    Some(Effects::none())
}
