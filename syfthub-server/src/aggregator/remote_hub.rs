//! A hub that is another server, for an aggregator by itself.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, StatusCode};
use moka::future::Cache;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use syfthub_core::wire::endpoint::Connection;
use syfthub_core::wire::token::SatelliteToken;
use syfthub_core::{Secret, UserId};
use tokio::sync::Semaphore;
use url::Url;

use super::hub_side::Silent;
use crate::config::AggregatorHubSettings;

/// Longest token that the hub is asked about; its own are shorter.
const TOKEN: usize = 4096;

/// Tokens and endpoints that are kept, each.
const KEPT: u64 = 10_000;

/// Longest path of an endpoint that the hub is asked about; its own are shorter.
const PATH: usize = 256;

/// Questions to the hub at a time: strangers make them up.
const QUESTIONS: usize = 32;

/// The most bytes of an answer of the hub.
const ANSWER: usize = 1024 * 1024;

/// For how long it is believed that the hub answers, or does not.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// The hub. Clones share what is kept of it.
#[derive(Clone)]
pub(super) struct RemoteHub(Arc<Parts>);

struct Parts {
    base: Url,
    client: reqwest::Client,
    questions: Semaphore,
    /// Users by the hash of their token; none for a token that does not count.
    users: Cache<[u8; 32], Option<UserId>>,
    /// Connections by `owner/slug`, as everybody may see them.
    endpoints: Cache<String, Arc<[Connection]>>,
    alive: Cache<(), bool>,
}

/// A user as `/auth/me` tells them.
#[derive(Deserialize)]
struct Me {
    id: UserId,
}

/// An endpoint as `/{owner}/{slug}` tells it.
#[derive(Deserialize)]
struct Published {
    #[serde(default)]
    connect: Vec<Connection>,
}

/// The hub did not say.
#[derive(Debug, thiserror::Error)]
enum Mute {
    #[error(transparent)]
    Network(#[from] reqwest::Error),
    #[error("it answered {0}")]
    Status(StatusCode),
    #[error("it answered too much")]
    TooLarge,
    #[error("it answered something else than was asked for")]
    Unreadable(#[from] serde_json::Error),
    #[error("too much is asked of it")]
    Busy,
}

impl RemoteHub {
    /// The hub at `base`.
    ///
    /// # Errors
    /// When the machine's certificates cannot be read.
    pub(super) fn new(base: Url, settings: &AggregatorHubSettings) -> Result<Self, reqwest::Error> {
        let client = syfthub_client::node::http_client().timeout(settings.timeout).build()?;
        Ok(Self(Arc::new(Parts {
            base,
            client,
            questions: Semaphore::new(QUESTIONS),
            users: Cache::builder().max_capacity(KEPT).time_to_live(settings.memory).build(),
            endpoints: Cache::builder().max_capacity(KEPT).time_to_live(settings.memory).build(),
            alive: Cache::builder().max_capacity(1).time_to_live(SIGN_OF_LIFE).build(),
        })))
    }

    /// The token of `Authorization`, if it could be one of a hub.
    pub(super) fn bearer(headers: &HeaderMap) -> Option<Secret> {
        let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
        let token = token.trim();
        let could_be = scheme.eq_ignore_ascii_case("bearer") && (1..=TOKEN).contains(&token.len());
        could_be.then(|| Secret::new(token))
    }

    /// Whose token this is; nobody's when it does not count.
    pub(super) async fn user(&self, token: &Secret) -> Result<Option<UserId>, Silent> {
        let key: [u8; 32] = Sha256::digest(token.expose()).into();
        let ask = async {
            match self.get(&["api", "v1", "auth", "me"], Some(token)).await {
                Ok(Me { id }) => Ok(Some(id)),
                Err(Mute::Status(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)) => Ok(None),
                Err(mute) => Err(mute),
            }
        };
        self.0.users.try_get_with(key, ask).await.map_err(|mute| {
            tracing::warn!(%mute, "the hub does not say whose token it is");
            Silent
        })
    }

    /// The connections of the endpoint `owner/slug`; none when there is no such endpoint, or when the hub does not say.
    /// Only what everybody may see is kept.
    pub(super) async fn connections(
        &self,
        token: Option<&Secret>,
        owner: &str,
        slug: &str,
    ) -> Vec<Connection> {
        let path = format!("{owner}/{slug}");
        if path.len() > PATH {
            return Vec::new();
        }
        let ask = async {
            match self.get(&[owner, slug], token).await {
                Ok(Published { connect }) => Ok(Arc::from(connect)),
                Err(Mute::Status(StatusCode::NOT_FOUND)) => Ok(Arc::from([])),
                Err(mute) => Err(mute),
            }
        };
        let found = match token {
            Some(_) => ask.await.map_err(Arc::new),
            None => self.0.endpoints.try_get_with(path, ask).await,
        };
        found.map_or_else(
            |mute| {
                tracing::warn!(%mute, "the hub does not say where an endpoint is");
                Vec::new()
            },
            |found| found.to_vec(),
        )
    }

    /// A token with which a guest presents themselves to `owner`; none when the hub gives none.
    pub(super) async fn guest_token(&self, owner: &str) -> Option<Secret> {
        let path = ["api", "v1", "token", "guest"];
        let made = self.ask(&path, Some(("aud", owner)), None).await;
        let SatelliteToken { target_token, .. } =
            made.map_err(|mute| tracing::debug!(%mute, "the hub gives a guest no token")).ok()?;
        Some(Secret::new(target_token))
    }

    /// Whether it answers.
    pub(super) async fn is_alive(&self) -> bool {
        let ask = async {
            let answered: Result<serde_json::Value, Mute> = self.get(&["health"], None).await;
            answered.is_ok()
        };
        self.0.alive.get_with((), ask).await
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        token: Option<&Secret>,
    ) -> Result<T, Mute> {
        self.ask(path, None, token).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: Option<(&str, &str)>,
        token: Option<&Secret>,
    ) -> Result<T, Mute> {
        let _turn = self.0.questions.try_acquire().map_err(|_| Mute::Busy)?;
        let mut url = self.0.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if let Some((name, value)) = query {
            url.query_pairs_mut().append_pair(name, value);
        }
        let mut request = self.0.client.get(url).header(ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.bearer_auth(token.expose());
        }
        let mut response = request.send().await.map_err(reqwest::Error::without_url)?;
        if !response.status().is_success() {
            return Err(Mute::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(reqwest::Error::without_url)? {
            body.extend_from_slice(&piece);
            if body.len() > ANSWER {
                return Err(Mute::TooLarge);
            }
        }
        Ok(serde_json::from_slice(&body)?)
    }
}
