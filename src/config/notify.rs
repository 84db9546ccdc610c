//! The section `[notify]`: what the agent is told outside the console, and how.

use std::collections::BTreeSet;

use super::{console::choice, sections::Section};
use crate::domain::notify::NotifyKind;

/// The sequence by which the terminal is asked to tell something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Osc {
    /// None.
    #[default]
    Off,
    /// The one that the terminal is known for, by the environment.
    Auto,
    /// OSC 9: iTerm2, WezTerm, Windows Terminal.
    Nine,
    /// OSC 777: foot, Ghostty, urxvt.
    SevenSevenSeven,
    /// OSC 99: kitty.
    NinetyNine,
}

/// Their words in the configuration.
pub(super) const OSC: [(&str, Osc); 5] = [
    ("off", Osc::Off),
    ("auto", Osc::Auto),
    ("9", Osc::Nine),
    ("777", Osc::SevenSevenSeven),
    ("99", Osc::NinetyNine),
];

/// The section `[notify]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifySection {
    /// What the agent is told of.
    pub on: BTreeSet<NotifyKind>,
    /// Whether the terminal's bell rings.
    pub bell: bool,
    /// Whether the title of the terminal's window tells what needs the agent.
    pub title: bool,
    /// The sequence for the terminal.
    pub osc: Osc,
    /// Whether subjects are told outside the console.
    pub show_subject: bool,
    /// A command with its arguments that is run for each notification; empty for none.
    pub command: Vec<String>,
}

impl Default for NotifySection {
    fn default() -> Self {
        Self {
            on: BTreeSet::from([NotifyKind::Customer]),
            bell: false,
            title: true,
            osc: Osc::Off,
            show_subject: true,
            command: Vec::new(),
        }
    }
}

pub(super) fn read(mut section: Section<'_>) -> NotifySection {
    let mut notify = NotifySection::default();
    if let Some(kinds) = section.strings("on") {
        let kinds =
            kinds.value.iter().filter_map(|kind| choice(&section, "on", kind, &NotifyKind::ALL));
        notify.on = kinds.collect();
    }
    notify.bell = section.boolean("bell").unwrap_or(notify.bell);
    notify.title = section.boolean("title").unwrap_or(notify.title);
    notify.show_subject = section.boolean("show_subject").unwrap_or(notify.show_subject);
    if let Some(osc) = section.string("osc").and_then(|it| choice(&section, "osc", &it, &OSC)) {
        notify.osc = osc;
    }
    if let Some(words) = section.strings("command") {
        if words.value.first().is_some_and(|program| program.value.trim().is_empty()) {
            section.reader.problem(section.at, "`command` names no program");
        }
        notify.command = words.value.iter().map(|word| word.value.to_owned()).collect();
    }
    section.finish();
    notify
}

impl Osc {
    /// The sequence that the terminal of this environment understands; [`Osc::Off`] for one that is
    /// not known to understand any. Another choice than [`Osc::Auto`] is kept.
    #[must_use]
    pub fn resolved(self, lookup: impl Fn(&str) -> Option<String>) -> Self {
        if self != Self::Auto {
            return self;
        }
        let value = |name| lookup(name).unwrap_or_default();
        let has = |name| !value(name).is_empty();
        let (program, term) = (value("TERM_PROGRAM").to_lowercase(), value("TERM"));
        match () {
            () if has("KITTY_WINDOW_ID") || term.contains("kitty") => Self::NinetyNine,
            () if matches!(&*program, "iterm.app" | "wezterm") => Self::Nine,
            () if has("WEZTERM_PANE") || has("WT_SESSION") || has("ITERM_SESSION_ID") => Self::Nine,
            () if program == "ghostty" || term.contains("ghostty") => Self::SevenSevenSeven,
            () if term.starts_with("foot") || term.starts_with("rxvt-unicode") => {
                Self::SevenSevenSeven
            }
            () => Self::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_the_sequence() {
        let cases: [(&[(&str, &str)], Osc); 7] = [
            (&[], Osc::Off),
            (&[("TERM", "xterm-256color")], Osc::Off),
            (&[("TERM", "xterm-kitty")], Osc::NinetyNine),
            (&[("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")], Osc::NinetyNine),
            (&[("TERM_PROGRAM", "WezTerm")], Osc::Nine),
            (&[("TERM_PROGRAM", "tmux"), ("ITERM_SESSION_ID", "w0")], Osc::Nine),
            (&[("TERM", "foot-extra")], Osc::SevenSevenSeven),
        ];
        for (variables, expected) in cases {
            let lookup = |name: &str| {
                variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Osc::Auto.resolved(lookup), expected, "{variables:?}");
            assert_eq!(Osc::Nine.resolved(lookup), Osc::Nine);
        }
    }
}
