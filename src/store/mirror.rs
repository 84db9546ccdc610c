//! The file of the mirror: it is opened, set aside if it is unusable, and left alone if another
//! console has it open.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::{
    StoreError,
    files::{Identity, connect, identity, prepare},
    owner::Owner,
    schema,
};

/// The file for data that can be fetched anew.
pub(super) const MIRROR: &str = "mirror.db";

/// The mirror as a console has it.
pub(super) struct Mirror {
    pub(super) file: Connection,
    /// Which file it is; `None` for a temporary one that no other console sees.
    identity: Option<Identity>,
}

impl Mirror {
    /// Opens the mirror in `folder`. If the file is broken or newer than known, another one takes
    /// its place, and the reason is returned. To be called while opening is locked.
    pub(super) fn open(
        folder: &Path,
        owner: &Owner,
    ) -> Result<(Self, Option<StoreError>), StoreError> {
        match Self::at(&folder.join(MIRROR)) {
            Ok(mirror) => Ok((mirror, None)),
            Err(error) if error.is_broken_file() || matches!(error, StoreError::Newer { .. }) => {
                let (mirror, why) = Self::replace(folder, owner)?;
                Ok((mirror, Some(why)))
            }
            Err(error) => Err(error),
        }
    }

    /// A new mirror in place of the unusable one in `folder`, and the fate of the old one. A file
    /// that another console has open stays where it is. Otherwise that console would go on writing
    /// into a file that nobody reads. To be called while opening is locked.
    pub(super) fn replace(folder: &Path, owner: &Owner) -> Result<(Self, StoreError), StoreError> {
        let path = folder.join(MIRROR);
        if owner.has_company() {
            return Ok((Self::temporary(&path)?, StoreError::MirrorInUse { path }));
        }
        let aside = set_aside(folder)?;
        Ok((Self::at(&path)?, StoreError::MirrorReplaced { aside }))
    }

    /// Whether this is still the file in `folder`. A temporary one never was.
    pub(super) fn is_in(&self, folder: &Path) -> bool {
        self.identity.is_some() && self.identity == identity(&folder.join(MIRROR))
    }

    /// Whether the file was deleted, or another put in its place.
    pub(super) fn was_moved(&self, folder: &Path) -> bool {
        self.identity.is_some() && !self.is_in(folder)
    }

    fn at(path: &Path) -> Result<Self, StoreError> {
        let mut file = connect(path)?;
        prepare(&mut file, path, schema::MIRROR, "NORMAL")?;
        Ok(Self { file, identity: identity(path) })
    }

    /// A mirror in a file without a name, which SQLite removes when it is closed. `path` is the
    /// path of the mirror that it replaces.
    fn temporary(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut file = Connection::open_with_flags("", flags)?;
        prepare(&mut file, path, schema::MIRROR, "OFF")?;
        Ok(Self { file, identity: None })
    }
}

