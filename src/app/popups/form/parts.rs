//! A form laid out: its parts from top to bottom, and which of them are on screen.

use super::{Field, Form, Kind, Progress};
use crate::{
    app::{
        Model,
        hits::Hit,
        layout::{Area, Layout, popup_columns, popup_rows},
        tone::Tone,
    },
    domain::{Problem, ProblemKind, columns},
};

/// The columns that a form wants.
const COLUMNS: usize = 84;

/// The rows of the message, at least and at most.
const MESSAGE_ROWS: (usize, usize) = (3, 14);

/// A piece of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormPart {
    /// A line that is only read.
    Said(String, Tone),
    /// The label of the message, and what it is written in.
    Label(&'static str),
    /// What is wrong with the field above.
    Error(String),
    /// A field of one row.
    Row(Field),
    /// The area of the message.
    Area,
}

impl FormPart {
    fn field(&self) -> Option<Field> {
        match self {
            Self::Row(field) => Some(*field),
            Self::Area => Some(Field::Message),
            Self::Said(..) | Self::Label(_) | Self::Error(_) => None,
        }
    }
}

impl Form {
    /// The columns and rows that it wants.
    pub(super) fn wanted_size(&self, layout: &Layout) -> (usize, usize) {
        let columns = layout.popup_columns(COLUMNS);
        if self.progress == Progress::Loading {
            return (columns, 3);
        }
        let parts = self.parts(columns);
        let message = message_rows(&parts, layout.popup_rows());
        (columns, parts.iter().map(|part| rows_of(part, message)).sum())
    }

    /// The parts that are on screen in `inner`, each with its place.
    pub fn placed(&self, model: &Model, inner: Area) -> Vec<(Area, FormPart)> {
        let parts = self.parts(popup_columns(model, COLUMNS));
        let message = message_rows(&parts, popup_rows(model));
        let height = |part: &FormPart| rows_of(part, message);
        let skipped = skip(&parts, self.focused(), usize::from(inner.height), height);
        let mut rest = inner;
        let mut placed = Vec::new();
        for part in parts.into_iter().skip(skipped) {
            let (place, below) = rest.split_top(u16::try_from(height(&part)).unwrap_or(u16::MAX));
            if place.height == 0 {
                break;
            }
            placed.push((place, part));
            rest = below;
        }
        placed
    }

    pub(super) fn fields_hit(&self, model: &Model, inner: Area) -> Vec<(Area, Hit)> {
        if self.progress == Progress::Loading {
            return Vec::new();
        }
        let placed = self.placed(model, inner).into_iter();
        placed.filter_map(|(area, part)| Some((area, Hit::Field(part.field()?)))).collect()
    }

    fn parts(&self, columns: usize) -> Vec<FormPart> {
        let mut parts = Vec::new();
        let said = |text: &str, tone: Tone| {
            let lines = columns::wrap(text, columns.saturating_sub(2)).into_iter();
            lines.map(move |line| FormPart::Said(format!("  {line}"), tone)).collect::<Vec<_>>()
        };
        if let Some(problem) = &self.problem {
            parts.extend(said(&overall(problem), Tone::Danger));
            parts.push(FormPart::Said(String::new(), Tone::Plain));
        }
        for field in self.fields() {
            if field == Field::Message {
                parts.push(FormPart::Label(match self.kind {
                    Kind::New(_) => "Markdown",
                    Kind::Edit(..) => "HTML, as the server stores it",
                }));
                parts.push(FormPart::Area);
            } else {
                parts.push(FormPart::Row(field));
            }
            for error in self.errors_of(field) {
                let room = columns.saturating_sub(self.label_columns() + 2);
                parts.push(FormPart::Error(columns::cut(error.as_str(), room).into_owned()));
            }
        }
        if matches!(self.kind, Kind::Edit(..)) {
            let text = "The API does not tell custom fields: recording an edit may clear them.";
            parts.extend(said(text, Tone::Warning));
        }
        parts
    }
}

/// The rows of the message where the body has so many.
fn message_rows(parts: &[FormPart], rows: usize) -> usize {
    let fixed = parts.iter().filter(|part| **part != FormPart::Area).count();
    rows.saturating_sub(fixed).clamp(MESSAGE_ROWS.0, MESSAGE_ROWS.1)
}

fn rows_of(part: &FormPart, message: usize) -> usize {
    if *part == FormPart::Area { message } else { 1 }
}

/// The problem of the form as a whole, without the errors that are shown beside fields.
fn overall(problem: &Problem) -> String {
    match problem.kind {
        ProblemKind::Refused if problem.said.is_empty() => "The server refused.".to_owned(),
        ProblemKind::Refused => format!("The server refused: {}", problem.said),
        _ => problem.to_string(),
    }
}

/// How many parts are left out at the top so that the focused field is on screen.
fn skip(
    parts: &[FormPart],
    focused: Field,
    rows: usize,
    height: impl Fn(&FormPart) -> usize,
) -> usize {
    let Some(at) = parts.iter().position(|part| part.field() == Some(focused)) else { return 0 };
    let end = if at + 2 >= parts.len() { parts.len() } else { at + 2 };
    let mut used: usize = parts[..end].iter().map(&height).sum();
    let mut skipped = 0;
    while used > rows && skipped < at {
        used -= height(&parts[skipped]);
        skipped += 1;
    }
    skipped
}
