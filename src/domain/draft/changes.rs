//! Changes of a ticket that wait beside a reply or a note, to be made in one step with it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::{
    Change, Department, Line, Priority, ProjectId, Status,
    plan::{Tags, Wish, macros::Then},
};

/// The changes that belong to a draft. They come from macros; the review shows them, and the agent can
/// leave each of them out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftChanges {
    /// The status.
    pub status: Option<Status>,
    /// The priority.
    pub priority: Option<Priority>,
    /// The department.
    pub department: Option<Department>,
    /// The project.
    pub project: Option<ProjectId>,
    /// Tags that are to be there.
    pub add_tags: Vec<Line>,
    /// Tags that are to go.
    pub remove_tags: Vec<Line>,
    /// Whether the ticket is archived (`true`) or restored.
    pub archived: Option<bool>,
    /// Where the cursor goes after the step, if a macro says so.
    pub then: Option<Then>,
    /// The changes that the agent leaves out.
    pub left_out: BTreeSet<DraftField>,
    /// The assistant that wrote the text beside which they wait, cleaned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The part of a ticket that a change beside a text is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftField {
    /// The status.
    Status,
    /// The priority.
    Priority,
    /// The department.
    Department,
    /// The project.
    Project,
    /// The tags.
    Tags,
    /// The archive.
    Archive,
}

impl DraftField {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Department => "department",
            Self::Project => "project",
            Self::Tags => "tags",
            Self::Archive => "archive",
        }
    }
}

impl DraftChanges {
    /// The changes that a wish asks for besides its text.
    pub fn of(wish: &Wish, then: Option<Then>) -> Self {
        let (add_tags, remove_tags) = match &wish.tags {
            Some(Tags::Change { add, remove }) => (add.clone(), remove.clone()),
            Some(Tags::Replace(_)) | None => (Vec::new(), Vec::new()),
        };
        Self {
            status: wish.status.clone(),
            priority: wish.fields.priority,
            department: wish.fields.department.clone(),
            project: wish.fields.project.flatten(),
            add_tags,
            remove_tags,
            archived: wish.archived,
            then,
            left_out: BTreeSet::new(),
            by: None,
        }
    }

    /// Those that are to follow a text, as the outbox has them; `None` if there are none.
    pub fn following<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Option<Box<Self>> {
        let mut all = Self::default();
        for change in changes {
            match change {
                Change::Status(edit) => all.status = Some(edit.to.clone()),
                Change::Archived(to) => all.archived = Some(*to),
                Change::Tags(tags) => {
                    all.add_tags.clone_from(&tags.add);
                    all.remove_tags.clone_from(&tags.remove);
                }
                Change::Fields(fields) => {
                    all.priority = fields.priority.as_ref().map(|it| it.to);
                    all.department = fields.department.as_ref().and_then(|it| it.to.clone());
                    all.project = fields.project.as_ref().and_then(|it| it.to);
                }
                Change::Post { .. }
                | Change::Create(_)
                | Change::DeleteReply(_)
                | Change::DeleteTicket => {}
            }
        }
        (!all.is_empty()).then(|| Box::new(all))
    }

    /// The fields that they are about, the status first.
    pub fn fields(&self) -> Vec<DraftField> {
        use DraftField as F;
        let tags = !self.add_tags.is_empty() || !self.remove_tags.is_empty();
        let all = [
            (F::Status, self.status.is_some()),
            (F::Priority, self.priority.is_some()),
            (F::Department, self.department.is_some()),
            (F::Project, self.project.is_some()),
            (F::Tags, tags),
            (F::Archive, self.archived.is_some()),
        ];
        all.into_iter().filter(|(_, is)| *is).map(|(field, _)| field).collect()
    }

    /// Whether there is nothing to be kept.
    pub fn is_empty(&self) -> bool {
        self.fields().is_empty() && self.then.is_none() && self.by.is_none()
    }

