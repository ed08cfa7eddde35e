//! Dialect A, of the accounting service that spaces know: wrapped bodies, enumerations in upper case (contract accounting
//! 4.2).

use axum::extract::State;
use http::{HeaderMap, StatusCode};

use super::bodies::{
    Named, NewAccount, NewOrganization, NewPassword, NewTransaction, Wrapped, WrappedTransaction,
};
use super::both::{named, somebody_else};
use super::caller::{Holder, Key, is_administrator};
use crate::http::{ApiError, ClientAddress, CorrelationId, Json};
use crate::ledger::{Delegation, Ledger, Trace};

/// Open an account: with the administrator's key, or for everybody where the ledger is set so. A password is made when none
/// is sent, and told this once. Users of the hub have accounts already.
#[utoipa::path(post, path = "/user/create", tag = "ledger", security((), ("bearer" = [])), request_body = NewAccount, responses(
    (status = 201, body = Wrapped),
    (status = 403, description = "Accounts are not open to everybody here"),
    (status = 404, description = "This hub keeps no ledger"),
    (status = 409, description = "The address has an account"),
    (status = 422, description = "A field breaks its rule"),
    (status = 429, description = "Too many accounts were opened from the address"),
    (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn create_account(
    State(ledger): State<Ledger>,
    client: ClientAddress,
    correlation_id: CorrelationId,
    headers: HeaderMap,
    Json(new): Json<NewAccount>,
) -> Result<(StatusCode, Json<Wrapped>), ApiError> {
    if !is_administrator(&ledger, &headers) {
        if ledger.is_enabled() && !ledger.settings().ledger_open_accounts {
            return Err(ApiError::coded(
                StatusCode::FORBIDDEN,
                "ACCOUNTS_NOT_OPEN",
                "Accounts are opened by the administrator here; users of the hub have one",
            ));
        }
        ledger.count_opening(client).await?;
    }
    let by = Trace::of(None, &correlation_id);
    let (account, made) = ledger.open_free(new.email, new.password, new.organization, by).await?;
    let password = made.map(|secret| secret.expose().to_owned());
    Ok((StatusCode::CREATED, Json(Wrapped { user: account.into(), password })))
}

/// Whose account it is, and its balance.
#[utoipa::path(get, path = "/user/my-info", tag = "ledger", security(("basic" = [])), responses(
    (status = 200, body = Wrapped),
    (status = 401, description = "The credentials open no account"),
    (status = 404, description = "This hub keeps no ledger"),
    (status = 429, description = "Too many have failed"),
    (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn account(
    State(ledger): State<Ledger>,
    holder: Holder,
) -> Result<Json<Wrapped>, ApiError> {
    Ok(Json(ledger.account(&holder.party).await?.into()))
}

/// Choose another password. What opened the account before does not any more.
#[utoipa::path(put, path = "/user/update-password", tag = "ledger", security(("basic" = [])), request_body = NewPassword,
    responses(
        (status = 200, body = Wrapped),
        (status = 400, description = "The old password is another one"),
        (status = 401, description = "The credentials open no account"),
        (status = 404, description = "This hub keeps no ledger"),
        (status = 422, description = "A field breaks its rule"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn change_password(
    State(ledger): State<Ledger>,
    holder: Holder,
    Json(NewPassword { old, new }): Json<NewPassword>,
) -> Result<Json<Wrapped>, ApiError> {
    Ok(Json(ledger.change_password(&holder.opened, &old, &new, holder.trace).await?.into()))
}

/// Name the organization that the holder belongs to.
#[utoipa::path(put, path = "/user/update-organization", tag = "ledger", security(("basic" = [])),
    request_body = NewOrganization,
    responses(
        (status = 200, body = Wrapped),
        (status = 401, description = "The credentials open no account"),
        (status = 404, description = "This hub keeps no ledger"),
        (status = 422, description = "A field breaks its rule"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn change_organization(
    State(ledger): State<Ledger>,
    holder: Holder,
    Json(NewOrganization { organization }): Json<NewOrganization>,
) -> Result<Json<Wrapped>, ApiError> {
    let changed = ledger.change_organization(&holder.opened, organization, holder.trace).await;
    Ok(Json(changed?.into()))
}

/// Create a transaction: as who pays, or with a delegation token as who is paid. The money is set aside at once. A repeated
/// `Idempotency-Key` is answered with the transaction that there is.
#[utoipa::path(post, path = "/transaction/create", tag = "ledger", security(("basic" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition do nothing more")),
    request_body = NewTransaction,
    responses(
        (status = 200, body = WrappedTransaction),
        (status = 401, description = "The credentials open no account"),
        (status = 403, description = "The token does not cover the charge, or the sender is somebody else"),
        (status = 404, description = "The recipient has no account, or this hub keeps no ledger"),
        (status = 409, description = "The idempotency key was used for another request"),
        (status = 422, description = "A field breaks its rule, or the balance is insufficient"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn create(
    State(ledger): State<Ledger>,
    holder: Holder,
    Key(key): Key,
    Json(mut new): Json<NewTransaction>,
) -> Result<Json<WrappedTransaction>, ApiError> {
    let own = &holder.opened.email;
    let created = if let Some(token) = new.token.take() {
        let sender = named(new.sender.take(), "senderEmail")?;
        if new.recipient.as_ref().is_some_and(|recipient| recipient != own) {
            return Err(somebody_else("recipientEmail"));
        }
        let order = new.order(sender, key);
        ledger.create_delegated(&holder.party, Delegation::Token(token), order).await
    } else {
        if new.sender.as_ref().is_some_and(|sender| sender != own) {
            return Err(somebody_else("senderEmail"));
        }
        let recipient = named(new.recipient.take(), "recipientEmail")?;
        ledger.create(&holder.party, new.order(recipient, key)).await
    };
    Ok(Json(created?.into()))
}

/// Confirm a pending transaction, as either party: the money moves.
#[utoipa::path(post, path = "/transaction/confirm", tag = "ledger", security(("basic" = [])), request_body = Named,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition do nothing more")),
    responses(
        (status = 200, body = WrappedTransaction),
        (status = 401, description = "The credentials open no account"),
        (status = 404, description = "There is no such transaction of the holder's, or this hub keeps no ledger"),
        (status = 409, description = "The idempotency key was used for another request"),
        (status = 422, description = "A field breaks its rule, or the transaction is not pending"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn confirm(
    State(ledger): State<Ledger>,
    holder: Holder,
    Key(key): Key,
    Json(Named { id }): Json<Named>,
) -> Result<Json<WrappedTransaction>, ApiError> {
    Ok(Json(ledger.confirm(&holder.party, &id, key).await?.into()))
}

/// Cancel a pending transaction, as either party: the money comes back.
#[utoipa::path(post, path = "/transaction/cancel", tag = "ledger", security(("basic" = [])), request_body = Named,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition do nothing more")),
    responses(
        (status = 200, body = WrappedTransaction),
        (status = 401, description = "The credentials open no account"),
        (status = 404, description = "There is no such transaction of the holder's, or this hub keeps no ledger"),
        (status = 409, description = "The idempotency key was used for another request"),
        (status = 422, description = "A field breaks its rule, or the transaction is not pending"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn cancel(
    State(ledger): State<Ledger>,
    holder: Holder,
    Key(key): Key,
    Json(Named { id }): Json<Named>,
) -> Result<Json<WrappedTransaction>, ApiError> {
    Ok(Json(ledger.cancel(&holder.party, &id, key).await?.into()))
}
