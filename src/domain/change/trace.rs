//! The values before and after a change. The action log needs them, because the server attributes
//! everything to one administrator.

use super::{
    Change, Edit, FieldsChange, TagsChange,
    sight::{Stand, department, project, state, tags},
};
use crate::domain::{Html, ReplyKind};

/// A value before or after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceValue {
    /// Text as it was typed or as the server holds it: to be cleaned before it is shown.
    Text(String),
    /// HTML as the server holds it.
    Html(Html),
}

/// One field of a ticket before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Its name, for people.
    pub field: &'static str,
    /// The value before; `None` if there was none, or nobody noted it.
    pub before: Option<TraceValue>,
    /// The value after; `None` if there is none any more.
    pub after: Option<TraceValue>,
}

impl Trace {
    fn new(field: &'static str, before: Option<String>, after: Option<String>) -> Self {
        Self { field, before: before.map(TraceValue::Text), after: after.map(TraceValue::Text) }
    }

    fn of<T>(field: &'static str, edit: &Edit<T>, shown: impl Fn(&T) -> String) -> Self {
        Self::new(field, Some(shown(&edit.from)), Some(shown(&edit.to)))
    }
}

impl Change {
    /// What the agent did, in one word that stays the same: the verb for it.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Fields(fields) => fields.verb(),
            Self::Tags(_) => "tags",
            Self::Archived(true) => "archive",
            Self::Archived(false) => "restore",
            Self::Post { kind: ReplyKind::Note, .. } => "note",
            Self::Post { .. } => "reply",
            Self::DeleteReply(_) => "delete_reply",
            Self::DeleteTicket => "delete",
            Self::Create(_) => "create",
        }
    }

    /// The values before and after, field by field. `stood` is the ticket as the agent who asked
    /// for the change saw it. Without `stood` the values before a change of tags, the archive or a
    /// deletion are unknown.
    ///
    /// Tags are those that the agent saw. A tag that a colleague adds meanwhile is in neither list,
    /// though the server keeps it.
    pub fn traces(&self, stood: Option<&Stand>) -> Vec<Trace> {
        match self {
            Self::Status(edit) => vec![Trace::of("status", edit, |it| it.title.to_string())],
            Self::Fields(fields) => fields.traces(),
            Self::Tags(change) => vec![change.trace(stood)],
            Self::Archived(to) => {
                vec![Trace::new("state", stood.map(|it| state(it.archived)), Some(state(*to)))]
            }
            Self::Post { text, .. } => vec![Trace::new("text", None, Some(text.clone()))],
            Self::DeleteReply(_) => {
                vec![Trace::new("text", stood.and_then(|it| it.reply.clone()), None)]
            }
            Self::DeleteTicket => {
                vec![Trace::new("subject", stood.map(|it| it.subject.to_string()), None)]
            }
            Self::Create(new) => vec![
                Trace::new("subject", None, Some(new.subject.clone())),
                Trace::new("message", None, Some(new.message.clone())),
            ],
        }
    }
}

impl FieldsChange {
    /// Priority and department have keys, and so verbs, of their own.
    fn verb(&self) -> &'static str {
        let Self { subject, message, department, project, priority } = self;
        let others = subject.is_some() || message.is_some() || project.is_some();
        match (priority, department) {
            (Some(_), None) if !others => "priority",
            (None, Some(_)) if !others => "department",
            _ => "edit",
        }
    }

    fn traces(&self) -> Vec<Trace> {
        let html = |text: &String| Some(TraceValue::Html(Html::new(text.as_str())));
        let Self { subject, message, department: to_department, project: to_project, priority } =
            self;
        let message = message.as_ref().map(|edit| Trace {
            field: "message",
            before: html(&edit.from),
            after: html(&edit.to),
        });
        let all = [
            priority.as_ref().map(|it| Trace::of("priority", it, ToString::to_string)),
            to_department.as_ref().map(|it| Trace::of("department", it, department)),
            to_project.as_ref().map(|it| Trace::of("project", it, |id| project(*id))),
            subject.as_ref().map(|it| Trace::of("subject", it, ToString::to_string)),
            message,
        ];
        all.into_iter().flatten().collect()
    }
}

