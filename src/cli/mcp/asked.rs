//! What the tools take.

use rmcp::{ErrorData, handler::server::tool::parse_json_object, model::JsonObject};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::ReplyKind;

/// The most items of a page.
pub(super) const MOST: u32 = 100;
/// The items of a page where the assistant does not say.
const USUAL: u32 = 25;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PageAsked {
    /// At most so many items, 1 to 100 [default: 25]
    #[schemars(range(min = 1, max = 100))]
    pub(super) limit: Option<u32>,
    /// The next_cursor of the page before
    pub(super) cursor: Option<String>,
}

/// Which tickets are wanted. Every condition that is given must hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TicketsAsked {
    /// A view of the console, such as "Needs reply", "Urgent" or "Closed" [default: all that are not
    /// archived]
    pub(super) view: Option<String>,
    /// One of these statuses, each by its title or number
    pub(super) status: Option<Vec<String>>,
    /// One of these priorities: normal, high, urgent
    pub(super) priority: Option<Vec<String>>,
    /// The department, by name or number
    pub(super) department: Option<String>,
    /// The client, by name or number
    pub(super) client: Option<String>,
    /// All of these tags
    pub(super) tags: Option<Vec<String>>,
    /// Archived tickets instead of active ones
    pub(super) archived: Option<bool>,
    /// At most so many tickets, 1 to 100 [default: 25]
    #[schemars(range(min = 1, max = 100))]
    pub(super) limit: Option<u32>,
    /// The next_cursor of the page before
    pub(super) cursor: Option<String>,
}

/// A ticket.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TicketAsked {
    /// Its number
    pub(super) id: i64,
    /// The next_cursor of the messages before: it leads to older ones
    pub(super) cursor: Option<String>,
}

/// Words to look for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsAsked {
    /// Every one of these words is in the ticket
    pub(super) words: String,
    /// Whether messages and replies are searched too [default: true]
    pub(super) in_texts: Option<bool>,
    /// At most so many tickets, 1 to 100 [default: 25]
    #[schemars(range(min = 1, max = 100))]
    pub(super) limit: Option<u32>,
    /// The next_cursor of the page before
    pub(super) cursor: Option<String>,
}

/// A client.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientAsked {
    /// Its number, or its name
    pub(super) client: NumberOrName,
    /// At most so many open tickets, 1 to 100 [default: 25]
    #[schemars(range(min = 1, max = 100))]
    pub(super) limit: Option<u32>,
    /// The next_cursor of the tickets before
    pub(super) cursor: Option<String>,
}

/// A number or a name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum NumberOrName {
    /// A number
    Number(i64),
    /// A name
    Name(String),
}

/// Who may read a text.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PostKind {
    /// The customer reads it
    Reply,
    /// Agents alone read it
    Note,
}

/// A draft to be stored.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftAsked {
    /// The ticket
    pub(super) ticket: i64,
    /// Whether it is a reply or a note
    pub(super) kind: PostKind,
    /// The text, Markdown
    pub(super) text: String,
}

/// A change to be proposed. What is left out stays as it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeAsked {
    /// The ticket
    pub(super) ticket: i64,
    /// Why: the agent reads it before deciding
    pub(super) reason: String,
    /// A reply that the customer reads, Markdown
    pub(super) reply: Option<String>,
    /// A note that agents alone read, Markdown
    pub(super) note: Option<String>,
    /// The status, by title or number
    pub(super) status: Option<String>,
    /// The priority: normal, high, urgent
    pub(super) priority: Option<String>,
    /// The department, by name or number
    pub(super) department: Option<String>,
    /// Tags to add
    pub(super) add_tags: Option<Vec<String>>,
    /// Tags to remove
    pub(super) remove_tags: Option<Vec<String>>,
    /// true archives the ticket, false restores it
    pub(super) archive: Option<bool>,
}

impl From<PostKind> for ReplyKind {
    fn from(kind: PostKind) -> Self {
        match kind {
            PostKind::Reply => Self::Reply,
            PostKind::Note => Self::Note,
        }
    }
}

/// The items of a page.
///
/// # Errors
/// For a number that no page can have.
pub(super) fn size(limit: Option<u32>) -> Result<usize, ErrorData> {
    match limit.unwrap_or(USUAL) {
        size if (1..=MOST).contains(&size) => Ok(usize::try_from(size).unwrap_or(1)),
        _ => Err(ErrorData::invalid_params(format!("limit is 1 to {MOST}"), None)),
    }
}

/// Whether a tool takes these arguments.
///
/// # Errors
/// Otherwise, with what is wrong.
pub(super) fn check(tool: &str, arguments: JsonObject) -> Result<(), ErrorData> {
    match tool {
        "list_tickets" => parse_json_object::<TicketsAsked>(arguments).map(drop),
        "get_ticket" => parse_json_object::<TicketAsked>(arguments).map(drop),
        "search_tickets" => parse_json_object::<WordsAsked>(arguments).map(drop),
        "client" => parse_json_object::<ClientAsked>(arguments).map(drop),
        "save_draft" => parse_json_object::<DraftAsked>(arguments).map(drop),
        "propose_change" => parse_json_object::<ChangeAsked>(arguments).map(drop),
        _ => parse_json_object::<PageAsked>(arguments).map(drop),
    }
    .map_err(|error| {
        // The message quotes what came, which may be long.
        let said: String = error.message.chars().take(400).collect();
        ErrorData::invalid_params(crate::text::clean::block(&said), None)
    })
}
