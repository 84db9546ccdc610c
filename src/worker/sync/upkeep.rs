//! Starts the jobs of the upkeep when they are due, one of each kind at a time.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::{task::JoinHandle, time::Instant};

use super::{
    fill::{self, Filled},
    pass::{self, Passed, Rule},
    refresh,
};
use crate::{api::Urgency, desk::Report, worker::context::Context};

/// How many times as long the interval is while the agent looks at something else.
const UNATTENDED: u32 = 4;
/// How soon a console looks again how far another one is with the fill.
const FILL_WATCH: Duration = Duration::from_secs(5);

/// The upkeep of the mirror, as the background task drives it.
#[derive(Debug)]
pub(in crate::worker) struct Upkeep {
    /// Whether the upkeep runs by itself. It does not with `--offline`, or in a command that does
    /// not need it.
    has_begun: bool,
    pass: Option<JoinHandle<Passed>>,
    refresh: Option<JoinHandle<bool>>,
    fill: Option<JoinHandle<Filled>>,
    /// When the last pass began, here or in another console.
    last_pass: Instant,
    next_pass: Instant,
    next_fill: Instant,
    is_filled: bool,
    /// When the last refresh is tried again, if the connection spoilt it.
    next_again: Option<Instant>,
    /// Before this time the refresh is not tried again by itself.
    not_again_before: Instant,
    /// Whether a refresh was tried again since the last pass.
    passes_turn: bool,
    /// Whether the agent looks at the console, as far as the terminal tells.
    attended: bool,
    told_every: Option<SignedDuration>,
}

/// A job that has ended.
#[derive(Debug)]
pub(in crate::worker) enum Ended {
    /// A pass.
    Pass(Passed),
    /// A refresh, and whether it could be finished.
    Refresh(bool),
    /// The fill, as far as it went.
    Fill(Filled),
}

impl Upkeep {
    /// Upkeep that does nothing by itself, and refreshes when it is asked to.
    pub(in crate::worker) fn new(context: &Context) -> Self {
        let now = Instant::now();
        Self {
            has_begun: false,
            pass: None,
            refresh: None,
            fill: None,
            last_pass: now,
            next_pass: now + context.settings.poll,
            next_fill: now,
            is_filled: true,
            next_again: None,
            not_again_before: now,
            passes_turn: false,
            attended: true,
            told_every: None,
        }
    }

    /// Begins with a fill or a refresh, whichever the mirror needs. From then on the upkeep runs by
    /// itself.
    pub(in crate::worker) async fn begin(&mut self, context: &Context) {
        if context.client().is_none() {
            return;
        }
        self.has_begun = true;
        match context.store.needs_fill().await {
            Ok(needs_fill) => self.is_filled = !needs_fill,
            Err(error) => tracing::warn!(%error, "whether the mirror is filled is not known"),
        }
        if self.is_filled {
            let open = refresh::open(context.clone(), context.settings.poll);
            self.refresh = Some(tokio::spawn(open));
        } else {
            self.fill = Some(tokio::spawn(fill::fill(context.clone())));
        }
    }

    /// When something is due.
    pub(in crate::worker) fn next_wake(&self) -> Option<Instant> {
        if !self.has_begun {
            return None;
        }
        let pass = Some(self.next_pass).into_iter().chain(self.next_again);
        let pass = pass.filter(|_| self.pass.is_none() && self.refresh.is_none());
        let fill = Some(self.next_fill).filter(|_| self.fill.is_none() && !self.is_filled);
        pass.chain(fill).min()
    }

    /// Waits until one of the jobs has ended. Dropping the future loses nothing.
    pub(in crate::worker) async fn ended(&mut self) -> Ended {
        tokio::select! {
            passed = finished(&mut self.pass) => Ended::Pass(passed.unwrap_or_default()),
            complete = finished(&mut self.refresh) => Ended::Refresh(complete.unwrap_or_default()),
            filled = finished(&mut self.fill) => Ended::Fill(filled.unwrap_or(Filled::Failed)),
        }
    }

    /// Takes in what has ended.
    pub(in crate::worker) async fn take(&mut self, context: &Context, ended: Ended) {
        match ended {
            Ended::Pass(passed) => self.passed(context, passed),
            Ended::Refresh(settled) => {
                self.refresh = None;
                let soon = Instant::now() + context.settings.retry;
                self.next_again = (!settled).then(|| self.not_again_before.max(soon));
            }
            Ended::Fill(filled) => self.filled(context, &filled),
        }
        if context.is_cut_off().await {
            self.look_again_soon(context);
        }
    }

