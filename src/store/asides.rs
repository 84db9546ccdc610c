//! What the profile keeps about tickets beside the server's fields: pins and snoozes. Each part of
//! a row has the time of its last change. So two files can be merged, and nothing that was taken off
//! comes back.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    Store, StoreError, history,
    outbox::begin,
    values::{At, Json},
};
use crate::domain::{Aside, AsideChange, Event, LastLook, ReplyId, Snooze, TicketId, WokenBy};

impl Store {
    /// What is kept about tickets. Tickets about which nothing is kept are left out.
    pub async fn asides(&self) -> Result<Vec<(TicketId, Aside)>, StoreError> {
        self.work(|work| Ok(all(work)?)).await
    }

    /// When looks began to be kept.
    pub async fn begun(&self) -> Result<Option<Timestamp>, StoreError> {
        self.work(|work| {
            let mut begun = work.prepare_cached("SELECT min(at) FROM begun")?;
            let begun: Option<At> = begun.query_row([], |row| row.get(0))?;
            Ok(begun.map(|At(at)| at))
        })
        .await
    }

    /// Makes changes, all or none, asked for `at` that time.
    pub async fn set_aside(
        &self,
        changes: Vec<(TicketId, AsideChange)>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.work(move |work| {
            let work = begin(work)?;
            for (ticket, change) in changes {
                let before = find(&work, ticket)?;
                let mut aside = before;
                aside.apply(change);
                put(&work, ticket, change, aside, at)?;
                if let Some(event) = before.event(change) {
                    history::note(&work, ticket, &event, at)?;
                }
            }
            Ok(work.commit()?)
        })
        .await
    }

    /// Ends these snoozes, and returns the tickets that woke by this call. A snooze that another
    /// console has ended or replaced meanwhile is left out.
    pub async fn wake(
        &self,
        snoozes: Vec<(TicketId, Snooze, WokenBy)>,
        at: Timestamp,
    ) -> Result<Vec<TicketId>, StoreError> {
        self.work(move |work| {
            let work = begin(work)?;
            let mut woken = Vec::new();
            for (ticket, snooze, by) in snoozes {
                let mut aside = find(&work, ticket)?;
                if aside.snooze != Some(snooze) {
                    continue;
                }
                let change = AsideChange::Snoozed(None);
                aside.apply(change);
                aside.woken = true;
                put(&work, ticket, change, aside, at)?;
                history::note(&work, ticket, &Event::Woken(by), at)?;
                woken.push(ticket);
            }
            work.commit()?;
            Ok(woken)
        })
        .await
    }
}

fn all(work: &Connection) -> rusqlite::Result<Vec<(TicketId, Aside)>> {
    let mut rows = work.prepare_cached(
        "SELECT ticket, pinned, snooze, woken, look_count, look_last FROM asides
        WHERE pinned OR woken OR snooze IS NOT NULL OR look_count IS NOT NULL ORDER BY ticket",
    )?;
    let rows = rows.query_map([], |row| Ok((TicketId(row.get(0)?), read(row, 1)?)))?;
    rows.collect()
}

fn find(work: &Connection, ticket: TicketId) -> rusqlite::Result<Aside> {
    let aside = work
        .prepare_cached(
            "SELECT pinned, snooze, woken, look_count, look_last FROM asides WHERE ticket = ?1",
        )?
        .query_row([ticket.0], |row| read(row, 0))
        .optional()?;
    Ok(aside.unwrap_or_default())
}

fn read(row: &rusqlite::Row<'_>, from: usize) -> rusqlite::Result<Aside> {
    let snooze: Option<Json<Snooze>> = row.get(from + 1)?;
    let count: Option<u32> = row.get(from + 3)?;
    let last: Option<i64> = row.get(from + 4)?;
    Ok(Aside {
        pinned: row.get(from)?,
        snooze: snooze.map(|Json(snooze)| snooze),
        woken: row.get(from + 2)?,
        look: count.map(|count| LastLook { count, last: last.map(ReplyId) }),
    })
}

