//! One probe: does anything answer where an owner says they serve?

use std::time::Instant;

use syfthub_core::model::HealthStatus;
use tokio::time::timeout;
use url::Url;

use crate::hub::Hub;
use crate::identity::domain::Domain;
use crate::outbound::{Outbound, Refused};

/// What a probe found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// Something answers.
    Alive,
    /// What answers says that it cannot.
    Broken,
    /// Nothing answers.
    Dead,
    /// Nothing answered in time.
    Slow,
    /// The hub must not ask.
    Blocked,
}

impl Finding {
    pub(super) const ALL: [(Self, &'static str); 5] = [
        (Self::Alive, "alive"),
        (Self::Broken, "broken"),
        (Self::Dead, "dead"),
        (Self::Slow, "slow"),
        (Self::Blocked, "blocked"),
    ];

    /// What it says about the node; nothing when the hub could not find out.
    pub(super) fn status(self) -> Option<HealthStatus> {
        match self {
            Self::Alive => Some(HealthStatus::Healthy),
            Self::Broken | Self::Dead | Self::Slow => Some(HealthStatus::Unhealthy),
            Self::Blocked => None,
        }
    }
}

/// Where to probe for `domain`: the root of its origin, or of a space behind a tunnel of this hub, whose addresses all begin
/// with `tunnels`.
pub(super) fn root(domain: &str, tunnels: &str) -> Option<Url> {
    let domain = Domain::parse(domain).ok()?;
    if matches!(domain, Domain::Tunnel(_)) {
        return None;
    }
    let mut url = Url::parse(&domain.address("https", "")).ok()?;
    if !url.as_str().starts_with(tunnels) {
        url.set_path("/");
    }
    Some(url)
}

/// Asks `url`. Whatever answers below 500 is alive: a space that wants a token, or has nothing at its root, is no less so.
pub(super) async fn probe(hub: &Hub, url: Url) -> Finding {
    let started = Instant::now();
    let finding = ask(hub, url).await;
    hub.health.probes.record(finding, started.elapsed());
    finding
}

async fn ask(hub: &Hub, url: Url) -> Finding {
    let Ok((client, url)) = hub.outbound.way_to(url) else { return Finding::Blocked };
    match timeout(hub.health.settings.timeout, client.get(url).send()).await {
        Err(_) => Finding::Slow,
        Ok(Ok(response)) if response.status().is_server_error() => Finding::Broken,
        Ok(Ok(_)) => Finding::Alive,
        Ok(Err(error)) => match Outbound::reason(&error) {
            None | Some(Refused::Unresolved) => Finding::Dead,
            Some(_) => Finding::Blocked,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_the_origin_is_probed() {
        for (domain, expected) in [
            ("node.acme.org", Some("https://node.acme.org/")),
            ("http://node.acme.org:81/base/", Some("http://node.acme.org:81/")),
            ("wss://node.acme.org", Some("https://node.acme.org/")),
            ("tunneling:ada", None),
            ("8.8.8.8:x@127.0.0.1", None),
            ("https://hub.acme.org/s/ada", Some("https://hub.acme.org/s/ada")),
            ("https://hub.acme.org/x/ada", Some("https://hub.acme.org/")),
        ] {
            let found = root(domain, "https://hub.acme.org/s/");
            assert_eq!(found.as_ref().map(Url::as_str), expected, "{domain}");
        }
    }
}
