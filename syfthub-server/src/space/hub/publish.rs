//! Listing endpoints at hubs, and taking them off.
//!
//! What is wanted is written down first, with the change that the owner made, and then done (`outbox`): at once where the hub
//! answers, and again later where it does not.

use std::sync::Arc;

use futures_util::future::join_all;
use serde::Serialize;
use serde_json::json;
use syfthub_core::Timestamp;

use super::Hub;
use super::outbox::Delivered;
use crate::db::{StoreError, Tx};
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::{MarketplaceId, TenantId};
use crate::space::node::Space;
use crate::space::store::endpoints::{self, EndpointRow};
use crate::space::store::listings::{self, ListingRow};

/// What listing or unlisting did at one hub (contract space 1.3).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Listing {
    /// The hub.
    pub marketplace_id: MarketplaceId,
    /// Its name.
    pub marketplace_name: String,
    /// Whether it was done.
    pub success: bool,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How an endpoint stands at one hub.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ListingState {
    /// The hub.
    pub marketplace_id: MarketplaceId,
    /// Its name.
    pub marketplace_name: String,
    /// Whether it shall be listed there, or taken off.
    pub wanted: bool,
    /// `pending` while that is being done, `listed`, or `failed` when the hub refused and only a change will help.
    pub state: String,
    /// Why it is not done yet.
    pub error: Option<String>,
    /// Since when it stands so. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl Space {
    /// Opens the endpoint to callers and lists it at every connected hub, under this space's address. Once listed, listing
    /// again updates the entry. What a hub does not take now is tried again.
    ///
    /// # Errors
    /// When there is no such endpoint or no hub; a hub's refusal is in its [`Listing`].
    pub async fn publish(&self, actor: &Actor, slug: &str) -> Result<Vec<Listing>, SpaceError> {
        let hubs = self.hubs.of(actor.tenant);
        self.publish_to(actor, slug, &hubs).await
    }

    /// As [`Space::publish`], at these hubs only.
    pub(crate) async fn publish_at(
        &self,
        actor: &Actor,
        slug: &str,
        ids: &[MarketplaceId],
    ) -> Result<Vec<Listing>, SpaceError> {
        let all = self.hubs.of(actor.tenant);
        let chosen = ids.iter().map(|id| all.iter().find(|hub| hub.row.id == *id).cloned());
        let hubs: Option<Vec<Arc<Hub>>> = chosen.collect();
        self.publish_to(actor, slug, &hubs.ok_or(SpaceError::NotFound("marketplace"))?).await
    }

    async fn publish_to(
        &self,
        actor: &Actor,
        slug: &str,
        hubs: &[Arc<Hub>],
    ) -> Result<Vec<Listing>, SpaceError> {
        let row = self.own_endpoint(actor.tenant, slug).await?;
        if hubs.is_empty() {
            return Err(SpaceError::refused("this space is not connected to a hub"));
        }
        if row.is_archived {
            return Err(SpaceError::Conflict("it is archived; unarchive it first".to_owned()));
        }
        let ids: Vec<MarketplaceId> = hubs.iter().map(|hub| hub.row.id).collect();
        let (now, endpoint) = (self.clock.now(), row.clone());
        let trace = actor.trace(now);
        let wanted = self.db.write(move |tx| {
            Box::pin(async move {
                // Open first: whoever finds the entry at the hub may ask at once.
                endpoints::open(tx, endpoint.id, true, now).await?;
                for id in &ids {
                    listings::want(tx, &endpoint, *id, now).await?;
                }
                let detail = json!({"published": true, "marketplaces": ids});
                trace
                    .note(tx, "endpoint.publish", format!("endpoint:{}", endpoint.id), detail)
                    .await
            })
        });
        wanted.await.map_err(|error: StoreError| error)?;
        self.deliver_at(&row, hubs).await
    }

    /// Closes the endpoint to callers and takes it off every hub that lists it.
    pub(crate) async fn unpublish(
        &self,
        actor: &Actor,
        slug: &str,
    ) -> Result<Vec<Listing>, SpaceError> {
        let row = self.own_endpoint(actor.tenant, slug).await?;
        let hubs = self.listing_hubs(&row).await?;
        if hubs.is_empty() {
            return Err(SpaceError::refused("no hub lists this endpoint"));
        }
        let (id, trace) = (row.id, actor.trace(self.clock.now()));
        let unwanted = self.db.write(move |tx| {
            Box::pin(async move {
                endpoints::open(tx, id, false, trace.at).await?;
                listings::unwant(tx, id, trace.at).await?;
                let subject = format!("endpoint:{id}");
                trace.note(tx, "endpoint.publish", subject, json!({"published": false})).await
            })
        });
        unwanted.await.map_err(|error: StoreError| error)?;
        self.deliver_at(&row, &hubs).await
    }

    /// Takes a removed endpoint off the hubs that list it, as far as they answer now; the others are told when they do.
    pub(crate) async fn take_off(&self, row: &EndpointRow) -> Result<(), SpaceError> {
        let hubs = self.listing_hubs(row).await?;
        self.deliver_at(row, &hubs).await.map(drop)
    }

    /// How the endpoint stands at each hub.
    pub(crate) async fn listing_states(
        &self,
        tenant: TenantId,
        slug: &str,
    ) -> Result<Vec<ListingState>, SpaceError> {
        let row = self.own_endpoint(tenant, slug).await?;
        let rows = self.listing_rows(&row).await?;
        let hubs = self.hubs.of(tenant);
        let states = rows.into_iter().map(|row| {
            let hub = hubs.iter().find(|hub| hub.row.id == row.marketplace);
            ListingState {
                marketplace_id: row.marketplace,
                marketplace_name: hub.map_or_else(String::new, |hub| hub.row.name.clone()),
                wanted: row.wanted,
                state: row.state,
                error: row.error,
                updated_at: row.updated_at,
            }
        });
        Ok(states.collect())
    }

    /// Does now what is wanted of these hubs, all at once.
    async fn deliver_at(
        &self,
        row: &EndpointRow,
        hubs: &[Arc<Hub>],
    ) -> Result<Vec<Listing>, SpaceError> {
        let rows = self.listing_rows(row).await?;
        let deliveries = hubs.iter().filter_map(|hub| {
            let task = rows.iter().find(|row| row.marketplace == hub.row.id)?.clone();
            Some(async move {
                let delivered = self.deliver(hub, task).await;
                hub.work.notify_one();
                hub.listing(delivered)
            })
        });
        Ok(join_all(deliveries).await)
    }

    async fn listing_rows(&self, row: &EndpointRow) -> Result<Vec<ListingRow>, StoreError> {
        let id = row.id;
        self.db.read(move |tx| Box::pin(async move { listings::of_endpoint(tx, id).await })).await
    }

    async fn listing_hubs(&self, row: &EndpointRow) -> Result<Vec<Arc<Hub>>, StoreError> {
        let rows = self.listing_rows(row).await?;
        let mut hubs = self.hubs.of(row.tenant);
        hubs.retain(|hub| rows.iter().any(|row| row.marketplace == hub.row.id));
        Ok(hubs)
    }
}

/// Wants a removed endpoint taken off wherever it is listed, within the transaction that removes it.
pub(crate) async fn unwant(
    tx: &mut Tx,
    row: &EndpointRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    listings::unwant(tx, row.id, now).await
}

impl Hub {
    fn listing(&self, delivered: Result<Delivered, SpaceError>) -> Listing {
        let (message, error) = match delivered {
            Ok(Delivered::Listed) => (Some("Published".to_owned()), None),
            Ok(Delivered::Unlisted) => (Some("Unpublished".to_owned()), None),
            Err(error) => (None, Some(error.to_string())),
        };
        Listing {
            marketplace_id: self.row.id,
            marketplace_name: self.row.name.clone(),
            success: error.is_none(),
            message,
            error,
        }
    }
}
