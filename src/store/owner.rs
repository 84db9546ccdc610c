//! Who works on a store: each open store has a number, and others can tell whether its process
//! still runs.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use super::StoreError;
use crate::bounded;
use crate::private;

/// A random number that no other process has, however many there are and have been.
pub fn session() -> u64 {
    getrandom::u64().unwrap_or_else(|error| {
        tracing::warn!(%error, "the system gives no random numbers");
        fastrand::u64(..)
    })
}

/// One open store. Its claims count as long as it lives: the system lets go of the lock on its file
/// when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Owner {
    number: i64,
    folder: PathBuf,
    lock: File,
}

impl Owner {
    /// Takes a number that no other store has, and makes it known to the others. To be called while
    /// opening is locked.
    pub(super) fn announce(folder: &Path) -> Result<Self, StoreError> {
        clear_away(folder);
        let number = session().max(1).cast_signed();
        let lock = locked(folder, number)?;
        Ok(Self { number, folder: folder.into(), lock })
    }

    /// Lets the others know the number in a folder that was made anew. To be called while opening is
    /// locked.
    pub(super) fn announce_again(&mut self) -> Result<(), StoreError> {
        clear_away(&self.folder);
        if !is_at(&self.lock, &path(&self.folder, self.number)) {
            self.lock = locked(&self.folder, self.number)?;
        }
        Ok(())
    }

    /// Its number.
    pub(super) fn number(&self) -> i64 {
        self.number
    }

    /// Whether the owner of this number has certainly ended. Where locks can't be had, its lease
    /// alone tells.
    pub(super) fn has_ended(&self, number: i64) -> bool {
        number != self.number && has_ended(&self.folder, number)
    }

    /// Whether the files are open in another store, of this process or another.
    pub(super) fn has_company(&self) -> bool {
        let own = path(&self.folder, self.number);
        all(&self.folder).filter(|file| *file != own).any(|file| {
            let open = bounded::open(File::options().read(true), &file);
            open.is_ok_and(|it| matches!(it.try_lock_shared(), Err(TryLockError::WouldBlock)))
        })
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // A file that stays is cleared away when the store is next opened.
        let _ = fs::remove_file(path(&self.folder, self.number));
    }
}

/// The locked file of a number.
fn locked(folder: &Path, number: i64) -> Result<File, StoreError> {
    let file = path(folder, number);
    let failed = || StoreError::folder(&file);
    let lock = private::writing().create(true).truncate(false).open(&file).map_err(failed())?;
    lock.lock().map_err(failed())?;
    Ok(lock)
}

/// Whether an open file is the one at a path. Always true if the system does not number files.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let open = file.metadata().map(|it| (it.dev(), it.ino())).ok();
        open.is_some() && open == super::files::identity(path)
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}

fn has_ended(folder: &Path, number: i64) -> bool {
    match bounded::open(File::options().read(true), &path(folder, number)) {
        Ok(file) => file.try_lock_shared().is_ok(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

fn path(folder: &Path, number: i64) -> PathBuf {
    folder.join(format!("console-{:016x}.lock", number.cast_unsigned()))
}

/// The files of all owners, those that were killed included.
fn all(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let is_owner = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("console-") && name.ends_with(".lock")
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(is_owner)
}

/// Removes the files of those that were killed.
fn clear_away(folder: &Path) {
    for file in all(folder) {
        let open = bounded::open(File::options().read(true), &file);
        if open.is_ok_and(|it| it.try_lock().is_ok()) {
            let _ = fs::remove_file(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_lives_until_its_store_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let one = Owner::announce(folder.path()).unwrap();
        let two = Owner::announce(folder.path()).unwrap();
        assert!(!one.has_ended(one.number()) && !one.has_ended(two.number()));
        assert!(one.has_company() && two.has_company());
        let number = one.number();
        drop(one);
        assert!(!two.has_company());
        assert!(two.has_ended(number) && !two.has_ended(two.number()));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_pipe_in_the_place_of_a_lock_keeps_nobody_waiting() {
        use crate::bounded::pipe;
        let folder = tempfile::tempdir().unwrap();
        pipe(&path(folder.path(), 5));
        assert!(!has_ended(folder.path(), 5), "its lease tells");
        let store = crate::store::Store::open(folder.path()).await.unwrap().store;
        store.close().await;
        for name in ["open.lock", "work.db", "mirror.db"] {
            let folder = tempfile::tempdir().unwrap();
            pipe(&folder.path().join(name));
            let error = crate::store::Store::open(folder.path()).await.unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn what_a_killed_one_left_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let left = path(folder.path(), 5);
        fs::write(&left, "").unwrap();
        assert!(has_ended(folder.path(), 5));
        let _owner = Owner::announce(folder.path()).unwrap();
        assert!(!left.exists());
    }
}
