//! Reads the words with which people name a time to come: `2h`, `tomorrow 9:00`, `fri 14:00`,
//! `3 dec`. What could mean two times, or is past, is refused with words that would work.
//!
//! jiff reads spans, dates and times of day, and does all arithmetic, so the days on which clocks
//! are changed are its matter.

use jiff::{
    RoundMode, Span, ToSpan as _, Unit, ZonedDateTime, ZonedDateTimeRound,
    civil::{Date, DateTime, Time, Weekday},
    fmt::strtime::BrokenDownTime,
};

/// When a working day begins: the time of a day that is named without one.
const MORNING: Time = Time::constant(9, 0, 0, 0);
/// No ticket sleeps for more years.
const MOST_YEARS: i64 = 5;
const NOT_AHEAD: &str = "that is not in the future; 2h is two hours from now";
/// Longer texts are no time.
const MOST_BYTES: usize = 60;

/// How a time can be written, for people.
pub const EXAMPLES: &str = "write it as 2h, tomorrow 9:00, fri 14:00, 3 dec or 2026-12-03 10:00";

/// The time that a text names, seen from `now`. It is always later than `now`.
///
/// # Errors
/// Why it names none, and what would: a sentence for people.
pub fn read(text: &str, now: &ZonedDateTime) -> Result<ZonedDateTime, String> {
    let text = text.trim().to_lowercase();
    if text.is_empty() || text.len() > MOST_BYTES {
        return Err(EXAMPLES.into());
    }
    let at = match span(&text) {
        Some(span) => after(now, span)?,
        None => named(&text, now)?,
    };
    let latest = now.checked_add(MOST_YEARS.years()).map_err(|_| EXAMPLES.to_owned())?;
    if at > latest {
        return Err(format!("that is more than {MOST_YEARS} years ahead"));
    }
    Ok(at)
}

/// `2h`, `in 2 h`, `3 days`, `in an hour`, `1d 3h`.
fn span(text: &str) -> Option<Span> {
    let text = text.strip_prefix("in ").unwrap_or(text).trim();
    let one = ["an ", "a ", "one "].into_iter().find_map(|word| text.strip_prefix(word));
    let text = one.map_or_else(|| text.to_owned(), |unit| format!("1 {unit}"));
    text.parse().ok()
}

fn after(now: &ZonedDateTime, span: Span) -> Result<ZonedDateTime, String> {
    let at = now.checked_add(span).map_err(|_| "that is too far ahead".to_owned())?;
    if at <= *now {
        return Err(NOT_AHEAD.into());
    }
    let minute = ZonedDateTimeRound::new().smallest(Unit::Minute);
    // People read the clock by its minutes, and no time may be past.
    let cut = at.round(minute.mode(RoundMode::Trunc)).ok().filter(|cut| cut > now);
    let at = cut.or_else(|| at.round(minute.mode(RoundMode::Ceil)).ok()).unwrap_or(at);
    Ok(at)
}

/// A day with a time, a day, or a time of today.
fn named(text: &str, now: &ZonedDateTime) -> Result<ZonedDateTime, String> {
    let said = text.replace(',', " ");
    let words: Vec<&str> =
        said.split_whitespace().filter(|word| !matches!(*word, "at" | "on" | "until")).collect();
    let (day, time) = part(&words);
    if day.is_empty() {
        let Some(time) = time else { return Err(EXAMPLES.into()) };
        let at = zoned(now, now.date().to_datetime(time))?;
        let shown = time.strftime("%-H:%M");
        return match at > *now {
            true => Ok(at),
            false => Err(format!("{shown} has passed today; tomorrow {shown} has not")),
        };
    }
    let date = date(&day, time, now)?;
    let at = zoned(now, date.to_datetime(time.unwrap_or(MORNING)))?;
    if at > *now {
        return Ok(at);
    }
    Err(match time {
        None if date == now.date() => "say a time for today, as in today 17:00".into(),
        _ => format!("{} is past; name a later time", at.strftime("%a %-d %b %Y %H:%M")),
    })
}

