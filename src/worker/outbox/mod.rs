//! The outbox at work: it starts the changes whose turn it is, one at a time for each ticket.

mod back;
mod check;
mod haste;
mod line;
mod news;
mod reconcile;
mod record;
mod send;

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    time::Duration,
};

use futures::FutureExt as _;
use jiff::SignedDuration;
use tokio::{task::JoinSet, time::Instant};

use self::send::Next;
use super::context::{Context, store_problem};
use crate::{
    api::{Hurry, Urgency},
    clock::Clock,
    desk::Report,
    domain::{Entry, EntryId, Seen, Stand, State},
    store::TakeBack,
};

/// How long a claim on an entry lasts without renewal. After that its process counts as dead.
const LEASE: Duration = Duration::from_secs(60);

/// How often claims are renewed while something is being sent.
const RENEWAL: Duration = Duration::from_secs(15);

/// How long an entry that another console works on is left alone before it is looked at again.
const BUSY: Duration = Duration::from_secs(3);

/// How long the disk may take to store a change. If it takes longer, the hold starts anew when the
/// change is stored.
const LATE: SignedDuration = SignedDuration::from_millis(250);

/// How long to wait after a failed write before the outcome of a change is stored again.
const UNSTORED: Duration = Duration::from_secs(1);

/// The entries that are not settled, in the order in which they were asked for.
#[derive(Debug)]
pub(super) struct Carrier {
    clock: Clock,
    entries: Vec<Entry>,
    /// The entries being sent, and how urgent each is.
    sending: HashMap<EntryId, Urgency>,
    /// What calls the requests forward of those that are not urgent.
    hurries: HashMap<EntryId, Hurry>,
    jobs: JoinSet<JobOutcome>,
    /// Entries that are left alone for now, and when to look again.
    later: HashMap<EntryId, Instant>,
    /// Entries that need not wait any longer: the server is back.
    hurried: HashSet<EntryId>,
    renewed: Option<Instant>,
}

/// The outcome of a job.
#[derive(Debug)]
pub(super) enum JobOutcome {
    /// The entry has a new state.
    Moved(Box<Entry>),
    /// Another process holds the entry, or it has no result yet. It is looked at again after that
    /// time.
    Later(EntryId, Duration),
    /// It is settled, or was taken back.
    Gone(EntryId),
}

impl Carrier {
    pub(super) fn new(entries: Vec<Entry>, clock: Clock) -> Self {
        Self {
            clock,
            entries,
            sending: HashMap::new(),
            hurries: HashMap::new(),
            jobs: JoinSet::new(),
            later: HashMap::new(),
            hurried: HashSet::new(),
            renewed: None,
        }
    }

    pub(super) fn is_sending(&self) -> bool {
        !self.sending.is_empty()
    }

    /// Stores the entries of a step; if that fails, nothing of it is sent.
    pub(super) async fn queue(&mut self, context: &Context, entries: Vec<Entry>, drop: Vec<Seen>) {
        match context.store.queue(entries.clone(), drop).await {
            Ok(None) => {
                let entries = hold_from_now(context, entries).await;
                self.entries.extend(entries.iter().cloned());
                context.tell(Report::Queued { entries });
            }
            Ok(Some((key, stale))) => {
                context.tell(Report::NotRecorded { entries, key, stale: Box::new(stale) });
            }
            Err(error) => {
                context.tell(Report::NotQueued { entries, problem: store_problem(&error) });
            }
        }
    }

    /// Starts every change whose turn it is.
    pub(super) async fn start_due(&mut self, context: &Context) {
        let now = Instant::now();
        if self.is_sending() && self.renewed.is_none_or(|at| at + RENEWAL <= now) {
            self.renewed = Some(now);
            if let Err(error) = context.store.renew(context.now(), LEASE).await {
                tracing::warn!(%error, "claims could not be renewed");
            }
        }
        self.drop_orphans(context).await;
        if context.client().is_none() {
            return;
        }
        self.bring_forward();
        for (entry, urgency) in self.due() {
            self.sending.insert(entry.id, urgency);
            let hurry = Hurry::default();
            if urgency == Urgency::Background {
                self.hurries.insert(entry.id, hurry.clone());
            }
            let context = context.in_turn(urgency, hurry);
            self.jobs.spawn(async move {
                // An entry whose job panicked is looked at again: it must not block its ticket
                // until the next start.
                let job = AssertUnwindSafe(carry_out(&context, entry.id)).catch_unwind();
                job.await.unwrap_or(JobOutcome::Later(entry.id, BUSY))
            });
        }
    }

