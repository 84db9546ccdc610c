//! Repeats the last action of the agent on another ticket, or on the marked ones.

use super::{
    Effects, Model,
    act::{self, Origin},
    marks::Aim,
    notice::Level,
};
use crate::domain::{
    Change, FieldsChange, ReplyKind,
    plan::{Action, Fields, Step, Tags, Wish},
};

/// The last action of the agent.
#[derive(Clone, Debug, Default)]
pub(super) enum LastAction {
    /// There was none yet.
    #[default]
    Nothing,
    /// It can be done again elsewhere.
    Again(Action),
    /// It is never done again unasked, and this is what it was: "a reply".
    Never(&'static str),
}

impl LastAction {
    /// An action as the last one. A status that goes with a reply is no action of its own.
    fn of(action: &Action) -> Self {
        let wish = match action {
            Action::Set(wish) => wish.as_ref(),
            Action::DeleteReply { .. } | Action::DeleteTicket => return Self::Never("a deletion"),
            Action::Create(_) => return Self::Never("a new ticket"),
        };
        match &wish.text {
            Some(text) => Self::Never(word(text.kind)),
            None if writes(&wish.fields) => Self::Never("an edit of a text"),
            None => Self::Again(action.clone()),
        }
    }

    /// The action that a step was made of, as far as its first ticket tells.
    fn of_step(step: &Step) -> Self {
        let Some(first) = step.changes.first() else { return Self::Nothing };
        let mut wish = Wish::default();
        for planned in step.changes.iter().take_while(|it| it.ticket == first.ticket) {
            match &planned.change {
                Change::Post { kind, .. } => return Self::Never(word(*kind)),
                Change::DeleteReply(_) | Change::DeleteTicket => return Self::Never("a deletion"),
                Change::Create(_) => return Self::Never("a new ticket"),
                Change::Status(edit) => wish.status = Some(edit.to.clone()),
                Change::Archived(to) => wish.archived = Some(*to),
                Change::Tags(tags) => {
                    let (add, remove) = (tags.add.clone(), tags.remove.clone());
                    wish.tags = Some(Tags::Change { add, remove });
                }
                Change::Fields(fields) => wish.fields = fields_of(fields),
            }
        }
        Self::of(&wish.into())
    }
}

fn word(kind: ReplyKind) -> &'static str {
    if kind == ReplyKind::Note { "a note" } else { "a reply" }
}

/// Whether fields hold words of one ticket, which are wrong on every other one.
fn writes(fields: &Fields) -> bool {
    fields.subject.is_some() || fields.message.is_some()
}

fn fields_of(change: &FieldsChange) -> Fields {
    let FieldsChange { subject, message, department, project, priority } = change;
    Fields {
        subject: subject.as_ref().map(|edit| edit.to.clone()),
        message: message.as_ref().map(|edit| edit.to.clone()),
        department: department.as_ref().and_then(|edit| edit.to.clone()),
        project: project.as_ref().map(|edit| edit.to),
        priority: priority.as_ref().map(|edit| edit.to),
    }
}

/// Notes a step that is carried out.
pub(super) fn note_step(model: &mut Model, step: &Step) {
    model.last_action = LastAction::of_step(step);
}

/// Notes the action that a step came of: it tells more of the agent's wish than the step.
pub(super) fn note(model: &mut Model, action: &Action) {
    model.last_action = LastAction::of(action);
}

/// Repeats the last action on what is aimed at, or says why it does not.
pub(super) fn repeat(model: &mut Model, aim: Aim) -> Effects {
    match model.last_action.clone() {
        LastAction::Nothing => {
            model.say(Level::Info, "there is no action to repeat yet");
            Effects::none()
        }
        LastAction::Never(what) => {
            let text = format!("the last action was {what}, and that is never repeated by a key");
            model.say(Level::Info, text);
            Effects::none()
        }
        LastAction::Again(action) => {
            act::aimed_as(model, action, aim, Origin { repeats: true, ..Origin::default() })
        }
    }
}
