//! Turns the API's objects into the types of `domain`. An object without a number is dropped.

use std::fmt::Display;

use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    lenient::{Int, LenientText, Ref, full_name},
    wire,
};
use crate::{
    domain::{
        Client, ClientId, Contact, ContactId, Department, DepartmentId, FullTicket, Html, Line,
        Member, Named, PersonId, Priority, Project, ProjectId, Reply, ReplyId, ReplyKind, Source,
        Status, StatusId, Ticket, TicketId,
    },
    text::clean,
};

/// A ticket. Anything but its number may be missing.
pub(super) fn ticket(data: Value, zone: &TimeZone) -> Option<FullTicket> {
    let wire: wire::Ticket = decode(data)?;
    let status = StatusId(wire.status.id.0.unwrap_or_default());
    let project = wire.project_id.id().or(wire.project.id.id());
    let creator = wire.creator_id.id().or(wire.creator.id.id());
    let ticket = Ticket {
        id: TicketId(wire.id.id().or(wire.ticket_id.id())?),
        subject: line(wire.subject),
        status: Status { id: status, title: line_or_number(wire.status.name, status) },
        priority: Priority::from_word(&wire.priority.word()),
        source: match wire.source.word().as_str() {
            "web" => Source::Web,
            "email" => Source::Email,
            _ => Source::Unknown,
        },
        archived: wire.active_state.word() == "archived",
        department: named(wire.department, DepartmentId),
        client: named(wire.client, ClientId),
        project: project.map(ProjectId),
        creator: creator.map(PersonId),
        created: wire.dates.created.time(zone),
        last_updated: wire.dates.last_updated.time(zone),
        status_changed: wire.dates.status_changed.time(zone),
        replies_count: wire.replies_count.count().unwrap_or_default(),
        tags: wire.tags.0.iter().map(|tag| clean::line(tag)).collect(),
    };
    Some(FullTicket { ticket, message: Html::new(wire.message.0.unwrap_or_default()) })
}

/// The ticket in a write's answer, if all of it is there: an answer that names only what was
/// changed must not blank the rest.
pub(super) fn whole_ticket(data: Value, zone: &TimeZone) -> Option<FullTicket> {
    let has = |key| data.get(key).is_some();
    let whole = ["subject", "message", "status", "priority", "tags"].into_iter().all(has);
    if whole { ticket(data, zone) } else { None }
}

/// The number in a write's answer: of an object, or bare.
pub(super) fn number(data: &Value, keys: &[&str]) -> Option<i64> {
    let id = |value: &Value| Int::from(value.clone()).id();
    id(data).or_else(|| keys.iter().find_map(|key| id(data.get(key)?)))
}

/// A reply to `ticket`. Anything but its number may be missing.
pub(super) fn reply(data: Value, ticket: TicketId, zone: &TimeZone) -> Option<Reply> {
    let wire: wire::Reply = decode(data)?;
    let texts = [wire.text, wire.message, wire.ticketreply_text, wire.body];
    let times = [wire.dates.created, wire.created, wire.created_at];
    let author = wire.creator.id.id().or(wire.creator_id.id()).or(wire.user.id.id());
    let author_name = wire.creator.name.filled().or(wire.user.name.filled());
    Some(Reply {
        id: ReplyId(wire.id.id().or(wire.ticketreply_id.id())?),
        ticket,
        kind: reply_kind([&wire.kind, &wire.ticketreply_type]),
        body: Html::new(texts.into_iter().find_map(LenientText::filled).unwrap_or_default()),
        author: author.map(PersonId),
        author_name: author_name.map(|name| clean::line(&name)),
        created: times.iter().find_map(|time| time.time(zone)),
    })
}

/// The reply in a POST's answer, if its text is there.
pub(super) fn whole_reply(data: Value, ticket: TicketId, zone: &TimeZone) -> Option<Reply> {
    let has = |key| data.get(key).is_some_and(Value::is_string);
    let whole = ["text", "message", "ticketreply_text", "body"].into_iter().any(has);
    if whole { reply(data, ticket, zone) } else { None }
}

