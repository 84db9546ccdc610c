//! Every field of a ticket goes from the server's answer through the store to the rows and back. A field
//! that is added and forgotten on the way fails here, or does not compile. So does a forgotten filter of
//! the API's.

use growdesk::{
    api::bytes,
    app::{Model, Settings, conditions::chips, field::By, keymap::KeyMap},
    domain::{
        ActiveState, Change, ClientId, Department, DepartmentId, Edit, FieldsChange, FullTicket,
        Html, Line, Named, Narrow, Priority, Project, ProjectId, Query, Row, Rows, Status,
        StatusId, Ticket, TicketForm, TicketId, TraceValue, WaitingStatuses,
    },
    store::Store,
    text::clean,
};
use jiff::{Timestamp, tz::TimeZone};

/// A ticket in which no field has the value of another, or the one that it has by itself.
const WIRE: &str = r#"{"status": "success", "data": [{
    "id": 71, "subject": "Printer on fire", "message": "<p>It burns</p>",
    "status": {"id": 3, "name": "Parked"}, "priority": "urgent", "source": "email",
    "active_state": "archived", "department": {"id": 72, "name": "Machines"},
    "client": {"id": 73, "name": "Ink & Sons"}, "project_id": 74, "creator_id": 75,
    "dates": {
        "created": "2026-01-02T03:04:05Z",
        "last_updated": "2026-02-03T04:05:06Z",
        "status_changed": "2026-03-04T05:06:07Z"
    },
    "replies_count": 76, "tags": ["fire", "vip"]
}], "meta": {"current_page": 1, "last_page": 1, "total": 1}}"#;

/// What of a ticket is as in one of which only the number is known.
fn forgotten(ticket: &Ticket) -> Vec<&'static str> {
    let bare = Ticket::sparse(ticket.id);
    let Ticket {
        id: _,
        subject,
        status,
        priority,
        source,
        archived,
        department,
        client,
        project,
        creator,
        created,
        last_updated,
        status_changed,
        replies_count,
        tags,
    } = ticket;
    let same = [
        ("subject", *subject == bare.subject),
        ("status", *status == bare.status),
        ("priority", *priority == bare.priority),
        ("source", *source == bare.source),
        ("archived", *archived == bare.archived),
        ("department", *department == bare.department),
        ("client", *client == bare.client),
        ("project", *project == bare.project),
        ("creator", *creator == bare.creator),
        ("created", *created == bare.created),
        ("last_updated", *last_updated == bare.last_updated),
        ("status_changed", *status_changed == bare.status_changed),
        ("replies_count", *replies_count == bare.replies_count),
        ("tags", *tags == bare.tags),
    ];
    same.into_iter().filter(|(_, same)| *same).map(|(name, _)| name).collect()
}

fn from_the_server() -> FullTicket {
    let found =
        bytes::read(200, &[("content-type", b"application/json")], WIRE.as_bytes(), &TimeZone::UTC);
    assert!(!found.tickets.is_empty(), "{:?}", found.problems);
    found.tickets[0].clone()
}

#[test]
fn the_wire_gives_every_field() {
    let full = from_the_server();
    assert_eq!((full.ticket.id, full.message.as_stored()), (TicketId(71), "<p>It burns</p>"));
    assert_eq!(forgotten(&full.ticket), [""; 0]);
}

#[tokio::test]
async fn the_store_and_the_rows_give_a_ticket_back_as_it_came() {
    let full = from_the_server();
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).await.expect("a store").store;
    // It is written over another one: a field that is left out of that stays as it was.
    let bare = FullTicket { ticket: Ticket::sparse(full.ticket.id), message: Html::new("") };
    let now = Timestamp::UNIX_EPOCH;
    store.save_tickets(vec![bare], now).await.expect("it is stored");
    store.save_tickets(vec![full.clone()], now).await.expect("it is stored");
    let stored = store.full_ticket(full.ticket.id).await.expect("the store answers");
    assert_eq!(stored, Some(full.clone()));

    let row = store.row(full.ticket.id).await.expect("the store answers").expect("a row");
    assert_eq!((&row.ticket, &row.view().to_row()), (&full.ticket, &row));
    let rows: Rows = [&row].into_iter().collect();
    let kept: Row = rows.get(full.ticket.id).expect("it is there").to_row();
    assert_eq!(kept, row);
    store.close().await;
}

/// An edit of every field that an agent can set.
fn edit_of_all() -> FieldsChange {
    let line = |text: &str| -> Line { clean::line(text) };
    let department = Department { id: DepartmentId(72), name: line("Machines") };
    FieldsChange {
        subject: Some(Edit { from: line("a"), to: line("Printer on fire") }),
        message: Some(Edit { from: "<p>a</p>".into(), to: "<p>It burns</p>".into() }),
        department: Some(Edit { from: None, to: Some(department) }),
        project: Some(Edit { from: None, to: Some(ProjectId(74)) }),
        priority: Some(Edit { from: Priority::Normal, to: Priority::Urgent }),
    }
}

