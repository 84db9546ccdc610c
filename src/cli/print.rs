//! Standard output: tables for people, tab-separated lines and JSON for scripts.

use std::{
    borrow::Cow,
    collections::HashSet,
    io::{self, BufWriter, ErrorKind, IsTerminal as _, Write, stdout},
};

use anyhow::anyhow;
use clap::Args;
use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, presets};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use serde_json::Value;

use super::Failure;
use crate::text::clean;

/// The form of the output, as the command line asks for it.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Output {
    /// Print JSON: every field, or those that are named, as in `--json=id,subject`
    #[arg(
        long,
        value_name = "FIELDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
    )]
    json: Option<String>,
}

/// A form of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A table on a terminal.
    Table,
    /// Lines of fields with tabs between them, without headings, with full texts and exact times.
    Tsv,
    /// JSON with every field, or with some.
    Json(Option<Vec<String>>),
}

/// An object for scripts. It serializes to an object that always has all of its fields.
pub(super) trait Record: Serialize {
    /// The names of its fields, in their order.
    const FIELDS: &'static [&'static str];
}

impl<T: Record> Record for &T {
    const FIELDS: &'static [&'static str] = T::FIELDS;
}

impl Output {
    /// The form of the output.
    ///
    /// # Errors
    /// A usage error that lists the fields, where `--json` names one that a `T` does not have.
    pub(super) fn format<T: Record>(&self) -> Result<Format, Failure> {
        let Some(fields) = &self.json else {
            return Ok(if stdout().is_terminal() { Format::Table } else { Format::Tsv });
        };
        // An object has each field once, also where it is named twice.
        let mut known = HashSet::new();
        let fields: Vec<String> = fields
            .split(',')
            .map(|it| it.trim().to_owned())
            .filter(|it| !it.is_empty() && known.insert(it.clone()))
            .collect();
        if let Some(unknown) = fields.iter().find(|it| !T::FIELDS.contains(&it.as_str())) {
            let error = anyhow!("--json names the field \"{unknown}\", which there is not");
            let help = format!("the fields are {}", T::FIELDS.join(", "));
            return Err(Failure::usage(error).with_help(help));
        }
        Ok(Format::Json(Some(fields).filter(|it| !it.is_empty())))
    }
}

impl Format {
    /// Whether it is JSON.
    pub(super) fn is_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }

    /// Whether it is for a person at a terminal.
    pub(super) fn is_table(&self) -> bool {
        *self == Self::Table
    }

    /// A time: short and in this machine's zone for people, exact for scripts.
    pub(super) fn time(&self, at: Timestamp, zone: &TimeZone) -> String {
        match self {
            Self::Table => {
                at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
            }
            Self::Tsv | Self::Json(_) => at.to_string(),
        }
    }
}

/// Prints a list: `rows` under `head` for people, without it for scripts, or `items` as JSON. Rows
/// are only made where they are printed.
pub(super) fn list<T: Record>(
    format: &Format,
    head: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    items: impl IntoIterator<Item = T>,
) -> io::Result<()> {
    match format {
        Format::Table => table(head, rows.into_iter().collect()),
        Format::Tsv => lines(rows),
        Format::Json(fields) => json_array(fields.as_deref(), items),
    }
}

/// Prints a table. On a terminal the last two columns, which hold the long texts, are wrapped to
/// what the others leave. Nothing is printed for a table without rows.
pub(super) fn table(head: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
    tabulate(head, rows, None)
}

/// Prints a table with one line for each row; what has no room is cut.
pub(super) fn brief(head: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
    tabulate(head, rows, Some(1))
}

fn tabulate(head: &[&str], rows: Vec<Vec<String>>, lines: Option<usize>) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_truncation_indicator("…");
    table.set_header(head.iter().copied());
    for row in rows {
        // Nothing in a cell may steer the terminal, wherever its text comes from.
        let mut row = Row::from(row.iter().map(|cell| clean::line(cell).to_string()));
        if let Some(lines) = lines {
            row.max_height(lines);
        }
        table.add_row(row);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at + 1 < head.len() { 2 } else { 0 }));
        if at + 2 < head.len() {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    text(&table.trim_fmt())
}

/// How many columns the terminal has.
pub(super) fn width() -> usize {
    Table::new().width().map_or(80, usize::from)
}

