//! Walks a TOML file, and notes every problem instead of stopping at the first.

use std::{cell::RefCell, ops::RangeInclusive, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::problem::{Complaint, ConfigError};

/// How similar two names must be for one to be proposed instead of the other; from 0 to 1.
const ALIKE: f64 = 0.75;

/// The problems of one file.
#[derive(Debug)]
pub(super) struct Reader<'s> {
    source: &'s str,
    /// Where each line but the first begins.
    lines: Vec<usize>,
    problems: RefCell<Vec<Complaint>>,
}

/// A value, and the byte at which it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

/// A number or a title.
#[derive(Clone, Copy, Debug)]
pub(super) enum NumberOr<'s> {
    Number(i64),
    Title(&'s str),
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        let lines = source.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self { source, lines, problems: RefCell::default() }
    }

    /// The file as a table; empty, with a problem noted, where it is no TOML.
    pub(super) fn parse(&self) -> Spanned<DeTable<'s>> {
        DeTable::parse(self.source).unwrap_or_else(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.problem(at, error.message().replace('\n', ", "));
            Spanned::new(0..0, DeTable::new())
        })
    }

    pub(super) fn problem(&self, at: usize, reason: impl Into<String>) {
        let problem = Complaint { line: self.line(at), reason: reason.into() };
        self.problems.borrow_mut().push(problem);
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|line| *line <= at) + 1
    }

    /// The line on which the text of a string begins whose value stands at `at`.
    pub(super) fn first_line(&self, at: usize) -> usize {
        let value = self.source.get(at..).unwrap_or_default();
        let opened = value.trim_start_matches(['"', '\'']);
        let below = value.len() - opened.len() == 3 && opened.starts_with(['\r', '\n']);
        self.line(at) + usize::from(below)
    }

    /// How many problems there are so far.
    pub(super) fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    /// Notes a problem of a line, from 1.
    pub(super) fn problem_in(&self, line: usize, reason: String) {
        self.problems.borrow_mut().push(Complaint { line, reason });
    }

    /// Fails if there was any problem.
    pub(super) fn finish(self, file: &Path) -> Result<(), ConfigError> {
        let mut problems = self.problems.into_inner();
        if problems.is_empty() {
            return Ok(());
        }
        problems.sort_by_key(|problem| problem.line);
        Err(ConfigError { file: file.to_owned(), problems })
    }
}

/// A table of the file, whose keys are taken one by one; those that nobody takes are unknown.
pub(super) struct Section<'r> {
    pub(super) reader: &'r Reader<'r>,
    title: String,
    pub(super) at: usize,
    table: &'r DeTable<'r>,
    taken: Vec<&'static str>,
}

impl<'r> Section<'r> {
    pub(super) fn root(reader: &'r Reader<'r>, table: &'r DeTable<'r>) -> Self {
        Self { reader, title: String::new(), at: 0, table, taken: Vec::new() }
    }

    fn value(&mut self, key: &'static str) -> Option<&'r Spanned<DeValue<'r>>> {
        self.taken.push(key);
        self.table.get(key)
    }

    /// Leaves a key to another reader.
    pub(super) fn leave(&mut self, key: &'static str) {
        self.taken.push(key);
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let found = value.get_ref().type_str();
        self.reader.problem(value.span().start, format!("`{key}` has to be {wanted}, not {found}"));
    }

