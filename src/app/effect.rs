//! What `update` asks for: plain data, carried out by the worker and the runtime.

use jiff::Timestamp;

use super::{requests::RequestId, screen::Screen};
use crate::domain::{
    ClientId, Draft, DraftId, DraftKey, Entry, EntryId, Place, Rows, Seen, Stand, TicketId, View,
    WaitingStatuses,
};

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

/// Work for the background task.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Read everything that is not closed now, the waiting tickets first, and what the console does
    /// not know of the installation.
    Refresh,
    /// Look for changes as often as for an agent who looks at the console, or less often.
    Attend(bool),
    /// Read something; the answer carries the request's number.
    Read {
        /// The number.
        request: RequestId,
        /// Who asks: what the same asked before is not wanted any more.
        slot: Slot,
        /// What to read.
        read: Read,
    },
    /// Store entries in the outbox, and send them in their turn. The drafts that they came from are
    /// dropped in the same transaction, and nothing is stored where one of them is gone or another.
    Queue {
        /// The entries of one step, in order.
        entries: Vec<Entry>,
        /// The drafts that they came from.
        drop: Vec<Seen>,
    },
    /// Take an entry back if it has not left.
    TakeBack(EntryId),
    /// Send an entry that waits for a decision after all: the agent knows the ticket to stand so.
    SendAnyway(EntryId, Option<Box<Stand>>),
    /// Let everything that is held go at once.
    SendNow,
    /// Store a draft.
    SaveDraft {
        /// The draft.
        draft: Draft,
        /// The version of others that it was made from.
        seen: Option<Timestamp>,
    },
    /// Forget a draft.
    DropDraft(Seen),
    /// Make a draft this console's to write, unless another one writes it.
    OpenDraft {
        /// Which.
        key: DraftKey,
        /// The one that is known here, if one is: the answer says what became of it.
        known: Option<DraftId>,
        /// Whether to take it over from another console.
        take: bool,
    },
    /// Let others write a draft.
    CloseDraft(DraftKey),
    /// Keep how the screen stands for the next run.
    Remember(Box<Screen>),
}

/// Something to read.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// A ticket's conversation, rendered for `width` columns: as stored, or as the server has it.
    /// Of a long one that is stored the newest messages are answered first, then all.
    Thread {
        /// Whose.
        ticket: TicketId,
        /// Columns for the text.
        width: u16,
        /// Whether to ask the server rather than the store.
        fetch: bool,
    },
    /// All stored tickets, with the order of each view.
    Tickets {
        /// The views.
        views: Vec<View>,
        /// The statuses in which a customer waits.
        waiting: WaitingStatuses,
    },
    /// Those of some tickets in which every word of a text is found: in their rows, or in all that is
    /// said in them.
    List {
        /// The tickets as they are now.
        rows: Box<Rows>,
        /// Where to look, in order.
        among: Vec<Place>,
        /// The words.
        text: String,
        /// Whether they are looked for in messages and replies.
        in_texts: bool,
    },
    /// The conversations of a ticket's neighbours as the store has them, rendered before they are
    /// asked for; each is answered by itself.
    Ahead {
        /// Whose, the likeliest first.
        tickets: Vec<TicketId>,
        /// Columns for the text.
        width: u16,
    },
    /// The conversation that will likely be shown next, as the server has it.
    Next {
        /// Whose.
        ticket: TicketId,
        /// Columns for the text.
        width: u16,
    },
    /// Clients whose name matches.
    Clients {
        /// What the agent typed.
        search: String,
    },
    /// The projects of a client.
    Projects(ClientId),
    /// The contacts of a client.
    Contacts(ClientId),
    /// The departments.
    Departments,
    /// A ticket with its message, as the server has it now.
    Ticket(TicketId),
    /// Markdown, rendered as the reader will see it.
    Preview {
        /// The Markdown.
        text: String,
        /// Columns for the text.
        width: u16,
    },
}

impl Read {
    /// Whether the server is asked, rather than the store alone.
    pub fn asks_server(&self) -> bool {
        !matches!(
            self,
            Self::Thread { fetch: false, .. }
                | Self::Ahead { .. }
                | Self::Preview { .. }
                | Self::Tickets { .. }
                | Self::List { .. }
        )
    }
}

/// Who asks, and what for: a surface with one question at a time. A newer read of the same asker
/// cancels the older one; two askers never share a slot, whatever they read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The conversation shown, as stored.
    Thread,
    /// All tickets, at the start.
    Tickets,
    /// The filtered list.
    List,
    /// The conversation shown, as the server has it.
    Fetched,
    /// The conversations of its neighbours, as stored.
    Ahead,
    /// The conversation of the next likely ticket, as the server has it.
    Next,
    /// The choices of the picker that is open.
    Choices,
    /// The ticket of the edit form that is open.
    FormTicket,
    /// The title of that ticket's project.
    FormProject,
    /// The ticket that the agent wants to go to.
    Going,
    /// The preview of a text.
    Preview,
}

/// Something for the terminal or the desktop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Open the ticket's web page.
    Browse(TicketId),
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
    /// Stop the program until the shell brings it back.
    Suspend,
    /// Draw every cell again.
    Repaint,
    /// Leave.
    Quit,
}
