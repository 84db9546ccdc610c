//! The loop of the background task.

use std::time::Duration;

use jiff::Timestamp;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Control,
    context::{Context, store_problem},
    index,
    outbox::Outbox,
    reads::{self, Reads},
    sync::{self, Turns},
};
use crate::{
    api::{BudgetState, Urgency},
    app::{Budget, Message, Work},
    domain::{Draft, Seen},
    store::Saved,
};

/// How long changes that are being sent when the console closes may still take.
const LAST_MOMENT: Duration = Duration::from_secs(3);

/// How often the store is asked what other consoles of the profile have written.
const GLANCE: Duration = Duration::from_secs(2);

/// Runs until the console hangs up.
pub(super) async fn run(
    context: Context,
    mut inbox: mpsc::UnboundedReceiver<Work>,
    mut controls: mpsc::UnboundedReceiver<Control>,
) {
    let mut task = Task::open(context).await;
    let indexing = tokio::spawn(index::keep_up(task.context.clone()));
    let mut budget = task.context.client().map(|client| client.budget().watch());
    let connection_changed = task.context.connection_changed.clone();
    loop {
        let wake = task.next_wake();
        tokio::select! {
            work = inbox.recv() => match work {
                Some(work) => task.take(work).await,
                None => break,
            },
            outcome = task.outbox.next_outcome() => task.outbox.ended(&task.context, outcome).await,
            Some(control) = controls.recv() => {
                // What was asked for before comes first.
                while let Ok(work) = inbox.try_recv() {
                    task.take(work).await;
                }
                task.control(control);
            }
            () = connection_changed.notified() => task.connection_changed().await,
            state = changed(&mut budget) => task.context.tell(Message::Budget(shown(state))),
            turns = finished(&mut task.poll) => task.polled(turns).await,
            complete = finished(&mut task.refresh) => task.refreshed(complete).await,
            () = sleep_until(wake) => {}
        }
        task.work_on().await;
    }
    indexing.abort();
    task.close().await;
}

async fn changed(budget: &mut Option<tokio::sync::watch::Receiver<BudgetState>>) -> BudgetState {
    if let Some(watch) = budget
        && watch.changed().await.is_ok()
    {
        return watch.borrow_and_update().clone();
    }
    std::future::pending().await
}

fn shown(state: BudgetState) -> Budget {
    Budget { used: state.used, limit: state.limit.unwrap_or(0) }
}

