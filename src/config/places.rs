//! Where the settings stand in the configuration file, and as what.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::sections::Reader;

/// The settings of a file, by their names: `console.after_action`, `view[0].name`.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    file: PathBuf,
    lines: BTreeMap<String, usize>,
    values: Value,
}

impl Places {
    /// Those of the text of `file`. A text that is no TOML has none.
    pub(super) fn of(source: &str, file: PathBuf) -> Self {
        let reader = Reader::new(source);
        let mut lines = BTreeMap::new();
        if let Ok(table) = DeTable::parse(source) {
            walk("", table.get_ref(), &reader, &mut lines);
        }
        let values = toml::from_str::<toml::Table>(source).ok();
        let values = values.and_then(|it| serde_json::to_value(it).ok()).unwrap_or_default();
        Self { file, lines, values }
    }

    /// The line of a setting or a section, from 1.
    pub(super) fn line(&self, name: &str) -> Option<usize> {
        self.lines.get(name).copied()
    }

    /// The file and the line of a setting.
    pub(super) fn place(&self, name: &str) -> Option<String> {
        self.line(name).map(|line| format!("{}:{line}", self.file.display()))
    }

    /// What the file has there.
    pub(super) fn value(&self, names: &[&str]) -> Option<&Value> {
        names.iter().try_fold(&self.values, |value, name| value.get(name))
    }
}

fn walk(
    prefix: &str,
    table: &DeTable<'_>,
    reader: &Reader<'_>,
    lines: &mut BTreeMap<String, usize>,
) {
    for (key, value) in table {
        let name = match prefix {
            "" => key.get_ref().to_string(),
            prefix => format!("{prefix}.{}", key.get_ref()),
        };
        lines.insert(name.clone(), reader.line(key.span().start));
        match value.get_ref() {
            DeValue::Table(table) => walk(&name, table, reader, lines),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let name = format!("{name}[{index}]");
                    lines.insert(name.clone(), reader.line(item.span().start));
                    if let DeValue::Table(table) = item.get_ref() {
                        walk(&name, table, reader, lines);
                    }
                }
            }
            _ => {}
        }
    }
}
