//! A clock that nobody can set. The console measures time by it, and knows how far the wall clock
//! is from it.
//!
//! [`Clock::now`] is a time as the wall clock would show it had it never been set, by the machine's
//! monotonic clock. Durations (a hold, a lease, the grace time) are measured by it alone. People,
//! and the server's times, go by [`Clock::wall`].

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};

/// A clock that runs evenly. All processes that have one profile open, in one run of the machine,
/// have the same ([`Store::clock`](crate::store::Store::clock)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The time that it showed when the machine's monotonic clock began.
    start: Timestamp,
}

impl Clock {
    /// A clock that shows now what the wall clock shows.
    pub fn from_wall() -> Self {
        let start = Self::wall().checked_sub(steady()).unwrap_or(Timestamp::UNIX_EPOCH);
        Self { start }
    }

    /// The clock that showed `start` when the machine's monotonic clock began.
    pub fn began_at(start: Timestamp) -> Self {
        Self { start }
    }

    /// The time that it showed when the machine's monotonic clock began.
    pub fn start(self) -> Timestamp {
        self.start
    }

    /// The time, without jumps.
    pub fn now(self) -> Timestamp {
        self.start.saturating_add(steady()).unwrap_or(Timestamp::MAX)
    }

    /// The time of the wall clock, for people and for comparison with the server's times. It may
    /// jump.
    pub fn wall() -> Timestamp {
        Timestamp::now()
    }

    /// How far the wall clock is ahead of this one, to the second; nothing unless it was set.
    pub fn ahead(self) -> SignedDuration {
        let ahead = Self::wall().duration_since(self.now());
        ahead.round(Unit::Second).unwrap_or(ahead)
    }

    /// A time of this clock as the wall clock shows it now.
    pub fn to_wall(self, at: Timestamp) -> Timestamp {
        at.saturating_add(self.ahead()).unwrap_or(at)
    }

    /// A time that the wall clock will show, if nobody sets it, as one of this clock.
    pub fn of_wall(self, at: Timestamp) -> Timestamp {
        at.saturating_sub(self.ahead()).unwrap_or(at)
    }
}

/// The mark of this run of the machine; `None` if the system does not tell it.
pub(crate) fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// The machine's monotonic clock. It stands still while the machine is suspended, as requests do.
#[cfg(unix)]
fn steady() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Duration::try_from(time).unwrap_or_default()
}

/// The monotonic clock of this process.
#[cfg(not(unix))]
fn steady() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_that_was_set_is_known_to_be_off() {
        let hour = SignedDuration::from_hours(1);
        let true_clock = Clock::from_wall();
        assert_eq!(true_clock.ahead(), SignedDuration::ZERO);
        // An hour was taken off the wall clock since: the clock is an hour later.
        let before = Clock::began_at(true_clock.start() + hour);
        assert_eq!(before.ahead(), -hour);
        let now = before.now();
        assert_eq!(before.of_wall(before.to_wall(now)), now);
        assert!(
            before.to_wall(now).duration_since(Clock::wall()).abs() < SignedDuration::from_secs(2)
        );
        let after = before.now();
        assert!(after >= now);
    }
}
