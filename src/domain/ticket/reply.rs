//! Replies and notes: the conversation of a ticket.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{Html, Line, PersonId, ReplyId, TicketId};

/// Who may read a message of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyKind {
    /// Public: the customer reads it.
    Reply,
    /// Internal: colleagues only.
    Note,
    /// The server did not say; it is never shown as public.
    Unknown,
}

impl ReplyKind {
    /// The word that the API uses for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
            Self::Unknown => "unknown",
        }
    }
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Its number; the conversation is in its order, ascending.
    pub id: ReplyId,
    /// The ticket that it belongs to.
    pub ticket: TicketId,
    /// Who may read it.
    pub kind: ReplyKind,
    /// Its text.
    pub body: Html,
    /// Who wrote it, where the server says.
    pub author: Option<PersonId>,
    /// The author's name, where the server says.
    pub author_name: Option<Line>,
    /// When it was written, UTC.
    pub created: Option<Timestamp>,
}
