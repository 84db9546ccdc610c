//! The real client against the sandbox over HTTP: every endpoint, and every way to fail.

use std::time::Duration;

use growdesk::{
    api::{
        ApiClient, ApiSettings, Endpoints, Error, NewTicketBody, Order, TicketQuery, TicketSort,
        TicketUpdate, Urgency,
    },
    domain::{
        ClientId, ContactId, DepartmentId, FullTicket, PersonId, Priority, Problem, ProjectId,
        ReplyId, ReplyKind, Source, StatusId, TicketId,
    },
    sandbox::{Fault, FaultKind, MailFrom, Options, Quirk, Sandbox, Throttle},
};
use jiff::tz::TimeZone;

struct Desk {
    sandbox: Sandbox,
    api: Endpoints,
}

impl Desk {
    async fn open() -> Self {
        let sandbox = Sandbox::start(Options { tickets: 120, ..Options::default() })
            .await
            .expect("the sandbox starts");
        let api = client(&sandbox, |_| {}).at(Urgency::Agent);
        Self { sandbox, api }
    }

    /// The newest ticket that has a client.
    async fn some_ticket(&self) -> FullTicket {
        let page = self.api.tickets(&TicketQuery::default()).await.expect("a list");
        let of_client =
            |full: &FullTicket| full.ticket.client.is_some() && full.ticket.department.is_some();
        page.items.into_iter().find(of_client).expect("a ticket with a client")
    }

    fn fail(&self, kind: FaultKind) {
        self.sandbox.faults().clear();
        self.sandbox.faults().add(Fault::new(None, "/api/**", kind));
    }
}

fn client(sandbox: &Sandbox, change: impl FnOnce(&mut ApiSettings)) -> ApiClient {
    let mut settings = ApiSettings::new(sandbox.url(), sandbox.api_key().clone());
    settings.requests_per_minute = 0;
    change(&mut settings);
    ApiClient::new(settings).expect("the settings are good")
}

#[tokio::test]
async fn lists_are_paged_sorted_and_filtered() {
    let desk = Desk::open().await;
    let first = TicketQuery {
        sort: Some(TicketSort::Created),
        order: Some(Order::Ascending),
        limit: 20,
        ..TicketQuery::default()
    };
    let page = desk.api.tickets(&first).await.unwrap();
    assert_eq!((page.items.len(), page.page, page.per_page, page.skipped), (20, 1, 20, 0));
    assert!(page.has_next() && page.total > 20);
    assert!(page.items.is_sorted_by_key(|full| full.ticket.created));
    assert!(page.items.iter().all(|full| !full.ticket.archived));
    let last = TicketQuery { page: page.last_page, ..first.clone() };
    assert!(!desk.api.tickets(&last).await.unwrap().has_next());

    let urgent = TicketQuery {
        priority: Some(Priority::Urgent),
        status: Some(StatusId::OPEN),
        ..TicketQuery::default()
    };
    for full in desk.api.tickets(&urgent).await.unwrap().items {
        assert_eq!(
            (full.ticket.priority, full.ticket.status.id),
            (Priority::Urgent, StatusId::OPEN)
        );
    }
    let ticket = desk.some_ticket().await.ticket;
    let narrow = TicketQuery {
        client: ticket.client.as_ref().map(|it| it.id),
        department: ticket.department.as_ref().map(|it| it.id),
        project: ticket.project,
        search: Some(ticket.subject.as_str().to_owned()),
        ..TicketQuery::default()
    };
    let found = desk.api.tickets(&narrow).await.unwrap();
    assert!(found.items.iter().any(|full| full.ticket.id == ticket.id), "{ticket:?}");
}

