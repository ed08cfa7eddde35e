//! Who sends a request (contract hub 1.6).
//!
//! A handler that writes asks for a [`Caller`]. One that only reads asks for [`Signed`], or for [`Presented`] when it
//! also answers strangers, and looks the session up in the transaction in which it reads: one trip to the database.
//! Who has a session open is kept in memory until a commit changes that, so that a session's second request asks the
//! database for nothing but its business. Any scheme but `Bearer` counts as no token at all.
//!
//! A personal access token stands in for a session wherever its scope suffices: by the method, unless the route asks for
//! [`Reading`](super::Reading) or [`FullCaller`](super::FullCaller).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use syfthub_core::model::{HubAction, HubFacts, Principal, Scope, authorize};
use syfthub_core::token::hub::AccessClaims;
use syfthub_core::wire::user::User;
use syfthub_core::{Secret, UserId};

use super::access_tokens::{self, PresentedToken};
use super::refusal::Refusal;
use super::scopes;
use super::store::sessions;
use crate::db::{Place, StoreError, Tx};
use crate::http::{ApiError, ClientAddress};
use crate::hub::Hub;

/// A signed-in, active user, and what they showed for it.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user: User,
    pub(crate) means: Means,
}

/// What a caller is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Means {
    /// An access token of this session.
    Session(String),
    /// A personal access token that may do this much.
    Token(Scope),
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

    /// The session that the request belongs to; a personal access token has none.
    pub(crate) fn session(&self) -> Option<&str> {
        match &self.means {
            Means::Session(session) => Some(session),
            Means::Token(_) => None,
        }
    }

    /// Refuses what needs `scope` to a personal access token that has less. A session may do everything.
    pub(crate) fn require(&self, scope: Scope) -> Result<(), Refusal> {
        match self.means {
            Means::Token(own) if own < scope => Err(Refusal::MissingScope(scope)),
            Means::Token(_) | Means::Session(_) => Ok(()),
        }
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

/// A token that may count. Whether it does, [`Signed::caller`] finds out.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    credential: Credential,
    /// What a personal access token must be good for.
    needed: Scope,
}

#[derive(Debug, Clone)]
enum Credential {
    /// An access token that is ours and alive; its session may be over.
    Session(Box<AccessClaims>, Place<String, Caller>),
    /// A personal access token that nobody has looked up yet.
    Token(PresentedToken),
}

impl Signed {
    /// The caller, if the session is open, or the token good for anything, and the user active.
    async fn look_up(&self, tx: &mut Tx) -> Result<Option<Caller>, StoreError> {
        let found = match &self.credential {
            Credential::Session(claims, place) => match place.value() {
                Some(caller) => Some(caller),
                None => look_up_session(tx, claims, place).await?,
            },
            Credential::Token(token) => access_tokens::recognise(tx, token).await?,
        };
        Ok(found.filter(|caller| caller.user.is_active))
    }

    /// The caller, if that is known without asking the database.
    pub(crate) fn known(&self) -> Option<Caller> {
        let Credential::Session(_, place) = &self.credential else { return None };
        place.value().filter(|caller| caller.user.is_active)
    }

    /// The caller, or a refusal.
    pub(crate) async fn caller(&self, tx: &mut Tx) -> Result<Caller, Refusal> {
        let caller = self.look_up(tx).await?.ok_or(Refusal::Unauthenticated)?;
        caller.require(self.needed)?;
        Ok(caller)
    }
}

async fn look_up_session(
    tx: &mut Tx,
    claims: &AccessClaims,
    place: &Place<String, Caller>,
) -> Result<Option<Caller>, StoreError> {
    let user = sessions::find_user(tx, &claims.sid, claims.sub).await?;
    let caller = user.map(|user| Caller { user, means: Means::Session(claims.sid.clone()) });
    if let Some(caller) = &caller {
        place.keep(caller);
    }
    Ok(caller)
}

/// What the request's `Authorization` says, before the database is asked.
#[derive(Debug, Clone)]
pub(crate) enum Presented {
    /// There is no token.
    Nothing,
    /// There is one that is not ours or has expired.
    Rejected,
    /// There is one that may count.
    Signed(Signed),
}

impl Presented {
    /// Who it is, if that is known without asking the database.
    pub(crate) fn known(&self) -> Option<MaybeCaller> {
        match self {
            Self::Nothing => Some(MaybeCaller::Anonymous),
            Self::Rejected => Some(MaybeCaller::Rejected),
            Self::Signed(signed) => {
                signed.known().map(|caller| MaybeCaller::Known(Box::new(caller)))
            }
        }
    }

    /// Who it is. A personal access token without the scope that the route needs counts as a bad one.
    pub(crate) async fn find_caller(&self, tx: &mut Tx) -> Result<MaybeCaller, StoreError> {
        let signed = match self {
            Self::Nothing => return Ok(MaybeCaller::Anonymous),
            Self::Rejected => return Ok(MaybeCaller::Rejected),
            Self::Signed(signed) => signed,
        };
        let caller = signed.look_up(tx).await?;
        let caller = caller.filter(|caller| caller.require(signed.needed).is_ok());
        Ok(caller.map_or(MaybeCaller::Rejected, |caller| MaybeCaller::Known(Box::new(caller))))
    }

    fn of(parts: &Parts, address: ClientAddress, hub: &Hub) -> Self {
        let Some(token) = bearer(&parts.headers) else { return Self::Nothing };
        let now = hub.clock.now();
        let credential = if access_tokens::looks_like_one(token) {
            let (token, uses) = (Secret::new(token), hub.identity.uses.clone());
            let presented = PresentedToken { token, at: now, address, uses };
            Some(Credential::Token(presented))
        } else {
            let claims = hub.identity.sessions.read_access(token, now);
            claims.map(|claims| {
                let place = hub.identity.callers.place(claims.sid.clone());
                Credential::Session(Box::new(claims), place)
            })
        };
        let needed = scopes::needed(parts);
        credential.map_or(Self::Rejected, |credential| Self::Signed(Signed { credential, needed }))
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
        let address = ClientAddress::from_request_parts(parts, hub).await?;
        Ok(Self::of(parts, address, hub))
    }
}

impl FromRequestParts<Hub> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        let Ok(presented) = Presented::from_request_parts(parts, hub).await;
        match presented {
            Presented::Signed(signed) => Ok(signed),
            Presented::Nothing | Presented::Rejected => Err(ApiError::unauthenticated()),
        }
    }
}

/// A caller who runs the hub.
#[derive(Debug, Clone)]
pub(crate) struct Administrator(pub(crate) Caller);

impl FromRequestParts<Hub> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, hub).await?;
        if authorize(caller.principal(), HubAction::Administer, HubFacts).is_granted() {
            Ok(Self(caller))
        } else {
            Err(Refusal::NotAnAdministrator.into())
        }
    }
}

impl FromRequestParts<Hub> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        let signed = Signed::from_request_parts(parts, hub).await?;
        if let Some(caller) = signed.known() {
            return Ok(caller);
        }
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
