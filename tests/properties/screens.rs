//! Hostile text in every place where text from outside is shown, at all sizes, and from the wire on.

use growdesk::{
    api::bytes,
    app::{Message, Popup},
    desk::{Connection, LastScreen, Post, Read, Report, Side, Stored, Thread, Work},
    domain::{DraftKey, Entry, Line, Problem, ReplyKind, Row, State},
    text::{clean, html},
    ui::ColorDepth,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::json;

use crate::{
    cases, hostile,
    sequences::Play,
    support::{console::Console, desk},
    terminal,
};

/// Every pane and popup, by the keys that lead there; `<rest>` lets the office answer, `<paste>`
/// pastes.
const PLACES: [&str; 34] = [
    "",
    "7",
    "<enter><rest>",
    "<enter><rest>v",
    "<enter><rest>D",
    "/<paste>",
    "/<paste><enter>",
    "r<paste><rest>",
    "r<paste><c-o><rest>",
    "r<paste><c-s><rest>",
    "n<paste><c-s><rest>",
    "r<paste><c-s><rest>y<rest>",
    "r<paste><esc><esc>go",
    "s",
    "p",
    "d",
    "t",
    "t<paste>",
    "t<paste><space>",
    ":",
    ":<paste>",
    "N",
    "N<enter><rest>",
    "N<enter><paste><rest>",
    "N<tab><tab><tab><tab><paste><tab><paste>",
    "E<rest>",
    "E<rest><tab><enter><rest>",
    "E<rest><tab><tab><tab><paste><c-s>",
    "#",
    "gi<paste>",
    "?",
    "?/<paste>",
    "s2q",
    "s2e",
];

const SIZES: [(u16, u16); 6] = [(1, 1), (30, 5), (60, 16), (80, 24), (120, 40), (200, 60)];

const DEPTHS: [ColorDepth; 2] = [ColorDepth::Ansi16, ColorDepth::None];

/// A console that has gone to a place through hostile text.
fn at(place: &str, text: &str) -> Play {
    let mut play = Play::begin(text);
    play.rest(text);
    for part in place.split_inclusive("<rest>") {
        let (keys, rests) = match part.strip_suffix("<rest>") {
            Some(keys) => (keys, true),
            None => (part, false),
        };
        for (at, keys) in keys.split("<paste>").enumerate() {
            if at > 0 {
                play.send(Message::Paste(clean::typed(text)));
            }
            play.keys(keys);
        }
        if rests {
            play.rest(text);
        }
    }
    play
}

/// Draws a console at all sizes and says what is wrong with what is written.
fn fault(console: &Console) -> Option<String> {
    SIZES.iter().find_map(|(width, height)| {
        let mut console = console.clone();
        console.send(Message::Resize { width: *width, height: *height });
        DEPTHS.iter().find_map(|depth| {
            terminal::fault(&terminal::written(&console, *depth), console.model.size)
        })
    })
}

#[test]
fn no_place_lets_a_foreign_byte_through() {
    let text = hostile::arsenal();
    for place in PLACES {
        let play = at(place, &text);
        assert_eq!(fault(&play.console), None, "after {place:?}");
    }
}

#[test]
fn no_outcome_lets_a_foreign_byte_through() {
    let text = hostile::arsenal();
    for keys in
        ["r<paste><c-s><rest>2<rest>", "s4", "d<down><enter>", "E<rest><tab><tab><tab>x<c-s>"]
    {
        for (first, second) in (0..8).flat_map(|first| (0..8).map(move |second| (first, second))) {
            let mut play = at(keys, &text);
            play.advance(first, &text);
            play.advance(second, &text);
            assert_eq!(terminal::draw(&play.console), None, "{keys:?} {first} {second}");
            if matches!(play.console.model.popup, Some(Popup::Decision(_))) {
                assert_eq!(fault(&play.console), None, "{keys:?} {first} {second}, to be decided");
            }
        }
        let mut play = at(keys, &text);
        play.advance(7, &text);
        play.keys("<esc><esc><esc>go<enter>");
        assert_eq!(fault(&play.console), None, "{keys:?} in the outbox");
    }
}

/// What a server with hostile hands answers: status, content type, body.
fn answers(text: &str) -> Vec<(u16, &'static str, String)> {
    let named = json!({ "id": 71, "name": text });
    let ticket = json!({
        "id": 1042, "subject": text, "message": format!("<p>{text}"), "priority": text,
        "source": text, "active_state": "active", "status": { "id": 1, "name": text },
        "department": named, "client": named, "creator": named, "tags": [text, text],
        "dates": { "created": text, "last_updated": "2026-06-15T09:30:00Z" }, "replies_count": 3,
    });
    let reply =
        json!({ "id": 5, "text": text, "type": "reply", "creator": { "id": 9, "name": text } });
    let person = json!({ "id": 1, "name": text, "company_name": text, "title": text, "email": text,
        "phone": text, "first_name": text, "owner": named });
    let refusal =
        json!({ "message": text, "errors": { "ticket_subject": [text], text: [text, text] } });
    let page = format!("<html><head><title>{text}</title></head><body>{text}</body></html>");
    let ok =
        |data: serde_json::Value| (200, "application/json", json!({ "data": data }).to_string());
    vec![
        ok(json!([ticket])),
        ok(ticket),
        ok(json!([reply])),
        ok(json!([person])),
        (422, "application/json", refusal.to_string()),
        (404, "application/json", json!({ "message": text }).to_string()),
        (401, "application/json", json!({ "message": text }).to_string()),
        (500, "application/json", json!({ "notification": { "value": text } }).to_string()),
        (502, "text/html", page.clone()),
        (200, "text/html", page),
        (200, "text/plain", text.to_owned()),
    ]
}

/// A console that has been told all of it.
fn told(found: &bytes::Readings, text: &str) -> Vec<Console> {
    let mut console = Console::with(desk::settings(), 120, 40);
    let row = |full: &growdesk::domain::FullTicket| Row {
        ticket: full.ticket.clone(),
        facts: None,
        noticed: desk::now(),
    };
    let mut directory = desk::directory();
    directory.departments.clone_from(&found.departments);
    directory.team.clone_from(&found.team);
    let screen = Some(LastScreen { view: "All".into(), ..LastScreen::default() });
    let rows = found.tickets.iter().map(row).collect();
    console.send(Report::Stored(Box::new(Stored { rows, directory, screen, ..Stored::default() })));
    let ticket = console.model.ticket_at_hand();
    if let Some(ticket) = ticket {
        let post = |reply: &growdesk::domain::Reply| Post {
            reply: Some(reply.id),
            kind: reply.kind,
            author: reply.author_name.as_ref().map(Line::to_string).unwrap_or_default(),
            side: Side::Customer,
            at: reply.created,
            body: html::render(&reply.body, 60),
        };
        let posts = found.replies.iter().map(post).collect();
        let thread = Thread { ticket, width: 60, posts, read_at: None, fetched: true, whole: true };
        let asked = console.effects().into_iter().find_map(|effect| match effect {
            growdesk::app::Effect::Work(Work::Read {
                request, read: Read::Thread { .. }, ..
            }) => Some(request),
            _ => None,
        });
        let request = asked.expect("the conversation is asked for");
        console.send(Report::Thread { request, thread: Box::new(thread) });
    }
    let mut all = vec![console.clone()];
    for problem in &found.problems {
        all.extend(troubled(&console, problem, text));
    }
    all
}

/// Consoles that meet a problem.
fn troubled(console: &Console, problem: &Problem, text: &str) -> Vec<Console> {
    let told = |message: Message| {
        let mut console = console.clone();
        console.send(message);
        console
    };
    let mut form = console.clone();
    form.keys("N");
    form.send(Message::Paste(text.into()));
    form.keys("s2");
    let key = DraftKey::of_post(console.model.ticket_at_hand(), ReplyKind::Reply);
    let mut all = vec![
        told(Report::RefreshFailed(problem.clone()).into()),
        told(Report::Connection(Connection::Offline(problem.clone())).into()),
        told(Report::Connection(Connection::NotTheApi(problem.clone())).into()),
        told(Report::Connection(Connection::Unauthorised(problem.clone())).into()),
        told(Message::Done(Err(problem.clone()))),
        told(Message::Edited { key, text: Err(problem.clone()) }),
    ];
    let mut refused = console.clone();
    for entry in refused.keys("s2").queued() {
        let state = State::Refused { problem: problem.clone() };
        let entry = Box::new(Entry { state, ..entry });
        refused.send(Report::Entry { entry, row: None });
    }
    all.extend([form, refused]);
    all
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn what_a_server_answers_does_nothing_to_the_terminal(text in hostile::text()) {
        for (status, kind, body) in answers(&text) {
            let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
            let found = bytes::read(status, &headers, body.as_bytes(), &TimeZone::UTC);
            for console in told(&found, &text) {
                prop_assert_eq!(terminal::draw(&console), None, "{} {}", status, body);
            }
        }
    }
}
