//! Checks that `work.db` is still the file at its path. If there is no file any more, it is made
//! anew with the content of the open one. If another file is there, that content is added to it.
//!
//! The files beside it count too. A console that is opened after `work.db-wal` was deleted sees
//! none of the writes that this console made to that file.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, config::DbConfig};

use super::{
    StoreError, clock,
    files::{Files, Identity, NEVER, WORK, identity, lock, make_private_folder, open_work},
    merge::{self, Merged},
    schema,
};

/// The changes that others have made to the drafts, the outbox, the log or the memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Whether another console has written, or one has ended that wrote a draft.
    pub written: bool,
    /// The fate of their file, if it was deleted or replaced.
    pub remade: Option<Remade>,
}

/// The fate of a file that was deleted or replaced while it was open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remade {
    /// Where it is.
    pub path: PathBuf,
    /// Whether there is another file at its path now, to which what this console had was added.
    pub was_replaced: bool,
    /// How many drafts are in it.
    pub drafts: u32,
    /// How many changes in it are not settled.
    pub changes: u32,
}

impl fmt::Display for Remade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        let (drafts, changes) = (self.drafts, self.changes);
        let held = format!(
            "{drafts} draft{} and {changes} change{} on the way",
            plural(drafts),
            plural(changes)
        );
        let path = self.path.display();
        if self.was_replaced {
            write!(
                f,
                "work.db was deleted or replaced: the one there now is used, with {held} ({path})"
            )
        } else {
            write!(f, "work.db was deleted: it is made anew, with {held} ({path})")
        }
    }
}

/// Where an open database is: its file and those that SQLite keeps beside it.
pub(super) struct FilePlace {
    /// Each file with its identity; `None` for a file that was not there.
    files: Vec<(PathBuf, Option<Identity>)>,
}

impl FilePlace {
    /// The place of a database that has just been opened at `path` and read. A file that has gone
    /// since still belongs to it.
    pub(super) fn of(path: &Path, open: &Connection) -> Self {
        let with = |suffix: &&str| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let mode = open.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
        // On a disk that can't hold a write-ahead log, there is none beside the file.
        let has_log = !mode.is_ok_and(|mode| mode != "wal");
        let names: &[&str] = if has_log { &["", "-wal", "-shm"] } else { &[""] };
        let files = names.iter().map(with);
        Self { files: files.map(|file| (file.clone(), identity(&file))).collect() }
    }

    /// Whether the same files are still there.
    fn is_kept(&self) -> bool {
        let kept = |(file, known): &(PathBuf, Option<Identity>)| {
            known.is_some() && identity(file) == *known
        };
        // If the system does not number files, no file is known to have gone.
        cfg!(not(unix)) || self.files.iter().all(kept)
    }
}

impl Files {
    /// Sees to it that `work` is the file at its path. Says whether it had to be opened anew.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] if that is not possible. The content of the old file is then in
    /// memory.
    pub(super) fn stay_in_place(&mut self) -> Result<bool, StoreError> {
        if self.place.as_ref().is_some_and(FilePlace::is_kept) {
            return Ok(false);
        }
        let path = self.folder.join(WORK);
        match self.move_in(&path) {
            Ok(()) => Ok(true),
            Err(StoreError::WorkUnusable { reason: why, .. }) => {
                Err(StoreError::Replaced { path, why })
            }
            Err(error) => Err(StoreError::Replaced { path, why: error.to_string() }),
        }
    }

    fn move_in(&mut self, path: &Path) -> Result<(), StoreError> {
        if self.place.is_some() {
            let kept = self.in_memory(path)?;
            close_as_it_is(std::mem::replace(&mut self.work, kept));
            self.place = None;
        }
        make_private_folder(&self.folder)?;
        let _lock = lock(&self.folder)?;
        self.owner.announce_again()?;
        let was_replaced = path.exists();
        let mut work = open_work(path)?;
        clock::share(&mut work, crate::clock::boot(), self.clock)?;
        let Merged { drafts, changes } =
            merge::merge(&self.work, &mut work, &self.owner, self.clock.now())?;
        self.place = Some(FilePlace::of(path, &work));
        self.work = work;
        self.data_version = NEVER;
        self.remade = Some(Remade { path: path.into(), was_replaced, drafts, changes });
        Ok(())
    }

    /// A copy of everything in `work` that needs no disk.
    fn in_memory(&self, path: &Path) -> Result<Connection, StoreError> {
        let mut kept = Connection::open_in_memory()?;
        schema::migrate(&mut kept, path, schema::WORK)?;
        merge::merge(&self.work, &mut kept, &self.owner, self.clock.now())?;
        Ok(kept)
    }
}

/// Closes a database that is no longer at its path, without the clean-up that SQLite does on
/// closing. That would touch the files of another database.
fn close_as_it_is(old: Connection) {
    if let Err(error) = old.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true) {
        tracing::warn!(%error, "a deleted file is closed like any other");
    }
    drop(old);
}

#[cfg(all(test, unix))]
mod tests;
