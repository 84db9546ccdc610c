//! A conversation, rendered for a width. The worker hands it to the conversation pane.

use jiff::Timestamp;

use crate::domain::{ReplyId, ReplyKind, StyledLine, TicketId};

/// Which side of the desk somebody is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Found in the team.
    Agent,
    /// Found elsewhere, or nowhere.
    Customer,
}

/// One message of a conversation, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Its number; `None` for the ticket's opening message.
    pub reply: Option<ReplyId>,
    /// Who may read it.
    pub kind: ReplyKind,
    /// The author's name, cleaned; empty where nobody knows it.
    pub author: String,
    /// Which side the author is on.
    pub side: Side,
    /// When it was written.
    pub at: Option<Timestamp>,
    /// Its text, wrapped to the thread's width; no line at all where it is still to come.
    pub body: Vec<StyledLine>,
}

/// A conversation, the opening message first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Whose it is.
    pub ticket: TicketId,
    /// The columns that the text is wrapped to.
    pub width: u16,
    /// The messages, oldest first.
    pub posts: Vec<Post>,
    /// When the server was last asked; `None` if never.
    pub read_at: Option<Timestamp>,
    /// Whether this is the server's answer rather than the store's memory.
    pub fetched: bool,
    /// Whether all its messages have their text; otherwise the newest have, and the rest follows.
    pub whole: bool,
}

impl Thread {
    /// How many lines its texts have.
    pub fn lines(&self) -> usize {
        self.posts.iter().map(|post| post.body.len()).sum()
    }
}
