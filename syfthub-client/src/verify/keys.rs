//! A hub's public keys, fetched when needed and kept as long as the hub says.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::{Method, Response, StatusCode};
use syfthub_core::token::jwks::JwkSet;
use syfthub_core::token::satellite::KeySet;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;
use url::Url;

use crate::error::{Error, ErrorKind};
use crate::exchange::Connections;
use crate::transport::read_whole;

/// More bytes than this are no key set.
const LARGEST: usize = 256 * 1024;

/// How the hub is asked for its keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// The most time one fetch may take.
    pub(super) deadline: Duration,
    /// So often at most do unknown key names, which anybody can make up, and failures make us ask the hub again.
    pub(super) pause: Duration,
    /// A key set is kept for what `Cache-Control` says, within these bounds; for the shorter one when it says nothing.
    pub(super) shortest: Duration,
    pub(super) longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            pause: Duration::from_secs(5),
            shortest: Duration::from_mins(1),
            longest: Duration::from_hours(24),
        }
    }
}

/// The keys of one hub.
pub(super) struct Keys {
    url: Url,
    http: Connections,
    patience: Patience,
    cached: RwLock<Option<Cached>>,
    /// When the hub was last asked out of turn; held while it is asked.
    extra: Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct Cached {
    keys: Arc<KeySet>,
    /// By what name the hub knows this state of them.
    tag: Option<HeaderValue>,
    fresh_until: Instant,
}

impl Cached {
    fn is_fresh(&self) -> bool {
        self.fresh_until > Instant::now()
    }
}

impl Keys {
    /// The keys published at `url`; nothing is fetched yet.
    pub(super) fn at(url: Url, http: Connections, patience: Patience) -> Self {
        Self { url, http, patience, cached: RwLock::default(), extra: Mutex::default() }
    }

    /// A key set that knows `kid` if any does. When the hub is away, the last known set goes on.
    pub(super) async fn that_know(&self, kid: &str) -> Result<Arc<KeySet>, Error> {
        let mut asked = match self.known(kid) {
            Some(known) if known.is_fresh() => return Ok(known.keys),
            // One asks whether they still count; the others need not wait for the answer.
            Some(known) => match self.extra.try_lock() {
                Ok(turn) => turn,
                Err(_) => return Ok(known.keys),
            },
            None => self.extra.lock().await,
        };
        // Somebody may have fetched them while we waited.
        if let Some(known) = self.known(kid).filter(Cached::is_fresh) {
            return Ok(known.keys);
        }
        self.renewed(&mut asked).await
    }

    /// The set that the hub publishes now, or else the last known one.
    async fn renewed(
        &self,
        asked: &mut MutexGuard<'_, Option<Instant>>,
    ) -> Result<Arc<KeySet>, Error> {
        let last = self.cached();
        let is_due = last.as_ref().is_none_or(|cached| !cached.is_fresh());
        if asked.is_some_and(|asked| asked.elapsed() < self.patience.pause) {
            return last.map(|last| last.keys).ok_or_else(|| self.away("it was asked just now"));
        }
        match self.fetch(last.as_ref()).await {
            Ok(fresh) => {
                if !is_due {
                    **asked = Some(Instant::now());
                }
                let keys = Arc::clone(&fresh.keys);
                *self.cached.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
                Ok(keys)
            }
            Err(away) => {
                tracing::warn!(error = %away, "going on with the keys that are known");
                **asked = Some(Instant::now());
                last.map(|last| last.keys).ok_or(away)
            }
        }
    }

    fn cached(&self) -> Option<Cached> {
        self.cached.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn known(&self, kid: &str) -> Option<Cached> {
        self.cached().filter(|cached| cached.keys.knows(kid))
    }

    /// What the hub publishes, unless that is still what it was.
    async fn fetch(&self, last: Option<&Cached>) -> Result<Cached, Error> {
        let asking = tokio::time::timeout(self.patience.deadline, self.ask(last)).await;
        asking.unwrap_or_else(|_| Err(self.away("it did not answer in time")))
    }

    async fn ask(&self, last: Option<&Cached>) -> Result<Cached, Error> {
        let mut request = reqwest::Request::new(Method::GET, self.url.clone());
        if let Some(tag) = last.and_then(|last| last.tag.as_ref()) {
            request.headers_mut().insert(IF_NONE_MATCH, tag.clone());
        }
        let response = self.http.send(request).await;
        let response = response.map_err(|error| self.away(&error.to_string()))?;
        let fresh_until = Instant::now() + self.lifetime(response.headers());
        match (response.status(), last) {
            (StatusCode::NOT_MODIFIED, Some(last)) => Ok(Cached { fresh_until, ..last.clone() }),
            (status, _) if status.is_success() => self.read(response, fresh_until).await,
            (status, _) => Err(self.away(&format!("HTTP {status}"))),
        }
    }

    async fn read(&self, response: Response, fresh_until: Instant) -> Result<Cached, Error> {
        let tag = response.headers().get(ETAG).cloned();
        let body = read_whole(response, LARGEST).await;
        let body = body.map_err(|error| self.away(&error.to_string()))?;
        let published: JwkSet =
            serde_json::from_slice(&body).map_err(|_| self.away("the answer is no key set"))?;
        Ok(Cached { keys: Arc::new(KeySet::new(&published)), tag, fresh_until })
    }

    fn lifetime(&self, headers: &HeaderMap) -> Duration {
        let control = headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
        max_age(control.unwrap_or_default()).clamp(self.patience.shortest, self.patience.longest)
    }

    fn away(&self, reason: &str) -> Error {
        let message = format!("the keys of the hub at {} cannot be fetched: {reason}", self.url);
        Error::new(ErrorKind::Unreachable, message)
    }
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