#[tokio::test]
async fn a_ticket_lives_from_its_creation_to_its_end() {
    let desk = Desk::open().await;
    let department = desk.api.departments().await.unwrap().items[0].clone();
    let client = desk.api.clients("").await.unwrap().items[0].clone();
    let new = NewTicketBody {
        client: client.id,
        department: department.id,
        project: None,
        subject: "Printer \"3\" & more".into(),
        message: "<p>It &lt;burns&gt;</p>".into(),
        priority: Priority::High,
        custom: Vec::new(),
    };
    let made = desk.api.create_ticket(&new).await.unwrap();
    let id = made.id.expect("a number");
    let full = made.item.expect("a whole ticket");
    assert_eq!(full, desk.api.ticket(id).await.unwrap());
    assert_eq!(full.ticket.subject.as_stored(), new.subject);
    assert_eq!(full.message.as_stored(), new.message);
    assert_eq!(full.ticket.client.unwrap().name, client.name);
    assert_eq!(full.ticket.department.unwrap(), department);
    assert_eq!((full.ticket.source, full.ticket.priority), (Source::Web, Priority::High));

    let update = TicketUpdate {
        department: department.id,
        project: None,
        subject: "Printer".into(),
        message: new.message.clone(),
        priority: Priority::Urgent,
    };
    let full = desk.api.update_ticket(id, &update).await.unwrap().expect("a whole ticket");
    assert_eq!((full.ticket.subject.as_str(), full.ticket.priority), ("Printer", Priority::Urgent));
    let full = desk.api.set_status(id, StatusId::ON_HOLD).await.unwrap().expect("a whole ticket");
    assert_eq!(full.ticket.status.id, StatusId::ON_HOLD);
    let full = desk.api.set_tags(id, &["Big Fire", "printer"]).await.unwrap().unwrap();
    let tags: Vec<&str> = full.ticket.tags.iter().map(|tag| tag.as_str()).collect();
    assert_eq!(tags, ["big-fire", "printer"]);
    let tagged = TicketQuery { tags: vec!["big-fire".into()], ..TicketQuery::default() };
    assert_eq!(desk.api.tickets(&tagged).await.unwrap().items.len(), 1);
    let full = desk.api.set_tags(id, &[]).await.unwrap().unwrap();
    assert!(full.ticket.tags.is_empty());
    assert!(desk.api.archive(id).await.unwrap().unwrap().ticket.archived);
    let archived = TicketQuery { archived: true, ..TicketQuery::default() };
    let page = desk.api.tickets(&archived).await.unwrap();
    assert!(page.items.iter().any(|full| full.ticket.id == id));
    assert!(!desk.api.restore(id).await.unwrap().unwrap().ticket.archived);
    desk.api.delete_ticket(id).await.unwrap();
    let error = desk.api.ticket(id).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn a_conversation_is_posted_to_and_read_back() {
    let desk = Desk::open().await;
    let id = desk.some_ticket().await.ticket.id;
    let reply = desk.api.post_reply(id, ReplyKind::Reply, "<p>Hello</p>").await.unwrap();
    let note = desk.api.post_reply(id, ReplyKind::Note, "<p>Psst</p>").await.unwrap();
    let customer = desk.sandbox.customer_reply(id.0, "<p>Thanks</p>").unwrap();
    let replies = desk.api.replies(id).await.unwrap();
    assert_eq!(replies.skipped, 0);
    assert!(replies.items.is_sorted_by_key(|reply| reply.id));
    let kind =
        |id: Option<ReplyId>| replies.items.iter().find(|it| Some(it.id) == id).map(|it| it.kind);
    assert_eq!(kind(reply.id), Some(ReplyKind::Reply));
    assert_eq!(kind(note.id), Some(ReplyKind::Note));
    assert_eq!(kind(Some(ReplyId(customer))), Some(ReplyKind::Reply));
    let made = note.item.expect("a whole note");
    assert!(replies.items.contains(&made));
    assert_eq!((made.author, made.body.as_stored()), (Some(PersonId(1)), "<p>Psst</p>"));
    assert!(made.author_name.is_some() && made.created.is_some());
    desk.api.delete_reply(id, made.id).await.unwrap();
    let error = desk.api.delete_reply(id, made.id).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert_eq!(desk.api.replies(id).await.unwrap().items.len(), replies.items.len() - 1);
}

#[tokio::test]
async fn people_and_places_are_found() {
    let desk = Desk::open().await;
    let departments = desk.api.departments().await.unwrap();
    assert!(!departments.items.is_empty());
    let one = &departments.items[0];
    assert_eq!(desk.api.department(one.id).await.unwrap(), *one);
    let team = desk.api.team().await.unwrap();
    let member = team.items.iter().find(|it| it.id == PersonId(1)).expect("the key's user");
    assert_eq!(desk.api.member(member.id).await.unwrap(), *member);
    let clients = desk.api.clients("").await.unwrap();
    let some = &clients.items[0];
    assert_eq!(desk.api.client(some.id).await.unwrap(), *some);
    let found = desk.api.clients(some.name.as_stored()).await.unwrap();
    assert!(found.items.contains(some));
    assert!(found.items.len() <= clients.items.len());
    let contacts = desk.api.contacts(some.id).await.unwrap();
    assert_eq!(desk.api.contact(contacts.items[0].id).await.unwrap(), contacts.items[0]);
    for client in &clients.items {
        if let Some(project) = desk.api.projects(client.id).await.unwrap().items.first() {
            assert_eq!(desk.api.project(project.id).await.unwrap(), *project);
            return;
        }
    }
    panic!("no client has a project");
}

#[tokio::test]
async fn what_nobody_knows_is_not_found() {
    let desk = Desk::open().await;
    let (api, none) = (&desk.api, 99_999_999);
    let ticket = TicketId(none);
    let errors = [
        api.ticket(ticket).await.unwrap_err(),
        api.replies(ticket).await.unwrap_err(),
        api.set_status(ticket, StatusId(1)).await.unwrap_err(),
        api.set_tags(ticket, &["a"]).await.unwrap_err(),
        api.archive(ticket).await.unwrap_err(),
        api.restore(ticket).await.unwrap_err(),
        api.delete_ticket(ticket).await.unwrap_err(),
        api.post_reply(ticket, ReplyKind::Note, "x").await.unwrap_err(),
        api.delete_reply(ticket, ReplyId(1)).await.unwrap_err(),
        api.client(ClientId(none)).await.unwrap_err(),
        api.contact(ContactId(none)).await.unwrap_err(),
        api.department(DepartmentId(none)).await.unwrap_err(),
        api.member(PersonId(none)).await.unwrap_err(),
        api.project(ProjectId(none)).await.unwrap_err(),
    ];
    for (index, error) in errors.iter().enumerate() {
        assert!(matches!(error, Error::NotFound { .. }), "{index}: {error}");
    }
}

#[tokio::test]
async fn a_refusal_names_the_fields() {
    let desk = Desk::open().await;
    let new = NewTicketBody {
        client: ClientId(99_999_999),
        department: DepartmentId(99_999_999),
        project: None,
        subject: String::new(),
        message: String::new(),
        priority: Priority::High,
        custom: Vec::new(),
    };
    let problem = Problem::from(desk.api.create_ticket(&new).await.unwrap_err());
    for field in ["ticket_clientid", "ticket_categoryid", "ticket_subject", "ticket_message"] {
        assert!(problem.fields.contains_key(field), "{field}: {problem:?}");
    }
    let id = desk.some_ticket().await.ticket.id;
    let error = desk.api.set_status(id, StatusId(9999)).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    desk.fail(FaultKind::Conflict);
    let error = desk.api.archive(id).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_key_is_told() {
    let desk = Desk::open().await;
    let api = client(&desk.sandbox, |settings| settings.key = "wrong".into()).at(Urgency::Agent);
    let error = api.team().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorised { .. }), "{error}");
    desk.fail(FaultKind::Unauthorized);
    let error = desk.api.archive(TicketId(1)).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorised { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_address_is_told() {
    let desk = Desk::open().await;
    let url = format!("{}/elsewhere", desk.sandbox.url());
    let api = client(&desk.sandbox, |settings| settings.address = url).at(Urgency::Agent);
    let error = api.team().await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. } | Error::NotTheApi(_)), "{error}");
}

