//! The background task of a verb, and the signals that stop it.

use std::{io, time::Duration};

use jiff::Timestamp;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    time::Instant,
};

use crate::{
    api,
    cli::{Failure, opened::Opened},
    desk::{Connection, Found, Read, Report, RequestId, Slot, Work},
    domain::{Problem, ProblemKind},
    worker::{Parts, Worker},
};

/// How soon a read that failed is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// The columns that a conversation is laid out for. Nobody looks at it.
const WIDTH: u16 = 80;

/// The answer to a read.
#[derive(Debug)]
pub(super) enum ReadOutcome {
    /// It is in the local copy now.
    Read,
    /// It can't be read.
    Not(Problem),
    /// The user wants the verb to stop.
    Stopped,
}

/// The background task.
pub(super) struct Sender {
    worker: Worker,
    reports: mpsc::UnboundedReceiver<(Timestamp, Report)>,
    asked: u64,
    connection: Connection,
}

/// The signals that ask a program to end.
pub(in crate::cli) struct Signals(Vec<Signal>);

impl Signals {
    /// From now on they no longer end the program by themselves.
    pub(in crate::cli) fn listen() -> io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        kinds.into_iter().map(signal).collect::<io::Result<_>>().map(Self)
    }

    /// Waits for one.
    pub(in crate::cli) async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0[..] else {
            return std::future::pending().await;
        };
        tokio::select! {
            Some(()) = interrupt.recv() => {}
            Some(()) = terminate.recv() => {}
            Some(()) = hangup.recv() => {}
            else => std::future::pending().await,
        }
    }
}

impl Sender {
    /// Starts the task, which sends what is in the outbox if `sends`.
    pub(super) async fn start(opened: &Opened, sends: bool) -> Result<Self, Failure> {
        let parts = Parts { outbox: sends, ..Parts::default() };
        let (worker, reports) = opened.worker(parts, Vec::new()).await?;
        Ok(Self { worker, reports, asked: 0, connection: Connection::Connecting })
    }

    pub(super) fn ask(&self, work: Work) {
        self.worker.ask(work);
    }

    /// What keeps the server from answering, as far as that is known.
    pub(super) fn trouble(&self) -> Option<Problem> {
        match &self.connection {
            Connection::Connecting | Connection::Online | Connection::Closed => None,
            Connection::Limited { until } => Some(api::Error::Throttled { until: *until }.into()),
            Connection::Offline(problem)
            | Connection::NotTheApi(problem)
            | Connection::Unauthorised(problem) => Some(problem.clone()),
        }
    }

    /// The next thing that the task tells; never, once it has ended.
    pub(super) async fn next(&mut self) -> Report {
        let Some((_, report)) = self.reports.recv().await else {
            return std::future::pending().await;
        };
        if let Report::Connection(connection) = &report {
            self.connection = connection.clone();
        }
        report
    }

    /// Reads a ticket, or its conversation, from the server into the local copy, and waits for a server
    /// that is away or asks to wait. What the task tells meanwhile is kept in `heard`.
    pub(super) async fn read(
        &mut self,
        read: &Read,
        patience: Duration,
        signals: &mut Signals,
        heard: &mut Vec<Report>,
    ) -> ReadOutcome {
        let deadline = Instant::now() + patience;
        loop {
            let problem = match self.read_once(read, deadline, signals, heard).await {
                ReadOutcome::Not(problem) if may_pass(&problem) => problem,
                other => return other,
            };
            if Instant::now() + AGAIN >= deadline {
                return ReadOutcome::Not(problem);
            }
            tokio::select! {
                () = signals.next() => return ReadOutcome::Stopped,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }

    async fn read_once(
        &mut self,
        read: &Read,
        deadline: Instant,
        signals: &mut Signals,
        heard: &mut Vec<Report>,
    ) -> ReadOutcome {
        self.asked += 1;
        let asked = RequestId(self.asked);
        self.ask(Work::Read { request: asked, slot: Slot::Going, read: read.clone() });
        loop {
            // A server that answers slowly, or a budget that is used up, is waited for. One that is away
            // is not.
            let stuck = self.trouble();
            let report = tokio::select! {
                () = signals.next() => return ReadOutcome::Stopped,
                report = self.next() => report,
                () = tokio::time::sleep_until(deadline), if stuck.is_some() => {
                    let timed_out = Problem::new(ProblemKind::Unreachable, crate::domain::Line::default());
                    return ReadOutcome::Not(stuck.unwrap_or(timed_out));
                }
            };
            match report {
                Report::Found { request, found } if request == asked => {
                    return found.map_or_else(ReadOutcome::Not, |_: Found| ReadOutcome::Read);
                }
                Report::Thread { request, .. } if request == asked => return ReadOutcome::Read,
                Report::ThreadFailed { request, problem } if request == asked => {
                    return ReadOutcome::Not(problem);
                }
                other => heard.push(other),
            }
        }
    }

    /// Stops sending, and waits a moment for what is under way.
    pub(super) async fn rest(&self) {
        self.worker.rest().await;
    }

    /// Ends the task, which has rested: what is still being sent is looked up later.
    pub(super) async fn abandon(self) {
        self.worker.abandon().await;
    }

    /// Ends the task.
    pub(super) async fn close(self) {
        self.worker.close().await;
    }
}

/// Whether a read that failed may succeed soon.
fn may_pass(problem: &Problem) -> bool {
    let kind = &problem.kind;
    problem.is_passing()
        || matches!(
            kind,
            ProblemKind::Broken | ProblemKind::TimedOut { .. } | ProblemKind::ServerFault { .. }
        )
}

/// The read of a conversation, and of its ticket where that has changed.
pub(super) fn conversation(ticket: crate::domain::TicketId) -> Read {
    Read::Thread { ticket, width: WIDTH, fetch: true }
}
