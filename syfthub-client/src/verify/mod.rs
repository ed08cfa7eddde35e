//! Satellite tokens, judged without asking the hub (contract hub 4.3): for whoever writes a service of their own.
//!
//! A hub signs the token that a caller brings with a key that it publishes. A [`Verifier`] fetches the published keys when
//! it needs them, keeps them as long as the hub says, and judges tokens in this process; it goes on while the hub is away.

mod keys;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use syfthub_core::token::jwks::JwkSet;
use syfthub_core::token::satellite::{self, KeySet, SatelliteClaims, VerifyError};
use syfthub_core::{Clock, Timestamp};

use self::keys::{Keys, Patience};
use crate::builder::{address, below, connections};
use crate::clock::SystemClock;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Connections, Exchange};

/// Judges the tokens that callers bring to a service. Clones are cheap and share the keys.
///
/// ```no_run
/// # async fn example(header: &str) -> Result<(), syfthub_client::Error> {
/// use syfthub_client::{ErrorKind, Verifier};
///
/// // Once: the service belongs to ada, so its callers get tokens for her.
/// let verifier = Verifier::builder("https://hub.example.org", "ada").build()?;
///
/// // For every request: the token behind `Authorization: Bearer`.
/// let token = header.strip_prefix("Bearer ").unwrap_or_default();
/// match verifier.verify(token).await {
///     Ok(claims) => println!("user {} calls", claims.sub),
///     Err(refused) if refused.kind() == ErrorKind::NotSignedIn => println!("401: {refused}"),
///     Err(away) => println!("503: {away}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Verifier {
    shared: Arc<Shared>,
}

struct Shared {
    source: Source,
    audience: String,
    issuer: String,
    clock: Arc<dyn Clock>,
}

/// Where the keys come from.
enum Source {
    Given(Arc<KeySet>),
    Hub(Box<Keys>),
}

impl Verifier {
    /// Starts a verifier of tokens that the hub at `hub_url` makes for the services of `audience`: the username of their
    /// owner, or the slug of an organization.
    ///
    /// ```
    /// # fn example() -> Result<(), syfthub_client::Error> {
    /// use std::time::Duration;
    /// use syfthub_client::Verifier;
    ///
    /// let verifier = Verifier::builder("http://127.0.0.1:8080", "ada")
    ///     .issuer("https://hub.example.org")
    ///     .timeout(Duration::from_secs(3))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// # example().unwrap();
    /// ```
    pub fn builder(hub_url: impl Into<String>, audience: impl Into<String>) -> VerifierBuilder {
        VerifierBuilder {
            hub: hub_url.into(),
            audience: audience.into(),
            issuer: None,
            keys: None,
            patience: Patience::default(),
            clock: Arc::new(SystemClock),
            http: None,
        }
    }

    /// Judges `token` now.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`] when it does not count, with the reason in [`Error::code`]: `token_expired`,
    /// `audience_mismatch`, `invalid_signature` and the like (contract hub 4.4).
    /// [`ErrorKind::Unreachable`] when the hub's keys were never fetched, and cannot be now.
    ///
    /// ```no_run
    /// # async fn example(verifier: syfthub_client::Verifier) -> Result<(), syfthub_client::Error> {
    /// let claims = verifier.verify("eyJ…").await?;
    /// if claims.is_guest() {
    ///     println!("somebody who has not signed in");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn verify(&self, token: &str) -> Result<SatelliteClaims, Error> {
        self.verify_at(token, self.shared.clock.now()).await
    }

    /// Judges `token` as if it were `now`.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    ///
    /// ```no_run
    /// # async fn example(verifier: syfthub_client::Verifier) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::Timestamp;
    ///
    /// let then = Timestamp::from_secs(1_767_225_600);
    /// let claims = verifier.verify_at("eyJ…", then).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn verify_at(&self, token: &str, now: Timestamp) -> Result<SatelliteClaims, Error> {
        let Shared { source, audience, issuer, .. } = &*self.shared;
        let keys = match source {
            Source::Given(keys) => Arc::clone(keys),
            Source::Hub(keys) => {
                let kid = satellite::kid(token).map_err(|why| refused(&why))?;
                keys.that_know(&kid).await?
            }
        };
        satellite::verify(token, &keys, audience, issuer, now).map_err(|why| refused(&why))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { audience, issuer, .. } = &*self.shared;
        write!(f, "Verifier(tokens of {issuer} for {audience})")
    }
}

fn refused(why: &VerifyError) -> Error {
    Error::new(ErrorKind::NotSignedIn, why.to_string()).coded(Some(why.code().to_owned()))
}

/// The settings of a [`Verifier`] before it exists.
#[must_use = "a verifier exists after `build`"]
pub struct VerifierBuilder {
    hub: String,
    audience: String,
    issuer: Option<String>,
    keys: Option<KeySet>,
    patience: Patience,
    clock: Arc<dyn Clock>,
    http: Option<Connections>,
}

impl VerifierBuilder {
    /// What the hub calls itself in its tokens, where that is not the address it is reached at from here.
    pub fn issuer(mut self, name: impl Into<String>) -> Self {
        self.issuer = Some(name.into());
        self
    }

    /// Counts these keys and no others; the hub is never asked.
    ///
    /// ```no_run
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::Verifier;
    ///
    /// let published = serde_json::from_str(&std::fs::read_to_string("jwks.json")?)?;
    /// let verifier = Verifier::builder("https://hub.example.org", "ada").keys(&published).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn keys(mut self, published: &JwkSet) -> Self {
        self.keys = Some(KeySet::new(published));
        self
    }

    /// The most time that fetching the keys may take; 10 s unless set.
    pub fn timeout(mut self, deadline: Duration) -> Self {
        self.patience.deadline = deadline;
        self
    }

    /// How long after it was asked out of turn the hub is left alone; 5 s unless set. What makes us ask out of turn is the
    /// name of a key that is not known, which anybody can make up, and a hub that is away.
    pub fn pause(mut self, span: Duration) -> Self {
        self.patience.pause = span;
        self
    }

    /// For how long keys are kept at least and at most, whatever the hub says; 1 min and 24 h unless set.
    pub fn lifetime(mut self, at_least: Duration, at_most: Duration) -> Self {
        self.patience.shortest = at_least;
        self.patience.longest = at_most.max(at_least);
        self
    }

    /// Takes the time from `clock`.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Fetches through `http`, which brings its own connection settings. Redirects should be off.
    pub fn http(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http.into());
        self
    }

    /// Fetches through `exchange` in place of the network; see [`exchange`](crate::exchange).
    pub fn exchange(mut self, exchange: impl Exchange) -> Self {
        self.http = Some(Connections::of(exchange));
        self
    }

    /// The verifier. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the address is not an `http` or `https` URL.
    pub fn build(self) -> Result<Verifier, Error> {
        let hub = address("hub", &self.hub)?;
        let source = if let Some(keys) = self.keys {
            Source::Given(Arc::new(keys))
        } else {
            let http = match self.http {
                Some(http) => http,
                None => connections(self.patience.deadline)?,
            };
            let url = below(&hub, &[".well-known", "jwks.json"]);
            Source::Hub(Box::new(Keys::at(url, http, self.patience)))
        };
        let issuer = self.issuer.unwrap_or_else(|| hub.as_str().trim_end_matches('/').to_owned());
        let shared = Shared { source, audience: self.audience, issuer, clock: self.clock };
        Ok(Verifier { shared: Arc::new(shared) })
    }
}

#[cfg(test)]
mod tests;
