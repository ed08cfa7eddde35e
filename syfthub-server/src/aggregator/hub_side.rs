//! What the aggregator asks the hub: who a caller is, and what an owner publishes.
//!
//! Neither is needed to answer. A caller whom nobody vouches for is counted by their address, and an address that nobody
//! vouches for gets no tokens when the operator wants that strictly.

use axum::extract::FromRequestParts as _;
use http::request::Parts;
use syfthub_core::wire::endpoint::Connection;
use syfthub_core::{Secret, UserId};
use url::Url;

use super::remote_hub::RemoteHub;
use crate::hub::Hub;
use crate::identity::{MaybeCaller, Presented, satellites};
use crate::registry::{self, Seen};

/// The hub, from where the aggregator stands.
#[derive(Clone)]
pub(super) enum HubSide {
    /// There is none.
    Nowhere,
    /// It is the process that the aggregator is part of.
    Here(Hub),
    /// It is another server.
    Elsewhere(RemoteHub),
}

/// What the hub knows of whoever sends a request, and what they showed for it.
pub(super) struct Known {
    /// The user, if a token of theirs counts.
    pub(super) user: Result<Option<UserId>, Silent>,
    shown: Shown,
}

/// The hub does not say who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Silent;

enum Shown {
    Nothing,
    Here(Box<Presented>),
    Elsewhere(Secret),
}

impl Known {
    /// Nobody in particular.
    pub(super) fn nobody() -> Self {
        Self { user: Ok(None), shown: Shown::Nothing }
    }
}

impl HubSide {
    /// Who sends a request.
    pub(super) async fn known(&self, parts: &mut Parts) -> Known {
        match self {
            Self::Nowhere => Known { user: Ok(None), shown: Shown::Nothing },
            Self::Here(hub) => {
                let Ok(presented) = Presented::from_request_parts(parts, hub).await;
                let user = user_here(hub, &presented).await;
                Known { user, shown: Shown::Here(Box::new(presented)) }
            }
            Self::Elsewhere(hub) => match RemoteHub::bearer(&parts.headers) {
                None => Known { user: Ok(None), shown: Shown::Nothing },
                Some(token) => {
                    let user = hub.user(&token).await;
                    Known { user, shown: Shown::Elsewhere(token) }
                }
            },
        }
    }

    /// Whether the hub answers, where there is one.
    pub(super) async fn is_alive(&self) -> Option<bool> {
        match self {
            Self::Nowhere => None,
            Self::Here(hub) => Some(hub.db.ping().await.is_ok()),
            Self::Elsewhere(hub) => Some(hub.is_alive().await),
        }
    }

    /// Where the endpoint `owner/slug` is published, as far as the caller can see.
    pub(super) async fn address(&self, known: &Known, owner: &str, slug: &str) -> Option<String> {
        let connect = self.connections(known, owner, slug).await;
        let enabled = connect.iter().filter(|connection| connection.enabled);
        let mut urls = enabled.filter_map(|connection| connection.config.get("url")?.as_str());
        urls.find(|url| !url.trim().is_empty()).map(|url| url.trim().to_owned())
    }

    /// A token with which a guest presents themselves to `owner`; none where the hub has no guests.
    pub(super) async fn guest_token(&self, owner: &str) -> Option<Secret> {
        match self {
            Self::Nowhere => None,
            Self::Here(hub) => {
                let made = satellites::mint_for_guest(hub, owner).await.ok()?;
                Some(Secret::new(made.target_token))
            }
            Self::Elsewhere(hub) => hub.guest_token(owner).await,
        }
    }

    /// Whether the hub publishes the endpoint `owner/slug` at `url`, as far as the caller can see.
    pub(super) async fn publishes(
        &self,
        known: &Known,
        owner: &str,
        slug: &str,
        url: &Url,
    ) -> bool {
        let connect = self.connections(known, owner, slug).await;
        connect.iter().any(|connection| is_at(connection, url))
    }

    async fn connections(&self, known: &Known, owner: &str, slug: &str) -> Vec<Connection> {
        match (self, &known.shown) {
            (Self::Nowhere, _) => Vec::new(),
            (Self::Here(hub), Shown::Here(presented)) => {
                connections_here(hub, presented, owner, slug).await
            }
            (Self::Here(hub), _) => connections_here(hub, &Presented::Nothing, owner, slug).await,
            (Self::Elsewhere(hub), Shown::Elsewhere(token))
                if matches!(known.user, Ok(Some(_))) =>
            {
                hub.connections(Some(token), owner, slug).await
            }
            (Self::Elsewhere(hub), _) => hub.connections(None, owner, slug).await,
        }
    }
}

async fn user_here(hub: &Hub, presented: &Presented) -> Result<Option<UserId>, Silent> {
    let caller = if let Some(caller) = presented.known() {
        caller
    } else {
        let presented = presented.clone();
        let read = hub.db.read(move |tx| Box::pin(async move { presented.find_caller(tx).await }));
        read.await.map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "a caller is not known");
            Silent
        })?
    };
    Ok(match caller {
        MaybeCaller::Known(caller) => Some(caller.id()),
        MaybeCaller::Anonymous | MaybeCaller::Rejected => None,
    })
}

async fn connections_here(
    hub: &Hub,
    presented: &Presented,
    owner: &str,
    slug: &str,
) -> Vec<Connection> {
    match registry::endpoint_at(hub, presented.clone(), owner, slug).await {
        Ok(Seen::Whole(endpoint)) => endpoint.connect,
        Ok(Seen::Part(endpoint)) => endpoint.connect,
        Ok(Seen::Nothing(_)) => Vec::new(),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "an endpoint is not known");
            Vec::new()
        }
    }
}

/// Whether clients that resolve the connection ask at `url`.
fn is_at(connection: &Connection, url: &Url) -> bool {
    let address = connection.config.get("url").and_then(serde_json::Value::as_str);
    let address = address.and_then(|address| Url::parse(address.trim()).ok());
    address.is_some_and(|address| same(&address, url))
}

/// Whether two base addresses lead to the same place; a slash at the end makes no difference.
fn same(one: &Url, other: &Url) -> bool {
    let place = |url: &Url| url[..url::Position::AfterPath].trim_end_matches('/').to_owned();
    place(one) == place(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(published: &str, asked: &str) -> bool {
        let connection = json!({"type": "http", "config": {"url": published}});
        is_at(&serde_json::from_value(connection).unwrap(), &asked.parse().unwrap())
    }

    #[test]
    fn only_the_published_address_counts() {
        assert!(at("https://a.org/base/", "https://A.org:443/base"));
        assert!(at("https://a.org", "https://a.org/?x=1"));
        for other in [
            "http://a.org",
            "https://a.org:8443",
            "https://a.org/base",
            "https://b.org",
            "https://a.org.evil.org",
            "https://evil@a.org",
        ] {
            assert!(!at("https://a.org", other), "{other}");
        }
        assert!(!at("not an address", "https://a.org"));
    }
}
