//! The markers of list items.
//!
//! html2text numbers the items of a list by itself and knows digits alone. Here each item is a list
//! of its own, whose number holds marker and width.

use html2text::Handle;

use super::{dom, look};

/// Beside the item's number, a code holds its style and the width of its list's markers.
const STYLE: i64 = 1 << 40;
const WIDTH: i64 = 1 << 44;
const MIDDLE: i64 = 1 << 39;

/// The greatest number of an item.
const MOST: i64 = 1 << 31;

/// The highest number that is written in Roman numerals.
const ROMAN: i64 = 3_999;

/// How the items of a list are marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Bullet,
    Digits,
    Small,
    Capital,
    SmallRoman,
    CapitalRoman,
    Nothing,
}

const STYLES: [Style; 7] = [
    Style::Bullet,
    Style::Digits,
    Style::Small,
    Style::Capital,
    Style::SmallRoman,
    Style::CapitalRoman,
    Style::Nothing,
];

/// An item's marker as one number, for html2text to carry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marker {
    style: Style,
    number: i64,
}

impl Marker {
    /// The marker of an item outside of any list.
    pub(super) const BULLET: Self = Self { style: Style::Bullet, number: 0 };

    /// Its code, with the width that all markers of the list are given.
    pub(super) fn code(self, width: usize) -> i64 {
        let style = STYLES.iter().position(|it| *it == self.style).unwrap_or(0);
        let width = i64::try_from(width).unwrap_or(0).min(99);
        i64::try_from(style).unwrap_or(0) * STYLE + width * WIDTH + self.number + MIDDLE
    }

    /// The marker that a code stands for, as text.
    pub(super) fn drawn(code: i64) -> String {
        let width = usize::try_from(code / WIDTH).unwrap_or(0).min(99);
        let style = usize::try_from(code % WIDTH / STYLE).unwrap_or(0);
        let style = STYLES.get(style).copied().unwrap_or(Style::Digits);
        let text = Self { style, number: code % STYLE - MIDDLE }.text();
        format!("{text:width$}")
    }

    pub(super) fn text(self) -> String {
        let number = self.number;
        let letters = match self.style {
            Style::Bullet => return "* ".into(),
            Style::Nothing => return String::new(),
            Style::Digits => None,
            Style::Small => letters(number),
            Style::Capital => letters(number).map(|it| it.to_ascii_uppercase()),
            Style::SmallRoman => roman(number),
            Style::CapitalRoman => roman(number).map(|it| it.to_ascii_uppercase()),
        };
        format!("{}. ", letters.unwrap_or_else(|| number.to_string()))
    }
}

/// The markers of the items of a list, in their order.
pub(super) fn markers(list: &Handle) -> Vec<Marker> {
    let items: Vec<Handle> =
        dom::children(list).into_iter().filter(|it| dom::name(it) == "li").collect();
    let is_ordered = dom::name(list) == "ol";
    let own = style(list).unwrap_or(if is_ordered { Style::Digits } else { Style::Bullet });
    let step = if dom::has_attribute(list, "reversed") { -1 } else { 1 };
    let first = if step < 0 { i64::try_from(items.len()).unwrap_or(MOST) } else { 1 };
    let mut number = whole(&dom::attribute(list, "start")).unwrap_or(first);
    let mark = |item: &Handle| {
        number = whole(&dom::attribute(item, "value")).unwrap_or(number);
        let marker = Marker { style: style(item).unwrap_or(own), number };
        number = (number + step).clamp(-MOST, MOST);
        marker
    };
    items.iter().map(mark).collect()
}

fn whole(text: &str) -> Option<i64> {
    text.trim().parse().ok().filter(|it: &i64| (-MOST..=MOST).contains(it))
}

fn style(node: &Handle) -> Option<Style> {
    let named = |name: &str| {
        Some(match name {
            "decimal" | "decimal-leading-zero" => Style::Digits,
            "lower-alpha" | "lower-latin" => Style::Small,
            "upper-alpha" | "upper-latin" => Style::Capital,
            "lower-roman" => Style::SmallRoman,
            "upper-roman" => Style::CapitalRoman,
            "disc" | "circle" | "square" => Style::Bullet,
            "none" => Style::Nothing,
            _ => return None,
        })
    };
    let css = dom::attribute(node, "style").to_ascii_lowercase();
    let declared = look::declarations(&css)
        .filter(|(property, _)| property.trim().starts_with("list-style"))
        .find_map(|(_, value)| value.split_whitespace().find_map(named));
    declared.or(match &*dom::attribute(node, "type") {
        "1" => Some(Style::Digits),
        "a" => Some(Style::Small),
        "A" => Some(Style::Capital),
        "i" => Some(Style::SmallRoman),
        "I" => Some(Style::CapitalRoman),
        _ => None,
    })
}

/// `a` to `z`, `aa` and so on.
fn letters(number: i64) -> Option<String> {
    let mut rest = u32::try_from(number).ok().filter(|it| *it > 0)?;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(char::from_u32(u32::from('a') + rest % 26)?);
        rest /= 26;
    }
    Some(letters.iter().rev().collect())
}

fn roman(number: i64) -> Option<String> {
    const PARTS: [(i64, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut rest = Some(number).filter(|it| (1..=ROMAN).contains(it))?;
    let mut text = String::new();
    for (value, letters) in PARTS {
        while rest >= value {
            rest -= value;
            text.push_str(letters);
        }
    }
    Some(text)
}
