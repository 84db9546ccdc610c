//! The work that the core asks the background task to do.

use jiff::{SignedDuration, Timestamp};

use super::{LastScreen, Read, RequestId, Slot};
use crate::domain::{AsideChange, Draft, DraftId, DraftKey, Entry, EntryId, Seen, Stand, TicketId};

/// Work for the background task.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Read all tickets that are not closed now, the waiting ones first, and the unknown facts
    /// about the installation.
    Refresh,
    /// Look for changes as often as for an agent who looks at the console, or less often.
    Attend(bool),
    /// Read something; the answer carries the request's number.
    Read {
        /// The number.
        request: RequestId,
        /// The asker. The asker no longer wants the answer to its earlier question.
        slot: Slot,
        /// What to read.
        read: Read,
    },
    /// Store entries in the outbox, and send them in their turn. The drafts that they came from are
    /// dropped in the same transaction. If one of the drafts is gone or has changed, nothing is
    /// stored.
    Queue {
        /// The entries of one step, in order.
        entries: Vec<Entry>,
        /// The drafts that they came from.
        drop: Vec<Seen>,
    },
    /// Take back those of the entries that have not left.
    TakeBack(Vec<EntryId>),
    /// Send an entry although it waits for a decision. The agent has seen the ticket in this state.
    SendAnyway(EntryId, Option<Box<Stand>>),
    /// Record what an assistant has proposed. A text is held first.
    RecordProposal {
        /// The entry that waits for the decision.
        entry: EntryId,
        /// How long it can still be taken back.
        hold: SignedDuration,
    },
    /// Drop those of the entries that are still proposals, with what follows them.
    DropProposals(Vec<EntryId>),
    /// Let all held entries go at once.
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
    /// Make this console the writer of a draft, unless another one writes it.
    OpenDraft {
        /// Which.
        key: DraftKey,
        /// The draft that is known here, if there is one. The answer tells its fate.
        known: Option<DraftId>,
        /// Whether to take it over from another console.
        take: bool,
    },
    /// Let others write a draft.
    CloseDraft(DraftKey),
    /// Change what the profile keeps about tickets, all or none. Each such request is answered, in
    /// order.
    SetAside(Vec<(TicketId, AsideChange)>),
    /// Keep the state of the screen for the next run.
    Remember(Box<LastScreen>),
}
