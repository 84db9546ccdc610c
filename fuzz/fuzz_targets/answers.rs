//! Whatever a server may answer: decoded in every way that the client knows, without a panic, and
//! with nothing in it that steers a terminal.
#![no_main]

use growdesk::{api::bytes, domain::Line};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

fn check(line: &Line) {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!line.as_str().chars().any(steers), "{line:?}");
}

fuzz_target!(|bytes: &[u8]| {
    const STATUSES: [u16; 12] = [200, 201, 204, 302, 400, 401, 404, 409, 422, 429, 500, 503];
    let [status, head, rest @ ..] = bytes else { return };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let (value, body) = rest.split_at(rest.len().min(usize::from(head >> 3)));
    let headers: &[(&str, &[u8])] = match head % 5 {
        0 => &[("content-type", b"application/json")],
        1 => &[("content-type", b"text/html; charset=utf-8")],
        2 => &[("content-type", value)],
        3 => &[("retry-after", value)],
        _ => &[("location", value)],
    };
    let found = bytes::read(status, headers, body, &TimeZone::UTC);
    for full in &found.tickets {
        let ticket = &full.ticket;
        check(&ticket.subject);
        check(&ticket.status.title);
        ticket.tags.iter().for_each(check);
        ticket.client.iter().for_each(|it| check(&it.name));
        ticket.department.iter().for_each(|it| check(&it.name));
    }
    found.replies.iter().filter_map(|it| it.author_name.as_ref()).for_each(check);
    found.departments.iter().for_each(|it| check(&it.name));
    found.clients.iter().for_each(|it| check(&it.name));
    found.contacts.iter().for_each(|it| check(&it.name));
    found.team.iter().for_each(|it| check(&it.name));
    found.projects.iter().for_each(|it| check(&it.title));
    for problem in &found.problems {
        check(&problem.said);
        problem.fields.values().flatten().for_each(check);
    }
});
