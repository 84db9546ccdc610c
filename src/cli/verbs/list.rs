//! `growdesk list`: the tickets of a view, narrowed as the flags say.

use std::collections::HashSet;

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use jiff::Timestamp;

use crate::{
    cli::{
        Common, Failure,
        copy::LocalCopy,
        failure::notice,
        fresh, names,
        opened::Opened,
        print::{self, Format, Output},
        ticket_record::{self, Pages, TicketRecord},
    },
    domain::{
        ActiveState, Narrow, Place, Priority, RowRef, Rows, Sort, SortKey, TicketId, View,
        change::stored_tag,
    },
    worker,
};

/// The sort keys, by their names.
const SORTS: [SortKey; 6] = [
    SortKey::Waiting,
    SortKey::Updated,
    SortKey::Created,
    SortKey::Priority,
    SortKey::Status,
    SortKey::Wake,
];

#[derive(Debug, Args)]
pub(in crate::cli) struct ListVerb {
    /// The view: one that everybody has, Snoozed, Pinned, or one of the configuration [default: All]
    #[arg(long, value_name = "NAME")]
    view: Option<String>,
    #[command(flatten)]
    conditions: Conditions,
    /// Look for the words of --search in messages and replies too
    #[arg(long, requires = "search")]
    in_texts: bool,
    /// The order [default: the view's]
    #[arg(long, value_name = "KEY", value_parser = sorts())]
    sort: Option<SortKey>,
    /// Turn the order round
    #[arg(long)]
    reverse: bool,
    /// Print so many of the first at the most [default: all]
    #[arg(long, short = 'n', value_name = "N")]
    limit: Option<usize>,
    /// Print the numbers alone, one a line
    #[arg(long, conflicts_with = "json")]
    ids: bool,
    /// Ask the server nothing
    #[arg(long)]
    cached: bool,
    #[command(flatten)]
    output: Output,
}

/// Conditions that a ticket must meet, all of them.
#[derive(Debug, Args)]
struct Conditions {
    /// One of these statuses, by number or title
    #[arg(long, value_name = "STATUS,..", value_delimiter = ',')]
    status: Vec<String>,
    /// One of these priorities
    #[arg(long, value_name = "PRIORITY,..", value_delimiter = ',')]
    priority: Vec<String>,
    /// This department, or one of several, by number or name
    #[arg(long, value_name = "DEPARTMENT")]
    department: Vec<String>,
    /// This client, by number or name
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// This project, by number or title
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// With this tag, and with every other that is named
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Archived tickets in place of active ones
    #[arg(long)]
    archived: bool,
    /// With all these words in number, subject, client, department, status or tags
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
}

fn sorts() -> impl clap::builder::TypedValueParser<Value = SortKey> {
    PossibleValuesParser::new(SORTS.map(SortKey::as_str))
        .map(|name| SORTS.into_iter().find(|it| it.as_str() == name).unwrap_or_default())
}

