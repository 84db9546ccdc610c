//! How many colours the terminal has, and on which ground.

use crate::domain::look::Ground;

/// The colours that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colors {
    /// None, only bold, underline and reverse.
    None,
    /// The terminal's own sixteen.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// Any.
    TrueColor,
}

impl Colors {
    /// The colours by `NO_COLOR` (if it is set and not empty: none), `TERM` and `COLORTERM`, each
    /// asked of `lookup`.
    pub fn detect(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name| lookup(name).unwrap_or_default();
        let term = value("TERM");
        if !value("NO_COLOR").is_empty() || term == "dumb" {
            return Self::None;
        }
        if matches!(&*value("COLORTERM"), "truecolor" | "24bit") || term.ends_with("-direct") {
            return Self::TrueColor;
        }
        if term.contains("256color") { Self::Ansi256 } else { Self::Ansi16 }
    }
}

/// The ground of the terminal, as `COLORFGBG` tells it; asked of `lookup`.
pub(super) fn ground(lookup: impl Fn(&str) -> Option<String>) -> Option<Ground> {
    let told = lookup("COLORFGBG")?;
    let (_, ground) = told.rsplit_once(';')?;
    match ground.parse() {
        Ok(0..=6 | 8) => Some(Ground::Dark),
        Ok(7 | 9..=15) => Some(Ground::Light),
        Ok(16_u8..) | Err(_) => None,
    }
}

/// Whether a terminal of this name can be asked about its ground: it swallows a question that it does not
/// know.
pub(super) fn answers(term: Option<&str>) -> bool {
    !matches!(term, None | Some("" | "dumb" | "linux"))
}

/// Whether the terminal can show braille: its letters are Unicode, and it is not the system's console.
pub(super) fn braille(lookup: impl Fn(&str) -> Option<String>) -> bool {
    let value = |name| lookup(name).filter(|it: &String| !it.is_empty());
    let locale = value("LC_ALL").or_else(|| value("LC_CTYPE")).or_else(|| value("LANG"));
    let locale = locale.unwrap_or_default().to_lowercase();
    let is_unicode = locale.contains("utf-8") || locale.contains("utf8");
    is_unicode && value("TERM").is_none_or(|term| term != "linux")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braille_needs_unicode_and_a_terminal_that_has_it() {
        for (variables, expected) in [
            (&[][..], false),
            (&[("LANG", "de_DE.UTF-8")][..], true),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")], false),
            (&[("LC_CTYPE", "C.utf8"), ("LANG", "C")], true),
            (&[("LANG", "C.UTF-8"), ("TERM", "linux")], false),
        ] {
            let lookup = |name: &str| {
                variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(braille(lookup), expected, "{variables:?}");
        }
    }

    #[test]
    fn the_environment_may_tell_the_ground() {
        for (told, expected) in [
            ("15;0", Some(Ground::Dark)),
            ("0;15", Some(Ground::Light)),
            ("0;default;7", Some(Ground::Light)),
            ("7;8", Some(Ground::Dark)),
            ("15;default", None),
            ("0", None),
            ("", None),
            ("0;16", None),
            ("0;-1", None),
            ("0;300", None),
        ] {
            assert_eq!(ground(|_| Some(told.to_owned())), expected, "{told}");
        }
        assert_eq!(ground(|_| None), None);
    }

    #[test]
    fn the_environment_says_how_many_colours_there_are() {
        let cases: [(&[(&str, &str)], Colors); 7] = [
            (&[], Colors::Ansi16),
            (&[("TERM", "xterm-256color")], Colors::Ansi256),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Colors::TrueColor),
            (&[("TERM", "xterm-direct")], Colors::TrueColor),
            (&[("TERM", "dumb"), ("COLORTERM", "24bit")], Colors::None),
            (&[("NO_COLOR", "1"), ("COLORTERM", "24bit")], Colors::None),
            (&[("NO_COLOR", ""), ("TERM", "linux")], Colors::Ansi16),
        ];
        for (variables, expected) in cases {
            let lookup = |name: &str| {
                variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Colors::detect(lookup), expected, "{variables:?}");
        }
    }
}
