//! Identifiers: one type each, so that a reply's number can't be taken for a ticket's.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $number:ty)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $number);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "#{}", self.0)
            }
        }
    )*};
}

ids! {
    /// A ticket's number, the API's `ticket_id`. Shown as `#123` everywhere.
    TicketId i64
    /// A reply's (or note's) number; the conversation is in its order.
    ReplyId i64
    /// A client of the CRM: the company that a ticket belongs to.
    ClientId i64
    /// A category of type `ticket`.
    DepartmentId i64
    /// A project of a client.
    ProjectId i64
    /// A `ticketstatus_id`. Five are usual, administrators add more: any id is valid.
    StatusId i64
    /// A user of the CRM, found in `/team`, in `/contacts`, or in neither.
    PersonId i64
    /// A contact person of a client.
    ContactId i64
    /// A draft, from its first letter on: another one under the same key has another. Made by
    /// [`DraftId::new`], unique across consoles and restarts.
    DraftId i64
    /// A row of the outbox. Made by [`StepId::entry`], unique across processes and restarts.
    EntryId i128
    /// One action of the agent: all the changes that one undo takes back.
    StepId i128
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

/// The bits of a session's random number that identities are made of.
const SESSION: u64 = u64::MAX >> 1;

impl DraftId {
    /// The `count`th draft of the process whose random `session` number this is.
    pub fn new(session: u64, count: u32) -> Self {
        let session = session & SESSION;
        let spread = (session << 32 & SESSION) | session >> 31;
        // No higher than `SESSION`, so it is no negative number.
        Self((spread.wrapping_add(count.into()) & SESSION).cast_signed())
    }

    /// A number for a text that was last typed in at `updated` and is kept aside as a draft. No
    /// console has begun that draft, so its number is none of the remembered ones.
    pub fn aside(updated: jiff::Timestamp) -> Self {
        Self(updated.as_microsecond().saturating_neg())
    }
}

impl StepId {
    /// The `count`th step of the process whose random `session` number this is.
    ///
    /// The number holds 63 bits of the session and 32 of the count, and leaves 32 for entries: more
    /// than fit in memory.
    pub fn new(session: u64, count: u32) -> Self {
        Self(i128::from(session & SESSION) << 64 | i128::from(count) << 32)
    }

    /// The identity of this step's `index`th change.
    pub fn entry(self, index: usize) -> EntryId {
        EntryId(self.0.saturating_add(i128::try_from(index).unwrap_or(i128::MAX)))
    }
}

impl EntryId {
    /// A number of 63 bits that stands for this entry where its own 127 bits do not fit.
    pub fn short(self) -> i64 {
        let session = self.0 >> 64;
        let folded = (session << 32) ^ (session >> 31) ^ self.0;
        i64::try_from(folded & i128::from(SESSION)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SESSIONS: [u64; 5] = [0, 1, 7, 0x1234_5678_9abc_def0, u64::MAX - 1];

    #[test]
    fn no_two_entries_have_one_identity_whoever_made_them_and_however_many_a_step_has() {
        let mut entries = HashSet::new();
        let mut short = HashSet::new();
        let mut asked = 0;
        for session in SESSIONS {
            for count in [0, 1, 2, 1 << 18, u32::MAX] {
                for index in [0, 1, 16_383, 16_384, 1 << 20, u32::MAX as usize] {
                    let id = StepId::new(session, count).entry(index);
                    assert!(id.0 >= 0 && id.short() >= 0, "{session} {count} {index}: {id:?}");
                    entries.insert(id);
                    if count < 1 << 18 && index < 1 << 21 {
                        short.insert((session, id.short()));
                    }
                    asked += 1;
                }
            }
        }
        assert_eq!(entries.len(), asked);
        assert_eq!(short.len(), SESSIONS.len() * 3 * 5);
    }

    #[test]
    fn the_drafts_of_two_sessions_are_told_apart() {
        let drafts = SESSIONS.iter().flat_map(|it| (0..1_000).map(|at| DraftId::new(*it, at)));
        let drafts: HashSet<DraftId> = drafts.collect();
        assert_eq!(drafts.len(), SESSIONS.len() * 1_000);
        assert!(drafts.iter().all(|it| it.0 >= 0));
    }
}
