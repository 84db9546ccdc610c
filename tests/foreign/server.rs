//! The server: tickets as JSON texts, and a rule that spoils answers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::{Value, json};

/// What the server is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A page of a list: what is asked of it, and the tickets that it shows.
    Page { limit: usize, page: usize, shows: Vec<i64> },
    /// A ticket.
    Ticket(i64),
    /// A conversation.
    Replies(i64),
    /// Anything else.
    Other,
}

impl Asked {
    /// Whether the answer has that ticket in it.
    pub(crate) fn has(&self, id: i64) -> bool {
        match self {
            Self::Page { shows, .. } => shows.contains(&id),
            Self::Ticket(it) => *it == id,
            Self::Replies(_) | Self::Other => false,
        }
    }

    pub(crate) fn is_page(&self) -> bool {
        matches!(self, Self::Page { .. })
    }
}

/// An answer: its status, its type, its bytes.
pub(crate) type Answer = (u16, &'static str, Vec<u8>);
/// What becomes of an answer.
type Spoil = dyn Fn(&Asked, Answer) -> Answer + Send + Sync;

pub(crate) const JSON: &str = "application/json";

/// 500, as the framework shows it.
pub(crate) fn whoops() -> Answer {
    (500, "text/html", b"<html><title>Whoops</title></html>".to_vec())
}

struct Desk {
    /// Each ticket: its number, its status, and its object, which need not be JSON.
    tickets: Vec<(i64, i64, Vec<u8>)>,
    replies: HashMap<i64, Vec<u8>>,
    spoil: Arc<Spoil>,
    asked: Vec<Asked>,
    posted: Vec<String>,
}

/// A running server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: String,
    desk: Arc<Mutex<Desk>>,
}

/// A ticket's object.
pub(crate) fn ticket(id: i64, status: i64, subject: &str, message: &str) -> Vec<u8> {
    let (hour, minute) = (id / 60 % 24, id % 60);
    let created = format!("2026-06-15T{hour:02}:{minute:02}:00.000000Z");
    let ticket = json!({
        "id": id, "subject": subject, "message": message,
        "status": {"id": status, "title": "Open"}, "priority": "normal", "source": "web",
        "active_state": "active", "department": {"id": 4, "name": "Accounts"},
        "client": {"id": 1, "name": "Acme"}, "project_id": null, "creator_id": 9,
        "dates": {"created": created, "last_updated": null, "status_changed": null},
        "replies_count": 0, "tags": []
    });
    ticket.to_string().into_bytes()
}

impl Server {
    /// A server with tickets 1 to `count`, all of them open, nothing of which is spoilt.
    pub(crate) async fn start(count: i64) -> Self {
        let tickets = (1..=count)
            .map(|id| (id, 1, ticket(id, 1, &format!("Subject {id}"), "<p>Hello</p>")))
            .collect();
        let desk = Desk {
            tickets,
            replies: HashMap::new(),
            spoil: Arc::new(|_, answer| answer),
            asked: Vec::new(),
            posted: Vec::new(),
        };
        let desk = Arc::new(Mutex::new(desk));
        let routes = Router::new()
            .route("/api/tickets", get(page))
            .route("/api/tickets/{id}", get(one))
            .route("/api/tickets/{id}/replies", get(replies).post(post))
            .fallback(other)
            .with_state(Arc::clone(&desk));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address: format!("http://{address}"), desk }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().expect("no panic")
    }

    /// Puts another object in the place of a ticket's.
    pub(crate) fn put(&self, id: i64, object: impl Into<Vec<u8>>) {
        let mut desk = self.desk();
        let found = desk.tickets.iter_mut().find(|ticket| ticket.0 == id);
        found.expect("the ticket is there").2 = object.into();
    }

    /// Gives a ticket a conversation: the list of its replies.
    pub(crate) fn converse(&self, id: i64, replies: impl Into<Vec<u8>>) {
        self.desk().replies.insert(id, replies.into());
    }

    /// From now on, answers are spoilt so.
    pub(crate) fn spoil(&self, spoil: impl Fn(&Asked, Answer) -> Answer + Send + Sync + 'static) {
        self.desk().spoil = Arc::new(spoil);
    }

    /// Whenever the ticket is in an answer, the server fails.
    pub(crate) fn fail_over(&self, ids: &'static [i64]) {
        self.spoil(
            |asked, answer| {
                if ids.iter().any(|id| asked.has(*id)) { whoops() } else { answer }
            },
        );
    }

    /// What was asked for since this was last asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.desk().asked)
    }

    /// The texts that were posted.
    pub(crate) fn posted(&self) -> Vec<String> {
        self.desk().posted.clone()
    }
}

