//! Where callers reach this space: by an address of its own, through its hubs' tunnels, or through an agent of ngrok's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use syfthub_core::Secret;
use tokio::sync::watch;
use url::Url;

use super::Hub;
use crate::config::TunnelMode;
use crate::db::StoreError;
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::TenantId;
use crate::space::node::Space;
use crate::space::store::settings;
use crate::space::tunnel::{Agent, AgentSettings, TunnelStatus};

/// How long a request waits for a tunnel that is being opened.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the token of ngrok is sealed for.
const TOKEN: &str = "ngrok:token";

/// How the space is reached without an address of its own (contract space 1.6).
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub(crate) struct Proxy {
    /// Whether callers get through now.
    pub(crate) connected: bool,
    /// Where; the address at the default hub.
    #[schema(value_type = Option<String>, format = "uri")]
    pub(crate) public_url: Option<Url>,
    /// Whether there is a token of ngrok's, which is then used.
    pub(crate) has_token: bool,
    /// What went wrong last, while it is not connected.
    pub(crate) error: Option<String>,
}

/// The running agents of the tenants that have a token.
#[derive(Default)]
pub(crate) struct Agents(Mutex<HashMap<TenantId, Agent>>);

impl Agents {
    fn status(&self, tenant: TenantId) -> Option<watch::Receiver<TunnelStatus>> {
        let agents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        agents.get(&tenant).map(Agent::status)
    }

    fn put(&self, tenant: TenantId, agent: Option<Agent>) {
        let mut agents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match agent {
            Some(agent) => agents.insert(tenant, agent),
            None => agents.remove(&tenant),
        };
    }
}

