//! Who asks: a satellite token, judged by the keys of the hub that made it, without a call per question (contract space 7.3).
//!
//! The token proves a number at a hub. The e-mail address behind it is asked for when a policy needs it (`emails`).

use std::sync::Arc;

use axum::http::HeaderMap;
use http::header::AUTHORIZATION;
use syfthub_client::ErrorKind;
use syfthub_core::Secret;
use syfthub_core::token::satellite::{self, SatelliteClaims};

use super::Hub;
use super::connect::claimed_issuer;
use crate::http::ApiError;
use crate::space::ids::{MarketplaceId, TenantId};
use crate::space::node::Space;

/// Who asks, as far as their token proves it.
pub(crate) struct Caller {
    pub(super) hub: Arc<Hub>,
    pub(super) token: Secret,
    claims: SatelliteClaims,
}

impl Caller {
    /// The hub that vouches for them.
    pub(crate) fn marketplace(&self) -> MarketplaceId {
        self.hub.row.id
    }

    /// What that hub calls itself.
    pub(crate) fn issuer(&self) -> &str {
        &self.claims.iss
    }

    /// Their number there, or `guest`.
    pub(crate) fn subject(&self) -> &str {
        &self.claims.sub
    }

    /// Whether they have not signed in: the number is that of all guests then.
    pub(crate) fn is_guest(&self) -> bool {
        self.claims.is_guest()
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({} at {})", self.subject(), self.issuer())
    }
}

impl Space {
    /// Who makes the request. Its token counts only when a connected hub made it, for this space's account there, and its
    /// minute is not over.
    pub(crate) async fn caller(
        &self,
        tenant: TenantId,
        headers: &HeaderMap,
    ) -> Result<Caller, ApiError> {
        let hubs = self.hubs.of(tenant);
        if hubs.is_empty() {
            return Err(ApiError::bad_request("This space is not connected to a hub"));
        }
        let token = bearer(headers).ok_or_else(|| {
            ApiError::unauthorized("A satellite token is required: `Authorization: Bearer <token>`")
        })?;
        let refused =
            |reason: &str| ApiError::unauthorized(format!("Invalid satellite token: {reason}"));
        satellite::kid(token).map_err(|error| refused(&error.to_string()))?;
        let issuer = claimed_issuer(token);
        let hub = hubs
            .into_iter()
            .find(|hub| issuer.as_ref() == Some(&hub.row.issuer))
            .ok_or_else(|| refused("it is from a hub that this space does not know"))?;
        let judged = hub.verifier.verify_at(token, self.clock.now()).await;
        let claims = judged.map_err(|error| match error.kind() {
            ErrorKind::NotSignedIn => refused(&error.to_string()),
            _ => ApiError::unavailable(error),
        })?;
        Ok(Caller { token: Secret::new(token), hub, claims })
    }
}

/// The token of a `Bearer` header; any other scheme counts as none.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
