//! The outbox: every change is a row in it before it is sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Change, EntryId, Problem, ReplyId, ReplyKind, StepId, TicketId};

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// It can still be taken back.
    Holding {
        /// When it is sent.
        until: Timestamp,
    },
    /// Its turn comes: behind an earlier change of the same ticket, or behind the request budget.
    Queued,
    /// A request is out.
    Sending {
        /// When it went out.
        since: Timestamp,
        /// The newest reply (for a new ticket, the newest ticket) that the server had before: what
        /// is newer may be this one.
        known: Option<i64>,
    },
    /// The server can't be reached (or asked for patience); it is sent by itself later.
    Waiting {
        /// Why.
        problem: Problem,
        /// When it is tried again.
        until: Timestamp,
    },
    /// The request went out and no answer tells what became of it; the server is being asked.
    Doubtful {
        /// Why.
        problem: Problem,
        /// When the server is asked next.
        until: Timestamp,
        /// When the request went out.
        since: Timestamp,
        /// As in [`State::Sending`].
        known: Option<i64>,
    },
    /// The agent has to decide.
    Decision {
        /// What about.
        reason: Decision,
    },
    /// The server has it.
    Recorded {
        /// When the server said so.
        at: Timestamp,
    },
    /// The server refused it: nothing was changed.
    Refused {
        /// Why.
        problem: Problem,
    },
    /// The agent took it back before it was sent.
    TakenBack,
}

/// What an agent has to decide before an entry goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Somebody wrote or changed something after the agent last looked.
    Overtaken,
    /// Fields were changed by somebody else meanwhile: (field, theirs, mine).
    Conflict(Vec<(String, String, String)>),
    /// What became of the request can't be told from what the server shows.
    Unclear(Problem),
}

impl State {
    /// Whether nothing more will happen to the entry.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Recorded { .. } | Self::Refused { .. } | Self::TakenBack)
    }

    /// Whether the entry's effect is to be shown on the ticket although the server has not
    /// confirmed it.
    pub fn is_pending(&self) -> bool {
        !self.is_settled()
    }

    /// Whether the agent can still take the entry back with certainty: it has not left.
    pub fn can_take_back(&self) -> bool {
        matches!(
            self,
            Self::Holding { .. } | Self::Queued | Self::Waiting { .. } | Self::Decision { .. }
        )
    }

    /// The word for it, for people.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Holding { .. } => "holding",
            Self::Queued => "queued",
            Self::Sending { .. } => "sending",
            Self::Waiting { .. } => "waiting for the network",
            Self::Doubtful { .. } => "doubtful, being checked",
            Self::Decision { .. } => "waiting for your decision",
            Self::Recorded { .. } => "recorded",
            Self::Refused { .. } => "refused",
            Self::TakenBack => "taken back",
        }
    }
}

/// One change on its way to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its identity.
    pub id: EntryId,
    /// The action of the agent that it is a part of.
    pub step: StepId,
    /// The ticket that it is about; `None` while the ticket is to be created.
    pub ticket: Option<TicketId>,
    /// What is to be done.
    pub change: Change,
    /// The entry that must be recorded first; if that one is refused or taken back, so is this.
    pub after: Option<EntryId>,
    /// The newest message of the conversation that the agent had seen.
    pub seen: Option<ReplyId>,
    /// When the agent asked for it.
    pub queued: Timestamp,
    /// Where it stands.
    pub state: State,
}

impl Entry {
    /// Whether it is a public reply: what a customer reads.
    pub fn is_public(&self) -> bool {
        matches!(self.change, Change::Post { kind: ReplyKind::Reply, .. })
    }
}
