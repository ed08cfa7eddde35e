//! The accounts of organizations at the hub's own ledger: what is charged for an organization's endpoints is nobody's own.
//!
//! Whoever may judge tokens for the organization, its owners and admins, may sign its programs in. When somebody stops
//! being one of them, the account gets another secret, so that what they know opens it no more.

use syfthub_core::model::OrganizationAction;
use syfthub_core::wire::accounting::AccountingCredentials;
use syfthub_core::{Email, OrganizationId, UserId};

use super::refusal::Refusal;
use super::store;
use crate::db::{StoreError, Tx};
use crate::http::{ApiError, CorrelationId};
use crate::hub::Hub;
use crate::identity::Caller;
use crate::ledger::{Ledger, LedgerError, Trace};
use crate::organizations;

/// The address of an organization's account. Nobody reads mail there, and no user may have it.
fn address(id: OrganizationId) -> Email {
    let text = format!("organization-{id}@{}", Email::ORGANIZATIONS);
    Email::parse(&text).expect("a number fits into an address")
}

/// The address of the organization's account, which is opened when there is none.
pub(super) async fn account(
    hub: &Hub,
    id: OrganizationId,
    name: &str,
    by: &Trace,
) -> Result<Email, Refusal> {
    let email = address(id);
    hub.ledger.open_for_organization(&email, name, by).await?;
    Ok(email)
}

/// What the organization's programs sign in with.
pub(super) async fn credentials(
    hub: &Hub,
    caller: Caller,
    id: OrganizationId,
    correlation_id: &CorrelationId,
) -> Result<AccountingCredentials, ApiError> {
    let by = Trace::of(Some(caller.id()), correlation_id);
    let find = hub.db.read(move |tx| {
        Box::pin(async move {
            organizations::find_for(tx, &caller, id, OrganizationAction::Represent).await
        })
    });
    let found = find.await?;
    if !hub.ledger.is_enabled() {
        return Err(Refusal::Ledger(LedgerError::Disabled).into());
    }
    let email = account(hub, id, &found.organization.name, &by).await?;
    let secret = hub.ledger.organization_secret(&email).await.map_err(Refusal::Ledger)?;
    Ok(AccountingCredentials {
        url: Some(hub.accounting.address()),
        email: email.to_string(),
        password: Some(secret.expose().to_owned()),
    })
}

/// Gives the organization's account, if it has one, another secret in the transaction that `tx` is.
pub(crate) async fn replace_secret(
    tx: &mut Tx,
    ledger: &Ledger,
    id: OrganizationId,
) -> Result<(), StoreError> {
    ledger.replace_organization_secret_in(tx, &address(id)).await
}

/// Gives another secret to the account of every organization whose owner or admin `user` is, since they are gone.
pub(crate) async fn replace_secrets_known_to(
    tx: &mut Tx,
    ledger: &Ledger,
    user: UserId,
) -> Result<(), StoreError> {
    for id in store::represented_by(tx, user).await? {
        replace_secret(tx, ledger, id).await?;
    }
    Ok(())
}
