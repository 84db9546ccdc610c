//! Styled text on a terminal that is not the console's: bold, underlined and dim, without a colour.

use std::fmt::Write as _;

use clap::builder::styling::{Effects, Style};

use crate::domain::{StyledLine, TextStyle};

/// Quotes deeper than this get no further bar: the text needs the room.
const DEEPEST_BAR: u8 = 4;

/// A text in bold.
pub(super) fn strong(text: &str) -> String {
    painted(text, Effects::BOLD)
}

/// A text that stands back.
pub(super) fn quiet(text: &str) -> String {
    painted(text, Effects::DIMMED)
}

/// A line of a message: a bar for each quote that it stands in, then its text.
pub(super) fn line(line: &StyledLine) -> String {
    let mut out = "│ ".repeat(usize::from(line.quote.min(DEEPEST_BAR)));
    for run in &line.spans {
        // Writing to a string can't fail.
        let _ = write!(out, "{}", painted(&run.text, effects(run.style)));
    }
    out
}

fn effects(style: TextStyle) -> Effects {
    let all = [
        (style.strong, Effects::BOLD),
        (style.heading, Effects::BOLD | Effects::UNDERLINE),
        (style.emphasis, Effects::ITALIC),
        (style.remark, Effects::DIMMED | Effects::ITALIC),
        (style.link, Effects::UNDERLINE),
        (style.strike, Effects::STRIKETHROUGH),
    ];
    let on = all.into_iter().filter(|(is, _)| *is);
    on.fold(Effects::new(), |effects, (_, effect)| effects | effect)
}

fn painted(text: &str, effects: Effects) -> String {
    if effects == Effects::new() || text.is_empty() {
        return text.to_owned();
    }
    let style = Style::new().effects(effects);
    format!("{style}{text}{style:#}")
}
