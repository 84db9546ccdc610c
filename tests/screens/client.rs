//! The client pane: contacts, open tickets and projects of a ticket's client.

use growdesk::{
    app::{Effect, Outside, Popup, popups::client::ClientBox},
    desk::{Found, Read, Report, RequestId, Work},
    domain::{Contact, ContactId, Problem, ProblemKind, Project, ProjectId, TicketId},
    text::clean,
    ui::ColorDepth,
};

use crate::support::{
    console::{Console, problem},
    desk,
};

/// What is asked of the server about a client.
fn asked(console: &mut Console) -> (Option<RequestId>, Option<RequestId>) {
    let mut asked = (None, None);
    for effect in console.effects() {
        match effect {
            Effect::Work(Work::Read { request, read: Read::Contacts(_), .. }) => {
                asked.0 = Some(request);
            }
            Effect::Work(Work::Read { request, read: Read::Projects(_), .. }) => {
                asked.1 = Some(request);
            }
            _ => {}
        }
    }
    asked
}

fn contacts() -> Vec<Contact> {
    let contact = |id, name: &str, email: Option<&str>, phone: Option<&str>| Contact {
        id: ContactId(id),
        name: clean::line(name),
        email: email.map(clean::line),
        phone: phone.map(clean::line),
        account_owner: id == 1,
    };
    vec![
        contact(1, "Priya Nair", Some("priya@brightwater.example"), Some("+44 20 7946 0018")),
        contact(2, "Tom Hale", Some("tom.hale@brightwater.example"), None),
        contact(3, "Front desk", None, Some("+44 20 7946 0000")),
    ]
}

fn projects() -> Vec<Project> {
    vec![Project { id: ProjectId(7), title: desk::line("VPN roll-out") }]
}

fn send(
    console: &mut Console,
    (one, two): (Option<RequestId>, Option<RequestId>),
    contacts: Result<Vec<Contact>, Problem>,
    projects: Result<Vec<Project>, Problem>,
) {
    if let Some(request) = one {
        console.send(Report::Found { request, found: contacts.map(Found::Contacts) });
    }
    if let Some(request) = two {
        console.send(Report::Found { request, found: projects.map(Found::Projects) });
    }
}

/// The pane of the VPN ticket, with all that the server knows.
fn opened(width: u16, height: u16, keys: &str) -> Console {
    let mut console = Console::working(width, height);
    console.keys("/vpn<enter>").rest();
    console.effects();
    console.keys("c");
    let asked = asked(&mut console);
    send(&mut console, asked, Ok(contacts()), Ok(projects()));
    console.keys(keys).see();
    console
}

/// A console with the pane, for the test of the table.
pub(crate) fn shown(keys: &str) -> Console {
    opened(80, 24, keys)
}

