//! A server that is not ours: installed under a path, with local times, nulls, a renamed and a
//! custom status, fields nobody asked for, and HTML with status 200 for what it does not know.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse},
    routing::{get, put},
};
use serde_json::{Value, json};

/// What was asked of the server to change, in order.
pub(crate) type Changes = Arc<Mutex<Vec<String>>>;

#[derive(Clone, Default)]
struct Server {
    changes: Changes,
    replies: Arc<Mutex<Vec<Value>>>,
}

fn ticket(replies: usize) -> Value {
    json!({
        "id": "7001", "subject": "Invoice\u{1b}[31m twice", "message": "<div>Twice!<br>Why?</div>",
        "status": {"id": 9, "title": "With the supplier", "color": "#aaa"}, "priority": "high",
        "source": "email", "active_state": "active", "client": {"id": null, "name": null},
        "department": {"id": 4, "name": "Accounts"}, "project_id": null, "creator_id": 999,
        "dates": {"created": "2026-06-15T09:30:00.000000Z", "last_updated": "0000-00-00 00:00:00",
                  "status_changed": "2026-06-15 11:30:00"},
        "replies_count": replies, "tags": null, "pinned": false, "sla": {"hours": 4}
    })
}

async fn tickets(State(server): State<Server>) -> Json<Value> {
    let replies = server.replies.lock().expect("no panic").len();
    Json(json!({"data": [ticket(replies), {"id": "odd"}], "message": null, "took": 3}))
}

async fn one(State(server): State<Server>) -> Json<Value> {
    let replies = server.replies.lock().expect("no panic").len();
    Json(json!({"data": ticket(replies)}))
}

async fn replies(State(server): State<Server>) -> Json<Value> {
    Json(json!({"data": server.replies.lock().expect("no panic").clone()}))
}

async fn post(State(server): State<Server>, Json(body): Json<Value>) -> impl IntoResponse {
    let text = body["ticketreply_text"].clone();
    server.changes.lock().expect("no panic").push(format!("reply {text}"));
    let mut replies = server.replies.lock().expect("no panic");
    let reply = json!({
        "id": 50 + replies.len(), "ticketreply_text": text, "ticketreply_type": "reply",
        "creator_id": 1, "created_at": "2026-11-01 10:00:00"
    });
    replies.push(reply.clone());
    (StatusCode::CREATED, Json(json!({"data": reply})))
}

async fn status(
    State(server): State<Server>,
    Path(id): Path<i64>,
    Json(body): Json<Value>,
) -> Json<Value> {
    server.changes.lock().expect("no panic").push(format!("status {id} {}", body["status"]));
    Json(json!({"data": {"id": id}, "message": "ok"}))
}

/// Starts it, and gives its address and what it was asked to change.
pub(crate) async fn start() -> (String, Changes) {
    let server = Server::default();
    let changes = Arc::clone(&server.changes);
    let nothing = || async { Html("<html><title>Sign in</title><form></form></html>") };
    let routes = Router::new()
        .route("/crm/api/tickets", get(tickets))
        .route("/crm/api/tickets/{id}", get(one))
        .route("/crm/api/tickets/{id}/replies", get(replies).post(post))
        .route("/crm/api/tickets/{id}/status", put(status))
        .fallback(nothing)
        .with_state(server);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (format!("http://{address}/crm/"), changes)
}
