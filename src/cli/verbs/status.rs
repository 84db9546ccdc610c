//! `growdesk status`.

use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::TicketArgs,
        lookups,
    },
    domain::plan::Action,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct StatusVerb {
    /// The status: its number, or its title
    status: String,
    #[command(flatten)]
    tickets: TicketArgs,
    #[command(flatten)]
    carry: Carry,
}

impl StatusVerb {
    /// Sets the status.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let ids = self.tickets.ids()?;
        let opened = self.carry.open(common).await?;
        let to = lookups::status(&opened, &self.status).await?;
        self.carry.out(&opened, Job::same(ids, Action::status(to))).await
    }
}
