//! The changes beside a text, told one by one: what each field is now, and what it becomes.

use super::Model;
use crate::domain::{
    DraftChanges, DraftField, TicketId, TraceValue,
    plan::{Fields, Outcome, Plan, Targets, Wish},
};

/// A change of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// The field.
    pub field: DraftField,
    /// Whether the agent leaves it out.
    pub left_out: bool,
    /// What comes of it.
    pub becomes: Becomes,
}

/// What comes of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// The field has another value: before and after.
    Other(String, String),
    /// The field has that value already.
    Same(String),
    /// It can't be done: why.
    Cant(String),
}

/// The changes on a ticket as it is shown now.
pub fn rows(model: &Model, ticket: TicketId, changes: &DraftChanges) -> Vec<ChangeRow> {
    let row = |field: DraftField| {
        let plan = Plan::of(&with(changes, field).into(), &Targets::one(ticket), model);
        let becomes = plan.lines.into_iter().next().map(|line| {
            let traces = line.traces();
            let trace = traces.into_iter().find(|it| it.field == traced(field));
            match (line.outcome, trace) {
                (Outcome::Ready(_), Some(trace)) => {
                    Becomes::Other(words(trace.before), words(trace.after))
                }
                (Outcome::Ready(_) | Outcome::Already, _) => Becomes::Same(wanted(changes, field)),
                (other, _) => Becomes::Cant(other.why().unwrap_or_default()),
            }
        });
        let becomes = becomes.unwrap_or_else(|| Becomes::Same(wanted(changes, field)));
        ChangeRow { field, left_out: changes.left_out.contains(&field), becomes }
    };
    changes.fields().into_iter().map(row).collect()
}

/// The wish for a field, with those that one request sets together with it: the server wants a
/// department with each of them.
fn with(changes: &DraftChanges, field: DraftField) -> Wish {
    let wish = changes.wish_for(field);
    let whole = changes.wish().fields;
    let fields = match wish.fields == Fields::default() {
        true => Fields::default(),
        false => Fields {
            priority: wish.fields.priority.or(whole.priority),
            department: wish.fields.department.or(whole.department),
            project: wish.fields.project.or(whole.project),
            ..Fields::default()
        },
    };
    Wish { fields, ..wish }
}

/// What a plan calls the field.
fn traced(field: DraftField) -> &'static str {
    match field {
        DraftField::Archive => "state",
        other => other.name(),
    }
}

fn words(value: Option<TraceValue>) -> String {
    match value {
        Some(TraceValue::Text(text)) if !text.is_empty() => text,
        _ => "none".to_owned(),
    }
}

/// The value that a field is to have.
fn wanted(changes: &DraftChanges, field: DraftField) -> String {
    let value = match field {
        DraftField::Status => changes.status.as_ref().map(|it| it.title.to_string()),
        DraftField::Priority => changes.priority.map(|it| it.to_string()),
        DraftField::Department => changes.department.as_ref().map(|it| it.name.to_string()),
        DraftField::Project => changes.project.map(|it| it.to_string()),
        DraftField::Tags => {
            let added = changes.add_tags.iter().map(|it| format!("+{it}"));
            let removed = changes.remove_tags.iter().map(|it| format!("-{it}"));
            Some(added.chain(removed).collect::<Vec<_>>().join(" "))
        }
        DraftField::Archive => {
            changes.archived.map(|it| if it { "archived" } else { "active" }.to_owned())
        }
    };
    value.unwrap_or_default()
}
