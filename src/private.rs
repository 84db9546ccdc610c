//! Files and folders that nobody but the user can read.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// The beginning of the names of folders whose content is thrown away in the end.
const SCRATCH: &str = "growdesk-";
/// The file in such a folder that is locked for as long as it is in use.
const LOCK: &str = "in-use";

/// Options to open a file for writing. If there is no file, it is made for the user alone (0600).
pub(crate) fn writing() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder, and those above it, for the user alone (0700). One that is there stays as it is.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a folder with a name of its own in another, for the user alone (0700).
pub(crate) fn make_folder_in(parent: &Path, prefix: &str) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.prefix(prefix).tempdir_in(parent)
}

/// Takes away other people's rights that a copy or a backup has brought in.
#[cfg(unix)]
pub(crate) fn take_in(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let now = std::fs::metadata(path)?.permissions().mode();
    if now & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

/// Other systems keep no such rights in a mode.
#[cfg(not(unix))]
pub(crate) fn take_in(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// The file that a link to a file elsewhere leads to, so that the link stays one; another path as it
/// is.
///
/// # Errors
/// If a link leads nowhere: to replace it would leave a file in its place.
pub(crate) fn behind_link(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(real) => Ok(real),
        Err(_) if path.is_symlink() => {
            Err(io::Error::other("it is a link, and the file that it leads to is not there"))
        }
        Err(_) => Ok(path.to_owned()),
    }
}

/// Replaces a file by one with this text, for the user alone (0600). A reader meets either the old
/// or the new file whole.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The mode of a temporary file is 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// A folder whose content nobody keeps. It goes away when this is dropped, or after a kill when the
/// next one is made.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    _lock: File,
}

impl Scratch {
    /// Makes one in the system's folder for such things.
    pub(crate) fn new() -> io::Result<Self> {
        Self::new_in(&std::env::temp_dir())
    }

    fn new_in(parent: &Path) -> io::Result<Self> {
        remove_left_behind(parent);
        let folder = make_folder_in(parent, SCRATCH)?;
        let begun = folder.path().join("begun");
        let lock = writing().create_new(true).open(&begun)?;
        lock.lock()?;
        // A process that looks for left-behind folders never sees this one unlocked.
        std::fs::rename(begun, folder.path().join(LOCK))?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folders of processes that were killed. Whatever can't be removed stays.
fn remove_left_behind(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        if !entry.file_name().to_string_lossy().starts_with(SCRATCH) || !is_own_folder(&path) {
            continue;
        }
        let lock = File::open(path.join(LOCK)).map(|lock| match lock.try_lock() {
            Ok(()) => Some(lock),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
        });
        if let Ok(Some(_lock)) = lock {
            // Another process may be removing it too.
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

#[cfg(unix)]
fn is_own_folder(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(path).is_ok_and(|it| it.is_dir() && it.uid() == user)
}

#[cfg(not(unix))]
fn is_own_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|it| it.is_dir())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_a_kill_leaves_behind_goes_away_with_the_next() {
        let parent = tempfile::tempdir().unwrap();
        let left = parent.path().join("growdesk-left");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join(LOCK), "").unwrap();
        std::fs::write(left.join("sandbox.db"), "words").unwrap();
        let other = parent.path().join("growdesk-notes");
        std::fs::create_dir(&other).unwrap();
        let linked = tempfile::tempdir().unwrap();
        std::fs::write(linked.path().join(LOCK), "").unwrap();
        std::os::unix::fs::symlink(linked.path(), parent.path().join("growdesk-link")).unwrap();
        let first = Scratch::new_in(parent.path()).unwrap();
        assert!(!left.exists() && other.exists() && linked.path().join(LOCK).exists());
        let second = Scratch::new_in(parent.path()).unwrap();
        assert!(first.path().exists(), "one that is in use stays");
        let mode = std::fs::metadata(second.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let path = first.path().to_owned();
        drop(first);
        assert!(!path.exists());
    }
}
