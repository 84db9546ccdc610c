//! Styled text: the look of a message, independent of colours and terminals.

use serde::{Deserialize, Serialize};

/// The style of a run of text. Flags combine: a link may be bold within a quote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TextStyle {
    /// Set off strongly (`<b>`, `<strong>`, table headings).
    pub strong: bool,
    /// Emphasised (`<i>`, `<em>`).
    pub emphasis: bool,
    /// Struck out.
    pub strike: bool,
    /// Code, inline or in a block.
    pub code: bool,
    /// The text of a link, or its address.
    pub link: bool,
    /// A heading.
    pub heading: bool,
    /// Said by the console rather than by the author: a picture's place, a shortened message.
    pub remark: bool,
}

/// A run of text in one style, cleaned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StyledSpan {
    /// The text, cleaned for a terminal.
    pub text: String,
    /// How it is set.
    pub style: TextStyle,
}

/// One line of styled text, already wrapped to a width.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StyledLine {
    /// Its runs, in order.
    pub spans: Vec<StyledSpan>,
    /// How deep in quotes of earlier mail it stands; 0 is the author's own text.
    pub quote: u8,
}

impl StyledLine {
    /// A line of one plain run.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::styled(text, TextStyle::default())
    }

    /// A line of one run in `style`.
    pub fn styled(text: impl Into<String>, style: TextStyle) -> Self {
        Self { spans: vec![StyledSpan { text: text.into(), style }], quote: 0 }
    }

    /// Its text without styles.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}
