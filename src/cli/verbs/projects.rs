//! `growdesk projects`.

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{
        Common, Failure, names,
        opened::Opened,
        print::{self, Output, Record},
        ticket_record::NamedRecord,
        verbs::answers::all_read,
    },
    domain::fuzzy::Search,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct ProjectsVerb {
    /// Only projects with these words in their titles
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Only projects of this client, by number or name
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// A project, for scripts.
#[derive(Serialize)]
struct ProjectRecord<'a> {
    id: i64,
    title: &'a str,
    client: Option<NamedRecord<'a>>,
}

impl Record for ProjectRecord<'_> {
    const FIELDS: &'static [&'static str] = &["id", "title", "client"];
}

impl ProjectsVerb {
    /// Prints them.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<ProjectRecord<'_>>()?;
        let opened = Opened::open(common).await?;
        let client = match &self.client {
            Some(wanted) => Some(names::client(&opened, wanted).await?),
            None => None,
        };
        let page = opened.api().await?.projects_with_clients(client).await;
        let mut all = all_read(page.map_err(Failure::of_api)?);
        let mut search = Search::words(&self.words.join(" "));
        all.retain(|(project, _)| search.score(project.title.as_str()).is_some());
        let rows = all.iter().map(|(project, client)| {
            let client = client.as_ref().map(|it| it.name.to_string()).unwrap_or_default();
            vec![project.id.0.to_string(), client, project.title.to_string()]
        });
        let items = all.iter().map(|(project, client)| ProjectRecord {
            id: project.id.0,
            title: project.title.as_stored(),
            client: client
                .as_ref()
                .map(|it| NamedRecord { id: it.id.0, name: it.name.as_stored() }),
        });
        Ok(print::list(&format, &["ID", "CLIENT", "TITLE"], rows, items)?)
    }
}
