//! The tables of both files, as lists of migrations that only ever grow at their end.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// `mirror.db`: data that can be fetched anew. A `Line` is TEXT if cleaning changed nothing in it,
/// and otherwise a BLOB of JSON. So its columns have the type ANY. Times are microseconds since
/// 1970.
pub(super) const MIRROR: &[&str] = &[
    "
    CREATE TABLE tickets (
        id INTEGER PRIMARY KEY,
        subject ANY NOT NULL,
        status_id INTEGER NOT NULL,
        status_title ANY NOT NULL,
        priority TEXT NOT NULL,
        source TEXT NOT NULL,
        archived INTEGER NOT NULL,
        department_id INTEGER,
        department_name ANY,
        client_id INTEGER,
        client_name ANY,
        project_id INTEGER,
        creator_id INTEGER,
        created INTEGER,
        last_updated INTEGER,
        status_changed INTEGER,
        replies_count INTEGER NOT NULL,
        tags TEXT NOT NULL,
        noticed INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE messages (
        ticket INTEGER PRIMARY KEY,
        html TEXT NOT NULL
    ) STRICT;
    CREATE TABLE conversations (
        ticket INTEGER PRIMARY KEY,
        read_at INTEGER NOT NULL,
        customer_since INTEGER,
        last_reply INTEGER,
        replies_count INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE replies (
        conversation INTEGER NOT NULL,
        place INTEGER NOT NULL,
        id INTEGER NOT NULL,
        ticket INTEGER NOT NULL,
        kind TEXT NOT NULL,
        html TEXT NOT NULL,
        author_id INTEGER,
        author_name ANY,
        created INTEGER,
        PRIMARY KEY (conversation, place)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE singles (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE VIRTUAL TABLE texts USING fts5 (
        names, message, replies,
        content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
    );
    -- The tickets that the index does not hold as they are now. The triggers do without OR REPLACE:
    -- the statement that sets one off has a say in it.
    CREATE TABLE unindexed (
        turn INTEGER PRIMARY KEY AUTOINCREMENT,
        ticket INTEGER NOT NULL UNIQUE
    ) STRICT;
    INSERT INTO unindexed (ticket) SELECT id FROM tickets ORDER BY id;
    CREATE TRIGGER new_ticket AFTER INSERT ON tickets
    BEGIN
        DELETE FROM unindexed WHERE ticket = new.id;
        INSERT INTO unindexed (ticket) VALUES (new.id);
    END;
    CREATE TRIGGER new_names AFTER UPDATE OF subject, client_name, tags ON tickets
    WHEN old.subject IS NOT new.subject OR old.client_name IS NOT new.client_name
        OR old.tags IS NOT new.tags
    BEGIN
        DELETE FROM unindexed WHERE ticket = new.id;
        INSERT INTO unindexed (ticket) VALUES (new.id);
    END;
    CREATE TRIGGER new_message AFTER UPDATE ON messages
    BEGIN
        DELETE FROM unindexed WHERE ticket = new.ticket;
        INSERT INTO unindexed (ticket) SELECT id FROM tickets WHERE id = new.ticket;
    END;
    CREATE TRIGGER new_replies AFTER INSERT ON conversations
    BEGIN
        DELETE FROM unindexed WHERE ticket = new.ticket;
        INSERT INTO unindexed (ticket) SELECT id FROM tickets WHERE id = new.ticket;
    END;
    CREATE TRIGGER gone_ticket AFTER DELETE ON tickets BEGIN
        DELETE FROM unindexed WHERE ticket = old.id;
        DELETE FROM texts WHERE rowid = old.id;
    END;
",
    "
    -- Each write has a number, by which other consoles know what they have not seen.
    CREATE TABLE revisions (last INTEGER NOT NULL) STRICT;
    INSERT INTO revisions (last) VALUES (0);
    ALTER TABLE tickets ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX tickets_by_revision ON tickets (revision);
    CREATE TABLE gone (
        ticket INTEGER PRIMARY KEY,
        revision INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX gone_by_revision ON gone (revision);
    -- In the order of the server's lists; a ticket without a time comes last.
    CREATE INDEX tickets_by_age
    ON tickets (archived, ifnull(created, -9000000000000000000), id, status_id);
    CREATE INDEX tickets_at_work
    ON tickets (status_id, ifnull(created, -9000000000000000000), id)
    WHERE archived = 0 AND status_id <> 2;
    CREATE TABLE doubts (
        ticket INTEGER PRIMARY KEY,
        since INTEGER NOT NULL,
        vouched INTEGER
    ) STRICT;
    -- What has once been read whole is filled.
    INSERT INTO singles (key, value)
    SELECT 'fill', json_object('done', json('true')) FROM singles WHERE key = 'synced_at';
",
    "
    -- Marks are parts of words, which are parted as in `terms`: all is indexed anew.
    DROP TABLE texts;
    CREATE VIRTUAL TABLE texts USING fts5 (
        names, message, replies,
        content = '', contentless_delete = 1, prefix = '1 2 3',
        tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co M*'\"
    );
    DELETE FROM unindexed;
    INSERT INTO unindexed (ticket) SELECT id FROM tickets ORDER BY id;
",
];

/// `work.db`: data that the agent would lose.
pub(super) const WORK: &[&str] = &[
    "
    CREATE TABLE drafts (
        number INTEGER PRIMARY KEY,
        ticket INTEGER,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        cursor_line INTEGER NOT NULL,
        cursor_column INTEGER NOT NULL,
        updated INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX draft_keys ON drafts (kind, ticket IS NULL, ifnull(ticket, 0));
    CREATE TABLE outbox (
        turn INTEGER PRIMARY KEY AUTOINCREMENT,
        id INTEGER NOT NULL UNIQUE,
        step INTEGER NOT NULL,
        ticket INTEGER,
        change TEXT NOT NULL,
        after INTEGER,
        seen INTEGER,
        queued INTEGER NOT NULL,
        state TEXT NOT NULL,
        settled INTEGER,
        owner INTEGER,
        lease INTEGER
    ) STRICT;
    CREATE INDEX outbox_unsettled ON outbox (turn) WHERE settled IS NULL;
    CREATE INDEX outbox_settled ON outbox (settled, turn) WHERE settled IS NOT NULL;
    CREATE TABLE log (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        entry INTEGER NOT NULL,
        ticket INTEGER,
        what TEXT NOT NULL,
        change TEXT NOT NULL,
        outcome TEXT NOT NULL
    ) STRICT;
    CREATE TABLE memory (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    ALTER TABLE outbox ADD COLUMN stood TEXT;
    ALTER TABLE outbox ADD COLUMN undo INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX outbox_tickets ON outbox (ticket) WHERE settled IS NOT NULL;
    -- What waited for a decision is looked at anew, and then says what the decision is about.
    UPDATE outbox SET state = json_object('state', 'queued')
    WHERE settled IS NULL AND json_extract(state, '$.state') = 'decision';
",
    "ALTER TABLE drafts ADD COLUMN owner INTEGER;",
    "
    ALTER TABLE log ADD COLUMN stood TEXT;
    ALTER TABLE log ADD COLUMN undo INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE log ADD COLUMN agent TEXT;
",
    "
    ALTER TABLE outbox ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX outbox_created ON outbox (ticket)
    WHERE settled IS NOT NULL AND json_extract(change, '$.create') IS NOT NULL;
",
    "
    -- A text can be kept beside the draft of its key, and each draft is told from all others.
    ALTER TABLE drafts ADD COLUMN copy INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE drafts ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;
    UPDATE drafts SET draft = -number;
    DROP INDEX draft_keys;
    CREATE UNIQUE INDEX draft_keys ON drafts (kind, ticket IS NULL, ifnull(ticket, 0), copy);
    CREATE TABLE writers (
        kind TEXT NOT NULL,
        ticket INTEGER,
        copy INTEGER NOT NULL,
        owner INTEGER NOT NULL,
        writer TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX writer_keys ON writers (kind, ticket IS NULL, ifnull(ticket, 0), copy);
    CREATE TABLE gone_drafts (
        turn INTEGER PRIMARY KEY AUTOINCREMENT,
        draft INTEGER NOT NULL UNIQUE,
        recorded INTEGER NOT NULL,
        at INTEGER NOT NULL,
        writer TEXT NOT NULL
    ) STRICT;
",
    "
    -- Entries and steps have identities of sixteen bytes, which no two processes make alike.
    CREATE TABLE entries (
        turn INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE,
        step BLOB NOT NULL,
        ticket INTEGER,
        change TEXT NOT NULL,
        after BLOB,
        seen INTEGER,
        queued INTEGER NOT NULL,
        state TEXT NOT NULL,
        settled INTEGER,
        owner INTEGER,
        lease INTEGER,
        stood TEXT,
        undo BLOB,
        tried INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    INSERT INTO entries
    SELECT turn, unhex(printf('%032x', id)), unhex(printf('%032x', step)), ticket, change,
        iif(after IS NULL, NULL, unhex(printf('%032x', after))), seen, queued, state, settled,
        owner, lease, stood, iif(undo = 0, NULL, unhex(printf('%032x', undo))), tried
    FROM outbox;
    DROP TABLE outbox;
    ALTER TABLE entries RENAME TO outbox;
    CREATE INDEX outbox_unsettled ON outbox (turn) WHERE settled IS NULL;
    CREATE INDEX outbox_open ON outbox (ticket, turn) WHERE settled IS NULL;
    CREATE INDEX outbox_settled ON outbox (settled, turn) WHERE settled IS NOT NULL;
    CREATE INDEX outbox_tickets ON outbox (ticket) WHERE settled IS NOT NULL;
    CREATE INDEX outbox_created ON outbox (ticket)
    WHERE settled IS NOT NULL AND json_extract(change, '$.create') IS NOT NULL;
    CREATE TABLE lines (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        entry BLOB NOT NULL,
        ticket INTEGER,
        what TEXT NOT NULL,
        change TEXT NOT NULL,
        outcome TEXT NOT NULL,
        stood TEXT,
        undo INTEGER NOT NULL DEFAULT 0,
        agent TEXT
    ) STRICT;
    INSERT INTO lines
    SELECT number, at, unhex(printf('%032x', entry)), ticket, what, change, outcome, stood, undo,
        agent
    FROM log;
    DROP TABLE log;
    ALTER TABLE lines RENAME TO log;
",
    "
    -- Pins and snoozes. A row stays when nothing is kept any more: the times say that.
    CREATE TABLE asides (
        ticket INTEGER PRIMARY KEY,
        pinned INTEGER NOT NULL,
        pinned_at INTEGER NOT NULL,
        snooze TEXT,
        woken INTEGER NOT NULL,
        snoozed_at INTEGER NOT NULL
    ) STRICT;
",
    // The changes that wait beside a draft, as JSON.
    "ALTER TABLE drafts ADD COLUMN changes TEXT;",
    "
    -- What happened to tickets beside the changes of the outbox.
    CREATE TABLE events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        ticket INTEGER NOT NULL,
        what TEXT NOT NULL,
        agent TEXT
    ) STRICT;
    CREATE UNIQUE INDEX events_once ON events (ticket, at, what);
",
    "
    -- How far the agent has seen a conversation, and when the agent looked.
    ALTER TABLE asides ADD COLUMN look_count INTEGER;
    ALTER TABLE asides ADD COLUMN look_last INTEGER;
    ALTER TABLE asides ADD COLUMN looked_at INTEGER NOT NULL DEFAULT 0;
    -- When looks began to be kept. What was there before is no news.
    CREATE TABLE begun (at INTEGER NOT NULL) STRICT;
    INSERT INTO begun VALUES (CAST(unixepoch('subsec') * 1000000 AS INTEGER));
",
];

/// Brings the file at `path` up to the end of `migrations`, all or nothing.
///
/// # Errors
/// [`StoreError::Newer`] where the file has more migrations than are known; nothing is changed.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), StoreError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
    };
    // A start that changes nothing waits for no disk.
    if version(connection)? == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found > known {
        return Err(StoreError::Newer { path: path.into(), found, known });
    }
    for migration in migrations.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}
