//! `growdesk priority`.

use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::Ids,
        names,
    },
    domain::plan::{Action, Fields},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct PriorityVerb {
    /// The priority: normal, high or urgent
    priority: String,
    /// The tickets: 123 or #123; `-` reads them from standard input, one a line
    #[arg(value_name = "ID", required = true, allow_negative_numbers = true)]
    ids: Vec<String>,
    #[command(flatten)]
    carry: Carry,
}

impl PriorityVerb {
    /// Sets the priority.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let ids = Ids::of(&self.ids)?;
        let fields =
            Fields { priority: Some(names::priority(&self.priority)?), ..Fields::default() };
        let opened = self.carry.open(common).await?;
        self.carry.out(&opened, Job::same(ids, Action::fields(fields))).await
    }
}
