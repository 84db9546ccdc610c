//! The outbox: every change is in it, on the disk, before it is sent.

use std::{collections::HashSet, time::Duration};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{
    Store, StoreError,
    drafts::{delete_draft, find_draft, insert_draft},
    log,
    values::{At, Json},
};
use crate::domain::{Draft, DraftKey, Entry, EntryId, ReplyId, Stand, State, StepId, TicketId};

/// The columns that [`read_entry`] reads, in its order.
const COLUMNS: &str = "id, step, ticket, change, after, seen, queued, state, stood, undo";

/// What became of an attempt to claim an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's until the lease ends.
    Taken(Entry),
    /// Another console works on it.
    Busy,
    /// It is the caller's, but whoever had it before ended, or fell silent, while a request was
    /// out: the server may have done the work.
    Orphaned(Entry),
    /// It is settled, or there is no such entry.
    Gone,
}

/// What became of an attempt to take an entry back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakeBack {
    /// It is taken back, and will never be sent.
    Done(Entry),
    /// It may have left already, or is settled: so it stands.
    TooLate(Entry),
    /// There is no such entry.
    Gone,
}

/// Who works on an entry, until when.
struct Lease {
    owner: i64,
    until: Timestamp,
}

impl Lease {
    /// Whether it keeps `owner` from the entry.
    fn excludes(&self, owner: i64, now: Timestamp) -> bool {
        self.owner != owner && self.until > now
    }
}

impl Store {
    /// Queues `entries` in their order and drops the drafts that they were made of: all or
    /// nothing, and on the disk when it returns.
    ///
    /// # Errors
    /// Also where an entry of the same number was queued before.
    pub async fn queue(&self, entries: Vec<Entry>, drop: Vec<DraftKey>) -> Result<(), StoreError> {
        self.work(move |work| {
            let transaction = begin(work)?;
            for entry in &entries {
                insert(&transaction, entry)?;
            }
            for key in drop {
                delete_draft(&transaction, key)?;
            }
            Ok(transaction.commit()?)
        })
        .await
    }

