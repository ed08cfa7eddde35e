//! The e-mail addresses behind tokens, asked of the hub that made them and remembered (contract space 7.3, 9.2).
//!
//! An answer counts for as long as its token lives, and for the same caller's later tokens for some minutes. When the hub
//! cannot be asked, what it said last goes on for a while; somebody it never vouched for is not let in.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};
use syfthub_client::ErrorKind;
use syfthub_core::Timestamp;
use syfthub_core::wire::token::Verification;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::verify::Caller;
use crate::http::ApiError;
use crate::space::ids::MarketplaceId;
use crate::space::node::Space;

/// What hubs say of a guest (contract hub 4.3).
const GUEST: &str = "guest@syfthub.org";

/// Callers that are remembered.
const MOST_CALLERS: u64 = 50_000;

/// Callers of whom a hub is asked at the same time; one caller is asked of once.
const LANES: usize = 64;

/// How long a hub may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A hub that did not answer is not asked again for this long.
const PAUSE: Duration = Duration::from_secs(5);

type Key = (MarketplaceId, String);

/// What is remembered.
pub(crate) struct Emails {
    known: Cache<Key, Known>,
    lanes: [Mutex<()>; LANES],
    hasher: RandomState,
    /// When each hub failed to answer.
    away: SyncMutex<HashMap<MarketplaceId, Instant>>,
}

#[derive(Clone)]
struct Known {
    email: Arc<str>,
    asked_at: Timestamp,
    /// Digest of the token that was asked about.
    token: [u8; 32],
}

impl Default for Emails {
    fn default() -> Self {
        Self {
            known: Cache::new(MOST_CALLERS),
            lanes: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            away: SyncMutex::default(),
        }
    }
}

impl Emails {
    fn lane(&self, key: &Key) -> &Mutex<()> {
        let lanes = LANES as u64;
        let lane = usize::try_from(self.hasher.hash_one(key) % lanes).expect("there are few lanes");
        &self.lanes[lane]
    }

    fn is_away(&self, hub: MarketplaceId) -> bool {
        let away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        away.get(&hub).is_some_and(|failed| failed.elapsed() < PAUSE)
    }

    fn note_away(&self, hub: MarketplaceId) {
        self.away.lock().unwrap_or_else(PoisonError::into_inner).insert(hub, Instant::now());
    }
}

impl Space {
    /// The caller's address. All guests share one.
    pub(crate) async fn email_of(&self, caller: &Caller) -> Result<Arc<str>, ApiError> {
        if caller.is_guest() {
            return Ok(GUEST.into());
        }
        let key = (caller.marketplace(), caller.subject().to_owned());
        let token: [u8; 32] = Sha256::digest(caller.token.expose().as_bytes()).into();
        if let Some(email) = self.fresh_email(&key, &token) {
            return Ok(email);
        }
        let _turn = self.hubs.emails.lane(&key).lock().await;
        // Somebody may have asked while we waited.
        if let Some(email) = self.fresh_email(&key, &token) {
            return Ok(email);
        }
        let Some(email) = self.ask_hub(caller, &key).await? else { return self.graced_email(&key) };
        let known = Known { email: Arc::clone(&email), asked_at: self.clock.now(), token };
        self.hubs.emails.known.insert(key, known);
        Ok(email)
    }

    /// The caller's address if it need not be asked for.
    pub(crate) fn known_email(&self, caller: &Caller) -> Option<Arc<str>> {
        let key = (caller.marketplace(), caller.subject().to_owned());
        self.hubs.emails.known.get(&key).map(|known| known.email)
    }

    fn fresh_email(&self, key: &Key, token: &[u8; 32]) -> Option<Arc<str>> {
        let known = self.hubs.emails.known.get(key)?;
        let age = self.clock.now().since(known.asked_at);
        // The token itself was judged just now: it has not expired.
        let is_fresh = known.token == *token || age < self.config.policies.caller_cache;
        is_fresh.then_some(known.email)
    }

    /// What the hub says now; nothing when it cannot be asked.
    async fn ask_hub(&self, caller: &Caller, key: &Key) -> Result<Option<Arc<str>>, ApiError> {
        let emails = &self.hubs.emails;
        if emails.is_away(key.0) {
            return Ok(None);
        }
        metrics::counter!("space_verifications_total").increment(1);
        let token = caller.token.expose();
        let asked =
            caller.hub.signed_in(|client| async move { client.tokens().verify(token).await });
        match timeout(PATIENCE, asked).await {
            Ok(Ok(Verification::Valid(who))) if who.sub == caller.subject() => {
                Ok(Some(who.email.into()))
            }
            Ok(Ok(Verification::Valid(_))) => {
                Err(ApiError::unauthorized("Invalid satellite token: its hub names somebody else"))
            }
            Ok(Ok(Verification::Invalid(refused))) => {
                emails.known.invalidate(key);
                let reason = format!("Invalid satellite token: {}", refused.message);
                Err(ApiError::unauthorized(reason))
            }
            Ok(Err(error)) if error.kind() == ErrorKind::NotSignedIn => {
                tracing::error!(%error, "the hub does not accept this space's account");
                let detail = "This space cannot sign in at its hub";
                Err(ApiError::plain(StatusCode::FAILED_DEPENDENCY, detail))
            }
            failed => {
                let error = failed.map_or_else(
                    |_| "it took too long".to_owned(),
                    |answer| answer.err().map(|error| error.to_string()).unwrap_or_default(),
                );
                tracing::warn!(error, "the hub cannot be asked who calls");
                emails.note_away(key.0);
                Ok(None)
            }
        }
    }

    /// What the hub said last, while it may still count.
    fn graced_email(&self, key: &Key) -> Result<Arc<str>, ApiError> {
        let known = self.hubs.emails.known.get(key);
        let known = known.filter(|known| {
            self.clock.now().since(known.asked_at) < self.config.policies.hub_grace
        });
        known.map(|known| known.email).ok_or_else(|| {
            ApiError::unavailable("the hub that vouches for the caller cannot be asked")
        })
    }
}
