//! The styles of the console. Every colour is named here, by its meaning.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::{Priority, ReplyKind, StatusId};

use crate::{app::notice::Level, desk::Side};

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorDepth {
    /// None, or none wanted (`NO_COLOR`). Bold, dim, underlined and reversed text must do.
    None,
    /// The sixteen that the agent's terminal theme defines.
    #[default]
    Ansi16,
    /// All of them.
    Full,
}

/// The styles of the console.
///
/// The background is always the terminal's own, except for blocks that set both colours, so that
/// dark and light terminals are served alike. A sign or a word always repeats the meaning of a
/// colour.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Titles, names, what matters in its line.
    pub(super) strong: Style,
    /// Unobtrusive text: labels, ages, remarks.
    pub(super) quiet: Style,
    /// Rules and frames without the focus.
    pub(super) faint: Style,
    /// Active parts: the focused pane's rule, keys, counts.
    pub(super) accent: Style,
    /// What went well.
    pub(super) good: Style,
    /// What needs attention.
    pub(super) warning: Style,
    /// What failed, or can't be taken back.
    pub(super) danger: Style,
    /// The row under the cursor, and the open tab.
    pub(super) selected: Style,
    /// The row under the cursor of a pane without the focus.
    pub(super) resting: Style,
    /// What a customer wrote.
    pub(super) customer: Style,
    /// What an agent wrote for the customer to read.
    pub(super) agent: Style,
    /// Notes, which only colleagues read.
    pub(super) note: Style,
    /// The word NOTE, as a block.
    pub(super) note_badge: Style,
    /// Code.
    pub(super) code: Style,
    /// Links.
    pub(super) link: Style,
    /// Quotes of earlier mail.
    pub(super) quote: Style,
    /// Statuses: open, closed, on hold, answered, customer replied, any other.
    statuses: [Style; 6],
}

/// The colours of a palette, by name.
#[derive(Clone, Copy)]
struct Palette {
    red: Color,
    amber: Color,
    green: Color,
    cyan: Color,
    blue: Color,
    violet: Color,
}

/// Colours that can be read on black as well as on white.
const FULL: Palette = Palette {
    red: Color::Rgb(0xda, 0x48, 0x42),
    amber: Color::Rgb(0xa8, 0x73, 0x0f),
    green: Color::Rgb(0x2f, 0x8a, 0x3f),
    cyan: Color::Rgb(0x1b, 0x8a, 0x96),
    blue: Color::Rgb(0x3f, 0x7f, 0xcc),
    violet: Color::Rgb(0xb0, 0x58, 0xc4),
};

const GREY: Color = Color::Rgb(0x7f, 0x7f, 0x7f);
const FRAME: Color = Color::Rgb(0x8c, 0x8c, 0x8c);
const CURSOR_ROW: Color = Color::Rgb(0x2b, 0x5b, 0x96);
const NOTE_BLOCK: Color = Color::Rgb(0x80, 0x57, 0x0a);
const ON_BLOCK: Color = Color::Rgb(0xff, 0xff, 0xff);

const ANSI: Palette = Palette {
    red: Color::Red,
    amber: Color::Yellow,
    green: Color::Green,
    cyan: Color::Cyan,
    blue: Color::Blue,
    violet: Color::Magenta,
};

impl Theme {
    /// The theme for a terminal of so many colours.
    pub fn new(depth: ColorDepth) -> Self {
        let plain = Style::new();
        match depth {
            ColorDepth::None => Self::colourless(),
            ColorDepth::Ansi16 => {
                let dim = plain.add_modifier(Modifier::DIM);
                let block = plain.add_modifier(Modifier::REVERSED);
                let note = block.fg(ANSI.amber).add_modifier(Modifier::BOLD);
                Self::coloured(ANSI, dim, dim, block, note)
            }
            ColorDepth::Full => {
                let block = plain.fg(ON_BLOCK).bg(CURSOR_ROW);
                let note = plain.fg(ON_BLOCK).bg(NOTE_BLOCK).add_modifier(Modifier::BOLD);
                Self::coloured(FULL, plain.fg(GREY), plain.fg(FRAME), block, note)
            }
        }
    }

