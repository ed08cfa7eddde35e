//! The caller's transactions, and tokens with which others begin them.

use axum::extract::State;
use syfthub_core::ledger::Verdict;
use syfthub_core::wire::accounting::{
    AccountingTransaction, NewTransaction, TransactionTokenRequest, TransactionTokens,
};

use super::{ById, Listed};
use crate::accounting::proxy::{self, Ending};
use crate::http::{ApiError, CorrelationId, Json, Path, Query};
use crate::hub::Hub;
use crate::identity::Caller;
use crate::ledger::Key;

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
pub(super) async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Query(Listed(page)): Query<Listed>,
) -> Result<Json<Vec<AccountingTransaction>>, ApiError> {
    Ok(Json(proxy::history(&hub, &caller.user, page, &correlation_id).await?))
}

/// Begin a transaction: the money is set aside.
#[utoipa::path(post, path = "/api/v1/accounting/transactions", tag = "accounting", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeated with the same key, it has its effect once")),
    request_body = NewTransaction,
    responses(
        (status = 200, body = AccountingTransaction),
        (status = 400, description = "Accounting is not configured, or its address must not be called"),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "The recipient has no account"),
        (status = 409, description = "The recipient is paid elsewhere, or the key was used for another request"),
        (status = 422, description = "A field breaks its rule, the money does not suffice, or the recipient is the caller"),
        (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
        (status = 502, description = "The service answered with something unexpected"),
        (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
        (status = "4XX", description = "The service's own refusal"),
))]
pub(super) async fn create(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Key(key): Key,
    Json(new): Json<NewTransaction>,
) -> Result<Json<AccountingTransaction>, ApiError> {
    Ok(Json(proxy::create(&hub, &caller.user, new, key, &correlation_id).await?))
}

/// One of the caller's transactions.
#[utoipa::path(get, path = "/api/v1/accounting/transactions/{id}", tag = "accounting", security(("bearer" = [])),
    params(("id" = String, Path, description = "The transaction's id")),
    responses(
        (status = 200, body = AccountingTransaction),
        (status = 400, description = "Accounting is not configured, or its address must not be called"),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "The caller is not a party to such a transaction"),
        (status = 409, description = "The address has an account that is not known to be the caller's"),
        (status = 422, description = "The id is none"),
        (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
        (status = 502, description = "The service answered with something unexpected"),
        (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
        (status = "4XX", description = "The service's own refusal"),
))]
pub(super) async fn find(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Path(ById(id)): Path<ById>,
) -> Result<Json<AccountingTransaction>, ApiError> {
    Ok(Json(proxy::find(&hub, &caller.user, &id, &correlation_id).await?))
}

/// Confirm a pending transaction: the money moves.
#[utoipa::path(post, path = "/api/v1/accounting/transactions/{id}/confirm", tag = "accounting", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The transaction's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeated with the same key, it has its effect once"),
    ),
    responses(
        (status = 200, body = AccountingTransaction),
        (status = 400, description = "Accounting is not configured, or its address must not be called"),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "The caller is not a party to such a transaction"),
        (status = 409, description = "The key was used for another request"),
        (status = 422, description = "The id is none, or the transaction is not pending"),
        (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
        (status = 502, description = "The service answered with something unexpected"),
        (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
        (status = "4XX", description = "The service's own refusal"),
))]
pub(super) async fn confirm(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Key(key): Key,
    Path(ById(id)): Path<ById>,
) -> Result<Json<AccountingTransaction>, ApiError> {
    let ending = Ending { id, verdict: Verdict::Confirm, key };
    Ok(Json(proxy::resolve(&hub, &caller.user, ending, &correlation_id).await?))
}

/// Cancel a pending transaction.
#[utoipa::path(post, path = "/api/v1/accounting/transactions/{id}/cancel", tag = "accounting", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The transaction's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeated with the same key, it has its effect once"),
    ),
    responses(
        (status = 200, body = AccountingTransaction),
        (status = 400, description = "Accounting is not configured, or its address must not be called"),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "The caller is not a party to such a transaction"),
        (status = 409, description = "The key was used for another request"),
        (status = 422, description = "The id is none, or the transaction is not pending"),
        (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
        (status = 502, description = "The service answered with something unexpected"),
        (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
        (status = "4XX", description = "The service's own refusal"),
))]
pub(super) async fn cancel(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Key(key): Key,
    Path(ById(id)): Path<ById>,
) -> Result<Json<AccountingTransaction>, ApiError> {
    let ending = Ending { id, verdict: Verdict::Cancel, key };
    Ok(Json(proxy::resolve(&hub, &caller.user, ending, &correlation_id).await?))
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
pub(super) async fn tokens(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
    Json(request): Json<TransactionTokenRequest>,
) -> Result<Json<TransactionTokens>, ApiError> {
    Ok(Json(proxy::tokens(&hub, &caller.user, request, &correlation_id).await?))
}
