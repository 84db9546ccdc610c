//! `growdesk watch`: what happens to the tickets, as it is seen.

mod exec;
mod own;
mod printer;

use std::{pin::pin, time::Duration};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::sleep;

use exec::Exec;
use own::Own;
use printer::EventPrinter;

use crate::{
    cli::{
        Common, Failure,
        copy::LocalCopy,
        failure::{self, Code},
        fresh, names,
        opened::Opened,
        print::{self, Format, Output, Record},
        signals,
    },
    desk::{Connection, Report},
    domain::{Happening, Row, Rows, Status, TicketId, View, WaitingStatuses, happenings},
    text::clean,
    worker::Parts,
};

/// How often it is looked whether the reader of the output is still there.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub(in crate::cli) struct WatchVerb {
    /// Only tickets that are in this view, or leave it
    #[arg(long, value_name = "NAME")]
    view: Option<String>,
    /// Run this command for each event, which it gets as JSON on standard input
    #[arg(long, value_name = "COMMAND")]
    exec: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// Something that happened, for scripts.
#[derive(Clone, Debug, Serialize)]
struct EventRecord {
    kind: &'static str,
    at: Timestamp,
    id: i64,
    subject: String,
    client: Option<String>,
    priority: &'static str,
    department: Option<String>,
    before: Option<StatusRecord>,
    after: Option<StatusRecord>,
    replies_count: u32,
    own: bool,
    url: String,
}

#[derive(Clone, Debug, Serialize)]
struct StatusRecord {
    id: i64,
    title: String,
}

impl Record for EventRecord {
    const FIELDS: &'static [&'static str] = &[
        "kind",
        "at",
        "id",
        "subject",
        "client",
        "priority",
        "department",
        "before",
        "after",
        "replies_count",
        "own",
        "url",
    ];
}

impl WatchVerb {
    /// Prints what happens until it is stopped.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<EventRecord>()?;
        let words = self.exec.as_deref().map(exec::words).transpose()?;
        let opened = Opened::open(common).await?;
        let view = self.view(&opened)?;
        opened.client().await?;
        let is_away = Self::catch_up(&opened).await?;
        let mut watch = Watch::begin(&opened, view, format, is_away).await?;
        failure::notice(&format!("watching {} tickets", watch.rows.len()));
        let parts = Parts { watch: true, outbox: false, upkeep: true, index: true };
        let (worker, mut reports) = opened.worker(parts, Vec::new()).await?;
        let mut exec = words.map(|words| Exec::start(words, opened.settings.pipe.timeout));
        let mut signal = pin!(signals::ended());
        let outcome = loop {
            tokio::select! {
                report = reports.recv() => match report {
                    Some((_, report)) => match watch.take(report).await {
                        Ok(events) => watch.tell(&events, exec.as_mut()),
                        Err(failure) => break Err(failure),
                    },
                    None => break Err(Failure::new(Code::Failed, "the background task has ended")),
                },
                () = watch.printer.failed() => break Ok(()),
                () = sleep(LOOK) => if printer::reader_is_gone() { break Ok(()) },
                _ = &mut signal => break Ok(()),
            }
        };
        drop(exec);
        worker.close().await;
        outcome
    }

    fn view(&self, opened: &Opened) -> Result<Option<View>, Failure> {
        let views = View::all(opened.settings.views.iter().cloned());
        self.view.as_deref().map(|name| names::view(&views, name).cloned()).transpose()
    }

    /// Brings the copy up to date, so that only what happens from now on is told. Says whether the
    /// server was away. A key that is refused will be refused later, too.
    async fn catch_up(opened: &Opened) -> Result<bool, Failure> {
        match fresh::bring_up_to_date(opened, false).await {
            Ok(fresh) => Ok(fresh.missed.is_some()),
            Err(failure) if matches!(failure.code, Code::Unreachable | Code::Limited) => {
                failure::notice(&format!("{}; it is tried again by itself", failure.message()));
                Ok(true)
            }
            Err(failure) => Err(failure),
        }
    }
}

