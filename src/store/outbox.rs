//! The outbox: every change is stored in it, on the disk, before it is sent.

mod claims;
mod departure;
mod proposals;
mod recorded;

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{
    Store, StoreError,
    drafts::{give_up, keep_text},
    log,
    owner::Owner,
    values::{At, Json},
};
use crate::domain::{
    Change, Draft, DraftChanges, DraftKey, Entry, EntryId, Gone, ReplyId, Seen, Stale, Stand,
    State, TicketId,
};

/// The columns that [`read_entry`] reads, in its order.
const COLUMNS: &str = "id, step, ticket, change, after, seen, queued, state, stood, undo";

/// The result of an attempt to claim an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's until the lease ends.
    Taken(Entry),
    /// Another console works on it.
    Busy,
    /// An earlier change of its ticket, or the change that it follows, is not settled yet.
    Behind,
    /// The entry is the caller's. The console that had it before ended, or fell silent, while a
    /// request was out, so the server may have done the work.
    Orphaned(Entry),
    /// It is settled, or there is no such entry.
    Gone,
}

/// The result of an attempt to take an entry back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakeBack {
    /// It is taken back, and will never be sent.
    Done(Entry),
    /// It may have left already, or is settled. It stays in the state given.
    TooLate(Entry),
    /// There is no such entry.
    Gone,
}

/// Who works on an entry, until when.
pub(super) struct Lease {
    owner: i64,
    until: Timestamp,
}

impl Lease {
    /// Whether `me` was the last to claim the entry, however long ago.
    pub(super) fn is_of(&self, me: &Owner) -> bool {
        self.owner == me.number()
    }

    /// Whether somebody still works on the entry, as `me` can tell.
    fn stands(&self, me: &Owner, now: Timestamp) -> bool {
        self.until > now && !me.has_ended(self.owner)
    }

    /// Whether the lease keeps `me` from the entry.
    pub(super) fn excludes(&self, me: &Owner, now: Timestamp) -> bool {
        self.owner != me.number() && self.stands(me, now)
    }
}

