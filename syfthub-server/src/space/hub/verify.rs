//! Who asks: a satellite token, judged by the keys of the hub that made it, without a call per question.

use axum::http::HeaderMap;
use http::header::AUTHORIZATION;
use syfthub_core::token::satellite::{self, SatelliteClaims};

use super::connect::claimed_issuer;
use crate::http::ApiError;
use crate::space::ids::TenantId;
use crate::space::node::Space;

impl Space {
    /// The claims of the request's token. It counts only when a connected hub made it, for this space's account there, and its
    /// minute is not over.
    pub(crate) async fn caller(
        &self,
        tenant: TenantId,
        headers: &HeaderMap,
    ) -> Result<SatelliteClaims, ApiError> {
        let token = bearer(headers).ok_or_else(|| {
            ApiError::unauthorized("A satellite token is required: `Authorization: Bearer <token>`")
        })?;
        let hubs = self.hubs.of(tenant);
        if hubs.is_empty() {
            return Err(ApiError::bad_request("This space is not connected to a hub"));
        }
        let refused =
            |reason: &str| ApiError::unauthorized(format!("Invalid satellite token: {reason}"));
        let kid = satellite::kid(token).map_err(|error| refused(&error.to_string()))?;
        let issuer = claimed_issuer(token);
        let hub = hubs
            .iter()
            .find(|hub| issuer.as_ref() == Some(&hub.row.issuer))
            .ok_or_else(|| refused("it is from a hub that this space does not know"))?;
        let keys = hub.keys.that_know(&kid).await.map_err(ApiError::unavailable)?;
        satellite::verify(token, &keys, &hub.row.username, &hub.row.issuer, self.clock.now())
            .map_err(|error| refused(&error.to_string()))
    }
}

/// The token of a `Bearer` header; any other scheme counts as none.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
