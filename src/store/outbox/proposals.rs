//! Proposals of assistants, while the agent has not decided.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{begin, end_with, find};
use crate::{
    domain::{Entry, EntryId, State},
    store::{Store, StoreError},
};

impl Store {
    /// Drops those of the entries that are proposals, with the changes that follow them, and returns
    /// all that are dropped. They settle as taken back. Unlike a text that the agent typed, the text
    /// of a proposal becomes no draft.
    pub async fn drop_proposals(
        &self,
        ids: Vec<EntryId>,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.in_place(move |files| {
            let transaction = begin(&mut files.work)?;
            let wall = files.clock.to_wall(at);
            let mut dropped = Vec::new();
            for id in ids {
                let found = find(&transaction, id)?.map(|(entry, _)| entry);
                let Some(entry) = found.filter(|it| it.state.proposal().is_some()) else {
                    continue;
                };
                for follower in following(&transaction, &entry)? {
                    dropped.push(drop_one(&transaction, follower, wall)?);
                }
                dropped.push(drop_one(&transaction, entry, wall)?);
            }
            transaction.commit()?;
            Ok(dropped)
        })
        .await
    }
}

fn drop_one(work: &Connection, entry: Entry, at: Timestamp) -> rusqlite::Result<Entry> {
    let entry = Entry { state: State::TakenBack, ..entry };
    end_with(work, &entry, at)?;
    Ok(entry)
}

/// The changes that were to follow an entry.
fn following(work: &Connection, entry: &Entry) -> rusqlite::Result<Vec<Entry>> {
    let mut ids = work.prepare_cached(
        "SELECT id FROM outbox WHERE after = ?1 AND settled IS NULL ORDER BY turn",
    )?;
    let ids = ids.query_map(params![entry.id], |row| row.get(0))?;
    let ids: Vec<EntryId> = ids.collect::<rusqlite::Result<_>>()?;
    let found = ids.into_iter().map(|id| Ok(find(work, id)?.map(|(entry, _)| entry)));
    found.filter_map(Result::transpose).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Change, ReplyKind, outbox::Decision},
        store::{
            Claim, TakeBack,
            testing::{at, entry, reopen, store},
        },
    };

    fn proposal(id: i64) -> Entry {
        let (by, reason) = ("Claude".into(), "They asked twice.".into());
        let change = Change::Post { kind: ReplyKind::Reply, text: "Hello".into() };
        let state = State::Decision { reason: Decision::Proposed { by, reason } };
        Entry { change, state, ..entry(id, 1) }
    }

    #[tokio::test]
    async fn a_dropped_proposal_leaves_no_draft_and_takes_along_what_follows_it() {
        let (folder, store) = store().await;
        let leads = proposal(1);
        let follows = Entry { after: Some(leads.id), ..entry(2, 1) };
        let own = Entry { ticket: leads.ticket, ..entry(3, 1) };
        store.queue(vec![leads.clone(), follows, own.clone()], vec![]).await.unwrap();
        store.close().await;
        let store = reopen(folder.path()).await;
        assert_eq!(store.outbox().await.unwrap()[0], leads, "a restart keeps it");
        let dropped = store.drop_proposals(vec![leads.id, own.id], at(5)).await.unwrap();
        let ids: Vec<EntryId> = dropped.iter().map(|it| it.id).collect();
        assert_eq!(ids, [EntryId(2), EntryId(1)]);
        assert_eq!(store.outbox().await.unwrap(), [own]);
        assert_eq!(store.drafts().await.unwrap(), []);
        let log = store.log(9).await.unwrap();
        assert!(log.iter().all(|it| it.outcome == State::TakenBack) && log.len() == 2, "{log:?}");
        assert_eq!(store.drop_proposals(vec![leads.id], at(6)).await.unwrap(), []);
        assert!(matches!(store.take_back(leads.id, at(6)).await.unwrap(), TakeBack::TooLate(_)));
    }

    #[tokio::test]
    async fn a_proposal_lets_the_agents_own_changes_pass_and_is_held_once_it_is_recorded() {
        let (_folder, store) = store().await;
        let (first, second) = (proposal(1), proposal(2));
        let own = Entry { ticket: first.ticket, ..entry(3, 1) };
        let all = vec![first.clone(), second, own.clone()];
        store.queue(all, vec![]).await.unwrap();
        let lease = std::time::Duration::from_secs(60);
        assert!(matches!(store.claim(own.id, at(2), lease).await.unwrap(), Claim::Taken(_)));
        let hold = std::time::Duration::from_secs(5);
        let decided = store.decide(first.id, None, hold, at(3)).await.unwrap().unwrap();
        assert_eq!(decided.state, State::Holding { until: at(8) });
        assert_eq!(store.decide(first.id, None, hold, at(3)).await.unwrap(), None);
    }
}
