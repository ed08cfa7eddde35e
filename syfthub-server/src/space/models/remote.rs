//! What the models behind somebody's server share: calling it within limits, reading streams, and what a refusal means.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use eventsource_stream::Eventsource as _;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use syfthub_core::input::Fields;
use syfthub_core::{Invalid, Secret};
use tokio::io::AsyncBufReadExt as _;
use tokio_util::io::StreamReader;
use url::Url;

use super::{ModelError, Piece, Pieces};
use crate::outbound::Outbound;
use crate::space::kind::BadConfiguration;

/// How long a whole answer may take, and the beginning of a streamed one.
const DEADLINE: Duration = Duration::from_mins(2);

/// How long a stream may be silent.
const SILENCE: Duration = Duration::from_mins(1);

/// An answer of more bytes is none.
const LARGEST: usize = 8 << 20;

/// Characters of a system prompt.
const LONGEST_PROMPT: usize = 20_000;

/// Characters of the server's own words in a refusal.
const LONGEST_REASON: usize = 200;

/// What servers in front of a model answer when it has more to do than it can ("overloaded").
const OVERLOADED: u16 = 529;

/// Where a server's API is: an `http` or `https` URL without a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base(Url);

impl Base {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let fits = matches!(url.scheme(), "http" | "https")
            && url.query().is_none()
            && url.fragment().is_none();
        fits.then_some(Self(url))
    }

    fn at(&self, path: &str) -> Url {
        let text = format!("{}/{path}", self.0.as_str().trim_end_matches('/'));
        Url::parse(&text).expect("a path below a URL makes a URL")
    }
}

/// Which server to ask, and with which key: the properties `base_url` and `api_key`.
pub(super) struct Door {
    base: Base,
    key: Secret,
}

impl Door {
    /// Reads both properties.
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>, default: &str) -> Option<Self> {
        let base = fields.text_or("base_url", 1, 2000, default)?;
        let Some(base) = Base::parse(&base) else {
            let refusal = Invalid::value("expected an http or https URL without a query");
            return fields.refuse("base_url", refusal);
        };
        let key = fields.text_or("api_key", 0, 10_000, "").map(Secret::from)?;
        if key.expose().chars().any(char::is_control) {
            return fields.refuse("api_key", Invalid::value("a key is one line of text"));
        }
        Some(Self { base, key })
    }

    /// The server behind it. The owner chose this host, so it may be a private one; nothing else is.
    pub(super) fn open(self) -> Result<Server, BadConfiguration> {
        let host = self.base.0.host_str();
        let allowed = host.and_then(|host| host.trim_matches(['[', ']']).parse().ok());
        let outbound = Outbound::new(allowed.into_iter().collect())
            .map_err(|error| BadConfiguration(format!("no HTTP client can be made: {error}")))?;
        let client = outbound
            .client_for(&self.base.0)
            .map_err(|refused| BadConfiguration(format!("configuration.base_url: {refused}")))?
            .clone();
        Ok(Server { client, door: self })
    }
}

/// What every model behind a server is configured with.
pub(super) struct Settings {
    pub(super) door: Door,
    pub(super) model: String,
    pub(super) system_prompt: String,
}

impl Settings {
    /// Reads the properties of [`properties`].
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>, default: &str) -> Option<Self> {
        let door = Door::read(fields, default);
        let model = fields.text("model", 1, 200);
        let system_prompt = fields.text_or("system_prompt", 0, LONGEST_PROMPT, "");
        Some(Self { door: door?, model: model?, system_prompt: system_prompt? })
    }
}

/// The schema of what [`Settings`] reads.
pub(super) fn properties(default_base: &str, base: &str, model: &str) -> Value {
    json!({
        "base_url": {"type": "string", "format": "uri", "title": "Base URL", "default": default_base,
            "minLength": 1, "maxLength": 2000, "description": base},
        "api_key": {"type": "string", "title": "API key", "writeOnly": true, "default": "", "maxLength": 10_000,
            "description": "Sent with every request, when there is one; stored encrypted."},
        "model": {"type": "string", "title": "Model", "minLength": 1, "maxLength": 200, "description": model},
        "system_prompt": {"type": "string", "title": "System prompt", "default": "", "maxLength": LONGEST_PROMPT,
            "description": "Stands before every conversation."},
    })
}

/// A model's server.
pub(super) struct Server {
    client: Client,
    door: Door,
}

impl Server {
    /// The key, if it has one.
    pub(super) fn key(&self) -> Option<&str> {
        Some(self.door.key.expose()).filter(|key| !key.is_empty())
    }

    /// A request that reads.
    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.door.base.at(path))
    }

    /// A request that asks with a body.
    pub(super) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.door.base.at(path)).json(body)
    }
}

