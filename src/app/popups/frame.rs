//! The frame of a popup: the words at its edges, and its place.

use super::Popup;
use crate::{
    app::{
        Model,
        layout::{Area, Layout, POPUP_FRAME, popup_width},
        tone::Tone,
    },
    domain::columns,
};

/// The words in the lower edge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edge {
    /// Nothing.
    #[default]
    Bare,
    /// Keys, and what each does.
    Keys(Vec<(String, &'static str)>),
    /// Words.
    Words(String, Tone),
}

/// The columns between two keys.
const GAP: usize = 2;

fn key_width((key, what): &(String, &str)) -> usize {
    columns::width(key) + 1 + columns::width(what)
}

impl Edge {
    /// Keys and what they do; those without a key are left out.
    pub fn keys<const N: usize>(keys: [(&str, &'static str); N]) -> Self {
        let bound = keys.into_iter().filter(|(key, _)| !key.is_empty());
        Self::Keys(bound.map(|(key, what)| (key.to_owned(), what)).collect())
    }

    fn width(&self) -> usize {
        match self {
            Self::Bare => 0,
            Self::Words(text, _) => columns::width(text),
            Self::Keys(keys) => {
                keys.iter().map(key_width).sum::<usize>() + GAP * keys.len().saturating_sub(1)
            }
        }
    }

    /// The keys that have room in so many columns, with the column where each begins, and its columns
    /// with its words.
    pub fn placed(&self, room: usize) -> impl Iterator<Item = (usize, usize, &str)> {
        let keys = if let Self::Keys(keys) = self { &keys[..] } else { &[] };
        let placed = keys.iter().scan(0, |from, it| {
            let at = *from;
            *from += key_width(it) + GAP;
            Some((at, key_width(it), it.0.as_str()))
        });
        placed.filter(move |(from, wide, _)| from + wide <= room)
    }
}

/// A popup's frame on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The words in its upper edge.
    pub title: String,
    /// The words in its lower edge.
    pub edge: Edge,
    /// How it is meant.
    pub tone: Tone,
    /// Whether it decides something for good: the frame is heavier.
    pub grave: bool,
    /// Where it stands, the frame included.
    pub area: Area,
}

impl Frame {
    /// The frame of a popup in the middle of the panes; `None` where the screen is too small.
    pub fn of(model: &Model, popup: &Popup) -> Option<Self> {
        let layout = Layout::of(model)?;
        let (title, edge) = (popup.title(model), popup.edge(model));
        let (columns, rows) = popup.size(model, &layout);
        // Its subject has gone, so the popup closes with the next message.
        if rows == 0 {
            return None;
        }
        let (above, below) = (columns::width(&title) + 6, edge.width() + 6);
        let width = popup_width((columns + POPUP_FRAME).max(above).max(below), layout.body.width);
        let height = u16::try_from(rows + 2).unwrap_or(u16::MAX).min(layout.body.height);
        let beside = layout.body.width - width;
        let area = Area {
            x: layout.body.x + if popup.side(model) { beside } else { beside / 2 },
            y: layout.body.y + (layout.body.height - height).div_ceil(3),
            width,
            height,
        };
        Some(Self { title, edge, tone: popup.tone(), grave: popup.is_grave(), area })
    }

    /// The place for the words in the lower edge.
    pub fn edge_row(&self) -> Area {
        let area = self.area;
        Area {
            x: area.x + 2,
            y: area.y + area.height.saturating_sub(1),
            width: area.width.saturating_sub(6),
            height: 1,
        }
    }

    /// The place for the content: within the edges, and a space before and after.
    pub fn inner(&self) -> Area {
        let area = self.area;
        Area {
            x: area.x + 2,
            y: area.y + 1,
            width: area.width.saturating_sub(4),
            height: area.height.saturating_sub(2),
        }
    }
}
