//! `growdesk departments`.

use clap::Args;
use serde::Serialize;

use crate::cli::{
    Common, Failure,
    opened::Opened,
    print::{self, Output, Record},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct DepartmentsVerb {
    #[command(flatten)]
    output: Output,
}

/// A department, for scripts.
#[derive(Serialize)]
struct DepartmentRecord<'a> {
    id: i64,
    name: &'a str,
}

impl Record for DepartmentRecord<'_> {
    const FIELDS: &'static [&'static str] = &["id", "name"];
}

impl DepartmentsVerb {
    /// Prints them.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<DepartmentRecord<'_>>()?;
        let opened = Opened::open(common).await?;
        let all = opened.store.directory().await?.departments;
        let rows = all.iter().map(|it| vec![it.id.0.to_string(), it.name.to_string()]);
        let items =
            all.iter().map(|it| DepartmentRecord { id: it.id.0, name: it.name.as_stored() });
        Ok(print::list(&format, &["ID", "NAME"], rows, items)?)
    }
}
