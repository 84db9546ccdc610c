//! `growdesk clients`, `contacts`, `projects` and `departments`.

use serde_json::json;

use super::desk::Desk;

#[test]
fn whole_lists_are_read_however_many_pages_they_have() {
    let desk = Desk::open();
    desk.change(
        "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1299)
        INSERT INTO clients (id, company_name, status) SELECT i, 'Many ' || i, 'active' FROM n",
    );
    let all: i64 = desk.ask("SELECT count(*) FROM clients");
    let listed = desk.json(&["clients"]);
    assert_eq!(i64::try_from(listed.as_array().expect("an array").len()).ok(), Some(all));
    let many = desk.json(&["clients", "many", "12"]);
    assert!(many.as_array().is_some_and(|it| !it.is_empty()), "{many}");
}

#[test]
fn clients_are_found_by_words() {
    let desk = Desk::open();
    let found = desk.json(&["clients", "acme"]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&found).expect("JSON"));
    insta::assert_snapshot!("clients_text", desk.ok(&["clients", "ACME"]).stdout);
    desk.ok(&["list"]);
    let stored = desk.json(&["clients", "acme", "--cached"]);
    assert_eq!(stored, json!([{"id": 1, "name": "Acme Inc", "phone": null, "owner": null}]));
}

#[test]
fn contacts_and_projects_are_those_of_a_client() {
    let desk = Desk::open();
    for client in ["1", "acme", "Acme Inc"] {
        let contacts = desk.json(&["contacts", "--client", client]);
        let count: i64 = desk.ask("SELECT count(*) FROM users WHERE client_id = 1");
        assert_eq!(i64::try_from(contacts.as_array().expect("an array").len()).ok(), Some(count));
        let projects = desk.json(&["projects", "--client", client]);
        let count: i64 = desk.ask("SELECT count(*) FROM projects WHERE client_id = 1");
        let all = projects.as_array().expect("an array");
        assert_eq!(i64::try_from(all.len()).ok(), Some(count));
        assert!(all.iter().all(|it| it["client"] == json!({"id": 1, "name": "Acme Inc"})));
    }
    let name: String = desk.ask("SELECT name FROM users WHERE client_id = 1 AND email <> ''");
    let by_name = desk.json(&["contacts", "--client", "1", &name]);
    assert!(by_name.as_array().is_some_and(|it| it.iter().any(|it| it["name"] == name)));
    let count: i64 = desk.ask("SELECT count(*) FROM projects");
    let all = desk.ok(&["projects"]).stdout.lines().count();
    assert_eq!(i64::try_from(all).ok(), Some(count));
    insta::assert_snapshot!("contacts_text", desk.ok(&["contacts", "--client", "1"]).stdout);
    insta::assert_snapshot!("projects_text", desk.ok(&["projects", "--client", "1"]).stdout);
}

#[test]
fn a_client_by_a_name_that_fits_several_or_none_is_said() {
    let desk = Desk::open();
    desk.change(
        "INSERT INTO clients (id, company_name, status) VALUES (901, 'Twin Ltd', 'active'), (902, 'twin ltd', 'active')",
    );
    let ran = desk.run(&["projects", "--client", "Twin Ltd", "--json"]);
    ran.fails(2);
    let help = ran.error()["help"].as_str().expect("text").to_owned();
    assert!(help.contains("901 Twin Ltd") && help.contains("902 twin ltd"), "{help}");
    let ran = desk.run(&["contacts", "--client", "Acmee Inc", "--json"]);
    ran.fails(2);
    assert_eq!(ran.error()["help"], "did you mean Acme Inc?");
}

#[test]
fn departments_are_those_that_tickets_may_have() {
    let desk = Desk::open();
    let count: i64 = desk.ask("SELECT count(*) FROM categories WHERE type = 'ticket'");
    let listed = desk.json(&["departments"]);
    assert_eq!(i64::try_from(listed.as_array().expect("an array").len()).ok(), Some(count));
    insta::assert_snapshot!("departments_text", desk.ok(&["departments"]).stdout);
    assert_eq!(desk.json(&["departments", "--cached"]), listed, "they are stored");
}