impl TagsChange {
    fn trace(&self, stood: Option<&Stand>) -> Trace {
        let before = stood.map(|it| tags(&it.tags));
        let after = stood.map(|it| tags(&self.apply(&it.tags)));
        Trace::new("tags", before, after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ClientId, Department, DepartmentId, Line, Named, NewTicket, Priority, ProjectId, ReplyId,
        Status, Ticket, TicketId,
    };

    fn line(text: &str) -> Line {
        Line::from_cleaned(text, None)
    }

    fn stood() -> Stand {
        let ticket = Ticket {
            subject: line("Printer on fire"),
            tags: vec![line("vip"), line("vpn")],
            ..Ticket::sparse(TicketId(7))
        };
        Stand { reply: Some("Ours".into()), ..Stand::of(&ticket) }
    }

    fn told(change: &Change, stood: Option<&Stand>) -> Vec<String> {
        let shown = |value: &Option<TraceValue>| match value {
            None => "-".to_owned(),
            Some(TraceValue::Text(text)) => text.clone(),
            Some(TraceValue::Html(html)) => html.as_stored().to_owned(),
        };
        let traces = change.traces(stood);
        let told = traces.iter().map(|it| {
            format!("{} {}: {} > {}", change.verb(), it.field, shown(&it.before), shown(&it.after))
        });
        told.collect()
    }

    #[test]
    fn edits_know_both_ends_by_themselves() {
        let [from, to, ..] = Status::usual();
        let status = Change::Status(Edit { from, to });
        assert_eq!(told(&status, None), ["status status: Open > Closed"]);
        let sales = Department { id: DepartmentId(3), name: line("Sales") };
        let fields = FieldsChange {
            subject: Some(Edit { from: line("a"), to: line("b") }),
            message: Some(Edit { from: "<p>a</p>".into(), to: "<p>b</p>".into() }),
            department: Some(Edit { from: None, to: Some(sales) }),
            project: Some(Edit { from: Some(ProjectId(4)), to: None }),
            priority: Some(Edit { from: Priority::Normal, to: Priority::High }),
        };
        let expected = [
            "edit priority: normal > high",
            "edit department: none > Sales",
            "edit project: #4 > none",
            "edit subject: a > b",
            "edit message: <p>a</p> > <p>b</p>",
        ];
        assert_eq!(told(&Change::Fields(Box::new(fields.clone())), None), expected);
        let one = FieldsChange { priority: fields.priority, ..FieldsChange::default() };
        assert_eq!(
            told(&Change::Fields(Box::new(one)), None),
            ["priority priority: normal > high"]
        );
    }

    #[test]
    fn the_rest_goes_by_how_the_ticket_stood() {
        let tags = TagsChange { add: vec![line("new")], remove: vec![line("vip")] };
        let cases = [
            (Change::Tags(tags), "tags tags: vip vpn > vpn new", "tags tags: - > -"),
            (
                Change::Archived(true),
                "archive state: active > archived",
                "archive state: - > archived",
            ),
            (
                Change::DeleteReply(ReplyId(9)),
                "delete_reply text: Ours > -",
                "delete_reply text: - > -",
            ),
            (Change::DeleteTicket, "delete subject: Printer on fire > -", "delete subject: - > -"),
        ];
        for (change, known, unknown) in cases {
            assert_eq!(told(&change, Some(&stood())), [known]);
            assert_eq!(told(&change, None), [unknown]);
        }
    }

    #[test]
    fn what_is_made_was_not_there_before() {
        let post = |kind| Change::Post { kind, text: "Hello".into() };
        assert_eq!(told(&post(ReplyKind::Reply), Some(&stood())), ["reply text: - > Hello"]);
        assert_eq!(told(&post(ReplyKind::Note), None), ["note text: - > Hello"]);
        let new = NewTicket {
            client: Named { id: ClientId(1), name: line("Acme") },
            department: Named { id: DepartmentId(3), name: line("Sales") },
            project: None,
            subject: "Help".into(),
            message: "Please".into(),
            priority: Priority::Normal,
            custom: Vec::new(),
        };
        let expected = ["create subject: - > Help", "create message: - > Please"];
        assert_eq!(told(&Change::Create(Box::new(new)), None), expected);
    }
}
