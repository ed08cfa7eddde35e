//! What users ask of their accounting service through the hub (contract hub 8.2).

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};
use serde_json::json;
use syfthub_core::wire::accounting::{
    AccountingCredentials, AccountingTransaction, AccountingUser, NewTransaction, Payee,
    TransactionTokenRequest, TransactionTokens,
};
use syfthub_core::wire::user::User;

use super::link;
use super::refusal::Refusal;
use super::service::Service;
use super::{store, wire};
use crate::db::StoreError;
use crate::http::{CorrelationId, Page};
use crate::hub::Hub;

/// Owners whose tokens are asked for at a time.
const AT_A_TIME: usize = 8;

/// What the user's programs sign in with. A user without an account gets the stub of the settings, if there is one.
pub(super) async fn credentials(hub: &Hub, user: User) -> Result<AccountingCredentials, Refusal> {
    let password = link::password(hub, user.id).await?;
    let stub = hub.accounting.settings.accounting_stub_url.as_ref();
    let (url, password) = match (user.accounting_service_url, password, stub) {
        (Some(url), password, _) => (Some(url), password.map(|secret| secret.expose().to_owned())),
        (None, _, Some(stub)) => {
            (Some(stub.to_string()), Some(hub.accounting.stub_password(user.id)))
        }
        (None, _, None) => (None, None),
    };
    Ok(AccountingCredentials { url, email: user.email, password })
}

/// The user's account at the service.
pub(super) async fn account(
    hub: &Hub,
    user: &User,
    correlation_id: CorrelationId,
) -> Result<AccountingUser, Refusal> {
    let service = service(hub, user, correlation_id).await?;
    wire::user(service.get(&["user", "my-info"], &[]).await?.success()?)
}

/// A page of the user's transactions.
pub(super) async fn transactions(
    hub: &Hub,
    user: &User,
    page: Page,
    correlation_id: CorrelationId,
) -> Result<Vec<AccountingTransaction>, Refusal> {
    let service = service(hub, user, correlation_id).await?;
    let query = [("skip", page.skip), ("limit", page.limit)];
    let listed = wire::transactions(service.get(&["transactions"], &query).await?.success()?)?;
    // A service that does not page must not make a page longer than it was asked to be.
    let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
    Ok(listed.into_iter().take(most).collect())
}

/// Begins a transaction.
pub(super) async fn create(
    hub: &Hub,
    user: &User,
    new: NewTransaction,
    correlation_id: CorrelationId,
) -> Result<AccountingTransaction, Refusal> {
    let service = service(hub, user, correlation_id).await?;
    let recipient = address_of(hub, new.recipient).await?;
    let mut body = json!({ "recipientEmail": recipient, "amount": new.amount });
    for (name, value) in [("appName", new.app_name), ("appEpPath", new.app_ep_path)] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    wire::transaction(service.post(&["transactions"], Some(&body)).await?.success()?)
}

/// The address of who is to be paid.
async fn address_of(hub: &Hub, payee: Payee) -> Result<String, Refusal> {
    let name = match payee {
        Payee::Email(email) => return Ok(email.as_str().to_owned()),
        Payee::Owner(name) => name,
    };
    let find =
        hub.db.read(move |tx| Box::pin(async move { store::email_of(tx, name.as_str()).await }));
    let found = find.await.map_err(|error: StoreError| error)?;
    found.ok_or(Refusal::NoSuchOwner)
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verdict {
    Confirm,
    Cancel,
}

/// Ends a transaction.
pub(super) async fn resolve(
    hub: &Hub,
    user: &User,
    id: &str,
    verdict: Verdict,
    correlation_id: CorrelationId,
) -> Result<AccountingTransaction, Refusal> {
    let service = service(hub, user, correlation_id).await?;
    let verb = match verdict {
        Verdict::Confirm => "confirm",
        Verdict::Cancel => "cancel",
    };
    wire::transaction(service.post(&["transactions", id, verb], None).await?.success()?)
}

/// Tokens with which each of the owners may charge the user. What fails for one of them leaves the others alone.
pub(super) async fn tokens(
    hub: &Hub,
    user: &User,
    request: TransactionTokenRequest,
    correlation_id: CorrelationId,
) -> Result<TransactionTokens, Refusal> {
    let service = service(hub, user, correlation_id).await?;
    let owners: BTreeSet<String> = request.owner_usernames.into_iter().collect();
    let find = hub.db.read(move |tx| {
        Box::pin(async move {
            let mut found = Vec::with_capacity(owners.len());
            for owner in owners {
                let email = store::email_of(tx, &owner.to_lowercase()).await?;
                found.push((owner, email));
            }
            Ok(found)
        })
    });
    let found = find.await.map_err(|error: StoreError| error)?;
    let service = &service;
    let asked = stream::iter(found).map(|(owner, email)| async move {
        let token = match email {
            Some(email) => token(service, &email).await.map_err(|refusal| refusal.about_one()),
            None => Err(Refusal::NoSuchOwner.about_one()),
        };
        (owner, token)
    });
    let mut answer = TransactionTokens::default();
    let mut asked = asked.buffer_unordered(AT_A_TIME);
    while let Some((owner, token)) = asked.next().await {
        match token {
            Ok(token) => drop(answer.tokens.insert(owner, token)),
            Err(reason) => drop(answer.errors.insert(owner, reason)),
        }
    }
    Ok(answer)
}

async fn token(service: &Service<'_>, recipient: &str) -> Result<String, Refusal> {
    let body = json!({ "recipientEmail": recipient });
    wire::token(service.post(&["token", "create"], Some(&body)).await?.success()?)
}

/// The user's service, with the user's credentials.
async fn service<'a>(
    hub: &'a Hub,
    user: &User,
    correlation_id: CorrelationId,
) -> Result<Service<'a>, Refusal> {
    let url = user.accounting_service_url.as_deref().and_then(|url| url.parse().ok());
    let password = link::password(hub, user.id).await?;
    let (Some(url), Some(password)) = (url, password) else { return Err(Refusal::NotConfigured) };
    let service = Service::new(&hub.outbound, &hub.accounting, url, correlation_id);
    Ok(service.signed_in(&user.email, password))
}
