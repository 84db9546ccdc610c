//! `growdesk contacts`.

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{
        Common, Failure, names,
        opened::Opened,
        print::{self, Output, Record},
        verbs::answers::all_read,
    },
    domain::{Line, fuzzy::Search},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct ContactsVerb {
    /// Only persons with these words in name or address
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Only persons of this client, by number or name
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// A contact person, for scripts.
#[derive(Serialize)]
struct ContactRecord<'a> {
    id: i64,
    name: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    account_owner: bool,
}

impl Record for ContactRecord<'_> {
    const FIELDS: &'static [&'static str] = &["id", "name", "email", "phone", "account_owner"];
}

impl ContactsVerb {
    /// Prints them.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<ContactRecord<'_>>()?;
        let opened = Opened::open(common).await?;
        let page = match &self.client {
            Some(wanted) => {
                let client = names::client(&opened, wanted).await?;
                opened.api().await?.contacts(client).await
            }
            None => opened.api().await?.all_contacts().await,
        };
        let mut all = all_read(page.map_err(Failure::of_api)?);
        let mut search = Search::words(&self.words.join(" "));
        all.retain(|it| {
            let email = it.email.as_ref().map(Line::as_str).unwrap_or_default();
            search.score(&format!("{} {email}", it.name)).is_some()
        });
        let text = |it: &Option<Line>| it.as_ref().map(ToString::to_string).unwrap_or_default();
        let rows = all.iter().map(|it| {
            let owner = if it.account_owner { "owner" } else { "" };
            let (id, name) = (it.id.0.to_string(), it.name.to_string());
            vec![id, text(&it.phone), owner.to_owned(), text(&it.email), name]
        });
        let items = all.iter().map(|it| ContactRecord {
            id: it.id.0,
            name: it.name.as_stored(),
            email: it.email.as_ref().map(Line::as_stored),
            phone: it.phone.as_ref().map(Line::as_stored),
            account_owner: it.account_owner,
        });
        let head = ["ID", "PHONE", "ACCOUNT", "EMAIL", "NAME"];
        Ok(print::list(&format, &head, rows, items)?)
    }
}
