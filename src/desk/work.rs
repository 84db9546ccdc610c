//! What the core asks the background task to do.

use jiff::Timestamp;

use super::{LastScreen, Read, RequestId, Slot};
use crate::domain::{Draft, DraftId, DraftKey, Entry, EntryId, Seen, Stand};

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
    /// Take entries back, each if it has not left.
    TakeBack(Vec<EntryId>),
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
    Remember(Box<LastScreen>),
}
