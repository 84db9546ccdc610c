//! The hint line: the keys that do something at this moment, and their names.

use super::{
    Model,
    command::{Command, ConsoleCommand, ReviewCommand, Scope, Spec, TABLE},
    keymap::show_sequence,
    surfaces,
};
use crate::domain::columns;

/// A key and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The key, as it is shown to people.
    pub key: String,
    /// What it does, in a word or two.
    pub what: &'static str,
}

impl Hint {
    /// The columns that it takes.
    pub fn width(&self) -> usize {
        columns::width(&self.key) + 1 + columns::width(self.what)
    }
}

/// The columns between two hints.
const GAP: usize = 2;

/// The hints that have room in so many columns, each with the column where it begins. The last one stands
/// at the end.
pub fn line(model: &Model, columns: usize) -> Vec<(usize, Hint)> {
    let hints = hints(model);
    let columns = columns.saturating_sub(1);
    let last = hints.last.map(|hint| (columns.saturating_sub(hint.width()), hint));
    let room = last.as_ref().map_or(columns, |(at, _)| at.saturating_sub(GAP));
    let (mut shown, mut used) = (Vec::new(), 1);
    for hint in hints.all {
        let from = if shown.is_empty() { used } else { used + GAP };
        let end = from + hint.width();
        if end <= room {
            shown.push((from, hint));
            used = end;
        }
    }
    shown.extend(last);
    shown
}

/// The hints of the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// In their order, as far as there is room.
    pub all: Vec<Hint>,
    /// The one that always has its place, at the end.
    pub last: Option<Hint>,
}

/// The keys that do something here; after the beginning of a sequence, those that may follow.
pub fn hints(model: &Model) -> Hints {
    match model.pending_keys.as_slice() {
        [] => here(model),
        begun => Hints { all: after(model, &show_sequence(begun)), last: None },
    }
}

fn here(model: &Model) -> Hints {
    let mut hints = Hints::default();
    let scopes = model.scopes();
    for spec in specs(&scopes).filter(|spec| !spec.hint.is_empty()) {
        let Some(key) = model.keymap.keys_in(&scopes, spec.command).first() else { continue };
        let Some(what) = surfaces::hint(model, spec) else { continue };
        let key = key.clone();
        match spec.command {
            Command::Console(ConsoleCommand::Help) => hints.last = Some(Hint { key, what }),
            Command::Review(ReviewCommand::SubmitAs(1)) => {
                let last = model.submit_choices().max().unwrap_or(1);
                let last = model.keymap.key_for(ReviewCommand::SubmitAs(last));
                hints.all.push(Hint { key: format!("{key}…{last}"), what });
            }
            _ => hints.all.push(Hint { key, what }),
        }
    }
    hints
}

fn after(model: &Model, begun: &str) -> Vec<Hint> {
    let prefix = format!("{begun} ");
    let scopes = model.scopes();
    let rest = specs(&scopes).filter_map(|spec| {
        let keys = model.keymap.keys_in(&scopes, spec.command);
        let key = keys.iter().find_map(|keys| keys.strip_prefix(&prefix))?.to_owned();
        // The words after a colon are for the help.
        let what = spec.title.split(':').next().unwrap_or(spec.title);
        Some(Hint { key, what })
    });
    [Hint { key: format!("{begun}…"), what: "then" }].into_iter().chain(rest).collect()
}

/// The commands of the scopes at hand, nearest scope first.
fn specs(scopes: &[Scope]) -> impl Iterator<Item = &'static Spec> {
    scopes.iter().flat_map(|scope| TABLE.iter().filter(move |it| it.scope == *scope))
}
