//! Adds the content of one `work.db` to another. Everything goes by number and is added once, so
//! several consoles may do it, and as often as they like.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::{
    Connection, params_from_iter,
    types::{FromSql as _, Value, ValueRef},
};

use super::{
    StoreError, asides,
    drafts::{self, find_draft, keep_text, put_draft},
    outbox::{self, Lease, begin},
    owner::Owner,
    writers::find_gone,
};
use crate::domain::{Draft, DraftId, Entry, EntryId, State};

/// The columns of a row of the outbox but for its turn.
const OUTBOX: [&str; 14] = [
    "id", "step", "ticket", "change", "after", "seen", "queued", "state", "settled", "owner",
    "lease", "stood", "undo", "tried",
];
const LOG: [&str; 9] =
    ["at", "entry", "ticket", "what", "change", "outcome", "stood", "undo", "agent"];
const GONE: [&str; 4] = ["draft", "recorded", "at", "writer"];
const WRITERS: [&str; 5] = ["kind", "ticket", "copy", "owner", "writer"];
const EVENTS: [&str; 4] = ["at", "ticket", "what", "agent"];
const MEMORY: [&str; 2] = ["key", "value"];

/// The content of the file after a merge.
pub(super) struct Merged {
    /// How many drafts.
    pub(super) drafts: u32,
    /// How many changes that are not settled.
    pub(super) changes: u32,
}

/// Adds what is in `from` to `into`, all or nothing, as the console `me` at `now`. If both files
/// know the same change, a certain state wins over an uncertain one. Then a state that keeps the
/// change from being sent wins over one that lets it go.
pub(super) fn merge(
    from: &Connection,
    into: &mut Connection,
    me: &Owner,
    now: Timestamp,
) -> Result<Merged, StoreError> {
    let from = from.unchecked_transaction()?;
    let into = begin(into)?;
    merge_outbox(&from, &into, me, now)?;
    merge_log(&from, &into)?;
    add(&from, &into, "memory", &MEMORY, "key")?;
    asides::merge(&from, &into)?;
    add(&from, &into, "events", &EVENTS, "number")?;
    add(&from, &into, "gone_drafts", &GONE, "turn")?;
    into.execute_batch(
        "DELETE FROM drafts WHERE EXISTS (SELECT 1 FROM gone_drafts AS gone
            WHERE gone.draft = drafts.draft AND gone.at >= drafts.updated)",
    )?;
    merge_drafts(&from, &into, me)?;
    // The other consoles add their own rows.
    let mine = format!("owner = {}", me.number());
    for row in rows(&from, "writers", &WRITERS, &mine, "kind")? {
        insert(&into, "writers", &WRITERS, row)?;
    }
    let count = |sql: &str| into.query_row(sql, [], |row| row.get::<_, u32>(0));
    let merged = Merged {
        drafts: count("SELECT count(*) FROM drafts")?,
        changes: count("SELECT count(*) FROM outbox WHERE settled IS NULL")?,
    };
    into.commit()?;
    Ok(merged)
}

fn merge_outbox(
    from: &Connection,
    into: &Connection,
    me: &Owner,
    now: Timestamp,
) -> Result<(), StoreError> {
    let known = identities(into)?;
    let columns = OUTBOX.join(", ");
    let set: Vec<String> =
        OUTBOX.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let sql = format!(
        "INSERT INTO outbox ({columns}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET {}",
        places(OUTBOX.len()),
        set.join(", ").replace("tried = ", "tried = tried OR "),
    );
    for row in rows(from, "outbox", &OUTBOX, "TRUE", "turn")? {
        let Some(Value::Blob(id)) = row.first() else { continue };
        let Ok(id) = EntryId::column_result(ValueRef::Blob(id)) else { continue };
        if known.contains(&id) {
            let (ours, theirs) = (outbox::find(from, id)?, outbox::find(into, id)?);
            let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
            if !prevails(&ours, &theirs, me, now) {
                // It stays true that the entry was tried once.
                into.prepare_cached("UPDATE outbox SET tried = tried OR ?2 WHERE id = ?1")?
                    .execute((id, row.last()))?;
                continue;
            }
        }
        into.prepare_cached(&sql)?.execute(params_from_iter(row))?;
    }
    put_in_order(into, &known)?;
    Ok(())
}

/// Sorts the added entries in among those that were `there`, by the time of asking. Both keep their
/// own order.
fn put_in_order(into: &Connection, there: &HashSet<EntryId>) -> rusqlite::Result<()> {
    let mut all =
        into.prepare("SELECT turn, queued, id FROM outbox WHERE settled IS NULL ORDER BY turn")?;
    let all = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let all = all.collect::<rusqlite::Result<Vec<(i64, i64, EntryId)>>>()?;
    let turns: Vec<i64> = all.iter().map(|(turn, ..)| *turn).collect();
    let (there, added): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| there.contains(&it.2));
    let (mut there, mut added) = (there.into_iter().peekable(), added.into_iter().peekable());
    let asked_for = std::iter::from_fn(|| match (there.peek(), added.peek()) {
        (Some(there), Some(new)) if new.1 < there.1 => added.next(),
        (Some(_), _) => there.next(),
        (None, _) => added.next(),
    });
    let moved: Vec<_> = turns.into_iter().zip(asked_for).filter(|(to, it)| *to != it.0).collect();
    let mut put = into.prepare_cached("UPDATE outbox SET turn = ?2 WHERE id = ?1")?;
    // No two entries may have the same turn, not even in between.
    for (to, (.., id)) in &moved {
        put.execute((id, -to))?;
    }
    for (to, (.., id)) in &moved {
        put.execute((id, to))?;
    }
    Ok(())
}

