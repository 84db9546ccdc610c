//! The outbox: every change is a row in it before it is sent.

mod stored;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Change, Difference, EntryId, Problem, ReplyId, ReplyKind, Stand, StepId, TicketId};

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// It can still be taken back.
    Holding {
        /// When it is sent.
        until: Timestamp,
    },
    /// It waits for its turn: an earlier change of the same ticket or the request budget comes
    /// first.
    Queued,
    /// A request is out.
    Sending {
        /// When it went out.
        since: Timestamp,
        /// The newest reply (for a new ticket, the newest ticket) that the server had before: a
        /// newer one may be this one.
        known: Option<i64>,
    },
    /// The server can't be reached (or asked for patience); it is sent by itself later.
    Waiting {
        /// Why.
        problem: Problem,
        /// When it is tried again.
        until: Timestamp,
    },
    /// The request went out, and no answer tells its fate. The server is being asked.
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
        /// The reply or note that it became.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<ReplyId>,
        /// The change that takes it back, by the values that the server really had before. `None`
        /// if nothing can take it back, or if the server had all of it before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<Box<Change>>,
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
#[serde(from = "stored::StoredDecision", into = "stored::StoredDecision")]
pub enum Decision {
    /// Somebody wrote or changed something after the agent last looked.
    Overtaken(Box<News>),
    /// Somebody else changed the same fields meanwhile.
    Conflict {
        /// The fields.
        differences: Vec<Difference>,
        /// The agent's change, made from what the server has now.
        rebased: Box<Change>,
    },
    /// The server's data does not tell the fate of the request.
    Unclear {
        /// Why it is in doubt.
        problem: Problem,
        /// News from after the request. One of them may be the request itself.
        news: Box<News>,
    },
    /// An assistant proposed it. The agent has asked for nothing yet.
    Proposed {
        /// The assistant's name, cleaned.
        by: String,
        /// Why it proposes that, cleaned; empty where it did not say.
        reason: String,
    },
}

impl Decision {
    /// What stopped the entry, in a few words.
    pub fn why(&self) -> String {
        match self {
            Self::Proposed { by, .. } => format!("{by} proposes it"),
            Self::Overtaken(news) if news.messages.is_empty() => {
                "somebody changed the ticket meanwhile".into()
            }
            Self::Overtaken(_) => "somebody wrote meanwhile".into(),
            Self::Conflict { .. } => "somebody else changed the same meanwhile".into(),
            Self::Unclear { .. } => "whether it is recorded can't be told".into(),
        }
    }
}

/// What happened on a ticket after the agent last looked at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Messages, oldest first.
    pub messages: Vec<NewMessage>,
    /// Fields that somebody changed.
    pub differences: Vec<Difference>,
    /// The newest message that there is: with this shown, the agent has seen it.
    pub seen: Option<ReplyId>,
    /// How the ticket stands now.
    pub stood: Option<Box<Stand>>,
}

/// A message that the agent has not seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessage {
    /// Who may read it.
    pub kind: ReplyKind,
    /// Who wrote it, cleaned; empty where nobody knows.
    pub author: String,
    /// When it was written.
    pub at: Option<Timestamp>,
    /// Its text, plain and cleaned, with line breaks; a long one is cut.
    pub text: String,
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

    /// The assistant that proposes the entry, and why, while the agent has not decided.
    pub fn proposal(&self) -> Option<(&str, &str)> {
        match self {
            Self::Decision { reason: Decision::Proposed { by, reason } } => Some((by, reason)),
            _ => None,
        }
    }

    /// Whether the agent can still take the entry back with certainty: it has not left.
    pub fn can_take_back(&self) -> bool {
        matches!(
            self,
            Self::Holding { .. } | Self::Queued | Self::Waiting { .. } | Self::Decision { .. }
        )
    }

    /// The word for a state that stays the same, for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Holding { .. } => "holding",
            Self::Queued => "queued",
            Self::Sending { .. } => "sending",
            Self::Waiting { .. } => "waiting",
            Self::Doubtful { .. } => "doubtful",
            Self::Decision { .. } => "decision",
            Self::Recorded { .. } => "recorded",
            Self::Refused { .. } => "refused",
            Self::TakenBack => "taken_back",
        }
    }

    /// The word for it, for people.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Holding { .. } => "holding",
            Self::Queued => "queued",
            Self::Sending { .. } => "sending",
            Self::Waiting { problem, .. } if problem.is_passing() => "waiting for the network",
            Self::Waiting { .. } => "waiting to be tried again",
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
    /// How the ticket stood for the agent, if that is known. The log takes its values before the
    /// change from it. Only replies are checked against it.
    pub stood: Option<Box<Stand>>,
    /// The earlier entry that it takes back. If somebody else has changed the same since, it leaves
    /// that value alone instead of asking.
    pub undo: Option<EntryId>,
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

    /// The entry after the agent, having seen its obstacle, has decided to send it all the same.
    /// The news that were shown count as seen, so only newer ones can stop it again. `stood` is the
    /// ticket as the agent saw it then. `None` for an entry that waits for no decision.
    ///
    /// A proposal keeps what its assistant had seen, so it stops if anything has happened since. It
    /// is held until `until` if it can be taken back only before it leaves.
    pub fn decided(&self, stood: Option<Box<Stand>>, until: Option<Timestamp>) -> Option<Self> {
        let State::Decision { reason } = &self.state else { return None };
        let mut next = Self { state: State::Queued, ..self.clone() };
        match reason {
            Decision::Proposed { .. } => {
                if let Some(until) = until.filter(|_| self.change.is_held()) {
                    next.state = State::Holding { until };
                }
            }
            Decision::Overtaken(news) | Decision::Unclear { news, .. } => {
                next.seen = news.seen.max(self.seen);
                next.stood = stood.or_else(|| news.stood.clone()).or(next.stood);
            }
            Decision::Conflict { rebased, .. } => next.change = (**rebased).clone(),
        }
        Some(next)
    }
}