fn pane(console: &Console) -> &ClientBox {
    match &console.model.popup {
        Some(Popup::Client(client)) => client,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_client_pane_at_each_size() {
    crate::at_all_sizes("client", |w, h| opened(w, h, ""));
    crate::at_80("client_tickets", |w, h| opened(w, h, "jj"));
    for (name, depth) in [("ansi16", ColorDepth::Ansi16), ("none", ColorDepth::None)] {
        let mut console = opened(80, 24, "j");
        console.depth = depth;
        insta::assert_snapshot!(format!("client_80x24_{name}"), console.styled());
    }
    let wide = opened(200, 60, "");
    assert!(wide.text().contains("│ Contacts"), "{}", wide.text());
    assert!(wide.text().contains("VPN drops"), "the list stays in sight");
}

#[test]
fn a_second_look_asks_nothing_and_another_reading_is_a_key() {
    let mut console = opened(100, 30, "<esc>");
    assert!(console.model.popup.is_none());
    console.keys("c");
    assert_eq!(asked(&mut console), (None, None));
    assert!(console.text().contains("priya@brightwater.example"), "{}", console.text());
    console.keys("R");
    let (one, two) = asked(&mut console);
    assert!(one.is_some() && two.is_some());
    assert!(console.text().contains("reading…"), "{}", console.text());
    console.keys("<esc>c");
    let (one, two) = asked(&mut console);
    assert!(one.is_some() && two.is_some(), "what was not read to its end is asked for again");
}

#[test]
fn each_part_fails_by_itself() {
    let kinds = [
        ProblemKind::Unreachable,
        ProblemKind::TimedOut { sent: true },
        ProblemKind::Unauthorised,
        ProblemKind::NotFound,
        ProblemKind::ServerFault { status: 500 },
    ];
    for kind in kinds {
        let mut console = Console::working(100, 30);
        console.keys("/vpn<enter>").rest();
        console.effects();
        console.keys("c");
        let asked = asked(&mut console);
        send(&mut console, asked, Err(problem(kind.clone(), "")), Ok(projects()));
        let text = console.text();
        assert!(text.contains("can't be read: ") && text.contains("R tries again"), "{text}");
        assert!(text.contains("VPN roll-out") && text.contains("#1042"), "{text}");
    }
    let mut console = opened(100, 30, "R");
    let asked = asked(&mut console);
    send(&mut console, asked, Ok(Vec::new()), Err(problem(ProblemKind::Broken, "")));
    let text = console.text();
    assert!(text.contains("no contact is known") && text.contains("can't be read"), "{text}");
}

#[test]
fn its_keys_go_to_a_ticket_copy_an_address_and_list_all() {
    let mut console = opened(120, 40, "y");
    let copied = console.effects().into_iter().find_map(|effect| match effect {
        Effect::Outside(Outside::Copy { text, .. }) => Some(text),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("priya@brightwater.example"));
    let mut console = opened(120, 40, "G<enter>");
    console.rest().see();
    assert!(console.model.popup.is_none());
    let rows = console.model.tickets.rows();
    let here = console.model.ticket_at_hand().and_then(|id| rows.get(id)).expect("a ticket");
    assert_eq!(here.client.map(|it| it.id.0), Some(1));
    assert_ne!(here.id, TicketId(1042), "{}", console.text());
    let mut console = opened(120, 40, "a");
    console.rest().see();
    let rows = console.model.tickets.rows();
    let listed: Vec<_> = console.model.list.listed().iter().filter_map(|at| rows.at(*at)).collect();
    assert!(listed.len() > 2 && listed.iter().all(|row| row.client.map(|it| it.id.0) == Some(1)));
    assert!(console.text().contains("[Brightwater Logistics]"), "{}", console.text());
}

#[test]
fn it_opens_on_the_board_and_over_a_conversation_too() {
    for keys in ["gbc", "<enter>c"] {
        let mut console = Console::working(120, 40);
        console.keys(keys).see();
        let ticket = console.model.ticket_at_hand();
        assert_eq!(ticket.or(console.model.conversation.ticket), Some(pane(&console).ticket));
        console.keys("q");
        assert!(console.model.popup.is_none());
    }
}

#[test]
fn strange_clients_are_shown() {
    let mut console = Console::working(80, 24);
    console.keys("gi1031<enter>").rest();
    console.effects();
    console.keys("c");
    assert_eq!(asked(&mut console), (None, None));
    assert!(console.text().contains("This ticket has no client"), "{}", console.text());
    console.keys("jkGyaR<enter>q");
    let mut console = opened(80, 24, "R");
    let many: Vec<Contact> = (0..90)
        .map(|at| Contact {
            name: clean::line(&format!("\u{1b}[31m語{at}\u{202e}")),
            email: Some(clean::line(&"x".repeat(300))),
            ..contacts()[usize::try_from(at % 3).expect("small")].clone()
        })
        .collect();
    let asked = asked(&mut console);
    send(&mut console, asked, Ok(many), Ok(Vec::new()));
    for _ in 0..100 {
        console.keys("j");
        assert!(console.text().contains('▌'), "{}", console.text());
    }
    assert!(!console.text().contains(['\u{1b}', '\u{202e}']));
    console.keys("gg");
    assert!(console.text().contains("Contacts"), "{}", console.text());
}

#[test]
fn offline_it_shows_what_is_known_and_asks_nothing() {
    let settings = growdesk::app::Settings { offline: true, ..desk::settings() };
    let mut console = Console::with(settings, 100, 30).fill();
    console.effects();
    console.keys("c");
    assert_eq!(asked(&mut console), (None, None));
    assert!(console.text().contains("not read: opened with --offline"), "{}", console.text());
    assert!(console.text().contains("Open tickets"), "{}", console.text());
}
