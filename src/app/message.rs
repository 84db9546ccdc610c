//! The messages: everything that reaches [`update`](super::update).

use crokey::KeyCombination;
use jiff::SignedDuration;

use super::{
    mouse::Pointed,
    pipe::{PipeNews, RunId},
};
pub use crate::desk::{BudgetUse, Connection, Found, Report, Stored};
use crate::domain::{DraftKey, Problem, View, plan::Macro};

/// Something that happened. Its time is given beside it, since the core reads no clock.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyCombination),
    /// The mouse did something at a cell.
    Mouse {
        /// What.
        pointed: Pointed,
        /// The column.
        x: u16,
        /// The row.
        y: u16,
    },
    /// Text was pasted, cleaned.
    Paste(String),
    /// The end of what was pasted was left out: it was too long.
    PasteCut {
        /// Bytes.
        left_out: usize,
    },
    /// A paste pauses, but has not ended. Esc takes in the text so far; no other byte counts as a
    /// key.
    PasteUnended,
    /// The paste that came just before does not end; its rest is left out.
    PasteEndless,
    /// The terminal has this many columns and rows.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The wall clock was set. It is ahead by this much of the time given beside each message,
    /// which never jumps.
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
        /// The text that the editor began with, or had saved before.
        before: String,
        /// The text that it has saved now, cleaned.
        text: String,
    },
    /// The files with macros were read.
    Macros {
        /// All that are right, in their order.
        macros: Vec<Macro>,
        /// What is wrong, a sentence each.
        problems: Vec<String>,
    },
    /// A program that reads a conversation has news.
    Piped {
        /// Which.
        run: RunId,
        /// The news.
        news: PipeNews,
    },
    /// A view of the agent's own was written into the configuration file, or could not be.
    ViewSaved {
        /// The view.
        view: Box<View>,
        /// The name of the view that it was made from.
        from: String,
        /// Where it is written; `None` where the configuration has one of its name.
        written: Result<Option<String>, Problem>,
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
    /// Whether the message may change the screen at once; it may change the model in any case.
    pub fn is_seen(&self) -> bool {
        !matches!(self, Self::Report(Report::Ahead { .. }) | Self::Attention(_) | Self::Drawn)
    }
}
