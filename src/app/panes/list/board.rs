//! The board: the listed tickets in columns by their status. The list's cursor is the board's, so that
//! every command, mark and undo is the list's own.

use super::{List, clear, open, open_view};
use crate::{
    app::{
        Focus, Model,
        command::BoardCommand,
        cursor::{Page, Step},
        effect::Effects,
        layout::{Area, LIST_HEAD, Layout},
    },
    domain::{ActiveState, Place, Shelf, Status, StatusId, StatusMatch},
};

/// The columns of the narrowest column, the gap after it included.
const NARROWEST: u16 = 24;

/// The columns of the widest column.
const WIDEST: u16 = 44;

/// The rows of a card.
pub const CARD_ROWS: u16 = 3;

/// The rows of a column's head, with the empty row below it.
pub const COLUMN_HEAD: u16 = 2;

/// The board, while it takes the place of list and conversation.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// The columns.
    pub columns: Vec<BoardColumn>,
    /// The first column on screen.
    pub first: usize,
    /// The view that was open before.
    from: usize,
    /// The tickets that the columns were made of, and their version.
    made_of: (Vec<Place>, u64),
}

/// The tickets of a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardColumn {
    /// The status.
    pub status: Status,
    /// The positions of its tickets among the listed ones, in their order.
    pub cards: Vec<usize>,
    /// The first card on screen.
    pub top: usize,
}

impl Model {
    /// Whether the board is on screen.
    pub fn is_on_board(&self) -> bool {
        self.board.is_some() && self.focus == Focus::List
    }
}

impl Board {
    /// The column and the card of a position among the listed tickets.
    fn place_of(&self, position: usize) -> Option<(usize, usize)> {
        let mut columns = self.columns.iter().enumerate();
        columns.find_map(|(at, it)| Some((at, it.cards.binary_search(&position).ok()?)))
    }
}

/// Opens the board, or leaves it. Where the open view has some statuses only, the board is that of the
/// view of all active tickets.
pub(in crate::app) fn toggle(model: &mut Model) -> Effects {
    if model.board.is_some() {
        return leave(model);
    }
    let from = model.list.active;
    model.focus = Focus::List;
    model.board = Some(Board { from, ..Board::default() });
    let selected = model.selected();
    let is_whole = |list: &List, at: usize| {
        list.tabs.get(at).is_some_and(|tab| {
            let query = &tab.view.query;
            query.status == StatusMatch::Any && query.shelf == Shelf::Any
        })
    };
    if is_whole(&model.list, from) {
        return Effects::none();
    }
    let is_all = |at: &usize| {
        let tab = model.list.tabs.get(*at);
        is_whole(&model.list, *at)
            && tab.is_some_and(|tab| tab.view.query.state == ActiveState::Active)
    };
    let Some(all) = (0..model.list.tabs.len()).find(is_all) else { return Effects::none() };
    let effects = open_view(model, all);
    if let Some(ticket) = selected {
        model.select(ticket);
    }
    effects.and(model.follow_cursor())
}

/// Goes back to the view that was open before the board, on the same ticket if that view has it.
fn leave(model: &mut Model) -> Effects {
    let Some(board) = model.board.take() else { return Effects::none() };
    model.focus = Focus::List;
    if board.from == model.list.active {
        return model.fit_conversation();
    }
    let selected = model.selected();
    let effects = open_view(model, board.from);
    if let Some(ticket) = selected {
        model.select(ticket);
    }
    effects.and(model.follow_cursor()).and(model.fit_conversation())
}

/// A command of the board alone.
pub(in crate::app) fn run(model: &mut Model, command: BoardCommand) -> Effects {
    match command {
        BoardCommand::Open => open(model),
        BoardCommand::Left => across(model, -1),
        BoardCommand::Right => across(model, 1),
        BoardCommand::Leave => {
            let is_narrowed = model.list.tab().is_some_and(super::Tab::is_narrowed);
            match model.is_serving() || is_narrowed || !model.marks.is_empty() {
                true => clear(model),
                false => leave(model),
            }
        }
    }
}

/// The name of a command of the board at this moment.
pub(in crate::app) fn hint(
    model: &Model,
    command: BoardCommand,
    usual: &'static str,
) -> Option<&'static str> {
    match command {
        BoardCommand::Open => model.ticket_at_hand().map(|_| usual),
        BoardCommand::Leave if model.is_serving() => Some("ends serving"),
        BoardCommand::Leave if model.list.tab().is_some_and(super::Tab::is_narrowed) => {
            Some("clears the filter")
        }
        BoardCommand::Leave if !model.marks.is_empty() => Some("takes the marks off"),
        BoardCommand::Leave | BoardCommand::Left | BoardCommand::Right => Some(usual),
    }
}

/// Moves within the column of the cursor.
pub(super) fn step(model: &mut Model, step: Step) -> Effects {
    let rows = cards_on_screen(model).max(2);
    let Some(board) = &model.board else { return Effects::none() };
    let Some((column, card)) = board.place_of(model.list.cursor) else { return Effects::none() };
    let Some(column) = board.columns.get(column) else { return Effects::none() };
    let to = step.from(card, column.cards.len().saturating_sub(1), Page::of_cursor(rows));
    if let Some(position) = column.cards.get(to) {
        model.list.cursor = *position;
    }
    model.follow_cursor()
}

