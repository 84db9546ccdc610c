//! The picker laid out: the list, and the text beside or below it.

use super::{HEAD, MacroPicker, held_back};
use crate::{
    app::{
        Model,
        changes::{self, Becomes, ChangeRow},
        layout::{Area, Layout, popup_columns, popup_rows},
        tone::{Tone, Toned},
    },
    domain::{ReplyKind, columns, plan::Macro},
};

/// The columns and rows that the picker wants.
const COLUMNS: usize = 118;
const ROWS: usize = 26;

/// From this many columns on, the text stands beside the list.
const SIDE_BY_SIDE: u16 = 90;

/// The columns of the list where the text stands beside it.
const LIST: u16 = 44;

/// The places within the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The macros.
    pub list: Area,
    /// The line between the macros and the text.
    pub rule: Area,
    /// What the macro under the cursor does, and its text.
    pub text: Area,
}

impl Split {
    /// The places within `inner`.
    pub fn of(inner: Area) -> Self {
        let head = u16::try_from(HEAD).unwrap_or(0).min(inner.height);
        let list = Area { y: inner.y + head, height: inner.height - head, ..inner };
        if inner.width >= SIDE_BY_SIDE {
            let rule = Area { x: inner.x + LIST + 1, width: 1, ..inner };
            let text = Area { x: rule.x + 2, width: inner.width - LIST - 3, ..inner };
            return Self { list: Area { width: LIST, ..list }, rule, text };
        }
        let rows = (list.height * 2 / 5).max(1).min(list.height);
        let rule = Area { y: list.y + rows, height: 1.min(list.height - rows), ..list };
        let below = rows + rule.height;
        let text = Area { y: list.y + below, height: list.height - below, ..list };
        Self { list: Area { height: rows, ..list }, rule, text }
    }
}

/// The size that the picker wants. It does not follow what is in it, so that the frame stays.
pub(super) fn size(layout: &Layout) -> (usize, usize) {
    (COLUMNS, layout.popup_rows().min(ROWS))
}

fn inner(model: &Model) -> Area {
    let width = u16::try_from(popup_columns(model, COLUMNS)).unwrap_or(u16::MAX);
    let height = u16::try_from(popup_rows(model).min(ROWS)).unwrap_or(u16::MAX);
    Area { x: 0, y: 0, width, height }
}

/// The columns that the text is laid out for: one is left for the scroll bar.
pub(super) fn text_width(model: &Model) -> u16 {
    Split::of(inner(model)).text.width.saturating_sub(1).max(16)
}

/// The rows that the text has below what is said of the macro.
pub(super) fn text_rows(model: &Model) -> usize {
    let Some(picker) = model.top::<MacroPicker>() else { return 1 };
    let rows = usize::from(Split::of(inner(model)).text.height);
    rows.saturating_sub(picker.facts(model).len() + 1).max(1)
}

impl MacroPicker {
    /// The position in the matches of the first row of so many on screen.
    pub fn first_shown(&self, rows: usize) -> usize {
        (self.cursor + 1).saturating_sub(rows.max(1))
    }

    /// What is said of the macro under the cursor, above its text.
    pub fn facts(&self, model: &Model) -> Vec<Toned> {
        let Some((one, ticket)) = self.selected().zip(self.tickets.first()) else {
            return Vec::new();
        };
        let columns = usize::from(text_width(model));
        let wrapped = |text: &str, tone| {
            let lines = columns::wrap(text, columns);
            lines.into_iter().map(move |line| Toned::new(line, tone)).collect::<Vec<_>>()
        };
        let mut lines = wrapped(kind(one), Tone::Quiet);
        if let Some(cant) = held_back(model, self) {
            lines.extend(wrapped(&format!("{ticket} {cant}"), Tone::Danger));
        }
        if let Some(problem) = &self.problem {
            lines.extend(wrapped(&format!("It can't be filled in: {problem}"), Tone::Danger));
        }
        if !one.asked.is_empty() {
            let asked = format!("asks for: {}", one.asked.join(", "));
            lines.extend(wrapped(&asked, Tone::Accent));
        }
        if let Some(taking) = self.taking()
            && let Ok(changes) = taking.changes(model, *ticket, self.text())
        {
            lines.extend(changes::rows(model, *ticket, &changes).iter().map(told));
        }
        lines
    }
}

/// What a macro is, in a few words.
fn kind(one: &Macro) -> &'static str {
    match (&one.text, one.kind) {
        (None, _) => "sets fields, writes nothing",
        (_, ReplyKind::Note) => "a note, for colleagues only",
        _ => "a reply, which the customer can read",
    }
}

fn told(row: &ChangeRow) -> Toned {
    let name = (format!("{}: ", row.field.name()), Tone::Quiet);
    Toned(match &row.becomes {
        Becomes::Other(before, after) => vec![
            name,
            (before.clone(), Tone::Plain),
            (" → ".to_owned(), Tone::Quiet),
            (after.clone(), Tone::Strong),
        ],
        Becomes::Same(value) => vec![name, (format!("{value}, as it is"), Tone::Quiet)],
        Becomes::Cant(why) => vec![name, (why.clone(), Tone::Warning)],
    })
}
