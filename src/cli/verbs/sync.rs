//! `growdesk sync`: the local copy is filled, or brought up to date, to the end.

mod progress;

use std::{collections::HashSet, pin::pin, time::Duration};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use progress::ProgressShown;

use crate::{
    cli::{
        Common, Failure,
        failure::{self, Code},
        fresh::{self, Freshness},
        opened::Opened,
        print::{self, Format, Output, Record},
        signals,
    },
    desk::Report,
    domain::{Problem, TicketId},
    store::{Reach, Store, StoreError},
    worker::Keeper,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct SyncVerb {
    /// Read all tickets again, also the closed and archived ones
    #[arg(long)]
    all: bool,
    /// How many seconds to wait for a server that asks for patience
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u32,
    #[command(flatten)]
    output: Output,
}

/// What a run did, for scripts.
#[derive(Serialize)]
struct SyncRecord {
    complete: bool,
    tickets: u64,
    read: u64,
    new: usize,
    changed: usize,
    gone: usize,
    unreadable: usize,
    requests: u64,
    seconds: f64,
}

impl Record for SyncRecord {
    const FIELDS: &'static [&'static str] = &[
        "complete",
        "tickets",
        "read",
        "new",
        "changed",
        "gone",
        "unreadable",
        "requests",
        "seconds",
    ];
}

/// Why a run did not get to its end.
#[derive(Debug)]
enum Stopped {
    /// A signal ended it.
    Signal,
    Problem(Problem),
}

impl SyncVerb {
    /// Reads, and says what came of it.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<SyncRecord>()?;
        let opened = Opened::open(common).await?;
        let client = opened.client().await?.clone();
        let before = numbers(&opened.store).await?;
        let (keeper, reports) = opened.keeper(Some(client.clone())).await?;
        let began = Instant::now();
        let mut seen = Seen::new(reports, ProgressShown::new(client.clone()));
        let outcome = self.sync(&opened, &keeper, &mut seen).await;
        seen.progress.end();
        keeper.stop().await;
        keeper.tell_unread().await;
        seen.hear_all();
        let fresh = Freshness::of(&opened.store, opened.profile.poll).await?;
        let after = numbers(&opened.store).await?;
        let record = SyncRecord {
            complete: outcome.is_ok() && fresh.is_filled,
            tickets: fresh.count,
            read: keeper.tickets_read(),
            new: after.difference(&before).count(),
            changed: seen.changed.intersection(&before).filter(|it| after.contains(it)).count(),
            gone: before.difference(&after).count(),
            unreadable: seen.fresh.unreadable.len(),
            requests: client.sent(),
            seconds: (began.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        };
        drop(keeper);
        opened.store.close().await;
        record.print(&format)?;
        match outcome {
            Ok(()) => {
                seen.fresh.is_filled = true;
                seen.fresh.words(Timestamp::now()).iter().for_each(|text| failure::notice(text));
                Ok(())
            }
            Err(stopped) => Err(stopped.failure(&fresh, seen.fresh.total)),
        }
    }

    /// Works until all is read, or a signal comes.
    async fn sync(&self, opened: &Opened, keeper: &Keeper, seen: &mut Seen) -> Result<(), Stopped> {
        let mut working = pin!(self.work(opened, keeper));
        let mut signal = pin!(signals::ended());
        loop {
            tokio::select! {
                outcome = &mut working => return outcome.map_err(Stopped::Problem),
                Some(report) = seen.reports.recv() => seen.hear(report.1),
                () = sleep_until(seen.progress.next()) => seen.progress.show(),
                _ = &mut signal => return Err(Stopped::Signal),
            }
        }
    }

