//! Texts that are in the agent's own editor: each in a file that only the agent can read, and that the
//! next console finds if this one does not live to see the editor end.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tempfile::TempDir;

use crate::{
    domain::{Draft, DraftKey, DraftKind, TicketId},
    store::{Store, StoreError},
    text::clean,
};

/// The folder, in the profile's own, that texts are edited in.
const FOLDER: &str = "editing";
/// The file that is locked for as long as the console lives.
const LOCK: &str = "lock";

/// A text in the agent's editor. Dropping it removes its file.
#[derive(Debug)]
pub(super) struct Edit {
    path: PathBuf,
    _lock: File,
    _folder: TempDir,
}

impl Edit {
    /// Writes `text`, the draft of `key`, to a file (0600) in a folder of its own (0700).
    pub(super) fn begin(profile: &Path, key: DraftKey, text: &str) -> io::Result<Self> {
        let all = profile.join(FOLDER);
        private_folder(&all)?;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.prefix("text-").tempdir_in(&all)?;
        let lock = private_file(&folder.path().join(LOCK))?;
        lock.lock()?;
        let path = folder.path().join(name(key));
        private_file(&path)?.write_all(text.as_bytes())?;
        Ok(Self { path, _lock: lock, _folder: folder })
    }

    /// Where it is. The name holds a number and words of the console's own, nothing else.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it now, cleaned. Editors replace a file rather than write into it, so it is opened
    /// anew by its name.
    pub(super) fn text(&self) -> io::Result<String> {
        read(&self.path)
    }
}

/// Makes drafts of the texts that were in an editor when their console was killed; says how many.
///
/// # Errors
/// Where the store does not take one: its file stays.
pub async fn recover(profile: &Path, store: &Store) -> Result<usize, StoreError> {
    let mut found = 0;
    let folders = fs::read_dir(profile.join(FOLDER)).into_iter().flatten().flatten();
    for folder in folders.map(|entry| entry.path()) {
        let lock = File::open(folder.join(LOCK));
        if lock.as_ref().is_ok_and(|lock| lock.try_lock().is_err()) {
            continue;
        }
        let files = fs::read_dir(&folder).into_iter().flatten().flatten();
        for path in files.map(|entry| entry.path()) {
            let Some(key) = path.file_name().and_then(|name| key(&name.to_string_lossy())) else {
                continue;
            };
            let Ok(text) = read(&path) else { continue };
            let updated = Timestamp::now();
            store.keep_draft(Draft { key, text, cursor: (usize::MAX, 0), updated }).await?;
            found += 1;
        }
        if let Err(error) = fs::remove_dir_all(&folder) {
            tracing::warn!(%error, "a folder that a text was edited in could not be removed");
        }
    }
    Ok(found)
}

fn read(path: &Path) -> io::Result<String> {
    let text = fs::read(path)?;
    Ok(clean::typed(&String::from_utf8_lossy(&text)).trim_end_matches('\n').to_owned())
}

fn name(key: DraftKey) -> String {
    let kind = if key.kind == DraftKind::Note { "note" } else { "reply" };
    format!("{kind}-{}.md", key.ticket.map_or(0, |id| id.0))
}

fn key(name: &str) -> Option<DraftKey> {
    let (kind, ticket) = name.strip_suffix(".md")?.split_once('-')?;
    let kind = match kind {
        "note" => DraftKind::Note,
        "reply" => DraftKind::Reply,
        _ => return None,
    };
    Some(DraftKey { ticket: Some(TicketId(ticket.parse().ok()?)), kind })
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: DraftKey = DraftKey { ticket: Some(TicketId(-7)), kind: DraftKind::Note };

    #[tokio::test]
    async fn a_text_whose_console_was_killed_is_a_draft_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap().store;
        let edit = Edit::begin(folder.path(), KEY, "half of it").unwrap();
        assert_eq!(recover(folder.path(), &store).await.unwrap(), 0, "it is being edited");
        fs::write(edit.path(), "all of it\n").unwrap();
        assert_eq!(edit.text().unwrap(), "all of it");

        let Edit { path, _lock, _folder } = edit;
        let left = _folder.keep();
        drop(_lock);
        assert!(path.exists());
        assert_eq!(recover(folder.path(), &store).await.unwrap(), 1);
        assert!(!left.exists());
        assert_eq!(store.draft(KEY).await.unwrap().unwrap().text, "all of it");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let edit = Edit::begin(folder.path(), KEY, "secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(edit.path()), 0o600);
        let parents = edit.path().ancestors().skip(1).take(2);
        assert!(parents.map(mode).all(|mode| mode == 0o700));
    }
}
