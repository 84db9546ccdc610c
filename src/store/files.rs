//! The two files on disk: made for their owner alone, opened, set aside.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::{
    clock,
    error::StoreError,
    mirror::Mirror,
    owner::Owner,
    place::{Changed, FilePlace, Remade},
    schema,
    sync::{self, Elsewhere},
    writers::other_writers,
};
use crate::{
    bounded,
    clock::Clock,
    domain::{DraftKey, Writer},
    private,
};

/// The file of the drafts, the outbox and the log.
pub(super) const WORK: &str = "work.db";
/// How long a write waits for another console's.
const BUSY: Duration = Duration::from_secs(10);
/// How many prepared statements a connection keeps: more than there are in the store.
const STATEMENTS: usize = 64;
/// The version of a file that was not looked at yet.
pub(super) const NEVER: i64 = -1;

/// A file, wherever it is: its device and its number there.
pub(super) type Identity = (u64, u64);

/// Both connections, as the store's thread holds them.
pub(super) struct Files {
    pub(super) folder: PathBuf,
    mirror: Option<Mirror>,
    /// The drafts, the outbox, the log and what is remembered.
    pub(super) work: Connection,
    /// The version of `work` when [`Files::changed_elsewhere`] last looked.
    pub(super) data_version: i64,
    /// Who else wrote which draft when it did; nobody, before it has looked for the first time.
    pub(super) other_writers: Vec<(DraftKey, Writer)>,
    /// All writes to the mirror up to this one are known to this console.
    revision: i64,
    /// The version of the mirror when [`Files::elsewhere`] last looked.
    mirror_version: i64,
    /// When the waiting tickets were seen whole, as [`Files::elsewhere`] last told.
    synced_at: Option<Timestamp>,
    /// The clock by which the times in `work` are measured.
    pub(super) clock: Clock,
    /// This open store among those that share its files.
    pub(super) owner: Owner,
    /// The agent's name, for the consoles of others.
    pub(super) agent: String,
    /// Where `work` is; `None` where it is in memory alone, since its file went away.
    pub(super) place: Option<FilePlace>,
    /// The fate of a file that went away, until somebody asks for it.
    pub(super) remade: Option<Remade>,
}

impl Files {
    /// Opens the files in `folder`, or makes them. Also returns notices for the agent.
    pub(super) fn open(folder: &Path) -> Result<(Self, Vec<String>), StoreError> {
        make_private_folder(folder)?;
        let _lock = lock(folder)?;
        let mut work = open_work(&folder.join(WORK))?;
        let clock = clock::share(&mut work, crate::clock::boot(), Clock::from_wall())?;
        let work_version = data_version(&work)?;
        let owner = Owner::announce(folder)?;
        let (mirror, replaced) = Mirror::open(folder, &owner)?;
        let (revision, mirror_version) =
            (sync::revision(&mirror.file)?, data_version(&mirror.file)?);
        let place = Some(FilePlace::of(&folder.join(WORK), &work));
        let notices = replaced.iter().map(ToString::to_string).collect();
        let mirror = Some(mirror);
        let files = Self {
            folder: folder.into(),
            mirror,
            work,
            data_version: work_version,
            other_writers: Vec::new(),
            revision,
            mirror_version,
            synced_at: None,
            clock,
            owner,
            agent: String::new(),
            place,
            remade: None,
        };
        Ok((files, notices))
    }

    /// Runs `job` on the mirror. One that proves broken is replaced.
    pub(super) fn with_mirror<T>(
        &mut self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.mirror.is_none() {
            self.open_mirror_anew()?;
        }
        let Some(mirror) = &mut self.mirror else { return Err(StoreError::Closed) };
        job(&mut mirror.file).or_else(|error| {
            if error.is_broken_file() { Err(self.replace_mirror()?) } else { Err(error) }
        })
    }

    /// Replaces the mirror that proved broken, and says what became of the broken one.
    fn replace_mirror(&mut self) -> Result<StoreError, StoreError> {
        let broken = self.mirror.take();
        if !broken.is_some_and(|broken| broken.is_in(&self.folder)) {
            // Another console was faster.
            return self.open_mirror_anew();
        }
        let _lock = lock(&self.folder)?;
        let (mirror, why) = Mirror::replace(&self.folder, &self.owner)?;
        self.take_mirror(mirror);
        Ok(why)
    }

    /// Opens the mirror that is at its path now, and says what became of the one before.
    fn open_mirror_anew(&mut self) -> Result<StoreError, StoreError> {
        // Closed first: both may have the same file beside them.
        self.mirror = None;
        let _lock = lock(&self.folder)?;
        let (mirror, replaced) = Mirror::open(&self.folder, &self.owner)?;
        self.take_mirror(mirror);
        Ok(replaced.unwrap_or(StoreError::MirrorMoved { folder: self.folder.clone() }))
    }

    /// Goes on with a mirror whose whole content is news to this console.
    fn take_mirror(&mut self, mirror: Mirror) {
        self.mirror = Some(mirror);
        (self.revision, self.mirror_version, self.synced_at) = (0, NEVER, None);
    }

    /// Runs `job` in a transaction that writes to the mirror. Its writes are no news to this
    /// console.
    pub(super) fn writing_mirror<T>(
        &mut self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (done, before, after) = self.with_mirror(|mirror| {
            let transaction = mirror.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let before = sync::revision(&transaction)?;
            let done = job(&transaction)?;
            let after = sync::revision(&transaction)?;
            transaction.commit()?;
            Ok((done, before, after))
        })?;
        if self.revision == before {
            self.revision = after;
        }
        Ok(done)
    }

