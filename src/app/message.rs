//! What can happen: everything that reaches [`update`](super::update).

use crokey::KeyCombination;
use jiff::SignedDuration;

pub use crate::desk::{BudgetUse, Connection, Found, Report, Stored};
use crate::domain::{DraftKey, Problem, plan::Macro};

/// Something that happened. The time of it is told beside it, since the core reads no clock.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyCombination),
    /// Text was pasted, cleaned.
    Paste(String),
    /// The end of what was pasted was left out: it was too long.
    PasteCut {
        /// Bytes.
        left_out: usize,
    },
    /// A paste pauses, and has not ended: Esc takes in what came, and nothing else is a key.
    PasteUnended,
    /// The paste that came just before goes on and on: its rest is left out.
    PasteEndless,
    /// The terminal has this many columns and rows.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The wall clock was set: it is so far ahead of the time that is told beside each message, which
    /// never jumps.
    ClockSet {
        /// Negative where it is behind.
        ahead: SignedDuration,
    },
    /// Time has passed; what [`Model::next_wake`](super::Model::next_wake) asked for.
    Clock,
    /// The screen shows the model as it is; asked for by
    /// [`Model::awaits_draw`](super::Model::awaits_draw).
    Drawn,
    /// The terminal or the system wants the program to end.
    Terminate,
    /// The terminal says that it has the agent's attention, or that something else has.
    Attention(bool),
    /// The external editor was closed.
    Edited {
        /// The draft that it was opened on.
        key: DraftKey,
        /// The text as it was left.
        text: Result<String, Problem>,
    },
    /// An editor with a window of its own has saved a text.
    Saved {
        /// The draft that it is.
        key: DraftKey,
        /// What the editor began with, or had saved before.
        before: String,
        /// What it has saved, cleaned.
        text: String,
    },
    /// The files with macros were read.
    Macros {
        /// All that are right, in their order.
        macros: Vec<Macro>,
        /// What is wrong, a sentence each.
        problems: Vec<String>,
    },
    /// Something done outside went well or failed: copying, the browser.
    Done(Result<String, Problem>),
    /// The background task has something to tell.
    Report(Report),
}

impl From<Report> for Message {
    fn from(report: Report) -> Self {
        Self::Report(report)
    }
}

impl Message {
    /// Whether it may change what is on screen at once, however much it changes what is known.
    pub fn is_seen(&self) -> bool {
        !matches!(self, Self::Report(Report::Ahead { .. }) | Self::Attention(_) | Self::Drawn)
    }
}
