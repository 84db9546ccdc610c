//! The texts of macros, filled in for tickets.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};

use crate::domain::{Project, ReplyId, StyledLine, Ticket, TicketId, plan::Cant};

/// A macro's text that is to be filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Filling {
    /// The template; `None` where the macro has no text.
    pub text: Option<String>,
    /// The agent's answers to what the text asks for.
    pub answers: BTreeMap<String, String>,
    /// The tickets, each with a text of its own.
    pub targets: Vec<FillTarget>,
    /// Whether the projects of each ticket's client are wanted too.
    pub wants_projects: bool,
    /// Whether the newest message of each conversation is wanted too.
    pub wants_newest: bool,
    /// The time for people.
    pub now: Timestamp,
    /// The zone that times are said in.
    pub zone: TimeZone,
    /// The columns that the texts are laid out for, if they are to be shown.
    pub width: Option<u16>,
}

/// A ticket that a text is filled in for.
#[derive(Clone, Debug, PartialEq)]
pub struct FillTarget {
    /// The ticket as it is on screen.
    pub ticket: Ticket,
    /// Since when the customer waits.
    pub waits_since: Option<Timestamp>,
}

/// A macro's text for one ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct FilledText {
    /// The ticket.
    pub ticket: TicketId,
    /// The text, Markdown, or the reason that holds the macro back; `None` where it has no text and
    /// nothing holds it back.
    pub words: Option<Result<String, Cant>>,
    /// The missing values, besides what the agent is asked for.
    pub gaps: Vec<String>,
    /// The projects of the ticket's client, where they were wanted and are known.
    pub projects: Option<Vec<Project>>,
    /// The newest message of the conversation, where it was wanted and is known.
    pub newest: Option<ReplyId>,
    /// The text as its reader would see it, to be looked at alone: missing values stand in it by their
    /// names.
    pub shown: Vec<StyledLine>,
}
