//! The line of views: the shown part of each tab, and its place.

use crate::{
    app::{Model, command::ConsoleCommand},
    domain::{columns, short::short_forms},
};

/// The widest names of tabs that are tried where there is no room for all names in full.
const SHORT: [usize; 7] = [9, 8, 7, 6, 5, 4, 3];

/// A tab as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its position.
    pub at: usize,
    /// Its key, with the space after it.
    pub key: String,
    /// Its name, or a short form of it.
    pub name: String,
    /// Its count, with the space before it, where there is room for it.
    pub count: String,
    /// Whether a space follows it.
    pub spaced: bool,
}

impl Label {
    fn width(&self) -> usize {
        let texts = [&self.key, &self.name, &self.count].map(|it| columns::width(it));
        1 + texts.iter().sum::<usize>() + usize::from(self.spaced)
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

/// The tabs in a line of `columns`: with the count of each, by short names if there is no room for
/// the full ones; or else with the count of the open one alone; or else as many around the open one
/// as there is room for.
pub fn shown(model: &Model, columns: usize) -> Shown {
    let place = columns::width(&place(model)) + 1;
    let used = |labels: &[Label]| labels.iter().map(Label::width).sum::<usize>();
    let fits = |labels: &Vec<Label>| used(labels) <= columns;
    let full = labels(model, true);
    let fitting = match fits(&full) {
        true => Some(full),
        false => {
            let mut short = SHORT.iter().map(|most| shortened(model, &full, *most));
            short.find(fits).or_else(|| Some(labels(model, false)).filter(fits))
        }
    };
    match fitting {
        Some(labels) => {
            let place = used(&labels) + place + 2 <= columns;
            Shown { places: places(&labels, 0), labels, cut: None, place }
        }
        None => around(model, columns),
    }
}

/// The labels with names of at most `most` columns, as close together as can be.
fn shortened(model: &Model, labels: &[Label], most: usize) -> Vec<Label> {
    let names: Vec<&str> = labels.iter().map(|label| label.name.as_str()).collect();
    let open = |label: &Label| label.at == model.list.active;
    let forms = short_forms(&names, most).into_iter();
    let short = labels.iter().zip(forms);
    short.map(|(it, name)| Label { name, spaced: open(it), ..it.clone() }).collect()
}

/// As many tabs around the open one as there is room for.
fn around(model: &Model, columns: usize) -> Shown {
    let all = labels(model, false);
    let wide = |at: usize| all.get(at).map_or(0, Label::width);
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
    let places = places(&labels, 2);
    Shown { labels, places, cut, place: false }
}

fn places(labels: &[Label], from: usize) -> Vec<(usize, usize, usize)> {
    let mut at = from;
    let mut places = Vec::new();
    for label in labels {
        let width = label.width();
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
        let tab = model.list.tabs.get(at);
        let (name, count) = tab.map_or((String::new(), 0), |it| (it.view.name.clone(), it.count));
        // Before anything was read, a zero would say that there is nothing.
        let known = count > 0 || model.progress.stored && model.has_read();
        let shown = known && (counts || open);
        let count = if shown { format!(" {}", count_words(count)) } else { String::new() };
        Label { at, key, name, count, spaced: true }
    };
    let there = (0..model.list.tabs.len()).filter(|at| model.list.has_tab(*at));
    there.map(|at| label(at, at == model.list.active)).collect()
}

/// A count in at most four letters as long as there are fewer than a million: `9999`, `10k`, `250k`.
fn count_words(count: usize) -> String {
    if count < 10_000 { count.to_string() } else { format!("{}k", count / 1_000) }
}