    fn coloured(it: Palette, quiet: Style, faint: Style, selected: Style, note: Style) -> Self {
        let fg = |color| Style::new().fg(color);
        Self {
            strong: Style::new().add_modifier(Modifier::BOLD),
            quiet,
            faint,
            accent: fg(it.blue),
            good: fg(it.green),
            warning: fg(it.amber),
            danger: fg(it.red),
            selected,
            resting: Style::new().add_modifier(Modifier::BOLD),
            customer: fg(it.violet),
            agent: fg(it.cyan),
            note: fg(it.amber),
            note_badge: note,
            code: fg(it.cyan),
            link: fg(it.blue).add_modifier(Modifier::UNDERLINED),
            quote: quiet,
            statuses: [it.blue, Color::Reset, it.amber, it.green, it.violet, it.cyan].map(fg),
        }
    }

    fn colourless() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        let reversed = plain.add_modifier(Modifier::REVERSED);
        Self {
            strong: bold,
            quiet: dim,
            faint: dim,
            accent: bold,
            good: plain,
            warning: bold,
            danger: bold,
            selected: reversed,
            resting: bold,
            customer: plain,
            agent: plain,
            note: bold,
            note_badge: reversed.add_modifier(Modifier::BOLD),
            code: bold,
            link: plain.add_modifier(Modifier::UNDERLINED),
            quote: dim,
            statuses: [plain; 6],
        }
    }

    /// A status; one that an administrator added has a colour of its own too.
    pub(super) fn status(&self, id: StatusId) -> Style {
        let style = match id {
            StatusId::OPEN => self.statuses[0],
            StatusId::CLOSED => return self.quiet,
            StatusId::ON_HOLD => self.statuses[2],
            StatusId::ANSWERED => self.statuses[3],
            StatusId::CUSTOMER_REPLIED => self.statuses[4],
            _ => self.statuses[5],
        };
        style.remove_modifier(Modifier::BOLD)
    }

    /// A priority.
    pub(super) fn priority(&self, priority: Priority) -> Style {
        match priority {
            Priority::Urgent => self.danger.add_modifier(Modifier::BOLD),
            Priority::High => self.warning,
            Priority::Normal | Priority::Unknown => self.quiet,
        }
    }

    /// A post's bar and its author's side.
    pub(super) fn post(&self, kind: ReplyKind, side: Side) -> Style {
        match (kind, side) {
            (ReplyKind::Note, _) => self.note,
            (ReplyKind::Unknown, _) => self.danger,
            (ReplyKind::Reply, Side::Customer) => self.customer,
            (ReplyKind::Reply, Side::Agent) => self.agent,
        }
    }

    /// A notice's text.
    pub(super) fn notice(&self, level: Level) -> Style {
        match level {
            Level::Info => Style::new(),
            Level::Underway => self.accent,
            Level::Done => self.good,
            Level::Warning => self.warning,
            Level::Failure => self.danger.add_modifier(Modifier::BOLD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(color: Color) -> f64 {
        let Color::Rgb(r, g, b) = color else { panic!("{color:?} is not a true colour") };
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }

    fn contrast(a: Color, b: Color) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_reads_on_dark_and_on_light_terminals() {
        let all = [FULL.red, FULL.amber, FULL.green, FULL.cyan, FULL.blue, FULL.violet, GREY];
        for color in all {
            for background in [Color::Rgb(0x1e, 0x1e, 0x1e), Color::Rgb(0xff, 0xff, 0xff)] {
                let contrast = contrast(color, background);
                assert!(contrast >= 3.7, "{color:?} on {background:?}: {contrast:.1}");
            }
        }
        for block in [CURSOR_ROW, NOTE_BLOCK] {
            assert!(contrast(ON_BLOCK, block) >= 4.5, "{block:?}");
        }
    }

    #[test]
    fn without_colours_there_are_none() {
        let shown = format!("{:?}", Theme::new(ColorDepth::None));
        assert!(!shown.contains("fg(") && !shown.contains("bg("), "{shown}");
    }
}
