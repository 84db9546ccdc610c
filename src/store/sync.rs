//! The state of the upkeep, stored beside the mirror: whose turn it is, how far it is, which
//! tickets are in doubt, and what other consoles have stored.

mod lists;
mod unreadable;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, ToSql, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Store, StoreError,
    directory::{SYNCED_AT, set_single, single},
    tickets::{next_revision, read_row, save_all, select_rows},
    values::At,
};
use crate::domain::{Event, Row, TicketId};

pub use lists::{ListedPage, Position, ServerList, Span};
pub use unreadable::{Stretch, Troubles};

const PASS: &str = "pass";
const UPKEEP: &str = "upkeep";
const FILL: &str = "fill";

/// How long a ticket that a list does not name, but the server still has, is not asked for again.
const VOUCHED: SignedDuration = SignedDuration::from_mins(10);

/// The result of storing a page.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The rows that are new or have changed.
    pub changed: Vec<Row>,
    /// How many of them are new.
    pub fresh: usize,
    /// What was seen to change of tickets that were there before.
    pub(super) seen: Vec<(TicketId, Event)>,
}

/// Whose pass it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Pass {
    /// This console's, and where the passes before have left off.
    Mine(Option<Value>),
    /// Another console's: it began not long ago. The next one is due after this time. Also where
    /// the passes before have left off.
    Theirs(Duration, Option<Value>),
}

/// Who fills the mirror.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// Nobody: it has been filled.
    Done,
    /// This console, from where an earlier fill stopped.
    Mine(Option<Value>),
    /// Another console; its claim ends after this time. And how far it is.
    Theirs(Duration, Option<Value>),
}

/// What other consoles have stored.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// Tickets that are new or changed.
    pub changed: Vec<Row>,
    /// Tickets that are gone.
    pub gone: Vec<TicketId>,
    /// When a console last saw all waiting tickets, if that is news.
    pub synced_at: Option<Timestamp>,
    /// Whether there is more to be told.
    pub more: bool,
}

impl Elsewhere {
    /// Whether there is anything to be told.
    pub(super) fn is_news(&self) -> bool {
        self.more || self.synced_at.is_some() || !(self.changed.is_empty() && self.gone.is_empty())
    }
}

/// How much a pass reads, from the least to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// What a share of the request budget allows.
    #[default]
    Share,
    /// All active tickets that are not closed.
    WorkingSet,
    /// All tickets.
    All,
}

#[derive(Debug, Serialize, Deserialize)]
struct Began {
    at: Timestamp,
    /// The console that has it, and how much it reads.
    #[serde(default)]
    by: Option<i64>,
    #[serde(default)]
    reach: Reach,
    /// Whether it has ended.
    #[serde(default)]
    is_over: bool,
}

