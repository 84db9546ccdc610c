//! The rule of the budget, without a clock: times are given as spans since some start.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use super::Urgency;
use crate::domain::plan::many::left_to_background;

/// The span in which requests are counted.
pub(super) const WINDOW: Duration = Duration::from_secs(60);

/// A waiting request's place: the more urgent first, then the one that came first.
pub(super) type Standing = (Urgency, u64);

/// The decision on a waiting request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It goes, and is counted.
    Go,
    /// It is the first in line and goes at this time, if nothing else happens.
    At(Duration),
    /// Others go first.
    Behind,
}

#[derive(Clone, Copy, Debug)]
struct Hit {
    at: Duration,
    /// Ours; otherwise one that only the server counted.
    own: bool,
}

/// The waiting requests, and the requests of the last 60 seconds.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The profile's limit.
    asked: Option<usize>,
    /// The limit that the server last named.
    named: Option<usize>,
    hits: VecDeque<Hit>,
    paused: Duration,
    line: BTreeSet<Standing>,
    next: u64,
}

impl Window {
    /// A window of `limit` requests; 0 is no limit.
    pub(super) fn new(limit: u32) -> Self {
        Self { asked: at_least_one(limit), ..Self::default() }
    }

    /// The limit in force: the lower one of the profile's and the server's.
    pub(super) fn limit(&self) -> Option<usize> {
        match (self.asked, self.named) {
            (Some(asked), Some(named)) => Some(asked.min(named)),
            (asked, named) => asked.or(named),
        }
    }

    /// How many requests count at `now`.
    pub(super) fn used(&mut self, now: Duration) -> usize {
        while self.hits.front().is_some_and(|hit| hit.at + WINDOW <= now) {
            self.hits.pop_front();
        }
        self.hits.len()
    }

    /// Whether the server's pause lasts at `now`.
    pub(super) fn is_paused(&self, now: Duration) -> bool {
        now < self.paused
    }

    /// Gets in line.
    pub(super) fn join(&mut self, urgency: Urgency) -> Standing {
        self.next += 1;
        let place = (urgency, self.next);
        self.line.insert(place);
        place
    }

    /// How many are in line.
    pub(super) fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Leaves the line; nothing happens where `place` has had its turn.
    pub(super) fn leave(&mut self, place: Standing) {
        self.line.remove(&place);
    }

    /// Decides on `place`. The order is strict: a less urgent request never overtakes.
    pub(super) fn turn(&mut self, place: Standing, now: Duration) -> Turn {
        if self.line.first() != Some(&place) {
            return Turn::Behind;
        }
        match self.next_free(place.0, now) {
            Some(at) => Turn::At(at),
            None => {
                self.line.remove(&place);
                self.hits.push_back(Hit { at: now, own: true });
                Turn::Go
            }
        }
    }

    /// When a request may go; `None` is at once.
    fn next_free(&mut self, urgency: Urgency, now: Duration) -> Option<Duration> {
        if self.is_paused(now) {
            return Some(self.paused);
        }
        let limit = self.limit()?;
        let room = match urgency {
            Urgency::Background => left_to_background(limit),
            Urgency::Agent | Urgency::Screen => limit,
        };
        let over = self.used(now).checked_sub(room)?;
        self.hits.get(over).map(|hit| hit.at + WINDOW)
    }

    /// Takes in what an answer's headers tell: the server's limit, and how many requests it will
    /// still take. If the server has counted more requests than were sent from here (others share
    /// the address), those count here too.
    pub(super) fn learn(&mut self, limit: Option<u32>, remaining: Option<u32>, now: Duration) {
        if let Some(limit) = limit.and_then(at_least_one) {
            self.named = Some(limit);
        }
        if let (Some(limit), Some(remaining)) = (self.limit(), remaining) {
            let remaining = usize::try_from(remaining).unwrap_or(usize::MAX);
            let counted = limit.saturating_sub(remaining);
            for _ in self.used(now)..counted {
                self.hits.push_back(Hit { at: now, own: false });
            }
        }
    }

    /// Stops everything until `until`. By then the server has probably forgotten the requests of
    /// others, so they are forgotten here too.
    pub(super) fn pause(&mut self, until: Duration) {
        self.paused = self.paused.max(until);
        self.hits.retain(|hit| hit.own);
    }
}

