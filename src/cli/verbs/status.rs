//! `growdesk status`.

use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::Ids,
        lookups,
    },
    domain::plan::Action,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct StatusVerb {
    /// The status: its number, or its title
    status: String,
    /// The tickets: 123 or #123; `-` reads them from standard input, one a line
    #[arg(value_name = "ID", required = true, allow_negative_numbers = true)]
    ids: Vec<String>,
    #[command(flatten)]
    carry: Carry,
}

impl StatusVerb {
    /// Sets the status.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let ids = Ids::of(&self.ids)?;
        let opened = self.carry.open(common).await?;
        let to = lookups::status(&opened, &self.status).await?;
        self.carry.out(&opened, Job::same(ids, Action::status(to))).await
    }
}
