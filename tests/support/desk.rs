//! A small helpdesk for tests: some twenty tickets of a few clients, one of them with a
//! conversation that holds everything a conversation can hold.

use growdesk::{
    app::Settings,
    desk::{Found, Post, Read, Side, Thread},
    domain::{
        Change, Client, ClientId, Department, DepartmentId, Directory, Entry, FullTicket, Html,
        Line, Link, LinkKind, Member, Named, PersonId, Priority, Project, ProjectId, ReplyId,
        ReplyKind, Row, Source, State, Status, StatusId, StepId, StyledLine, StyledSpan, TextStyle,
        ThreadFacts, Ticket, TicketId,
    },
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use unicode_width::UnicodeWidthStr;

/// A Tuesday afternoon, 15:02 at the desk.
pub(crate) fn now() -> Timestamp {
    "2026-03-03T14:02:00Z".parse().expect("the time is well written")
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

pub(crate) fn line(text: &str) -> Line {
    Line::from_cleaned(text, None)
}

pub(crate) fn settings() -> Settings {
    Settings {
        profile: "acme".into(),
        server: "crm.acme-support.example".into(),
        agent: "Dana Whitfield".into(),
        zone: TimeZone::fixed(jiff::tz::offset(1)),
        session: 7,
        ..Settings::default()
    }
}

fn department(id: i64, name: &str) -> Department {
    Named { id: DepartmentId(id), name: line(name) }
}

fn departments() -> Vec<Department> {
    vec![department(71, "Support"), department(72, "Billing"), department(73, "Sales")]
}

fn clients() -> Vec<Client> {
    let client = |id, name, phone: &str| Client {
        id: ClientId(id),
        name: line(name),
        phone: Some(line(phone)).filter(|it| !it.is_empty()),
        owner: None,
    };
    vec![
        client(1, "Brightwater Logistics", "+44 20 7946 0812"),
        client(2, "Halden & Sons", ""),
        client(3, "Nordlys Energi AS", "+47 22 85 05 50"),
        client(4, "株式会社さくら商事", "+81 3 5555 0199"),
        client(5, "Café Orléans", ""),
    ]
}

pub(crate) fn directory() -> Directory {
    let member = |id, name| Member { id: PersonId(id), name: line(name), email: None };
    Directory {
        departments: departments(),
        team: vec![member(1, "Dana Whitfield"), member(2, "Jonas Berg")],
        statuses: statuses(),
    }
}

fn statuses() -> Vec<Status> {
    let mut all = Status::usual().to_vec();
    all.push(Status { id: StatusId(9), title: line("Waiting for Parts") });
    all
}

/// Number, subject, status, priority, client, department, tags, minutes since it last changed,
/// replies.
const TICKETS: &str = "\
1042|VPN drops every ten minutes after the 4.2 update|5|urgent|1|71|vpn vpn_client|190|4
1041|Invoice 2026-0117 shows the wrong VAT number|1|high|2|72|billing vat|47|0
1040|Cannot log in|1|normal|3|71|login|12|0
1038|出荷ラベルが印刷されません|5|high|4|71|printing|1610|2
1037|Terminal by the window prints receipts twice|5|normal|5|71|printing pos|320|3
1035|Dashboard numbers differ from the export|1|normal|3|71||2980|0
1033|Payment link expired before we could use it|1|urgent|2|72|billing|65|1
1031||1|normal|0|0||26|0
1030|Request: dark mode for the customer portal, and a larger font|3|normal|1|73|feature|4400|2
1029|Spare part 88-413 for the label printer|9|high|4|71|printing parts|7300|3
1027|SLA report for February|4|normal|3|73|report|900|2
1026|Two-factor codes arrive late|4|high|1|71|login 2fa|1300|5
1024|Bulk import stops at row 2,048|3|high|2|71|import|5800|4
1021|Add three users to the warehouse team|4|normal|1|71|users|2050|2
1019|Annual plan: change of billing address|2|normal|5|72|billing|9000|3
1015|Webhook signature does not verify|2|high|3|71|api|11000|6
1012|Wrong opening hours on the status page|2|normal|1|71||13000|1
1009|Migration weekend: checklist and contacts|3|urgent|3|71|migration|3100|9
1004|Priority from the new form is not understood|1|critical|2|71|forms|8|0";

/// The tickets.
pub(crate) fn rows() -> Vec<Row> {
    TICKETS.lines().map(row).collect()
}

fn row(sketch: &str) -> Row {
    let cells: Vec<&str> = sketch.split('|').collect();
    let number = |at: usize| -> i64 { cells[at].parse().expect("the table holds a number") };
    let (id, minutes, replies) = (number(0), number(7), number(8));
    let status = statuses().into_iter().find(|status| status.id == StatusId(number(2)));
    let client = clients().into_iter().find(|client| client.id == ClientId(number(4)));
    let department = departments().into_iter().find(|one| one.id == DepartmentId(number(5)));
    let replies_count = u32::try_from(replies).expect("the table holds a count");
    let untouched = replies == 0;
    let known = id == 1035 || number(2) == 5 && replies > 2;
    Row {
        ticket: Ticket {
            id: TicketId(id),
            subject: line(cells[1]),
            status: status.expect("the desk knows its statuses"),
            priority: Priority::from_word(cells[3]),
            source: if id % 2 == 0 || client.is_none() { Source::Email } else { Source::Web },
            archived: id == 1012,
            department,
            client: client.map(|client| Named { id: client.id, name: client.name }),
            project: (id == 1042).then_some(ProjectId(7)),
            creator: None,
            created: Some(ago(minutes + if untouched { 0 } else { 300 })),
            last_updated: Some(ago(minutes)),
            status_changed: Some(ago(minutes)).filter(|_| !untouched),
            replies_count,
            tags: cells[6].split_whitespace().map(line).collect(),
        },
        facts: known.then(|| ThreadFacts {
            customer_since: Some(ago(minutes)),
            last_reply: Some(ReplyId(id * 10)),
            replies_count,
        }),
        noticed: ago(minutes),
    }
}

/// A ticket's conversation as the worker would render it.
pub(crate) fn thread(ticket: TicketId, width: u16, fetched: bool) -> Thread {
    let columns = usize::from(width);
    let posts =
        if ticket == TicketId(1042) { long_posts(columns) } else { short_posts(ticket, columns) };
    Thread {
        ticket,
        width,
        posts,
        read_at: Some(now() - SignedDuration::from_mins(6)),
        fetched,
        whole: true,
    }
}

fn short_posts(ticket: TicketId, columns: usize) -> Vec<Post> {
    let body =
        paragraph("Hello, could you have a look at this when you find a minute? Thanks!", columns);
    vec![
        post(None, ReplyKind::Reply, "Maren Solberg", Side::Customer, 400, body),
        post(
            Some(ticket.0 * 10),
            ReplyKind::Reply,
            "Jonas Berg",
            Side::Agent,
            350,
            paragraph("We are on it and come back to you today.", columns),
        ),
    ]
}

fn long_posts(columns: usize) -> Vec<Post> {
    let mut opening = paragraph("Hi team,", columns);
    opening.push(StyledLine::default());
    opening.extend(paragraph(
        "since the update to 4.2 on Monday the VPN client disconnects every ten minutes for all twelve of our drivers. It reconnects by itself, but the scanners lose their session each time.",
        columns,
    ));
    opening.push(StyledLine::default());
    opening.push(styled("What we tried", |style| style.heading = true));
    for item in
        ["- reinstalled the client on two laptops", "- another access point", "- switched IPv6 off"]
    {
        opening.extend(paragraph(item, columns));
    }
    opening.push(StyledLine::default());
    opening.push(StyledLine {
        spans: vec![
            run("The log is at ", |_| ()),
            run("https://files.brightwater.example/vpn.log", |style| style.link = true),
            run(".", |_| ()),
        ],
        quote: 0,
    });
    opening.push(styled("[picture: screenshot.png]", |style| style.remark = true));

    let mut answer = paragraph(
        "Thank you, that helps. Please put this into the client's configuration and restart it:",
        columns,
    );
    answer.push(StyledLine::default());
    answer.push(styled("keepalive = 25", |style| style.code = true));
    answer.push(styled("mtu       = 1380", |style| style.code = true));
    answer.push(StyledLine::default());
    answer.push(styled("setting   │ before │ now", |style| style.strong = true));
    answer.push(StyledLine::plain("keepalive │      0 │ 25"));
    answer.push(StyledLine::plain("mtu       │   1500 │ 1380"));
    answer.push(StyledLine::default());
    answer.push(StyledLine {
        spans: vec![
            run("It is ", |_| ()),
            run("safe", |style| style.emphasis = true),
            run(" to do that ", |_| ()),
            run("during the day", |style| style.strong = true),
            run(".", |_| ()),
        ],
        quote: 0,
    });

    let note = paragraph(
        "Same as #1026? The gateway in Oslo drops idle tunnels after 600 s. Ask network before we promise a date.",
        columns,
    );

    let mut again = paragraph(
        "Better, but it still happens on the two laptops in Leeds. Is there anything else we can try before the night shift?",
        columns,
    );
    again.push(StyledLine::default());
    for text in [
        "On Tue, 3 Mar 2026, Dana Whitfield wrote:",
        "Thank you, that helps. Please put this into the client's",
        "configuration and restart it:",
        "keepalive = 25",
        "mtu = 1380",
    ] {
        again.extend(quoted(text, 1, columns));
    }
    again.extend(quoted("since the update to 4.2 on Monday the VPN client", 2, columns));
    again.extend(quoted("disconnects every ten minutes", 2, columns));

    vec![
        post(None, ReplyKind::Reply, "Priya Nair", Side::Customer, 1_500, opening),
        post(Some(5011), ReplyKind::Reply, "Dana Whitfield", Side::Agent, 1_380, answer),
        post(Some(5012), ReplyKind::Note, "Jonas Berg", Side::Agent, 1_200, note),
        post(Some(5015), ReplyKind::Reply, "Priya Nair", Side::Customer, 190, again),
        post(
            Some(5016),
            ReplyKind::Unknown,
            "",
            Side::Customer,
            30,
            paragraph("Any news?", columns),
        ),
    ]
}

fn post(
    reply: Option<i64>,
    kind: ReplyKind,
    author: &str,
    side: Side,
    minutes: i64,
    body: Vec<StyledLine>,
) -> Post {
    let reply = reply.map(ReplyId);
    Post { reply, kind, author: author.to_owned(), side, at: Some(ago(minutes)), body }
}

fn run(text: &str, set: impl FnOnce(&mut TextStyle)) -> StyledSpan {
    let mut style = TextStyle::default();
    set(&mut style);
    StyledSpan { text: text.to_owned(), style }
}

fn styled(text: &str, set: impl FnOnce(&mut TextStyle)) -> StyledLine {
    StyledLine { spans: vec![run(text, set)], quote: 0 }
}

fn quoted(text: &str, depth: u8, columns: usize) -> Vec<StyledLine> {
    let room = columns - 2 * usize::from(depth);
    paragraph(text, room).into_iter().map(|line| StyledLine { quote: depth, ..line }).collect()
}

fn paragraph(text: &str, columns: usize) -> Vec<StyledLine> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.width() + 1 + word.width() > columns {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.into_iter().map(StyledLine::plain).collect()
}

/// A change that waits in the outbox, of the action that has the number.
pub(crate) fn entry(number: u32, ticket: TicketId, change: Change) -> Entry {
    let step = StepId::new(3, number);
    Entry {
        id: step.entry(0),
        step,
        ticket: Some(ticket),
        change,
        after: None,
        seen: None,
        stood: None,
        undo: None,
        queued: now(),
        state: State::Queued,
    }
}

/// The address of the longest link.
pub(crate) const LONG_LINK: &str = "https://tracking.brightwater.example/click/0f8fad5b-d9cb-469f-a165-70867728950e/7c9e6679-7425-40de-944b-e07fc1f90ae7?campaign=spring&to=https%3A%2F%2Fshop.example%2Forders%2F20260117&token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.dGhpcyBpcyBub3QgYSB0b2tlbg";

/// The links of the long conversation: those of the newest message first.
fn links(ticket: TicketId, post: Option<Option<ReplyId>>) -> Vec<Link> {
    let link = |kind, address: &str, place: &str, text: &str, author: &str| Link {
        address: address.into(),
        kind,
        place: place.into(),
        text: text.into(),
        author: author.into(),
    };
    let answer = vec![
        link(
            LinkKind::Web,
            LONG_LINK,
            "tracking.brightwater.example",
            "track your order",
            "Dana Whitfield",
        ),
        link(
            LinkKind::Mail,
            "mailto:ann@brightwater.example",
            "ann@brightwater.example",
            "",
            "Dana Whitfield",
        ),
        link(LinkKind::Other, "tel:+442079460812", "", "call us", "Dana Whitfield"),
        link(
            LinkKind::Web,
            "https://xn--bnk-6cd.example/",
            "xn--bnk-6cd.example",
            "https://bank.example",
            "Dana Whitfield",
        ),
    ];
    let log = "https://files.brightwater.example/vpn.log";
    let opening = vec![link(LinkKind::Web, log, "files.brightwater.example", "", "Priya Nair")];
    match (ticket, post) {
        (TicketId(1042), None) => [answer, opening].concat(),
        (TicketId(1042), Some(None)) => opening,
        (TicketId(1042), Some(Some(ReplyId(5011)))) => answer,
        _ => Vec::new(),
    }
}

/// What the server answers to a look-up.
pub(crate) fn found(read: &Read) -> Found {
    match read {
        Read::Preview { text, width } => {
            let lines = text.lines().flat_map(|line| paragraph(line, usize::from(*width)));
            Found::Preview(lines.collect())
        }
        Read::Clients { search } => {
            let search = search.to_lowercase();
            let fits = |client: &Client| client.name.as_str().to_lowercase().contains(&search);
            Found::Clients(clients().into_iter().filter(fits).collect())
        }
        Read::Projects(_) => Found::Projects(vec![
            Project { id: ProjectId(7), title: line("Network refresh 2026") },
            Project { id: ProjectId(11), title: line("Depot Leeds") },
        ]),
        Read::Departments => Found::Departments(departments()),
        Read::Export { ticket, .. } => {
            Found::Export { text: format!("# {ticket} as Markdown\n"), missing: None }
        }
        Read::Links { ticket, post } => Found::Links(links(*ticket, *post)),
        Read::Ticket(id) => {
            let row = rows().into_iter().find(|row| row.ticket.id == *id);
            let ticket = row.expect("the desk has this ticket").ticket;
            let message =
                Html::new("<p>Hi team,</p>\n<p>since the update to <b>4.2</b> on Monday…</p>");
            Found::Ticket(Box::new(FullTicket { ticket, message }))
        }
        Read::History { .. } => Found::History(vec![]),
        Read::Fill(filling) => super::macros::filled(filling),
        _ => Found::Clients(vec![]),
    }
}
