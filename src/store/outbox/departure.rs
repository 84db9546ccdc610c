//! Departures: the change as it is sent, and whether it may have been carried out before.

use jiff::Timestamp;
use rusqlite::params;

use super::{begin, find, is_behind, write_state};
use crate::{
    domain::{Change, EntryId, State},
    store::{Store, StoreError, values::Json},
};

impl Store {
    /// Writes that a request goes out at `since`, and the change that it asks for. For an entry
    /// that takes another back, that change is fully known only now. `known` is the newest number
    /// that the server had before.
    ///
    /// Says whether it was written; as with [`Store::set_state`], nothing may be sent where it was
    /// not.
    pub async fn depart(
        &self,
        id: EntryId,
        change: Change,
        since: Timestamp,
        known: Option<i64>,
    ) -> Result<bool, StoreError> {
        self.in_place(move |files| {
            let me = &files.owner;
            let transaction = begin(&mut files.work)?;
            let Some((mut entry, held)) = find(&transaction, id)? else { return Ok(false) };
            let mine = held.is_some_and(|held| held.is_of(me));
            if entry.state.is_settled() || !mine || is_behind(&transaction, id)? {
                return Ok(false);
            }
            entry.state = State::Sending { since, known };
            write_state(&transaction, &entry, since)?;
            transaction
                .prepare_cached("UPDATE outbox SET change = ?2 WHERE id = ?1")?
                .execute(params![id, Json(&change)])?;
            transaction.commit()?;
            // If the file went away just now, another console may have gone on with the entry.
            if files.stay_in_place()? {
                let held = find(&files.work, id)?.and_then(|(_, held)| held);
                return Ok(held.is_some_and(|held| held.is_of(&files.owner)));
            }
            Ok(true)
        })
        .await
    }

    /// Whether an earlier request for the entry may have been carried out, whatever was tried since.
    pub async fn was_tried(&self, id: EntryId) -> Result<bool, StoreError> {
        self.work(move |work| {
            Ok(work.prepare_cached("SELECT 1 FROM outbox WHERE id = ?1 AND tried")?.exists([id])?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        domain::{Problem, ProblemKind},
        store::testing::{at, entry, line, reopen, store},
    };

    const ID: EntryId = EntryId(1);
    const LEASE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn the_log_says_what_was_sent() {
        let (_folder, store) = store().await;
        store.queue(vec![entry(1, 1)], vec![]).await.unwrap();
        let sent = Change::Archived(true);
        assert!(!store.depart(ID, sent.clone(), at(2), None).await.unwrap(), "it is not claimed");
        store.claim(ID, at(2), LEASE).await.unwrap();
        assert!(store.depart(ID, sent.clone(), at(2), None).await.unwrap());
        let recorded = State::Recorded { at: at(3), made: None, undo: None };
        assert!(store.set_state(ID, recorded, None, at(3)).await.unwrap());
        assert_eq!(store.log(1).await.unwrap()[0].change, sent);
    }

    #[tokio::test]
    async fn that_a_request_may_have_been_carried_out_is_not_forgotten() {
        let waiting = |kind| State::Waiting { problem: Problem::new(kind, line("")), until: at(9) };
        let (folder, store) = store().await;
        store.queue(vec![entry(1, 1), entry(2, 1)], vec![]).await.unwrap();
        let unreachable = || waiting(ProblemKind::Unreachable);
        assert!(store.set_state(ID, unreachable(), None, at(2)).await.unwrap());
        assert!(!store.was_tried(ID).await.unwrap());
        for state in [waiting(ProblemKind::Broken), unreachable()] {
            assert!(store.set_state(ID, state, None, at(3)).await.unwrap());
            assert!(store.was_tried(ID).await.unwrap());
        }
        store.take_back(ID, at(4)).await.unwrap();

        store.claim(EntryId(2), at(5), LEASE).await.unwrap();
        assert!(store.depart(EntryId(2), Change::Archived(true), at(5), None).await.unwrap());
        store.close().await;
        let again = reopen(folder.path()).await;
        again.claim(EntryId(2), at(6), LEASE).await.unwrap();
        assert!(again.set_state(EntryId(2), unreachable(), None, at(7)).await.unwrap());
        assert!(again.was_tried(EntryId(2)).await.unwrap());
    }
}
