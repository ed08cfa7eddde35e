//! A hub's public keys, fetched when needed and kept as long as the hub says.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::header::CACHE_CONTROL;
use reqwest::{Response, redirect};
use syfthub_core::token::jwks::JwkSet;
use syfthub_core::token::satellite::KeySet;
use tokio::sync::Mutex;
use tokio::time::Instant;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A key set is kept for what `Cache-Control` says, within these bounds; for the shorter one when it says nothing.
const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(24);

/// So often at most do unknown key names, which anybody can make up, and failures make us ask the hub again.
const PAUSE: Duration = Duration::from_secs(5);

/// More bytes than this are no key set.
const LARGEST: usize = 256 * 1024;

/// The keys of one hub.
pub(super) struct Keys {
    url: String,
    http: reqwest::Client,
    cached: RwLock<Option<Cached>>,
    /// When the hub was last asked out of turn; held while it is asked.
    extra: Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct Cached {
    keys: Arc<KeySet>,
    fresh_until: Instant,
}

/// The hub's keys were never fetched, and cannot be now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the keys of the hub at {url} cannot be fetched: {reason}")]
pub(super) struct KeysAway {
    url: String,
    reason: String,
}

impl Keys {
    /// The keys of the hub at `url`; nothing is fetched yet.
    pub(super) fn of(url: &str) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .build()?;
        let url = format!("{url}/.well-known/jwks.json");
        Ok(Self { url, http, cached: RwLock::default(), extra: Mutex::default() })
    }

    /// A key set that knows `kid` if any does. When the hub is away, the last known set goes on.
    pub(super) async fn that_know(&self, kid: &str) -> Result<Arc<KeySet>, KeysAway> {
        if let Some(keys) = self.usable(kid) {
            return Ok(keys);
        }
        let mut extra = self.extra.lock().await;
        // Somebody may have fetched them while we waited.
        if let Some(keys) = self.usable(kid) {
            return Ok(keys);
        }
        let last = self.cached();
        let due = last.as_ref().is_none_or(|cached| cached.fresh_until <= Instant::now());
        let paused = extra.is_some_and(|asked| asked.elapsed() < PAUSE);
        let fetched =
            if paused { Err(self.away("it was asked just now")) } else { self.fetch().await };
        match fetched {
            Ok(fresh) => {
                if !due {
                    *extra = Some(Instant::now());
                }
                let keys = Arc::clone(&fresh.keys);
                *self.cached.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
                Ok(keys)
            }
            Err(away) => {
                if !paused {
                    tracing::warn!(error = %away, "going on with the keys that are known");
                    *extra = Some(Instant::now());
                }
                last.map(|cached| cached.keys).ok_or(away)
            }
        }
    }

    fn cached(&self) -> Option<Cached> {
        self.cached.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn usable(&self, kid: &str) -> Option<Arc<KeySet>> {
        let cached = self.cached()?;
        (cached.fresh_until > Instant::now() && cached.keys.knows(kid)).then_some(cached.keys)
    }

    async fn fetch(&self) -> Result<Cached, KeysAway> {
        let failed = |error: reqwest::Error| self.away(&error.without_url().to_string());
        let response = self.http.get(&self.url).send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(self.away(&format!("HTTP {}", response.status())));
        }
        let fresh_until = Instant::now() + lifetime(&response);
        let mut body = Vec::new();
        let mut parts = response.bytes_stream();
        while let Some(part) = parts.next().await {
            body.extend_from_slice(&part.map_err(failed)?);
            if body.len() > LARGEST {
                return Err(self.away("the answer is too large"));
            }
        }
        let published: JwkSet =
            serde_json::from_slice(&body).map_err(|_| self.away("the answer is no key set"))?;
        Ok(Cached { keys: Arc::new(KeySet::new(&published)), fresh_until })
    }

    fn away(&self, reason: &str) -> KeysAway {
        KeysAway { url: self.url.clone(), reason: reason.to_owned() }
    }
}

fn lifetime(response: &Response) -> Duration {
    let control = response
        .headers()
        .get(CACHE_CONTROL)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    max_age(control).clamp(SHORTEST, LONGEST)
}

fn max_age(control: &str) -> Duration {
    let directives = || control.split(',').map(str::trim);
    if directives().any(|directive| matches!(directive, "no-store" | "no-cache")) {
        return Duration::ZERO;
    }
    let seconds =
        directives().find_map(|directive| directive.strip_prefix("max-age=")?.parse().ok());
    Duration::from_secs(seconds.unwrap_or_default())
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
