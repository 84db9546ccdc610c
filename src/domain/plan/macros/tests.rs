use super::*;
use crate::domain::{
    ClientId, ContactId, DepartmentId, ProjectId, StatusId, TicketId,
    plan::{Gap, Known, Outcome, Plan},
};

fn line(text: &str) -> Line {
    Line::from_cleaned(text, None)
}

fn named(name: &str) -> Macro {
    Macro {
        name: name.into(),
        key: None,
        text: None,
        asked: Vec::new(),
        kind: ReplyKind::Reply,
        status: None,
        priority: None,
        department: None,
        project: None,
        add_tags: Vec::new(),
        remove_tags: Vec::new(),
        archive: None,
        then: None,
        departments: Vec::new(),
    }
}

fn directory() -> Directory {
    let department = |id, name: &str| Named { id: DepartmentId(id), name: line(name) };
    let mut statuses = Status::usual().to_vec();
    statuses.push(Status { id: StatusId(6), title: line("Waiting for supplier") });
    statuses.push(Status { id: StatusId(7), title: line("waiting for supplier") });
    Directory {
        departments: vec![department(3, "Billing"), department(4, "Sales")],
        team: Vec::new(),
        statuses,
    }
}

fn ticket() -> Ticket {
    Ticket {
        subject: line("A bill"),
        department: Some(Named { id: DepartmentId(3), name: line("Billing") }),
        client: Some(Named { id: ClientId(1), name: line("Acme") }),
        ..Ticket::sparse(TicketId(7))
    }
}

struct One(Ticket);

impl Known for One {
    fn ticket(&self, id: TicketId) -> Option<Ticket> {
        (id == self.0.id).then(|| self.0.clone())
    }

    fn message(&self, _: TicketId) -> Option<String> {
        None
    }

    fn read(&self, _: TicketId) -> Option<crate::domain::ReplyId> {
        None
    }

    fn is_read_only(&self) -> bool {
        false
    }
}

fn act(one: &Macro, words: Option<Result<String, Cant>>) -> Result<Action, Cant> {
    one.action(words, Sight::default(), &directory(), None)
}

fn planned(one: &Macro, words: Option<Result<String, Cant>>, id: TicketId) -> Outcome {
    let plan = Plan::of_each([(id, act(one, words))], &One(ticket()));
    plan.lines.into_iter().next().unwrap().outcome
}

#[test]
fn a_name_has_groups() {
    let one = named("Billing::Refunds::Started");
    assert_eq!(one.own_name(), "Started");
    assert_eq!(one.groups().collect::<Vec<_>>(), ["Billing", "Refunds"]);
    assert_eq!(named("Spam").groups().count(), 0);
    assert_eq!(named("Spam").own_name(), "Spam");
}

#[test]
fn statuses_and_departments_are_found_by_number_and_by_title_in_any_case() {
    for status in [Wanted::Title("on hold".into()), Wanted::Number(3)] {
        let department = Some(Wanted::Title(" SALES ".into()));
        let one = Macro { status: Some(status), department, ..named("Hold") };
        let Ok(Action::Set(wish)) = act(&one, None) else { panic!() };
        assert_eq!(wish.status.unwrap().id, StatusId::ON_HOLD);
        assert_eq!(wish.fields.department.unwrap().id, DepartmentId(4));
    }
}

#[test]
fn what_the_server_does_not_have_is_a_line_of_the_plan_and_nothing_is_sent() {
    let one = Macro {
        status: Some(Wanted::Title("Parked".into())),
        department: Some(Wanted::Number(99)),
        priority: Some(Priority::High),
        ..named("Park")
    };
    let Outcome::Cant(why) = planned(&one, None, TicketId(7)) else { panic!() };
    assert_eq!(
        why.to_string(),
        "stays as it is: the server has no status \"Parked\", no department 99"
    );
    let plan = Plan::of_each([(TicketId(7), act(&one, None))], &One(ticket()));
    assert_eq!(plan.step(), None);
}

#[test]
fn a_title_that_fits_two_is_not_guessed() {
    let status = Some(Wanted::Title("Waiting for Supplier".into()));
    let why = act(&Macro { status, ..named("Wait") }, None).unwrap_err();
    assert!(
        why.to_string()
            .ends_with("no single status \"Waiting for supplier\": name it by its number"),
        "{why}"
    );
    let status = Some(Wanted::Number(7));
    assert!(act(&Macro { status, ..named("Wait") }, None).is_ok());
}

