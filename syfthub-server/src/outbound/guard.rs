//! Which addresses are public, and which others the operator opened.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use syfthub_core::network::is_public;
use url::Host;

use super::Refused;

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

/// Decides which addresses may be connected to.
#[derive(Debug)]
pub(super) struct Guard {
    networks: Vec<IpNet>,
    hosts: Vec<String>,
}

impl Guard {
    /// A guard that lets public addresses and `allowed` through.
    pub(super) fn new(allowed: Vec<Allowed>) -> Self {
        let (mut networks, mut hosts) = (Vec::new(), Vec::new());
        for allowed in allowed {
            match allowed {
                Allowed::Network(network) => networks.push(network),
                Allowed::Host(name) => hosts.push(name),
            }
        }
        Self { networks, hosts }
    }

    /// Refuses all of `addresses` when one of them is not public: which one is connected to is not ours to choose.
    pub(super) fn check(&self, addresses: impl IntoIterator<Item = IpAddr>) -> Result<(), Refused> {
        let within = |networks: &[IpNet], address: &IpAddr| {
            networks.iter().any(|network| network.contains(address))
        };
        let open = |address: IpAddr| {
            within(&self.networks, &address)
                || within(&self.networks, &address.to_canonical())
                || is_public(address)
        };
        if addresses.into_iter().all(open) { Ok(()) } else { Err(Refused::NotPublic) }
    }

    /// Whether the operator opened whatever addresses this name has.
    fn trusts(&self, name: &str) -> bool {
        let name = bare(name);
        self.hosts.contains(&name)
    }

    /// [`Guard::check`], unless `name` is opened by name.
    pub(super) fn judge(&self, name: &str, addresses: &[IpAddr]) -> Result<(), Refused> {
        if self.trusts(name) { Ok(()) } else { self.check(addresses.iter().copied()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allowed: &[&str]) -> Guard {
        Guard::new(allowed.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn checked(guard: &Guard, address: &str) -> bool {
        guard.check([address.parse().unwrap()]).is_ok()
    }

    #[test]
    fn one_private_address_spoils_a_name() {
        let addresses: Vec<IpAddr> = vec!["8.8.8.8".parse().unwrap(), "10.0.0.1".parse().unwrap()];
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
}
