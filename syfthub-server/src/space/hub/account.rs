//! The account that the space's owner, or the organization that it publishes for, has at a hub's ledger or at an accounting
//! service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use syfthub_core::Secret;
use syfthub_core::wire::accounting::AccountingCredentials;
use tokio::time::Instant;
use url::Url;

use super::Hub;
use crate::space::ids::MarketplaceId;
use crate::space::node::Space;

/// Where the owner is paid.
#[derive(Debug, Clone)]
pub(crate) struct Payee {
    pub(crate) url: Url,
    pub(crate) email: String,
    pub(crate) password: Secret,
}

/// Why nobody can be paid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoPayee {
    /// The space is not connected to it any more.
    #[error("the hub is not connected any more")]
    Gone,
    /// The owner has no accounting service there.
    #[error("no accounting service is linked to the account at the hub")]
    Unlinked,
    /// It cannot be asked.
    #[error("the hub cannot be asked for the accounting account: {0}")]
    Away(String),
}

/// How long the account counts before the hub is asked again.
const FRESH: Duration = Duration::from_mins(5);

/// The accounts that were told, by hub.
#[derive(Default)]
pub(crate) struct Payees(Mutex<HashMap<MarketplaceId, (Payee, Instant)>>);

impl Payees {
    fn find(&self, hub: MarketplaceId) -> Option<Payee> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (payee, at) = told.get(&hub)?;
        (at.elapsed() < FRESH).then(|| payee.clone())
    }
}

impl Space {
    /// The owner's accounting account, as the hub told it lately.
    pub(crate) async fn payee(&self, marketplace: MarketplaceId) -> Result<Payee, NoPayee> {
        if let Some(payee) = self.hubs.payees.find(marketplace) {
            return Ok(payee);
        }
        let hub: Option<Arc<Hub>> =
            self.hubs.all().into_iter().find(|hub| hub.row.id == marketplace);
        let hub = hub.ok_or(NoPayee::Gone)?;
        // What is published for an organization is paid to it.
        let organization = hub.row.organization_id;
        let told = hub.signed_in(|client| async move {
            match organization {
                Some(id) => client.organizations().accounting(id).await,
                None => client.users().accounting().await,
            }
        });
        let told = told.await;
        let told: AccountingCredentials = told.map_err(|error| NoPayee::Away(error.to_string()))?;
        let (url, password) = told.url.zip(told.password).ok_or(NoPayee::Unlinked)?;
        let url = Url::parse(&url).map_err(|_| NoPayee::Unlinked)?;
        let payee = Payee { url, email: told.email, password: Secret::new(password) };
        let mut payees = self.hubs.payees.0.lock().unwrap_or_else(PoisonError::into_inner);
        payees.insert(marketplace, (payee.clone(), Instant::now()));
        Ok(payee)
    }

    /// Asks the hub anew next time, since the service did not take the account.
    pub(crate) fn forget_payee(&self, marketplace: MarketplaceId) {
        let mut payees = self.hubs.payees.0.lock().unwrap_or_else(PoisonError::into_inner);
        payees.remove(&marketplace);
    }
}
