//! The filter that an agent types to narrow a list. All its words must be found somewhere in a row.

use std::{num::NonZero, thread};

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{Atom, AtomKind, CaseMatching, Normalization, Pattern},
};

use super::{Place, Priority, RowRef, Rows, rows::Packed};

/// Fewer rows than this are not worth a thread.
const SHARE: usize = 8_000;

/// Words that must each be found in number, subject, client, department, status, priority or tags,
/// whatever its case and accents. A word is found as a whole: for subjects, a scattered match would
/// surprise.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    atoms: Vec<Atom>,
}

/// A matcher with its scratch memory.
struct Eye {
    matcher: Matcher,
    scratch: Vec<char>,
}

impl Eye {
    fn new() -> Self {
        Self { matcher: Matcher::new(Config::DEFAULT), scratch: Vec::new() }
    }

    fn sees(&mut self, atom: &Atom, text: &str) -> bool {
        atom.score(Utf32Str::new(text, &mut self.scratch), &mut self.matcher).is_some()
    }
}

impl Filter {
    /// The words of a text.
    pub fn of(text: &str) -> Self {
        let kind = AtomKind::Substring;
        Self { atoms: Pattern::new(text, CaseMatching::Ignore, Normalization::Smart, kind).atoms }
    }

    /// Whether the filter has no words.
    pub fn is_empty(&self) -> bool {
        self.atoms.is_empty()
    }

    /// Whether a row has all the words.
    pub fn takes(&self, row: RowRef<'_>) -> bool {
        if self.is_empty() {
            return true;
        }
        let mut eye = Eye::new();
        let number = row.id.to_string();
        let names = [row.client.map(|it| &it.name), row.department.map(|it| &it.name)];
        let lines = names.into_iter().flatten().chain(row.tags).chain([&row.status.title]);
        let texts: Vec<&str> = [number.as_str(), row.subject.as_str(), row.priority.as_str()]
            .into_iter()
            .chain(lines.map(|line| line.as_str()))
            .collect();
        self.atoms.iter().all(|atom| texts.iter().any(|text| eye.sees(atom, text)))
    }

    /// Those of `places` whose rows have all the words, in their order. The work is shared out over
    /// the processor's cores.
    pub fn among(&self, rows: &Rows, places: &[Place]) -> Vec<Place> {
        if self.is_empty() {
            return places.to_vec();
        }
        let mut eye = Eye::new();
        let seen: Vec<Sighted<'_>> =
            self.atoms.iter().map(|atom| Sighted::of(atom, rows, &mut eye)).collect();
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let share = places.len().div_ceil(cores).max(SHARE);
        thread::scope(|scope| {
            let parts = places.chunks(share).map(|part| {
                let seen = &seen;
                scope.spawn(move || narrowed(rows, part, seen))
            });
            let parts: Vec<_> = parts.collect();
            // A part whose thread panics counts as one without a match.
            parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
        })
    }
}

fn narrowed(rows: &Rows, places: &[Place], seen: &[Sighted<'_>]) -> Vec<Place> {
    let mut eye = Eye::new();
    let has_all = |packed: &Packed, eye: &mut Eye| seen.iter().all(|word| word.is_in(packed, eye));
    let found = places.iter().copied();
    found.filter(|place| rows.packed(*place).is_some_and(|it| has_all(it, &mut eye))).collect()
}

/// A word with the numbers of the shared names that contain it. Each name is looked through once,
/// and not for each of the many rows that have it.
struct Sighted<'a> {
    atom: &'a Atom,
    /// The word, where it could be a number or a part of one.
    digits: bool,
    statuses: Vec<bool>,
    departments: Vec<bool>,
    clients: Vec<bool>,
    tags: Vec<bool>,
    priorities: [(Priority, bool); 4],
}

impl<'a> Sighted<'a> {
    fn of(atom: &'a Atom, rows: &Rows, eye: &mut Eye) -> Self {
        let names = &rows.names;
        let mut sees = |text: &str| eye.sees(atom, text);
        let all = [Priority::Unknown, Priority::Normal, Priority::High, Priority::Urgent];
        let needle = atom.needle_text();
        Self {
            atom,
            digits: needle.chars().all(|it| it == '#' || it.is_ascii_digit()),
            statuses: names.statuses.iter().map(|it| sees(it.title.as_str())).collect(),
            departments: names
                .departments
                .iter()
                .map(|it| it.as_ref().is_some_and(|it| sees(it.name.as_str())))
                .collect(),
            clients: names
                .clients
                .iter()
                .map(|it| it.as_ref().is_some_and(|it| sees(it.name.as_str())))
                .collect(),
            tags: names.tags.iter().map(|set| set.iter().any(|tag| sees(tag.as_str()))).collect(),
            priorities: all.map(|it| (it, sees(it.as_str()))),
        }
    }

    fn is_in(&self, packed: &Packed, eye: &mut Eye) -> bool {
        let has = |list: &[bool], number: u32| list.get(number as usize) == Some(&true);
        has(&self.statuses, packed.status)
            || has(&self.departments, packed.department)
            || has(&self.clients, packed.client)
            || has(&self.tags, packed.tags)
            || self.priorities.contains(&(packed.priority, true))
            || eye.sees(self.atom, packed.subject.as_str())
            || self.digits && eye.sees(self.atom, &packed.id.to_string())
    }
}
