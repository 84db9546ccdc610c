//! Tickets over the last 90 days, the waiting ones recent.

use fastrand::Rng;
use rusqlite::{Connection, Statement, params};

use super::{
    CLOSED, DAY, HOUR, OPEN, Plan,
    directory::{Client, Directory, first_name},
    outline::{About, Outline, outlines, times},
    texts::{Odd, Scenario, Texts},
    thread::{Names, Turn, Voice, filled, turns},
};

/// The ticket that the examples of the API's documentation name.
const EXAMPLE: usize = 32;
const EXAMPLE_DEPARTMENT: i64 = 72;
const ODD_DEPARTMENT: i64 = 73;

/// A row of the tickets' table.
#[derive(Debug)]
struct Row<'a> {
    subject: &'a str,
    message: &'a str,
    status: i64,
    priority: &'a str,
    source: &'a str,
    archived: bool,
    department: Option<i64>,
    client: Option<i64>,
    project: Option<i64>,
    creator: Option<i64>,
    sender: Option<&'a str>,
    created: i64,
}

/// Who the conversation is with.
#[derive(Debug)]
struct Customer<'a> {
    id: Option<i64>,
    names: Names<'a>,
    by_mail: bool,
}

/// When the team wrote last, and when it did so publicly.
#[derive(Clone, Copy, Debug, Default)]
struct Dates {
    last_updated: Option<i64>,
    answered: Option<i64>,
}

pub(super) fn insert(
    db: &Connection,
    plan: &Plan,
    texts: &Texts,
    directory: &Directory,
    rng: &mut Rng,
) -> rusqlite::Result<()> {
    let outlines = outlines(plan.tickets, texts, rng);
    let mut writer = Writer::new(db, plan.now.as_microsecond(), texts, directory)?;
    for (place, outline) in (1..).zip(&outlines) {
        match outline.about {
            _ if place == EXAMPLE => writer.example(outline.created)?,
            About::Scenario(scenario) => writer.ticket(outline, scenario, rng)?,
            About::Odd(odd) => writer.odd(outline, odd)?,
        }
    }
    Ok(())
}

struct Writer<'a> {
    now: i64,
    texts: &'a Texts,
    directory: &'a Directory,
    ticket: Statement<'a>,
    dates: Statement<'a>,
    reply: Statement<'a>,
    tag: Statement<'a>,
}

