//! Where each pane stands: geometry alone, so that update and view agree on it.

use std::borrow::Cow;

use textwrap::core::display_width;

use super::{
    Focus, Model,
    panes::composer::{Composer, Stage, reviewed_changes},
};
use crate::domain::{Change, StyledLine};

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Columns from the left.
    pub x: u16,
    /// Rows from the top.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Its upper `rows`, and the rest.
    pub fn split_top(self, rows: u16) -> (Self, Self) {
        let rows = rows.min(self.height);
        let top = Self { height: rows, ..self };
        let rest = Self { y: self.y + rows, height: self.height - rows, ..self };
        (top, rest)
    }

    /// Its rows, from the top.
    pub(super) fn lines(self) -> impl Iterator<Item = Self> {
        (0..self.height).map(move |row| Self { y: self.y + row, height: 1, ..self })
    }

    /// Whether a cell is in it.
    pub fn holds(self, x: u16, y: u16) -> bool {
        let within = |at: u16, from: u16, many: u16| at >= from && at - from < many;
        within(x, self.x, self.width) && within(y, self.y, self.height)
    }

    fn split_left(self, columns: u16) -> (Self, Self) {
        let columns = columns.min(self.width);
        let left = Self { width: columns, ..self };
        let rest = Self { x: self.x + columns, width: self.width - columns, ..self };
        (left, rest)
    }
}

/// The narrowest and lowest screen that the console can be used on.
pub const SMALLEST: (u16, u16) = (60, 16);

/// From this many columns on, list and conversation stand side by side.
const SIDE_BY_SIDE: u16 = 110;

/// Text is not wrapped wider than this, for the eye's sake.
const WIDEST_TEXT: u16 = 100;

/// The columns beside the text: cursor, bar, space; and a space before the scroll bar.
const BESIDE_TEXT: u16 = 5;

/// The rows of a conversation's head: subject, facts, people.
pub const CONVERSATION_HEAD: u16 = 3;

/// The rows of the list's head.
pub const LIST_HEAD: u16 = 1;

/// The panes of the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The view tabs.
    pub tabs: Area,
    /// The board, where it is on screen.
    pub board: Option<Area>,
    /// The ticket list, where it is on screen.
    pub list: Option<Area>,
    /// The conversation, where it is on screen.
    pub conversation: Option<Area>,
    /// The reply pane, while something is written.
    pub composer: Option<Area>,
    /// The notice, or else the state of things.
    pub status: Area,
    /// The keys that work here.
    pub hints: Area,
    /// All between tabs and status: where popups stand.
    pub body: Area,
}

impl Layout {
    /// The layout for the model; `None` where the screen is too small.
    pub fn of(model: &Model) -> Option<Self> {
        let (width, height) = model.size;
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return None;
        }
        let screen = Area { x: 0, y: 0, width, height };
        let (tabs, rest) = screen.split_top(1);
        let (body, rest) = rest.split_top(rest.height - 2);
        let (status, hints) = rest.split_top(1);
        let board = model.is_on_board().then_some(body);
        let (list, conversation, composer) =
            if board.is_some() { (None, None, None) } else { panes(model, body) };
        Some(Self { tabs, board, list, conversation, composer, status, hints, body })
    }

    /// The rows that the list has for tickets.
    pub fn list_rows(&self) -> usize {
        self.list.map_or(0, |area| usize::from(area.height.saturating_sub(LIST_HEAD)))
    }

    /// The columns that the content of a popup has if it wants `wanted` of them.
    pub fn popup_columns(&self, wanted: usize) -> usize {
        usize::from(popup_width(wanted + POPUP_FRAME, self.body.width)).saturating_sub(POPUP_FRAME)
    }

    /// The rows that the tallest popup has within its frame.
    pub fn popup_rows(&self) -> usize {
        usize::from(self.body.height.saturating_sub(2))
    }

    /// The rows that the preview or the review has for text.
    pub fn reading_rows(&self, model: &Model) -> usize {
        let reviews = |it: &Composer| matches!(it.stage, Stage::Review { .. });
        let plan = match model.composer.as_ref().is_some_and(reviews) {
            true => REVIEW_PLAN + changed_rows(model),
            false => 0,
        };
        let rows = self.composer.map_or(0, |area| usize::from(area.height.saturating_sub(2)));
        rows.saturating_sub(plan)
    }

    /// The rows that the conversation has for text.
    pub fn conversation_rows(&self) -> usize {
        self.conversation
            .map_or(0, |area| usize::from(area.height.saturating_sub(CONVERSATION_HEAD)))
    }
}

/// The rows of the review that say what will be recorded, without those of changes besides the status.
pub const REVIEW_PLAN: usize = 4;

/// The rows of the review for changes besides the status.
fn changed_rows(model: &Model) -> usize {
    let Some(composer) = &model.composer else { return 0 };
    match composer.stage {
        Stage::Review { .. } => reviewed_changes(model, composer).len(),
        Stage::Write | Stage::Preview(_) => 0,
    }
}

/// The columns of a popup's frame: edges and the space within.
pub const POPUP_FRAME: usize = 4;

