//! The line of views: the shown part of each tab, and its place.

use crate::{
    app::{Model, command::ConsoleCommand},
    domain::columns,
};

/// A tab as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its position.
    pub at: usize,
    /// Its key, with the space after it.
    pub key: String,
    /// Its count, with the space before it, where there is room for it.
    pub count: String,
}

impl Label {
    fn width(&self, model: &Model) -> usize {
        let name = model.list.tabs.get(self.at).map_or(0, |tab| columns::width(&tab.view.name));
        columns::width(&self.key) + name + columns::width(&self.count) + 2
    }
}

/// The tabs that are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Their labels, in order.
    pub labels: Vec<Label>,
    /// The position, the first column and the columns of each.
    pub places: Vec<(usize, usize, usize)>,
    /// If there is no room for all: whether there are others before, and after.
    pub cut: Option<(bool, bool)>,
    /// Whether the name of the place has room at the right.
    pub place: bool,
}

/// The name of the profile and its server.
pub fn place(model: &Model) -> String {
    match model.settings.server.as_str() {
        "" => model.settings.profile.clone(),
        server => format!("{} · {server}", model.settings.profile),
    }
}

/// The tabs in a line of `columns`: with the count of each, of the open one alone, or as many around
/// the open one as there is room for.
pub fn shown(model: &Model, columns: usize) -> Shown {
    let place = columns::width(&place(model)) + 1;
    for counts in [true, false] {
        let labels = labels(model, counts);
        let used: usize = labels.iter().map(|label| label.width(model)).sum();
        if used <= columns {
            let places = places(model, &labels, 0);
            return Shown { labels, places, cut: None, place: used + place + 2 <= columns };
        }
    }
    around(model, columns)
}

/// As many tabs around the open one as there is room for.
fn around(model: &Model, columns: usize) -> Shown {
    let all = labels(model, false);
    let wide = |at: usize| all.get(at).map_or(0, |label| label.width(model));
    let active = all.iter().position(|label| label.at == model.list.active).unwrap_or(0);
    let (mut first, mut last, mut used) = (active, active, wide(active));
    let room = columns.saturating_sub(4);
    loop {
        let after = last + 1 < all.len() && used + wide(last + 1) <= room;
        if after {
            last += 1;
            used += wide(last);
        }
        let before = first > 0 && used + wide(first - 1) <= room;
        if before {
            first -= 1;
            used += wide(first);
        }
        if !after && !before {
            break;
        }
    }
    let cut = Some((first > 0, last + 1 < all.len()));
    let labels: Vec<Label> = all.into_iter().skip(first).take(last + 1 - first).collect();
    let places = places(model, &labels, 2);
    Shown { labels, places, cut, place: false }
}

fn places(model: &Model, labels: &[Label], from: usize) -> Vec<(usize, usize, usize)> {
    let mut at = from;
    let mut places = Vec::new();
    for label in labels {
        let width = label.width(model);
        places.push((label.at, at, width));
        at += width;
    }
    places
}

fn labels(model: &Model, counts: bool) -> Vec<Label> {
    let label = |at: usize, open: bool| {
        let number = u8::try_from(at + 1).unwrap_or(u8::MAX);
        let key = model.keymap.key_for(ConsoleCommand::View(number));
        let key = if key.is_empty() { String::new() } else { format!("{key} ") };
        let count = model.list.tabs.get(at).map_or(0, |tab| tab.count);
        let known = model.progress.stored || count > 0;
        let count = if known && (counts || open) { format!(" {count}") } else { String::new() };
        Label { at, key, count }
    };
    let there = (0..model.list.tabs.len()).filter(|at| model.list.has_tab(*at));
    there.map(|at| label(at, at == model.list.active)).collect()
}
