//! The first fill of a mirror: the waiting tickets first, then the working set, the closed ones, the
//! archived ones.
//!
//! After each page the mirror stores the progress of the fill, and a claim that ends by itself. So
//! one console of a profile fills, and after a stop another console goes on.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    directory,
    intake::take_in_page,
    list::{self, ListPage, WorkingSet, is_of_one},
    names,
    pass::seen_whole,
    pieces,
    round::Round,
    walk::{Stride, Walk},
};
use crate::{
    api::Urgency,
    desk::Report,
    domain::{Problem, StatusId},
    store::{Fill, ServerList, Span, StoreError},
    worker::context::{Context, store_problem},
};

/// How long a claim lasts without a page. It is longer than a request and a wait that the server
/// may ask for.
const LEASE: Duration = Duration::from_secs(180);
/// How often a page that the server can't show is asked for before it is left out.
const TRIES: u32 = 3;

/// How far the fill is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Progress {
    round: Round,
    /// When the first waiting ticket was asked for.
    waiting_since: Option<Timestamp>,
    /// Whether all waiting tickets are in the mirror.
    waiting_done: bool,
    /// How many active, and archived, tickets there are.
    active: Option<u64>,
    archived: Option<u64>,
    /// The page that the server could not show when it was last asked for it, and how often.
    failed: Option<(ServerList, u32, u32)>,
    /// Pages that were left out: each is asked for once more at the end. The passes find the
    /// tickets that such a page still hides.
    left_out: Vec<(ServerList, u32)>,
}

/// The outcome of a fill.
#[derive(Debug)]
pub(in crate::worker) enum Filled {
    /// The mirror is filled.
    Done,
    /// Another console fills it.
    Elsewhere,
    /// It could not go on.
    Failed,
}

/// Fills the mirror, or sees how far another console is with it. Tells the core how it ends.
pub(super) async fn fill(context: Context) -> Filled {
    match go_on(&context).await {
        Ok(filled) => {
            if matches!(filled, Filled::Done) {
                context.tell(Report::Refreshed);
            }
            filled
        }
        Err(problem) => {
            tracing::info!(%problem, "the fill stops");
            context.tell(Report::RefreshFailed(problem));
            Filled::Failed
        }
    }
}

/// Goes on with the fill, or sees how far another console is with it.
pub(in crate::worker) async fn go_on(context: &Context) -> Result<Filled, Problem> {
    let claim = context.store.claim_fill(Timestamp::now(), LEASE).await.map_err(failed)?;
    match claim {
        Fill::Done => Ok(Filled::Done),
        Fill::Theirs(_, place) => {
            let progress = Progress::kept(place);
            progress.tell(context, count(context, None).await?);
            Ok(Filled::Elsewhere)
        }
        Fill::Mine(place) => Filling::begin(context, Progress::kept(place)).await?.run().await,
    }
}

fn failed(error: StoreError) -> Problem {
    store_problem(&error)
}

async fn count(context: &Context, list: Option<ServerList>) -> Result<u64, Problem> {
    context.store.count(list).await.map_err(failed)
}

impl Progress {
    fn kept(place: Option<serde_json::Value>) -> Self {
        place.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
    }

    /// Tells the core that `done` tickets are there.
    fn tell(&self, context: &Context, done: u64) {
        // Unknown until the totals are.
        let total =
            self.active.zip(self.archived).map_or(0, |(active, archived)| active + archived);
        let number = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
        context.tell(Report::Refreshing { done: number(done.min(total)), total: number(total) });
    }

    fn note_total(&mut self, list: ServerList, total: u64) {
        match list {
            ServerList::Active => self.active = Some(total),
            ServerList::Archived => self.archived = Some(total),
            ServerList::Status(_) => {}
        }
    }
}

/// A fill under way.
struct Filling<'a> {
    context: &'a Context,
    progress: Progress,
    /// How many tickets the mirror has.
    done: u64,
}

impl<'a> Filling<'a> {
    async fn begin(context: &'a Context, progress: Progress) -> Result<Self, Problem> {
        directory::learn(context, Urgency::Screen).await;
        let done = count(context, None).await?;
        progress.tell(context, done);
        Ok(Self { context, progress, done })
    }

    async fn run(mut self) -> Result<Filled, Problem> {
        loop {
            let set = WorkingSet::known(self.context).await;
            let Some((list, walk)) = self.next(&set) else { break };
            match self.read_list(list, walk).await {
                Ok(true) => {}
                Ok(false) => return Ok(Filled::Elsewhere),
                Err(problem) if is_of_one(&problem) => self.leave_out(&set, problem).await?,
                Err(problem) => return Err(problem),
            }
            let waits = self.progress.round.next(&set.waiting).is_some();
            if !waits && !self.progress.waiting_done {
                self.waiting_are_there().await?;
            }
            if !self.keep().await? {
                return Ok(Filled::Elsewhere);
            }
        }
        self.ask_for_left_out().await?;
        let ended = self.context.store.end_fill().await.map_err(failed)?;
        Ok(if ended { Filled::Done } else { Filled::Elsewhere })
    }

    /// The list that comes next. A status that was learned meanwhile joins the working set.
    fn next(&self, set: &WorkingSet) -> Option<(ServerList, Walk)> {
        let mut lists = set.all();
        lists.extend([
            ServerList::Status(StatusId::CLOSED),
            ServerList::Active,
            ServerList::Archived,
        ]);
        self.progress.round.next(&lists)
    }

