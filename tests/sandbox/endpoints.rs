//! What each endpoint does, and what it refuses.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::desk::{Desk, ids, told};

fn fields() -> Value {
    json!({
        "ticket_categoryid": 73,
        "ticket_subject": "Changed",
        "ticket_message": "<p>x</p>",
        "ticket_priority": "urgent",
    })
}

#[tokio::test]
async fn the_documented_ticket_is_there() {
    let desk = Desk::open().await;
    let ticket = desk.get("/tickets/32").await["data"].clone();
    assert_eq!(ticket["id"], 32);
    assert_eq!(ticket["subject"], "Cannot log in");
    assert_eq!(ticket["status"], json!({ "id": 1, "title": "Open" }));
    assert_eq!(ticket["department"], json!({ "id": 72, "name": "Sales" }));
    assert_eq!(ticket["client"], json!({ "id": 1, "name": "Acme Inc" }));
    assert_eq!(ticket["project_id"], Value::Null);
    assert_eq!(ticket["replies_count"], 2);
    assert_eq!(ticket["tags"], json!(["billing"]));
    assert!(ticket["dates"]["created"].as_str().unwrap().ends_with('Z'));
    assert_eq!(ticket["dates"]["status_changed"], Value::Null);
}

#[tokio::test]
async fn the_documented_commands_work_as_printed() {
    let desk = Desk::open().await;
    let open = desk.get("/tickets?status=1").await;
    assert!(open["data"].as_array().unwrap().iter().all(|ticket| ticket["status"]["id"] == 1));
    let (status, made) = desk
        .form(
            Method::POST,
            "/tickets",
            "ticket_clientid=1&ticket_categoryid=72&ticket_subject=Cannot log in\
             &ticket_message=I get an error&ticket_priority=high",
        )
        .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(made["data"]["id"], 251);
    assert_eq!(made["data"]["subject"], "Cannot log in");
    assert_eq!(made["data"]["source"], "web");
    assert_eq!(made["data"]["creator_id"], 1);
    let (status, closed) = desk.form(Method::PUT, "/tickets/32/status", "status=2").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(closed["data"]["status"], json!({ "id": 2, "title": "Closed" }));
    let (status, reply) = desk
        .form(
            Method::POST,
            "/tickets/32/replies",
            "ticketreply_text=We are looking into this for you.",
        )
        .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(reply["data"]["type"], "reply");
    assert_eq!(reply["data"]["creator"], json!({ "id": 1, "name": "Grace Okafor" }));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let desk = Desk::open().await;
    let first = desk.get("/tickets").await;
    assert_eq!(
        first["meta"],
        json!({ "current_page": 1, "per_page": 35, "total": 250, "last_page": 8 })
    );
    assert_eq!(ids(&first).len(), 35);
    assert_eq!(ids(&first)[0], 250);
    let last = desk.get("/tickets?limit=1000&page=3&order=asc").await;
    assert_eq!(last["meta"]["per_page"], 100);
    assert_eq!(ids(&last), (201..=250).collect::<Vec<_>>());
    let beyond = desk.get("/tickets?page=99").await;
    assert_eq!(beyond["data"], json!([]));
    assert_eq!(beyond["meta"]["current_page"], 99);
    let nonsense = desk.get("/tickets?page=x&limit=-1&sort=nothing&order=up").await;
    assert_eq!(nonsense["data"], first["data"]);
}

