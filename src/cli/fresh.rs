//! How fresh the local copy is, and bringing it up to date as a pass of the console would.
//!
//! The server is asked at most once a poll interval, by whichever process of the profile comes
//! first. A copy that can't be brought up to date is used as it is, and standard error says so. Only
//! where nothing is stored at all is a server that does not answer a failure.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout_at},
};

use super::{
    Failure,
    failure::{self, Code},
    opened::Opened,
};
use crate::{
    api,
    desk::Report,
    domain::{Problem, ProblemKind, TicketId, Unreadable, WokenBy, when},
    store::{Store, StoreError},
    worker::{DoneBy, Keeper},
};

/// How long a command goes on with a fill whose waiting tickets are there already.
const FURTHER: Duration = Duration::from_secs(5);
/// How many tickets and stretches that can't be read are named.
const NAMED: usize = 3;

/// The state of the local copy.
#[derive(Debug, Default)]
pub(super) struct Freshness {
    /// When the waiting tickets were last seen whole.
    pub(super) synced_at: Option<Timestamp>,
    /// How many tickets there are here.
    pub(super) count: u64,
    /// How many there are on the server, where the copy is not whole and that is known.
    pub(super) total: Option<u64>,
    /// Whether the first fill has come to its end.
    pub(super) is_filled: bool,
    /// Why it could not be brought up to date.
    pub(super) missed: Option<Missed>,
    /// What can't be read on the server.
    pub(super) unreadable: Vec<Unreadable>,
    /// The snoozed tickets that woke.
    pub(super) woken: Vec<(TicketId, WokenBy)>,
    /// How old the copy may be without a word about it.
    tolerated: Duration,
}

/// What kept the copy from being brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// The time for it was over before all was read.
    Late(Duration),
    /// What the server or the store said.
    Problem(Problem),
}

/// Brings the local copy up to date unless it is younger than the poll interval, and says on standard
/// error what is incomplete or old. If `cached`, nothing is asked of the server.
///
/// # Errors
/// If nothing is stored, and the server gives nothing.
pub(super) async fn bring_up_to_date(opened: &Opened, cached: bool) -> Result<Freshness, Failure> {
    let fresh = look(opened, cached).await?;
    fresh.words(Timestamp::now()).iter().for_each(|text| failure::notice(text));
    Ok(fresh)
}

/// The same, without a word.
///
/// # Errors
/// As above.
pub(super) async fn look(opened: &Opened, cached: bool) -> Result<Freshness, Failure> {
    let (poll, timeout) = (opened.profile.poll, opened.profile.timeout);
    let before = Freshness::of(&opened.store, poll).await?;
    let asks = !cached && !opened.offline;
    if before.is_nothing() && !asks {
        return Err(Failure::new(Code::Failed, "there is no local copy yet")
            .with_help("`growdesk sync` makes one"));
    }
    if !asks || before.is_filled && before.is_younger_than(poll) {
        let (keeper, reports) = opened.keeper(None).await?;
        return before.heard(&keeper, reports).await;
    }
    let (keeper, reports) = opened.keeper(Some(opened.client().await?.clone())).await?;
    let patience = match before.synced_at {
        Some(_) if !before.is_filled => timeout.min(FURTHER),
        _ => timeout,
    };
    let missed = match (catch_up(&keeper, patience).await, opened.paused_until()) {
        // The time was over because the server asks to wait.
        (Some(Missed::Late(_)), Some(until)) => {
            Some(Missed::Problem(api::Error::Throttled { until }.into()))
        }
        (missed, _) => missed,
    };
    let fresh = Freshness::of(&opened.store, poll).await?.heard(&keeper, reports).await?;
    match missed {
        Some(missed) if fresh.is_nothing() => Err(missed.failure()),
        // The fill goes on the next time.
        Some(Missed::Late(_)) if fresh.is_younger_than(poll) => Ok(fresh),
        missed => Ok(Freshness { missed, ..fresh }),
    }
}

/// Has a pass carried out, and returns what kept it from its end.
async fn catch_up(keeper: &Keeper, patience: Duration) -> Option<Missed> {
    let deadline = Instant::now() + patience;
    let kept = timeout_at(deadline, patiently(keeper, deadline)).await;
    keeper.stop().await;
    match kept {
        Ok(Ok(DoneBy::Here)) => {
            // What does not wake now wakes the next time.
            let _ = timeout_at(deadline, keeper.wake()).await;
            None
        }
        Ok(Ok(DoneBy::Elsewhere)) => None,
        Ok(Err(problem)) => Some(Missed::Problem(problem)),
        Err(_) => Some(Missed::Late(patience)),
    }
}

