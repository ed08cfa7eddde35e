//! The one way out for calls that users make a server do: invocations, chats, health probes, accounting services.
//!
//! Whoever can name an address for the server to call could otherwise reach what only the server can: its own host, its
//! network, a cloud's metadata service. So a name is resolved once, every address it has must be public (contract hub
//! 6.4), and the connection goes to an address that was checked. Redirects and proxies are never followed. Networks and
//! hosts that shall be reachable nevertheless, such as a laboratory's own, are a setting, empty by default.
//!
//! A call is made with [`Outbound::client_for`] its address and [`Outbound::reason`] when it failed.
//!
//! One place inside is open by design: spaces behind tunnels, which are reached at the hub's own origin. A call of such an
//! address ([`Outbound::way_to`]) goes to this process's own listener, wherever the origin leads from here, and to nothing
//! there but tunnels.

mod door;
mod guard;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use url::{Host, Url};

use door::Door;
use guard::Guard;
pub use guard::{Allowed, NotAllowable};

/// Why a call is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// Neither `http` nor `https`.
    #[error("the address must begin with http:// or https://")]
    Scheme,
    /// A user name or a password is part of it.
    #[error("the address must not contain credentials")]
    Credentials,
    /// There is nothing to connect to.
    #[error("the address names no host")]
    NoHost,
    /// The host, or one of its addresses, is inside.
    #[error("the address is not public")]
    NotPublic,
    /// The host has no address, or nobody could be asked for one.
    #[error("the host's name could not be resolved")]
    Unresolved,
}

/// Looks the addresses of a name up; a test's answers what it likes.
pub(crate) trait Names: Send + Sync {
    /// Every address of `name`.
    fn addresses(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// Names that are looked up at a time. The machine's resolver blocks a thread for each until it answers or gives up,
/// whether somebody still waits or not, and strangers choose the names.
const LOOKUPS: usize = 64;

/// The machine's resolver.
struct SystemNames {
    turns: Arc<Semaphore>,
}

impl SystemNames {
    fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

impl Names for SystemNames {
    fn addresses(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let (name, turns) = (name.to_owned(), Arc::clone(&self.turns));
        async move {
            let turn = turns.acquire_owned().await.map_err(io::Error::other)?;
            // A task, so that the turn lasts as long as the thread and not as long as whoever waits.
            let lookup = tokio::spawn(async move {
                let found = tokio::net::lookup_host((name, 0)).await;
                drop(turn);
                found.map(|addresses| addresses.map(|address| address.ip()).collect())
            });
            lookup.await.map_err(io::Error::other)?
        }
        .boxed()
    }
}

/// The HTTP client for addresses that strangers chose. Clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    client: reqwest::Client,
    guard: Arc<Guard>,
    door: Arc<OnceLock<Door>>,
}

impl Outbound {
    /// A client that reaches public addresses and `allowed`.
    ///
    /// # Errors
    /// When the machine's certificates cannot be read.
    pub(crate) fn new(allowed: Vec<Allowed>) -> Result<Self, reqwest::Error> {
        Self::asking(Arc::new(SystemNames::new()), allowed)
    }

    /// [`Outbound::new`] that asks `names` instead of the machine's resolver.
    ///
    /// # Errors
    /// As [`Outbound::new`].
    pub(crate) fn asking(
        names: Arc<dyn Names>,
        allowed: Vec<Allowed>,
    ) -> Result<Self, reqwest::Error> {
        let guard = Arc::new(Guard::new(allowed));
        let client = syfthub_client::node::http_client()
            .no_proxy()
            .dns_resolver(Resolver { names, guard: Arc::clone(&guard) })
            .build()?;
        Ok(Self { client, guard, door: Arc::default() })
    }

    /// The client, for a call to `url` and nowhere else: a literal address in it is checked here, a name when it is
    /// resolved.
    ///
    /// # Errors
    /// When `url` must not be called.
    pub(crate) fn client_for(&self, url: &Url) -> Result<&reqwest::Client, Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        let literal = match url.host().ok_or(Refused::NoHost)? {
            Host::Domain(_) => return Ok(&self.client),
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
        };
        self.guard.check([literal])?;
        Ok(&self.client)
    }

    /// Calls of addresses that begin with `prefix` go to this process's own listener at `own` from now on.
    ///
    /// # Errors
    /// As [`Outbound::new`].
    pub(crate) fn open_door(&self, prefix: &str, own: &Url) -> Result<(), reqwest::Error> {
        let door = Door::new(prefix, own)?;
        // A second door would be the same one.
        self.door.set(door).ok();
        Ok(())
    }

    /// The client for a call to `url`, and the address to call: another one for a space behind a tunnel of this hub.
    ///
    /// # Errors
    /// As [`Outbound::client_for`].
    pub(crate) fn way_to(&self, url: Url) -> Result<(&reqwest::Client, Url), Refused> {
        match self.door.get().and_then(|door| door.through(&url)) {
            Some(way) => Ok(way),
            None => Ok((self.client_for(&url)?, url)),
        }
    }

    /// What the guard had against a call that failed with `error`, if it was the guard that ended it.
    pub(crate) fn reason(error: &reqwest::Error) -> Option<Refused> {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(inner) = cause {
            if let Some(refused) = inner.downcast_ref::<Refused>() {
                return Some(refused.clone());
            }
            cause = inner.source();
        }
        None
    }
}

/// Resolves a name and lets the guard judge before anything is connected to.
struct Resolver {
    names: Arc<dyn Names>,
    guard: Arc<Guard>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.guard);
        let found = self.names.addresses(name.as_str());
        Box::pin(async move {
            let found = found.await.map_err(|error| {
                tracing::debug!(name = name.as_str(), %error, "a name was not resolved");
                Refused::Unresolved
            })?;
            if found.is_empty() {
                return Err(Refused::Unresolved.into());
            }
            guard.judge(name.as_str(), &found)?;
            // The port is the URL's; the connector puts it in.
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
