//! Listing endpoints at hubs, and taking them off.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use syfthub_client::ErrorKind;
use syfthub_core::Tag;
use syfthub_core::model::EndpointType;
use syfthub_core::wire::endpoint::{Connection, EndpointDraft};
use url::Url;

use super::Hub;
use crate::db::StoreError;
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::MarketplaceId;
use crate::space::node::Space;
use crate::space::store::endpoints::{self, EndpointRow};

/// The most tags that a hub takes.
const MOST_TAGS: usize = 10;

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

impl Space {
    /// Opens the endpoint to callers and lists it at every connected hub, under this space's address. Once listed, listing
    /// again updates the entry.
    ///
    /// # Errors
    /// When there is no such endpoint, no hub, or no address; a hub's refusal is in its [`Listing`].
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
        let mut draft = draft(&row, self.tenants.published_name(actor.tenant));
        draft.policies = self.public_policies(row.id).await?;
        // Open first: whoever finds the entry at the hub may ask at once.
        let mut listed = row.published_to.clone();
        self.mark(actor, &row, true, &listed).await?;
        let mut listings = Vec::with_capacity(hubs.len());
        for hub in hubs {
            let outcome = match self.url_at(hub).await {
                Ok(url) => hub.list(&url, &draft).await,
                Err(error) => Err(error),
            };
            if outcome.is_ok() && !listed.contains(&hub.row.id) {
                listed.push(hub.row.id);
            }
            listings.push(hub.listing(outcome));
        }
        self.mark(actor, &row, true, &listed).await?;
        Ok(listings)
    }

    /// Takes the endpoint off every hub that lists it. When none does any more, it is closed to callers.
    pub(crate) async fn unpublish(
        &self,
        actor: &Actor,
        slug: &str,
    ) -> Result<Vec<Listing>, SpaceError> {
        let row = self.own_endpoint(actor.tenant, slug).await?;
        if row.published_to.is_empty() {
            return Err(SpaceError::refused("no hub lists this endpoint"));
        }
        let mut listed = row.published_to.clone();
        let mut listings = Vec::new();
        for hub in
            self.hubs.of(actor.tenant).iter().filter(|hub| row.published_to.contains(&hub.row.id))
        {
            let outcome = hub.unlist(&row).await;
            if outcome.is_ok() {
                listed.retain(|id| *id != hub.row.id);
            }
            listings.push(hub.listing(outcome));
        }
        self.mark(actor, &row, !listed.is_empty(), &listed).await?;
        Ok(listings)
    }

    async fn mark(
        &self,
        actor: &Actor,
        row: &EndpointRow,
        published: bool,
        listed: &[MarketplaceId],
    ) -> Result<(), SpaceError> {
        let (id, listed, now) = (row.id, listed.to_vec(), self.clock.now());
        let trace = actor.trace(now);
        let marked = self.db.write(move |tx| {
            Box::pin(async move {
                endpoints::mark(tx, id, published, &listed, now).await?;
                let detail = json!({"published": published, "published_to": listed});
                trace.note(tx, "endpoint.publish", format!("endpoint:{id}"), detail).await
            })
        });
        Ok(marked.await.map_err(|error: StoreError| error)?)
    }
}

impl Hub {
    async fn list(&self, url: &Url, draft: &EndpointDraft) -> Result<&'static str, SpaceError> {
        self.set_domain(url).await?;
        let published = self.signed_in(|client| {
            let draft = draft.clone();
            async move { client.endpoints().publish(&draft).await }
        });
        published.await.map_err(|error| SpaceError::hub(&self.row.url, &error))?;
        Ok("Published")
    }

    async fn unlist(&self, row: &EndpointRow) -> Result<&'static str, SpaceError> {
        let removed = self.signed_in(|client| {
            let slug = row.slug.clone();
            async move { client.endpoints().delete_slug(&slug).await }
        });
        match removed.await {
            // Somebody took it off already.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok("Unpublished"),
            outcome => outcome
                .map(|()| "Unpublished")
                .map_err(|error| SpaceError::hub(&self.row.url, &error)),
        }
    }

    fn listing(&self, outcome: Result<&'static str, SpaceError>) -> Listing {
        let (message, error) = match outcome {
            Ok(message) => (Some(message.to_owned()), None),
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

/// The hub's entry for an endpoint (contract space 8.2). Callers of one among several tenants need its name.
fn draft(row: &EndpointRow, tenant: Option<String>) -> EndpointDraft {
    let kind = match (row.dataset_id, row.model_id) {
        (Some(_), Some(_)) => EndpointType::ModelDataSource,
        (None, Some(_)) => EndpointType::Model,
        _ => EndpointType::DataSource,
    };
    let path = match tenant {
        None => json!({"url": "", "path": format!("/api/v1/endpoints/{}/query", row.slug)}),
        Some(tenant) => json!({
            "url": "",
            "path": format!("/t/{tenant}/api/v1/endpoints/{}/query", row.slug),
            "tenant_name": tenant,
        }),
    };
    let connection = Connection {
        kind: "https".to_owned(),
        enabled: true,
        description: String::new(),
        config: path.as_object().cloned().unwrap_or_default(),
    };
    EndpointDraft {
        slug: Some(row.slug.clone()),
        description: row.summary.clone(),
        readme: row.description.clone(),
        tags: row
            .tags
            .split(',')
            .filter_map(|tag| Tag::parse(tag.trim()).ok())
            .take(MOST_TAGS)
            .collect(),
        connect: vec![connection],
        ..EndpointDraft::new(row.name.clone(), kind)
    }
}
