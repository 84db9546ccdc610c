//! How long a run waits for its changes, and what it does with those that nobody waits for any longer.

use std::time::Duration;

use tokio::time::Instant;

use super::{Runner, Sender, Underway};
use crate::{
    cli::{
        Failure,
        carry::told::{WriteOutcome, WriteRecord},
        failure::{self, Code},
    },
    domain::{Entry, Problem, ProblemKind, State, TicketId},
    text::clean,
};

/// How often and how long a change that another process sends is looked at before it is told as it is.
const FATE: (u32, Duration) = (10, Duration::from_millis(200));

impl Runner<'_> {
    /// Whether changes are stored, and nothing is sent.
    pub(in crate::cli::carry) fn only_stores(&self) -> bool {
        self.carry.queue || self.opened.offline
    }

    /// How long a change is held. A script has no hand on the undo key, so what is sent now is not.
    pub(in crate::cli::carry) fn hold(&self) -> Duration {
        if self.only_stores() { self.opened.profile.hold } else { Duration::ZERO }
    }

    /// Stores the changes of a ticket. A later console or verb sends them.
    pub(super) async fn store_only(
        &mut self,
        ticket: Option<TicketId>,
        entries: Vec<Entry>,
    ) -> Result<(), Failure> {
        if let Err(error) = self.opened.store.queue(entries, Vec::new()).await {
            let why = format!("{error}; nothing was done");
            // The next ticket would meet the same.
            self.stop = Some((Code::Failed, error.to_string()));
            return self.tell(WriteRecord::wrong(ticket, WriteOutcome::Failed, Code::Failed, why));
        }
        if !self.carry.queue && !self.is_offline_told {
            failure::notice("--offline: the next console or verb that is not offline sends it");
            self.is_offline_told = true;
        }
        self.tell(WriteRecord::well(ticket, WriteOutcome::Queued))
    }

    /// Whether nothing can be done where the conversation can't be read.
    pub(super) fn ends(&self, problem: &Problem) -> bool {
        let waits = matches!(Code::of_problem(problem), Code::Unreachable | Code::Limited);
        matches!(Code::of_read(problem), Code::NotFound | Code::KeyRefused)
            || waits && !self.only_stores()
    }

    /// Looks at what others have made of the entries.
    pub(super) async fn look(&mut self) -> Result<(), Failure> {
        let lines: Vec<_> = self.lines.iter().map(|(at, it)| (*at, it.ids())).collect();
        for (at, ids) in lines {
            for id in ids {
                match self.opened.store.entry(id).await? {
                    Some(entry) => self.moved(&entry)?,
                    // The task has an entry before the store has it.
                    None if self.lines.get(&at).is_some_and(|it| it.is_stored) => {
                        self.lose(at, "the change is no longer in the store")?;
                    }
                    None => {}
                }
            }
        }
        self.look_ahead().await
    }

    /// Finds a change of somebody else's that keeps one of this run waiting.
    async fn look_ahead(&mut self) -> Result<(), Failure> {
        self.ahead = None;
        if self.lines.is_empty() || self.lines.values().any(Underway::is_out) {
            return Ok(());
        }
        let own: Vec<_> = self.lines.values().flat_map(Underway::ids).collect();
        let tickets: Vec<_> = self.lines.values().filter_map(|it| it.ticket).collect();
        let before = self.opened.store.outbox().await?.into_iter().find(|it| {
            let waits = matches!(it.state, State::Decision { .. });
            !waits && !own.contains(&it.id) && it.ticket.is_some_and(|it| tickets.contains(&it))
        });
        self.ahead = before.map(|it| match it.state {
            State::Waiting { problem, .. } | State::Doubtful { problem, .. } => problem,
            _ => {
                let said = "an earlier change of the ticket has not left yet";
                Problem::new(ProblemKind::Unreachable, clean::line(said))
            }
        });
        Ok(())
    }

    fn lose(&mut self, at: usize, why: &str) -> Result<(), Failure> {
        let Some(line) = self.lines.remove(&at) else { return Ok(()) };
        let why = format!("{why}, so its fate is not known");
        self.tell(WriteRecord::wrong(line.ticket, WriteOutcome::Doubtful, Code::Undecided, why))
    }

    /// The changes are no longer there.
    pub(super) fn lose_all(&mut self, why: &str) -> Result<(), Failure> {
        let all: Vec<usize> = self.lines.keys().copied().collect();
        all.into_iter().try_for_each(|at| self.lose(at, why))
    }

    /// Gives up once the server has kept the changes waiting for too long.
    pub(super) async fn lose_patience(&mut self) -> Result<(), Failure> {
        let of_lines = self.lines.values().find_map(Underway::trouble).cloned();
        let trouble = of_lines.or_else(|| self.sender.as_ref().and_then(Sender::trouble));
        let trouble = trouble.or_else(|| self.ahead.clone());
        let Some(problem) = trouble.filter(|_| !self.lines.is_empty()) else {
            self.stuck = None;
            return Ok(());
        };
        let since = *self.stuck.get_or_insert_with(Instant::now);
        let code = Code::of_read(&problem);
        // What the store does not have yet can't be taken back. The task tells when it has it.
        if !self.lines.values().all(|it| it.is_stored) {
            return Ok(());
        }
        // A key that is not accepted will not be accepted in a minute either.
        if code == Code::KeyRefused || since.elapsed() >= self.carry.patience() {
            self.give_up(code, &problem.to_string()).await?;
            self.stop = Some((code, problem.to_string()));
        }
        Ok(())
    }

    /// Takes back what has not left: who tries again shall not find it done twice.
    async fn give_up(&mut self, code: Code, why: &str) -> Result<(), Failure> {
        self.rest().await;
        self.look().await?;
        for mut line in std::mem::take(&mut self.lines).into_values() {
            if !line.is_own {
                self.tell(line.left(Code::Undecided, why))?;
                continue;
            }
            for _ in 0..FATE.0 {
                let now = self.opened.store.clock().now();
                let entries = self.opened.store.give_up(line.ids(), now).await?;
                for entry in &entries {
                    line.take_in(entry);
                }
                if !line.is_out() {
                    break;
                }
                tokio::time::sleep(FATE.1).await;
            }
            self.tell(line.given_up(code, why))?;
        }
        Ok(())
    }

    /// Tells what nobody waits for any longer, and stays in the outbox.
    pub(super) async fn leave(&mut self, code: Code, why: &str) -> Result<(), Failure> {
        self.rest().await;
        self.look().await?;
        for line in std::mem::take(&mut self.lines).into_values() {
            self.tell(line.left(code, why))?;
        }
        Ok(())
    }

    /// Gives a request that is out a moment to end.
    async fn rest(&mut self) {
        if let Some(sender) = &self.sender
            && self.lines.values().any(Underway::is_out)
        {
            sender.rest().await;
            self.rested = self.lines.values().all(|it| it.is_stored);
        }
    }
}
