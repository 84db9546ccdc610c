//! `growdesk list`.

use growdesk::domain::{AsideChange, Snooze, TicketId};
use jiff::Timestamp;
use serde_json::Value;

use super::desk::Desk;

fn ids(desk: &Desk, arguments: &[&str]) -> Vec<i64> {
    let ran = desk.ok(&[&["list", "--ids"], arguments].concat());
    ran.stdout.lines().map(|line| line.parse().expect("a number")).collect()
}

/// What the server's database says, newest number first, whatever order the command has.
fn asked(desk: &Desk, condition: &str) -> Vec<i64> {
    let listed: String = desk.ask(&format!(
        "SELECT coalesce(group_concat(id), '') FROM
            (SELECT id FROM tickets t WHERE {condition} ORDER BY id)"
    ));
    listed.split(',').filter(|it| !it.is_empty()).map(|it| it.parse().expect("a number")).collect()
}

fn sorted(mut ids: Vec<i64>) -> Vec<i64> {
    ids.sort_unstable();
    ids
}

#[test]
fn each_flag_narrows_the_list_as_the_server_s_data_says() {
    let desk = Desk::with(250);
    let billing: i64 = desk.ask("SELECT id FROM categories WHERE name = 'Billing'");
    let (client, name): (i64, String) = (
        desk.ask("SELECT client_id FROM tickets WHERE id = 32"),
        desk.ask("SELECT company_name FROM clients WHERE id = 1"),
    );
    assert_eq!((client, name.as_str()), (1, "Acme Inc"));
    let tag: String = desk.ask("SELECT title FROM tags GROUP BY title ORDER BY count(*) DESC");
    let active = "active_state = 'active'";
    let tagged = format!("EXISTS (SELECT 1 FROM tags WHERE ticket_id = t.id AND title = '{tag}')");
    let billing = billing.to_string();
    for (flags, condition) in [
        (&[][..], "1".to_owned()),
        (&["--status", "open"], "status_id = 1".into()),
        (&["--status", "Closed,4"], "status_id IN (2, 4)".into()),
        (&["--priority", "urgent,HIGH"], "priority IN ('urgent', 'high')".into()),
        (&["--department", "billing"], format!("category_id = {billing}")),
        (&["--department", &billing], format!("category_id = {billing}")),
        (&["--client", "acme"], "client_id = 1".into()),
        (&["--client", "1"], "client_id = 1".into()),
        (&["--tag", &tag], tagged),
        (
            &["--status", "2", "--priority", "normal"],
            "status_id = 2 AND priority = 'normal'".into(),
        ),
        (&["--view", "needs-reply"], "status_id IN (1, 5)".into()),
        (&["--view", "closed", "--status", "open"], "0".into()),
        (&["--view", "Urgent"], "priority = 'urgent' AND status_id <> 2".into()),
    ] {
        let wanted = asked(&desk, &format!("{active} AND {condition}"));
        assert_eq!(sorted(ids(&desk, flags)), wanted, "{flags:?}");
    }
    let archived = asked(&desk, "active_state = 'archived'");
    assert!(!archived.is_empty());
    assert_eq!(sorted(ids(&desk, &["--archived"])), archived);
    assert_eq!(sorted(ids(&desk, &["--view", "archived"])), archived);
    let project: i64 = desk.ask("SELECT coalesce(max(project_id), 0) FROM tickets");
    if project > 0 {
        let title: String = desk.ask(&format!("SELECT title FROM projects WHERE id = {project}"));
        let of: i64 = desk.ask(&format!("SELECT client_id FROM projects WHERE id = {project}"));
        let wanted = asked(&desk, &format!("{active} AND project_id = {project}"));
        let by_number = ids(&desk, &["--project", &project.to_string()]);
        let by_title = ids(&desk, &["--client", &of.to_string(), "--project", &title]);
        assert_eq!((sorted(by_number), sorted(by_title)), (wanted.clone(), wanted));
    }
}

#[test]
fn the_order_and_its_reverse_and_the_limit_are_as_asked_for() {
    let desk = Desk::with(250);
    let newest = ids(&desk, &["--sort", "created"]);
    let created =
        |id: &i64| -> i64 { desk.ask(&format!("SELECT created FROM tickets WHERE id = {id}")) };
    let times: Vec<i64> = newest.iter().map(created).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let oldest = ids(&desk, &["--sort", "created", "--reverse"]);
    assert_eq!(created(&oldest[0]), times[times.len() - 1]);
    assert_eq!(ids(&desk, &["--sort", "created", "-n", "3"]), newest[..3]);
    assert_eq!(ids(&desk, &["--limit", "0"]), Vec::<i64>::new());
    assert_eq!(ids(&desk, &["--limit", "99999"]).len(), newest.len(), "no limit unless asked");
    let status = desk.json(&["list", "--sort", "status"]);
    let numbers: Vec<i64> = status
        .as_array()
        .expect("an array")
        .iter()
        .map(|it| it["status"]["id"].as_i64().expect("a number"))
        .collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
}

