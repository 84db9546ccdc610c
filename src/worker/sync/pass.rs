//! A pass: the reading of one poll interval.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    doubts,
    list::{WorkingSet, is_of_all},
    round::{PageRead, Round},
    share::Share,
};
use crate::{
    api::{PAGE_LIMIT, Urgency},
    desk::Report,
    domain::Problem,
    store::{Pass, ServerList},
    worker::context::{Context, store_problem},
};

/// The kinds of lists that take turns with the requests left by the waiting lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The newest tickets, whatever their status: a ticket in an unknown status shows up here.
    Newest,
    /// The working set's lists in which nobody waits.
    Working,
    /// All active tickets, the closed ones and those of unknown statuses among them.
    Active,
    /// The archived ones.
    Archived,
}

const KINDS: [Kind; 4] = [Kind::Newest, Kind::Working, Kind::Active, Kind::Archived];

/// Where the passes have left off. It is kept in the mirror, for whichever console comes next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Turns {
    /// How many passes there have been.
    number: u32,
    /// How often the waiting lists have left a single request.
    singles: u32,
    /// Whose turn is next, among [`KINDS`].
    kind: usize,
    waiting: Round,
    working: Round,
    active: Round,
    archived: Round,
    /// How many pages each waiting list has.
    pages: Vec<(ServerList, u32)>,
}

/// The limits and intervals that a console applies to a pass.
#[derive(Clone, Copy, Debug)]
pub(in crate::worker) struct Rule {
    /// The most requests a minute, if there is a limit.
    pub(in crate::worker) limit: Option<u32>,
    /// How often passes come while the agent looks at the console.
    pub(in crate::worker) poll: Duration,
    /// How often they come now.
    pub(in crate::worker) interval: Duration,
    /// Whether the mirror is being filled. Then the pass reads the waiting lists alone, and the
    /// fill reads the others.
    pub(in crate::worker) filling: bool,
}

/// The outcome of a due pass.
#[derive(Debug, Default)]
pub(in crate::worker) enum Passed {
    /// It was carried out.
    Done {
        /// How often all waiting tickets are seen, if that takes more than one pass.
        every: Option<SignedDuration>,
    },
    /// Another console had a pass not long ago.
    Theirs {
        /// The next one is due after this time.
        wait: Duration,
        /// As above.
        every: Option<SignedDuration>,
    },
    /// The mirror turned out to be not filled.
    NeedsFill,
    /// It failed, or did not get to its end.
    #[default]
    Failed,
}

/// Claims the pass that is due, and carries it out.
pub(super) async fn run(context: Context, rule: Rule) -> Passed {
    match claimed(&context, rule).await {
        Ok(passed) => passed,
        Err(problem) => {
            tracing::info!(%problem, "a pass came to nothing");
            Passed::Failed
        }
    }
}

/// The same, for a caller that wants to know what went wrong.
pub(in crate::worker) async fn claimed(context: &Context, rule: Rule) -> Result<Passed, Problem> {
    let store = &context.store;
    let stored = |error| store_problem(&error);
    if !rule.filling && store.needs_fill().await.map_err(stored)? {
        return Ok(Passed::NeedsFill);
    }
    let now = Timestamp::now();
    let mut turns = match store.claim_pass(now, rule.interval).await.map_err(stored)? {
        Pass::Mine(kept) => Turns::kept(kept),
        Pass::Theirs(wait, kept) => {
            return Ok(Passed::Theirs { wait, every: Turns::kept(kept).every(rule) });
        }
    };
    let share = Share::of(rule.limit, rule.poll, turns.number);
    let outcome = turns.pass(context, share, rule.filling).await;
    turns.number = turns.number.wrapping_add(1);
    match serde_json::to_value(&turns) {
        Ok(value) => store.save_upkeep(value).await.map_err(stored)?,
        Err(error) => tracing::warn!(%error, "where the pass left off could not be kept"),
    }
    over(context, now, &outcome).await;
    outcome.map(|()| Passed::Done { every: turns.every(rule) })
}

/// Notes that the pass claimed at `claimed` is over. If the connection prevented it, it is given
/// back, so that the server is tried again before the interval is over.
pub(super) async fn over<T>(context: &Context, claimed: Timestamp, outcome: &Result<T, Problem>) {
    let noted = match outcome {
        Err(problem) if is_of_all(problem) => context.store.give_pass_back(claimed).await,
        _ => context.store.end_pass().await,
    };
    if let Err(error) = noted {
        tracing::warn!(%error, "that a pass is over could not be noted");
    }
}

impl Turns {
    pub(super) fn kept(kept: Option<Value>) -> Self {
        kept.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
    }

