//! Who sends a request (contract hub 1.6).
//!
//! A handler asks for a [`Caller`] when it needs one, for a [`MaybeCaller`] when it can do without, and for [`Signed`]
//! when it looks the session up in a transaction of its own. Any scheme but `Bearer` counts as no token at all.

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use syfthub_core::UserId;
use syfthub_core::model::Principal;
use syfthub_core::token::hub::AccessClaims;
use syfthub_core::wire::user::User;

use super::refusal::Refusal;
use super::store::sessions;
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
        self.caller().map_or(Principal::Anonymous, Caller::principal)
    }

    /// The caller, when there is one.
    pub(crate) fn caller(&self) -> Option<&Caller> {
        match self {
            Self::Known(caller) => Some(caller),
            Self::Anonymous | Self::Rejected => None,
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

    /// The caller, or a refusal.
    pub(crate) async fn caller(&self, tx: &mut Tx) -> Result<Caller, Refusal> {
        self.find_caller(tx).await?.ok_or(Refusal::Unauthenticated)
    }
}

/// What the request's `Authorization` says, before the database is asked.
enum Presented {
    Nothing,
    Rejected,
    Signed(Signed),
}

fn presented(headers: &HeaderMap, hub: &Hub) -> Presented {
    let Some(token) = bearer(headers) else { return Presented::Nothing };
    match hub.identity.sessions.read_access(token, hub.clock.now()) {
        Some(claims) => Presented::Signed(Signed(claims)),
        None => Presented::Rejected,
    }
}

/// The token of the header, whose scheme has any case (RFC 9110, section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

async fn find_caller(hub: &Hub, signed: Signed) -> Result<Option<Caller>, ApiError> {
    let found = hub.db.read(move |tx| Box::pin(async move { signed.find_caller(tx).await })).await;
    found.map_err(|error: StoreError| error.into())
}

impl FromRequestParts<Hub> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        match presented(&parts.headers, hub) {
            Presented::Signed(signed) => Ok(signed),
            Presented::Nothing | Presented::Rejected => Err(ApiError::unauthenticated()),
        }
    }
}

impl FromRequestParts<Hub> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        let signed = Signed::from_request_parts(parts, hub).await?;
        find_caller(hub, signed).await?.ok_or_else(ApiError::unauthenticated)
    }
}

impl FromRequestParts<Hub> for MaybeCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        Ok(match presented(&parts.headers, hub) {
            Presented::Nothing => Self::Anonymous,
            Presented::Rejected => Self::Rejected,
            Presented::Signed(signed) => match find_caller(hub, signed).await? {
                Some(caller) => Self::Known(Box::new(caller)),
                None => Self::Rejected,
            },
        })
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
