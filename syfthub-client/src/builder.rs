//! How a [`Client`] is made, and its addresses.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use syfthub_core::wire::auth::Tokens;
use syfthub_core::{Clock, Secret};
use url::Url;

use crate::client::{Client, Guarded, Inner};
use crate::clock::SystemClock;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Connections, Exchange};
use crate::retry::Retries;
use crate::session::{Session, TokenStore};
use crate::transport::{Sender, Transport};

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
    api_token: Option<Secret>,
    store: Option<Arc<dyn TokenStore>>,
    credentials: Option<Credentials>,
    clock: Arc<dyn Clock>,
    http: Option<Connections>,
}

impl ClientBuilder {
    pub(crate) fn new(hub_url: String) -> Self {
        Self {
            hub: hub_url,
            aggregator: None,
            deadline: Duration::from_secs(30),
            connect_deadline: Duration::from_secs(10),
            answer_deadline: Duration::from_mins(5),
            stream_idle: Duration::from_mins(2),
            retries: 2,
            tokens: None,
            api_token: None,
            store: None,
            credentials: None,
            clock: Arc::new(SystemClock),
            http: None,
        }
    }

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

    /// Acts as the user who made this personal access token, wherever nobody has signed in. It is never renewed, and
    /// [`Auth::logout`](crate::auth::Auth::logout) leaves it as it is.
    ///
    /// ```no_run
    /// # fn example() -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::Client;
    ///
    /// let hub = Client::builder("https://hub.example.org").api_token("syft_pat_…").build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn api_token(mut self, token: impl Into<Secret>) -> Self {
        self.api_token = Some(token.into());
        self
    }

    /// Keeps the session's tokens in `store` from now on. What is stored is the truth: give the tokens that are in it to
    /// [`ClientBuilder::tokens`].
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Goes on with the session that is saved in `credentials`, and keeps it there from now on. Tokens that are given are
    /// saved in place of those. [`ClientBuilder::build`] reads the file or asks the keyring, which blocks.
    ///
    /// ```no_run
    /// # fn example() -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::{Client, Credentials};
    ///
    /// let saved = Credentials::in_folder("/var/lib/nightly/syfthub");
    /// let hub = Client::builder("https://hub.example.org").credentials(saved).build()?;
    /// if !hub.is_signed_in() {
    ///     println!("sign in once, and the next run goes on with that");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Takes the time from `clock`.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sends through `http`, which brings its own connection settings. Redirects should be off: the client reports them.
    pub fn http(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http.into());
        self
    }

    /// Sends everything through `exchange` in place of the network, to spaces too; see [`exchange`](crate::exchange).
    pub fn exchange(mut self, exchange: impl Exchange) -> Self {
        self.http = Some(Connections::of(exchange));
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when an address is not an `http` or `https` URL, and [`ErrorKind::Storage`] when the saved session
    /// cannot be read.
    pub fn build(mut self) -> Result<Client, Error> {
        let hub = address("hub", &self.hub)?;
        if let Some(credentials) = self.credentials.take() {
            match &self.tokens {
                Some(given) => drop(credentials.save(&hub, given)?),
                None => self.tokens = credentials.tokens(&hub)?,
            }
            self.store = Some(credentials.store(&hub));
        }
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
            session: Arc::new(Session::new(self.tokens, self.store, self.clock)),
            api_token: self.api_token,
            refresh_url: below(&hub, &["api", "v1", "auth", "refresh"]),
            idempotency_key: None,
        };
        let inner = Inner {
            hub,
            aggregator,
            answer_deadline: self.answer_deadline,
            stream_idle: self.stream_idle,
            transport,
            satellites: Arc::default(),
            guarded: Arc::new(guarded),
        };
        Ok(Client::of(inner))
    }
}

pub(crate) fn connections(connect_deadline: Duration) -> Result<Connections, Error> {
    reqwest::Client::builder()
        .connect_timeout(connect_deadline)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("syfthub-client/", env!("CARGO_PKG_VERSION")))
        .build()
        .map(Connections::from)
        .map_err(no_connections)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
pub(crate) fn no_connections(cause: reqwest::Error) -> Error {
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
    fn an_address_that_is_none_is_refused_by_name() {
        for text in ["", "hub", "ftp://h", "http://h?x=1", "unix:/a"] {
            let error = Client::builder(text).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage, "{text}");
            assert!(error.to_string().contains("hub address"), "{error}");
        }
    }
}
