//! The earlier notices, for the agent to look up.

use jiff::Timestamp;

use crate::app::{
    Model,
    command::ReaderCommand,
    cursor::Page,
    effect::Effects,
    layout::Layout,
    notice::Level,
    popups::{Surface, frame::Edge},
};

/// The columns that the messages want.
const COLUMNS: usize = 96;

/// The columns of the time and the sign before each message.
pub const HEAD_COLUMNS: usize = 8;

/// The earlier notices, from a line on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Messages {
    /// The first line on screen.
    pub top: usize,
}

/// A line of the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageLine {
    /// How its message is meant.
    pub level: Level,
    /// When its message was told, on the message's first line.
    pub at: Option<Timestamp>,
    /// The text, wrapped.
    pub text: String,
}

/// The messages in full, the newest first, by the clock for people.
pub fn lines(model: &Model) -> Vec<MessageLine> {
    let columns = Layout::of(model).map_or(0, |layout| layout.popup_columns(COLUMNS));
    let columns = columns.saturating_sub(HEAD_COLUMNS).max(1);
    let mut lines = Vec::new();
    for notice in model.notices.all() {
        let at = notice.since.saturating_add(model.wall_ahead).unwrap_or(notice.since);
        for (number, text) in textwrap::wrap(&notice.text, columns).into_iter().enumerate() {
            let (at, text) = (Some(at).filter(|_| number == 0), text.trim_end().to_owned());
            lines.push(MessageLine { level: notice.level, at, text });
        }
    }
    lines
}

/// Opens the messages.
pub(in crate::app) fn open(model: &mut Model) -> Effects {
    model.open_popup(Messages::default());
    Effects::none()
}

impl Surface for Messages {
    type Commands = ReaderCommand;

    fn title(&self, _: &Model) -> String {
        "Messages, the newest first".into()
    }

    fn edge(&self, model: &Model) -> Edge {
        Edge::keys([(model.keymap.key_for(ReaderCommand::Close), "closes")])
    }

    fn size(&self, model: &Model, layout: &Layout) -> (usize, usize) {
        (layout.popup_columns(COLUMNS), lines(model).len().max(1))
    }

    fn run(model: &mut Model, command: ReaderCommand) -> Effects {
        let rows = Layout::of(model).map_or(1, |layout| layout.popup_rows());
        let last = lines(model).len().saturating_sub(rows);
        let Some(messages) = model.top_mut::<Self>() else { return Effects::none() };
        match command {
            ReaderCommand::Step(step) => {
                messages.top = step.from(messages.top, last, Page::of_reader(rows));
            }
            ReaderCommand::Close => model.close_popup(),
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
