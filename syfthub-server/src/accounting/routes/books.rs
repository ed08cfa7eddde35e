//! The lines of an account, money that comes in, and whether the books are right.

use axum::extract::State;
use http::StatusCode;
use syfthub_core::wire::accounting::AccountingUser;
use syfthub_core::wire::ledger::{DepositDraft, Entry, TrialBalance};

use super::Listed;
use crate::accounting::desk::Desk;
use crate::accounting::proxy;
use crate::http::{ApiError, CorrelationId, Json, Query};
use crate::hub::Hub;
use crate::identity::{Administrator, Caller};
use crate::ledger::{Key, Trace};

/// The lines of the caller's account at the hub's own ledger, newest first.
#[utoipa::path(get, path = "/api/v1/accounting/entries", tag = "accounting", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, minimum = 0, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "How many to answer, 20 unless given"),
    ),
    responses(
        (status = 200, body = Vec<Entry>),
        (status = 400, description = "The caller's account is not at the hub's own ledger"),
        (status = 401, description = "Not signed in"),
        (status = 409, description = "The address has an account that is not known to be the caller's"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn entries(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Query(Listed(page)): Query<Listed>,
) -> Result<Json<Vec<Entry>>, ApiError> {
    let own = Desk::own(&hub, &caller.user, &correlation_id).await?;
    Ok(Json(own.entries(page).await?))
}

/// Bring money in, under an idempotency key if there is one; the account after it.
#[utoipa::path(post, path = "/api/v1/accounting/deposits", tag = "accounting", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeated with the same key, it comes in once")),
    request_body = DepositDraft,
    responses(
        (status = 201, body = AccountingUser),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not an administrator"),
        (status = 404, description = "The recipient has no account, or the hub keeps no ledger"),
        (status = 409, description = "The recipient is paid elsewhere, or the key was used for another request"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn deposit(
    State(hub): State<Hub>,
    Administrator(caller): Administrator,
    correlation_id: CorrelationId,
    Key(key): Key,
    Json(draft): Json<DepositDraft>,
) -> Result<(StatusCode, Json<AccountingUser>), ApiError> {
    let by = Trace::of(Some(caller.id()), &correlation_id);
    Ok((StatusCode::CREATED, Json(proxy::deposit(&hub, draft, key, &by).await?)))
}

/// Whether the books are right: everything added up, and compared with what it must be. It reads the whole ledger.
#[utoipa::path(get, path = "/api/v1/accounting/trial-balance", tag = "accounting", security(("bearer" = [])), responses(
    (status = 200, body = TrialBalance),
    (status = 401, description = "Not signed in"),
    (status = 403, description = "Not an administrator"),
    (status = 404, description = "The hub keeps no ledger"),
))]
pub(super) async fn trial_balance(
    State(hub): State<Hub>,
    _: Administrator,
) -> Result<Json<TrialBalance>, ApiError> {
    Ok(Json(proxy::trial_balance(&hub).await?))
}