    /// The entries that are not settled, in the order in which they were queued.
    pub async fn outbox(&self) -> Result<Vec<Entry>, StoreError> {
        self.work(|work| {
            let sql = format!("SELECT {COLUMNS} FROM outbox WHERE settled IS NULL ORDER BY turn");
            let mut entries = work.prepare_cached(&sql)?;
            Ok(entries.query_map([], read_entry)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// One entry, settled or not.
    pub async fn entry(&self, id: EntryId) -> Result<Option<Entry>, StoreError> {
        self.work(move |work| Ok(find(work, id)?.map(|(entry, _)| entry))).await
    }

    /// The `limit` entries that were settled last, newest first.
    pub async fn recent(&self, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.work(move |work| {
            let sql = format!(
                "SELECT {COLUMNS} FROM outbox WHERE settled IS NOT NULL
                ORDER BY settled DESC, turn DESC LIMIT ?1"
            );
            let mut entries = work.prepare_cached(&sql)?;
            Ok(entries.query_map([limit], read_entry)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Asks for an entry to work on until `now` + `lease`. `owner` is a number that no other
    /// running console has; an owner may claim again what it holds.
    pub async fn claim(
        &self,
        id: EntryId,
        owner: i64,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        self.work(move |work| {
            let transaction = begin(work)?;
            let Some((entry, held)) = find(&transaction, id)? else { return Ok(Claim::Gone) };
            if entry.state.is_settled() {
                return Ok(Claim::Gone);
            }
            if held.as_ref().is_some_and(|held| held.excludes(owner, now)) {
                return Ok(Claim::Busy);
            }
            transaction
                .prepare_cached("UPDATE outbox SET owner = ?2, lease = ?3 WHERE id = ?1")?
                .execute(params![id.0, owner, At(end(now, lease))])?;
            transaction.commit()?;
            let mine_before = held.is_some_and(|held| held.owner == owner);
            let orphaned = matches!(entry.state, State::Sending { .. }) && !mine_before;
            Ok(if orphaned { Claim::Orphaned(entry) } else { Claim::Taken(entry) })
        })
        .await
    }

    /// Moves the end of all claims that `owner` still holds to `now` + `lease`.
    pub async fn renew(
        &self,
        owner: i64,
        now: Timestamp,
        lease: Duration,
    ) -> Result<(), StoreError> {
        self.work(move |work| {
            work.prepare_cached(
                "UPDATE outbox SET lease = ?2 WHERE owner = ?1 AND settled IS NULL",
            )?
            .execute(params![owner, At(end(now, lease))])?;
            Ok(())
        })
        .await
    }

    /// Writes where an entry stands now, and its ticket where that has become known. A settled
    /// state also goes into the action log; any state but [`State::Sending`] and
    /// [`State::Doubtful`] ends the claim.
    ///
    /// Says whether it was written. It is not where the entry is unknown or settled, where another
    /// owner has a claim, or where a request is to go out (`Sending`) without `owner` having one:
    /// a console that was asleep past its lease finds out so, and must then send nothing. That the
    /// server has it (`Recorded`) is written whoever says it.
    pub async fn set_state(
        &self,
        id: EntryId,
        owner: i64,
        state: State,
        ticket: Option<TicketId>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.work(move |work| {
            let transaction = begin(work)?;
            let Some((mut entry, held)) = find(&transaction, id)? else { return Ok(false) };
            let allowed = match state {
                State::Recorded { .. } => true,
                State::Sending { .. } => held.is_some_and(|held| held.owner == owner),
                _ => !held.is_some_and(|held| held.excludes(owner, at)),
            };
            if entry.state.is_settled() || !allowed {
                return Ok(false);
            }
            entry.state = state;
            entry.ticket = ticket.or(entry.ticket);
            write_state(&transaction, &entry, at)?;
            transaction.commit()?;
            Ok(true)
        })
        .await
    }

    /// Lets an entry that waits for a decision go on, as [`Entry::decided`] says, and returns it so;
    /// `None` where it waits for none any more, or another owner has a claim.
    pub async fn decide(
        &self,
        id: EntryId,
        owner: i64,
        stood: Option<Box<Stand>>,
        at: Timestamp,
    ) -> Result<Option<Entry>, StoreError> {
        self.work(move |work| {
            let transaction = begin(work)?;
            let found = find(&transaction, id)?;
            let free =
                |held: &Option<Lease>| !held.as_ref().is_some_and(|it| it.excludes(owner, at));
            let Some(entry) =
                found.filter(|(_, held)| free(held)).and_then(|(entry, _)| entry.decided(stood))
            else {
                return Ok(None);
            };
            transaction
                .prepare_cached(
                    "UPDATE outbox SET seen = ?2, stood = ?3, change = ?4 WHERE id = ?1",
                )?
                .execute(params![
                    id.0,
                    entry.seen.map(|it| it.0),
                    entry.stood.as_ref().map(Json),
                    Json(&entry.change),
                ])?;
            write_state(&transaction, &entry, at)?;
            transaction.commit()?;
            Ok(Some(entry))
        })
        .await
    }

    /// The replies and notes of a ticket that consoles of this profile wrote, as far as the server
    /// said their numbers.
    pub async fn made(&self, ticket: TicketId) -> Result<HashSet<ReplyId>, StoreError> {
        self.work(move |work| {
            let mut made = work.prepare_cached(
                "SELECT json_extract(state, '$.made') FROM outbox
                WHERE ticket = ?1 AND settled IS NOT NULL",
            )?;
            let made = made.query_map([ticket.0], |row| row.get::<_, Option<i64>>(0))?;
            made.filter_map(Result::transpose).map(|id| Ok(ReplyId(id?))).collect()
        })
        .await
    }

    /// Takes an entry back if it has certainly not left: its state allows it and no claim on it
    /// stands. `keep` is stored with that, as the draft that the entry was made of, unless there
    /// is a draft for its key by now.
    pub async fn take_back(
        &self,
        id: EntryId,
        at: Timestamp,
        keep: Option<Draft>,
    ) -> Result<TakeBack, StoreError> {
        self.work(move |work| {
            let transaction = begin(work)?;
            let Some((mut entry, held)) = find(&transaction, id)? else {
                return Ok(TakeBack::Gone);
            };
            if !entry.state.can_take_back() || held.is_some_and(|held| held.until > at) {
                return Ok(TakeBack::TooLate(entry));
            }
            entry.state = State::TakenBack;
            write_state(&transaction, &entry, at)?;
            if let Some(draft) = keep
                && find_draft(&transaction, draft.key)?.is_none()
            {
                insert_draft(&transaction, &draft)?;
            }
            transaction.commit()?;
            Ok(TakeBack::Done(entry))
        })
        .await
    }
}

/// Begins with the write lock, so that what is read first still holds when it is written.
fn begin(work: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    work.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn end(now: Timestamp, lease: Duration) -> Timestamp {
    now.checked_add(lease).unwrap_or(Timestamp::MAX)
}

fn insert(work: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO outbox ({COLUMNS}, settled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    );
    work.prepare_cached(&sql)?.execute(params![
        entry.id.0,
        entry.step.0,
        entry.ticket.map(|it| it.0),
        Json(&entry.change),
        entry.after.map(|it| it.0),
        entry.seen.map(|it| it.0),
        At(entry.queued),
        Json(&entry.state),
        entry.stood.as_ref().map(Json),
        entry.undo.map_or(0, |it| it.0),
        entry.state.is_settled().then_some(At(entry.queued)),
    ])?;
    Ok(())
}

/// Writes the entry's state and ticket; a settled one is logged.
fn write_state(work: &Connection, entry: &Entry, at: Timestamp) -> rusqlite::Result<()> {
    let settled = entry.state.is_settled();
    let keeps_claim = matches!(entry.state, State::Sending { .. } | State::Doubtful { .. });
    work.prepare_cached(
        "UPDATE outbox SET state = ?2, ticket = ?3, settled = ?4,
            owner = iif(?5, owner, NULL), lease = iif(?5, lease, NULL)
        WHERE id = ?1",
    )?
    .execute(params![
        entry.id.0,
        Json(&entry.state),
        entry.ticket.map(|it| it.0),
        settled.then_some(At(at)),
        keeps_claim,
    ])?;
    if settled {
        log::append(work, entry, at)?;
    }
    Ok(())
}

fn find(work: &Connection, id: EntryId) -> rusqlite::Result<Option<(Entry, Option<Lease>)>> {
    let sql = format!("SELECT {COLUMNS}, owner, lease FROM outbox WHERE id = ?1");
    work.prepare_cached(&sql)?
        .query_row([id.0], |row| {
            let owner: Option<i64> = row.get(10)?;
            let until: Option<At> = row.get(11)?;
            let lease = owner.zip(until).map(|(owner, At(until))| Lease { owner, until });
            Ok((read_entry(row)?, lease))
        })
        .optional()
}

fn read_entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: EntryId(row.get(0)?),
        step: StepId(row.get(1)?),
        ticket: row.get::<_, Option<i64>>(2)?.map(TicketId),
        change: row.get(3).map(|Json(change)| change)?,
        after: row.get::<_, Option<i64>>(4)?.map(EntryId),
        seen: row.get::<_, Option<i64>>(5)?.map(ReplyId),
        queued: row.get(6).map(|At(at)| at)?,
        state: row.get(7).map(|Json(state)| state)?,
        stood: row.get::<_, Option<Json<_>>>(8)?.map(|Json(stood)| stood),
        undo: Some(row.get(9)?).filter(|id| *id != 0).map(EntryId),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Change,
        store::testing::{KEY, at, draft, entry, reopen, store},
    };

    const LEASE: Duration = Duration::from_secs(60);
    const HELD: fn() -> State = || State::Sending { since: at(1), known: Some(4) };

    #[tokio::test]
    async fn a_step_and_the_drafts_it_came_from_change_places_at_once() {
        let (folder, store) = store().await;
        store.save_draft(draft("Hello", 1), None).await.unwrap();
        store.queue(vec![entry(2, 1), entry(1, 1)], vec![KEY]).await.unwrap();
        assert_eq!(store.draft(KEY).await.unwrap(), None);
        store.close().await;
        let again = reopen(folder.path()).await;
        let ids: Vec<i64> = again.outbox().await.unwrap().iter().map(|it| it.id.0).collect();
        assert_eq!(ids, [2, 1], "the order is the one in which they were queued");
    }

    #[tokio::test]
    async fn only_one_console_gets_an_entry() {
        let (folder, one) = store().await;
        let two = reopen(folder.path()).await;
        one.queue(vec![entry(1, 1)], vec![]).await.unwrap();
        let id = EntryId(1);
        assert!(matches!(one.claim(id, 1, at(2), LEASE).await.unwrap(), Claim::Taken(_)));
        assert!(matches!(two.claim(id, 2, at(3), LEASE).await.unwrap(), Claim::Busy));
        assert!(!two.set_state(id, 2, HELD(), None, at(3)).await.unwrap());
        assert!(one.set_state(id, 1, HELD(), None, at(3)).await.unwrap());
        let late = two.claim(id, 2, at(100), LEASE).await.unwrap();
        assert!(matches!(late, Claim::Orphaned(_)), "it may have been sent: {late:?}");
        assert!(!one.set_state(id, 1, HELD(), None, at(101)).await.unwrap());
    }

    #[tokio::test]
    async fn what_is_claimed_is_not_taken_back_and_what_is_taken_back_is_not_claimed() {
        let (_folder, store) = store().await;
        store.queue(vec![entry(1, 1), entry(2, 1)], vec![]).await.unwrap();
        store.claim(EntryId(1), 1, at(2), LEASE).await.unwrap();
        let late = store.take_back(EntryId(1), at(3), None).await.unwrap();
        assert!(matches!(late, TakeBack::TooLate(_)), "{late:?}");
        let kept = draft("Hello", 3);
        let done = store.take_back(EntryId(2), at(3), Some(kept.clone())).await.unwrap();
        assert!(matches!(done, TakeBack::Done(_)), "{done:?}");
        assert_eq!(store.draft(KEY).await.unwrap(), Some(kept));
        assert!(matches!(store.claim(EntryId(2), 1, at(4), LEASE).await.unwrap(), Claim::Gone));
    }

    #[tokio::test]
    async fn what_is_settled_is_logged_once() {
        let (_folder, store) = store().await;
        store.queue(vec![entry(1, 1)], vec![]).await.unwrap();
        let recorded = State::Recorded { at: at(5), made: Some(ReplyId(9)), undo: None };
        assert!(store.set_state(EntryId(1), 1, recorded.clone(), None, at(5)).await.unwrap());
        assert!(!store.set_state(EntryId(1), 1, recorded, None, at(6)).await.unwrap());
        assert_eq!(store.outbox().await.unwrap(), []);
        assert_eq!(store.log(10).await.unwrap().len(), 1);
        assert_eq!(store.made(TicketId(7)).await.unwrap(), HashSet::from([ReplyId(9)]));
        let settled = store.recent(10).await.unwrap();
        assert!(matches!(&settled[0].change, Change::Post { text, .. } if text == "Hello\0"));
    }
}
