//! A question: a step can be taken back in part only.

use crate::app::{
    Model, command::TakeBackCommand, effect::Effects, outbox::Done, popups::Surface, undo,
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
    pub(in crate::app) step: Done,
}

impl Surface for HalfStep {
    type Commands = TakeBackCommand;

    /// What is left as it is can't be taken back later: the next undo is about the action before.
    fn run(model: &mut Model, command: TakeBackCommand) -> Effects {
        let Some(step) = model.top::<Self>().map(|half| half.step.clone()) else {
            return Effects::none();
        };
        model.close_popup();
        match command {
            TakeBackCommand::TakeRest => undo::take_back_rest(model, step),
            TakeBackCommand::Leave => Effects::none(),
        }
    }

    fn is_grave(&self) -> bool {
        true
    }
}
