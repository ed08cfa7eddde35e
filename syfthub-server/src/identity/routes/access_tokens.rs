//! `/api/v1/auth/tokens` (contract hub 4.5). All of it needs a session or a token of the scope `full`.

use axum::extract::State;
use http::StatusCode;
use serde_json::Value;
use syfthub_core::AccessTokenId;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::access_token::{
    AccessToken, AccessTokenDraft, AccessTokenPatch, AccessTokens, NewAccessToken,
};

use crate::http::{ApiError, Json, Page, Path, Query};
use crate::hub::Hub;
use crate::identity::FullCaller;
use crate::identity::access_tokens;
use crate::identity::origin::Origin;

/// The query of the list.
pub(super) struct ListQuery {
    page: Page,
    include_inactive: bool,
}

impl Input for ListQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::with_default(&mut fields, 100);
        let include_inactive = fields.or("include_inactive", false);
        Some(Self { page: page?, include_inactive: include_inactive? })
    }
}

/// The number in the path.
pub(super) struct ById(AccessTokenId);

impl Input for ById {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(AccessTokenId(Fields::of(value, place)?.required("id")?)))
    }
}

/// Make a personal access token. The answer is the only one that holds it.
#[utoipa::path(post, path = "/api/v1/auth/tokens", tag = "access tokens", security(("bearer" = [])),
    request_body = AccessTokenDraft,
    responses(
        (status = 201, body = NewAccessToken),
        (status = 400, description = "The user has as many tokens as there can be"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The access token lacks the scope"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn create(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    origin: Origin,
    Json(draft): Json<AccessTokenDraft>,
) -> Result<(StatusCode, Json<NewAccessToken>), ApiError> {
    let token = access_tokens::create(&hub, &caller, draft, origin).await?;
    Ok((StatusCode::CREATED, Json(token)))
}

/// The caller's personal access tokens, newest first.
#[utoipa::path(get, path = "/api/v1/auth/tokens", tag = "access tokens", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100; 100 unless given"),
        ("include_inactive" = Option<bool>, Query, description = "Also those that were revoked or have expired"),
    ),
    responses(
        (status = 200, body = AccessTokens),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The access token lacks the scope"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn list(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    Query(query): Query<ListQuery>,
) -> Result<Json<AccessTokens>, ApiError> {
    let ListQuery { page, include_inactive } = query;
    Ok(Json(access_tokens::list(&hub, caller.id(), include_inactive, page).await?))
}

/// One of the caller's personal access tokens.
#[utoipa::path(get, path = "/api/v1/auth/tokens/{id}", tag = "access tokens", security(("bearer" = [])),
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = AccessToken),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The access token lacks the scope"),
        (status = 404, description = "The caller has no such token"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn show(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    Path(ById(id)): Path<ById>,
) -> Result<Json<AccessToken>, ApiError> {
    Ok(Json(access_tokens::find(&hub, caller.id(), id).await?))
}

/// Rename a personal access token.
#[utoipa::path(patch, path = "/api/v1/auth/tokens/{id}", tag = "access tokens", security(("bearer" = [])),
    params(("id" = i64, Path)),
    request_body = AccessTokenPatch,
    responses(
        (status = 200, body = AccessToken),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The access token lacks the scope"),
        (status = 404, description = "The caller has no such token"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn rename(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
    Json(patch): Json<AccessTokenPatch>,
) -> Result<Json<AccessToken>, ApiError> {
    Ok(Json(access_tokens::rename(&hub, caller.id(), id, patch.name, origin).await?))
}

/// Revoke a personal access token: it stops counting at once, and stays in the list of inactive ones.
#[utoipa::path(delete, path = "/api/v1/auth/tokens/{id}", tag = "access tokens", security(("bearer" = [])),
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The access token lacks the scope"),
        (status = 404, description = "The caller has no such token"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn revoke(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
) -> Result<StatusCode, ApiError> {
    access_tokens::revoke(&hub, caller.id(), id, origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
