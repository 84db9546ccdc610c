//! What happened to a ticket between two looks at it.

use super::{Row, StatusId, WaitingStatuses};

/// The kinds of what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Happening {
    /// The ticket is new.
    New,
    /// The customer wrote.
    Customer,
    /// It is in another status.
    Status,
    /// The server no longer has it.
    Gone,
}

impl Happening {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Customer => "customer",
            Self::Status => "status",
            Self::Gone => "gone",
        }
    }
}

/// What this profile itself did to the ticket between the looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnPart {
    /// How many replies and notes it posted.
    pub posts: u32,
    /// The statuses that it set.
    pub statuses: Vec<StatusId>,
}

/// What happened between two looks, in the order in which it is told. Without a state before the
/// ticket is new, without one after it is gone.
///
/// The server names no author in its lists. So a ticket has a message of the customer's if its status
/// became Customer Replied, or if it waits for an agent and has more replies than before; those that
/// the profile posted itself do not count, and neither does a conversation that was read and ends with
/// an agent's reply.
pub fn happenings(
    before: Option<&Row>,
    after: Option<&Row>,
    own: &OwnPart,
    waiting: &WaitingStatuses,
) -> Vec<Happening> {
    match (before, after) {
        (None, None) => Vec::new(),
        (None, Some(_)) => vec![Happening::New],
        (Some(_), None) => vec![Happening::Gone],
        (Some(before), Some(after)) => {
            let customer = has_written(before, after, own, waiting).then_some(Happening::Customer);
            let moved = before.ticket.status.id != after.ticket.status.id;
            customer.into_iter().chain(moved.then_some(Happening::Status)).collect()
        }
    }
}

fn has_written(before: &Row, after: &Row, own: &OwnPart, waiting: &WaitingStatuses) -> bool {
    let (was, is) = (&before.ticket, &after.ticket);
    let replied = StatusId::CUSTOMER_REPLIED;
    if was.status.id != replied && is.status.id == replied && !own.statuses.contains(&replied) {
        return true;
    }
    let is_answered =
        !after.has_unread() && after.facts.is_some_and(|facts| facts.customer_since.is_none());
    let more = is.replies_count.saturating_sub(was.replies_count);
    waiting.holds(is.status.id) && more > own.posts && !is_answered
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{Status, ThreadFacts, Ticket, TicketId};

    fn row(status: usize, replies: u32) -> Row {
        let status = Status::usual()[status].clone();
        let ticket = Ticket { status, replies_count: replies, ..Ticket::sparse(TicketId(7)) };
        Row { ticket, facts: None, noticed: Timestamp::UNIX_EPOCH }
    }

    fn between(before: &Row, after: &Row, own: &OwnPart) -> Vec<Happening> {
        happenings(Some(before), Some(after), own, &WaitingStatuses::default())
    }

    const OPEN: usize = 0;
    const ANSWERED: usize = 3;
    const REPLIED: usize = 4;

    #[test]
    fn a_message_of_the_customer_is_seen_by_status_or_count() {
        use Happening::{Customer, Status};
        let none = OwnPart::default();
        let seen = |before, after| between(&before, &after, &none);
        assert_eq!(seen(row(OPEN, 1), row(OPEN, 1)), []);
        assert_eq!(seen(row(OPEN, 1), row(OPEN, 2)), [Customer]);
        assert_eq!(seen(row(ANSWERED, 1), row(REPLIED, 2)), [Customer, Status]);
        assert_eq!(seen(row(ANSWERED, 1), row(REPLIED, 1)), [Customer, Status]);
        assert_eq!(seen(row(REPLIED, 2), row(ANSWERED, 3)), [Status]);
        assert_eq!(seen(row(ANSWERED, 2), row(ANSWERED, 3)), [], "a colleague's");
        let mut read = row(OPEN, 2);
        read.facts = Some(ThreadFacts { replies_count: 2, ..ThreadFacts::default() });
        assert_eq!(seen(row(OPEN, 1), read), [], "an agent's reply is the last");
    }

    #[test]
    fn what_the_profile_did_is_no_message_of_the_customer() {
        use Happening::{Customer, Status};
        let posted = OwnPart { posts: 1, ..OwnPart::default() };
        assert_eq!(between(&row(OPEN, 1), &row(OPEN, 2), &posted), []);
        assert_eq!(between(&row(OPEN, 1), &row(OPEN, 3), &posted), [Customer]);
        let moved = OwnPart { statuses: vec![StatusId::CUSTOMER_REPLIED], ..OwnPart::default() };
        assert_eq!(between(&row(OPEN, 1), &row(REPLIED, 1), &moved), [Status]);
    }

    #[test]
    fn a_ticket_comes_and_goes() {
        let (row, own, waiting) = (row(OPEN, 0), OwnPart::default(), WaitingStatuses::default());
        assert_eq!(happenings(None, Some(&row), &own, &waiting), [Happening::New]);
        assert_eq!(happenings(Some(&row), None, &own, &waiting), [Happening::Gone]);
        assert_eq!(happenings(None, None, &own, &waiting), []);
    }
}
