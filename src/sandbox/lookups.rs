//! The look-ups: categories, clients, projects, contacts, team. Read only.

use axum::extract::State;
use rusqlite::Row;
use serde_json::{Value, json};

use super::{
    App,
    answer::{Answer, Failure},
    input::{Ids, Input, Query},
    paging::{Filter, Paging},
};

/// One kind of thing to look up.
#[derive(Debug)]
pub(super) struct Lookup {
    columns: &'static str,
    from: &'static str,
    id: &'static str,
    /// Which rows are of this kind at all.
    only: Option<&'static str>,
    filter: fn(&Input, &mut Filter),
    read: fn(&Row<'_>) -> rusqlite::Result<Value>,
}

pub(super) static CATEGORIES: Lookup = Lookup {
    columns: "SELECT id, name, type",
    from: "FROM categories",
    id: "id",
    only: None,
    filter: |input, filter| {
        filter.word(input, "type", "type");
        filter.search(input, &["name"]);
    },
    read: |row| Ok(json!({ "id": int(row, 0)?, "name": text(row, 1)?, "type": text(row, 2)? })),
};

pub(super) static CLIENTS: Lookup = Lookup {
    columns: "SELECT k.id, k.company_name, k.status, k.phone, u.id, u.name",
    from: "FROM clients k LEFT JOIN users u ON u.client_id = k.id AND u.account_owner",
    id: "k.id",
    only: None,
    filter: |input, filter| {
        filter.word(input, "status", "k.status");
        filter.search(input, &["k.company_name"]);
    },
    read: |row| {
        Ok(json!({
            "id": int(row, 0)?,
            "company_name": text(row, 1)?,
            "status": text(row, 2)?,
            "phone": text(row, 3)?,
            "owner": { "id": int(row, 4)?, "name": text(row, 5)? },
        }))
    },
};

pub(super) static PROJECTS: Lookup = Lookup {
    columns: "SELECT p.id, p.title, k.id, k.company_name",
    from: "FROM projects p JOIN clients k ON k.id = p.client_id",
    id: "p.id",
    only: None,
    filter: |input, filter| {
        filter.number(input, "client_id", "p.client_id");
        filter.search(input, &["p.title"]);
    },
    read: |row| {
        Ok(json!({
            "id": int(row, 0)?,
            "title": text(row, 1)?,
            "client": { "id": int(row, 2)?, "name": text(row, 3)? },
        }))
    },
};

pub(super) static CONTACTS: Lookup = Lookup {
    columns: "SELECT id, name, email, phone, account_owner, client_id",
    from: "FROM users",
    id: "id",
    only: Some("kind = 'contact'"),
    filter: |input, filter| {
        filter.number(input, "client_id", "client_id");
        filter.search(input, &["name", "email"]);
    },
    read: |row| {
        Ok(json!({
            "id": int(row, 0)?,
            "name": text(row, 1)?,
            "email": text(row, 2)?,
            "phone": text(row, 3)?,
            "account_owner": row.get::<_, bool>(4)?,
            "client_id": int(row, 5)?,
        }))
    },
};

pub(super) static TEAM: Lookup = Lookup {
    columns: "SELECT id, name, email",
    from: "FROM users",
    id: "id",
    only: Some("kind = 'team'"),
    filter: |input, filter| filter.search(input, &["name", "email"]),
    read: |row| Ok(json!({ "id": int(row, 0)?, "name": text(row, 1)?, "email": text(row, 2)? })),
};

impl Lookup {
    /// `GET /api/…`: one page.
    pub(super) async fn list(
        &'static self,
        State(app): State<App>,
        Query(input): Query,
    ) -> Result<Answer<Vec<Value>>, Failure> {
        self.page(app, input).await
    }

    /// `GET /api/…/{id}`.
    pub(super) async fn get(
        &'static self,
        State(app): State<App>,
        Ids(id): Ids<i64>,
    ) -> Result<Answer<Value>, Failure> {
        app.db
            .work(move |db| {
                let mut filter = self.kind();
                filter.and(format!("{} = ?", self.id), [id.into()]);
                let one = Paging::of(&Input::default());
                let (found, _) =
                    filter.page(db, (self.columns, self.from), self.id, one, self.read)?;
                found.into_iter().next().map(Answer::found).ok_or(Failure::NotFound)
            })
            .await
    }

    async fn page(&'static self, app: App, input: Input) -> Result<Answer<Vec<Value>>, Failure> {
        app.db
            .work(move |db| {
                let mut filter = self.kind();
                (self.filter)(&input, &mut filter);
                let paging = Paging::of(&input);
                let order = format!("{} {}", self.id, paging.order);
                let (found, meta) =
                    filter.page(db, (self.columns, self.from), &order, paging, self.read)?;
                Ok(Answer::page(found, meta))
            })
            .await
    }

    fn kind(&self) -> Filter {
        let mut filter = Filter::default();
        if let Some(only) = self.only {
            filter.and(only, []);
        }
        filter
    }
}

fn int(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<i64>> {
    row.get(column)
}

fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    row.get(column)
}
