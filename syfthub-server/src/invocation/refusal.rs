//! Why a call brought no answer, and how that looks on the wire (contract hub 6.3).

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::db::StoreError;
use crate::http::ApiError;
use crate::outbound::Refused;

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the request is refused before the endpoint is looked at")]
    Request(ApiError),
    #[error("the owner of the endpoint has no domain configured")]
    NoDomain,
    #[error("the endpoint has no connections")]
    NoConnection,
    #[error("the domain of the endpoint's owner is no address")]
    BadDomain,
    #[error("the endpoint's owner is reached through a tunnel, which the hub does not call")]
    Tunnel,
    #[error("the guard refuses the address: {0}")]
    Guard(#[from] Refused),
    #[error("the body is not JSON")]
    NotJson,
    #[error("the endpoint took longer than {0:?}")]
    TimedOut(Duration),
    #[error("no connection to the endpoint came about")]
    Unreachable,
    #[error("the connection to the endpoint broke off")]
    BrokeOff,
    #[error("the endpoint's answer has more than {0} bytes")]
    TooLarge(usize),
    #[error("the endpoint answered {}: {}", .0.status, .0.detail)]
    Declined(Declined),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An endpoint's answer with a status that is no success.
#[derive(Debug)]
pub(super) struct Declined {
    pub(super) status: StatusCode,
    /// What it said, at most 200 characters on one line.
    pub(super) detail: String,
    /// How long it asks to wait.
    pub(super) retry_after: Option<HeaderValue>,
}

/// A refusal, and which endpoint and host it is about.
pub(super) struct About {
    pub(super) path: String,
    pub(super) host: Option<String>,
}

impl Refusal {
    /// The answer to the caller.
    pub(super) fn into_response(self, about: &About) -> Response {
        let path = &about.path;
        let (status, detail) = match self {
            Self::Request(error) => return error.into_response(),
            Self::Store(error) => return ApiError::from(error).into_response(),
            Self::Declined(declined) => return declined.into_response(),
            Self::NoDomain => (400, format!("Owner of endpoint '{path}' has no domain configured")),
            Self::NoConnection => (400, format!("Endpoint '{path}' has no connections configured")),
            Self::BadDomain => {
                (400, format!("The domain of the owner of endpoint '{path}' is not an address"))
            }
            Self::Tunnel => (
                400,
                format!("Endpoint '{path}' is reached through a tunnel and cannot be invoked here"),
            ),
            Self::Guard(Refused::Unresolved) => {
                let host = about.host.as_deref().unwrap_or_default();
                (400, format!("Could not resolve domain: {host}"))
            }
            Self::Guard(refused) => {
                (403, format!("Endpoint '{path}' must not be called: {refused}"))
            }
            Self::NotJson => (400, "Request body must be valid JSON".to_owned()),
            Self::TimedOut(limit) => {
                let seconds = limit.as_secs_f64();
                (504, format!("Request to target endpoint timed out after {seconds}s"))
            }
            Self::Unreachable => (502, "Could not connect to target endpoint".to_owned()),
            Self::BrokeOff => (502, "The connection to target endpoint broke off".to_owned()),
            Self::TooLarge(limit) => {
                (502, format!("Target endpoint answered more than {limit} bytes"))
            }
        };
        let status = StatusCode::from_u16(status).expect("the numbers above are statuses");
        ApiError::plain(status, detail).into_response()
    }
}

impl Declined {
    /// The endpoint's own status, unless clients would take it for the hub's: 401 makes them refresh their hub token,
    /// and a redirect would lead them away.
    fn into_response(self) -> Response {
        let Self { status, detail, retry_after } = self;
        let (status, detail) = match status {
            StatusCode::FORBIDDEN => (status, format!("Target endpoint denied access: {detail}")),
            StatusCode::UNAUTHORIZED => (
                StatusCode::BAD_GATEWAY,
                format!("Target endpoint did not accept the credentials (HTTP 401): {detail}"),
            ),
            _ if status.is_client_error() || status.is_server_error() => {
                (status, format!("Target endpoint error: {detail}"))
            }
            _ => (
                StatusCode::BAD_GATEWAY,
                format!("Target endpoint error: HTTP {}, which is not followed", status.as_u16()),
            ),
        };
        let mut response = ApiError::plain(status, detail).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