#[test]
fn a_view_of_the_configuration_is_one_too() {
    let desk = Desk::open();
    desk.write_config(
        "[[view]]\nname = \"Calm and open\"\nstatus = [1]\npriorities = [\"normal\"]\n",
    );
    let wanted = asked(&desk, "active_state = 'active' AND status_id = 1 AND priority = 'normal'");
    assert!(!wanted.is_empty());
    assert_eq!(sorted(ids(&desk, &["--view", "calm and open"])), wanted);
    let ran = desk.run(&["list", "--view", "calm", "--json"]);
    ran.fails(2);
    let help = ran.error()["help"].as_str().expect("text").to_owned();
    assert!(help.contains("Calm and open"), "{help}");
}

#[test]
fn what_the_profile_keeps_about_tickets_is_told_and_has_views() {
    let desk = Desk::open();
    let all = ids(&desk, &["--view", "Needs reply"]);
    let (one, two, three) = (all[0], all[1], all[2]);
    let until: Timestamp = "2100-01-01T00:00:00Z".parse().expect("a time");
    let store = desk.store();
    let sleeps = |until| {
        let since = Timestamp::now();
        AsideChange::Snoozed(Some(Snooze { since, until, count: 0, last: None, known: None }))
    };
    let changes = vec![
        (TicketId(one), AsideChange::Pinned(true)),
        (TicketId(two), sleeps(Some(until))),
        (TicketId(three), sleeps(None)),
    ];
    desk.runtime.block_on(store.set_aside(changes, Timestamp::now())).expect("kept");
    desk.runtime.block_on(store.close());
    assert_eq!(ids(&desk, &["--view", "pinned"]), [one]);
    assert_eq!(ids(&desk, &["--view", "snoozed"]), [two, three], "the next to wake is first");
    assert!(!ids(&desk, &["--view", "needs reply"]).contains(&two));
    let snoozed = desk.json(&["list", "--view", "snoozed"]);
    assert_eq!(snoozed[0]["snoozed_until"], "2100-01-01T00:00:00Z");
    assert_eq!(
        (&snoozed[1]["snoozed_until"], &snoozed[0]["pinned"]),
        (&Value::Null, &false.into())
    );
    assert_eq!(desk.json(&["list", "--view", "pinned"])[0]["pinned"], true);
}

#[test]
fn words_are_looked_for_in_the_row_or_in_the_texts() {
    let desk = Desk::open();
    desk.change("UPDATE tickets SET message = '<p>the xylophone is missing</p>' WHERE id = 32");
    desk.change("UPDATE replies SET text = 'a zeppelin' WHERE ticket_id = 32");
    let subject = ids(&desk, &["--search", "cannot LOG"]);
    assert!(subject.contains(&32), "{subject:?}");
    assert_eq!(ids(&desk, &["--search", "xylophone"]), Vec::<i64>::new());
    let ran = desk.ok(&["list", "--ids", "--search", "xylophone", "--in-texts"]);
    assert_eq!(ran.stdout, "32\n");
    assert!(ran.stderr.contains("are not in the local copy, and not searched"), "{ran:?}");
    desk.ok(&["show", "32"]);
    assert_eq!(ids(&desk, &["--search", "zeppelin", "--in-texts"]), [32]);
    desk.run(&["list", "--in-texts"]).fails(2);
}

#[test]
fn the_fields_of_a_ticket_are_those_of_the_server() {
    let desk = Desk::open();
    desk.ok(&["show", "32"]);
    let listed = desk.json(&["list"]);
    let ticket = listed
        .as_array()
        .and_then(|all| all.iter().find(|it| it["id"] == 32))
        .expect("the ticket is there")
        .clone();
    let mut ticket = ticket.as_object().expect("an object").clone();
    let url = format!("{}/tickets/32", desk.sandbox().url());
    assert_eq!(ticket.remove("url"), Some(url.into()));
    insta::assert_snapshot!(serde_json::to_string_pretty(&ticket).expect("JSON"));
    let text = desk.ok(&["list", "--search", "32 cannot log in"]).stdout;
    insta::assert_snapshot!("list_text", text);
}

#[test]
fn unknown_names_are_said_with_the_near_ones() {
    let desk = Desk::open();
    desk.ok(&["list"]);
    for (flags, help) in [
        (["--status", "Clsed"], "did you mean Closed"),
        (["--status", "zzz"], "there are Open, Closed, On Hold"),
        (["--department", "Bilings"], "did you mean Billing"),
        (["--client", "Acme Incc"], "did you mean Acme Inc"),
        (["--priority", "urgnt"], "did you mean urgent"),
        (["--view", "Anwsered"], "did you mean Answered"),
        (["--project", "no such project"], ""),
    ] {
        let ran = desk.run(&[&["list", "--json"][..], &flags].concat());
        ran.fails(2);
        let error = ran.error();
        let said = error["help"].as_str().unwrap_or_default();
        assert!(said.contains(help), "{flags:?}: {error}");
    }
    for wrong in [
        &["--sort", "age"][..],
        &["--limit", "-1"],
        &["--limit", "18446744073709551616"],
        &["--limit", "many"],
        &["--ids", "--json"],
    ] {
        desk.run(&[&["list"], wrong].concat()).fails(2);
    }
}