    async fn work(&self, opened: &Opened, keeper: &Keeper) -> Result<(), Problem> {
        let store = &opened.store;
        let needed_fill = store.needs_fill().await.map_err(problem)?;
        if needed_fill {
            self.patiently(keeper, async || keeper.fill().await.map(drop)).await?;
        }
        let fresh = Freshness::of(store, opened.profile.poll).await.map_err(problem)?;
        // A fill that took long has seen the waiting tickets long ago.
        if !needed_fill || !fresh.is_younger_than(opened.profile.poll) {
            let reach = if self.all && !needed_fill { Reach::All } else { Reach::WorkingSet };
            self.patiently(keeper, async || keeper.read(reach).await.map(drop)).await?;
        }
        keeper.wake().await;
        keeper.index().await;
        Ok(())
    }

    /// Tries again as long as the server asks for patience, and gives up once nothing has come for
    /// the time that is given.
    async fn patiently(
        &self,
        keeper: &Keeper,
        step: impl AsyncFn() -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let patience = Duration::from_secs(self.timeout.into());
        let (mut since, mut read) = (Instant::now(), keeper.tickets_read());
        loop {
            let Err(problem) = step().await else { return Ok(()) };
            if keeper.tickets_read() > read {
                (since, read) = (Instant::now(), keeper.tickets_read());
            }
            match fresh::again_at(&problem).filter(|at| *at <= since + patience) {
                Some(at) => sleep_until(at).await,
                None => return Err(problem),
            }
        }
    }
}

fn problem(error: StoreError) -> Problem {
    Problem::new(crate::domain::ProblemKind::Store, crate::text::clean::line(&error.reason()))
}

/// The numbers of all tickets here.
async fn numbers(store: &Store) -> Result<HashSet<TicketId>, StoreError> {
    let (active, archived) = (store.ids(false).await?, store.ids(true).await?);
    Ok(active.into_iter().chain(archived).collect())
}

/// What was reported.
struct Seen {
    reports: mpsc::UnboundedReceiver<(Timestamp, Report)>,
    progress: ProgressShown,
    changed: HashSet<TicketId>,
    fresh: Freshness,
}

impl Seen {
    fn new(reports: mpsc::UnboundedReceiver<(Timestamp, Report)>, progress: ProgressShown) -> Self {
        Self { reports, progress, changed: HashSet::new(), fresh: Freshness::default() }
    }

    fn hear(&mut self, report: Report) {
        match &report {
            Report::Refreshing { done, total } => self.progress.note(*done, *total),
            Report::Rows { changed, .. } => {
                self.changed.extend(changed.iter().map(|row| row.ticket.id));
            }
            _ => {}
        }
        self.fresh.hear(report);
    }

    fn hear_all(&mut self) {
        while let Ok((_, report)) = self.reports.try_recv() {
            self.hear(report);
        }
    }
}

impl SyncRecord {
    fn print(&self, format: &Format) -> Result<(), Failure> {
        match format {
            Format::Json(fields) => Ok(print::object(fields.as_deref(), self)?),
            Format::Tsv => {
                let value = serde_json::to_value(self)?;
                let cells = Self::FIELDS.iter().map(|field| value[field].to_string());
                Ok(print::lines([cells.collect()])?)
            }
            Format::Table => Ok(print::text(&format!(
                "{} tickets: {} new, {} changed, {} gone ({} requests, {} s)",
                self.tickets, self.new, self.changed, self.gone, self.requests, self.seconds
            ))?),
        }
    }
}

impl Stopped {
    /// What was read is kept, and the next run goes on from there.
    fn failure(self, fresh: &Freshness, total: Option<u64>) -> Failure {
        let far = if fresh.is_filled {
            "what was read is kept".to_owned()
        } else {
            let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
            format!("{}{total} tickets are here", fresh.count)
        };
        let next = if fresh.is_filled {
            "`growdesk sync` reads again"
        } else {
            "`growdesk sync` goes on from there"
        };
        match self {
            Self::Signal => Failure::new(Code::Partly, format!("stopped: {far}")).with_help(next),
            Self::Problem(problem) => {
                let failure = Failure::of_read(&problem);
                let help = failure.help.map(|help| format!("{help}; ")).unwrap_or_default();
                Failure::new(failure.code, format!("{problem}; {far}"))
                    .with_help(format!("{help}{next}"))
            }
        }
    }
}
