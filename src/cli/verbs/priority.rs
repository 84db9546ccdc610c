//! `growdesk priority`.

use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::TicketArgs,
        names,
    },
    domain::plan::{Action, Fields},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct PriorityVerb {
    /// The priority: normal, high or urgent
    priority: String,
    #[command(flatten)]
    tickets: TicketArgs,
    #[command(flatten)]
    carry: Carry,
}

impl PriorityVerb {
    /// Sets the priority.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let ids = self.tickets.ids()?;
        let fields =
            Fields { priority: Some(names::priority(&self.priority)?), ..Fields::default() };
        let opened = self.carry.open(common).await?;
        self.carry.out(&opened, Job::same(ids, Action::fields(fields))).await
    }
}
