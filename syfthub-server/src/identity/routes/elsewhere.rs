//! Routes of services that this hub does not offer. Published clients ask for them and understand 503 as "not set up here"
//! (contract hub 10, S12; 11, C25).

use http::StatusCode;

use crate::http::ApiError;
use crate::identity::caller::Caller;

fn absent(what: &'static str) -> ApiError {
    ApiError::plain(StatusCode::SERVICE_UNAVAILABLE, what)
}

const NO_NATS: &str = "NATS is not configured on this hub";
const NO_TUNNELS: &str = "Tunnelling is not configured on this hub";

/// Credentials of the hub's NATS server; there is none.
#[utoipa::path(get, path = "/api/v1/nats/credentials", tag = "not offered", security(("bearer" = [])), responses(
    (status = 401, description = "Not signed in"),
    (status = 503, description = "Not offered by this hub"),
))]
pub(super) async fn nats_credentials(_: Caller) -> ApiError {
    absent(NO_NATS)
}

/// Credentials of a tunnel to the caller's space; there are none.
#[utoipa::path(get, path = "/api/v1/users/me/tunnel-credentials", tag = "not offered", security(("bearer" = [])), responses(
    (status = 401, description = "Not signed in"),
    (status = 503, description = "Not offered by this hub"),
))]
pub(super) async fn tunnel_credentials(_: Caller) -> ApiError {
    absent(NO_TUNNELS)
}