type Known = (Entry, Option<Lease>);

/// Whether `ours` counts more than `theirs` for a change.
fn prevails(ours: &Known, theirs: &Known, me: &Owner, now: Timestamp) -> bool {
    let is_recorded = |it: &Known| matches!(it.0.state, State::Recorded { .. });
    let is_out = |it: &Known| matches!(it.0.state, State::Sending { .. } | State::Doubtful { .. });
    let is_mine = |it: &Known| it.1.as_ref().is_some_and(|lease| lease.is_of(me));
    let is_anothers = theirs.1.as_ref().is_some_and(|lease| lease.excludes(me, now));
    match (ours.0.state.is_settled(), theirs.0.state.is_settled()) {
        (_, true) => is_recorded(ours) && !is_recorded(theirs),
        (true, false) => is_recorded(ours) || !(is_out(theirs) && is_anothers),
        (false, false) if is_out(ours) != is_out(theirs) => is_out(ours),
        _ if is_anothers => false,
        // This console's request never left. It must not hide a request that another console has
        // sent since.
        _ if is_mine(ours) && is_out(ours) => is_mine(theirs),
        _ => match (&ours.0.state, &theirs.0.state) {
            (State::Holding { until: ours }, State::Holding { until: theirs }) => ours > theirs,
            (a, b) if caution(a) == caution(b) => is_mine(ours),
            (a, b) => caution(a) > caution(b),
        },
    }
}

/// How much still keeps a change from being sent without asking the agent.
fn caution(state: &State) -> u8 {
    match state {
        State::Decision { .. } => 3,
        State::Holding { .. } => 2,
        State::Waiting { .. } => 1,
        _ => 0,
    }
}

/// The lines of the changes whose end is not logged yet.
fn merge_log(from: &Connection, into: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT entry, json_extract(outcome, '$.state') FROM log";
    let mut known = HashSet::new();
    let mut lines = into.prepare(sql)?;
    for line in lines.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
        known.insert(line?);
    }
    let mut ends = from.prepare(&format!("{sql} ORDER BY number"))?;
    let ends = ends.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let ends = ends.collect::<Result<Vec<(EntryId, Option<String>)>, _>>()?;
    for (row, end) in rows(from, "log", &LOG, "TRUE", "number")?.into_iter().zip(ends) {
        if known.insert(end) {
            insert(into, "log", &LOG, row)?;
        }
    }
    Ok(())
}

/// Merges the drafts that are not gone: each keeps the newer text, and a different text goes beside
/// it.
fn merge_drafts(from: &Connection, into: &Connection, me: &Owner) -> Result<(), StoreError> {
    let known = drafts::all_owned(into)?.into_iter().map(|it| (it.0.id, it));
    let known: HashMap<DraftId, (Draft, Option<i64>)> = known.collect();
    for (draft, owner) in drafts::all_owned(from)? {
        if find_gone(into, draft.id)?.is_some() {
            continue;
        }
        // It may be under another key there.
        let Some((there, writer)) = known.get(&draft.id) else {
            match find_draft(into, draft.key)? {
                Some(_) => {
                    let number = draft.updated.as_microsecond();
                    keep_text(into, draft, number)?;
                }
                None => put_draft(into, owner, &draft)?,
            }
            continue;
        };
        let is_mine = |owner: Option<i64>| owner == Some(me.number());
        if there.updated < draft.updated && there.text != draft.text {
            put_draft(into, owner, &Draft { key: there.key, ..draft })?;
        } else if is_mine(owner) && !is_mine(*writer) && !there.text.contains(&draft.text) {
            keep_aside(into, draft)?;
        }
    }
    Ok(())
}

/// Keeps aside the text of a draft that another console made from an older version.
fn keep_aside(into: &Connection, draft: Draft) -> Result<(), StoreError> {
    let (id, number) = (DraftId::aside(draft.updated), draft.updated.as_microsecond());
    let key = draft.key.beside(number);
    if find_gone(into, id)?.is_none() && find_draft(into, key)?.is_none() {
        put_draft(into, None, &Draft { key, id, ..draft })?;
    }
    Ok(())
}

/// Adds the rows of a table that are not there yet.
fn add(
    from: &Connection,
    into: &Connection,
    table: &str,
    columns: &[&str],
    order: &str,
) -> Result<(), StoreError> {
    for row in rows(from, table, columns, "TRUE", order)? {
        insert(into, table, columns, row)?;
    }
    Ok(())
}

fn rows(
    from: &Connection,
    table: &str,
    columns: &[&str],
    which: &str,
    order: &str,
) -> rusqlite::Result<Vec<Vec<Value>>> {
    let columns_said = columns.join(", ");
    let sql = format!("SELECT {columns_said} FROM {table} WHERE {which} ORDER BY {order}");
    let mut rows = from.prepare(&sql)?;
    let rows =
        rows.query_map([], |row| (0..columns.len()).map(|column| row.get(column)).collect())?;
    rows.collect()
}

fn insert(
    into: &Connection,
    table: &str,
    columns: &[&str],
    row: Vec<Value>,
) -> rusqlite::Result<()> {
    let (names, values) = (columns.join(", "), places(columns.len()));
    let sql = format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({values})");
    into.prepare_cached(&sql)?.execute(params_from_iter(row))?;
    Ok(())
}

fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

fn identities(from: &Connection) -> rusqlite::Result<HashSet<EntryId>> {
    let mut identities = from.prepare("SELECT id FROM outbox")?;
    let identities = identities.query_map([], |row| row.get(0))?;
    identities.collect()
}
