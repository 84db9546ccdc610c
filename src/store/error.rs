//! What can go wrong with the store.

use std::{io, path::PathBuf};

use rusqlite::ErrorCode;

/// Why the store did not do what was asked. No message holds anything that an agent has typed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The profile's folder, or a file in it, can't be made or used.
    #[error("{path} can't be used: {source}")]
    Folder {
        /// The folder or the file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The drafts and the outbox can't be opened. They are left as they are.
    #[error(
        "the drafts and the outbox in {path} can't be opened: {reason}. Nothing was changed in it. \
         Put a backup in its place; or move it away to begin with an empty one, but replies in it \
         that were not sent yet stay behind in it"
    )]
    WorkUnusable {
        /// Where they are.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// A later growdesk wrote the file. It is left as it is.
    #[error(
        "{path} was written by a newer growdesk (its version is {found}, this one knows {known}): \
         use that one, or name another profile"
    )]
    Newer {
        /// Where it is.
        path: PathBuf,
        /// The version of the file.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The mirror turned out to be broken while in use, and a fresh, empty one took its place: all
    /// that it held has to be fetched again.
    #[error("the local copy of the tickets was broken; it was kept as {aside} and is filled anew")]
    MirrorReplaced {
        /// Where the broken one is now.
        aside: PathBuf,
    },
    /// The mirror is broken or newer than known, and another console has it open: this one has an empty
    /// one of its own.
    #[error(
        "the local copy of the tickets in {path} is broken or a newer growdesk's, and another console \
         has it open: this console fetches one of its own, which goes when it is closed. Close all \
         consoles of the profile and start anew to mend that"
    )]
    MirrorInUse {
        /// Where it is.
        path: PathBuf,
    },
    /// The mirror is not at its path any more; the one that is there is used from now on.
    #[error(
        "the local copy of the tickets in {folder} was deleted or replaced while it was in use; the \
         one that is there now is used, and filled where it lacks something"
    )]
    MirrorMoved {
        /// The folder that it was in.
        folder: PathBuf,
    },
    /// The file of the drafts and the outbox is not at its path any more, and can't be made anew.
    #[error(
        "work.db was deleted or replaced, and can't be made anew: drafts and outbox are in this console \
         only, nothing is sent. Mend that before you close it ({path}: {why})"
    )]
    Replaced {
        /// Where it was.
        path: PathBuf,
        /// Why there can be no new one.
        why: String,
    },
    /// SQLite failed: a full disk, say, or a lock that another process held for too long.
    #[error("the local store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A value could not be written as JSON.
    #[error("the local store can't hold a value: {0}")]
    Json(#[from] serde_json::Error),
    /// A job of the store panicked; nothing of it was stored.
    #[error("the local store met a fault of its own; nothing of this was stored")]
    Panicked,
    /// The store was closed before.
    #[error("the local store is closed")]
    Closed,
    /// The full-text index did not take the words; nothing is wrong with the file for that.
    #[error("these words can't be searched for: {0}")]
    Search(#[source] rusqlite::Error),
}

impl StoreError {
    pub(super) fn folder(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder { path, source }
    }

    /// The failure and its remedy, for a sentence that names the store already.
    pub fn reason(&self) -> String {
        let Self::Sqlite(error) = self else { return self.to_string() };
        match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly) => format!("{error}; make it, and its folder, writable"),
            Some(ErrorCode::DiskFull) => format!("{error}; make room on it"),
            _ => error.to_string(),
        }
    }

    /// Whether the error only says that another mirror has replaced the old one. The store works
    /// from then on.
    pub fn is_about_mirror(&self) -> bool {
        matches!(
            self,
            Self::MirrorReplaced { .. } | Self::MirrorInUse { .. } | Self::MirrorMoved { .. }
        )
    }

    /// Whether the file itself is at fault, so that trying again can't help.
    pub(super) fn is_broken_file(&self) -> bool {
        let Self::Sqlite(error) = self else { return false };
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => {
                // `Unknown` is SQLITE_ERROR: the tables are not those of the version that the file
                // names.
                matches!(
                    failure.code,
                    ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown
                )
            }
            rusqlite::Error::SqlInputError { .. }
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => true,
            _ => false,
        }
    }
}
