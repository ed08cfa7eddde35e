//! Who is at the other end: the one function that finds a client's address.
//!
//! A proxy in front of the hub adds the address it was asked from to a header. Anybody can send that header, so it counts
//! only as far as proxies that the operator named vouch for it: from the right, each hop is believed because the one that
//! wrote it is trusted, and the first that is not trusted is the client. Only one header is read, the one that the
//! operator's proxy sets; reading both would let clients choose through the other.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, FromRequestParts};
use clap::ValueEnum;
use http::request::Parts;
use http::{HeaderMap, header};
use ipnet::IpNet;

/// The header in which proxies name the address they were asked from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, which nearly every proxy sets.
    #[value(name = "x-forwarded-for")]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    #[value(name = "forwarded")]
    Forwarded,
}

/// A proxy, or a network of them, whose word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

impl FromStr for TrustedProxy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let network =
            text.parse().or_else(|_| text.parse().map(|ip: IpAddr| IpNet::from(ip.to_canonical())));
        network
            .map(Self)
            .map_err(|_| "expected addresses or networks such as 127.0.0.1,10.0.0.0/8,fd00::/8")
    }
}

/// Which proxies are trusted, and which header they set.
#[derive(Debug, Clone)]
pub(crate) struct Proxies {
    trusted: Vec<TrustedProxy>,
    header: ForwardedHeader,
}

impl Proxies {
    /// The proxies `trusted`, which set `header`.
    pub(crate) fn new(trusted: &[TrustedProxy], header: ForwardedHeader) -> Self {
        Self { trusted: trusted.to_vec(), header }
    }

    /// The client of a request that arrived from `peer`.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return ClientAddress(client);
        }
        for hop in self.hops(headers).into_iter().rev() {
            // A hop in other words (`unknown`, a name, a socket) ends the trail: nobody can say who was behind it.
            let Some(address) = hop else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        ClientAddress(client)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|proxy| proxy.0.contains(&address))
    }

    /// The hops of the header in the order in which they were written.
    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let (name, read): (_, fn(&str) -> Option<IpAddr>) = match self.header {
            ForwardedHeader::XForwardedFor => (X_FORWARDED_FOR, node),
            ForwardedHeader::Forwarded => (header::FORWARDED, forwarded_for),
        };
        let lines = headers.get_all(name);
        let lines = lines.iter().map(|line| line.to_str().unwrap_or("?"));
        lines.flat_map(|line| line.split(',')).map(|hop| read(hop.trim())).collect()
    }
}

const X_FORWARDED_FOR: header::HeaderName = header::HeaderName::from_static("x-forwarded-for");

/// The node of the `for` parameter of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    node(quoted.unwrap_or(value))
}

/// An address with or without a port, IPv6 with or without brackets.
fn node(text: &str) -> Option<IpAddr> {
    let address = text.parse().ok();
    let address = address.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    let inside = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.or_else(inside).map(|address: IpAddr| address.to_canonical())
}

/// The address of a request's client, as far as trusted proxies tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAddress(IpAddr);

impl ClientAddress {
    /// What limits count by: an IPv4 address, or the /64 that an IPv6 network hands to one customer.
    pub(crate) fn network(self) -> ClientNetwork {
        ClientNetwork(match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (u128::MAX << 64)).into()),
        })
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What [`ClientAddress::network`] answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClientNetwork(IpAddr);

impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The peer of a request that came over no network, such as one from a test: this machine.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The peer that the listener noted.
pub(super) fn peer(extensions: &http::Extensions) -> IpAddr {
    extensions.get::<ConnectInfo<SocketAddr>>().map_or(HERE, |ConnectInfo(peer)| peer.ip())
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    /// What the edge found.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(peer(&parts.extensions))))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn proxies(trusted: &str, header: ForwardedHeader) -> Proxies {
        let trusted: Vec<_> = trusted
            .split(',')
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().unwrap())
            .collect();
        Proxies::new(&trusted, header)
    }

    fn found(trusted: &str, peer: &str, said: &[&str]) -> String {
        let lines = said.iter().map(|line| (X_FORWARDED_FOR, HeaderValue::from_str(line).unwrap()));
        let headers = lines.collect::<HeaderMap>();
        let proxies = proxies(trusted, ForwardedHeader::XForwardedFor);
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_peer_is_the_client_whatever_it_says() {
        assert_eq!(found("", "203.0.113.7", &["10.0.0.1"]), "203.0.113.7");
        assert_eq!(found("", "127.0.0.1", &["10.0.0.1"]), "127.0.0.1");
    }

    #[test]
    fn the_rightmost_hop_that_no_proxy_vouches_for_is_the_client() {
        let proxies = "127.0.0.1,10.0.0.0/8";
        assert_eq!(found(proxies, "127.0.0.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(
            found(proxies, "127.0.0.1", &["1.1.1.1, 198.51.100.9, 10.0.0.2"]),
            "198.51.100.9"
        );
        assert_eq!(
            found(proxies, "127.0.0.1", &["1.1.1.1", "198.51.100.9, 10.0.0.2"]),
            "198.51.100.9"
        );
        assert_eq!(found(proxies, "203.0.113.7", &["198.51.100.9"]), "203.0.113.7");
    }

    #[test]
    fn a_client_inside_the_trusted_networks_is_the_leftmost_hop() {
        assert_eq!(found("10.0.0.0/8", "10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn a_hop_in_other_words_ends_the_trail_at_the_proxy_that_wrote_it() {
        for said in ["unix:", "unknown", "_hidden", "client.example", "", "1.1.1.1, unknown"] {
            assert_eq!(found("127.0.0.1,10.0.0.0/8", "10.0.0.1", &[said]), "10.0.0.1", "{said}");
        }
        assert_eq!(found("127.0.0.1,10.0.0.0/8", "127.0.0.1", &["unknown, 10.0.0.9"]), "10.0.0.9");
    }

    #[test]
    fn addresses_are_read_in_every_spelling() {
        for (said, meant) in [
            ("198.51.100.9:4711", "198.51.100.9"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("::ffff:198.51.100.9", "198.51.100.9"),
        ] {
            assert_eq!(found("127.0.0.1", "::ffff:127.0.0.1", &[said]), meant);
        }
    }

    #[test]
    fn forwarded_is_read_when_it_is_the_header_that_counts() {
        let line = r#"for="[2001:db8::7]:443";proto=https, by=10.0.0.2;For=10.0.0.3"#;
        let mut headers =
            HeaderMap::from_iter([(header::FORWARDED, HeaderValue::from_static(line))]);
        headers.insert(X_FORWARDED_FOR, HeaderValue::from_static("1.1.1.1"));
        let client =
            |header| proxies("10.0.0.0/8", header).client("10.0.0.1".parse().unwrap(), &headers);
        assert_eq!(client(ForwardedHeader::Forwarded).to_string(), "2001:db8::7");
        assert_eq!(client(ForwardedHeader::XForwardedFor).to_string(), "1.1.1.1");
    }

    #[test]
    fn limits_see_one_customer_behind_all_addresses_of_an_ipv6_network() {
        let network = |text: &str| ClientAddress(text.parse().unwrap()).network().to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:2::9"), "2001:db8:1:2::");
        assert_eq!(network("198.51.100.9"), "198.51.100.9");
    }

    #[test]
    fn what_is_no_network_is_refused_with_the_accepted_form() {
        for text in ["", "nginx", "10.0.0.0/33", "10.0.0.0-10.0.0.9"] {
            assert!(text.parse::<TrustedProxy>().unwrap_err().starts_with("expected "), "{text}");
        }
    }

    fn anything() -> impl Strategy<Value = Vec<String>> {
        let hop = prop_oneof![
            any::<Ipv4Addr>().prop_map(|address| address.to_string()),
            any::<std::net::Ipv6Addr>().prop_map(|address| format!("[{address}]:80")),
            "[ -~]{0,20}",
        ];
        prop::collection::vec(hop, 0..6)
    }

    proptest! {
        #[test]
        fn nothing_a_client_writes_before_its_proxy_changes_who_it_is(forged in anything(), real in any::<Ipv4Addr>()) {
            prop_assume!(!real.is_loopback());
            let written = real.to_string();
            let lines: Vec<&str> = forged.iter().map(String::as_str).chain([written.as_str()]).collect();
            prop_assert_eq!(found("127.0.0.0/8", "127.0.0.1", &[&lines.join(", ")]), written.clone());
            prop_assert_eq!(found("127.0.0.0/8", "127.0.0.1", &lines), written);
        }

        #[test]
        fn a_peer_that_is_not_trusted_is_always_the_client(forged in anything(), peer in any::<Ipv4Addr>()) {
            prop_assume!(!peer.is_loopback());
            let lines: Vec<&str> = forged.iter().map(String::as_str).collect();
            prop_assert_eq!(found("127.0.0.0/8", &peer.to_string(), &lines), peer.to_string());
        }
    }
}
