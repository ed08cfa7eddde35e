//! Tunnels: spaces that no caller can connect to are reached at the hub's own origin, `/s/{owner}`.
//!
//! A space opens one WebSocket to its hub, `GET /api/v1/tunnel`, as its owner. Inside of it runs HTTP/2 with the roles
//! turned round: the hub asks, the space answers. So streams, flow control and cancellation are HTTP/2's own: a caller who
//! goes away resets their stream, and the space's work for them ends.
//!
//! Nothing but questions and signs of life goes through: the routes below `/s/{owner}` are all there is, and the space
//! holds to the same list. Usernames and slugs have three letters or more, so that `s` is nobody's name.
//!
//! Reading order: `carrier` (bytes over a WebSocket, which the space uses too), `upgrade` and `open` (how a tunnel begins and
//! ends), `live` (which are open), `forward` with `headers`, `metered` and `pace` (a request through one), `elsewhere` with
//! `store` (tunnels of other instances), `routes`.

mod carrier;
mod elsewhere;
mod forward;
mod headers;
mod live;
mod metered;
mod metrics;
mod open;
mod pace;
mod refusal;
mod routes;
mod store;
mod upgrade;

pub(crate) use carrier::{Carrier, Ending, Farewell};
pub(crate) use routes::routes;
pub(crate) use upgrade::TUNNEL_URL;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::config::TunnelSettings;
use crate::hub::Hub;
use live::Registry;
use metrics::Traffic;

/// The part of the hub that spaces connect to.
pub(crate) struct Tunnels {
    settings: TunnelSettings,
    /// What the address of every tunnelled space begins with, `…/s/`.
    prefix: String,
    registry: Registry,
    traffic: Traffic,
    /// Room for tunnels.
    places: Arc<Semaphore>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Calls of the other instances.
    relays: reqwest::Client,
}

impl Tunnels {
    /// No tunnel yet. Callers reach the hub at `public_url`.
    ///
    /// # Errors
    /// When the machine's certificates cannot be read.
    pub(crate) fn new(settings: TunnelSettings, public_url: &Url) -> Result<Self, reqwest::Error> {
        let prefix = format!("{}/s/", public_url.as_str().trim_end_matches('/'));
        Ok(Self {
            places: Arc::new(Semaphore::new(settings.tunnels.min(Semaphore::MAX_PERMITS))),
            settings,
            prefix,
            registry: Registry::default(),
            traffic: Traffic::new(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            relays: syfthub_client::node::http_client().no_proxy().build()?,
        })
    }

    /// What the address of every tunnelled space begins with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Where the space of `owner` is reached.
    fn url(&self, owner: &str) -> String {
        format!("{}{owner}", self.prefix)
    }

    /// Where the other instances reach this one, if there can be any.
    fn instance(&self, hub: &Hub) -> Option<&Url> {
        self.settings.instance_url.as_ref().filter(|_| hub.shared.is_shared())
    }

    /// Says in the log what keeps this instance from having tunnels.
    pub(crate) fn check(&self, hub: &Hub) {
        let is_lonely = hub.shared.is_shared() && self.settings.instance_url.is_none();
        if is_lonely && self.settings.tunnels > 0 {
            tracing::warn!(
                "SYFTHUB_INSTANCE_URL is not set: this instance takes no tunnels, since others could not reach them"
            );
        }
    }

    /// Ends every tunnel.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
