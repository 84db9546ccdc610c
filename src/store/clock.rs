//! The clock that the processes of a profile share, and the fate of stored times after a restart of
//! the machine. Nothing then tells how long ago the stored times were, so the store takes the safer
//! reading.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::{
    StoreError,
    outbox::begin,
    values::{At, Json},
};
use crate::{
    clock::Clock,
    domain::{EntryId, State},
};

/// The row of the memory that holds the clock.
const KEY: &str = "clock";

/// The longest claim that may stand when the clock begins anew.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// One run of the machine, and its clock.
#[derive(Serialize, Deserialize)]
struct Run {
    boot: String,
    start: Timestamp,
}

/// The clock of this run of the machine. If an earlier process of the same run stored a clock, that
/// is it. Otherwise it is `fresh`, and the times of unsettled entries are made safe.
pub(super) fn share(
    work: &mut Connection,
    boot: Option<String>,
    fresh: Clock,
) -> Result<Clock, StoreError> {
    // A start that changes nothing waits for no disk.
    if let Some(clock) = known(work, boot.as_deref())? {
        return Ok(clock);
    }
    let transaction = begin(work)?;
    make_safe(&transaction, fresh.now())?;
    let run = boot.map(|boot| Run { boot, start: fresh.start() });
    transaction
        .prepare_cached("INSERT OR REPLACE INTO memory (key, value) VALUES (?1, ?2)")?
        .execute(params![KEY, Json(&run)])?;
    transaction.commit()?;
    Ok(fresh)
}

fn known(work: &Connection, boot: Option<&str>) -> Result<Option<Clock>, StoreError> {
    let Some(boot) = boot else { return Ok(None) };
    let run = work
        .prepare_cached("SELECT value FROM memory WHERE key = ?1")?
        .query_row([KEY], |row| row.get::<_, Json<Option<Run>>>(0))
        .optional()?;
    let run = run.and_then(|Json(run)| run).filter(|run| run.boot == boot);
    Ok(run.map(|run| Clock::began_at(run.start)))
}

/// A held entry leaves after one more hold at most. A doubtful entry has its whole grace time
/// again. A waiting entry is tried at once. No claim lasts longer than a fresh one.
fn make_safe(work: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let mut unsettled =
        work.prepare("SELECT id, queued, state FROM outbox WHERE settled IS NULL")?;
    let unsettled = unsettled
        .query_map([], |row| {
            let (At(queued), Json(state)) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, queued, state))
        })?
        .collect::<Result<Vec<(EntryId, Timestamp, State)>, _>>()?;
    for (id, queued, state) in unsettled {
        work.prepare_cached("UPDATE outbox SET state = ?2 WHERE id = ?1")?
            .execute(params![id, Json(&safe(state, queued, now))])?;
    }
    let lease = now.saturating_add(LEASE).unwrap_or(now);
    work.prepare_cached("UPDATE outbox SET lease = ?1 WHERE lease > ?1")?.execute([At(lease)])?;
    Ok(())
}

fn safe(state: State, queued: Timestamp, now: Timestamp) -> State {
    match state {
        State::Holding { until } => {
            let hold = until.duration_since(queued).max(SignedDuration::ZERO);
            let longest = now.saturating_add(hold).unwrap_or(now);
            State::Holding { until: until.min(longest) }
        }
        State::Sending { known, .. } => State::Sending { since: now, known },
        State::Doubtful { problem, known, .. } => {
            State::Doubtful { problem, until: now, since: now, known }
        }
        State::Waiting { problem, until } => State::Waiting { problem, until: until.min(now) },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Line, Problem, ProblemKind},
        store::{
            Store,
            testing::{entry, store},
        },
    };

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn work(folder: &std::path::Path) -> Connection {
        Connection::open(folder.join("work.db")).unwrap()
    }

    /// An outbox with one entry of each state, with times by `clock`.
    async fn filled(store: &Store, clock: Clock) {
        let now = clock.now();
        let (seconds, problem) =
            (SignedDuration::from_secs, Problem::new(ProblemKind::Broken, Line::default()));
        let states = [
            State::Holding { until: now + seconds(5) },
            State::Doubtful {
                problem: problem.clone(),
                until: now + HOUR,
                since: now,
                known: None,
            },
            State::Waiting { problem, until: now + HOUR },
        ];
        let entries = (1..).zip(states).map(|(id, state)| {
            let ticket = entry(id, id).ticket;
            crate::domain::Entry { ticket, queued: now, state, ..entry(id, id) }
        });
        store.queue(entries.collect(), vec![]).await.unwrap();
    }

    fn states(work: &Connection) -> Vec<State> {
        let mut states = work.prepare("SELECT state FROM outbox ORDER BY turn").unwrap();
        let states = states.query_map([], |row| row.get::<_, Json<State>>(0)).unwrap();
        states.map(|state| state.unwrap().0).collect()
    }

    #[tokio::test]
    async fn processes_of_one_run_have_one_clock_whatever_becomes_of_the_wall_clock() {
        let (folder, store) = store().await;
        let clock = store.clock();
        filled(&store, clock).await;
        let before = states(&work(folder.path()));
        for jump in [HOUR, -HOUR, SignedDuration::from_secs(60)] {
            let fresh = Clock::began_at(clock.start() + jump);
            let shared = share(&mut work(folder.path()), crate::clock::boot(), fresh).unwrap();
            if crate::clock::boot().is_some() {
                assert_eq!(shared, clock, "{jump}");
                assert_eq!(states(&work(folder.path())), before, "{jump}");
            }
        }
    }

    #[tokio::test]
    async fn another_run_takes_the_safer_reading() {
        for jump in [-HOUR, SignedDuration::from_secs(-2), HOUR] {
            let (folder, store) = store().await;
            filled(&store, store.clock()).await;
            let mut work = work(folder.path());
            let lease = store.clock().now() + HOUR;
            work.execute("UPDATE outbox SET lease = ?1, owner = 7", [At(lease)]).unwrap();
            let fresh = Clock::began_at(store.clock().start() + jump);
            let now = fresh.now();
            let shared = share(&mut work, Some("another".into()), fresh).unwrap();
            assert_eq!(shared, fresh);
            let [held, doubtful, waiting] = &states(&work)[..] else { panic!("three entries") };
            let State::Holding { until } = held else { panic!("{held:?}") };
            let longest = now + SignedDuration::from_secs(6);
            assert!(*until <= longest, "{jump}: held for {}", until.duration_since(now));
            let State::Doubtful { since, until, .. } = doubtful else { panic!("{doubtful:?}") };
            assert!(*since >= now && *until <= longest, "{jump}: the whole grace time again");
            let State::Waiting { until, .. } = waiting else { panic!("{waiting:?}") };
            assert!(*until <= longest, "{jump}: tried at once");
            let sql = "SELECT max(lease) FROM outbox";
            let At(lease) = work.query_row(sql, [], |row| row.get(0)).unwrap();
            assert!(lease <= now + LEASE + SignedDuration::from_secs(1), "{jump}: {lease}");
            let again = share(&mut work, Some("another".into()), Clock::from_wall()).unwrap();
            assert_eq!(again, fresh, "the next process of that run has its clock");
        }
    }
}
