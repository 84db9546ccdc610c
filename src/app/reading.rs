//! The text of a reply or note as its reader will see it: in the preview, and in the review.

use crokey::KeyCombination;
use crossterm::event::{KeyCode, KeyEvent};

use super::{
    Model,
    command::Command,
    effect::{Effects, Read, Slot},
    layout::{self, Layout},
    panes::composer::{Composer, Stage},
};
use crate::domain::StyledLine;

/// A rendered text and how far it is scrolled.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The lines; `None` until they are rendered.
    pub lines: Option<Vec<StyledLine>>,
    /// The first line on screen.
    pub top: usize,
    /// The columns that the lines were asked for.
    width: u16,
}

impl Reading {
    /// The last line that may stand at the top: below it the text fills `rows`.
    fn last_top(&self, rows: usize) -> usize {
        self.lines.as_ref().map_or(0, Vec::len).saturating_sub(rows.max(1))
    }
}

/// Asks for the text as its reader will see it, for the pane as it is.
pub(super) fn render(model: &mut Model) -> Effects {
    let width = layout::text_width(model);
    let Some(composer) = &mut model.composer else { return Effects::none() };
    if let Some(reading) = composer.reading() {
        reading.width = width;
    }
    let text = composer.editor.text();
    model.requests.ask(Slot::Preview, Read::Preview { text, width }).into()
}

/// Asks for it again where the pane has become wider or narrower since.
pub(super) fn fit(model: &mut Model) -> Effects {
    let width = layout::text_width(model);
    let reading = model.composer.as_mut().and_then(Composer::reading);
    if reading.is_some_and(|it| it.width != width) { render(model) } else { Effects::none() }
}

/// The rendered text has come.
pub(super) fn rendered(model: &mut Model, lines: Vec<StyledLine>) {
    if let Some(reading) = model.composer.as_mut().and_then(Composer::reading) {
        reading.lines = Some(lines);
    }
}

/// Keeps the pane full of text, whatever size it has now.
pub(super) fn scroll_into_view(model: &mut Model, layout: &Layout) {
    let rows = layout.reading_rows(model);
    if let Some(reading) = model.composer.as_mut().and_then(Composer::reading) {
        // A text that is still to come keeps its place.
        if reading.lines.is_some() {
            reading.top = reading.top.min(reading.last_top(rows));
        }
    }
}

/// Scrolls the text.
pub(super) fn step(model: &mut Model, command: Command) -> Effects {
    let rows = Layout::of(model).map_or(1, |layout| layout.reading_rows(model)).max(1);
    let Some(reading) = model.composer.as_mut().and_then(Composer::reading) else {
        return Effects::none();
    };
    let top = reading.top;
    let top = match command {
        Command::Down => top + 1,
        Command::Up => top.saturating_sub(1),
        Command::HalfDown => top + rows.div_ceil(2),
        Command::HalfUp => top.saturating_sub(rows.div_ceil(2)),
        Command::PageDown => top + rows,
        Command::PageUp => top.saturating_sub(rows),
        Command::Top => 0,
        Command::Bottom => usize::MAX,
        _ => top,
    };
    reading.top = top.min(reading.last_top(rows));
    Effects::none()
}

/// What a key that types nothing does in the preview: it scrolls.
pub(super) fn moved_by(model: &Model, key: KeyCombination) -> Option<Command> {
    let composer = model.composer.as_ref()?;
    let Stage::Preview(_) = composer.stage else { return None };
    let key: KeyEvent = key.into();
    match key.code {
        KeyCode::Down => Some(Command::Down),
        KeyCode::Up => Some(Command::Up),
        KeyCode::PageDown => Some(Command::PageDown),
        KeyCode::PageUp => Some(Command::PageUp),
        KeyCode::Home => Some(Command::Top),
        KeyCode::End => Some(Command::Bottom),
        _ => None,
    }
}
