//! The dashboard: the numbers of all tickets, live, each with its tickets.

use growdesk::{
    app::{
        Effect, Popup,
        popups::dashboard::{Dashboard, Panel},
    },
    desk::{Connection, Found, Read, Report, RequestId, Stored, Work},
    domain::{
        Department, DepartmentId, Directory, ProblemKind, Row, Rows, Status, StatusId, TicketId,
        stats::Stats,
    },
    ui::ColorDepth,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::support::{
    console::{Console, problem},
    desk,
};

/// The counting that is asked for.
fn asked(console: &mut Console) -> Option<(RequestId, Box<Rows>)> {
    console.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::Stats { rows, .. }, .. }) => {
            Some((request, rows))
        }
        _ => None,
    })
}

fn count(console: &mut Console) -> bool {
    let Some((request, rows)) = asked(console) else { return false };
    let zone = console.model.settings.zone.clone();
    let stats = Stats::of(&rows, &console.model.settings.waiting, console.model.wall(), &zone);
    let found = Ok(Found::Stats(Box::new(stats)));
    console.send(Report::Found { request, found });
    true
}

fn opened(mut console: Console, keys: &str) -> Console {
    console.effects();
    console.keys("gd");
    assert!(count(&mut console), "it is counted");
    console.keys(keys).see();
    console
}

/// A console with the dashboard, for the test of the table.
pub(crate) fn counted(keys: &str) -> Console {
    opened(Console::working(80, 24), keys)
}

fn dashboard(console: &Console) -> &Dashboard {
    match &console.model.popup {
        Some(Popup::Dashboard(dashboard)) => dashboard,
        other => panic!("{other:?}"),
    }
}

fn listed(console: &Console) -> usize {
    console.model.list.listed().len()
}

