//! The one way out for calls that users make a server do.
//!
//! Whoever can name an address for the server to call could otherwise reach what only the server can: its own host, its
//! network, a cloud's metadata service. So a name is resolved once, every address it has must be public (contract hub
//! 6.4), and the connection goes to an address that was checked. Redirects and proxies are never followed. Networks and
//! hosts that shall be reachable nevertheless, such as a laboratory's own, are a setting, empty by default.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Networks that are not public (contract hub 6.4 and the registries of special-purpose addresses).
const BLOCKED: [&str; 34] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

/// Why a call is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the address must begin with http:// or https://")]
    Scheme,
    #[error("the address must not contain credentials")]
    Credentials,
    #[error("the address names no host")]
    NoHost,
    #[error("the address is not public")]
    NotPublic,
}

/// A network or a host that may be called although it is not public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// Every address in it.
    Network(IpNet),
    /// Whatever addresses this name has.
    Host(String),
}

/// Text that names neither a network nor a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a network such as 10.1.0.0/16, an address, or a host name such as space.lan")]
pub struct NotAllowable;

impl FromStr for Allowed {
    type Err = NotAllowable;

    fn from_str(text: &str) -> Result<Self, NotAllowable> {
        let text = text.trim();
        if let Ok(network) = text.parse() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        match Host::parse(text) {
            Ok(Host::Domain(name)) if name.parse::<IpAddr>().is_err() => {
                Ok(Self::Host(bare(&name)))
            }
            _ => Err(NotAllowable),
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.fmt(f),
            Self::Host(name) => f.write_str(name),
        }
    }
}

/// A host name without the dot that makes it absolute.
fn bare(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// The HTTP client for addresses that strangers chose. Clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    client: reqwest::Client,
    guard: Arc<Guard>,
}

impl Outbound {
    /// A client that reaches public addresses and `allowed`.
    ///
    /// # Errors
    /// When the machine's certificates cannot be read.
    pub(crate) fn new(allowed: Vec<Allowed>) -> Result<Self, reqwest::Error> {
        let guard = Arc::new(Guard::new(allowed));
        let client = syfthub_client::node::http_client()
            .no_proxy()
            .dns_resolver(Resolver(Arc::clone(&guard)))
            .build()?;
        Ok(Self { client, guard })
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
}

/// Decides which addresses may be connected to.
#[derive(Debug)]
struct Guard {
    blocked: Vec<IpNet>,
    networks: Vec<IpNet>,
    hosts: Vec<String>,
}

impl Guard {
    fn new(allowed: Vec<Allowed>) -> Self {
        let blocked =
            BLOCKED.iter().map(|text| text.parse().expect("the table holds networks")).collect();
        let (mut networks, mut hosts) = (Vec::new(), Vec::new());
        for allowed in allowed {
            match allowed {
                Allowed::Network(network) => networks.push(network),
                Allowed::Host(name) => hosts.push(name),
            }
        }
        Self { blocked, networks, hosts }
    }

    /// Refuses all of `addresses` when one of them is not public: which one is connected to is not ours to choose.
    fn check(&self, addresses: impl IntoIterator<Item = IpAddr>) -> Result<(), Refused> {
        let within = |networks: &[IpNet], address: &IpAddr| {
            networks.iter().any(|network| network.contains(address))
        };
        let open = |address: IpAddr| {
            within(&self.networks, &address)
                || within(&self.networks, &address.to_canonical())
                || !within(&self.blocked, &address)
        };
        if addresses.into_iter().all(open) { Ok(()) } else { Err(Refused::NotPublic) }
    }

    fn trusts(&self, name: &str) -> bool {
        let name = bare(name);
        self.hosts.contains(&name)
    }

