//! Any server with the OpenAI embeddings API: OpenAI itself, vLLM, LM Studio, a LiteLLM proxy, Ollama.

use std::sync::OnceLock;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use url::Url;

use super::settings::OpenAi;
use super::{EmbedError, Embedder, Purpose, unit};
use crate::outbound::Outbound;
use crate::space::kind::BadConfiguration;

/// Texts of one request, and their bytes together: servers refuse more.
const MOST_TEXTS: usize = 128;
const MOST_BYTES: usize = 256 << 10;

/// Requests at the same time.
const CONCURRENT: usize = 4;

/// How long passages, and how long a question, may take.
const PASSAGES_DEADLINE: Duration = Duration::from_mins(1);
const QUESTION_DEADLINE: Duration = Duration::from_secs(3);

/// Tries for passages, the pause after the first, and the longest pause that a server may ask for.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// An answer of more bytes is none.
const LARGEST: usize = 64 << 20;

/// Characters of the server's own words in a refusal.
const LONGEST_REASON: usize = 200;

/// A server and the model on it.
pub(super) struct Server {
    client: reqwest::Client,
    address: Url,
    settings: OpenAi,
    identity: String,
    requests: Semaphore,
    /// The length of the vectors, once there was one.
    dimensions: OnceLock<usize>,
}

impl Server {
    pub(super) fn open(settings: &OpenAi) -> Result<Self, BadConfiguration> {
        let address: Url =
            format!("{}/embeddings", settings.base_url).parse().map_err(|error| {
                BadConfiguration(format!("configuration.embedding.base_url: {error}"))
            })?;
        // The owner chose this host, so it may be a private one; nothing else is.
        let allowed =
            address.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
        let outbound = Outbound::new(allowed.into_iter().collect())
            .map_err(|error| BadConfiguration(format!("no HTTP client can be made: {error}")))?;
        let client = outbound
            .client_for(&address)
            .map_err(|refused| {
                BadConfiguration(format!("configuration.embedding.base_url: {refused}"))
            })?
            .clone();
        Ok(Self {
            client,
            address,
            settings: settings.clone(),
            identity: identity(settings),
            requests: Semaphore::new(CONCURRENT),
            dimensions: OnceLock::new(),
        })
    }

    /// One request for texts that fit into it, and again while the server only asks for patience.
    async fn batch(
        &self,
        texts: Vec<String>,
        purpose: Purpose,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        let tries = if purpose == Purpose::Passage { TRIES } else { 1 };
        let body = self.body(&texts, purpose);
        let mut pause = PAUSE;
        for _ in 1..tries {
            match self.ask(&body, purpose).await {
                Err(Failure { error, retry_after }) if is_worth_another_try(&error) => {
                    tokio::time::sleep(retry_after.unwrap_or(pause).min(LONGEST_PAUSE)).await;
                    pause *= 2;
                }
                outcome => return self.vectors(outcome, texts.len()),
            }
        }
        self.vectors(self.ask(&body, purpose).await, texts.len())
    }

    fn body(&self, texts: &[String], purpose: Purpose) -> Value {
        let prefix = match purpose {
            Purpose::Passage => &self.settings.prefixes.passage,
            Purpose::Question => &self.settings.prefixes.question,
        };
        let texts: Vec<String> = texts.iter().map(|text| format!("{prefix}{text}")).collect();
        let mut body = json!({"model": self.settings.model, "input": texts});
        if let Some(dimensions) = self.settings.dimensions {
            body["dimensions"] = dimensions.into();
        }
        body
    }

    async fn ask(&self, body: &Value, purpose: Purpose) -> Result<Vec<u8>, Failure> {
        let deadline = match purpose {
            Purpose::Passage => PASSAGES_DEADLINE,
            Purpose::Question => QUESTION_DEADLINE,
        };
        let mut request = self.client.post(self.address.clone()).json(body);
        if !self.settings.api_key.expose().is_empty() {
            request = request.bearer_auth(self.settings.api_key.expose());
        }
        let asked = async {
            let _turn = self.requests.acquire().await.map_err(|_| EmbedError::Unreachable)?;
            let response = request.send().await.map_err(|error| broken(&error))?;
            if !response.status().is_success() {
                return Err(refusal(response).await);
            }
            Ok(bounded(response).await?)
        };
        tokio::time::timeout(deadline, asked).await.unwrap_or(Err(EmbedError::TimedOut.into()))
    }