/// A server that asks to wait is asked again if that is before `deadline`.
async fn patiently(keeper: &Keeper, deadline: Instant) -> Result<DoneBy, Problem> {
    loop {
        match keeper.catch_up().await {
            Err(problem) => match again_at(&problem).filter(|at| *at < deadline) {
                Some(at) => sleep_until(at).await,
                None => return Err(problem),
            },
            kept => return kept,
        }
    }
}

/// When a server that asks to wait is to be asked again.
pub(super) fn again_at(problem: &Problem) -> Option<Instant> {
    let ProblemKind::Throttled { until } = problem.kind else { return None };
    let wait = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
    Some(Instant::now() + wait)
}

impl Missed {
    /// The failure of a command that has nothing to go on with.
    fn failure(&self) -> Failure {
        match self {
            Self::Problem(problem) => Failure::of_read(problem),
            Self::Late(_) => Failure::new(Code::Unreachable, self.to_string()),
        }
    }
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => problem.fmt(f),
            Self::Late(patience) => {
                write!(f, "{} s were not enough to read all that is new", patience.as_secs())
            }
        }
    }
}

impl Freshness {
    /// The state of the copy in a store, which passes come to every `poll`.
    pub(super) async fn of(store: &Store, poll: Duration) -> Result<Self, StoreError> {
        Ok(Self {
            synced_at: store.synced_at().await?,
            count: store.count(None).await?,
            is_filled: !store.needs_fill().await?,
            tolerated: poll * 2,
            ..Self::default()
        })
    }

    /// Whether nothing was ever read.
    pub(super) fn is_nothing(&self) -> bool {
        self.count == 0 && !self.is_filled && self.synced_at.is_none()
    }

    /// Whether the waiting tickets were seen whole less than `age` ago.
    pub(super) fn is_younger_than(&self, age: Duration) -> bool {
        let since = self.synced_at.map(|at| Timestamp::now().duration_since(at));
        since.and_then(|it| Duration::try_from(it).ok()).is_some_and(|it| it < age)
    }

    /// The same, with what was reported and what can't be read.
    async fn heard(
        mut self,
        keeper: &Keeper,
        mut reports: mpsc::UnboundedReceiver<(Timestamp, Report)>,
    ) -> Result<Self, Failure> {
        keeper.tell_unread().await;
        while let Ok((_, report)) = reports.try_recv() {
            self.hear(report);
        }
        Ok(self)
    }

    /// Takes in a report.
    pub(super) fn hear(&mut self, report: Report) {
        match report {
            Report::Refreshing { total, .. } if total > 0 => self.total = u64::try_from(total).ok(),
            Report::Unreadable(unreadable) => self.unreadable = unreadable,
            Report::Woken(woken) => self.woken.extend(woken),
            _ => {}
        }
    }

    /// What is incomplete or old, for people: nothing where all is well.
    pub(super) fn words(&self, now: Timestamp) -> Vec<String> {
        let age = self.synced_at.map(|at| (at, now.duration_since(at)));
        let mut words = Vec::new();
        let old = match age {
            Some((at, age)) if age >= jiff::SignedDuration::from_mins(1) => {
                format!("the local copy is {} old", when::age(now, at))
            }
            Some((_, age)) => format!("the local copy is {} s old", age.as_secs().max(0)),
            None => "the local copy is of an unknown age".into(),
        };
        let is_old = age
            .is_some_and(|(_, age)| Duration::try_from(age).is_ok_and(|age| age > self.tolerated));
        match &self.missed {
            Some(missed) => words.push(format!("{old}: {missed}")),
            None if is_old => words.push(old),
            None => {}
        }
        if !self.is_filled {
            let total = self.total.map(|total| format!(" of {total}")).unwrap_or_default();
            words.push(format!(
                "the local copy is incomplete: {}{total} tickets are here; `growdesk sync` reads the \
                 others",
                self.count
            ));
        }
        words.extend(self.unreadable_words());
        words.extend(self.woken.iter().map(|(id, by)| match by {
            WokenBy::Customer => format!("{id} woke: the customer wrote"),
            WokenBy::Clock | WokenBy::Agent => format!("{id} woke: its time had come"),
        }));
        words
    }

    fn unreadable_words(&self) -> Option<String> {
        let named = |it: &Unreadable| match it.ticket {
            Some(ticket) => format!("{ticket}, {} ({})", it.place, it.said),
            None => format!("{} ({})", it.place, it.said),
        };
        let first: Vec<String> = self.unreadable.iter().take(NAMED).map(named).collect();
        let more = self.unreadable.len().saturating_sub(NAMED);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        (!first.is_empty())
            .then(|| format!("the server does not show all: {}{more}", first.join("; ")))
    }
}
