//! The tokens of the signed-in user: where they are kept, and how they are renewed once for everybody.
//!
//! A hub gives a refresh token out for one use (a second use within its grace window answers the same successor; a later
//! one ends the session). So a renewal happens under two locks: one in the process, so that many parallel requests
//! renew once, and the [`TokenStore`]'s, so that several processes that share a store do not undo each other's renewal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::future::BoxFuture;
use syfthub_core::Clock;
use syfthub_core::wire::auth::Tokens;

use crate::auth::Auth;
use crate::error::{Error, ErrorKind};

/// Why a [`TokenStore`] failed.
pub type TokenStoreError = Box<dyn std::error::Error + Send + Sync>;

/// Keeps a session's tokens beyond the life of a [`Client`](crate::Client), for example in a file.
pub trait TokenStore: Send + Sync + 'static {
    /// Takes hold of the stored session, waiting for other holders, in other processes too.
    fn hold(&self) -> BoxFuture<'_, Result<Box<dyn HeldTokens>, TokenStoreError>>;
}

/// A stored session that nobody else can change while this value lives.
pub trait HeldTokens: Send + Sync {
    /// What is stored now.
    fn tokens(&self) -> Option<Tokens>;

    /// Stores `tokens`, or forgets the session, and lets go of it.
    fn replace(
        self: Box<Self>,
        tokens: Option<Tokens>,
    ) -> BoxFuture<'static, Result<(), TokenStoreError>>;
}

/// The session of one [`Client`](crate::Client), shared by its clones.
pub(crate) struct Session {
    tokens: RwLock<Option<Arc<Tokens>>>,
    renewal: tokio::sync::Mutex<()>,
    store: Option<Arc<dyn TokenStore>>,
    clock: Arc<dyn Clock>,
    clock_is_off: AtomicBool,
}

impl Session {
    pub(crate) fn new(
        tokens: Option<Tokens>,
        store: Option<Arc<dyn TokenStore>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            tokens: RwLock::new(tokens.map(Arc::new)),
            renewal: tokio::sync::Mutex::default(),
            store,
            clock,
            clock_is_off: AtomicBool::new(false),
        }
    }

    /// A session with the same clock that nobody has begun.
    pub(crate) fn of_nobody(&self) -> Self {
        Self::new(None, None, Arc::clone(&self.clock))
    }

    pub(crate) fn tokens(&self) -> Option<Arc<Tokens>> {
        self.tokens.read().expect("no holder of the lock panics").clone()
    }

    fn set(&self, tokens: Option<Tokens>) {
        *self.tokens.write().expect("no holder of the lock panics") = tokens.map(Arc::new);
    }

    /// Makes `tokens` the session, here and in the store.
    pub(crate) async fn begin(&self, tokens: Option<Tokens>) -> Result<(), Error> {
        self.set(tokens.clone());
        let Some(store) = &self.store else { return Ok(()) };
        let held = store.hold().await.map_err(storage)?;
        held.replace(tokens).await.map_err(storage)
    }

    /// Whether the access token's own expiry has passed. An unreadable token, or a clock that disagrees with the hub's,
    /// says no: then the hub's 401 decides.
    pub(crate) fn looks_expired(&self, tokens: &Tokens) -> bool {
        !self.clock_is_off.load(Ordering::Relaxed)
            && expiry(&tokens.access_token).is_some_and(|exp| exp <= self.clock.now().secs())
    }

    /// Replaces the tokens that `stale` belongs to by calling `renew` with the refresh token, unless somebody already did.
    ///
    /// # Errors
    /// What `renew` says; [`ErrorKind::NotSignedIn`] also ends the session of this client.
    pub(crate) async fn renew<F>(&self, stale: &Tokens, renew: F) -> Result<Arc<Tokens>, Error>
    where
        F: AsyncFnOnce(&str) -> Result<Tokens, Error>,
    {
        let _flight = self.renewal.lock().await;
        match self.tokens() {
            None => return Err(Error::not_signed_in()),
            Some(current) if current.access_token != stale.access_token => return Ok(current),
            Some(_) => {}
        }
        let held = match &self.store {
            Some(store) => Some(store.hold().await.map_err(storage)?),
            None => None,
        };
        if let Some(held) = &held {
            match held.tokens() {
                None => {
                    self.set(None);
                    return Err(Error::not_signed_in());
                }
                Some(stored) if stored.access_token != stale.access_token => {
                    return Ok(self.adopt(stored));
                }
                Some(_) => {}
            }
        }
        match renew(&stale.refresh_token).await {
            Ok(fresh) => {
                let adopted = self.adopt(fresh.clone());
                if let Some(held) = held
                    && let Err(error) = held.replace(Some(fresh)).await
                {
                    tracing::warn!(%error, "the renewed session could not be saved");
                }
                Ok(adopted)
            }
            Err(error) => {
                if error.kind() == ErrorKind::NotSignedIn {
                    self.set(None);
                }
                Err(error)
            }
        }
    }

    fn adopt(&self, fresh: Tokens) -> Arc<Tokens> {
        if self.looks_expired(&fresh) {
            self.clock_is_off.store(true, Ordering::Relaxed);
        }
        self.set(Some(fresh.clone()));
        Arc::new(fresh)
    }
}

