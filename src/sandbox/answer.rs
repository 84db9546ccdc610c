//! The form of every answer: the envelope of a success, and the failures.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use super::validate::Errors;

/// A success: `{"data", "meta", "message"}`; `meta` on lists only, `message` on writes only.
#[derive(Debug, Serialize)]
pub(super) struct Answer<T> {
    #[serde(skip)]
    status: StatusCode,
    data: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

/// Where a page of a list stands.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Meta {
    pub(super) current_page: i64,
    pub(super) per_page: i64,
    pub(super) total: i64,
    pub(super) last_page: i64,
}

impl<T: Serialize> Answer<T> {
    /// What was asked for.
    pub(super) fn found(data: T) -> Self {
        Self { status: StatusCode::OK, data, meta: None, message: None }
    }

    /// One page of a list.
    pub(super) fn page(data: T, meta: Meta) -> Self {
        Self { meta: Some(meta), ..Self::found(data) }
    }

    /// What was changed.
    pub(super) fn done(data: T, message: &'static str) -> Self {
        Self { message: Some(message), ..Self::found(data) }
    }

    /// What was made: status 201.
    pub(super) fn created(data: T, message: &'static str) -> Self {
        Self { status: StatusCode::CREATED, ..Self::done(data, message) }
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

/// The body of a deletion's answer: `{"data": {"id": N}}`.
#[derive(Debug, Serialize)]
pub(super) struct Deleted {
    pub(super) id: i64,
}

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("Unauthorized. A valid API key is required.")]
    Unauthorized,
    #[error("The requested resource was not found.")]
    NotFound,
    #[error("The request method is not supported for this route.")]
    Method,
    #[error("The request conflicts with the current state of the resource.")]
    Conflict,
    #[error("Too Many Attempts.")]
    TooMany { retry_after: u64 },
    #[error("The request body could not be read: {0}")]
    Body(String),
    #[error("The request body is too large.")]
    TooLarge,
    #[error("The request body must be JSON or a form.")]
    MediaType,
    #[error("{0}")]
    Invalid(Errors),
    #[error("Server Error")]
    Database(#[from] rusqlite::Error),
    #[error("Server Error")]
    Interrupted,
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Body(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Database(_) | Self::Interrupted => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Self::Database(error) = &self {
            tracing::error!(%error, "the sandbox's database failed");
        }
        let message = self.to_string();
        let body = match &self {
            Self::Invalid(errors) => json!({ "message": message, "errors": errors }),
            _ => json!({ "message": message }),
        };
        let mut response = (self.status(), Json(body)).into_response();
        if let Self::TooMany { retry_after } = self {
            response.headers_mut().insert("retry-after", retry_after.into());
        }
        response
    }
}