impl Space {
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
            TunnelMode::Off => false,
            _ if self.agents.status(tenant).is_some() => false,
            TunnelMode::On => true,
            TunnelMode::Auto => {
                self.config.public_url.is_none()
                    && self.stored_public_url(tenant).await.is_ok_and(|url| url.is_none())
                    && self.setting(tenant, settings::TUNNEL).await.is_ok_and(|it| it.is_none())
            }
        }
    }

    /// Where callers whom `hub` sends find this space; waits a moment for a tunnel that is being opened.
    pub(super) async fn url_at(&self, hub: &Hub) -> Result<Url, SpaceError> {
        let tenant = hub.row.tenant;
        if let Some(status) = self.agents.status(tenant) {
            return settled(status).await;
        }
        if self.wants_tunnel(tenant).await {
            return settled(hub.tunnel.subscribe()).await;
        }
        self.public_url(tenant).await?.ok_or_else(|| {
            SpaceError::refused(
                "this space has no address yet: set SPACE_PUBLIC_URL or settings/public-url, or let SPACE_TUNNEL be auto",
            )
        })
    }

    /// How the space is reached without an address of its own.
    pub(crate) async fn proxy(&self, tenant: TenantId) -> Proxy {
        let agent = self.agents.status(tenant);
        let has_token = agent.is_some();
        let status = agent
            .map(|status| status.borrow().clone())
            .or_else(|| self.hubs.of(tenant).first().map(|hub| hub.tunnel.borrow().clone()))
            .unwrap_or_default();
        let TunnelStatus { connected, public_url, error } = status;
        Proxy { connected, public_url, has_token, error }
    }

    /// Has the space reached through an agent of ngrok's with this token, or else through its hubs, from now on.
    pub(crate) async fn connect_proxy(
        &self,
        actor: &Actor,
        token: Option<Secret>,
    ) -> Result<Proxy, SpaceError> {
        if self.config.public_url.is_some() {
            return Err(SpaceError::refused("SPACE_PUBLIC_URL decides where callers reach it"));
        }
        if token.is_none() && self.config.tunnel.tunnel == TunnelMode::Off {
            return Err(SpaceError::refused("SPACE_TUNNEL is off; a token of ngrok's is needed"));
        }
        let tenant = actor.tenant;
        let sealed = token.as_ref().map(|token| self.vault.seal(TOKEN, token));
        let trace = actor.trace(self.clock.now());
        let stored = self.db.write(move |tx| {
            Box::pin(async move {
                let has_token = sealed.is_some();
                match sealed {
                    Some(sealed) => settings::set(tx, tenant, settings::NGROK, &sealed).await?,
                    None => settings::clear(tx, tenant, settings::NGROK).await?,
                }
                settings::clear(tx, tenant, settings::TUNNEL).await?;
                settings::clear(tx, tenant, settings::PUBLIC_URL).await?;
                let detail = json!({"connected": true, "has_token": has_token});
                trace.note(tx, "settings.proxy", "settings", detail).await
            })
        });
        stored.await.map_err(|error: StoreError| error)?;
        self.agents.put(tenant, token.map(|token| self.agent(token)));
        self.hubs.touch();
        for hub in self.hubs.of(tenant) {
            let turn = hub.turn.lock().await;
            if let Ok(url) = self.url_at(&hub).await {
                hub.set_domain(&url).await?;
            }
            drop(turn);
            hub.work.notify_one();
        }
        Ok(self.proxy(tenant).await)
    }

    /// Has the space reached neither through an agent nor through its hubs any more, and says so to them.
    pub(crate) async fn disconnect_proxy(&self, actor: &Actor) -> Result<(), SpaceError> {
        let (tenant, trace) = (actor.tenant, actor.trace(self.clock.now()));
        let stored = self.db.write(move |tx| {
            Box::pin(async move {
                settings::clear(tx, tenant, settings::NGROK).await?;
                settings::set(tx, tenant, settings::TUNNEL, "off").await?;
                trace.note(tx, "settings.proxy", "settings", json!({"connected": false})).await
            })
        });
        stored.await.map_err(|error: StoreError| error)?;
        self.agents.put(tenant, None);
        self.hubs.touch();
        for hub in self.hubs.of(tenant) {
            let _turn = hub.turn.lock().await;
            hub.clear_domain().await?;
        }
        Ok(())
    }

    /// Starts the agents of the tenants that have a token. A token that does not open is left out, and the log says so.
    pub(super) async fn start_agents(&self) {
        for tenant in self.tenants.ids() {
            let Ok(Some(sealed)) = self.setting(tenant, settings::NGROK).await else { continue };
            match self.vault.open(TOKEN, &sealed) {
                Ok(token) => self.agents.put(tenant, Some(self.agent(token))),
                Err(error) => tracing::error!(%error, "the token of ngrok cannot be read"),
            }
        }
    }

    fn agent(&self, token: Secret) -> Agent {
        let settings = AgentSettings {
            program: self.config.tunnel.ngrok.clone(),
            folder: self.config.state_dir.clone(),
            target: self.own_url().map(|url| url.authority().to_owned()).unwrap_or_default(),
        };
        Agent::start(settings, token, &self.around.shutdown)
    }

    async fn stored_public_url(&self, tenant: TenantId) -> Result<Option<Url>, StoreError> {
        let stored = self.setting(tenant, settings::PUBLIC_URL).await?;
        Ok(stored.and_then(|url| url.parse().ok()))
    }

    async fn setting(
        &self,
        tenant: TenantId,
        name: &'static str,
    ) -> Result<Option<String>, StoreError> {
        let read =
            self.db.read(move |tx| Box::pin(async move { settings::get(tx, tenant, name).await }));
        read.await
    }

    /// Sets where callers reach this space, and tells every hub; it is stored only when they all took it.
    pub(crate) async fn set_public_url(&self, actor: &Actor, url: Url) -> Result<(), SpaceError> {
        let hubs = self.hubs.of(actor.tenant);
        // Until it is stored nobody else tells a hub where the space is, by what was stored before.
        let mut turns = Vec::with_capacity(hubs.len());
        for hub in &hubs {
            turns.push(hub.turn.lock().await);
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
        drop(turns);
        self.hubs.touch();
        Ok(())
    }
}

/// The address of a tunnel that is open, or opens soon.
async fn settled(mut status: watch::Receiver<TunnelStatus>) -> Result<Url, SpaceError> {
    let open = tokio::time::timeout(PATIENCE, status.wait_for(|status| status.connected)).await;
    let url = open.ok().and_then(Result::ok).and_then(|status| status.public_url.clone());
    if let Some(url) = url {
        return Ok(url);
    }
    let why = status.borrow().error.clone();
    Err(SpaceError::refused(match why {
        Some(why) => format!("the tunnel is not open: {why}"),
        None => "the tunnel is not open yet".to_owned(),
    }))
}