/// From which tickets on an unknown one is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Not all waiting tickets have been read: nothing is new yet.
    Little,
    /// The copy is being filled: only tickets with a higher number are new.
    UpTo(TicketId),
    /// All are known.
    All,
}

struct Watch<'a> {
    opened: &'a Opened,
    waiting: WaitingStatuses,
    view: Option<View>,
    format: Format,
    rows: Rows,
    known: Known,
    own: Own,
    /// Whether it was said that the server is away.
    is_away: bool,
    printer: EventPrinter,
}

impl<'a> Watch<'a> {
    async fn begin(
        opened: &'a Opened,
        view: Option<View>,
        format: Format,
        is_away: bool,
    ) -> Result<Self, Failure> {
        let own = Own::begin(&opened.store).await?;
        let mut this = Self {
            opened,
            waiting: opened.profile.waiting.clone(),
            view,
            format,
            rows: Rows::default(),
            known: Known::Little,
            own,
            is_away,
            printer: EventPrinter::start()?,
        };
        let fresh = fresh::Freshness::of(&opened.store, opened.profile.poll).await?;
        this.read_all().await?;
        if fresh.is_filled {
            this.known = Known::All;
        } else if fresh.synced_at.is_some() {
            this.know_up_to_here();
        }
        Ok(this)
    }

    /// Takes all tickets of the local copy as they are.
    async fn read_all(&mut self) -> Result<(), Failure> {
        let copy = LocalCopy::read(self.opened).await?;
        self.rows = Rows::default();
        for (_, row) in copy.rows().iter() {
            let said = copy.tickets.said(row.id).unwrap_or_else(|| row.to_row());
            self.rows.insert(&said);
            self.rows.set_aside(row.id, row.aside);
        }
        Ok(())
    }

    fn know_up_to_here(&mut self) {
        let newest = self.rows.iter().map(|(_, row)| row.id).max();
        self.known = newest.map_or(Known::Little, Known::UpTo);
    }

    /// Takes in a report, and returns what happened.
    async fn take(&mut self, report: Report) -> Result<Vec<EventRecord>, Failure> {
        match report {
            Report::Rows { changed, gone } => {
                let mut events = Vec::new();
                for row in changed {
                    events.extend(self.changed(row).await);
                }
                for id in gone {
                    events.extend(self.gone(id));
                }
                return Ok(events);
            }
            Report::Asides(asides) => {
                let before: Vec<TicketId> = self.rows.asides().map(|(id, _)| id).collect();
                for id in before {
                    self.rows.set_aside(id, Default::default());
                }
                asides.into_iter().for_each(|(id, aside)| self.rows.set_aside(id, aside));
            }
            // The first page of each list is there by then, and so are the newest tickets.
            Report::Refreshing { total, .. } if total > 0 && self.known == Known::Little => {
                self.read_all().await?;
                self.know_up_to_here();
            }
            Report::Connection(connection) => self.connected(connection)?,
            _ => {}
        }
        Ok(Vec::new())
    }

    async fn changed(&mut self, row: Row) -> Vec<EventRecord> {
        let id = row.ticket.id;
        let before = self.rows.get(id).map(|it| (it.to_row(), self.is_shown(id)));
        self.rows.insert(&row);
        let (before, was_shown) = before.unzip();
        let is_old = match self.known {
            Known::Little => true,
            Known::UpTo(newest) => id <= newest,
            Known::All => false,
        };
        let is_shown = was_shown.unwrap_or_default() || self.is_shown(id);
        if before.is_none() && is_old || !is_shown {
            return Vec::new();
        }
        let own = self.own.part(before.as_ref(), &row).await;
        let all = happenings(before.as_ref(), Some(&row), &own, &self.waiting);
        let status = row.ticket.status.id;
        let record = |happening| EventRecord {
            own: happening == Happening::Status && own.statuses.contains(&status),
            before: before.as_ref().map(|it| StatusRecord::of(&it.ticket.status)),
            after: Some(StatusRecord::of(&row.ticket.status)),
            ..self.record(happening, &row)
        };
        all.into_iter().map(record).collect()
    }

