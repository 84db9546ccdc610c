//! Standard output: tables for people, JSON for scripts.

use std::io::{self, ErrorKind, Write as _, stdout};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::text::clean;

/// Prints a table. On a terminal the last two columns, which hold the long texts, are wrapped to
/// what the others leave; elsewhere each row is one line.
pub(super) fn table(head: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(head.iter().copied());
    for row in rows {
        // Nothing in a cell may steer the terminal, wherever its text comes from.
        table.add_row(row.iter().map(|cell| clean::line(cell).to_string()));
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at + 1 < head.len() { 2 } else { 0 }));
        if at + 2 < head.len() {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    write(&format!("{}\n", table.trim_fmt()))
}

/// Prints values as one JSON array.
pub(super) fn json(values: &[impl Serialize]) -> io::Result<()> {
    write(&format!("{}\n", clean::json(&serde_json::to_string_pretty(values)?)))
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

/// Writes the text. A reader that stops early, as `head` does, is no failure.
fn write(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

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
}