impl ListVerb {
    /// Prints the tickets.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<TicketRecord<'_>>()?;
        let priorities = self.conditions.priorities()?;
        let opened = Opened::open(common).await?;
        let view = self.view(&opened)?;
        let cached = self.cached || opened.offline;
        fresh::bring_up_to_date(&opened, cached).await?;
        let copy = LocalCopy::read(&opened).await?;
        let narrow = self.conditions.narrow(&opened, &copy, priorities, cached).await?;
        let mut places = self.found(&opened, &copy, view, &narrow).await?;
        places.truncate(self.limit.unwrap_or(usize::MAX));
        Ok(self.print(&format, &opened, &copy, &places)?)
    }

    fn view(&self, opened: &Opened) -> Result<View, Failure> {
        let views = View::all(opened.settings.views.iter().cloned());
        let mut view = match &self.view {
            Some(name) => names::view(&views, name)?.clone(),
            None => View { name: String::new(), query: <_>::default(), sort: <_>::default() },
        };
        if let Some(key) = self.sort {
            view.sort = Sort::by(key);
        }
        if self.reverse {
            view.sort = view.sort.turned();
        }
        Ok(view)
    }

    /// The tickets, in their order.
    async fn found(
        &self,
        opened: &Opened,
        copy: &LocalCopy,
        view: View,
        narrow: &Narrow,
    ) -> Result<Vec<Place>, Failure> {
        let search = self.conditions.search.as_deref().unwrap_or_default();
        let words = if self.in_texts { "" } else { search };
        let Some(query) = narrow.over(&view.query, words, &copy.waiting) else {
            return Ok(Vec::new());
        };
        let mut places = View { query, ..view }.select(copy.rows(), &copy.waiting);
        if self.in_texts {
            let hits = with_words(opened, copy, search, &places).await?;
            places.retain(|place| hits.contains(place));
        }
        Ok(places)
    }

    fn print(
        &self,
        format: &Format,
        opened: &Opened,
        copy: &LocalCopy,
        places: &[Place],
    ) -> std::io::Result<()> {
        let rows = places.iter().filter_map(|place| copy.rows().at(*place));
        if self.ids {
            return print::lines(rows.map(|row| vec![row.id.0.to_string()]));
        }
        let (now, pages) = (Timestamp::now(), Pages::of(&opened.address));
        let waiting = &copy.waiting;
        let cells = |row: RowRef<'_>| ticket_record::cells(row, waiting, format, now);
        match format {
            Format::Table => print::brief(&ticket_record::HEAD, rows.map(cells).collect()),
            Format::Tsv => print::lines(rows.map(cells)),
            Format::Json(fields) => {
                let items = rows.map(|row| TicketRecord::of(row, waiting, &pages));
                print::json_array(fields.as_deref(), items)
            }
        }
    }
}

/// Those of the tickets that have every word in their texts. It says what could not be searched.
async fn with_words(
    opened: &Opened,
    copy: &LocalCopy,
    words: &str,
    among: &[Place],
) -> Result<HashSet<Place>, Failure> {
    worker::index_now(&opened.store).await?;
    let hits = opened.store.search(words.to_owned()).await?;
    let rows = copy.rows();
    let is_unread = |row: RowRef<'_>| row.replies_count > 0 && row.facts.is_none();
    let unread = among.iter().filter(|place| rows.at(**place).is_some_and(is_unread)).count();
    if unread > 0 {
        notice(&format!(
            "the replies of {unread} tickets are not in the local copy, and not searched"
        ));
    }
    Ok(hits.tickets.iter().filter_map(|id: &TicketId| rows.place(*id)).collect())
}

impl Conditions {
    fn priorities(&self) -> Result<Vec<Priority>, Failure> {
        self.priority.iter().map(|wanted| names::priority(wanted)).collect()
    }

    /// The conditions, with what the names stand for.
    async fn narrow(
        &self,
        opened: &Opened,
        copy: &LocalCopy,
        priorities: Vec<Priority>,
        cached: bool,
    ) -> Result<Narrow, Failure> {
        let (rows, directory): (&Rows, _) = (copy.rows(), &copy.directory);
        let statuses = self.status.iter().map(|it| names::status(directory, it).map(|it| it.id));
        let departments: Result<Vec<_>, Failure> = self
            .department
            .iter()
            .map(|it| names::department_of_tickets(directory, rows, it))
            .collect();
        let client =
            self.client.as_ref().map(|it| names::client_of_tickets(rows, it)).transpose()?;
        let project = match &self.project {
            Some(wanted) => {
                let of = client.as_ref().map(|it| it.id);
                Some(names::project(opened, of, wanted, cached).await?)
            }
            None => None,
        };
        Ok(Narrow {
            statuses: statuses.collect::<Result<_, _>>()?,
            priorities,
            departments: departments?,
            client,
            project,
            tags: self.tag.iter().map(|it| stored_tag(it)).collect(),
            state: self.archived.then_some(ActiveState::Archived),
            counted: Vec::new(),
        })
    }
}
