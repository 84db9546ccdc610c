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

/// A time in full: `Mon 30 Nov 2026 09:00`.
pub fn in_full(zone: &TimeZone, then: Timestamp) -> String {
    then.to_zoned_datetime(zone.clone()).strftime("%a %-d %b %Y %H:%M").to_string()
}

/// A time to come in full, and how far ahead it is: `Mon 30 Nov 2026 09:00, in 2 d 21 h`.
pub fn ahead(zone: &TimeZone, now: Timestamp, then: Timestamp) -> String {
    let minutes = (then.duration_since(now).as_secs().max(0) + 59) / 60;
    let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    let parts = match (days, hours) {
        (0, 0) => [(rest, "min"), (0, "")],
        (0, _) => [(hours, "h"), (rest, "min")],
        _ => [(days, "d"), (hours, "h")],
    };
    let left = parts.iter().filter(|(count, _)| *count > 0);
    let left: Vec<String> = left.map(|(count, unit)| format!("{count} {unit}")).collect();
    match left.is_empty() {
        true => format!("{}, now", in_full(zone, then)),
        false => format!("{}, in {}", in_full(zone, then), left.join(" ")),
    }
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
    fn a_time_to_come_is_said_in_full_with_how_far_ahead_it_is() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let now: Timestamp = "2026-11-27T11:00:00Z".parse().unwrap();
        for (then, words) in [
            ("2026-11-30T08:00:00Z", "Mon 30 Nov 2026 09:00, in 2 d 21 h"),
            ("2026-11-28T11:00:00Z", "Sat 28 Nov 2026 12:00, in 1 d"),
            ("2026-11-27T13:30:00Z", "Fri 27 Nov 2026 14:30, in 2 h 30 min"),
            ("2026-11-27T11:00:30Z", "Fri 27 Nov 2026 12:00, in 1 min"),
            ("2026-11-27T10:00:00Z", "Fri 27 Nov 2026 11:00, now"),
        ] {
            assert_eq!(ahead(&zone, now, then.parse().unwrap()), words);
        }
    }

    #[test]
    fn a_countdown_rounds_up() {
        let now: Timestamp = "2026-03-03T14:00:00Z".parse().unwrap();
        assert_eq!(seconds_until(now, now + SignedDuration::from_millis(4_001)), 5);
        assert_eq!(seconds_until(now, now - SignedDuration::from_secs(4)), 0);
    }
}
