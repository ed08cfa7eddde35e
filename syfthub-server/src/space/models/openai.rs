//! Any server that speaks the OpenAI chat completions API: OpenAI itself, vLLM, LM Studio, a LiteLLM proxy, Ollama.

use std::sync::Arc;
use std::time::Duration;

use eventsource_stream::Eventsource as _;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use reqwest::{Response, StatusCode};
use serde_json::{Map, Value, json};
use syfthub_core::Invalid;
use syfthub_core::Secret;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::chat::Usage;
use syfthub_core::wire::space::Message;
use url::Url;

use super::{Chat, Model, ModelError, ModelType, Piece, Pieces, Reply};
use crate::outbound::Outbound;
use crate::space::kind::{BadConfiguration, TypeInfo, read};

/// How long a whole answer may take.
const DEADLINE: Duration = Duration::from_mins(2);

/// How long a stream may be silent.
const SILENCE: Duration = Duration::from_mins(1);

/// An answer of more bytes is none.
const LARGEST: usize = 8 << 20;

/// Characters of the server's own words in a refusal.
const LONGEST_REASON: usize = 200;

/// The type `openai`.
pub(super) struct OpenAi;

impl ModelType for OpenAi {
    fn info(&self) -> TypeInfo {
        TypeInfo {
            name: "openai",
            description: "A model behind any OpenAI-compatible server.",
            config_schema: json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "required": ["model"],
                "properties": {
                    "base_url": {"type": "string", "format": "uri", "title": "Base URL", "default": DEFAULT_BASE,
                        "description": "Where the API is, up to and including its version.", "x-order": 1},
                    "api_key": {"type": "string", "title": "API key", "writeOnly": true, "default": "",
                        "description": "Sent as a bearer token; stored encrypted.", "x-order": 2},
                    "model": {"type": "string", "title": "Model", "minLength": 1, "maxLength": 200, "x-order": 3},
                    "system_prompt": {"type": "string", "title": "System prompt", "default": "", "maxLength": 20000,
                        "description": "Stands before every conversation.", "x-order": 4},
                },
                "additionalProperties": false,
            }),
            icon: "🤖",
            enabled: true,
        }
    }

    fn open(&self, configuration: &Map<String, Value>) -> Result<Arc<dyn Model>, BadConfiguration> {
        let settings: Settings = read(configuration)?;
        // The owner chose this host, so it may be a private one; nothing else is.
        let allowed = settings
            .completions
            .host_str()
            .and_then(|host| host.trim_matches(['[', ']']).parse().ok());
        let outbound = Outbound::new(allowed.into_iter().collect())
            .map_err(|error| BadConfiguration(format!("no HTTP client can be made: {error}")))?;
        let client = outbound
            .client_for(&settings.completions)
            .map_err(|refused| BadConfiguration(format!("configuration.base_url: {refused}")))?
            .clone();
        Ok(Arc::new(Remote { settings, client }))
    }
}

const DEFAULT_BASE: &str = "https://api.openai.com/v1";

struct Settings {
    completions: Url,
    api_key: Secret,
    model: String,
    system_prompt: String,
}

impl Input for Settings {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let base = fields.text_or("base_url", 1, 2000, DEFAULT_BASE)?;
        let Some(completions) = completions(&base) else {
            return fields.refuse(
                "base_url",
                Invalid::value("expected an http or https URL without a query"),
            );
        };
        let api_key = fields.text_or("api_key", 0, 10_000, "").map(Secret::from);
        if api_key.as_ref().is_some_and(|key| key.expose().chars().any(char::is_control)) {
            return fields.refuse("api_key", Invalid::value("a key is one line of text"));
        }
        let model = fields.text("model", 1, 200);
        let system_prompt = fields.text_or("system_prompt", 0, 20_000, "");
        fields.only(&["base_url", "api_key", "model", "system_prompt"]);
        Some(Self { completions, api_key: api_key?, model: model?, system_prompt: system_prompt? })
    }
}

fn completions(base: &str) -> Option<Url> {
    let url =
        Url::parse(&format!("{}/chat/completions", base.trim().trim_end_matches('/'))).ok()?;
    let fits = matches!(url.scheme(), "http" | "https")
        && url.query().is_none()
        && url.fragment().is_none();
    fits.then_some(url)
}

struct Remote {
    settings: Settings,
    client: reqwest::Client,
}

impl Model for Remote {
    fn name(&self) -> &str {
        &self.settings.model
    }

    fn stream(&self, chat: Chat) -> BoxFuture<'_, Result<Pieces, ModelError>> {
        async move {
            let mut body = self.body(chat);
            body["stream"] = true.into();
            body["stream_options"] = json!({"include_usage": true});
            Ok(pieces(self.send(&body).await?))
        }
        .boxed()
    }

    fn complete(&self, chat: Chat) -> BoxFuture<'_, Result<Reply, ModelError>> {
        async move {
            let answered = async {
                let response = self.send(&self.body(chat)).await?;
                let answer = bounded(response).await?;
                serde_json::from_slice(&answer).map_err(|_| ModelError::Unreadable)
            };
            let answer: Value = tokio::time::timeout(DEADLINE, answered)
                .await
                .map_err(|_| ModelError::TimedOut)??;
            let choice = &answer["choices"][0];
            let text = choice["message"]["content"].as_str().ok_or(ModelError::Unreadable)?;
            let finish = choice["finish_reason"].as_str().unwrap_or("stop");
            Ok(Reply {
                text: text.to_owned(),
                finish_reason: finish.to_owned(),
                usage: usage(&answer["usage"]),
            })
        }
        .boxed()
    }
}

