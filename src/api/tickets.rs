//! The endpoints of tickets.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    Made, PAGE_LIMIT, Paged,
    answer::Oversize,
    client::{Endpoints, Param, asked, page_of},
    convert,
    error::Error,
};
use crate::domain::{
    ClientId, DepartmentId, FullTicket, Line, Priority, ProjectId, StatusId, TicketId,
};

/// What a list of tickets is sorted by (the API page, "List / search tickets").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketSort {
    /// When it was created.
    Created,
    /// When an agent last changed it; those never changed have no such time.
    LastUpdated,
    /// By the priority's letters: high, normal, urgent.
    Priority,
    /// By the status's number.
    Status,
}

impl TicketSort {
    fn as_str(self) -> &'static str {
        match self {
            Self::Created => "ticket_created",
            Self::LastUpdated => "ticket_last_updated",
            Self::Priority => "ticket_priority",
            Self::Status => "ticket_status",
        }
    }
}

/// The direction of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `asc`
    Ascending,
    /// `desc`, the API's usual one.
    Descending,
}

impl Order {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// Which tickets a list has (the API page, "List / search tickets"). `None` and empty values do not
/// narrow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketQuery {
    /// Archived tickets instead of active ones; always sent.
    pub archived: bool,
    /// In this status.
    pub status: Option<StatusId>,
    /// Of this priority.
    pub priority: Option<Priority>,
    /// In this department.
    pub department: Option<DepartmentId>,
    /// Of this client.
    pub client: Option<ClientId>,
    /// Of this project.
    pub project: Option<ProjectId>,
    /// What the server searches for; in which fields is not documented.
    pub search: Option<String>,
    /// With these tags.
    pub tags: Vec<String>,
    /// What it is sorted by; `None` leaves it to the server.
    pub sort: Option<TicketSort>,
    /// In which direction; `None` is descending.
    pub order: Option<Order>,
    /// How many a page holds, 100 at most.
    pub limit: u32,
    /// Which page, from 1.
    pub page: u32,
}

impl Default for TicketQuery {
    /// The first page of all active tickets.
    fn default() -> Self {
        Self {
            archived: false,
            status: None,
            priority: None,
            department: None,
            client: None,
            project: None,
            search: None,
            tags: Vec::new(),
            sort: None,
            order: None,
            limit: PAGE_LIMIT,
            page: 1,
        }
    }
}

impl TicketQuery {
    fn params(&self) -> Vec<Param> {
        let number = |name, id: Option<i64>| id.map(|id| (name, id.to_string()));
        let word = |name, word: Option<&str>| word.map(|word| (name, word.to_owned()));
        let search = self.search.as_deref().filter(|text| !text.trim().is_empty());
        let single = [
            word("active_state", Some(if self.archived { "archived" } else { "active" })),
            number("status", self.status.map(|it| it.0)),
            word("priority", self.priority.map(Priority::as_str)),
            number("category_id", self.department.map(|it| it.0)),
            number("client_id", self.client.map(|it| it.0)),
            number("project_id", self.project.map(|it| it.0)),
            word("search", search),
            word("sort", self.sort.map(TicketSort::as_str)),
            word("order", self.order.map(Order::as_str)),
            Some(("limit", self.limit.clamp(1, PAGE_LIMIT).to_string())),
            Some(("page", self.page.max(1).to_string())),
        ];
        let tags = self.tags.iter().map(|tag| ("tags[]", tag.clone()));
        single.into_iter().flatten().chain(tags).collect()
    }
}

/// The parts of a ticket that a change sends back as the server holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentBack {
    /// Its tags.
    Tags,
    /// Its subject and its message.
    Texts,
}

/// A ticket to be created (the API page, "Create a ticket").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTicketBody {
    /// Whose it is.
    pub client: ClientId,
    /// Where it goes.
    pub department: DepartmentId,
    /// Its project, one of the client's.
    pub project: Option<ProjectId>,
    /// Its subject, 250 characters at most, without markup.
    pub subject: String,
    /// Its opening message, HTML.
    pub message: String,
    /// How much it presses; [`Priority::Unknown`] is refused without a request.
    pub priority: Priority,
    /// Custom fields by the API's names, `ticket_custom_field_N`.
    pub custom: Vec<(String, String)>,
}