    /// Spends `share`.
    pub(super) async fn pass(
        &mut self,
        context: &Context,
        share: Share,
        filling: bool,
    ) -> Result<(), Problem> {
        let mut spent = self.read_waiting(context, share.waiting).await?;
        let most = self.for_doubts(share.all.saturating_sub(spent));
        spent += doubts::ask(context, Urgency::Background, most).await?;
        if filling {
            return Ok(());
        }
        // Kinds of lists with nothing more to read in this pass.
        let mut idle: Vec<Kind> = Vec::new();
        while spent < share.all && idle.len() < KINDS.len() {
            let kind = self.next_kind();
            if idle.contains(&kind) {
                continue;
            }
            let read = self.take_turn(context, kind).await?;
            spent += read.as_ref().map_or(0, |read| read.requests);
            if read.is_none_or(|read| read.whole.is_some()) {
                idle.push(kind);
            }
        }
        Ok(())
    }

    /// Reads the waiting lists on from where they were left, to their end at most.
    async fn read_waiting(&mut self, context: &Context, room: u32) -> Result<u32, Problem> {
        let lists = WorkingSet::known(context).await.waiting;
        self.pages.retain(|(list, _)| lists.contains(list));
        let mut spent = 0;
        while spent < room {
            let Some(read) = self.waiting.step(context, Urgency::Background, &lists).await? else {
                break;
            };
            spent += read.requests;
            self.note_pages(&read);
            if let Some(since) = read.whole {
                seen_whole(context, since).await?;
                break;
            }
        }
        Ok(spent)
    }

    fn note_pages(&mut self, read: &PageRead) {
        let pages = read.total.div_ceil(u64::from(PAGE_LIMIT)).max(1);
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        self.pages.retain(|(list, _)| *list != read.list);
        self.pages.push((read.list, pages));
    }

    /// Tickets in doubt get half of the requests that are left. If only a single request is left,
    /// they get it every other time. `singles` counts these times, because with a small budget only
    /// every other pass has a single request at all.
    fn for_doubts(&mut self, left: u32) -> u32 {
        if left != 1 {
            return left.div_ceil(2);
        }
        self.singles = self.singles.wrapping_add(1);
        self.singles % 2
    }

    /// Whose turn it is.
    fn next_kind(&mut self) -> Kind {
        let kind = KINDS.get(self.kind).copied().unwrap_or(Kind::Newest);
        self.kind = (self.kind + 1) % KINDS.len();
        kind
    }

    async fn take_turn(
        &mut self,
        context: &Context,
        kind: Kind,
    ) -> Result<Option<PageRead>, Problem> {
        let urgency = Urgency::Background;
        match kind {
            Kind::Newest => {
                let mut read =
                    Round::default().step(context, urgency, &[ServerList::Active]).await?;
                // Only the first page of this list is wanted.
                if let Some(read) = &mut read {
                    read.whole.get_or_insert_with(Timestamp::now);
                }
                Ok(read)
            }
            Kind::Working => {
                let lists = WorkingSet::known(context).await.others;
                self.working.step(context, urgency, &lists).await
            }
            Kind::Active => self.active.step(context, urgency, &[ServerList::Active]).await,
            Kind::Archived => self.archived.step(context, urgency, &[ServerList::Archived]).await,
        }
    }

    /// How often all waiting tickets are seen, if that takes more than one pass.
    fn every(&self, rule: Rule) -> Option<SignedDuration> {
        let pages = self.pages.iter().fold(0_u32, |sum, (_, pages)| sum.saturating_add(*pages));
        let passes = Share::passes_for(rule.limit, rule.poll, pages);
        let every = rule.poll.checked_mul(passes).filter(|_| passes > 1)?;
        SignedDuration::try_from(every).ok()
    }
}

/// All waiting tickets have been read since that time.
pub(super) async fn seen_whole(context: &Context, since: Timestamp) -> Result<(), Problem> {
    let stored = context.store.set_synced_at(since).await;
    stored.map_err(|error| store_problem(&error))?;
    context.tell(Report::Synced(since));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_budget_has_something_for_everything() {
        for (limit, seconds) in (1..=60).flat_map(|limit| [(limit, 15), (limit, 30), (limit, 60)]) {
            let (mut turns, mut waiting, mut doubts) = (Turns::default(), 0, 0);
            let mut kinds = Vec::new();
            for number in 0..200 {
                let share = Share::of(Some(limit), Duration::from_secs(seconds), number);
                let left = share.all - share.waiting;
                let most = turns.for_doubts(left);
                (waiting, doubts) = (waiting + share.waiting, doubts + most);
                kinds.extend((most..left).map(|_| turns.next_kind()));
            }
            let all_kinds = KINDS.iter().all(|kind| kinds.contains(kind));
            assert!(
                waiting > 0 && doubts > 0 && all_kinds,
                "{limit} a minute, every {seconds} s: {waiting}, {doubts}, {kinds:?}"
            );
        }
    }
}
