//! Who works on what, for those who only look.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{Store, StoreError, values::At};
use crate::domain::EntryId;

impl Store {
    /// The unsettled entries on which a console that runs has a claim at `now`. What is being sent
    /// and is not among them was left behind by one that ended.
    pub async fn claimed(&self, now: Timestamp) -> Result<HashSet<EntryId>, StoreError> {
        self.work(move |work| {
            let mut claimed =
                work.prepare_cached("SELECT id FROM outbox WHERE settled IS NULL AND lease > ?1")?;
            let claimed = claimed.query_map([At(now)], |row| row.get(0).map(EntryId))?;
            Ok(claimed.collect::<Result<_, _>>()?)
        })
        .await
    }
}
