//! Who sends a request (contract hub 1.6).
//!
//! A handler that writes asks for a [`Caller`]. One that only reads asks for [`Signed`], or for [`Presented`] when it
//! also answers strangers, and looks the session up in the transaction in which it reads: one trip to the database.
//! Any scheme but `Bearer` counts as no token at all.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use syfthub_core::UserId;
use syfthub_core::model::Principal;
use syfthub_core::token::hub::AccessClaims;
use syfthub_core::wire::user::User;

use super::refusal::Refusal;
use super::store::sessions::{self, Minter};
use crate::db::{StoreError, Tx};
use crate::http::ApiError;
use crate::hub::Hub;

/// A signed-in, active user and the session that the request belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user: User,
    pub(crate) session: String,
}

impl Caller {
    /// The user's number.
    pub(crate) fn id(&self) -> UserId {
        self.user.id
    }

    /// Who `authorize` is asked about.
    pub(crate) fn principal(&self) -> Principal {
        Principal::User { id: self.user.id, role: self.user.role }
    }
}

/// Who sends a request that also answers strangers.
#[derive(Debug, Clone)]
pub(crate) enum MaybeCaller {
    /// There is no token.
    Anonymous,
    /// There is a token that does not count; the client may want to refresh it.
    Rejected,
    /// A signed-in, active user.
    Known(Box<Caller>),
}

impl MaybeCaller {
    /// Who `authorize` is asked about.
    pub(crate) fn principal(&self) -> Principal {
        match self {
            Self::Known(caller) => caller.principal(),
            Self::Anonymous | Self::Rejected => Principal::Anonymous,
        }
    }

    /// The answer for what this caller may not see: 404, or 401 when a better token might help (contract hub 5.2).
    pub(crate) fn denial(&self, detail: String) -> ApiError {
        match self {
            Self::Rejected => ApiError::unauthenticated(),
            Self::Anonymous | Self::Known(_) => ApiError::not_found(detail),
        }
    }
}

/// A token that is ours and alive. Whether its session still is, [`Signed::caller`] finds out.
#[derive(Debug, Clone)]
pub(crate) struct Signed(AccessClaims);

impl Signed {
    /// The caller, if the session is open and the user active.
    pub(crate) async fn find_caller(&self, tx: &mut Tx) -> Result<Option<Caller>, StoreError> {
        let user =
            sessions::find_user(tx, &self.0.sid, self.0.sub).await?.filter(|user| user.is_active);
        Ok(user.map(|user| Caller { user, session: self.0.sid.clone() }))
    }

    /// What minting a token for `audience` depends on; a refusal when the session is over.
    pub(crate) async fn minter(&self, tx: &mut Tx, audience: &str) -> Result<Minter, Refusal> {
        let found = sessions::find_minter(tx, &self.0.sid, self.0.sub, audience).await?;
        found.filter(|minter| minter.is_active).ok_or(Refusal::Unauthenticated)
    }

    /// The caller, or a refusal.
    pub(crate) async fn caller(&self, tx: &mut Tx) -> Result<Caller, Refusal> {
        self.find_caller(tx).await?.ok_or(Refusal::Unauthenticated)
    }
}

/// What the request's `Authorization` says, before the database is asked.
#[derive(Debug, Clone)]
pub(crate) enum Presented {
    /// There is no token.
    Nothing,
    /// There is one that is not ours or has expired.
    Rejected,
    /// There is one whose session may be open.
    Signed(Signed),
}

impl Presented {
    /// Who it is.
    pub(crate) async fn find_caller(&self, tx: &mut Tx) -> Result<MaybeCaller, StoreError> {
        let Self::Signed(signed) = self else {
            let rejected = matches!(self, Self::Rejected);
            return Ok(if rejected { MaybeCaller::Rejected } else { MaybeCaller::Anonymous });
        };
        let caller = signed.find_caller(tx).await?;
        Ok(caller.map_or(MaybeCaller::Rejected, |caller| MaybeCaller::Known(Box::new(caller))))
    }

    fn of(headers: &HeaderMap, hub: &Hub) -> Self {
        let Some(token) = bearer(headers) else { return Self::Nothing };
        match hub.identity.sessions.read_access(token, hub.clock.now()) {
            Some(claims) => Self::Signed(Signed(claims)),
            None => Self::Rejected,
        }
    }
}

/// The token of the header, whose scheme has any case (RFC 9110, section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl FromRequestParts<Hub> for Presented {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, hub))
    }
}

impl FromRequestParts<Hub> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        match Presented::of(&parts.headers, hub) {
            Presented::Signed(signed) => Ok(signed),
            Presented::Nothing | Presented::Rejected => Err(ApiError::unauthenticated()),
        }
    }
}

impl FromRequestParts<Hub> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        let signed = Signed::from_request_parts(parts, hub).await?;
        let read = hub.db.read(move |tx| Box::pin(async move { signed.caller(tx).await }));
        Ok(read.await?)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_bearer_token_is_a_token() {
        let read = |value: &'static str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(read("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(read("bearer  abc ").as_deref(), Some("abc"));
        for absent in ["Basic abc", "Bearer", "Bearer ", "abc", "BearerX abc", ""] {
            assert_eq!(read(absent), None, "{absent}");
        }
    }
}
