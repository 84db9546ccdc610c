//! The text of one ticket of a plan, edited before the rest goes.

use crokey::KeyCombination;

use crate::app::{
    Model,
    command::RewordCommand,
    editor::Editor,
    effect::Effects,
    errand::Errand,
    layout::Layout,
    popups::{Surface, frame::Edge},
    tone::Tone,
};
use crate::domain::{ReplyKind, TicketId};

/// The columns that it wants.
const COLUMNS: usize = 84;

/// The rows that it wants.
const ROWS: usize = 18;

/// A text of a plan.
#[derive(Clone, Debug)]
pub struct Reword {
    /// The text.
    pub editor: Editor,
    /// Its ticket.
    pub ticket: TicketId,
    kind: ReplyKind,
}

/// Opens the text over the plan.
pub(in crate::app) fn open(
    model: &mut Model,
    ticket: TicketId,
    kind: ReplyKind,
    text: &str,
) -> Effects {
    model.push_popup(Reword { editor: Editor::new(text), ticket, kind });
    Effects::none()
}

impl Surface for Reword {
    type Commands = RewordCommand;

    fn run(model: &mut Model, command: RewordCommand) -> Effects {
        let Some(shown) = model.top_mut::<Self>() else { return Effects::none() };
        match command {
            RewordCommand::Undo => {
                shown.editor.undo();
            }
            RewordCommand::Redo => {
                shown.editor.redo();
            }
            RewordCommand::Keep => {
                let (ticket, text) = (shown.ticket, shown.editor.text());
                model.close_popup();
                model.pass(Errand::Reworded(ticket, text));
            }
        }
        Effects::none()
    }

    fn types_text(&self) -> bool {
        true
    }

    fn typed(model: &mut Model, key: KeyCombination) -> Effects {
        if let Some(shown) = model.top_mut::<Self>() {
            shown.editor.key(key);
        }
        Effects::none()
    }

    fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
        model.top_mut::<Self>()?.editor.paste(text);
        Some(Effects::none())
    }

    fn title(&self, _: &Model) -> String {
        match self.kind {
            ReplyKind::Note => format!("Note on {}, for colleagues only", self.ticket),
            _ => format!("Reply to {}, for this ticket alone", self.ticket),
        }
    }

    fn edge(&self, model: &Model) -> Edge {
        Edge::keys([(
            model.keymap.key_for(RewordCommand::Keep),
            "back to the plan, with this text",
        )])
    }

    fn tone(&self) -> Tone {
        if self.kind == ReplyKind::Note { Tone::Warning } else { Tone::Accent }
    }

    fn size(&self, _: &Model, layout: &Layout) -> (usize, usize) {
        (COLUMNS, layout.popup_rows().min(ROWS))
    }
}