fn zoned(now: &ZonedDateTime, at: DateTime) -> Result<ZonedDateTime, String> {
    at.to_zoned_datetime(now.time_zone().clone()).map_err(|_| "that is too far ahead".to_owned())
}

/// The words of the day, and the time at their end.
fn part<'w>(words: &[&'w str]) -> (Vec<&'w str>, Option<Time>) {
    for count in [2, 1] {
        let Some(at) = words.len().checked_sub(count) else { continue };
        let (day, last) = words.split_at(at);
        if let Some(time) = time(&last.concat()) {
            return (day.to_vec(), Some(time));
        }
    }
    (words.to_vec(), None)
}

/// `14:00`, `9am`, `9:30pm`.
fn time(word: &str) -> Option<Time> {
    ["%H:%M", "%I:%M%p", "%I%p"].into_iter().find_map(|format| Time::strptime(format, word).ok())
}

/// The day that the words name. `time` is only for the words of a refusal.
fn date(words: &[&str], time: Option<Time>, now: &ZonedDateTime) -> Result<Date, String> {
    let today = now.date();
    let too_far = |_| "that is too far ahead".to_owned();
    match words {
        ["today"] => Ok(today),
        ["tomorrow" | "tmrw" | "tom"] => today.tomorrow().map_err(too_far),
        ["next", "week"] => today.nth_weekday(1, Weekday::Monday).map_err(too_far),
        ["next", day] => match weekday(day) {
            Some(day) => next_weekday(day, time, today),
            None => Err(EXAMPLES.into()),
        },
        ["this", day] | [day] if weekday(day).is_some() => {
            let Some(day) = weekday(day) else { return Err(EXAMPLES.into()) };
            this_weekday(day, time, today)
        }
        _ => calendar_day(words, today),
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    let parsed =
        ["%A", "%a"].into_iter().find_map(|format| BrokenDownTime::parse(format, word).ok());
    parsed.and_then(|parsed| parsed.weekday())
}

/// The next such day after today. On the day itself nobody knows whether today is meant.
fn this_weekday(day: Weekday, time: Option<Time>, today: Date) -> Result<Date, String> {
    if today.weekday() == day {
        let name = today.strftime("%a").to_string().to_lowercase();
        let at = time.map(|time| time.strftime(" %-H:%M").to_string()).unwrap_or_default();
        let today = if at.is_empty() { "today 17:00".into() } else { format!("today{at}") };
        return Err(format!("it is {name} today; write {today} or next {name}{at}"));
    }
    today.nth_weekday(1, day).map_err(|_| EXAMPLES.into())
}

/// Such a day of next week. If that day of this week is still to come, nobody knows which is meant.
fn next_weekday(day: Weekday, time: Option<Time>, today: Date) -> Result<Date, String> {
    let next = today.nth_weekday(1, day).map_err(|_| EXAMPLES.to_owned())?;
    if day.to_monday_zero_offset() > today.weekday().to_monday_zero_offset() {
        let at = time.map(|time| time.strftime(" %-H:%M").to_string()).unwrap_or_default();
        let later = next.checked_add(7.days()).map_err(|_| EXAMPLES.to_owned())?;
        let name = next.strftime("%a").to_string().to_lowercase();
        let later = later.strftime("%-d %b").to_string().to_lowercase();
        return Err(format!("that could be two days; write {name}{at} or {later}{at}"));
    }
    Ok(next)
}

/// `2026-12-03`, `3 dec`, `dec 3`, `3 december 2026`. A day without its year is the next one.
fn calendar_day(words: &[&str], today: Date) -> Result<Date, String> {
    let text = words.join(" ");
    let is_number = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    let parts: Vec<&str> = text.split(['/', '.']).collect();
    if parts.len() > 1 && parts.iter().all(|part| is_number(part)) {
        return Err(format!("{text} could be two days; write 3 dec or 2026-12-03"));
    }
    if let Ok(date) = Date::strptime("%Y-%m-%d", &text) {
        return Ok(date);
    }
    let bare = |word: &&str| {
        let number = word.trim_end_matches(char::is_alphabetic);
        let is_ordinal =
            ["st", "nd", "rd", "th"].iter().any(|it| word.strip_prefix(number) == Some(it));
        if is_ordinal && !number.is_empty() && is_number(number) {
            number.to_owned()
        } else {
            (*word).to_owned()
        }
    };
    let text = words.iter().map(bare).collect::<Vec<_>>().join(" ");
    let with_year = ["%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y"];
    if let Some(date) = with_year.into_iter().find_map(|it| Date::strptime(it, &text).ok()) {
        return Ok(date);
    }
    let of_year = |year: i16| {
        let text = format!("{text} {year}");
        with_year.into_iter().find_map(|it| Date::strptime(it, &text).ok())
    };
    // The 29th of February may be years away.
    let years = (0..=8).map(|more| today.year().saturating_add(more));
    years.filter_map(of_year).find(|date| *date >= today).ok_or_else(|| EXAMPLES.into())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    /// A Friday, three days before a Monday, in a zone with summer time.
    fn friday() -> ZonedDateTime {
        "2026-11-27T11:30:00[Europe/Berlin]".parse().unwrap()
    }

    fn of(text: &str, now: &ZonedDateTime) -> String {
        match read(text, now) {
            Ok(at) => at.strftime("%a %-d %b %Y %H:%M").to_string(),
            Err(why) => format!("? {why}"),
        }
    }

    #[test]
    fn what_people_type_names_the_time_that_they_mean() {
        for (text, expected) in [
            ("2h", "Fri 27 Nov 2026 13:30"),
            ("20s", "Fri 27 Nov 2026 11:31"),
            ("in 2 h", "Fri 27 Nov 2026 13:30"),
            ("  In 2 Hours ", "Fri 27 Nov 2026 13:30"),
            ("90m", "Fri 27 Nov 2026 13:00"),
            ("in an hour", "Fri 27 Nov 2026 12:30"),
            ("in a week", "Fri 4 Dec 2026 11:30"),
            ("1d 3h", "Sat 28 Nov 2026 14:30"),
            ("3 days", "Mon 30 Nov 2026 11:30"),
            ("2 weeks", "Fri 11 Dec 2026 11:30"),
            ("1 month", "Sun 27 Dec 2026 11:30"),
            ("14:00", "Fri 27 Nov 2026 14:00"),
            ("at 5pm", "Fri 27 Nov 2026 17:00"),
            ("5:30 pm", "Fri 27 Nov 2026 17:30"),
            ("today 17:00", "Fri 27 Nov 2026 17:00"),
            ("tomorrow", "Sat 28 Nov 2026 09:00"),
            ("tomorrow 9:00", "Sat 28 Nov 2026 09:00"),
            ("Tomorrow at 7am", "Sat 28 Nov 2026 07:00"),
            ("mon", "Mon 30 Nov 2026 09:00"),
            ("monday, 14:00", "Mon 30 Nov 2026 14:00"),
            ("on thu 8:15", "Thu 3 Dec 2026 08:15"),
            ("next week", "Mon 30 Nov 2026 09:00"),
            ("next mon", "Mon 30 Nov 2026 09:00"),
            ("next fri 14:00", "Fri 4 Dec 2026 14:00"),
            ("2026-12-01", "Tue 1 Dec 2026 09:00"),
            ("2026-12-01 10:00", "Tue 1 Dec 2026 10:00"),
            ("3 dec", "Thu 3 Dec 2026 09:00"),
            ("3 dec 10:00", "Thu 3 Dec 2026 10:00"),
            ("Dec 3 10:00", "Thu 3 Dec 2026 10:00"),
            ("3rd december 2027", "Fri 3 Dec 2027 09:00"),
            ("december 3, 2027 9:30", "Fri 3 Dec 2027 09:30"),
            ("2 nov", "Tue 2 Nov 2027 09:00"),
            ("29 feb", "Tue 29 Feb 2028 09:00"),
        ] {
            assert_eq!(of(text, &friday()), expected, "{text}");
        }
    }

    #[test]
    fn what_could_mean_two_times_or_is_past_is_refused_with_what_would_work() {
        for (text, why) in [
            ("", EXAMPLES),
            ("soon", EXAMPLES),
            ("5", EXAMPLES),
            ("next", EXAMPLES),
            ("next quarter", EXAMPLES),
            ("31 feb", EXAMPLES),
            ("25:00", EXAMPLES),
            ("monday tuesday", EXAMPLES),
            ("9:00", "9:00 has passed today; tomorrow 9:00 has not"),
            ("today", "say a time for today, as in today 17:00"),
            ("today 9:00", "Fri 27 Nov 2026 09:00 is past; name a later time"),
            ("2026-11-01", "Sun 1 Nov 2026 09:00 is past; name a later time"),
            ("3 dec 2020", "Thu 3 Dec 2020 09:00 is past; name a later time"),
            ("fri", "it is fri today; write today 17:00 or next fri"),
            ("friday 14:00", "it is fri today; write today 14:00 or next fri 14:00"),
            ("next sun", "that could be two days; write sun or 6 dec"),
            ("3/12", "3/12 could be two days; write 3 dec or 2026-12-03"),
            ("3.12. 10:00", "3.12. could be two days; write 3 dec or 2026-12-03"),
            ("2h ago", "that is not in the future; 2h is two hours from now"),
            ("0h", "that is not in the future; 2h is two hours from now"),
            ("-3 days", "that is not in the future; 2h is two hours from now"),
            ("6 years", "that is more than 5 years ahead"),
            ("9000 years", "that is too far ahead"),
            ("9998-12-31", "that is more than 5 years ahead"),
        ] {
            assert_eq!(of(text, &friday()), format!("? {why}"), "{text}");
        }
    }

    #[test]
    fn what_a_refusal_offers_works() {
        for text in ["2h", "tomorrow 9:00", "fri 14:00", "3 dec", "2026-12-03 10:00"] {
            let thursday = friday().yesterday().unwrap();
            assert!(EXAMPLES.contains(text) && read(text, &thursday).is_ok(), "{text}");
        }
        for text in ["today 17:00", "next fri 14:00", "tomorrow 9:00", "sun", "6 dec"] {
            assert!(read(text, &friday()).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_days_on_which_clocks_change_are_right() {
        let before: ZonedDateTime = "2026-10-24T22:00:00[Europe/Berlin]".parse().unwrap();
        // The day has 25 hours.
        assert_eq!(of("tomorrow 22:00", &before), "Sun 25 Oct 2026 22:00");
        assert_eq!(of("24h", &before), "Sun 25 Oct 2026 21:00");
        assert_eq!(of("1 day", &before), "Sun 25 Oct 2026 22:00");
        // A time that comes twice is the first, and one that never comes is an hour later.
        assert_eq!(read("tomorrow 2:30", &before).unwrap().offset(), jiff::tz::offset(2));
        let before: ZonedDateTime = "2026-03-28T22:00:00[Europe/Berlin]".parse().unwrap();
        assert_eq!(of("tomorrow 2:30", &before), "Sun 29 Mar 2026 03:30");
    }

    /// Words that mean something, and others, in any order.
    fn typed() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            "[0-9]{1,5}(h|d|m|w|mo|y|am|pm| h|:[0-9]{2}|th|/[0-9]|)",
            "(in|next|at|on|today|tomorrow|mon|friday|dec|feb|march|week|ago|-|a)",
            "[0-9]{4}-[0-9]{2}-[0-9]{2}",
            "\\PC{0,6}",
        ];
        prop::collection::vec(word, 0..5).prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn no_text_panics_or_names_a_past_time(
            text in prop_oneof![typed(), any::<String>()],
            second in -377_705_023_201_i64..253_402_207_200,
            zone in 0_usize..4,
        ) {
            let zones = ["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "UTC"];
            let zone = TimeZone::get(zones[zone]).unwrap();
            let now = jiff::Timestamp::from_second(second).unwrap().to_zoned_datetime(zone);
            match read(&text, &now) {
                Ok(at) => prop_assert!(at > now, "{text:?} at {now} is {at}"),
                Err(why) => prop_assert!(!why.is_empty()),
            }
        }
    }
}
