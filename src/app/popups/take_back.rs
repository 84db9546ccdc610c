//! A question: a step can be taken back in part only.

use crate::{
    app::{
        Model,
        command::TakeBackCommand,
        effect::Effects,
        errand::Errand,
        layout::{Layout, popup_columns},
        popups::{Surface, frame::Edge},
        tone::{Tone, Toned},
    },
    domain::columns,
};

pub use crate::app::done::HalfStep;

/// The columns that it wants.
const COLUMNS: usize = 70;

impl HalfStep {
    /// What it says.
    pub fn lines(&self, model: &Model) -> Vec<Toned> {
        let columns = popup_columns(model, COLUMNS);
        let kept = columns::wrap(&format!("{}.", self.kept), columns);
        let mut lines: Vec<Toned> = kept.into_iter().map(Toned::plain).collect();
        lines.push(Toned::plain(""));
        lines.push(Toned::new("This can still be taken back:", Tone::Quiet));
        let rest = self.rest.iter();
        lines.extend(rest.map(|what| Toned::new(format!("  {what}"), Tone::Strong)));
        lines
    }
}

impl Surface for HalfStep {
    type Commands = TakeBackCommand;

    /// If the agent leaves the step as it is, it can't be taken back later: the next undo takes the
    /// action before.
    fn run(model: &mut Model, command: TakeBackCommand) -> Effects {
        let Some(step) = model.top::<Self>().map(|half| half.step.clone()) else {
            return Effects::none();
        };
        model.close_popup();
        match command {
            TakeBackCommand::TakeRest => model.pass(Errand::TakeRest(step)),
            TakeBackCommand::Leave => {}
        }
        Effects::none()
    }

    fn title(&self, _: &Model) -> String {
        format!("{}: take back the rest?", self.label)
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: TakeBackCommand| model.keymap.key_for(command);
        Edge::keys([
            (key(TakeBackCommand::TakeRest), "takes the rest back"),
            (key(TakeBackCommand::Leave), "leaves all as it is"),
        ])
    }

    fn tone(&self) -> Tone {
        Tone::Warning
    }

    fn size(&self, model: &Model, layout: &Layout) -> (usize, usize) {
        (layout.popup_columns(COLUMNS), self.lines(model).len())
    }

    fn is_grave(&self) -> bool {
        true
    }
}
