//! A question: a step can be taken back in part only.

use crate::app::{Model, command::TakeBackCommand, effect::Effects, popups::Surface, undo};

pub use crate::app::done::HalfStep;

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