type Shared = State<Arc<Mutex<Desk>>>;

fn finish(desk: &Mutex<Desk>, asked: Asked, answer: Answer) -> Response {
    let spoil = {
        let mut desk = desk.lock().expect("no panic");
        desk.asked.push(asked.clone());
        Arc::clone(&desk.spoil)
    };
    let (status, kind, body) = spoil(&asked, answer);
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(CONTENT_TYPE, kind)], Body::from(body)).into_response()
}

fn list(items: &[&[u8]], meta: &Value) -> Answer {
    let items = items.join(&b","[..]);
    let body =
        [b"{\"data\":[", &items[..], b"],\"meta\":", meta.to_string().as_bytes(), b"}"].concat();
    (200, JSON, body)
}

async fn page(State(desk): Shared, Query(query): Query<HashMap<String, String>>) -> Response {
    let number = |name: &str| query.get(name).and_then(|it| it.parse::<usize>().ok());
    let (limit, page) = (number("limit").unwrap_or(35).clamp(1, 100), number("page").unwrap_or(1));
    let status = query.get("status").and_then(|it| it.parse::<i64>().ok());
    let archived = query.get("active_state").is_some_and(|it| it == "archived");
    let (asked, answer) = {
        let desk = desk.lock().expect("no panic");
        let listed = desk.tickets.iter().rev();
        let listed = listed.filter(|it| !archived && status.is_none_or(|status| it.1 == status));
        let all: Vec<_> = listed.collect();
        let shown: Vec<_> = all.iter().skip((page - 1) * limit).take(limit).collect();
        let meta = json!({
            "current_page": page, "per_page": limit, "total": all.len(),
            "last_page": all.len().div_ceil(limit).max(1)
        });
        let items: Vec<&[u8]> = shown.iter().map(|it| &it.2[..]).collect();
        let shows = shown.iter().map(|it| it.0).collect();
        (Asked::Page { limit, page, shows }, list(&items, &meta))
    };
    finish(&desk, asked, answer)
}

async fn one(State(desk): Shared, Path(id): Path<i64>) -> Response {
    let object = {
        let desk = desk.lock().expect("no panic");
        desk.tickets.iter().find(|it| it.0 == id).map(|it| it.2.clone())
    };
    let answer = match object {
        Some(object) => (200, JSON, [b"{\"data\":", &object[..], b"}"].concat()),
        None => (404, JSON, b"{\"message\":\"Ticket not found\"}".to_vec()),
    };
    finish(&desk, Asked::Ticket(id), answer)
}

async fn replies(State(desk): Shared, Path(id): Path<i64>) -> Response {
    let replies = desk.lock().expect("no panic").replies.get(&id).cloned();
    let replies = replies.unwrap_or_else(|| b"[]".to_vec());
    let answer = (200, JSON, [b"{\"data\":", &replies[..], b"}"].concat());
    finish(&desk, Asked::Replies(id), answer)
}

async fn post(State(desk): Shared, Path(id): Path<i64>, body: axum::Json<Value>) -> Response {
    let text = body["ticketreply_text"].as_str().unwrap_or_default().to_owned();
    let reply =
        json!({"data": {"id": 900_000 + id, "text": text, "type": body["ticketreply_type"]}});
    desk.lock().expect("no panic").posted.push(text);
    (StatusCode::CREATED, axum::Json(reply)).into_response()
}

async fn other(State(desk): Shared) -> Response {
    finish(&desk, Asked::Other, list(&[], &json!({"total": 0, "last_page": 1})))
}
