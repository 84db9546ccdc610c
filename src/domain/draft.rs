//! Drafts: what the agent has typed and not yet recorded.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::TicketId;

/// What a draft will become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftKind {
    /// A public reply.
    Reply,
    /// An internal note.
    Note,
    /// A new ticket: the whole form.
    NewTicket,
    /// An edit of a ticket's fields: the whole form.
    Edit,
}

impl DraftKind {
    /// The word for it, as stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
            Self::NewTicket => "new ticket",
            Self::Edit => "edit",
        }
    }
}

/// A draft is bound to its ticket and its kind: a reply never turns up as a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DraftKey {
    /// The ticket; `None` for a new one.
    pub ticket: Option<TicketId>,
    /// What it will become.
    pub kind: DraftKind,
}

/// A draft as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What it is bound to.
    pub key: DraftKey,
    /// The text, as typed; for a form, its fields as JSON.
    pub text: String,
    /// The line (from 0) and the character in it (from 0) where the cursor stood.
    pub cursor: (usize, usize),
    /// When the agent last typed in it.
    pub updated: Timestamp,
}
