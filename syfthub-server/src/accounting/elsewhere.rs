//! A user's account at a service of somebody else's (contract hub 8.2).

use serde_json::json;
use syfthub_core::Secret;
use syfthub_core::ledger::Verdict;
use syfthub_core::wire::accounting::{AccountingTransaction, AccountingUser, NewTransaction};
use url::Url;

use super::payee;
use super::refusal::Refusal;
use super::service::Service;
use super::wire;
use crate::http::{CorrelationId, Page};
use crate::hub::Hub;

/// An account at a service, opened with the user's credentials.
pub(super) struct Elsewhere<'a> {
    hub: &'a Hub,
    service: Service<'a>,
}

impl<'a> Elsewhere<'a> {
    pub(super) fn new(
        hub: &'a Hub,
        url: Url,
        email: &str,
        password: Secret,
        correlation_id: CorrelationId,
    ) -> Self {
        let service = Service::new(&hub.outbound, &hub.accounting, url, correlation_id);
        Self { hub, service: service.signed_in(email, password) }
    }

    /// The account.
    pub(super) async fn account(&self) -> Result<AccountingUser, Refusal> {
        wire::user(self.service.get(&["user", "my-info"], &[]).await?.success()?)
    }

    /// A page of the transactions.
    pub(super) async fn history(&self, page: Page) -> Result<Vec<AccountingTransaction>, Refusal> {
        let query = [("skip", page.skip), ("limit", page.limit)];
        let said = self.service.get(&["transactions"], &query).await?;
        let listed = wire::transactions(said.success()?)?;
        // A service that does not page must not make a page longer than it was asked to be.
        let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
        Ok(listed.into_iter().take(most).collect())
    }

    /// One transaction.
    pub(super) async fn find(&self, id: &str) -> Result<AccountingTransaction, Refusal> {
        wire::transaction(self.service.get(&["transactions", id], &[]).await?.success()?)
    }

    /// Begins a transaction.
    pub(super) async fn create(
        &self,
        new: NewTransaction,
        key: Option<&str>,
    ) -> Result<AccountingTransaction, Refusal> {
        let recipient = payee::address(self.hub, new.recipient).await?;
        let mut body = json!({ "recipientEmail": recipient, "amount": new.amount });
        for (name, value) in [("appName", new.app_name), ("appEpPath", new.app_ep_path)] {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        let said = self.service.post(&["transactions"], Some(&body), key).await?;
        wire::transaction(said.success()?)
    }

    /// Ends a transaction.
    pub(super) async fn resolve(
        &self,
        id: &str,
        verdict: Verdict,
        key: Option<&str>,
    ) -> Result<AccountingTransaction, Refusal> {
        let verb = match verdict {
            Verdict::Confirm => "confirm",
            Verdict::Cancel => "cancel",
        };
        let said = self.service.post(&["transactions", id, verb], None, key).await?;
        wire::transaction(said.success()?)
    }

    /// A token with which `recipient` may charge the account.
    pub(super) async fn token(&self, recipient: &str) -> Result<String, Refusal> {
        let body = json!({ "recipientEmail": recipient });
        wire::token(self.service.post(&["token", "create"], Some(&body), None).await?.success()?)
    }
}