/// Moves the mirror, with what SQLite keeps beside it, to the first free `mirror.broken-N.db`.
fn set_aside(folder: &Path) -> Result<PathBuf, StoreError> {
    let numbered = |number: u32| folder.join(format!("mirror.broken-{number}.db"));
    let mut number = 1;
    while numbered(number).exists() {
        number += 1;
    }
    let aside = numbered(number);
    for suffix in ["", "-wal", "-shm"] {
        let beside = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let from = beside(&folder.join(MIRROR));
        if from.exists() {
            fs::rename(&from, beside(&aside)).map_err(StoreError::folder(from))?;
        }
    }
    Ok(aside)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::MIRROR;
    use crate::{
        domain::TicketId,
        store::{
            Store, StoreError,
            testing::{at, draft, reopen, store, ticket},
        },
    };

    /// Gives the mirror in `folder` a version that this program does not know.
    fn make_newer(folder: &std::path::Path) {
        let mirror = rusqlite::Connection::open(folder.join(MIRROR)).expect("the mirror");
        mirror.pragma_update(None, "user_version", 99).expect("a version");
    }

    #[tokio::test]
    async fn a_newer_mirror_stays_where_another_console_has_it() {
        let (folder, one) = store().await;
        one.save_tickets(vec![ticket(1)], at(1)).await.unwrap();
        make_newer(folder.path());
        let two = Store::open(folder.path()).await.unwrap();
        assert!(two.notices[0].contains("another console"), "{:?}", two.notices);
        two.store.save_tickets(vec![ticket(2)], at(2)).await.unwrap();
        assert!(two.store.elsewhere(10).await.unwrap().is_none());
        assert_eq!(two.store.count(None).await.unwrap(), 1, "it has a mirror of its own");
        assert_eq!(one.count(None).await.unwrap(), 1);
        assert!(!folder.path().join("mirror.broken-1.db").exists());
        // All consoles share the drafts as before.
        two.store.save_draft(draft("typed", 3), None).await.unwrap();
        assert_eq!(one.drafts().await.unwrap().len(), 1);
        one.close().await;
        two.store.close().await;
        let three = Store::open(folder.path()).await.unwrap();
        assert!(three.notices[0].contains("mirror.broken-1.db"), "{:?}", three.notices);
    }

    #[tokio::test]
    async fn a_mirror_that_proves_broken_stays_where_another_console_has_it() {
        let (folder, one) = store().await;
        let two = reopen(folder.path()).await;
        let mirror = rusqlite::Connection::open(folder.path().join(MIRROR)).unwrap();
        mirror.execute_batch("ALTER TABLE tickets RENAME TO others").unwrap();
        let error = two.save_tickets(vec![ticket(2)], at(2)).await.unwrap_err();
        assert!(matches!(error, StoreError::MirrorInUse { .. }), "{error}");
        two.save_tickets(vec![ticket(2)], at(2)).await.unwrap();
        assert!(!folder.path().join("mirror.broken-1.db").exists());
        two.close().await;
        let error = one.save_tickets(vec![ticket(2)], at(2)).await.unwrap_err();
        assert!(matches!(error, StoreError::MirrorReplaced { .. }), "{error}");
        one.save_tickets(vec![ticket(2)], at(2)).await.unwrap();
    }

    #[tokio::test]
    async fn a_console_whose_mirror_is_elsewhere_says_so_once_and_goes_on_with_the_one_there() {
        let (folder, one) = store().await;
        one.save_tickets(vec![ticket(1)], at(1)).await.unwrap();
        let aside = folder.path().join("aside");
        fs::create_dir(&aside).unwrap();
        for name in [MIRROR, "mirror.db-wal", "mirror.db-shm"] {
            fs::rename(folder.path().join(name), aside.join(name)).unwrap();
        }
        let two = reopen(folder.path()).await;
        two.save_tickets(vec![ticket(2)], at(2)).await.unwrap();
        let error = one.elsewhere(10).await.unwrap_err();
        assert!(matches!(error, StoreError::MirrorMoved { .. }), "{error}");
        let told = one.elsewhere(10).await.unwrap().unwrap();
        let ids: Vec<TicketId> = told.changed.iter().map(|row| row.ticket.id).collect();
        assert_eq!(ids, [TicketId(2)]);
        assert!(one.elsewhere(10).await.unwrap().is_none());
        one.save_tickets(vec![ticket(3)], at(3)).await.unwrap();
        assert_eq!(two.count(None).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_mirror_that_was_deleted_alone_is_made_anew_by_all_consoles_that_had_it() {
        let (folder, one) = store().await;
        let two = reopen(folder.path()).await;
        one.save_tickets((1..100).map(ticket).collect(), at(1)).await.unwrap();
        fs::remove_file(folder.path().join(MIRROR)).unwrap();
        let error = one.elsewhere(10).await.unwrap_err();
        assert!(matches!(error, StoreError::MirrorMoved { .. }), "{error}");
        assert_eq!(one.count(None).await.unwrap(), 0);
        one.save_tickets(vec![ticket(200)], at(2)).await.unwrap();
        let error = two.elsewhere(10).await.unwrap_err();
        assert!(matches!(error, StoreError::MirrorMoved { .. }), "{error}");
        assert_eq!(two.count(None).await.unwrap(), 1);
        two.save_tickets(vec![ticket(201)], at(3)).await.unwrap();
        assert_eq!(one.count(None).await.unwrap(), 2);
        let three = Store::open(folder.path()).await.unwrap();
        assert_eq!((three.store.count(None).await.unwrap(), three.notices.len()), (2, 0));
    }

    #[tokio::test]
    async fn no_mirror_is_made_where_there_can_be_no_folder() {
        let (folder, one) = store().await;
        let path = folder.path().to_owned();
        drop(folder);
        fs::write(&path, "of somebody else").unwrap();
        for _ in 0..2 {
            let error = one.elsewhere(10).await.unwrap_err();
            assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
        }
        fs::remove_file(&path).unwrap();
        let error = one.elsewhere(10).await.unwrap_err();
        assert!(matches!(error, StoreError::MirrorMoved { .. }), "{error}");
        assert_eq!(one.count(None).await.unwrap(), 0);
        one.close().await;
        fs::remove_dir_all(&path).unwrap();
    }
}
