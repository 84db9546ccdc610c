//! The endpoints of people and places: all only read.

use serde_json::Value;

use super::{
    PAGE_LIMIT, Paged,
    client::{Endpoints, Param},
    convert,
    error::Error,
};
use crate::domain::{
    Client, ClientId, Contact, ContactId, Department, DepartmentId, Member, Named, PersonId,
    Project, ProjectId,
};

fn limit() -> Param {
    ("limit", PAGE_LIMIT.to_string())
}

impl Endpoints {
    /// All departments: `GET /api/categories?type=ticket`. Categories of other types, should the
    /// server list them, are not counted as skipped.
    pub async fn departments(&self) -> Result<Paged<Department>, Error> {
        let query = [("type", "ticket".to_owned()), limit()];
        let decode = |item: Value| {
            if convert::is_other_category(&item) {
                return Some(None);
            }
            convert::department(item).map(Some)
        };
        let Paged { items, page, last_page, total, per_page, skipped, left_out } =
            self.all("categories", &query, decode).await?;
        let items = items.into_iter().flatten().collect();
        Ok(Paged { items, page, last_page, total, per_page, skipped, left_out })
    }

    /// One department: `GET /api/categories/{id}`. A category of another type is not the answer.
    pub async fn department(&self, id: DepartmentId) -> Result<Department, Error> {
        let path = format!("categories/{}", id.0);
        self.one(&path, "a category of type ticket", convert::department).await
    }

    /// The first hundred clients that the server finds for `search`; an empty one asks for all:
    /// `GET /api/clients?search=`.
    pub async fn clients(&self, search: &str) -> Result<Paged<Client>, Error> {
        let mut query = vec![limit()];
        if !search.trim().is_empty() {
            query.push(("search", search.to_owned()));
        }
        self.page("clients", &query, convert::client).await
    }

    /// All clients that the server finds for `search`; an empty one asks for all.
    pub async fn all_clients(&self, search: &str) -> Result<Paged<Client>, Error> {
        let mut query = vec![limit()];
        if !search.trim().is_empty() {
            query.push(("search", search.to_owned()));
        }
        self.all("clients", &query, convert::client).await
    }

    /// One client: `GET /api/clients/{id}`.
    pub async fn client(&self, id: ClientId) -> Result<Client, Error> {
        self.one(&format!("clients/{}", id.0), "a client", convert::client).await
    }

    /// All projects of a client: `GET /api/projects?client_id=`.
    pub async fn projects(&self, client: ClientId) -> Result<Paged<Project>, Error> {
        self.all("projects", &[("client_id", client.0.to_string()), limit()], convert::project)
            .await
    }

    /// All projects, or those of one client, each with its client where the server says:
    /// `GET /api/projects`.
    pub async fn projects_with_clients(
        &self,
        client: Option<ClientId>,
    ) -> Result<Paged<(Project, Option<Named<ClientId>>)>, Error> {
        let mut query = vec![limit()];
        query.extend(client.map(|it| ("client_id", it.0.to_string())));
        self.all("projects", &query, convert::project_of_client).await
    }

    /// All contact persons of all clients: `GET /api/contacts`.
    pub async fn all_contacts(&self) -> Result<Paged<Contact>, Error> {
        self.all("contacts", &[limit()], convert::contact).await
    }

    /// One project: `GET /api/projects/{id}`.
    pub async fn project(&self, id: ProjectId) -> Result<Project, Error> {
        self.one(&format!("projects/{}", id.0), "a project", convert::project).await
    }

    /// All contact persons of a client: `GET /api/contacts?client_id=`.
    pub async fn contacts(&self, client: ClientId) -> Result<Paged<Contact>, Error> {
        self.all("contacts", &[("client_id", client.0.to_string()), limit()], convert::contact)
            .await
    }

    /// One contact person: `GET /api/contacts/{id}`. Not every author is one.
    pub async fn contact(&self, id: ContactId) -> Result<Contact, Error> {
        self.one(&format!("contacts/{}", id.0), "a contact", convert::contact).await
    }

    /// The whole team without its deleted members: `GET /api/team`.
    pub async fn team(&self) -> Result<Paged<Member>, Error> {
        self.all("team", &[limit()], convert::member).await
    }

    /// One member of the team: `GET /api/team/{id}`.
    pub async fn member(&self, id: PersonId) -> Result<Member, Error> {
        self.one(&format!("team/{}", id.0), "a member of the team", convert::member).await
    }
}
