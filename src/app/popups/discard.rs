//! Whether to discard a draft.

use crate::app::{
    Effects, Model,
    command::{ConsoleCommand, DiscardCommand},
    layout::Layout,
    notice::Level,
    popups::{Surface, frame::Edge},
    tone::{Tone, Toned},
};
use crate::domain::{Draft, DraftKey, columns};

/// A question: whether to discard a draft.
#[derive(Clone, Copy, Debug)]
pub struct Discard {
    /// The draft.
    pub draft: DraftKey,
}

/// Asks whether a draft is to be discarded.
pub(in crate::app) fn ask(model: &mut Model, key: DraftKey) -> Effects {
    let kind = key.kind.as_str();
    // The store finds out whether another console writes the draft when it is to drop it. The
    // knowledge here may be out of date.
    if model.drafts.is_recording(key) {
        model.say(Level::Info, format!("{}the {kind} is being recorded", key.begins()));
    } else if model.drafts.get(key).is_none() {
        model.say(Level::Info, "there is nothing to discard");
    } else {
        model.push_popup(Discard { draft: key });
    }
    Effects::none()
}

/// The columns that it wants.
const COLUMNS: usize = 58;

impl Discard {
    /// What it says.
    pub fn lines(&self, model: &Model) -> Vec<Toned> {
        let text = model.drafts.get(self.draft).map(Draft::first_words).unwrap_or_default();
        let undo = model.keymap.key_for(ConsoleCommand::Undo);
        let mut lines = vec![Toned::plain(format!("{undo} brings it back until you leave."))];
        if !text.is_empty() {
            let text = format!("“{}”", columns::cut(&text, COLUMNS - 2));
            lines.insert(0, Toned::new(text, Tone::Quiet));
        }
        lines
    }
}

impl Surface for Discard {
    type Commands = DiscardCommand;

    fn run(model: &mut Model, command: DiscardCommand) -> Effects {
        let Some(key) = model.top::<Self>().map(|asked| asked.draft) else {
            return Effects::none();
        };
        model.close_popup();
        match command {
            DiscardCommand::Discard => model.drafts.discard(key),
            DiscardCommand::Cancel => Effects::none(),
        }
    }

    fn title(&self, _: &Model) -> String {
        let on = self.draft.about().map(|id| format!(" on {id}")).unwrap_or_default();
        format!("Discard the {}{on}?", self.draft.kind.as_str())
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: DiscardCommand| model.keymap.key_for(command);
        Edge::keys([
            (key(DiscardCommand::Discard), "discards it"),
            (key(DiscardCommand::Cancel), "keeps it"),
        ])
    }

    fn tone(&self) -> Tone {
        Tone::Warning
    }

    fn size(&self, model: &Model, _: &Layout) -> (usize, usize) {
        (COLUMNS, self.lines(model).len())
    }

    fn is_over_form(&self) -> bool {
        true
    }

    fn is_grave(&self) -> bool {
        true
    }
}
