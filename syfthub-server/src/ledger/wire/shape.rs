//! Refusals as clients of the ledger read them: `{"detail", "message", "code"}`, always JSON (contract accounting 4.7).

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::http::ApiError;
use crate::ledger::LedgerError;
use crate::ledger::doors::Closed;

/// What a client without credentials is asked for.
const BASIC: HeaderValue = HeaderValue::from_static("Basic realm=\"ledger\", charset=\"UTF-8\"");

/// Gives every answer that is no success the shape of the ledger's refusals.
pub(super) async fn as_the_ledger_says_it(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status().is_success() { response } else { shaped(response).await }
}

async fn shaped(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let detail = sentence(&said["detail"])
        .or_else(|| parts.status.canonical_reason().map(str::to_owned))
        .unwrap_or_default();
    let code = said["detail"]["code"].as_str().unwrap_or_else(|| code(parts.status));
    let body = json!({ "detail": detail, "message": detail, "code": code }).to_string();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if parts.status == StatusCode::UNAUTHORIZED {
        parts.headers.insert(header::WWW_AUTHENTICATE, BASIC);
    }
    Response::from_parts(parts, Body::from(body))
}

/// The words of a detail in any of the hub's shapes.
fn sentence(detail: &Value) -> Option<String> {
    match detail {
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => object.get("message")?.as_str().map(str::to_owned),
        Value::Array(issues) => {
            let issues: Vec<String> = issues.iter().map(issue).collect();
            Some(issues.join("; "))
        }
        _ => None,
    }
}

/// One refused field, such as `body.amount: Field required`.
fn issue(issue: &Value) -> String {
    let place: Vec<String> = issue["loc"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
        .collect();
    format!("{}: {}", place.join("."), issue["msg"].as_str().unwrap_or_default())
}

/// The code of a refusal that has none of its own.
fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "BAD_REQUEST",
        StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
        StatusCode::FORBIDDEN => "FORBIDDEN",
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
        StatusCode::CONFLICT => "CONFLICT",
        StatusCode::PAYLOAD_TOO_LARGE => "TOO_LARGE",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "UNSUPPORTED_MEDIA_TYPE",
        StatusCode::UNPROCESSABLE_ENTITY => "INVALID",
        StatusCode::TOO_MANY_REQUESTS => "TOO_MANY_REQUESTS",
        StatusCode::SERVICE_UNAVAILABLE => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}

impl From<Closed> for ApiError {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Wrong => Self::unauthorized("Wrong e-mail address or password"),
            Closed::TooMany(refused) => refused.into(),
            Closed::Busy(busy) => busy.into(),
            Closed::Ledger(error) => error.into(),
        }
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        let (status, code) = match &error {
            LedgerError::Disabled => (StatusCode::NOT_FOUND, "NO_LEDGER"),
            LedgerError::NoAccount => (StatusCode::NOT_FOUND, "NO_ACCOUNT"),
            LedgerError::Unknown(_) => (StatusCode::NOT_FOUND, "UNKNOWN_ACCOUNT"),
            LedgerError::NotFound(_) => (StatusCode::NOT_FOUND, "NOT_FOUND"),
            LedgerError::Taken(_) => (StatusCode::CONFLICT, "ACCOUNT_EXISTS"),
            LedgerError::KeyReused => (StatusCode::CONFLICT, "IDEMPOTENCY_KEY_REUSED"),
            LedgerError::NoAmount => (StatusCode::UNPROCESSABLE_ENTITY, "INVALID"),
            LedgerError::SameAccount => (StatusCode::UNPROCESSABLE_ENTITY, "SAME_ACCOUNT"),
            LedgerError::Insufficient => (StatusCode::UNPROCESSABLE_ENTITY, "INSUFFICIENT_BALANCE"),
            LedgerError::TooMuch => (StatusCode::UNPROCESSABLE_ENTITY, "BALANCE_TOO_LARGE"),
            LedgerError::NotPending(_) => (StatusCode::UNPROCESSABLE_ENTITY, "NOT_PENDING"),
            LedgerError::BadToken => (StatusCode::FORBIDDEN, "INVALID_TOKEN"),
            LedgerError::NoGrant => (StatusCode::FORBIDDEN, "NO_GRANT"),
            LedgerError::TokenNeeded => (StatusCode::FORBIDDEN, "TOKEN_REQUIRED"),
            LedgerError::Grant(_) => (StatusCode::FORBIDDEN, "GRANT_EXHAUSTED"),
            LedgerError::WrongPassword => (StatusCode::BAD_REQUEST, "WRONG_PASSWORD"),
            LedgerError::Sealed(_) | LedgerError::Store(_) => return own_fault(error),
        };
        let mut words = error.to_string();
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self::coded(status, code, words)
    }
}

fn own_fault(error: LedgerError) -> ApiError {
    match error {
        LedgerError::Store(error) => error.into(),
        error => ApiError::internal(error),
    }
}