#[test]
fn the_dashboard_at_each_size() {
    crate::at_all_sizes("dashboard", |w, h| opened(Console::working(w, h), ""));
    crate::at_80("dashboard_days", |w, h| opened(Console::working(w, h), "lllj"));
    crate::at_80("dashboard_waits", |w, h| opened(Console::working(w, h), "llllj"));
    crate::at_80("dashboard_oldest", |w, h| opened(Console::working(w, h), "lllllG"));
    insta::assert_snapshot!("dashboard_60x16", opened(Console::working(60, 16), "l").text());
    for (name, depth) in [("ansi16", ColorDepth::Ansi16), ("none", ColorDepth::None)] {
        let mut console = opened(Console::working(120, 40), "j");
        console.depth = depth;
        insta::assert_snapshot!(format!("dashboard_120x40_{name}"), console.styled());
    }
    let mut plain = Console::working(100, 30);
    plain.model.settings.braille = false;
    let plain = opened(plain, "lll");
    assert!(!plain.text().contains(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "{}", plain.text());
    let fine = opened(Console::working(100, 30), "lll");
    assert!(fine.text().contains(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "{}", fine.text());
}

#[test]
fn nothing_is_counted_while_it_is_closed_and_once_for_each_change_while_it_is_open() {
    let mut console = Console::working(100, 30);
    console.effects();
    console.keys("s2").wait(60_000);
    assert!(asked(&mut console).is_none());
    console.keys("gd");
    assert!(console.text().contains("Counting the tickets"), "{}", console.text());
    assert!(count(&mut console));
    console.wait(600_000);
    assert!(asked(&mut console).is_none(), "nothing has changed");
    let before = dashboard(&console).stats.clone().expect("numbers");
    for minutes in 0..3 {
        let mut row = desk::rows().remove(10);
        row.ticket.status = Status::usual()[0].clone();
        row.ticket.last_updated = Some(console.now + SignedDuration::from_secs(minutes));
        console.send(Report::Rows { changed: vec![row], gone: vec![] });
    }
    let mut many = 0;
    for _ in 0..30 {
        console.wait(100);
        many += usize::from(count(&mut console));
    }
    assert!((1..=2).contains(&many), "three changes within a second: {many}");
    let after = dashboard(&console).stats.clone().expect("numbers");
    let open = |stats: &Stats| {
        let bar = stats.by_status.iter().find(|bar| bar.of.id == StatusId::OPEN);
        bar.map_or(0, |bar| bar.count)
    };
    assert_eq!(open(&after), open(&before) + 1);
    console.keys("<esc>");
    assert!(console.model.popup.is_none());
}

#[test]
fn a_failure_and_an_empty_desk_are_said() {
    let mut console = Console::working(100, 30);
    console.effects();
    console.keys("gd");
    let (request, _) = asked(&mut console).expect("it is counted");
    let found = Err(problem(ProblemKind::Local, "no thread"));
    console.send(Report::Found { request, found });
    assert!(console.text().contains("The tickets can't be counted"), "{}", console.text());
    let mut empty = opened(Console::empty(80, 24), "jjkGhl<tab>");
    assert!(empty.text().contains("There are no tickets to count"), "{}", empty.text());
    empty.keys("<enter>");
    assert!(empty.model.popup.is_some(), "there is nothing to open");
}

#[test]
fn escape_and_the_board_lead_away_from_a_number() {
    let mut console = opened(Console::working(120, 40), "j<enter>");
    console.rest().see();
    assert!(console.text().contains("[open]"), "{}", console.text());
    console.keys("<esc>").rest().see();
    assert!(!console.text().contains("[open]"), "{}", console.text());
    let mut oldest = opened(Console::working(120, 40), "lllll");
    let id = dashboard(&oldest).stats.as_ref().expect("numbers").oldest[0].id;
    oldest.keys("<enter>").rest().see();
    assert_eq!(oldest.model.ticket_at_hand(), Some(id), "{}", oldest.text());
    let mut number = opened(Console::working(120, 40), "<enter>");
    number.rest().see();
    number.keys("f<c-s>");
    assert!(number.text().contains("no view can be made of it"), "{}", number.text());
}

/// Every number, with the keys that lead to it from the first one, opened on a console of its own.
fn assert_numbers_are_lists(console: &Console) {
    let stats = dashboard(console).stats.clone().expect("numbers");
    let mut at = console.clone();
    let total: usize = Panel::ALL.iter().map(|panel| panel.len(&stats)).sum();
    for _ in 0..total {
        let here = dashboard(&at);
        let (panel, number) = (here.panel(), here.cursor.1);
        let expected = match panel {
            Panel::Status => Some(stats.by_status[number].count),
            Panel::Priority => Some(stats.by_priority[number].count),
            Panel::Department => Some(stats.by_department[number].count),
            Panel::Waits => Some(stats.waits[number].count),
            Panel::Days => here.day().map(|(day, closed)| {
                let day = stats.days[day];
                if closed { day.closed } else { day.opened }
            }),
            Panel::Oldest => None,
        };
        if let Some(expected) = expected {
            let mut list = at.clone();
            list.keys("<enter>").rest().see();
            assert!(list.model.popup.is_none(), "{panel:?} {number}");
            assert_eq!(listed(&list), expected, "{panel:?} {number}\n{}", list.text());
        }
        at.keys("j");
    }
}

#[test]
fn each_number_opens_its_tickets() {
    assert_numbers_are_lists(&opened(Console::working(100, 30), ""));
}

fn strange(names: usize) -> Console {
    let mut rows = desk::rows();
    let wide = "語の部門 ".repeat(60);
    let department = |id: i64| Department { id: DepartmentId(id), name: desk::line(&wide) };
    let status = |id: i64| Status { id: StatusId(id), title: desk::line(&format!("{wide}{id}")) };
    let template = rows.remove(0);
    let many: Vec<Row> = (1..=names)
        .map(|at| {
            let id = i64::try_from(at).expect("small");
            let mut row = template.clone();
            row.ticket.id = TicketId(id);
            row.ticket.department = Some(department(id % 200));
            row.ticket.status = status(10 + id % 60);
            row.ticket.created =
                [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH].get(at % 4).copied();
            row
        })
        .collect();
    rows.extend(many);
    let mut console = Console::opened(80, 24);
    let directory: Directory = desk::directory();
    console.send(Report::Stored(Box::new(Stored { rows, directory, ..Stored::default() })));
    console.send(Report::Connection(Connection::Online));
    console.rest().see();
    console
}

#[test]
fn strange_desks_are_counted_and_every_number_is_reached() {
    for (width, height) in [(60, 16), (200, 60)] {
        let mut console = strange(120);
        console.model.size = (width, height);
        let mut console = opened(console, "");
        let stats = dashboard(&console).stats.clone().expect("numbers");
        let total: usize = Panel::ALL.iter().map(|panel| panel.len(&stats)).sum();
        assert!(total > 200);
        for _ in 0..total {
            console.keys("j");
            assert!(
                console.text().contains('▌'),
                "{:?}\n{}",
                dashboard(&console).cursor,
                console.text()
            );
        }
        console.keys("khlG");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn each_number_of_any_desk_opens_its_tickets(
        rows in prop::collection::vec(
            (0_usize..6, 0_usize..3, 0_usize..4, prop::option::of(0_i64..60_000), any::<bool>(), 0_i64..60_000),
            0..40,
        ),
    ) {
        let now = desk::now();
        let template = desk::rows();
        let statuses = desk::directory().statuses;
        let rows: Vec<Row> = rows
            .into_iter()
            .zip(1..)
            .map(|((status, priority, department, created, archived, changed), id)| {
                let mut row = template[0].clone();
                let ago = |minutes: i64| now - SignedDuration::from_mins(minutes);
                row.ticket.id = TicketId(id);
                row.ticket.status = statuses[status % statuses.len()].clone();
                row.ticket.priority = template[[2, 1, 0][priority]].ticket.priority;
                row.ticket.department = template[department].ticket.department.clone().filter(|_| department > 0);
                row.ticket.created = created.map(ago);
                row.ticket.archived = archived;
                row.ticket.status_changed = Some(ago(changed));
                row.facts = None;
                row
            })
            .collect();
        let mut console = Console::opened(80, 24);
        let directory = desk::directory();
        console.send(Report::Stored(Box::new(Stored { rows, directory, ..Stored::default() })));
        console.send(Report::Connection(Connection::Online));
        console.rest().see();
        if !console.model.tickets.is_empty() {
            assert_numbers_are_lists(&opened(console, ""));
        }
    }
}