#[tokio::test]
async fn every_filter_narrows_the_list() {
    let desk = Desk::open().await;
    desk.send(Method::PUT, "/tickets/9/tags", json!({ "tags": ["Very Odd"] })).await;
    for (query, pointer, value) in [
        ("status=5", "/status/id", json!(5)),
        ("priority=urgent", "/priority", json!("urgent")),
        ("category_id=74", "/department/id", json!(74)),
        ("client_id=1", "/client/id", json!(1)),
        ("active_state=archived", "/active_state", json!("archived")),
        ("tags[]=very-odd", "/tags/0", json!("very-odd")),
        ("tags%5B%5D=very-odd&tags%5B%5D=none", "/id", json!(9)),
    ] {
        let found = desk.get(&format!("/tickets?{query}")).await;
        let found = found["data"].as_array().unwrap();
        assert!(!found.is_empty(), "{query}");
        assert!(found.iter().all(|ticket| ticket.pointer(pointer) == Some(&value)), "{query}");
    }
    let projects = desk.get("/projects?client_id=1").await;
    let project = ids(&projects)[0];
    desk.sandbox
        .change(|db| {
            db.execute("UPDATE tickets SET project_id = ?, client_id = 1 WHERE id = 7", [project])?;
            Ok(())
        })
        .unwrap();
    assert!(ids(&desk.get(&format!("/tickets?project_id={project}")).await).contains(&7));
    assert_eq!(desk.get("/tickets?status=open").await["meta"]["total"], 0);
    assert_eq!(desk.get("/tickets?status=&search=").await["meta"]["total"], 250);
}

#[tokio::test]
async fn search_reads_subject_and_message_literally() {
    let desk = Desk::open().await;
    let new = |subject: &str| {
        json!({ "ticket_clientid": 1, "ticket_categoryid": 72, "ticket_subject": subject,
                "ticket_message": "m", "ticket_priority": "normal" })
    };
    desk.send(Method::POST, "/tickets", new("100% sure_thing")).await;
    desk.send(Method::POST, "/tickets", new("1000 sure thing")).await;
    assert_eq!(ids(&desk.get("/tickets?search=100%25").await), [251]);
    assert_eq!(ids(&desk.get("/tickets?search=SURE_T").await), [251]);
    assert_eq!(desk.get("/tickets?search=login+page").await["data"][0]["id"], 32);
}

#[tokio::test]
async fn each_sort_orders_the_list() {
    let desk = Desk::open().await;
    let keys = async |query: &str, pointer: &str| -> Vec<String> {
        let found = desk.get(&format!("/tickets?limit=100&{query}")).await;
        let found = found["data"].as_array().unwrap().clone();
        found.iter().map(|ticket| ticket.pointer(pointer).unwrap().to_string()).collect()
    };
    for (sort, pointer) in [
        ("ticket_created", "/dates/created"),
        ("ticket_priority", "/priority"),
        ("ticket_status", "/status/id"),
    ] {
        let up = keys(&format!("sort={sort}&order=asc"), pointer).await;
        assert!(up.is_sorted(), "{sort}");
        let down = keys(&format!("sort={sort}"), pointer).await;
        assert!(down.is_sorted_by(|a, b| a >= b), "{sort}");
    }
    let updated = keys("sort=ticket_last_updated", "/dates/last_updated").await;
    assert!(updated.is_sorted_by(|a, b| a >= b));
    assert_eq!(keys("sort=ticket_last_updated&order=asc", "/dates/last_updated").await[0], "null");
}

