//! `growdesk department`.

use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::TicketArgs,
        lookups,
    },
    domain::plan::{Action, Fields},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct DepartmentVerb {
    /// The department: its number, or its name
    department: String,
    #[command(flatten)]
    tickets: TicketArgs,
    #[command(flatten)]
    carry: Carry,
}

impl DepartmentVerb {
    /// Moves the tickets into the department.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let ids = self.tickets.ids()?;
        let opened = self.carry.open(common).await?;
        let to = lookups::department(&opened, &self.department, self.carry.patience()).await?;
        let fields = Fields { department: Some(to), ..Fields::default() };
        self.carry.out(&opened, Job::same(ids, Action::fields(fields))).await
    }
}
