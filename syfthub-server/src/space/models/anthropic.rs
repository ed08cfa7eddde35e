//! Anthropic's Messages API, at Anthropic or at a gateway that speaks it.
//!
//! The system prompt travels apart from the turns, an answer's length has to be bounded, and a stream is a series of typed
//! events, of which `message_start` counts the prompt and `message_delta` says why the answer ended.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::chat::Usage;

use super::remote::{self, Door, Server, Step};
use super::{Available, Chat, Model, ModelError, ModelType, Piece, Pieces, Reply};
use crate::space::kind::{BadConfiguration, TypeInfo, schema};

const DEFAULT_BASE: &str = "https://api.anthropic.com/v1";

/// The version of the API that this is written for; the header is required.
const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// The API knows no temperature above.
const HOTTEST: f64 = 1.0;

/// The type `anthropic`.
pub(super) struct Anthropic;

impl ModelType for Anthropic {
    fn info(&self) -> TypeInfo {
        let properties = remote::properties(
            DEFAULT_BASE,
            "Where the API is, up to and including its version.",
            "As the API names it, such as claude-sonnet-4-5.",
        );
        TypeInfo {
            name: "anthropic",
            description: "A model behind Anthropic's Messages API.",
            config_schema: schema(&["api_key", "model"], properties),
            icon: "✴️",
            enabled: true,
        }
    }

    fn open(&self, configuration: &Map<String, Value>) -> Result<Arc<dyn Model>, BadConfiguration> {
        let Settings(settings) = self.info().read(configuration)?;
        let remote::Settings { door, model, system_prompt } = settings;
        Ok(Arc::new(Remote { server: door.open()?, model, system_prompt }))
    }

    fn available(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Option<Available>, BadConfiguration> {
        let Listing(door) = self.info().read(configuration)?;
        let server = door.open()?;
        Ok(Some(async move { listed(&server).await }.boxed()))
    }
}

struct Settings(remote::Settings);

impl Input for Settings {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let settings = remote::Settings::read(&mut fields, DEFAULT_BASE);
        fields.text("api_key", 1, 10_000)?;
        settings.map(Self)
    }
}

/// What listing models needs of a configuration that may not name one yet.
struct Listing(Door);

impl Input for Listing {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Door::read(&mut Fields::of(value, place)?, DEFAULT_BASE).map(Self)
    }
}

async fn listed(server: &Server) -> Result<Vec<String>, ModelError> {
    let request = signed(server, server.get("models")).query(&[("limit", "1000")]);
    remote::names(&remote::fetch(request).await?["data"], "id")
}

fn signed(server: &Server, request: RequestBuilder) -> RequestBuilder {
    let request = request.header(VERSION.0, VERSION.1);
    match server.key() {
        Some(key) => request.header("x-api-key", key),
        None => request,
    }
}

struct Remote {
    server: Server,
    model: String,
    system_prompt: String,
}

impl Model for Remote {
    fn name(&self) -> &str {
        &self.model
    }

    fn stream(&self, chat: Chat) -> BoxFuture<'_, Result<Pieces, ModelError>> {
        async move {
            let mut body = self.body(chat);
            body["stream"] = true.into();
            let response = remote::send(self.request(&body)).await?;
            let mut counted = Counted::default();
            Ok(remote::pieces(remote::events(response), move |data| event(&mut counted, data)))
        }
        .boxed()
    }

    fn complete(&self, chat: Chat) -> BoxFuture<'_, Result<Reply, ModelError>> {
        async move { reply(&remote::fetch(self.request(&self.body(chat))).await?) }.boxed()
    }

    /// Lists the models, which costs nothing.
    fn check(&self) -> BoxFuture<'_, Result<(), ModelError>> {
        async move { listed(&self.server).await.map(drop) }.boxed()
    }
}

impl Remote {
    fn request(&self, body: &Value) -> RequestBuilder {
        signed(&self.server, self.server.post("messages", body))
    }

