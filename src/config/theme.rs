//! How many colours the terminal has.

/// The colours that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorDepth {
    /// None, only bold, underline and reverse.
    None,
    /// The terminal's own sixteen.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// Any.
    TrueColor,
}

impl ColorDepth {
    /// What `NO_COLOR` (set and not empty: none), `TERM` and `COLORTERM` say, each asked of `lookup`.
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
        let cases: [(&[(&str, &str)], ColorDepth); 7] = [
            (&[], ColorDepth::Ansi16),
            (&[("TERM", "xterm-256color")], ColorDepth::Ansi256),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], ColorDepth::TrueColor),
            (&[("TERM", "xterm-direct")], ColorDepth::TrueColor),
            (&[("TERM", "dumb"), ("COLORTERM", "24bit")], ColorDepth::None),
            (&[("NO_COLOR", "1"), ("COLORTERM", "24bit")], ColorDepth::None),
            (&[("NO_COLOR", ""), ("TERM", "linux")], ColorDepth::Ansi16),
        ];
        for (variables, expected) in cases {
            let lookup = |name: &str| {
                variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(ColorDepth::detect(lookup), expected, "{variables:?}");
        }
    }
}
