//! `growdesk show`: a ticket with its conversation.

use std::io::{self, Write};

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use serde_json::Value;

use crate::{
    cli::{
        Common, Failure,
        copy::LocalCopy,
        failure::notice,
        log,
        opened::Opened,
        print::{self, Format, Output, Record},
        styled,
        ticket_record::{Pages, TicketRecord},
    },
    domain::{
        FullTicket, Html, Member, Problem, ProblemKind, Reply, RowRef, TicketId, columns, when,
    },
    text::html,
    worker::{self, Parts},
};

/// The most columns of a text on a terminal: longer lines are hard to read.
const WIDEST: usize = 100;

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowVerb {
    /// The ticket
    #[arg(value_name = "ID", value_parser = log::ticket, allow_negative_numbers = true)]
    id: TicketId,
    /// Leave its replies and notes out
    #[arg(long)]
    no_replies: bool,
    /// Ask the server nothing
    #[arg(long)]
    cached: bool,
    #[command(flatten)]
    output: Output,
}

/// A ticket with its texts, for scripts.
#[derive(Serialize)]
struct ShownTicket<'a> {
    #[serde(flatten)]
    ticket: TicketRecord<'a>,
    /// HTML.
    message: &'a str,
    message_text: String,
    /// `None` where they are not wanted or not known.
    replies: Option<Vec<ReplyRecord<'a>>>,
}

impl Record for ShownTicket<'_> {
    const FIELDS: &'static [&'static str] = &{
        const OF_TICKET: &[&str] = TicketRecord::FIELDS;
        let mut fields = [""; OF_TICKET.len() + 3];
        let mut at = 0;
        while at < OF_TICKET.len() {
            fields[at] = OF_TICKET[at];
            at += 1;
        }
        fields[at] = "message";
        fields[at + 1] = "message_text";
        fields[at + 2] = "replies";
        fields
    };
}

/// A reply or a note, for scripts.
#[derive(Serialize)]
struct ReplyRecord<'a> {
    id: i64,
    #[serde(rename = "type")]
    kind: &'static str,
    creator_id: Option<i64>,
    creator_name: String,
    from_agent: Option<bool>,
    created: Option<Timestamp>,
    /// HTML.
    message: &'a str,
    message_text: String,
}

/// The ticket as it is stored now.
struct Shown {
    copy: LocalCopy,
    full: FullTicket,
    replies: Option<Vec<Reply>>,
}

impl ShowVerb {
    /// Prints the ticket.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<ShownTicket<'_>>()?;
        let opened = Opened::open(common).await?;
        if !self.cached && !opened.offline {
            self.fetch(&opened).await?;
        }
        let shown = self.stored(&opened).await?;
        // Some HTML takes long to lay out, but nothing else waits for this thread.
        Ok(self.print(&format, &opened, &shown)?)
    }

    /// Reads the ticket from the server into the local copy. If that fails, an older copy does.
    async fn fetch(&self, opened: &Opened) -> Result<(), Failure> {
        let client = opened.client().await?.clone();
        let settings = opened.settings_of(Parts::default(), Vec::new());
        let (store, replies) = (opened.store.clone(), !self.no_replies);
        let problem = match worker::read_ticket(client, store, settings, self.id, replies).await {
            Ok(fetched) => {
                if fetched.skipped > 0 {
                    notice(&format!("{} of its messages can't be read", fetched.skipped));
                }
                return Ok(());
            }
            Err(problem) => problem,
        };
        let may_be_old = !matches!(
            problem.kind,
            ProblemKind::NotFound | ProblemKind::Unauthorised | ProblemKind::Refused
        );
        if may_be_old && opened.store.row(self.id).await?.is_some() {
            notice(&format!("{problem}; this is the ticket as it was last read"));
            return Ok(());
        }
        Err(self.failed(&problem))
    }

    fn failed(&self, problem: &Problem) -> Failure {
        match problem.kind {
            ProblemKind::NotFound => Failure::not_found(format!("there is no ticket {}", self.id)),
            _ => Failure::of_read(problem),
        }
    }

    async fn stored(&self, opened: &Opened) -> Result<Shown, Failure> {
        let copy = LocalCopy::of(opened, &[self.id]).await?;
        let Some(full) = opened.store.full_ticket(self.id).await? else {
            let failure =
                Failure::not_found(format!("ticket {} is not in the local copy", self.id));
            return Err(failure.with_help("without --cached the server is asked"));
        };
        let conversation = match self.no_replies {
            true => None,
            false => opened.store.conversation(self.id).await?,
        };
        let replies = conversation.map(|(replies, _)| replies);
        if replies.is_none() && !self.no_replies {
            notice("its conversation is not in the local copy");
        }
        Ok(Shown { copy, full, replies })
    }

    fn print(&self, format: &Format, opened: &Opened, shown: &Shown) -> io::Result<()> {
        let copy = &shown.copy;
        // A ticket that is about to be deleted is still there.
        let (said, rows) = (copy.tickets.said(self.id), copy.rows());
        let Some(row) = rows.get(self.id).or(said.as_ref().map(|row| row.view())) else {
            return Err(io::Error::other("the ticket went from the local copy meanwhile"));
        };
        let pages = Pages::of(&opened.address);
        let ticket = TicketRecord::of(row, &copy.waiting, &pages);
        match format {
            Format::Table => for_people(opened, shown, row),
            Format::Tsv => {
                let ticket = serde_json::to_value(&ticket)?;
                print::lines(tsv(&ticket, shown))
            }
            Format::Json(fields) => {
                let replies = shown
                    .replies
                    .as_ref()
                    .map(|all| all.iter().map(|reply| ReplyRecord::of(reply, shown)).collect());
                let message = shown.full.message.as_stored();
                let message_text = html::plain(&shown.full.message);
                print::object(
                    fields.as_deref(),
                    &ShownTicket { ticket, message, message_text, replies },
                )
            }
        }
    }
}

