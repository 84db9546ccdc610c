//! Commands of the agent's own that a conversation is piped to.

/// A program and its arguments. No shell reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipeCommand {
    /// What it is called: its name in the configuration, or the line as it was typed.
    pub name: String,
    /// The program, then its arguments; never empty.
    pub words: Vec<String>,
}
