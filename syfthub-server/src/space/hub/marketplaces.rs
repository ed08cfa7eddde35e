//! Which hubs the space is connected to, and what of that its owner changes (contract space 1.6).

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use futures_util::future::join_all;
use serde_json::json;
use syfthub_client::Client;
use syfthub_core::wire::auth::Registration;
use syfthub_core::wire::organization::Organization;
use syfthub_core::{EndpointPath, OwnerName, Slug};
use url::Url;

use super::{Hub, Marketplace};
use crate::db::StoreError;
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::{MarketplaceId, TenantId};
use crate::space::node::Space;
use crate::space::store::listings;
use crate::space::store::marketplaces::{self, MarketplaceRow};

/// An account to be made at a hub.
#[derive(Debug)]
pub(crate) struct NewAccount {
    pub(crate) url: Url,
    /// What the hub is to be called here; its host unless given.
    pub(crate) name: Option<String>,
    pub(crate) registration: Registration,
}

/// What to change of a connected hub.
#[derive(Debug, Clone, Default)]
pub(crate) struct MarketplacePatch {
    pub(crate) name: Option<String>,
    pub(crate) is_active: Option<bool>,
    /// Only `true` means anything: another hub is made the default by naming it.
    pub(crate) is_default: Option<bool>,
}

impl Space {
    /// Makes an account at a hub and connects to it.
    pub(crate) async fn register_marketplace(
        &self,
        actor: &Actor,
        new: NewAccount,
    ) -> Result<Marketplace, SpaceError> {
        let url = new.url.as_str().trim_end_matches('/').to_owned();
        let failed = |error: syfthub_client::Error| SpaceError::hub(&url, &error);
        let client = Client::builder(&url).build().map_err(failed)?;
        let registered = client.auth().register(&new.registration).await.map_err(failed)?;
        if registered.requires_email_verification {
            return Err(SpaceError::refused(
                "the hub has mailed a code to verify the address; once that is done, connect with the same account",
            ));
        }
        let Registration { username, password, .. } = &new.registration;
        let made =
            self.connect_marketplace(actor, &new.url, username.as_str(), password, None).await?;
        match new.name {
            Some(name) => {
                let patch = MarketplacePatch { name: Some(name), ..MarketplacePatch::default() };
                self.edit_marketplace(actor, made.id, patch).await
            }
            None => Ok(made),
        }
    }

