//! A ticket as scripts get it: the API's ticket object, and what the profile knows beside it.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::print::{Format, Record};
use crate::{
    api::Address,
    domain::{Line, RowRef, Source, TicketId, WaitingStatuses, when},
};

/// A ticket, for scripts. Texts are as the server holds them; printing makes them harmless.
#[derive(Serialize)]
pub(super) struct TicketRecord<'a> {
    id: i64,
    subject: &'a str,
    status: TitledRecord<'a>,
    priority: &'static str,
    source: &'static str,
    active_state: &'static str,
    department: Option<NamedRecord<'a>>,
    client: Option<NamedRecord<'a>>,
    project_id: Option<i64>,
    creator_id: Option<i64>,
    dates: DatesRecord,
    replies_count: u32,
    tags: TagsRecord<'a>,
    waiting_since: Option<Timestamp>,
    waiting_exact: Option<bool>,
    snoozed_until: Option<Timestamp>,
    pinned: bool,
    url: PageRecord<'a>,
}

impl Record for TicketRecord<'_> {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "subject",
        "status",
        "priority",
        "source",
        "active_state",
        "department",
        "client",
        "project_id",
        "creator_id",
        "dates",
        "replies_count",
        "tags",
        "waiting_since",
        "waiting_exact",
        "snoozed_until",
        "pinned",
        "url",
    ];
}

#[derive(Serialize)]
struct TitledRecord<'a> {
    id: i64,
    title: &'a str,
}

/// Something with a number and a name, for scripts.
#[derive(Serialize)]
pub(super) struct NamedRecord<'a> {
    pub(super) id: i64,
    pub(super) name: &'a str,
}

#[derive(Serialize)]
struct DatesRecord {
    created: Option<Timestamp>,
    last_updated: Option<Timestamp>,
    status_changed: Option<Timestamp>,
}

struct TagsRecord<'a>(&'a [Line]);

impl Serialize for TagsRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Line::as_stored))
    }
}

struct PageRecord<'a>(&'a str, i64);

impl Serialize for PageRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(pages, id) = self;
        serializer.collect_str(&format_args!("{pages}{id}"))
    }
}

/// Where the pages of the tickets are.
pub(super) struct Pages(String);

impl Pages {
    pub(super) fn of(address: &Address) -> Self {
        let first = address.web_page(TicketId(0)).to_string();
        Self(first.strip_suffix('0').unwrap_or(&first).to_owned())
    }
}

impl<'a> TicketRecord<'a> {
    pub(super) fn of(row: RowRef<'a>, waiting: &WaitingStatuses, pages: &'a Pages) -> Self {
        let wait = row.waiting(waiting);
        Self {
            id: row.id.0,
            subject: row.subject.as_stored(),
            status: TitledRecord { id: row.status.id.0, title: row.status.title.as_stored() },
            priority: row.priority.as_str(),
            source: source(row.source),
            active_state: state(row.archived),
            department: row
                .department
                .map(|it| NamedRecord { id: it.id.0, name: it.name.as_stored() }),
            client: row.client.map(|it| NamedRecord { id: it.id.0, name: it.name.as_stored() }),
            project_id: row.project.map(|it| it.0),
            creator_id: row.creator.map(|it| it.0),
            dates: DatesRecord {
                created: row.created,
                last_updated: row.last_updated,
                status_changed: row.status_changed,
            },
            replies_count: row.replies_count,
            tags: TagsRecord(row.tags),
            waiting_since: wait.map(|it| it.since),
            waiting_exact: wait.map(|it| it.exact),
            snoozed_until: row.aside.snooze.and_then(|it| it.until),
            pinned: row.aside.pinned,
            url: PageRecord(&pages.0, row.id.0),
        }
    }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Web => "web",
        Source::Email => "email",
        Source::Unknown => "unknown",
    }
}

fn state(archived: bool) -> &'static str {
    if archived { "archived" } else { "active" }
}

/// The heads of [`cells`] on a terminal.
pub(super) const HEAD: [&str; 7] =
    ["ID", "STATUS", "PRIORITY", "WAITS", "UPDATED", "CLIENT", "SUBJECT"];

/// A ticket as a row: for people, or for scripts with every text whole and every time exact.
pub(super) fn cells(
    row: RowRef<'_>,
    waiting: &WaitingStatuses,
    format: &Format,
    now: Timestamp,
) -> Vec<String> {
    let wait = row.waiting(waiting);
    let updated = row.last_updated.max(row.status_changed).max(row.created);
    if format.is_table() {
        let age = |at: Option<Timestamp>| at.map(|at| when::age(now, at)).unwrap_or_default();
        let about = wait.filter(|it| !it.exact).map_or("", |_| "~");
        let waits = wait.map(|it| format!("{about}{}", when::age(now, it.since)));
        return vec![
            row.id.0.to_string(),
            row.status.title.to_string(),
            row.priority.to_string(),
            waits.unwrap_or_default(),
            age(updated),
            row.client.map(|it| it.name.to_string()).unwrap_or_default(),
            row.subject.to_string(),
        ];
    }
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let tags: Vec<&str> = row.tags.iter().map(Line::as_stored).collect();
    vec![
        row.id.0.to_string(),
        row.status.title.as_stored().to_owned(),
        row.priority.to_string(),
        time(wait.map(|it| it.since)),
        time(updated),
        row.department.map(|it| it.name.as_stored().to_owned()).unwrap_or_default(),
        row.client.map(|it| it.name.as_stored().to_owned()).unwrap_or_default(),
        tags.join(","),
        row.subject.as_stored().to_owned(),
    ]
}