fn at_least_one(limit: u32) -> Option<usize> {
    usize::try_from(limit).ok().filter(|limit| *limit > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn go(window: &mut Window, urgency: Urgency, now: Duration) -> Turn {
        let place = window.join(urgency);
        let turn = window.turn(place, now);
        window.leave(place);
        turn
    }

    #[test]
    fn no_sixty_seconds_hold_more_than_the_limit() {
        let mut window = Window::new(3);
        for second in [0, 10, 20] {
            assert_eq!(go(&mut window, Urgency::Agent, at(second)), Turn::Go);
        }
        assert_eq!(go(&mut window, Urgency::Agent, at(59)), Turn::At(at(60)));
        assert_eq!(go(&mut window, Urgency::Agent, at(60)), Turn::Go);
        assert_eq!(go(&mut window, Urgency::Agent, at(60)), Turn::At(at(70)));
    }

    #[test]
    fn background_work_leaves_a_reserve() {
        let mut window = Window::new(60);
        for _ in 0..50 {
            assert_eq!(go(&mut window, Urgency::Background, at(0)), Turn::Go);
        }
        assert_eq!(go(&mut window, Urgency::Background, at(1)), Turn::At(at(60)));
        for _ in 0..10 {
            assert_eq!(go(&mut window, Urgency::Screen, at(1)), Turn::Go);
        }
        assert_eq!(go(&mut window, Urgency::Agent, at(1)), Turn::At(at(60)));
    }

    #[test]
    fn a_small_limit_still_lets_background_work_go() {
        let mut window = Window::new(1);
        assert_eq!(go(&mut window, Urgency::Background, at(0)), Turn::Go);
        assert_eq!(go(&mut window, Urgency::Background, at(0)), Turn::At(at(60)));
    }

    #[test]
    fn the_more_urgent_goes_first_and_the_older_before_the_newer() {
        let mut window = Window::new(60);
        let background = window.join(Urgency::Background);
        let screen = window.join(Urgency::Screen);
        let first = window.join(Urgency::Agent);
        let second = window.join(Urgency::Agent);
        for waiting in [background, screen, second] {
            assert_eq!(window.turn(waiting, at(0)), Turn::Behind);
        }
        for next in [first, second, screen, background] {
            assert_eq!(window.turn(next, at(0)), Turn::Go);
        }
    }

    #[test]
    fn leaving_frees_the_place() {
        let mut window = Window::new(60);
        let gone = window.join(Urgency::Agent);
        let other = window.join(Urgency::Screen);
        window.leave(gone);
        assert_eq!(window.turn(other, at(0)), Turn::Go);
        assert_eq!(window.used(at(0)), 1);
    }

    #[test]
    fn the_lower_limit_wins() {
        let mut window = Window::new(60);
        window.learn(Some(2), None, at(0));
        assert_eq!(window.limit(), Some(2));
        window.learn(Some(500), None, at(0));
        assert_eq!(window.limit(), Some(60));
        window.learn(Some(0), None, at(0));
        assert_eq!(window.limit(), Some(60), "0 is nonsense");
        let mut unlimited = Window::new(0);
        assert_eq!(unlimited.limit(), None);
        unlimited.learn(Some(30), None, at(0));
        assert_eq!(unlimited.limit(), Some(30));
    }

    #[test]
    fn what_others_sent_counts_too() {
        let mut window = Window::new(60);
        assert_eq!(go(&mut window, Urgency::Agent, at(0)), Turn::Go);
        window.learn(Some(60), Some(1), at(5));
        assert_eq!(window.used(at(5)), 59);
        window.learn(Some(60), Some(1), at(6));
        assert_eq!(window.used(at(6)), 59, "they are not counted twice");
        assert_eq!(go(&mut window, Urgency::Agent, at(6)), Turn::Go);
        assert_eq!(go(&mut window, Urgency::Agent, at(6)), Turn::At(at(60)));
        window.learn(None, Some(40), at(7));
        assert_eq!(window.used(at(7)), 60, "the own count is not talked down");
    }

    #[test]
    fn a_pause_stops_everybody_and_is_never_shortened() {
        let mut window = Window::new(60);
        window.learn(Some(60), Some(0), at(0));
        window.pause(at(30));
        window.pause(at(10));
        assert!(window.is_paused(at(29)));
        assert_eq!(go(&mut window, Urgency::Agent, at(29)), Turn::At(at(30)));
        assert_eq!(go(&mut window, Urgency::Agent, at(30)), Turn::Go);
    }

    #[test]
    fn without_a_limit_only_a_pause_waits() {
        let mut window = Window::new(0);
        for _ in 0..1000 {
            assert_eq!(go(&mut window, Urgency::Background, at(0)), Turn::Go);
        }
        window.pause(at(5));
        assert_eq!(go(&mut window, Urgency::Agent, at(1)), Turn::At(at(5)));
    }
}