impl<'a> ReplyRecord<'a> {
    fn of(reply: &'a Reply, shown: &Shown) -> Self {
        let directory = &shown.copy.directory;
        Self {
            id: reply.id.0,
            kind: reply.kind.as_str(),
            creator_id: reply.author.map(|it| it.0),
            creator_name: worker::author(directory, &shown.full, reply),
            from_agent: reply.author.and_then(|it| directory.is_agent(it)),
            created: reply.created,
            message: reply.body.as_stored(),
            message_text: html::plain(&reply.body),
        }
    }
}

/// A field a line, then a message a line: its kind, number, author, time and text.
fn tsv(ticket: &Value, shown: &Shown) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for field in TicketRecord::FIELDS {
        match &ticket[*field] {
            // Each of the times has a line of its own.
            Value::Object(times) if *field == "dates" => {
                rows.extend(times.iter().map(|(name, at)| vec![name.clone(), in_words(at)]));
            }
            value => rows.push(vec![(*field).to_owned(), in_words(value)]),
        }
    }
    rows.push(vec!["message".into(), html::plain(&shown.full.message)]);
    for reply in shown.replies.iter().flatten() {
        rows.push(vec![
            reply.kind.as_str().to_owned(),
            reply.id.0.to_string(),
            worker::author(&shown.copy.directory, &shown.full, reply),
            reply.created.map(|at| at.to_string()).unwrap_or_default(),
            html::plain(&reply.body),
        ]);
    }
    rows
}

/// A value of the ticket's object in a cell: of a status, a department or a client the name.
fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(in_words).collect::<Vec<_>>().join(","),
        Value::Object(parts) => {
            parts.get("title").or_else(|| parts.get("name")).map(in_words).unwrap_or_default()
        }
        other => other.to_string(),
    }
}

/// The ticket as a person reads it: a head, then the messages one below the other.
fn for_people(opened: &Opened, shown: &Shown, row: RowRef<'_>) -> io::Result<()> {
    let (now, zone) = (Timestamp::now(), TimeZone::system());
    let width = print::width().min(WIDEST);
    print::stream(|out| {
        let subject = format!("{} {}", row.id, row.subject);
        for line in columns::wrap(&subject, width) {
            writeln!(out, "{}", styled::strong(&line))?;
        }
        for (name, value) in facts(opened, shown, row, now, &zone) {
            writeln!(out, "{} {value}", styled::quiet(&format!("{name:<11}")))?;
        }
        let head = message_head(&opener(shown, row), "opened it", row.created, &zone);
        message(out, &head, &shown.full.message, width)?;
        for reply in shown.replies.iter().flatten() {
            let author = worker::author(&shown.copy.directory, &shown.full, reply);
            let kind = format!("{} {}", reply.kind.as_str(), reply.id);
            let head = message_head(&author, &kind, reply.created, &zone);
            message(out, &head, &reply.body, width)?;
        }
        Ok(())
    })
}

fn facts(
    opened: &Opened,
    shown: &Shown,
    row: RowRef<'_>,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<(&'static str, String)> {
    let wait = row.waiting(&shown.copy.waiting).map(|it| {
        let about = if it.exact { "" } else { "~" };
        format!("{about}{}", when::age(now, it.since))
    });
    let tags: Vec<&str> = row.tags.iter().map(|it| it.as_str()).collect();
    let archived = if row.archived { ", archived" } else { "" };
    let snoozed = row.aside.snooze.map(|it| match it.until {
        Some(until) => format!("until {}", when::in_full(zone, until)),
        None => "until the customer writes".into(),
    });
    let all = [
        ("status", Some(format!("{}{archived}", row.status.title))),
        ("priority", Some(row.priority.to_string())),
        ("waits", wait),
        ("client", row.client.map(|it| it.name.to_string())),
        ("department", row.department.map(|it| it.name.to_string())),
        ("project", row.project.map(|it| it.to_string())),
        ("tags", Some(tags.join(" ")).filter(|it| !it.is_empty())),
        ("opened", row.created.map(|it| when::in_full(zone, it))),
        ("snoozed", snoozed),
        ("pinned", row.aside.pinned.then(|| "yes".to_owned())),
        ("page", Some(opened.address.web_page(row.id).to_string())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Who opened a ticket: an agent, or the client.
fn opener(shown: &Shown, row: RowRef<'_>) -> String {
    let is_creator = |it: &&Member| Some(it.id) == row.creator;
    let member = shown.copy.directory.team.iter().find(is_creator).map(|it| &it.name);
    member.or(row.client.map(|it| &it.name)).map(ToString::to_string).unwrap_or_default()
}

fn message_head(who: &str, what: &str, at: Option<Timestamp>, zone: &TimeZone) -> String {
    let at = at.map(|at| when::in_full(zone, at)).unwrap_or_default();
    [who, what, &at].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn message(out: &mut dyn Write, head: &str, body: &Html, width: usize) -> io::Result<()> {
    writeln!(out, "\n{}", styled::strong(head))?;
    for line in html::render(body, u16::try_from(width).unwrap_or(u16::MAX)) {
        writeln!(out, "{}", styled::line(&line))?;
    }
    Ok(())
}
