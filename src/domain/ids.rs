//! Identifiers: one type each, so that a reply's number can't be taken for a ticket's.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "#{}", self.0)
            }
        }
    )*};
}

ids! {
    /// A ticket's number, the API's `ticket_id`. Shown as `#123` everywhere.
    TicketId
    /// A reply's (or note's) number; the conversation is in its order.
    ReplyId
    /// A client of the CRM: the company that a ticket belongs to.
    ClientId
    /// A category of type `ticket`.
    DepartmentId
    /// A project of a client.
    ProjectId
    /// A `ticketstatus_id`. Five are usual, administrators add more: any id is valid.
    StatusId
    /// A user of the CRM, found in `/team`, in `/contacts`, or in neither.
    PersonId
    /// A contact person of a client.
    ContactId
    /// A draft, from its first letter on: another one under the same key has another. Made by
    /// [`DraftId::new`], unique across consoles and restarts.
    DraftId
    /// A row of the outbox. Made by [`StepId::entry`], unique across consoles and restarts.
    EntryId
    /// One action of the agent: all the changes that one undo takes back.
    StepId
}

impl StatusId {
    /// Open, the status that a new ticket has.
    pub const OPEN: Self = Self(1);
    /// Closed.
    pub const CLOSED: Self = Self(2);
    /// On Hold.
    pub const ON_HOLD: Self = Self(3);
    /// Answered: what a reply proposes.
    pub const ANSWERED: Self = Self(4);
    /// Customer Replied; missing from some installations.
    pub const CUSTOMER_REPLIED: Self = Self(5);
}

impl DraftId {
    /// The `count`th draft of the console whose random `session` number this is.
    pub fn new(session: u32, count: u32) -> Self {
        Self((i64::from(session & 0x7fff_ffff) << 32) | i64::from(count))
    }
}

/// How many entries one step can hold: the room left for them below a step's number.
const ENTRIES_PER_STEP: i64 = 1 << 14;

impl StepId {
    /// The `count`th step of the console whose random `session` number this is.
    ///
    /// The number holds 31 bits of the session and 18 of the count, and leaves 14 for entries, so
    /// two consoles on one store do not meet.
    pub fn new(session: u32, count: u32) -> Self {
        let session = i64::from(session & 0x7fff_ffff);
        Self(((session << 18) | i64::from(count & 0x3_ffff)) * ENTRIES_PER_STEP)
    }

    /// The identity of this step's `index`th change; `None` beyond the 16,384 that a step can hold.
    pub fn entry(self, index: usize) -> Option<EntryId> {
        let index = i64::try_from(index).ok().filter(|index| *index < ENTRIES_PER_STEP)?;
        Some(EntryId(self.0 + index))
    }
}
