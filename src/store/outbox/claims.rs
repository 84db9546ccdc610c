//! Which entries consoles work on, for callers that only look.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::{
    domain::EntryId,
    store::{Store, StoreError, values::At},
};

impl Store {
    /// The unsettled entries on which a console that runs has a claim at `now`. An entry that is
    /// being sent and is not among them was left behind by a console that ended.
    pub async fn claimed(&self, now: Timestamp) -> Result<HashSet<EntryId>, StoreError> {
        self.in_place(move |files| {
            let mut claims = files.work.prepare_cached(
                "SELECT id, owner FROM outbox WHERE settled IS NULL AND lease > ?1",
            )?;
            let claims = claims.query_map([At(now)], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let claims = claims.collect::<Result<Vec<(EntryId, i64)>, _>>()?;
            let runs = |(_, owner): &(EntryId, i64)| !files.owner.has_ended(*owner);
            Ok(claims.into_iter().filter(runs).map(|(id, _)| id).collect())
        })
        .await
    }
}