/// Moves to the next column with a card, at the same height on screen.
fn across(model: &mut Model, by: isize) -> Effects {
    let Some(board) = &model.board else { return Effects::none() };
    let Some((from, card)) = board.place_of(model.list.cursor) else { return Effects::none() };
    let row = board.columns.get(from).map_or(0, |column| card.saturating_sub(column.top));
    let mut at = from;
    let to = loop {
        let Some(next) = at.checked_add_signed(by) else { break None };
        let Some(column) = board.columns.get(next) else { break None };
        if !column.cards.is_empty() {
            break Some(column);
        }
        at = next;
    };
    let card = to.and_then(|it| it.cards.get((it.top + row).min(it.cards.len() - 1)));
    if let Some(position) = card.copied() {
        model.list.cursor = position;
    }
    model.follow_cursor()
}

/// Makes the columns anew if the listed tickets are others by now, and brings the cursor's card on
/// screen.
pub(in crate::app) fn settle(model: &mut Model) {
    let Some(board) = &model.board else { return };
    let made_of = (model.list.listed(), model.tickets.version());
    let is_same = (board.made_of.0.as_slice(), board.made_of.1) == made_of;
    let made = (!is_same || board.columns.is_empty())
        .then(|| (columns(model, &board.columns), (made_of.0.to_vec(), made_of.1)));
    if let (Some(board), Some((columns, made_of))) = (&mut model.board, made) {
        board.columns = columns;
        board.made_of = made_of;
    }
    let rows = cards_on_screen(model);
    let shown = usize::from(columns_on_screen(model).0);
    let cursor = model.list.cursor;
    let Some(board) = &mut model.board else { return };
    for column in &mut board.columns {
        column.top = column.top.min(column.cards.len().saturating_sub(rows));
    }
    if let Some((at, card)) = board.place_of(cursor) {
        if let Some(column) = board.columns.get_mut(at) {
            column.top = column.top.clamp((card + 1).saturating_sub(rows), card);
        }
        board.first = board.first.clamp((at + 1).saturating_sub(shown), at);
    }
    board.first = board.first.min(board.columns.len().saturating_sub(shown));
}

/// A column for each status that the view may have, and for each that a listed ticket has. A column
/// keeps its window. The statuses in which the customer waits come first, and Closed comes last.
fn columns(model: &Model, before: &[BoardColumn]) -> Vec<BoardColumn> {
    let query = model.list.tab().map(|tab| &tab.view.query);
    let narrow = model.list.tab().map(|tab| &tab.narrow);
    let is_whole = query.is_some_and(|query| query.status == StatusMatch::Any)
        && narrow.is_none_or(|narrow| narrow.statuses.is_empty());
    let top = |status: &Status| {
        before.iter().find(|it| it.status.id == status.id).map_or(0, |column| column.top)
    };
    let column = |status: &Status| BoardColumn {
        status: status.clone(),
        cards: Vec::new(),
        top: top(status),
    };
    let known = model.directory.statuses.iter().filter(|_| is_whole);
    let mut columns: Vec<BoardColumn> = known.map(column).collect();
    let rows = model.tickets.rows();
    let mut last = 0;
    for (position, place) in model.list.listed().iter().enumerate() {
        let Some(row) = rows.at(*place) else { continue };
        let is_its = |it: &BoardColumn| it.status.id == row.status.id;
        if !columns.get(last).is_some_and(is_its) {
            last = columns.iter().position(is_its).unwrap_or(columns.len());
        }
        if last == columns.len() {
            columns.push(column(row.status));
        }
        if let Some(column) = columns.get_mut(last) {
            column.cards.push(position);
        }
    }
    let waits = |status: StatusId| model.settings.waiting.holds(status);
    columns.sort_by_key(|column| {
        let id = column.status.id;
        (!waits(id), id == StatusId::CLOSED, id)
    });
    columns
}

/// How many columns are on screen, and how wide each is with the gap after it.
pub fn columns_on_screen(model: &Model) -> (u16, u16) {
    let width = Layout::of(model).and_then(|layout| layout.board).map_or(0, |area| area.width);
    let all = model.board.as_ref().map_or(0, |board| board.columns.len());
    let all = u16::try_from(all).unwrap_or(u16::MAX).max(1);
    let shown = (width / NARROWEST).clamp(1, all);
    (shown, (width / shown).min(WIDEST))
}

/// How many cards a column has on screen.
fn cards_on_screen(model: &Model) -> usize {
    let area = Layout::of(model).and_then(|layout| layout.board);
    let rows = area.map_or(0, |area| area.height.saturating_sub(LIST_HEAD + COLUMN_HEAD));
    usize::from(rows / CARD_ROWS).max(1)
}

/// A column on screen: its position, its place, and its cards on screen by their positions among the
/// listed tickets.
pub type PlacedColumn = (usize, Area, Vec<(usize, Area)>);

/// The columns on screen with their places, and of each the cards on screen with theirs, by their
/// positions among the listed tickets. The head of the list stands above them.
pub fn places(model: &Model, area: Area) -> Vec<PlacedColumn> {
    let Some(board) = &model.board else { return Vec::new() };
    let (_, area) = area.split_top(LIST_HEAD);
    let (shown, width) = columns_on_screen(model);
    let rows = cards_on_screen(model);
    let columns = board.columns.iter().enumerate().skip(board.first);
    let placed = (0..shown).zip(columns).map(|(on_screen, (at, column))| {
        let x = area.x + on_screen * width;
        let place = Area { x, width: width.saturating_sub(1), ..area };
        let cards = column.cards.iter().skip(column.top).take(rows);
        let cards = (0..).zip(cards).map(|(row, position)| {
            let y = area.y + COLUMN_HEAD + row * CARD_ROWS;
            (*position, Area { y, height: CARD_ROWS, ..place })
        });
        (at, place, cards.collect())
    });
    placed.collect()
}