    /// Ends the entries that were to follow a change that failed.
    async fn drop_orphans(&mut self, context: &Context) {
        let open: HashSet<EntryId> = self.entries.iter().map(|entry| entry.id).collect();
        let waiting = self.entries.iter().filter(|entry| !self.sending.contains_key(&entry.id));
        let orphans: Vec<(EntryId, EntryId)> = waiting
            .filter_map(|entry| Some((entry.id, entry.after?)))
            .filter(|(_, parent)| !open.contains(parent))
            .collect();
        let (mut freed, mut ended) = (HashSet::new(), Vec::new());
        for (id, parent) in orphans {
            // Where the store can't say, the next turn asks again.
            let Ok(parent) = context.store.entry(parent).await else { continue };
            match parent.map(|it| it.state) {
                Some(State::Recorded { .. }) => {
                    freed.insert(id);
                }
                Some(state) if !state.is_settled() => {}
                _ => ended.push(id),
            }
        }
        for entry in self.entries.iter_mut().filter(|it| freed.contains(&it.id)) {
            entry.after = None;
        }
        if ended.is_empty() {
            return;
        }
        if let Ok(mut taken) = context.store.take_back_all(ended, context.now()).await {
            taken.retain(|(_, it)| matches!(it, TakeBack::Done(_)));
            self.taken_back(context, taken).await;
        }
    }

    /// Waits for a job to end; for ever if there is none.
    pub(super) async fn next_outcome(&mut self) -> JobOutcome {
        loop {
            match self.jobs.join_next().await {
                Some(Ok(outcome)) => return outcome,
                Some(Err(error)) => tracing::error!(%error, "sending a change failed"),
                None => std::future::pending().await,
            }
        }
    }

    /// Takes in what a job came to.
    pub(super) async fn ended(&mut self, context: &Context, outcome: JobOutcome) {
        match outcome {
            JobOutcome::Moved(entry) => {
                self.is_out_no_more(entry.id);
                self.later.remove(&entry.id);
                self.hurried.remove(&entry.id);
                self.replace((*entry).clone());
                tell_draft(context, &entry).await;
                tell(context, *entry).await;
            }
            JobOutcome::Later(id, wait) => {
                self.is_out_no_more(id);
                self.later.insert(id, Instant::now() + wait);
            }
            JobOutcome::Gone(id) => {
                self.is_out_no_more(id);
                self.later.remove(&id);
                let count = self.entries.len();
                self.entries.retain(|entry| entry.id != id);
                // The core already knows of an entry that was taken back while its job ran.
                if self.entries.len() < count
                    && let Ok(Some(entry)) = context.store.entry(id).await
                {
                    tell(context, entry).await;
                }
            }
        }
    }

    fn is_out_no_more(&mut self, id: EntryId) {
        self.sending.remove(&id);
        self.hurries.remove(&id);
    }

    fn replace(&mut self, entry: Entry) {
        if entry.state.is_settled() {
            self.entries.retain(|it| it.id != entry.id);
        } else if let Some(known) = self.entries.iter_mut().find(|it| it.id == entry.id) {
            *known = entry;
        }
    }

    /// Takes entries back that have not left; the text typed for them becomes a draft again.
    pub(super) async fn take_back(&mut self, context: &Context, ids: Vec<EntryId>) {
        let taken = match context.store.take_back_all(ids.clone(), context.now()).await {
            Ok(taken) => taken,
            Err(error) => {
                let problem = store_problem(&error);
                return context.tell(Report::NotTakenBack { ids, problem });
            }
        };
        self.taken_back(context, taken).await;
    }