impl Auth<'_> {
    /// Goes on with the session that `tokens` belong to, or forgets the one there is without ending it at the hub.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the client keeps its session in a store that cannot be written.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let saved = hub.auth().tokens();
    /// hub.auth().set_tokens(None).await?;
    /// hub.auth().set_tokens(saved).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set_tokens(&self, tokens: Option<Tokens>) -> Result<(), Error> {
        self.client.satellite_cache().clear();
        self.client.transport().session.begin(tokens).await
    }
}

impl Error {
    pub(crate) fn not_signed_in() -> Self {
        Self::new(ErrorKind::NotSignedIn, "nobody is signed in")
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used with Result::map_err")]
fn storage(cause: TokenStoreError) -> Error {
    let causes = std::iter::successors(Some(&*cause as &dyn std::error::Error), |c| c.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    let message = format!("the saved session cannot be used: {}", causes.join(": "));
    Error::new(ErrorKind::Storage, message)
}

/// The `exp` of a JWT, unverified: a hint for when to renew, never a reason to trust.
fn expiry(token: &str) -> Option<i64> {
    #[derive(serde::Deserialize)]
    struct Claims {
        exp: i64,
    }
    let payload = token.split('.').nth(1)?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice::<Claims>(&json).ok().map(|claims| claims.exp)
}

#[cfg(test)]
mod tests {
    use syfthub_core::{FixedClock, Timestamp};

    use super::*;

    fn tokens(name: &str, exp: i64) -> Tokens {
        let payload = BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{exp}}}"#));
        Tokens {
            access_token: format!("{name}.{payload}.sig"),
            refresh_token: format!("{name}-refresh"),
            token_type: "bearer".to_owned(),
        }
    }

    fn session(now: i64, exp: i64) -> Session {
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(now)));
        Session::new(Some(tokens("old", exp)), None, clock)
    }

    #[test]
    fn a_token_looks_expired_on_its_second_and_not_before() {
        assert!(session(100, 100).looks_expired(&tokens("old", 100)));
        assert!(!session(99, 100).looks_expired(&tokens("old", 100)));
    }

    #[test]
    fn an_unreadable_token_never_looks_expired() {
        for text in ["", "opaque", "a.b.c", "a.e30.c"] {
            assert_eq!(expiry(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn a_clock_that_disagrees_with_the_hub_is_not_believed_again() {
        let session = session(1_000, 500);
        let fresh = tokens("new", 900);
        session.renew(&tokens("old", 500), async |_| Ok(fresh.clone())).await.unwrap();
        assert!(!session.looks_expired(&fresh));
    }

    #[tokio::test]
    async fn a_renewal_that_somebody_else_finished_is_taken_over() {
        let session = session(0, 10);
        session.renew(&tokens("old", 10), async |_| Ok(tokens("new", 99))).await.unwrap();
        let second =
            session.renew(&tokens("old", 10), async |_| Err(Error::not_signed_in())).await.unwrap();
        assert!(second.access_token.starts_with("new"));
    }

    #[tokio::test]
    async fn a_refused_renewal_ends_the_session() {
        let session = session(0, 10);
        let refused =
            session.renew(&tokens("old", 10), async |_| Err(Error::not_signed_in())).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotSignedIn);
        assert!(session.tokens().is_none());
    }
}
