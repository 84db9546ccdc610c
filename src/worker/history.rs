//! The history of a ticket, from the log and from what was seen.

use jiff::tz::TimeZone;

use super::context::{Context, store_problem};
use crate::{
    domain::{
        Change, FieldSeen, HistoryLine, OwnChange, Problem, State, TicketId, TraceValue, history,
    },
    store::{LogLine, LogQuery},
    text::{clean, html},
};

/// How many changes, and how many events, are looked at.
const MOST: u32 = 500;
/// The most characters of a value.
const BRIEF: usize = 200;

/// The history of a ticket, the newest first.
pub(super) async fn of(
    context: &Context,
    ticket: TicketId,
    zone: &TimeZone,
) -> Result<Vec<HistoryLine>, Problem> {
    let query = LogQuery { ticket: Some(ticket), limit: Some(MOST), ..LogQuery::default() };
    let log = context.store.log_of(query).await.map_err(|error| store_problem(&error))?;
    let events = context.store.events(ticket, MOST).await.map_err(|error| store_problem(&error))?;
    Ok(history::history(log.into_iter().map(own).collect(), events, zone))
}

/// A line of the log, with its values as text that may be shown.
fn own(line: LogLine) -> OwnChange {
    let text = |value: TraceValue| match value {
        TraceValue::Text(text) => brief(&text),
        TraceValue::Html(message) => brief(&html::plain(&message)),
    };
    let field = |it: crate::domain::Trace| FieldSeen {
        field: it.field.into(),
        before: it.before.map(text),
        after: it.after.map(text),
    };
    let fields: Vec<FieldSeen> = line.traces().into_iter().map(field).collect();
    // Both move the count of the replies.
    let is_post = matches!(line.change, Change::Post { .. } | Change::DeleteReply(_));
    let said = match &line.change {
        // What was taken back is named, not what that did.
        Change::Archived(to) if line.undo => Change::Archived(!to).describe(),
        _ => brief(&line.what),
    };
    let first = fields.first();
    let what = match &line.change {
        Change::Status(_) | Change::Fields(_) | Change::Tags(_)
            if fields.iter().all(|it| it.before.is_some() && it.after.is_some()) =>
        {
            fields.iter().map(FieldSeen::words).collect::<Vec<_>>().join(", ")
        }
        Change::Post { .. } | Change::DeleteReply(_) | Change::Create(_) => {
            let value = first.and_then(|it| it.after.clone().or(it.before.clone()));
            value.map_or(said.clone(), |value| format!("{said} “{value}”"))
        }
        _ => said,
    };
    let what = if line.undo { format!("taken back: {what}") } else { what };
    let outcome = match &line.outcome {
        State::Recorded { .. } => None,
        State::Refused { problem } => Some(brief(&format!("refused: {problem}"))),
        other => Some(other.as_str().into()),
    };
    let is_recorded = matches!(line.outcome, State::Recorded { .. });
    OwnChange { at: line.at, agent: line.agent, what, fields, is_recorded, is_post, outcome }
}

/// A text in one line, cleaned and short.
fn brief(text: &str) -> String {
    let line = clean::line(text).to_string();
    match line.char_indices().nth(BRIEF) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}
