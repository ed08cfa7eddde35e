//! Dialect B, of the published SDKs: bare bodies, enumerations in lower case (contract accounting 4.3).

use axum::extract::State;
use http::StatusCode;

use super::bodies::{
    AccountBody, Case, InPath, NewOrganization, NewPassword, NewTransaction, TransactionBody,
};
use super::both::named;
use super::caller::{Charger, Holder, Key};
use crate::http::{ApiError, Json, Path};
use crate::ledger::{Delegation, Ledger};

/// Whose account it is, and its balance.
#[utoipa::path(get, path = "/user", tag = "ledger", security(("basic" = [])), responses(
    (status = 200, body = AccountBody),
    (status = 401, description = "The credentials open no account"),
    (status = 404, description = "This hub keeps no ledger"),
    (status = 429, description = "Too many have failed"),
    (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn account(
    State(ledger): State<Ledger>,
    holder: Holder,
) -> Result<Json<AccountBody>, ApiError> {
    Ok(Json(ledger.account(&holder.party).await?.into()))
}

/// Choose another password. What opened the account before does not any more.
#[utoipa::path(put, path = "/user/password", tag = "ledger", security(("basic" = [])), request_body = NewPassword, responses(
    (status = 200, body = AccountBody),
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
) -> Result<Json<AccountBody>, ApiError> {
    Ok(Json(ledger.change_password(&holder.opened, &old, &new, holder.trace).await?.into()))
}

/// Name the organization that the holder belongs to.
#[utoipa::path(put, path = "/user/organization", tag = "ledger", security(("basic" = [])),
    request_body = NewOrganization,
    responses(
        (status = 200, body = AccountBody),
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
) -> Result<Json<AccountBody>, ApiError> {
    let changed = ledger.change_organization(&holder.opened, organization, holder.trace).await;
    Ok(Json(changed?.into()))
}

/// Create a transaction: as who pays, or as who is paid, with a delegation token in place of credentials. Where the ledger is
/// set so, credentials and a grant that there is suffice too. The money is set aside at once. A repeated `Idempotency-Key` is
/// answered with the transaction that there is.
#[utoipa::path(post, path = "/transactions", tag = "ledger", security(("basic" = []), ("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition do nothing more")),
    request_body = NewTransaction,
    responses(
        (status = 201, body = TransactionBody),
        (status = 401, description = "The credentials open no account"),
        (status = 403, description = "The token or the grant does not cover the charge"),
        (status = 404, description = "The recipient has no account, or this hub keeps no ledger"),
        (status = 409, description = "The idempotency key was used for another request"),
        (status = 422, description = "A field breaks its rule, or the balance is insufficient"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn create(
    State(ledger): State<Ledger>,
    charger: Charger,
    Key(key): Key,
    Json(mut new): Json<NewTransaction>,
) -> Result<(StatusCode, Json<TransactionBody>), ApiError> {
    let sender = new.sender.take();
    let created = match charger {
        Charger::Token(party, token) => {
            let order = new.order(named(sender, "senderEmail")?, key);
            ledger.create_delegated(&party, Delegation::Token(token), order).await?
        }
        Charger::Holder(holder) => {
            // Clients of some versions lose the token on the way.
            if let Some(sender) = sender.filter(|sender| *sender != holder.opened.email) {
                let order = new.order(sender, key);
                ledger.create_delegated(&holder.party, Delegation::Standing, order).await?
            } else {
                let recipient = named(new.recipient.take(), "recipientEmail")?;
                ledger.create(&holder.party, new.order(recipient, key)).await?
            }
        }
    };
    Ok((StatusCode::CREATED, Json(TransactionBody::of(created, Case::Lower))))
}

/// A transaction of the holder's.
#[utoipa::path(get, path = "/transactions/{id}", tag = "ledger", security(("basic" = [])),
    params(("id" = String, Path, description = "The transaction's id")),
    responses(
        (status = 200, body = TransactionBody),
        (status = 401, description = "The credentials open no account"),
        (status = 404, description = "There is no such transaction of the holder's, or this hub keeps no ledger"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn transaction(
    State(ledger): State<Ledger>,
    holder: Holder,
    Path(InPath(id)): Path<InPath>,
) -> Result<Json<TransactionBody>, ApiError> {
    let found = ledger.find(&holder.party, &id).await?;
    Ok(Json(TransactionBody::of(found, Case::Lower)))
}

/// Confirm a pending transaction, as either party: the money moves.
#[utoipa::path(post, path = "/transactions/{id}/confirm", tag = "ledger", security(("basic" = [])),
    params(
        ("id" = String, Path, description = "The transaction's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition do nothing more"),
    ),
    responses(
        (status = 200, body = TransactionBody),
        (status = 401, description = "The credentials open no account"),
        (status = 404, description = "There is no such transaction of the holder's, or this hub keeps no ledger"),
        (status = 409, description = "The idempotency key was used for another request"),
        (status = 422, description = "The transaction is not pending"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn confirm(
    State(ledger): State<Ledger>,
    holder: Holder,
    Key(key): Key,
    Path(InPath(id)): Path<InPath>,
) -> Result<Json<TransactionBody>, ApiError> {
    let confirmed = ledger.confirm(&holder.party, &id, key).await?;
    Ok(Json(TransactionBody::of(confirmed, Case::Lower)))
}

/// Cancel a pending transaction, as either party: the money comes back.
#[utoipa::path(post, path = "/transactions/{id}/cancel", tag = "ledger", security(("basic" = [])),
    params(
        ("id" = String, Path, description = "The transaction's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition do nothing more"),
    ),
    responses(
        (status = 200, body = TransactionBody),
        (status = 401, description = "The credentials open no account"),
        (status = 404, description = "There is no such transaction of the holder's, or this hub keeps no ledger"),
        (status = 409, description = "The idempotency key was used for another request"),
        (status = 422, description = "The transaction is not pending"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn cancel(
    State(ledger): State<Ledger>,
    holder: Holder,
    Key(key): Key,
    Path(InPath(id)): Path<InPath>,
) -> Result<Json<TransactionBody>, ApiError> {
    let cancelled = ledger.cancel(&holder.party, &id, key).await?;
    Ok(Json(TransactionBody::of(cancelled, Case::Lower)))
}
