//! Connecting to a hub, and telling it where this space is.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use syfthub_client::Client;
use syfthub_core::input::Patch;
use syfthub_core::token::satellite::{self, KeySet};
use syfthub_core::wire::user::ProfilePatch;
use syfthub_core::{OwnerName, Secret};
use url::Url;

use super::{Hub, Marketplace};
use crate::config::TunnelMode;
use crate::db::StoreError;
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::{MarketplaceId, TenantId};
use crate::space::node::Space;
use crate::space::store::marketplaces::{self, MarketplaceRow};
use crate::space::store::settings;
use crate::space::tunnel::TunnelStatus;

/// How long publishing waits for a tunnel that is being opened.
const TUNNEL_PATIENCE: Duration = Duration::from_secs(5);

impl Space {
    /// Signs in at a hub, remembers the account with its password sealed, and accepts the hub's satellite tokens from now on.
    /// A hub at the same address is replaced.
    ///
    /// # Errors
    /// When the hub cannot be reached, refuses the account, or has no keys.
    pub async fn connect_marketplace(
        &self,
        actor: &Actor,
        hub_url: &Url,
        username: &str,
        password: &Secret,
    ) -> Result<Marketplace, SpaceError> {
        let url = hub_url.as_str().trim_end_matches('/').to_owned();
        let failed = |error: syfthub_client::Error| SpaceError::hub(&url, &error);
        let client = Client::builder(&url).build().map_err(failed)?;
        let account = client.auth().login(username, password.clone()).await.map_err(failed)?;
        let issuer = self.issuer(&client, &url, &account.username).await?;
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
        let hub = Hub::new(row, password.clone())?;
        Ok(hub.to_wire())
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

    /// The tenant's hubs, the default one first.
    pub(crate) fn marketplaces(&self, tenant: TenantId) -> Vec<Marketplace> {
        self.hubs.of(tenant).iter().map(|hub| hub.to_wire()).collect()
    }

    /// Where callers reach this space: as configured, else as the tenant set it, else where it listens.
    pub(crate) async fn public_url(&self, tenant: TenantId) -> Result<Option<Url>, SpaceError> {
        if let Some(url) = &self.config.public_url {
            return Ok(Some(url.clone()));
        }
        Ok(self.stored_public_url(tenant).await?.or_else(|| self.own_url().cloned()))
    }

    /// Whether callers are to reach this space through its hubs.
    pub(crate) async fn wants_tunnel(&self, tenant: TenantId) -> bool {
        match self.config.tunnel.tunnel {
            TunnelMode::On => true,
            TunnelMode::Off => false,
            TunnelMode::Auto => {
                self.config.public_url.is_none()
                    && self.stored_public_url(tenant).await.is_ok_and(|url| url.is_none())
            }
        }
    }

    /// How the tunnel to each of the tenant's hubs is, the default one first.
    pub(crate) fn marketplace_tunnels(&self, tenant: TenantId) -> Vec<TunnelStatus> {
        self.hubs.of(tenant).iter().map(|hub| hub.tunnel.borrow().clone()).collect()
    }

    /// Where callers whom `hub` sends find this space; waits a moment for a tunnel that is being opened.
    pub(super) async fn url_at(&self, hub: &Hub) -> Result<Url, SpaceError> {
        if self.wants_tunnel(hub.row.tenant).await {
            let mut status = hub.tunnel.subscribe();
            let open = status.wait_for(|status| status.connected);
            let open = tokio::time::timeout(TUNNEL_PATIENCE, open).await;
            let url = open.ok().and_then(Result::ok).and_then(|status| status.public_url.clone());
            return url.ok_or_else(|| {
                let why = hub.tunnel.borrow().error.clone();
                SpaceError::refused(match why {
                    Some(why) => format!("the tunnel to this hub is not open: {why}"),
                    None => "the tunnel to this hub is not open yet".to_owned(),
                })
            });
        }
        self.public_url(hub.row.tenant).await?.ok_or_else(|| {
            SpaceError::refused(
                "this space has no address yet: set SPACE_PUBLIC_URL or settings/public-url, or let SPACE_TUNNEL be auto",
            )
        })
    }

    async fn stored_public_url(&self, tenant: TenantId) -> Result<Option<Url>, StoreError> {
        let stored = self
            .db
            .read(move |tx| {
                Box::pin(async move { settings::get(tx, tenant, settings::PUBLIC_URL).await })
            })
            .await?;
        Ok(stored.and_then(|url| url.parse().ok()))
    }

    /// Sets where callers reach this space, and tells every hub; it is stored only when they all took it.
    pub(crate) async fn set_public_url(&self, actor: &Actor, url: Url) -> Result<(), SpaceError> {
        for hub in self.hubs.of(actor.tenant) {
            hub.set_domain(&url).await?;
        }
        let (tenant, trace) = (actor.tenant, actor.trace(self.clock.now()));
        let stored = self.db.write(move |tx| {
            Box::pin(async move {
                settings::set(tx, tenant, settings::PUBLIC_URL, url.as_str()).await?;
                trace.note(tx, "settings.public_url", "settings", json!({"public_url": url})).await
            })
        });
        stored.await.map_err(|error: StoreError| error)?;
        self.hubs.touch();
        Ok(())
    }
}

impl Hub {
    /// Tells the hub where the account's endpoints are (contract hub 6.2).
    pub(crate) async fn set_domain(&self, url: &Url) -> Result<(), SpaceError> {
        let domain = Patch::Set(url.as_str().trim_end_matches('/').to_owned());
        let patch = ProfilePatch { domain, ..ProfilePatch::default() };
        let told = self.signed_in(|client| {
            let patch = patch.clone();
            async move { client.users().update(&patch).await }
        });
        told.await.map(drop).map_err(|error| SpaceError::hub(&self.row.url, &error))
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
