//! A user's account at the hub's own ledger, used without HTTP (contract accounting 4.7).

use syfthub_core::ledger::{GrantId, TransactionId, Verdict};
use syfthub_core::wire::accounting::{AccountingTransaction, AccountingUser, NewTransaction};
use syfthub_core::wire::ledger::{Entry, Grant, GrantDraft, NewGrant};
use syfthub_core::wire::user::User;
use syfthub_core::{Email, Secret, UserId};

use super::payee;
use super::refusal::Refusal;
use super::told;
use crate::http::{CorrelationId, Page};
use crate::hub::Hub;
use crate::ledger::{Account, LedgerError, Order, Party, Trace};

/// An account at the hub's own ledger.
pub(super) struct Own<'a> {
    hub: &'a Hub,
    user: UserId,
    account: Account,
    party: Party,
    trace: Trace,
}

impl<'a> Own<'a> {
    /// The account of `user`, which is opened when there is none.
    ///
    /// # Errors
    /// When the hub keeps no ledger, or the address has an account that is not known to be the user's.
    pub(super) async fn open(
        hub: &'a Hub,
        user: &User,
        correlation_id: &CorrelationId,
    ) -> Result<Self, Refusal> {
        if !hub.ledger.is_enabled() {
            return Err(Refusal::NotConfigured);
        }
        let trace = Trace::of(Some(user.id), correlation_id);
        let account = account_of(hub, user.id, &user.email, &trace).await?;
        let party = Party::user(user.id, correlation_id);
        Ok(Self { hub, user: user.id, account, party, trace })
    }

    /// What opens the account over HTTP.
    pub(super) async fn credentials(&self) -> Result<(Email, Secret), Refusal> {
        Ok(self.hub.ledger.credentials(self.user).await?)
    }

    /// The account.
    pub(super) fn account(self) -> AccountingUser {
        told::account(self.account)
    }

    /// A page of the transactions, newest first.
    pub(super) async fn history(&self, page: Page) -> Result<Vec<AccountingTransaction>, Refusal> {
        let found = self.hub.ledger.history(&self.party, page.skip, page.limit).await?;
        Ok(found.into_iter().map(told::transaction).collect())
    }

    /// One transaction.
    pub(super) async fn find(&self, id: &str) -> Result<AccountingTransaction, Refusal> {
        let found = self.hub.ledger.find(&self.party, &TransactionId::new(id)).await?;
        Ok(told::transaction(found))
    }

    /// Sets money aside.
    pub(super) async fn create(
        &self,
        new: NewTransaction,
        key: Option<String>,
    ) -> Result<AccountingTransaction, Refusal> {
        let other = payee::account(self.hub, new.recipient, &self.trace).await?;
        let NewTransaction { amount, app_name, app_ep_path, .. } = new;
        let order = Order { other, amount, app_name, app_ep_path, key };
        Ok(told::transaction(self.hub.ledger.create(&self.party, order).await?))
    }

    /// Ends a transaction.
    pub(super) async fn resolve(
        &self,
        id: &str,
        verdict: Verdict,
        key: Option<String>,
    ) -> Result<AccountingTransaction, Refusal> {
        let (ledger, id) = (&self.hub.ledger, TransactionId::new(id));
        let ended = match verdict {
            Verdict::Confirm => ledger.confirm(&self.party, &id, key).await?,
            Verdict::Cancel => ledger.cancel(&self.party, &id, key).await?,
        };
        Ok(told::transaction(ended))
    }

    /// A token with which `recipient` may charge the account.
    pub(super) async fn token(&self, recipient: payee::Owner) -> Result<String, Refusal> {
        let recipient = payee::account_of_owner(self.hub, recipient, &self.trace).await?;
        let (_, token) = self.hub.ledger.token(&self.party, &recipient).await?;
        Ok(token.expose().to_owned())
    }

    /// A page of the lines, newest first.
    pub(super) async fn entries(&self, page: Page) -> Result<Vec<Entry>, Refusal> {
        let lines = self.hub.ledger.postings(&self.party, page.skip, page.limit).await?;
        Ok(lines.into_iter().map(told::entry).collect())
    }

    /// A page of the grants that the user gave, newest first.
    pub(super) async fn grants(&self, page: Page) -> Result<Vec<Grant>, Refusal> {
        let granted = self.hub.ledger.grants(&self.party, page.skip, page.limit).await?;
        let now = self.hub.clock.now();
        Ok(granted.into_iter().map(|granted| told::grant(granted, now)).collect())
    }

    /// Lets somebody charge the account.
    pub(super) async fn grant(&self, draft: GrantDraft) -> Result<NewGrant, Refusal> {
        let settings = self.hub.ledger.settings();
        let cap = draft.cap.unwrap_or(settings.ledger_grant_cap);
        let life = draft.life().unwrap_or(settings.ledger_grant_ttl);
        let recipient = payee::account(self.hub, draft.recipient, &self.trace).await?;
        let (granted, token) = self.hub.ledger.grant(&self.party, &recipient, cap, life).await?;
        let grant = told::grant(granted, self.hub.clock.now());
        Ok(NewGrant { token: token.expose().to_owned(), grant })
    }

    /// Takes a grant back.
    pub(super) async fn revoke(&self, id: &str) -> Result<(), Refusal> {
        Ok(self.hub.ledger.revoke(&self.party, &GrantId::new(id)).await.map(drop)?)
    }
}

/// The account of a user of the hub, which is opened when there is none.
pub(super) async fn account_of(
    hub: &Hub,
    user: UserId,
    email: &str,
    trace: &Trace,
) -> Result<Account, Refusal> {
    let party = Party::user(user, &CorrelationId::random());
    match hub.ledger.account(&party).await {
        Err(LedgerError::NoAccount) => {
            let email = Email::parse(email).map_err(|_| LedgerError::NoAccount)?;
            Ok(hub.ledger.open(&email, user, trace).await?)
        }
        found => Ok(found?),
    }
}
