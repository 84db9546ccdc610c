//! The text of a surface, with a tone for each part. The theme has a style for each tone.

use crate::domain::columns;

/// How something is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// The subject.
    Strong,
    /// A side remark.
    Quiet,
    /// A possible action.
    Accent,
    /// All is well.
    Good,
    /// To be looked at.
    Warning,
    /// Something is or would be lost.
    Danger,
}

/// A line, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Toned(pub Vec<(String, Tone)>);

impl Toned {
    /// A line of one tone.
    pub fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self(vec![(text.into(), tone)])
    }

    /// A line that means nothing in particular.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Tone::Plain)
    }

    /// The columns that it takes.
    pub fn width(&self) -> usize {
        self.0.iter().map(|(text, _)| columns::width(text)).sum()
    }
}
