//! Which addresses this process asks on behalf of its user.
//!
//! Users choose endpoints by name, but it is the owners of these who say at the hub where they are. An owner could name
//! an address inside the user's own network, have this process send a question there, and learn from the answer.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use syfthub_core::network::is_public;
use syfthub_core::rag::{GenerateError, SourceError};
use url::{Host, Url};

use crate::client::Client;
use crate::error::Error;
use crate::exchange::Connections;
use crate::node::NodeError;

/// Which addresses of spaces are asked by this process itself, in [`Chat::direct`](crate::Chat::direct) and
/// [`Query`](crate::Query).
///
/// A name is resolved once, every address it has must be allowed, and the connection goes to one that was judged.
/// Redirects are never followed, wherever they lead. Two settings of the user take names out of our hands, so that only
/// addresses written as numbers are judged then: a proxy of the environment, and a client of one's own
/// ([`ClientBuilder::http`](crate::ClientBuilder::http)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Addresses {
    /// Those that everybody in the world can reach; and all others too when the hub itself is at one of these, since then
    /// hub, spaces and user are in one network or on one machine.
    #[default]
    LikeHub,
    /// Those that everybody in the world can reach.
    Public,
    /// All, also those of this machine and of the networks it is in.
    Any,
}

/// The address is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is not public")]
struct NotPublic;

/// Why a space is not asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreachable {
    /// It must not be.
    #[error("the address is not public")]
    NotPublic,
    /// It cannot be.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The hub made no token for it.
    #[error("the hub gives no token for its owner: {0}")]
    NoToken(Error),
}

impl From<Unreachable> for SourceError {
    fn from(why: Unreachable) -> Self {
        Self::Network(why.to_string())
    }
}

impl From<Unreachable> for GenerateError {
    fn from(why: Unreachable) -> Self {
        Self::Network(why.to_string())
    }
}

/// The way to spaces for one question.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    http: Connections,
    is_judged: bool,
}

impl Reach {
    /// The way to `addresses`.
    ///
    /// # Errors
    /// When no connections can be made at all.
    pub(crate) async fn of(client: &Client, addresses: Addresses) -> Result<Self, Error> {
        let is_judged = match addresses {
            Addresses::Any => false,
            Addresses::Public => true,
            Addresses::LikeHub => !is_inside(client.hub_url()).await,
        };
        let http =
            if is_judged { client.guarded_http()? } else { client.transport().sender.http.clone() };
        Ok(Self { http, is_judged })
    }

    /// The connections for calls to `url` and nowhere else: a literal address in it is judged here, a name when it is
    /// resolved.
    pub(crate) fn client_for(&self, url: &str) -> Result<Connections, Unreachable> {
        let url = Url::parse(url.trim()).map_err(|_| NodeError::Url)?;
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) | None => None,
        };
        if self.is_judged && literal.is_some_and(|address| !is_public(address)) {
            return Err(Unreachable::NotPublic);
        }
        Ok(self.http.clone())
    }
}

/// Whether `hub` is where not everybody can reach it. One that cannot be found is not.
async fn is_inside(hub: &Url) -> bool {
    let port = hub.port_or_known_default().unwrap_or_default();
    let found: Vec<IpAddr> = match hub.host() {
        Some(Host::Ipv4(address)) => vec![address.into()],
        Some(Host::Ipv6(address)) => vec![address.into()],
        Some(Host::Domain(name)) => match tokio::net::lookup_host((name, port)).await {
            Ok(found) => found.map(|address| address.ip()).collect(),
            Err(_) => Vec::new(),
        },
        None => Vec::new(),
    };
    !found.is_empty() && !found.into_iter().any(is_public)
}

/// Resolves names, and gives their addresses only when all of them are public.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PublicNames;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is the URL's; the connector puts it in.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            judge(&found)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Refuses all of `found` when one is inside: which one is connected to is not ours to choose.
fn judge(found: &[SocketAddr]) -> Result<(), NotPublic> {
    if found.iter().all(|address| is_public(address.ip())) { Ok(()) } else { Err(NotPublic) }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn reach(hub: &str, addresses: Addresses) -> Reach {
        Reach::of(&Client::builder(hub).build().unwrap(), addresses).await.unwrap()
    }

    fn reaches(reach: &Reach, url: &str) -> bool {
        reach.client_for(url).is_ok()
    }

    #[tokio::test]
    async fn a_public_hub_opens_no_private_address() {
        let reach = reach("http://8.8.8.8", Addresses::LikeHub).await;
        for inside in ["http://127.0.0.1:1", "http://192.168.0.1", "http://[::1]/x", "http://10.1"]
        {
            assert!(!reaches(&reach, inside), "{inside}");
        }
        assert!(reaches(&reach, "https://1.1.1.1"));
        assert!(!reaches(&reach, "no address"));
    }

    #[tokio::test]
    async fn a_private_hub_opens_private_addresses_and_so_does_the_user() {
        for hub in ["http://127.0.0.1:8080", "http://[fd00::1]", "http://localhost"] {
            let reach = reach(hub, Addresses::LikeHub).await;
            assert!(reaches(&reach, "http://127.0.0.1:1"), "{hub}");
        }
        assert!(reaches(&reach("http://8.8.8.8", Addresses::Any).await, "http://10.0.0.1"));
        assert!(!reaches(&reach("http://127.0.0.1", Addresses::Public).await, "http://10.0.0.1"));
    }

    #[tokio::test]
    async fn a_name_is_judged_when_it_is_resolved() {
        let reach = reach("http://8.8.8.8", Addresses::LikeHub).await;
        let http = reach.client_for("http://localhost:9").unwrap();
        let request =
            reqwest::Request::new(reqwest::Method::GET, "http://localhost:9".parse().unwrap());
        let refused = http.send(request).await.unwrap_err();
        assert_eq!(refused.to_string(), NotPublic.to_string());
    }

    #[test]
    fn one_private_address_spoils_a_name() {
        let found = |addresses: [&str; 2]| addresses.map(|text| text.parse().unwrap());
        assert_eq!(judge(&found(["8.8.8.8:0", "10.0.0.1:0"])), Err(NotPublic));
        assert_eq!(judge(&found(["8.8.8.8:0", "1.1.1.1:0"])), Ok(()));
    }
}