/// Keeps `aside` as it is after `change`.
fn put(
    work: &Connection,
    ticket: TicketId,
    change: AsideChange,
    aside: Aside,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let part = |is: bool| is.then_some(At(at));
    let is_look = matches!(change, AsideChange::Seen(_));
    let pins = matches!(change, AsideChange::Pinned(_));
    work.prepare_cached(
        "INSERT INTO asides (ticket, pinned, pinned_at, snooze, woken, snoozed_at, look_count,
            look_last, looked_at)
        VALUES (?1, ?2, ifnull(?3, 0), ?4, ?5, ifnull(?6, 0), ?7, ?8, ifnull(?9, 0))
        ON CONFLICT (ticket) DO UPDATE SET pinned = ?2, pinned_at = ifnull(?3, pinned_at),
            snooze = ?4, woken = ?5, snoozed_at = ifnull(?6, snoozed_at),
            look_count = ?7, look_last = ?8, looked_at = ifnull(?9, looked_at)",
    )?
    .execute(params![
        ticket.0,
        aside.pinned,
        part(pins),
        aside.snooze.map(Json),
        aside.woken,
        part(!pins && !is_look),
        aside.look.map(|look| look.count),
        aside.look.and_then(|look| look.last).map(|last| last.0),
        part(is_look),
    ])?;
    Ok(())
}

