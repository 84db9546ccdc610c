//! Whether two changes ask for the same.

use super::{Change, Edit, FieldsChange};

impl Change {
    /// Whether `other` asks for the same, whatever each of them saw before.
    pub fn asks_for_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Status(one), Self::Status(two)) => one.to.id == two.to.id,
            (Self::Fields(one), Self::Fields(two)) => one.ask_for_same(two),
            _ => self == other,
        }
    }
}

impl FieldsChange {
    fn ask_for_same(&self, other: &Self) -> bool {
        let Self { subject, message, department, project, priority } = self;
        same(subject.as_ref(), other.subject.as_ref())
            && same(message.as_ref(), other.message.as_ref())
            && same(department.as_ref(), other.department.as_ref())
            && same(project.as_ref(), other.project.as_ref())
            && same(priority.as_ref(), other.priority.as_ref())
    }
}

fn same<T: PartialEq>(one: Option<&Edit<T>>, two: Option<&Edit<T>>) -> bool {
    one.map(|it| &it.to) == two.map(|it| &it.to)
}
