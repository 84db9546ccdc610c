//! What the decision about an assistant's proposal says: why, what would change, and what has
//! happened since.

use super::{SheetLine, field, stands, wrapped};
use crate::{
    app::Model,
    domain::{Change, Difference, Entry, TraceValue},
};

/// The lines at the left; the text of a post stands at the right.
pub(super) fn told(model: &Model, entry: &Entry, why: &str, columns: usize) -> Vec<SheetLine> {
    let mut lines = vec![SheetLine::Heading("Why".into())];
    lines.extend(wrapped(if why.trim().is_empty() { "It does not say." } else { why }, columns));
    let changes = changes(model, entry);
    if !changes.is_empty() {
        lines.extend([SheetLine::Gap, SheetLine::Heading("What would change".into())]);
        lines.extend(changes.iter().flat_map(|(name, values)| field(name, values, columns)));
    }
    let since = since(model, entry);
    if !since.is_empty() || is_overtaken(model, entry) {
        lines.extend([SheetLine::Gap, SheetLine::Heading("Since it was proposed".into())]);
    }
    for it in since {
        lines.extend(field(&it.field, &format!("{} → {}", it.seen, it.now), columns));
    }
    if is_overtaken(model, entry) {
        lines.extend(wrapped(overtaken(entry), columns));
    }
    lines
}

/// The fields that it would change, each before and after, but for texts.
fn changes(model: &Model, entry: &Entry) -> Vec<(&'static str, String)> {
    let all = std::iter::once(entry).chain(model.outbox.following(entry));
    let fields = all.filter(|it| !matches!(it.change, Change::Post { .. }));
    let traces = fields.flat_map(|it| it.change.traces(it.stood.as_deref()));
    traces.map(|it| (it.field, format!("{} → {}", words(it.before), words(it.after)))).collect()
}

fn words(value: Option<TraceValue>) -> String {
    match value {
        Some(TraceValue::Text(text)) if !text.trim().is_empty() => text,
        // No assistant can propose one.
        Some(TraceValue::Html(_)) => "(text)".into(),
        Some(TraceValue::Text(_)) | None => "(none)".into(),
    }
}

/// The fields that have other values than when it was proposed.
fn since(model: &Model, entry: &Entry) -> Vec<Difference> {
    match (&entry.stood, stands(model, entry)) {
        (Some(stood), Some(now)) => stood.differences(&now),
        _ => Vec::new(),
    }
}

/// Why the agent will be asked again.
fn overtaken(entry: &Entry) -> &'static str {
    match entry.seen {
        Some(_) => "Somebody wrote. You will be asked again.",
        None => "The assistant has not read what is there. You will be asked again.",
    }
}

/// Whether a proposed reply is older than the newest message that is known here.
fn is_overtaken(model: &Model, entry: &Entry) -> bool {
    let facts = entry.ticket.and_then(|id| model.tickets.said(id)).and_then(|row| row.facts);
    entry.is_public() && facts.is_some_and(|facts| facts.last_reply > entry.seen)
}
