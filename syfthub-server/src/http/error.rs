//! Every refusal and failure as the wire has it: the five shapes of contract hub 1.3.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use syfthub_core::input::Issue;

use crate::db::StoreError;

/// Why a request was not done. A handler returns it; its status and body are decided here alone.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// Shape E1, `{"detail": "…"}`.
    Plain {
        /// The status.
        status: StatusCode,
        /// The sentence clients show.
        detail: Cow<'static, str>,
    },
    /// Shapes E2 and E3, an object as `detail`: `{"code"|"error": …, "message": …, …}`.
    Detailed {
        /// The status.
        status: StatusCode,
        /// The object.
        detail: Map<String, Value>,
    },
    /// Shape E4, the 422 list of contract hub 1.4.
    Invalid(Vec<Issue>),
    /// Something the server needs is away; trying again later helps. 503, shape E1.
    Unavailable(Cause),
    /// A failure nobody foresaw. 500, shape E5; the cause is logged and never sent.
    Internal(Cause),
}

/// What lies behind a failure, for the log.
pub(crate) type Cause = Arc<dyn Error + Send + Sync>;

/// Travels with the response to the edge, which logs it beside the correlation id.
#[derive(Debug, Clone)]
pub(super) struct Failure(pub(super) Cause);

impl ApiError {
    /// Shape E1 with any status.
    pub(crate) fn plain(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Plain { status, detail: detail.into() }
    }

    /// 400.
    pub(crate) fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, detail)
    }

    /// 401 in the one wording that clients know; it makes them refresh their token and try again.
    pub(crate) fn unauthenticated() -> Self {
        Self::unauthorized("Could not validate credentials")
    }

    /// 401 in other words, such as those of a refused login.
    pub(crate) fn unauthorized(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::plain(StatusCode::UNAUTHORIZED, detail)
    }

    /// 403.
    pub(crate) fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::plain(StatusCode::FORBIDDEN, detail)
    }

    /// 404; also for what the caller may not see.
    pub(crate) fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::plain(StatusCode::NOT_FOUND, detail)
    }

    /// Shape E2: `{"code", "message"}`, to which [`ApiError::with`] adds.
    pub(crate) fn coded(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::detailed(status, "code", code, message)
    }

    /// Shape E3: `{"error", "message"}`, to which [`ApiError::with`] adds.
    pub(crate) fn named(status: StatusCode, error: &str, message: impl Into<String>) -> Self {
        Self::detailed(status, "error", error, message)
    }

    fn detailed(status: StatusCode, key: &str, value: &str, message: impl Into<String>) -> Self {
        let mut detail = Map::new();
        detail.insert(key.to_owned(), value.into());
        detail.insert("message".to_owned(), message.into().into());
        Self::Detailed { status, detail }
    }

    /// Adds a field to shape E2 or E3; the other shapes have no place for one and stay as they are.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Self::Detailed { detail, .. } = &mut self {
            detail.insert(name.to_owned(), value.into());
        }
        self
    }

    /// 500 for a failure nobody foresaw.
    pub(crate) fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(cause.into()))
    }

    /// 503 for something that is away.
    pub(crate) fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }
}

impl From<StoreError> for ApiError {
    /// An expected conflict is recognised by the store's caller; one that arrives here was not foreseen.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::unavailable(error),
            error => Self::internal(error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Plain { status, detail } => respond(status, &json!({ "detail": detail })),
            Self::Detailed { status, detail } => respond(status, &json!({ "detail": detail })),
            Self::Invalid(issues) => {
                respond(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "detail": issues }))
            }
            Self::Unavailable(cause) => {
                let detail = json!({ "detail": "The service is temporarily unavailable" });
                let mut response = respond(StatusCode::SERVICE_UNAVAILABLE, &detail);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
                response.extensions_mut().insert(Failure(cause));
                response
            }
            Self::Internal(cause) => {
                let mut response = respond(StatusCode::INTERNAL_SERVER_ERROR, &internal(None));
                response.extensions_mut().insert(Failure(cause));
                response
            }
        }
    }
}

/// The body of shape E5. The edge fills in the id, which a handler does not know.
pub(super) fn internal(correlation_id: Option<&str>) -> Value {
    json!({ "detail": "Internal server error", "correlation_id": correlation_id })
}

pub(super) fn respond(status: StatusCode, body: &Value) -> Response {
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response = (status, json, body.to_string()).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
