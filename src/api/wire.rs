//! The API's objects as they travel. Every field may be missing.

use serde::Deserialize;

use super::lenient::{Flag, Int, LenientTags, LenientText, Ref};

/// The API page, "The ticket object".
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ticket {
    pub(super) id: Int,
    pub(super) ticket_id: Int,
    pub(super) subject: LenientText,
    pub(super) message: LenientText,
    pub(super) status: Ref,
    pub(super) priority: LenientText,
    pub(super) source: LenientText,
    pub(super) active_state: LenientText,
    pub(super) department: Ref,
    pub(super) client: Ref,
    pub(super) project_id: Int,
    pub(super) project: Ref,
    pub(super) creator_id: Int,
    pub(super) creator: Ref,
    pub(super) dates: Dates,
    pub(super) replies_count: Int,
    pub(super) tags: LenientTags,
}

/// A reply; the API page does not show one, so every likely name is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reply {
    pub(super) id: Int,
    pub(super) ticketreply_id: Int,
    pub(super) text: LenientText,
    pub(super) message: LenientText,
    pub(super) ticketreply_text: LenientText,
    pub(super) body: LenientText,
    #[serde(rename = "type")]
    pub(super) kind: LenientText,
    pub(super) ticketreply_type: LenientText,
    pub(super) creator: Ref,
    pub(super) creator_id: Int,
    pub(super) user: Ref,
    pub(super) dates: Dates,
    pub(super) created: LenientText,
    pub(super) created_at: LenientText,
}

/// Times, as text of several forms.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "serde_json::Value")]
pub(super) struct Dates {
    pub(super) created: LenientText,
    pub(super) last_updated: LenientText,
    pub(super) status_changed: LenientText,
}

impl From<serde_json::Value> for Dates {
    fn from(mut value: serde_json::Value) -> Self {
        let mut take = |key| value.get_mut(key).map(serde_json::Value::take).unwrap_or_default();
        Self {
            created: take("created").into(),
            last_updated: take("last_updated").into(),
            status_changed: take("status_changed").into(),
        }
    }
}

/// `/api/categories`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Category {
    pub(super) id: Int,
    pub(super) name: LenientText,
    #[serde(rename = "type")]
    pub(super) kind: LenientText,
}

/// `/api/clients`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Client {
    pub(super) id: Int,
    pub(super) company_name: LenientText,
    pub(super) name: LenientText,
    pub(super) phone: LenientText,
    pub(super) owner: Ref,
}

/// `/api/contacts` and `/api/team`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Person {
    pub(super) id: Int,
    pub(super) name: LenientText,
    pub(super) first_name: LenientText,
    pub(super) last_name: LenientText,
    pub(super) email: LenientText,
    pub(super) phone: LenientText,
    pub(super) account_owner: Flag,
}

/// `/api/projects`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Project {
    pub(super) id: Int,
    pub(super) title: LenientText,
    pub(super) name: LenientText,
    pub(super) client: Ref,
}
