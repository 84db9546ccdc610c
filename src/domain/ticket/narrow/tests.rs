use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::domain::{Department, Line, ProjectId, Row, Status, Ticket, TicketId};

fn line(text: String) -> Line {
    Line::from_cleaned(text, None)
}

fn named<Id>(id: Id, name: String) -> Named<Id> {
    Named { id, name: line(name) }
}

/// A ticket of a small desk, so that conditions meet it often. Much of it may be missing.
fn row(id: i64) -> impl Strategy<Value = Row> {
    let few = || option::of(1..4_i64);
    let tags = vec(select(vec!["vip", "bug"]), 0..2);
    let priority = select(Priority::ALL.to_vec()).prop_map(Some);
    let priority = prop_oneof![priority, Just(None)];
    (1..7_i64, priority, few(), few(), few(), tags, any::<bool>()).prop_map(
        move |(status, priority, department, client, project, tags, archived)| {
            let status = Status { id: StatusId(status), title: line(format!("status {status}")) };
            let department = department.map(|it| named(DepartmentId(it), format!("dept {it}")));
            let client = client.map(|it| named(ClientId(it), format!("client {it}")));
            let ticket = Ticket {
                status,
                priority: priority.unwrap_or(Priority::Unknown),
                department,
                client,
                project: project.map(ProjectId),
                tags: tags.into_iter().map(|tag| line(tag.to_owned())).collect(),
                archived,
                ..Ticket::sparse(TicketId(id))
            };
            Row { ticket, facts: None, noticed: jiff::Timestamp::UNIX_EPOCH }
        },
    )
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    (1..30_i64).prop_flat_map(|count| (1..=count).map(row).collect::<Vec<_>>())
}

fn state() -> impl Strategy<Value = ActiveState> {
    select(ActiveState::ALL.to_vec())
}

fn narrow() -> impl Strategy<Value = Narrow> {
    let few = || vec(1..5_i64, 0..3);
    let tags = vec(select(vec!["vip", "bug"]).prop_map(str::to_owned), 0..2);
    let priorities = vec(select(Priority::ALL.to_vec()), 0..3);
    let one = || option::weighted(0.3, 1..4_i64);
    (few(), priorities, few(), one(), one(), tags, option::weighted(0.3, state())).prop_map(
        |(statuses, priorities, departments, client, project, tags, state)| Narrow {
            statuses: statuses.into_iter().map(StatusId).collect(),
            priorities,
            departments: departments.into_iter().map(DepartmentId).collect(),
            client: client.map(|it| named(ClientId(it), format!("client {it}"))),
            project: project.map(|it| Project { id: ProjectId(it), title: line("p".into()) }),
            tags,
            state,
            counted: Vec::new(),
        },
    )
}

fn query() -> impl Strategy<Value = Query> {
    let status = prop_oneof![
        Just(StatusMatch::Any),
        Just(StatusMatch::Waiting),
        (1..6_i64).prop_map(|it| StatusMatch::Not(StatusId(it))),
        vec(1..6_i64, 0..3)
            .prop_map(|some| { StatusMatch::In(some.into_iter().map(StatusId).collect()) }),
    ];
    (narrow(), status, state()).prop_map(|(it, status, state)| Query {
        state,
        status,
        priorities: it.priorities,
        departments: it.departments,
        client: it.client.map(|it| it.id),
        project: it.project.map(|it| it.id),
        tags: it.tags,
        ..Query::default()
    })
}

/// The same check, condition by condition and with nothing shared.
fn plainly(narrow: &Narrow, ticket: &Ticket) -> bool {
    let mut fits = match narrow.state {
        None | Some(ActiveState::Any) => true,
        Some(ActiveState::Active) => !ticket.archived,
        Some(ActiveState::Archived) => ticket.archived,
    };
    if !narrow.statuses.is_empty() {
        fits &= narrow.statuses.contains(&ticket.status.id);
    }
    if !narrow.priorities.is_empty() {
        fits &= narrow.priorities.contains(&ticket.priority);
    }
    if !narrow.departments.is_empty() {
        let own: Option<&Department> = ticket.department.as_ref();
        fits &= own.is_some() && narrow.departments.iter().any(|id| own.unwrap().id == *id);
    }
    if let Some(client) = &narrow.client {
        fits &= ticket.client.as_ref().is_some_and(|own| own.id == client.id);
    }
    if let Some(project) = &narrow.project {
        fits &= ticket.project == Some(project.id);
    }
    for tag in &narrow.tags {
        fits &= ticket.tags.iter().any(|own| own.as_str() == tag);
    }
    fits
}

proptest! {
    #[test]
    fn a_filter_shows_each_ticket_that_a_plain_check_takes(all in rows(), narrow in narrow()) {
        let rows: Rows = all.iter().collect();
        let places: Vec<Place> = rows.iter().map(|(place, _)| place).collect();
        let found = narrow.among(&rows, places);
        let found: Vec<TicketId> =
            found.iter().filter_map(|it| rows.at(*it)).map(|row| row.id).collect();
        let expected: Vec<TicketId> = all
            .iter()
            .filter(|row| plainly(&narrow, &row.ticket))
            .map(|row| row.ticket.id)
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn one_query_takes_what_a_view_and_a_filter_take_together(
        all in rows(),
        narrow in narrow(),
        query in query(),
    ) {
        let waiting = WaitingStatuses::default();
        let together = narrow.over(&query, "", &waiting);
        for row in &all {
            let row = row.view();
            let takes = together.as_ref().is_some_and(|it| it.takes(row, &waiting));
            prop_assert_eq!(takes, narrow.takes(row, &query, &waiting), "{:?}", together);
        }
    }
}

#[test]
fn the_words_of_a_view_and_of_a_filter_are_both_looked_for() {
    let query = Query { text: "vpn ".into(), tags: vec!["bug".into()], ..Query::default() };
    let narrow = Narrow { tags: vec!["vip".into(), "bug".into()], ..Narrow::default() };
    let both = narrow.over(&query, " printer", &WaitingStatuses::default()).unwrap();
    assert_eq!((both.text.as_str(), both.tags), ("vpn printer", vec!["bug".into(), "vip".into()]));
}
