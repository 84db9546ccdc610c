//! The rule of the budget, without a clock: times are given as spans since some start.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use super::{
    Urgency,
    book::{Allowance, Book, WINDOW, at_least_one},
};

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

/// The waiting requests, and the book of this process.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) rule: Allowance,
    pub(super) book: Book,
    line: BTreeSet<Standing>,
    next: u64,
}

impl Window {
    /// A window of `limit` requests; 0 is no limit.
    pub(super) fn new(limit: u32) -> Self {
        let rule = Allowance { asked: at_least_one(limit), yields: false, window: WINDOW };
        Self { rule, book: Book::default(), line: BTreeSet::new(), next: 0 }
    }

    /// The limit in force: the lower one of the profile's and the server's.
    pub(super) fn limit(&self) -> Option<usize> {
        self.book.limit(self.rule)
    }

    /// How many requests count at `now`.
    pub(super) fn used(&mut self, now: Duration) -> usize {
        self.book.used(self.rule, now)
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
        let turn = self.look(place, now);
        if turn == Turn::Go {
            self.line.remove(&place);
            self.book.count(now);
        }
        turn
    }

    /// The decision that [`Window::turn`] would make.
    pub(super) fn look(&mut self, place: Standing, now: Duration) -> Turn {
        if self.line.first() != Some(&place) {
            return Turn::Behind;
        }
        self.book.next_free(self.rule, place.0, now).map_or(Turn::Go, Turn::At)
    }

    /// Takes in what an answer's headers tell, and says whether that was news.
    pub(super) fn learn(
        &mut self,
        limit: Option<u32>,
        remaining: Option<u32>,
        now: Duration,
    ) -> bool {
        self.book.learn(self.rule, (limit, remaining), now)
    }

    /// Stops everything until `end`, which is `until` by the wall clock.
    pub(super) fn pause(&mut self, end: Duration, until: Timestamp) {
        self.book.pause(end, until);
    }
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
        window.pause(at(30), Timestamp::UNIX_EPOCH);
        window.pause(at(10), Timestamp::UNIX_EPOCH);
        assert!(window.book.paused_until(at(29)).is_some());
        assert_eq!(go(&mut window, Urgency::Agent, at(29)), Turn::At(at(30)));
        assert_eq!(go(&mut window, Urgency::Agent, at(30)), Turn::Go);
    }

    #[test]
    fn without_a_limit_only_a_pause_waits() {
        let mut window = Window::new(0);
        for _ in 0..1000 {
            assert_eq!(go(&mut window, Urgency::Background, at(0)), Turn::Go);
        }
        window.pause(at(5), Timestamp::UNIX_EPOCH);
        assert_eq!(go(&mut window, Urgency::Agent, at(1)), Turn::At(at(5)));
    }
}
