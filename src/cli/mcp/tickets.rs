//! Lists of tickets.

use std::collections::BTreeMap;

use anyhow::anyhow;
use jiff::Timestamp;

use super::{
    Assistants,
    asked::{self, TicketsAsked},
    pages,
    told::{NamedStranger, NamedThing, OutsideText, TicketCard, TicketPage, ToolFault},
};
use crate::{
    cli::{Failure, copy::LocalCopy, names, opened::Opened},
    domain::{ActiveState, ClientId, Named, Narrow, RowRef, TicketId, View, change::stored_tag},
};

/// What cards are made with.
pub(super) struct Cards<'a> {
    copy: &'a LocalCopy,
    opened: &'a Opened,
    now: Timestamp,
    proposals: BTreeMap<TicketId, usize>,
}

impl<'a> Cards<'a> {
    pub(super) fn of(opened: &'a Opened, copy: &'a LocalCopy) -> Self {
        let mut proposals = BTreeMap::new();
        let proposed = copy.pending.iter().filter(|entry| entry.state.proposal().is_some());
        for ticket in proposed.filter_map(|entry| entry.ticket) {
            *proposals.entry(ticket).or_default() += 1;
        }
        Self { copy, opened, now: Timestamp::now(), proposals }
    }

    pub(super) fn card(&self, row: RowRef<'_>) -> TicketCard {
        let wait = row.waiting(&self.copy.waiting);
        let url = self.opened.address.web_page(row.id).to_string();
        TicketCard {
            id: row.id.0,
            subject: OutsideText::line(row.subject.as_stored()),
            status: NamedThing { id: row.status.id.0, name: row.status.title.to_string() },
            priority: row.priority.to_string(),
            department: row
                .department
                .map(|it| NamedThing { id: it.id.0, name: it.name.to_string() }),
            client: row.client.map(stranger),
            project_id: row.project.map(|it| it.0),
            tags: row.tags.iter().map(ToString::to_string).collect(),
            archived: row.archived,
            created: time(row.created),
            last_updated: time(row.last_updated.max(row.status_changed)),
            replies_count: row.replies_count,
            waiting_since: time(wait.map(|it| it.since)),
            waiting_seconds: wait.map(|it| self.now.duration_since(it.since).as_secs().max(0)),
            waiting_exact: wait.map(|it| it.exact),
            snoozed_until: time(row.aside.snooze.and_then(|it| it.until)),
            pinned: row.aside.pinned,
            url,
            proposals: self.proposals.get(&row.id).copied().unwrap_or_default(),
        }
    }
}

/// A client, whose name a stranger may have chosen.
pub(super) fn stranger(client: &Named<ClientId>) -> NamedStranger {
    NamedStranger { id: client.id.0, name: OutsideText::line(client.name.as_stored()) }
}

/// A time as it is written in answers.
pub(super) fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// The part of a list that is wanted.
pub(super) struct ListPart<'a> {
    /// The name of the list.
    pub(super) list: u64,
    pub(super) limit: Option<u32>,
    pub(super) cursor: Option<&'a str>,
}

impl Assistants {
    /// A page of tickets, which are in their order.
    pub(super) fn page_of(
        &self,
        copy: &LocalCopy,
        ids: &[TicketId],
        part: &ListPart<'_>,
        notices: Vec<String>,
    ) -> Result<TicketPage, ToolFault> {
        let size = asked::size(part.limit)?;
        let page = pages::page(ids, |id| id.0, part.list, part.cursor, size)?;
        let cards = Cards::of(&self.opened, copy);
        let rows = page.items.iter().filter_map(|id| copy.rows().get(*id));
        let tickets = rows.map(|row| cards.card(row)).collect();
        Ok(TicketPage { tickets, total: ids.len(), next_cursor: page.next, notices })
    }

    /// The tickets that meet the conditions.
    pub(super) async fn list(&self, asked: TicketsAsked) -> Result<TicketPage, ToolFault> {
        let notices = self.refresh().await?;
        let copy = LocalCopy::read(&self.opened).await?;
        let view = self.view(asked.view.as_deref(), "All")?;
        let narrow = narrow(&copy, &asked)?;
        let query = narrow.over(&view.query, "", &copy.waiting);
        let ids = match query {
            Some(query) => selected(&copy, &View { query, ..view }),
            None => Vec::new(),
        };
        let TicketsAsked { limit, cursor, .. } = asked.clone();
        let bare = TicketsAsked { limit: None, cursor: None, ..asked };
        let list = pages::list("list_tickets", format!("{bare:?}"));
        self.page_of(&copy, &ids, &ListPart { list, limit, cursor: cursor.as_deref() }, notices)
    }

    /// A view by its name.
    pub(super) fn view(&self, wanted: Option<&str>, usual: &str) -> Result<View, Failure> {
        let wanted = wanted.unwrap_or(usual);
        let mut views = View::all(self.opened.settings.views.iter().cloned());
        let folded = wanted.trim().to_lowercase();
        match views.iter().position(|view| view.name.to_lowercase() == folded) {
            Some(at) => Ok(views.swap_remove(at)),
            None => {
                let names: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
                Err(names::unknown("view", wanted, &names))
            }
        }
    }
}

/// The tickets of a view, in its order.
pub(super) fn selected(copy: &LocalCopy, view: &View) -> Vec<TicketId> {
    let places = view.select(copy.rows(), &copy.waiting);
    places.into_iter().filter_map(|place| copy.rows().id_at(place)).collect()
}

fn narrow(copy: &LocalCopy, asked: &TicketsAsked) -> Result<Narrow, Failure> {
    let each = |all: &Option<Vec<String>>| all.clone().unwrap_or_default();
    let statuses = each(&asked.status);
    let statuses = statuses.iter().map(|it| names::status(&copy.directory, it).map(|it| it.id));
    let priorities = each(&asked.priority);
    let department = asked.department.as_ref().map(|it| names::department(&copy.directory, it));
    let client = match &asked.client {
        Some(wanted) => {
            Some(names::find("client", wanted, &names::clients_of_tickets(copy.rows()))?.clone())
        }
        None => None,
    };
    let tags = each(&asked.tags);
    if tags.iter().any(|tag| tag.trim().is_empty()) {
        return Err(Failure::usage(anyhow!("a tag is empty")));
    }
    Ok(Narrow {
        statuses: statuses.collect::<Result<_, _>>()?,
        priorities: priorities.iter().map(|it| names::priority(it)).collect::<Result<_, _>>()?,
        departments: department.transpose()?.map(|it| it.id).into_iter().collect(),
        client,
        tags: tags.iter().map(|it| stored_tag(it)).collect(),
        state: asked.archived.filter(|it| *it).map(|_| ActiveState::Archived),
        ..Narrow::default()
    })
}