/// Prints rows as lines, with a tab between two cells.
pub(super) fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> io::Result<()> {
    stream(|out| {
        for row in rows {
            for (at, text) in row.iter().enumerate() {
                if at > 0 {
                    out.write_all(b"\t")?;
                }
                out.write_all(cell(text).as_bytes())?;
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    })
}

/// A text in one line without a tab. It is whole, unlike a line of the console.
pub(super) fn cell(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(clean::block(text).replace('\n', " "))
}

/// Prints items as one JSON array, one line an item, as they come.
pub(super) fn json_array<T: Record>(
    fields: Option<&[String]>,
    items: impl IntoIterator<Item = T>,
) -> io::Result<()> {
    stream(|out| {
        out.write_all(b"[")?;
        let mut line = Vec::new();
        for (at, item) in items.into_iter().enumerate() {
            out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
            line.clear();
            write_json(&mut line, fields, &item)?;
            out.write_all(&line)?;
        }
        out.write_all(b"\n]\n")
    })
}

/// Prints one item as a JSON object, in a line of its own.
pub(super) fn object<T: Record>(fields: Option<&[String]>, item: &T) -> io::Result<()> {
    stream(|out| {
        let mut line = Vec::new();
        write_json(&mut line, fields, item)?;
        line.push(b'\n');
        out.write_all(&line)
    })
}

/// One item as a JSON object, without a line break.
pub(super) fn json_line<T: Record>(fields: Option<&[String]>, item: &T) -> String {
    let mut line = Vec::new();
    // A vector takes every write, and a record has text keys alone.
    match write_json(&mut line, fields, item) {
        Ok(()) => String::from_utf8_lossy(&line).into_owned(),
        Err(_) => String::new(),
    }
}

/// Adds an item to `line` as JSON that can be printed to a terminal: with every field, or with the
/// named ones in their order.
pub(super) fn write_json<T: Record>(
    line: &mut Vec<u8>,
    fields: Option<&[String]>,
    item: &T,
) -> io::Result<()> {
    let from = line.len();
    match fields {
        None => serde_json::to_writer(&mut *line, item)?,
        Some(fields) => picked(line, fields, &serde_json::to_value(item)?)?,
    }
    // Of the controls in ASCII serde leaves this one alone.
    let is_harmless = |byte: &u8| byte.is_ascii() && *byte != b'\x7f';
    if !line[from..].iter().all(is_harmless) {
        let text = clean::json(&String::from_utf8_lossy(&line[from..]));
        line.truncate(from);
        line.extend(text.bytes());
    }
    Ok(())
}

fn picked(line: &mut Vec<u8>, fields: &[String], item: &Value) -> io::Result<()> {
    line.push(b'{');
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            line.push(b',');
        }
        serde_json::to_writer(&mut *line, field)?;
        line.push(b':');
        serde_json::to_writer(&mut *line, item.get(field).unwrap_or(&Value::Null))?;
    }
    line.push(b'}');
    Ok(())
}

/// An error with its causes, each said once, since many messages already contain their cause.
pub(super) fn error(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// Prints a text and a line break after it.
pub(super) fn text(text: &str) -> io::Result<()> {
    stream(|out| writeln!(out, "{text}"))
}

/// Whether the error tells that the reader of the output has gone. That is no failure.
pub(super) fn is_gone(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}

/// Writes to standard output. A reader that stops early, as `head` does, is no failure.
pub(super) fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 * 1024, stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if is_gone(&error) => {
            // What is left has no reader either.
            let _ = out.into_parts();
            Ok(())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[derive(Serialize)]
    struct Pair {
        id: i64,
        name: &'static str,
    }

    impl Record for Pair {
        const FIELDS: &'static [&'static str] = &["id", "name"];
    }

    #[test]
    fn a_cause_is_said_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("the file x can't be read: {source}")]
        struct Unread {
            source: io::Error,
        }
        let source = || io::Error::from_raw_os_error(2);
        let system = source().to_string();
        let inner = Unread { source: source() };
        let text = error(&anyhow::Error::from(inner).context("the profile"));
        assert_eq!(text, format!("the profile: the file x can't be read: {system}"));
        assert_eq!(text.matches("os error").count(), 1);
        let plain: anyhow::Result<()> = Err(source()).context("opening x");
        assert_eq!(error(&plain.unwrap_err()), format!("opening x: {system}"));
    }

    #[test]
    fn json_has_the_fields_that_are_asked_for_in_their_order_and_steers_no_terminal() {
        let item = Pair { id: 7, name: "a\u{1b}]0;x\u{7}\u{9b}\u{202e}b\u{7f}" };
        let printed = |fields: Option<&[String]>| {
            let mut line = Vec::new();
            write_json(&mut line, fields, &item).unwrap();
            String::from_utf8(line).unwrap()
        };
        let all = printed(None);
        assert!(!all.contains(char::is_control) && !all.contains('\u{202e}'), "{all:?}");
        let read: Value = serde_json::from_str(&all).unwrap();
        assert_eq!(read["name"], item.name);
        assert_eq!(printed(Some(&["name".into(), "id".into()])).split(':').count(), 3);
        assert!(printed(Some(&["id".into()])) == "{\"id\":7}");
        let output = Output { json: Some("id, nme".into()) };
        let failure = output.format::<Pair>().unwrap_err();
        assert_eq!(failure.help.as_deref(), Some("the fields are id, name"));
        let output = Output { json: Some("id,,id,name".into()) };
        let both = vec!["id".to_owned(), "name".to_owned()];
        assert_eq!(output.format::<Pair>().ok(), Some(Format::Json(Some(both))));
        let output = Output { json: Some(String::new()) };
        assert_eq!(output.format::<Pair>().ok(), Some(Format::Json(None)));
    }

    #[test]
    fn a_cell_is_one_whole_line() {
        let long = "x".repeat(10_000);
        assert_eq!(cell(&long), long);
        assert_eq!(cell("a\tb\r\nc\u{2028}d\u{1b}[2J"), "a    b c d[2J");
    }
}