#[tokio::test]
async fn what_was_carried_out_is_never_reported_as_refused() {
    let desk = Desk::open().await;
    let id = desk.some_ticket().await.ticket.id;
    for kind in [
        FaultKind::ErrorAfter,
        FaultKind::Garbage,
        FaultKind::Truncate,
        FaultKind::DropAfter,
        FaultKind::HangAfter,
    ] {
        let before = desk.api.replies(id).await.unwrap().items.len();
        let api = client(&desk.sandbox, |settings| {
            settings.timeout = Duration::from_millis(500);
        })
        .at(Urgency::Agent);
        desk.fail(kind.clone());
        let error = api.post_reply(id, ReplyKind::Note, "<p>x</p>").await.unwrap_err();
        desk.sandbox.faults().clear();
        let problem = Problem::from(error);
        assert!(problem.is_doubtful(), "{kind:?}: {problem:?}");
        let after = desk.api.replies(id).await.unwrap().items.len();
        assert_eq!(after, before + 1, "{kind:?}: written once");
    }
}

#[tokio::test]
async fn reads_get_over_a_passing_fault() {
    let desk = Desk::open().await;
    let id = desk.some_ticket().await.ticket.id;
    for kind in [FaultKind::Error, FaultKind::Truncate, FaultKind::DropBefore] {
        let faults = desk.sandbox.faults();
        let fault = faults.add(Fault::new(None, "/api/**", kind.clone()).times(2));
        assert_eq!(desk.api.ticket(id).await.unwrap().ticket.id, id, "{kind:?}");
        assert_eq!(faults.hits(fault), 2);
    }
}