impl<'a> Writer<'a> {
    fn new(
        db: &'a Connection,
        now: i64,
        texts: &'a Texts,
        directory: &'a Directory,
    ) -> rusqlite::Result<Self> {
        Ok(Self {
            now,
            texts,
            directory,
            ticket: db.prepare(
                "INSERT INTO tickets (subject, message, status_id, priority, source, active_state, \
                 category_id, client_id, project_id, creator_id, sender, created) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?,
            dates: db
                .prepare("UPDATE tickets SET last_updated = ?, status_changed = ? WHERE id = ?")?,
            reply: db.prepare(
                "INSERT INTO replies (ticket_id, type, text, creator_id, created) \
                 VALUES (?, ?, ?, ?, ?)",
            )?,
            tag: db.prepare("INSERT INTO tags (ticket_id, title) VALUES (?, ?)")?,
        })
    }

    fn ticket(
        &mut self,
        outline: &Outline<'_>,
        scenario: &Scenario,
        rng: &mut Rng,
    ) -> rusqlite::Result<()> {
        let directory = self.directory;
        let by_mail = rng.u8(..20) < 9;
        let unknown = by_mail && rng.u8(..14) == 0;
        let stranger = rng.choice(&self.texts.people.strangers).filter(|_| unknown);
        let client = rng.choice(&directory.clients).filter(|_| stranger.is_none());
        let contact = client.and_then(|client| author(client, rng));
        let contact_name =
            contact.map_or(stranger.map_or("", String::as_str), |(_, name)| name.as_str());
        let number = rng.u32(10_000..99_999).to_string();
        let names = Names {
            client: client.map_or("our company", |client| &client.name),
            domain: client.map_or("my-site.example", |client| &client.domain),
            contact: contact_name,
            agent: "",
            number: &number,
        };
        let message = opening(&filled(&scenario.message, &names), &names, by_mail);
        let creator = self.creator(outline.status, contact.map(|(id, _)| *id), by_mail, rng);
        let archived = outline.status == CLOSED && outline.created > 20 * DAY && rng.u8(..4) == 0;
        let id = self.row(&Row {
            subject: &filled(&scenario.subject, &names).replace("&amp;", "&"),
            message: &message,
            status: outline.status,
            priority: priority(scenario, rng),
            source: if by_mail { "email" } else { "web" },
            archived,
            department: Some(scenario.department),
            client: client.map(|client| client.id),
            project: client
                .filter(|_| rng.u8(..4) == 0)
                .and_then(|client| rng.choice(&client.projects))
                .copied(),
            creator,
            sender: stranger.map(String::as_str),
            created: self.now - outline.created,
        })?;
        for tag in scenario.tags.iter().filter(|_| rng.u8(..3) > 0) {
            self.tag.execute(params![id, tag])?;
        }
        let turns = turns(outline.status, scenario, &self.texts.common, rng);
        let times = times(outline, turns.len(), rng);
        let said: Vec<_> = turns.into_iter().zip(times).collect();
        let customer = Customer { id: contact.map(|(id, _)| *id), names, by_mail };
        let dates = self.conversation(id, &customer, &said, rng)?;
        let status_changed = if outline.status == OPEN { None } else { dates.answered };
        self.dates.execute(params![dates.last_updated, status_changed, id])?;
        Ok(())
    }

    /// Mostly the customer; some tickets are typed in by the team after a call.
    fn creator(
        &self,
        status: i64,
        contact: Option<i64>,
        by_mail: bool,
        rng: &mut Rng,
    ) -> Option<i64> {
        match rng.u8(..40) {
            0 | 1 if !by_mail && status == CLOSED => Some(1),
            2 if !by_mail && status == CLOSED => Some(self.directory.former_member),
            _ => contact,
        }
    }

    /// Writes what was said, each with its time in microseconds before the end.
    fn conversation(
        &mut self,
        ticket: i64,
        customer: &Customer<'_>,
        said: &[(Turn<'_>, i64)],
        rng: &mut Rng,
    ) -> rusqlite::Result<Dates> {
        let mut agent = rng.choice(&self.directory.team);
        let mut dates = Dates::default();
        let mut before = None;
        for (turn, ago) in said {
            if rng.u8(..5) == 0 {
                agent = rng.choice(&self.directory.team);
            }
            let names = Names { agent: agent.map_or("", |(_, name)| name), ..customer.names };
            let text = filled(turn.text, &names);
            let agent = agent.map(|(id, _)| *id);
            let at = self.now - ago;
            let (kind, creator, text) = match turn.voice {
                Voice::Customer => {
                    let mailed = customer.by_mail && rng.bool();
                    let quoted = before.as_deref().filter(|_| mailed).map(quote);
                    let text = opening(&text, &names, mailed) + &quoted.unwrap_or_default();
                    ("reply", customer.id, text)
                }
                Voice::Agent => ("reply", agent, signed(&text, &names, rng)),
                Voice::Note => ("note", agent, text.into_owned()),
            };
            self.reply.execute(params![ticket, kind, text, creator, at])?;
            if turn.voice != Voice::Customer {
                dates.last_updated = Some(at);
            }
            if turn.voice == Voice::Agent {
                dates.answered = Some(at);
                before = Some(text);
            }
        }
        Ok(dates)
    }

    fn odd(&mut self, outline: &Outline<'_>, odd: &Odd) -> rusqlite::Result<()> {
        self.row(&Row {
            subject: &odd.subject,
            message: &odd.message,
            status: OPEN,
            priority: "normal",
            source: "email",
            archived: false,
            department: (!odd.no_department).then_some(ODD_DEPARTMENT),
            client: None,
            project: None,
            creator: None,
            sender: Some(&odd.sender),
            created: self.now - outline.created,
        })?;
        Ok(())
    }

    /// The ticket of the documentation, as it is printed there.
    fn example(&mut self, created: i64) -> rusqlite::Result<()> {
        let client = self.directory.clients.first();
        let contact = client.and_then(|client| client.contacts.first());
        let id = self.row(&Row {
            subject: "Cannot log in",
            message: "I get an error on the login page.",
            status: OPEN,
            priority: "high",
            source: "web",
            archived: false,
            department: Some(EXAMPLE_DEPARTMENT),
            client: client.map(|client| client.id),
            project: None,
            creator: Some(1),
            sender: None,
            created: self.now - created,
        })?;
        self.tag.execute(params![id, "billing"])?;
        let asked = self.now - created / 2;
        let again = self.now - (2 * HOUR).min(created / 4);
        self.reply.execute(params![
            id,
            "reply",
            "<p>Which error do you see? A screenshot would help.</p>",
            1,
            asked
        ])?;
        self.reply.execute(params![
            id,
            "reply",
            "<p>It says <em>\"Your session has expired\"</em>, again and again.</p>",
            contact.map(|(id, _)| *id),
            again
        ])?;
        self.dates.execute(params![asked, None::<i64>, id])?;
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> rusqlite::Result<i64> {
        self.ticket.insert(params![
            row.subject,
            row.message,
            row.status,
            row.priority,
            row.source,
            if row.archived { "archived" } else { "active" },
            row.department,
            row.client,
            row.project,
            row.creator,
            row.sender,
            row.created
        ])
    }
}

/// Mostly the account's owner writes.
fn author<'a>(client: &'a Client, rng: &mut Rng) -> Option<&'a (i64, String)> {
    if rng.bool() { client.contacts.first() } else { rng.choice(&client.contacts) }
}

/// The scenario's priority, or now and then what a customer in a hurry chose.
fn priority<'a>(scenario: &'a Scenario, rng: &mut Rng) -> &'a str {
    match rng.u8(..20) {
        0 => "urgent",
        1 | 2 => "high",
        3..6 => "normal",
        _ => &scenario.priority,
    }
}

/// A customer's text, as a mail with its greeting and signature or as typed into the form.
fn opening(text: &str, names: &Names<'_>, as_mail: bool) -> String {
    if as_mail {
        let Names { contact, client, domain, .. } = names;
        let client = client.replace('&', "&amp;");
        format!(
            "<div dir=\"ltr\"><p>Hello,</p>{text}<p>Kind regards<br>{contact}</p>\
             <p>--<br>{client}<br><a href=\"https://{domain}\">{domain}</a></p></div>"
        )
    } else {
        text.to_owned()
    }
}

/// What a mail program adds below an answer.
fn quote(answered: &str) -> String {
    format!("<blockquote type=\"cite\"><p>Northlane Support wrote:</p>{answered}</blockquote>")
}

/// An agent's text, mostly with a greeting and a name under it.
fn signed(text: &str, names: &Names<'_>, rng: &mut Rng) -> String {
    if rng.u8(..4) > 0 {
        let name = first_name(names.contact);
        format!("<p>Hi {name},</p>{text}<p>Best regards,<br>{}</p>", names.agent)
    } else {
        text.to_owned()
    }
}
