//! Which tickets wait for an agent, and since when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Aside, Department, Named, Priority, Reply, ReplyKind, Source, Status, Ticket};
use crate::domain::{ClientId, Line, PersonId, ProjectId, ReplyId, StatusId, TicketId};

/// The statuses in which the customer waits for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingStatuses(Vec<StatusId>);

impl WaitingStatuses {
    /// Open and Customer Replied, and those that the profile names besides.
    pub fn with(others: impl IntoIterator<Item = StatusId>) -> Self {
        let mut all = vec![StatusId::OPEN, StatusId::CUSTOMER_REPLIED];
        all.extend(others);
        Self(all)
    }

    /// All of them; one may be named twice.
    pub fn iter(&self) -> impl Iterator<Item = StatusId> {
        self.0.iter().copied()
    }

    /// Whether a ticket in `status` waits.
    pub fn holds(&self, status: StatusId) -> bool {
        self.0.contains(&status)
    }
}

impl Default for WaitingStatuses {
    fn default() -> Self {
        Self::with([])
    }
}

/// The facts, from a reading of the conversation, about who waits for whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadFacts {
    /// When the customer wrote first after the last public reply of an agent.
    pub customer_since: Option<Timestamp>,
    /// The newest reply or note then.
    pub last_reply: Option<ReplyId>,
    /// The ticket's `replies_count` at that time. Another count now means that there is more to
    /// read. The server decides whether notes count.
    pub replies_count: u32,
}

impl ThreadFacts {
    /// Reads the facts from a conversation in its order. `is_agent` tells the agents from the
    /// customers; a message whose author is unknown counts as a customer's, so that nobody waits
    /// unseen.
    pub fn read(
        ticket: &Ticket,
        replies: &[Reply],
        is_agent: impl Fn(&Reply) -> bool,
        opened_by_agent: bool,
    ) -> Self {
        let mut customer_since = if opened_by_agent { None } else { ticket.created };
        for reply in replies.iter().filter(|reply| reply.kind != ReplyKind::Note) {
            if is_agent(reply) {
                if reply.kind == ReplyKind::Reply {
                    customer_since = None;
                }
            } else if customer_since.is_none() {
                customer_since = reply.created;
            }
        }
        Self {
            customer_since,
            last_reply: replies.iter().map(|reply| reply.id).max(),
            replies_count: ticket.replies_count,
        }
    }
}

/// A ticket with the console's own knowledge of it. A list shows it as one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The ticket as the server last sent it.
    pub ticket: Ticket,
    /// The facts from its conversation, if that has been read.
    pub facts: Option<ThreadFacts>,
    /// When the console first saw it in its present status with its present number of replies.
    pub noticed: Timestamp,
}

impl Row {
    /// The row, by reference: the rules are there.
    pub fn view(&self) -> RowRef<'_> {
        let Self { ticket, facts, noticed } = self;
        let Ticket {
            id,
            ref subject,
            ref status,
            priority,
            source,
            archived,
            ref department,
            ref client,
            project,
            creator,
            created,
            last_updated,
            status_changed,
            replies_count,
            ref tags,
        } = *ticket;
        RowRef {
            id,
            subject,
            status,
            priority,
            source,
            archived,
            department: department.as_ref(),
            client: client.as_ref(),
            project,
            creator,
            created,
            last_updated,
            status_changed,
            replies_count,
            tags,
            facts: *facts,
            noticed: *noticed,
            aside: Aside::default(),
        }
    }

    /// Since when the customer waits; `None` where the customer does not wait.
    pub fn waiting(&self, statuses: &WaitingStatuses) -> Option<Waiting> {
        self.view().waiting(statuses)
    }

    /// Whether the conversation holds something that was not there when it was last read.
    pub fn has_unread(&self) -> bool {
        self.view().has_unread()
    }
}

