//! What a profile keeps about a ticket beside the server's fields: that it is pinned, and that it
//! is snoozed. The server never hears of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Reply, ReplyKind, RowRef};
use crate::domain::{Event, ReplyId, StatusId};

/// What the profile keeps about one ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aside {
    /// Whether it is pinned.
    pub pinned: bool,
    /// Its snooze, while it sleeps.
    pub snooze: Option<Snooze>,
    /// Whether it woke and the agent has not looked at it since.
    pub woken: bool,
    /// The conversation as the agent saw it last; `None` if the agent never saw it.
    pub look: Option<LastLook>,
}

/// How far the agent has seen a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastLook {
    /// How many replies it had.
    pub count: u32,
    /// Its newest message.
    pub last: Option<ReplyId>,
}

impl LastLook {
    /// A look at a conversation as it was read last; `None` if it was never read.
    pub fn at(row: RowRef<'_>) -> Option<Self> {
        row.facts.map(|facts| Self { count: facts.replies_count, last: facts.last_reply })
    }

    /// Whether it goes further than `other`.
    pub fn is_after(self, other: Self) -> bool {
        self.last > other.last || self.last == other.last && self.count > other.count
    }

    /// The look after the agent's own post, if nothing else came between: the agent knows `own`.
    pub fn with_own(self, seen: Option<ReplyId>, own: ReplyId, kind: ReplyKind) -> Option<Self> {
        let count = self.count + u32::from(kind == ReplyKind::Reply);
        (self.last >= seen && self.last < Some(own)).then_some(Self { count, last: Some(own) })
    }
}

/// A snooze of a ticket. A message of the customer ends it in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    /// When the agent asked for it, by the wall clock.
    pub since: Timestamp,
    /// When it ends by the wall clock; `None` for a snooze that only a message ends.
    pub until: Option<Timestamp>,
    /// How many replies the ticket had then.
    pub count: u32,
    /// The newest reply then, if the whole conversation was known.
    pub last: Option<ReplyId>,
    /// The newest of the ticket's times then, by the server's clock.
    pub known: Option<Timestamp>,
}

impl Snooze {
    /// A snooze of a ticket as it is known now.
    pub fn of(row: RowRef<'_>, since: Timestamp, until: Option<Timestamp>) -> Self {
        let facts = row.facts.filter(|_| !row.has_unread());
        Self {
            since,
            until,
            count: row.replies_count,
            last: facts.and_then(|facts| facts.last_reply),
            known: row.updated(),
        }
    }

    /// Whether its time has come.
    pub fn is_due(&self, wall: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= wall)
    }

    /// Whether the ticket may have a message by now that it did not have then.
    pub fn may_have_news(&self, row: RowRef<'_>) -> bool {
        let newest = row.facts.and_then(|facts| facts.last_reply);
        // A reply that was deleted meanwhile can make up for a new one in the count.
        let is_newer = self.last.is_some() && newest > self.last;
        row.replies_count != self.count || row.has_unread() || is_newer || self.is_replied(row)
    }

    /// Whether the customer seems to have replied since, as far as the ticket alone tells. A mailed
    /// reply moves the count and the status, but none of the times.
    pub fn seems_replied(&self, row: RowRef<'_>) -> bool {
        let has_status = row.status.id == StatusId::CUSTOMER_REPLIED;
        has_status && row.replies_count != self.count || self.is_replied(row)
    }

    /// Whether the server says that the customer has replied since.
    pub fn is_replied(&self, row: RowRef<'_>) -> bool {
        row.status.id == StatusId::CUSTOMER_REPLIED && row.status_changed > self.known
    }

    /// Whether the customer has written since, by the ticket and its conversation as they are now.
    /// `is_agent` tells the agents from the customers. Somebody unknown counts as a customer, so
    /// that no message waits unseen.
    pub fn is_ended_by(
        &self,
        row: RowRef<'_>,
        replies: &[Reply],
        is_agent: impl Fn(&Reply) -> bool,
    ) -> bool {
        let is_customers = |it: &Reply| it.kind != ReplyKind::Note && !is_agent(it);
        if let Some(last) = self.last {
            return replies.iter().any(|it| it.id > last && is_customers(it));
        }
        let more = row.replies_count.saturating_sub(self.count);
        let more = more.max(u32::from(self.is_replied(row)));
        let more = usize::try_from(more).unwrap_or(usize::MAX);
        replies.iter().rev().take(more).any(is_customers)
    }
}

