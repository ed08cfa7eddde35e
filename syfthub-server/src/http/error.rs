//! Every refusal and failure as the wire has it: the five shapes of contract hub 1.3.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
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
    /// Shape E1, or E2 with a code, and `Retry-After`: there was too much of something.
    Later {
        /// 429 when the caller asked too much, 503 when everybody did.
        status: StatusCode,
        /// The sentence clients show.
        detail: Cow<'static, str>,
        /// When it is worth trying again.
        retry_after: Duration,
        /// The limit that was reached, if it is one.
        policy: Option<Policy>,
        /// What clients recognise it by, where they know a code for it.
        code: Option<&'static str>,
    },
    /// Something the server needs is away; trying again later helps. 503, shape E1.
    Unavailable(Cause),
    /// A failure nobody foresaw. 500, shape E5; the cause is logged and never sent.
    Internal(Cause),
}

/// A limit as the `RateLimit` header fields have it (draft-ietf-httpapi-ratelimit-headers-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The limit's name.
    pub(crate) name: &'static str,
    /// How many uses fit.
    pub(crate) quota: u32,
    /// Within which time.
    pub(crate) window: Duration,
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

    /// Shape E1 with `Retry-After`.
    pub(crate) fn later(
        status: StatusCode,
        detail: impl Into<Cow<'static, str>>,
        retry_after: Duration,
    ) -> Self {
        Self::Later { status, detail: detail.into(), retry_after, policy: None, code: None }
    }

    /// Gives the refusal a code that clients know; only [`ApiError::later`] has a place for one.
    #[must_use]
    pub(crate) fn known_as(mut self, known: &'static str) -> Self {
        if let Self::Later { code, .. } = &mut self {
            *code = Some(known);
        }
        self
    }

    /// Names the limit that was reached; only [`ApiError::later`] has a place for one.
    #[must_use]
    pub(crate) fn under(mut self, reached: Policy) -> Self {
        if let Self::Later { policy, .. } = &mut self {
            *policy = Some(reached);
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
            Self::Later { status, detail, retry_after, policy, code } => {
                let detail = match code {
                    Some(code) => json!({ "code": code, "message": detail }),
                    None => json!(detail),
                };
                let mut response = respond(status, &json!({ "detail": detail }));
                slow_down(response.headers_mut(), retry_after, policy);
                response
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

/// `RateLimit-Policy` and `RateLimit`, by their names in lower case.
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

fn slow_down(headers: &mut HeaderMap, retry_after: Duration, policy: Option<Policy>) {
    // Rounded up: a second too early would be refused again.
    let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    let Some(Policy { name, quota, window }) = policy else { return };
    let fields = [
        (RATELIMIT_POLICY, format!("\"{name}\";q={quota};w={}", window.as_secs())),
        (RATELIMIT, format!("\"{name}\";r=0;t={}", seconds.max(1))),
    ];
    for (field, value) in fields {
        let value = HeaderValue::try_from(value).expect("names and numbers are fit for a header");
        headers.insert(field, value);
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