    fn vectors(
        &self,
        answer: Result<Vec<u8>, Failure>,
        wanted: usize,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        let answer = answer.map_err(|failure| failure.error)?;
        let Answer { mut data } =
            serde_json::from_slice(&answer).map_err(|_| EmbedError::Unreadable)?;
        data.sort_by_key(|one| one.index);
        let in_order = data.iter().enumerate().all(|(n, one)| one.index == n);
        if data.len() != wanted || !in_order {
            return Err(EmbedError::Unreadable);
        }
        data.into_iter().map(|one| self.checked(one.embedding)).collect()
    }

    fn checked(&self, vector: Vec<f32>) -> Result<Vec<f32>, EmbedError> {
        let expected = *self.dimensions.get_or_init(|| vector.len());
        if vector.len() != expected {
            return Err(EmbedError::Dimensions { expected, found: vector.len() });
        }
        unit(vector).ok_or(EmbedError::Unreadable)
    }
}

impl Embedder for Server {
    fn embed(
        &self,
        texts: Vec<String>,
        purpose: Purpose,
    ) -> BoxFuture<'_, Result<Vec<Vec<f32>>, EmbedError>> {
        async move {
            let batches = futures_util::stream::iter(batches(texts));
            let vectors: Vec<Vec<Vec<f32>>> = batches
                .map(|batch| self.batch(batch, purpose))
                .buffered(CONCURRENT)
                .try_collect()
                .await?;
            Ok(vectors.into_iter().flatten().collect())
        }
        .boxed()
    }

    fn identity(&self) -> &str {
        &self.identity
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Embedded>,
}

#[derive(Deserialize)]
struct Embedded {
    index: usize,
    embedding: Vec<f32>,
}

/// What went wrong, and for how long the server does not want to be asked.
struct Failure {
    error: EmbedError,
    retry_after: Option<Duration>,
}

impl From<EmbedError> for Failure {
    fn from(error: EmbedError) -> Self {
        Self { error, retry_after: None }
    }
}

/// The model decides what its vectors mean, not the machine it runs on.
fn identity(settings: &OpenAi) -> String {
    let OpenAi { model, dimensions, prefixes, .. } = settings;
    let dimensions = dimensions.map_or_else(|| "native".to_owned(), |n| n.to_string());
    json!(["openai", model, dimensions, prefixes.passage]).to_string()
}

fn batches(texts: Vec<String>) -> Vec<Vec<String>> {
    let mut batches = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for text in texts {
        if !batch.is_empty() && (batch.len() == MOST_TEXTS || bytes + text.len() > MOST_BYTES) {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        bytes += text.len();
        batch.push(text);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

fn is_worth_another_try(error: &EmbedError) -> bool {
    matches!(
        error,
        EmbedError::Busy | EmbedError::Failed(_) | EmbedError::TimedOut | EmbedError::Unreachable
    )
}

fn broken(error: &reqwest::Error) -> EmbedError {
    if error.is_timeout() { EmbedError::TimedOut } else { EmbedError::Unreachable }
}

async fn refusal(response: Response) -> Failure {
    let status = response.status();
    let after =
        response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let error = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => EmbedError::Denied,
        StatusCode::TOO_MANY_REQUESTS => EmbedError::Busy,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => EmbedError::TimedOut,
        status if status.is_client_error() => EmbedError::Refused(reason(response, status).await),
        status => EmbedError::Failed(status.as_u16()),
    };
    Failure { error, retry_after: after.map(Duration::from_secs) }
}

/// What the server says is wrong with the request: its `error.message`, else its status.
async fn reason(response: Response, status: StatusCode) -> String {
    let body = bounded(response).await.unwrap_or_default();
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let message = [&said["error"]["message"], &said["message"], &said["detail"]]
        .into_iter()
        .find_map(Value::as_str);
    match message {
        Some(message) => message.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect(),
        None => format!("HTTP {status}"),
    }
}

async fn bounded(response: Response) -> Result<Vec<u8>, EmbedError> {
    let mut body = Vec::new();
    let mut parts = response.bytes_stream();
    while let Some(part) = parts.next().await {
        body.extend_from_slice(&part.map_err(|error| broken(&error))?);
        if body.len() > LARGEST {
            return Err(EmbedError::Unreadable);
        }
    }
    Ok(body)
}

#[cfg(test)]
#[path = "openai_tests.rs"]
mod tests;
