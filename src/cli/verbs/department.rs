//! `growdesk department`.

use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::Ids,
        lookups,
    },
    domain::plan::{Action, Fields},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct DepartmentVerb {
    /// The department: its number, or its name
    department: String,
    /// The tickets: 123 or #123; `-` reads them from standard input, one a line
    #[arg(value_name = "ID", required = true, allow_negative_numbers = true)]
    ids: Vec<String>,
    #[command(flatten)]
    carry: Carry,
}

impl DepartmentVerb {
    /// Moves the tickets into the department.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let ids = Ids::of(&self.ids)?;
        let opened = self.carry.open(common).await?;
        let to = lookups::department(&opened, &self.department, self.carry.patience()).await?;
        let fields = Fields { department: Some(to), ..Fields::default() };
        self.carry.out(&opened, Job::same(ids, Action::fields(fields))).await
    }
}
