//! What a run reads from the server before it plans.

use std::time::Duration;

use tokio::time::Instant;

use super::{Begun, Runner};
use crate::{
    cli::{
        Failure,
        carry::{
            sender::{self, ReadOutcome},
            told::{WriteOutcome, WriteRecord},
        },
        copy::LocalCopy,
        failure::Code,
        fresh::Freshness,
    },
    desk::Read,
    domain::{
        Change, Problem, State, TicketId,
        plan::{self, Cant, PlanLine},
    },
};

impl Runner<'_> {
    /// Whether the server may say something else of a ticket for which nothing can be done by the local
    /// copy.
    pub(super) fn may_be_otherwise(&self, line: &PlanLine) -> bool {
        match &line.outcome {
            plan::Outcome::Ready(_) => false,
            plan::Outcome::Already => !self.only_stores(),
            plan::Outcome::Cant(Cant::Gone | Cant::Refused(_)) | plan::Outcome::Choose(_) => {
                !self.opened.offline
            }
            plan::Outcome::Cant(_) => false,
        }
    }

    /// Whether a change would start from values that others may have changed since they were read.
    pub(super) async fn is_from_old_copy(&self, line: &PlanLine) -> Result<bool, Failure> {
        let starts_from = |it: &Change| matches!(it, Change::Status(_) | Change::Fields(_));
        let starts = |it: &plan::Ready| it.changes.iter().any(|it| starts_from(&it.change));
        if self.only_stores() || self.carry.dry_run || !line.ready().is_some_and(starts) {
            return Ok(false);
        }
        let poll = self.opened.profile.poll;
        Ok(!Freshness::of(&self.opened.store, poll).await?.is_younger_than(poll))
    }

    /// What is told where the same change of the ticket waits for a decision already.
    pub(super) async fn waits_already(
        &self,
        line: &PlanLine,
    ) -> Result<Option<WriteRecord>, Failure> {
        let Some(first) = line.ready().and_then(|it| it.changes.first()) else { return Ok(None) };
        let outbox = self.opened.store.outbox().await?;
        let same = outbox.into_iter().find(|it| {
            let is_of = it.ticket.is_some() && it.ticket == line.ticket;
            // A text may be meant twice, or go by another newest message.
            let is_post = matches!(it.change, Change::Post { .. });
            is_of && !is_post && it.change.asks_for_same(&first.change)
        });
        Ok(match same.map(|it| it.state) {
            Some(State::Decision { reason }) if !self.carry.dry_run => {
                let why = format!(
                    "the same change waits in the outbox for your decision already: {}",
                    reason.why()
                );
                let (outcome, code) = (WriteOutcome::Decision, Code::Undecided);
                Some(WriteRecord::wrong(line.ticket, outcome, code, why))
            }
            _ => None,
        })
    }

    pub(super) fn unread(&mut self, id: TicketId, problem: &Problem) -> Result<Begun, Failure> {
        let code = Code::of_read(problem);
        let error = match code {
            Code::NotFound => "there is no such ticket".to_owned(),
            _ => format!("the ticket can't be read, so nothing was done: {problem}"),
        };
        self.tell(WriteRecord::wrong(Some(id), WriteOutcome::Failed, code, error))?;
        // The next ticket would meet the same.
        if matches!(code, Code::KeyRefused | Code::Unreachable | Code::Limited) {
            self.stop = Some((code, problem.to_string()));
        }
        Ok(Begun::On)
    }

    /// Learns the newest message of a ticket, before something is said to the customer.
    pub(super) async fn look_at_conversation(
        &mut self,
        id: TicketId,
        copy: &mut LocalCopy,
    ) -> Result<ReadOutcome, Failure> {
        let stored = self.opened.store.conversation(id).await?.is_some();
        let may_ask = !(self.opened.offline || self.carry.queue && stored);
        let since = Instant::now();
        let answer = match may_ask {
            true => self.read(sender::conversation(id), self.patience()).await?,
            false => ReadOutcome::Read,
        };
        if let Some((replies, _)) = self.opened.store.conversation(id).await?
            && let Some(newest) = replies.iter().map(|reply| reply.id).max()
        {
            copy.seen.insert(id, newest);
        }
        copy.take_in(&self.opened.store, &[id]).await?;
        if let ReadOutcome::Not(_) = answer {
            // The change waits in the outbox, and the verb has waited for the server already.
            self.stuck.get_or_insert(since);
        }
        Ok(answer)
    }

    /// How long a read is tried.
    pub(super) fn patience(&self) -> Duration {
        if self.only_stores() { Duration::ZERO } else { self.carry.patience() }
    }

    pub(super) async fn read(
        &mut self,
        read: Read,
        patience: Duration,
    ) -> Result<ReadOutcome, Failure> {
        let mut heard = Vec::new();
        self.sender().await?;
        let (Some(sender), Some(signals)) = (&mut self.sender, &mut self.signals) else {
            return Ok(ReadOutcome::Stopped);
        };
        let answer = sender.read(&read, patience, signals, &mut heard).await;
        heard.into_iter().try_for_each(|report| self.hear(report))?;
        Ok(answer)
    }
}
