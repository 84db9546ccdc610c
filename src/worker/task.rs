//! The loop of the background task.

use std::time::Duration;

use jiff::Timestamp;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};

use super::{
    Control, Parts,
    context::{Context, store_problem},
    index,
    outbox::Carrier,
    reads::{self, Reads},
    snoozes::Snoozes,
    sync::{self, Upkeep},
};
use crate::{
    api::{BudgetState, Urgency},
    desk::{BudgetUse, Connection, LastScreen, Report, Stored, Work},
    domain::{AsideChange, Draft, DraftId, DraftKey, Seen, TicketId},
    store::{DraftOpened, Saved, StoreError},
    text,
};

/// How long changes that are being sent when the console closes may still take.
const LAST_MOMENT: Duration = Duration::from_secs(3);

/// How often the store is asked what other consoles of the profile have written.
const GLANCE: Duration = Duration::from_secs(5);
/// How often the store is asked while a draft is open; another console may take the draft over or
/// write it.
const WRITING: Duration = Duration::from_secs(1);
/// How many tickets that others have stored are told at once.
const GLANCE_ROWS: u32 = 1_000;

/// Runs until the console hangs up.
pub(super) async fn run(
    context: Context,
    mut inbox: mpsc::UnboundedReceiver<Work>,
    mut controls: mpsc::UnboundedReceiver<Control>,
) {
    let mut task = Task::open(context).await;
    let indexing = task.context.settings.parts.index;
    let indexing = indexing.then(|| tokio::spawn(index::keep_up(task.context.clone())));
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
                // Earlier work comes first.
                while let Ok(work) = inbox.try_recv() {
                    task.take(work).await;
                }
                task.control(control);
            }
            () = connection_changed.notified() => task.connection_changed().await,
            state = changed(&mut budget) => task.budget_changed(state).await,
            ended = task.upkeep.ended() => task.upkeep.take(&task.context, ended).await,
            () = sleep_until(wake) => {}
        }
        task.work_on().await;
    }
    if let Some(indexing) = indexing {
        indexing.abort();
    }
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

struct Task {
    context: Context,
    outbox: Carrier,
    reads: Reads,
    upkeep: Upkeep,
    /// The tickets that sleep, where the store is watched.
    snoozes: Snoozes,
    /// When the store is next asked what other consoles have written.
    next_glance: Instant,
    last_glance: Instant,
    /// Whether a draft is open: another console may take it over, or write it.
    writing: bool,
    /// Whether it was said that the file of the drafts is not at its path.
    told_of_loss: bool,
    /// While it rests, nothing is sent. Whoever asked for the rest is told once no request is under
    /// way.
    resting: bool,
    told_of_rest: Option<oneshot::Sender<()>>,
}

impl Task {
    /// Reads the store, and tells what it holds where it is watched.
    async fn open(context: Context) -> Self {
        let parts = context.settings.parts;
        let stored = match reads::stored(&context).await {
            Ok(stored) => stored,
            Err(problem) => Stored {
                notices: vec![format!("{problem}. Nothing can be kept until that is mended.")],
                ..Default::default()
            },
        };
        context.know(stored.directory.clone()).await;
        let mut snoozes = Snoozes::default();
        if parts.watch {
            snoozes.learn(&stored.asides);
        }
        let outbox = Carrier::new(stored.outbox.clone(), context.store.clock());
        if parts.watch {
            context.tell(Report::Stored(Box::new(stored)));
        }
        if let Err(error) = context.store.sign_log(&context.settings.agent).await {
            tracing::warn!(%error, "the log does not know the agent's name");
        }
        if parts.watch {
            sync::tell_unread(&context).await;
        }
        let mut upkeep = Upkeep::new(&context);
        if parts.upkeep {
            upkeep.begin(&context).await;
        }
        Self {
            context,
            outbox,
            reads: Reads::default(),
            upkeep,
            snoozes,
            next_glance: Instant::now() + GLANCE,
            last_glance: Instant::now(),
            writing: false,
            told_of_loss: false,
            resting: false,
            told_of_rest: None,
        }
    }

