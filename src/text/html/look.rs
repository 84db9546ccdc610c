//! Reads the parts of an element's own style that matter in a terminal.

use html2text::Handle;

use super::dom;

/// The treatment of white space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Space {
    /// A run of it is one space.
    #[default]
    Fold,
    /// Line breaks are kept.
    Lines,
    /// All of it is kept.
    Keep,
}

/// How an element is displayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Display {
    /// Not at all.
    Gone,
    /// In the line.
    Inline,
    /// On lines of its own.
    Block,
}

/// The wishes of an element's style and attributes; `None` where there is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    pub(super) display: Option<Display>,
    pub(super) unseen: Option<bool>,
    pub(super) space: Option<Space>,
    pub(super) struck: bool,
    /// Not wider, or not higher, than one pixel.
    pub(super) tiny: bool,
}

impl Look {
    pub(super) fn of(node: &Handle) -> Self {
        let mut look = Self::default();
        for (property, value) in declarations(&dom::attribute(node, "style")) {
            look.declare(property.trim(), value);
        }
        if dom::has_attribute(node, "hidden") {
            look.display.get_or_insert(Display::Gone);
        }
        look.tiny |= ["width", "height"].iter().any(|side| is_tiny(&dom::attribute(node, side)));
        look
    }

    fn declare(&mut self, property: &str, value: &str) {
        let value = value.split('!').next().unwrap_or_default().trim().to_ascii_lowercase();
        match &*property.to_ascii_lowercase() {
            "display" => {
                self.display = Some(match &*value {
                    "none" => Display::Gone,
                    "block" | "flex" | "grid" | "list-item" | "flow-root" | "table" => {
                        Display::Block
                    }
                    "inline" | "inline-block" | "inline-flex" | "contents" => Display::Inline,
                    _ => return,
                });
            }
            "visibility" => self.unseen = Some(matches!(&*value, "hidden" | "collapse")),
            "white-space" | "white-space-collapse" => {
                self.space = Some(match &*value {
                    "pre" | "pre-wrap" | "break-spaces" | "preserve" => Space::Keep,
                    "pre-line" | "preserve-breaks" => Space::Lines,
                    _ => Space::Fold,
                });
            }
            "text-decoration" | "text-decoration-line" => {
                self.struck = value.contains("line-through");
            }
            "width" | "height" => self.tiny |= is_tiny(&value),
            _ => {}
        }
    }
}

/// The relevant part of a style. The other declarations in mail are many and long.
pub(super) fn kept(style: &str) -> Option<String> {
    let is_kept = |property: &str| {
        let property = property.trim().to_ascii_lowercase();
        matches!(
            &*property,
            "display"
                | "visibility"
                | "white-space"
                | "white-space-collapse"
                | "width"
                | "height"
                | "text-decoration"
                | "text-decoration-line"
                | "list-style-type"
                | "list-style"
        )
    };
    let kept: Vec<String> = declarations(style)
        .filter(|(property, value)| is_kept(property) && value.len() < 80)
        .map(|(property, value)| format!("{property}:{value}"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(";"))
}

/// The properties that a style declares, with their values.
pub(super) fn declarations(style: &str) -> impl Iterator<Item = (&str, &str)> {
    style.split(';').filter_map(|it| it.split_once(':'))
}

fn is_tiny(length: &str) -> bool {
    matches!(length.trim().trim_end_matches("px").trim_end(), "0" | "1" | "0.0" | "1.0")
}