/// All that a PATCH sets (the API page, "Update a ticket"). Fields that the agent does not change
/// are sent back as the server holds them, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketUpdate {
    /// The department.
    pub department: DepartmentId,
    /// The project; `None` clears it.
    pub project: Option<ProjectId>,
    /// The subject.
    pub subject: String,
    /// The opening message, HTML.
    pub message: String,
    /// The priority; [`Priority::Unknown`] is refused without a request.
    pub priority: Priority,
}

impl NewTicketBody {
    fn to_json(&self) -> Result<Value, Error> {
        let mut body: Map<String, Value> =
            self.custom.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        body.insert("ticket_clientid".into(), json!(self.client.0));
        body.insert("ticket_categoryid".into(), json!(self.department.0));
        if let Some(project) = self.project {
            body.insert("ticket_projectid".into(), json!(project.0));
        }
        body.insert("ticket_subject".into(), json!(self.subject));
        body.insert("ticket_message".into(), json!(self.message));
        body.insert("ticket_priority".into(), json!(priority_word(self.priority)?));
        Ok(Value::Object(body))
    }
}

impl TicketUpdate {
    fn to_json(&self) -> Result<Value, Error> {
        Ok(json!({
            "ticket_categoryid": self.department.0,
            "ticket_projectid": self.project.map(|it| it.0),
            "ticket_subject": self.subject,
            "ticket_message": self.message,
            "ticket_priority": priority_word(self.priority)?,
        }))
    }
}

fn priority_word(priority: Priority) -> Result<&'static str, Error> {
    match priority {
        Priority::Unknown => {
            Err(Error::refused_here("ticket_priority", "choose one of normal, high and urgent"))
        }
        known => Ok(known.as_str()),
    }
}

impl Endpoints {
    /// A page of tickets: `GET /api/tickets`.
    pub async fn tickets(&self, query: &TicketQuery) -> Result<Paged<FullTicket>, Error> {
        let decode = |item| convert::ticket(item, self.zone());
        self.page("tickets", &query.params(), decode).await
    }

    /// Like [`Endpoints::tickets`], tried once; if the list is a single ticket that is too large,
    /// large pictures are left out of it. It serves to find the ticket of a page that is at fault.
    pub async fn tickets_once(&self, query: &TicketQuery) -> Result<Paged<FullTicket>, Error> {
        let oversize = if query.limit == 1 { Oversize::Shrunk } else { Oversize::Refused };
        let params = query.params();
        let envelope = self.once(Method::GET, "tickets", &params, None, oversize).await?;
        let limit = asked(&params, "limit");
        page_of(envelope, "tickets", query.page, limit, |item| convert::ticket(item, self.zone()))
    }

    /// One ticket: `GET /api/tickets/{id}`. If it is too large, large pictures are left out.
    pub async fn ticket(&self, id: TicketId) -> Result<FullTicket, Error> {
        self.one(&path(id, ""), "a ticket", |data| convert::ticket(data, self.zone())).await
    }

    /// Like [`Endpoints::ticket`], tried once.
    pub async fn ticket_once(&self, id: TicketId) -> Result<FullTicket, Error> {
        let mut envelope =
            self.once(Method::GET, &path(id, ""), &[], None, Oversize::Shrunk).await?;
        let full = convert::ticket(envelope.data.take(), self.zone());
        full.ok_or_else(|| envelope.without("a ticket"))
    }

    /// One ticket, a part of which is to be sent back. If that part could not be read exactly as
    /// the server holds it, the ticket is refused here, since sending it back would change it.
    pub async fn ticket_as_held(&self, id: TicketId, back: SentBack) -> Result<FullTicket, Error> {
        let oversize = match back {
            SentBack::Tags => Oversize::Shrunk,
            SentBack::Texts => Oversize::Refused,
        };
        let mut envelope = self.read(&path(id, ""), &[], oversize).await?;
        let full = convert::ticket(envelope.data.take(), self.zone());
        let full = full.ok_or_else(|| envelope.without("a ticket"))?;
        if envelope.inexact && holds_marks(&full, back) {
            let why = "the server's answer has bytes in the ticket's texts that are no characters, \
                       and sending them back would change what was written; edit it in the browser";
            return Err(Error::refused_here("ticket", why));
        }
        Ok(full)
    }

