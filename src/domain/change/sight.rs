//! How a ticket stood when an agent looked at it, and the differences since then.

use serde::{Deserialize, Serialize};

use crate::domain::{Department, Line, Priority, ProjectId, ReplyId, Status, Ticket};

/// The facts of a ticket on which an agent bases an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stand {
    /// The subject.
    pub subject: Line,
    /// The status.
    pub status: Status,
    /// The priority.
    pub priority: Priority,
    /// The department.
    pub department: Option<Department>,
    /// The project.
    pub project: Option<ProjectId>,
    /// Whether it is archived.
    pub archived: bool,
    /// The tags.
    pub tags: Vec<Line>,
    /// The text of the reply that is to be deleted, as it was on screen; a long one is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// The message that has to be the newest one when a reply is recorded, if the agent asked for that;
    /// 0 for the opening message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<ReplyId>,
}

/// What an agent had seen of a ticket before doing something to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// The newest message that was on screen.
    pub read: Option<ReplyId>,
    /// How the ticket stood.
    pub stood: Option<Box<Stand>>,
}

/// A field that has changed since the agent saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Its name, for people.
    pub field: String,
    /// What the agent saw.
    pub seen: String,
    /// What the server has now.
    pub now: String,
    /// What the agent wants, where the agent's own change is about this field.
    pub wanted: Option<String>,
}

impl Stand {
    /// How `ticket` stands.
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            subject: ticket.subject.clone(),
            status: ticket.status.clone(),
            priority: ticket.priority,
            department: ticket.department.clone(),
            project: ticket.project,
            archived: ticket.archived,
            tags: ticket.tags.clone(),
            reply: None,
            last: None,
        }
    }

    /// The differences from this stand to `now`. A renamed status or department is still the same
    /// one.
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut note = |field: &str, same: bool, seen: String, now: String| {
            if !same {
                found.push(Difference { field: field.into(), seen, now, wanted: None });
            }
        };
        let (was, is) = (&self.status, &now.status);
        note("status", was.id == is.id, was.title.to_string(), is.title.to_string());
        let (was, is) = (self.priority, now.priority);
        note("priority", was == is, was.to_string(), is.to_string());
        let (was, is) = (&self.department, &now.department);
        let same = was.as_ref().map(|it| it.id) == is.as_ref().map(|it| it.id);
        note("department", same, department(was), department(is));
        let (was, is) = (self.project, now.project);
        note("project", was == is, project(was), project(is));
        let (was, is) = (&self.subject, &now.subject);
        note("subject", was == is, was.to_string(), is.to_string());
        let same = sorted(&self.tags) == sorted(&now.tags);
        note("tags", same, tags(&self.tags), tags(&now.tags));
        let (was, is) = (self.archived, now.archived);
        note("state", was == is, state(was), state(is));
        found
    }
}

/// A department, for people.
pub fn department(department: &Option<Department>) -> String {
    department.as_ref().map_or_else(|| "none".into(), |it| it.name.to_string())
}

/// A project, for people.
pub fn project(project: Option<ProjectId>) -> String {
    project.map_or_else(|| "none".into(), |id| id.to_string())
}

/// Whether a ticket is archived, for people.
pub fn state(archived: bool) -> String {
    if archived { "archived" } else { "active" }.into()
}

/// Tags, for people.
pub fn tags(tags: &[Line]) -> String {
    if tags.is_empty() {
        return "none".into();
    }
    tags.iter().map(Line::as_str).collect::<Vec<_>>().join(" ")
}

fn sorted(tags: &[Line]) -> Vec<&Line> {
    let mut sorted: Vec<&Line> = tags.iter().collect();
    sorted.sort_by_key(|tag| tag.as_str());
    sorted.dedup();
    sorted
}
