//! The parts of the screen that are kept from run to run.

use serde::{Deserialize, Serialize};

use crate::domain::{Narrow, Sort, TicketId};

/// How the screen was left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LastScreen {
    /// The view that was open, by name.
    pub view: String,
    /// Its filter text.
    pub filter: String,
    /// Whether the filter looked in messages and replies.
    pub in_texts: bool,
    /// The ticket under the cursor.
    pub ticket: Option<TicketId>,
    /// Whether the focused pane had the whole screen.
    pub zoomed: bool,
    /// The tickets on screen, in their order. The next run begins with them.
    pub shown: Vec<TicketId>,
    /// How many tickets were above them.
    pub above: usize,
    /// How many tickets each view had.
    pub counts: Vec<usize>,
    /// How each view was left.
    pub views: Vec<LastView>,
    /// The macros that were used, by name, the last one first.
    pub macros: Vec<String>,
}

/// How a view was left. What is as the view has it of itself is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LastView {
    /// Its name.
    pub name: String,
    /// Its order, if the agent has picked another one.
    pub sort: Option<Sort>,
    /// The conditions that it was narrowed to.
    pub narrow: Narrow,
    /// The words that it was narrowed to.
    pub filter: String,
    /// Whether the words were looked for in messages and replies.
    pub in_texts: bool,
    /// The ticket under its cursor.
    pub ticket: Option<TicketId>,
}
