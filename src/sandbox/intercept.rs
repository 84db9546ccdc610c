//! The layers before the routes: the request log, the throttle, and the faults.

use std::time::{Duration, Instant};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use futures::stream;
use serde_json::json;

use super::{
    App,
    answer::Failure,
    door::Peer,
    faults::{Allowance, FaultKind, Proxy, ProxyBody, Quirk},
    quirks,
};

const ERROR_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Server Error</title>\
    </head><body><h1>500</h1><p>Whoops, something went wrong.</p></body></html>\n";
const FRAMEWORK_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Error</title></head>\
    <body class=\"error-page\"><h3>Something went wrong</h3></body></html>\n";

/// The largest answer that a fault changes, in bytes: more than any list is.
const ANSWER_MAX: usize = 64 << 20;

pub(super) async fn intercept(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    app.log(&request);
    let faults = app.faults.take(request.method(), request.uri().path());
    for fault in &faults {
        if let FaultKind::Latency(time) = fault {
            tokio::select! {
                () = tokio::time::sleep(*time) => {}
                () = app.ended() => {}
            }
        }
    }
    let allowance = app.faults.allow(peer.addr.ip(), Instant::now());
    let mut response = match allowance {
        Some(Allowance { retry_after: Some(retry_after), .. }) => {
            Failure::TooMany { retry_after }.into_response()
        }
        _ => answer(&app, &peer, &faults, request, next).await,
    };
    if let Some(Allowance { limit, remaining, .. }) = allowance {
        response.headers_mut().insert("x-ratelimit-limit", limit.into());
        response.headers_mut().insert("x-ratelimit-remaining", remaining.into());
    }
    response
}

async fn answer(
    app: &App,
    peer: &Peer,
    faults: &[FaultKind],
    request: Request,
    next: Next,
) -> Response {
    let decisive =
        faults.iter().find(|fault| !matches!(fault, FaultKind::Latency(_) | FaultKind::Quirk(_)));
    let Some(fault) = decisive else { return quirked(faults, next.run(request).await).await };
    match fault {
        FaultKind::Limited(retry_after) => {
            Failure::TooMany { retry_after: *retry_after }.into_response()
        }
        FaultKind::Error => server_error(),
        FaultKind::Framework(status) => framework_error(&request, *status),
        FaultKind::Proxy(proxy) => {
            if proxy.after {
                drop(next.run(request).await);
            }
            proxys(*proxy)
        }
        FaultKind::Unauthorized => Failure::Unauthorized.into_response(),
        FaultKind::NotFound => Failure::NotFound.into_response(),
        FaultKind::Conflict => Failure::Conflict.into_response(),
        FaultKind::DropBefore => cut(peer),
        FaultKind::Hang => hang(app, peer).await,
        FaultKind::Late(time) => late(*time, request, next).await,
        FaultKind::ErrorAfter
        | FaultKind::Garbage
        | FaultKind::Truncate
        | FaultKind::DropAfter
        | FaultKind::HangAfter
        | FaultKind::Latency(_)
        | FaultKind::Quirk(_) => {
            let done = quirked(faults, next.run(request).await).await;
            spoiled(app, peer, fault, done).await
        }
    }
}

/// The answer of a finished request, changed by the fault.
async fn spoiled(app: &App, peer: &Peer, fault: &FaultKind, done: Response) -> Response {
    match fault {
        FaultKind::ErrorAfter => server_error(),
        FaultKind::Garbage => {
            ([(CONTENT_TYPE, "application/json")], "{\"data\": [<!-- \u{1f4a5}").into_response()
        }
        FaultKind::Truncate => truncated(done).await,
        FaultKind::DropAfter => cut(peer),
        FaultKind::HangAfter => hang(app, peer).await,
        _ => done,
    }
}

fn server_error() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, Html(ERROR_PAGE)).into_response()
}

fn framework_error(request: &Request, status: u16) -> Response {
    if !request.headers().contains_key("x-requested-with") {
        return Html(FRAMEWORK_PAGE).into_response();
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    (status, Json(framework_words())).into_response()
}

fn framework_words() -> serde_json::Value {
    json!({ "notification": { "type": "error", "value": "The request could not be completed" } })
}

fn proxys(proxy: Proxy) -> Response {
    let status = StatusCode::from_u16(proxy.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = match proxy.body {
        ProxyBody::Html => {
            let page =
                format!("<html><head><title>{status}</title></head><h1>{status}</h1></html>");
            (status, Html(page)).into_response()
        }
        ProxyBody::Json => (status, Json(json!({ "message": status.to_string() }))).into_response(),
        ProxyBody::Framework => (status, Json(framework_words())).into_response(),
        ProxyBody::Empty => status.into_response(),
    };
    if let Some(seconds) = proxy.retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// Sends no answer: the returned one meets a connection that is cut.
fn cut(peer: &Peer) -> Response {
    peer.cut();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// No answer until the client gives up or the sandbox ends.
async fn hang(app: &App, peer: &Peer) -> Response {
    app.ended().await;
    cut(peer)
}

/// Handles the request after `time`. The work is a task of its own, since a client that gives up
/// would otherwise end its request.
async fn late(time: Duration, request: Request, next: Next) -> Response {
    let work = tokio::spawn(async move {
        tokio::time::sleep(time).await;
        next.run(request).await
    });
    work.await.unwrap_or_else(|_| server_error())
}

/// Says the whole length, sends half of it, and closes.
async fn truncated(done: Response) -> Response {
    let (mut parts, body) = done.into_parts();
    let bytes = read(body).await;
    parts.headers.insert(CONTENT_LENGTH, bytes.len().into());
    let half = bytes.slice(..bytes.len() / 2);
    let rest = stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                // Lets the first half reach the client before the failure closes the connection.
                tokio::task::yield_now().await;
                Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)), None))
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(rest))
}

async fn quirked(faults: &[FaultKind], done: Response) -> Response {
    let quirks: Vec<&Quirk> = faults
        .iter()
        .filter_map(|fault| match fault {
            FaultKind::Quirk(quirk) => Some(quirk),
            _ => None,
        })
        .collect();
    if quirks.is_empty() {
        return done;
    }
    let (mut parts, body) = done.into_parts();
    let bytes = read(body).await;
    let Ok(mut answer) = serde_json::from_slice(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    for quirk in quirks {
        quirks::apply(quirk, &mut answer);
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(answer.to_string()))
}

async fn read(body: Body) -> Bytes {
    // The sandbox's own answers are in memory already: reading them can't fail.
    axum::body::to_bytes(body, ANSWER_MAX).await.unwrap_or_default()
}
