//! How many requests a pass may spend.

use std::time::Duration;

/// Upkeep may use one request in this many of the budget while nobody types.
const PART: u32 = 4;
/// How many requests a pass spends if there is no budget.
const WITHOUT_LIMIT: u32 = 30;
const MINUTE: Duration = Duration::from_secs(60);

/// The requests of one pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    /// All of them.
    pub(super) all: u32,
    /// The requests for the waiting lists; the others go to the list whose turn it is.
    pub(super) waiting: u32,
}

impl Share {
    /// The share of the `number`th pass, of passes that come every `interval`, under a budget of
    /// `limit` requests a minute. Where passes are more than a minute apart, each spends what a minute
    /// allows.
    pub(super) fn of(limit: Option<u32>, interval: Duration, number: u32) -> Self {
        let Some(limit) = limit else {
            return Self { all: WITHOUT_LIMIT, waiting: waiting(WITHOUT_LIMIT, 0) };
        };
        // The shares are counted from the first pass on, so that no fraction gets lost. The count
        // wraps early enough for any interval.
        let number = number % 1_000;
        let spent = |passes: u32| quarter(limit, interval.min(MINUTE) * passes);
        let all = spent(number + 1) - spent(number);
        Self { all, waiting: waiting(all, spent(number)) }
    }

    /// How many passes it takes to see `pages` pages of waiting tickets.
    pub(super) fn passes_for(limit: Option<u32>, interval: Duration, pages: u32) -> u32 {
        let mut left = pages;
        let mut passes = 0;
        while left > 0 && passes < 1_000 {
            left = left.saturating_sub(Self::of(limit, interval, passes).waiting);
            passes += 1;
        }
        passes.max(1)
    }
}

/// The requests of the budget that upkeep may spend in that time.
fn quarter(limit: u32, time: Duration) -> u32 {
    let millis = time.as_millis() * u128::from(limit.div_ceil(PART).max(1));
    u32::try_from(millis / MINUTE.as_millis()).unwrap_or(u32::MAX)
}

/// One request of each pass is for the other lists. If a pass has only one request, the other lists
/// get it in every fourth such pass. The count goes by the requests spent before, because passes
/// with one request may have any numbers.
fn waiting(all: u32, before: u32) -> u32 {
    match all {
        0 => 0,
        1 => u32::from(before % 4 != 3),
        more => more - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Duration = Duration::from_secs(30);

    fn spent(limit: u32, interval: Duration, passes: u32) -> u32 {
        (0..passes).map(|number| Share::of(Some(limit), interval, number).all).sum()
    }

    #[test]
    fn a_quarter_of_the_budget_is_spent() {
        for minutes in 1..10 {
            assert_eq!(spent(60, POLL, 2 * minutes), 15 * minutes);
            assert_eq!(spent(4, POLL, 2 * minutes), minutes, "a small limit still lets it go on");
            assert_eq!(spent(60, Duration::from_secs(5), 12 * minutes), 15 * minutes);
        }
        assert_eq!(
            spent(60, Duration::from_secs(600), 1),
            15,
            "never more at once than in a minute"
        );
        assert_eq!(Share::of(None, POLL, 7), Share { all: 30, waiting: 29 });
    }

    #[test]
    fn five_hundred_waiting_tickets_are_seen_in_every_pass() {
        for number in 0..100 {
            let share = Share::of(Some(60), POLL, number);
            assert!((7..=8).contains(&share.all), "{share:?}");
            assert!(share.waiting >= 6, "{share:?}");
        }
        assert_eq!(Share::passes_for(Some(60), POLL, 6), 1);
    }

    #[test]
    fn more_of_them_take_more_passes_and_others_still_have_their_turn() {
        assert_eq!(Share::passes_for(Some(60), POLL, 13), 2);
        assert_eq!(Share::passes_for(Some(60), POLL, 50), 8);
        assert_eq!(Share::passes_for(None, POLL, 0), 1);
        let others = |limit| -> u32 {
            (0..16)
                .map(|number| Share::of(Some(limit), POLL, number))
                .map(|share| share.all - share.waiting)
                .sum()
        };
        assert_eq!(others(60), 16);
        assert!(others(8) >= 4);
    }
}
