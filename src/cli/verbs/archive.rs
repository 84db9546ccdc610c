//! `growdesk archive` and `growdesk restore`.

use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::Ids,
    },
    domain::plan::Action,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct ArchiveVerb {
    /// The tickets: 123 or #123; `-` reads them from standard input, one a line
    #[arg(value_name = "ID", required = true, allow_negative_numbers = true)]
    ids: Vec<String>,
    #[command(flatten)]
    carry: Carry,
}

impl ArchiveVerb {
    /// Archives the tickets (`true`), or restores them.
    pub(in crate::cli) async fn run(self, to: bool, common: &Common) -> Result<(), Failure> {
        let ids = Ids::of(&self.ids)?;
        let opened = self.carry.open(common).await?;
        self.carry.out(&opened, Job::same(ids, Action::archived(to))).await
    }
}
