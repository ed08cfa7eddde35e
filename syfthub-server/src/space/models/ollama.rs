//! A model of an Ollama server, through its own API: unlike the compatible one, it takes the length of the context, and
//! tells which models the server holds.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::chat::Usage;
use syfthub_core::wire::space::Message;

use super::remote::{self, Door, Server, Step};
use super::{Available, Chat, Model, ModelError, ModelType, Piece, Pieces, Reply};
use crate::space::kind::{BadConfiguration, TypeInfo, schema};

const DEFAULT_BASE: &str = "http://127.0.0.1:11434";

/// Tokens of the shortest and the longest context that can be asked for.
const CONTEXT: (i64, i64) = (256, 10_000_000);

/// The type `ollama`.
pub(super) struct Ollama;

impl ModelType for Ollama {
    fn info(&self) -> TypeInfo {
        let mut properties = remote::properties(
            DEFAULT_BASE,
            "Where the Ollama server is.",
            "As the server names it, such as qwen2.5:7b.",
        );
        properties["context_length"] = json!({
            "type": ["integer", "null"], "title": "Length of the context", "default": null,
            "minimum": CONTEXT.0, "maximum": CONTEXT.1,
            "description": "In tokens. Without it the server takes its own, which may cut long prompts off in silence.",
        });
        TypeInfo {
            name: "ollama",
            description: "A model of an Ollama server, on this machine or elsewhere.",
            config_schema: schema(&["model"], properties),
            icon: "🦙",
            enabled: true,
        }
    }

    fn open(&self, configuration: &Map<String, Value>) -> Result<Arc<dyn Model>, BadConfiguration> {
        let Settings { settings, context_length } = self.info().read(configuration)?;
        let remote::Settings { door, model, system_prompt } = settings;
        Ok(Arc::new(Remote { server: door.open()?, model, system_prompt, context_length }))
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

struct Settings {
    settings: remote::Settings,
    context_length: Option<i64>,
}

impl Input for Settings {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let settings = remote::Settings::read(&mut fields, DEFAULT_BASE);
        let context_length = match fields.raw("context_length") {
            None | Some(Value::Null) => None,
            Some(_) => Some(fields.number("context_length", CONTEXT.0, CONTEXT.1, CONTEXT.0)?),
        };
        Some(Self { settings: settings?, context_length })
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
    let request = signed(server, server.get("api/tags"));
    remote::names(&remote::fetch(request).await?["models"], "name")
}

/// Ollama itself asks for no key; one in front of it may.
fn signed(server: &Server, request: RequestBuilder) -> RequestBuilder {
    match server.key() {
        Some(key) => request.bearer_auth(key),
        None => request,
    }
}

struct Remote {
    server: Server,
    model: String,
    system_prompt: String,
    context_length: Option<i64>,
}

impl Model for Remote {
    fn name(&self) -> &str {
        &self.model
    }

    fn stream(&self, chat: Chat) -> BoxFuture<'_, Result<Pieces, ModelError>> {
        async move {
            let response = remote::send(self.request(&self.body(chat, true))).await?;
            Ok(remote::pieces(remote::lines(response), line))
        }
        .boxed()
    }

    fn complete(&self, chat: Chat) -> BoxFuture<'_, Result<Reply, ModelError>> {
        async move {
            let answer = remote::fetch(self.request(&self.body(chat, false))).await?;
            let text = answer["message"]["content"].as_str().ok_or(ModelError::Unreadable)?;
            let (finish_reason, usage) = ending(&answer);
            Ok(Reply { text: text.to_owned(), finish_reason, usage })
        }
        .boxed()
    }

    /// Asks whether the server holds the model: one that it does not hold would have to be fetched first.
    fn check(&self) -> BoxFuture<'_, Result<(), ModelError>> {
        async move {
            let held = listed(&self.server).await?;
            let wanted = self.model.as_str();
            let is_held =
                |name: &String| name == wanted || name.strip_suffix(":latest") == Some(wanted);
            if held.iter().any(is_held) {
                Ok(())
            } else {
                Err(remote::refused(&format!("it does not hold the model {wanted}")))
            }
        }
        .boxed()
    }
}

impl Remote {
    fn request(&self, body: &Value) -> RequestBuilder {
        signed(&self.server, self.server.post("api/chat", body))
    }

    fn body(&self, chat: Chat, stream: bool) -> Value {
        let system = &self.system_prompt;
        let own = (!system.is_empty()).then(|| Message::new("system", system.as_str()));
        let messages: Vec<Message> = own.into_iter().chain(chat.messages).collect();
        let mut options = json!({
            "num_predict": chat.max_tokens,
            "temperature": chat.temperature,
            "presence_penalty": chat.presence_penalty,
            "frequency_penalty": chat.frequency_penalty,
        });
        if !chat.stop.is_empty() {
            options["stop"] = chat.stop.into();
        }
        if let Some(length) = self.context_length {
            options["num_ctx"] = length.into();
        }
        json!({"model": self.model, "messages": messages, "stream": stream, "options": options})
    }
}

/// What one line of a stream says; the last one says why the answer ended.
fn line(line: &str) -> Result<Step, ModelError> {
    let said: Value = serde_json::from_str(line).map_err(|_| ModelError::Unreadable)?;
    if let Some(error) = said["error"].as_str() {
        return Err(remote::refused(error));
    }
    let text = said["message"]["content"].as_str().filter(|text| !text.is_empty());
    let text = text.map(|text| Piece::Text(text.to_owned())).into_iter();
    if said["done"] != true {
        return Ok(Step::Pieces(text.collect()));
    }
    let (reason, usage) = ending(&said);
    let end = [Some(Piece::Finish(reason)), usage.map(Piece::Usage)];
    Ok(Step::End(text.chain(end.into_iter().flatten()).collect()))
}

/// Why an answer ended, and what was counted. A prompt that the server still had from before is not counted again.
fn ending(said: &Value) -> (String, Option<Usage>) {
    let reason = said["done_reason"].as_str().unwrap_or("stop").to_owned();
    let usage = said["eval_count"].as_i64().map(|completion_tokens| {
        let prompt_tokens = said["prompt_eval_count"].as_i64().unwrap_or_default();
        let total_tokens = prompt_tokens + completion_tokens;
        Usage { prompt_tokens, completion_tokens, total_tokens }
    });
    (reason, usage)
}

#[cfg(test)]
#[path = "ollama_tests.rs"]
mod tests;
