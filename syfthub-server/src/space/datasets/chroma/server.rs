//! A Chroma server, by version 2 of its HTTP API.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use syfthub_core::Secret;
use url::Url;

use crate::outbound::Outbound;
use crate::space::ids::DatasetId;
use crate::space::kind::BadConfiguration;
use crate::space::provision::Slot;

/// How long one request may take; a batch of vectors is written within it.
const DEADLINE: Duration = Duration::from_mins(1);

/// An answer of more bytes is none.
const LARGEST: usize = 64 << 20;

/// Characters of the server's own words in a reason.
const LONGEST_REASON: usize = 200;

/// Where the server is.
pub(super) enum Address {
    /// The one that the space runs, if it can.
    Provisioned(Option<Arc<Slot>>),
    /// Somebody else's.
    Remote(Url),
}

/// Where on the server the collection is.
pub(super) struct Tenancy {
    pub(super) tenant: String,
    pub(super) database: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ChromaError {
    /// The server that the space runs does not run.
    #[error("the Chroma server of this space does not run")]
    NotRunning,
    /// The server cannot be reached, or broke off.
    #[error("the Chroma server cannot be reached")]
    Unreachable,
    /// It does not take the token.
    #[error("the Chroma server refused this space's token")]
    Denied,
    /// There is no such collection, tenant or database.
    #[error("the Chroma server does not have it: {0}")]
    Missing(String),
    /// It refused the request, or failed.
    #[error("the Chroma server answered HTTP {0}: {1}")]
    Failed(u16, String),
    /// Its answer cannot be read.
    #[error("the Chroma server answered something that cannot be read")]
    Unreadable,
}

/// A server, as one dataset sees it.
pub(super) struct Server {
    address: Address,
    tenancy: Tenancy,
    token: Secret,
    client: Client,
    name: String,
}

impl Server {
    /// The server for a dataset. The owner chose a remote one's host, so it may be private; nothing else is.
    pub(super) fn new(
        address: Address,
        tenancy: Tenancy,
        token: Secret,
        dataset: DatasetId,
    ) -> Result<Self, BadConfiguration> {
        let bad =
            |error: &dyn std::fmt::Display| BadConfiguration(format!("configuration.url: {error}"));
        let url = match &address {
            Address::Remote(url) => url.clone(),
            Address::Provisioned(_) => Url::parse("http://127.0.0.1").expect("it is a URL"),
        };
        let host = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
        let outbound = Outbound::new(host.into_iter().collect()).map_err(|error| bad(&error))?;
        let client = outbound.client_for(&url).map_err(|error| bad(&error))?.clone();
        Ok(Self { address, tenancy, token, client, name: format!("syfthub-{dataset}") })
    }

    /// The collection's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it answers.
    pub(super) async fn greet(&self) -> Result<(), ChromaError> {
        self.call(Method::GET, "api/v2/heartbeat", None).await.map(drop)
    }

    /// Vectors that one request may carry.
    pub(super) async fn batch_size(&self) -> Result<usize, ChromaError> {
        let checks = self.call(Method::GET, "api/v2/pre-flight-checks", None).await?;
        let most = checks["max_batch_size"].as_u64().and_then(|most| usize::try_from(most).ok());
        most.filter(|most| *most > 0).ok_or(ChromaError::Unreadable)
    }

    /// Calls something below the collections of the database.
    pub(super) async fn collections(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, ChromaError> {
        let Tenancy { tenant, database } = &self.tenancy;
        let mut below = Url::parse("http://x/api/v2").expect("it is a URL");
        let segments = ["tenants", tenant, "databases", database, "collections"];
        below
            .path_segments_mut()
            .expect("it has a path")
            .extend(segments)
            .extend(path.split('/').filter(|part| !part.is_empty()));
        self.call(method, below.path().trim_start_matches('/'), body).await
    }

    /// Removes the collection, if there is one.
    pub(super) async fn remove(&self) -> Result<(), ChromaError> {
        match self.collections(Method::DELETE, &self.name, None).await {
            Ok(_) | Err(ChromaError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn base(&self) -> Result<String, ChromaError> {
        let base = match &self.address {
            Address::Remote(url) => Some(url.to_string()),
            Address::Provisioned(slot) => slot.as_ref().and_then(|slot| slot.url()),
        };
        base.ok_or(ChromaError::NotRunning)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, ChromaError> {
        let url = format!("{}/{path}", self.base()?.trim_end_matches('/'));
        let mut request = self.client.request(method, url).timeout(DEADLINE);
        if !self.token.expose().is_empty() {
            // Which of both headers counts is a setting of the server.
            request = request.bearer_auth(self.token.expose());
            request = request.header("x-chroma-token", self.token.expose());
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.map_err(|_| ChromaError::Unreachable)?;
        let status = response.status();
        let mut answer = Vec::new();
        let mut parts = response.bytes_stream();
        while let Some(part) = parts.next().await {
            answer.extend_from_slice(&part.map_err(|_| ChromaError::Unreachable)?);
            if answer.len() > LARGEST {
                return Err(ChromaError::Unreadable);
            }
        }
        let answer = serde_json::from_slice(&answer);
        if status.is_success() {
            return answer.map_err(|_| ChromaError::Unreadable);
        }
        Err(refusal(status, &answer.unwrap_or_else(|_| json!({}))))
    }
}

fn refusal(status: StatusCode, answer: &Value) -> ChromaError {
    let said = answer["message"].as_str().or(answer["error"].as_str()).unwrap_or_default();
    let said: String = said.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ChromaError::Denied,
        StatusCode::NOT_FOUND => ChromaError::Missing(said),
        status => ChromaError::Failed(status.as_u16(), said),
    }
}