    /// Creates a ticket: `POST /api/tickets`. If it is sent twice, it is created twice.
    pub async fn create_ticket(
        &self,
        new: &NewTicketBody,
    ) -> Result<Made<TicketId, FullTicket>, Error> {
        let data = self.write(Method::POST, "tickets", Some(new.to_json()?)).await?.data;
        Ok(Made {
            id: convert::number(&data, &["id", "ticket_id"]).map(TicketId),
            item: convert::whole_ticket(data, self.zone()),
        })
    }

    /// Sets department, project, subject, message and priority: `PATCH /api/tickets/{id}`.
    ///
    /// Like all writes to a ticket it returns the new state of the ticket if the answer holds all
    /// of it. `None` is no failure.
    pub async fn update_ticket(
        &self,
        id: TicketId,
        update: &TicketUpdate,
    ) -> Result<Option<FullTicket>, Error> {
        self.change(Method::PATCH, id, "", Some(update.to_json()?)).await
    }

    /// Deletes a ticket and its conversation: `DELETE /api/tickets/{id}`.
    pub async fn delete_ticket(&self, id: TicketId) -> Result<(), Error> {
        self.write(Method::DELETE, &path(id, ""), None).await.map(drop)
    }

    /// Sets the status: `PUT /api/tickets/{id}/status`.
    pub async fn set_status(
        &self,
        id: TicketId,
        status: StatusId,
    ) -> Result<Option<FullTicket>, Error> {
        self.change(Method::PUT, id, "/status", Some(json!({ "status": status.0 }))).await
    }

    /// Archives a ticket: `PUT /api/tickets/{id}/archive`.
    pub async fn archive(&self, id: TicketId) -> Result<Option<FullTicket>, Error> {
        self.change(Method::PUT, id, "/archive", None).await
    }

    /// Restores an archived ticket: `PUT /api/tickets/{id}/restore`.
    pub async fn restore(&self, id: TicketId) -> Result<Option<FullTicket>, Error> {
        self.change(Method::PUT, id, "/restore", None).await
    }

    /// Replaces all tags: `PUT /api/tickets/{id}/tags`. None clears them.
    pub async fn set_tags(&self, id: TicketId, tags: &[&str]) -> Result<Option<FullTicket>, Error> {
        self.change(Method::PUT, id, "/tags", Some(json!({ "tags": tags }))).await
    }

    async fn change(
        &self,
        method: Method,
        id: TicketId,
        below: &str,
        body: Option<Value>,
    ) -> Result<Option<FullTicket>, Error> {
        let data = self.write(method, &path(id, below), body).await?.data;
        let ticket = convert::whole_ticket(data, self.zone());
        Ok(ticket.filter(|full| full.ticket.id == id))
    }

    /// One object of the API. `what` names it in the error if the answer is no such object.
    pub(super) async fn one<T>(
        &self,
        path: &str,
        what: &str,
        decode: impl FnOnce(Value) -> Option<T>,
    ) -> Result<T, Error> {
        let mut envelope = self.read(path, &[], Oversize::Shrunk).await?;
        decode(envelope.data.take()).ok_or_else(|| envelope.without(what))
    }
}

/// Whether a part to be sent back holds U+FFFD, the mark for an unreadable character.
fn holds_marks(full: &FullTicket, back: SentBack) -> bool {
    let is_marked = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
    match back {
        SentBack::Tags => full.ticket.tags.iter().map(Line::as_stored).any(is_marked),
        SentBack::Texts => {
            [full.ticket.subject.as_stored(), full.message.as_stored()].into_iter().any(is_marked)
        }
    }
}

/// The path of a ticket, with what comes below it.
pub(super) fn path(id: TicketId, below: &str) -> String {
    format!("tickets/{}{below}", id.0)
}
