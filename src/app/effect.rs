//! The requests of `update`: plain data, carried out by the worker and the runtime.

use super::pipe::{PipeRun, RunId};
pub use crate::desk::{Read, Slot, Work};
use crate::domain::{DraftKey, Link, TicketId, View, notify::Notification};

/// The effects of one update, in order.
#[derive(Debug, Default)]
#[must_use = "effects that nobody carries out are lost"]
pub struct Effects(Vec<Effect>);

impl Effects {
    /// Nothing to do.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds one effect.
    pub fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// These effects, then `other`.
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Effect> for Effects {
    fn from(effect: Effect) -> Self {
        Self(vec![effect])
    }
}

impl From<Option<Effect>> for Effects {
    fn from(effect: Option<Effect>) -> Self {
        Self(effect.into_iter().collect())
    }
}

impl IntoIterator for Effects {
    type Item = Effect;
    type IntoIter = std::vec::IntoIter<Effect>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Something to be done outside the core.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// For the background task: the API and the store.
    Work(Work),
    /// For the terminal and the desktop around it.
    Outside(Outside),
}

/// Something for the terminal or the desktop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Open the ticket's web page.
    Browse(TicketId),
    /// Open a link of a message, of the web or of mail.
    Follow(Link),
    /// Have a program read a conversation; answered by `Message::Piped`.
    Pipe(Box<PipeRun>),
    /// End a program and all that it has started.
    EndPipe(RunId),
    /// Put text on the clipboard.
    Copy {
        /// The text, cleaned.
        text: String,
        /// What it is, for the notice.
        what: String,
    },
    /// Copy the address of the ticket's web page.
    CopyAddress(TicketId),
    /// Edit text with the agent's own editor; answered by `Message::Edited`.
    Editor {
        /// The draft that it is.
        key: DraftKey,
        /// The text to start with.
        text: String,
    },
    /// Write a view of the agent's own into the configuration file; answered by
    /// `Message::ViewSaved`.
    SaveView {
        /// The view.
        view: Box<View>,
        /// The name of the view that it was made from.
        from: String,
        /// Whether it may take the place of one of its name.
        replaces: bool,
    },
    /// Tell the agent outside the console.
    Notify(Box<Notification>),
    /// Stop the program until the shell brings it back.
    Suspend,
    /// Draw every cell again.
    Repaint,
    /// Hear the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Leave.
    Quit,
}