    /// Tells what the store has made of taking entries back: all that are taken back at once, since
    /// there may be thousands.
    async fn taken_back(&mut self, context: &Context, taken: Vec<(EntryId, TakeBack)>) {
        let (mut back, mut late) = (Vec::new(), Vec::new());
        for (id, taken) in taken {
            match taken {
                TakeBack::Done(entry) => back.push(entry),
                TakeBack::TooLate(_) | TakeBack::Gone => late.push(id),
            }
        }
        let ids: HashSet<EntryId> = back.iter().map(|entry| entry.id).collect();
        self.entries.retain(|entry| !ids.contains(&entry.id));
        for entry in &back {
            tell_draft(context, entry).await;
        }
        match <[Entry; 1]>::try_from(back) {
            Ok([entry]) => context.tell(Report::Entry { entry: Box::new(entry), row: None }),
            Err(back) if back.is_empty() => {}
            Err(back) => context.tell(Report::TakenBack(back)),
        }
        if !late.is_empty() {
            context.tell(Report::TooLate(late));
        }
    }

    /// The agent has decided, knowing the ticket as it `stood`: the entry goes on.
    pub(super) async fn send_anyway(
        &mut self,
        context: &Context,
        id: EntryId,
        stood: Option<Box<Stand>>,
    ) {
        self.decide(context, id, stood, Duration::ZERO).await;
    }

    /// The agent records a proposal, which is held first.
    pub(super) async fn record_proposal(&mut self, context: &Context, id: EntryId, hold: Duration) {
        self.decide(context, id, None, hold).await;
    }

    async fn decide(
        &mut self,
        context: &Context,
        id: EntryId,
        stood: Option<Box<Stand>>,
        hold: Duration,
    ) {
        match context.store.decide(id, stood, hold, context.now()).await {
            Ok(Some(entry)) => {
                self.replace(entry.clone());
                context.tell(Report::Entry { entry: Box::new(entry), row: None });
            }
            Ok(None) => {}
            Err(error) => context.tell(Report::Failed(store_problem(&error))),
        }
    }

    /// The agent drops proposals: their texts become no drafts.
    pub(super) async fn drop_proposals(&mut self, context: &Context, ids: Vec<EntryId>) {
        let dropped = match context.store.drop_proposals(ids, context.now()).await {
            Ok(dropped) => dropped,
            Err(error) => return context.tell(Report::Failed(store_problem(&error))),
        };
        let ids: HashSet<EntryId> = dropped.iter().map(|entry| entry.id).collect();
        self.entries.retain(|entry| !ids.contains(&entry.id));
        context.tell(Report::TakenBack(dropped));
    }

    /// Lets every held entry go at once. Entries already on their way are not touched.
    pub(super) async fn send_now(&mut self, context: &Context) {
        let held = |entry: &&mut Entry| {
            matches!(entry.state, State::Holding { .. }) && !self.sending.contains_key(&entry.id)
        };
        for entry in self.entries.iter_mut().filter(held) {
            match context.store.release(entry.id, context.now()).await {
                Ok(true) => entry.state = State::Queued,
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "an entry could not be released"),
            }
        }
    }

    /// The server is back: entries that wait for the network are tried at once, and doubtful ones
    /// are looked for.
    pub(super) fn try_waiting_now(&mut self) {
        for entry in &self.entries {
            match entry.state {
                State::Waiting { .. } => {
                    self.hurried.insert(entry.id);
                }
                State::Doubtful { .. } => {
                    self.later.remove(&entry.id);
                }
                _ => {}
            }
        }
    }

    /// Takes in what other consoles and commands of the profile have done to the outbox.
    pub(super) async fn follow(&mut self, context: &Context) {
        let stored = match context.store.outbox().await {
            Ok(stored) => stored,
            Err(error) => return tracing::warn!(%error, "the outbox could not be read"),
        };
        self.later.clear();
        let known: HashMap<EntryId, Entry> =
            self.entries.drain(..).map(|entry| (entry.id, entry)).collect();
        let there: HashSet<EntryId> = stored.iter().map(|entry| entry.id).collect();
        for id in known.keys().filter(|id| !there.contains(id)) {
            if !self.sending.contains_key(id)
                && let Ok(Some(settled)) = context.store.entry(*id).await
            {
                tell(context, settled).await;
            }
        }
        for entry in stored {
            let before = known.get(&entry.id);
            match before.filter(|_| self.sending.contains_key(&entry.id)) {
                Some(own) => self.entries.push(own.clone()),
                None => {
                    if before != Some(&entry) {
                        tell(context, entry.clone()).await;
                    }
                    self.entries.push(entry);
                }
            }
        }
    }
}

