//! The hubs (marketplaces) that this space is connected to: which account it has there, what it lists there, and whose tokens
//! it accepts.

mod account;
mod attend;
mod connect;
mod emails;
mod listing;
mod marketplaces;
mod outbox;
mod publish;
mod reach;
mod reports;
mod verify;

use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use syfthub_client::{Client, ErrorKind, Verifier};
use syfthub_core::wire::user::User;
use syfthub_core::{Secret, Timestamp};
use tokio::sync::{Mutex, Notify, watch};

use super::error::SpaceError;
use super::ids::{MarketplaceId, TenantId};
use super::store::marketplaces::MarketplaceRow;
use super::tunnel::TunnelStatus;

pub(crate) use account::{NoPayee, Payee};
pub(crate) use attend::attend;
pub(crate) use marketplaces::{MarketplacePatch, NewAccount};
pub(crate) use publish::unwant;
pub use publish::{Listing, ListingState};
pub(crate) use reach::{Agents, Proxy};
pub(crate) use verify::{Caller, bearer};

/// A hub as the owner sees it (contract space 1.7); never its password.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Marketplace {
    /// The connection.
    pub id: MarketplaceId,
    /// The hub's host, unless named otherwise.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// The account of this space's owner.
    pub username: String,
    /// Its address.
    pub email: String,
    /// Whether it is the one to use when none is named.
    pub is_default: bool,
    /// Whether it is used.
    pub is_active: bool,
    /// The organization that this space publishes for there; null for the account itself.
    pub organization: Option<String>,
    /// When it was connected. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When that was changed last. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// All connected hubs, each tenant's default one first.
#[derive(Default)]
pub(crate) struct Hubs {
    connected: RwLock<Vec<Arc<Hub>>>,
    /// Counts changes of what hubs there are and of how the space wants to be reached.
    changes: watch::Sender<u64>,
    emails: emails::Emails,
    payees: account::Payees,
}

/// A connected hub.
pub(crate) struct Hub {
    pub(crate) row: MarketplaceRow,
    password: Secret,
    client: Client,
    verifier: Verifier,
    /// How the tunnel to it is.
    pub(crate) tunnel: watch::Sender<TunnelStatus>,
    /// Wakes who does what is wanted of the hub.
    work: Notify,
    /// Held while the hub is told about an endpoint.
    turn: Mutex<()>,
}

impl Hubs {
    fn all(&self) -> Vec<Arc<Hub>> {
        self.connected.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The hubs of a tenant, the default one first.
    fn of(&self, tenant: TenantId) -> Vec<Arc<Hub>> {
        let all = self.connected.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|hub| hub.row.tenant == tenant).cloned().collect()
    }

    fn replace(&self, hubs: Vec<Arc<Hub>>) {
        *self.connected.write().unwrap_or_else(PoisonError::into_inner) = hubs;
        self.touch();
    }

    /// Has the tenant's hubs look now whether what they list is still what is wanted there.
    pub(crate) fn look_at_listings(&self, tenant: TenantId) {
        self.of(tenant).iter().for_each(|hub| hub.work.notify_one());
    }

    /// Tells who attends to hubs that something about them has changed.
    pub(crate) fn touch(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Wakes at every change from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

impl Hub {
    fn new(row: MarketplaceRow, password: Secret) -> Result<Self, SpaceError> {
        let client =
            Client::builder(&row.url).build().map_err(|error| SpaceError::hub(&row.url, &error))?;
        let owner = row.organization.as_deref().unwrap_or(&row.username);
        let verifier = Verifier::builder(&row.url, owner).issuer(&row.issuer).build();
        let verifier =
            verifier.map_err(|error| SpaceError::broken("no HTTP client can be made", error))?;
        Ok(Self {
            row,
            password,
            client,
            verifier,
            tunnel: watch::Sender::default(),
            work: Notify::new(),
            turn: Mutex::default(),
        })
    }

    /// Runs `work` signed in. A session that has ended is begun anew, once.
    async fn signed_in<T, F>(&self, work: impl Fn(Client) -> F) -> Result<T, syfthub_client::Error>
    where
        F: Future<Output = Result<T, syfthub_client::Error>>,
    {
        if self.client.auth().tokens().is_some() {
            match work(self.client.clone()).await {
                Err(error) if error.kind() == ErrorKind::NotSignedIn => {}
                done => return done,
            }
        }
        self.client.auth().login(&self.row.username, self.password.clone()).await?;
        work(self.client.clone()).await
    }

    /// The account as the hub knows it now; renews the session where that is due.
    pub(crate) async fn account(&self) -> Result<User, SpaceError> {
        let account = self.signed_in(|client| async move { client.auth().me().await });
        account.await.map_err(|error| SpaceError::hub(&self.row.url, &error))
    }

    /// The session's access token, if there is a session.
    pub(crate) fn access_token(&self) -> Option<Secret> {
        self.client.auth().tokens().map(|tokens| tokens.access_token.into())
    }

    /// The name that callers' tokens are made for, and that the space is reached under.
    pub(crate) fn owner(&self) -> &str {
        self.row.organization.as_deref().unwrap_or(&self.row.username)
    }
}

impl From<MarketplaceRow> for Marketplace {
    fn from(row: MarketplaceRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            url: row.url,
            username: row.username,
            email: row.email,
            is_default: row.is_default,
            is_active: row.is_active,
            organization: row.organization,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
