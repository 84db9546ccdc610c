//! Text that means harm, and what is made of it where it comes in.

use std::collections::BTreeMap;

use growdesk::{
    desk::{Post, Side, Thread},
    domain::{
        Client, ClientId, Department, DepartmentId, Directory, Html, Line, Member, Named, PersonId,
        Priority, Problem, ProblemKind, ReplyId, ReplyKind, Row, Status, StatusId, Ticket,
        TicketId,
    },
    text::{clean, html},
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::support::desk;

/// Sequences that do something to a terminal, and characters that hide or turn text.
const WEAPONS: [&str; 30] = [
    "\x1b[2J\x1b[H",
    "\x1b]0;title\x07",
    "\x1b]52;c;c3Vkbw==\x1b\\",
    "\x1bP1$r\x1b\\",
    "\x1b_apc\x1b\\",
    "\x1b^pm\x1b\\",
    "\x1bc",
    "\u{9b}31m",
    "\u{9d}52;c;eA==\u{9c}",
    "\u{90}q\u{9c}",
    "\u{85}",
    "\x07\x08\x0b\x0c\x0e\x0f",
    "\r",
    "\n",
    "\t",
    "\0",
    "\x7f",
    "\u{202e}",
    "\u{2066}\u{2069}",
    "\u{200e}\u{200f}\u{61c}",
    "\u{200d}\u{fe0f}\u{feff}\u{ad}",
    "\u{2028}\u{2029}",
    "\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{e0041}\u{e007f}",
    "👩\u{200d}🚒🇩🇪",
    "語",
    "  ",
    "<script>&#27;[31m&#x9b;2J</script><b>&rlm;",
    "<a href=\"\x1b]8;;http://x\x07\">&#x202e;x</a>",
    "<style>\x1b[0m</style>&#8238;&#0;",
];

/// Text made mostly of what causes trouble.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(WEAPONS.as_slice()).prop_map(str::to_owned),
        2 => "[a-zA-Z0-9 #*_<>&-]{1,12}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

/// Every weapon at once.
pub(crate) fn arsenal() -> String {
    WEAPONS.iter().map(|weapon| format!("x{weapon}y")).collect()
}

pub(crate) fn problem(kind: u8, said: &str) -> Problem {
    let kinds = [
        ProblemKind::Unreachable,
        ProblemKind::TimedOut { sent: true },
        ProblemKind::Broken,
        ProblemKind::Unauthorised,
        ProblemKind::NotFound,
        ProblemKind::Refused,
        ProblemKind::Throttled { until: desk::now() + SignedDuration::from_secs(40) },
        ProblemKind::ServerFault { status: 502 },
        ProblemKind::NotTheApi,
        ProblemKind::Store,
        ProblemKind::Local,
    ];
    let kind = kinds[usize::from(kind) % kinds.len()].clone();
    let fields = ["ticket_subject", "ticket_custom_field_7", "\x1b[2J"];
    let fields: BTreeMap<String, Vec<Line>> =
        fields.iter().map(|name| ((*name).to_owned(), vec![clean::line(said)])).collect();
    Problem { fields, ..Problem::new(kind, clean::line(said)) }
}

/// A ticket of the desk whose every word is `text`.
pub(crate) fn row(at: usize, text: &str) -> Row {
    let rows = desk::rows();
    let row = rows[at % rows.len()].clone();
    let line = clean::line(text);
    let name = |id: i64| clean::line(&format!("{id} {text}"));
    let (id, department) = (row.ticket.id, at as i64 % 3 + 71);
    let ticket = Ticket {
        subject: line.clone(),
        status: Status { id: StatusId(at as i64 % 7), title: line.clone() },
        priority: Priority::from_word(["normal", "high", "urgent", "odd"][at % 4]),
        department: Some(Named { id: DepartmentId(department), name: name(department) }),
        client: Some(Named { id: ClientId(1), name: line.clone() }),
        tags: vec![line.clone(), line, clean::line("plain")],
        created: [Some(Timestamp::MIN), Some(Timestamp::MAX), row.ticket.created][at % 3],
        id,
        ..row.ticket
    };
    Row { ticket, ..row }
}

/// A directory whose every name is `text`.
pub(crate) fn directory(text: &str) -> Directory {
    let name = clean::line(text);
    let department = |id| Department { id: DepartmentId(id), name: name.clone() };
    Directory {
        departments: (71..74).map(department).collect(),
        team: vec![Member { id: PersonId(1), name: name.clone(), email: Some(name.clone()) }],
        statuses: (1..8).map(|id| Status { id: StatusId(id), title: name.clone() }).collect(),
    }
}

pub(crate) fn clients(text: &str) -> Vec<Client> {
    let name = clean::line(text);
    let client = |id| Client {
        id: ClientId(id),
        name: name.clone(),
        phone: Some(name.clone()),
        owner: Some(name.clone()),
    };
    (1..4).map(client).collect()
}

/// A conversation whose every message is `text` as HTML.
pub(crate) fn thread(ticket: TicketId, width: u16, fetched: bool, text: &str) -> Thread {
    let body = html::render(&Html::new(format!("<p>{text}</p><blockquote>{text}")), width);
    let post = |at: i64| Post {
        reply: (at > 0).then_some(ReplyId(at * 10)),
        kind: [ReplyKind::Reply, ReplyKind::Note, ReplyKind::Unknown][at as usize % 3],
        author: clean::line(text).to_string(),
        side: if at % 2 == 0 { Side::Agent } else { Side::Customer },
        at: [Some(Timestamp::MIN), Some(Timestamp::MAX), None][at as usize % 3],
        body: body.clone(),
    };
    let posts = (0..4).map(post).collect();
    Thread { ticket, width, posts, read_at: Some(desk::now()), fetched, whole: true }
}
