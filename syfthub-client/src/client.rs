//! The handle to a hub, and how it is made.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use syfthub_core::Clock;
use syfthub_core::ids::EndpointPath;
use syfthub_core::wire::auth::Tokens;
use url::Url;

use crate::access_tokens::ApiTokens;
use crate::aggregators::Aggregators;
use crate::auth::Auth;
use crate::chat::Chat;
use crate::clock::SystemClock;
use crate::endpoints::Endpoints;
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::node;
use crate::organizations::Organizations;
use crate::reach::PublicNames;
use crate::retry::Retries;
use crate::session::{Session, TokenStore};
use crate::tokens::{SatelliteCache, Satellites};
use crate::transport::{Sender, Transport};
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

struct Inner {
    hub: Url,
    aggregator: Url,
    answer_deadline: Duration,
    stream_idle: Duration,
    transport: Transport,
    satellites: SatelliteCache,
    guarded: Guarded,
}

/// The connections to spaces whose addresses are judged.
enum Guarded {
    /// Those that the caller gave for everything.
    Given(reqwest::Client),
    /// Our own, made when they are first needed.
    Own(OnceLock<reqwest::Client>, Duration),
}

impl Client {
    /// Starts a client of the hub at `hub_url`, such as `https://hub.example.org`.
    pub fn builder(hub_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            hub: hub_url.into(),
            aggregator: None,
            deadline: Duration::from_secs(30),
            connect_deadline: Duration::from_secs(10),
            answer_deadline: Duration::from_mins(5),
            stream_idle: Duration::from_mins(2),
            retries: 2,
            tokens: None,
            store: None,
            clock: Arc::new(SystemClock),
            http: None,
        }
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
    pub(crate) fn guarded_http(&self) -> Result<reqwest::Client, Error> {
        match &self.inner.guarded {
            Guarded::Given(http) => Ok(http.clone()),
            Guarded::Own(made, connect) => {
                if let Some(http) = made.get() {
                    return Ok(http.clone());
                }
                let settings = node::http_client().connect_timeout(*connect);
                let http = settings.dns_resolver(PublicNames).build().map_err(no_connections)?;
                Ok(made.get_or_init(|| http).clone())
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

/// The settings of a [`Client`] before it exists.
///
/// ```no_run
/// # fn example() -> Result<(), syfthub_client::Error> {
/// use std::time::Duration;
/// use syfthub_client::Client;
///
/// let hub = Client::builder("https://hub.example.org")
///     .aggregator_url("https://rag.example.org/api/v1")
///     .timeout(Duration::from_secs(10))
///     .retries(4)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a client exists after `build`"]
pub struct ClientBuilder {
    hub: String,
    aggregator: Option<String>,
    deadline: Duration,
    connect_deadline: Duration,
    answer_deadline: Duration,
    stream_idle: Duration,
    retries: u32,
    tokens: Option<Tokens>,
    store: Option<Arc<dyn TokenStore>>,
    clock: Arc<dyn Clock>,
    http: Option<reqwest::Client>,
}

impl ClientBuilder {
    /// Asks another aggregator than `{hub}/aggregator/api/v1`; `/chat` and `/chat/stream` are appended.
    pub fn aggregator_url(mut self, url: impl Into<String>) -> Self {
        self.aggregator = Some(url.into());
        self
    }

    /// The most time one call may take, repetitions included; 30 s unless set. Answers of models have their own.
    pub fn timeout(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The most time a connection may take to be made; 10 s unless set.
    pub fn connect_timeout(mut self, deadline: Duration) -> Self {
        self.connect_deadline = deadline;
        self
    }

    /// The most time a complete answer of a model may take; 5 min unless set.
    pub fn answer_timeout(mut self, deadline: Duration) -> Self {
        self.answer_deadline = deadline;
        self
    }

    /// The longest silence within a stream, keep-alives included; 2 min unless set. A stream has no other deadline.
    pub fn stream_idle_timeout(mut self, silence: Duration) -> Self {
        self.stream_idle = silence;
        self
    }

    /// How often what is safe to repeat is repeated; 2 unless set.
    pub fn retries(mut self, repetitions: u32) -> Self {
        self.retries = repetitions;
        self
    }

    /// Continues a session with tokens that were saved.
    pub fn tokens(mut self, tokens: Tokens) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Keeps the session's tokens in `store` from now on. What is stored is the truth: give the tokens that are in it to
    /// [`ClientBuilder::tokens`].
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Takes the time from `clock`.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sends through `http`, which brings its own connection settings. Redirects should be off: the client reports them.
    pub fn http(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when an address is not an `http` or `https` URL.
    pub fn build(self) -> Result<Client, Error> {
        let hub = address("hub", &self.hub)?;
        let aggregator = match &self.aggregator {
            Some(url) => address("aggregator", url)?,
            None => below(&hub, &["aggregator", "api", "v1"]),
        };
        let (http, guarded) = if let Some(http) = self.http {
            (http.clone(), Guarded::Given(http))
        } else {
            let connect = self.connect_deadline;
            (connections(connect)?, Guarded::Own(OnceLock::new(), connect))
        };
        let retries = Retries(self.retries);
        let transport = Transport {
            sender: Sender { http, deadline: self.deadline, retries, peer: "hub" },
            session: Session::new(self.tokens, self.store, self.clock),
            refresh_url: below(&hub, &["api", "v1", "auth", "refresh"]),
        };
        let inner = Inner {
            hub,
            aggregator,
            answer_deadline: self.answer_deadline,
            stream_idle: self.stream_idle,
            transport,
            satellites: SatelliteCache::default(),
            guarded,
        };
        Ok(Client { inner: Arc::new(inner) })
    }
}

pub(crate) fn connections(connect_deadline: Duration) -> Result<reqwest::Client, Error> {
    reqwest::Client::builder()
        .connect_timeout(connect_deadline)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("syfthub-client/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(no_connections)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn no_connections(cause: reqwest::Error) -> Error {
    let message = format!("no connections can be made: {}", crate::transport::root_of(&cause));
    Error::new(ErrorKind::Usage, message)
}

pub(crate) fn address(what: &str, text: &str) -> Result<Url, Error> {
    let refuse = |reason: &str| {
        let message = format!(
            "the {what} address `{text}` {reason}; expected something like https://{what}.example.org"
        );
        Error::new(ErrorKind::Usage, message)
    };
    let url = Url::parse(text.trim()).map_err(|_| refuse("is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(refuse("is not an http or https URL"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has a query or a fragment"));
    }
    Ok(url)
}

/// `base` with `segments` behind its path, each percent-encoded.
pub(crate) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    url.path_segments_mut()
        .expect("http and https URLs have a path")
        .pop_if_empty()
        .extend(segments);
    url
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

    #[test]
    fn an_address_that_is_none_is_refused_by_name() {
        for text in ["", "hub", "ftp://h", "http://h?x=1", "unix:/a"] {
            let error = Client::builder(text).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage, "{text}");
            assert!(error.to_string().contains("hub address"), "{error}");
        }
    }
}
