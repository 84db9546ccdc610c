//! The places that the mouse can hit: each meaningful place on screen, as data.

use super::{
    Model,
    field::{By, Field},
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
    /// A popup, beside what can be chosen in it.
    Popup,
}

/// The places of the moment, nearest first. If two of them hold a cell, the first counts. While a
/// popup is open, there are no places beside it.
pub fn hits(model: &Model) -> Vec<(Area, Hit)> {
    let Some(layout) = Layout::of(model) else { return Vec::new() };
    if let Some(popup) = &model.popup {
        let Some(frame) = Frame::of(model, popup) else { return Vec::new() };
        let mut hits = popup.hits(model, frame.inner());
        hits.push((frame.area, Hit::Popup));
        return hits;
    }
    let views = tabs::shown(model, usize::from(layout.tabs.width)).places;
    let mut hits: Vec<(Area, Hit)> = views
        .into_iter()
        .map(|(at, from, columns)| {
            let x = layout.tabs.x + u16::try_from(from).unwrap_or(u16::MAX);
            let width = u16::try_from(columns).unwrap_or(0);
            (Area { x, width, ..layout.tabs }, Hit::View(at))
        })
        .collect();
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

/// What the cell in this column and row means.
pub fn at(model: &Model, x: u16, y: u16) -> Option<Hit> {
    hits(model).into_iter().find(|(area, _)| area.holds(x, y)).map(|(_, hit)| hit)
}
