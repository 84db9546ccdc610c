//! Writes a view of the user's own into the configuration file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use super::{
    DEFAULT,
    file::File,
    folders::{FolderError, create_private},
    problem::ConfigError,
};
use crate::{
    domain::{ActiveState, Query, Shelf, Sort, StatusMatch, View},
    private,
};

/// Why a view was not kept; the configuration file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OwnViewError {
    /// The file that is there is wrong already.
    #[error("the configuration file is wrong: {0}")]
    File(#[from] ConfigError),
    /// The folder can't be made.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A section of the file is no section.
    #[error("`view` in the configuration file is no list of sections, [[view]]")]
    NoSections,
    /// The file can't be written.
    #[error("{} can't be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes a view into the configuration file, in place of the one of that name or as the last one.
/// Everything else in the file stays, comments too. The file is replaced at once (0600) or not at
/// all; a new one starts with [`DEFAULT`].
///
/// # Errors
/// If the file that is there is wrong, or if it can't be written.
pub fn store_view(config_file: &Path, view: &View) -> Result<(), OwnViewError> {
    // A link to a file elsewhere stays a link.
    let path = fs::canonicalize(config_file).unwrap_or_else(|_| config_file.to_owned());
    let source = File::source(&path)?.unwrap_or_else(|| DEFAULT.to_owned());
    File::parse(&source, &path)?;
    let text = with_view(&source, view)?;
    File::parse(&text, &path)?;
    create_private(path.parent().unwrap_or(Path::new("")))?;
    private::replace(&path, &text).map_err(|source| OwnViewError::Write { path, source })
}

/// The text of a configuration file with the view in it.
fn with_view(source: &str, view: &View) -> Result<String, OwnViewError> {
    let mut document: DocumentMut = source.parse().map_err(|_| OwnViewError::NoSections)?;
    match document.get_mut("view") {
        None => return Ok(appended(source, view)),
        Some(Item::ArrayOfTables(views)) => {
            let same = views.iter().position(|it| has_name(it, view));
            match same.and_then(|at| views.get_mut(at)) {
                Some(table) => fill(table, view),
                None => return Ok(appended(source, view)),
            }
        }
        Some(Item::Value(Value::Array(views))) => {
            let mut table = Table::new();
            fill(&mut table, view);
            let name = |it: &Value| {
                it.as_inline_table()?.get("name")?.as_str().map(|name| name.trim() == view.name)
            };
            let same = views.iter().position(|it| name(it) == Some(true));
            match same {
                Some(at) => drop(views.replace(at, table.into_inline_table())),
                None => views.push(table.into_inline_table()),
            }
        }
        Some(_) => return Err(OwnViewError::NoSections),
    }
    Ok(document.to_string())
}

fn has_name(table: &Table, view: &View) -> bool {
    table.get("name").and_then(Item::as_str).map(str::trim) == Some(&view.name)
}

/// The view comes after everything else, so that a comment at the end of the file stays with what it
/// is about.
fn appended(source: &str, view: &View) -> String {
    let mut table = Table::new();
    fill(&mut table, view);
    let mut views = ArrayOfTables::new();
    views.push(table);
    let mut document = DocumentMut::new();
    document.insert("view", Item::ArrayOfTables(views));
    let gap = match source {
        "" => "",
        _ if source.ends_with("\n\n") => "",
        _ if source.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    format!("{source}{gap}{document}")
}

/// Writes the view's keys into its section. A key that asks nothing is left out.
fn fill(table: &mut Table, view: &View) {
    // Each field is named here, so a new one that is not written does not compile.
    let View { name, query, sort } = view;
    let Query { state, status, priorities, departments, client, project, tags, shelf, text } =
        query;
    let Sort { key, reversed } = sort;
    let mut set = |key: &str, wanted: Option<Value>| match wanted {
        Some(wanted) => match table.get_mut(key).and_then(Item::as_value_mut) {
            // A comment after the value stays.
            Some(now) => {
                let decor = now.decor().clone();
                *now = wanted;
                *now.decor_mut() = decor;
            }
            None => drop(table.insert(key, value(wanted))),
        },
        None => drop(table.remove(key)),
    };
    let numbers = |ids: Vec<i64>| Value::Array(ids.into_iter().collect::<Array>());
    set("name", Some(name.as_str().into()));
    let (status, status_not) = match status {
        StatusMatch::Any => (None, None),
        StatusMatch::Waiting => (Some(Value::from("waiting")), None),
        StatusMatch::Not(id) => (None, Some(Value::from(id.0))),
        StatusMatch::In(some) => (Some(numbers(some.iter().map(|id| id.0).collect())), None),
    };
    set("status", status);
    set("status_not", status_not);
    let words: Array = priorities.iter().map(|it| it.as_str()).collect();
    set("priorities", (!words.is_empty()).then_some(words.into()));
    let ids = departments.iter().map(|id| id.0).collect::<Vec<_>>();
    set("departments", (!ids.is_empty()).then(|| numbers(ids)));
    set("client", client.map(|id| id.0.into()));
    set("project", project.map(|id| id.0.into()));
    let words: Array = tags.iter().map(String::as_str).collect();
    set("tags", (!words.is_empty()).then_some(words.into()));
    set("text", (!text.is_empty()).then(|| text.as_str().into()));
    let archived = match state {
        ActiveState::Active => None,
        ActiveState::Archived => Some(Value::from(true)),
        ActiveState::Any => Some(Value::from("any")),
    };
    set("archived", archived);
    set("snoozed", (*shelf == Shelf::Any).then_some(true.into()));
    set("sort", Some(key.as_str().into()));
    set("reversed", reversed.then_some(true.into()));
}

#[cfg(test)]
mod tests;
