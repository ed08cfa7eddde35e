//! Who may charge the caller.

use axum::extract::State;
use http::StatusCode;
use syfthub_core::wire::ledger::{Grant, GrantDraft, NewGrant};

use super::{ById, Listed};
use crate::accounting::desk::Desk;
use crate::http::{ApiError, CorrelationId, Json, Path, Query};
use crate::hub::Hub;
use crate::identity::{Caller, FullCaller};

/// The grants that the caller gave, newest first.
#[utoipa::path(get, path = "/api/v1/accounting/grants", tag = "accounting", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, minimum = 0, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "How many to answer, 20 unless given"),
    ),
    responses(
        (status = 200, body = Vec<Grant>),
        (status = 400, description = "The caller's account is not at the hub's own ledger"),
        (status = 401, description = "Not signed in"),
        (status = 409, description = "The address has an account that is not known to be the caller's"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Query(Listed(page)): Query<Listed>,
) -> Result<Json<Vec<Grant>>, ApiError> {
    let own = Desk::own(&hub, &caller.user, &correlation_id).await?;
    Ok(Json(own.grants(page).await?))
}

/// Let somebody charge the caller, up to a cap and for a time. The answer is the only one with the token. A personal access
/// token needs the scope `full`.
#[utoipa::path(post, path = "/api/v1/accounting/grants", tag = "accounting", security(("bearer" = [])),
    request_body = GrantDraft,
    responses(
        (status = 201, body = NewGrant),
        (status = 400, description = "The caller's account is not at the hub's own ledger"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The personal access token has not the scope `full`"),
        (status = 404, description = "The recipient has no account"),
        (status = 409, description = "The recipient is paid elsewhere, or the caller's address has an account of another"),
        (status = 422, description = "A field breaks its rule, or the recipient is the caller"),
))]
pub(super) async fn create(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    correlation_id: CorrelationId,
    Json(draft): Json<GrantDraft>,
) -> Result<(StatusCode, Json<NewGrant>), ApiError> {
    let own = Desk::own(&hub, &caller.user, &correlation_id).await?;
    Ok((StatusCode::CREATED, Json(own.grant(draft).await?)))
}

/// Take a grant back at once. What is pending or charged stays.
#[utoipa::path(delete, path = "/api/v1/accounting/grants/{id}", tag = "accounting", security(("bearer" = [])),
    params(("id" = String, Path, description = "The grant's id")),
    responses(
        (status = 204, description = "It counts no more"),
        (status = 400, description = "The caller's account is not at the hub's own ledger"),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "The caller gave none of this id"),
        (status = 409, description = "The address has an account that is not known to be the caller's"),
        (status = 422, description = "The id is none"),
))]
pub(super) async fn revoke(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Path(ById(id)): Path<ById>,
) -> Result<StatusCode, ApiError> {
    let own = Desk::own(&hub, &caller.user, &correlation_id).await?;
    own.revoke(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
