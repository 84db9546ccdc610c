//! `growdesk archive` and `growdesk restore`.

use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::TicketArgs,
    },
    domain::plan::Action,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct ArchiveVerb {
    #[command(flatten)]
    tickets: TicketArgs,
    #[command(flatten)]
    carry: Carry,
}

impl ArchiveVerb {
    /// Archives the tickets (`true`), or restores them.
    pub(in crate::cli) async fn run(self, to: bool, common: &Common) -> Result<(), Failure> {
        let ids = self.tickets.ids()?;
        let opened = self.carry.open(common).await?;
        self.carry.out(&opened, Job::same(ids, Action::archived(to))).await
    }
}
