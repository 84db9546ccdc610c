//! A question: a step can be taken back in part only.

use crate::app::{
    Model, Popup,
    command::TakeBackCommand,
    effect::Effects,
    undo::{self, Step},
};

/// A question: a step can be taken back in part only.
#[derive(Clone, Debug)]
pub struct HalfStep {
    /// What was done, and on which ticket.
    pub label: String,
    /// What can't be taken back, and why.
    pub kept: String,
    /// What can, each by what it sets.
    pub rest: Vec<String>,
    pub(in crate::app) step: Step,
}

/// A command in that question. What is left as it is can't be taken back later: the next undo is
/// about the action before.
pub(in crate::app) fn run(model: &mut Model, command: TakeBackCommand) -> Effects {
    let Some(Popup::TakeBack(half)) = &model.popup else { return Effects::none() };
    let step = half.step.clone();
    match command {
        TakeBackCommand::TakeRest => {
            model.close_popup();
            undo::take_back_rest(model, step)
        }
        TakeBackCommand::Leave => {
            model.close_popup();
            Effects::none()
        }
    }
}
