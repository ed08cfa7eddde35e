//! Satellite tokens on the wire (contract hub 3.5, 4.3, 4.4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::input::{Fields, Input, Place};

/// Answer of `GET /api/v1/token`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SatelliteToken {
    /// RS256 token for one service.
    pub target_token: String,
    /// Seconds until it expires.
    pub expires_in: i64,
}

impl std::fmt::Debug for SatelliteToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SatelliteToken {{ expires_in: {} }}", self.expires_in)
    }
}

/// Body of `POST /api/v1/peer-token` and of `POST /api/v1/nats/guest-peer-token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeerRequest {
    /// Names of the owners of endpoints, at most 50.
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub target_usernames: Vec<String>,
}

/// The most owners that one reply channel is for.
const MOST_TARGETS: usize = 50;

impl Input for PeerRequest {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        Some(Self { target_usernames: fields.required_list("target_usernames", MOST_TARGETS)? })
    }
}

/// A reply channel for sessions with endpoints.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeerToken {
    /// Random text.
    pub peer_token: String,
    /// Random text.
    pub peer_channel: String,
    /// Seconds.
    pub expires_in: i64,
    /// The address of a message server; empty where none is involved.
    pub nats_url: String,
}

impl std::fmt::Debug for PeerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PeerToken {{ expires_in: {} }}", self.expires_in)
    }
}

/// Body of `POST /api/v1/verify`.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerifyRequest {
    /// The satellite token to judge.
    pub token: String,
}

impl Input for VerifyRequest {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self { token: Fields::of(value, place)?.required("token")? })
    }
}

/// Answer of `POST /api/v1/verify`: who holds the token, or why it does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Verification {
    /// The token counts.
    Valid(VerifiedSubject),
    /// It does not.
    Invalid(RefusedToken),
}

/// Who holds a valid token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerifiedSubject {
    /// Always true.
    pub valid: bool,
    /// The user's number as text, or `guest`.
    pub sub: String,
    /// The user's address, from the hub's records.
    pub email: String,
    /// The user's name, from the hub's records.
    pub username: String,
    /// The role at the time the token was made.
    pub role: String,
    /// The service the token is for.
    pub aud: String,
    /// Expiry in seconds since 1970.
    pub exp: i64,
    /// Issue in seconds since 1970.
    pub iat: i64,
}

/// Why a token does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedToken {
    /// Always false.
    pub valid: bool,
    /// Machine-readable reason, such as `token_expired`.
    pub error: String,
    /// Sentence for people.
    pub message: String,
}

/// Answer of `GET /api/v1/token/audiences`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Audiences {
    /// Usernames, sorted.
    pub allowed_audiences: Vec<String>,
    /// Whether the hub has a signing key.
    pub idp_configured: bool,
}
