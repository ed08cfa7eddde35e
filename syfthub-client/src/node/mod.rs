//! A space's endpoint over HTTP: one question, one answer (contract aggregator 2).
//!
//! A [`Node`] implements both ports of [`syfthub_core::rag`], so an endpoint can serve as a data source or as the model
//! of an answer. It owns no client: whoever makes nodes decides which addresses may be reached and how many connections
//! are kept, and shares one [`reqwest::Client`] among all of them. [`http_client`] is the starting point for one.
//!
//! Deadlines are the caller's: dropping a call or a stream of a node closes its connection.

mod allowance;
mod bounded;
mod delta;
mod failure;
mod read;
mod reply;
mod stream;
#[cfg(test)]
mod tests;

use std::time::Duration;

use futures_util::stream::{StreamExt, iter};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName};
use http::{HeaderValue, Method};
use serde::Serialize;
use syfthub_core::Secret;
use syfthub_core::rag::{
    Chunk, DataSource, Found, GenerateError, GenerationStream, Generator, Prompt, Retrieval,
    SourceError,
};
use syfthub_core::wire::space::Message;
use url::Url;

use crate::exchange::Connections;
pub use allowance::{Allowance, Share};

use failure::Failure;
pub use failure::{error_detail, one_line};
use read::Body;

/// The most bytes of one answer, unless [`Node::with_response_cap`] says otherwise: 8 MiB.
pub const RESPONSE_CAP: usize = 8 * 1024 * 1024;

const TENANT: HeaderName = HeaderName::from_static("x-tenant-name");
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Settings of a client that talks to spaces: no redirects, bounded connects, pooled connections.
///
/// The caller may add to them, such as its own resolver, before it builds the one client of its process.
pub fn http_client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(90))
        .user_agent(concat!("syfthub/", env!("CARGO_PKG_VERSION")))
}

/// Why a node cannot be asked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The base address is no URL.
    #[error("the endpoint's address is not a URL")]
    Url,
    /// The base address is neither `http` nor `https`.
    #[error("the endpoint's address must begin with http:// or https://")]
    Scheme,
    /// The base address carries a user name or password.
    #[error("the endpoint's address must not contain credentials")]
    Credentials,
    /// The slug cannot be a path segment.
    #[error("the endpoint's slug cannot be part of a URL")]
    Slug,
    /// A value cannot travel in a header.
    #[error("the {0} cannot be sent in a header")]
    Header(&'static str),
}

impl From<NodeError> for SourceError {
    fn from(error: NodeError) -> Self {
        Self::Unexpected(error.to_string())
    }
}

impl From<NodeError> for GenerateError {
    fn from(error: NodeError) -> Self {
        Self::Network(error.to_string())
    }
}

/// One endpoint of a space, and who asks it.
///
/// ```
/// use syfthub_client::node::{Node, http_client};
///
/// let client = http_client().build()?;
/// let node = Node::new(client, "https://space.example.org", "field-notes")?.with_correlation_id("7d1c")?;
/// assert_eq!(node.url().as_str(), "https://space.example.org/api/v1/endpoints/field-notes/query");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Node {
    connections: Connections,
    url: Url,
    headers: HeaderMap,
    transaction_token: Option<Secret>,
    response_cap: usize,
    share: Option<Share>,
}

