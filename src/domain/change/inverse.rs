//! Taking changes back.

use super::{Change, Edit, FieldsChange, TagsChange};
use crate::domain::{Department, FullTicket, Line, Ticket};

impl Change {
    /// Whether it can be taken back once it is recorded.
    pub fn is_reversible(&self) -> bool {
        self.inverse().is_some()
    }

    /// The change that takes this one back, by the values that the agent saw; `None` for a change
    /// that can't be taken back once recorded.
    pub fn inverse(&self) -> Option<Self> {
        Some(match self {
            Self::Status(edit) => Self::Status(edit.inverse()),
            Self::Fields(fields) => Self::Fields(Box::new(FieldsChange {
                subject: fields.subject.as_ref().map(Edit::inverse),
                message: fields.message.as_ref().map(Edit::inverse),
                department: fields.department.as_ref().map(Edit::inverse),
                project: fields.project.as_ref().map(Edit::inverse),
                priority: fields.priority.as_ref().map(Edit::inverse),
            })),
            Self::Tags(tags) => {
                Self::Tags(TagsChange { add: tags.remove.clone(), remove: tags.add.clone() })
            }
            Self::Archived(archived) => Self::Archived(!archived),
            Self::Post { .. } | Self::DeleteReply(_) | Self::DeleteTicket | Self::Create(_) => {
                return None;
            }
        })
    }

    /// The change that turns `after` back into `before`. It takes nothing back that others had done
    /// already. `None` if this change made nothing different.
    pub fn taking_back(&self, before: &FullTicket, after: &FullTicket) -> Option<Self> {
        let (was, is) = (&before.ticket, &after.ticket);
        Some(match self {
            Self::Status(_) => {
                Self::Status(edit(is.status.id == was.status.id, &is.status, &was.status)?)
            }
            Self::Fields(fields) => {
                let back = fields_back(fields, before, after);
                (!back.is_empty()).then(|| Self::Fields(Box::new(back)))?
            }
            Self::Tags(_) => Self::Tags(TagsChange::between(&is.tags, &was.tags)?),
            Self::Archived(_) => {
                (was.archived != is.archived).then_some(Self::Archived(was.archived))?
            }
            _ => return None,
        })
    }

    /// The parts of this change that find `ticket` as they expect it; `None` if there is no such
    /// part.
    pub fn fitting(&self, ticket: &Ticket) -> Option<Self> {
        if self.fits(ticket) {
            return Some(self.clone());
        }
        let Self::Fields(fields) = self else { return None };
        let part = |set: FieldsChange| Self::Fields(Box::new(set));
        let none = FieldsChange::default;
        let FieldsChange { subject, message, department, project, priority } = &**fields;
        let alone = [
            FieldsChange { subject: subject.clone(), ..none() },
            FieldsChange { message: message.clone(), ..none() },
            FieldsChange { department: department.clone(), ..none() },
            FieldsChange { project: project.clone(), ..none() },
            FieldsChange { priority: priority.clone(), ..none() },
        ];
        let [subject, message, department, project, priority] =
            alone.map(|field| part(field.clone()).fits(ticket).then_some(field));
        let fitting = FieldsChange {
            subject: subject.and_then(|it| it.subject),
            message: message.and_then(|it| it.message),
            department: department.and_then(|it| it.department),
            project: project.and_then(|it| it.project),
            priority: priority.and_then(|it| it.priority),
        };
        (!fitting.is_empty()).then(|| part(fitting))
    }

    /// Whether `ticket` stands as this change expects it. That is not so if somebody else has
    /// changed the same fields since. The opening message is not compared, since lists do not hold
    /// it.
    pub fn fits(&self, ticket: &Ticket) -> bool {
        match self {
            Self::Status(edit) => ticket.status.id == edit.from.id,
            Self::Fields(fields) => {
                let id = |it: &Option<Department>| it.as_ref().map(|it| it.id);
                fields.subject.as_ref().is_none_or(|it| it.from == ticket.subject)
                    && fields.priority.as_ref().is_none_or(|it| it.from == ticket.priority)
                    && fields.project.as_ref().is_none_or(|it| it.from == ticket.project)
                    && fields
                        .department
                        .as_ref()
                        .is_none_or(|it| id(&it.from) == id(&ticket.department))
            }
            Self::Tags(tags) => {
                tags.remove.iter().all(|tag| ticket.tags.contains(tag))
                    && !tags
                        .add
                        .iter()
                        .any(|tag| ticket.tags.contains(tag) && !tags.remove.contains(tag))
            }
            Self::Archived(archived) => ticket.archived != *archived,
            _ => true,
        }
    }
}