/// Public only where the server says so and nothing contradicts it; a note where anything says so.
fn reply_kind(words: [&LenientText; 2]) -> ReplyKind {
    let words: Vec<String> =
        words.into_iter().filter(|text| text.0.is_some()).map(LenientText::word).collect();
    if words.iter().any(|word| word == "note") {
        ReplyKind::Note
    } else if !words.is_empty() && words.iter().all(|word| word == "reply") {
        ReplyKind::Reply
    } else {
        ReplyKind::Unknown
    }
}

/// A department; `None` too for a category of another type, which no ticket takes.
pub(super) fn department(data: Value) -> Option<Department> {
    let wire: wire::Category = decode(data)?;
    let id = DepartmentId(wire.id.id()?);
    matches!(wire.kind.word().as_str(), "" | "ticket")
        .then(|| Named { id, name: line_or_number(wire.name, id) })
}

/// Whether it is a category of a type that is not a ticket's: left out of a list on purpose.
pub(super) fn is_other_category(data: &Value) -> bool {
    let kind = data.get("type").cloned().map(LenientText::from).unwrap_or_default().word();
    !matches!(kind.as_str(), "" | "ticket")
}

/// A client.
pub(super) fn client(data: Value) -> Option<Client> {
    let wire: wire::Client = decode(data)?;
    let id = ClientId(wire.id.id()?);
    let name = wire.company_name.filled().or(wire.name.filled());
    Some(Client {
        id,
        name: line_or_number(LenientText(name), id),
        phone: filled_line(wire.phone),
        owner: filled_line(wire.owner.name),
    })
}

/// A contact person.
pub(super) fn contact(data: Value) -> Option<Contact> {
    let wire: wire::Person = decode(data)?;
    let id = ContactId(wire.id.id()?);
    Some(Contact {
        id,
        name: line_or_number(person_name(wire.name, wire.first_name, wire.last_name), id),
        email: filled_line(wire.email),
        phone: filled_line(wire.phone),
        account_owner: wire.account_owner.0,
    })
}

/// A member of the team.
pub(super) fn member(data: Value) -> Option<Member> {
    let wire: wire::Person = decode(data)?;
    let id = PersonId(wire.id.id()?);
    Some(Member {
        id,
        name: line_or_number(person_name(wire.name, wire.first_name, wire.last_name), id),
        email: filled_line(wire.email),
    })
}

/// A project.
pub(super) fn project(data: Value) -> Option<Project> {
    project_of_client(data).map(|(project, _)| project)
}

/// A project with its client.
pub(super) fn project_of_client(data: Value) -> Option<(Project, Option<Named<ClientId>>)> {
    let wire: wire::Project = decode(data)?;
    let id = ProjectId(wire.id.id()?);
    let title = wire.title.filled().or(wire.name.filled());
    let project = Project { id, title: line_or_number(LenientText(title), id) };
    Some((project, named(wire.client, ClientId)))
}

/// Decodes objects alone: serde would take a list for the fields in their order.
fn decode<T: DeserializeOwned>(data: Value) -> Option<T> {
    if data.is_object() { serde_json::from_value(data).ok() } else { None }
}

fn person_name(name: LenientText, first: LenientText, last: LenientText) -> LenientText {
    LenientText(name.filled().or_else(|| full_name(first.filled(), last.filled())))
}

fn named<Id: Copy + Display>(wire: Ref, id: impl FnOnce(i64) -> Id) -> Option<Named<Id>> {
    let id = id(wire.id.id()?);
    Some(Named { id, name: line_or_number(wire.name, id) })
}

fn line(text: LenientText) -> Line {
    clean::line(&text.0.unwrap_or_default())
}

fn filled_line(text: LenientText) -> Option<Line> {
    text.filled().map(|text| clean::line(&text))
}

