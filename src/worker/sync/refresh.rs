//! The refresh reads the working set at once: when the agent asks for it with a key, and when the
//! console opens.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    directory, doubts,
    list::{WorkingSet, is_of_all},
    pass::{over, seen_whole},
    round::Round,
};
use crate::{
    api::Urgency,
    desk::Report,
    domain::Problem,
    store::{Pass, Reach, ServerList},
    worker::context::{Context, store_problem},
};

/// How many pages one refresh reads; the rest is for the passes that follow.
const PAGES: u32 = 20;
/// How many tickets that are in doubt are asked for.
const DOUBTS: u32 = 20;

/// Reads the working set, the waiting tickets first, in place of a pass. Returns whether the
/// refresh is settled. A failure of the connection is worth another try; anything else is left to
/// the passes.
pub(super) async fn refresh(context: Context, urgency: Urgency) -> bool {
    let now = Timestamp::now();
    // The other consoles of the profile need no pass now.
    if let Err(error) = context.store.claim_pass(now, Duration::ZERO).await {
        context.tell(Report::RefreshFailed(store_problem(&error)));
        return true;
    }
    let outcome = read(&context, urgency, Reach::Share).await;
    over(&context, now, &outcome).await;
    told(&context, outcome)
}

/// Tries again what the connection has spoilt. The passes go on meanwhile, by their own claims.
pub(super) async fn again(context: Context) -> bool {
    let outcome = read(&context, Urgency::Background, Reach::Share).await;
    told(&context, outcome)
}

fn told(context: &Context, outcome: Result<(), Problem>) -> bool {
    match outcome {
        Ok(()) => {
            context.tell(Report::Refreshed);
            true
        }
        Err(problem) => {
            let is_settled = !is_of_all(&problem);
            context.tell(Report::RefreshFailed(problem));
            is_settled
        }
    }
}

/// Refreshes when the console opens on a filled mirror, unless a console of the profile has had a
/// pass within the interval.
pub(super) async fn open(context: Context, interval: Duration) -> bool {
    match context.store.claim_pass(Timestamp::now(), interval).await {
        Ok(Pass::Theirs(..)) => {
            directory::learn(&context, Urgency::Background).await;
            true
        }
        // The rest of the budget is for what the agent opens.
        Ok(Pass::Mine(_)) => refresh(context, Urgency::Background).await,
        Err(error) => {
            context.tell(Report::RefreshFailed(store_problem(&error)));
            true
        }
    }
}

/// Reads as much as a console does when it opens, unless a console of the profile has had a pass
/// within the interval. Returns whose the pass is.
pub(in crate::worker) async fn at_start(
    context: &Context,
    interval: Duration,
) -> Result<Pass, Problem> {
    let now = Timestamp::now();
    let claimed = context.store.claim_pass(now, interval).await;
    let claimed = claimed.map_err(|error| store_problem(&error))?;
    if matches!(claimed, Pass::Mine(_)) {
        let outcome = read(context, Urgency::Background, Reach::Share).await;
        over(context, now, &outcome).await;
        outcome?;
    }
    Ok(claimed)
}

/// Reads the working set, or all tickets, to the end. Returns false, and reads nothing, while another
/// console of the profile reads as much.
pub(in crate::worker) async fn whole(context: &Context, reach: Reach) -> Result<bool, Problem> {
    let now = Timestamp::now();
    let claimed = context.store.claim_reading(now, reach).await;
    let is_mine = claimed.map_err(|error| store_problem(&error))?;
    if is_mine {
        let outcome = read(context, Urgency::Background, reach).await;
        over(context, now, &outcome).await;
        outcome?;
    }
    Ok(is_mine)
}

async fn read(context: &Context, urgency: Urgency, reach: Reach) -> Result<(), Problem> {
    directory::learn(context, urgency).await;
    let set = WorkingSet::known(context).await;
    let mut reading = Reading::of(reach);
    reading.expect(context, &others(&set, reach)).await?;
    if let Some(since) = reading.lists(context, urgency, &set.waiting).await? {
        seen_whole(context, since).await?;
    }
    let set = WorkingSet::known(context).await;
    reading.lists(context, urgency, &others(&set, reach)).await?;
    // The lists have been read. The passes ask for the tickets that are still in doubt.
    loop {
        match doubts::ask(context, urgency, DOUBTS).await {
            Ok(asked) if asked == DOUBTS && reach != Reach::Share => {}
            Ok(_) => return Ok(()),
            Err(problem) if reach == Reach::Share => {
                tracing::info!(%problem, "what is in doubt could not be asked for");
                return Ok(());
            }
            Err(problem) => return Err(problem),
        }
    }
}

/// The lists that are read after the waiting ones.
fn others(set: &WorkingSet, reach: Reach) -> Vec<ServerList> {
    match reach {
        Reach::Share | Reach::WorkingSet => set.others.clone(),
        Reach::All => vec![ServerList::Active, ServerList::Archived],
    }
}

#[derive(Debug)]
struct Reading {
    /// How many pages may be read.
    most: u32,
    pages: u32,
    done: u64,
    totals: Vec<(ServerList, u64)>,
}

impl Reading {
    fn of(reach: Reach) -> Self {
        let most = if reach == Reach::Share { PAGES } else { u32::MAX };
        Self { most, pages: 0, done: 0, totals: Vec::new() }
    }

    /// Expects as many tickets in the lists as the mirror has there, until the server says how many
    /// there are.
    async fn expect(&mut self, context: &Context, lists: &[ServerList]) -> Result<(), Problem> {
        for list in lists {
            let count = context.store.count(Some(*list)).await;
            self.totals.push((*list, count.map_err(|error| store_problem(&error))?));
        }
        Ok(())
    }

    /// Reads lists to their end, as far as the page limit allows. Returns the time since which they
    /// have been seen whole.
    async fn lists(
        &mut self,
        context: &Context,
        urgency: Urgency,
        lists: &[ServerList],
    ) -> Result<Option<Timestamp>, Problem> {
        let mut round = Round::default();
        while self.pages < self.most {
            let Some(read) = round.step(context, urgency, lists).await? else { break };
            self.pages += read.requests;
            self.done += u64::try_from(read.count).unwrap_or_default();
            self.totals.retain(|(list, _)| *list != read.list);
            self.totals.push((read.list, read.total));
            let total = self.totals.iter().map(|(_, total)| total).sum::<u64>();
            context.tell(Report::Refreshing {
                done: usize::try_from(self.done.min(total)).unwrap_or(usize::MAX),
                total: usize::try_from(total).unwrap_or(usize::MAX),
            });
            if read.whole.is_some() {
                return Ok(read.whole);
            }
        }
        Ok(None)
    }
}
