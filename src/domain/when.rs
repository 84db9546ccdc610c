//! Times as people say them. The caller gives the time; nothing here reads a clock.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// How long ago `then` was, in at most four letters: `now`, `12m`, `3h`, `2d`.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match () {
        () if minutes == 0 => "now".into(),
        () if hours == 0 => format!("{minutes}m"),
        () if days == 0 => format!("{hours}h"),
        () if days < 1_000 => format!("{days}d"),
        () => format!("{}y", days / 365),
    }
}

/// A span of time, rounded up: `90 s`, `3 min`.
pub fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    if seconds < 120 { format!("{seconds} s") } else { format!("{} min", (seconds + 59) / 60) }
}

/// How long ago `then` was: `just now`, `12m ago`.
pub fn ago(now: Timestamp, then: Timestamp) -> String {
    match age(now, then).as_str() {
        "now" => "just now".into(),
        age => format!("{age} ago"),
    }
}

/// The time of day, with as much of the date as is needed on the day of `now`.
pub fn clock(zone: &TimeZone, now: Timestamp, then: Timestamp) -> String {
    let (now, then) = (now.to_zoned_datetime(zone.clone()), then.to_zoned_datetime(zone.clone()));
    let format = match () {
        () if now.date() == then.date() => "%H:%M",
        () if now.year() == then.year() => "%-d %b %H:%M",
        () => "%-d %b %Y %H:%M",
    };
    then.strftime(format).to_string()
}

/// The time of day with its date: `Tue 3 Mar 14:02`, and the year where it is another one.
pub fn dated(zone: &TimeZone, now: Timestamp, then: Timestamp) -> String {
    let (now, then) = (now.to_zoned_datetime(zone.clone()), then.to_zoned_datetime(zone.clone()));
    let format = if now.year() == then.year() { "%a %-d %b %H:%M" } else { "%-d %b %Y %H:%M" };
    then.strftime(format).to_string()
}

/// The seconds until `then`, rounded up, never negative.
pub fn seconds_until(now: Timestamp, then: Timestamp) -> i64 {
    let left = then.duration_since(now).max(SignedDuration::ZERO);
    left.as_secs() + i64::from(left.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_rounded_up() {
        let spans = [60, 119, 120, 121, 3_600].map(|it| span(SignedDuration::from_secs(it)));
        assert_eq!(spans, ["60 s", "119 s", "2 min", "3 min", "60 min"]);
    }

    #[test]
    fn ages_are_short() {
        let now: Timestamp = "2026-03-03T14:00:00Z".parse().unwrap();
        let ages: Vec<String> = [-5, 0, 59, 60, 3_599, 3_600, 86_399, 86_400, 86_400 * 1_200]
            .into_iter()
            .map(|seconds| age(now, now - SignedDuration::from_secs(seconds)))
            .collect();
        assert_eq!(ages, ["now", "now", "now", "1m", "59m", "1h", "23h", "1d", "3y"]);
    }

    #[test]
    fn times_are_local_and_as_long_as_needed() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let now: Timestamp = "2026-03-03T23:30:00Z".parse().unwrap();
        let show = |then: &str| clock(&zone, now, then.parse().unwrap());
        assert_eq!(show("2026-03-03T22:05:00Z"), "00:05");
        assert_eq!(show("2026-03-03T12:05:00Z"), "3 Mar 14:05");
        assert_eq!(show("2025-03-03T12:05:00Z"), "3 Mar 2025 14:05");
        assert_eq!(dated(&zone, now, "2026-03-03T12:05:00Z".parse().unwrap()), "Tue 3 Mar 14:05");
    }

    #[test]
    fn a_countdown_rounds_up() {
        let now: Timestamp = "2026-03-03T14:00:00Z".parse().unwrap();
        assert_eq!(seconds_until(now, now + SignedDuration::from_millis(4_001)), 5);
        assert_eq!(seconds_until(now, now - SignedDuration::from_secs(4)), 0);
    }
}