impl TagsChange {
    /// The change that turns the tags `from` into the tags `to`, whatever their order; `None` if
    /// they are the same.
    pub fn between(from: &[Line], to: &[Line]) -> Option<Self> {
        let (add, remove) = (differing(to, from), differing(from, to));
        (!add.is_empty() || !remove.is_empty()).then_some(Self { add, remove })
    }
}

fn edit<T: Clone>(same: bool, from: &T, to: &T) -> Option<Edit<T>> {
    (!same).then(|| Edit { from: from.clone(), to: to.clone() })
}

fn fields_back(asked: &FieldsChange, before: &FullTicket, after: &FullTicket) -> FieldsChange {
    let (was, is) = (&before.ticket, &after.ticket);
    let text = |it: &FullTicket| it.message.as_stored().to_owned();
    let id = |it: &Ticket| it.department.as_ref().map(|it| it.id);
    FieldsChange {
        subject: asked
            .subject
            .as_ref()
            .and_then(|_| edit(is.subject == was.subject, &is.subject, &was.subject)),
        message: asked
            .message
            .as_ref()
            .and_then(|_| edit(before.message == after.message, &text(after), &text(before))),
        department: asked
            .department
            .as_ref()
            .and_then(|_| edit(id(was) == id(is), &is.department, &was.department)),
        project: asked
            .project
            .as_ref()
            .and_then(|_| edit(is.project == was.project, &is.project, &was.project)),
        priority: asked
            .priority
            .as_ref()
            .and_then(|_| edit(is.priority == was.priority, &is.priority, &was.priority)),
    }
}

/// The tags that `of` has in another number than `other`, each as often as in `of`. Adding puts a
/// tag there as often as it is named; removing takes all of it.
fn differing(of: &[Line], other: &[Line]) -> Vec<Line> {
    let count = |tags: &[Line], tag: &Line| tags.iter().filter(|it| *it == tag).count();
    of.iter().filter(|tag| count(of, tag) != count(other, tag)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Html, Priority, Status, TicketId};

    fn line(text: &str) -> Line {
        Line::from_cleaned(text, None)
    }

    fn ticket(tags: &[&str]) -> FullTicket {
        let tags = tags.iter().map(|tag| line(tag)).collect();
        let ticket = Ticket { tags, ..Ticket::sparse(TicketId(7)) };
        FullTicket { ticket, message: Html::new("<p>Help\u{1b}</p>") }
    }

    fn tags(add: &[&str], remove: &[&str]) -> TagsChange {
        let lines = |tags: &[&str]| tags.iter().map(|tag| line(tag)).collect();
        TagsChange { add: lines(add), remove: lines(remove) }
    }

    #[test]
    fn a_tag_that_was_there_before_stays_and_one_that_was_there_twice_comes_back_twice() {
        let cases: [(&[&str], TagsChange, Option<TagsChange>); 4] = [
            (&["vpn"], tags(&["vpn"], &[]), None),
            (&["vpn"], tags(&["vpn", "new"], &[]), Some(tags(&[], &["new"]))),
            (&["a", "a", "b"], tags(&[], &["a"]), Some(tags(&["a", "a"], &[]))),
            (&["a"], tags(&[], &["b"]), None),
        ];
        for (had, asked, expected) in cases {
            let before = ticket(had);
            let mut after = before.clone();
            let asked = Change::Tags(asked);
            asked.apply(&mut after.ticket);
            let undo = asked.taking_back(&before, &after);
            assert_eq!(undo, expected.map(Change::Tags), "{asked:?}");
            if let Some(undo) = undo {
                assert!(undo.fits(&after.ticket));
                undo.apply(&mut after.ticket);
            }
            let sorted = |full: &FullTicket| {
                let mut tags = full.ticket.tags.clone();
                tags.sort();
                tags
            };
            assert_eq!(sorted(&after), sorted(&before));
        }
    }

    #[test]
    fn only_what_became_different_is_taken_back() {
        let before = ticket(&[]);
        let mut after = before.clone();
        after.ticket.subject = line("New");
        let fields = FieldsChange {
            subject: Some(Edit { from: line("shown"), to: line("New") }),
            priority: Some(Edit { from: Priority::High, to: Priority::Normal }),
            ..FieldsChange::default()
        };
        let undo = Change::Fields(Box::new(fields)).taking_back(&before, &after);
        let subject = Some(Edit { from: line("New"), to: before.ticket.subject.clone() });
        let expected = FieldsChange { subject, ..FieldsChange::default() };
        assert_eq!(undo, Some(Change::Fields(Box::new(expected))));
        assert_eq!(Change::Archived(false).taking_back(&before, &after), None);
    }

    #[test]
    fn a_renamed_status_is_the_same_one() {
        let [open, mut closed, ..] = Status::usual();
        let mut now = ticket(&[]).ticket;
        now.status = closed.clone();
        closed.title = line("Geschlossen");
        assert!(Change::Status(Edit { from: closed, to: open }).fits(&now));
    }
}
