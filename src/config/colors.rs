//! How many colours the terminal has.

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

#[cfg(test)]
mod tests {
    use super::*;

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
