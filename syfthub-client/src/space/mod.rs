//! A space as its owner sees it: the admin API of a node (contract space 1), which listens on the node's own machine.
//!
//! In reading order:
//! - [`Space`]: the handle, from [`Space::builder`];
//! - [`parts`]: datasets and models; [`endpoints`]: what stands in front of them; [`policies`]: who may ask, and what
//!   was decided;
//! - [`ingestion`]: files on their way into an index; [`provisioners`]: the databases that a space runs itself;
//! - [`marketplaces`]: the hubs it is connected to; [`settings`]; [`tenants`] and their accounts.
//!
//! The types here are what a space answers with. Fields that are not known are ignored, and those that another version
//! leaves out are empty.

pub mod endpoints;
pub mod ingestion;
pub mod marketplaces;
pub mod parts;
pub mod policies;
pub mod provisioners;
pub mod settings;
pub mod tenants;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use syfthub_core::{Secret, Timestamp};
use url::Url;

use crate::builder::{address, below, connections};
use crate::error::{Error, ErrorKind};
use crate::retry::Retries;
use crate::transport::{Call, Caller, Incoming, Opened, Reading, Sender, Whole};

use self::endpoints::Endpoints;
use self::ingestion::Ingestion;
use self::marketplaces::Marketplaces;
use self::parts::{Folder, Parts};
use self::policies::Policies;
use self::provisioners::Provisioners;
use self::settings::Settings;
use self::tenants::{Accounts, Tenants};

/// The header that names a tenant (contract space 1.0).
const TENANT: HeaderName = HeaderName::from_static("x-tenant-name");

/// A space, administered with a key. Clones are cheap and share the connections.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use syfthub_client::Secret;
/// use syfthub_client::space::Space;
///
/// let key = std::fs::read_to_string("space-state/admin.key")?;
/// let space = Space::builder("http://127.0.0.1:8082").key(Secret::new(key.trim())).build()?;
/// for dataset in space.datasets().list().await? {
///     println!("{} ({})", dataset.name, dataset.dtype);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Space {
    inner: Arc<Inner>,
}

struct Inner {
    url: Url,
    key: Option<Secret>,
    tenant: Option<HeaderValue>,
    stream_idle: Duration,
    sender: Sender,
}

/// Whether a space is up (contract space 1.6).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Health {
    /// `healthy`, or what is wrong.
    pub status: String,
    /// The program's version.
    pub version: String,
}

/// Something that was changed in a space, and by whom.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Change {
    /// Its place in the trace; later ones have greater numbers.
    pub id: i64,
    /// When.
    pub at: Option<Timestamp>,
    /// Who did it: `account:ID`, `admin-key` or `program`.
    pub actor: String,
    /// What was done, such as `endpoint.create`.
    pub action: String,
    /// What it was done to, as `kind:id`.
    pub subject: String,
    /// What else matters.
    pub detail: serde_json::Value,
    /// The request that caused it.
    pub correlation_id: String,
}

/// What a space says of a thing that was removed or a process that was told something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Notice {
    /// A sentence for people.
    pub message: String,
    /// What became of it, where there is more than one outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

impl Space {
    /// Starts a client of the admin API at `url`, such as `http://127.0.0.1:8082`.
    pub fn builder(url: impl Into<String>) -> SpaceBuilder {
        SpaceBuilder {
            url: url.into(),
            key: None,
            tenant: None,
            deadline: Duration::from_secs(30),
            stream_idle: Duration::from_mins(2),
            retries: 2,
            http: None,
        }
    }

    /// Where the admin API is.
    pub fn url(&self) -> &Url {
        &self.inner.url
    }

