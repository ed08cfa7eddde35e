//! The handle to a hub.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use syfthub_core::ids::EndpointPath;
use url::Url;

use crate::access_tokens::ApiTokens;
use crate::admin::Admin;
use crate::agent::Agent;
use crate::aggregators::Aggregators;
use crate::auth::Auth;
use crate::builder::{ClientBuilder, address, below, no_connections};
use crate::chat::Chat;
use crate::endpoints::Endpoints;
use crate::error::Error;
use crate::exchange::Connections;
use crate::ledger::Ledger;
use crate::node;
use crate::organizations::Organizations;
use crate::payment::idempotency_key;
use crate::reach::PublicNames;
use crate::reports::Reports;
use crate::tokens::{SatelliteCache, Satellites};
use crate::transport::Transport;
use crate::users::Users;

/// A hub, seen by one user. Clones are cheap and share the session and the connections.
///
/// ```no_run
/// # async fn example() -> Result<(), syfthub_client::Error> {
/// use syfthub_client::Client;
///
/// let hub = Client::builder("http://127.0.0.1:8080").build()?;
/// hub.auth().login("ada", "correct horse 1").await?;
/// println!("signed in as {}", hub.auth().me().await?.username);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

/// What a client consists of; cheap to clone.
#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) hub: Url,
    pub(crate) aggregator: Url,
    pub(crate) answer_deadline: Duration,
    pub(crate) stream_idle: Duration,
    pub(crate) transport: Transport,
    pub(crate) satellites: Arc<SatelliteCache>,
    pub(crate) guarded: Arc<Guarded>,
}

/// The connections to spaces whose addresses are judged.
pub(crate) enum Guarded {
    /// Those that the caller gave for everything.
    Given(Connections),
    /// Our own, made when they are first needed.
    Own(OnceLock<Connections>, Duration),
}

impl Client {
    /// Starts a client of the hub at `hub_url`, such as `https://hub.example.org`.
    pub fn builder(hub_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(hub_url.into())
    }

    pub(crate) fn of(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The same client, with something else in one of its settings.
    fn with(&self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Inner::clone(&self.inner);
        change(&mut inner);
        Self::of(inner)
    }

    /// The same client, session and connections, for calls that may take `deadline` each, repetitions included. Answers
    /// of models have their own: see [`Chat::deadline`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use std::time::Duration;
    ///
    /// let me = hub.with_timeout(Duration::from_secs(2)).auth().me().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the client itself does not change"]
    pub fn with_timeout(&self, deadline: Duration) -> Self {
        self.with(|inner| inner.transport.sender.deadline = deadline)
    }

    /// The same client, session and connections, for one thing that is to happen once, however often it is sent: `key`, 1
    /// to 255 visible ASCII characters, goes with every call that changes something. A ledger honours it: payments and
    /// what becomes of them, deposits, and charges; other routes pay no heed to it.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) when the key cannot be sent.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let order = hub.with_idempotency_key("order-4711")?;
    /// let paid = order.ledger().confirm("0190a9c4-0000-7000-8000-000000000000").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_idempotency_key(&self, key: &str) -> Result<Self, Error> {
        let key = idempotency_key(key)?;
        Ok(self.with(|inner| inner.transport.idempotency_key = Some(key)))
    }

