//! Reply channels (contract hub 11, C25). Published clients ask for one before each session with an endpoint and name it when the
//! session begins. Sessions of this hub's aggregator run over their own connection, so a channel is only a name here, the token
//! proves nothing, and the address of a message server is empty.

use aws_lc_rs::rand;
use axum::extract::State;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{ApiError, ClientAddress, Json};
use crate::hub::Hub;
use crate::identity::Reading;
use crate::identity::caller::Caller;
use crate::shared::Rule;

/// Seconds that a user's channel is good for, and a guest's.
const LIFE: (i64, i64) = (120, 90);

/// The most owners that one channel is for.
const TARGETS: usize = 50;

/// A name for a channel.
#[derive(Serialize, ToSchema)]
pub(super) struct PeerToken {
    /// Random text.
    #[serde(rename = "peer_token")]
    token: String,
    /// Random text.
    #[serde(rename = "peer_channel")]
    channel: String,
    /// Seconds.
    expires_in: i64,
    /// Empty: no message server is involved.
    nats_url: &'static str,
}

impl PeerToken {
    fn new(expires_in: i64) -> Result<Self, ApiError> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes)
            .map_err(|_| ApiError::internal("the system gives no random bytes"))?;
        let channel = Uuid::new_v4().hyphenated().to_string();
        let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        Ok(Self { token, channel, expires_in, nats_url: "" })
    }
}

/// Whose endpoints a channel is for: `target_usernames`, which must be there and change nothing.
pub(super) struct Peers;

impl Input for Peers {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        fields.required_list::<String>("target_usernames", TARGETS).map(|_names| Self)
    }
}

/// A reply channel for sessions with endpoints.
#[utoipa::path(post, path = "/api/v1/peer-token", tag = "tokens", security(("bearer" = [])), request_body(content = Value, description = "`target_usernames`: names of the owners of endpoints"), responses(
    (status = 200, body = PeerToken),
    (status = 401, description = "Not signed in"),
    (status = 422, description = "The owners are missing"),
))]
pub(super) async fn peer_token(
    _: Reading<Caller>,
    Json(_peers): Json<Peers>,
) -> Result<Json<PeerToken>, ApiError> {
    PeerToken::new(LIFE.0).map(Json)
}

/// A reply channel for a guest's sessions with endpoints.
#[utoipa::path(post, path = "/api/v1/nats/guest-peer-token", tag = "tokens", request_body(content = Value, description = "`target_usernames`: names of the owners of endpoints"), responses(
    (status = 200, body = PeerToken),
    (status = 422, description = "The owners are missing"),
    (status = 429, description = "Too many tokens for this address"),
))]
pub(super) async fn guest_peer_token(
    State(hub): State<Hub>,
    client: ClientAddress,
    Json(_peers): Json<Peers>,
) -> Result<Json<PeerToken>, ApiError> {
    hub.limits.check(Rule::GuestToken, client.network()).await?;
    PeerToken::new(LIFE.1).map(Json)
}
