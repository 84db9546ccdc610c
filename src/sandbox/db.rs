//! The sandbox's SQLite file: its schema, and the one connection that everything goes through.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

use super::{SandboxError, answer::Failure};

/// Marks a file as a sandbox's (`PRAGMA application_id`): "GrDs".
const APPLICATION_ID: i64 = 0x4772_4473;
/// The schema's version (`PRAGMA user_version`).
const SCHEMA_VERSION: i64 = 2;

const TABLES: &str = include_str!("schema.sql");

/// The fields that an administrator has enabled; version 1 has none.
const CUSTOM_FIELDS: &str = "
    CREATE TABLE custom_fields (
        id INTEGER PRIMARY KEY,
        title TEXT NOT NULL,
        required INTEGER NOT NULL
    );
    CREATE TABLE custom_values (
        ticket_id INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
        field_id INTEGER NOT NULL REFERENCES custom_fields (id),
        value TEXT NOT NULL,
        PRIMARY KEY (ticket_id, field_id)
    );
";

/// The indexes are made after the seed, which is several times faster than updating them meanwhile.
const INDEXES: &str = "
    CREATE INDEX users_by_client ON users (client_id);
    CREATE INDEX projects_by_client ON projects (client_id);
    CREATE INDEX tickets_by_created ON tickets (created);
    CREATE INDEX tickets_by_last_updated ON tickets (last_updated);
    CREATE INDEX tickets_by_status ON tickets (status_id, active_state);
    CREATE INDEX tickets_by_client ON tickets (client_id);
    CREATE INDEX replies_by_ticket ON replies (ticket_id, type);
    CREATE INDEX tags_by_ticket ON tags (ticket_id);
    CREATE INDEX tags_by_title ON tags (title);
";

/// The database, shared by everything that the sandbox runs.
#[derive(Clone, Debug)]
pub(super) struct Db(Arc<Mutex<Connection>>);

impl Db {
    /// Opens `path`, and fills a new file with `seed` in the same transaction as its schema, so
    /// that a half-seeded file can't exist. `durable` false gives up safety against power cuts.
    pub(super) fn open(
        path: &Path,
        durable: bool,
        seed: impl FnOnce(&Connection) -> Result<(), SandboxError>,
    ) -> Result<Self, SandboxError> {
        // SQLite gives a file that it makes to everybody. SQLite itself reports a problem with the
        // path.
        let _ = crate::private::writing().create_new(true).open(path);
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        if durable {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
        } else {
            connection.pragma_update(None, "journal_mode", "MEMORY")?;
            connection.pragma_update(None, "synchronous", "OFF")?;
        }
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.set_prepared_statement_cache_capacity(64);
        let found = version(&connection, path)?;
        if found == Some(1) {
            let transaction = connection.transaction()?;
            transaction.execute_batch(CUSTOM_FIELDS)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            transaction.commit()?;
        }
        if found.is_none() {
            let transaction = connection.transaction()?;
            transaction.execute_batch(TABLES)?;
            transaction.execute_batch(CUSTOM_FIELDS)?;
            seed(&transaction)?;
            transaction.execute_batch(INDEXES)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            transaction.commit()?;
            connection.execute_batch("ANALYZE")?;
        }
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs `work` on the connection, blocking this thread.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Connection) -> T) -> T {
        // A panic while the lock was held rolled its transaction back: the connection is sound.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs `work` in one transaction on a thread that may block. The transaction is kept only
    /// when `work` succeeds.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let db = self.clone();
        tokio::task::spawn_blocking(move || {
            db.with(|connection| {
                let transaction = connection.transaction()?;
                let done = work(&transaction)?;
                transaction.commit()?;
                Ok(done)
            })
        })
        .await
        .map_err(|_| Failure::Interrupted)?
    }
}

/// The version of the file; `None` for an empty one. Refuses a file of something else or of a version
/// that is not known here.
fn version(connection: &Connection, path: &Path) -> Result<Option<i64>, SandboxError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(None);
    }
    if pragma("application_id")? != APPLICATION_ID {
        return Err(SandboxError::Foreign { path: path.to_owned() });
    }
    let found = pragma("user_version")?;
    if !(1..=SCHEMA_VERSION).contains(&found) {
        return Err(SandboxError::Version {
            path: path.to_owned(),
            found,
            expected: SCHEMA_VERSION,
        });
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_for_the_user_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let _db = Db::open(&dir.path().join("s.db"), true, |_| Ok(())).unwrap();
        for file in std::fs::read_dir(dir.path()).unwrap().flatten() {
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{:?}", file.path());
        }
    }

    #[test]
    fn a_file_is_seeded_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        let mut seeded = 0;
        for _ in 0..2 {
            Db::open(&path, true, |_| {
                seeded += 1;
                Ok(())
            })
            .unwrap();
        }
        assert_eq!(seeded, 1);
    }

    #[test]
    fn another_programs_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("other.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE precious (x)").unwrap();
        let refused = Db::open(&path, true, |_| Ok(()));
        assert!(matches!(refused, Err(SandboxError::Foreign { .. })));
    }

    #[test]
    fn a_file_of_the_first_version_is_kept_and_gets_what_is_new() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("old.db");
        Db::open(&path, true, |_| Ok(())).unwrap();
        let old = "DROP TABLE custom_values; DROP TABLE custom_fields; PRAGMA user_version = 1;
                   INSERT INTO statuses VALUES (77, 'Kept');";
        Connection::open(&path).unwrap().execute_batch(old).unwrap();
        for _ in 0..2 {
            let db = Db::open(&path, true, |_| panic!("it is seeded")).unwrap();
            let count =
                |sql| db.with(|it| it.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap());
            assert_eq!(count("SELECT count(*) FROM statuses WHERE id = 77"), 1);
            assert_eq!(count("SELECT count(*) FROM custom_fields, custom_values"), 0);
        }
    }

    #[test]
    fn another_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("old.db");
        Db::open(&path, true, |_| Ok(())).unwrap();
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let refused = Db::open(&path, true, |_| Ok(()));
        assert!(matches!(refused, Err(SandboxError::Version { found: 99, .. })));
    }

    #[test]
    fn a_failed_seed_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("half.db");
        assert!(Db::open(&path, true, |_| Err(SandboxError::NoTicket(1))).is_err());
        let mut seeded = false;
        Db::open(&path, true, |_| {
            seeded = true;
            Ok(())
        })
        .unwrap();
        assert!(seeded);
    }
}