    /// The tenant's hubs, also those that are not used, the default one first.
    pub(crate) async fn marketplaces(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<Marketplace>, StoreError> {
        let rows = self.marketplace_rows().await?;
        Ok(rows.into_iter().filter(|row| row.tenant == tenant).map(Marketplace::from).collect())
    }

    /// Renames a hub, switches it on or off, or makes it the default one.
    pub(crate) async fn edit_marketplace(
        &self,
        actor: &Actor,
        id: MarketplaceId,
        patch: MarketplacePatch,
    ) -> Result<Marketplace, SpaceError> {
        let row = self.marketplace_row(actor.tenant, id).await?;
        let trace = actor.trace(self.clock.now());
        let row = MarketplaceRow {
            name: patch.name.unwrap_or(row.name),
            is_active: patch.is_active.unwrap_or(row.is_active),
            is_default: row.is_default || patch.is_default == Some(true),
            updated_at: trace.at,
            ..row
        };
        let stored = row.clone();
        let changed = self.db.write(move |tx| {
            Box::pin(async move {
                marketplaces::adjust(tx, &stored).await?;
                if patch.is_default == Some(true) {
                    marketplaces::choose(tx, stored.tenant, stored.id).await?;
                }
                let detail = json!({"name": stored.name, "is_active": stored.is_active, "is_default": stored.is_default});
                trace.note(tx, "marketplace.update", format!("marketplace:{id}"), detail).await
            })
        });
        changed.await.map_err(|error: StoreError| error)?;
        self.open_hubs().await?;
        Ok(row.into())
    }

    /// Takes everything off a hub that this space listed there, and forgets it. The default one is refused, unless it is the
    /// last, or `successor` is to be the default one.
    pub(crate) async fn remove_marketplace(
        &self,
        actor: &Actor,
        id: MarketplaceId,
        successor: Option<MarketplaceId>,
        force: bool,
    ) -> Result<(), SpaceError> {
        let row = self.marketplace_row(actor.tenant, id).await?;
        let others = self.marketplaces(actor.tenant).await?;
        let others: Vec<MarketplaceId> =
            others.iter().map(|other| other.id).filter(|other| *other != id).collect();
        if let Some(successor) = successor
            && !others.contains(&successor)
        {
            return Err(SpaceError::NotFound("marketplace"));
        }
        if row.is_default && successor.is_none() && !others.is_empty() {
            return Err(SpaceError::refused(
                "this is the default marketplace; make another one the default first, or name it as `default`",
            ));
        }
        if let Some(hub) = self.hubs.of(actor.tenant).into_iter().find(|hub| hub.row.id == id) {
            let left = self.clear(&hub).await?;
            if left > 0 && !force {
                return Err(SpaceError::Conflict(format!(
                    "{left} endpoints could not be taken off {}; try again, or leave them there with `force`",
                    row.url
                )));
            }
        }
        let trace = actor.trace(self.clock.now());
        let removed = self.db.write(move |tx| {
            Box::pin(async move {
                listings::forget(tx, id).await?;
                marketplaces::delete(tx, id).await?;
                if let Some(successor) = successor.filter(|_| row.is_default) {
                    marketplaces::choose(tx, row.tenant, successor).await?;
                }
                let detail = json!({"url": row.url});
                trace.note(tx, "marketplace.delete", format!("marketplace:{id}"), detail).await
            })
        });
        removed.await.map_err(|error: StoreError| error)?;
        Ok(self.open_hubs().await?)
    }

    /// Takes off `hub` what this space listed there; how much of that is left.
    async fn clear(&self, hub: &Hub) -> Result<usize, SpaceError> {
        let (id, now) = (hub.row.id, self.clock.now());
        let rows = self.db.write(move |tx| {
            Box::pin(async move {
                listings::unwant_at(tx, id, now).await?;
                listings::of_marketplace(tx, id).await
            })
        });
        let mut left = 0;
        for row in rows.await.map_err(|error: StoreError| error)? {
            left += usize::from(self.deliver(hub, row).await.is_err());
        }
        Ok(left)
    }

    /// What is left of the account's money, by the default hub's accounting.
    pub(crate) async fn balance(&self, tenant: TenantId) -> Result<f64, SpaceError> {
        let hub = self.hubs.of(tenant).into_iter().next();
        let hub = hub.ok_or(SpaceError::NotFound("marketplace"))?;
        let account = hub.signed_in(|client| async move { client.users().accounting_user().await });
        let account = account.await.map_err(|error| SpaceError::hub(&hub.row.url, &error))?;
        Ok(account.balance)
    }

    /// Whether nobody at the hub goes by this name yet.
    pub(crate) async fn is_username_free(
        &self,
        url: &Url,
        username: &str,
    ) -> Result<bool, SpaceError> {
        let failed = |error: syfthub_client::Error| SpaceError::hub(url, &error);
        let client = Client::builder(url.as_str()).build().map_err(failed)?;
        Ok(client.users().check_username(username).await.map_err(failed)?.available)
    }

    /// Whether the slug could be listed at each of these hubs: whether the account has nothing there under it. All of the
    /// tenant's hubs when none is named; one that cannot be asked says why.
    pub(crate) async fn slug_at_hubs(
        &self,
        tenant: TenantId,
        slug: &Slug,
        ids: Option<&[MarketplaceId]>,
    ) -> Vec<(MarketplaceId, Result<bool, SpaceError>)> {
        let hubs = self.hubs.of(tenant);
        let all: Vec<MarketplaceId> = hubs.iter().map(|hub| hub.row.id).collect();
        let asks = ids.unwrap_or(&all).iter().map(|id| {
            let hub: Option<Arc<Hub>> = hubs.iter().find(|hub| hub.row.id == *id).cloned();
            async move {
                let free = match hub {
                    Some(hub) => hub.is_free(slug).await,
                    None => Err(SpaceError::NotFound("marketplace")),
                };
                (*id, free)
            }
        });
        join_all(asks).await
    }

    /// Where a hub is that the owner did not name: the default one, or as configured.
    pub(crate) fn default_hub_url(&self, tenant: TenantId) -> Option<Url> {
        let known = self.hubs.of(tenant).first().and_then(|hub| hub.row.url.parse().ok());
        known.or_else(|| self.config.hub.clone())
    }

    async fn marketplace_rows(&self) -> Result<Vec<MarketplaceRow>, StoreError> {
        self.db.read(|tx| Box::pin(async move { marketplaces::list(tx).await })).await
    }

    async fn marketplace_row(
        &self,
        tenant: TenantId,
        id: MarketplaceId,
    ) -> Result<MarketplaceRow, SpaceError> {
        let rows = self.marketplace_rows().await?;
        let found = rows.into_iter().find(|row| row.id == id && row.tenant == tenant);
        found.ok_or(SpaceError::NotFound("marketplace"))
    }
}

impl Hub {
    async fn is_free(&self, slug: &Slug) -> Result<bool, SpaceError> {
        let owner = OwnerName::parse(self.owner())
            .map_err(|_| SpaceError::refused("the hub's name for the account is none"))?;
        let path = EndpointPath { owner, slug: slug.clone() };
        let found = self.signed_in(|client| {
            let path = path.clone();
            async move { client.endpoints().get_path(&path).await }
        });
        let found = found.await.map_err(|error| SpaceError::hub(&self.row.url, &error))?;
        Ok(found.is_none())
    }
}

/// The organization of this name that the account may publish for.
pub(super) async fn organization(
    client: &Client,
    name: &str,
) -> Result<Option<Organization>, syfthub_client::Error> {
    let mut all = std::pin::pin!(client.organizations().list().stream());
    while let Some(organization) = all.try_next().await? {
        if organization.slug.eq_ignore_ascii_case(name) {
            return Ok(Some(organization));
        }
    }
    Ok(None)
}
