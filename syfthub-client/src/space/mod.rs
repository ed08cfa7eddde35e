//! A space: the admin API of a node (contract space 1), which listens on the node's own machine, and what it answers callers
//! elsewhere.
//!
//! A node listens twice, and a [`Space`] is a client of one of the two. With the admin key and the address of the admin API
//! it does everything here. At the address for callers it asks endpoints with a satellite token
//! ([`Endpoints::query`], [`Endpoints::stream`]) and learns what anybody may know: [`Space::health`], [`Space::ready`] and
//! the health of a part ([`Parts::health`]).
//!
//! In reading order:
//! - [`Space`]: the handle, from [`Space::builder`];
//! - [`parts`]: datasets and models; [`endpoints`]: what stands in front of them; [`policies`]: who may ask, and what
//!   was decided;
//! - [`ingestion`]: files on their way into an index; [`provisioners`]: the databases that a space runs itself; [`browse`]:
//!   the folders of its machine;
//! - [`marketplaces`]: the hubs it is connected to; [`settings`]; [`tenants`] and their accounts; [`changes`]: who did what.
//!
//! The types here are what a space answers with. Fields that are not known are ignored, and those that another version
//! leaves out are empty.

pub mod browse;
mod builder;
pub mod changes;
pub mod decisions;
pub mod endpoints;
pub mod ingestion;
pub mod marketplaces;
pub mod parts;
pub mod policies;
pub mod provisioners;
pub mod settings;
pub mod tenants;
mod types;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use http::{HeaderName, HeaderValue};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use syfthub_core::Secret;
use url::Url;

use crate::builder::below;
use crate::error::{Error, ErrorKind};
use crate::idle;
use crate::sse::{self, SseEvent};
use crate::transport::{Call, Caller, Opened, Reading, Sender, Whole, root_of};

use self::endpoints::Endpoints;
use self::ingestion::Ingestion;
use self::marketplaces::Marketplaces;
use self::parts::Parts;
use self::policies::Policies;
use self::provisioners::Provisioners;
use self::settings::Settings;
use self::tenants::{Accounts, Tenants};

pub use self::builder::SpaceBuilder;
pub use self::changes::Change;
pub use self::types::TypeInfo;

/// The header that names a tenant (contract space 1.0).
const TENANT: HeaderName = HeaderName::from_static("x-tenant-name");

/// A space, asked with a key. Clones are cheap and share the connections.
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
    answer_deadline: Duration,
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

/// What listens at an address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Index {
    /// A sentence for people.
    pub message: String,
    /// The program's version.
    pub version: String,
    /// The path of a page that describes what can be asked here, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
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
    /// Starts a client of the space at `url`: of its admin API, such as `http://127.0.0.1:8082`, or of the address where it
    /// answers callers.
    pub fn builder(url: impl Into<String>) -> SpaceBuilder {
        SpaceBuilder::new(url.into())
    }

    /// Where it is asked.
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

    /// What listens at this address, for people. Needs no key.
    ///
    /// # Errors
    /// When nobody answers, or not a space.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.index().await?.message);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn index(&self) -> Result<Index, Error> {
        self.json(Call::get(self.inner.url.clone(), Caller::Anybody)).await
    }

    /// Whether the process answers, at the address where it answers callers. Needs no key.
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
        let url = below(&self.inner.url, &["health"]);
        self.json(Call::get(url, Caller::Anybody)).await
    }

    /// Whether it can do its work, at the address where it answers callers: its database answers too. Needs no key.
    ///
    /// # Errors
    /// [`ErrorKind::Server`] when it cannot.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{} {}", space.ready().await?.status, space.url());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ready(&self) -> Result<Health, Error> {
        let url = below(&self.inner.url, &["readyz"]);
        self.json(Call::get(url, Caller::Anybody)).await
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

    /// A call that may have to wait for a model or a database.
    fn patient(&self, call: Call) -> Call {
        call.deadline(self.inner.answer_deadline)
    }

    async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let (call, (body, correlation_id)) = self.send::<Whole>(call).await?;
        self.inner.sender.decode(&call.url, &body, correlation_id)
    }

    /// An answer that is text and not JSON.
    async fn text(&self, call: Call) -> Result<String, Error> {
        let (call, (body, correlation_id)) = self.send::<Whole>(call).await?;
        String::from_utf8(body.into()).map_err(|_| {
            let message = format!("the answer of {} is not text", call.url);
            Error::new(ErrorKind::Protocol, message).correlated(correlation_id)
        })
    }

    /// The events of an answer, until it ends or is silent for too long, which is an error; and its correlation id.
    async fn events(
        &self,
        call: Call,
    ) -> Result<(impl Stream<Item = Result<SseEvent, Error>> + Send + use<>, String), Error> {
        let sent = self.send::<Opened>(call.accept("text/event-stream")).await?;
        let (_, (response, correlation_id)) = sent;
        let bytes = idle::with_limit(response.bytes_stream(), self.inner.stream_idle);
        let events = sse::events(bytes, sse::MAX_EVENT).map(|event| {
            event.map_err(|cause| {
                let message = format!("the space broke off: {}", root_of(&cause));
                Error::new(ErrorKind::Interrupted, message)
            })
        });
        Ok((events, correlation_id))
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