    /// The wish for one of its fields, whether it is left out or not.
    pub fn wish_for(&self, field: DraftField) -> Wish {
        let mut wish = Wish::default();
        self.set(&mut wish, field);
        wish
    }

    /// The wish for all fields that are not left out.
    pub fn wish(&self) -> Wish {
        let mut wish = Wish::default();
        for field in self.fields().into_iter().filter(|it| !self.left_out.contains(it)) {
            self.set(&mut wish, field);
        }
        wish
    }

    fn set(&self, wish: &mut Wish, field: DraftField) {
        let fields = &mut wish.fields;
        match field {
            DraftField::Status => wish.status.clone_from(&self.status),
            DraftField::Priority => fields.priority = self.priority,
            DraftField::Department => fields.department.clone_from(&self.department),
            DraftField::Project => fields.project = self.project.map(Some),
            DraftField::Tags => {
                let (add, remove) = (self.add_tags.clone(), self.remove_tags.clone());
                wish.tags = Some(Tags::Change { add, remove });
            }
            DraftField::Archive => wish.archived = self.archived,
        }
    }

    /// Takes in the changes of another macro. Where both set a field, the later one counts. A field
    /// that was left out is in again if the later macro sets it.
    pub fn take_in(&mut self, later: Self) {
        for field in later.fields() {
            self.left_out.remove(&field);
        }
        let tags = |own: &[Line], more: Vec<Line>, gone: &[Line]| {
            let mut all: Vec<Line> = own.iter().filter(|it| !gone.contains(it)).cloned().collect();
            all.extend(more.into_iter().filter(|it| !own.contains(it)));
            all
        };
        self.add_tags = tags(&self.add_tags, later.add_tags.clone(), &later.remove_tags);
        self.remove_tags = tags(&self.remove_tags, later.remove_tags, &later.add_tags);
        self.status = later.status.or_else(|| self.status.take());
        self.priority = later.priority.or(self.priority);
        self.department = later.department.or_else(|| self.department.take());
        self.project = later.project.or(self.project);
        self.archived = later.archived.or(self.archived);
        self.then = later.then.or(self.then);
    }

    /// Leaves a field out, or takes it in again.
    pub fn toggle(&mut self, field: DraftField) {
        if !self.left_out.remove(&field) {
            self.left_out.insert(field);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::from_cleaned(text, None)
    }

    #[test]
    fn each_change_can_be_left_out_and_taken_in_again() {
        let mut changes = DraftChanges {
            priority: Some(Priority::High),
            add_tags: vec![line("refund")],
            archived: Some(true),
            ..DraftChanges::default()
        };
        let all = changes.fields();
        assert_eq!(all, [DraftField::Priority, DraftField::Tags, DraftField::Archive]);
        for field in all {
            let whole = changes.wish();
            changes.toggle(field);
            assert_eq!(changes.wish_for(field).archived.is_some(), field == DraftField::Archive);
            assert_ne!(changes.wish(), whole, "{field:?} is left out");
            changes.toggle(field);
            assert_eq!(changes.wish(), whole);
        }
    }

    #[test]
    fn a_later_macro_counts_and_no_tag_is_both_added_and_removed() {
        let mut changes = DraftChanges {
            priority: Some(Priority::High),
            add_tags: vec![line("a"), line("b")],
            left_out: [DraftField::Priority].into(),
            ..DraftChanges::default()
        };
        changes.take_in(DraftChanges {
            priority: Some(Priority::Urgent),
            add_tags: vec![line("a"), line("c")],
            remove_tags: vec![line("b")],
            then: Some(Then::Next),
            ..DraftChanges::default()
        });
        assert_eq!(changes.wish().fields.priority, Some(Priority::Urgent));
        assert_eq!(changes.add_tags, [line("a"), line("c")]);
        assert_eq!(changes.remove_tags, [line("b")]);
        assert_eq!(changes.then, Some(Then::Next));
    }
}
