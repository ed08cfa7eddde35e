//! How a [`Space`] is made.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use syfthub_core::Secret;

use super::{Inner, Space};
use crate::builder::{address, connections};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Connections, Exchange};
use crate::retry::Retries;
use crate::transport::Sender;

/// The settings of a [`Space`] before it exists.
///
/// ```no_run
/// # fn example() -> Result<(), syfthub_client::Error> {
/// use std::time::Duration;
/// use syfthub_client::Secret;
/// use syfthub_client::space::Space;
///
/// let space = Space::builder("http://127.0.0.1:8082")
///     .key(Secret::new("the key in the state directory"))
///     .tenant("field-station")
///     .timeout(Duration::from_secs(10))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a client exists after `build`"]
pub struct SpaceBuilder {
    url: String,
    key: Option<Secret>,
    tenant: Option<String>,
    deadline: Duration,
    answer_deadline: Duration,
    connect_deadline: Duration,
    stream_idle: Duration,
    retries: u32,
    http: Option<Connections>,
}

impl SpaceBuilder {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            key: None,
            tenant: None,
            deadline: Duration::from_secs(30),
            answer_deadline: Duration::from_mins(5),
            connect_deadline: Duration::from_secs(10),
            stream_idle: Duration::from_mins(2),
            retries: 2,
            http: None,
        }
    }

    /// Sends `key` with every request: the space's admin key, or the token of a tenant's account; where the space answers
    /// callers, a satellite token for its owner.
    pub fn key(mut self, key: Secret) -> Self {
        self.key = Some(key);
        self
    }

    /// Speaks for this tenant; without it for the one that is always there.
    pub fn tenant(mut self, name: impl Into<String>) -> Self {
        self.tenant = Some(name.into());
        self
    }

    /// The most time one call may take, repetitions included; 30 s unless set.
    pub fn timeout(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The most time a call may take that waits for a model to answer or for a database to start; 5 min unless set.
    pub fn answer_timeout(mut self, deadline: Duration) -> Self {
        self.answer_deadline = deadline;
        self
    }

    /// The most time a connection may take to be made; 10 s unless set. Counts only for connections of the client's own.
    pub fn connect_timeout(mut self, deadline: Duration) -> Self {
        self.connect_deadline = deadline;
        self
    }

    /// The longest silence within a stream, keep-alives included; 2 min unless set.
    pub fn stream_idle_timeout(mut self, silence: Duration) -> Self {
        self.stream_idle = silence;
        self
    }

    /// How often what is safe to repeat is repeated; 2 unless set.
    pub fn retries(mut self, repetitions: u32) -> Self {
        self.retries = repetitions;
        self
    }

    /// Sends through `http`, which brings its own connection settings. Redirects should be off: the client reports them.
    pub fn http(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http.into());
        self
    }

    /// Sends everything through `exchange` in place of the network; see [`exchange`](crate::exchange).
    pub fn exchange(mut self, exchange: impl Exchange) -> Self {
        self.http = Some(Connections::of(exchange));
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the address is not an `http` or `https` URL, or the tenant's name is none.
    pub fn build(self) -> Result<Space, Error> {
        let url = address("space", &self.url)?;
        let tenant = self.tenant.map(|name| {
            HeaderValue::from_str(&name).map_err(|_| {
                Error::new(ErrorKind::Usage, format!("`{name}` cannot be the name of a tenant"))
            })
        });
        let http = match self.http {
            Some(http) => http,
            None => connections(self.connect_deadline)?,
        };
        let retries = Retries(self.retries);
        let inner = Inner {
            url,
            key: self.key,
            tenant: tenant.transpose()?,
            answer_deadline: self.answer_deadline,
            stream_idle: self.stream_idle,
            sender: Sender { http, deadline: self.deadline, retries, peer: "space" },
        };
        Ok(Space { inner: Arc::new(inner) })
    }
}
