//! Discarding a draft: asked first, done by the store, and taken back.

use crate::app::{
    Effects, Model,
    command::{ConsoleCommand, DiscardCommand},
    done::DoneStep,
    layout::Layout,
    merge,
    notice::{About, Level},
    panes::composer,
    popups::{
        Surface, form,
        frame::Edge,
        outbox_list::{self, first_words},
    },
    tone::{Tone, Toned},
};
use crate::domain::{Draft, DraftKey, Writer, columns};

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
        model.say(Level::Info, format!("the {kind} is being recorded"));
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
        let text = model.drafts.get(self.draft).map(first_words).unwrap_or_default();
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

/// The store has dropped a draft: one that was discarded leaves the screen, and can be taken back.
pub(in crate::app) fn gone(model: &mut Model, key: DraftKey) -> Effects {
    merge::learn_writer(model, key, None);
    let Some(draft) = model.drafts.gone(key) else { return Effects::none() };
    let what = what(key);
    let when = if outbox_list::is_on_entry(model) { " once this list is closed" } else { "" };
    let undo = model.keymap.key_for(ConsoleCommand::Undo);
    model.say(Level::Done, format!("{what} is discarded; {undo} brings it back{when}"));
    model.outbox.undone.clear();
    let label = format!("discard {what}");
    model.outbox.done.push(DoneStep { label, parts: Vec::new(), draft: Some(draft) });
    composer::discarded(model, key).and(form::discarded(model, key))
}

/// The store has not dropped a draft that another console writes.
pub(in crate::app) fn refused(model: &mut Model, key: DraftKey, writer: &Writer) {
    let text = format!("{writer} writes this {}: it is not discarded", key.kind.as_str());
    model.say_about(About::Writer(key), Level::Warning, text);
}

/// Brings back the draft that was discarded last, whatever was done since.
pub(in crate::app) fn take_back_last(model: &mut Model) -> Effects {
    let steps = &mut model.outbox.done;
    let last = steps.iter().rposition(|step| step.draft.is_some());
    match last.and_then(|at| steps.remove(at).draft) {
        Some(draft) => take_back(model, draft),
        None => {
            model.say(Level::Info, "no draft was discarded: there is nothing to bring back");
            Effects::none()
        }
    }
}

/// Brings a discarded draft back, beside what is there under its key by now.
pub(in crate::app) fn take_back(model: &mut Model, draft: Draft) -> Effects {
    let key = match model.drafts.get(draft.key) {
        Some(_) => draft.key.beside(model.now.as_microsecond()),
        None => draft.key,
    };
    let draft = Draft { key, updated: model.now, ..draft };
    let effects = model.drafts.bring_back(draft, model.now).and(model.drafts.flush());
    outbox_list::go_to_draft(model, key);
    effects.and(composer::reopen(model, key))
}

/// Says that a discarded draft is on the disk again.
pub(in crate::app) fn is_back(model: &mut Model, key: DraftKey) {
    model.say(Level::Done, format!("{} is back", what(key)));
}

fn what(key: DraftKey) -> String {
    let on = key.about().map(|id| format!(" on {id}")).unwrap_or_default();
    format!("the {}{on}", key.kind.as_str())
}
