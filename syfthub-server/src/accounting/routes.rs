//! `/api/v1/accounting` and `/api/v1/users/me/accounting` (contract hub 3.2 and 3.6).

use axum::extract::State;
use serde_json::Value;
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::accounting::{
    AccountingCredentials, AccountingTransaction, AccountingUser, NewTransaction,
    TransactionTokenRequest, TransactionTokens,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::proxy::{self, Verdict};
use crate::http::{ApiError, CorrelationId, Json, Page, Path, Query};
use crate::hub::Hub;
use crate::identity::{Caller, FullCaller};

/// The routes of this folder.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(credentials))
        .routes(routes!(account))
        .routes(routes!(transactions, create))
        .routes(routes!(confirm))
        .routes(routes!(cancel))
        .routes(routes!(transaction_tokens))
}

/// What the caller's programs sign in with at the accounting service. A personal access token needs the scope `full`.
#[utoipa::path(get, path = "/api/v1/users/me/accounting", tag = "accounting", security(("bearer" = [])), responses(
    (status = 200, body = AccountingCredentials),
    (status = 401, description = "Not signed in"),
    (status = 403, description = "The personal access token has not the scope `full`"),
))]
async fn credentials(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
) -> Result<Json<AccountingCredentials>, ApiError> {
    Ok(Json(proxy::credentials(&hub, caller.user).await?))
}

/// The caller's account at the accounting service.
#[utoipa::path(get, path = "/api/v1/accounting/user", tag = "accounting", security(("bearer" = [])), responses(
    (status = 200, body = AccountingUser),
    (status = 400, description = "Accounting is not configured, or its address must not be called"),
    (status = 401, description = "Not signed in"),
    (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
    (status = 502, description = "The service answered with something unexpected"),
    (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
    (status = "4XX", description = "The service's own refusal"),
))]
async fn account(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
) -> Result<Json<AccountingUser>, ApiError> {
    Ok(Json(proxy::account(&hub, &caller.user, correlation_id).await?))
}

/// The query of a list of transactions: 20 of them unless asked otherwise.
struct Listed(Page);

impl Input for Listed {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let skip = fields.number("skip", 0, i64::from(i32::MAX), 0);
        let limit = fields.number("limit", 1, 100, 20);
        Some(Self(Page { skip: skip?, limit: limit? }))
    }
}

/// The caller's transactions, newest first.
#[utoipa::path(get, path = "/api/v1/accounting/transactions", tag = "accounting", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, minimum = 0, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "How many to answer, 20 unless given"),
    ),
    responses(
        (status = 200, body = Vec<AccountingTransaction>),
        (status = 400, description = "Accounting is not configured, or its address must not be called"),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
        (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
        (status = 502, description = "The service answered with something unexpected"),
        (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
        (status = "4XX", description = "The service's own refusal"),
))]
async fn transactions(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Query(Listed(page)): Query<Listed>,
) -> Result<Json<Vec<AccountingTransaction>>, ApiError> {
    Ok(Json(proxy::transactions(&hub, &caller.user, page, correlation_id).await?))
}

/// Begin a transaction.
#[utoipa::path(post, path = "/api/v1/accounting/transactions", tag = "accounting", security(("bearer" = [])),
    request_body = NewTransaction,
    responses(
        (status = 200, body = AccountingTransaction),
        (status = 400, description = "Accounting is not configured, or its address must not be called"),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A field breaks its rule"),
        (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
        (status = 502, description = "The service answered with something unexpected"),
        (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
        (status = "4XX", description = "The service's own refusal"),
))]
async fn create(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Json(new): Json<NewTransaction>,
) -> Result<Json<AccountingTransaction>, ApiError> {
    Ok(Json(proxy::create(&hub, &caller.user, new, correlation_id).await?))
}

/// The id of a transaction: what fits into a path and stays one segment of it.
struct TransactionId(String);

impl Input for TransactionId {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let id = fields.text("id", 1, 128)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if id.chars().all(plain) {
            return Some(Self(id));
        }
        fields.refuse("id", Invalid::pattern("^[A-Za-z0-9_-]+$"))
    }
}

/// Confirm a pending transaction: the money moves.
#[utoipa::path(post, path = "/api/v1/accounting/transactions/{id}/confirm", tag = "accounting", security(("bearer" = [])),
    params(("id" = String, Path, description = "The transaction's id")),
    responses(
        (status = 200, body = AccountingTransaction),
        (status = 400, description = "Accounting is not configured, or its address must not be called"),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "The id is none, or the transaction is not pending"),
        (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
        (status = 502, description = "The service answered with something unexpected"),
        (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
        (status = "4XX", description = "The service's own refusal"),
))]
async fn confirm(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Path(TransactionId(id)): Path<TransactionId>,
) -> Result<Json<AccountingTransaction>, ApiError> {
    Ok(Json(proxy::resolve(&hub, &caller.user, &id, Verdict::Confirm, correlation_id).await?))
}

/// Cancel a pending transaction.
#[utoipa::path(post, path = "/api/v1/accounting/transactions/{id}/cancel", tag = "accounting", security(("bearer" = [])),
    params(("id" = String, Path, description = "The transaction's id")),
    responses(
        (status = 200, body = AccountingTransaction),
        (status = 400, description = "Accounting is not configured, or its address must not be called"),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "The id is none, or the transaction is not pending"),
        (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
        (status = 502, description = "The service answered with something unexpected"),
        (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
        (status = "4XX", description = "The service's own refusal"),
))]
async fn cancel(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Path(TransactionId(id)): Path<TransactionId>,
) -> Result<Json<AccountingTransaction>, ApiError> {
    Ok(Json(proxy::resolve(&hub, &caller.user, &id, Verdict::Cancel, correlation_id).await?))
}

/// Tokens with which owners of endpoints may charge the caller. What fails for one owner is said beside the others' tokens.
#[utoipa::path(post, path = "/api/v1/accounting/transaction-tokens", tag = "accounting", security(("bearer" = [])),
    request_body = TransactionTokenRequest,
    responses(
        (status = 200, body = TransactionTokens),
        (status = 400, description = "Accounting is not configured"),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "There are none, or more than 20 owners"),
))]
async fn transaction_tokens(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Json(request): Json<TransactionTokenRequest>,
) -> Result<Json<TransactionTokens>, ApiError> {
    Ok(Json(proxy::tokens(&hub, &caller.user, request, correlation_id).await?))
}
