//! The client at the edges of HTTP: what is sent, and what becomes of answers that are none.

use std::{collections::BTreeMap, time::Duration};

use growdesk::{
    api::{
        ApiClient, ApiSettings, Endpoints, Error, NewTicketBody, Order, Strange, TicketQuery,
        TicketSort, TicketUpdate, Urgency,
    },
    domain::{
        ClientId, DepartmentId, Priority, Problem, ProjectId, ReplyId, ReplyKind, StatusId,
        TicketId,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, path},
};

const KEY: &str = "k-very-secret";

fn settings(address: &str) -> ApiSettings {
    ApiSettings { requests_per_minute: 0, ..ApiSettings::new(address, KEY.into()) }
}

fn at(address: &str) -> Endpoints {
    ApiClient::new(settings(address)).expect("the settings are good").at(Urgency::Agent)
}

/// A server that gives every request the same answer.
async fn answering(template: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(template).mount(&server).await;
    server
}

async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.expect("requests are recorded")
}

/// The last request as "METHOD path?query" and its JSON body.
async fn last(server: &MockServer) -> (String, Value) {
    let request = requests(server).await.pop().expect("a request came");
    let url = &request.url[url::Position::BeforePath..];
    let body = serde_json::from_slice(&request.body).unwrap_or_default();
    (format!("{} {url}", request.method), body)
}

fn html(status: u16, title: &str) -> ResponseTemplate {
    let page = format!("<!doctype html><html><head><title>{title}</title></head></html>");
    ResponseTemplate::new(status).set_body_raw(page, "text/html; charset=UTF-8")
}

fn strange<T: std::fmt::Debug>(result: Result<T, Error>) -> Strange {
    match result {
        Err(Error::NotTheApi(strange)) => *strange,
        other => panic!("expected an answer that is not the API's, got {other:?}"),
    }
}

fn data(value: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "data": value, "message": "ok" }))
}

fn whole_ticket(id: i64) -> Value {
    json!({"id": id, "subject": "s", "message": "m", "status": {"id": 2, "title": "Closed"},
        "priority": "high", "tags": ["a"]})
}

// What is sent.

#[tokio::test]
async fn every_request_has_the_headers_that_the_api_needs() {
    let server = answering(data(json!([]))).await;
    at(&server.uri()).team().await.unwrap();
    let request = requests(&server).await.pop().unwrap();
    for (name, value) in [
        ("authorization", format!("Bearer {KEY}")),
        ("accept", "application/json".into()),
        ("x-requested-with", "XMLHttpRequest".into()),
        ("user-agent", format!("growdesk/{}", env!("CARGO_PKG_VERSION"))),
    ] {
        assert_eq!(request.headers[name], value, "{name}");
    }
}

#[tokio::test]
async fn an_installation_may_live_under_a_path() {
    let server = answering(data(json!([]))).await;
    for base in ["/crm", "/crm/", "/crm/api", "/crm/api/"] {
        at(&format!("{}{base}", server.uri())).team().await.unwrap();
        assert_eq!(last(&server).await.0, "GET /crm/api/team?limit=100", "{base}");
    }
}