    /// The writes of other connections to the mirror since this was last asked, for about `limit`
    /// tickets at most. If another file is at the mirror's path, this console goes over to that
    /// file and reports it once as an error.
    pub(super) fn elsewhere(&mut self, limit: u32) -> Result<Option<Elsewhere>, StoreError> {
        if self.mirror.as_ref().is_some_and(|mirror| mirror.was_moved(&self.folder)) {
            self.stay_in_place()?;
            return Err(self.open_mirror_anew()?);
        }
        let (known, version) = (self.revision, self.mirror_version);
        let told = self.with_mirror(|mirror| {
            let now = data_version(mirror)?;
            if now == version {
                return Ok(None);
            }
            let (elsewhere, upto) = sync::written_after(mirror, known, limit)?;
            Ok(Some((elsewhere, upto, now)))
        })?;
        let Some((mut elsewhere, upto, now)) = told else { return Ok(None) };
        self.revision = upto;
        if !elsewhere.more {
            self.mirror_version = now;
        }
        let known = std::mem::replace(&mut self.synced_at, elsewhere.synced_at);
        elsewhere.synced_at = elsewhere.synced_at.filter(|at| known != Some(*at));
        Ok(Some(elsewhere).filter(Elsewhere::is_news))
    }

    /// The changes that others have made to `work.db` since this was last asked.
    pub(super) fn changed_elsewhere(&mut self) -> Result<Changed, StoreError> {
        let now = data_version(&self.work)?;
        let written = std::mem::replace(&mut self.data_version, now) != now;
        // A killed console can't even write that it has stopped writing its drafts.
        let writers = other_writers(&self.work, &self.owner)?;
        let others = self.other_writers != writers;
        self.other_writers = writers;
        Ok(Changed { written: written || others, remade: self.remade.take() })
    }
}

/// Which file is at a path: its device and its number there. `None` where there is none, or where the
/// system does not number files.
pub(super) fn identity(path: &Path) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Moves when another connection writes to the file.
fn data_version(file: &Connection) -> rusqlite::Result<i64> {
    file.pragma_query_value(None, "data_version", |row| row.get(0))
}

/// Keeps consoles that start at once from migrating, or setting aside, the same file twice.
pub(super) fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("open.lock");
    let open = bounded::open(private::writing().create(true).truncate(false), &path);
    let file = open.map_err(StoreError::folder(&path))?;
    bounded::lock(&file).map_err(StoreError::folder(path))?;
    Ok(file)
}

pub(super) fn open_work(path: &Path) -> Result<Connection, StoreError> {
    let unusable = |reason: String| StoreError::WorkUnusable { path: path.into(), reason };
    let open = || -> Result<Connection, StoreError> {
        let mut work = connect(path)?;
        let verdict: String = work.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(unusable(verdict));
        }
        prepare(&mut work, path, schema::WORK, "FULL")?;
        Ok(work)
    };
    open().map_err(|error| match error {
        StoreError::Sqlite(error) => unusable(error.to_string()),
        other => other,
    })
}

/// Brings a file up to date, then sets how SQLite writes it.
pub(super) fn prepare(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
    synchronous: &str,
) -> Result<(), StoreError> {
    schema::migrate(connection, path, migrations)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    Ok(())
}

pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    make_private_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // SQLite silently opens a file for reading alone if it may not write it.
    if connection.is_readonly("main")? {
        let why = std::io::Error::other("it is read-only; make it, and its folder, writable");
        return Err(StoreError::folder(path)(why));
    }
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

pub(super) fn make_private_folder(folder: &Path) -> Result<(), StoreError> {
    private::make_folder(folder)
        .and_then(|()| private::take_in(folder, 0o700))
        .map_err(StoreError::folder(folder))
}

/// Makes the file for its owner alone, if there is none. SQLite gives the files beside a database
/// the database's own mode. An existing file is not opened, since closing it would release the
/// locks that another connection of this process holds on it.
fn make_private_file(path: &Path) -> Result<(), StoreError> {
    match private::writing().create_new(true).open(path) {
        Ok(_) => {
            // Files left beside a deleted database describe the old file, and not this one.
            let mut beside = path.as_os_str().to_owned();
            beside.push("-shm");
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    Err(StoreError::folder(beside)(error))
                }
                _ => Ok(()),
            }
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if !fs::metadata(path).map_err(StoreError::folder(path))?.is_file() {
                let why = std::io::Error::other("it is a pipe, a device or a folder, and no file");
                return Err(StoreError::folder(path)(why));
            }
            private::take_in(path, 0o600).map_err(StoreError::folder(path))
        }
        Err(error) => Err(StoreError::folder(path)(error)),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::store::{Store, testing::store};

    #[tokio::test]
    async fn a_file_that_may_not_be_written_is_said_when_it_is_opened() {
        let (folder, one) = store().await;
        one.close().await;
        for name in [WORK, "mirror.db"] {
            let path = folder.path().join(name);
            let allow = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode));
            allow(0o400).unwrap();
            // A user who may write every file (root) may write this one too.
            if File::options().write(true).open(&path).is_err() {
                let error = Store::open(folder.path()).await.unwrap_err().to_string();
                assert!(error.contains(name) && error.contains("make it"), "{error}");
            }
            allow(0o600).unwrap();
        }
        Store::open(folder.path()).await.unwrap();
    }
}