#[test]
fn a_project_is_one_of_the_clients() {
    let projects = [Project { id: ProjectId(5), title: line("Website") }];
    let of = |project, known: Option<&[Project]>| {
        let one = Macro { project: Some(project), ..named("P") };
        one.action(None, Sight::default(), &directory(), known)
    };
    let Ok(Action::Set(wish)) = of(Wanted::Title("website".into()), Some(&projects)) else {
        panic!()
    };
    assert_eq!(wish.fields.project, Some(Some(ProjectId(5))));
    assert!(of(Wanted::Number(5), None).is_ok());
    let why = of(Wanted::Number(6), Some(&projects)).unwrap_err();
    assert!(why.to_string().contains("no project of this client 6"), "{why}");
}

#[test]
fn a_gap_stops_the_fields_too() {
    let status = Some(Wanted::Number(2));
    let one = Macro { text: Some("x".into()), status, ..named("Close") };
    let gap = Some(Err(Cant::Gap(Gap("contact.first_name".into()))));
    let Outcome::Cant(why) = planned(&one, gap, TicketId(7)) else { panic!() };
    assert_eq!(why.to_string(), "has no contact.first_name, which the text needs");
    assert_eq!(planned(&one, None, TicketId(7)), Outcome::Cant(Cant::NoText));
    let gone = Some(Ok("Hi".into()));
    assert_eq!(planned(&one, gone, TicketId(8)), Outcome::Cant(Cant::Gone));
}

#[test]
fn a_macro_of_everything_is_one_step_with_its_text_first() {
    let one = Macro {
        text: Some("x".into()),
        status: Some(Wanted::Title("Answered".into())),
        priority: Some(Priority::High),
        add_tags: vec![line("refund")],
        archive: Some(true),
        ..named("All")
    };
    let Outcome::Ready(ready) = planned(&one, Some(Ok("Hi".into())), TicketId(7)) else { panic!() };
    assert_eq!(
        ready.words,
        ["reply", "priority high", "tags +refund", "archive", "status Answered"]
    );
}

#[test]
fn a_macro_of_a_department_is_offered_there_alone() {
    let billing = Named { id: DepartmentId(3), name: line("Billing") };
    let departments = vec![Wanted::Title("billing".into()), Wanted::Number(4)];
    let one = Macro { departments, ..named("Refund") };
    assert!(one.is_offered_in(Some(&billing)));
    assert!(one.is_offered_in(Some(&Named { id: DepartmentId(4), ..billing.clone() })));
    let other = Named { id: DepartmentId(9), name: line("Other") };
    assert!(!one.is_offered_in(Some(&other)));
    assert!(!one.is_offered_in(None));
    assert!(named("Spam").is_offered_in(None));
}

#[test]
fn values_are_said_as_people_say_them_and_blank_ones_are_none() {
    let contact = Contact {
        id: ContactId(1),
        name: line("Dr. Ann Miller"),
        email: Some(line("ann@a.example")),
        phone: None,
        account_owner: false,
    };
    let now: Timestamp = "2026-03-03T23:30:00Z".parse().unwrap();
    let tz = TimeZone::fixed(jiff::tz::offset(2));
    let mut ticket = ticket();
    ticket.subject = line(" ");
    let about = ValueSources {
        ticket: &ticket,
        project: None,
        url: "https://crm.example/tickets/7",
        contact: Some(&contact),
        agent: "",
        message: "\nIt is\n\n> broken\n",
        waits_since: Some(now - jiff::SignedDuration::from_hours(30)),
        now,
        zone: &tz,
    };
    let values: BTreeMap<_, _> = Values::of(&about).0;
    let text = |name: &str| match values.get(name) {
        Some(PlaceholderValue::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    assert_eq!(text("contact.first_name"), Some("Ann"));
    assert_eq!(text("client.name"), Some("Acme"));
    assert_eq!(text("today"), Some("2026-03-04"));
    assert_eq!(text("weekday"), Some("Wednesday"));
    assert_eq!(text("waiting"), Some("30 hours"));
    assert_eq!(text("quote"), Some("> It is\n>\n> > broken"));
    assert_eq!(values.get("ticket.id"), Some(&PlaceholderValue::Number(7)));
    for blank in ["agent.name", "agent.first_name", "ticket.subject", "ticket.tags"] {
        assert_eq!(values.get(blank), None, "{blank}");
    }
    assert!(values.keys().all(|it| PLACEHOLDERS.contains(it)));
}

#[test]
fn first_names_are_found() {
    let cases = [
        ("Ann Miller", Some("Ann")),
        ("Miller, Ann", Some("Ann")),
        ("Herr Dr. Jan Novák", Some("Jan")),
        ("Björk", Some("Björk")),
        ("Dr.", None),
        (" ", None),
    ];
    for (name, first) in cases {
        assert_eq!(first_name(name).as_deref(), first, "{name}");
    }
}
