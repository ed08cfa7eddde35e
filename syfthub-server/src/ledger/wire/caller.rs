//! Who asks: an account by Basic credentials, the holder of a delegation token or of the administrator's key by Bearer.

use axum::extract::{FromRef, FromRequestParts};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use syfthub_core::Secret;

use crate::http::{ApiError, ClientAddress, CorrelationId};
use crate::ledger::doors::Opened;
use crate::ledger::{Ledger, LedgerError, Party, Trace};

/// Who opened an account with its address and its password.
pub(super) struct Holder {
    pub(super) opened: Opened,
    pub(super) party: Party,
    pub(super) trace: Trace,
}

/// Who creates a transaction in dialect B.
pub(super) enum Charger {
    /// Somebody who opened their account.
    Holder(Holder),
    /// Somebody who shows this delegation token in place of credentials.
    Token(Party, Secret),
}

/// Somebody who has the administrator's key.
pub(super) struct Administrator(pub(super) Trace);

/// Whatever the header `Authorization` says.
pub(super) enum Authority {
    /// An address and a password.
    Basic(String, Secret),
    /// A token or a key.
    Bearer(Secret),
    /// Nothing that is understood.
    None,
}

impl Authority {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some((scheme, rest)) = value.and_then(|value| value.trim().split_once(' ')) else {
            return Self::None;
        };
        if scheme.eq_ignore_ascii_case("bearer") {
            return Self::Bearer(Secret::new(rest.trim()));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return Self::None;
        }
        let decoded = BASE64_STANDARD.decode(rest.trim()).ok();
        let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        match text.as_deref().and_then(|text| text.split_once(':')) {
            Some((email, password)) => Self::Basic(email.to_owned(), Secret::new(password)),
            None => Self::None,
        }
    }
}

impl<S> FromRequestParts<S> for Holder
where
    S: Send + Sync,
    Ledger: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let ledger = Ledger::from_ref(state);
        let Authority::Basic(email, password) = Authority::of(&parts.headers) else {
            return Err(unauthorized(&ledger));
        };
        let Ok(client) = ClientAddress::from_request_parts(parts, state).await;
        let Ok(correlation_id) = CorrelationId::from_request_parts(parts, state).await;
        let opened = ledger.enter(&email, &password, client).await?;
        Ok(Self {
            party: Party::account(opened.account.clone(), opened.user, &correlation_id),
            trace: Trace::of(opened.user, &correlation_id),
            opened,
        })
    }
}

impl<S> FromRequestParts<S> for Charger
where
    S: Send + Sync,
    Ledger: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Authority::Bearer(token) = Authority::of(&parts.headers) else {
            return Holder::from_request_parts(parts, state).await.map(Self::Holder);
        };
        let Ok(correlation_id) = CorrelationId::from_request_parts(parts, state).await;
        Ok(Self::Token(Party::holder(&correlation_id), token))
    }
}

impl<S> FromRequestParts<S> for Administrator
where
    S: Send + Sync,
    Ledger: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let ledger = Ledger::from_ref(state);
        let Ok(correlation_id) = CorrelationId::from_request_parts(parts, state).await;
        if is_administrator(&ledger, &parts.headers) {
            Ok(Self(Trace::of(None, &correlation_id)))
        } else {
            Err(unauthorized(&ledger))
        }
    }
}

/// Whether the request shows the administrator's key.
pub(super) fn is_administrator(ledger: &Ledger, headers: &HeaderMap) -> bool {
    let Some(key) = &ledger.settings().ledger_admin_key else { return false };
    matches!(Authority::of(headers), Authority::Bearer(shown) if key.matches(shown.expose()))
}

/// What somebody without credentials is told; that there is no ledger, when there is none.
pub(super) fn unauthorized(ledger: &Ledger) -> ApiError {
    if ledger.is_enabled() {
        ApiError::unauthorized("Credentials are missing, or of another kind than this call takes")
    } else {
        LedgerError::Disabled.into()
    }
}

/// The longest idempotency key.
const LONGEST_KEY: usize = 255;

/// The header `Idempotency-Key`.
pub(crate) struct Key(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let key = value.to_str().ok().map(str::trim);
        match key.filter(|key| (1..=LONGEST_KEY).contains(&key.len())) {
            Some(key) => Ok(Self(Some(key.to_owned()))),
            None => Err(ApiError::plain(
                StatusCode::UNPROCESSABLE_ENTITY,
                "Idempotency-Key must be 1 to 255 visible characters",
            )),
        }
    }
}