#[tokio::test]
async fn the_framework_and_its_patience_are_understood() {
    let desk = Desk::open().await;
    desk.fail(FaultKind::Framework(404));
    let error = desk.api.archive(TicketId(1)).await.unwrap_err();
    assert!(matches!(error, Error::NotTheApi(_)), "{error}");
    desk.fail(FaultKind::Framework(503));
    let error = desk.api.archive(TicketId(1)).await.unwrap_err();
    assert!(matches!(error, Error::Throttled { .. }), "{error}");
    desk.fail(FaultKind::Limited(30));
    let client = client(&desk.sandbox, |_| {});
    let error = client.at(Urgency::Agent).archive(TicketId(1)).await.unwrap_err();
    assert!(matches!(error, Error::Throttled { .. }), "{error}");
    assert!(client.budget().state().paused_until.is_some());
}

#[tokio::test]
async fn the_servers_throttle_is_learned_before_it_strikes() {
    let desk = Desk::open().await;
    desk.sandbox.faults().throttle(Some(Throttle { limit: 5, window: Duration::from_secs(60) }));
    let client = client(&desk.sandbox, |_| {});
    let other = client.clone().at(Urgency::Screen);
    for _ in 0..5 {
        client.at(Urgency::Agent).team().await.unwrap();
    }
    let mut told = client.budget().watch();
    let sixth = tokio::spawn(async move { other.team().await });
    told.wait_for(|state| state.waiting == 1).await.unwrap();
    assert_eq!((client.budget().state().limit, client.budget().state().used), (Some(5), 5));
    assert_eq!(desk.sandbox.requests().len(), 5);
    sixth.abort();
}

#[tokio::test]
async fn odd_installations_are_read() {
    let desk = Desk::open().await;
    let plain = desk.some_ticket().await.ticket;
    let path = "/api/**";
    let zone = TimeZone::get("Asia/Kolkata").unwrap();
    let id = desk.sandbox.customer_ticket(MailFrom::Stranger("Zed"), "\u{1b}[2Jhi", "").unwrap();
    let mailed = desk.api.ticket(TicketId(id)).await.unwrap();
    assert_eq!((mailed.ticket.source, mailed.ticket.client), (Source::Email, None));
    assert!(!mailed.ticket.subject.as_str().contains('\u{1b}'));
    assert_eq!(mailed.ticket.subject.as_stored(), "\u{1b}[2Jhi");

    desk.api.set_status(plain.id, StatusId::ANSWERED).await.unwrap();
    let utc = desk.api.ticket(plain.id).await.unwrap().ticket;
    let faults = desk.sandbox.faults();
    let quirk = |quirk| Fault::new(None, path, FaultKind::Quirk(quirk));
    faults.add(quirk(Quirk::LocalTimes(zone.clone())));
    let api = client(&desk.sandbox, |settings| settings.time_zone = zone).at(Urgency::Agent);
    let local = api.ticket(plain.id).await.unwrap().ticket;
    let seconds = |time: Option<jiff::Timestamp>| time.map(jiff::Timestamp::as_second);
    assert!(utc.status_changed.is_some());
    assert_eq!(seconds(local.status_changed), seconds(utc.status_changed));
    assert_eq!(seconds(local.last_updated), seconds(utc.last_updated));
    faults.clear();
    for odd in [Quirk::ZeroDates, Quirk::NoClient, Quirk::NoDepartment] {
        faults.add(quirk(odd));
    }
    let odd = desk.api.ticket(plain.id).await.unwrap().ticket;
    assert_eq!((odd.last_updated, odd.status_changed), (None, None));
    assert_eq!((odd.client, odd.department), (None, None));
    assert_eq!(odd.created, plain.created);
}
