//! The server as a whole: its key, its file, and the people behind the API.

use std::time::Duration;

use growdesk::sandbox::{MailFrom, Options, Sandbox, SandboxError};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::desk::{Desk, ids, told};

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
