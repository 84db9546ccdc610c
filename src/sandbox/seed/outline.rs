//! The times and statuses of tickets, made before their texts.

use fastrand::Rng;

use super::{
    ANSWERED, CLOSED, CUSTOMER_REPLIED, DAY, HOUR, MINUTE, ON_HOLD, OPEN, WAITING_FOR_SUPPLIER,
    texts::{Odd, Scenario, Texts},
};

/// How many of 100 tickets have each status. Open and Customer Replied need a reply.
const MIX: [(i64, u32); 6] = [
    (CLOSED, 46),
    (ANSWERED, 18),
    (ON_HOLD, 8),
    (WAITING_FOR_SUPPLIER, 5),
    (OPEN, 8),
    (CUSTOMER_REPLIED, 15),
];

/// A ticket before its conversation is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline<'a> {
    pub(super) status: i64,
    /// Both in microseconds before the end of the seed's time.
    pub(super) created: i64,
    pub(super) last_message: i64,
    pub(super) about: About<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum About<'a> {
    Scenario(&'a Scenario),
    Odd(&'a Odd),
}

/// `count` of them, the oldest first.
pub(super) fn outlines<'a>(count: usize, texts: &'a Texts, rng: &mut Rng) -> Vec<Outline<'a>> {
    // Few tickets are odd: one in twenty at most.
    let odd = texts.odd.iter().take(count / 20).map(About::Odd);
    let mut outlines: Vec<_> = odd.map(|about| outline(OPEN, about, rng)).collect();
    while outlines.len() < count {
        let Some(scenario) = rng.choice(&texts.scenarios) else { break };
        let status = status(rng);
        outlines.push(outline(status, About::Scenario(scenario), rng));
    }
    outlines.sort_by_key(|outline| std::cmp::Reverse(outline.created));
    outlines
}

fn status(rng: &mut Rng) -> i64 {
    let mut left = rng.u32(..MIX.iter().map(|(_, share)| share).sum::<u32>());
    for (status, share) in MIX {
        if left < share {
            return status;
        }
        left -= share;
    }
    CLOSED
}

fn outline<'a>(status: i64, about: About<'a>, rng: &mut Rng) -> Outline<'a> {
    let (created, last_message) = match status {
        OPEN => {
            let waiting = waiting(rng);
            (waiting, waiting / 3)
        }
        CUSTOMER_REPLIED => {
            let waiting = waiting(rng);
            (waiting + rng.i64(HOUR..10 * DAY), waiting)
        }
        ANSWERED => past(rng, 2.0, 3 * HOUR, 21 * DAY),
        CLOSED => past(rng, 1.0, 8 * HOUR, 90 * DAY),
        _ => past(rng, 1.5, 6 * HOUR, 30 * DAY),
    };
    Outline { status, created, last_message, about }
}

/// How long a customer has been waiting: minutes to 3 days, a few up to 6.
fn waiting(rng: &mut Rng) -> i64 {
    let longest = if rng.u8(..12) == 0 { 6 * DAY } else { 3 * DAY };
    2 * MINUTE + skewed(rng, 2.0, longest)
}

/// A creation from `least` to `most` ago, and a last message within a week of it.
fn past(rng: &mut Rng, skew: f64, least: i64, most: i64) -> (i64, i64) {
    let created = least + skewed(rng, skew, most - least);
    let lasted = rng.i64(HOUR..7 * DAY).min(created * 9 / 10);
    (created, created - lasted)
}

/// From 0 to `most`, the nearer to 0 the more likely as `skew` grows.
fn skewed(rng: &mut Rng, skew: f64, most: i64) -> i64 {
    // Both fit a double exactly: 90 days are fewer than 2^53 microseconds.
    (rng.f64().powf(skew) * most as f64) as i64
}

/// When each turn is said: in microseconds before the end, the last at the outline's time.
pub(super) fn times(outline: &Outline<'_>, turns: usize, rng: &mut Rng) -> Vec<i64> {
    let span = (outline.created - outline.last_message).max(2);
    let mut times: Vec<i64> = (1..turns).map(|_| outline.created - rng.i64(1..span)).collect();
    times.sort_unstable_by(|a, b| b.cmp(a));
    times.extend((turns > 0).then_some(outline.last_message));
    times
}
