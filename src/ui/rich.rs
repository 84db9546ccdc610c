//! Styled text of messages as the terminal shows it.

use ratatui::{
    style::{Modifier, Style},
    text::Span,
};

use super::{Ui, cells::span};
use crate::domain::{StyledLine, TextStyle};

/// Quotes deeper than this get no further bar: the text needs the room.
const DEEPEST_BAR: u8 = 4;

impl Ui<'_> {
    /// The spans of a line: a bar for each quote that it stands in, then its text.
    pub(super) fn rich<'l>(&self, line: &'l StyledLine) -> Vec<Span<'l>> {
        let bars = line.quote.min(DEEPEST_BAR);
        let mut spans: Vec<Span<'l>> = (0..bars).map(|_| span("│ ", self.theme.faint)).collect();
        let base = if line.quote > 0 { self.theme.quote } else { Style::new() };
        spans.extend(
            line.spans.iter().map(|run| span(run.text.as_str(), self.run_style(base, run.style))),
        );
        spans
    }

    fn run_style(&self, base: Style, run: TextStyle) -> Style {
        let theme = self.theme;
        let mut style = base;
        if run.remark {
            style = style.patch(theme.quiet).add_modifier(Modifier::ITALIC);
        }
        if run.code {
            style = style.patch(theme.code);
        }
        if run.link {
            style = style.patch(theme.link);
        }
        if run.heading {
            style = style.patch(theme.strong).add_modifier(Modifier::UNDERLINED);
        }
        if run.strong {
            style = style.patch(theme.strong);
        }
        if run.emphasis {
            style = style.add_modifier(Modifier::ITALIC);
        }
        if run.strike {
            style = style.add_modifier(Modifier::CROSSED_OUT);
        }
        style
    }
}