    /// All waiting tickets are there: that is the time of the first view. How many tickets there are
    /// in all is asked for now.
    async fn waiting_are_there(&mut self) -> Result<(), Problem> {
        if let Some(since) = self.progress.waiting_since
            && self.progress.left_out.is_empty()
        {
            seen_whole(self.context, since).await?;
        }
        // This counts as a pass, so no console of the profile needs one now.
        let claimed = self.context.store.claim_pass(Timestamp::now(), Duration::ZERO).await;
        claimed.map_err(failed)?;
        self.context.store.end_pass().await.map_err(failed)?;
        for list in [ServerList::Active, ServerList::Archived] {
            let answer =
                match pieces::ask(self.context, Urgency::Screen, list, &Walk::default()).await {
                    Err(problem) if is_of_one(&problem) => continue,
                    answer => answer?,
                };
            self.progress.note_total(list, answer.total);
            self.store(answer, None).await?;
        }
        self.progress.waiting_done = true;
        Ok(())
    }

    /// After enough tries, leaves out the next page if the server can show other pages. One ticket
    /// that the server can't show must not stop the fill.
    async fn leave_out(&mut self, set: &WorkingSet, problem: Problem) -> Result<(), Problem> {
        let Some((list, mut walk)) = self.next(set) else { return Err(problem) };
        let page = walk.page;
        let before = self.progress.failed.filter(|it| (it.0, it.1) == (list, page));
        let tries = before.map_or(0, |it| it.2) + 1;
        self.progress.failed = Some((list, page, tries));
        if tries < TRIES || !self.shows_another(list).await {
            self.keep().await?;
            return Err(problem);
        }
        tracing::warn!(?list, page, %problem, "a page is left out of the fill");
        self.progress.failed = None;
        self.progress.left_out.push((list, page));
        let is_end = walk.skip();
        self.progress.round.note(list, (!is_end).then_some(walk));
        Ok(())
    }

    /// Whether the server shows another list than that one.
    async fn shows_another(&self, list: ServerList) -> bool {
        let other =
            if list == ServerList::Active { ServerList::Archived } else { ServerList::Active };
        list::ask(self.context, Urgency::Background, other, 1).await.is_ok()
    }

    async fn ask_for_left_out(&mut self) -> Result<(), Problem> {
        while let Some((list, page)) = self.progress.left_out.pop() {
            match list::ask(self.context, Urgency::Background, list, page).await {
                Ok(answer) => drop(self.store(answer, None).await?),
                Err(problem) if is_of_one(&problem) => {
                    tracing::warn!(?list, page, %problem, "a page is not in the mirror");
                }
                Err(problem) => return Err(problem),
            }
        }
        Ok(())
    }

    /// Reads a list to its end; the next page is asked for while one is stored. Says whether the fill
    /// is still this console's.
    async fn read_list(&mut self, list: ServerList, mut walk: Walk) -> Result<bool, Problem> {
        self.progress.waiting_since.get_or_insert_with(Timestamp::now);
        if self.has_all_of(list).await? {
            self.progress.round.note(list, None);
            return Ok(true);
        }
        let (context, urgency) = (self.context, Urgency::Background);
        let mut next = pieces::ask(context, urgency, list, &walk).await;
        loop {
            let answer = next?;
            let Stride { span, is_end, is_endless } = walk.take(list, &answer);
            self.progress.note_total(list, answer.total);
            let readable = answer.total.saturating_sub(u64::from(answer.skipped));
            if is_end {
                names::note_end(context, list, is_endless.then(|| walk.page - 1)).await?;
            }
            self.progress.round.note(list, Some(walk.clone()));
            if is_end {
                let mine = self.store(answer, span).await?;
                let missing = count(context, Some(list)).await? < readable;
                // The walk missed a ticket while pages shifted, so the list is read once more.
                let explained = self.progress.left_out.iter().any(|(it, _)| *it == list);
                let again = missing && !walk.again && !explained && !is_endless;
                self.progress.round.note(list, again.then(Walk::again));
                return Ok(mine);
            }
            if list == ServerList::Active {
                // This list is read only for tickets that the lists of the statuses have not shown.
                if !self.store(answer, span).await? {
                    return Ok(false);
                }
                if self.has_all_of(list).await? {
                    self.progress.round.note(list, None);
                    return Ok(true);
                }
                next = pieces::ask(context, urgency, list, &walk).await;
                continue;
            }
            let asked = pieces::ask(context, urgency, list, &walk);
            let (mine, answer) = tokio::join!(self.store(answer, span), asked);
            if !mine? {
                return Ok(false);
            }
            next = answer;
        }
    }

    /// Whether the mirror has as many active tickets as the server. Then the list of all active
    /// tickets shows no new one.
    async fn has_all_of(&self, list: ServerList) -> Result<bool, Problem> {
        let Some(active) = self.progress.active.filter(|_| list == ServerList::Active) else {
            return Ok(false);
        };
        Ok(count(self.context, Some(list)).await? >= active)
    }

    /// Stores a page and the progress of the fill; returns whether the fill still belongs to this
    /// console.
    async fn store(&mut self, answer: ListPage, span: Option<Span>) -> Result<bool, Problem> {
        let recorded = take_in_page(self.context, answer, span).await?;
        self.done += u64::try_from(recorded.fresh).unwrap_or_default();
        self.progress.tell(self.context, self.done);
        self.keep().await
    }

    /// Stores the progress of the fill; returns whether the fill still belongs to this console.
    async fn keep(&self) -> Result<bool, Problem> {
        let place = serde_json::to_value(&self.progress).unwrap_or_default();
        self.context.store.renew_fill(place, Timestamp::now(), LEASE).await.map_err(failed)
    }
}
