//! What this profile itself does to tickets while they are watched, by any of its consoles and
//! commands: the log and the outbox tell.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::{
    domain::{Change, EntryId, OwnPart, Row, State, TicketId},
    store::{LogQuery, Store, StoreError},
};

/// How long before the watch begins a change of the profile may have been settled whose effect is seen
/// only now.
const BEFORE: SignedDuration = SignedDuration::from_mins(1);

pub(super) struct Own {
    store: Store,
    since: Timestamp,
    /// The changes whose effect was seen.
    seen: HashSet<EntryId>,
}

impl Own {
    pub(super) async fn begin(store: &Store) -> Result<Self, StoreError> {
        let now = store.clock().now();
        let since = now.saturating_sub(BEFORE).unwrap_or(now);
        let query = LogQuery { since: Some(since), ..LogQuery::default() };
        let seen = store.log_of(query).await?.into_iter().map(|line| line.entry).collect();
        Ok(Self { store: store.clone(), since, seen })
    }

    /// What the profile did to a ticket that has changed.
    pub(super) async fn part(&mut self, before: Option<&Row>, after: &Row) -> OwnPart {
        let Some(before) = before else { return OwnPart::default() };
        let (was, is) = (&before.ticket, &after.ticket);
        let mut more = is.replies_count.saturating_sub(was.replies_count);
        let moved = was.status.id != is.status.id;
        if more == 0 && !moved {
            return OwnPart::default();
        }
        let changes = match self.changes(is.id).await {
            Ok(changes) => changes,
            Err(error) => {
                tracing::warn!(%error, "what the profile did is not known");
                return OwnPart::default();
            }
        };
        let mut part = OwnPart::default();
        for (entry, change) in changes {
            match change {
                Change::Post { .. } if more > 0 => {
                    more -= 1;
                    part.posts += 1;
                }
                Change::Status(edit) if moved && edit.to.id == is.status.id => {
                    part.statuses.push(edit.to.id);
                }
                _ => continue,
            }
            self.seen.insert(entry);
        }
        part
    }

    /// The changes of a ticket that are recorded, or on their way and may be, the oldest first.
    async fn changes(&self, id: TicketId) -> Result<Vec<(EntryId, Change)>, StoreError> {
        let on_its_way =
            |state: &State| matches!(state, State::Sending { .. } | State::Doubtful { .. });
        // The outbox first: what is settled in between is in the log by then.
        let entries = self.store.outbox().await?.into_iter();
        let entries = entries.filter(|it| it.ticket == Some(id) && on_its_way(&it.state));
        let mut changes: Vec<_> = entries.map(|it| (it.id, it.change)).collect();
        let query = LogQuery { ticket: Some(id), since: Some(self.since), limit: None };
        let lines = self.store.log_of(query).await?.into_iter().rev();
        let lines = lines.filter(|it| matches!(it.outcome, State::Recorded { .. }));
        changes.splice(0..0, lines.map(|it| (it.entry, it.change)));
        let mut once = HashSet::new();
        changes.retain(|(entry, _)| !self.seen.contains(entry) && once.insert(*entry));
        Ok(changes)
    }
}
