//! `growdesk delete`.

use anyhow::anyhow;
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
pub(in crate::cli) struct DeleteVerb {
    #[command(flatten)]
    tickets: TicketArgs,
    /// Really delete them and their conversations, for good
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    carry: Carry,
}

impl DeleteVerb {
    /// Deletes the tickets.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let ids = self.tickets.ids()?;
        if !self.yes && !self.carry.is_dry_run() {
            let help = "add --yes if you mean it, or --dry-run to see what would go";
            let error = anyhow!("a deletion is for good, so it wants --yes; nothing was done");
            return Err(Failure::usage(error).with_help(help));
        }
        let opened = self.carry.open(common).await?;
        self.carry.out(&opened, Job::same(ids, Action::DeleteTicket)).await
    }
}
