//! The look-ups, and when the waiting tickets were last seen whole.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Serialize, de::DeserializeOwned};

use super::{Store, StoreError, values::Json};
use crate::domain::Directory;

pub(super) const DIRECTORY: &str = "directory";
pub(super) const SYNCED_AT: &str = "synced_at";

impl Store {
    /// The departments, the team and the statuses; empty where never stored.
    pub async fn directory(&self) -> Result<Directory, StoreError> {
        Ok(self.mirror(|mirror| Ok(single(mirror, DIRECTORY)?)).await?.unwrap_or_default())
    }

    /// Puts the look-ups in the place of those before.
    pub async fn save_directory(&self, directory: Directory) -> Result<(), StoreError> {
        self.mirror(move |mirror| Ok(set_single(mirror, DIRECTORY, &directory)?)).await
    }

    /// The time that was last given to [`Store::set_synced_at`].
    pub async fn synced_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.mirror(|mirror| Ok(single(mirror, SYNCED_AT)?)).await
    }

    /// Remembers when the waiting tickets were last seen whole.
    pub async fn set_synced_at(&self, at: Timestamp) -> Result<(), StoreError> {
        self.mirror(move |mirror| Ok(set_single(mirror, SYNCED_AT, &at)?)).await
    }
}

/// The value stored under a key, if there is one.
pub(super) fn single<T: DeserializeOwned>(
    mirror: &Connection,
    key: &str,
) -> rusqlite::Result<Option<T>> {
    let value = mirror
        .prepare_cached("SELECT value FROM singles WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(value.map(|Json(value)| value))
}

/// Keeps a value under a key.
pub(super) fn set_single(
    mirror: &Connection,
    key: &str,
    value: &impl Serialize,
) -> rusqlite::Result<()> {
    mirror
        .prepare_cached("INSERT OR REPLACE INTO singles (key, value) VALUES (?1, ?2)")?
        .execute(params![key, Json(value)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{DepartmentId, Member, Named, PersonId, Status},
        store::testing::{at, line, store},
    };

    #[tokio::test]
    async fn the_look_ups_and_the_time_of_the_sync_come_back() {
        let (_folder, store) = store().await;
        assert_eq!(store.directory().await.unwrap(), Directory::default());
        assert_eq!(store.synced_at().await.unwrap(), None);
        let directory = Directory {
            departments: vec![Named { id: DepartmentId(-4), name: line("Sales") }],
            team: vec![Member { id: PersonId(1), name: line("Ann"), email: None }],
            statuses: Status::usual().into(),
        };
        store.save_directory(directory.clone()).await.unwrap();
        store.set_synced_at(at(1)).await.unwrap();
        store.set_synced_at(at(2)).await.unwrap();
        assert_eq!(store.directory().await.unwrap(), directory);
        assert_eq!(store.synced_at().await.unwrap(), Some(at(2)));
    }
}