impl Began {
    /// Whether it is a console's, and has not come to its end.
    fn is_under_way_by(&self, console: i64) -> bool {
        self.by == Some(console) && !self.is_over
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Filling {
    done: bool,
    place: Option<Value>,
    by: Option<i64>,
    until: Option<Timestamp>,
}

impl Store {
    /// How often the mirror has been written to: each write has a number of its own.
    pub async fn revision(&self) -> Result<i64, StoreError> {
        self.mirror(|mirror| Ok(revision(mirror)?)).await
    }

    /// Stores a page of a list at the time `at`. Tickets that the mirror has in the span of the
    /// page, and the page has not, are put in doubt. Tickets that any console has stored since the
    /// page was asked for stay as they are.
    pub async fn save_page(&self, page: ListedPage, at: Timestamp) -> Result<Recorded, StoreError> {
        self.run(move |files| {
            let save = |transaction: &Transaction<'_>| save_page(transaction, page, at);
            let recorded = files.writing_mirror(save)?;
            files.note_seen(&recorded.seen);
            Ok(recorded)
        })
        .await
    }

    /// Tickets that are in doubt, the longest first.
    pub async fn doubts(&self, limit: u32) -> Result<Vec<TicketId>, StoreError> {
        self.mirror(move |mirror| {
            let mut doubts = mirror.prepare_cached(
                "SELECT ticket FROM doubts WHERE vouched IS NULL ORDER BY since, ticket LIMIT ?1",
            )?;
            let ids = doubts.query_map([limit], |row| Ok(TicketId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Notes that the server has the ticket, whatever its lists say. It is not put in doubt again
    /// for ten minutes.
    pub async fn vouch_for(&self, id: TicketId, at: Timestamp) -> Result<(), StoreError> {
        self.mirror(move |mirror| {
            mirror
                .prepare_cached(
                    "INSERT INTO doubts (ticket, since, vouched) VALUES (?1, ?2, ?2)
                    ON CONFLICT (ticket) DO UPDATE SET vouched = ?2",
                )?
                .execute(params![id.0, At(at)])?;
            Ok(())
        })
        .await
    }

    /// Claims the pass that is due at `now`, unless one began within `interval`, here or in another
    /// console. A pass that began in the future, before the clock was put back, does not count.
    pub async fn claim_pass(&self, now: Timestamp, interval: Duration) -> Result<Pass, StoreError> {
        self.claim_pass_of(now, interval, Reach::Share).await
    }

    /// The same, for a pass that reads more.
    pub async fn claim_pass_of(
        &self,
        now: Timestamp,
        interval: Duration,
        reach: Reach,
    ) -> Result<Pass, StoreError> {
        let claim = move |mirror: &mut Connection, me: i64| {
            let transaction = mirror.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let before: Option<Began> = single(&transaction, PASS)?;
            let passed = before.and_then(|it| Duration::try_from(now.duration_since(it.at)).ok());
            if let Some(left) = passed.and_then(|passed| interval.checked_sub(passed))
                && !left.is_zero()
            {
                return Ok(Pass::Theirs(left, single(&transaction, UPKEEP)?));
            }
            let began = Began { at: now, by: Some(me), reach, is_over: false };
            set_single(&transaction, PASS, &began)?;
            // A ticket vouched for long ago, or by a wrong clock, can be in doubt again.
            let long_ago = now.saturating_sub(VOUCHED).unwrap_or(now);
            transaction
                .prepare_cached("DELETE FROM doubts WHERE vouched < ?1 OR vouched > ?2")?
                .execute([At(long_ago), At(now)])?;
            let state = single(&transaction, UPKEEP)?;
            transaction.commit()?;
            Ok(Pass::Mine(state))
        };
        self.run(move |files| {
            let me = files.owner.number();
            files.with_mirror(|mirror| claim(mirror, me))
        })
        .await
    }

    /// Claims a pass that reads at least the working set, whenever the last one began. Says whether
    /// it is this console's: it is not while another console reads as much.
    pub async fn claim_reading(&self, now: Timestamp, reach: Reach) -> Result<bool, StoreError> {
        self.run(move |files| {
            let me = files.owner.number();
            let last: Option<Began> = files.with_mirror(|mirror| Ok(single(mirror, PASS)?))?;
            let by = last.and_then(|it| it.by);
            let alive = by.filter(|by| *by != me && !files.owner.has_ended(*by));
            files.with_mirror(|mirror| {
                let transaction =
                    mirror.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let last: Option<Began> = single(&transaction, PASS)?;
                let reads = |it: &Began| !it.is_over && it.by == alive && it.reach >= reach;
                if alive.is_some() && last.as_ref().is_some_and(reads) {
                    return Ok(false);
                }
                let began = Began { at: now, by: Some(me), reach, is_over: false };
                set_single(&transaction, PASS, &began)?;
                transaction.commit()?;
                Ok(true)
            })
        })
        .await
    }

    /// The pass of another console that is under way: when it began, and how much it reads.
    pub async fn pass_elsewhere(&self) -> Result<Option<(Timestamp, Reach)>, StoreError> {
        self.run(|files| {
            let last: Option<Began> = files.with_mirror(|mirror| Ok(single(mirror, PASS)?))?;
            let me = files.owner.number();
            let is_theirs = |by: i64| by != me && !files.owner.has_ended(by);
            let under_way = last.filter(|it| !it.is_over && it.by.is_some_and(is_theirs));
            Ok(under_way.map(|it| (it.at, it.reach)))
        })
        .await
    }

    /// This console's last pass is over, as far as it went.
    pub async fn end_pass(&self) -> Result<(), StoreError> {
        self.change_pass(|last, me| {
            last.is_under_way_by(me).then_some(Some(Began { is_over: true, ..last }))
        })
        .await
    }

    /// Gives back this console's pass, if it has not come to its end.
    pub async fn give_up_pass(&self) -> Result<(), StoreError> {
        self.change_pass(|last, me| last.is_under_way_by(me).then_some(None)).await
    }

    /// Gives back the failed pass that was claimed at `claimed`, so that the next pass does not
    /// wait for it. A later claim, by any console, stays.
    pub async fn give_pass_back(&self, claimed: Timestamp) -> Result<(), StoreError> {
        self.change_pass(move |last, _| (last.at == claimed).then_some(None)).await
    }

    /// Replaces the last pass by what `change` makes of it for this console: `Some(None)` takes it away,
    /// `None` leaves it.
    async fn change_pass(
        &self,
        change: impl FnOnce(Began, i64) -> Option<Option<Began>> + Send + 'static,
    ) -> Result<(), StoreError> {
        self.run(move |files| {
            let me = files.owner.number();
            files.with_mirror(|mirror| {
                let transaction =
                    mirror.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let last: Option<Began> = single(&transaction, PASS)?;
                match last.and_then(|last| change(last, me)) {
                    Some(Some(next)) => set_single(&transaction, PASS, &next)?,
                    Some(None) => {
                        transaction.execute("DELETE FROM singles WHERE key = ?1", [PASS])?;
                    }
                    None => {}
                }
                Ok(transaction.commit()?)
            })
        })
        .await
    }

    /// Keeps where the passes have left off.
    pub async fn save_upkeep(&self, state: Value) -> Result<(), StoreError> {
        self.mirror(move |mirror| Ok(set_single(mirror, UPKEEP, &state)?)).await
    }

    /// Claims the fill of a mirror that is not filled, until `lease` from `now`. A claim does not
    /// count if its console has ended, or if it ends later than any claim can.
    pub async fn claim_fill(&self, now: Timestamp, lease: Duration) -> Result<Fill, StoreError> {
        self.run(move |files| {
            let me = files.owner.number();
            let by = files.with_mirror(|mirror| Ok(filling(mirror)?.by))?;
            let ended = by.filter(|by| files.owner.has_ended(*by));
            files.with_mirror(|mirror| {
                let transaction =
                    mirror.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let mut filling = filling(&transaction)?;
                if filling.done {
                    return Ok(Fill::Done);
                }
                let theirs = filling.by.is_some_and(|by| by != me && Some(by) != ended);
                let left =
                    filling.until.and_then(|it| Duration::try_from(it.duration_since(now)).ok());
                if let Some(left) = left.filter(|left| theirs && !left.is_zero() && *left <= lease)
                {
                    return Ok(Fill::Theirs(left, filling.place));
                }
                filling.by = Some(me);
                filling.until = Some(end_of(now, lease));
                set_single(&transaction, FILL, &filling)?;
                transaction.commit()?;
                Ok(Fill::Mine(filling.place))
            })
        })
        .await
    }

    /// Keeps how far the fill is and renews its claim; says whether it was still this console's.
    pub async fn renew_fill(
        &self,
        place: Value,
        now: Timestamp,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        self.change_fill(move |filling| {
            filling.place = Some(place);
            filling.until = Some(end_of(now, lease));
        })
        .await
    }

    /// The mirror is filled; says whether the fill was still this console's.
    pub async fn end_fill(&self) -> Result<bool, StoreError> {
        self.change_fill(|filling| *filling = Filling { done: true, ..Filling::default() }).await
    }

    async fn change_fill(
        &self,
        change: impl FnOnce(&mut Filling) + Send + 'static,
    ) -> Result<bool, StoreError> {
        self.run(move |files| {
            let me = files.owner.number();
            files.with_mirror(|mirror| {
                let transaction =
                    mirror.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let mut filling = filling(&transaction)?;
                if filling.by != Some(me) {
                    return Ok(false);
                }
                change(&mut filling);
                set_single(&transaction, FILL, &filling)?;
                transaction.commit()?;
                Ok(true)
            })
        })
        .await
    }

    /// Whether the mirror is still to be filled.
    pub async fn needs_fill(&self) -> Result<bool, StoreError> {
        self.mirror(|mirror| Ok(!filling(mirror)?.done)).await
    }

    /// How many tickets of a list the mirror has; `None` counts all.
    pub async fn count(&self, list: Option<ServerList>) -> Result<u64, StoreError> {
        self.mirror(move |mirror| {
            let (condition, status) =
                list.map_or(("?1 IS NULL", None), |it| (it.condition(), it.status()));
            let sql = format!("SELECT count(*) FROM tickets WHERE {condition}");
            let count: i64 = mirror.prepare_cached(&sql)?.query_row([status], |row| row.get(0))?;
            Ok(u64::try_from(count).unwrap_or_default())
        })
        .await
    }

    /// The tickets that other consoles have stored since this was last asked, about `limit` at
    /// most; `None` if there are none.
    pub async fn elsewhere(&self, limit: u32) -> Result<Option<Elsewhere>, StoreError> {
        self.run(move |files| files.elsewhere(limit)).await
    }
}

/// The number of the last write.
pub(super) fn revision(mirror: &Connection) -> rusqlite::Result<i64> {
    mirror.prepare_cached("SELECT last FROM revisions")?.query_row([], |row| row.get(0))
}

/// The tickets written after the write `known`, and the last write that they cover.
pub(super) fn written_after(
    mirror: &mut Connection,
    known: i64,
    limit: u32,
) -> Result<(Elsewhere, i64), StoreError> {
    let transaction = mirror.transaction()?;
    let last = revision(&transaction)?;
    // Only whole writes are returned: the last one may go beyond the limit.
    let (reached, through): (Option<i64>, i64) = transaction
        .prepare_cached(
            "SELECT max(revision), count(*) FROM (SELECT revision FROM tickets WHERE revision > ?1
            ORDER BY revision LIMIT ?2)",
        )?
        .query_row(params![known, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let more = through >= i64::from(limit) && reached.is_some_and(|it| it < last);
    let upto = reached.filter(|_| more).unwrap_or(last);
    let changed = transaction
        .prepare_cached(select_rows!("WHERE t.revision > ?1 AND t.revision <= ?2 ORDER BY t.id"))?
        .query_map([known, upto], read_row)?
        .collect::<Result<_, _>>()?;
    let gone = transaction
        .prepare_cached(
            "SELECT ticket FROM gone WHERE revision > ?1 AND revision <= ?2
            AND ticket NOT IN (SELECT id FROM tickets)",
        )?
        .query_map([known, upto], |row| Ok(TicketId(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    let synced_at = single(&transaction, SYNCED_AT)?;
    Ok((Elsewhere { changed, gone, synced_at, more }, upto))
}

fn end_of(now: Timestamp, lease: Duration) -> Timestamp {
    SignedDuration::try_from(lease)
        .ok()
        .and_then(|lease| now.checked_add(lease).ok())
        .unwrap_or(now)
}

/// How far the fill is.
fn filling(mirror: &Connection) -> rusqlite::Result<Filling> {
    Ok(single(mirror, FILL)?.unwrap_or_default())
}

fn save_page(
    transaction: &Transaction<'_>,
    page: ListedPage,
    at: Timestamp,
) -> Result<Recorded, StoreError> {
    let ids: Vec<i64> = page.tickets.iter().map(|full| full.ticket.id.0).collect();
    let ids = serde_json::to_string(&ids)?;
    let newer: Vec<i64> = transaction
        .prepare_cached(
            "SELECT id FROM tickets WHERE revision > ?1 AND id IN (SELECT value FROM json_each(?2))
            UNION SELECT ticket FROM gone WHERE revision > ?1",
        )?
        .query_map(params![page.since, ids], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut tickets = page.tickets;
    tickets.retain(|full| !newer.contains(&full.ticket.id.0));
    let recorded = save_all(transaction, tickets, at)?;
    let seen = "DELETE FROM doubts WHERE ticket IN (SELECT value FROM json_each(?1))
        AND vouched IS NULL";
    transaction.prepare_cached(seen)?.execute([&ids])?;
    if let Some(span) = page.span {
        doubt_the_rest(transaction, span, &ids, page.since, at)?;
    }
    Ok(recorded)
}

fn doubt_the_rest(
    transaction: &Transaction<'_>,
    span: Span,
    ids: &str,
    since: i64,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let after = span.after.unwrap_or(Position(i64::MAX, i64::MAX));
    let before = span.before.unwrap_or(Position(i64::MIN, i64::MIN));
    let sql = format!(
        "INSERT OR IGNORE INTO doubts (ticket, since)
        SELECT id, ?2 FROM tickets
        WHERE {} AND revision <= ?3
            AND ifnull(created, {none}) BETWEEN ?6 AND ?4
            AND (ifnull(created, {none}), id) < (?4, ?5)
            AND (ifnull(created, {none}), id) > (?6, ?7)
            AND id NOT IN (SELECT value FROM json_each(?8))",
        span.list.condition(),
        none = Position::NO_TIME,
    );
    let values: [&dyn ToSql; 8] =
        [&span.list.status(), &At(at), &since, &after.0, &after.1, &before.0, &before.1, &ids];
    transaction.prepare_cached(&sql)?.execute(values)?;
    Ok(())
}

/// Notes that tickets are gone, for the other consoles.
pub(super) fn note_gone(transaction: &Transaction<'_>, ids: &[TicketId]) -> rusqlite::Result<()> {
    let revision = next_revision(transaction)?;
    for id in ids {
        transaction
            .prepare_cached("INSERT OR REPLACE INTO gone (ticket, revision) VALUES (?1, ?2)")?
            .execute([id.0, revision])?;
        transaction.prepare_cached("DELETE FROM doubts WHERE ticket = ?1")?.execute([id.0])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
