//! What users ask of their account, wherever it is (contract hub 3.6).

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};
use syfthub_core::ledger::Verdict;
use syfthub_core::wire::accounting::{
    AccountingTransaction, AccountingUser, NewTransaction, TransactionTokenRequest,
    TransactionTokens,
};
use syfthub_core::wire::ledger::{DepositDraft, TrialBalance};
use syfthub_core::wire::user::User;

use super::desk::Desk;
use super::payee::{self, Owner};
use super::refusal::Refusal;
use super::{store, told};
use crate::db::StoreError;
use crate::http::{CorrelationId, Page};
use crate::hub::Hub;
use crate::ledger::{Deposit, LedgerError, Trace};

/// Owners whose tokens are made or asked for at a time.
const AT_A_TIME: usize = 8;

/// The user's account.
pub(super) async fn account(
    hub: &Hub,
    user: &User,
    correlation_id: &CorrelationId,
) -> Result<AccountingUser, Refusal> {
    match Desk::of(hub, user, correlation_id).await? {
        Desk::Own(own) => Ok(own.account()),
        Desk::Elsewhere(elsewhere) => elsewhere.account().await,
    }
}

/// A page of the user's transactions.
pub(super) async fn history(
    hub: &Hub,
    user: &User,
    page: Page,
    correlation_id: &CorrelationId,
) -> Result<Vec<AccountingTransaction>, Refusal> {
    match Desk::of(hub, user, correlation_id).await? {
        Desk::Own(own) => own.history(page).await,
        Desk::Elsewhere(elsewhere) => elsewhere.history(page).await,
    }
}

/// One transaction of the user's.
pub(super) async fn find(
    hub: &Hub,
    user: &User,
    id: &str,
    correlation_id: &CorrelationId,
) -> Result<AccountingTransaction, Refusal> {
    match Desk::of(hub, user, correlation_id).await? {
        Desk::Own(own) => own.find(id).await,
        Desk::Elsewhere(elsewhere) => elsewhere.find(id).await,
    }
}

/// Begins a transaction.
pub(super) async fn create(
    hub: &Hub,
    user: &User,
    new: NewTransaction,
    key: Option<String>,
    correlation_id: &CorrelationId,
) -> Result<AccountingTransaction, Refusal> {
    match Desk::of(hub, user, correlation_id).await? {
        Desk::Own(own) => own.create(new, key).await,
        Desk::Elsewhere(elsewhere) => elsewhere.create(new, key.as_deref()).await,
    }
}

/// Which transaction is to end, and how.
pub(super) struct Ending {
    pub(super) id: String,
    pub(super) verdict: Verdict,
    pub(super) key: Option<String>,
}

/// Ends a transaction.
pub(super) async fn resolve(
    hub: &Hub,
    user: &User,
    ending: Ending,
    correlation_id: &CorrelationId,
) -> Result<AccountingTransaction, Refusal> {
    let Ending { id, verdict, key } = ending;
    match Desk::of(hub, user, correlation_id).await? {
        Desk::Own(own) => own.resolve(&id, verdict, key).await,
        Desk::Elsewhere(elsewhere) => elsewhere.resolve(&id, verdict, key.as_deref()).await,
    }
}

/// Tokens with which each of the owners may charge the user. What fails for one of them leaves the others alone.
pub(super) async fn tokens(
    hub: &Hub,
    user: &User,
    request: TransactionTokenRequest,
    correlation_id: &CorrelationId,
) -> Result<TransactionTokens, Refusal> {
    let desk = &Desk::of(hub, user, correlation_id).await?;
    // An owner in several spellings is asked for once.
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in request.owner_usernames {
        owners.entry(name.to_lowercase()).or_default().insert(name);
    }
    let find = hub.db.read(move |tx| {
        Box::pin(async move {
            let mut found = Vec::with_capacity(owners.len());
            for (owner, names) in owners {
                found.push((names, store::owner(tx, &owner).await?));
            }
            Ok(found)
        })
    });
    let found = find.await.map_err(|error: StoreError| error)?;
    let asked = stream::iter(found).map(|(names, owner)| async move {
        let token = match owner {
            Some(owner) => token(desk, owner).await.map_err(|refusal| refusal.about_one()),
            None => Err(Refusal::NoSuchOwner.about_one()),
        };
        (names, token)
    });
    let mut answer = TransactionTokens::default();
    let mut asked = asked.buffer_unordered(AT_A_TIME);
    while let Some((names, token)) = asked.next().await {
        for name in names {
            match &token {
                Ok(token) => drop(answer.tokens.insert(name, token.clone())),
                Err(reason) => drop(answer.errors.insert(name, reason.clone())),
            }
        }
    }
    Ok(answer)
}

async fn token(desk: &Desk<'_>, owner: Owner) -> Result<String, Refusal> {
    match (desk, owner) {
        (Desk::Own(own), owner) => own.token(owner).await,
        (Desk::Elsewhere(elsewhere), Owner::User { email, .. }) => elsewhere.token(&email).await,
        (Desk::Elsewhere(_), Owner::Organization { .. }) => Err(Refusal::PaidHere),
    }
}

/// Brings money in, which the caller has been found to be allowed.
pub(super) async fn deposit(
    hub: &Hub,
    draft: DepositDraft,
    key: Option<String>,
    by: &Trace,
) -> Result<AccountingUser, Refusal> {
    if !hub.ledger.is_enabled() {
        return Err(LedgerError::Disabled.into());
    }
    let DepositDraft { recipient, amount, note } = draft;
    let to = payee::account(hub, recipient, by).await?;
    let deposit = Deposit { to, amount, note, key };
    Ok(told::account(hub.ledger.deposit(deposit, by).await?))
}

/// Whether the books are right.
pub(super) async fn trial_balance(hub: &Hub) -> Result<TrialBalance, Refusal> {
    Ok(told::trial_balance(hub.ledger.trial_balance().await?))
}