/// Adds what is kept in `from` to what is kept in `into`. Of each part the later change counts.
pub(super) fn merge(from: &Connection, into: &Connection) -> rusqlite::Result<()> {
    let begun: Option<i64> = from.query_row("SELECT min(at) FROM begun", [], |row| row.get(0))?;
    into.execute("INSERT INTO begun SELECT ?1 WHERE ?1 IS NOT NULL", [begun])?;
    let mut rows = from.prepare(
        "SELECT ticket, pinned, pinned_at, snooze, woken, snoozed_at, look_count, look_last,
            looked_at
        FROM asides",
    )?;
    let rows = rows.query_map([], |row| {
        (0..9)
            .map(|column| row.get(column))
            .collect::<rusqlite::Result<Vec<rusqlite::types::Value>>>()
    })?;
    let mut put = into.prepare_cached(
        "INSERT INTO asides (ticket, pinned, pinned_at, snooze, woken, snoozed_at, look_count,
            look_last, looked_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (ticket) DO UPDATE SET
            pinned = iif(?3 > pinned_at, ?2, pinned), pinned_at = max(pinned_at, ?3),
            snooze = iif(?6 > snoozed_at, ?4, snooze), woken = iif(?6 > snoozed_at, ?5, woken),
            snoozed_at = max(snoozed_at, ?6),
            look_count = iif(?9 > looked_at, ?7, look_count),
            look_last = iif(?9 > looked_at, ?8, look_last), looked_at = max(looked_at, ?9)",
    )?;
    for row in rows {
        put.execute(rusqlite::params_from_iter(row?))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        schema,
        testing::{at, reopen, store},
    };

    const SEVEN: TicketId = TicketId(7);

    fn snooze(until: i64) -> Snooze {
        Snooze { since: at(1), until: Some(at(until)), count: 2, last: None, known: None }
    }

    fn pinned() -> Aside {
        Aside { pinned: true, ..Aside::default() }
    }

    #[tokio::test]
    async fn pins_and_snoozes_survive_a_restart_and_are_there_for_every_console() {
        let (folder, store) = store().await;
        let changes = vec![
            (SEVEN, AsideChange::Pinned(true)),
            (SEVEN, AsideChange::Snoozed(Some(snooze(9)))),
            (TicketId(8), AsideChange::Pinned(true)),
        ];
        store.set_aside(changes, at(2)).await.unwrap();
        let both = Aside { snooze: Some(snooze(9)), ..pinned() };
        let other = reopen(folder.path()).await;
        assert_eq!(other.asides().await.unwrap(), [(SEVEN, both), (TicketId(8), pinned())]);
        other.changed_elsewhere().await.unwrap();
        store.set_aside(vec![(TicketId(8), AsideChange::Pinned(false))], at(3)).await.unwrap();
        assert!(other.changed_elsewhere().await.unwrap().written);
        store.close().await;
        other.close().await;
        assert_eq!(reopen(folder.path()).await.asides().await.unwrap(), [(SEVEN, both)]);
    }

    #[tokio::test]
    async fn a_look_is_kept_beside_pins_and_snoozes() {
        let (folder, store) = store().await;
        let begun = store.begun().await.unwrap();
        assert!(begun.is_some());
        let look = |count, last| LastLook { count, last };
        let changes = vec![
            (SEVEN, AsideChange::Seen(look(2, Some(ReplyId(21))))),
            (SEVEN, AsideChange::Pinned(true)),
            (TicketId(8), AsideChange::Seen(look(0, None))),
        ];
        store.set_aside(changes, at(2)).await.unwrap();
        let other = reopen(folder.path()).await;
        assert_eq!(other.begun().await.unwrap(), begun);
        let seven = Aside { look: Some(look(2, Some(ReplyId(21)))), ..pinned() };
        let eight = Aside { look: Some(look(0, None)), ..Aside::default() };
        assert_eq!(other.asides().await.unwrap(), [(SEVEN, seven), (TicketId(8), eight)]);
    }

    #[tokio::test]
    async fn a_snooze_is_ended_by_one_console_and_once() {
        let (folder, one) = store().await;
        let two = reopen(folder.path()).await;
        one.set_aside(vec![(SEVEN, AsideChange::Snoozed(Some(snooze(9))))], at(2)).await.unwrap();
        let (first, second) = tokio::join!(
            one.wake(vec![(SEVEN, snooze(9), WokenBy::Clock)], at(9)),
            two.wake(vec![(SEVEN, snooze(9), WokenBy::Clock)], at(9))
        );
        let mut woken = first.unwrap();
        woken.extend(second.unwrap());
        assert_eq!(woken, [SEVEN]);
        let woken = Aside { woken: true, ..Aside::default() };
        assert_eq!(two.asides().await.unwrap(), [(SEVEN, woken)]);
        // Another snooze than the one that was due goes on.
        one.set_aside(vec![(SEVEN, AsideChange::Snoozed(Some(snooze(99))))], at(10)).await.unwrap();
        assert_eq!(two.wake(vec![(SEVEN, snooze(9), WokenBy::Clock)], at(11)).await.unwrap(), []);
        one.set_aside(vec![(SEVEN, AsideChange::Snoozed(None))], at(12)).await.unwrap();
        assert_eq!(two.asides().await.unwrap(), []);
    }

    #[test]
    fn of_two_files_the_later_change_of_each_part_counts() {
        let open = || {
            let mut file = Connection::open_in_memory().unwrap();
            schema::migrate(&mut file, std::path::Path::new("work.db"), schema::WORK).unwrap();
            file
        };
        let (old, new) = (open(), open());
        let change = |file: &Connection, change, second| {
            let mut aside = find(file, SEVEN).unwrap();
            aside.apply(change);
            put(file, SEVEN, change, aside, at(second)).unwrap();
        };
        change(&old, AsideChange::Pinned(true), 1);
        change(&new, AsideChange::Pinned(true), 2);
        change(&new, AsideChange::Pinned(false), 3);
        change(&new, AsideChange::Snoozed(Some(snooze(50))), 4);
        change(&old, AsideChange::Snoozed(Some(snooze(60))), 5);
        for _ in 0..2 {
            merge(&old, &new).unwrap();
            let aside = Aside { snooze: Some(snooze(60)), ..Aside::default() };
            assert_eq!(find(&new, SEVEN).unwrap(), aside);
        }
        let empty = open();
        merge(&new, &empty).unwrap();
        assert_eq!(all(&empty).unwrap(), all(&new).unwrap());
    }
}