    /// The same client and connections, with questions answered by the aggregator at `url`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) when that is not an `http` or `https` URL.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let nearby = hub.with_aggregator("http://127.0.0.1:9000/api/v1")?;
    /// let answer = nearby.chat("ada/extractive".parse()?, "What grows near the river?").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_aggregator(&self, url: &str) -> Result<Self, Error> {
        let aggregator = address("aggregator", url)?;
        Ok(self.with(|inner| inner.aggregator = aggregator))
    }

    /// The same connections, used by nobody in particular: what is asked is asked as a guest, and nothing is paid.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let guest = hub.as_guest();
    /// let answer = guest.chat("ada/extractive".parse()?, "What grows near the river?").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the client itself does not change"]
    pub fn as_guest(&self) -> Self {
        self.with(|inner| {
            inner.transport.session = Arc::new(inner.transport.session.of_nobody());
            inner.transport.api_token = None;
            // Whoever signs in on it is somebody else, whose tokens are not ours.
            inner.satellites = Arc::default();
        })
    }

    /// Whether calls are made in somebody's name: a session goes on, or there is a personal access token.
    ///
    /// ```no_run
    /// # fn example(hub: syfthub_client::Client) {
    /// if !hub.is_signed_in() {
    ///     println!("sign in first");
    /// }
    /// # }
    /// ```
    pub fn is_signed_in(&self) -> bool {
        let transport = self.transport();
        transport.api_token.is_some() || transport.session.tokens().is_some()
    }

    /// Signing up, in and out, and the caller's own account.
    pub fn auth(&self) -> Auth<'_> {
        Auth { client: self }
    }

    /// Profiles.
    pub fn users(&self) -> Users<'_> {
        Users { client: self }
    }

    /// Personal access tokens.
    pub fn api_tokens(&self) -> ApiTokens<'_> {
        ApiTokens { client: self }
    }

    /// The aggregators the user keeps.
    pub fn aggregators(&self) -> Aggregators<'_> {
        Aggregators { client: self }
    }

    /// Publishing, finding and changing endpoints.
    pub fn endpoints(&self) -> Endpoints<'_> {
        Endpoints { client: self }
    }

    /// Organizations and their members.
    pub fn organizations(&self) -> Organizations<'_> {
        Organizations { client: self }
    }

    /// Satellite tokens and the keys that verify them.
    pub fn tokens(&self) -> Satellites<'_> {
        Satellites { client: self }
    }

    /// The whole hub, for its administrators.
    pub fn admin(&self) -> Admin<'_> {
        Admin { client: self }
    }

    /// Telling the hub what went wrong.
    pub fn reports(&self) -> Reports<'_> {
        Reports { client: self }
    }

    /// Balance, payments, and who may charge.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger { client: self }
    }

    /// Starts a question to `model`; see [`Chat`].
    pub fn chat(&self, model: EndpointPath, prompt: impl Into<String>) -> Chat<'_> {
        Chat::new(self, Some(model), prompt.into())
    }

    /// Starts a question that only finds documents: no model is asked, and the answer has no text; see [`Chat`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let found = hub.retrieve("What grows near the river?").source("ada/notes".parse()?).send().await?;
    /// for (title, document) in &found.sources.0 {
    ///     println!("{title} ({}): {}", document.slug, document.content);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn retrieve(&self, prompt: impl Into<String>) -> Chat<'_> {
        Chat::new(self, None, prompt.into())
    }

    /// Starts a conversation with `endpoint`, of which `prompt` is the first thing said; see [`Agent`].
    pub fn agent(&self, endpoint: EndpointPath, prompt: impl Into<String>) -> Agent<'_> {
        Agent::new(self, endpoint, prompt.into())
    }

    /// The address of the hub.
    pub fn hub_url(&self) -> &Url {
        &self.inner.hub
    }

    /// The address of the aggregator that answers [`Client::chat`].
    pub fn aggregator_url(&self) -> &Url {
        &self.inner.aggregator
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.inner.transport
    }

    pub(crate) fn satellite_cache(&self) -> &SatelliteCache {
        &self.inner.satellites
    }

    /// Connections to public addresses alone; the caller's own client brings its own rules.
    pub(crate) fn guarded_http(&self) -> Result<Connections, Error> {
        match &*self.inner.guarded {
            Guarded::Given(http) => Ok(http.clone()),
            Guarded::Own(made, connect) => {
                if let Some(http) = made.get() {
                    return Ok(http.clone());
                }
                let settings = node::http_client().connect_timeout(*connect);
                let http = settings.dns_resolver(PublicNames).build().map_err(no_connections)?;
                Ok(made.get_or_init(|| http.into()).clone())
            }
        }
    }

    pub(crate) fn answer_deadline(&self) -> Duration {
        self.inner.answer_deadline
    }

    pub(crate) fn stream_idle(&self) -> Duration {
        self.inner.stream_idle
    }

    /// `{hub}/api/v1/{segments}`.
    pub(crate) fn api(&self, segments: &[&str]) -> Url {
        below(&below(&self.inner.hub, &["api", "v1"]), segments)
    }

    /// `{hub}/{segments}`.
    pub(crate) fn root(&self, segments: &[&str]) -> Url {
        below(&self.inner.hub, segments)
    }

    /// `{aggregator}/{segments}`.
    pub(crate) fn aggregator(&self, segments: &[&str]) -> Url {
        below(&self.inner.aggregator, segments)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("hub", &self.inner.hub.as_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_appended_to_the_path_of_the_hub() {
        for (base, expected) in [
            ("http://h:1", "http://h:1/api/v1/users/me"),
            ("http://h:1/", "http://h:1/api/v1/users/me"),
            ("https://h/hub/", "https://h/hub/api/v1/users/me"),
        ] {
            let client = Client::builder(base).build().unwrap();
            assert_eq!(client.api(&["users", "me"]).as_str(), expected);
        }
    }

    #[test]
    fn a_segment_cannot_leave_its_place() {
        let client = Client::builder("http://h").build().unwrap();
        assert_eq!(client.api(&["a/b?c#d e"]).as_str(), "http://h/api/v1/a%2Fb%3Fc%23d%20e");
    }

    #[test]
    fn the_aggregator_is_part_of_the_hub_unless_named() {
        let client = Client::builder("http://h").build().unwrap();
        assert_eq!(client.aggregator(&["chat"]).as_str(), "http://h/aggregator/api/v1/chat");
        let other = Client::builder("http://h").aggregator_url("https://a/x").build().unwrap();
        assert_eq!(other.aggregator(&["chat"]).as_str(), "https://a/x/chat");
    }
}
