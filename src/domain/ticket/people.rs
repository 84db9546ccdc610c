//! The people and places that tickets name, from the API's look-ups.

use serde::{Deserialize, Serialize};

use super::{Department, Status};
use crate::domain::{ClientId, ContactId, Line, PersonId, ProjectId};

/// A client: the company that a ticket belongs to (`/api/clients`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its number.
    pub id: ClientId,
    /// Its company name.
    pub name: Line,
    /// Its phone number, where known.
    pub phone: Option<Line>,
    /// The name of its account owner, where known.
    pub owner: Option<Line>,
}

/// A contact person of a client (`/api/contacts`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Their number, which is also their user number as an author.
    pub id: ContactId,
    /// Their name.
    pub name: Line,
    /// Their address: where an answer can be mailed, since the API sends no e-mail.
    pub email: Option<Line>,
    /// Their phone number, where known.
    pub phone: Option<Line>,
    /// Whether they own the client's account.
    pub account_owner: bool,
}

/// A member of the team (`/api/team`): an agent. Deleted members are not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Their user number.
    pub id: PersonId,
    /// Their name.
    pub name: Line,
    /// Their address, where known.
    pub email: Option<Line>,
}

/// A project of a client (`/api/projects`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its number.
    pub id: ProjectId,
    /// Its title.
    pub title: Line,
}

/// What the console knows of the installation: small lists, fetched once a session and stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// The departments that a ticket may have.
    pub departments: Vec<Department>,
    /// The agents; an author who is not among them is a customer.
    pub team: Vec<Member>,
    /// The statuses seen on tickets, since no endpoint lists them; the usual five where not seen.
    pub statuses: Vec<Status>,
}

impl Directory {
    /// Whether `person` is one of the team. `None` where the team is not known.
    pub fn is_agent(&self, person: PersonId) -> Option<bool> {
        if self.team.is_empty() {
            return None;
        }
        Some(self.team.iter().any(|member| member.id == person))
    }

    /// Takes in the title that the server now gives a status. Returns whether that was news.
    pub fn learn_status(&mut self, status: &Status) -> bool {
        match self.statuses.iter_mut().find(|known| known.id == status.id) {
            Some(known) if known.title == status.title => false,
            Some(known) => {
                known.title = status.title.clone();
                true
            }
            None => {
                self.statuses.push(status.clone());
                self.statuses.sort_by_key(|known| known.id);
                true
            }
        }
    }
}
