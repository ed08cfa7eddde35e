//! Reply channels (contract hub 11, C25). Published clients ask for one before each session with an endpoint and name it when the
//! session begins. Sessions of this hub's aggregator run over their own connection, so a channel is only a name here, the token
//! proves nothing, and the address of a message server is empty.

use aws_lc_rs::rand;
use axum::extract::State;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use syfthub_core::wire::token::{PeerRequest, PeerToken};
use uuid::Uuid;

use crate::http::{ApiError, ClientAddress, Json};
use crate::hub::Hub;
use crate::identity::Reading;
use crate::identity::caller::Caller;
use crate::shared::Rule;

/// Seconds that a user's channel is good for, and a guest's.
const LIFE: (i64, i64) = (120, 90);

fn channel(expires_in: i64) -> Result<Json<PeerToken>, ApiError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| ApiError::internal("the system gives no random bytes"))?;
    Ok(Json(PeerToken {
        peer_token: BASE64_URL_SAFE_NO_PAD.encode(bytes),
        peer_channel: Uuid::new_v4().hyphenated().to_string(),
        expires_in,
        nats_url: String::new(),
    }))
}

/// A reply channel for sessions with endpoints.
#[utoipa::path(post, path = "/api/v1/peer-token", tag = "tokens", security(("bearer" = [])), request_body = PeerRequest, responses(
    (status = 200, body = PeerToken),
    (status = 401, description = "Not signed in"),
    (status = 422, description = "The owners are missing"),
))]
pub(super) async fn peer_token(
    _: Reading<Caller>,
    Json(_peers): Json<PeerRequest>,
) -> Result<Json<PeerToken>, ApiError> {
    channel(LIFE.0)
}

/// A reply channel for a guest's sessions with endpoints.
#[utoipa::path(post, path = "/api/v1/nats/guest-peer-token", tag = "tokens", request_body = PeerRequest, responses(
    (status = 200, body = PeerToken),
    (status = 422, description = "The owners are missing"),
    (status = 429, description = "Too many tokens for this address"),
))]
pub(super) async fn guest_peer_token(
    State(hub): State<Hub>,
    client: ClientAddress,
    Json(_peers): Json<PeerRequest>,
) -> Result<Json<PeerToken>, ApiError> {
    hub.limits.check(Rule::GuestToken, client.network()).await?;
    channel(LIFE.1)
}
