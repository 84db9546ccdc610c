//! `growdesk departments`.

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{
        Common, Failure,
        failure::notice,
        opened::Opened,
        print::{self, Output, Record},
        verbs::answers::{all_read, may_use_copy},
    },
    domain::Department,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct DepartmentsVerb {
    /// Ask the server nothing
    #[arg(long)]
    cached: bool,
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
        let cached = self.cached || opened.offline;
        let all = if cached { stored(&opened).await? } else { fetched(&opened).await? };
        let rows = all.iter().map(|it| vec![it.id.0.to_string(), it.name.to_string()]);
        let items =
            all.iter().map(|it| DepartmentRecord { id: it.id.0, name: it.name.as_stored() });
        Ok(print::list(&format, &["ID", "NAME"], rows, items)?)
    }
}

async fn stored(opened: &Opened) -> Result<Vec<Department>, Failure> {
    let all = opened.store.directory().await?.departments;
    if all.is_empty() {
        notice("no departments are in the local copy");
    }
    Ok(all)
}

/// The departments as the server has them. The local copy keeps them.
async fn fetched(opened: &Opened) -> Result<Vec<Department>, Failure> {
    let departments = match opened.api().await?.departments().await {
        Ok(page) => all_read(page),
        Err(error) => {
            let problem = may_use_copy(error)?;
            let stored = opened.store.directory().await?.departments;
            if stored.is_empty() {
                return Err(Failure::of_read(&problem));
            }
            notice(&format!("{problem}; these are the departments as they were last read"));
            return Ok(stored);
        }
    };
    let mut directory = opened.store.directory().await?;
    if directory.departments != departments {
        directory.departments.clone_from(&departments);
        opened.store.save_directory(directory).await?;
    }
    Ok(departments)
}
