//! What clients of the original hub ask for and this one does not have: ways through NATS and tunnels to spaces that
//! cannot be reached. They all understand 503 and go on without (contract hub 10, S12, and 11, C25).

use http::StatusCode;

use crate::http::ApiError;
use crate::identity::Caller;

/// Credentials for a message broker; there is none.
#[utoipa::path(get, path = "/api/v1/nats/credentials", tag = "tunnels", security(("bearer" = [])), responses(
    (status = 401, description = "Not signed in"),
    (status = 503, description = "There is no message broker"),
))]
pub(super) async fn nats_credentials(_: Caller) -> ApiError {
    absent("This hub has no message broker")
}

/// A token for a channel to other users' spaces; there is none.
#[utoipa::path(post, path = "/api/v1/peer-token", tag = "tunnels", security(("bearer" = [])), responses(
    (status = 401, description = "Not signed in"),
    (status = 503, description = "There is no message broker"),
))]
pub(super) async fn peer_token(_: Caller) -> ApiError {
    absent("This hub has no message broker")
}

/// The same for somebody without an account; there is none.
#[utoipa::path(post, path = "/api/v1/nats/guest-peer-token", tag = "tunnels", responses(
    (status = 503, description = "There is no message broker"),
))]
pub(super) async fn guest_peer_token() -> ApiError {
    absent("This hub has no message broker")
}

/// Credentials for a tunnel to one's own space; there is none.
#[utoipa::path(get, path = "/api/v1/users/me/tunnel-credentials", tag = "tunnels", security(("bearer" = [])), responses(
    (status = 401, description = "Not signed in"),
    (status = 503, description = "There are no tunnels"),
))]
pub(super) async fn tunnel_credentials(_: Caller) -> ApiError {
    absent("This hub has no tunnels")
}

fn absent(detail: &'static str) -> ApiError {
    ApiError::plain(StatusCode::SERVICE_UNAVAILABLE, detail)
}
