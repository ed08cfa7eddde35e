//! A Weaviate server, by its HTTP API.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use syfthub_core::Secret;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::query::{Collection, is_property};
use crate::outbound::Outbound;
use crate::space::kind::BadConfiguration;

/// How long one request may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// How long what is known of the collection counts.
const KNOWN_FOR: Duration = Duration::from_mins(5);

/// An answer of more bytes is none.
const LARGEST: usize = 32 << 20;

/// Characters of the server's own words in a reason.
const LONGEST_REASON: usize = 300;

/// Types of properties that can be asked for by name alone.
const PLAIN: [&str; 7] = ["text", "string", "int", "number", "boolean", "date", "uuid"];

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum WeaviateError {
    /// The server cannot be reached, or broke off.
    #[error("the Weaviate server cannot be reached")]
    Unreachable,
    /// It does not take the key.
    #[error("the Weaviate server refused this space's credentials")]
    Denied,
    /// There is no such collection.
    #[error("the Weaviate server has no collection {0}")]
    Missing(String),
    /// It refused the question, or failed.
    #[error("the Weaviate server failed: {0}")]
    Failed(String),
    /// Its answer cannot be read.
    #[error("the Weaviate server answered something that cannot be read")]
    Unreadable,
}

/// One collection of a server.
pub(super) struct Server {
    base: String,
    api_key: Secret,
    headers: HeaderMap,
    name: String,
    client: Client,
    known: Mutex<Option<(Arc<Collection>, Instant)>>,
}

impl Server {
    /// The collection `name`. The owner chose the host, so it may be private; nothing else is.
    pub(super) fn new(
        url: &Url,
        api_key: Secret,
        headers: &[(String, String)],
        name: String,
    ) -> Result<Self, BadConfiguration> {
        let bad = |error: &dyn std::fmt::Display| {
            BadConfiguration(format!("configuration.http_url: {error}"))
        };
        let host = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
        let outbound = Outbound::new(host.into_iter().collect()).map_err(|error| bad(&error))?;
        let client = outbound.client_for(url).map_err(|error| bad(&error))?.clone();
        let headers = headers.iter().filter_map(|(name, value)| {
            let mut value = HeaderValue::try_from(value).ok()?;
            value.set_sensitive(true);
            Some((HeaderName::try_from(name).ok()?, value))
        });
        let base = url.as_str().trim_end_matches('/').trim_end_matches("/v1").to_owned();
        let headers = headers.collect();
        Ok(Self { base, api_key, headers, name, client, known: Mutex::default() })
    }

    /// What is known of the collection, asked now and then.
    pub(super) async fn collection(&self) -> Result<Arc<Collection>, WeaviateError> {
        let mut known = self.known.lock().await;
        if let Some((collection, since)) = &*known
            && since.elapsed() < KNOWN_FOR
        {
            return Ok(Arc::clone(collection));
        }
        let told = self.call(Method::GET, &format!("schema/{}", self.name), None).await?;
        let collection = Arc::new(described(&self.name, &told)?);
        *known = Some((Arc::clone(&collection), Instant::now()));
        Ok(collection)
    }

    /// Whether the server is ready and has the collection.
    pub(super) async fn check(&self) -> Result<(), WeaviateError> {
        *self.known.lock().await = None;
        self.collection().await.map(drop)
    }

    /// The objects that answer a query for `collection`.
    pub(super) async fn ask(
        &self,
        collection: &str,
        query: &str,
    ) -> Result<Vec<Value>, WeaviateError> {
        let mut answer = self.call(Method::POST, "graphql", Some(json!({"query": query}))).await?;
        if let Some(error) = answer["errors"][0]["message"].as_str() {
            return Err(WeaviateError::Failed(short(error)));
        }
        match answer["data"]["Get"][collection].take() {
            Value::Array(objects) => Ok(objects),
            _ => Err(WeaviateError::Unreadable),
        }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, WeaviateError> {
        let url = format!("{}/v1/{path}", self.base);
        let mut request = self.client.request(method, url).timeout(DEADLINE);
        request = request.headers(self.headers.clone());
        if !self.api_key.expose().is_empty() {
            request = request.bearer_auth(self.api_key.expose());
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.map_err(|_| WeaviateError::Unreachable)?;
        let status = response.status();
        let mut answer = Vec::new();
        let mut parts = response.bytes_stream();
        while let Some(part) = parts.next().await {
            answer.extend_from_slice(&part.map_err(|_| WeaviateError::Unreachable)?);
            if answer.len() > LARGEST {
                return Err(WeaviateError::Unreadable);
            }
        }
        let answer: Result<Value, _> = serde_json::from_slice(&answer);
        match status {
            status if status.is_success() => answer.map_err(|_| WeaviateError::Unreadable),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(WeaviateError::Denied),
            StatusCode::NOT_FOUND => Err(WeaviateError::Missing(self.name.clone())),
            status => {
                let said = answer.unwrap_or_default();
                let said = said["error"][0]["message"].as_str().unwrap_or_default();
                Err(WeaviateError::Failed(format!("HTTP {}: {}", status.as_u16(), short(said))))
            }
        }
    }
}

fn short(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect()
}

/// Reads the answer to `GET /v1/schema/{collection}`.
fn described(name: &str, told: &Value) -> Result<Collection, WeaviateError> {
    let properties = told["properties"].as_array().ok_or(WeaviateError::Unreadable)?;
    let plain = properties.iter().filter_map(|property| {
        let (name, kind) = (property["name"].as_str()?, property["dataType"][0].as_str()?);
        let is_plain = PLAIN.contains(&kind.trim_end_matches("[]")) && is_property(name);
        is_plain.then(|| (name.to_owned(), kind.to_owned()))
    });
    let makes_vectors = |vectorizer: &Value| vectorizer.as_str().is_some_and(|name| name != "none");
    // Named vectors each have a vectorizer of their own, the key of an object.
    let named = told["vectorConfig"].as_object().into_iter().flatten();
    let mut named = named.filter_map(|(_, vector)| vector["vectorizer"].as_object()).flatten();
    let has_vectorizer =
        makes_vectors(&told["vectorizer"]) || named.any(|(name, _)| name != "none");
    Ok(Collection { name: name.to_owned(), has_vectorizer, properties: plain.collect() })
}
