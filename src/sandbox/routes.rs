//! The routes, the key they ask for, and the answers where there is no route.

use axum::{
    Router,
    extract::{Request, State},
    http::header::AUTHORIZATION,
    middleware::{self, Next},
    response::Response,
    routing::{delete, get, put},
};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use super::{App, answer::Failure, intercept, lookups, lookups::Lookup, replies, tickets};

/// Every key acts as the CRM's first user: replies and tickets are all attributed to it.
pub(super) const API_USER: i64 = 1;

pub(super) fn router(app: App) -> Router {
    let api = Router::new()
        .route("/tickets", get(tickets::list).post(tickets::create))
        .route("/tickets/{id}", get(tickets::get).patch(tickets::update).delete(tickets::delete))
        .route("/tickets/{id}/status", put(tickets::status))
        .route("/tickets/{id}/archive", put(tickets::archive))
        .route("/tickets/{id}/restore", put(tickets::restore))
        .route("/tickets/{id}/tags", put(tickets::tags))
        .route("/tickets/{id}/replies", get(replies::list).post(replies::post))
        .route("/tickets/{id}/replies/{reply}", delete(replies::delete))
        .merge(lookup("/categories", &lookups::CATEGORIES))
        .merge(lookup("/clients", &lookups::CLIENTS))
        .merge(lookup("/projects", &lookups::PROJECTS))
        .merge(lookup("/contacts", &lookups::CONTACTS))
        .merge(lookup("/team", &lookups::TEAM))
        .route_layer(middleware::from_fn_with_state(app.clone(), authorize))
        .method_not_allowed_fallback(async || Failure::Method);
    Router::new()
        .nest("/api", api)
        .fallback(async || Failure::NotFound)
        .layer(middleware::from_fn_with_state(app.clone(), intercept::intercept))
        .with_state(app)
}

fn lookup(path: &str, of: &'static Lookup) -> Router<App> {
    Router::new()
        .route(path, get(move |app, query| of.list(app, query)))
        .route(&format!("{path}/{{id}}"), get(move |app, id| of.get(app, id)))
}

/// Lets a request through that carries the key, compared in constant time.
async fn authorize(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let key = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|header| header.as_bytes().split_at_checked("Bearer ".len()))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"Bearer "))
        .map(|(_, key)| key.trim_ascii());
    match key {
        Some(key) if bool::from(key.ct_eq(app.key.expose_secret().as_bytes())) => {
            Ok(next.run(request).await)
        }
        _ => Err(Failure::Unauthorized),
    }
}
