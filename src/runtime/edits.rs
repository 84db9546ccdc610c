//! Texts that are in the agent's own editor, or that no store took in time. Each is in a file that
//! only the agent can read. The next console finds the file if this one ends first.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    domain::{Draft, DraftId, DraftKey, DraftKind, TicketId},
    private,
    store::{Store, StoreError},
    text::clean,
};

/// The folder, in the profile's own, that texts are edited in.
const FOLDER: &str = "editing";
/// The file that is locked for as long as the console lives.
const LOCK: &str = "lock";

/// The file with the text as it was handed over.
const BEFORE: &str = "before";

/// A text in the agent's editor.
#[derive(Debug)]
pub(super) struct EditedFile {
    folder: PathBuf,
    path: PathBuf,
    /// When, and how long, the file was when [`EditedFile::saved`] last read it.
    seen: Option<(SystemTime, u64)>,
    _lock: File,
}

impl EditedFile {
    /// Writes `text`, the draft of `key`, to a file (0600) in a folder of its own (0700).
    pub(super) fn begin(profile: &Path, key: DraftKey, text: &str) -> io::Result<Self> {
        let all = profile.join(FOLDER);
        private::make_folder(&all)?;
        let folder = private::make_folder_in(&all, "text-")?.keep();
        let lock = private_file(&folder.join(LOCK))?;
        lock.lock()?;
        let path = folder.join(name(key));
        private_file(&folder.join(BEFORE))?.write_all(text.as_bytes())?;
        private_file(&path)?.write_all(text.as_bytes())?;
        Ok(Self { folder, path, seen: None, _lock: lock })
    }

    /// Where it is. The name holds a number and words of the console's own, nothing else.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The content of the file now, cleaned, and whether it differs from the text that was handed
    /// over. Many editors replace a file rather than write into it, so the file is opened anew by
    /// its name.
    pub(super) fn text(&self) -> io::Result<(String, bool)> {
        let text = read(&self.path)?;
        let changed = text != read(&self.folder.join(BEFORE))?;
        Ok((text, changed))
    }

    /// The content of the file now, cleaned, if the file has changed since the last call. It then
    /// counts as the text that the editor began with, so a console that finds the file later takes
    /// in only newer changes.
    pub(super) fn saved(&mut self) -> Option<String> {
        let file = fs::metadata(&self.path).ok()?;
        let seen = Some((file.modified().ok()?, file.len()));
        if std::mem::replace(&mut self.seen, seen) == seen {
            return None;
        }
        let text = read(&self.path).ok()?;
        if let Err(error) = fs::write(self.folder.join(BEFORE), &text) {
            tracing::warn!(%error, "what an editor has saved is found again at the next start");
        }
        Some(text)
    }

    /// Puts another text in its place: what an editor would have saved.
    pub(super) fn put(self, text: &str) -> io::Result<()> {
        let mut file = private::writing().truncate(true).open(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    /// Removes it. Files that an editor has left beside it stay: they may hold more than the text.
    pub(super) fn end(self) {
        remove(&self.folder, &self.path);
    }
}

fn remove(folder: &Path, text: &Path) {
    for path in [text, &folder.join(BEFORE), &folder.join(LOCK)] {
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(%error, "a file that a text was edited in could not be removed");
        }
    }
    // The folder is not empty if an editor left something beside the text.
    let _ = fs::remove_dir(folder);
}

/// Makes drafts of the texts that were in an editor when their console was killed, or that no store had
/// taken when it had to end; says how many.
///
/// # Errors
/// If the store does not take one; its file stays.
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
            let key = path.file_name().and_then(|name| key(&name.to_string_lossy()));
            let (Some(key), Ok(text)) = (key, read(&path)) else { continue };
            let before = read(&folder.join(BEFORE)).unwrap_or_default();
            let stored = store.draft(key).await?;
            if text == before && stored.is_some() {
                // An editor with a window of its own may still save it.
                continue;
            }
            if text != before && stored.is_none_or(|stored| stored.text != text) {
                let updated = store.clock().now();
                let id = DraftId::aside(updated);
                let cursor = (usize::MAX, usize::MAX);
                let draft = Draft { key, id, text, cursor, updated, changes: None };
                store.keep_draft(draft, &before).await?;
                found += 1;
            }
            remove(&folder, &path);
        }
    }
    Ok(found)
}

