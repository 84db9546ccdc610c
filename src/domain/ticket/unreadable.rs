//! Tickets that the server holds, but does not show in a readable form.

use crate::domain::{Line, TicketId};

/// A ticket, or a stretch of a list, that can't be read: the server fails over it, or its answer is
/// broken or too large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The ticket, where its number is known.
    pub ticket: Option<TicketId>,
    /// Where it stands, for people: `39th of Open`.
    pub place: Line,
    /// Why it can't be read.
    pub said: Line,
}
