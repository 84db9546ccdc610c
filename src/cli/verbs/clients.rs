//! `growdesk clients`.

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{
        Common, Failure,
        copy::LocalCopy,
        failure::notice,
        names,
        opened::Opened,
        print::{self, Output, Record},
        verbs::answers::{all_read, may_use_copy},
    },
    domain::{Client, Line, Named, fuzzy::Search},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct ClientsVerb {
    /// Only clients with these words in their names
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Ask the server nothing: those that tickets of the local copy have
    #[arg(long)]
    cached: bool,
    #[command(flatten)]
    output: Output,
}

/// A client, for scripts.
#[derive(Serialize)]
struct ClientRecord<'a> {
    id: i64,
    name: &'a str,
    phone: Option<&'a str>,
    owner: Option<&'a str>,
}

impl Record for ClientRecord<'_> {
    const FIELDS: &'static [&'static str] = &["id", "name", "phone", "owner"];
}

impl ClientsVerb {
    /// Prints them.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<ClientRecord<'_>>()?;
        let opened = Opened::open(common).await?;
        let words = self.words.join(" ");
        let all = if self.cached || opened.offline {
            stored(&opened, &words).await?
        } else {
            match opened.api().await?.all_clients(&words).await {
                Ok(page) => all_read(page),
                Err(error) => {
                    let problem = may_use_copy(error)?;
                    if opened.store.count(None).await? == 0 {
                        return Err(Failure::of_read(&problem));
                    }
                    notice(&format!(
                        "{problem}; these are the clients of the tickets that are stored"
                    ));
                    stored(&opened, &words).await?
                }
            }
        };
        let text = |it: &Option<Line>| it.as_ref().map(ToString::to_string).unwrap_or_default();
        let rows = all.iter().map(|it| {
            vec![it.id.0.to_string(), text(&it.phone), text(&it.owner), it.name.to_string()]
        });
        let items = all.iter().map(|it| ClientRecord {
            id: it.id.0,
            name: it.name.as_stored(),
            phone: it.phone.as_ref().map(Line::as_stored),
            owner: it.owner.as_ref().map(Line::as_stored),
        });
        Ok(print::list(&format, &["ID", "PHONE", "OWNER", "NAME"], rows, items)?)
    }
}

/// The clients of the tickets in the local copy. Nothing else of them is stored.
async fn stored(opened: &Opened, words: &str) -> Result<Vec<Client>, Failure> {
    let copy = LocalCopy::read(opened).await?;
    let all = names::clients_of_tickets(copy.rows()).into_iter();
    let all = all.map(|Named { id, name }| Client { id, name, phone: None, owner: None });
    let mut search = Search::words(words);
    Ok(all.filter(|it| search.score(it.name.as_str()).is_some()).collect())
}
