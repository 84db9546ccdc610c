//! Links in messages, with the address that they really lead to.

/// The kind of place that a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The web: `http` or `https`.
    Web,
    /// A letter: `mailto`.
    Mail,
    /// Anything else. It can be copied, and is never opened.
    Other,
}

/// A link of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The address in full, cleaned. That of the web or of mail is ASCII alone, so that no letter in
    /// it looks like another one.
    pub address: String,
    /// The kind of place that it leads to.
    pub kind: LinkKind,
    /// The host or the mail address that it leads to; empty where there is none.
    pub place: String,
    /// The words that stand for it in the message, cleaned; empty if they are the address itself.
    pub text: String,
    /// The author of the message, cleaned; empty where nobody knows it.
    pub author: String,
}
