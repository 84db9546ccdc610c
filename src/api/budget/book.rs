//! The book of a budget: what left in the last 60 seconds, and what the server asked for. All
//! processes of a profile may keep one together.
//!
//! Times are spans since some start, in microseconds in the book.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Urgency;
use crate::domain::plan::many::left_to_background;

/// The span in which requests are counted.
pub(super) const WINDOW: Duration = Duration::from_secs(60);
/// How long a limit that the server named is believed.
const NAMED: Duration = Duration::from_secs(60 * 60);
/// How soon the server's limit is noted anew, if it stays.
const NOTED: Duration = Duration::from_secs(5 * 60);
/// The longest pause: the most patience that an answer can ask for, and a minute.
const PAUSE: Duration = Duration::from_secs(61 * 60);
/// How many departures a book passes on. A higher limit is kept by each process for itself.
const MOST: usize = 1_000;

/// How a process uses the budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// The profile's limit.
    pub(super) asked: Option<usize>,
    /// Whether its requests, urgent or not, leave the reserve to others.
    pub(super) yields: bool,
    /// The span in which requests are counted.
    pub(super) window: Duration,
}

/// What left of late, and what the server asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Book {
    /// When requests left.
    sent: BTreeSet<u64>,
    /// When the server was found to have counted more than left from here.
    counted: VecDeque<u64>,
    pause: Option<Pause>,
    named: Option<Named>,
}

/// Until when nothing leaves, by the clock of the book and by the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Pause {
    end: u64,
    until: Timestamp,
}

/// When the server named a limit, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Named {
    at: u64,
    limit: usize,
}

impl Book {
    /// When requests left, in microseconds.
    #[cfg(test)]
    pub(crate) fn departures(&self) -> impl Iterator<Item = u64> {
        self.sent.iter().copied()
    }

    /// The limit in force: the lower one of the profile's and the server's.
    pub(super) fn limit(&self, rule: Allowance) -> Option<usize> {
        match (rule.asked, self.named.map(|it| it.limit)) {
            (Some(asked), Some(named)) => Some(asked.min(named)),
            (asked, named) => asked.or(named),
        }
    }

    /// How many requests count at `now`.
    pub(super) fn used(&mut self, rule: Allowance, now: Duration) -> usize {
        if let Some(gone) = now.checked_sub(rule.window) {
            self.sent = self.sent.split_off(&(micros(gone) + 1));
            self.counted.retain(|at| *at > micros(gone));
        }
        self.sent.len() + self.counted.len()
    }

    /// Until when the server's pause lasts, if it lasts at `now`.
    pub(super) fn paused_until(&self, now: Duration) -> Option<Timestamp> {
        self.pause.filter(|pause| micros(now) < pause.end).map(|pause| pause.until)
    }

    /// When a request may go; `None` is at once.
    pub(super) fn next_free(
        &mut self,
        rule: Allowance,
        urgency: Urgency,
        now: Duration,
    ) -> Option<Duration> {
        if let Some(pause) = self.pause.filter(|pause| micros(now) < pause.end) {
            return Some(span(pause.end));
        }
        let limit = self.limit(rule)?;
        let room = match urgency {
            Urgency::Agent | Urgency::Screen if !rule.yields => limit,
            _ => left_to_background(limit),
        };
        let over = self.used(rule, now).checked_sub(room)?;
        let mut all: Vec<u64> = self.sent.iter().chain(&self.counted).copied().collect();
        all.sort_unstable();
        all.get(over).map(|at| span(*at) + rule.window)
    }

    /// Counts a request that leaves now.
    pub(super) fn count(&mut self, now: Duration) {
        let mut at = micros(now);
        while !self.sent.insert(at) {
            at += 1;
        }
    }

    /// Counts a request if it may go; otherwise says when it may.
    pub(super) fn take(
        &mut self,
        rule: Allowance,
        urgency: Urgency,
        now: Duration,
    ) -> Result<(), Duration> {
        match self.next_free(rule, urgency, now) {
            Some(at) => Err(at),
            None => {
                self.count(now);
                Ok(())
            }
        }
    }

    /// Takes in what an answer's headers tell: the server's limit, and how many requests it will
    /// still take. If the server has counted more requests than are known here (others share the
    /// address), those count here too. Says whether that was news.
    pub(super) fn learn(
        &mut self,
        rule: Allowance,
        (limit, remaining): (Option<u32>, Option<u32>),
        now: Duration,
    ) -> bool {
        let mut is_news = false;
        if let Some(limit) = limit.and_then(at_least_one) {
            let is_noted = |it: &Named| it.limit == limit && now < span(it.at) + NOTED;
            is_news = !self.named.as_ref().is_some_and(is_noted);
            if is_news {
                self.named = Some(Named { at: micros(now), limit });
            }
        }
        if let (Some(limit), Some(remaining)) = (self.limit(rule), remaining) {
            let remaining = usize::try_from(remaining).unwrap_or(usize::MAX);
            let counted = limit.saturating_sub(remaining);
            for _ in self.used(rule, now)..counted {
                self.counted.push_back(micros(now));
                is_news = true;
            }
        }
        is_news
    }

    /// Stops everything until `end`, which is `until` by the wall clock. By then the server has
    /// probably forgotten the requests of others, so they are forgotten here too.
    pub(super) fn pause(&mut self, end: Duration, until: Timestamp) {
        self.pause = self.pause.max(Some(Pause { end: micros(end), until }));
        self.counted.clear();
    }

    /// Adds what another book of the same clock knows for certain.
    pub(super) fn add(&mut self, other: &Self) {
        self.sent.extend(&other.sent);
        (self.pause, self.named) = (self.pause.max(other.pause), self.named.max(other.named));
    }

    /// Goes over to what the book of all processes says, which has all that is known here.
    pub(super) fn follow(&mut self, all: Self) {
        self.add(&all);
        self.counted = all.counted;
    }

    /// What is passed on to others: the newest departures.
    pub(super) fn newest(&self) -> Self {
        let sent = self.sent.iter().rev().take(MOST).copied().collect();
        Self { sent, ..self.clone() }
    }

    /// Drops what can't be true at `now`, and what is too old or too much to be kept.
    pub(super) fn tidy(&mut self, rule: Allowance, now: Duration) {
        // Several at once are told apart by a microsecond each.
        let is_past = |at: &u64| span(*at) <= now + Duration::from_secs(1);
        self.sent.retain(is_past);
        self.counted.retain(is_past);
        self.counted.truncate(MOST);
        self.used(rule, now);
        while self.sent.len() > MOST {
            self.sent.pop_first();
        }
        self.pause = self.pause.filter(|it| it.end > micros(now) && span(it.end) <= now + PAUSE);
        self.named = self.named.filter(|it| is_past(&it.at) && now < span(it.at) + NAMED);
        self.named = self.named.filter(|it| it.limit > 0);
    }
}

pub(super) fn at_least_one(limit: u32) -> Option<usize> {
    usize::try_from(limit).ok().filter(|limit| *limit > 0)
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX / 2)
}

fn span(micros: u64) -> Duration {
    Duration::from_micros(micros)
}