    fn judge(&self, name: &str, addresses: &[SocketAddr]) -> Result<(), Refused> {
        if self.trusts(name) { Ok(()) } else { self.check(addresses.iter().map(SocketAddr::ip)) }
    }
}

/// [`Resolve`] needs a type of its own to be implemented on.
struct Resolver(Arc<Guard>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            guard.judge(name.as_str(), &found)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    fn guard(allowed: &[&str]) -> Guard {
        Guard::new(allowed.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn checked(guard: &Guard, address: &str) -> bool {
        guard.check([address.parse().unwrap()]).is_ok()
    }

    /// Tries the call in full, as a capability would.
    async fn call(outbound: &Outbound, url: &str) -> Result<u16, String> {
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        let client = outbound.client_for(&url).map_err(|error| error.to_string())?;
        let sent = client.post(url).timeout(Duration::from_secs(5)).body("{}").send().await;
        sent.map(|response| response.status().as_u16()).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn special_addresses_are_not_public_and_others_are() {
        let guard = guard(&[]);
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.251",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!checked(&guard, address), "{address}");
        }
        for address in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "2606:4700:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(checked(&guard, address), "{address}");
        }
    }

    #[test]
    fn one_private_address_spoils_a_name() {
        let addresses: Vec<SocketAddr> =
            vec!["8.8.8.8:0".parse().unwrap(), "10.0.0.1:0".parse().unwrap()];
        assert_eq!(guard(&[]).judge("mixed.example", &addresses), Err(Refused::NotPublic));
        assert_eq!(guard(&["10.0.0.0/24"]).judge("mixed.example", &addresses), Ok(()));
        assert_eq!(guard(&["Mixed.example."]).judge("mixed.EXAMPLE", &addresses), Ok(()));
        assert_eq!(
            guard(&["other.example"]).judge("mixed.example", &addresses),
            Err(Refused::NotPublic)
        );
    }

    #[test]
    fn an_allowed_network_opens_no_other() {
        let guard = guard(&["127.0.0.0/8", "fd12::/16", "10.1.1.1"]);
        for open in ["127.0.0.1", "::ffff:127.0.0.1", "fd12::1", "10.1.1.1"] {
            assert!(checked(&guard, open), "{open}");
        }
        for shut in ["10.1.1.2", "169.254.169.254", "fd13::1", "::1"] {
            assert!(!checked(&guard, shut), "{shut}");
        }
    }

    #[test]
    fn what_names_no_network_or_host_is_refused() {
        for text in ["", "10.0.0.0/33", "a b", "http://x", "10.1.2"] {
            assert_eq!(text.parse::<Allowed>(), Err(NotAllowable), "{text}");
        }
        assert_eq!("Space.LAN.".parse(), Ok(Allowed::Host("space.lan".to_owned())));
    }

    #[tokio::test]
    async fn no_spelling_of_a_private_address_is_ever_connected_to() {
        let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = canary.local_addr().unwrap().port();
        let outbound = Outbound::new(vec![]).unwrap();
        let hosts = [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0x7f.0.0.1",
            "127.0.0.1.",
            "0.0.0.0",
            "0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "①②⑦.⓪.⓪.①",
            "127。0。0。1",
            "%31%32%37.0.0.1",
            "8.8.8.8:x@127.0.0.1",
            "user@127.0.0.1",
            "8.8.8.8%40127.0.0.1@127.0.0.1",
            "169.254.169.254",
        ];
        for host in hosts {
            for scheme in ["http", "https", "ftp", "file"] {
                let url = format!("{scheme}://{host}:{port}/x");
                assert!(call(&outbound, &url).await.is_err(), "{url}");
            }
        }
        assert!(call(&outbound, &format!("http:\\\\127.0.0.1:{port}\\")).await.is_err());
        assert!(call(&outbound, &format!("\thttp://127.0.0.\n1:{port}")).await.is_err());
        // The first connection that the canary sees is this one.
        let probe = TcpStream::connect(canary.local_addr().unwrap()).await.unwrap();
        let (_, peer) = canary.accept().await.unwrap();
        assert_eq!(peer, probe.local_addr().unwrap());
    }

    #[tokio::test]
    async fn a_redirect_to_a_private_address_is_not_followed() {
        let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = format!("http://{}/", canary.local_addr().unwrap());
        let redirecting = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", redirecting.local_addr().unwrap());
        let router = axum::Router::new()
            .fallback(move || async move { axum::response::Redirect::temporary(&target) });
        tokio::spawn(async move { axum::serve(redirecting, router).await });
        let outbound = Outbound::new(vec!["127.0.0.0/8".parse().unwrap()]).unwrap();
        assert_eq!(call(&outbound, &url).await, Ok(307));
        let probe = TcpStream::connect(canary.local_addr().unwrap()).await.unwrap();
        let (_, peer) = canary.accept().await.unwrap();
        assert_eq!(peer, probe.local_addr().unwrap());
    }

    #[tokio::test]
    async fn an_allowed_host_is_reached_by_its_name() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        tokio::spawn(async move { axum::serve(listener, axum::Router::new()).await });
        let open = Outbound::new(vec!["localhost".parse().unwrap()]).unwrap();
        assert_eq!(call(&open, &url).await, Ok(404));
    }
}