#[tokio::test]
async fn a_ticket_is_created_from_json_and_refused_with_reasons() {
    let desk = Desk::open().await;
    let project = ids(&desk.get("/projects?client_id=1").await)[0];
    let (status, made) = desk
        .send(
            Method::POST,
            "/tickets",
            json!({ "ticket_clientid": "1", "ticket_categoryid": 72, "ticket_projectid": project,
                    "ticket_subject": "  Hello ", "ticket_message": "<p>x</p>",
                    "ticket_priority": "normal" }),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(made["data"]["subject"], "Hello");
    assert_eq!(made["data"]["project_id"], project);
    assert_eq!(made["data"]["dates"]["last_updated"], Value::Null);
    let (status, refused) = desk.send(Method::POST, "/tickets", json!({})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["errors"].as_object().unwrap().len(), 5);
    assert_eq!(
        refused["errors"]["ticket_subject"],
        json!(["The ticket subject field is required."])
    );
    for (field, value) in [
        ("ticket_clientid", json!(9999)),
        ("ticket_clientid", json!("one")),
        ("ticket_categoryid", json!(1)),
        ("ticket_projectid", json!(project)),
        ("ticket_subject", json!("a <b")),
        ("ticket_subject", json!("x".repeat(251))),
        ("ticket_message", json!("   ")),
        ("ticket_priority", json!("low")),
    ] {
        let mut body = fields();
        body["ticket_clientid"] = json!(2);
        body[field] = value.clone();
        let (status, refused) = desk.send(Method::POST, "/tickets", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert_eq!(
            refused["errors"].as_object().unwrap().keys().collect::<Vec<_>>(),
            [field],
            "{value}"
        );
    }
}

#[tokio::test]
async fn an_update_replaces_the_fields_and_clears_what_is_left_out() {
    let desk = Desk::open().await;
    let project = ids(&desk.get("/projects?client_id=1").await)[0];
    let mut body = fields();
    body["ticket_projectid"] = json!(project.to_string());
    let (status, ticket) = desk.send(Method::PATCH, "/tickets/32", body).await;
    assert_eq!(status, StatusCode::OK);
    let ticket = &ticket["data"];
    assert_eq!(ticket["project_id"], project);
    assert_eq!(ticket["department"]["name"], "Technical Support");
    assert_eq!((&ticket["subject"], &ticket["priority"]), (&json!("Changed"), &json!("urgent")));
    assert_eq!(ticket["status"]["id"], 1);
    let (_, ticket) = desk.send(Method::PATCH, "/tickets/32", fields()).await;
    assert_eq!(ticket["data"]["project_id"], Value::Null);
    let (status, refused) =
        desk.form(Method::PATCH, "/tickets/32", "ticket_priority=high&ticket_subject=").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["message"], "The ticket categoryid field is required. (and 2 more errors)");
}

#[tokio::test]
async fn a_status_change_is_dated_and_an_unknown_one_refused() {
    let desk = Desk::open().await;
    let before = desk.get("/tickets/32").await["data"].clone();
    let (status, ticket) =
        desk.send(Method::PUT, "/tickets/32/status", json!({ "status": 6 })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(ticket["data"]["status"]["title"], "Waiting for supplier");
    assert!(ticket["data"]["dates"]["status_changed"].is_string());
    assert_eq!(ticket["data"]["dates"]["last_updated"], before["dates"]["last_updated"]);
    for body in [json!({}), json!({ "status": 99 }), json!({ "status": "open" })] {
        let (status, refused) = desk.send(Method::PUT, "/tickets/32/status", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused["errors"]["status"][0].is_string());
    }
}

#[tokio::test]
async fn archive_and_restore_can_be_repeated() {
    let desk = Desk::open().await;
    for (path, state) in [
        ("/tickets/32/archive", "archived"),
        ("/tickets/32/archive", "archived"),
        ("/tickets/32/restore", "active"),
        ("/tickets/32/restore", "active"),
    ] {
        let response = desk.request(Method::PUT, path).send().await.unwrap();
        let (status, ticket) = told(response).await;
        assert_eq!((status, &ticket["data"]["active_state"]), (StatusCode::OK, &json!(state)));
    }
}

#[tokio::test]
async fn tags_are_replaced_as_a_whole() {
    let desk = Desk::open().await;
    let path = "/tickets/32/tags";
    let (_, ticket) =
        desk.form(Method::PUT, path, "tags[]=Very+Urgent&tags%5B%5D=vip&tags[]=VIP").await;
    assert_eq!(ticket["data"]["tags"], json!(["very-urgent", "vip", "vip"]));
    let (status, ticket) = desk.send(Method::PUT, path, json!({ "tags": [] })).await;
    assert_eq!((status, &ticket["data"]["tags"]), (StatusCode::OK, &json!([])));
    for body in [json!({}), json!({ "tags": "vip" }), json!({ "tags": null })] {
        let (status, refused) = desk.send(Method::PUT, path, body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused["errors"]["tags"].is_array());
    }
}

#[tokio::test]
async fn a_reply_moves_the_last_update_and_nothing_else() {
    let desk = Desk::open().await;
    let before = desk.get("/tickets/32").await["data"].clone();
    let (status, note) = desk
        .send(
            Method::POST,
            "/tickets/32/replies",
            json!({ "ticketreply_text": "<p>n</p>", "ticketreply_type": "note" }),
        )
        .await;
    assert_eq!((status, &note["data"]["type"]), (StatusCode::CREATED, &json!("note")));
    let (_, reply) =
        desk.send(Method::POST, "/tickets/32/replies", json!({ "ticketreply_text": "r" })).await;
    let after = desk.get("/tickets/32").await["data"].clone();
    assert_eq!(after["replies_count"], 3);
    assert_eq!(after["status"], before["status"]);
    assert!(after["dates"]["last_updated"].as_str() > before["dates"]["last_updated"].as_str());
    let list = desk.get("/tickets/32/replies").await;
    assert!(list.get("meta").is_none());
    assert!(ids(&list).is_sorted());
    assert_eq!(list["data"].as_array().unwrap().last().unwrap(), &reply["data"]);
    for body in [json!({}), json!({ "ticketreply_text": "x", "ticketreply_type": "mail" })] {
        let (status, _) = desk.send(Method::POST, "/tickets/32/replies", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn replies_and_tickets_are_deleted_for_good() {
    let desk = Desk::open().await;
    let reply = ids(&desk.get("/tickets/32/replies").await)[0];
    let elsewhere = format!("/tickets/31/replies/{reply}");
    assert_eq!(desk.send(Method::DELETE, &elsewhere, json!({})).await.0, StatusCode::NOT_FOUND);
    let path = format!("/tickets/32/replies/{reply}");
    let (status, gone) = told(desk.request(Method::DELETE, &path).send().await.unwrap()).await;
    assert_eq!((status, &gone["data"]), (StatusCode::OK, &json!({ "id": reply })));
    assert_eq!(desk.get("/tickets/32").await["data"]["replies_count"], 1);
    let (status, gone) =
        told(desk.request(Method::DELETE, "/tickets/32").send().await.unwrap()).await;
    assert_eq!((status, &gone["data"]), (StatusCode::OK, &json!({ "id": 32 })));
    let left: i64 = desk
        .sandbox
        .change(|db| {
            Ok(db.query_row("SELECT count(*) FROM replies WHERE ticket_id = 32", [], |row| {
                row.get(0)
            })?)
        })
        .unwrap();
    assert_eq!(left, 0);
    let (status, made) = desk
        .form(
            Method::POST,
            "/tickets",
            "ticket_clientid=1&ticket_categoryid=72&ticket_subject=s&ticket_message=m\
             &ticket_priority=high",
        )
        .await;
    assert_eq!((status, &made["data"]["id"]), (StatusCode::CREATED, &json!(251)));
}

#[tokio::test]
async fn look_ups_answer_lists_and_single_things() {
    let desk = Desk::open().await;
    let departments = desk.get("/categories?type=ticket").await;
    assert!(ids(&departments).contains(&72) && !ids(&departments).contains(&1));
    assert_eq!(
        desk.get("/categories/72").await["data"],
        json!({ "id": 72, "name": "Sales", "type": "ticket" })
    );
    assert_eq!(desk.get("/categories/1").await["data"]["type"], "project");
    let acme = desk.get("/clients?search=acme").await;
    assert_eq!(ids(&acme), [1]);
    let client = desk.get("/clients/1").await["data"].clone();
    assert_eq!(client["company_name"], "Acme Inc");
    let owner = client["owner"]["id"].as_i64().unwrap();
    let contacts = desk.get("/contacts?client_id=1").await;
    assert!(ids(&contacts).contains(&owner));
    let contact = desk.get(&format!("/contacts/{owner}")).await["data"].clone();
    assert_eq!(
        (&contact["name"], &contact["account_owner"]),
        (&client["owner"]["name"], &json!(true))
    );
    let project = ids(&desk.get("/projects?client_id=1").await)[0];
    let project = desk.get(&format!("/projects/{project}")).await["data"].clone();
    assert_eq!(project["client"], json!({ "id": 1, "name": "Acme Inc" }));
    assert_eq!(ids(&desk.get("/team?order=asc").await), [1, 2, 3, 4, 5, 6]);
    assert_eq!(desk.get("/team/1").await["data"]["name"], "Grace Okafor");
    assert_eq!(desk.get("/clients?limit=7").await["meta"]["last_page"], 6);
    for path in ["/team/7", &format!("/team/{owner}"), "/contacts/1", "/clients/999", "/projects/x"]
    {
        let response = desk.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