async fn finished<T: Default>(job: &mut Option<JoinHandle<T>>) -> T {
    match job {
        Some(job) => job.await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}

struct Task {
    context: Context,
    outbox: Outbox,
    reads: Reads,
    poll: Option<JoinHandle<Turns>>,
    turns: Turns,
    refresh: Option<JoinHandle<bool>>,
    /// Whether the last refresh could not be finished.
    incomplete: bool,
    next_poll: Instant,
    /// When the store is next asked what other consoles have written.
    next_glance: Instant,
    /// Nothing is sent while somebody waits for a rest, who is told once nothing is being sent.
    resting: bool,
    told_of_rest: Option<oneshot::Sender<()>>,
}

impl Task {
    /// Reads the store and tells the core what it holds.
    async fn open(context: Context) -> Self {
        let mut stored = match reads::stored(&context).await {
            Ok(stored) => stored,
            Err(problem) => crate::app::Stored {
                notices: vec![format!("{problem}. Nothing can be kept until that is mended.")],
                ..Default::default()
            },
        };
        if let Err(error) = context.store.sign_log(&context.settings.agent).await {
            tracing::warn!(%error, "the log does not know the agent's name");
        }
        context.set_directory(stored.directory.clone()).await;
        let outbox = Outbox::new(std::mem::take(&mut stored.outbox));
        stored.outbox = outbox.entries().to_vec();
        context.tell(Message::Stored(Box::new(stored)));
        let mut task = Self {
            context,
            outbox,
            reads: Reads::default(),
            poll: None,
            turns: Turns::default(),
            refresh: None,
            incomplete: false,
            next_poll: Instant::now(),
            next_glance: Instant::now() + GLANCE,
            resting: false,
            told_of_rest: None,
        };
        task.refresh(Urgency::Screen);
        task
    }

    fn next_wake(&self) -> Instant {
        let poll = if self.context.client().is_some() && self.poll.is_none() {
            self.next_poll
        } else {
            Instant::now() + Duration::from_secs(3600)
        };
        let can_start = !self.resting && self.context.client().is_some();
        let due = self.outbox.next_due(can_start).unwrap_or(poll);
        poll.min(due).min(self.next_glance)
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Rest(told) => (self.resting, self.told_of_rest) = (true, Some(told)),
            Control::GoOn => (self.resting, self.told_of_rest) = (false, None),
        }
    }

    /// The server came back, or went away.
    async fn connection_changed(&mut self) {
        if !self.context.is_online().await {
            self.look_again_soon();
            return;
        }
        self.outbox.try_waiting_now();
        if self.incomplete && self.refresh.is_none() {
            self.refresh(Urgency::Background);
        }
    }

    fn look_again_soon(&mut self) {
        let soon = Instant::now() + self.context.settings.retry;
        self.next_poll = self.next_poll.min(soon);
    }

    /// Looks what other consoles and commands of the profile have written.
    async fn glance(&mut self) {
        if Instant::now() < self.next_glance {
            return;
        }
        self.next_glance = Instant::now() + GLANCE;
        match self.context.store.changed_elsewhere().await {
            Ok(false) => {}
            Ok(true) => {
                self.outbox.follow(&self.context).await;
                match self.context.store.drafts().await {
                    Ok(drafts) => self.context.tell(Message::Drafts(drafts)),
                    Err(error) => tracing::warn!(%error, "the drafts could not be read"),
                }
            }
            Err(error) => tracing::warn!(%error, "the store could not be looked at"),
        }
    }

    async fn take(&mut self, work: Work) {
        match work {
            Work::Refresh => self.refresh(Urgency::Agent),
            Work::Read { request, read } => self.reads.start(&self.context, request, read),
            Work::Queue { entries, drop } => {
                self.outbox.queue(&self.context, entries, drop).await;
            }
            Work::TakeBack(id) => self.outbox.take_back(&self.context, id).await,
            Work::SendAnyway(id, stood) => {
                self.outbox.send_anyway(&self.context, id, stood).await;
            }
            Work::SendNow => self.outbox.send_now(&self.context).await,
            Work::SaveDraft { draft, seen } => self.save_draft(draft, seen).await,
            Work::DropDraft(seen) => self.drop_draft(seen).await,
            Work::Remember(screen) => self.remember(&screen).await,
        }
    }

    /// What is due: changes to send, a poll.
    async fn work_on(&mut self) {
        self.glance().await;
        if !self.resting {
            self.outbox.start_due(&self.context).await;
        } else if !self.outbox.is_sending()
            && let Some(told) = self.told_of_rest.take()
        {
            // Whoever asked may have stopped waiting.
            let _ = told.send(());
        }
        let refreshing = self.refresh.is_some();
        if self.context.client().is_none() || self.poll.is_some() || Instant::now() < self.next_poll
        {
            return;
        }
        self.next_poll = Instant::now() + self.context.settings.poll;
        if self.incomplete && !refreshing {
            self.refresh(Urgency::Background);
        } else if !refreshing {
            let turns = std::mem::take(&mut self.turns);
            self.poll = Some(tokio::spawn(sync::poll(self.context.clone(), turns)));
        }
    }

    async fn polled(&mut self, turns: Turns) {
        self.poll = None;
        self.turns = turns;
        if !self.context.is_online().await {
            self.look_again_soon();
        }
    }

    async fn refreshed(&mut self, complete: bool) {
        self.refresh = None;
        self.incomplete = !complete;
        if !self.context.is_online().await {
            self.look_again_soon();
        }
    }

    fn refresh(&mut self, urgency: Urgency) {
        if self.context.client().is_none() {
            return;
        }
        if let Some(older) = self.refresh.take() {
            older.abort();
        }
        self.next_poll = Instant::now() + self.context.settings.poll;
        self.refresh = Some(tokio::spawn(sync::refresh(self.context.clone(), urgency)));
    }

    async fn save_draft(&mut self, draft: Draft, seen: Option<Timestamp>) {
        let (key, version) = (draft.key, draft.updated);
        let message = match self.context.store.save_draft(draft, seen).await {
            Ok(Saved::Stored) => Message::DraftStored { key, version },
            Ok(Saved::Newer(theirs)) => Message::DraftNewer(Box::new(theirs)),
            Err(error) => Message::DraftFailed { key, problem: store_problem(&error) },
        };
        self.context.tell(message);
    }

    async fn drop_draft(&mut self, seen: Seen) {
        let dropped = self.context.store.drop_draft(seen).await;
        self.context.tell(Message::DraftGone(seen.key));
        match dropped {
            Ok(None) => {}
            Ok(Some(theirs)) => self.context.tell(Message::DraftKept(Box::new(theirs))),
            Err(error) => tracing::warn!(%error, "a draft could not be dropped"),
        }
    }

    async fn remember(&self, screen: &crate::app::screen::Screen) {
        let Ok(value) = serde_json::to_value(screen) else { return };
        if let Err(error) = self.context.store.remember("screen", value).await {
            tracing::warn!(%error, "the screen could not be remembered");
        }
    }

    /// Lets what is being sent come to an end, for a moment, and everything stored reach the disk.
    async fn close(mut self) {
        if let Some(refresh) = self.refresh.take() {
            refresh.abort();
        }
        if let Some(poll) = self.poll.take() {
            poll.abort();
        }
        let context = self.context.clone();
        let ending = async {
            while self.outbox.is_sending() {
                let outcome = self.outbox.next_outcome().await;
                self.outbox.ended(&context, outcome).await;
            }
        };
        if timeout(LAST_MOMENT, ending).await.is_err() {
            tracing::warn!("a change was still being sent; it is checked at the next start");
        }
    }
}
