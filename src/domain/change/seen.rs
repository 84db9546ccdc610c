//! The changes of a ticket that the console saw and did not make, and what happened to it in this
//! profile.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::sight::{department, project, state, tags};
use crate::domain::{ClientId, Named, StatusId, Ticket, WokenBy};

/// A field before and after, both cleaned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSeen {
    /// Its name, for people.
    pub field: String,
    /// The value before; `None` where there was none or nobody noted it.
    pub before: Option<String>,
    /// The value after; `None` where there is none.
    pub after: Option<String>,
}

impl FieldSeen {
    fn of(field: &str, before: String, after: String) -> Option<Self> {
        (before != after).then(|| Self::moved(field, before, after))
    }

    fn moved(field: &str, before: String, after: String) -> Self {
        Self { field: field.to_owned(), before: Some(before), after: Some(after) }
    }

    /// Field and values, for people.
    pub fn words(&self) -> String {
        let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "?".into());
        format!("{}: {} → {}", self.field, known(&self.before), known(&self.after))
    }
}

/// Something that happened to a ticket beside the changes of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was pinned, or its pin taken off.
    Pinned(bool),
    /// It was snoozed until then; `None` is until the customer writes.
    Snoozed(Option<Timestamp>),
    /// It woke.
    Woken(WokenBy),
    /// The server had it with other values than before.
    Seen {
        /// The fields.
        fields: Vec<FieldSeen>,
        /// Whether the customer did it, by the ticket's new status.
        by_customer: bool,
    },
}

impl Event {
    /// What the server changed of a ticket, if that is worth a line.
    pub fn seen(before: &Ticket, after: &Ticket) -> Option<Self> {
        // Each field is named here, so a new field that is forgotten does not compile.
        let Ticket {
            id: _,
            subject,
            status,
            priority,
            source: _,
            archived,
            department: to_department,
            client,
            project: to_project,
            creator: _,
            created: _,
            last_updated: _,
            status_changed: _,
            replies_count,
            tags: to_tags,
        } = before;
        let named =
            |it: &Ticket| it.client.as_ref().map_or("none".into(), |it| it.name.to_string());
        let was = client.as_ref().map_or("none".into(), |it| it.name.to_string());
        let (status_is, department_is) = (&after.status, &after.department);
        let id_of = |it: &Option<Named<ClientId>>| it.as_ref().map(|it| it.id);
        // What has a number and a name is another one by its number: a new name is no change of the
        // ticket.
        let all = [
            (status.id != status_is.id).then(|| {
                FieldSeen::moved("status", status.title.to_string(), status_is.title.to_string())
            }),
            FieldSeen::of("priority", priority.to_string(), after.priority.to_string()),
            (to_department.as_ref().map(|it| it.id) != department_is.as_ref().map(|it| it.id))
                .then(|| {
                    FieldSeen::moved(
                        "department",
                        department(to_department),
                        department(department_is),
                    )
                }),
            FieldSeen::of("project", project(*to_project), project(after.project)),
            FieldSeen::of("subject", subject.to_string(), after.subject.to_string()),
            (id_of(client) != id_of(&after.client))
                .then(|| FieldSeen::moved("client", was, named(after))),
            FieldSeen::of("state", state(*archived), state(after.archived)),
            FieldSeen::of("tags", tags(to_tags), tags(&after.tags)),
            FieldSeen::of("replies", replies_count.to_string(), after.replies_count.to_string()),
        ];
        let fields: Vec<FieldSeen> = all.into_iter().flatten().collect();
        let by_customer =
            status.id != after.status.id && after.status.id == StatusId::CUSTOMER_REPLIED;
        (!fields.is_empty()).then_some(Self::Seen { fields, by_customer })
    }
}