    fn body(&self, chat: Chat) -> Value {
        let (system, turns): (Vec<_>, Vec<_>) =
            chat.messages.into_iter().partition(|message| message.role == "system");
        let system = system.into_iter().map(|message| message.content);
        let system: Vec<String> =
            [self.system_prompt.clone()].into_iter().chain(system).filter(said).collect();
        // The API refuses turns without text, and an answer's beginning that ends in white space.
        let turns = turns.into_iter().filter(|turn| said(&turn.content));
        let mut turns: Vec<_> = turns.collect();
        if let Some(last) = turns.last_mut().filter(|turn| turn.role == "assistant") {
            last.content.truncate(last.content.trim_end().len());
        }
        let mut body = json!({
            "model": self.model,
            "max_tokens": chat.max_tokens,
            "messages": turns,
            "temperature": chat.temperature.min(HOTTEST),
        });
        if !system.is_empty() {
            body["system"] = system.join("\n\n").into();
        }
        // It refuses stop sequences without a visible character, too; the penalties it does not know.
        let stop: Vec<String> = chat.stop.into_iter().filter(said).collect();
        if !stop.is_empty() {
            body["stop_sequences"] = stop.into();
        }
        body
    }
}

#[expect(clippy::ptr_arg, reason = "it filters owned text")]
fn said(text: &String) -> bool {
    !text.trim().is_empty()
}

fn reply(answer: &Value) -> Result<Reply, ModelError> {
    let blocks = answer["content"].as_array().ok_or(ModelError::Unreadable)?;
    let mut counted = Counted::default();
    counted.note(&answer["usage"]);
    Ok(Reply {
        text: blocks.iter().filter_map(|block| block["text"].as_str()).collect(),
        finish_reason: reason(answer["stop_reason"].as_str().unwrap_or_default()).to_owned(),
        usage: counted.usage(),
    })
}

/// What one event of a stream says.
fn event(counted: &mut Counted, data: &str) -> Result<Step, ModelError> {
    let event: Value = serde_json::from_str(data).map_err(|_| ModelError::Unreadable)?;
    let pieces = match event["type"].as_str() {
        Some("message_start") => {
            counted.note(&event["message"]["usage"]);
            Vec::new()
        }
        Some("content_block_delta") => {
            let text = event["delta"]["text"].as_str();
            text.map(|text| Piece::Text(text.to_owned())).into_iter().collect()
        }
        Some("message_delta") => {
            counted.note(&event["usage"]);
            let ended = event["delta"]["stop_reason"].as_str();
            ended.map(|ended| Piece::Finish(reason(ended).to_owned())).into_iter().collect()
        }
        Some("message_stop") => {
            return Ok(Step::End(counted.usage().map(Piece::Usage).into_iter().collect()));
        }
        Some("error") => return Err(failure(&event["error"])),
        // Pings, the frames of blocks, and events that are not known yet.
        _ => Vec::new(),
    };
    Ok(Step::Pieces(pieces))
}

/// Why an answer that had begun broke off.
fn failure(error: &Value) -> ModelError {
    match error["type"].as_str() {
        Some("overloaded_error" | "rate_limit_error") => ModelError::Busy { retry_after: None },
        Some("api_error") => ModelError::Failed(500),
        Some("timeout_error") => ModelError::TimedOut,
        _ => remote::refused(error["message"].as_str().unwrap_or("it broke off")),
    }
}

/// Why the answer ended, in the words of the space's own wire.
fn reason(stop_reason: &str) -> &'static str {
    match stop_reason {
        "max_tokens" | "model_context_window_exceeded" => "length",
        "refusal" => "content_filter",
        "tool_use" => "tool_calls",
        _ => "stop",
    }
}

/// Tokens so far: an event counts anew only what changed.
#[derive(Default)]
struct Counted {
    prompt: Option<i64>,
    answer: Option<i64>,
}

impl Counted {
    fn note(&mut self, usage: &Value) {
        let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"];
        if let Some(fresh) = usage["input_tokens"].as_i64() {
            let cached: i64 = cached.iter().filter_map(|name| usage[*name].as_i64()).sum();
            self.prompt = Some(fresh + cached);
        }
        self.answer = usage["output_tokens"].as_i64().or(self.answer);
    }

    fn usage(&self) -> Option<Usage> {
        let (prompt_tokens, completion_tokens) = (self.prompt?, self.answer?);
        Some(Usage {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens + completion_tokens,
        })
    }
}

#[cfg(test)]
#[path = "anthropic_tests.rs"]
mod tests;
