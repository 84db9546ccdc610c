//! Answers as bytes, read as the client reads them but without a connection: for the fuzzer and for
//! tests with hostile bytes.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;

use super::{
    answer::{Answer, Expected},
    client::page_of,
    convert,
};
use crate::domain::{
    Client, Contact, Department, FullTicket, Member, Problem, Project, Reply, TicketId,
};

/// All that an answer can be taken for.
#[derive(Debug, Default)]
pub struct Readings {
    /// As a list of tickets, as one ticket, and as the ticket in a write's answer.
    pub tickets: Vec<FullTicket>,
    /// As a conversation, and as the reply in a write's answer.
    pub replies: Vec<Reply>,
    /// As departments.
    pub departments: Vec<Department>,
    /// As clients.
    pub clients: Vec<Client>,
    /// As contacts.
    pub contacts: Vec<Contact>,
    /// As the team.
    pub team: Vec<Member>,
    /// As projects.
    pub projects: Vec<Project>,
    /// As the failures of a read, of a write and of a list.
    pub problems: Vec<Problem>,
}

/// Reads an answer in every way; `headers` that HTTP can't carry are left out.
pub fn read(status: u16, headers: &[(&str, &[u8])], body: &[u8], zone: &TimeZone) -> Readings {
    let header = |(name, value): &(&str, &[u8])| {
        Some((HeaderName::try_from(*name).ok()?, HeaderValue::from_bytes(value).ok()?))
    };
    let headers: HeaderMap = headers.iter().filter_map(header).collect();
    let key = SecretString::from("a-secret-key");
    let judge = |expected| {
        let (headers, body) = (headers.clone(), body.to_vec());
        let answer = Answer { status, headers, body, ..Answer::default() };
        answer.judge(expected, &key, Timestamp::UNIX_EPOCH, Duration::from_secs(60))
    };
    let mut found = Readings::default();
    match judge(Expected::Envelope) {
        Ok(envelope) => {
            let id = TicketId(convert::number(&envelope.data, &["id", "ticket_id"]).unwrap_or(7));
            found.tickets.extend(convert::whole_ticket(envelope.data.clone(), zone));
            found.replies.extend(convert::whole_reply(envelope.data, id, zone));
        }
        Err(error) => found.problems.push(error.into()),
    }
    match judge(Expected::Data) {
        Ok(envelope) => {
            found.tickets.extend(convert::ticket(envelope.data, zone));
        }
        Err(error) => found.problems.push(error.into()),
    }
    macro_rules! list {
        ($into:ident, $path:literal, $decode:expr) => {
            let page = judge(Expected::Data).and_then(|it| page_of(it, $path, 1, None, $decode));
            match page {
                Ok(page) => found.$into.extend(page.items),
                Err(error) => found.problems.push(error.into()),
            }
        };
    }
    list!(tickets, "tickets", |item| convert::ticket(item, zone));
    list!(replies, "tickets/7/replies", |item| convert::reply(item, TicketId(7), zone));
    list!(departments, "categories", convert::department);
    list!(clients, "clients", convert::client);
    list!(contacts, "contacts", convert::contact);
    list!(team, "team", convert::member);
    list!(projects, "projects", convert::project);
    found
}
