//! Satellite tokens and the keys that verify them (contract hub 3.5).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::token::jwks::JwkSet;
use syfthub_core::wire::token::{Audiences, SatelliteToken, Verification, VerifyRequest};

use crate::http::{ApiError, ClientAddress, Json, Page, Query};
use crate::hub::Hub;
use crate::identity::Reading;
use crate::identity::caller::{Caller, Signed};
use crate::identity::satellites;
use crate::shared::Rule;

/// The public keys that verify satellite tokens (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "tokens", responses(
    (status = 200, body = JwkSet),
    (status = 304, description = "Unchanged since the given entity tag"),
))]
pub(super) async fn jwks(State(hub): State<Hub>, headers: HeaderMap) -> Response {
    let keys = hub.identity.keys.current();
    let caching = [(CACHE_CONTROL, "public, max-age=3600"), (ETAG, keys.etag.as_str())];
    if is_current(&headers, &keys.etag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(CONTENT_TYPE, "application/json")], keys.document.clone()).into_response()
}

/// Whether `If-None-Match` names the tag (RFC 9110, section 13.1.2).
fn is_current(headers: &HeaderMap, etag: &str) -> bool {
    let names = |value: &http::HeaderValue| {
        let tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
        tags.map(|tag| tag.strip_prefix("W/").unwrap_or(tag)).any(|tag| tag == "*" || tag == etag)
    };
    headers.get_all(IF_NONE_MATCH).iter().any(names)
}

/// The query of a token request.
pub(super) struct Wanted {
    aud: String,
}

impl Input for Wanted {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self { aud: Fields::of(value, place)?.required("aud")? })
    }
}

/// Mint a token that identifies the caller to one service.
#[utoipa::path(get, path = "/api/v1/token", tag = "tokens", security(("bearer" = [])),
    params(("aud" = String, Query, description = "The name of the service's owner: a username, or an organization's slug")),
    responses(
        (status = 200, body = SatelliteToken),
        (status = 400, description = "Nobody active has this name; `detail.code` says why"),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
        (status = 429, description = "Too many tokens for this user"),
))]
pub(super) async fn mint(
    State(hub): State<Hub>,
    signed: Signed,
    Query(wanted): Query<Wanted>,
) -> Result<Json<SatelliteToken>, ApiError> {
    Ok(Json(satellites::mint(&hub, signed, &wanted.aud).await?))
}

/// Mint a token for one service without an account.
#[utoipa::path(get, path = "/api/v1/token/guest", tag = "tokens",
    params(("aud" = String, Query, description = "The name of the service's owner: a username, or an organization's slug")),
    responses(
        (status = 200, body = SatelliteToken),
        (status = 400, description = "Nobody active has this name; `detail.code` says why"),
        (status = 403, description = "This hub serves no guests"),
        (status = 422, description = "A parameter breaks its rule"),
        (status = 429, description = "Too many tokens for this address"),
))]
pub(super) async fn mint_for_guest(
    State(hub): State<Hub>,
    client: ClientAddress,
    Query(wanted): Query<Wanted>,
) -> Result<Json<SatelliteToken>, ApiError> {
    hub.limits.check(Rule::GuestToken, client.network()).await?;
    Ok(Json(satellites::mint_for_guest(&hub, &wanted.aud).await?))
}

/// The query of the list of audiences.
pub(super) struct AudienceQuery {
    page: Page,
    search: Option<String>,
}

impl Input for AudienceQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::with_default(&mut fields, 100);
        let search = fields.optional_text("search", 64).filter(|text| !text.is_empty());
        Some(Self { page: page?, search })
    }
}

/// Names that tokens can be asked for: the caller's own, those of their organizations, and of everybody with a public
/// endpoint, in alphabetical order. Tokens for others are made as well, for who knows their names.
#[utoipa::path(get, path = "/api/v1/token/audiences", tag = "tokens", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100; 100 unless given"),
        ("search" = Option<String>, Query, description = "Part of the name, in any case"),
    ),
    responses(
        (status = 200, body = Audiences),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn audiences(
    State(hub): State<Hub>,
    caller: Caller,
    Query(query): Query<AudienceQuery>,
) -> Result<Json<Audiences>, ApiError> {
    Ok(Json(satellites::audiences(&hub, caller.id(), query.search, query.page).await?))
}

/// Judge a token on behalf of the service that received it. The caller must be the token's audience, or an admin
/// or owner of the organization that is.
#[utoipa::path(post, path = "/api/v1/verify", tag = "tokens", security(("bearer" = [])),
    request_body = VerifyRequest,
    responses(
        (status = 200, body = Verification),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "The token is missing"),
))]
pub(super) async fn verify(
    State(hub): State<Hub>,
    Reading(signed): Reading<Signed>,
    Json(request): Json<VerifyRequest>,
) -> Result<Json<Verification>, ApiError> {
    Ok(Json(satellites::judge(&hub, signed, request.token).await?))
}