#[test]
fn an_edit_of_every_field_is_in_the_log_in_its_words_and_in_the_form_that_it_goes_back_to() {
    let FieldsChange { subject, message, department, project, priority } = edit_of_all();
    let none = FieldsChange::default;
    let alone = [
        ("subject", FieldsChange { subject, ..none() }),
        ("message", FieldsChange { message, ..none() }),
        ("department", FieldsChange { department, ..none() }),
        ("project", FieldsChange { project, ..none() }),
        ("priority", FieldsChange { priority, ..none() }),
    ];
    for (name, fields) in alone {
        assert!(!fields.is_empty());
        let form = TicketForm::from(&fields);
        assert_ne!(form, TicketForm::default(), "{name} is not typed again");
        let change = Change::Fields(Box::new(fields));
        let traces = change.traces(None);
        assert_eq!(traces.iter().map(|it| it.field).collect::<Vec<_>>(), [name]);
        assert!(matches!(&traces[0].after, Some(TraceValue::Text(_) | TraceValue::Html(_))));
        assert!(change.describe().contains(name), "{}", change.describe());
        let [open, ..] = Status::usual();
        let ticket = Ticket { status: open, ..Ticket::sparse(TicketId(71)) };
        let before = FullTicket { ticket, message: Html::new("<p>a</p>") };
        let mut after = before.clone();
        change.apply_to_all(&mut after);
        assert_ne!(after, before, "{name} is not shown before the server has it");
    }
}

/// What the API calls a field of the filter.
fn parameter(by: By) -> &'static str {
    match by {
        By::Status => "status",
        By::Priority => "priority",
        By::Department => "category_id",
        By::Client => "client_id",
        By::Project => "project_id",
        By::Tags => "tags",
        By::State => "active_state",
        By::Words => "search",
    }
}

/// The embedded server is written from the API's page, so it names each parameter that a list of
/// tickets can be asked with.
#[test]
fn each_filter_of_the_api_is_a_field_of_the_console_s() {
    let server = include_str!("../src/sandbox/tickets.rs");
    let filter = server.split("fn filter(").nth(1).and_then(|it| it.split("\n}").next());
    let filter = filter.expect("the server filters its lists");
    let mut of_api: Vec<&str> = filter
        .lines()
        .filter(|line| line.contains("input, \"") || line.contains("input.words(\""))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(filter.contains("filter.search(input"));
    of_api.push("search");
    of_api.sort_unstable();
    let mut of_console = By::ALL.map(parameter);
    of_console.sort_unstable();
    assert_eq!(of_console.to_vec(), of_api);
}

/// A filter of every field, each alone.
fn narrowed() -> [(&'static str, Narrow); 7] {
    let all = Narrow {
        statuses: vec![StatusId(3)],
        priorities: vec![Priority::Urgent],
        departments: vec![DepartmentId(72)],
        client: Some(Named { id: ClientId(73), name: clean::line("Ink & Sons") }),
        project: Some(Project { id: ProjectId(74), title: clean::line("Move") }),
        tags: vec!["fire".into()],
        state: Some(ActiveState::Archived),
        counted: Vec::new(),
    };
    // Each field is named here, so a new one that is forgotten does not compile.
    // What a number of the dashboard counts is no filter of the API's.
    let Narrow { statuses, priorities, departments, client, project, tags, state, counted: _ } =
        all;
    let none = Narrow::default;
    [
        ("status", Narrow { statuses, ..none() }),
        ("priority", Narrow { priorities, ..none() }),
        ("department", Narrow { departments, ..none() }),
        ("client", Narrow { client, ..none() }),
        ("project", Narrow { project, ..none() }),
        ("tags", Narrow { tags, ..none() }),
        ("state", Narrow { state, ..none() }),
    ]
}

#[test]
fn each_field_of_a_filter_narrows_is_told_and_is_part_of_a_view_made_of_it() {
    let ticket = from_the_server().ticket;
    let row = Row { ticket, facts: None, noticed: Timestamp::UNIX_EPOCH };
    let bare = Row { ticket: Ticket::sparse(TicketId(1)), ..row.clone() };
    let waiting = WaitingStatuses::default();
    let any = Query { state: ActiveState::Any, ..Query::default() };
    let model = Model::new(Settings::default(), KeyMap::default(), (80, 24), Timestamp::UNIX_EPOCH);
    for (name, narrow) in narrowed() {
        assert!(!narrow.is_empty(), "{name}");
        assert!(narrow.takes(row.view(), &any, &waiting), "{name} does not take its ticket");
        assert!(!narrow.takes(bare.view(), &any, &waiting), "{name} does not narrow");
        assert_eq!(chips(&model, &narrow).len(), 1, "{name} has a chip");
        let view = narrow.over(&any, "", &waiting).expect("a view can be made of it");
        assert!(view.takes(row.view(), &waiting) && !view.takes(bare.view(), &waiting), "{name}");
        let kept = serde_json::to_value(&narrow).expect("it is kept");
        assert_eq!(serde_json::from_value::<Narrow>(kept).expect("it comes back"), narrow);
    }
}