    pub(super) fn string(&mut self, key: &'static str) -> Option<Placed<&'r str>> {
        let value = self.value(key)?;
        let string = value.get_ref().as_str();
        if string.is_none() {
            self.wrong(key, value, "a string");
        }
        string.map(|string| Placed { value: string, at: value.span().start })
    }

    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong(key, value, "true or false");
        }
        boolean
    }

    pub(super) fn integer(&mut self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.value(key)?;
        let number = integer(value, &range);
        if number.is_none() {
            self.wrong_number(key, value, &range);
        }
        number
    }

    fn wrong_number(&self, key: &str, value: &Spanned<DeValue<'_>>, range: &RangeInclusive<i64>) {
        let (least, most) = (range.start(), range.end());
        let wanted = if *most == i64::MAX {
            format!("a number from {least} on")
        } else {
            format!("a number from {least} to {most}")
        };
        match value.get_ref() {
            DeValue::Integer(number) => {
                let reason = format!("`{key}` has to be {wanted}, not {number}");
                self.reader.problem(value.span().start, reason);
            }
            _ => self.wrong(key, value, &wanted),
        }
    }

    /// A list of strings; each that is none is a problem.
    pub(super) fn strings(&mut self, key: &'static str) -> Option<Placed<Vec<Placed<&'r str>>>> {
        let value = self.value(key)?;
        self.string_list(key, value)
    }

    fn string_list(
        &self,
        key: &str,
        value: &'r Spanned<DeValue<'r>>,
    ) -> Option<Placed<Vec<Placed<&'r str>>>> {
        let list = self.list(key, value, "a list of strings")?;
        let strings = list.iter().filter_map(|item| {
            let string = item.get_ref().as_str();
            if string.is_none() {
                self.wrong(key, item, "a list of strings");
            }
            Some(Placed { value: string?, at: item.span().start })
        });
        Some(Placed { value: strings.collect(), at: value.span().start })
    }

    /// A list of numbers from 1 on; each that is none is a problem.
    pub(super) fn numbers(&mut self, key: &'static str) -> Option<Vec<i64>> {
        let value = self.value(key)?;
        let list = self.list(key, value, "a list of numbers")?;
        let numbers = list.iter().filter_map(|item| {
            let number = integer(item, &(1..=i64::MAX));
            if number.is_none() {
                self.wrong_number(key, item, &(1..=i64::MAX));
            }
            number
        });
        Some(numbers.collect())
    }

    /// A number from 1 on, or a string that is not blank.
    pub(super) fn number_or_title(&mut self, key: &'static str) -> Option<NumberOr<'r>> {
        let value = self.value(key)?;
        self.either(key, value)
    }

    /// A list of numbers and strings.
    pub(super) fn numbers_or_titles(&mut self, key: &'static str) -> Vec<NumberOr<'r>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let list = self.list(key, value, "a list of titles and numbers").unwrap_or_default();
        list.iter().filter_map(|item| self.either(key, item)).collect()
    }

    fn either(&self, key: &str, value: &'r Spanned<DeValue<'r>>) -> Option<NumberOr<'r>> {
        let number = integer(value, &(1..=i64::MAX)).map(NumberOr::Number);
        let title = value.get_ref().as_str().filter(|it| !it.trim().is_empty());
        let found = number.or(title.map(NumberOr::Title));
        if found.is_none() {
            self.wrong(key, value, "a title, or a number from 1 on");
        }
        found
    }

    fn list(
        &self,
        key: &str,
        value: &'r Spanned<DeValue<'r>>,
        wanted: &str,
    ) -> Option<&'r [Spanned<DeValue<'r>>]> {
        let list = value.get_ref().as_array();
        if list.is_none() {
            self.wrong(key, value, wanted);
        }
        list.map(|list| &list[..])
    }

    /// Whether the key holds a list. Takes nothing.
    pub(super) fn is_list(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_array())
    }

    /// Whether the key holds a list without items. Takes nothing.
    pub(super) fn is_empty_list(&self, key: &str) -> bool {
        let list = self.table.get(key).and_then(|value| value.get_ref().as_array());
        list.is_some_and(|list| list.is_empty())
    }

    /// Whether the key holds a string. Takes nothing.
    pub(super) fn is_string(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_str())
    }

    /// The table of that name.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'r>> {
        let value = self.value(key)?;
        self.table_of(key, value)
    }

    fn table_of(&self, key: &str, value: &'r Spanned<DeValue<'r>>) -> Option<Section<'r>> {
        let title = self.title_of(key);
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(key, value, &format!("a section, [{title}]"));
        }
        let at = value.span().start;
        Some(Section { reader: self.reader, title, at, table: table?, taken: Vec::new() })
    }

    fn title_of(&self, key: &str) -> String {
        if self.title.is_empty() { key.to_owned() } else { format!("{}.{key}", self.title) }
    }

    /// The tables of a list of tables, `[[key]]`.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'r>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let wanted = format!("a list of sections, [[{}]]", self.title_of(key));
        let list = self.list(key, value, &wanted).unwrap_or_default();
        list.iter().filter_map(|item| self.table_of(key, item)).collect()
    }

    /// Every table in this one, by the names that the user gave them.
    pub(super) fn named_sections(&self) -> Vec<(Placed<&'r str>, Section<'r>)> {
        self.entries()
            .filter_map(|(name, value)| Some((name.clone(), self.table_of(name.value, value)?)))
            .collect()
    }

    /// Every list of strings in this one, or a string for a list of one, by the names that the user
    /// gave them.
    pub(super) fn named_strings(&self) -> Vec<(Placed<&'r str>, Vec<Placed<&'r str>>)> {
        self.entries()
            .filter_map(|(name, value)| {
                let strings = match value.get_ref().as_str() {
                    Some(one) => vec![Placed { value: one, at: value.span().start }],
                    None => self.string_list(name.value, value)?.value,
                };
                Some((name, strings))
            })
            .collect()
    }

    /// Every command in this one, by the names that the user gave them: a list of words, or a line
    /// that is split into words as a shell does.
    pub(super) fn named_words(&self) -> Vec<(Placed<&'r str>, Vec<String>)> {
        self.entries()
            .filter_map(|(name, value)| {
                let words = match value.get_ref().as_str() {
                    Some(line) => self.split(name.value, line, value.span().start)?,
                    None => {
                        let words = self.string_list(name.value, value)?.value;
                        words.into_iter().map(|word| word.value.to_owned()).collect()
                    }
                };
                Some((name, words))
            })
            .collect()
    }

    /// Every number in `range` and every string that is not blank in this one, by the names that the
    /// user gave them.
    pub(super) fn named_numbers_or_strings(
        &self,
        range: RangeInclusive<i64>,
    ) -> Vec<(Placed<&'r str>, Placed<NumberOr<'r>>)> {
        self.entries()
            .filter_map(|(name, value)| {
                let at = value.span().start;
                let string = value.get_ref().as_str().filter(|it| !it.trim().is_empty());
                if let Some(string) = string {
                    return Some((name, Placed { value: NumberOr::Title(string), at }));
                }
                if let Some(number) = integer(value, &range) {
                    return Some((name, Placed { value: NumberOr::Number(number), at }));
                }
                let (least, most) = (range.start(), range.end());
                self.wrong(
                    name.value,
                    value,
                    &format!("a word, or a number from {least} to {most}"),
                );
                None
            })
            .collect()
    }

    fn split(&self, key: &str, line: &str, at: usize) -> Option<Vec<String>> {
        let words = shell_words::split(line);
        let problem = |error| {
            let reason = format!("`{key}` can't be read as a command: {error}");
            self.reader.problem(at, reason);
        };
        words.map_err(problem).ok()
    }

    fn entries(
        &self,
    ) -> impl Iterator<Item = (Placed<&'r str>, &'r Spanned<DeValue<'r>>)> + use<'r> {
        self.table.iter().map(|(name, value)| {
            (Placed { value: &**name.get_ref(), at: name.span().start }, value)
        })
    }

    /// Notes every key that nobody took.
    pub(super) fn finish(self) {
        for (name, _) in self.entries().filter(|(name, _)| !self.taken.contains(&name.value)) {
            let mut reason = format!("unknown key `{}`", name.value);
            if !self.title.is_empty() {
                reason.push_str(&format!(" in [{}]", self.title));
            }
            if let Some(alike) = alike(name.value, &self.taken) {
                reason.push_str(&format!("; did you mean `{alike}`?"));
            }
            self.reader.problem(name.at, reason);
        }
    }
}

/// The one of `names` that is most like `name`, if any is.
pub(super) fn alike<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    names
        .iter()
        .map(|it| (strsim::jaro_winkler(name, it), *it))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, it)| it)
}

fn integer(value: &Spanned<DeValue<'_>>, range: &RangeInclusive<i64>) -> Option<i64> {
    let number = value.get_ref().as_integer()?;
    let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
    range.contains(&number).then_some(number)
}
