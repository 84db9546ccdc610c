//! The API's objects as they travel. Every field may be missing.

use serde::Deserialize;

use super::lenient::{Flag, Int, Ref, Tags, Text};

/// The API page, "The ticket object".
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ticket {
    pub(super) id: Int,
    pub(super) ticket_id: Int,
    pub(super) subject: Text,
    pub(super) message: Text,
    pub(super) status: Ref,
    pub(super) priority: Text,
    pub(super) source: Text,
    pub(super) active_state: Text,
    pub(super) department: Ref,
    pub(super) client: Ref,
    pub(super) project_id: Int,
    pub(super) project: Ref,
    pub(super) creator_id: Int,
    pub(super) creator: Ref,
    pub(super) dates: Dates,
    pub(super) replies_count: Int,
    pub(super) tags: Tags,
}

/// A reply; the API page does not show one, so every likely name is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reply {
    pub(super) id: Int,
    pub(super) ticketreply_id: Int,
    pub(super) text: Text,
    pub(super) message: Text,
    pub(super) ticketreply_text: Text,
    pub(super) body: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) ticketreply_type: Text,
    pub(super) creator: Ref,
    pub(super) creator_id: Int,
    pub(super) user: Ref,
    pub(super) dates: Dates,
    pub(super) created: Text,
    pub(super) created_at: Text,
}

/// Times, as text of several forms.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "serde_json::Value")]
pub(super) struct Dates {
    pub(super) created: Text,
    pub(super) last_updated: Text,
    pub(super) status_changed: Text,
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
    pub(super) name: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
}

/// `/api/clients`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Client {
    pub(super) id: Int,
    pub(super) company_name: Text,
    pub(super) name: Text,
    pub(super) phone: Text,
    pub(super) owner: Ref,
}

/// `/api/contacts` and `/api/team`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Person {
    pub(super) id: Int,
    pub(super) name: Text,
    pub(super) first_name: Text,
    pub(super) last_name: Text,
    pub(super) email: Text,
    pub(super) phone: Text,
    pub(super) account_owner: Flag,
}

/// `/api/projects`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Project {
    pub(super) id: Int,
    pub(super) title: Text,
    pub(super) name: Text,
}
