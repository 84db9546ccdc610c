//! Changes of the outbox that wait for a decision, and are to go on.

use super::{
    runner::Runner,
    sender::Signals,
    told::{WriteOutcome, WriteRecord},
    underway::Underway,
};
use crate::{
    cli::{Failure, failure::Code},
    domain::{Entry, EntryId, State},
};

impl Runner<'_> {
    /// Lets each of the entries go on.
    pub(super) async fn decide(mut self, ids: Vec<EntryId>) -> Result<(), Failure> {
        let done = self.let_go(ids).await;
        self.end(done).await
    }

    async fn let_go(&mut self, ids: Vec<EntryId>) -> Result<(), Failure> {
        self.signals.get_or_insert(Signals::listen()?);
        for id in ids {
            self.let_one_go(id).await?;
        }
        if self.lines.is_empty() {
            return Ok(());
        }
        // The task finds them in the outbox.
        self.sender().await?;
        while !self.lines.is_empty() && self.stop.is_none() {
            self.wait().await?;
        }
        Ok(())
    }

    async fn let_one_go(&mut self, id: EntryId) -> Result<(), Failure> {
        let store = &self.opened.store;
        let Some(entry) = store.entry(id).await? else {
            let why = format!("there is no change {} in the outbox", id.0);
            return self.tell(WriteRecord::wrong(None, WriteOutcome::Failed, Code::NotFound, why));
        };
        let ticket = entry.ticket;
        if self.carry.is_dry_run() && matches!(entry.state, State::Decision { .. }) {
            return self.tell(WriteRecord::well(ticket, WriteOutcome::Decision));
        }
        let hold = self.hold();
        let now = store.clock().now();
        let Some(decided) = store.decide(id, None, hold, now).await? else {
            let state = store.entry(id).await?.map_or(entry.state, |it| it.state);
            let why = format!("it waits for no decision: it is {}", state.as_str());
            return self.tell(WriteRecord::wrong(ticket, WriteOutcome::Failed, Code::Usage, why));
        };
        if self.only_stores() {
            return self.tell(WriteRecord::well(ticket, WriteOutcome::Queued));
        }
        let all = store.outbox().await?;
        let follows = all.into_iter().filter(|it| it.after == Some(id));
        let entries: Vec<Entry> = std::iter::once(decided).chain(follows).collect();
        self.begun += 1;
        self.lines.insert(self.begun, Underway { ticket, entries, is_own: false, is_stored: true });
        Ok(())
    }
}