/// Starts the hold of entries anew, from the moment they are stored. A slow disk uses up the hold
/// before the agent is told that the entries can be taken back.
async fn hold_from_now(context: &Context, mut entries: Vec<Entry>) -> Vec<Entry> {
    let now = context.now();
    for entry in &mut entries {
        let State::Holding { until } = entry.state else { continue };
        let late = now.duration_since(entry.queued);
        if late < LATE {
            continue;
        }
        let until = until.saturating_add(late).unwrap_or(until);
        match context.store.hold(entry.id, until, now).await {
            Ok(true) => entry.state = State::Holding { until },
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "what is held could not be held longer"),
        }
    }
    entries
}

/// Tells the core how the store has kept the text of a change that failed.
async fn tell_draft(context: &Context, entry: &Entry) {
    let came_to_nothing = matches!(entry.state, State::Refused { .. } | State::TakenBack);
    let draft = entry.draft(context.now()).filter(|_| came_to_nothing);
    let Some(key) = draft.map(|draft| draft.key) else { return };
    let stored = match context.store.draft(key.beside(entry.id.short())).await {
        Ok(None) => context.store.draft(key).await,
        beside => beside,
    };
    match stored {
        Ok(Some(draft)) => context.tell(Report::DraftBack(Box::new(draft))),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "a draft could not be read"),
    }
}

/// Tells the core where an entry stands, with its ticket as the store has it.
async fn tell(context: &Context, entry: Entry) {
    let row = match entry.ticket {
        Some(ticket) => context.store.row(ticket).await.ok().flatten(),
        None => None,
    };
    context.tell(Report::Entry { entry: Box::new(entry), row: row.map(Box::new) });
}

/// Claims an entry, does what its state asks for, and stores what came of it.
async fn carry_out(context: &Context, id: EntryId) -> JobOutcome {
    use crate::store::Claim;
    let claim = context.store.claim(id, context.now(), LEASE).await;
    let mut entry = match claim {
        Ok(Claim::Taken(entry) | Claim::Orphaned(entry)) => entry,
        Ok(Claim::Gone) => return JobOutcome::Gone(id),
        Ok(Claim::Busy | Claim::Behind) => return JobOutcome::Later(id, BUSY),
        Err(error) => {
            tracing::error!(%error, "an entry could not be claimed");
            return JobOutcome::Later(id, BUSY);
        }
    };
    let (state, ticket) = match send::advance(context, &mut entry).await {
        Next::State(state, ticket) => (state, ticket),
        Next::AsStored => return as_stored(context, id).await,
        Next::Later(wait) => return JobOutcome::Later(id, wait),
    };
    entry.ticket = ticket.or(entry.ticket);
    entry.state = state;
    if store_outcome(context, &entry).await {
        return JobOutcome::Moved(Box::new(entry));
    }
    // The claim was lost meanwhile, so the word of its new holder counts.
    as_stored(context, id).await
}

/// Stores the outcome of a change, and tries again for as long as the disk refuses it. Until then
/// nothing else happens on its ticket, as after a console that ended. Returns whether the outcome
/// counts.
async fn store_outcome(context: &Context, entry: &Entry) -> bool {
    let mut told = false;
    loop {
        let at = context.now();
        match context.store.set_state(entry.id, entry.state.clone(), entry.ticket, at).await {
            Ok(stored) => return stored,
            Err(error) => {
                let problem = store_problem(&error);
                if !std::mem::replace(&mut told, true) {
                    context.tell(Report::Failed(problem));
                }
                tokio::time::sleep(UNSTORED).await;
            }
        }
    }
}

/// The stored state of an entry that this console could not take further.
async fn as_stored(context: &Context, id: EntryId) -> JobOutcome {
    match context.store.entry(id).await {
        Ok(Some(entry)) if !entry.state.is_settled() => JobOutcome::Moved(Box::new(entry)),
        Ok(_) => JobOutcome::Gone(id),
        Err(error) => {
            tracing::error!(%error, "an entry could not be read");
            JobOutcome::Later(id, BUSY)
        }
    }
}
