//! Calls with the administrator's key (contract accounting 4.2).

use axum::extract::State;

use super::bodies::{Addressed, NewDeposit, Wrapped, WrappedAll};
use super::caller::{Administrator, Key};
use crate::http::{ApiError, Json, Path};
use crate::ledger::{Deposit, Ledger};

/// Bring money in.
#[utoipa::path(post, path = "/user/add-balance", tag = "ledger", security(("bearer" = [])), request_body = NewDeposit,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition do nothing more")),
    responses(
        (status = 200, body = Wrapped),
        (status = 401, description = "This is not the administrator's key"),
        (status = 404, description = "The address has no account, or this hub keeps no ledger"),
        (status = 409, description = "The idempotency key was used for another request"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn deposit(
    State(ledger): State<Ledger>,
    Administrator(by): Administrator,
    Key(key): Key,
    Json(NewDeposit { to, amount }): Json<NewDeposit>,
) -> Result<Json<Wrapped>, ApiError> {
    let deposit = Deposit { to, amount, note: None, key };
    Ok(Json(ledger.deposit(deposit, &by).await?.into()))
}

/// The accounts, oldest first, as many as the ledger is set to tell.
#[utoipa::path(get, path = "/users", tag = "ledger", security(("bearer" = [])), responses(
    (status = 200, body = WrappedAll),
    (status = 401, description = "This is not the administrator's key"),
    (status = 404, description = "This hub keeps no ledger"),
))]
pub(super) async fn accounts(
    State(ledger): State<Ledger>,
    _: Administrator,
) -> Result<Json<WrappedAll>, ApiError> {
    let accounts = ledger.accounts().await?;
    Ok(Json(WrappedAll { users: accounts.into_iter().map(Into::into).collect() }))
}

/// The account of an address.
#[utoipa::path(get, path = "/user/{email}", tag = "ledger", security(("bearer" = [])),
    params(("email" = String, Path, description = "The account's address")),
    responses(
        (status = 200, body = Wrapped),
        (status = 401, description = "This is not the administrator's key"),
        (status = 404, description = "The address has no account, or this hub keeps no ledger"),
        (status = 422, description = "The address is none"),
))]
pub(super) async fn account(
    State(ledger): State<Ledger>,
    _: Administrator,
    Path(Addressed(email)): Path<Addressed>,
) -> Result<Json<Wrapped>, ApiError> {
    Ok(Json(ledger.account_of(email).await?.into()))
}