/// Sends a request; the answer has begun, and is no refusal.
pub(super) async fn send(request: RequestBuilder) -> Result<Response, ModelError> {
    let sent = tokio::time::timeout(DEADLINE, request.send()).await;
    let response = sent.map_err(|_| ModelError::TimedOut)?.map_err(|error| broken(&error))?;
    if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
}

/// Sends a request whose answer is one JSON document.
pub(super) async fn fetch(request: RequestBuilder) -> Result<Value, ModelError> {
    let fetched = async { document(send(request).await?).await };
    tokio::time::timeout(DEADLINE, fetched).await.map_err(|_| ModelError::TimedOut)?
}

/// Reads one JSON document.
pub(super) async fn document(response: Response) -> Result<Value, ModelError> {
    let mut body = Vec::new();
    let mut parts = std::pin::pin!(bounded(response));
    while let Some(part) = parts.next().await {
        body.extend_from_slice(&part?);
    }
    serde_json::from_slice(&body).map_err(|_| ModelError::Unreadable)
}

/// The names in a list of objects, in the server's order.
pub(super) fn names(list: &Value, key: &str) -> Result<Vec<String>, ModelError> {
    let items = list.as_array().ok_or(ModelError::Unreadable)?;
    Ok(items.iter().filter_map(|item| item[key].as_str()).map(str::to_owned).collect())
}

/// What reading one frame of a stream gives.
pub(super) enum Step {
    /// The answer goes on with these, if any.
    Pieces(Vec<Piece>),
    /// It is complete.
    End(Vec<Piece>),
}

/// The data of server-sent events.
pub(super) fn events(response: Response) -> BoxStream<'static, Result<String, ModelError>> {
    let bytes = bounded(response).map_err(io::Error::other).eventsource();
    bytes.map(|event| event.map(|event| event.data).map_err(|_| ModelError::Unreachable)).boxed()
}

/// The lines that are not empty.
pub(super) fn lines(response: Response) -> BoxStream<'static, Result<String, ModelError>> {
    let mut lines = StreamReader::new(bounded(response).map_err(io::Error::other).boxed()).lines();
    let stream = async_stream::try_stream! {
        while let Some(line) = lines.next_line().await.map_err(|_| ModelError::Unreachable)? {
            if !line.trim().is_empty() {
                yield line;
            }
        }
    };
    stream.boxed()
}

/// Reads a stream frame by frame. One that ends before it said how the answer ended is broken.
pub(super) fn pieces(
    mut frames: BoxStream<'static, Result<String, ModelError>>,
    mut read: impl FnMut(&str) -> Result<Step, ModelError> + Send + 'static,
) -> Pieces {
    let stream = async_stream::try_stream! {
        let mut finished = false;
        loop {
            let next = tokio::time::timeout(SILENCE, frames.next()).await;
            let Some(frame) = next.map_err(|_| ModelError::TimedOut)? else { break };
            let (pieces, complete) = match read(&frame?)? {
                Step::Pieces(pieces) => (pieces, false),
                Step::End(pieces) => (pieces, true),
            };
            for piece in pieces {
                finished |= matches!(piece, Piece::Finish(_));
                yield piece;
            }
            if complete {
                return;
            }
        }
        if !finished {
            Err(ModelError::Unreachable)?;
        }
    };
    stream.boxed()
}

/// A refusal in the server's own words, cut to one short line.
pub(super) fn refused(words: &str) -> ModelError {
    ModelError::Refused(words.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect())
}

fn bounded(response: Response) -> impl Stream<Item = Result<Bytes, ModelError>> + Send + 'static {
    let mut read = 0;
    response.bytes_stream().map(move |part| {
        let part = part.map_err(|error| broken(&error))?;
        read += part.len();
        if read > LARGEST { Err(ModelError::Unreadable) } else { Ok(part) }
    })
}

fn broken(error: &reqwest::Error) -> ModelError {
    if error.is_timeout() { ModelError::TimedOut } else { ModelError::Unreachable }
}

async fn refusal(response: Response) -> ModelError {
    let status = response.status();
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ModelError::Denied,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => ModelError::TimedOut,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => busy(&response),
        status if status.as_u16() == OVERLOADED => busy(&response),
        status if status.is_client_error() => refused(&reason(response, status).await),
        status => ModelError::Failed(status.as_u16()),
    }
}

fn busy(response: &Response) -> ModelError {
    let after = response.headers().get("retry-after");
    ModelError::Busy { retry_after: after.and_then(|value| value.to_str().ok()?.parse().ok()) }
}

/// What the server says is wrong with the request: its message, else its status.
async fn reason(response: Response, status: StatusCode) -> String {
    let said = document(response).await.unwrap_or_default();
    let message = [&said["error"]["message"], &said["error"], &said["message"], &said["detail"]]
        .into_iter()
        .find_map(Value::as_str);
    message.map_or_else(|| format!("HTTP {}", status.as_u16()), str::to_owned)
}
