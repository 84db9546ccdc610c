//! The upkeep of the mirror for a command that ends: it does what it is asked to, and nothing by
//! itself.

use std::{sync::atomic::Ordering, time::Duration};

use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinHandle, time::sleep};

use super::{
    WorkerSettings,
    context::{Context, store_problem},
    index,
    snoozes::Snoozes,
    sync::{self, Filled, Passed, Rule},
};
use crate::{
    api::ApiClient,
    desk::Report,
    domain::{Directory, Problem},
    store::{Pass, Reach, Store, StoreError},
};

/// How often it looks how far another console is.
const LOOK: Duration = Duration::from_millis(200);
/// A copy that was not kept up to date for so many intervals is read as when a console opens.
const NEGLECTED: u32 = 4;
/// How often a page that the server fails over is asked for. After so many tries the fill passes
/// over it.
const TRIES: u32 = 4;

/// The upkeep of the mirror, step by step.
pub struct Keeper {
    context: Context,
    indexing: Option<JoinHandle<()>>,
}

/// How a step of the upkeep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneBy {
    /// It was carried out here.
    Here,
    /// Another console has carried it out, or does so.
    Elsewhere,
}

impl Keeper {
    /// Begins with what the store knows. The reports come as those of a
    /// [`Worker`](super::Worker) do. Without a client nothing is asked, and the steps fail.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn open(
        client: Option<ApiClient>,
        store: Store,
        settings: WorkerSettings,
    ) -> Result<(Self, mpsc::UnboundedReceiver<(Timestamp, Report)>), StoreError> {
        let (out, reports) = mpsc::unbounded_channel();
        let context = Context::new(client, store, settings, out);
        let known: Directory = context.store.directory().await?;
        context.know(known).await;
        let indexing = context.client().map(|_| tokio::spawn(index::keep_up(context.clone())));
        Ok((Self { context, indexing }, reports))
    }

    /// Brings the mirror up to date as a pass does, or as a console that opens does if it was
    /// neglected. Nothing is read if a console of the profile has had a pass within the poll
    /// interval. A mirror without all waiting tickets is filled.
    ///
    /// # Errors
    /// What the server or the store said. What was read before that is stored.
    pub async fn catch_up(&self) -> Result<DoneBy, Problem> {
        let store = &self.context.store;
        let stored = |error: StoreError| store_problem(&error);
        let poll = self.context.settings.poll;
        let filling = store.needs_fill().await.map_err(stored)?;
        let synced_at = store.synced_at().await.map_err(stored)?;
        let Some(synced_at) = synced_at else {
            return if filling {
                self.fill_or_follow(true).await
            } else {
                self.refresh(poll).await
            };
        };
        let age = Duration::try_from(Timestamp::now().duration_since(synced_at));
        let done = if !filling && age.is_ok_and(|age| age > poll * NEGLECTED) {
            self.refresh(poll).await?
        } else {
            self.pass(poll, filling).await?
        };
        match (done, filling) {
            (DoneBy::Here, true) => self.fill_or_follow(false).await,
            _ => Ok(done),
        }
    }

    /// Reads the working set to its end, or all tickets. While another console reads as much, waits
    /// for it instead; if it does not come to its end, reads in its place.
    ///
    /// # Errors
    /// What the server or the store said. What was read before that is stored.
    pub async fn read(&self, reach: Reach) -> Result<DoneBy, Problem> {
        let store = &self.context.store;
        let stored = |error: StoreError| store_problem(&error);
        while !sync::read_whole(&self.context, reach).await? {
            let Some((began, _)) = store.pass_elsewhere().await.map_err(stored)? else { continue };
            self.await_pass().await?;
            if store.synced_at().await.map_err(stored)? >= Some(began) {
                return Ok(DoneBy::Elsewhere);
            }
        }
        Ok(DoneBy::Here)
    }

    /// Fills the mirror to its end. While another console does, waits for it; if that console ends
    /// before, goes on in its place.
    ///
    /// # Errors
    /// What the server or the store said. What was read before that is stored, and the next fill
    /// goes on from there.
    pub async fn fill(&self) -> Result<DoneBy, Problem> {
        self.fill_or_follow(false).await?;
        let mut done = DoneBy::Here;
        while self.context.store.needs_fill().await.map_err(|error| store_problem(&error))? {
            sleep(LOOK).await;
            done = self.fill_or_follow(false).await?;
        }
        Ok(done)
    }

    async fn refresh(&self, interval: Duration) -> Result<DoneBy, Problem> {
        match sync::read_at_start(&self.context, interval).await? {
            Pass::Mine(_) => Ok(DoneBy::Here),
            Pass::Theirs(..) => self.await_pass().await,
        }
    }

    async fn pass(&self, interval: Duration, filling: bool) -> Result<DoneBy, Problem> {
        let limit = self.context.client().and_then(|it| it.budget().state().limit);
        let rule = Rule { limit, poll: interval, interval, filling };
        match sync::claimed_pass(&self.context, rule).await? {
            Passed::Theirs { .. } => self.await_pass().await,
            _ => Ok(DoneBy::Here),
        }
    }

    /// Waits until the pass of another console that is under way is over.
    async fn await_pass(&self) -> Result<DoneBy, Problem> {
        let store = &self.context.store;
        let stored = |error: StoreError| store_problem(&error);
        let first = store.pass_elsewhere().await.map_err(stored)?;
        while first.is_some() && store.pass_elsewhere().await.map_err(stored)? == first {
            sleep(LOOK).await;
        }
        Ok(DoneBy::Elsewhere)
    }

    /// Goes on with the fill. A page that the server fails over is tried again. If `follow`, and
    /// another console fills, waits until it has come to its end.
    async fn fill_or_follow(&self, follow: bool) -> Result<DoneBy, Problem> {
        let mut tries = 0;
        loop {
            match sync::go_on_filling(&self.context).await {
                Ok(Filled::Elsewhere) if follow => sleep(LOOK).await,
                Ok(Filled::Elsewhere) => return Ok(DoneBy::Elsewhere),
                Ok(_) => return Ok(DoneBy::Here),
                Err(problem) if sync::is_of_one(&problem) && tries < TRIES => {
                    tries += 1;
                    sleep(LOOK * tries).await;
                }
                Err(problem) => return Err(problem),
            }
        }
    }

    /// Wakes the snoozed tickets whose time has come, or whose customer has written. A console that
    /// runs does that itself, and says so.
    pub async fn wake(&self) {
        if !matches!(self.context.store.has_company().await, Ok(false)) {
            return;
        }
        let mut snoozes = Snoozes::default();
        match self.context.store.asides().await {
            Ok(asides) => snoozes.learn(&asides),
            Err(error) => return tracing::warn!(%error, "snoozes could not be read"),
        }
        snoozes.wake_due(&self.context).await;
        snoozes.look(&self.context).await;
        while snoozes.is_reading() {
            sleep(LOOK).await;
            snoozes.look(&self.context).await;
        }
    }

    /// Indexes the words that are not indexed yet. What fails is left to the next time.
    pub async fn index(&self) {
        if let Err(error) = index::index_now(&self.context.store).await {
            tracing::warn!(%error, "texts could not be indexed");
        }
    }

    /// How many tickets were on the pages that were read here.
    pub fn tickets_read(&self) -> u64 {
        self.context.tickets_read.load(Ordering::Relaxed)
    }

    /// Has the tickets and stretches that can't be read reported.
    pub async fn tell_unread(&self) {
        sync::tell_unread(&self.context).await;
    }

    /// Notes that what was under way is given up: the next pass does not wait for its turn.
    pub async fn stop(&self) {
        if let Err(error) = self.context.store.give_up_pass().await {
            tracing::warn!(%error, "that a pass was given up could not be noted");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.indexing.iter().for_each(JoinHandle::abort);
    }
}
