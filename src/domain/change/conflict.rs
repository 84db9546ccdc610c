//! Changes to a field that somebody else has set meanwhile.

use super::{
    Change, Edit, FieldsChange,
    sight::{Difference, department, project},
};
use crate::domain::{Department, FullTicket, Status};

impl Change {
    /// The fields in which the ticket `now` is neither as the agent saw it nor as the agent wants
    /// it, and the same change made from the values of now. `None` if nothing stands in the way.
    ///
    /// The opening message is in the result as the server holds it, HTML.
    pub fn conflict(&self, now: &FullTicket) -> Option<(Vec<Difference>, Self)> {
        let mut found = Vec::new();
        let rebased = match self {
            Self::Status(edit) => {
                let theirs = &now.ticket.status;
                let met = theirs.id != edit.from.id && theirs.id != edit.to.id;
                let title = |it: &Status| it.title.to_string();
                compare(&mut found, "status", met, edit, theirs, title);
                Self::Status(Edit { from: theirs.clone(), to: edit.to.clone() })
            }
            Self::Fields(fields) => Self::Fields(Box::new(rebase(&mut found, fields, now))),
            _ => return None,
        };
        (!found.is_empty()).then_some((found, rebased))
    }
}

fn rebase(found: &mut Vec<Difference>, fields: &FieldsChange, now: &FullTicket) -> FieldsChange {
    let ticket = &now.ticket;
    let mut rebased = fields.clone();
    let FieldsChange { subject, message, department: to_department, project: to_project, priority } =
        &mut rebased;
    if let Some(edit) = subject {
        let theirs = ticket.subject.clone();
        let met = theirs != edit.from && !same_text(theirs.as_stored(), edit.to.as_stored());
        compare(found, "subject", met, edit, &theirs, ToString::to_string);
        edit.from = theirs;
    }
    if let Some(edit) = message {
        let theirs = now.message.as_stored().to_owned();
        let met = theirs != edit.from && !same_text(&theirs, &edit.to);
        compare(found, "message", met, edit, &theirs, String::clone);
        edit.from = theirs;
    }
    if let Some(edit) = to_department {
        let theirs = ticket.department.clone();
        let id = |it: &Option<Department>| it.as_ref().map(|it| it.id);
        let met = id(&theirs) != id(&edit.from) && id(&theirs) != id(&edit.to);
        compare(found, "department", met, edit, &theirs, department);
        edit.from = theirs;
    }
    if let Some(edit) = to_project {
        let theirs = ticket.project;
        compare(found, "project", is_third(&theirs, edit), edit, &theirs, |it| project(*it));
        edit.from = theirs;
    }
    if let Some(edit) = priority {
        let theirs = ticket.priority;
        compare(found, "priority", is_third(&theirs, edit), edit, &theirs, ToString::to_string);
        edit.from = theirs;
    }
    rebased
}

fn is_third<T: PartialEq>(theirs: &T, edit: &Edit<T>) -> bool {
    *theirs != edit.from && *theirs != edit.to
}

/// Whether two texts are the same to the server, which trims them.
fn same_text(one: &str, other: &str) -> bool {
    one.trim() == other.trim()
}

fn compare<T>(
    found: &mut Vec<Difference>,
    field: &str,
    met: bool,
    edit: &Edit<T>,
    theirs: &T,
    shown: impl Fn(&T) -> String,
) {
    if met {
        found.push(Difference {
            field: field.to_owned(),
            seen: shown(&edit.from),
            now: shown(theirs),
            wanted: Some(shown(&edit.to)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Html, Line, Priority, StatusId, Ticket};

    fn now(status: StatusId, priority: Priority) -> FullTicket {
        let [mut at, ..] = Status::usual();
        at.id = status;
        let ticket = Ticket { status: at, priority, ..Ticket::sparse(crate::domain::TicketId(7)) };
        FullTicket { ticket, message: Html::new("<p>Help</p>") }
    }

    fn close() -> Change {
        let [from, to, ..] = Status::usual();
        Change::Status(Edit { from, to })
    }

    #[test]
    fn only_a_third_value_is_a_conflict() {
        assert!(close().conflict(&now(StatusId::OPEN, Priority::Normal)).is_none());
        assert!(close().conflict(&now(StatusId::CLOSED, Priority::Normal)).is_none());
        let (differences, rebased) =
            close().conflict(&now(StatusId::ON_HOLD, Priority::Normal)).unwrap();
        assert_eq!(differences.len(), 1);
        assert!(rebased.conflict(&now(StatusId::ON_HOLD, Priority::Normal)).is_none());
    }

    #[test]
    fn a_field_that_the_agent_leaves_alone_is_none_of_the_agents_business() {
        let fields = FieldsChange {
            subject: Some(Edit { from: Line::default(), to: Line::from_cleaned("Help", None) }),
            ..FieldsChange::default()
        };
        let change = Change::Fields(Box::new(fields));
        assert!(change.conflict(&now(StatusId::ON_HOLD, Priority::Urgent)).is_none());
    }
}
