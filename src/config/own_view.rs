//! Writes a view of the user's own into the configuration file.

use std::{
    io,
    path::{Path, PathBuf},
};

use toml_edit::{Array, ArrayOfTables, Decor, DocumentMut, Item, RawString, Table, Value, value};

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
    /// The file has a view of this name, and that was not to be replaced.
    #[error("the configuration file has a view of this name")]
    Taken,
    /// The file can't be written.
    #[error("{} can't be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes a view into the configuration file as the last one, or in place of the one of that name if
/// it `replaces` that. Another console or an editor may have written it meanwhile. Everything else in
/// the file stays, comments too. The file is replaced at once (0600) or not at all; a new one starts
/// with [`DEFAULT`].
///
/// # Errors
/// If the name is taken, if the file that is there is wrong, or if it can't be written.
pub fn store_view(config_file: &Path, view: &View, replaces: bool) -> Result<(), OwnViewError> {
    let write = |source| OwnViewError::Write { path: config_file.to_owned(), source };
    let path = private::behind_link(config_file).map_err(write)?;
    let source = File::source(&path)?.unwrap_or_else(|| DEFAULT.to_owned());
    let known = File::parse(&source, &path)?;
    if !replaces && known.views.iter().any(|it| it.name == view.name) {
        return Err(OwnViewError::Taken);
    }
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
    let mut loose = Vec::new();
    let mut set = |key: &str, wanted: Option<Value>| set(table, key, wanted, &mut loose);
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
    if let Some(mut name) = table.key_mut("name").filter(|_| !loose.is_empty()) {
        let decor = name.leaf_decor_mut();
        let above = decor.prefix().and_then(RawString::as_str).unwrap_or_default();
        let above = format!("{above}{}\n", loose.join("\n"));
        decor.set_prefix(above);
    }
}

/// Sets a key of a view's section, or takes it out. The comments that have no place any more are
/// added to `loose`.
fn set(table: &mut Table, key: &str, wanted: Option<Value>, loose: &mut Vec<String>) {
    let Some(wanted) = wanted else {
        if let Some((key, item)) = table.remove_entry(key) {
            loose.extend(comments(key.leaf_decor()));
            if let Some(value) = item.as_value() {
                loose.extend(inner_comments(value));
                loose.extend(comments(value.decor()));
            }
        }
        return;
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(now) if bare(now) == bare(&wanted) => {}
        // A comment after the value stays.
        Some(now) => {
            loose.extend(inner_comments(now));
            let decor = now.decor().clone();
            *now = wanted;
            *now.decor_mut() = decor;
        }
        None => drop(table.insert(key, value(wanted))),
    }
}

/// A value as it is written without comments and spaces of the user's own.
fn bare(value: &Value) -> String {
    let mut value = value.clone();
    value.decor_mut().clear();
    if let Some(array) = value.as_array_mut() {
        array.fmt();
    }
    value.to_string()
}

/// The comments before and after something.
fn comments(decor: &Decor) -> Vec<String> {
    let around = [decor.prefix(), decor.suffix()];
    around.into_iter().flatten().flat_map(comments_in).collect()
}

fn comments_in(raw: &RawString) -> Vec<String> {
    let lines = raw.as_str().unwrap_or_default().lines().map(str::trim);
    lines.filter(|line| line.starts_with('#')).map(str::to_owned).collect()
}

/// The comments inside a list.
fn inner_comments(value: &Value) -> Vec<String> {
    let Some(array) = value.as_array() else { return Vec::new() };
    let each = array.iter().flat_map(|it| comments(it.decor()));
    each.chain(comments_in(array.trailing())).collect()
}

#[cfg(test)]
mod tests;
