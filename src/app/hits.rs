//! The places that the mouse can hit: each meaningful place on screen, as data.

use crokey::KeyCombination;

use super::{
    Focus, Model,
    field::{By, Field},
    hints,
    keymap::show_sequence,
    layout::{Area, CONVERSATION_HEAD, LIST_HEAD, Layout, pending_rows},
    panes::{list::board, tabs},
    popups::frame::Frame,
};

/// What a place on screen means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The tab of the view with this position.
    View(usize),
    /// The list's row with this position among the listed tickets.
    Row(usize),
    /// The conversation's line with this number.
    Line(usize),
    /// The list, beside its rows.
    List,
    /// The conversation, beside its lines.
    Conversation,
    /// The reply pane.
    Composer,
    /// The choice with this position among those that match.
    Choice(usize),
    /// A field of a form.
    Field(Field),
    /// A field of the filter by fields.
    By(By),
    /// A number of the dashboard: its panel, and which one there.
    Number(usize, usize),
    /// The line of the outbox list with this number.
    Entry(usize),
    /// The key with this position among those that stand at the edge of the popup and in the line of
    /// hints.
    Key(usize),
    /// A popup, beside what can be chosen in it.
    Popup,
}

/// The places of the moment, nearest first. If two of them hold a cell, the first counts. While a
/// popup is open, there are no places beside it.
pub fn hits(model: &Model) -> Vec<(Area, Hit)> {
    let Some(layout) = Layout::of(model) else { return Vec::new() };
    let keys = keys(model).into_iter().enumerate().map(|(at, (area, _))| (area, Hit::Key(at)));
    let mut hits: Vec<(Area, Hit)> = keys.collect();
    if let Some(popup) = &model.popup {
        let Some(frame) = Frame::of(model, popup) else { return Vec::new() };
        hits.extend(popup.hits(model, frame.inner()));
        hits.push((frame.area, Hit::Popup));
        return hits;
    }
    let views = tabs::shown(model, usize::from(layout.tabs.width)).places;
    hits.extend(
        views
            .into_iter()
            .map(|(at, from, columns)| (within(layout.tabs, from, columns), Hit::View(at))),
    );
    if let Some(area) = layout.board {
        for (_, column, cards) in board::places(model, area) {
            hits.extend(cards.into_iter().map(|(at, card)| (card, Hit::Row(at))));
            hits.push((column, Hit::List));
        }
        hits.push((area, Hit::List));
    }
    if let Some(list) = layout.list {
        let (_, rows) = list.split_top(LIST_HEAD);
        let listed = (model.list.top..model.list.listed().len()).map(Hit::Row);
        hits.extend(rows.lines().zip(listed));
        hits.push((list, Hit::List));
    }
    if let Some(conversation) = layout.conversation {
        let (_, text) = conversation.split_top(CONVERSATION_HEAD);
        let kept = pending_rows(model, usize::from(text.height));
        let rows = text.lines().take(usize::from(text.height) - kept);
        let lines = (model.conversation.top..model.conversation.pieces.len()).map(Hit::Line);
        hits.extend(rows.zip(lines));
        hits.push((conversation, Hit::Conversation));
    }
    hits.extend(layout.composer.map(|area| (area, Hit::Composer)));
    hits
}

/// Some columns of a row.
fn within(row: Area, from: usize, columns: usize) -> Area {
    let x = row.x.saturating_add(u16::try_from(from).unwrap_or(u16::MAX));
    Area { x, width: u16::try_from(columns).unwrap_or(0), height: 1, ..row }
}

/// The keys that are shown to people, each with its place: at the edge of the popup, then in the line of
/// hints.
fn keys(model: &Model) -> Vec<(Area, String)> {
    let Some(layout) = Layout::of(model) else { return Vec::new() };
    let mut keys = Vec::new();
    if let Some(frame) = model.popup.as_ref().and_then(|popup| Frame::of(model, popup)) {
        let edge = frame.edge_row();
        let placed = frame.edge.placed(usize::from(edge.width));
        keys.extend(placed.map(|(from, wide, key)| (within(edge, from, wide), key.to_owned())));
    }
    let line = hints::line(model, usize::from(layout.hints.width));
    keys.extend(line.into_iter().map(|(from, hint)| {
        let wide = hint.width();
        (within(layout.hints, from, wide), hint.key)
    }));
    keys
}

/// What is pressed for the key with this position, if it is one key or one sequence. After the beginning
/// of a sequence it is the rest of it.
pub(super) fn key(model: &Model, at: usize) -> Option<Vec<KeyCombination>> {
    let (_, shown) = keys(model).into_iter().nth(at)?;
    let begun = &model.pending_keys;
    let scopes = model.scopes();
    if begun.is_empty() {
        return model.keymap.presses(&scopes, &shown);
    }
    let whole = format!("{} {shown}", show_sequence(begun));
    let keys = model.keymap.presses(&scopes, &whole)?;
    keys.get(begun.len()..).map(<[_]>::to_vec)
}

/// The place that the cursor of the surface at hand is on.
pub fn chosen(model: &Model) -> Option<Hit> {
    match (&model.popup, model.focus) {
        (Some(popup), _) => popup.chosen(model),
        (None, Focus::List) => Some(Hit::Row(model.list.cursor)),
        (None, Focus::Conversation) => Some(Hit::Line(model.conversation.cursor)),
        (None, Focus::Composer) => None,
    }
}

/// What the cell in this column and row means.
pub fn at(model: &Model, x: u16, y: u16) -> Option<Hit> {
    hits(model).into_iter().find(|(area, _)| area.holds(x, y)).map(|(_, hit)| hit)
}
