//! Changes and their states in words, as the console has them, and as fields for scripts.

use std::io::{IsTerminal as _, stdout};

use serde::Serialize;

use crate::{
    domain::{Change, Draft, DraftKind, ReplyId, State, TicketId, Trace, TraceValue},
    text::{clean, html},
};

/// The most characters of a value in a table on a terminal.
const BRIEF: usize = 40;

/// How many characters of the common beginning of two long values are shown before the difference.
const ALIKE: usize = 8;

/// A field of a ticket before and after a change.
#[derive(Debug, Serialize)]
pub(super) struct ChangedField {
    field: &'static str,
    before: Option<String>,
    after: Option<String>,
}

/// The values before and after a change, for scripts.
pub(super) fn fields(traces: Vec<Trace>) -> Vec<ChangedField> {
    let text = |value: Option<TraceValue>| value.as_ref().map(text_of);
    traces
        .into_iter()
        .map(|it| ChangedField { field: it.field, before: text(it.before), after: text(it.after) })
        .collect()
}

/// What a draft holds, for scripts. The fields of a form are left out.
pub(super) fn draft_fields(draft: &Draft) -> Vec<ChangedField> {
    match draft.key.kind {
        DraftKind::Reply | DraftKind::Note => {
            vec![ChangedField { field: "text", before: None, after: Some(draft.text.clone()) }]
        }
        DraftKind::NewTicket | DraftKind::Edit => Vec::new(),
    }
}

/// What a change does, for people: "status: Open → Closed".
pub(super) fn change(change: &Change, traces: &[Trace], undo: bool) -> String {
    let what = match change {
        // What was undone is named, not what the undo did.
        Change::Archived(to) if undo => Change::Archived(!to).describe(),
        _ => change.describe(),
    };
    let words = match change {
        Change::Archived(_) => what,
        Change::Status(_) | Change::Fields(_) | Change::Tags(_) => {
            let edits: Option<Vec<String>> = traces.iter().map(edit).collect();
            edits.map_or(what, |edits| edits.join(", "))
        }
        Change::Post { .. } | Change::DeleteReply(_) | Change::DeleteTicket | Change::Create(_) => {
            let value = traces.first().and_then(|it| it.after.as_ref().or(it.before.as_ref()));
            value.map_or(what.clone(), |it| format!("{what} {}", quoted(&text_of(it))))
        }
    };
    if undo { format!("undo {words}") } else { words }
}

/// What a draft is, for people.
pub(super) fn draft(draft: &Draft) -> String {
    let kind = draft.key.kind.as_str();
    match draft.key.kind {
        DraftKind::Reply | DraftKind::Note => format!("{kind} {}", quoted(&draft.text)),
        DraftKind::NewTicket | DraftKind::Edit => kind.to_owned(),
    }
}

/// A ticket, or that it is to be created.
pub(super) fn ticket(ticket: Option<TicketId>) -> String {
    ticket.map_or_else(|| "new".into(), |id| id.to_string())
}

/// Why an entry is where it stands, where there is a reason.
pub(super) fn reason(state: &State) -> Option<String> {
    match state {
        State::Waiting { problem, .. }
        | State::Doubtful { problem, .. }
        | State::Refused { problem } => Some(problem.to_string()),
        State::Decision { reason } => Some(reason.why()),
        _ => None,
    }
}

/// The reply or note that a change made or deletes.
pub(super) fn reply(change: &Change, state: &State) -> Option<ReplyId> {
    match (change, state) {
        (Change::DeleteReply(reply), _) => Some(*reply),
        (_, State::Recorded { made, .. }) => *made,
        _ => None,
    }
}

fn edit(trace: &Trace) -> Option<String> {
    let (before, after) = (trace.before.as_ref()?, trace.after.as_ref()?);
    let (before, after) = brief_pair(&text_of(before), &text_of(after), stdout().is_terminal());
    Some(format!("{}: {before} → {after}", trace.field))
}

fn text_of(value: &TraceValue) -> String {
    match value {
        TraceValue::Text(text) => text.clone(),
        TraceValue::Html(message) => html::plain(message),
    }
}

fn quoted(text: &str) -> String {
    format!("“{}”", brief(text))
}

/// A text in one line, a short one on a terminal.
fn brief(text: &str) -> String {
    let line = clean::line(text).to_string();
    if stdout().is_terminal() { cut(&line) } else { line }
}

/// Two values, each in one line. On a terminal they are short and show what differs.
fn brief_pair(before: &str, after: &str, short: bool) -> (String, String) {
    let (before, after) = (clean::line(before).to_string(), clean::line(after).to_string());
    let fits = |text: &str| text.chars().count() <= BRIEF;
    if !short || fits(&before) && fits(&after) {
        return (before, after);
    }
    let alike = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
    // The difference is near the beginning, so it is shown anyway.
    let skipped = if alike + ALIKE < BRIEF { 0 } else { alike - ALIKE };
    let shown = |text: &str| match skipped {
        0 => cut(text),
        _ => format!("…{}", cut(&text.chars().skip(skipped).collect::<String>())),
    };
    (shown(&before), shown(&after))
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(BRIEF) {
        Some(_) => format!("{}…", line.chars().take(BRIEF - 1).collect::<String>().trim_end()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undo_of_the_archive_names_what_was_undone() {
        assert_eq!(super::change(&Change::Archived(true), &[], true), "undo restore");
        assert_eq!(super::change(&Change::Archived(false), &[], true), "undo archive");
        assert_eq!(super::change(&Change::Archived(true), &[], false), "archive");
    }

    #[test]
    fn what_differs_between_long_values_is_shown() {
        let alike = "The printer in the hall prints everything twice since ";
        let (before, after) = (format!("{alike}Monday"), format!("{alike}Tuesday, and once more"));
        let (short, other) = brief_pair(&before, &after, true);
        assert_eq!(
            (short.as_str(), other.as_str()),
            ("…e since Monday", "…e since Tuesday, and once more")
        );
        assert_eq!(brief_pair(&before, &after, false), (before.clone(), after));
        let (short, other) = brief_pair(&before, "Other", true);
        assert_eq!(other, "Other");
        assert!(short.starts_with("The printer") && short.ends_with('…'), "{short}");
        let (short, other) = brief_pair(alike, &format!("{alike}{alike}"), true);
        assert!(short != other, "{short}");
    }
}