    fn next_wake(&self) -> Instant {
        let parts = self.context.settings.parts;
        let can_start = parts.outbox && !self.resting && self.context.client().is_some();
        let upkeep = self.upkeep.next_wake();
        let due = upkeep.into_iter().chain(self.outbox.next_due(can_start));
        let due = due.chain(self.snoozes.next_due()).min();
        let soon = self.writing.then(|| self.last_glance + WRITING);
        due.into_iter().chain(soon).fold(self.next_glance, Instant::min)
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Rest(told) => (self.resting, self.told_of_rest) = (true, Some(told)),
            Control::GoOn => (self.resting, self.told_of_rest) = (false, None),
        }
    }

    /// The budget is used otherwise, or the server asked for patience, maybe in another process.
    async fn budget_changed(&mut self, state: BudgetState) {
        let BudgetState { used, limit, paused_until, .. } = state;
        self.context.tell(Report::Budget(BudgetUse { used, limit: limit.unwrap_or(0) }));
        if let Some(until) = paused_until {
            self.context.connected(Connection::Limited { until }).await;
        }
    }

    /// The server came back, or went away.
    async fn connection_changed(&mut self) {
        if !self.context.is_online().await {
            return self.upkeep.look_again_soon(&self.context);
        }
        self.outbox.try_waiting_now();
        self.upkeep.server_is_back();
    }

    /// Looks for writes of other consoles and commands of the profile.
    async fn glance(&mut self) {
        if self.writing {
            self.next_glance = self.next_glance.min(self.last_glance + WRITING);
        }
        if Instant::now() < self.next_glance {
            return;
        }
        self.last_glance = Instant::now();
        self.next_glance = Instant::now() + GLANCE;
        let Parts { watch, outbox, .. } = self.context.settings.parts;
        if !watch && !outbox {
            return;
        }
        let store = &self.context.store;
        if watch && let Some(client) = self.context.client() {
            client.budget().look().await;
        }
        let elsewhere = async { if watch { store.elsewhere(GLANCE_ROWS).await } else { Ok(None) } };
        // Both at once: the store's thread wakes for them once.
        let (changed, elsewhere) = tokio::join!(store.changed_elsewhere(), elsewhere);
        let is_lost = matches!(changed, Err(StoreError::Replaced { .. }));
        let was_told = std::mem::replace(&mut self.told_of_loss, is_lost);
        let mut remade = None;
        match changed {
            Err(error @ StoreError::Replaced { .. }) if !was_told => {
                self.context.tell(Report::DraftsLost(store_problem(&error)));
            }
            Err(StoreError::Replaced { .. }) => {}
            Ok(changed) => {
                remade = changed.remade;
                if changed.written || remade.is_some() {
                    self.follow().await;
                }
            }
            Err(error) => tracing::warn!(%error, "the store could not be looked at"),
        }
        match elsewhere {
            Ok(None) => {}
            Ok(Some(elsewhere)) => {
                if elsewhere.more {
                    self.next_glance = Instant::now();
                }
                sync::take_in_elsewhere(&self.context, elsewhere).await;
            }
            Err(error) if error.is_about_mirror() => {
                self.context.tell(Report::MirrorChanged(store_problem(&error)));
            }
            // That was said above.
            Err(StoreError::Replaced { .. }) => {}
            Err(error) => tracing::warn!(%error, "the mirror could not be looked at"),
        }
        if watch {
            self.snoozes.look(&self.context).await;
        }
        // This news matters more than the loss of the mirror, which went too.
        if let Some(remade) = remade {
            tracing::warn!(%remade, "store");
            self.context.tell(Report::StoreRemade(text::clean::line(&remade.to_string())));
        }
    }

    /// Takes in what others have written to the outbox and the drafts.
    async fn follow(&mut self) {
        self.outbox.follow(&self.context).await;
        if !self.context.settings.parts.watch {
            return;
        }
        self.snoozes.tell(&self.context).await;
        match self.context.store.all_drafts().await {
            Ok(all) => self.context.tell(Report::Drafts(Box::new(all))),
            Err(error) => tracing::warn!(%error, "the drafts could not be read"),
        }
    }

    async fn take(&mut self, work: Work) {
        match work {
            Work::Refresh => self.upkeep.refresh(&self.context, Urgency::Agent),
            Work::Attend(attended) => self.upkeep.attend(&self.context, attended),
            Work::Read { request, slot, read } => {
                self.reads.start(&self.context, request, slot, read);
            }
            Work::Queue { entries, drop } => {
                self.outbox.queue(&self.context, entries, drop).await;
            }
            Work::TakeBack(ids) => self.outbox.take_back(&self.context, ids).await,
            Work::SendAnyway(id, stood) => {
                self.outbox.send_anyway(&self.context, id, stood).await;
            }
            Work::RecordProposal { entry, hold } => {
                let hold = Duration::try_from(hold).unwrap_or_default();
                self.outbox.record_proposal(&self.context, entry, hold).await;
            }
            Work::DropProposals(ids) => self.outbox.drop_proposals(&self.context, ids).await,
            Work::SendNow => self.outbox.send_now(&self.context).await,
            Work::SaveDraft { draft, seen } => self.save_draft(draft, seen).await,
            Work::DropDraft(seen) => self.drop_draft(seen).await,
            Work::OpenDraft { key, known, take } => self.open_draft(key, known, take).await,
            Work::CloseDraft(key) => self.close_draft(key).await,
            Work::SetAside(changes) => self.set_aside(changes).await,
            Work::Remember(screen) => self.remember(&screen).await,
        }
    }

    /// What is due: changes to send, upkeep.
    async fn work_on(&mut self) {
        self.glance().await;
        self.snoozes.wake_due(&self.context).await;
        if !self.resting {
            if self.context.settings.parts.outbox {
                self.outbox.start_due(&self.context).await;
            }
        } else if !self.outbox.is_sending()
            && let Some(told) = self.told_of_rest.take()
        {
            // The caller may have stopped waiting.
            let _ = told.send(());
        }
        self.upkeep.start_due(&self.context);
    }

    async fn save_draft(&mut self, draft: Draft, seen: Option<Timestamp>) {
        let (key, id, version) = (draft.key, draft.id, draft.updated);
        let message = match self.context.store.save_draft(draft, seen).await {
            Ok(Saved::Stored) => Report::DraftStored { key, version },
            Ok(Saved::Stale(stale)) => Report::DraftStale { key, id, stale: Box::new(stale) },
            Err(error) => Report::DraftFailed { key, problem: store_problem(&error) },
        };
        self.context.tell(message);
    }

    async fn drop_draft(&mut self, seen: Seen) {
        let key = seen.key;
        self.context.tell(match self.context.store.drop_draft(seen, self.context.now()).await {
            Ok(None) => Report::DraftGone(key),
            Ok(Some(stale)) => Report::DraftKept { key, stale: Box::new(stale) },
            Err(error) => Report::DraftNotGone { key, problem: store_problem(&error) },
        });
    }

    async fn open_draft(&mut self, key: DraftKey, known: Option<DraftId>, take: bool) {
        self.writing = true;
        let opened = self.context.store.open_draft(key, known, take, self.context.now()).await;
        match opened {
            Ok(DraftOpened { draft, writer, gone }) => {
                let draft = draft.map(Box::new);
                self.context.tell(Report::DraftOpened { key, draft, writer, gone });
            }
            // When the draft is stored, the store reports any conflict.
            Err(error) => tracing::warn!(%error, "whose a draft is to write is not known"),
        }
    }

    async fn close_draft(&mut self, key: DraftKey) {
        self.writing = false;
        if let Err(error) = self.context.store.close_draft(key).await {
            tracing::warn!(%error, "a draft could not be left to others");
        }
    }

    async fn set_aside(&mut self, changes: Vec<(TicketId, AsideChange)>) {
        let stored = self.context.store.set_aside(changes, self.context.now()).await;
        self.context.tell(Report::AsideStored(stored.map_err(|error| store_problem(&error))));
        if self.context.settings.parts.watch {
            self.snoozes.tell(&self.context).await;
        }
    }

    async fn remember(&self, screen: &LastScreen) {
        let Ok(value) = serde_json::to_value(screen) else { return };
        if let Err(error) = self.context.store.remember("screen", value).await {
            tracing::warn!(%error, "the screen could not be remembered");
        }
    }

    /// Lets what is being sent come to an end, for a moment, and everything stored reach the disk.
    async fn close(mut self) {
        self.upkeep.stop();
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