    fn gone(&mut self, id: TicketId) -> Option<EventRecord> {
        let is_shown = self.is_shown(id);
        let row = self.rows.get(id)?.to_row();
        self.rows.remove(id);
        let record = self.record(Happening::Gone, &row);
        let before = Some(StatusRecord::of(&row.ticket.status));
        is_shown.then_some(EventRecord { before, ..record })
    }

    /// Whether the ticket is in the view.
    fn is_shown(&self, id: TicketId) -> bool {
        let Some(view) = &self.view else { return true };
        self.rows.get(id).is_some_and(|row| view.takes(row, &self.waiting))
    }

    fn record(&self, happening: Happening, row: &Row) -> EventRecord {
        let ticket = &row.ticket;
        EventRecord {
            kind: happening.as_str(),
            at: Timestamp::now(),
            id: ticket.id.0,
            subject: ticket.subject.as_stored().to_owned(),
            client: ticket.client.as_ref().map(|it| it.name.as_stored().to_owned()),
            priority: ticket.priority.as_str(),
            department: ticket.department.as_ref().map(|it| it.name.as_stored().to_owned()),
            before: None,
            after: None,
            replies_count: ticket.replies_count,
            own: false,
            url: self.opened.address.web_page(ticket.id).to_string(),
        }
    }

    /// Says once that the server went away, and once that it is back.
    fn connected(&mut self, connection: Connection) -> Result<(), Failure> {
        match connection {
            Connection::Unauthorised(problem) => return Err(Failure::of_read(&problem)),
            Connection::Online if self.is_away => {
                self.is_away = false;
                failure::notice("the server is there again");
            }
            Connection::Offline(problem) | Connection::NotTheApi(problem) if !self.is_away => {
                self.is_away = true;
                failure::notice(&format!("{problem}; it is tried again by itself"));
            }
            Connection::Limited { until } if !self.is_away => {
                self.is_away = true;
                failure::notice(&format!("the server asks to wait until {until:.0}"));
            }
            _ => {}
        }
        Ok(())
    }

    fn tell(&self, events: &[EventRecord], mut exec: Option<&mut Exec>) {
        for event in events {
            self.printer.print(event.line(&self.format));
            if let Some(exec) = &mut exec {
                exec.take(event.clone());
            }
        }
    }
}

impl StatusRecord {
    fn of(status: &Status) -> Self {
        Self { id: status.id.0, title: status.title.as_stored().to_owned() }
    }
}

impl EventRecord {
    /// The line for it, without its end.
    fn line(&self, format: &Format) -> String {
        let title = |it: &Option<StatusRecord>| it.as_ref().map(|it| it.title.clone());
        let (before, after) = (title(&self.before), title(&self.after));
        match format {
            Format::Json(fields) => print::json_line(fields.as_deref(), self),
            Format::Tsv => {
                let cells = [
                    self.at.to_string(),
                    self.kind.to_owned(),
                    self.id.to_string(),
                    before.unwrap_or_default(),
                    after.unwrap_or_default(),
                    self.subject.clone(),
                    self.url.clone(),
                ];
                cells.map(|cell| print::cell(&cell).into_owned()).join("\t")
            }
            Format::Table => {
                let zone = jiff::tz::TimeZone::system();
                let at = self.at.to_zoned_datetime(zone).strftime("%H:%M:%S").to_string();
                let moved = match (before, after) {
                    (Some(before), Some(after)) if before != after => format!("{before} → {after}"),
                    (before, after) => after.or(before).unwrap_or_default(),
                };
                let line =
                    format!("{at}  {:8}  #{}  {moved}  {}", self.kind, self.id, self.subject);
                clean::line(&line).to_string()
            }
        }
    }
}