fn read(path: &Path) -> io::Result<String> {
    let text = fs::read(path)?;
    Ok(clean::typed(&String::from_utf8_lossy(&text)).trim_end_matches('\n').to_owned())
}

fn name(key: DraftKey) -> String {
    let kind = match key.kind {
        DraftKind::Note => "note",
        DraftKind::Reply => "reply",
        DraftKind::NewTicket => "new",
        DraftKind::Edit => "edit",
    };
    let copy = if key.copy == 0 { String::new() } else { format!("+{}", key.copy) };
    format!("{kind}-{}{copy}.md", key.ticket.map_or(0, |id| id.0))
}

fn key(name: &str) -> Option<DraftKey> {
    let (kind, ticket) = name.strip_suffix(".md")?.split_once('-')?;
    let kind = match kind {
        "note" => DraftKind::Note,
        "reply" => DraftKind::Reply,
        "new" => DraftKind::NewTicket,
        "edit" => DraftKind::Edit,
        _ => return None,
    };
    let (ticket, copy) = ticket.split_once('+').unwrap_or((ticket, "0"));
    let ticket = ticket.parse().ok()?;
    let ticket = Some(TicketId(ticket)).filter(|_| ticket != 0);
    Some(DraftKey { ticket, kind, copy: copy.parse().ok()? })
}

fn private_file(path: &Path) -> io::Result<File> {
    private::writing().create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const KEY: DraftKey = DraftKey { ticket: Some(TicketId(-7)), kind: DraftKind::Note, copy: 0 };

    #[tokio::test]
    async fn a_text_whose_console_was_killed_is_a_draft_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap().store;
        let edit = EditedFile::begin(folder.path(), KEY, "half of it").unwrap();
        assert_eq!(recover(folder.path(), &store).await.unwrap(), 0, "it is being edited");
        assert_eq!(edit.text().unwrap(), ("half of it".into(), false));
        fs::write(edit.path(), "half of it, and the rest in its middle of it\n").unwrap();
        let (text, changed) = edit.text().unwrap();
        assert!(changed);

        let left = edit.folder.clone();
        fs::write(left.join("note--7.md.save"), "an editor's own").unwrap();
        drop(edit);
        let draft = Draft {
            key: KEY,
            id: DraftId(1),
            text: "half of it".into(),
            cursor: (0, 0),
            updated: Timestamp::UNIX_EPOCH,
            changes: None,
        };
        store.save_draft(draft, None).await.unwrap();
        assert_eq!(recover(folder.path(), &store).await.unwrap(), 1);
        assert!(left.exists(), "what an editor left beside it stays");
        assert_eq!(store.draft(KEY).await.unwrap().unwrap().text, text, "not both versions");
        assert_eq!(recover(folder.path(), &store).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn the_file_of_a_window_stays_until_its_draft_is_settled() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap().store;
        let draft = |text: &str| Draft {
            key: KEY,
            id: DraftId(1),
            text: text.into(),
            cursor: (0, 0),
            updated: Timestamp::UNIX_EPOCH,
            changes: None,
        };
        store.save_draft(draft("begun"), None).await.unwrap();
        let edit = EditedFile::begin(folder.path(), KEY, "begun").unwrap();
        let path = edit.path().to_owned();
        drop(edit);
        assert_eq!(recover(folder.path(), &store).await.unwrap(), 0);
        assert!(path.exists());
        fs::write(&path, "begun and ended").unwrap();
        assert_eq!(recover(folder.path(), &store).await.unwrap(), 1);
        assert_eq!(store.draft(KEY).await.unwrap().unwrap().text, "begun and ended");
        assert!(!path.exists());

        let edit = EditedFile::begin(folder.path(), KEY, "other").unwrap();
        let path = edit.path().to_owned();
        drop(edit);
        let stored = store.draft(KEY).await.unwrap().expect("it is there");
        let seen = crate::domain::Seen { key: KEY, id: stored.id, version: Some(stored.updated) };
        store.drop_draft(seen, stored.updated).await.unwrap();
        assert_eq!(recover(folder.path(), &store).await.unwrap(), 0);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let edit = EditedFile::begin(folder.path(), KEY, "secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(edit.path()), 0o600);
        let parents = edit.path().ancestors().skip(1).take(2);
        assert!(parents.map(mode).all(|mode| mode == 0o700));
        let own = edit.folder.clone();
        edit.end();
        assert!(!own.exists(), "nothing of it stays");
    }
}