/// The name, or the number where there is none.
fn line_or_number(name: LenientText, id: impl Display) -> Line {
    filled_line(name).unwrap_or_else(|| Line::from_cleaned(id.to_string(), None))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::api::lenient;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn data(fixture: &str) -> Value {
        let mut value: Value = serde_json::from_str(fixture).unwrap();
        value["data"].take()
    }

    fn utc(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_ticket_as_documented() {
        let data = data(include_str!("../../tests/fixtures/ticket_as_documented.json"));
        let FullTicket { ticket, message } = whole_ticket(data, &berlin()).unwrap();
        assert_eq!(ticket.id, TicketId(32));
        assert_eq!(ticket.subject.as_str(), "Cannot log in");
        assert_eq!(message.as_stored(), "<p>I get an error on the login page.</p>");
        assert_eq!((ticket.status.id, ticket.status.title.as_str()), (StatusId::OPEN, "Open"));
        assert_eq!((ticket.priority, ticket.source), (Priority::High, Source::Web));
        assert!(!ticket.archived);
        assert_eq!(ticket.department.unwrap().name.as_str(), "Sales");
        assert_eq!(ticket.client.unwrap().id, ClientId(1));
        assert_eq!((ticket.project, ticket.creator), (Some(ProjectId(9)), Some(PersonId(1))));
        assert_eq!(ticket.created, utc("2026-06-15T09:30:00Z"));
        assert_eq!(ticket.last_updated, utc("2026-06-15T09:45:00Z"));
        assert_eq!(ticket.status_changed, None);
        assert_eq!(ticket.replies_count, 2);
        assert_eq!(ticket.tags, [clean::line("billing")]);
    }

    #[test]
    fn a_mailed_ticket_without_client_and_with_a_hostile_subject() {
        let data = data(include_str!("../../tests/fixtures/ticket_from_mail.json"));
        let FullTicket { ticket, message } = ticket(data, &berlin()).unwrap();
        assert!(!ticket.subject.as_str().contains(['\u{1b}', '\u{202e}', '\n']));
        assert_eq!(ticket.subject.as_stored(), "\u{1b}[2JRe:\u{202e} invoice\nBcc: all");
        assert!(message.is_empty());
        assert_eq!(ticket.status.id, StatusId(27));
        assert!(ticket.status.title.as_str().starts_with("Escalated"));
        assert_eq!((ticket.priority, ticket.source), (Priority::Unknown, Source::Email));
        assert_eq!((ticket.department, ticket.client), (None, None));
        assert_eq!((ticket.project, ticket.creator), (None, None));
        assert_eq!(ticket.last_updated, None);
        assert_eq!(ticket.status_changed, utc("2026-03-29T01:30:00Z"), "the skipped hour");
    }

    #[test]
    fn a_ticket_written_as_text() {
        let data = data(include_str!("../../tests/fixtures/ticket_as_text.json"));
        let FullTicket { ticket, message } = whole_ticket(data, &TimeZone::UTC).unwrap();
        assert_eq!((ticket.id, ticket.subject.as_str()), (TicketId(34), "404"));
        assert_eq!(message.as_stored(), "plain text");
        assert_eq!((ticket.status.id, ticket.status.title.as_str()), (StatusId::CLOSED, "#2"));
        assert_eq!((ticket.priority, ticket.source), (Priority::Urgent, Source::Unknown));
        assert!(ticket.archived);
        assert_eq!(ticket.department.unwrap().id, DepartmentId(72));
        assert_eq!(ticket.client.unwrap().name.as_str(), "#1");
        assert_eq!((ticket.project, ticket.creator), (None, Some(PersonId(7))));
        assert_eq!(ticket.created, utc("2026-06-15T00:00:00Z"));
        assert_eq!((ticket.last_updated, ticket.status_changed), (None, None));
        assert_eq!(ticket.replies_count, 3);
        assert_eq!(ticket.tags, [clean::line("billing"), clean::line("VIP")]);
    }

    #[test]
    fn a_ticket_of_little_is_shown_but_never_replaces_a_whole_one() {
        let data = data(include_str!("../../tests/fixtures/ticket_of_little.json"));
        assert_eq!(number(&data, &["id", "ticket_id"]), Some(35));
        assert_eq!(whole_ticket(data.clone(), &TimeZone::UTC), None);
        let ticket = ticket(data, &TimeZone::UTC).unwrap().ticket;
        assert_eq!((ticket.id, ticket.tags.len()), (TicketId(35), 2));
        assert_eq!((ticket.department, ticket.client), (None, None));
    }

    #[test]
    fn a_number_is_read_off_whatever_has_one() {
        use serde_json::json;
        assert_eq!(number(&json!(7), &["id"]), Some(7));
        assert_eq!(number(&json!({"id": "7"}), &["id"]), Some(7));
        for none in [json!(null), json!([7]), json!({"id": 0}), json!({})] {
            assert_eq!(number(&none, &["id"]), None, "{none}");
        }
    }

    fn replies(fixture: &str) -> Vec<Reply> {
        let items = lenient::items(data(fixture), "replies").unwrap();
        let decode = |item| reply(item, TicketId(32), &berlin()).unwrap();
        items.into_iter().map(decode).collect()
    }

    #[test]
    fn replies_of_every_shape() {
        let guess = replies(include_str!("../../tests/fixtures/replies_by_guess.json"));
        assert_eq!(guess[0].kind, ReplyKind::Reply);
        assert_eq!(guess[0].body.as_stored(), "<p>Hello</p>");
        assert_eq!(guess[0].author, Some(PersonId(1)));
        assert_eq!(guess[0].author_name.as_ref().map(Line::as_str), Some("Ann Agent"));
        assert_eq!(guess[0].created, utc("2026-06-15T09:30:00Z"));
        assert_eq!(guess[1].kind, ReplyKind::Note);

        let columns = replies(include_str!("../../tests/fixtures/replies_by_column_names.json"));
        assert_eq!(columns[0].id, ReplyId(22));
        assert_eq!((columns[0].kind, columns[1].kind), (ReplyKind::Reply, ReplyKind::Note));
        assert_eq!((columns[0].author, columns[1].author), (Some(PersonId(5)), None));
        assert_eq!(columns[0].created, utc("2026-06-15T09:30:00Z"));
        assert_eq!(columns[1].created, utc("2026-06-14T22:00:00Z"));
        assert_eq!(columns[1].body.as_stored(), "inside");
    }

    #[test]
    fn a_reply_is_public_only_where_the_server_says_so() {
        let odd = replies(include_str!("../../tests/fixtures/replies_of_odd_kinds.json"));
        let kinds: Vec<ReplyKind> = odd.iter().map(|reply| reply.kind).collect();
        let unknown = ReplyKind::Unknown;
        assert_eq!(kinds, [unknown, unknown, ReplyKind::Note, unknown, unknown, ReplyKind::Reply]);
        assert_eq!(odd[0].body.as_stored(), "no type");
        assert_eq!(odd[2].body.as_stored(), "contradicted");
        assert!(odd[4].body.is_empty());
        assert_eq!(odd[4].author, Some(PersonId(8)));
        let name = odd[4].author_name.as_ref().unwrap().as_str();
        assert!(name.starts_with("Bo ") && !name.contains('\u{1b}'), "{name}");
        assert_eq!((odd[5].author, odd[5].created), (Some(PersonId(9)), None));
    }

    #[test]
    fn people_and_places() {
        let all: Value =
            serde_json::from_str(include_str!("../../tests/fixtures/lookups.json")).unwrap();
        let list = |name: &str| lenient::items(all[name]["data"].clone(), name).unwrap();

        let found: Vec<_> = list("categories").into_iter().map(department).collect();
        assert_eq!(found[0].as_ref().unwrap().name.as_str(), "Sales");
        assert_eq!(found[1].as_ref().unwrap().name.as_str(), "#73");
        assert_eq!((&found[2], &found[3]), (&None, &None));

        let found: Vec<_> = list("clients").into_iter().filter_map(client).collect();
        assert_eq!(found[0].name.as_str(), clean::line("Acme\tInc").as_str());
        assert_eq!(found[0].owner.as_ref().map(Line::as_str), Some("Cy"));
        assert_eq!((&found[0].phone, found[1].name.as_str()), (&None, "#2"));

        let found: Vec<_> = list("contacts").into_iter().filter_map(contact).collect();
        assert!(found[0].account_owner && !found[1].account_owner);
        assert_eq!(found[1].name.as_str(), "Di Doe");

        let found: Vec<_> = list("team").into_iter().filter_map(member).collect();
        assert_eq!((found[1].name.as_str(), &found[1].email), ("#2", &None));

        let found: Vec<_> = list("projects").into_iter().filter_map(project).collect();
        assert_eq!((found[0].title.as_str(), found[1].title.as_str()), ("New site", "#10"));
    }
}