#[tokio::test]
async fn a_list_is_asked_for_with_all_its_filters() {
    let server = answering(data(json!([]))).await;
    let api = at(&server.uri());
    api.tickets(&TicketQuery::default()).await.unwrap();
    let (request, _) = last(&server).await;
    assert_eq!(request, "GET /api/tickets?active_state=active&limit=100&page=1");
    let query = TicketQuery {
        archived: true,
        status: Some(StatusId(27)),
        priority: Some(Priority::Urgent),
        department: Some(DepartmentId(72)),
        client: Some(ClientId(1)),
        project: Some(ProjectId(9)),
        search: Some("a&b #ü".into()),
        tags: vec!["one".into(), "two".into()],
        sort: Some(TicketSort::LastUpdated),
        order: Some(Order::Ascending),
        limit: 500,
        page: 3,
    };
    api.tickets(&query).await.unwrap();
    let request = requests(&server).await.pop().unwrap();
    let sent: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    let expected = [
        ("active_state", "archived"),
        ("status", "27"),
        ("priority", "urgent"),
        ("category_id", "72"),
        ("client_id", "1"),
        ("project_id", "9"),
        ("search", "a&b #ü"),
        ("sort", "ticket_last_updated"),
        ("order", "asc"),
        ("limit", "100"),
        ("page", "3"),
        ("tags[]", "one"),
        ("tags[]", "two"),
    ];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn writes_to_a_ticket_send_json_and_give_the_ticket_back() {
    let server = answering(data(whole_ticket(32))).await;
    let api = at(&server.uri());
    let id = TicketId(32);
    let update = TicketUpdate {
        department: DepartmentId(72),
        project: None,
        subject: " as\u{7} stored ".into(),
        message: "<p>\r\n</p>".into(),
        priority: Priority::High,
    };
    let full = api.update_ticket(id, &update).await.unwrap().expect("the ticket is whole");
    assert_eq!(full.ticket.status.id, StatusId::CLOSED);
    let body = json!({"ticket_categoryid": 72, "ticket_projectid": null,
        "ticket_subject": " as\u{7} stored ", "ticket_message": "<p>\r\n</p>", "ticket_priority": "high"});
    assert_eq!(last(&server).await, ("PATCH /api/tickets/32".into(), body));

    assert!(api.set_status(id, StatusId(27)).await.unwrap().is_some());
    let expected = ("PUT /api/tickets/32/status".into(), json!({"status": 27}));
    assert_eq!(last(&server).await, expected);
    assert!(api.set_tags(id, &[]).await.unwrap().is_some());
    assert_eq!(last(&server).await, ("PUT /api/tickets/32/tags".into(), json!({"tags": []})));
    assert!(api.archive(id).await.unwrap().is_some());
    assert_eq!(last(&server).await.0, "PUT /api/tickets/32/archive");
    assert!(api.restore(id).await.unwrap().is_some());
    assert_eq!(last(&server).await.0, "PUT /api/tickets/32/restore");
    api.delete_ticket(id).await.unwrap();
    assert_eq!(last(&server).await.0, "DELETE /api/tickets/32");
    api.delete_reply(id, ReplyId(5)).await.unwrap();
    assert_eq!(last(&server).await.0, "DELETE /api/tickets/32/replies/5");
    assert!(api.archive(TicketId(33)).await.unwrap().is_none(), "that is another ticket");
}

fn new_ticket() -> NewTicketBody {
    NewTicketBody {
        client: ClientId(1),
        department: DepartmentId(72),
        project: Some(ProjectId(9)),
        subject: "s".into(),
        message: "<p>m</p>".into(),
        priority: Priority::Normal,
        custom: vec![("ticket_custom_field_3".into(), "blue".into())],
    }
}

#[tokio::test]
async fn what_is_created_is_known_by_its_number_at_least() {
    let server =
        answering(ResponseTemplate::new(201).set_body_json(json!({"data": {"id": "40"}}))).await;
    let api = at(&server.uri());
    let made = api.create_ticket(&new_ticket()).await.unwrap();
    assert_eq!((made.id, made.item), (Some(TicketId(40)), None));
    let body = json!({"ticket_clientid": 1, "ticket_categoryid": 72, "ticket_projectid": 9,
        "ticket_subject": "s", "ticket_message": "<p>m</p>", "ticket_priority": "normal",
        "ticket_custom_field_3": "blue"});
    assert_eq!(last(&server).await, ("POST /api/tickets".into(), body));

    let made = api.post_reply(TicketId(40), ReplyKind::Note, "<p>x</p>").await.unwrap();
    assert_eq!((made.id, made.item), (Some(ReplyId(40)), None));
    let body = json!({"ticketreply_text": "<p>x</p>", "ticketreply_type": "note"});
    assert_eq!(last(&server).await, ("POST /api/tickets/40/replies".into(), body));

    let server = answering(data(whole_ticket(40))).await;
    let made = at(&server.uri()).post_reply(TicketId(40), ReplyKind::Reply, "x").await.unwrap();
    assert_eq!(made.id, None, "a ticket's number is no reply's");
}

#[tokio::test]
async fn what_must_not_be_sent_is_refused_without_a_request() {
    let server = answering(data(json!({"id": 1}))).await;
    let api = at(&server.uri());
    let new = NewTicketBody { priority: Priority::Unknown, ..new_ticket() };
    let result = api.create_ticket(&new).await;
    assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
    let result = api.post_reply(TicketId(1), ReplyKind::Unknown, "x").await;
    assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
    assert!(requests(&server).await.is_empty());
}

// What is read.

#[tokio::test]
async fn a_broken_item_costs_only_itself() {
    let fixture = include_str!("fixtures/tickets_with_broken_items.json");
    let server =
        answering(ResponseTemplate::new(200).set_body_raw(fixture, "application/json")).await;
    let page = at(&server.uri()).tickets(&TicketQuery::default()).await.unwrap();
    let ids: Vec<TicketId> = page.items.iter().map(|full| full.ticket.id).collect();
    assert_eq!(ids, [TicketId(1), TicketId(2)]);
    assert_eq!(page.skipped, 5);
    assert_eq!((page.page, page.last_page, page.total, page.per_page), (1, 3, 21, 7));
    assert!(page.has_next());
}

#[tokio::test]
async fn complete_lists_follow_the_pages_that_the_server_names() {
    let server = MockServer::start().await;
    for page in 1..=2 {
        let body = json!({
            "data": [{"id": page, "name": "x", "type": "ticket"}, {"id": 90 + page, "type": "project"}],
            "meta": {"current_page": page, "last_page": 2},
        });
        let mut mock = Mock::given(path("/api/categories"));
        if page == 2 {
            mock = mock.and(wiremock::matchers::query_param("page", "2")).and(method("GET"));
        } else {
            mock = mock.and(wiremock::matchers::query_param_is_missing("page"));
        }
        mock.respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    }
    let page = at(&server.uri()).departments().await.unwrap();
    let ids: Vec<DepartmentId> = page.items.iter().map(|it| it.id).collect();
    assert_eq!(ids, [DepartmentId(1), DepartmentId(2)]);
    assert_eq!((page.skipped, page.has_next()), (0, false));
    assert_eq!(requests(&server).await.len(), 2);
}

#[tokio::test]
async fn a_conversation_is_in_the_order_of_its_numbers() {
    let fixture = include_str!("fixtures/replies_by_column_names.json");
    let server =
        answering(ResponseTemplate::new(200).set_body_raw(fixture, "application/json")).await;
    let page = at(&server.uri()).replies(TicketId(32)).await.unwrap();
    let ids: Vec<ReplyId> = page.items.iter().map(|it| it.id).collect();
    assert_eq!(ids, [ReplyId(21), ReplyId(22)]);
    assert!(page.items.iter().all(|it| it.ticket == TicketId(32)));
}

// Answers that are errors.

#[tokio::test]
async fn a_redirect_is_reported_and_the_key_does_not_travel() {
    let other = answering(data(json!([]))).await;
    let target = format!("{}/login?next=x", other.uri());
    let server = answering(ResponseTemplate::new(302).insert_header("location", &*target)).await;
    let strange = strange(at(&server.uri()).team().await);
    assert_eq!(strange.redirected_to.unwrap().as_str(), format!("{}/login", other.uri()));
    assert!(requests(&other).await.is_empty());
}

#[tokio::test]
async fn a_page_for_people_is_not_the_api_whatever_its_status() {
    for status in [200, 404, 405] {
        let server = answering(html(status, "Sign in")).await;
        let api = at(&server.uri());
        let strange = strange(api.ticket(TicketId(1)).await);
        assert_eq!((strange.status, strange.title.unwrap().as_str()), (status, "Sign in"));
        let problem = Problem::from(api.archive(TicketId(1)).await.unwrap_err());
        assert!(problem.is_doubtful(), "{problem}");
        assert_eq!(requests(&server).await.len(), 2, "neither is tried again");
    }
}

#[tokio::test]
async fn the_apis_own_errors_keep_their_words() {
    let errors = json!({"ticket_subject": ["Too long", "Odd"]});
    for (status, expected) in [
        (401, "the server does not accept the API key: No way"),
        (404, "the server does not know it: No way"),
        (409, "the server refused: No way"),
        (422, "the server refused: No way · Too long · Odd"),
    ] {
        let mut body = json!({"message": "No way"});
        if status == 422 {
            body["errors"] = errors.clone();
        }
        let server = answering(ResponseTemplate::new(status).set_body_json(body)).await;
        let api = at(&server.uri());
        let problem = Problem::from(api.set_status(TicketId(1), StatusId(2)).await.unwrap_err());
        assert!(!problem.is_doubtful() && !problem.is_passing(), "{problem}");
        assert_eq!(problem.to_string(), expected);
        assert_eq!(requests(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_quotes_the_key_does_not_spread_it() {
    let body = json!({"message": format!("bad {KEY}"), "errors": {"key": [KEY]}});
    for status in [401, 404, 422, 500] {
        let server = answering(ResponseTemplate::new(status).set_body_json(&body)).await;
        let error = at(&server.uri()).archive(TicketId(1)).await.unwrap_err();
        let problem = Problem::from(error.clone());
        assert!(!format!("{error} {error:?} {problem} {problem:?}").contains(KEY), "{status}");
    }
}

#[tokio::test]
async fn a_throttle_pauses_the_whole_budget() {
    for (header, seconds) in [(Some("2400"), 2400), (None, 60)] {
        let mut answer = html(429, "Too many requests").insert_header("x-ratelimit-limit", "30");
        if let Some(header) = header {
            answer = answer.insert_header("retry-after", header);
        }
        let server = answering(answer).await;
        let client = ApiClient::new(settings(&server.uri())).unwrap();
        let before = Timestamp::now();
        let error = client.at(Urgency::Agent).ticket(TicketId(1)).await.unwrap_err();
        let Error::Throttled { until } = error else { panic!("not throttled: {error}") };
        let wait = until.duration_since(before);
        let asked = SignedDuration::from_secs(seconds);
        assert!(wait >= asked && wait < asked + SignedDuration::from_secs(30), "{wait:?}");
        let state = client.budget().state();
        assert_eq!((state.limit, state.paused_until), (Some(30), Some(until)));
        let problem = Problem::from(Error::Throttled { until });
        assert!(problem.is_passing());
        assert_eq!(requests(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn a_failing_server_gets_reads_again_but_writes_once() {
    let server = answering(html(500, "Whoops")).await;
    let api = at(&server.uri());
    let error = api.ticket(TicketId(1)).await.unwrap_err();
    assert!(matches!(error, Error::ServerFault { status: 500, .. }), "{error}");
    assert_eq!(requests(&server).await.len(), 3);
    let error = api.post_reply(TicketId(1), ReplyKind::Reply, "x").await.unwrap_err();
    assert!(Problem::from(error).is_doubtful());
    assert_eq!(requests(&server).await.len(), 4);
}

#[tokio::test]
async fn a_read_succeeds_when_the_second_attempt_does() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(html(502, "x")).up_to_n_times(1).mount(&server).await;
    Mock::given(any()).respond_with(data(json!({"id": 7}))).mount(&server).await;
    let full = at(&server.uri()).ticket(TicketId(7)).await.unwrap();
    assert_eq!(full.ticket.id, TicketId(7));
}

#[tokio::test]
async fn a_good_status_without_what_was_asked_for_is_an_error() {
    for body in [json!({}), json!([]), json!({"data": null}), json!({"data": {"subject": "x"}})] {
        let server = answering(ResponseTemplate::new(200).set_body_json(&body)).await;
        assert_eq!(strange(at(&server.uri()).ticket(TicketId(1)).await).status, 200, "{body}");
    }
    let server = answering(data(json!({"id": 3}))).await;
    let text = strange(at(&server.uri()).tickets(&TicketQuery::default()).await).to_string();
    assert_eq!(text, "HTTP 200, without a list in it");
}

#[tokio::test]
async fn maintenance_is_no_doubt_but_another_503_is() {
    let body = json!({"notification": {"type": "error", "value": "Maintenance"}});
    let server = answering(ResponseTemplate::new(503).set_body_json(body)).await;
    let error = at(&server.uri()).archive(TicketId(1)).await.unwrap_err();
    assert!(matches!(error, Error::Throttled { .. }), "{error}");
    let server = answering(html(503, "Service Unavailable")).await;
    let error = at(&server.uri()).archive(TicketId(1)).await.unwrap_err();
    assert!(Problem::from(error).is_doubtful());
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let server = answering(ResponseTemplate::new(200).set_body_bytes(vec![b' '; 17 << 20])).await;
    let strange = strange(at(&server.uri()).team().await);
    assert_eq!(strange.what.unwrap().as_str(), "larger than 16 MiB");
}

#[tokio::test]
async fn the_budget_learns_from_every_answer() {
    let answer = data(json!({"id": 1}))
        .insert_header("x-ratelimit-limit", "40")
        .insert_header("x-ratelimit-remaining", "25");
    let server = answering(answer).await;
    let client = ApiClient::new(settings(&server.uri())).unwrap();
    client.at(Urgency::Agent).ticket(TicketId(1)).await.unwrap();
    let state = client.budget().state();
    assert_eq!((state.limit, state.used, state.paused_until), (Some(40), 15, None));
}

#[tokio::test]
async fn no_request_leaves_beyond_the_budget() {
    let server = answering(html(500, "Whoops")).await;
    let settings = ApiSettings { requests_per_minute: 2, ..settings(&server.uri()) };
    let client = ApiClient::new(settings).unwrap();
    let mut told = client.budget().watch();
    let api = client.at(Urgency::Agent);
    let read = tokio::spawn(async move { api.ticket(TicketId(1)).await });
    // The third attempt stands in line for the window to move on.
    told.wait_for(|state| state.used == 2 && state.waiting == 1).await.unwrap();
    assert_eq!(requests(&server).await.len(), 2);
    read.abort();
}

// Answers that do not come. The servers here speak TCP by hand.

/// A server that hands each connection with a whole request on it to `then`.
async fn raw<F, Fut>(then: F) -> (String, tokio::task::JoinHandle<()>)
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = format!("http://{}", listener.local_addr().expect("it listens"));
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.windows(4).any(|it| it == b"\r\n\r\n") {
                match stream.read_buf(&mut head).await {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {}
                }
            }
            tokio::spawn(then(stream));
        }
    });
    (address, task)
}

#[tokio::test]
async fn a_refused_connection_means_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = at(&address).archive(TicketId(1)).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    let problem = Problem::from(error);
    assert!(problem.is_passing() && !problem.is_doubtful());
    assert!(problem.said.as_str().contains("refused"), "{problem}");
}

#[tokio::test]
async fn no_answer_in_time_leaves_doubt() {
    let (address, _server) = raw(|mut stream| async move {
        let _ = stream.read(&mut [0]).await;
    })
    .await;
    let settings = ApiSettings { timeout: Duration::from_millis(300), ..settings(&address) };
    let api = ApiClient::new(settings).unwrap().at(Urgency::Agent);
    let error = api.archive(TicketId(1)).await.unwrap_err();
    assert_eq!(error, Error::TimedOut { sent: true });
    let error = api.ticket(TicketId(1)).await.unwrap_err();
    assert_eq!(error, Error::TimedOut { sent: true });
}

#[tokio::test]
async fn a_connection_not_made_in_time_leaves_none() {
    // A TLS handshake that nobody answers is a part of making the connection.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let settings = ApiSettings { timeout: Duration::from_millis(500), ..settings(&address) };
    let api = ApiClient::new(settings).unwrap().at(Urgency::Agent);
    let error = api.archive(TicketId(1)).await.unwrap_err();
    assert_eq!(error, Error::TimedOut { sent: false });
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_doubt() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"data\": {}}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"data\"",
    ] {
        let (address, _server) = raw(move |mut stream| async move {
            let _ = stream.write_all(answer.as_bytes()).await;
        })
        .await;
        let api = at(&address);
        let error = api.archive(TicketId(1)).await.unwrap_err();
        assert!(matches!(error, Error::Broken { .. }), "{answer}: {error:?}");
        assert!(Problem::from(error).is_doubtful());
        let error = api.ticket(TicketId(1)).await.unwrap_err();
        assert!(matches!(error, Error::Broken { .. }), "{answer}: {error:?}");
    }
}

#[tokio::test]
async fn a_server_that_dawdles_within_its_answer_is_not_waited_for() {
    let (address, _server) = raw(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").await;
        let _ = stream.read(&mut [0]).await;
    })
    .await;
    let settings = ApiSettings { timeout: Duration::from_millis(300), ..settings(&address) };
    let error = ApiClient::new(settings).unwrap().at(Urgency::Agent).archive(TicketId(1)).await;
    assert_eq!(error, Err(Error::TimedOut { sent: true }));
}

#[tokio::test]
async fn what_is_no_http_is_told() {
    let (address, _server) = raw(|mut stream| async move {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    })
    .await;
    let error = at(&address).archive(TicketId(1)).await.unwrap_err();
    assert!(matches!(error, Error::Broken { .. }), "{error:?}");
}

#[tokio::test]
async fn plain_http_is_not_spoken_to_strangers() {
    let error = ApiClient::new(settings("http://crm.example")).unwrap_err().to_string();
    assert!(error.contains("crm.example") && !error.contains(KEY), "{error}");
}

#[tokio::test]
async fn field_errors_come_by_their_names() {
    let body = json!({"message": "Invalid", "errors": {"ticket_custom_field_3": "needed"}});
    let server = answering(ResponseTemplate::new(422).set_body_json(body)).await;
    let error = at(&server.uri()).create_ticket(&new_ticket()).await.unwrap_err();
    let problem = Problem::from(error);
    let fields: BTreeMap<&str, &str> =
        problem.fields.iter().map(|(name, lines)| (name.as_str(), lines[0].as_str())).collect();
    assert_eq!(fields, BTreeMap::from([("ticket_custom_field_3", "needed")]));
}
