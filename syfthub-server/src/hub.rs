//! The hub as a whole: what it is made of, and how it starts.

use std::ops::Deref;
use std::sync::Arc;

use syfthub_core::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::accounting::Accounting;
use crate::aggregator::Aggregator;
use crate::clock::SystemClock;
pub use crate::config::HubConfig;
use crate::content::Readmes;
use crate::db::{Db, Schema};
use crate::errors::Errors;
use crate::health::Health;
use crate::identity::{self, Identity};
use crate::invocation::Invocation;
use crate::ledger::{self, Ledger};
use crate::mail::Mail;
use crate::outbound::Outbound;
use crate::registry::Registry;
use crate::running::{Running, StartError, own_url};
use crate::seal::Vault;
use crate::shared::{Instances, Limiter, Shared, Topic};
use crate::telemetry::Traces;
use crate::tunnel::Tunnels;
use crate::{http, jobs, router, telemetry};

/// What every route of the hub works with; clones share it.
#[derive(Clone)]
pub(crate) struct Hub(Arc<Parts>);

impl axum::extract::FromRef<Hub> for Ledger {
    fn from_ref(hub: &Hub) -> Self {
        hub.ledger.clone()
    }
}

/// The hub's parts, one field for each.
pub(crate) struct Parts {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) db: Db,
    /// Seals what must not be read from the database.
    pub(crate) vault: Arc<Vault>,
    /// The one way out for calls that users make the hub do.
    pub(crate) outbound: Outbound,
    pub(crate) shared: Shared,
    pub(crate) limits: Arc<Limiter>,
    /// The way to users' mailboxes.
    pub(crate) mail: Mail,
    pub(crate) identity: Identity,
    pub(crate) registry: Registry,
    pub(crate) readmes: Readmes,
    pub(crate) accounting: Accounting,
    pub(crate) ledger: Ledger,
    pub(crate) errors: Errors,
    pub(crate) aggregator: Aggregator,
    pub(crate) invocation: Invocation,
    pub(crate) health: Health,
    pub(crate) tunnels: Tunnels,
    pub(crate) traces: Traces,
}

impl Deref for Hub {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Hub {
    /// Puts the parts together on an open database. Clients reach the hub at `public_url`.
    pub(crate) async fn assemble(
        config: &HubConfig,
        public_url: &Url,
        clock: Arc<dyn Clock>,
        db: Db,
    ) -> Result<Self, StartError> {
        let shared = Shared::open(&config.shared).await?;
        let limits = Arc::new(Limiter::new(&config.limits, &shared, clock.clone()));
        let identity =
            Identity::start(config, public_url, &db, shared.company(), clock.now()).await?;
        let vault = Arc::new(config.encryption.vault(&config.secret_key));
        Registry::catch_up(&db).await?;
        let mail = Mail::start(&config.mail, public_url)?;
        let registry = Registry::new(&config.registry, &db, &shared);
        let accounting =
            Accounting::new(&config.accounting, config.secret_key.secret(), public_url);
        let secrets = ledger::Secrets::new(config.secret_key.secret(), vault.clone());
        let doors = ledger::Doors::new(&db, identity.passwords(), limits.clone());
        let ledger = Ledger::new(db.clone(), clock.clone(), &config.ledger, secrets, doors);
        let errors = Errors::start(&config.errors, db.clone(), clock.clone());
        let readmes = Readmes::new(&config.pages);
        let outbound = Outbound::new(config.outbound.outbound_allow.clone())?;
        let traces = Traces::start(&config.telemetry, "syfthub", clock.clone())?;
        let aggregator = Aggregator::new(&config.aggregator, outbound.clone());
        let aggregator = aggregator.with_traces(traces.clone());
        let invocation = Invocation::new(config.invocation.clone());
        let health = Health::new(config.health.clone());
        let tunnels = Tunnels::new(config.tunnels.clone(), public_url)?;
        Ok(Self(Arc::new(Parts {
            clock,
            db,
            vault,
            outbound,
            shared,
            limits,
            mail,
            identity,
            registry,
            readmes,
            accounting,
            ledger,
            errors,
            aggregator,
            invocation,
            health,
            tunnels,
            traces,
        })))
    }

    /// Forgets what this instance keeps about `topic`, since another one changed it.
    fn forget(&self, topic: Topic) {
        match topic {
            Topic::PublicPages => self.registry.forget_own_pages(),
        }
    }
}

#[cfg(test)]
impl Hub {
    /// Makes a hub that nobody shares yet call through `outbound`.
    pub(crate) fn call_through(&mut self, outbound: Outbound) {
        let parts = Arc::get_mut(&mut self.0).expect("nobody shares the hub");
        parts.aggregator.call_through(outbound.clone());
        parts.outbound = outbound;
    }
}

/// Binds the address that the configuration gives, for [`start`].
///
/// # Errors
/// When the port is taken or the address is not this machine's.
pub async fn bind(config: &HubConfig) -> Result<TcpListener, StartError> {
    http::bind("SYFTHUB_LISTEN", config.listen).await
}

/// Serves the hub on `listener` until `shutdown`. It answers requests when this returns.
///
/// # Errors
/// When a setting cannot be used or the database does not open.
pub async fn start(
    config: HubConfig,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    let address = listener
        .local_addr()
        .map_err(|error| StartError::setting("SYFTHUB_LISTEN", error.to_string()))?;
    let url = config.public_url.clone().unwrap_or_else(|| own_url(address));
    telemetry::record_metrics();
    let db = Db::open(&config.database.url, Schema::Hub, config.database.options()).await?;
    let hub = Hub::assemble(&config, &url, Arc::new(SystemClock), db).await?;
    let instances = Instances::join(&hub.db, hub.shared.company()).await?;
    identity::ensure_administrator(&hub, &config.bootstrap).await?;
    hub.tunnels.check(&hub);
    hub.outbound.open_door(hub.tunnels.prefix(), &own_url(address))?;
    let jobs = jobs::start(&hub, &shutdown);
    let settings = config.http;
    let witness = Arc::new(hub.clone());
    let inner = router::routes(hub.clone());
    let routes = http::watched_edge(inner, "hub", &settings, Some(&url), Some(witness));
    let task = tokio::spawn(async move {
        // Until the last answer is out this is an instance among the others.
        let served = CancellationToken::new();
        let keys = identity::keep_keys_fresh(hub.clone(), served.clone());
        let serving = async {
            http::serve(listener, routes, settings, shutdown).await;
            hub.tunnels.close().await;
            jobs.ended().await;
            hub.mail.close().await;
            hub.errors.close().await;
            hub.traces.close().await;
            served.cancel();
        };
        let news = hub.shared.news().exchange(|topic| hub.forget(topic), served.clone());
        tokio::join!(serving, keys, news, instances.hold(served.clone()));
        hub.db.close().await;
    });
    Ok(Running::new(address, url, task))
}
