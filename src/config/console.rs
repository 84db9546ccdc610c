//! How the console looks and behaves, whatever the profile.

use std::time::Duration;

use super::sections::{Placed, Section, alike};
use crate::domain::{StatusId, plan::Then};

/// The section `[console]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSection {
    /// The status that a reply proposes.
    pub default_submit_status: StatusId,
    /// Where the cursor goes after an action on one ticket.
    pub after_action: Then,
    /// Whether the console hears the mouse from its start on.
    pub mouse: bool,
    /// From when on a waiting time is shown as a warning.
    pub wait_warn: Duration,
    /// From when on it is shown as an alarm.
    pub wait_alarm: Duration,
}

impl Default for ConsoleSection {
    fn default() -> Self {
        Self {
            default_submit_status: StatusId::ANSWERED,
            after_action: Then::Stay,
            mouse: false,
            wait_warn: Duration::from_secs(4 * 60 * 60),
            wait_alarm: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// The words for what comes after an action.
pub(super) const THEN: [(&str, Then); 3] =
    [("stay", Then::Stay), ("next", Then::Next), ("list", Then::List)];

/// The longest waiting time that can be set, in minutes: a year.
const MOST_MINUTES: i64 = 366 * 24 * 60;

/// Reads the section, with the name of the theme.
pub(super) fn read(mut section: Section<'_>) -> (ConsoleSection, Option<Placed<&str>>) {
    let mut console = ConsoleSection::default();
    if let Some(status) = section.integer("default_submit_status", 1..=i64::MAX) {
        console.default_submit_status = StatusId(status);
    }
    let after = section.string("after_action");
    if let Some(then) = after.and_then(|it| choice(&section, "after_action", &it, &THEN)) {
        console.after_action = then;
    }
    let theme = section.string("theme");
    console.mouse = section.boolean("mouse").unwrap_or(console.mouse);
    let at = section.at;
    for (key, field) in [
        ("wait_warn_minutes", &mut console.wait_warn),
        ("wait_alarm_minutes", &mut console.wait_alarm),
    ] {
        if let Some(minutes) = section.integer(key, 1..=MOST_MINUTES) {
            *field = Duration::from_secs(minutes.unsigned_abs() * 60);
        }
    }
    if console.wait_warn > console.wait_alarm {
        section.reader.problem(at, "`wait_warn_minutes` is more than `wait_alarm_minutes`");
    }
    section.finish();
    (console, theme)
}

/// The value that a word stands for; a word that stands for none is a problem.
pub(super) fn choice<T: Copy>(
    section: &Section<'_>,
    key: &str,
    word: &Placed<&str>,
    choices: &[(&'static str, T)],
) -> Option<T> {
    let found = choices.iter().find(|(name, _)| *name == word.value).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let mut reason = format!("`{key}` can't be \"{}\"", word.value);
        match alike(word.value, &names) {
            Some(name) => reason.push_str(&format!("; did you mean \"{name}\"?")),
            None => reason.push_str(&format!(", only one of \"{}\"", names.join("\", \""))),
        }
        section.reader.problem(word.at, reason);
    }
    found
}