/// Why a ticket woke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WokenBy {
    /// The agent ended the snooze.
    Agent,
    /// Its time had come.
    Clock,
    /// The customer wrote.
    Customer,
}

/// A change of what the profile keeps about a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsideChange {
    /// Pins it, or takes the pin off.
    Pinned(bool),
    /// Lets it sleep, or wakes it.
    Snoozed(Option<Snooze>),
    /// The agent has looked at it since it woke.
    LookedAt,
    /// The agent has seen its conversation up to there.
    Seen(LastLook),
}

impl Aside {
    /// Whether nothing is kept about the ticket.
    pub fn is_bare(&self) -> bool {
        *self == Self::default()
    }

    /// Makes a change.
    pub fn apply(&mut self, change: AsideChange) {
        match change {
            AsideChange::Pinned(pinned) => self.pinned = pinned,
            AsideChange::Snoozed(snooze) => (self.snooze, self.woken) = (snooze, false),
            AsideChange::LookedAt => self.woken = false,
            AsideChange::Seen(look) => self.look = Some(look),
        }
    }

    /// The change that puts the part back that `change` replaces.
    pub fn inverse(&self, change: AsideChange) -> AsideChange {
        match change {
            AsideChange::Pinned(_) => AsideChange::Pinned(self.pinned),
            AsideChange::Snoozed(_) | AsideChange::LookedAt | AsideChange::Seen(_) => {
                AsideChange::Snoozed(self.snooze)
            }
        }
    }

    /// What a change is for the history; `None` where it changes nothing that is told there.
    pub fn event(&self, change: AsideChange) -> Option<Event> {
        match change {
            AsideChange::Pinned(pinned) => (pinned != self.pinned).then_some(Event::Pinned(pinned)),
            AsideChange::Snoozed(Some(snooze)) => {
                (Some(snooze) != self.snooze).then_some(Event::Snoozed(snooze.until))
            }
            AsideChange::Snoozed(None) => self.snooze.map(|_| Event::Woken(WokenBy::Agent)),
            AsideChange::LookedAt | AsideChange::Seen(_) => None,
        }
    }

    /// Whether it is as `change` left it.
    pub fn is_after(&self, change: AsideChange) -> bool {
        let mut after = *self;
        after.apply(change);
        (after.pinned, after.snooze) == (self.pinned, self.snooze)
    }
}

/// The tickets that a view takes, by what the profile keeps about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// All of them.
    #[default]
    Any,
    /// Those that are not snoozed.
    Awake,
    /// Those that are.
    Snoozed,
    /// Those that are pinned.
    Pinned,
}

impl Shelf {
    /// Whether it takes a ticket.
    pub fn takes(self, aside: Aside) -> bool {
        match self {
            Self::Any => true,
            Self::Awake => aside.snooze.is_none(),
            Self::Snoozed => aside.snooze.is_some(),
            Self::Pinned => aside.pinned,
        }
    }

    /// Whether a view of these tickets is there only while it has some.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Snoozed | Self::Pinned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Row, ThreadFacts, Ticket, TicketId};

    fn row(count: u32, last: i64, read: u32) -> Row {
        let ticket = Ticket { replies_count: count, ..Ticket::sparse(TicketId(7)) };
        let facts = ThreadFacts {
            last_reply: Some(ReplyId(last)),
            replies_count: read,
            ..ThreadFacts::default()
        };
        Row { ticket, facts: Some(facts), noticed: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn a_message_is_news_although_a_deleted_reply_keeps_the_count() {
        let snooze = Snooze::of(row(5, 50, 5).view(), Timestamp::UNIX_EPOCH, None);
        assert!(!snooze.may_have_news(row(5, 50, 5).view()));
        assert!(snooze.may_have_news(row(5, 50, 4).view()), "not read yet");
        assert!(snooze.may_have_news(row(5, 51, 5).view()), "read");
    }

    #[test]
    fn a_mailed_reply_is_seen_by_status_and_count_alone() {
        let snooze = Snooze::of(row(5, 50, 5).view(), Timestamp::UNIX_EPOCH, None);
        let mut mailed = row(6, 50, 5);
        assert!(!snooze.seems_replied(mailed.view()));
        mailed.ticket.status.id = StatusId::CUSTOMER_REPLIED;
        assert!(snooze.seems_replied(mailed.view()));
    }
}