    /// Documents that can be searched.
    pub fn datasets(&self) -> Parts<'_> {
        Parts { space: self, route: "datasets" }
    }

    /// Models that answer.
    pub fn models(&self) -> Parts<'_> {
        Parts { space: self, route: "models" }
    }

    /// What callers ask.
    pub fn endpoints(&self) -> Endpoints<'_> {
        Endpoints { space: self }
    }

    /// Who may ask, how often, and at what price.
    pub fn policies(&self) -> Policies<'_> {
        Policies { space: self }
    }

    /// Files on their way into an index.
    pub fn ingestion(&self) -> Ingestion<'_> {
        Ingestion { space: self }
    }

    /// The databases that the space runs itself.
    pub fn provisioners(&self) -> Provisioners<'_> {
        Provisioners { space: self }
    }

    /// The hubs it is connected to.
    pub fn marketplaces(&self) -> Marketplaces<'_> {
        Marketplaces { space: self }
    }

    /// What is set while the space runs.
    pub fn settings(&self) -> Settings<'_> {
        Settings { space: self }
    }

    /// Who shares this space.
    pub fn tenants(&self) -> Tenants<'_> {
        Tenants { space: self }
    }

    /// The tenants' accounts.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts { space: self }
    }

    /// Whether it is up. Needs no key.
    ///
    /// # Errors
    /// When nobody answers, or not a space.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.health().await?.status);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn health(&self) -> Result<Health, Error> {
        let url = self.api(&["health"]);
        self.json(Call::get(url, Caller::Anybody)).await
    }

    /// What is in a folder of the space's machine; `~` is where its user is at home.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the folder is elsewhere or none, [`ErrorKind::NotFound`] when it does not exist.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for item in space.browse("~").await?.items {
    ///     println!("{}", item.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn browse(&self, path: &str) -> Result<Folder, Error> {
        self.json(self.get(&["datasets", "browse"]).query("path", path)).await
    }

    /// What was changed in the space, newest first, at most `limit`; only before the change `before` when it is named.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for change in space.changes(None, 20).await? {
    ///     println!("{} {}", change.action, change.subject);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn changes(&self, before: Option<i64>, limit: u32) -> Result<Vec<Change>, Error> {
        let call = self.get(&["audit"]).query("limit", &limit.to_string());
        let call = match before {
            Some(before) => call.query("before", &before.to_string()),
            None => call,
        };
        self.json(call).await
    }

    /// `{url}/api/v1/{segments}`.
    fn api(&self, segments: &[&str]) -> Url {
        below(&below(&self.inner.url, &["api", "v1"]), segments)
    }

    fn get(&self, segments: &[&str]) -> Call {
        Call::get(self.api(segments), Caller::User)
    }

    fn post(&self, segments: &[&str]) -> Call {
        Call::post(self.api(segments), Caller::User)
    }

    fn patch(&self, segments: &[&str]) -> Call {
        Call::new(Method::PATCH, self.api(segments), Caller::User)
    }

    fn delete(&self, segments: &[&str]) -> Call {
        Call::new(Method::DELETE, self.api(segments), Caller::User)
    }

    async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let (call, (body, correlation_id)) = self.send::<Whole>(call).await?;
        self.inner.sender.decode(&call.url, &body, correlation_id)
    }

    async fn open(&self, call: Call) -> Result<Incoming, Error> {
        let (_, (response, correlation_id)) = self.send::<Opened>(call).await?;
        Ok(Incoming { response, correlation_id })
    }

    async fn send<R: Reading>(&self, call: Call) -> Result<(Call, (R::Output, String)), Error> {
        let inner = &*self.inner;
        let call = match &inner.tenant {
            Some(tenant) => call.header(TENANT, tenant.clone()),
            None => call,
        };
        let key = match (call.caller, &inner.key) {
            (Caller::User, None) => return Err(Error::not_signed_in().with_message(NO_KEY)),
            (Caller::Anybody, _) => None,
            (_, key) => key.as_ref().map(Secret::expose),
        };
        let answer = inner.sender.send::<R>(&call, key).await?;
        Ok((call, answer))
    }
}

const NO_KEY: &str = "the admin key of the space is needed";

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space").field("url", &self.inner.url.as_str()).finish_non_exhaustive()
    }
}

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
    stream_idle: Duration,
    retries: u32,
    http: Option<reqwest::Client>,
}

impl SpaceBuilder {
    /// Sends `key` with every request: the space's admin key, or the token of a tenant's account.
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
        self.http = Some(http);
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
            None => connections(Duration::from_secs(10))?,
        };
        let retries = Retries(self.retries);
        let inner = Inner {
            url,
            key: self.key,
            tenant: tenant.transpose()?,
            stream_idle: self.stream_idle,
            sender: Sender { http, deadline: self.deadline, retries, peer: "space" },
        };
        Ok(Space { inner: Arc::new(inner) })
    }
}