impl Store {
    /// Queues `entries` in their order and drops the drafts that they were made of: all or nothing,
    /// and on the disk when it returns. If one of the drafts has changed since the caller saw it
    /// (another console recorded it, say), nothing is done and the reason is returned.
    ///
    /// # Errors
    /// Also where an entry of the same number was queued before.
    pub async fn queue(
        &self,
        entries: Vec<Entry>,
        drop: Vec<Seen>,
    ) -> Result<Option<(DraftKey, Stale)>, StoreError> {
        self.in_place(move |files| {
            let at = entries.first().map_or(Timestamp::UNIX_EPOCH, |entry| entry.queued);
            let gone = Gone { recorded: true, at, by: files.writer(at) };
            let transaction = begin(&mut files.work)?;
            for seen in drop {
                if let Some(stale) = give_up(&transaction, &files.owner, seen, &gone)? {
                    return Ok(Some((seen.key, stale)));
                }
            }
            for entry in &entries {
                insert(&transaction, entry)?;
            }
            transaction.commit()?;
            Ok(None)
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

    /// The settled entries of the steps that have others which are not settled, in their order.
    pub async fn settled_of_open_steps(&self) -> Result<Vec<Entry>, StoreError> {
        self.work(|work| {
            let open = "SELECT step FROM outbox WHERE settled IS NULL";
            let mut any = work.prepare_cached(&format!("SELECT EXISTS ({open})"))?;
            if !any.query_row([], |row| row.get::<_, bool>(0))? {
                return Ok(Vec::new());
            }
            let sql = format!(
                "SELECT {COLUMNS} FROM outbox WHERE settled IS NOT NULL AND step IN ({open}) ORDER BY turn"
            );
            let mut entries = work.prepare_cached(&sql)?;
            Ok(entries.query_map([], read_entry)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// One entry, settled or not.
    pub async fn entry(&self, id: EntryId) -> Result<Option<Entry>, StoreError> {
        self.work(move |work| Ok(find(work, id)?.map(|(entry, _)| entry))).await
    }

    /// Asks for an entry to work on until `now` + `lease`; who holds one may claim it again. The
    /// changes of one ticket are given out in the order in which they were queued, whichever
    /// console asks; one that waits for the agent's decision lets later ones pass.
    pub async fn claim(
        &self,
        id: EntryId,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        self.in_place(move |files| {
            let transaction = begin(&mut files.work)?;
            let Some((entry, held)) = find(&transaction, id)? else { return Ok(Claim::Gone) };
            if entry.state.is_settled() {
                return Ok(Claim::Gone);
            }
            if held.as_ref().is_some_and(|held| held.excludes(&files.owner, now)) {
                return Ok(Claim::Busy);
            }
            if is_behind(&transaction, id)? {
                return Ok(Claim::Behind);
            }
            let me = files.owner.number();
            let out = matches!(entry.state, State::Sending { .. });
            transaction
                .prepare_cached(
                    "UPDATE outbox SET owner = ?2, lease = ?3, tried = tried OR ?4 WHERE id = ?1",
                )?
                .execute(params![id, me, At(end(now, lease)), out])?;
            transaction.commit()?;
            let orphaned = out && !held.is_some_and(|held| held.is_of(&files.owner));
            Ok(if orphaned { Claim::Orphaned(entry) } else { Claim::Taken(entry) })
        })
        .await
    }

    /// Moves the end of all claims that this console still holds to `now` + `lease`.
    pub async fn renew(&self, now: Timestamp, lease: Duration) -> Result<(), StoreError> {
        self.in_place(move |files| {
            files
                .work
                .prepare_cached(
                    "UPDATE outbox SET lease = ?2 WHERE owner = ?1 AND settled IS NULL",
                )?
                .execute(params![files.owner.number(), At(end(now, lease))])?;
            Ok(())
        })
        .await
    }

    /// Writes the new state of an entry, and its ticket if that has become known. A settled state
    /// also goes into the action log, and the text of a failed change becomes a draft again in the
    /// same transaction; any state but [`State::Sending`] and [`State::Doubtful`] ends the claim.
    ///
    /// Returns whether the state was written. It is not written if the entry is unknown or settled,
    /// or if another console has a claim. `Sending` is not written without a claim of this console:
    /// a console that slept past its lease finds out in this way, and must then send nothing. A
    /// request that is out does not become `Queued`, since that would send it again; it is in doubt
    /// first. Only the console that claimed an entry last may speak for it while it is out or in
    /// doubt, even if that console has ended. `Recorded` is written whichever console says it.
    pub async fn set_state(
        &self,
        id: EntryId,
        state: State,
        ticket: Option<TicketId>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.in_place(move |files| {
            let me = &files.owner;
            let transaction = begin(&mut files.work)?;
            let Some((mut entry, held)) = find(&transaction, id)? else { return Ok(false) };
            let is_mine = held.as_ref().is_some_and(|held| held.is_of(me));
            let allowed = match (&entry.state, &state) {
                (_, State::Recorded { .. }) => true,
                (State::Sending { .. }, State::Queued) => false,
                (State::Sending { .. } | State::Doubtful { .. }, _) => is_mine,
                (_, State::Sending { .. }) => is_mine,
                _ => !held.is_some_and(|held| held.excludes(me, at)),
            };
            if entry.state.is_settled() || !allowed {
                return Ok(false);
            }
            entry.state = state;
            entry.ticket = ticket.or(entry.ticket);
            write_state(&transaction, &entry, files.clock.to_wall(at))?;
            transaction.commit()?;
            Ok(true)
        })
        .await
    }

    /// Lets a held entry go at once. If a console works on it already, the result of that console
    /// counts. Returns whether the entry was held.
    pub async fn release(&self, id: EntryId, at: Timestamp) -> Result<bool, StoreError> {
        self.change_held(id, State::Queued, at).await
    }

    /// Moves the end of a hold, unless a console works on the entry already. Returns whether the
    /// hold was moved.
    pub async fn hold(
        &self,
        id: EntryId,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change_held(id, State::Holding { until }, at).await
    }

    async fn change_held(
        &self,
        id: EntryId,
        state: State,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.in_place(move |files| {
            let me = &files.owner;
            let transaction = begin(&mut files.work)?;
            let Some((mut entry, held)) = find(&transaction, id)? else { return Ok(false) };
            let is_held = matches!(entry.state, State::Holding { .. });
            if !is_held || held.is_some_and(|held| held.stands(me, at)) {
                return Ok(false);
            }
            entry.state = state;
            write_state(&transaction, &entry, files.clock.to_wall(at))?;
            transaction.commit()?;
            Ok(true)
        })
        .await
    }

    /// Lets an entry that waits for a decision go on, as [`Entry::decided`] describes, and returns
    /// the new entry. A proposal is held for `hold`. Returns `None` if it no longer waits for a
    /// decision, or if another console has a claim.
    pub async fn decide(
        &self,
        id: EntryId,
        stood: Option<Box<Stand>>,
        hold: Duration,
        at: Timestamp,
    ) -> Result<Option<Entry>, StoreError> {
        self.in_place(move |files| {
            let me = &files.owner;
            let until = Some(end(at, hold)).filter(|_| !hold.is_zero());
            let transaction = begin(&mut files.work)?;
            let free = |held: &Option<Lease>| !held.as_ref().is_some_and(|it| it.excludes(me, at));
            let found = find(&transaction, id)?.filter(|(_, held)| free(held));
            let Some(entry) = found.and_then(|(entry, _)| entry.decided(stood, until)) else {
                return Ok(None);
            };
            transaction
                .prepare_cached(
                    "UPDATE outbox SET seen = ?2, stood = ?3, change = ?4 WHERE id = ?1",
                )?
                .execute(params![
                    id,
                    entry.seen.map(|it| it.0),
                    entry.stood.as_ref().map(Json),
                    Json(&entry.change),
                ])?;
            write_state(&transaction, &entry, files.clock.to_wall(at))?;
            transaction.commit()?;
            Ok(Some(entry))
        })
        .await
    }

    /// Takes an entry back, as [`Store::take_back_all`] does.
    pub async fn take_back(&self, id: EntryId, at: Timestamp) -> Result<TakeBack, StoreError> {
        let taken = self.take_back_all(vec![id], at).await?;
        Ok(taken.into_iter().next().map_or(TakeBack::Gone, |(_, taken)| taken))
    }

    /// Takes each entry back whose state says that it has certainly not left. A claim does not
    /// prevent that: its console writes the departure before it sends, and finds out then. The text
    /// typed for an entry becomes a draft again in the same transaction.
    pub async fn take_back_all(
        &self,
        ids: Vec<EntryId>,
        at: Timestamp,
    ) -> Result<Vec<(EntryId, TakeBack)>, StoreError> {
        self.in_place(move |files| {
            let transaction = begin(&mut files.work)?;
            let wall = files.clock.to_wall(at);
            let mut taken = Vec::with_capacity(ids.len());
            for id in ids {
                taken.push((id, withdraw(&transaction, id, wall)?));
            }
            transaction.commit()?;
            Ok(taken)
        })
        .await
    }

    /// Takes back the entries of a caller who has their text and gives up: no draft is kept. If one of
    /// them may have left, all stay. Returns those that are there, as they stand now.
    pub async fn give_up(
        &self,
        ids: Vec<EntryId>,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.in_place(move |files| {
            let transaction = begin(&mut files.work)?;
            let wall = files.clock.to_wall(at);
            let mut entries = Vec::with_capacity(ids.len());
            for id in ids {
                entries.extend(find(&transaction, id)?.map(|(entry, _)| entry));
            }
            let is_out = |it: &Entry| !it.state.can_take_back() && !it.state.is_settled();
            if entries.iter().any(is_out) {
                return Ok(entries);
            }
            for entry in entries.iter_mut().filter(|it| it.state.can_take_back()) {
                entry.state = State::TakenBack;
                end_with(&transaction, entry, wall)?;
            }
            transaction.commit()?;
            Ok(entries)
        })
        .await
    }
}

fn withdraw(work: &Connection, id: EntryId, at: Timestamp) -> rusqlite::Result<TakeBack> {
    let Some((mut entry, _)) = find(work, id)? else { return Ok(TakeBack::Gone) };
    if !entry.state.can_take_back() {
        return Ok(TakeBack::TooLate(entry));
    }
    entry.state = State::TakenBack;
    write_state(work, &entry, at)?;
    Ok(TakeBack::Done(entry))
}

/// Begins a transaction with the write lock, so that the values read first still hold at the write.
pub(super) fn begin(work: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
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
        entry.id,
        entry.step,
        entry.ticket.map(|it| it.0),
        Json(&entry.change),
        entry.after,
        entry.seen.map(|it| it.0),
        At(entry.queued),
        Json(&entry.state),
        entry.stood.as_ref().map(Json),
        entry.undo,
        entry.state.is_settled().then_some(At(entry.queued)),
    ])?;
    Ok(())
}

/// Finds an entry for which a given entry has to wait. That may be the entry that it follows. It
/// may be an earlier entry of its ticket, unless that one waits for the agent or follows one that
/// does. Or it may be a later entry that passed it meanwhile and is under way. An entry that is
/// under way itself waits for none.
///
/// This rule holds for all consoles. The background task sorts its own list by the same rule
/// (`worker/outbox/line.rs`); a test there compares the two.
const BEHIND: &str = "
    SELECT 1 FROM outbox AS it
    WHERE it.id = ?1 AND json_extract(it.state, '$.state') NOT IN ('sending', 'doubtful')
    AND (EXISTS (SELECT 1 FROM outbox AS leads WHERE leads.id = it.after AND leads.settled IS NULL)
    OR EXISTS (SELECT 1 FROM outbox AS other
        WHERE other.settled IS NULL AND other.ticket = it.ticket AND iif(
            other.turn < it.turn,
            json_extract(other.state, '$.state') <> 'decision' AND NOT EXISTS (
                SELECT 1 FROM outbox AS leads WHERE leads.id = other.after
                AND leads.settled IS NULL),
            other.turn > it.turn
            AND json_extract(other.state, '$.state') IN ('sending', 'doubtful'))))
";

/// Whether an entry has to wait for another one.
pub(super) fn is_behind(work: &Connection, id: EntryId) -> rusqlite::Result<bool> {
    work.prepare_cached(BEHIND)?.exists([id])
}

/// Writes the entry's state and ticket. A settled entry is logged, and the text of a failed one is
/// kept as a draft.
pub(super) fn write_state(work: &Connection, entry: &Entry, at: Timestamp) -> rusqlite::Result<()> {
    end_with(work, entry, at)?;
    if let State::Refused { .. } | State::TakenBack = entry.state
        && let Some(draft) = entry.draft(at)
    {
        let changes = following(work, entry)?;
        keep_text(work, Draft { changes, ..draft }, entry.id.short())?;
    }
    Ok(())
}

/// The same, but the text is kept nowhere.
fn end_with(work: &Connection, entry: &Entry, at: Timestamp) -> rusqlite::Result<()> {
    let settled = entry.state.is_settled();
    let tried = match &entry.state {
        State::Waiting { problem, .. } | State::Doubtful { problem, .. } => problem.is_doubtful(),
        _ => false,
    };
    let keeps_claim = matches!(entry.state, State::Sending { .. } | State::Doubtful { .. });
    work.prepare_cached(
        "UPDATE outbox SET state = ?2, ticket = ?3, settled = ?4, tried = tried OR ?6,
            owner = iif(?5, owner, NULL), lease = iif(?5, lease, NULL)
        WHERE id = ?1",
    )?
    .execute(params![
        entry.id,
        Json(&entry.state),
        entry.ticket.map(|it| it.0),
        settled.then_some(At(at)),
        keeps_claim,
        tried,
    ])?;
    if settled {
        log::append(work, entry, at)?;
    }
    Ok(())
}

/// The changes that were to follow a reply or a note. They wait beside its text again.
fn following(work: &Connection, entry: &Entry) -> rusqlite::Result<Option<Box<DraftChanges>>> {
    let Change::Post { .. } = entry.change else { return Ok(None) };
    let sql = "SELECT change FROM outbox
        WHERE ticket = ?1 AND after = ?2 AND settled IS NULL ORDER BY turn";
    let mut query = work.prepare_cached(sql)?;
    let of = params![entry.ticket.map(|it| it.0), entry.id];
    let changes = query.query_map(of, |row| row.get(0).map(|Json(change)| change))?;
    let changes: Vec<Change> = changes.collect::<rusqlite::Result<_>>()?;
    Ok(DraftChanges::following(&changes))
}

pub(super) fn find(
    work: &Connection,
    id: EntryId,
) -> rusqlite::Result<Option<(Entry, Option<Lease>)>> {
    let sql = format!("SELECT {COLUMNS}, owner, lease FROM outbox WHERE id = ?1");
    work.prepare_cached(&sql)?
        .query_row([id], |row| {
            let owner: Option<i64> = row.get(10)?;
            let until: Option<At> = row.get(11)?;
            let lease = owner.zip(until).map(|(owner, At(until))| Lease { owner, until });
            Ok((read_entry(row)?, lease))
        })
        .optional()
}

fn read_entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        step: row.get(1)?,
        ticket: row.get::<_, Option<i64>>(2)?.map(TicketId),
        change: row.get(3).map(|Json(change)| change)?,
        after: row.get(4)?,
        seen: row.get::<_, Option<i64>>(5)?.map(ReplyId),
        queued: row.get(6).map(|At(at)| at)?,
        state: row.get(7).map(|Json(state)| state)?,
        stood: row.get::<_, Option<Json<_>>>(8)?.map(|Json(stood)| stood),
        undo: row.get(9)?,
    })
}

#[cfg(test)]
mod tests;