/// A [`Row`] whose parts are elsewhere. The fields are those of [`Row`] and of [`Ticket`].
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are described where they are owned")]
pub struct RowRef<'a> {
    pub id: TicketId,
    pub subject: &'a Line,
    pub status: &'a Status,
    pub priority: Priority,
    pub source: Source,
    pub archived: bool,
    pub department: Option<&'a Department>,
    pub client: Option<&'a Named<ClientId>>,
    pub project: Option<ProjectId>,
    pub creator: Option<PersonId>,
    pub created: Option<Timestamp>,
    pub last_updated: Option<Timestamp>,
    pub status_changed: Option<Timestamp>,
    pub replies_count: u32,
    pub tags: &'a [Line],
    pub facts: Option<ThreadFacts>,
    pub noticed: Timestamp,
    /// What the profile keeps about the ticket; a [`Row`] does not know it.
    pub aside: Aside,
}

impl RowRef<'_> {
    /// A copy that stands by itself.
    pub fn to_row(self) -> Row {
        let ticket = Ticket {
            id: self.id,
            subject: self.subject.clone(),
            status: self.status.clone(),
            priority: self.priority,
            source: self.source,
            archived: self.archived,
            department: self.department.cloned(),
            client: self.client.cloned(),
            project: self.project,
            creator: self.creator,
            created: self.created,
            last_updated: self.last_updated,
            status_changed: self.status_changed,
            replies_count: self.replies_count,
            tags: self.tags.to_vec(),
        };
        Row { ticket, facts: self.facts, noticed: self.noticed }
    }

    /// When it last changed, or was created.
    pub fn updated(self) -> Option<Timestamp> {
        self.last_updated.max(self.status_changed).max(self.created)
    }

    /// Whether the conversation holds something that was not there when it was last read.
    pub fn has_unread(self) -> bool {
        self.facts.is_some_and(|facts| facts.replies_count != self.replies_count)
    }

    /// Whether there is something that the agent has not seen. A ticket that the agent never looked at
    /// has news only if it came, or if its customer replied, since the profile `begun`.
    pub fn has_news(self, begun: Option<Timestamp>) -> bool {
        match self.aside.look {
            Some(look) => {
                let newest = self.facts.and_then(|facts| facts.last_reply);
                self.replies_count > look.count || newest > look.last
            }
            None => {
                let is_since = |at: Option<Timestamp>| begun.is_some() && at > begun;
                let replied = self.status.id == StatusId::CUSTOMER_REPLIED;
                is_since(self.created) || replied && is_since(self.status_changed)
            }
        }
    }

    /// Since when the customer waits; `None` where the customer does not wait.
    ///
    /// If the conversation is known, that is the first customer message after the last public agent
    /// reply. Otherwise it is the first known of these times: when the status changed, when the
    /// console first noticed the ticket, when the ticket was created.
    pub fn waiting(self, statuses: &WaitingStatuses) -> Option<Waiting> {
        if self.archived || !statuses.holds(self.status.id) {
            return None;
        }
        if !self.has_unread()
            && let Some(since) = self.facts.and_then(|facts| facts.customer_since)
        {
            return Some(Waiting { since, exact: true });
        }
        let untouched = self.replies_count == 0 && self.status.id == StatusId::OPEN;
        let since = self
            .status_changed
            .or(if untouched { self.created } else { None })
            .unwrap_or(self.noticed);
        Some(Waiting { since, exact: false })
    }

    /// The wait as an order needs it: whether the start of the wait is known exactly, and that
    /// start. If it is only estimated, the time of the ticket's last change takes its place.
    pub fn wait_for_order(self, statuses: &WaitingStatuses) -> Option<(bool, Timestamp)> {
        let waiting = self.waiting(statuses)?;
        let changed = self.status_changed.or(self.last_updated).or(self.created);
        let since = if waiting.exact { waiting.since } else { changed.unwrap_or(waiting.since) };
        Some((waiting.exact, since))
    }
}

/// How long a customer waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Since when.
    pub since: Timestamp,
    /// Whether the conversation says so; otherwise it is the best guess, shown with a `~`.
    pub exact: bool,
}
