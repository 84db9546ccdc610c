//! The text of a reply or note as its reader will see it: in the preview, and in the review.

use crokey::KeyCombination;

use super::{Composer, Stage};
use crate::{
    app::{
        Model,
        cursor::{Page, Step},
        effect::{Effects, Read, Slot},
        layout::{self, Layout},
        message::Found,
    },
    domain::{Problem, StyledLine},
};

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
pub(in crate::app) fn render(model: &mut Model) -> Effects {
    let width = layout::text_width(model);
    let Some(composer) = &mut model.composer else { return Effects::none() };
    if let Some(reading) = composer.reading() {
        reading.width = width;
    }
    let text = composer.editor.text();
    model.requests.ask(Slot::Preview, Read::Preview { text, width }).into()
}

/// Asks for it again if the width of the pane has changed since.
pub(in crate::app) fn fit(model: &mut Model) -> Effects {
    let width = layout::text_width(model);
    let reading = model.composer.as_mut().and_then(Composer::reading);
    if reading.is_some_and(|it| it.width != width) { render(model) } else { Effects::none() }
}

/// The rendered text has come.
pub(in crate::app) fn rendered(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    if let Ok(Found::Preview(lines)) = found
        && let Some(reading) = model.composer.as_mut().and_then(Composer::reading)
    {
        reading.lines = Some(lines);
    }
    Effects::none()
}

/// Keeps the pane full of text, whatever size it has now.
pub(in crate::app) fn scroll_into_view(model: &mut Model, layout: &Layout) {
    let rows = layout.reading_rows(model);
    if let Some(reading) = model.composer.as_mut().and_then(Composer::reading) {
        // A text that is still to come keeps its place.
        if reading.lines.is_some() {
            reading.top = reading.top.min(reading.last_top(rows));
        }
    }
}

/// Scrolls the text.
pub(in crate::app) fn step(model: &mut Model, step: Step) -> Effects {
    let rows = Layout::of(model).map_or(1, |layout| layout.reading_rows(model)).max(1);
    let Some(reading) = model.composer.as_mut().and_then(Composer::reading) else {
        return Effects::none();
    };
    reading.top = step.from(reading.top, reading.last_top(rows), Page::of_text(rows));
    Effects::none()
}

/// The step of a key that types nothing in the preview: it scrolls.
pub(in crate::app) fn moved_by(model: &Model, key: KeyCombination) -> Option<Step> {
    let Stage::Preview(_) = model.composer.as_ref()?.stage else { return None };
    Step::of_key(key)
}
