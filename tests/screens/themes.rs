//! Every text can be read: in each theme, with 256 colours, with sixteen, and with none.

use growdesk::{
    config::{shipped, shipped_names},
    domain::look::{Ground, Paint, Role, Scheme, Sign, TINTS, Tint},
    ui::ColorDepth,
};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use crate::{
    support::console::Console,
    table::{after, surfaces},
};

/// The least contrast of text, as WCAG 2 has it for its level AA.
const LEAST: f64 = 4.5;

type Rgb = (u8, u8, u8);

/// The grounds that a theme without one of its own is held against.
const DARK: [Rgb; 3] = [(0, 0, 0), (0x1e, 0x1e, 0x1e), (0x2e, 0x34, 0x40)];
const LIGHT: [Rgb; 3] = [(0xff, 0xff, 0xff), (0xfa, 0xfa, 0xfa), (0xee, 0xe8, 0xd5)];

fn luminance((red, green, blue): Rgb) -> f64 {
    let part = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn of_256(number: u8) -> Rgb {
    assert!(number >= 16, "what {number} looks like is for the terminal to say");
    let color = anstyle_lossy::xterm_to_rgb(number.into(), anstyle_lossy::palette::DEFAULT);
    (color.0, color.1, color.2)
}

/// A colour as it is shown; `None` for the terminal's own.
fn rgb(color: Color) -> Option<Rgb> {
    match color {
        Color::Reset => None,
        Color::Rgb(red, green, blue) => Some((red, green, blue)),
        Color::Indexed(number) => Some(of_256(number)),
        other => panic!("{other:?} is none of a theme's"),
    }
}

fn grounds(scheme: &Scheme) -> &'static [Rgb] {
    match scheme.ground {
        Some(Ground::Light) => &LIGHT,
        _ => &DARK,
    }
}

/// What can't be read of a text in a colour on a ground.
fn fault(scheme: &Scheme, text: Option<Rgb>, block: Option<Rgb>) -> Option<String> {
    let grounds = block.map_or(grounds(scheme).to_vec(), |block| vec![block]);
    match text {
        None if block.is_some() => Some(format!("the terminal's text on {block:?}")),
        None => None,
        Some(text) => grounds.into_iter().find_map(|ground| {
            let contrast = contrast(text, ground);
            (contrast < LEAST).then(|| format!("{text:?} on {ground:?} has {contrast:.2}"))
        }),
    }
}

#[test]
fn every_role_of_a_theme_can_be_read() {
    let shown = |tint: Tint, depth: ColorDepth| match (tint, depth) {
        (Tint::Rgb(red, green, blue), ColorDepth::Full) => (red, green, blue),
        (Tint::Rgb(red, green, blue), _) => {
            of_256(anstyle_lossy::rgb_to_xterm((red, green, blue).into()).0)
        }
        (Tint::Numbered(number), _) => of_256(number),
        (Tint::Default, _) => panic!("a theme has colours of its own"),
    };
    let mut faults = Vec::new();
    for name in shipped_names() {
        let scheme = shipped(name).expect("it is shipped");
        for depth in [ColorDepth::Full, ColorDepth::Ansi256] {
            for role in Role::ALL {
                let Paint { text, block } = scheme.paint(*role).unwrap_or_default();
                let text = text.or(scheme.text).map(|tint| shown(tint, depth));
                let block = block.or(scheme.background).map(|tint| shown(tint, depth));
                let fault = fault(&scheme, text, block);
                faults.extend(fault.map(|it| format!("{name}, {depth:?}, {}: {it}", role.name())));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_text_on_every_surface_can_be_read() {
    let mut faults = std::collections::BTreeSet::new();
    for mut console in surfaces() {
        for name in shipped_names() {
            console.look = shipped(name).expect("it is shipped");
            for depth in [ColorDepth::Full, ColorDepth::Ansi256] {
                console.depth = depth;
                for cell in &console.draw().content {
                    let (mut text, mut block) = (rgb(cell.fg), rgb(cell.bg));
                    if cell.modifier.contains(Modifier::REVERSED) {
                        std::mem::swap(&mut text, &mut block);
                    }
                    if !cell.symbol().trim().is_empty() {
                        let fault = fault(&console.look, text, block);
                        faults.extend(fault.map(|it| format!("{name}, {depth:?}: {it}")));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_theme_paints_the_ground_only_where_it_names_one() {
    for mut console in surfaces() {
        for (name, paints) in [("dark", false), ("light", false), ("high-contrast", true)] {
            console.look = shipped(name).expect("it is shipped");
            console.depth = ColorDepth::Full;
            let drawn = console.draw();
            // The second cell of a wide glyph is the terminal's to fill.
            let wide = drawn.content.iter().filter(|it| it.symbol().width() > 1).count();
            let bare = drawn.content.iter().filter(|it| it.bg == Color::Reset).count();
            assert_eq!(bare == wide, paints, "{name}: {bare}, {wide}");
        }
    }
}

#[test]
fn sixteen_colours_are_the_terminals_own_and_none_are_none() {
    for mut console in surfaces() {
        for (name, depth) in
            shipped_names().flat_map(|name| [(name, ColorDepth::Ansi16), (name, ColorDepth::None)])
        {
            console.look = shipped(name).expect("it is shipped");
            console.depth = depth;
            for cell in &console.draw().content {
                let is_plain = |color| match depth {
                    ColorDepth::None => color == Color::Reset,
                    _ => !matches!(color, Color::Rgb(..) | Color::Indexed(_)),
                };
                assert!(is_plain(cell.fg) && is_plain(cell.bg), "{name}: {cell:?}");
            }
        }
    }
}

#[test]
fn the_main_surfaces_read_in_sixteen_colours_and_in_none() {
    for (name, keys) in [
        ("list", "jjx"),
        ("conversation", "/vpn<enter><enter><rest>"),
        ("review", "rHello<c-s>"),
        ("picker", "s"),
        ("plan", "xxx/vpn<enter>s2"),
        ("outbox", "rThank you<esc><esc>s2go"),
        ("help", "?"),
        ("form", "N<tab>"),
    ] {
        let mut console: Console = after(keys);
        for (depth, word) in [(ColorDepth::Ansi16, "sixteen"), (ColorDepth::None, "none")] {
            console.depth = depth;
            insta::assert_snapshot!(format!("theme_{name}_{word}"), console.styled());
        }
    }
}

/// A row of the table in `docs/themes.md`.
fn row(role: Role) -> String {
    let sign = |sign: Sign| match sign {
        Sign::Plain => "",
        Sign::Bold => "bold",
        Sign::Dim => "dim",
        Sign::Underlined => "underlined",
        Sign::Reversed => "reversed",
        Sign::Block => "reversed, bold",
    };
    let (color, few) = role.among_sixteen();
    let color = color.map_or("", |number| TINTS[usize::from(number)]);
    let few: Vec<&str> = [color, sign(few)].into_iter().filter(|it| !it.is_empty()).collect();
    let (few, none) = (few.join(", "), sign(role.without_colors()));
    format!("| `{}` | {} | {few} | {none} |", role.name(), role.purpose())
}

#[test]
fn the_page_of_themes_lists_the_roles() {
    let page = include_str!("../../docs/themes.md");
    let listed: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let roles: Vec<String> = Role::ALL.iter().map(|role| row(*role)).collect();
    assert_eq!(listed, roles, "\n{}", roles.join("\n"));
    for name in shipped_names() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
        assert!(page.contains(&format!("(themes/{name}.svg)")), "{name} has no picture");
    }
}
