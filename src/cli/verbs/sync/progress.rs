//! The progress of a sync: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::{IsTerminal as _, stderr},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use tokio::time::Instant;

use crate::{
    api::{ApiClient, BudgetState, PAGE_LIMIT},
    cli::failure,
    domain::when,
};

/// How often the bar is drawn anew while nothing comes.
const TICK: Duration = Duration::from_millis(200);
/// How often a line is written where there is no terminal.
const LINE: Duration = Duration::from_secs(10);
const MINUTE: f64 = 60.0;

/// How far it is, and how long it will take.
pub(super) struct ProgressShown {
    client: ApiClient,
    /// `None` where standard error is no terminal.
    bar: Option<ProgressBar>,
    began: Instant,
    next: Instant,
    /// The tickets that were there when the first count came.
    first: Option<u64>,
    done: u64,
    total: u64,
    /// The count that was last written in a line.
    told: Option<u64>,
}

impl ProgressShown {
    pub(super) fn new(client: ApiClient) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner().with_message("asking the server");
            bar.set_style(style("{spinner} {msg}"));
            bar
        });
        let began = Instant::now();
        let next = began + if bar.is_some() { TICK } else { LINE };
        Self { client, bar, began, next, first: None, done: 0, total: 0, told: None }
    }

    /// When it is to be shown next.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// So many tickets are there; a total of 0 is not known yet.
    pub(super) fn note(&mut self, done: usize, total: usize) {
        let number = |it: usize| u64::try_from(it).unwrap_or(u64::MAX);
        self.first.get_or_insert(number(done));
        (self.done, self.total) = (number(done), number(total));
        let Some(bar) = self.bar.as_ref().filter(|_| self.total > 0) else { return };
        if bar.length() != Some(self.total) {
            bar.set_length(self.total);
            bar.set_style(style("{bar:30} {pos} of {len} tickets, {msg}"));
        }
        bar.set_position(self.done);
        bar.set_message(self.left());
    }

    /// Shows it.
    pub(super) fn show(&mut self) {
        self.next = Instant::now() + if self.bar.is_some() { TICK } else { LINE };
        if let Some(bar) = &self.bar {
            bar.tick();
        } else if self.total > 0 && self.told != Some(self.done) {
            self.told = Some(self.done);
            failure::notice(&format!("{} of {} tickets, {}", self.done, self.total, self.left()));
        }
    }

    /// Nothing of it stays on a terminal.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn left(&self) -> String {
        let budget = self.client.budget().state();
        let read = self.done.saturating_sub(self.first.unwrap_or_default());
        let seconds = seconds_left(
            self.total - self.done.min(self.total),
            read,
            self.began.elapsed(),
            &budget,
        );
        let limit = budget.limit.map(|limit| format!(" at {limit} requests a minute"));
        match seconds {
            None => "reading".into(),
            Some(seconds) => {
                let span = SignedDuration::from_secs(seconds);
                format!("about {} left{}", when::span(span), limit.unwrap_or_default())
            }
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are here, so a wrong one is a fault of this file; a plain bar shows it.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// How long it takes to read `left` tickets after `read` took `elapsed`: as long as the budget makes
/// of it, or as the server was fast so far. `None` while nothing tells.
fn seconds_left(left: u64, read: u64, elapsed: Duration, budget: &BudgetState) -> Option<i64> {
    let requests = left.div_ceil(u64::from(PAGE_LIMIT));
    let by_server = (read > 0).then(|| elapsed.as_secs_f64() * left as f64 / read as f64);
    let by_budget = budget.limit.filter(|limit| *limit > 0).map(|limit| {
        let free = u64::from(limit.saturating_sub(budget.used));
        requests.saturating_sub(free) as f64 * MINUTE / f64::from(limit)
    });
    let seconds = [by_server, by_budget].into_iter().flatten().reduce(f64::max)?;
    Some(seconds.ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(limit: Option<u32>, used: u32) -> BudgetState {
        BudgetState { limit, used, waiting: 0, paused_until: None }
    }

    #[test]
    fn the_budget_or_the_server_tells_how_long_it_takes() {
        let second = Duration::from_secs(1);
        let limited = budget(Some(60), 60);
        assert_eq!(seconds_left(100_000, 0, second, &limited), Some(1_000));
        assert_eq!(seconds_left(100_000, 1_000, second, &budget(Some(60), 0)), Some(940));
        assert_eq!(seconds_left(500, 100, second * 10, &budget(Some(60), 0)), Some(50));
        assert_eq!(seconds_left(500, 100, second, &budget(None, 0)), Some(5));
        assert_eq!(seconds_left(500, 0, second, &budget(None, 0)), None);
        assert_eq!(seconds_left(0, 100, second, &limited), Some(0));
    }
}
