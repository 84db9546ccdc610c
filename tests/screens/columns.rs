//! The columns of the list, the tabs and the status line, at every width.

use growdesk::{
    app::notice::Level,
    desk::{Connection, Report, Stored},
    domain::{Directory, Line, Priority, ProblemKind, Row, Status, StatusId},
    ui::ColorDepth,
};
use proptest::prelude::*;

use crate::support::{
    console::{Console, problem},
    desk,
};

const WIDTHS: [u16; 5] = [80, 100, 120, 160, 200];

/// The list has the whole screen.
fn zoomed(width: u16, keys: &str) -> Console {
    let mut console = Console::working(width, 16);
    console.keys("v").rest();
    console.keys(keys).rest().see();
    console
}

fn filled(width: u16, rows: Vec<Row>, statuses: Vec<Status>) -> Console {
    let mut console = Console::opened(width, 16);
    let directory = Directory { statuses, ..desk::directory() };
    console.send(Report::Stored(Box::new(Stored { rows, directory, ..Stored::default() })));
    console.send(Report::Connection(Connection::Online));
    console.keys("v6").rest().see();
    console
}

fn status_line(console: &Console) -> String {
    let text = console.text();
    let mut lines = text.lines().rev();
    lines.nth(1).unwrap_or_default().to_owned()
}

#[test]
fn the_list_at_every_width() {
    let surfaces = [
        ("waiting", ""),
        ("changed", "6"),
        ("created", "6Ocreated<enter>"),
        ("snoozed", "w<enter>8"),
        ("hold", "3"),
    ];
    for (name, keys) in surfaces {
        for width in WIDTHS {
            insta::assert_snapshot!(format!("columns_{name}_{width}"), zoomed(width, keys).text());
        }
    }
    for (name, depth) in [("ansi16", ColorDepth::Ansi16), ("none", ColorDepth::None)] {
        let mut console = zoomed(80, "6");
        console.depth = depth;
        insta::assert_snapshot!(format!("columns_changed_80_{name}"), console.styled());
    }
}

/// Statuses that begin alike, one that is long in one word, and one without a title.
fn alike() -> Vec<Status> {
    let titles = [
        "Waiting for customer",
        "Waiting for supplier",
        "Waiting for the third party",
        "Waiting for customer approval",
        "Waiting",
        "Donaudampfschifffahrt",
        "",
        "客先の返事を待っています",
    ];
    let ids = 11..;
    let status = |(id, title)| Status { id: StatusId(id), title: desk::line(title) };
    ids.zip(titles).map(status).collect()
}

fn with_statuses(statuses: &[Status]) -> Vec<Row> {
    let rows = desk::rows().into_iter().zip(statuses.iter().cycle());
    rows.map(|(mut row, status)| {
        row.ticket.status = status.clone();
        row
    })
    .collect()
}

#[test]
fn statuses_that_begin_alike_are_told_apart() {
    for width in [80, 120] {
        let console = filled(width, with_statuses(&alike()), alike());
        insta::assert_snapshot!(format!("columns_alike_{width}"), console.text());
    }
}

#[test]
fn tabs_keep_their_counts() {
    for width in [80, 100, 120] {
        let mut console = Console::working(width, 16);
        console.keys("b").rest();
        console.keys("w<enter>").rest().see();
        let text = console.text();
        let tabs = text.lines().next().expect("the tabs");
        for (key, count) in [(1, 8), (6, 18), (7, 1), (8, 1)] {
            let has = |tab: &str| {
                tab.starts_with(&key.to_string()) && tab.trim_end().ends_with(&format!(" {count}"))
            };
            let found = (0..tabs.len()).filter(|at| tabs.is_char_boundary(*at)).any(|at| {
                let end = tabs[at..].char_indices().skip(1).find(|(_, c)| c.is_ascii_digit());
                let rest = end.map_or("", |(end, _)| &tabs[at..at + end]);
                let digits: String =
                    tabs[at + rest.len()..].chars().take_while(char::is_ascii_digit).collect();
                has(&format!("{rest}{digits}"))
            });
            assert!(found, "{key} {count} in {width}: {tabs}");
        }
    }
}

#[test]
fn a_long_message_hides_neither_the_connection_nor_what_waits() {
    for width in [60, 80, 120, 200] {
        let mut console = Console::working(width, 20);
        console.keys("s2").rest();
        console.send(Report::Connection(Connection::Offline(problem(ProblemKind::Broken, ""))));
        let now = console.now;
        let long = "a word and another one ".repeat(40);
        console.model.notices.show(now, Level::Failure, long, None);
        let line = status_line(&console);
        assert!(line.contains("offline · outbox 1"), "{line}");
        assert!(line.contains("✗ a"), "{line}");
        if width >= 80 {
            assert!(line.contains("… ! reads on"), "{line}");
        }
        console.keys("!");
        assert!(console.text().contains("✗ a word and another one"), "{}", console.text());
    }
}

fn a_row(subject: String, client: String, tags: Vec<String>, priority: usize) -> Row {
    let mut row = desk::rows().remove(0);
    row.ticket.subject = Line::from_cleaned(subject, None);
    if let Some(named) = &mut row.ticket.client {
        named.name = Line::from_cleaned(client, None);
    }
    row.ticket.tags = tags.iter().map(|tag| desk::line(tag)).collect();
    row.ticket.priority = [Priority::Normal, Priority::High, Priority::Urgent][priority];
    row
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn subject_and_client_are_always_there(
        width in 60_u16..250,
        subject in "[a-z]{16}[a-z語 ]{0,60}",
        client in "[A-Z]{6}[a-z語 ]{0,40}",
        tags in prop::collection::vec("[a-z]{1,12}", 0..6),
        priority in 0_usize..3,
    ) {
        let row = a_row(subject.clone(), client.clone(), tags, priority);
        let console = filled(width, vec![row], desk::directory().statuses);
        let text = console.text();
        let line = text.lines().find(|it| it.contains("#1042")).unwrap_or_default().to_owned();
        prop_assert!(line.contains(&subject[..15]), "{}", line);
        prop_assert!(line.contains(&client[..5]), "{}", line);
        prop_assert!(line.contains("Replied"), "{}", line);
        prop_assert!(line.trim_end_matches(['▐', ' ']).ends_with("3h"), "{}", line);
    }
}
