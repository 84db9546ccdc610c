//! Text from outside, told apart by type from text that is safe to show.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Serialize};

/// One line of text from the server, cleaned for a terminal.
///
/// The shown text holds no control, escape or bidi character and no line break. If cleaning changed
/// something, the server's text is kept beside it, since a PATCH has to send it back byte for byte.
/// Only `text::clean` makes a line from a stranger's text.
///
/// Two lines are equal if the server holds the same text for both, however each is shown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Line {
    shown: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stored: Option<Box<str>>,
}

impl Line {
    /// A line out of its cleaned text and, where that differs, the text as the server holds it.
    ///
    /// The caller vouches for `shown`; `text::clean::line` is the one that may be given a
    /// stranger's text.
    pub fn from_cleaned(shown: impl Into<Box<str>>, stored: Option<&str>) -> Self {
        let shown = shown.into();
        let stored = stored.filter(|stored| **stored != *shown).map(Box::from);
        Self { shown, stored }
    }

    /// The text that may be shown.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The text as the server holds it, only ever to be sent back to it.
    pub fn as_stored(&self) -> &str {
        self.stored.as_deref().unwrap_or(&self.shown)
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.as_stored() == other.as_stored()
    }
}

impl Eq for Line {}

impl Hash for Line {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_stored().hash(state);
    }
}

impl PartialOrd for Line {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Line {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_stored().cmp(other.as_stored())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown)
    }
}

/// HTML of a message or a reply as the server holds it: hostile, never shown as it is.
///
/// It has no `Display`; `text::html` turns it into styled lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Html(String);

impl Html {
    /// Takes the server's bytes as they are.
    pub fn new(source: impl Into<String>) -> Self {
        Self(source.into())
    }

    /// The bytes as the server holds them: to be parsed, stored or sent back.
    pub fn as_stored(&self) -> &str {
        &self.0
    }

    /// Whether there is no byte at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_where_the_server_holds_the_same() {
        let typed = Line::from_cleaned("two  spaces", None);
        assert_eq!(typed, Line::from_cleaned("two spaces", Some("two  spaces")));
        assert_ne!(typed, Line::from_cleaned("two  spaces", Some("two  spaces ")));
    }
}
