//! Who the tickets are about: clients, contacts, projects, the team, and the CRM's own lists.

use fastrand::Rng;
use rusqlite::{Connection, params};

use super::texts::People;

/// Contacts are numbered from here, above the team and with room for more members.
const FIRST_CONTACT: i64 = 20;

/// What tickets can link to.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) clients: Vec<Client>,
    /// Numbers and first names of the team.
    pub(super) team: Vec<(i64, String)>,
    /// A deleted member.
    pub(super) former_member: i64,
}

#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) domain: String,
    /// Numbers and names; the first is the account's owner.
    pub(super) contacts: Vec<(i64, String)>,
    pub(super) projects: Vec<i64>,
}

pub(super) fn insert(
    db: &Connection,
    people: &People,
    rng: &mut Rng,
) -> rusqlite::Result<Directory> {
    insert_lists(db, people)?;
    let (team, former_member) = insert_team(db, people)?;
    let mut clients = Vec::with_capacity(people.companies.len());
    let mut next_contact = FIRST_CONTACT;
    for (id, (name, domain)) in (1i64..).zip(&people.companies) {
        let status = if id > 1 && rng.u8(..20) == 0 { "suspended" } else { "active" };
        db.prepare_cached(
            "INSERT INTO clients (id, company_name, status, phone) VALUES (?, ?, ?, ?)",
        )?
        .execute(params![id, name, status, phone(rng)])?;
        let contacts = insert_contacts(db, people, rng, (id, domain), &mut next_contact)?;
        let projects = insert_projects(db, people, rng, id)?;
        clients.push(Client { id, name: name.clone(), domain: domain.clone(), contacts, projects });
    }
    Ok(Directory { clients, team, former_member })
}

fn insert_lists(db: &Connection, people: &People) -> rusqlite::Result<()> {
    for (id, title) in &people.statuses {
        db.execute("INSERT INTO statuses (id, title) VALUES (?, ?)", params![id, title])?;
    }
    let mut category = db.prepare("INSERT INTO categories (id, name, type) VALUES (?, ?, ?)")?;
    for (id, name) in &people.departments {
        category.execute(params![id, name, "ticket"])?;
    }
    for (id, name, kind) in &people.other_categories {
        category.execute(params![id, name, kind])?;
    }
    Ok(())
}

fn insert_team(db: &Connection, people: &People) -> rusqlite::Result<(Vec<(i64, String)>, i64)> {
    let mut insert = db.prepare("INSERT INTO users (id, kind, name, email) VALUES (?, ?, ?, ?)")?;
    let mut team = Vec::new();
    for (id, name) in (1i64..).zip(&people.team) {
        insert.execute(params![id, "team", name, email(name, "northlane.example")])?;
        team.push((id, first_name(name).to_owned()));
    }
    let gone = &people.former_member;
    let former_member =
        insert.insert(params![null(), "gone", gone, email(gone, "northlane.example")])?;
    Ok((team, former_member))
}

fn null() -> Option<i64> {
    None
}

fn insert_contacts(
    db: &Connection,
    people: &People,
    rng: &mut Rng,
    (client, domain): (i64, &str),
    next: &mut i64,
) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut contacts: Vec<(i64, String)> = Vec::new();
    for _ in 0..rng.usize(1..=4) {
        let (Some(first), Some(last)) =
            (rng.choice(&people.first_names), rng.choice(&people.last_names))
        else {
            continue;
        };
        let name = format!("{first} {last}");
        db.prepare_cached(
            "INSERT INTO users (id, kind, client_id, name, email, phone, account_owner) \
             VALUES (?, 'contact', ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            *next,
            client,
            name,
            email(&name, domain),
            rng.bool().then(|| phone(rng)),
            contacts.is_empty()
        ])?;
        contacts.push((*next, name));
        *next += 1;
    }
    Ok(contacts)
}

fn insert_projects(
    db: &Connection,
    people: &People,
    rng: &mut Rng,
    client: i64,
) -> rusqlite::Result<Vec<i64>> {
    // The first client always has one, so that examples have something to name.
    let fewest = usize::from(client == 1);
    let count = rng.usize(fewest..=3);
    rng.choose_multiple(&people.projects, count)
        .into_iter()
        .map(|title| {
            db.prepare_cached("INSERT INTO projects (client_id, title) VALUES (?, ?)")?
                .insert(params![client, title])
        })
        .collect()
}

pub(super) fn first_name(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

fn email(name: &str, domain: &str) -> String {
    let local: String = name
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('.'),
            'á' => Some('a'),
            'ë' => Some('e'),
            c if c.is_ascii_alphanumeric() => Some(c),
            _ => None,
        })
        .collect();
    format!("{local}@{domain}")
}

fn phone(rng: &mut Rng) -> String {
    format!("+44 20 7946 0{:03}", rng.u16(..1000))
}
