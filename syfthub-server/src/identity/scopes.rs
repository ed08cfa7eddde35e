//! What a request needs of a personal access token (contract hub 4.5): `read` to look, `write` to change.
//!
//! The method decides, so that a new route is never too lax by mistake. A route that only looks although its method
//! writes, such as a search, asks for `Reading<…>`; one that needs all of the user asks for [`FullCaller`]. Sessions are
//! not concerned.

use axum::extract::FromRequestParts;
use http::request::Parts;
use syfthub_core::model::Scope;

use super::caller::Caller;
use crate::http::ApiError;
use crate::hub::Hub;

/// What the route says it needs, for the extractors that follow.
#[derive(Debug, Clone, Copy)]
struct Needed(Scope);

/// What the request needs.
pub(super) fn needed(parts: &Parts) -> Scope {
    match parts.extensions.get() {
        Some(Needed(scope)) => *scope,
        None if parts.method.is_safe() => Scope::Read,
        None => Scope::Write,
    }
}

/// `T` for a request that changes nothing of the user's, whatever its method: the scope `read` suffices.
#[derive(Debug, Clone)]
pub(crate) struct Reading<T>(pub(crate) T);

impl<T: FromRequestParts<Hub>> FromRequestParts<Hub> for Reading<T> {
    type Rejection = T::Rejection;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, T::Rejection> {
        parts.extensions.insert(Needed(Scope::Read));
        T::from_request_parts(parts, hub).await.map(Self)
    }
}

/// A caller with a session, or with a personal access token of the scope `full`: for what a stolen token must not be able
/// to do, such as making further tokens or taking the account over.
#[derive(Debug, Clone)]
pub(crate) struct FullCaller(pub(crate) Caller);

impl FromRequestParts<Hub> for FullCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        parts.extensions.insert(Needed(Scope::Full));
        Caller::from_request_parts(parts, hub).await.map(Self)
    }
}