impl Remote {
    fn body(&self, chat: Chat) -> Value {
        let system = &self.settings.system_prompt;
        let own = (!system.is_empty()).then(|| Message::new("system", system.as_str()));
        let messages: Vec<Message> = own.into_iter().chain(chat.messages).collect();
        let mut body = json!({
            "model": self.settings.model,
            "messages": messages,
            "max_tokens": chat.max_tokens,
            "temperature": chat.temperature,
        });
        // Some servers refuse what they do not know: what says nothing is left out.
        if !chat.stop.is_empty() {
            body["stop"] = chat.stop.into();
        }
        for (name, penalty) in [
            ("presence_penalty", chat.presence_penalty),
            ("frequency_penalty", chat.frequency_penalty),
        ] {
            if penalty != 0.0 {
                body[name] = penalty.into();
            }
        }
        body
    }

    async fn send(&self, body: &Value) -> Result<Response, ModelError> {
        let mut request = self.client.post(self.settings.completions.clone()).json(body);
        if !self.settings.api_key.expose().is_empty() {
            request = request.bearer_auth(self.settings.api_key.expose());
        }
        let sent = tokio::time::timeout(DEADLINE, request.send())
            .await
            .map_err(|_| ModelError::TimedOut)?;
        let response = sent.map_err(|error| broken(&error))?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
    }
}

fn broken(error: &reqwest::Error) -> ModelError {
    if error.is_timeout() { ModelError::TimedOut } else { ModelError::Unreachable }
}

async fn refusal(response: Response) -> ModelError {
    let status = response.status();
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ModelError::Denied,
        StatusCode::TOO_MANY_REQUESTS => {
            let after = response
                .headers()
                .get("retry-after")
                .and_then(|value| value.to_str().ok()?.parse().ok());
            ModelError::Busy { retry_after: after }
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => ModelError::TimedOut,
        status if status.is_client_error() => ModelError::Refused(reason(response, status).await),
        status => ModelError::Failed(status.as_u16()),
    }
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

async fn bounded(response: Response) -> Result<Vec<u8>, ModelError> {
    let mut body = Vec::new();
    let mut parts = response.bytes_stream();
    while let Some(part) = parts.next().await {
        body.extend_from_slice(&part.map_err(|error| broken(&error))?);
        if body.len() > LARGEST {
            return Err(ModelError::Unreadable);
        }
    }
    Ok(body)
}

/// The pieces of a streamed answer. Some servers answer in one piece although asked to stream.
fn pieces(response: Response) -> Pieces {
    let kind = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("text/event-stream") {
        return whole(response);
    }
    let stream = async_stream::try_stream! {
        let mut events = response.bytes_stream().eventsource();
        let (mut read, mut finished) = (0, false);
        loop {
            let next = tokio::time::timeout(SILENCE, events.next()).await;
            let Some(event) = next.map_err(|_| ModelError::TimedOut)? else { break };
            let event = event.map_err(|_| ModelError::Unreachable)?;
            read += event.data.len();
            if event.data == "[DONE]" {
                return;
            }
            if read > LARGEST {
                Err(ModelError::Unreadable)?;
            }
            for piece in piece(&event.data)? {
                finished |= matches!(piece, Piece::Finish(_));
                yield piece;
            }
        }
        // A connection that ends before the answer says so is a broken one.
        if !finished {
            Err(ModelError::Unreachable)?;
        }
    };
    stream.boxed()
}

fn whole(response: Response) -> Pieces {
    let stream = async_stream::try_stream! {
        let answer = bounded(response).await?;
        let answer: Value = serde_json::from_slice(&answer).map_err(|_| ModelError::Unreadable)?;
        let text = answer["choices"][0]["message"]["content"].as_str().ok_or(ModelError::Unreadable)?;
        yield Piece::Text(text.to_owned());
        if let Some(usage) = usage(&answer["usage"]) {
            yield Piece::Usage(usage);
        }
    };
    stream.boxed()
}

fn piece(data: &str) -> Result<Vec<Piece>, ModelError> {
    let event: Value = serde_json::from_str(data).map_err(|_| ModelError::Unreadable)?;
    if !event["error"].is_null() {
        let message = event["error"]["message"].as_str().unwrap_or("it broke off");
        return Err(ModelError::Refused(
            message.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect(),
        ));
    }
    let choice = &event["choices"][0];
    let text = choice["delta"]["content"]
        .as_str()
        .filter(|text| !text.is_empty())
        .map(|text| Piece::Text(text.to_owned()));
    let finish = choice["finish_reason"].as_str().map(|reason| Piece::Finish(reason.to_owned()));
    let usage = usage(&event["usage"]).map(Piece::Usage);
    Ok([text, finish, usage].into_iter().flatten().collect())
}

fn usage(value: &Value) -> Option<Usage> {
    value.is_object().then(|| serde_json::from_value(value.clone()).ok()).flatten()
}

#[cfg(test)]
#[path = "openai_tests.rs"]
mod tests;
