//! Medians, percentiles, and the tables that they are shown in.

use std::time::Duration;

use comfy_table::{Table, presets};

use crate::pty::Answer;

/// How far the floor's figure may move from run to run before a run counts as noisy.
const NOISE: f64 = 1.3;

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The value below which so many per cent of the values are.
pub(crate) fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = sorted.len().saturating_sub(1) as f64 * percent / 100.0;
    let low = place as usize;
    let Some(first) = sorted.get(low).copied() else { return 0.0 };
    let second = sorted.get(low + 1).copied().unwrap_or(first);
    first + (second - first) * place.fract()
}

/// The value in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 50.0)
}

/// What the keys of one run took, or the median of several runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keys {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    /// Half of the keys were settled by then: the same as `p50` where a key is answered in one go.
    pub(crate) settled: f64,
    pub(crate) bytes: f64,
}

impl Keys {
    /// The figures of one run.
    pub(crate) fn of(answers: &[Answer]) -> Self {
        let last: Vec<f64> = answers.iter().map(|it| ms(it.last)).collect();
        let settled: Vec<f64> = answers.iter().map(|it| ms(it.settled)).collect();
        let bytes: Vec<f64> = answers.iter().map(|it| it.bytes as f64).collect();
        Self {
            p50: median(&last),
            p95: percentile(&last, 95.0),
            p99: percentile(&last, 99.0),
            settled: median(&settled),
            bytes: median(&bytes),
        }
    }

    /// The medians over several runs.
    pub(crate) fn over(runs: &[Self]) -> Self {
        let over = |of: fn(&Self) -> f64| median(&runs.iter().map(of).collect::<Vec<_>>());
        Self {
            p50: over(|it| it.p50),
            p95: over(|it| it.p95),
            p99: over(|it| it.p99),
            settled: over(|it| it.settled),
            bytes: over(|it| it.bytes),
        }
    }
}

/// Two digits after the point.
pub(crate) fn number(value: f64) -> String {
    format!("{value:.2}")
}

/// How often `whole` goes into `part`; `-` where there is nothing to compare with.
pub(crate) fn ratio(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.2}x", part / whole) } else { "-".into() }
}

/// Prints a table under a title.
pub(crate) fn print(title: &str, head: &[&str], rows: &[Vec<String>]) {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(head);
    table.add_rows(rows);
    println!("\n{title}\n\n{table}");
}

/// Says so where the floor itself was quicker in one run than in another.
pub(crate) fn say_noise(floor: &[f64]) {
    let (least, most) =
        floor.iter().fold((f64::MAX, 0.0_f64), |(a, b), it| (a.min(*it), b.max(*it)));
    if most > least * NOISE {
        println!("noisy: the floor took {least:.2} ms in one run and {most:.2} ms in another");
    }
}
