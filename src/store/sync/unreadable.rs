//! The unreadable parts of the server's lists. They are stored beside the mirror, so that the next
//! pass, in any console, reads around them.

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::ServerList;
use crate::{
    domain::{Problem, TicketId},
    store::{Store, StoreError, values::Json},
};

const KEY: &str = "unread:";
/// How soon an unreadable stretch is tried again. The wait doubles with each try.
const AGAIN: SignedDuration = SignedDuration::from_secs(60);
/// Never later than this.
const AGAIN_MOST: SignedDuration = SignedDuration::from_hours(1);

/// The unreadable parts of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Troubles {
    /// The stretches that could not be read, in their order.
    pub gaps: Vec<Stretch>,
    /// The most tickets that the server can put into one answer, if it failed over more, and until
    /// when that limit counts.
    pub most: Option<(u32, Timestamp)>,
    /// After how many pages the list was ended, where the server never ends it.
    pub endless: Option<u32>,
}

/// A stretch of a list that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The place of its first ticket, from 0.
    pub from: u64,
    /// The place after its last.
    pub to: u64,
    /// The ticket, where it is one whose number is known.
    pub ticket: Option<TicketId>,
    /// Why it could not be read.
    pub problem: Problem,
    /// Whether the page around it can be read.
    pub alone: bool,
    /// Whether the ticket can be read where it is asked for by its number.
    pub by_itself: bool,
    /// How often it was tried.
    tries: u32,
    /// When it is tried again.
    again: Timestamp,
}

impl Stretch {
    /// A stretch that could not be read at `now`.
    pub fn new(from: u64, to: u64, problem: Problem, now: Timestamp) -> Self {
        let (ticket, alone, by_itself, tries, again) = (None, false, false, 0, now);
        Self { from, to, ticket, problem, alone, by_itself, tries, again }.tried(now)
    }

    /// An item that could not be read in a page that could.
    pub fn of_item(at: u64, problem: Problem) -> Self {
        Self { alone: true, ..Self::new(at, at + 1, problem, Timestamp::UNIX_EPOCH) }
    }

    /// Whether the ticket at `place` is in it, and spoils a page.
    pub fn spoils(&self, place: u64) -> bool {
        !self.alone && (self.from..self.to).contains(&place)
    }

    /// After another problem with it.
    #[must_use]
    pub fn with(self, problem: Problem) -> Self {
        Self { problem, ..self }
    }

    /// The same stretch after a further failed try.
    #[must_use]
    pub fn tried(mut self, now: Timestamp) -> Self {
        let factor = 1_i32.checked_shl(self.tries.min(16)).unwrap_or(i32::MAX);
        let wait = AGAIN.checked_mul(factor).map_or(AGAIN_MOST, |it| it.min(AGAIN_MOST));
        self.tries = self.tries.saturating_add(1);
        self.again = now.saturating_add(wait).unwrap_or(now);
        self
    }

    /// Whether it is to be tried again. A time that no clock can have set does not count.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.again <= now || self.again.duration_since(now) > AGAIN_MOST
    }
}

impl Store {
    /// The unreadable parts of a list.
    pub async fn troubles(&self, list: ServerList) -> Result<Troubles, StoreError> {
        let key = key(list)?;
        Ok(self.mirror(move |mirror| Ok(super::single(mirror, &key)?)).await?.unwrap_or_default())
    }

    /// Keeps what could not be read of a list.
    pub async fn set_troubles(
        &self,
        list: ServerList,
        troubles: Troubles,
    ) -> Result<(), StoreError> {
        let key = key(list)?;
        self.mirror(move |mirror| {
            if troubles == Troubles::default() {
                mirror.execute("DELETE FROM singles WHERE key = ?1", [key])?;
                return Ok(());
            }
            Ok(super::set_single(mirror, &key, &troubles)?)
        })
        .await
    }

    /// The unreadable parts of all lists.
    pub async fn all_troubles(&self) -> Result<Vec<(ServerList, Troubles)>, StoreError> {
        self.mirror(|mirror| {
            let mut found = mirror.prepare_cached(
                "SELECT substr(key, ?2), value FROM singles WHERE substr(key, 1, ?2 - 1) = ?1
                ORDER BY key",
            )?;
            let start = i64::try_from(KEY.len() + 1).unwrap_or(i64::MAX);
            let found = found.query_map(params![KEY, start], |row| {
                let (Json(list), Json(troubles)) = (row.get(0)?, row.get(1)?);
                Ok((list, troubles))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn key(list: ServerList) -> Result<String, StoreError> {
    Ok(format!("{KEY}{}", serde_json::to_string(&list)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{ProblemKind, StatusId},
        store::testing::{at, line, store},
    };

    #[tokio::test]
    async fn what_could_not_be_read_comes_back() {
        let (_folder, store) = store().await;
        let problem = Problem::new(ProblemKind::ServerFault { status: 500 }, line("Whoops"));
        let gaps = vec![Stretch::new(38, 39, problem, at(1))];
        let troubles = Troubles { gaps, most: Some((25, at(9))), endless: Some(2) };
        let list = ServerList::Status(StatusId(1));
        store.set_troubles(list, troubles.clone()).await.unwrap();
        store
            .set_troubles(ServerList::Active, Troubles { endless: Some(1), ..Troubles::default() })
            .await
            .unwrap();
        assert_eq!(store.troubles(list).await.unwrap(), troubles);
        assert_eq!(store.all_troubles().await.unwrap().len(), 2);
        store.set_troubles(list, Troubles::default()).await.unwrap();
        assert_eq!(store.troubles(list).await.unwrap(), Troubles::default());
        assert_eq!(store.all_troubles().await.unwrap()[0].0, ServerList::Active);
    }

    #[test]
    fn what_fails_again_is_tried_less_often() {
        let problem = Problem::new(ProblemKind::Unreadable, line(""));
        let mut gap = Stretch::new(0, 1, problem, at(0));
        assert!(!gap.is_due(at(59)) && gap.is_due(at(60)));
        gap = gap.tried(at(60));
        assert!(!gap.is_due(at(179)) && gap.is_due(at(180)));
        for _ in 0..100 {
            gap = gap.tried(at(0));
        }
        assert!(!gap.is_due(at(3599)) && gap.is_due(at(3600)));
        assert!(gap.is_due(at(-1)), "the clock was put back");
    }
}
