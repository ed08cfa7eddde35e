//! Connecting to a hub, and telling it where this space is.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use syfthub_client::Client;
use syfthub_core::input::Patch;
use syfthub_core::token::satellite::{self, KeySet};
use syfthub_core::wire::organization::OrganizationPatch;
use syfthub_core::wire::user::ProfilePatch;
use syfthub_core::{OwnerName, Secret};
use url::Url;

use super::{Hub, Marketplace};
use crate::db::StoreError;
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::MarketplaceId;
use crate::space::node::Space;
use crate::space::store::marketplaces::{self, MarketplaceRow};

impl Space {
    /// Signs in at a hub, remembers the account with its password sealed, and accepts the hub's satellite tokens from now on.
    /// A hub at the same address is replaced. With an organization, everything is published for that.
    ///
    /// # Errors
    /// When the hub cannot be reached, refuses the account, or has no keys.
    pub async fn connect_marketplace(
        &self,
        actor: &Actor,
        hub_url: &Url,
        username: &str,
        password: &Secret,
        organization: Option<&str>,
    ) -> Result<Marketplace, SpaceError> {
        let url = hub_url.as_str().trim_end_matches('/').to_owned();
        let failed = |error: syfthub_client::Error| SpaceError::hub(&url, &error);
        let client = Client::builder(&url).build().map_err(failed)?;
        let account = client.auth().login(username, password.clone()).await.map_err(failed)?;
        let issuer = self.issuer(&client, &url, &account.username).await?;
        let organization = match organization {
            Some(name) => {
                let found =
                    super::marketplaces::organization(&client, name).await.map_err(failed)?;
                Some(found.ok_or(SpaceError::NotFound("organization"))?)
            }
            None => None,
        };
        let hubs = self.hubs.of(actor.tenant);
        let known = hubs.iter().find(|hub| hub.row.url == url).map(|hub| hub.row.clone());
        let now = self.clock.now();
        let id = known.as_ref().map_or_else(MarketplaceId::new, |row| row.id);
        let row = MarketplaceRow {
            id,
            tenant: actor.tenant,
            name: known
                .as_ref()
                .map_or_else(|| hub_url.authority().to_owned(), |row| row.name.clone()),
            username: account.username,
            email: account.email,
            password: self.vault.seal(&purpose(id), password),
            issuer,
            is_default: known.as_ref().map_or(hubs.is_empty(), |row| row.is_default),
            is_active: true,
            organization: organization.as_ref().map(|found| found.slug.clone()),
            organization_id: organization.map(|found| found.id),
            created_at: known.map_or(now, |row| row.created_at),
            updated_at: now,
            url,
        };
        let (saved, trace) = (row.clone(), actor.trace(now));
        let stored = self.db.write(move |tx| {
            Box::pin(async move {
                marketplaces::save(tx, &saved).await?;
                let subject = format!("marketplace:{}", saved.id);
                let detail = json!({"url": saved.url, "username": saved.username});
                trace.note(tx, "marketplace.connect", subject, detail).await
            })
        });
        stored.await.map_err(|error: StoreError| error)?;
        self.open_hubs().await?;
        Ok(row.into())
    }

    /// Says that the default hub is now found at another address; what it lists stays listed there. Connect to it next.
    ///
    /// # Errors
    /// When the tables cannot be written, or another hub has this address.
    pub async fn relocate_default_marketplace(
        &self,
        actor: &Actor,
        hub_url: &Url,
    ) -> Result<(), SpaceError> {
        let url = hub_url.as_str().trim_end_matches('/').to_owned();
        let tenant = actor.tenant;
        let moved = self.db.write(move |tx| {
            Box::pin(async move { marketplaces::relocate_default(tx, tenant, &url).await })
        });
        moved.await?;
        Ok(self.open_hubs().await?)
    }

    /// What the hub's tokens name as their issuer. The hub says so itself, in a token for this account that its own keys sign.
    async fn issuer(
        &self,
        client: &Client,
        url: &str,
        username: &str,
    ) -> Result<String, SpaceError> {
        let failed = |error: syfthub_client::Error| SpaceError::hub(&url, &error);
        let unusable =
            |reason: String| SpaceError::Hub { url: url.to_owned(), reason, status: None };
        let audience = OwnerName::parse(username).map_err(|error| unusable(error.to_string()))?;
        let token = client.tokens().satellite(&audience).await.map_err(failed)?;
        let keys = KeySet::new(&client.tokens().jwks().await.map_err(failed)?);
        let issuer = claimed_issuer(token.expose())
            .ok_or_else(|| unusable("its token names no issuer".to_owned()))?;
        let verdict = satellite::verify(token.expose(), &keys, username, &issuer, self.clock.now());
        verdict.map_err(|error| unusable(format!("its own token does not hold: {error}")))?;
        Ok(issuer)
    }

    /// Reads the connected hubs anew. One whose password does not open is left out, and the log says so.
    pub(crate) async fn open_hubs(&self) -> Result<(), StoreError> {
        let rows = self.db.read(|tx| Box::pin(async move { marketplaces::list(tx).await })).await?;
        let known = self.hubs.all();
        let mut hubs = Vec::new();
        for row in rows.into_iter().filter(|row| row.is_active) {
            // What has not changed keeps its session and its tunnel.
            if let Some(hub) = known.iter().find(|hub| hub.row == row) {
                hubs.push(Arc::clone(hub));
                continue;
            }
            let opened = self
                .vault
                .open(&purpose(row.id), &row.password)
                .map_err(SpaceError::from)
                .and_then(|password| Hub::new(row, password));
            match opened {
                Ok(hub) => hubs.push(Arc::new(hub)),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "hub left out");
                }
            }
        }
        self.hubs.replace(hubs);
        Ok(())
    }
}

impl Hub {
    /// Tells the hub where the account's endpoints are (contract hub 6.2).
    pub(crate) async fn set_domain(&self, url: &Url) -> Result<(), SpaceError> {
        self.tell_domain(Patch::Set(url.as_str().trim_end_matches('/').to_owned())).await
    }

    /// Tells the hub that the account's endpoints are nowhere for now.
    pub(super) async fn clear_domain(&self) -> Result<(), SpaceError> {
        self.tell_domain(Patch::Clear).await
    }

    async fn tell_domain(&self, domain: Patch<String>) -> Result<(), SpaceError> {
        let organization = self.row.organization_id;
        let told = self.signed_in(|client| {
            let domain = domain.clone();
            async move {
                if let Some(id) = organization {
                    let patch = OrganizationPatch { domain, ..OrganizationPatch::default() };
                    client.organizations().update(id, &patch).await.map(drop)
                } else {
                    let patch = ProfilePatch { domain, ..ProfilePatch::default() };
                    client.users().update(&patch).await.map(drop)
                }
            }
        });
        told.await.map_err(|error| SpaceError::hub(&self.row.url, &error))
    }
}

/// What the token says of its issuer, before anything of it is proven.
pub(super) fn claimed_issuer(token: &str) -> Option<String> {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims["iss"].as_str().map(str::to_owned)
}

fn purpose(id: MarketplaceId) -> String {
    format!("marketplace:{id}:password")
}
