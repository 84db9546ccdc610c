//! The state of the screen that is kept from one start to the next: the view, the selection, the
//! layout.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::{Store, StoreError, values::Json};

impl Store {
    /// Remembers `value` under `key`, in the place of the one before.
    pub async fn remember(&self, key: &str, value: Value) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.work(move |work| {
            work.prepare_cached("INSERT OR REPLACE INTO memory (key, value) VALUES (?1, ?2)")?
                .execute(params![key, Json(value)])?;
            Ok(())
        })
        .await
    }

    /// What was last remembered under `key`.
    pub async fn recall(&self, key: &str) -> Result<Option<Value>, StoreError> {
        let key = key.to_owned();
        self.work(move |work| {
            let value = work
                .prepare_cached("SELECT value FROM memory WHERE key = ?1")?
                .query_row([key], |row| row.get(0))
                .optional()?;
            Ok(value.map(|Json(value)| value))
        })
        .await
    }
}
