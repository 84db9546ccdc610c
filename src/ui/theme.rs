//! The styles of the console, by their meaning. They are made of the list of roles.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::{
    Priority, ReplyKind, StatusId,
    look::{Paint, Role, Scheme, Sign, Tint, every_role},
};

use crate::{app::notice::Level, desk::Side};

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorDepth {
    /// None, or none wanted (`NO_COLOR`). Bold, dim, underlined and reversed text must do.
    None,
    /// The sixteen that the agent's terminal theme defines.
    #[default]
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// All of them.
    Full,
}

macro_rules! styles {
    ($($field:ident $role:ident $purpose:literal: $sign:ident, $tint:tt $few:ident, $none:ident;)*) => {
        /// The styles of the console.
        ///
        /// The ground is the terminal's own, except for blocks that set both colours, and for a theme
        /// that paints a ground of its own. A sign or a word always repeats the meaning of a colour.
        #[derive(Clone, Debug)]
        pub struct Theme {
            $(#[doc = $purpose] pub $field: Style,)*
            /// What lies under everything: text without a role, and the ground.
            ground: Style,
        }

        impl Theme {
            /// The theme with these colours, on a terminal of so many.
            pub fn of(look: &Scheme, depth: ColorDepth) -> Self {
                Self {
                    $($field: style(look.paint(Role::$role), Role::$role, depth),)*
                    ground: ground(look, depth),
                }
            }
        }
    };
}
every_role!(styles);

/// The style of a role. A terminal of sixteen colours has no others, so a colour of the theme that is
/// none of them gives way to the colour that the role has among the sixteen.
fn style(paint: Option<Paint>, role: Role, depth: ColorDepth) -> Style {
    if depth == ColorDepth::None {
        return signed(Style::new(), role.without_colors());
    }
    let Some(painted) = paint.and_then(|paint| painted(paint, depth)) else {
        let (color, sign) = role.among_sixteen();
        let style = Style { fg: color.map(Color::Indexed).map(named), ..Style::new() };
        return signed(style, sign);
    };
    signed(painted, role.sign())
}

/// A paint as the terminal can show it; `None` where it can't.
fn painted(paint: Paint, depth: ColorDepth) -> Option<Style> {
    let text = paint.text.map(|tint| color(tint, depth));
    let block = paint.block.map(|tint| color(tint, depth));
    if text == Some(None) || block == Some(None) {
        return None;
    }
    Some(Style { fg: text.flatten(), bg: block.flatten(), ..Style::new() })
}

fn ground(look: &Scheme, depth: ColorDepth) -> Style {
    let paint = Paint { text: look.text, block: look.background };
    match depth {
        ColorDepth::None => Style::new(),
        _ => painted(paint, depth).unwrap_or_default(),
    }
}

/// A colour as the terminal can show it; `None` where it can't.
fn color(tint: Tint, depth: ColorDepth) -> Option<Color> {
    match (tint, depth) {
        (_, ColorDepth::None) => None,
        (Tint::Default, _) => Some(Color::Reset),
        (Tint::Numbered(number @ 0..=15), _) => Some(named(Color::Indexed(number))),
        (_, ColorDepth::Ansi16) => None,
        (Tint::Numbered(number), _) => Some(Color::Indexed(number)),
        (Tint::Rgb(red, green, blue), ColorDepth::Ansi256) => {
            Some(Color::Indexed(anstyle_lossy::rgb_to_xterm((red, green, blue).into()).0))
        }
        (Tint::Rgb(red, green, blue), ColorDepth::Full) => Some(Color::Rgb(red, green, blue)),
    }
}

/// One of the sixteen by its name: some terminals know no numbers.
fn named(color: Color) -> Color {
    match color {
        Color::Indexed(0) => Color::Black,
        Color::Indexed(1) => Color::Red,
        Color::Indexed(2) => Color::Green,
        Color::Indexed(3) => Color::Yellow,
        Color::Indexed(4) => Color::Blue,
        Color::Indexed(5) => Color::Magenta,
        Color::Indexed(6) => Color::Cyan,
        Color::Indexed(7) => Color::Gray,
        Color::Indexed(8) => Color::DarkGray,
        Color::Indexed(9) => Color::LightRed,
        Color::Indexed(10) => Color::LightGreen,
        Color::Indexed(11) => Color::LightYellow,
        Color::Indexed(12) => Color::LightBlue,
        Color::Indexed(13) => Color::LightMagenta,
        Color::Indexed(14) => Color::LightCyan,
        Color::Indexed(15) => Color::White,
        other => other,
    }
}

fn signed(style: Style, sign: Sign) -> Style {
    match sign {
        Sign::Plain => style,
        Sign::Bold => style.add_modifier(Modifier::BOLD),
        Sign::Dim => style.add_modifier(Modifier::DIM),
        Sign::Underlined => style.add_modifier(Modifier::UNDERLINED),
        Sign::Reversed => style.add_modifier(Modifier::REVERSED),
        Sign::Block => style.add_modifier(Modifier::REVERSED | Modifier::BOLD),
    }
}

impl Theme {
    /// The theme without colours of its own: the sixteen of the terminal, if it has any.
    pub fn new(depth: ColorDepth) -> Self {
        Self::of(&Scheme::default(), depth)
    }

    /// What lies under everything that is drawn.
    pub(super) fn ground(&self) -> Style {
        self.ground
    }

    /// A status; one that an administrator added has a colour of its own too.
    pub fn status(&self, id: StatusId) -> Style {
        let style = match id {
            StatusId::OPEN => self.status_open,
            StatusId::CLOSED => return self.status_closed,
            StatusId::ON_HOLD => self.status_on_hold,
            StatusId::ANSWERED => self.status_answered,
            StatusId::CUSTOMER_REPLIED => self.status_customer_replied,
            _ => self.status_other,
        };
        style.remove_modifier(Modifier::BOLD)
    }

    /// The name of an author. One `number` always gives one of the six colours.
    pub fn person(&self, number: u64) -> Style {
        match number % 6 {
            0 => self.person_1,
            1 => self.person_2,
            2 => self.person_3,
            3 => self.person_4,
            4 => self.person_5,
            _ => self.person_6,
        }
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
            Level::Info | Level::Underway => Style::new(),
            Level::Done => self.good,
            Level::Warning => self.warning,
            Level::Failure => self.danger.add_modifier(Modifier::BOLD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(theme: &Theme) -> String {
        format!("{theme:?}")
    }

    #[test]
    fn without_colours_there_are_none() {
        let red = Paint { text: Some(Tint::Rgb(255, 0, 0)), block: Some(Tint::Numbered(1)) };
        let mut look = Scheme { background: Some(Tint::Rgb(0, 0, 0)), ..Scheme::default() };
        look.set(Role::Customer, red);
        let shown = shown(&Theme::of(&look, ColorDepth::None));
        assert!(!shown.contains("fg(") && !shown.contains("bg("), "{shown}");
    }

    #[test]
    fn sixteen_colours_are_never_left() {
        let mut look = Scheme::default();
        let pink = Paint { text: Some(Tint::Rgb(255, 128, 255)), block: None };
        look.set(Role::Customer, pink);
        look.set(Role::Agent, Paint { text: Some(Tint::Numbered(200)), block: None });
        look.set(Role::Note, Paint { text: Some(Tint::Numbered(12)), block: None });
        let theme = Theme::of(&look, ColorDepth::Ansi16);
        assert_eq!(theme.customer, Style::new().fg(Color::Magenta));
        assert_eq!(theme.agent, Style::new().fg(Color::Cyan));
        assert_eq!(theme.note, Style::new().fg(Color::LightBlue));
        let theme = Theme::of(&look, ColorDepth::Ansi256);
        assert_eq!(theme.customer.fg, Some(Color::Indexed(213)));
        assert_eq!(theme.agent.fg, Some(Color::Indexed(200)));
    }

    #[test]
    fn an_author_keeps_a_colour() {
        let theme = Theme::new(ColorDepth::Ansi16);
        assert_eq!(theme.person(7), theme.person(13));
        assert_ne!(theme.person(7), theme.person(8));
    }
}