impl Node {
    /// The endpoint `slug` of the space at `base`. A path in `base` is kept; a query is not.
    ///
    /// # Errors
    /// When the two do not make an address that may be asked.
    pub fn new(
        connections: impl Into<Connections>,
        base: &str,
        slug: &str,
    ) -> Result<Self, NodeError> {
        let url = query_url(base, slug)?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Self {
            connections: connections.into(),
            url,
            headers,
            transaction_token: None,
            response_cap: RESPONSE_CAP,
            share: None,
        })
    }

    /// Sends `token` as the bearer of every question.
    ///
    /// # Errors
    /// When it holds characters that no header can carry.
    pub fn with_token(mut self, token: &Secret) -> Result<Self, NodeError> {
        let bearer = format!("Bearer {}", token.expose());
        let mut value =
            HeaderValue::from_str(&bearer).map_err(|_| NodeError::Header("satellite token"))?;
        value.set_sensitive(true);
        self.headers.insert(AUTHORIZATION, value);
        Ok(self)
    }

    /// Names the space's tenant in `X-Tenant-Name`.
    ///
    /// # Errors
    /// When the name holds characters that no header can carry.
    pub fn with_tenant(mut self, tenant: &str) -> Result<Self, NodeError> {
        let value = HeaderValue::from_str(tenant).map_err(|_| NodeError::Header("tenant name"))?;
        self.headers.insert(TENANT, value);
        Ok(self)
    }

    /// Sends `id` as `X-Correlation-ID`.
    ///
    /// # Errors
    /// When it holds characters that no header can carry.
    pub fn with_correlation_id(mut self, id: &str) -> Result<Self, NodeError> {
        let value = HeaderValue::from_str(id).map_err(|_| NodeError::Header("correlation id"))?;
        self.headers.insert(CORRELATION_ID, value);
        Ok(self)
    }

    /// Says which span of a trace the questions belong to, as `traceparent` and, unless it is empty, `tracestate` (W3C Trace
    /// Context).
    ///
    /// # Errors
    /// When one holds characters that no header can carry.
    pub fn with_trace_context(mut self, parent: &str, state: &str) -> Result<Self, NodeError> {
        let value = |text: &str| {
            HeaderValue::from_str(text).map_err(|_| NodeError::Header("trace context"))
        };
        self.headers.insert(TRACEPARENT, value(parent)?);
        if !state.is_empty() {
            self.headers.insert(TRACESTATE, value(state)?);
        }
        Ok(self)
    }

    /// Sends `token` in the body of every question, for spaces that charge.
    #[must_use]
    pub fn with_transaction_token(mut self, token: Secret) -> Self {
        self.transaction_token = Some(token);
        self
    }

    /// Reads at most `bytes` of an answer; a longer one is a failure.
    #[must_use]
    pub fn with_response_cap(mut self, bytes: usize) -> Self {
        self.response_cap = bytes;
        self
    }

    /// Takes what is read of an answer from `share`; there is none when that has no room.
    #[must_use]
    pub fn with_share(mut self, share: Share) -> Self {
        self.share = Some(share);
        self
    }

    /// Where questions go.
    pub fn url(&self) -> &Url {
        &self.url
    }

    async fn ask(&self, question: &impl Serialize, accept: &'static str) -> Result<Body, Failure> {
        let mut request = reqwest::Request::new(Method::POST, self.url.clone());
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
        let question =
            serde_json::to_vec(question).expect("wire types have text keys and become JSON");
        *request.body_mut() = Some(question.into());
        let response =
            self.connections.send(request).await.map_err(|why| Failure::unanswered(&why))?;
        if response.status().is_success() {
            Ok(Body::new(response, self.response_cap, self.share.clone()))
        } else {
            Err(Failure::refused(response).await)
        }
    }

    fn transaction_token(&self) -> Option<&str> {
        self.transaction_token.as_ref().map(Secret::expose)
    }
}

fn query_url(base: &str, slug: &str) -> Result<Url, NodeError> {
    let mut url = Url::parse(base.trim()).map_err(|_| NodeError::Url)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(NodeError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NodeError::Credentials);
    }
    if slug.is_empty() || matches!(slug, "." | "..") {
        return Err(NodeError::Slug);
    }
    url.set_query(None);
    url.set_fragment(None);
    let mut path = url.path_segments_mut().map_err(|()| NodeError::Url)?;
    path.pop_if_empty().extend(["api", "v1", "endpoints", slug, "query"]);
    drop(path);
    Ok(url)
}

/// What a data source is sent (contract aggregator 2.2).
#[derive(Serialize)]
struct DocumentQuestion<'a> {
    messages: &'a str,
    limit: usize,
    similarity_threshold: f64,
    include_metadata: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_token: Option<&'a str>,
}

/// What a model is sent (contract aggregator 2.3).
#[derive(Serialize)]
struct ModelQuestion<'a> {
    messages: &'a [Message],
    max_tokens: i64,
    temperature: f64,
    stream: bool,
    stop_sequences: [&'a str; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_token: Option<&'a str>,
}

impl DataSource for Node {
    async fn retrieve(&self, question: &Retrieval) -> Result<Found, SourceError> {
        let question = DocumentQuestion {
            messages: &question.query,
            limit: question.limit,
            similarity_threshold: question.similarity_threshold,
            include_metadata: true,
            transaction_token: self.transaction_token(),
        };
        let body = self.ask(&question, "application/json").await?;
        Ok(reply::found(body.json().await?)?)
    }
}

impl Generator for Node {
    async fn generate(&self, prompt: Prompt) -> Result<GenerationStream, GenerateError> {
        let question = ModelQuestion {
            messages: &prompt.messages,
            max_tokens: prompt.max_tokens,
            temperature: prompt.temperature,
            stream: prompt.stream,
            stop_sequences: [],
            transaction_token: self.transaction_token(),
        };
        let accept = if prompt.stream { "text/event-stream" } else { "application/json" };
        let body = self.ask(&question, accept).await?;
        if body.is_event_stream() {
            return Ok(stream::chunks(body).boxed());
        }
        let chunks = if prompt.stream && body.is_plain_text() {
            let text = body.text().await?;
            // Some servers call everything plain text (contract aggregator 2.7).
            match read::json(text.as_bytes()).and_then(reply::answer) {
                Ok(chunks) => chunks,
                Err(_) => vec![Chunk::Text(text)],
            }
        } else {
            reply::answer(body.json().await?)?
        };
        Ok(iter(chunks.into_iter().map(Ok)).boxed())
    }
}
