//! The loop of the background task.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

use super::{
    context::{Context, store_problem},
    outbox::Outbox,
    reads::{self, Reads},
    sync::{self, Turns},
};
use crate::{
    api::{BudgetState, Urgency},
    app::{Budget, Message, Work},
    domain::{Draft, DraftKey},
    store::Saved,
};

/// How long changes that are being sent when the console closes may still take.
const LAST_MOMENT: Duration = Duration::from_secs(3);

/// Runs until the console hangs up.
pub(super) async fn run(context: Context, mut inbox: mpsc::UnboundedReceiver<Work>) {
    let mut task = Task::open(context).await;
    let mut budget = task.context.client().map(|client| client.budget().watch());
    let back_online = task.context.back_online.clone();
    loop {
        let wake = task.next_wake();
        tokio::select! {
            work = inbox.recv() => match work {
                Some(work) => task.take(work).await,
                None => break,
            },
            outcome = task.outbox.next_outcome() => task.outbox.ended(&task.context, outcome).await,
            () = back_online.notified() => task.outbox.try_waiting_now(),
            state = changed(&mut budget) => task.context.tell(Message::Budget(shown(state))),
            turns = finished(&mut task.poll) => task.polled(turns),
            () = sleep_until(wake) => {}
        }
        task.work_on().await;
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

fn shown(state: BudgetState) -> Budget {
    Budget { used: state.used, limit: state.limit.unwrap_or(0) }
}

async fn finished(poll: &mut Option<JoinHandle<Turns>>) -> Turns {
    match poll {
        Some(poll) => poll.await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}

struct Task {
    context: Context,
    outbox: Outbox,
    reads: Reads,
    poll: Option<JoinHandle<Turns>>,
    turns: Turns,
    refresh: Option<JoinHandle<()>>,
    next_poll: Instant,
    /// The version of each draft that this console knows to be stored.
    drafts: HashMap<DraftKey, Timestamp>,
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
        let drafts = stored.drafts.iter().map(|draft| (draft.key, draft.updated)).collect();
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
            next_poll: Instant::now(),
            drafts,
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
        let due = self.outbox.next_due().map_or(poll, instant_of);
        poll.min(due)
    }

    async fn take(&mut self, work: Work) {
        match work {
            Work::Refresh => self.refresh(Urgency::Agent),
            Work::Read { request, read } => self.reads.start(&self.context, request, read),
            Work::Queue { entries, drop } => {
                for key in &drop {
                    self.drafts.remove(key);
                }
                self.outbox.queue(&self.context, entries, drop).await;
            }
            Work::TakeBack(id) => {
                if let Some(draft) = self.outbox.take_back(&self.context, id).await {
                    self.drafts.insert(draft.key, draft.updated);
                }
            }
            Work::SendAnyway(id, stood) => {
                self.outbox.send_anyway(&self.context, id, stood).await;
            }
            Work::SendNow => self.outbox.send_now(&self.context).await,
            Work::SaveDraft(draft) => self.save_draft(draft).await,
            Work::DropDraft(key) => self.drop_draft(key).await,
            Work::Remember(screen) => self.remember(&screen).await,
        }
    }

    /// What is due: changes to send, a poll.
    async fn work_on(&mut self) {
        self.outbox.start_due(&self.context).await;
        let refreshing = self.refresh.as_ref().is_some_and(|refresh| !refresh.is_finished());
        if self.context.client().is_none() || self.poll.is_some() || Instant::now() < self.next_poll
        {
            return;
        }
        self.next_poll = Instant::now() + self.context.settings.poll;
        if !refreshing {
            let turns = std::mem::take(&mut self.turns);
            self.poll = Some(tokio::spawn(sync::poll(self.context.clone(), turns)));
        }
    }

    fn polled(&mut self, turns: Turns) {
        self.poll = None;
        self.turns = turns;
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

    async fn save_draft(&mut self, draft: Draft) {
        let (key, updated) = (draft.key, draft.updated);
        let known = self.drafts.get(&key).copied();
        let message = match self.context.store.save_draft(draft, known).await {
            Ok(Saved::Stored) => {
                self.drafts.insert(key, updated);
                Message::DraftStored { key }
            }
            Ok(Saved::Newer(theirs)) => {
                self.drafts.insert(key, theirs.updated);
                Message::DraftNewer(Box::new(theirs))
            }
            Err(error) => Message::DraftFailed { key, problem: store_problem(&error) },
        };
        self.context.tell(message);
    }

    async fn drop_draft(&mut self, key: DraftKey) {
        self.drafts.remove(&key);
        if let Err(error) = self.context.store.drop_draft(key).await {
            tracing::warn!(%error, "a draft could not be dropped");
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
        self.context.store.close().await;
    }
}

fn instant_of(at: Timestamp) -> Instant {
    let wait = Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default();
    Instant::now() + wait
}
