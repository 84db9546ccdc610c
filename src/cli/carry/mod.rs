//! How a verb writes: it plans, makes a step of what is ready, puts the step into the outbox, and tells
//! what became of each ticket. The background task sends it, of this process or of a console that runs.

mod decided;
mod dry;
mod planning;
mod runner;
mod sender;
mod told;
mod underway;

pub(in crate::cli) use sender::Signals;

use std::time::Duration;

use anyhow::anyhow;
use clap::Args;

use super::{Common, Failure, copy::LocalCopy, ids::Ids, opened::Opened, print::Output};
use crate::domain::{
    EntryId, NewTicket, ReplyId, TicketId,
    plan::{Action, Cant},
};
use runner::Runner;
use told::WriteRecord;

/// What every verb that writes takes.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Carry {
    /// Print the plan, and write nothing
    #[arg(long, conflicts_with = "queue")]
    dry_run: bool,
    /// Store the change in the outbox and return; the next console or verb sends it
    #[arg(long)]
    queue: bool,
    /// How long to wait for a server that is away or asks to wait; then what has not left is taken back
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(..=86_400))]
    timeout: u64,
    #[command(flatten)]
    output: Output,
}

/// What is wanted of a ticket, or the reason that holds it back.
pub(in crate::cli) type WishOf<'a> = dyn FnMut(TicketId, &LocalCopy) -> Result<Action, Cant> + 'a;

/// What is wanted of some tickets.
pub(in crate::cli) struct Job<'a> {
    /// The tickets.
    pub(in crate::cli) ids: Ids,
    /// What is wanted of each.
    pub(in crate::cli) wish: Box<WishOf<'a>>,
    /// The message that has to be the newest when a reply is recorded.
    pub(in crate::cli) last: Option<ReplyId>,
}

impl<'a> Job<'a> {
    /// The same action for all tickets.
    pub(in crate::cli) fn same(ids: Ids, action: Action) -> Self {
        Self::each(ids, move |_, _| Ok(action.clone()))
    }

    /// An action for each ticket.
    pub(in crate::cli) fn each(
        ids: Ids,
        wish: impl FnMut(TicketId, &LocalCopy) -> Result<Action, Cant> + 'a,
    ) -> Self {
        Self { ids, wish: Box::new(wish), last: None }
    }
}

impl Carry {
    /// Opens the profile for a verb that writes.
    ///
    /// # Errors
    /// A usage error if the profile is read-only, or the output can't have the form that is asked for.
    pub(in crate::cli) async fn open(&self, common: &Common) -> Result<Opened, Failure> {
        if self.dry_run {
            self.output.format::<dry::PlanRecord>()?;
        } else {
            self.output.format::<WriteRecord>()?;
        }
        let opened = Opened::open(common).await?;
        if opened.profile.read_only {
            let name = &opened.profile.name;
            let help = "name another profile with --profile; or take away `read_only` of the profile, \
                        or GROWDESK_READ_ONLY";
            let failure = anyhow!("the profile \"{name}\" is read-only; nothing was done");
            return Err(Failure::usage(failure).with_help(help));
        }
        Ok(opened)
    }

    /// Does what is wanted of each ticket, and tells what became of it, as each settles.
    pub(in crate::cli) async fn out(&self, opened: &Opened, job: Job<'_>) -> Result<(), Failure> {
        Runner::new(opened, self)?.run(job).await
    }

    /// Lets changes of the outbox go on that wait for a decision, and tells what became of each.
    pub(in crate::cli) async fn decide(
        &self,
        opened: &Opened,
        ids: Vec<EntryId>,
    ) -> Result<(), Failure> {
        Runner::new(opened, self)?.decide(ids).await
    }

    /// Creates a ticket.
    pub(in crate::cli) async fn create(
        &self,
        opened: &Opened,
        new: NewTicket,
    ) -> Result<(), Failure> {
        Runner::new(opened, self)?.create(new).await
    }

    /// Whether nothing is to be written.
    pub(in crate::cli) fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// How long the server is waited for.
    pub(in crate::cli) fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}
