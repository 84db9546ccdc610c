//! Misbehaviour on request.

use std::time::Duration;

use growdesk::sandbox::{Fault, FaultKind, Options, Quirk, Throttle};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::desk::{Desk, told};

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