    fn passed(&mut self, context: &Context, passed: Passed) {
        self.pass = None;
        let now = Instant::now();
        match passed {
            Passed::Done { every } => self.tell_every(context, every),
            Passed::Theirs { wait, every } => {
                let interval = self.interval(context);
                self.last_pass = now.checked_sub(interval.saturating_sub(wait)).unwrap_or(now);
                self.next_pass = now + wait;
                self.tell_every(context, every);
            }
            Passed::NeedsFill => {
                self.is_filled = false;
                self.next_fill = now;
            }
            Passed::Failed => {}
        }
    }

    fn tell_every(&mut self, context: &Context, every: Option<SignedDuration>) {
        if every != self.told_every {
            self.told_every = every;
            context.tell(Report::Upkeep { every });
        }
    }

    fn filled(&mut self, context: &Context, filled: &Filled) {
        self.fill = None;
        let wait = match filled {
            Filled::Done => {
                self.is_filled = true;
                return;
            }
            Filled::Elsewhere => FILL_WATCH,
            Filled::Failed => context.settings.retry,
        };
        self.next_fill = Instant::now() + wait;
    }

    /// Starts what is due.
    pub(in crate::worker) fn start_due(&mut self, context: &Context) {
        let Some(client) = context.client().filter(|_| self.has_begun) else { return };
        let now = Instant::now();
        if !self.is_filled && self.fill.is_none() && now >= self.next_fill {
            self.fill = Some(tokio::spawn(fill::fill(context.clone())));
        }
        if self.pass.is_some() || self.refresh.is_some() {
            return;
        }
        // A due pass goes first if a refresh was tried again since the last pass. So neither
        // displaces the other.
        let is_pass_first = now >= self.next_pass && self.passes_turn;
        if !is_pass_first && self.next_again.is_some_and(|at| now >= at) {
            self.passes_turn = true;
            self.next_again = None;
            self.not_again_before = now + context.settings.poll;
            self.refresh = Some(tokio::spawn(refresh::again(context.clone())));
            return;
        }
        if now < self.next_pass {
            return;
        }
        self.passes_turn = false;
        (self.last_pass, self.next_pass) = (now, now + self.interval(context));
        let rule = Rule {
            limit: client.budget().state().limit,
            poll: context.settings.poll,
            interval: self.interval(context),
            filling: !self.is_filled,
        };
        self.pass = Some(tokio::spawn(pass::run(context.clone(), rule)));
    }

    /// Reads the working set now.
    pub(in crate::worker) fn refresh(&mut self, context: &Context, urgency: Urgency) {
        if context.client().is_none() {
            return;
        }
        let older = self.refresh.take().map(|it| it.abort_handle());
        for job in older.into_iter().chain(self.pass.take().map(|it| it.abort_handle())) {
            job.abort();
        }
        let now = Instant::now();
        (self.last_pass, self.next_pass) = (now, now + self.interval(context));
        self.next_again = None;
        self.refresh = Some(tokio::spawn(refresh::refresh(context.clone(), urgency)));
    }

    /// The agent looks at the console again, or at something else.
    pub(in crate::worker) fn attend(&mut self, context: &Context, attended: bool) {
        self.attended = attended;
        self.next_pass = self.last_pass + self.interval(context);
    }

    /// The server is there again.
    pub(in crate::worker) fn server_is_back(&mut self) {
        let now = Instant::now();
        self.next_fill = now;
        self.next_again = self.next_again.map(|_| self.not_again_before.max(now));
    }

    /// The server was not there: it is tried before its turn.
    pub(in crate::worker) fn look_again_soon(&mut self, context: &Context) {
        self.next_pass = self.next_pass.min(Instant::now() + context.settings.retry);
    }

    /// Stops what is under way; it goes on from there at the next start.
    pub(in crate::worker) fn stop(&mut self) {
        let jobs = [
            self.pass.take().map(|it| it.abort_handle()),
            self.refresh.take().map(|it| it.abort_handle()),
            self.fill.take().map(|it| it.abort_handle()),
        ];
        jobs.into_iter().flatten().for_each(|job| job.abort());
    }

    fn interval(&self, context: &Context) -> Duration {
        context.settings.poll * if self.attended { 1 } else { UNATTENDED }
    }
}

/// The result of a running job; `None` if the job panicked.
async fn finished<T>(job: &mut Option<JoinHandle<T>>) -> Option<T> {
    match job {
        Some(job) => job.await.ok(),
        None => std::future::pending().await,
    }
}