/// The width of a popup that wants `wanted` of `most` columns, its frame included; all of them
/// where only shreds would be left at the sides.
pub fn popup_width(wanted: usize, most: u16) -> u16 {
    const SHREDS: u16 = 10;
    let wanted = u16::try_from(wanted).unwrap_or(u16::MAX);
    if wanted.saturating_add(SHREDS) >= most { most } else { wanted }
}

/// The columns that the content of a popup has on the screen of the moment if it wants `wanted`.
pub fn popup_columns(model: &Model, wanted: usize) -> usize {
    Layout::of(model).map_or(0, |layout| layout.popup_columns(wanted))
}

/// The rows that the tallest popup has within its frame.
pub fn popup_rows(model: &Model) -> usize {
    Layout::of(model).map_or(0, |layout| layout.popup_rows())
}

type Panes = (Option<Area>, Option<Area>, Option<Area>);

fn panes(model: &Model, body: Area) -> Panes {
    let composing = model.composer.is_some();
    if model.zoomed {
        return match model.focus {
            Focus::List => (Some(body), None, None),
            Focus::Conversation => (None, Some(body), None),
            Focus::Composer => (None, None, Some(body)),
        };
    }
    if body.width >= SIDE_BY_SIDE {
        let (list, rest) = body.split_left(list_width(body.width));
        let rest = Area { x: rest.x + 1, width: rest.width - 1, ..rest };
        if !composing {
            return (Some(list), Some(rest), None);
        }
        let (conversation, composer) =
            rest.split_top(rest.height - composer_rows(model, rest.height));
        return (Some(list), Some(conversation), Some(composer));
    }
    if composing {
        let (conversation, composer) =
            body.split_top(body.height - composer_rows(model, body.height));
        return (None, Some(conversation), Some(composer));
    }
    let list_rows = match model.focus {
        Focus::List => share(body.height, 11, 20),
        _ => share(body.height, 6, 20),
    };
    let (list, conversation) = body.split_top(list_rows.max(5));
    (Some(list), Some(conversation), None)
}

/// `parts` of `whole` of a length, without overflow.
fn share(of: u16, parts: u32, whole: u32) -> u16 {
    u16::try_from(u32::from(of) * parts / whole).unwrap_or(of)
}

fn list_width(width: u16) -> u16 {
    share(width, 13, 25).min(110)
}

fn composer_rows(model: &Model, height: u16) -> u16 {
    let changes = u16::try_from(changed_rows(model)).unwrap_or(u16::MAX);
    let rows = share(height, 11, 20).clamp(8, 24).saturating_add(changes);
    rows.min(height.saturating_sub(5))
}

/// How many of a conversation's `rows` are kept for posts that are still on their way. They get all
/// that they need, but never more than half.
pub fn pending_rows(model: &Model, rows: usize) -> usize {
    let Some(ticket) = model.conversation.ticket else { return 0 };
    let area = Layout::of(model).and_then(|layout| layout.conversation);
    let columns = usize::from(area.map_or(0, |it| it.width).saturating_sub(BESIDE_TEXT));
    let posts = model.outbox.posts(ticket);
    let wanted: usize = posts
        .map(|(entry, lines)| match &entry.change {
            Change::Post { text, .. } => pending_lines(text, lines, columns, rows).len() + 2,
            _ => lines.len() + 2,
        })
        .sum();
    wanted.min(rows / 2)
}

/// The lines of a post that is on its way, as it was reviewed. If it was reviewed for another width
/// than `columns`, it is shown as typed, with at most `rows` lines.
pub fn pending_lines<'a>(
    text: &str,
    reviewed: &'a [StyledLine],
    columns: usize,
    rows: usize,
) -> Cow<'a, [StyledLine]> {
    let width = |line: &StyledLine| display_width(&line.text()) + 2 * usize::from(line.quote);
    if !reviewed.is_empty() && reviewed.iter().all(|line| width(line) <= columns + 1) {
        return reviewed.into();
    }
    let columns = columns.max(1);
    let most = columns.saturating_mul(rows);
    let lines = text.lines().take(rows).flat_map(|line| {
        let shown = line.char_indices().nth(most).map_or(line, |(end, _)| &line[..end]);
        textwrap::wrap(shown, columns)
    });
    lines.take(rows).map(StyledLine::plain).collect::<Vec<_>>().into()
}

/// Whether the conversation pane is on screen.
pub fn shows_conversation(model: &Model) -> bool {
    Layout::of(model).is_some_and(|layout| layout.conversation.is_some())
}

/// The columns that a conversation's text is wrapped to on a screen like this one.
pub fn text_width(model: &Model) -> u16 {
    let conversation = Layout::of(model).and_then(|layout| layout.conversation);
    let width = conversation.map_or(model.size.0, |area| area.width);
    width.saturating_sub(BESIDE_TEXT).clamp(16, WIDEST_TEXT)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::app::{Settings, keymap::KeyMap};

    #[test]
    fn a_terminal_may_claim_any_size() {
        for size in [(0, 0), (1, 1), (60, 16), (5_042, 5_958), (u16::MAX, u16::MAX)] {
            let model =
                Model::new(Settings::default(), KeyMap::default(), size, Timestamp::UNIX_EPOCH);
            let layout = Layout::of(&model);
            assert_eq!(layout.is_some(), size >= SMALLEST);
            let rows = layout.map_or(0, |it| it.list_rows());
            assert!(rows <= usize::from(size.1));
        }
    }
}
