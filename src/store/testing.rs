//! What the store's tests share.

use std::path::Path;

use jiff::Timestamp;

use super::Store;
use crate::domain::{
    Change, Draft, DraftId, DraftKey, DraftKind, Entry, EntryId, FullTicket, Html, Line, ReplyKind,
    State, StepId, Ticket, TicketId,
};

/// A folder that goes with the test, and the store in it.
pub(crate) async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let store = reopen(folder.path()).await;
    (folder, store)
}

/// A further console on the same folder.
pub(crate) async fn reopen(folder: &Path) -> Store {
    Store::open(folder).await.expect("a sound store opens").store
}

/// Makes `work.db` read-only from now on.
pub(crate) async fn make_read_only(store: &Store) {
    let set = store.in_place(|files| Ok(files.work.pragma_update(None, "query_only", true)?));
    set.await.expect("the store answers");
}

/// A time, in seconds since 1970.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time within range")
}

pub(crate) fn line(text: &str) -> Line {
    Line::from_cleaned(text, None)
}

/// A ticket as sparse as the server may send it.
pub(crate) fn ticket(id: i64) -> FullTicket {
    FullTicket {
        ticket: Ticket { subject: line("Printer on fire"), ..Ticket::sparse(TicketId(id)) },
        message: Html::new("<p>Help</p>"),
    }
}

pub(crate) const KEY: DraftKey =
    DraftKey { ticket: Some(TicketId(7)), kind: DraftKind::Reply, copy: 0 };

/// A draft for [`KEY`], typed in at that second.
pub(crate) fn draft(text: &str, second: i64) -> Draft {
    Draft {
        key: KEY,
        id: DraftId(1),
        text: text.into(),
        cursor: (0, text.len()),
        updated: at(second),
        changes: None,
    }
}

/// A reply that is held, queued at that second.
pub(crate) fn entry(id: i64, second: i64) -> Entry {
    Entry {
        id: EntryId(id.into()),
        step: StepId(id.into()),
        ticket: Some(TicketId(7)),
        change: Change::Post { kind: ReplyKind::Reply, text: "Hello\0".into() },
        after: None,
        seen: None,
        stood: None,
        undo: None,
        queued: at(second),
        state: State::Holding { until: at(second + 10) },
    }
}
