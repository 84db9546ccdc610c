//! The sandbox as a plain HTTP client meets it: every endpoint, every refusal, every fault.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

use std::time::Duration;

use growdesk::sandbox::{
    Fault, FaultKind, MailFrom, Options, Quirk, Sandbox, SandboxError, Throttle,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

struct Desk {
    sandbox: Sandbox,
    http: Client,
}

impl Desk {
    async fn open() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        // The second test of this process finds the provider installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start(options).await.unwrap();
        let http = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { sandbox, http }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api{path}", self.sandbox.url()))
            .bearer_auth(self.sandbox.api_key().expose_secret())
    }

    async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        told(self.request(method, path).json(&body).send().await.unwrap()).await
    }

    /// As curl's `-d` sends it.
    async fn form(&self, method: Method, path: &str, body: &'static str) -> (StatusCode, Value) {
        let request = self.request(method, path).body(body);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        told(request.send().await.unwrap()).await
    }

    fn fault(&self, text: &str) {
        self.sandbox.faults().add(text.parse().unwrap());
    }
}

async fn told(response: Response) -> (StatusCode, Value) {
    (response.status(), response.json().await.unwrap())
}

fn ids(list: &Value) -> Vec<i64> {
    list["data"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

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

#[tokio::test]
async fn what_does_not_exist_is_a_404_with_a_message() {
    let desk = Desk::open().await;
    for (method, path) in [
        (Method::GET, "/tickets/999"),
        (Method::GET, "/tickets/abc"),
        (Method::PATCH, "/tickets/999"),
        (Method::DELETE, "/tickets/999"),
        (Method::PUT, "/tickets/999/status"),
        (Method::PUT, "/tickets/999/archive"),
        (Method::PUT, "/tickets/999/restore"),
        (Method::PUT, "/tickets/999/tags"),
        (Method::GET, "/tickets/999/replies"),
        (Method::POST, "/tickets/999/replies"),
        (Method::DELETE, "/tickets/32/replies/99999"),
        (Method::GET, "/unheard-of"),
    ] {
        let (status, body) = desk.send(method, path, json!({})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(body["message"].is_string() && body.get("errors").is_none(), "{path}");
    }
    let (status, body) = desk.send(Method::PUT, "/tickets/32", json!({})).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(body["message"].is_string());
}

#[tokio::test]
async fn only_the_key_opens() {
    let desk = Desk::with(Options { api_key: Some("right".into()), ..Options::default() }).await;
    let url = format!("{}/api/tickets", desk.sandbox.url());
    for header in
        [None, Some("Bearer wrong"), Some("Bearer right2"), Some("right"), Some("Basic right")]
    {
        let mut request = desk.http.get(&url);
        if let Some(header) = header {
            request = request.header(header::AUTHORIZATION, header);
        }
        let (status, body) = told(request.send().await.unwrap()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{header:?}");
        assert_eq!(body, json!({ "message": "Unauthorized. A valid API key is required." }));
    }
    assert_eq!(desk.get("/tickets/32").await["data"]["id"], 32);
    assert!(!format!("{:?}", desk.sandbox).contains("right"));
}

#[tokio::test]
async fn an_unreadable_body_is_refused_with_a_message() {
    let desk = Desk::open().await;
    for (kind, body, expected) in [
        ("application/json", b"{\"status\":".as_slice(), StatusCode::BAD_REQUEST),
        ("application/json", b"[1]", StatusCode::BAD_REQUEST),
        ("application/x-www-form-urlencoded", b"status=%ff", StatusCode::BAD_REQUEST),
        ("text/plain", b"status=2", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let request = desk.request(Method::PUT, "/tickets/32/status").body(body);
        let response = request.header(header::CONTENT_TYPE, kind).send().await.unwrap();
        let (status, said) = told(response).await;
        assert_eq!(status, expected, "{kind}");
        assert!(said["message"].is_string());
    }
    assert_eq!(desk.get("/tickets/32").await["data"]["status"]["id"], 1);
}

#[tokio::test]
async fn customers_and_colleagues_change_tickets_behind_the_api() {
    let desk = Desk::open().await;
    let before = desk.get("/tickets/32").await["data"].clone();
    let reply = desk.sandbox.customer_reply(32, "<p>Hello?</p>").unwrap();
    let after = desk.get("/tickets/32").await["data"].clone();
    assert_eq!(after["status"]["id"], 5);
    assert_eq!(after["replies_count"], 3);
    assert_eq!(after["dates"], before["dates"]);
    let last = desk.get("/tickets/32/replies").await["data"][2].clone();
    assert_eq!(last["id"], reply);
    let author = last["creator"]["id"].as_i64().unwrap();
    desk.get(&format!("/contacts/{author}")).await;
    desk.sandbox.colleague_reply(32, 3, "<p>Yes.</p>", Some(4)).unwrap();
    let after = desk.get("/tickets/32").await["data"].clone();
    assert_eq!((&after["status"]["id"], &after["replies_count"]), (&json!(4), &json!(4)));
    let new = desk.sandbox.customer_ticket(MailFrom::Stranger("Ann"), "Hi", "<p>x</p>").unwrap();
    let ticket = desk.get(&format!("/tickets/{new}")).await["data"].clone();
    assert_eq!((&ticket["client"], &ticket["source"]), (&Value::Null, &json!("email")));
    desk.sandbox.customer_reply(new, "again").unwrap();
    let reply = desk.get(&format!("/tickets/{new}/replies")).await["data"][0].clone();
    assert_eq!(reply["creator"], json!({ "id": null, "name": "Ann" }));
    assert!(matches!(desk.sandbox.customer_reply(9999, "x"), Err(SandboxError::NoTicket(9999))));
}

#[tokio::test]
async fn faults_answer_with_what_they_are_named_after() {
    let desk = Desk::open().await;
    for (kind, status) in [
        ("unauthorized", 401),
        ("not-found", 404),
        ("conflict", 409),
        ("limited=7", 429),
        ("error", 500),
    ] {
        desk.fault(&format!("GET /api/tickets/* {kind} 1"));
        let response = desk.request(Method::GET, "/tickets/32").send().await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        assert_eq!(kind.starts_with("text/html"), status == 500, "{status}");
        let wait = response.headers().get(header::RETRY_AFTER).map(|wait| wait.to_str().unwrap());
        assert_eq!(wait, (status == 429).then_some("7"));
        desk.get("/tickets/32").await;
    }
}

#[tokio::test]
async fn a_framework_error_hides_behind_a_200_unless_asked_as_a_script() {
    let desk = Desk::open().await;
    desk.fault("* /api/** framework=503");
    let page = desk.request(Method::GET, "/tickets").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let request = desk.request(Method::GET, "/tickets");
    let request = request.header("X-Requested-With", "XMLHttpRequest");
    let (status, body) = told(request.send().await.unwrap()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["notification"]["type"], "error");
}

#[tokio::test]
async fn a_lost_answer_may_or_may_not_mean_lost_work() {
    let desk = Desk::open().await;
    let mut expected = 2;
    for (kind, done) in [
        ("drop-before", false),
        ("drop-after", true),
        ("truncate", true),
        ("garbage", true),
        ("error", false),
        ("error-after", true),
    ] {
        desk.fault(&format!("POST /api/tickets/*/replies {kind} 1"));
        let request = desk.request(Method::POST, "/tickets/32/replies");
        let sent = request.json(&json!({ "ticketreply_text": kind })).send().await;
        match sent {
            Ok(response) => assert!(response.json::<Value>().await.is_err(), "{kind}"),
            Err(error) => {
                assert!(kind.starts_with("drop"), "{kind}: {error}");
                assert!(!error.is_timeout());
            }
        }
        expected += i64::from(done);
        assert_eq!(desk.get("/tickets/32").await["data"]["replies_count"], expected, "{kind}");
    }
    let posts = desk.sandbox.requests().into_iter().filter(|seen| seen.method == Method::POST);
    assert_eq!(posts.count(), 6);
}

#[tokio::test]
async fn a_truncated_answer_arrives_in_part() {
    let desk = Desk::open().await;
    desk.fault("GET /api/tickets truncate 1");
    let mut response = desk.request(Method::GET, "/tickets").send().await.unwrap();
    let length = response.content_length().unwrap();
    let mut got = 0;
    let broken = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => got += chunk.len() as u64,
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken);
    assert_eq!(got, length / 2);
}

#[tokio::test]
async fn a_hanging_request_ends_with_the_sandbox() {
    for (kind, done) in [("hang", false), ("hang-after", true)] {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("s.db");
        let options = Options { db: Some(db.clone()), ..Options::default() };
        let desk = Desk::with(options.clone()).await;
        let fault: Fault = format!("POST /api/** {kind}").parse().unwrap();
        let fault = desk.sandbox.faults().add(fault);
        let request = desk.request(Method::POST, "/tickets/32/replies");
        let request = request.json(&json!({ "ticketreply_text": "x" }));
        let hanging = tokio::spawn(request.send());
        let count = || {
            desk.sandbox
                .change(|db| {
                    Ok(db.query_row(
                        "SELECT count(*) FROM replies WHERE ticket_id = 32",
                        [],
                        |row| row.get::<_, i64>(0),
                    )?)
                })
                .unwrap()
        };
        while desk.sandbox.faults().hits(fault) == 0 || (done && count() == 2) {
            tokio::task::yield_now().await;
        }
        assert!(!hanging.is_finished());
        desk.sandbox.stop().await;
        assert!(hanging.await.unwrap().is_err());
        let again = Desk::with(options).await;
        let replies = again.get("/tickets/32").await["data"]["replies_count"].clone();
        assert_eq!(replies, if done { 3 } else { 2 });
    }
}

#[tokio::test]
async fn latency_delays_only_what_it_matches() {
    let desk = Desk::open().await;
    let slow = Duration::from_millis(400);
    let fault = Fault::new(Method::GET, "/api/tickets/1", FaultKind::Latency(slow));
    desk.sandbox.faults().add(fault);
    let start = std::time::Instant::now();
    let (one, two) = tokio::join!(
        async {
            desk.get("/tickets/1").await;
            start.elapsed()
        },
        async {
            desk.get("/tickets/2").await;
            start.elapsed()
        }
    );
    assert!(one >= slow);
    assert!(two < one);
}

#[tokio::test]
async fn quirks_change_the_answer_and_not_the_data() {
    let desk = Desk::open().await;
    desk.sandbox.faults().add(Fault::new(None, "/api/**", FaultKind::Quirk(Quirk::ZeroDates)));
    desk.fault("GET /api/** quirk=no-client");
    desk.fault("GET /api/** quirk=no-department");
    let ticket = desk.get("/tickets/32").await["data"].clone();
    assert_eq!(ticket["dates"]["last_updated"], "0000-00-00 00:00:00");
    assert_eq!(ticket["client"], json!({ "id": null, "name": null }));
    assert_eq!(ticket["department"], Value::Null);
    desk.sandbox.faults().clear();
    desk.fault("GET /api/** quirk=local-times:UTC");
    let ticket = desk.get("/tickets?search=login+page").await["data"][0].clone();
    assert_eq!(ticket["client"]["id"], 1);
    assert!(!ticket["dates"]["last_updated"].as_str().unwrap().contains(['T', 'Z']));
}

#[tokio::test]
async fn the_throttle_counts_down_refuses_and_opens_again() {
    let desk = Desk::open().await;
    let plain = desk.request(Method::GET, "/tickets/32").send().await.unwrap();
    assert!(!plain.headers().contains_key("x-ratelimit-limit"));
    let window = Duration::from_secs(1);
    desk.sandbox.faults().throttle(Some(Throttle { limit: 2, window }));
    let mut left = Vec::new();
    let refused = loop {
        let response = desk.request(Method::GET, "/tickets/32").send().await.unwrap();
        assert_eq!(response.headers()["x-ratelimit-limit"], "2");
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            break response;
        }
        left.push(response.headers()["x-ratelimit-remaining"].to_str().unwrap().to_owned());
    };
    assert_eq!(left, ["1", "0"]);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    while desk.request(Method::GET, "/tickets/32").send().await.unwrap().status() != StatusCode::OK
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_database_file_outlives_its_sandbox_and_a_temporary_one_does_not() {
    let desk = Desk::with(Options { tickets: 3, ..Options::default() }).await;
    let temporary = desk.sandbox.db_path().to_owned();
    assert!(temporary.exists());
    desk.sandbox.stop().await;
    assert!(!temporary.exists());

    let folder = tempfile::tempdir().unwrap();
    let db = Some(folder.path().join("s.db"));
    let desk = Desk::with(Options { db: db.clone(), tickets: 3, ..Options::default() }).await;
    desk.request(Method::DELETE, "/tickets/2").send().await.unwrap();
    desk.sandbox.stop().await;
    let desk = Desk::with(Options { db, tickets: 50, ..Options::default() }).await;
    assert_eq!(ids(&desk.get("/tickets?order=asc").await), [1, 3]);
}

#[tokio::test]
async fn a_taken_address_is_reported() {
    let desk = Desk::with(Options { tickets: 0, ..Options::default() }).await;
    let again = Options { addr: desk.sandbox.addr(), tickets: 0, ..Options::default() };
    assert!(matches!(Sandbox::start(again).await, Err(SandboxError::Listen { .. })));
}

#[tokio::test]
async fn customers_write_by_themselves_when_it_lives() {
    let desk = Desk::open().await;
    let written = || {
        desk.sandbox
            .change(|db| {
                Ok(db.query_row(
                    "SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM replies)",
                    [],
                    |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
                )?)
            })
            .unwrap()
    };
    let before = written();
    desk.sandbox.live(Duration::from_millis(1)).unwrap();
    loop {
        let now = written();
        if now.0 > before.0 && now.1 > before.1 {
            break;
        }
        tokio::task::yield_now().await;
    }
}
