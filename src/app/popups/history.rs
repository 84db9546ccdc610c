//! The history of a ticket: what this profile did to it, and what it saw change.

use jiff::Timestamp;

use crate::app::{
    Model,
    command::ReaderCommand,
    cursor::Page,
    effect::{Effects, Read, Slot},
    layout::Layout,
    message::Found,
    popups::{Surface, frame::Edge},
};
use crate::domain::{HistoryLine, Problem, TicketId, Who, columns};

/// The columns that the history wants.
const COLUMNS: usize = 100;
/// The columns of the time before each line.
pub const TIME: usize = 18;
/// The most columns of a name.
const NAME: usize = 20;

/// The history of a ticket, from a line on.
#[derive(Clone, Debug)]
pub struct History {
    /// Which ticket.
    pub ticket: TicketId,
    /// The lines, the newest first; `None` while they are read.
    pub lines: Option<Result<Vec<HistoryLine>, Problem>>,
    /// The first line on screen.
    pub top: usize,
}

/// A line as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLine {
    /// When it happened, on the first line of each, by the clock for people.
    pub at: Option<Timestamp>,
    /// Who did it, on the first line of each; padded to the widest.
    pub who: String,
    /// What happened, wrapped.
    pub text: String,
}

impl History {
    /// The lines as they are shown.
    pub fn shown(&self, model: &Model) -> Vec<ShownLine> {
        let Some(Ok(lines)) = &self.lines else { return Vec::new() };
        let names: Vec<String> = lines.iter().map(|line| name(model, &line.who)).collect();
        let widest = names.iter().map(|name| columns::width(name)).max().unwrap_or(0).min(NAME);
        let room = Layout::of(model).map_or(0, |layout| layout.popup_columns(COLUMNS));
        let room = room.saturating_sub(TIME + widest + 2).max(1);
        let mut shown = Vec::new();
        for (line, name) in lines.iter().zip(names) {
            let at = line.at.saturating_add(model.wall_ahead).unwrap_or(line.at);
            for (number, text) in columns::wrap(&line.what, room).into_iter().enumerate() {
                let who = if number == 0 { name.as_str() } else { "" };
                shown.push(ShownLine {
                    at: (number == 0).then_some(at),
                    who: padded(who, widest),
                    text: text.trim_end().to_owned(),
                });
            }
        }
        shown
    }

    /// What stands in place of the lines.
    pub fn instead(&self) -> Option<String> {
        match &self.lines {
            None => Some("Reading the log…".into()),
            Some(Err(problem)) => Some(format!("The log can't be read: {problem}")),
            Some(Ok(lines)) if lines.is_empty() => {
                Some("Nothing was done to this ticket here, and nothing was seen to change.".into())
            }
            Some(Ok(_)) => None,
        }
    }
}

/// A name that takes so many columns.
fn padded(name: &str, columns: usize) -> String {
    let name = columns::cut(name, columns);
    let rest = columns.saturating_sub(columns::width(&name));
    format!("{name}{}", " ".repeat(rest))
}

/// Who did something, for people.
fn name(model: &Model, who: &Who) -> String {
    match who {
        Who::Agent(name) if name.is_empty() || *name == model.settings.agent => "you".into(),
        Who::Agent(name) => name.clone(),
        Who::Customer => "customer".into(),
        Who::Somebody => "somebody".into(),
        Who::Clock => "the clock".into(),
    }
}

/// Opens the history of a ticket.
pub(in crate::app) fn open(model: &mut Model, ticket: TicketId) -> Effects {
    model.open_popup(History { ticket, lines: None, top: 0 });
    let zone = model.settings.zone.clone();
    model.requests.ask(Slot::History, Read::History { ticket, zone }).into()
}

/// The history was read, or could not be.
pub(in crate::app) fn found(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    let Some(history) = model.nearest_mut::<History>() else { return Effects::none() };
    history.lines = match found {
        Ok(Found::History(lines)) => Some(Ok(lines)),
        Ok(_) => return Effects::none(),
        Err(problem) => Some(Err(problem)),
    };
    Effects::none()
}

impl Surface for History {
    type Commands = ReaderCommand;

    fn title(&self, model: &Model) -> String {
        let many = match &self.lines {
            Some(Ok(lines)) if lines.len() > 1 => format!(", {} entries", lines.len()),
            _ => String::new(),
        };
        let subject = model.tickets.rows().get(self.ticket).map(|row| row.subject.to_string());
        let subject = subject.filter(|it| !it.is_empty()).map(|it| format!(" · {it}"));
        let room = Layout::of(model).map_or(0, |layout| layout.popup_columns(COLUMNS));
        let head = format!("History of {}{many}", self.ticket);
        let subject = subject.unwrap_or_default();
        columns::cut(&format!("{head}{subject}"), room.saturating_sub(6)).into_owned()
    }

    fn edge(&self, model: &Model) -> Edge {
        Edge::keys([(model.keymap.key_for(ReaderCommand::Close), "closes")])
    }

    fn size(&self, model: &Model, layout: &Layout) -> (usize, usize) {
        (layout.popup_columns(COLUMNS), self.shown(model).len().max(1))
    }

    fn run(model: &mut Model, command: ReaderCommand) -> Effects {
        let rows = Layout::of(model).map_or(1, |layout| layout.popup_rows());
        let Some(history) = model.top::<Self>() else { return Effects::none() };
        let last = history.shown(model).len().saturating_sub(rows);
        let Some(history) = model.top_mut::<Self>() else { return Effects::none() };
        match command {
            ReaderCommand::Step(step) => {
                history.top = step.from(history.top, last, Page::of_reader(rows));
            }
            ReaderCommand::Close => {
                model.requests.forget(Slot::History);
                model.close_popup();
            }
            ReaderCommand::Open
            | ReaderCommand::Filter
            | ReaderCommand::TakeBack
            | ReaderCommand::Discard => {}
        }
        Effects::none()
    }

    fn hint(_: &Model, command: ReaderCommand, usual: &'static str) -> Option<&'static str> {
        match command {
            ReaderCommand::Step(_) | ReaderCommand::Close => Some(usual),
            ReaderCommand::Open
            | ReaderCommand::Filter
            | ReaderCommand::TakeBack
            | ReaderCommand::Discard => None,
        }
    }
}
