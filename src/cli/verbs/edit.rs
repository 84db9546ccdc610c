//! `growdesk edit`.

use anyhow::anyhow;
use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        copy::LocalCopy,
        failure,
        ids::Ids,
        lookups, names,
        text_source::TextSource,
    },
    domain::{
        TicketId,
        plan::{Action, Fields},
    },
    text::{clean, markdown},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct EditVerb {
    /// The ticket: 123 or #123
    #[arg(value_name = "ID", allow_negative_numbers = true)]
    id: String,
    /// The subject, 250 characters at most
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// The opening message, Markdown; `-` reads it from standard input
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// The department: its number, or its name
    #[arg(long, value_name = "DEPARTMENT")]
    department: Option<String>,
    /// The project: its number, its title, or `none`
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// The priority: normal, high or urgent
    #[arg(long, value_name = "PRIORITY")]
    priority: Option<String>,
    #[command(flatten)]
    carry: Carry,
}

impl EditVerb {
    /// Sets the fields.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let mut ids = Ids::of(std::slice::from_ref(&self.id))?;
        if !ids.is_one() {
            return Err(Failure::usage(anyhow!("edit takes one ticket, named by its number")));
        }
        let fields =
            [&self.subject, &self.message, &self.department, &self.project, &self.priority];
        if fields.iter().all(|it| it.is_none()) {
            let help = "give --subject, --message, --department, --project or --priority";
            let error = anyhow!("nothing says what is to change; nothing was done");
            return Err(Failure::usage(error).with_help(help));
        }
        let priority = self.priority.as_deref().map(names::priority).transpose()?;
        let subject = self.subject.as_deref().map(super::subject).transpose()?;
        let opened = self.carry.open(common).await?;
        let patience = self.carry.patience();
        let department = match &self.department {
            Some(wanted) => Some(lookups::department(&opened, wanted, patience).await?),
            None => None,
        };
        let project = match self.project.as_deref() {
            Some(lookups::NONE) => Some(None),
            Some(wanted) => {
                let Some(Ok(TicketId(id))) = ids.next().await else { return Ok(()) };
                let copy = LocalCopy::of(&opened, &[TicketId(id)]).await?;
                let client = copy.row(TicketId(id)).and_then(|row| row.ticket.client);
                let client = client.map(|it| it.id);
                ids = Ids::of(std::slice::from_ref(&self.id))?;
                Some(Some(lookups::project(&opened, client, wanted, patience).await?))
            }
            None => None,
        };
        let message = match &self.message {
            Some(text) => Some(markdown::to_html(&TextSource::of(text).read().await?)),
            None => None,
        };
        if !opened.profile.custom.is_empty() {
            failure::notice(
                "the API does not tell custom fields, so recording an edit may clear them",
            );
        }
        let subject = subject.map(|it| clean::line(&it));
        let fields = Fields { subject, message, department, project, priority };
        self.carry.out(&opened, Job::same(ids, Action::fields(fields))).await
    }
}
